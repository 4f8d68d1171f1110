"""What a curve of costs says about the learning rate."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .._errors import InputError

FEWEST = 4  # points, below which a curve has no shape

RISING = 0.3  # of the way down: a curve that also went up by so much jumps about
STILL_FALLING = 0.6  # of the first half's fall in the second half: hardly bent


def label_curve(costs: Sequence[float]) -> str:
    """The learning rate behind a curve of costs: "too low", "good" or "too high".

    Too high: it stops being finite, ends above where it began, or goes up by a good
    part of what it goes down. Too low: in the second half it still falls almost as
    fast as in the first, or it does not fall. Otherwise it fell and bent: good.

    Args:
        costs: one number an epoch (or each so many mini-batches), in order; at least
            four, of equal kind: all of the training part, or all of another.

    Raises:
        InputError: too few costs.

    Source: the lectures' "choose α from the plot of cost against time".
    """
    if len(costs) < FEWEST:
        raise InputError(
            f"a curve must have at least {FEWEST} costs to have a shape; got "
            f"{len(costs)}. Train for more epochs."
        )
    if not all(math.isfinite(cost) for cost in costs):
        return "too high"
    steps = np.diff(np.asarray(costs, float))
    up, down = float(steps[steps > 0].sum()), float(-steps[steps < 0].sum())
    size = float(np.abs(costs).max()) or 1.0
    if max(up, down) > 0.02 * size and up > RISING * down:
        return "too high"
    half = len(steps) // 2
    first, second = -float(steps[:half].sum()), -float(steps[-half:].sum())
    if first <= 0.01 * size or second > STILL_FALLING * first:
        return "too low"
    return "good"
