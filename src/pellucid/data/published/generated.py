"""Points of a plane in two classes: what a straight line parts, and what it can't.

They are drawn from uniform numbers by + - × ÷ and √ alone, whose results are the same
on every machine; so are the points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..._random import stream
from ..dataset import Dataset, Known
from ..splits import split

ROWS = 600
NOISE = 0.12
"""Half the greatest distance from a curve, along each axis."""

GAP = 0.05
"""No point of `line` and `xor` is nearer than this to where the class changes."""

TURN = (0.9997806834748455, 0.020942419883356957)
"""cos and sin of 2 π / 300, from one point of a spiral to the next."""

Points = tuple[np.ndarray, np.ndarray]
"""(m, 2) and the class of each, (m,)."""


def _square(random: np.random.RandomState) -> np.ndarray:
    """Points in [-1, 1]², more than enough, (k, 2)."""
    found: np.ndarray = random.uniform(-1.0, 1.0, (4 * ROWS, 2))
    return found


def _circle(random: np.random.RandomState) -> np.ndarray:
    """Points on the unit circle, every direction as likely, (ROWS, 2)."""
    v = _square(random)
    square = (v * v).sum(axis=1)
    inside = (square <= 1.0) & (square > 0.01)  # of a disc all directions are alike
    found: np.ndarray = v[inside] / np.sqrt(square[inside])[:, None]
    return found[:ROWS]


def _blurred(x: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """The points moved a little; sums of three numbers are thick in the middle."""
    moves: np.ndarray = random.uniform(-1.0, 1.0, (3, *x.shape)).sum(axis=0) / 3.0
    return x + NOISE * moves


def _line(random: np.random.RandomState) -> Points:
    x = _square(random)
    side = x[:, 0] + 2.0 * x[:, 1] - 0.2
    clear = np.abs(side) > 2.0 * GAP
    return x[clear][:ROWS], (side[clear] > 0)[:ROWS]


def _xor(random: np.random.RandomState) -> Points:
    x = _square(random)
    x = x[(np.abs(x) > GAP).all(axis=1)][:ROWS]
    return x, x[:, 0] * x[:, 1] < 0


def _circles(random: np.random.RandomState) -> Points:
    inner = np.arange(ROWS) % 2 == 0
    x = _circle(random) * np.where(inner, 0.4, 0.85)[:, None]
    return _blurred(x, random), inner


def _moons(random: np.random.RandomState) -> Points:
    lower = np.arange(ROWS) % 2 == 0
    x = 0.6 * _circle(random)
    x[:, 1] = np.where(lower, -np.abs(x[:, 1]) + 0.15, np.abs(x[:, 1]) - 0.15)
    x[:, 0] += np.where(lower, 0.3, -0.3)
    return _blurred(x, random), lower


def _spirals(random: np.random.RandomState) -> Points:
    """Two arms of one turn; a point is a fixed turn and a fixed way from the last."""
    arm = np.empty((ROWS // 2, 2))
    u, v = 1.0, 0.0
    for k in range(len(arm)):
        radius = 0.05 + 0.9 * k / len(arm)
        arm[k] = radius * u, radius * v
        u, v = TURN[0] * u - TURN[1] * v, TURN[1] * u + TURN[0] * v
    x = np.stack([arm, -arm], axis=1).reshape(ROWS, 2)
    return _blurred(x, random), np.arange(ROWS) % 2 == 0


def _load(
    name: str, draw: Callable[[np.random.RandomState], Points], _: Any, dtype: Any
) -> Dataset:
    x, labels = draw(stream(0, name))
    text = np.where(labels, "blue", "orange")
    data = Dataset.from_arrays(x, text, name=name, dtype=dtype)
    source = GENERATED[name].source
    return split(replace(data, source=source), validation=0.1, test=0.2, seed=0)


def _known(
    name: str, what: str, draw: Callable[[np.random.RandomState], Points]
) -> Known:
    load: Callable[[str | Path | None, Any], Dataset] = partial(_load, name, draw)
    return Known(
        name=name,
        what=f"points of a plane: {what}",
        source="drawn by pellucid",
        licence="none is needed",
        rows=ROWS,
        shape=(2,),
        load=load,
    )


GENERATED = {
    known.name: known
    for known in (
        _known("line", "a straight line parts the classes", _line),
        _known("moons", "two half circles, one inside the other's bend", _moons),
        _known("circles", "one ring around another", _circles),
        _known("spirals", "two arms around each other", _spirals),
        _known("xor", "opposite quarters are of one class", _xor),
    )
}
