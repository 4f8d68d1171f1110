"""Calibration: what turns outputs into probabilities, sets and intervals to rely on.

One temperature makes probabilities true on average. Split conformal prediction makes
sets and intervals that hold the truth as often as was asked, whatever the network is,
as long as new examples are drawn like those it is fitted to.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", 4.2; Vovk,
Gammerman and Shafer 2005, "Algorithmic Learning in a Random World", 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import Array, is_finite
from .._errors import InputError

TEMPERATURES = (0.05, 20.0)
"""What a temperature may be: a few examples, all right, would ask for 0."""

COVERAGES = (0.5, 0.8, 0.9, 0.95, 0.99)
"""How often sets and intervals shall hold the truth, where nothing else is asked."""

STEPS = 60  # halvings of the interval of temperatures: to the last bit


@dataclass(frozen=True)
class Calibration:
    """What was fitted to examples that the network has not learned from.

    Attributes:
        temperature: what logits are divided by; 1 where that did not help.
        count: examples it was fitted to.
        coverages: shares of the examples whose truth shall be held.
        thresholds: for each of these, (outputs,): half the width of an interval; of
            classes one number, the largest log-odds against a class that is in the
            set. Infinite where there were too few examples.
    """

    temperature: float
    count: int
    coverages: tuple[float, ...]
    thresholds: tuple[tuple[float, ...], ...]

    def probabilities(self, logits: Array) -> Array:
        """Calibrated probabilities, (m, classes), of logits of the same shape."""
        return softmax(logits / self.temperature)

    def sets(self, logits: Array, coverage: float = 0.9) -> Array:
        """Which classes can't be ruled out, (m, classes) booleans.

        A set is empty where no class is likely enough: of a network that is right more
        often than was asked for, those are the answers to doubt.
        """
        most = self.threshold(coverage)[0]
        return odds_against(logits / self.temperature) <= most

    def intervals(self, answers: Array, coverage: float = 0.9) -> tuple[Array, Array]:
        """Lower and upper ends, (m, outputs) each, around answers in their own unit."""
        half = np.array(self.threshold(coverage))
        return answers - half, answers + half

    def threshold(self, coverage: float) -> tuple[float, ...]:
        """What belongs to a coverage.

        Raises:
            InputError: it was not fitted for this one.
        """
        if coverage not in self.coverages:
            raise InputError(
                f"coverage must be one of {', '.join(map(str, self.coverages))}, which "
                f"the calibration was fitted for; got {coverage}."
            )
        return self.thresholds[self.coverages.index(coverage)]

    def to_json(self) -> dict[str, Any]:
        """For the model file; an infinite threshold is null."""
        return {
            "temperature": self.temperature,
            "count": self.count,
            "coverages": list(self.coverages),
            "thresholds": [
                [each if math.isfinite(each) else None for each in row]
                for row in self.thresholds
            ],
        }

    @classmethod
    def from_json(
        cls, value: Any, outputs: int, name: str = "confidence"
    ) -> Calibration:
        """Out of a model file.

        Args:
            value: what was read.
            outputs: numbers that a threshold must hold: 1 for classes.
            name: for the sentence.

        Raises:
            InputError: it is no calibration, or one for other outputs.
        """
        if not _is_sound(value, outputs):
            raise InputError(
                f"{name} must hold a temperature, a count, coverages and thresholds of "
                f"{outputs} output{'s' * (outputs > 1)} each; it holds something else."
            )
        rows = [[math.inf if t is None else t for t in r] for r in value["thresholds"]]
        return cls(
            float(value["temperature"]),
            value["count"],
            tuple(map(float, value["coverages"])),
            tuple(tuple(map(float, row)) for row in rows),
        )


def _is_sound(value: Any, outputs: int) -> bool:
    """Whether a JSON value is a calibration."""
    keys = {"temperature", "count", "coverages", "thresholds"}
    if not isinstance(value, dict) or value.keys() != keys:
        return False
    low, high = TEMPERATURES
    temperature, shares = value["temperature"], value["coverages"]
    rows = value["thresholds"]
    return (
        _is_number(temperature)
        and low <= temperature <= high
        and type(value["count"]) is int
        and value["count"] > 0
        and isinstance(shares, list)
        and all(_is_number(share) and 0 < share < 1 for share in shares)
        and isinstance(rows, list)
        and len(rows) == len(shares)
        and all(isinstance(row, list) and len(row) == outputs for row in rows)
        and all(each is None or _is_number(each) for row in rows for each in row)
    )


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and is_finite(value)


def softmax(logits: Array) -> Array:
    """Probabilities of logits, (m, classes) in float64; each row sums to 1."""
    power = np.exp(logits - logits.max(axis=1, keepdims=True))
    return power / power.sum(axis=1, keepdims=True)


def log_loss(logits: Array, labels: Array) -> Array:
    """−ln p of each example's own class, (m,)."""
    top = logits.max(axis=1)
    total = np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return total + top - logits[np.arange(len(labels)), labels]


def odds_against(logits: Array) -> Array:
    """ln((1 − p)/p) of each class, (m, classes); it tells p = 1 − 1e-20 from 1."""
    found = np.empty_like(logits, dtype=np.float64)
    for j in range(logits.shape[1]):
        others = np.delete(logits, j, axis=1)
        top = others.max(axis=1, keepdims=True)
        total = np.log(np.exp(others - top).sum(axis=1)) + top[:, 0]
        found[:, j] = total - logits[:, j]
    return found


def best_temperature(logits: Array, labels: Array) -> float:
    """The temperature with the least log loss, within TEMPERATURES.

    The loss is convex in β = 1/T with the slope Σⱼ pⱼzⱼ − z_y, so halving finds it.

    Args:
        logits: (m, classes).
        labels: (m,), numbers of classes.
    """
    own = logits[np.arange(len(labels)), labels]
    low, high = (1.0 / t for t in reversed(TEMPERATURES))
    for _ in range(STEPS):
        beta = (low + high) / 2
        slope = ((softmax(beta * logits) * logits).sum(axis=1) - own).mean()
        low, high = (low, beta) if slope > 0 else (beta, high)
    return float(min(max(2.0 / (low + high), TEMPERATURES[0]), TEMPERATURES[1]))


def quantiles(
    scores: Array, coverages: Sequence[float]
) -> tuple[tuple[float, ...], ...]:
    """For each coverage the score that so many new examples stay below.

    It is the ⌈(m + 1) coverage⌉-th smallest: a new score is equally likely to fall
    between any two of the others, so the coverage holds for any m.

    Args:
        scores: (m, outputs), the larger the stranger.
        coverages: in (0, 1).

    Returns:
        For each coverage (outputs,); infinite where m is too small.
    """
    ordered, m = np.sort(scores, axis=0), len(scores)
    found = []
    for coverage in coverages:
        place = math.ceil(round((m + 1) * coverage, 9))
        row = ordered[place - 1] if place <= m else np.full(scores.shape[1], np.inf)
        found.append(tuple(map(float, row)))
    return tuple(found)
