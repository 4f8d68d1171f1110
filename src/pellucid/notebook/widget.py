"""The widget: what is selected, the state and the newest numbers as traits.

Numbers go as bytes, in the studio's frames. Questions of the view are messages with a
number, and so are the answers. All of it works with what is in the page of a notebook
once the widget is shown, so that the last picture stays where no kernel is any more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from .. import _limits
from .._arrays import check_number, choose
from .._errors import InputError
from .._files import write_atomic
from ..explanation.neurons import without
from ..mathematics.network import Network
from ..studio import words
from ..studio.looks import Look, example_of
from ..training import Report
from ..training.edits import Edit, check_place
from ..views import built
from ..views.host import Host
from ..views.record import Record

KINDS: dict[str, tuple[str, ...]] = {
    "network": ("trace", "theta", "plane"),
    "neuron": ("trace", "theta"),
    "nudge": ("trace", "theta"),
    "draw": ("trace",),
    "boundary": ("plane",),
    "opened": (),
}
"""Name of a view to what its frames hold; web/src/views has them."""

LENSES = ("activation", "weights", "wishes", "nudges", "damage")
SCOPES = ("neuron", "layer", "network")
LOOKS = ("example", "place", "lens", "scope", "edges", "perceptrons", "silent")
OFTEN = 1 / 30
"""Seconds between two frames at least."""


class View(anywidget.AnyWidget):  # type: ignore[misc, unused-ignore]
    """A view of the studio in a notebook; made by `pellucid.notebook.view`.

    What is selected can be read and set: `view.place`, `view.example = {"part":
    "test", "index": 3}`. A place is {"layer": 1 ... L, "neuron": from 0, "input": from
    0, or None: the bias}.

    Args:
        host: what it shows.
        kind: names of KINDS.
        looks: of LOOKS, with their values.

    Attributes:
        host: the same.
        example: what is looked at: {"part", "index"}, or {"drawn": True}.
        place: the neuron, weight or bias that is chosen; or None.
        lens: what light means, of LENSES.
        scope: what the colour scale reaches over, of SCOPES.
        edges: connections that are drawn at most.
        perceptrons: whether neurons are steps.
        silent: hidden neurons whose activation is 0 in all that is shown, each
            [layer from 1, neuron from 0].

    Raises:
        InputError: the words do not fit each other, or the views are not built.
    """

    _esm = t.Unicode("").tag(sync=True)
    _css = t.Unicode("").tag(sync=True)
    kinds = t.List(t.Unicode()).tag(sync=True)
    state = t.Dict().tag(sync=True)
    frame = t.Bytes(b"").tag(sync=True)
    example = t.Dict().tag(sync=True)
    place = t.Dict(default_value=None, allow_none=True).tag(sync=True)
    lens = t.Unicode("activation").tag(sync=True)
    scope = t.Unicode("layer").tag(sync=True)
    edges = t.Int(160).tag(sync=True)
    perceptrons = t.Bool(False).tag(sync=True)
    silent = t.List(t.List(t.Int())).tag(sync=True)

    def __init__(self, host: Host, kind: str | Sequence[str], looks: dict[str, Any]):
        for name in looks:
            choose("look", name, dict.fromkeys(LOOKS))
        self.host = host
        self._due = 0.0
        self._settling = False
        self._record = Record()
        kinds = _kinds(kind, host)
        self._blocks = tuple(dict.fromkeys(b for name in kinds for b in KINDS[name]))
        first = {"example": host.first, **looks}
        files = {"_esm": built("view.js"), "_css": built("view.css")}
        try:
            super().__init__(**files, kinds=kinds, **first)
        except t.TraitError as error:
            raise InputError(str(error)) from None
        host.silence(self.silent)
        self._push()
        self.on_msg(self._asked)
        self.observe(self._looked, ["example", "perceptrons", "silent"])

    @property
    def network(self) -> Network:
        """A copy of the network that is shown, with what was set by hand."""
        return self.host.moment.network.copy()

    def show(
        self, network: Network | None = None, report: Report | None = None
    ) -> None:
        """Show a network as it is now; in a loop of training after each Report.

        While a cell runs, at most 30 frames a second leave it, and of large networks
        fewer; the last one always does once the cell has ended.

        Args:
            network: with the sizes of the one before; None: that one.
            report: says the step and the epoch.

        Raises:
            InputError: the sizes are others.
        """
        self.host.show(network, report)
        self._moved()

    def goto(self, step: int) -> None:
        """Go to another step of the run, with the bits that it had there.

        Raises:
            InputError: there is no run, or no such step.
        """
        check_number("step", step, least=0, whole=True)
        self.host.goto(step)
        self._push()

    def save(self, path: str | Path) -> None:
        """Write what was shown as one HTML page that needs no kernel and no network.

        It holds the frames that were sent since the example was chosen, with a slider
        over their steps; what the view would have to ask is not in it.

        Args:
            path: the file; one that is there is replaced.
        """
        if self._settling:  # what was shown last has not gone out yet
            self._push()
        first = {name: getattr(self, name) for name in ("kinds", *LOOKS)}
        if not self.silent:  # a record of nobody silenced can't silence anybody
            del first["silent"]
        text = self._record.page(first)
        write_atomic(path, text.encode())

    # What goes out

    def _moved(self) -> None:
        """Send it now if that is due, and once nothing runs any more."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nothing will be free later
            self._push()
            return
        self.host.phase = "training"
        if time.monotonic() >= self._due:
            self._push()
        if not self._settling:
            self._settling = True
            loop.call_soon(self._settle)

    def _settle(self) -> None:
        """The cell has ended, or waits."""
        left = self._due - time.monotonic()
        if left > 0:
            asyncio.get_running_loop().call_later(left, self._settle)
            return
        self._settling = False
        self.host.phase = "paused"
        self._push()

    def _push(self) -> None:
        """Send the state and the numbers, as one message."""
        look = Look(self._blocks, dict(self.example), self.perceptrons)
        state, frame = self.host.frame(look)
        apart = max(OFTEN, len(frame) / _limits.NOTEBOOK_BYTES_A_SECOND)
        self._due = time.monotonic() + apart
        self._record.add(state, frame)
        with self.hold_sync():
            self.state, self.frame = state, frame

    def _looked(self, change: Any) -> None:
        self.host.silence(self.silent)
        self._record.clear()
        self._push()

    # What comes in

    def _asked(self, _: Any, asked: Any, buffers: Sequence[Any]) -> None:
        """A question of the view, with its number."""
        if not isinstance(asked, dict):
            return
        if asked.get("do") == "upload":
            self._take(asked, buffers)
            return
        before = self.host.news, self.host.drawn
        found = self.host.answer(asked)
        if found is not None:
            answer, numbers = found
            self.send(answer, [] if numbers is None else [numbers])
        if before != (self.host.news, self.host.drawn):
            self._push()

    def _take(self, asked: dict[str, Any], buffers: Sequence[Any]) -> None:
        """An image file that was chosen in the view."""
        said: dict[str, Any] = {"id": asked.get("id"), "ok": True}
        try:
            data = b"".join(bytes(part) for part in buffers)
            said["upload"] = self.host.store.take(str(asked.get("name")), data)
        except InputError as error:
            said |= {"ok": False, "error": str(error)}
        self.send(said)

    # What a look must be

    @t.validate("example")
    def _example(self, proposal: Any) -> Any:
        value = proposal["value"]
        words.example("example", value)
        if "part" in value:
            example_of(self.host.moment, value, None)
        return value

    @t.validate("place")
    def _place(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is not None:
            words.place("place", value)
            where = value["layer"], value["neuron"], value["input"]
            check_place(self.host.shown.network.sizes, Edit(0, *where, 0.0))
        return value

    @t.validate("lens")
    def _lens(self, proposal: Any) -> Any:
        choose("lens", proposal["value"], dict.fromkeys(LENSES))
        return proposal["value"]

    @t.validate("scope")
    def _scope(self, proposal: Any) -> Any:
        choose("scope", proposal["value"], dict.fromkeys(SCOPES))
        return proposal["value"]

    @t.validate("silent")
    def _silent(self, proposal: Any) -> Any:
        value = proposal["value"]
        words.neurons("silent", value)
        without(self.host.shown.network, value)
        return value

    @t.validate("edges")
    def _edges(self, proposal: Any) -> Any:
        check_number("edges", proposal["value"], least=0, whole=True)
        return proposal["value"]


def _kinds(kind: Any, host: Host) -> list[str]:
    """The views that are meant.

    Raises:
        InputError: there is none such, or it has nothing to show.
    """
    found = [kind] if isinstance(kind, str) else kind
    is_list = isinstance(found, list | tuple) and bool(found)
    if not is_list or any(found.count(name) > 1 for name in found):
        raise InputError(f"kind must name views, each once; got {kind!r:.60}.")
    for name in found:
        choose("kind", name, KINDS)
    known = host.shown.known
    if "boundary" in found and not known.plane:
        raise InputError(
            "the view boundary needs data of two features with classes; "
            f"{known.name} has {known.data.inputs} inputs."
        )
    if "draw" in found and known.data.image_shape is None:
        raise InputError(
            f"the view draw needs data that are images; {known.name} has none."
        )
    if "opened" in found:
        _ = host.run
    return list(found)
