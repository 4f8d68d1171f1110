"""The curve of a run: cost and accuracy at points that are the same in every replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..recipes import Settings
from ..training import Report

POINTS = 20
"""Points of the curve in an epoch, at most."""

MOST_POINTS = 4_000
"""Points of a whole curve; of longer runs not every epoch has one."""

WORK = 1 << 27
"""Examples times parameters between two points, at least: some milliseconds."""


@dataclass(frozen=True)
class Point:
    """A point of the curves.

    Attributes:
        step: updates made.
        epoch: epochs begun.
        cost: mean cost of the epoch's examples so far, as in a Report.
        recent: mean cost of the examples since the point before.
        complete: whether an epoch ended here.
        part: what was evaluated, such as "validation"; None within an epoch.
        part_cost: its mean cost.
        accuracy: share of it that is right.
    """

    step: int
    epoch: int
    cost: float | None
    recent: float | None
    complete: bool
    part: str | None = None
    part_cost: float | None = None
    accuracy: float | None = None

    def words(self) -> dict[str, Any]:
        """For the wire."""
        return dict(vars(self))


class Curve:
    """The points of a run.

    Args:
        batches: mini-batches of an epoch.
        rows: examples of an epoch.
        recipe: of the run.
        parameters: of the network.

    Attributes:
        points: in the order of their steps; is added to or replaced, never changed.
    """

    def __init__(self, batches: int, rows: int, recipe: Settings, parameters: int):
        self.points: list[Point] = []
        self._batches, self._rows = batches, rows
        self._size = min(recipe["batch_size"], rows)
        points = max(1, min(POINTS, MOST_POINTS // recipe["epochs"]))
        work = max(1, WORK // (parameters * self._size))
        self._epochs = -(-recipe["epochs"] // MOST_POINTS)
        self._every = min(max(-(-batches // points), work), batches)

    def until(self, step: int) -> int:
        """Updates from a step to the next point."""
        return self._every - step % self._batches % self._every

    def note(self, report: Report, last: bool = False) -> None:
        """A point more, where there is to be one and none is yet."""
        there = self.points[-1].step if self.points else -1
        if report.complete:
            due = report.epoch % self._epochs == 0
        else:
            inside = report.step % self._batches % self._every == 0
            due = inside and self._epochs == 1
        if report.step <= there or not (due or last):
            return
        watched = report.monitor if report.monitor_cost is not None else None
        self.points.append(
            Point(
                report.step, report.epoch, report.cost, self._recent(report),
                report.complete, watched, report.monitor_cost, report.accuracy,
            )
        )  # fmt: skip

    def replay(self, history: list[Report]) -> None:
        """The points of complete Reports that were made before."""
        self.points = []
        for report in history:
            self.note(report, last=report is history[-1])

    def _recent(self, report: Report) -> float | None:
        """Mean cost of the examples since the point before."""
        before = self.points[-1] if self.points else None
        if report.cost is None or before is None or before.cost is None:
            return report.cost
        if before.complete or before.epoch != report.epoch:
            return report.cost
        then = before.step % self._batches * self._size
        seen = self._rows
        if not report.complete:
            seen = report.step % self._batches * self._size
        return (report.cost * seen - before.cost * then) / (seen - then)

    def forget(self, step: int) -> None:
        """Forget the points of this step and later ones."""
        self.points = [point for point in self.points if point.step < step]
