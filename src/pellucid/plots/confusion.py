"""Which class is taken for which, and whether confidence can be believed.

The numbers are scikit-learn's and `evaluation`'s; here they are only drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import evaluation
from .._arrays import Array
from ..data import Dataset
from ..mathematics.network import Network
from .answers import answers_of, as_columns, checked
from .display import (
    INK,
    MUTED,
    NEGATIVE,
    POSITIVE,
    Display,
    dress,
    label,
    panels,
    percent,
    short,
    times,
)

MOST_NUMBERS = 20  # classes up to which each cell of a confusion matrix has its number
MOST_NAMES = 40  # classes up to which each has its name at the edge


@dataclass(frozen=True, eq=False, repr=False)
class ConfusionDisplay(Display):
    """How often each class was taken for each other one.

    Right answers are blue and mistakes orange, each with a scale of its own: on one
    scale the mistakes of a good network could not be seen.

    Attributes:
        counts: (classes, classes), rows the true class.
        classes: their names.
    """

    counts: Array
    classes: tuple[str, ...]

    @classmethod
    def from_predictions(
        cls, labels: Any, outputs: Any, classes: Sequence[str] | None = None
    ) -> Self:
        """From numbers of classes, (m,), and outputs, (m, classes)."""
        from sklearn.metrics import confusion_matrix

        labels, a, names = checked(labels, outputs, classes)
        numbers = np.arange(len(names))
        return cls(confusion_matrix(labels, a.argmax(1), labels=numbers), names)

    @classmethod
    def from_network(cls, network: Network, data: Dataset) -> Self:
        """The network on one part of the data."""
        return cls.from_predictions(*answers_of(network, data))

    @property
    def mistakes(self) -> Array:
        """The counts without the right answers, (classes, classes)."""
        return self.counts * (1 - np.eye(len(self.counts), dtype=int))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        right, all_ = int(np.trace(self.counts)), int(self.counts.sum())
        share = percent(right / max(all_, 1))
        start = f"Confusion matrix: {right:,} of {all_:,} answers are right ({share})"
        wrong = self.mistakes
        if not wrong.any():
            return f"{start}; there is no mistake."
        i, j = np.unravel_index(int(wrong.argmax()), wrong.shape)
        return (
            f"{start}. The most frequent mistake: {self.classes[i]} taken for "
            f"{self.classes[j]}, {times(int(wrong[i, j]))}."
        )

    def _size(self) -> tuple[float, float]:
        side = float(np.clip(2.2 + 0.52 * len(self.classes), 4.8, 7.5))
        return side + 0.4, side

    def _draw(self, ax: Any) -> list[Any]:
        n = len(self.classes)
        share = self.counts / np.maximum(self.counts.sum(1, keepdims=True), 1)
        wrong = share * (1 - np.eye(n))
        ax.imshow(_cells(share, wrong), aspect="equal", interpolation="nearest")
        if n <= MOST_NUMBERS:
            self._write_counts(ax, share, wrong)
        worst = float(wrong.max(initial=0.0))
        title = f"{int(np.trace(self.counts)):,} of {int(self.counts.sum()):,} right"
        note = "blue: right; orange: wrong"
        if worst:
            note += f", darkest at {percent(worst)} of a class"
        dress(ax, title, f"answer\n({note})", "true class", grid="")
        step = -(-n // MOST_NAMES)
        names = [label(self.classes[i], 14) for i in range(0, n, step)]
        turn = 90 if max(map(len, names)) > 3 else 0
        ax.set_xticks(range(0, n, step), names, rotation=turn, fontsize=12)
        ax.set_yticks(range(0, n, step), names, fontsize=12)
        ax.spines[:].set_visible(False)
        return [ax]

    def _write_counts(self, ax: Any, share: Array, wrong: Array) -> None:
        most = float(wrong.max(initial=0.0)) or 1.0
        size = 12 if len(self.classes) <= 12 else 9
        for (i, j), count in np.ndenumerate(self.counts):
            if not count:
                continue
            dark = share[i, j] > 0.5 if i == j else wrong[i, j] > 0.6 * most
            ax.text(
                j, i, f"{count:,}", ha="center", va="center", fontsize=size,
                color="white" if dark else INK,
            )  # fmt: skip


def _cells(share: Array, wrong: Array) -> Array:
    """Colour of each cell, (n, n, 3): white to blue for right, to orange for wrong."""
    from matplotlib.colors import to_rgb

    blue, orange = np.array(to_rgb(POSITIVE)), np.array(to_rgb(NEGATIVE))
    most = float(wrong.max(initial=0.0)) or 1.0
    right = np.eye(len(share))[..., None] * (share[..., None] * (1 - blue))
    return np.clip(1.0 - right - (wrong / most)[..., None] * (1 - orange), 0, 1)


@dataclass(frozen=True, eq=False, repr=False)
class ReliabilityDisplay(Display):
    """Are the network's probabilities true? How often it is right when it is so sure.

    Attributes:
        reliability: the numbers, from `evaluation.reliability`.
    """

    reliability: evaluation.Reliability
    size = (7.0, 7.0)

    @classmethod
    def from_predictions(cls, labels: Any, outputs: Any, bins: int = 15) -> Self:
        """From numbers of classes, (m,), and probabilities, (m, classes)."""
        return cls(evaluation.reliability(as_columns(outputs), labels, bins))

    @classmethod
    def from_network(cls, network: Network, data: Dataset, bins: int = 15) -> Self:
        """The network on one part of the data."""
        labels, a, _ = answers_of(network, data)
        return cls.from_predictions(labels, a, bins)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        found = self.reliability
        accuracy, sure = found.overall_accuracy, found.overall_confidence
        gap = sure - accuracy
        kind = "too sure" if gap > 0 else "not sure enough"
        return (
            f"Reliability over {int(found.count.sum()):,} answers: mean confidence "
            f"{percent(sure)}, right {percent(accuracy)} of the time, so on average "
            f"{kind} by {percent(abs(gap))}; expected calibration error (ECE) "
            f"{found.ece:.4f}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        found = self.reliability
        top, below = panels(ax, 2, 1, height_ratios=(3, 1), hspace=0.05)
        there = found.count > 0
        top.plot([0, 1], [0, 1], color=MUTED, lw=1.5, ls=":", label="as sure as right")
        for x, y in zip(found.confidence[there], found.accuracy[there], strict=True):
            colour = NEGATIVE if x > y else POSITIVE
            top.plot([x, x], [x, y], color=colour, lw=4, alpha=0.45)
        top.plot(found.confidence[there], found.accuracy[there], "o-", color=INK,
                 label="right, per bin")  # fmt: skip
        top.plot([], [], color=NEGATIVE, lw=4, alpha=0.45, label="too sure")
        top.plot([], [], color=POSITIVE, lw=4, alpha=0.45, label="not sure enough")
        top.set(xlim=(0, 1.01), ylim=(0, 1.02))
        dress(top, f"Reliability: ECE {short(found.ece)}", "", "share that is right")
        top.legend(loc="upper left", fontsize=12)
        width = np.diff(found.edges)
        below.bar(found.edges[:-1], found.count, width=width, align="edge",
                  color=POSITIVE, edgecolor="white")  # fmt: skip
        below.set(xlim=(0, 1.01), yscale="log")
        dress(below, "", "confidence: the largest output", "answers", grid="y")
        return [top, below]
