"""How far answers can be believed: reliability, refusing, sets and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ..data import Dataset
from ..evaluation import confidence
from ..evaluation.confidence import Confidence
from ..mathematics.network import Network
from .display import MUTED, Display, dress, label, line_style, panels, percent, short


@dataclass(frozen=True, eq=False, repr=False)
class ConfidenceDisplay(Display):
    """Whether it is as sure as it is right, what refusing gives, whether sets hold.

    Attributes:
        confidence: the numbers, from `confidence.confidence`.
    """

    confidence: Confidence

    @classmethod
    def from_network(
        cls, network: Network, data: Dataset, part: str = "validation"
    ) -> Self:
        """A trained network, measured on a part of the data."""
        return cls(confidence.confidence(network, data, part))

    def _size(self) -> tuple[float, float]:
        return (7.0, 5.5) if self.confidence.rejects is None else (13.3, 5.0)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        found = self.confidence
        held = ", ".join(
            f"{percent(share)}: {percent(float(row.mean()))}"
            for share, row in zip(
                found.calibration.coverages, found.covered, strict=True
            )
        )
        end = f"How often the truth was held, by what was asked: {held}."
        if found.before is None or found.after is None or found.rejects is None:
            return f"Intervals on {found.count:,} {found.part} examples. {end}"
        return (
            f"Confidence on {found.count:,} {found.part} examples: calibration error "
            f"(ECE) {found.before.ece:.4f} before and {found.after.ece:.4f} after "
            f"temperature {short(found.calibration.temperature)}; right "
            f"{percent(found.rejects.at(1.0)[0])} where all are answered, "
            f"{percent(found.rejects.at(0.8)[0])} where the surest 80% are. {end}"
        )

    def _draw(self, ax: Any) -> list[Any]:
        if self.confidence.rejects is None:
            self._coverage(ax)
            return [ax]
        parts = panels(ax, 1, 3, wspace=0.1)
        self._reliability(parts[0])
        self._rejects(parts[1])
        self._coverage(parts[2])
        return list(parts)

    def _reliability(self, ax: Any) -> None:
        found = self.confidence
        ax.plot([0, 1], [0, 1], color=MUTED, lw=1.5, ls=":", label="as sure as right")
        for number, (name, one) in enumerate(
            (("before", found.before), ("after", found.after))
        ):
            if one is None or (number and found.calibration.temperature == 1.0):
                continue
            there = one.count > 0
            told = f"{name}: ECE {short(one.ece)}"
            ax.plot(one.confidence[there], one.accuracy[there], label=told,
                    **line_style(number))  # fmt: skip
        ax.set(xlim=(0, 1.01), ylim=(0, 1.02))
        title = f"Temperature {short(found.calibration.temperature)}"
        dress(ax, title, "confidence", "share that is right")
        ax.legend(loc="upper left", fontsize=12)

    def _rejects(self, ax: Any) -> None:
        rejects = self.confidence.rejects
        if rejects is None:
            return
        ax.plot(100 * rejects.share, 100 * rejects.accuracy, lw=2,
                color=line_style(0)["color"])  # fmt: skip
        dress(ax, "Refusing the least sure", "answered, %", "of these right, %")

    def _coverage(self, ax: Any) -> None:
        found = self.confidence
        asked = 100 * np.array(found.calibration.coverages)
        ax.plot([0, 100], [0, 100], color=MUTED, lw=1.5, ls=":", label="as asked")
        kind = "sets" if found.rejects is not None else "intervals"
        for j, held in enumerate(100 * found.covered.T):
            name = label(found.names[j]) if found.names else kind
            ax.plot(asked, held, label=name, **line_style(j))
        low = min(asked.min(), 100 * found.covered.min()) - 5
        ax.set(xlim=(low, 101), ylim=(low, 101))
        dress(ax, f"Do {kind} hold the truth?", "asked, %", "held the truth, %")
        ax.legend(loc="upper left", fontsize=12)
