"""What more brings: scores against the amount of data, and against width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..comparison import LearningCurve, WidthCurve
from .display import Display, dress, label, line_style, panels


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurveDisplay(Display):
    """Scores of several models against the rows that they learned from.

    Attributes:
        models: names, the networks first.
        amounts: training rows, (amounts,).
        means: of the scores, (models, amounts); NaN where there is none.
        spreads: their standard deviations over the splits, likewise.
        of: "accuracy" or "R²".
        answer: what the curve says.
    """

    models: tuple[str, ...]
    amounts: Array
    means: Array
    spreads: Array
    of: str
    answer: str
    size = (9.0, 5.5)

    @classmethod
    def from_curve(cls, found: LearningCurve) -> Self:
        """From a learning curve that was run.

        Raises:
            InputError: there are scores of fewer than two amounts.
        """
        if len(found.amounts) < 2:
            raise InputError(
                "a learning curve needs scores of two amounts at least; got "
                f"{len(found.amounts)}. Ask for smaller amounts."
            )
        means = np.array([found.mean(model) for model in found.models])
        spreads = np.array([found.spread(model) for model in found.models])
        known = np.isfinite(means).any(axis=1)
        return cls(
            tuple(np.array(found.models)[known].tolist()),
            np.array(found.amounts),
            means[known],
            np.nan_to_num(spreads[known]),
            "accuracy" if found.classes else "R²",
            found.answer(),
        )

    @property
    def alt(self) -> str:
        """What the figure shows."""
        return (
            f"{self.of} of {len(self.models)} models against the training rows, "
            f"{self.amounts[0]:,} to {self.amounts[-1]:,}. {self.answer}"
        )

    def _draw(self, ax: Any) -> list[Any]:
        scale = 100 if self.of == "accuracy" else 1
        for number, model in enumerate(self.models):
            style = {**line_style(number), "lw": 3.0 if number == 0 else 1.6}
            ax.errorbar(self.amounts, scale * self.means[number],
                        scale * self.spreads[number], label=label(model, 40),
                        capsize=4, ms=6, **style)  # fmt: skip
        ax.set_xscale("log")
        ax.set_xticks(self.amounts, [f"{amount:,}" for amount in self.amounts])
        ax.tick_params(axis="x", rotation=45 if len(self.amounts) > 6 else 0)
        ax.minorticks_off()
        if scale == 1:  # with few rows R² may be far below 0
            ax.set_ylim(bottom=max(-0.2, np.nanmin(self.means - self.spreads) - 0.05))
        axis = "right answers of the test part, %" if scale == 100 else "R² (test part)"
        title = "More data: mean and spread over the splits"
        dress(ax, title, "training rows (log scale)", axis)
        ax.legend(fontsize=12, loc="lower right")
        return [ax]


@dataclass(frozen=True, eq=False, repr=False)
class WidthCurveDisplay(Display):
    """Training and test scores against the width of one hidden layer; and the seconds.

    Attributes:
        widths: neurons, (widths,).
        train: mean and spread of the training part's scores, (2, widths).
        test: the same of the test part's.
        seconds: mean time of training, (widths,).
        parameters: weights and biases, (widths,).
        of: "accuracy" or "R²".
        answer: what the curve says.
    """

    widths: Array
    train: Array
    test: Array
    seconds: Array
    parameters: Array
    of: str
    answer: str
    size = (11.0, 5.0)

    @classmethod
    def from_curve(cls, found: WidthCurve) -> Self:
        """From a width curve that was run.

        Raises:
            InputError: fewer than two widths have scores.
        """
        known = found.known
        if len(known) < 2:
            raise InputError(
                "a width curve needs scores of two widths at least; got "
                f"{len(known)}. Give it more --widths."
            )
        parts = [
            np.array([
                [found.mean(width, part) for width in known],
                [found.spread(width, part) for width in known],
            ])
            for part in ("train", "test")
        ]  # fmt: skip
        return cls(
            np.array(known),
            np.nan_to_num(parts[0]),
            np.nan_to_num(parts[1]),
            np.array([found.mean(width, "seconds") for width in known]),
            np.array([found.mean(width, "parameters") for width in known]),
            "accuracy" if found.classes else "R²",
            found.answer(),
        )

    @property
    def alt(self) -> str:
        """What the figure shows."""
        return (
            f"Training and test {self.of} against the width of the hidden layer, "
            f"{self.widths[0]:,} to {self.widths[-1]:,} neurons, and seconds of "
            f"training. {self.answer}"
        )

    def _draw(self, ax: Any) -> list[Any]:
        left, right = panels(ax, 1, 2, width_ratios=(2, 1), wspace=0.12)
        scale = 100 if self.of == "accuracy" else 1
        for number, (name, part) in enumerate(
            (("training part", self.train), ("test part", self.test))
        ):
            left.errorbar(self.widths, scale * part[0], scale * part[1], capsize=4,
                          label=name, ms=6, **line_style(number))  # fmt: skip
        axis = "right answers, %" if scale == 100 else "R²"
        dress(left, "What it remembers, what it knows", "neurons (log scale)", axis)
        left.legend(fontsize=12, loc="lower right")
        right.plot(self.widths, self.seconds, ms=6, **line_style(2))
        _log_seconds(right)
        dress(right, "Learning", "neurons (log scale)", "seconds (log scale)")
        for each in (left, right):
            each.set_xscale("log")
            each.set_xticks(*_powers(self.widths))
            each.minorticks_off()
        return [left, right]


def _log_seconds(ax: Any) -> None:
    """A logarithmic axis that has ticks within a decade too."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _powers(widths: Array) -> tuple[list[int], list[str]]:
    """Powers of ten among the widths, as ticks; else the widths' ends."""
    low, high = int(widths.min()), int(widths.max())
    ticks = [10**k for k in range(7) if low <= 10**k <= high]
    ticks = ticks if len(ticks) > 1 else [low, high]
    return ticks, [f"{tick:,}" for tick in ticks]
