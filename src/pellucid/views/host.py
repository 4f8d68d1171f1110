"""Answers what a view asks, in this process, by the instruments of the studio.

Instruments are coroutines, since the studio computes beside its loop. Here nothing is
waited for: what they await is there at once, so that they end when they are begun.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np

from .._arrays import join
from .._errors import InputError
from ..links import Link
from ..mathematics.network import Network
from ..recipes import DEFAULTS, Settings
from ..studio.instruments import INSTRUMENTS, Answer, Asked
from ..studio.looks import Drawn, Look, Moment, Silent, blocks_of, first_example
from ..studio.reply import Reply, reply
from ..studio.said import edit_words
from ..studio.session import Session
from ..studio.studio import Studio
from ..studio.wire import FRAME, Command, Frame, laid_out, plain, to_text
from ..training import Report
from ..training.edits import Edit, check_place, put
from .files import Files
from .shown import Shown, go

T = TypeVar("T")

ANSWERED = (
    "examples", "example", "mistake", "draw", "neuron", "damage", "cut", "nudge",
    "edit", "unedit", "opened", "stages",
)  # fmt: skip
"""Instruments of the studio that a notebook has as they are."""

MOVING = ("step", "goto")


def finish(asked: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives that waits for nothing."""
    try:
        with np.errstate(all="ignore"):  # what is not finite is shown as that
            asked.send(None)
    except StopIteration as end:
        return cast(T, end.value)
    asked.close()
    raise RuntimeError("an instrument waited for what is not in this process")


@dataclass
class Here(Asked):
    """A command whose session is this process."""

    async def have(self, job: Callable[[], T]) -> T:
        """Have it done, at once."""
        return job()


