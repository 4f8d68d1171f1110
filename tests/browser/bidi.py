"""Firefox without a driver: WebDriver BiDi, which it speaks over a socket by itself."""

import base64
import itertools
import json
import re
import shutil
import subprocess
import time
from pathlib import Path

from websockets.sync.client import connect

NAMES = ("firefox", "firefox-esr")
SETTINGS = (
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.startup.homepage_override.mstone", '"ignore"'),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("datareporting.policy.dataSubmissionPolicyBypassNotification", "true"),
    ("toolkit.telemetry.enabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
)
PATIENCE = 60


def installed() -> str | None:
    """The path of a Firefox; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Firefox:
    """A Firefox with one tab.

    Attributes:
        trouble: what its console said that is an error.
        version: of the browser.
    """

    def __init__(self, folder: Path, dark: bool = False):
        scheme = (
            "layout.css.prefers-color-scheme.content-override",
            str(int(not dark)),
        )
        lines = [
            f'user_pref("{name}", {value});' for name, value in (*SETTINGS, scheme)
        ]
        (folder / "user.js").write_text("\n".join(lines))
        self.process = subprocess.Popen(
            [installed(), "--headless", "--no-remote", "--profile", str(folder),
             "--remote-debugging-port", "0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        for line in self.process.stderr:
            if found := re.search(r"BiDi listening on (ws://\S+)", line):
                break
        where = f"{found[1]}/session"
        self._opening = connect(where, max_size=None, compression=None)
        self._socket = self._opening.__enter__()
        self._numbers = itertools.count(1)
        self.trouble: list[str] = []
        made = self._ask("session.new", capabilities={})
        self.version = made["capabilities"]["browserVersion"]
        self._ask("session.subscribe", events=["log.entryAdded"])
        (tab,) = self._ask("browsingContext.getTree")["contexts"]
        self._tab = tab["context"]

    def _ask(self, method, **params):
        number = next(self._numbers)
        words = {"id": number, "method": method, "params": params}
        self._socket.send(json.dumps(words))
        while True:
            said = json.loads(self._socket.recv(PATIENCE))
            if said.get("method") == "log.entryAdded":
                entry = said["params"]
                if entry["level"] == "error":
                    self.trouble.append(str(entry.get("text")))
            if said.get("id") == number:
                assert said["type"] == "success", said
                return said["result"]

    def size(self, width: int, height: int) -> None:
        """Of the viewport, in pixels."""
        words = {"width": width, "height": height}
        self._ask("browsingContext.setViewport", context=self._tab, viewport=words)

    def open(self, address: str) -> None:
        """Go to an address."""
        words = {"context": self._tab, "url": address, "wait": "complete"}
        self._ask("browsingContext.navigate", **words)

    def value(self, expression: str):
        """What an expression is on the page, as JSON knows it."""
        text = f"JSON.stringify({expression})"
        where = {"target": {"context": self._tab}, "awaitPromise": True}
        found = self._ask("script.evaluate", expression=text, **where)
        assert found["type"] == "success", found
        text = found["result"].get("value")
        return None if text is None else json.loads(text)

    def until(self, expression: str):
        """Wait until an expression is true; what it then is."""
        end = time.monotonic() + PATIENCE
        while not (found := self.value(expression)):
            assert time.monotonic() < end, f"{expression} never came"
            time.sleep(0.02)
        return found

    def click(self, selector: str, text: str | None = None) -> None:
        """Scroll there and click in the middle, as a hand does."""
        self.drag(selector, [(0.5, 0.5)], text)

    def drag(self, selector: str, way, text: str | None = None) -> None:
        """Press at the first of some places in an element, let go at the last.

        Args:
            selector: of the element, the first that is seen.
            way: the places, in shares of its width and height.
            text: what it says.
        """
        one = (
            f"[...document.querySelectorAll({json.dumps(selector)})].find((e) => "
            f"e.getClientRects().length && (text => text === null || "
            f"e.textContent.trim() === text)({json.dumps(text)}))"
        )
        box = self.until(
            f"((e) => e && (e.scrollIntoView({{block: 'nearest'}}),"
            f"e.getBoundingClientRect().toJSON()))({one})"
        )
        places = [
            (int(box["x"] + x * box["width"]), int(box["y"] + y * box["height"]))
            for x, y in way
        ]
        moves = [
            {"type": "pointerMove", "x": x, "y": y, "duration": 20} for x, y in places
        ]
        down, up = ({"type": f"pointer{end}", "button": 0} for end in ("Down", "Up"))
        hand = {
            "type": "pointer",
            "id": "hand",
            "actions": [moves[0], down, *moves[1:], up],
        }
        self._ask("input.performActions", context=self._tab, actions=[hand])

    def press(self, keys: str) -> None:
        """Type keys, one after the other."""
        ends = [
            {"type": f"key{end}", "value": k} for k in keys for end in ("Down", "Up")
        ]
        hand = {"type": "key", "id": "keys", "actions": ends}
        self._ask("input.performActions", context=self._tab, actions=[hand])

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        found = self._ask("browsingContext.captureScreenshot", context=self._tab)
        return base64.b64decode(found["data"])

    def end(self) -> None:
        """Close it."""
        self._opening.__exit__(None, None, None)
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
