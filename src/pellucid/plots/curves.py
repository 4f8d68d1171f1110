"""Figures over the epochs: cost and accuracy, one training or several."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from .. import _limits
from .._arrays import Array, choose
from .._errors import InputError
from .._files import read_limited
from ..training import Report
from .display import (
    MUTED,
    Display,
    as_numbers,
    dress,
    label,
    line_style,
    mark_best,
    panels,
    percent,
    short,
)

STEEP = 20.0  # a cost that falls by more than this factor is drawn on a log scale
HISTORY = "history.csv"


@dataclass(frozen=True, eq=False, repr=False)
class CurvesDisplay(Display):
    """Cost and accuracy over the epochs, with the best epoch of each marked.

    The two optima are often not the same epoch: then the cost of the monitored part
    rises although its accuracy still grows, which is how over-fitting begins.

    Attributes:
        epoch: (k,).
        cost: of the training examples while they were learned from, penalties and
            dropout included, (k,); NaN where there is none, such as before the start.
        monitor_cost: of the monitored part, (k,); NaN where nothing was monitored.
        accuracy: of the monitored part, 0 ... 1, (k,); NaN for a regression.
        monitor: which part.
        name: what was trained, for the title.
    """

    epoch: Array
    cost: Array
    monitor_cost: Array
    accuracy: Array
    monitor: str = "none"
    name: str = ""

    @classmethod
    def from_reports(cls, reports: Iterable[Report], name: str = "") -> Self:
        """From what `train` yields; reports within an epoch are left out.

        Raises:
            InputError: there is no complete report.
        """
        found = [report for report in reports if report.complete]
        if not found:
            raise InputError(
                "curves need at least one complete report; got none. Keep what train "
                "yields: list(train(network, data))."
            )
        return cls(
            np.array([report.epoch for report in found]),
            as_numbers([report.cost for report in found]),
            as_numbers([report.monitor_cost for report in found]),
            as_numbers([report.accuracy for report in found]),
            found[-1].monitor,
            name,
        )

    @classmethod
    def from_run(cls, folder: str | Path) -> Self:
        """From the history in the folder of a run.

        Raises:
            InputError: it is missing or can't be read.
        """
        return cls.from_reports(read_history(Path(folder) / HISTORY), Path(folder).name)

    @property
    def lowest_cost(self) -> int | None:
        """Place in `epoch` of the monitored part's lowest cost; None: no such part."""
        return _best(-self.monitor_cost)

    @property
    def highest_accuracy(self) -> int | None:
        """Place in `epoch` of the highest accuracy; None for a regression."""
        return _best(self.accuracy)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        parts = [f"Curves over {int(self.epoch[-1])} epochs"]
        known = self.cost[np.isfinite(self.cost)]
        if len(known):
            parts.append(f"training cost from {short(known[0])} to {short(known[-1])}")
        i, j = self.lowest_cost, self.highest_accuracy
        if i is not None:
            value = short(self.monitor_cost[i])
            parts.append(
                f"{self.monitor} cost lowest at epoch {self.epoch[i]} ({value})"
            )
        if j is not None:
            parts.append(
                f"{self.monitor} accuracy highest at epoch {self.epoch[j]} "
                f"({percent(self.accuracy[j])})"
            )
        return f"{parts[0]}: {', '.join(parts[1:])}."

    def _size(self) -> tuple[float, float]:
        return (12.0, 5.0) if self.highest_accuracy is not None else (8.0, 5.0)

    def _draw(self, ax: Any) -> list[Any]:
        if self.highest_accuracy is None:
            self._draw_cost(ax)
            _whole_epochs(ax)
            return [ax]
        left, right = panels(ax, 1, 2)
        self._draw_cost(left)
        self._draw_accuracy(right, self.highest_accuracy)
        _whole_epochs(left, right)
        return [left, right]

    def _draw_cost(self, ax: Any) -> None:
        every = max(len(self.epoch) // 10, 1)
        words: dict[str, Any] = {"markevery": every}
        ax.plot(self.epoch, self.cost, label="training, while learning",
                **line_style(1), **words)  # fmt: skip
        i = self.lowest_cost
        if i is not None:
            ax.plot(self.epoch, self.monitor_cost, label=self.monitor,
                    **line_style(0), **words)  # fmt: skip
            value = self.monitor_cost[i]
            note = f"lowest: {short(value)}, epoch {self.epoch[i]}"
            mark_best(ax, self.epoch[i], value, note)
        values = np.concatenate([self.cost, self.monitor_cost])
        scale = _scale(ax, values)
        dress(ax, f"Cost{f' of {label(self.name)}' if self.name else ''}", "epoch",
              f"cost{scale}")  # fmt: skip
        ax.legend(fontsize=12)

    def _draw_accuracy(self, ax: Any, j: int) -> None:
        every = max(len(self.epoch) // 10, 1)
        ax.plot(self.epoch, 100 * self.accuracy, label=self.monitor, markevery=every,
                **line_style(0))  # fmt: skip
        best = self.accuracy[j]
        note = f"highest: {percent(best)}, epoch {self.epoch[j]}"
        mark_best(ax, self.epoch[j], 100 * best, note)
        i = self.lowest_cost
        if i is not None and i != j:
            ax.axvline(self.epoch[i], color=MUTED, lw=1.5, ls=":",
                       label=f"lowest cost: epoch {self.epoch[i]}")  # fmt: skip
        note = ""
        first, rest = self.accuracy[0], self.accuracy[1:]
        if len(rest) and first < np.nanmin(rest):  # it would flatten all the others
            low, high = 100 * np.nanmin(rest), 100 * np.nanmax(rest)
            room = 0.08 * (high - low) or 1.0
            ax.set_ylim(low - 4 * room, high + 2 * room)
            note = f" (at the start {percent(first)})"
        dress(ax, f"Accuracy{note}", "epoch", "right answers, %")
        ax.legend(fontsize=12, loc="lower right")


def _whole_epochs(*axes: Any) -> None:
    """No ticks between two epochs."""
    from matplotlib.ticker import MaxNLocator

    for ax in axes:
        ax.xaxis.set_major_locator(MaxNLocator(7, integer=True, min_n_ticks=1))


def _best(values: Array) -> int | None:
    return int(np.nanargmax(values)) if np.isfinite(values).any() else None


def _scale(ax: Any, values: Array) -> str:
    """A log scale where the values ask for it; what to add to the label."""
    known = values[np.isfinite(values)]
    if len(known) and known.min() > 0 and known.max() > STEEP * known.min():
        ax.set_yscale("log")
        return " (log scale)"
    return ""


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonDisplay(Display):
    """One quantity over the epochs for several trainings: η, optimizers, widths.

    Attributes:
        epoch: per training, (k,).
        values: per training, (k,).
        labels: what the trainings are called.
        of: which quantity: "cost", "monitor_cost" or "accuracy".
    """

    epoch: tuple[Array, ...]
    values: tuple[Array, ...]
    labels: tuple[str, ...]
    of: str = "cost"
    size = (9.0, 5.5)

    WORDS = {  # noqa: RUF012 - a table, never written to
        "cost": "training cost",
        "monitor_cost": "cost of the monitored part",
        "accuracy": "accuracy of the monitored part",
    }

    @classmethod
    def from_reports(
        cls, histories: Mapping[str, Iterable[Report]], of: str = "cost"
    ) -> Self:
        """From what `train` yields, by label.

        Raises:
            InputError: nothing to compare, or another quantity.
        """
        choose("of", of, cls.WORDS)
        if not histories:
            raise InputError(
                "a comparison needs at least one training; got none. Pass {label: "
                "reports}."
            )
        epoch, values = [], []
        for reports in histories.values():
            found = [report for report in reports if report.complete]
            epoch.append(np.array([report.epoch for report in found]))
            values.append(as_numbers([getattr(report, of) for report in found]))
        return cls(tuple(epoch), tuple(values), tuple(histories), of)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        ends = [
            f"{name} {short(_last(values))}"
            for name, values in zip(self.labels, self.values, strict=True)
        ]
        return f"{self.WORDS[self.of].capitalize()} at the end: {', '.join(ends)}."

    def _draw(self, ax: Any) -> list[Any]:
        for number, name in enumerate(self.labels):
            x, y = self.epoch[number], self.values[number]
            every = max(len(x) // 8, 1)
            ax.plot(x, y, label=label(name), markevery=every, **line_style(number))
        scale = _scale(ax, np.concatenate(self.values))
        title = self.WORDS[self.of]
        dress(
            ax, title[0].upper() + title[1:], "epoch", self.of.replace("_", " ") + scale
        )
        ax.legend(fontsize=12, loc="center left", bbox_to_anchor=(1.0, 0.5))
        _whole_epochs(ax)
        return [ax]


def _last(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else math.nan


def read_history(path: Path) -> list[Report]:
    """The reports of a run, out of its history.csv.

    Raises:
        InputError: missing, too large or not a history.
    """
    raw = read_limited(path, _limits.TEXT_FILE_BYTES, "the history of the run")
    try:
        lines = list(csv.DictReader(io.StringIO(raw.decode("utf-8")), strict=True))
        return [_report(line) for line in lines]
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, csv.Error):
        raise InputError(
            f"{path} must be the history that a run wrote, one line an epoch; it can't "
            "be read. Take a fresh copy of the run."
        ) from None


def _report(line: Mapping[str, str]) -> Report:
    def number(key: str, kind: Any) -> Any:
        return kind(line[key]) if line[key] else None

    return Report(
        epoch=int(line["epoch"]),
        step=int(line["step"]),
        eta=number("eta", float),
        cost=number("cost", float),
        seconds=float(line["seconds"]),
        monitor=line["monitor"],
        monitor_cost=number("monitor_cost", float),
        correct=number("correct", int),
        count=number("count", int),
    )
