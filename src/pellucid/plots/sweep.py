"""A sweep as a figure: what came of each value, with every seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..sweeps.grid import spell
from ..sweeps.sweep import Group, Sweep
from .display import (
    Display,
    dress,
    label,
    line_style,
    mark_best,
    percent,
    plural,
    short,
)

TICKS = 11  # that there is room for
LINES = 6  # combinations of further settings that a legend has room for


@dataclass(frozen=True, eq=False, repr=False)
class SweepDisplay(Display):
    """Accuracy (or cost) against a setting: all seeds as points, mean and spread.

    Attributes:
        name: the setting along the x axis, the first that was varied.
        values: its values, as they are typed.
        lines: what the lines stand for: the values of the other settings.
        figures: of every run, (lines, values, seeds): shares of right answers, or
            costs; NaN where a run diverged.
        of: "accuracy" or "cost".
        monitor: the part that it is of.
        answer: what the sweep says.
        x: where the values lie, (values,): the numbers themselves, else 0, 1, ...
        best: line and value of the best mean; None where there is none to choose.
    """

    name: str
    values: tuple[str, ...]
    lines: tuple[str, ...]
    figures: Array
    of: str
    monitor: str
    answer: str
    x: Array
    best: tuple[int, int] | None
    size = (9.0, 5.5)

    @classmethod
    def from_sweep(cls, sweep: Sweep) -> Self:
        """From a sweep whose networks were trained.

        Raises:
            InputError: nothing was trained yet, or there are too many lines.
        """
        groups, best = sweep.groups, sweep.best
        if not any(len(group.known) for group in groups):
            raise InputError(
                "a figure of a sweep needs at least one run that has ended well; got "
                "none. Train it first: for _ in sweep.train(): pass."
            )
        name = next(iter(sweep.varied), "seeds")
        values = tuple(map(spell, sweep.varied.get(name, ["all"])))
        each = len(groups) // len(values)  # groups go through the first setting slowest
        if each > LINES:
            raise InputError(
                f"a figure of a sweep shows at most {LINES} lines; got {each:,} "
                f"combinations beside {name}. Vary fewer settings at once."
            )
        figures = np.array([group.figures for group in groups])
        figures = figures.reshape(len(values), each, -1).swapaxes(0, 1)
        place = None
        if best is not None and len(groups) > 1:
            number = [group.values for group in groups].index(best.values)
            place = (number % each, number // each)
        return cls(
            name,
            values,
            tuple(_others(group, name) for group in groups[:each]),
            figures,
            "accuracy" if sweep.by_accuracy else "cost",
            sweep.monitor,
            sweep.answer(),
            _places(sweep.varied.get(name, [None])),
            place,
        )

    @property
    def alt(self) -> str:
        """What the figure shows."""
        k = plural(self.figures.shape[2], "seed")
        return (
            f"{self.monitor.capitalize()} {self.of} against {self.name}, "
            f"{plural(len(self.values), 'value')} with {k} each. {self.answer}"
        )

    @property
    def logarithmic(self) -> bool:
        """Whether the values are spaced more evenly in their logarithms."""
        if len(self.x) < 3 or self.x.min() <= 0:
            return False
        plain, logs = np.diff(np.sort(self.x)), np.diff(np.sort(np.log(self.x)))
        return bool(plain.max() / plain.min() > logs.max() / logs.min())

    def _draw(self, ax: Any) -> list[Any]:
        scale = 100 if self.of == "accuracy" else 1
        order = np.argsort(self.x, kind="stable")
        for number, name in enumerate(self.lines):
            figures = scale * self.figures[number][order]  # (values, seeds)
            style = line_style(number)
            colour = style["color"]
            x = np.repeat(self.x[order], figures.shape[1])
            ax.plot(x, figures.ravel(), ls="none", marker=style["marker"], ms=9,
                    mfc="none", mec=colour, mew=1.2, zorder=6)  # fmt: skip
            known = np.isfinite(figures).any(1)
            shown = figures[known]
            spread = [_spread(row) for row in shown]
            ax.errorbar(self.x[order][known], np.nanmean(shown, axis=1), spread,
                        label=label(name, 40), capsize=5, ms=4, **style)  # fmt: skip
        self._mark(ax, scale)
        if self.logarithmic:
            ax.set_xscale("log")
        self._tick(ax)
        y = "right answers, %" if scale == 100 else "cost"
        title = f"{self.monitor.capitalize()} {self.of}: seeds, mean and spread"
        axis = f"{self.name} (log scale)" if self.logarithmic else self.name
        dress(ax, title, axis, y)
        ax.legend(fontsize=12, loc="best")
        return [ax]

    def _tick(self, ax: Any) -> None:
        """The values themselves, but for those that would run into each other."""
        at = np.log(self.x) if self.logarithmic else self.x
        room = (at.max() - at.min()) / TICKS
        shown: list[int] = []
        for number in np.argsort(at, kind="stable"):
            if not shown or at[number] - at[shown[-1]] >= room:
                shown.append(int(number))
        ax.set_xticks(self.x[shown], [label(self.values[i], 12) for i in shown])
        ax.minorticks_off()

    def _mark(self, ax: Any, scale: int) -> None:
        if self.best is None:
            return
        line, value = self.best
        mean = float(np.nanmean(self.figures[line, value]))
        told = percent(mean) if scale == 100 else short(mean)
        of = f" {self.lines[line]}" if len(self.lines) > 1 else ""
        name = f"best: {self.name}={label(self.values[value])}{of}, {told}"
        mark_best(ax, self.x[value], scale * mean, name)


def _others(group: Group, name: str) -> str:
    """What a line stands for."""
    rest = {key: value for key, value in group.values.items() if key != name}
    named = ", ".join(f"{key}={spell(value)}" for key, value in rest.items())
    return named or "mean and spread"


def _places(values: Any) -> Array:
    """Numbers where all values are different numbers, or one layer's; else 0, 1, ..."""
    flat = [v[0] if isinstance(v, list) and len(v) == 1 else v for v in values]
    flat = [0 if v == [] else v for v in flat]
    if all(isinstance(v, int | float) and math.isfinite(v) for v in flat):
        return np.array(flat, dtype=np.float64)
    return np.arange(len(flat), dtype=np.float64)


def _spread(figures: Array) -> float:
    known = figures[np.isfinite(figures)]
    return float(known.std(ddof=1)) if len(known) > 1 else 0.0