class Host:
    """What a widget shows, in the place of a studio and its session.

    Args:
        shown: a network and its data.

    Attributes:
        shown: the same; its network is never the caller's.
        phase: "training" while one frame follows the other, else "paused", or "ended".
        drawn: what was drawn last.
        silent: hidden neurons that are silenced in all that is shown.
        store: image files that were given to the view.
        moment: the network as it is now.
        news: counts up with every change.
    """

    def __init__(self, shown: Shown):
        self.shown = shown
        self.phase = "paused"
        self.drawn: Drawn | None = None
        self.silent: Silent = frozenset()
        self.store = Files()
        self.news = 0
        self._edits: list[tuple[Edit, float]] = []
        self._layout: list[dict[str, Any]] = []
        self._version = 0
        self._number = 0
        self._data = plain(shown.known.describe())
        self.moment = self._taken()

    # What instruments ask of a studio and a session

    @property
    def run(self) -> Any:
        """The run, where there is one.

        Raises:
            InputError: a network is shown that came without.
        """
        if self.shown.run is None:
            raise InputError(
                "no update comes next where a network is shown as it is. Give a run's "
                "folder and a step of it: pellucid.notebook.view(folder, step=0)."
            )
        return self.shown.run

    def take(self) -> Moment:
        """The network as it is now."""
        return self.moment

    async def compute(self, job: Callable[..., T], *arguments: Any, **words: Any) -> T:
        """Have something computed, at once."""
        return job(*arguments, **words)

    def edit(self, place: tuple[int, int, int | None], value: float) -> Moment:
        """Set a weight or bias of what is shown."""
        shown = self.shown
        if shown.run is not None:
            shown.run.edit(place, value)
            return self.again()
        edit = Edit(shown.step, *place, value)
        check_place(shown.network.sizes, edit)
        l, j, k = place
        before = float(shown.network.b[l][j] if k is None else shown.network.w[l][j, k])
        for old in [each for each in self._edits if each[0].place == place]:
            before = old[1]
            self._edits.remove(old)
        self._edits.append((edit, before))
        put(shown.network.parameters, [edit])
        return self.again()

    def unedit(self, place: tuple[int, int, int | None] | None) -> None:
        """Take back what was set by hand: at a place, or everywhere."""
        run = self.shown.run
        if run is not None:
            step = run.step
            run.unedit(place)
            self.goto(step)
            return
        gone = [each for each in self._edits if place in (None, each[0].place)]
        if not gone:
            raise InputError("nothing was set by hand there; there is no edit to undo.")
        for edit, before in gone:
            put(self.shown.network.parameters, [Edit(0, *edit.place, before)])
        self._edits = [each for each in self._edits if each not in gone]
        self.again()

    # Commands

    def answer(self, words: dict[str, Any]) -> Reply | None:
        """Words and numbers for a view's question; a refusal says why in a sentence."""
        found = finish(reply(to_text(words), self._do, self.take))
        return None if found is None else (plain(found[0]), found[1])

    async def _do(self, command: Command) -> Answer | None:
        words = command.words
        if command.do in MOVING:
            await self._move(command)
            return Answer({"news": self.news})
        if command.do not in ANSWERED:
            known = join((*ANSWERED, *MOVING), "and")
            raise InputError(
                f"a view in a notebook answers {known}; got {command.do}. Train in a "
                "cell, or in pellucid studio."
            )
        here = cast(Any, self)  # of a studio and a session it has what these ask for
        asked = Here(
            cast(Studio, here), cast(Session, here), words, self.drawn, self.silent
        )
        found = await INSTRUMENTS[command.do](asked)
        self.drawn = asked.drawn
        if command.do == "edit" and found is not None:  # no link makes this network
            said = {
                name: value for name, value in found.words.items() if name != "link"
            }
            return Answer(said, found.blocks)
        return found

    async def _move(self, command: Command) -> None:
        words, run = command.words, self.run
        if command.do == "goto":
            return self.goto(words["step"])
        each, here = run.batches, run.step
        epochs, step = words.get("epochs"), here + words.get("batches", 1)
        if epochs is not None:
            step = (here // each + epochs) * each
        self.goto(min(step, run.last_step))

    def goto(self, step: int) -> None:
        """Have the run stand at another step."""
        go(self.run, step)
        self.again()

    # What is shown

    def silence(self, neurons: Sequence[Sequence[int]]) -> None:
        """Show all without these hidden neurons, (layer, neuron) of each."""
        self.silent = frozenset((l, j) for l, j in neurons)

    def show(self, network: Network | None, report: Report | None) -> None:
        """Show a network as it is now, after an update.

        Raises:
            InputError: it is of other sizes, or the widget shows a run.
        """
        shown = self.shown
        if network is not None:
            if shown.run is not None:
                raise InputError(
                    "a run that can go to other steps is shown here; make another view "
                    "for a network."
                )
            if not isinstance(network, Network) or network.sizes != shown.network.sizes:
                sizes = getattr(network, "sizes", type(network).__name__)
                raise InputError(
                    f"show needs a network with the sizes {shown.network.sizes}; got "
                    f"{sizes}. Make another view for it."
                )
            shown.network, self._edits = network.copy(), []
        if report is not None:
            shown.step, shown.epoch = report.step, report.epoch
        self.again()

    def again(self) -> Moment:
        """Take the network as it is now."""
        self.news += 1
        self.moment = self._taken()
        return self.moment

    def _taken(self) -> Moment:
        shown = self.shown
        if shown.run is not None:
            shown.step, shown.epoch = shown.run.step, shown.run.epoch
        recipe: Settings = shown.settings or DEFAULTS
        return Moment(
            self.news + 1, 1, shown.step, shown.epoch, shown.network.copy(),
            shown.known, shown.cost, recipe, Link(recipe, shown.step),
        )  # fmt: skip

    @property
    def edits(self) -> list[Edit]:
        """What was set by hand."""
        run = self.shown.run
        return [each for each, _ in self._edits] if run is None else list(run.edits)

    @property
    def first(self) -> dict[str, Any]:
        """The example that is looked at until another is chosen."""
        return first_example(self.shown.known)

    def frame(self, look: Look) -> tuple[dict[str, Any], bytes]:
        """The state, and the numbers that are looked at, as over the wire."""
        seen = self.moment.silenced(self.silent)
        layout, values = laid_out(blocks_of(seen, look, self.drawn))
        if layout != self._layout:
            self._layout, self._version = layout, self._version + 1
        self._number += 1
        moment = self.moment
        frame = Frame(FRAME, 1, moment.step, self._version, self._number, values)
        return self._state(), frame.to_bytes()

    def _state(self) -> dict[str, Any]:
        """What the `state` event says; docs/studio-protocol.md."""
        shown, network, run = self.shown, self.moment.network, self.shown.run
        still = self.phase != "training"
        return cast(dict[str, Any], plain({
            "run": 1, "asked": 1, "news": self.news,
            "phase": "ended" if run and run.ended and still else self.phase,
            "message": "", "recipe": shown.recipe, "link": "",
            "sizes": network.sizes,
            "activations": [sigma.name for sigma in network.sigma[1:]],
            "cost": shown.cost.name, "step": self.moment.step,
            "epoch": self.moment.epoch, "steps_per_epoch": run.batches if run else 0,
            "last_step": run.last_step if run else self.moment.step,
            "parameters": int(network.parameters.theta.size),
            "data": self._data,
            "edits": [edit_words(edit) for edit in self.edits],
            "weights_sha256": self.moment.sha256 if still else None,
            "layout_version": self._version, "layout": self._layout,
        }))  # fmt: skip
