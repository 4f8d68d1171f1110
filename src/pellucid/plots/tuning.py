"""A tuning as a figure: what each value of each setting gained over the default."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..sweeps.grid import spell
from ..tuning import Tuning
from .display import MUTED, Display, dress, label, line_style, mark_best, panels, tiles

SPREAD = 4.0
"""Times the best gain, or the middle half of what was tried, that are shown below the
default; what lost more stands at the lower edge."""


@dataclass(frozen=True, eq=False, repr=False)
class TuningDisplay(Display):
    """Gain over the default on the same folds, a panel for each setting tuned.

    Attributes:
        names: of what was tuned.
        values: of each, all that could be tried, as they are typed.
        places: of each trial the number of its value, (trials, names).
        gains: of each trial, (trials,).
        whole: whether it was scored on all folds, (trials,).
        best: the trial that was checked; None where there is none.
        of: "accuracy" or "R²".
        answer: what the tuning says.
    """

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    places: Array
    gains: Array
    whole: Array
    best: int | None
    of: str
    answer: str

    @classmethod
    def from_tuning(cls, found: Tuning) -> Self:
        """From a tuning that was run.

        Raises:
            InputError: no trial has a score.
        """
        default = found.trials[0]
        known = [t for t in found.trials[1:] if math.isfinite(t.gain(default))]
        if not known:
            raise InputError(
                "a figure of a tuning needs one trial that was scored; there is none. "
                "Give it more --time."
            )
        return cls(
            tuple(found.over),
            tuple(tuple(map(spell, values)) for values in found.over.values()),
            np.array([[found.over[n].index(t.values[n]) for n in found.over]
                      for t in known]),
            np.array([t.gain(default) for t in known]),
            np.array([len(t.scores) == found.folds for t in known]),
            next((k for k, t in enumerate(known) if t is found.best), None),
            "accuracy" if found.classes else "R²",
            found.answer(),
        )  # fmt: skip

    def _size(self) -> tuple[float, float]:
        rows, columns = tiles(len(self.names))
        return 1.5 + 4.2 * columns, 0.8 + 3.8 * rows

    @property
    def alt(self) -> str:
        """What the figure shows."""
        return (
            f"Gain of {self.of} over the default, a point a trial, against "
            f"{', '.join(self.names)}. {self.answer}"
        )

    def _draw(self, ax: Any) -> list[Any]:
        rows, columns = tiles(len(self.names))
        drawn = panels(ax, rows, columns)
        for each in drawn[len(self.names) :]:
            each.set_axis_off()
        drawn = drawn[: len(self.names)]
        scale = 100 if self.of == "accuracy" else 1
        low = scale * self._least()
        gains = np.maximum(scale * self.gains, low)
        for number, (each, name) in enumerate(zip(drawn, self.names, strict=True)):
            x = self.places[:, number]
            each.axhline(0, color=MUTED, lw=1.5, ls="--", label="the default")
            for whole, marker in ((False, "v"), (True, "o")):
                chosen = self.whole == whole
                each.plot(x[chosen], gains[chosen], ls="none", marker=marker, ms=8,
                          mfc="none", mew=1.5,
                          mec=MUTED if not whole else line_style(0)["color"],
                          label="on all folds" if whole else "given up")  # fmt: skip
            if self.best is not None:
                mark_best(each, x[self.best], gains[self.best], "best, then checked")
            ticks = range(len(self.values[number]))
            each.set_xticks(ticks, [label(v, 8) for v in self.values[number]])
            each.set_xlim(-0.5, len(ticks) - 0.5)
            unit = "points" if scale == 100 else "R²"
            y = f"gain, {unit}" if number % columns == 0 else ""
            dress(each, label(name), "", y, grid="y")
            room = 0.08 * (gains.max() - low or 1)
            each.set_ylim(low - room, max(gains.max(), 0) + room)
        drawn[0].legend(loc="best", fontsize=10)
        return list(drawn)

    def _least(self) -> float:
        """The loss below which all stand at the edge."""
        middle = np.subtract(*np.percentile(self.gains, [75, 25]))
        edge = -SPREAD * max(float(self.gains.max()), float(middle) / 2, 1e-3)
        return min(max(float(self.gains.min()), edge), 0.0)
