"""Four sets of two features, whose boundary can be drawn: moons, circles, spirals, XOR.

They are made, not loaded: the same numbers for ever on every machine. Whatever a
machine's sine may do in its last digit is rounded away: the coordinates are multiples
of 2^-12.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..._random import stream
from ..dataset import Dataset, Known
from ..splits import split

ROWS = 1_000
GRID = 1 << 12
NOISE = 0.1
"""Standard deviation, beside a radius of 1."""

Points = Callable[[float, int], tuple[float, float]]
"""Where the example lies that is a share along the curve of a class."""


def _moons(share: float, label: int) -> tuple[float, float]:
    angle = math.pi * share
    x, y = math.cos(angle), math.sin(angle)
    return (x, y) if label == 0 else (1.0 - x, 0.5 - y)


def _circles(share: float, label: int) -> tuple[float, float]:
    angle, radius = 2 * math.pi * share, 1.0 - 0.5 * label
    return radius * math.cos(angle), radius * math.sin(angle)


def _spirals(share: float, label: int) -> tuple[float, float]:
    turn, radius = math.pi * (3.5 * share + label), 0.1 + 1.9 * share
    return radius * math.sin(turn), radius * math.cos(turn)


def _make(name: str, points: Points, dtype: Any) -> Dataset:
    """Half of the examples of either class, with noise around a curve."""
    half = ROWS // 2
    shares = [(i + 0.5) / half for i in range(half)]
    clean = [points(share, label) for label in (0, 1) for share in shares]
    noise = stream(0, name).standard_normal((ROWS, 2))
    return _split(name, np.array(clean) + NOISE * noise, dtype)


def _xor(dtype: Any) -> Dataset:
    """Four corners of a square: the classes are those with equal and unequal signs."""
    random = stream(0, "xor")
    corners = np.array([(1, 1), (-1, -1), (1, -1), (-1, 1)]).repeat(ROWS // 4, axis=0)
    reach = random.random_sample((ROWS, 2)) + NOISE * random.standard_normal((ROWS, 2))
    return _split("xor", corners * reach, dtype)


def _split(name: str, x: np.ndarray, dtype: Any) -> Dataset:
    labels = np.arange(ROWS) * 2 // ROWS
    rounded = np.round(x * GRID) / GRID
    data = Dataset.from_arrays(rounded, labels, name=name, dtype=dtype)
    return split(replace(data, source=SOURCE), validation=0.1, test=0.2, seed=0)


SOURCE = "made by pellucid"

CURVES: dict[str, tuple[str, Points]] = {
    "moons": ("two half circles, one inside the other", _moons),
    "circles": ("a ring around a smaller one", _circles),
    "spirals": ("two spirals around each other", _spirals),
}
FIELDS = "four fields of a square, opposite ones alike"


def _known(name: str, what: str, make: Callable[[Any], Dataset]) -> Known:
    def loaded(data_dir: str | Path | None, dtype: Any) -> Dataset:
        """1,000 points with two features: 700 train, 100 validation, 200 test."""
        return make(dtype)

    return Known(name, f"two features: {what}", SOURCE, "CC0", ROWS, (2,), loaded)


PLANES = (
    *(
        _known(name, what, partial(_make, name, points))
        for name, (what, points) in CURVES.items()
    ),
    _known("xor", FIELDS, _xor),
)
"""The four of them."""
