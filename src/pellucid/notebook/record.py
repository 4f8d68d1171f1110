"""What a view showed, as one page of its own: the last picture and those before it.

No kernel is behind such a page: it holds the module of the views, the frames that were
sent while a network was in training, and a slider over their steps. Nothing is fetched.
"""

from __future__ import annotations

import base64
import json
from html import escape
from typing import Any

from .. import _limits

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; img-src data: blob:">
<title>{title}</title>
<style>{css}
body {{ max-width: 75rem; margin: 1rem auto; padding: 0 1rem; background: #f7f5f0;
  color: #1b1d23; font: 1rem/1.45 system-ui, sans-serif; }}
label {{ display: flex; gap: 1rem; align-items: center; padding: 0.5rem 0; }}
label input {{ flex: 1; }}
</style></head>
<body><main><h1>{title}</h1>
<label id="over" hidden>Step <output></output><input type="range" min="0"></label>
<div id="views"></div></main>
<script id="record" type="application/json">{record}</script>
<script type="module">{script}</script>
</body></html>
"""

SCRIPT = """
const { esm, first, frames, state, refusal } = JSON.parse(
  document.getElementById("record").textContent,
);
const heard = {};
const tell = (event, ...given) => [...(heard[event] ?? [])].forEach((f) => f(...given));
const at = (n) => {
  const { step, epoch, bytes } = frames[n];
  const raw = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
  return { state: { ...state, step, epoch }, frame: new DataView(raw.buffer) };
};
const values = { ...first, ...at(frames.length - 1) };
const model = {
  get: (name) => values[name],
  set(name, value) {
    // Of another example, or of steps for slopes, there are no numbers here.
    if (name !== "example" && name !== "perceptrons") values[name] = value;
    tell(`change:${name}`);
  },
  save_changes() {},
  on: (event, f) => (heard[event] ??= new Set()).add(f),
  off: (event, f) => heard[event]?.delete(f),
  send: ({ id }) => setTimeout(refuse, 0, id),
};
const refuse = (id) => tell("msg:custom", { id, ok: false, error: refusal }, []);
const over = document.getElementById("over");
const [output, slider] = [over.querySelector("output"), over.querySelector("input")];
const show = () => {
  Object.assign(values, at(Number(slider.value)));
  output.textContent = values.state.step;
  tell("change:frame");
};
slider.max = slider.value = frames.length - 1;
over.hidden = frames.length < 2;
slider.addEventListener("input", show);
output.textContent = values.state.step;
const module = await import(`data:text/javascript;base64,${esm}`);
module.default.render({ model, el: document.getElementById("views") });
document.body.dataset.shown = "yes";
"""

REFUSAL = "This page is a record: what was not recorded can't be asked of it."


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


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

    def page(self, esm: str, css: str, first: dict[str, Any]) -> str:
        """The page.

        Args:
            esm: the module of the views.
            css: its style.
            first: kinds, and what is selected.
        """
        frames = [
            {"step": step, "epoch": epoch, "bytes": _text(frame)}
            for step, epoch, frame in self._frames
        ]
        record = {
            "esm": _text(esm.encode()), "first": first, "frames": frames,
            "state": {**self._state, "phase": "paused", "weights_sha256": None},
            "refusal": REFUSAL,
        }  # fmt: skip
        sizes = "-".join(map(str, self._state["sizes"]))
        # In a script element nothing may look like its end.
        text = json.dumps(record, allow_nan=False).replace("<", "\\u003c")
        title = escape(f"{self._state['data']['name']}, {sizes}")
        return PAGE.format(title=title, css=css, record=text, script=SCRIPT)
