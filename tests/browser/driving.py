"""A studio in a process of its own, and a page of it that is really driven.

Nothing here waits on time: the page says in data- attributes of its body which run,
step and phase it shows, and that is waited for.
"""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

PATIENCE_MS = 60_000
"""How long something that must come may take on a machine that is busy."""


class Studio:
    """`pellucid studio` in a process of its own.

    Attributes:
        address: with the token.
        port: on which it listens.
    """

    def __init__(self, folder: Path, port: int = 0, data: str = "digits"):
        self.folder = folder
        words = ["studio", "--no-open", "--port", str(port), "--data", data]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pellucid", *words, "--runs", str(folder / "runs")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env={**os.environ, "XDG_STATE_HOME": str(folder), "COLUMNS": "200"},
        )
        said = ""
        for line in self.process.stdout:
            said += line
            found = re.search(r"http://\S+", line)
            if found:
                self.address = found[0]
                break
        else:
            self.process.wait()
            if "page must be built" in said:
                pytest.skip("the studio's page is not built: npm --prefix web ci && "
                            "npm --prefix web run build")  # fmt: skip
            raise AssertionError(said)
        self.port = urlsplit(self.address).port

    def end(self, how=signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.stdout.close()
        self.process.wait()


class Driven:
    """A page of the studio, with what tests do on it.

    Attributes:
        page: Playwright's.
        trouble: what went wrong on it: errors, and requests to elsewhere.
    """

    def __init__(self, page, studio):
        self.page, self.studio = page, studio
        self.trouble: list[str] = []
        self.asked: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("console", self._console)
        page.on("request", lambda request: self.asked.append(request.url))

    def _console(self, message) -> None:
        # The browser itself says when a socket is refused; a server that is down is.
        if message.type == "error" and "WebSocket" not in message.text:
            self.trouble.append(message.text)

    def open(self, link: str = "", session: int = 1) -> None:
        """Open the page: with a cookie, then at its address."""
        self.page.goto(self.studio.address)
        where = f"http://127.0.0.1:{self.studio.port}/"
        hash_ = f"#{link}" if link else ""
        self.page.goto("about:blank")
        self.page.goto(f"{where}?session={session}{hash_}")
        self.body("[data-run]")
        self.page.wait_for_selector("[data-view=network] canvas")
        if link:
            self.body("[data-opened=yes]")

    def body(self, having: str) -> None:
        """Wait until the body has these attributes."""
        self.page.wait_for_selector(f"body{having}", state="attached")

    def data(self, name: str) -> str:
        """One of the body's data- attributes."""
        return self.page.locator("body").get_attribute(f"data-{name}")

    def number(self, name: str) -> str:
        """One of the time bar's numbers, as it is written."""
        return self.page.locator(f"[data-number={name}]").inner_text()

    def settle(self) -> None:
        """Wait until the page's questions are answered."""
        self.body("[data-asked='0']")

    def button(self, name: str):
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self) -> str:
        """What stands after # once the address says this run."""
        return self.page.evaluate("location.hash.slice(1)")
