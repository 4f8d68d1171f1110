"""One combination of values, and what came of it on the folds so far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..recipes import Settings
from ..sweeps.grid import spell

STATES = ("running", "complete", "pruned", "diverged", "dear", "stopped")
"""What a trial can be; dear: too much so for the time that there is; stopped: by the
end of the time, or by the user."""


@dataclass
class Trial:
    """Settings that are tried.

    Attributes:
        number: 0 for the default, which is tried beside the others.
        values: of what is tuned; of the default none.
        settings: all of them.
        scores: accuracy or R² on each fold so far.
        steps: what it was judged by at each rung and fold.
        seconds: of training, of all its networks.
        state: one of STATES.
    """

    number: int
    values: Mapping[str, Any]
    settings: Settings
    scores: list[float] = field(default_factory=list)
    steps: dict[int, float] = field(default_factory=dict)
    seconds: float = 0.0
    state: str = "running"

    @property
    def label(self) -> str:
        """Such as `alpha=0.001 width=64`."""
        words = [f"{name}={spell(value)}" for name, value in self.values.items()]
        return " ".join(words) or "default"

    @property
    def mean(self) -> float:
        """Of the scores; NaN where there is none."""
        return float(np.mean(self.scores)) if self.scores else math.nan

    @property
    def spread(self) -> float:
        """Standard deviation over the folds; NaN for fewer than two."""
        if len(self.scores) < 2:
            return math.nan
        return float(np.std(self.scores, ddof=1))

    def gain(self, default: Trial) -> float:
        """How much better it is than the default on the folds that both know."""
        common = min(len(self.scores), len(default.scores))
        if not common:
            return math.nan
        return float(
            np.mean(np.subtract(self.scores[:common], default.scores[:common]))
        )

    def __post_init__(self) -> None:
        self.values = dict(self.values)
