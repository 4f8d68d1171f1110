"""What is kept of a run while it goes on: its history, and a checkpoint now and then.

A checkpoint holds the history up to its step, so that a run which goes on from it ends
with the history of a run that was never interrupted (seconds apart).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..training import Report
from ..training.shared import MONITORS
from ..training.state import State
from . import checkpoints

PAUSE = 10.0
"""Seconds between checkpoints, where nobody says otherwise."""

SHARE = 20
"""And at least so many times what the last one took: under 5% of the time."""

GLANCE = 1.0
"""Seconds between states that are held in memory, for an interrupt to write."""

COLUMNS = (
    "epoch",
    "step",
    "eta",
    "cost",
    "seconds",
    "monitor",
    "monitor_cost",
    "correct",
    "count",
    "best",
)
"""Of a complete Report, as numbers; NaN for None."""


def rows(history: Iterable[Report]) -> Array:
    """Complete Reports as numbers, (k, len(COLUMNS)) float64."""
    table = [[_number(report, name) for name in COLUMNS] for report in history]
    return np.array(table, np.float64).reshape(-1, len(COLUMNS))


class Rows:
    """The rows of a history that grows: each Report is turned into numbers once."""

    def __init__(self) -> None:
        self._table = rows([])
        self._last: Report | None = None

    def of(self, history: Sequence[Report]) -> Array:
        """What `rows` gives for it, whether or not it goes on from the one before."""
        known = len(self._table)
        if known > len(history) or (known and history[known - 1] is not self._last):
            self._table, known = rows([]), 0
        if known < len(history):
            self._table = np.concatenate([self._table, rows(history[known:])])
            self._last = history[-1]
        return self._table


def _number(report: Report, name: str) -> float:
    value = getattr(report, name)
    if name == "monitor":
        return MONITORS[value]
    return math.nan if value is None else float(value)


@dataclass
class Journal:
    """The history and the checkpoints of one run, whose folder is locked.

    Attributes:
        folder: of the run.
        run: whose checkpoints they are: 64 hexadecimal digits.
        every: seconds between checkpoints, >= 0; None: `PAUSE`, more for large ones.
        history: the complete Reports so far.
        state: where to go on from; None at the beginning.
        step: where the last checkpoint stands; 0 where there is none.
        damaged: a sentence for each checkpoint that could not be read.
    """

    folder: Path
    run: str
    every: float | None = None
    history: list[Report] = field(default_factory=list)
    state: State | None = None
    step: int = 0
    damaged: tuple[str, ...] = ()
    _free: str = checkpoints.NAMES[0]
    _held: tuple[State, list[Report]] | None = None
    _took: float = 0.0
    _rows: Rows = field(default_factory=Rows)

    def __post_init__(self) -> None:
        self._looked = self._wrote = time.monotonic()

    @classmethod
    def find(cls, folder: Path, run: str, every: float | None = None) -> Journal:
        """Of a run that was interrupted: from its newest checkpoint that is whole.

        Raises:
            InputError: no checkpoint can be read, or it is of another run.
        """
        found = checkpoints.find(folder, run)
        made = cls(folder, run, every, step=found.step, damaged=found.damaged)
        made._free = found.free
        if found.arrays:
            made.state = dict(found.arrays)
            table = made.state.pop("history", np.zeros(0))
            made.history = reports(table, str(folder))
        return made

    def add(self, report: Report) -> None:
        """Take note of a Report, before the next is asked for.

        Raises:
            OSError: a checkpoint is due and can't be written; the last one is whole.
        """
        if report.complete:  # without what would keep the engine alive
            self.history.append(replace(report, state=None))
        if report.state is None:  # L-BFGS can't go on from the middle
            return
        now = time.monotonic()
        pause = max(PAUSE, SHARE * self._took) if self.every is None else self.every
        if now - self._looked >= min(pause, GLANCE):
            self._looked = now
            self.hold(report)
        if self._held is not None and now - self._wrote >= pause:
            self.save()

    def hold(self, report: Report) -> None:
        """Hold the state of a Report in memory, for `save` to write."""
        if report.state is not None:
            self._held = report.state(), list(self.history)

    def save(self) -> None:
        """Write the state that is held, unless that was done.

        Raises:
            OSError: it can't be written; the last checkpoint is whole.
        """
        if self._held is None:
            return
        state, history = self._held
        begin = time.monotonic()
        arrays = {**state, "history": self._rows.of(history)}
        checkpoints.write(self.folder / self._free, arrays, self.run)
        self._held, self.step = None, int(state["step"][0])
        (self._free,) = set(checkpoints.NAMES) - {self._free}
        self._wrote = time.monotonic()
        self._took = self._wrote - begin


def reports(table: Array, name: str) -> list[Report]:
    """The Reports that `rows` was given; `name` is for the sentence.

    Raises:
        InputError: the numbers are no history.
    """
    monitors = {number: monitor for monitor, number in MONITORS.items()}
    found = []
    try:
        if not table.size:  # there is always the Report before the first step
            raise ValueError("empty")
        for row in table.reshape(-1, len(COLUMNS)).tolist():
            values = dict(zip(COLUMNS, row, strict=True))
            report = Report(
                epoch=_whole(values["epoch"]),
                step=_whole(values["step"]),
                eta=_or_none(values["eta"]),
                cost=_or_none(values["cost"]),
                seconds=values["seconds"],
                monitor=monitors[_whole(values["monitor"])],
                monitor_cost=_or_none(values["monitor_cost"]),
                correct=_whole_or_none(values["correct"]),
                count=_whole_or_none(values["count"]),
                best=_flag(values["best"]),
            )
            found.append(report)
    except (KeyError, ValueError, OverflowError):
        raise InputError(
            f"the history in the checkpoint of {name} must be rows of numbers and is "
            "not: it was not written by pellucid."
        ) from None
    return found


def _flag(value: float) -> bool:
    if value not in (0.0, 1.0):
        raise ValueError(value)
    return bool(value)


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _whole_or_none(value: float) -> int | None:
    return None if math.isnan(value) else _whole(value)


def _whole(value: float) -> int:
    if value != int(value):
        raise ValueError(value)
    return int(value)
