"""What views showed, in a page of their own: no kernel, no server, nothing fetched.

Such a page holds numbers, as frames of the studio's wire, and the module of the views,
whose script finds the record in the page and shows it (web/src/replay.ts). Its policy
lets these very scripts and styles run, by their hashes, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np

from .. import _limits
from . import built

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{policy}<title>{title}</title>
<style>{style}</style><style>{views}</style></head>
<body><main><h1>{title}</h1>
{record}</main>
{script}</body></html>
"""

STYLE = """
body { max-width: 75rem; margin: 1rem auto; padding: 0 1rem; background: #f7f5f0;
  color: #1b1d23; font: 1rem/1.45 system-ui, sans-serif; }
"""

BEGIN = '<div class="pellucid-record">'
"""What the element of a record begins with."""

WITHOUT = "Here stands a picture to be clicked, where the script of this page may run."
"""What is read instead."""


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """The element that says what a page may do: these styles and scripts, inline.

    Args:
        styles: texts of the style elements.
        scripts: texts of the script elements.
    """

    def hashes(texts: Iterable[str]) -> str:
        found = [hashlib.sha256(text.encode()).digest() for text in texts]
        return " ".join(f"'sha256-{_text(each)}'" for each in found) or "'none'"

    words = (
        f"default-src 'none'; img-src data:; style-src {hashes(styles)}; "
        f"script-src {hashes(scripts)}; base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{words}">\n'


def script() -> str:
    """The element with the module of the views; it shows the records before it.

    Raises:
        InputError: it was not built.
    """
    return f'<script type="module">{built("view.js")}</script>\n'


def element(
    first: dict[str, Any],
    state: dict[str, Any],
    frames: Sequence[dict[str, Any]],
    answers: Sequence[dict[str, Any]] = (),
) -> str:
    """The element that is to be filled with the views.

    Args:
        first: kinds, and what is selected.
        state: of the studio's wire, with the layout of the frames.
        frames: {"step", "epoch", "frame": bytes}; of a record of examples also
            "example" and "words".
        answers: {"asked", "said", "frame"}: what is answered where a command has these
            words; "frame" may be None.
    """
    end = _end([each["frame"] for each in frames])
    record = {
        "first": first, "tail": _text(end),
        "state": {**state, "phase": "paused", "weights_sha256": None},
        "frames": [_told(each, len(end)) for each in frames],
        "answers": [_told(each, 0) for each in answers],
    }  # fmt: skip
    # In a script element nothing may look like its end.
    text = json.dumps(record, allow_nan=False).replace("<", "\\u003c")
    return (
        f'{BEGIN}<script type="application/json">{text}</script>'
        f"<p>{WITHOUT}</p></div>\n"
    )


def _end(frames: list[bytes]) -> bytes:
    """How all frames end, which is kept once: the weights, for several examples."""
    if len(frames) < 2:
        return b""
    size = min(map(len, frames))
    ends = np.stack([np.frombuffer(frame[-size:], np.uint8) for frame in frames])
    differing = np.flatnonzero((ends != ends[0]).any(axis=0))
    return frames[0][-size:][differing[-1] + 1 if differing.size else 0 :]


def _told(words: dict[str, Any], end: int) -> dict[str, Any]:
    """With its bytes as text, without those at its end that are kept elsewhere."""
    frame = words["frame"]
    rest = {name: value for name, value in words.items() if name != "frame"}
    return {**rest, "bytes": frame and _text(frame[: len(frame) - end])}


class Record:
    """Frames of one example, in the order of their steps."""

    def __init__(self) -> None:
        self._state: dict[str, Any] = {}
        self._frames: list[tuple[int, int, bytes]] = []

    def __len__(self) -> int:
        return len(self._frames)

    def clear(self) -> None:
        """Begin anew: another example is looked at."""
        self._frames = []

    def add(self, state: dict[str, Any], frame: bytes) -> None:
        """Keep a frame; of too many every second one, and always the newest."""
        if state["layout_version"] != self._state.get("layout_version"):
            self.clear()
        self._state, step = state, state["step"]
        self._frames = [each for each in self._frames if each[0] < step]
        most = _limits.NOTEBOOK_RECORD_BYTES
        if len(frame) * (len(self._frames) + 1) > most:
            self._frames = self._frames[::2]
        self._frames.append((step, state["epoch"], frame))

    def page(self, first: dict[str, Any]) -> str:
        """The page.

        Args:
            first: kinds, and what is selected.
        """
        frames = [
            {"step": step, "epoch": epoch, "frame": frame}
            for step, epoch, frame in self._frames
        ]
        sizes = "-".join(map(str, self._state["sizes"]))
        views = built("view.css")
        return PAGE.format(
            title=escape(f"{self._state['data']['name']}, {sizes}"),
            policy=policy([STYLE, views], [built("view.js")]),
            style=STYLE, views=views, script=script(),
            record=element(first, self._state, frames),
        )  # fmt: skip
