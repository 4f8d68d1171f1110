"""ROC and precision-recall of each class against the rest.

The numbers are scikit-learn's; here they are only drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..data import Dataset
from ..mathematics.network import Network
from .answers import answers_of, checked
from .display import MUTED, Display, dress, label, line_style

MOST_LINES = 12  # classes up to which each has a line of its own in a legend
CORNER = 0.1  # side of the corner that is enlarged where all curves end up


@dataclass(frozen=True, eq=False, repr=False)
class RocDisplay(Display):
    """The ROC curve of each class against all the others, with its area.

    Attributes:
        false_positive: per class, false alarms as a share of the other examples.
        true_positive: per class, hits as a share of its own.
        auc: (classes,), area under each curve; NaN for a class without examples,
            or with nothing but its own.
        classes: their names.
    """

    false_positive: tuple[Array, ...]
    true_positive: tuple[Array, ...]
    auc: Array
    classes: tuple[str, ...]
    size = (9.0, 6.0)

    @classmethod
    def from_predictions(
        cls, labels: Any, outputs: Any, classes: Sequence[str] | None = None
    ) -> Self:
        """From numbers of classes, (m,), and outputs, (m, classes)."""
        from sklearn.metrics import auc, roc_curve

        labels, a, names = checked(labels, outputs, classes)
        nothing = np.array([np.nan])
        curves = []
        for j in range(len(names)):
            own = labels == j
            curve = (nothing, nothing)
            if 0 < own.sum() < len(own):
                curve = roc_curve(own, a[:, j])[:2]
            curves.append(curve)
        area = np.array([auc(x, y) if len(x) > 1 else np.nan for x, y in curves])
        if not np.isfinite(area).any():
            raise InputError(
                "a ROC curve needs a class with examples of its own and others; no "
                "class has both. Take a larger part of the data."
            )
        x, y = zip(*curves, strict=True)
        return cls(x, y, area, names)

    @classmethod
    def from_network(cls, network: Network, data: Dataset) -> Self:
        """The network on one part of the data."""
        return cls.from_predictions(*answers_of(network, data))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        return _areas("ROC curves, each class against the rest: area under the curve",
                      self.auc, self.classes)  # fmt: skip

    def _draw(self, ax: Any) -> list[Any]:
        ax.plot([0, 1], [0, 1], color=MUTED, lw=1.2, ls=":", label="guessing: 0.5")
        if np.nanmin(self.auc) > 1 - CORNER:
            _enlarged(self._curves, ax, (0.34, 0.12, 0.62, 0.66), "upper left corner",
                      (-0.002, CORNER), (1 - CORNER, 1.002))  # fmt: skip
        self._curves(ax)
        dress(ax, "ROC: each class against the rest", "false positive rate",
              "true positive rate")  # fmt: skip
        ax.set(xlim=(-0.01, 1.0), ylim=(0.0, 1.01))
        _legend(ax, "area (AUC)")
        return [ax]

    def _curves(self, ax: Any) -> None:
        for j in _shown(self.auc):
            x, y = self.false_positive[j], self.true_positive[j]
            name = f"{label(self.classes[j])}: {self.auc[j]:.4f}"
            every = max(len(x) // 8, 1)
            ax.plot(x, y, label=name, markevery=every, lw=2, ms=6, **line_style(j))


@dataclass(frozen=True, eq=False, repr=False)
class PrecisionRecallDisplay(Display):
    """Precision against recall of each class, with its average precision.

    Attributes:
        recall: per class, hits as a share of its own examples.
        precision: per class, hits as a share of the answers that name it.
        average_precision: (classes,); NaN for a class without examples.
        prevalence: (classes,), share of its examples: what guessing reaches.
        classes: their names.
    """

    recall: tuple[Array, ...]
    precision: tuple[Array, ...]
    average_precision: Array
    prevalence: Array
    classes: tuple[str, ...]
    size = (9.0, 6.0)

    @classmethod
    def from_predictions(
        cls, labels: Any, outputs: Any, classes: Sequence[str] | None = None
    ) -> Self:
        """From numbers of classes, (m,), and outputs, (m, classes)."""
        from sklearn.metrics import average_precision_score, precision_recall_curve

        labels, a, names = checked(labels, outputs, classes)
        nothing = np.array([np.nan])
        recall, precision, area = [], [], []
        for j in range(len(names)):
            own = labels == j
            p, r, average = nothing, nothing, np.nan
            if own.any():
                p, r, _ = precision_recall_curve(own, a[:, j])
                average = float(average_precision_score(own, a[:, j]))
            recall.append(r)
            precision.append(p)
            area.append(average)
        share = np.bincount(labels, minlength=len(names)) / max(len(labels), 1)
        return cls(tuple(recall), tuple(precision), np.array(area), share, names)

    @classmethod
    def from_network(cls, network: Network, data: Dataset) -> Self:
        """The network on one part of the data."""
        return cls.from_predictions(*answers_of(network, data))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        return _areas("Precision-recall curves, each class against the rest: average "
                      "precision", self.average_precision, self.classes)  # fmt: skip

    def _draw(self, ax: Any) -> list[Any]:
        if np.nanmin(self.average_precision) > 1 - CORNER:
            side = 2 * CORNER
            _enlarged(self._curves, ax, (0.1, 0.16, 0.6, 0.62), "upper right corner",
                      (1 - side, 1.004), (1 - side, 1.004))  # fmt: skip
        self._curves(ax)
        least = float(np.nanmin(self.prevalence))
        note = f"guessing: from {least:.2f}"
        ax.axhline(least, color=MUTED, lw=1.2, ls=":", label=note)
        dress(ax, "Precision against recall, each class", "recall", "precision")
        ax.set(xlim=(0.0, 1.01), ylim=(0.0, 1.02))
        _legend(ax, "average precision")
        return [ax]

    def _curves(self, ax: Any) -> None:
        for j in _shown(self.average_precision):
            x, y = self.recall[j], self.precision[j]
            name = f"{label(self.classes[j])}: {self.average_precision[j]:.4f}"
            every = max(len(x) // 8, 1)
            ax.plot(x, y, label=name, markevery=every, lw=2, ms=6, **line_style(j))


def _shown(areas: Array) -> list[int]:
    """Classes that get a line: all, or the worst where there are very many."""
    known = [int(j) for j in np.argsort(areas) if np.isfinite(areas[j])]
    return sorted(known[:MOST_LINES])


Pair = tuple[float, float]


def _enlarged(
    curves: Any, ax: Any, place: tuple[float, ...], title: str, xlim: Pair, ylim: Pair
) -> None:
    """The corner where all curves of a good network lie, once more and larger."""
    inner = ax.inset_axes(place)
    curves(inner)
    dress(inner, title)
    inner.set(xlim=xlim, ylim=ylim)
    ax.indicate_inset_zoom(inner, edgecolor=MUTED)


def _legend(ax: Any, title: str) -> None:
    ax.legend(title=title, title_fontsize=12, fontsize=12, loc="center left",
              bbox_to_anchor=(1.0, 0.5), handlelength=2.6)  # fmt: skip


def _areas(start: str, areas: Array, classes: tuple[str, ...]) -> str:
    worst, best = int(np.nanargmin(areas)), int(np.nanargmax(areas))
    text = (
        f"{start} from {areas[worst]:.4f} ({classes[worst]}) to {areas[best]:.4f} "
        f"({classes[best]}), mean {np.nanmean(areas):.4f}"
    )
    hidden = int(np.isfinite(areas).sum()) - MOST_LINES
    return f"{text}." + (f" The {MOST_LINES} worst are drawn." if hidden > 0 else "")
