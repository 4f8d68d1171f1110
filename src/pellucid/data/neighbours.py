"""How far an input lies from the training data, as those lie from each other.

A network answers anything it is asked, noise included, and often with confidence.
This says whether the question was like those it learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._arrays import Array, check_number, check_x, is_csr
from .._errors import InputError
from .._random import stream
from .dataset import Dataset

UNUSUAL = 99.0  # percentile from which an input is called unlike the training data
BLOCK = 4096  # examples whose distances are computed in one go


@dataclass(frozen=True)
class Unusual:
    """How far an input lies from the training data.

    Attributes:
        distance: Euclidean, to the nearest training example.
        row: that example's number.
        percentile: 0 ... 100, the share of training examples whose own nearest
            neighbour is nearer than that.
    """

    distance: float
    row: int
    percentile: float

    def __str__(self) -> str:
        """One line for people."""
        said = (
            f"{self.distance:.2f} from the nearest training example (row {self.row}); "
            f"{self.percentile:.0f}% of those lie nearer to each other"
        )
        if self.percentile < UNUSUAL:
            return said
        return said + ": unlike all it was trained on, so mistrust the answer"


def usual_distances(data: Dataset, sample: int = 500, seed: int = 0) -> Array:
    """Distances from some training examples to their nearest other one, sorted.

    Args:
        data: the training part.
        sample: how many examples are asked.
        seed: of their choice.
    """
    check_number("sample", sample, least=1, whole=True)
    count = min(sample, len(data))
    rows = np.sort(stream(seed, "neighbours").permutation(len(data))[:count])
    found, _ = _nearest(_dense(data.x[rows]), data, rows)
    return np.sort(found)


def how_unusual(x: Array, data: Dataset, usual: Array | None = None) -> Unusual:
    """How far one input lies from the training data.

    Args:
        x: one input, (1, n_0).
        data: the training part.
        usual: from `usual_distances(data)`, where it is asked often.

    Raises:
        InputError: x is not (1, n_0), or the data has a single example.
    """
    check_x(x, data.inputs)
    if len(x) != 1:
        raise InputError(f"x must be one example, (1, {data.inputs}); got {x.shape}.")
    if len(data) < 2:
        raise InputError("data must have two examples or more to lie apart; got 1.")
    usual = usual_distances(data) if usual is None else usual
    distance, row = _nearest(np.asarray(x), data, None)
    below = np.searchsorted(usual, distance[0], side="left")
    return Unusual(float(distance[0]), int(row[0]), 100.0 * float(below) / len(usual))


def _nearest(x: Array, data: Dataset, own: Array | None) -> tuple[Array, Array]:
    """Distance to and number of the nearest example; a row's own is left out."""
    best = np.full(len(x), np.inf)
    place = np.zeros(len(x), np.int64)
    x = x.astype(data.x.dtype)
    for start in range(0, len(data), BLOCK):
        part = _dense(data.x[start : start + BLOCK])
        # ‖a - b‖² without ‖a‖², which is the same for every b
        apart = (part**2).sum(1) - 2.0 * (x @ part.T)
        if own is not None:
            here = (own >= start) & (own < start + len(part))
            apart[here, own[here] - start] = np.inf
        nearest = apart.argmin(1)
        found = apart[np.arange(len(x)), nearest]
        better = found < best
        best[better], place[better] = found[better], start + nearest[better]
    # What was rounded above decides which is nearest; how near is counted exactly.
    gap = x.astype(np.float64) - _dense(data.x[place])
    return np.linalg.norm(gap, axis=1), place


def _dense(x: Array) -> Array:
    return np.asarray(x.toarray() if is_csr(x) else x)
