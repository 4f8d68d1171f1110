"""Models side by side as a figure: every split, the mean, and the seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..comparison import Standings
from .display import INK, MUTED, Display, dress, label, line_style, panels


@dataclass(frozen=True, eq=False, repr=False)
class ModelsDisplay(Display):
    """Scores of several models on the same splits, beside the seconds to learn.

    Attributes:
        models: names, the best first.
        scores: of each, one a split.
        seconds: mean time of training, (models,).
        of: "accuracy" or "R²".
        answer: what the comparison says.
    """

    models: tuple[str, ...]
    scores: tuple[Array, ...]
    seconds: Array
    of: str
    answer: str

    @classmethod
    def from_comparison(cls, found: Standings) -> Self:
        """From a comparison that was run.

        Raises:
            InputError: no model has a score.
        """
        ranked = found.ranked
        if not ranked:
            raise InputError(
                "a figure of models needs a score of one at least; there is none. "
                "Give it more --time."
            )
        return cls(
            tuple(ranked),
            tuple(np.array(list(found.scores(model).values())) for model in ranked),
            np.array([found.mean(model, "fit_seconds") for model in ranked]),
            "accuracy" if found.classes else "R²",
            found.answer(),
        )

    def _size(self) -> tuple[float, float]:
        return 11.0, 2.0 + 0.5 * len(self.models)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        return (
            f"{self.of} of {len(self.models)} models, a point a split, and seconds to "
            f"learn. {self.answer}"
        )

    def _draw(self, ax: Any) -> list[Any]:
        left, right = panels(ax, 1, 2, width_ratios=(2, 1), wspace=0.05)
        scale = 100 if self.of == "accuracy" else 1
        places = np.arange(len(self.models))[::-1]
        colour = line_style(0)["color"]
        for place, scores in zip(places, self.scores, strict=True):
            left.plot(scale * scores, np.full(len(scores), place), "o", mfc="none",
                      mec=colour, ms=8)  # fmt: skip
            left.plot(scale * scores.mean(), place, "|", color=INK, ms=22, mew=2.5)
        left.set_yticks(places, [label(model) for model in self.models])
        axis = "right answers, %" if scale == 100 else "R²"
        dress(left, "Each split, and the mean", axis, "", grid="x")
        right.plot(self.seconds, places, "o", color=MUTED, ms=10)
        right.set(xscale="log", yticks=places, yticklabels=[])
        dress(right, "Learning", "seconds (log scale)", "", grid="both")
        for each in (left, right):
            each.set_ylim(-0.6, len(self.models) - 0.4)
        return [left, right]
