"""One run: how far it has come, and how it gets to any other step with the same bits.

Nothing here knows of pages or threads: a session calls it, from its own thread.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from .. import _limits, recipes
from .._arrays import Array, check_number
from .._errors import InputError
from .._findings import Finding
from ..diagnosis import diagnose, watching
from ..links import Link
from ..mathematics.costs import Cost
from ..mathematics.network import Parameters
from ..recipes import Settings
from ..runs.results import cost_of
from ..training import Report
from ..training.edits import Edit, check_edits, put
from ..training.state import State
from .curve import Curve, Point
from .stock import Known

APART = 0.2
"""Seconds between states that are kept, at least."""


@dataclass(frozen=True)
class Kept:
    """Where a run can go on from: after this Report, in this state."""

    report: Report
    state: State


class Run:
    """A training that can be stopped, taken up and gone back in.

    Args:
        number: of the run.
        recipe: what is asked for.
        known: what it learns from.
        edits: what was set by hand, in the order of the steps.

    Attributes:
        network: as it is now.
        report: the last Report; None before the first.
        curve: its points.
        findings: what diagnosis says, by name.
        ended: whether there is nothing more to do.

    Raises:
        InputError: the settings do not fit each other or the data.
    """

    def __init__(
        self, number: int, recipe: Settings, known: Known, edits: tuple[Edit, ...] = ()
    ):
        self.number = number
        self.recipe = recipe
        self.known = known
        self.edits = edits
        words: dict[str, Any] = {**recipe, **known.settings}
        self.settings: Settings = words  # type: ignore[assignment]
        self._check(edits)
        self.network = recipes.build(self.settings, known.data)
        self.cost: Cost = cost_of(self.settings, self.network)
        self.curve = Curve(
            self.batches,
            len(known.shared.examples),
            recipe,
            int(self.network.parameters.theta.size),
        )
        self.findings: dict[str, Finding] = {}
        self._history: list[Report] = []
        self._kept: list[Kept] = []
        self._looked = 0.0
        self._begin()

    def _check(self, edits: tuple[Edit, ...]) -> None:
        sizes = [
            self.known.data.inputs,
            *self.recipe["layers"],
            self.known.data.outputs,
        ]
        count = sum((a + 1) * b for a, b in pairwise(sizes))
        if count > _limits.STUDIO_PARAMETERS:
            raise InputError(
                f"a network in the studio must have at most "
                f"{_limits.STUDIO_PARAMETERS:,} weights and biases (limit "
                f"STUDIO_PARAMETERS); got {count:,}. Make the layers narrower, or "
                "train on the command line."
            )
        if self.recipe["epochs"] > _limits.STUDIO_EPOCHS:
            raise InputError(
                f"epochs in the studio, which remembers each, must be at most "
                f"{_limits.STUDIO_EPOCHS:,} (limit STUDIO_EPOCHS); got "
                f"{self.recipe['epochs']:,}. Take fewer, or train on the command line."
            )
        check_edits(sizes, self.recipe["optimizer"], edits)

    @property
    def _lbfgs(self) -> bool:
        return self.recipe["optimizer"].partition(":")[0] == "lbfgs"

    @property
    def batches(self) -> int:
        """Mini-batches of an epoch."""
        if self._lbfgs:
            return 1
        rows = len(self.known.shared.examples)
        return -(-rows // min(self.recipe["batch_size"], rows))

    @property
    def last_step(self) -> int:
        """Updates of the whole run."""
        return self.batches * self.recipe["epochs"]

    @property
    def step(self) -> int:
        """Updates made."""
        return self.report.step if self.report else 0

    @property
    def epoch(self) -> int:
        """Epochs begun."""
        return self.report.epoch if self.report else 0

    @property
    def link(self) -> Link:
        """The run at this step."""
        return Link(self.recipe, None if self.ended else self.step, self.edits)

    # Where it stands

    def _begin(self, kept: Kept | None = None) -> None:
        """Stand at the beginning, or at what was kept; with the edits of that step."""
        self.ended = self._broken = False
        self._most = 1
        begin = recipes.build(self.settings, self.known.data)
        self.network.parameters.theta[:] = begin.parameters.theta
        self.report: Report | None = None if kept is None else kept.report
        self._history = [
            each for each in self._history if kept and each.step <= self.step
        ]
        self._stood = None if kept is None else self._edited(kept)
        with self.known.lock:
            reports = recipes.run(
                self.settings,
                self.network,
                self.known.data,
                lambda: self._most,
                self._stood,
                self.known.shared,
            )
        self._reports = watching(
            reports,
            self.network,
            self.known.data,
            cost=self.cost,
            begin=begin,
            history=self._history,
        )
        if kept is None:
            self._take()

    def _edited(self, kept: Kept) -> State:
        """The state with what was set by hand at that step."""
        here = self._edits_at(kept.report.step)
        if not here or kept.report.step >= self.last_step:
            return dict(kept.state)
        parameters = Parameters(self.network.sizes, kept.state["theta"].copy())
        put(parameters, here)
        return {**kept.state, "theta": parameters.theta}

    def _edits_at(self, step: int) -> list[Edit]:
        return [edit for edit in self.edits if edit.step == step]

    def _take(self) -> None:
        """Go to the next Report, or to the end."""
        found = next(self._reports, None)
        if found is None:
            self.ended = True
            if self.report is not None:
                self.curve.note(self.report, last=True)
            put(self.network.parameters, self._edits_at(self.step))
            return
        report, findings = found
        self.report, self._stood = report, None
        if report.complete:
            self._history.append(replace(report, state=None))
        for finding in findings:
            self.findings[finding.name] = finding
        self.curve.note(report)
        self._hold(report)
        if self._edits_at(report.step) and report.step < self.last_step:
            self._begin(self.state())

    def advance(self, most: int) -> None:
        """Make at most so many updates, in one go.

        Raises:
            DivergedError: the cost stopped being finite.
        """
        if not self.ended:
            self._most = max(1, min(most, *self._stops()))
            self._broken = True  # until it has gone well
            self._take()
            self._broken = False

    def _stops(self) -> list[int]:
        """Updates until the next point of the curve and until the next edit."""
        stops = [self.curve.until(self.step)]
        stops += [edit.step - self.step for edit in self.edits if edit.step > self.step]
        return stops

    @property
    def points(self) -> list[Point]:
        """The curve, as far as it is known: also of steps after this one."""
        return self.curve.points

    def _hold(self, report: Report) -> None:
        """Keep a state now and then, to go back to; always without its step's edits."""
        now = time.monotonic()
        if report.state is None or now - self._looked < APART:
            return
        self._looked = now
        if any(kept.report.step == report.step for kept in self._kept):
            return
        self._kept.append(Kept(report, report.state()))
        self._kept.sort(key=lambda kept: kept.report.step)
        size = sum(array.nbytes for array in self._kept[0].state.values())
        if len(self._kept) * size > _limits.STUDIO_STEPS_BYTES:
            self._kept = self._kept[::2]

    def state(self) -> Kept | None:
        """What is needed to go on from here; None where that can't be."""
        report = self.report
        if report is None or report.state is None or self.ended:
            return None
        # A Report that was gone back to speaks of an engine that has gone on since.
        state = report.state() if self._stood is None else dict(self._stood)
        return Kept(report, state)

    def resume(self, state: State, history: list[Report], points: list[Point]) -> None:
        """Stand where an earlier process stood.

        Args:
            state: of the training.
            history: the complete Reports up to there.
            points: the curve up to there.

        Raises:
            InputError: it is not the state of such a run.
        """
        self._history, self.curve.points = history, points
        step = int(state["step"][0])
        epoch, complete = -(-step // self.batches), step % self.batches == 0
        report = Report(epoch, step, None, None, 0.0, complete, state=lambda: state)
        self._begin(Kept(report, state))

    def finish(self, theta: Array, history: list[Report]) -> None:
        """Stand at the end, with the weights that an earlier process ended with.

        Raises:
            InputError: they are no weights of this network.
        """
        mine = self.network.parameters.theta
        if (theta.shape, theta.dtype) != (mine.shape, mine.dtype):
            raise InputError(
                f"the model of a run must have {mine.size:,} {mine.dtype} weights and "
                f"biases, as its settings say; got {theta.size:,} {theta.dtype}."
            )
        mine[:] = theta
        self._history, self.report, self.ended = history, history[-1], True
        self.conclude()

    # To another step

    def towards(self, step: int | None) -> None:
        """Stand as near before a step as what is kept allows; None: the end."""
        if step is None:
            return
        before = [kept for kept in self._kept if kept.report.step <= step]
        nearest = max(before, key=lambda kept: kept.report.step, default=None)
        still = not self.ended or (step == self.step and not self._early)
        if still and self.step <= step and not self._broken:
            if nearest is None or nearest.report.step <= self.step:
                return
        self._begin(nearest)

    @property
    def _early(self) -> bool:
        """Whether it ended with other weights than it had after its last update."""
        return self.recipe["patience"] is not None

    # By hand

    def edit(self, place: tuple[int, int, int | None], value: float) -> None:
        """Set a weight or bias, here and now; later steps will be others.

        Raises:
            InputError: there is no such place, or the run can't go on from it.
        """
        if self.ended and self._early:
            raise InputError(
                "this run ended with its best weights, not its last ones, and can't be "
                "edited there. Go to a step before, or set patience to none."
            )
        with np.errstate(over="ignore"):
            exact = float(np.dtype(self.network.dtype).type(value))
        check_number("the value of a weight", exact)
        edit = Edit(self.step, *place, exact)
        kept = [
            each
            for each in self.edits
            if each.step <= edit.step and (each.step, each.place) != (edit.step, place)
        ]
        if len(kept) >= _limits.STUDIO_EDITS:
            raise InputError(
                f"a run must have at most {_limits.STUDIO_EDITS} edits (limit "
                "STUDIO_EDITS). Take some back."
            )
        self._check((*kept, edit))
        self.edits = (*kept, edit)
        self.forget(self.step + 1)
        if self.ended:
            put(self.network.parameters, [edit])
        else:
            self._begin(self.state())

    def unedit(self, place: tuple[int, int, int | None] | None) -> None:
        """Take edits back: those of a place, or all; it stands at or before them then.

        Raises:
            InputError: there are none.
        """
        gone = [each for each in self.edits if place in (None, each.place)]
        if not gone:
            raise InputError("nothing was set by hand there; there is no edit to undo.")
        self.edits = tuple(each for each in self.edits if each not in gone)
        first = min(each.step for each in gone)
        self.forget(first + 1)
        self._begin(max(self._kept, key=lambda kept: kept.report.step, default=None))

    def forget(self, step: int) -> None:
        """What is kept of this step and later ones: they will be others."""
        self._kept = [kept for kept in self._kept if kept.report.step < step]
        self.curve.forget(step)

    # What is said

    def conclude(self) -> None:
        """The last word of diagnosis, once it has ended."""
        found = diagnose(
            self.network,
            self.known.data,
            self._history,
            cost=self.cost,
            begin=recipes.build(self.settings, self.known.data),
        )
        self.findings = {finding.name: finding for finding in found}

    @property
    def history(self) -> list[Report]:
        """The complete Reports up to this step."""
        return list(self._history)
