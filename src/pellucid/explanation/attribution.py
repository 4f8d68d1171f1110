"""Integrated gradients: what each input adds to an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .._arrays import Array, check_number, check_x
from .._errors import InputError
from .._random import stream
from ..data import Dataset
from ..mathematics.activations import Activation
from ..mathematics.backprop import backprop, feedforward
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from .columns import Group, columns_of, dense, picture_of, sampled

BATCH, NUMBERS = 4_096, 1 << 22
"""Points that go through the network together, at first, and numbers in all of them."""

PIECES = (4, 4_096)
"""Of a leg, at first; of all the ways of one example, at most."""

COMPLETE = 0.008
"""Share of the gain that the values may miss, and share of the values that the errors
of all pieces may add up to, whatever their signs."""

CANCELLED = 0.01
"""Share of the values that stands for a gain which is smaller."""

ROUNDED = 1e-9
"""Share of an output below which a gain is rounding."""

WAYS = 16
"""Ways over which the values of a table are averaged."""

AVERAGED = 10_000
"""Training examples that the average one is the mean of."""


@dataclass(frozen=True)
class Attribution:
    """What each input adds to an output, against a baseline.

    Attributes:
        values: (m, n_0); a row's sum is what the output gained over the baseline.
        gain: output at the example less output at the baseline, (m,).
        missed: |sum of a row - gain| over the gain, (m,); of a gain that is next to
            nothing because values cancel, over a hundredth of these.
        outputs: number of the output that is explained, (m,).
        baseline: (n_0,).
        pieces: that the ways of each were cut into, all together, (m,).
    """

    values: Array
    gain: Array
    missed: Array
    outputs: Array
    baseline: Array
    pieces: Array

    @property
    def error(self) -> float:
        """The completeness error: the largest of what is missed."""
        return float(self.missed.max(initial=0.0))


class Answer(Cost):
    """One output of each example in the place of a cost: BP1 begins with its slope.

    Its target y is 1 at the output that is asked for and 0 elsewhere.
    """

    name = "answer"

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        """∂a_j/∂z^L, (m, n_L); of a softmax a_j (δ_jk - a_k)."""
        if sigma.elementwise:
            return y * sigma.prime(z)
        return (y * a).sum(1)[:, None] * (y - a)


def slope_of(network: Network, x: Array, outputs: Array) -> tuple[Array, Array]:
    """∂a^L_j/∂x, (m, n_0), of one output j of each example, and a^L, (m, n_L)."""
    z, a = feedforward(network, x)
    wish = np.zeros_like(a[-1])
    wish[np.arange(len(x)), outputs] = 1.0
    delta = backprop(network, Answer(), z, a, wish)
    return delta[1] @ network.w[1], a[-1]


def attribute(network: Network, data: Dataset, x: Array, outputs: Array) -> Attribution:
    """Integrated gradients with the baseline and the ways that suit the data.

    Columns of a table start from the average training example, and the values are the
    mean over WAYS ways; pixels start from black and go straight.

    Args:
        network: trained on the data.
        data: all parts; where there are none, the average is that of all examples.
        x: examples, (m, n_0).
        outputs: the output that is explained for each, (m,).
    """
    if picture_of(data) is not None:
        return integrated_gradients(network, x, outputs)
    known = data.train if data.counts.get("train") else data
    average = dense(sampled(known, AVERAGED).x).mean(axis=0, dtype=np.float64)
    groups = columns_of(data)
    ways = WAYS if len(groups) > 1 else 1
    return integrated_gradients(network, x, outputs, average, groups, ways)


def integrated_gradients(
    network: Network,
    x: Array,
    outputs: Array,
    baseline: Array | None = None,
    groups: Sequence[Group] | None = None,
    ways: int = 1,
) -> Attribution:
    """How much of an output comes from each input, by integrated gradients.

    The gradient of the output is averaged on a way from the baseline to the example
    and multiplied by what each input changes. The way is cut into pieces, on each of
    which the gradient is that of its middle; what the output really gained there is
    known, so those that are farthest off are halved until the errors of all together
    are small. What they still miss is told.

    One way is the straight line, on which all inputs change in step; what two do
    together is then shared out by where they happen to be on the line. On several ways
    one half of the columns, drawn by lot, goes before the other, and on the next way
    after it: the mean comes nearer to Shapley values, which go through all orders.

    Args:
        network: the network.
        x: examples, (m, n_0).
        outputs: the output that is explained for each, (m,) of 0 ... n_L - 1.
        baseline: (n_0,); None: 0, the mean of standardised columns and black pixels.
        groups: inputs that change together; None: each alone.
        ways: 1: the straight one; or an even number of them, by halves.

    Raises:
        InputError: the shapes do not fit, or an activation has no slope.

    Source: Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks",
    (1), and section 4 on other paths and Shapley values.
    """
    x = _checked(network, x, outputs)
    start = np.zeros(x.shape[1]) if baseline is None else np.asarray(baseline, float)
    if start.shape != (x.shape[1],):
        raise InputError(f"baseline must be ({x.shape[1]},); got {start.shape}.")
    legs, outputs = _legs(x.shape[1], groups, ways), np.asarray(outputs)
    place = np.arange(len(x))
    begin, end = network(start[None])[0, outputs], network(x)[place, outputs]
    gain = end - begin
    least = ROUNDED * np.maximum(np.abs(begin), np.abs(end))
    values, pieces = np.zeros(x.shape), np.zeros(len(x), np.int64)
    each = len(legs) * PIECES[0]
    at_once = max(min(BATCH, NUMBERS // x.shape[1]) // each, 1)
    for first in range(0, len(x), at_once):
        rows = slice(first, first + at_once)
        line = _Line(network, start, x[rows] - start, outputs[rows], legs)
        values[rows], pieces[rows] = line.values(gain[rows], least[rows], ways)
    off = np.abs(values.sum(axis=1) - gain)
    size = _size(gain, values, least)
    missed = np.divide(off, size, out=np.zeros(len(off)), where=size > 0)
    return Attribution(values, gain, missed, outputs, start, pieces)


def _size(gain: Array, values: Array, least: Array) -> Array:
    """What errors are compared with, (m,)."""
    size = np.maximum(np.abs(gain), CANCELLED * np.abs(values).sum(axis=1))
    return np.maximum(size, least)


def _checked(network: Network, x: Array, outputs: Array) -> Array:
    """The examples in float64.

    Raises:
        InputError: they or the outputs do not fit.
    """
    check_x(x, network.sizes[0])
    n_out, outputs = network.sizes[-1], np.asarray(outputs)
    fits = outputs.shape == (len(x),) and outputs.dtype.kind in "iu"
    if not fits or not ((outputs >= 0) & (outputs < n_out)).all():
        raise InputError(
            f"outputs must be one whole number 0 to {n_out - 1} for each of {len(x):,} "
            f"examples; got {outputs.shape} of {outputs.dtype}."
        )
    return np.asarray(dense(x), np.float64)


Leg = tuple[Array, Array]
"""Which inputs are at the example already, and which go there now, (n_0,) booleans."""


def _legs(n_0: int, groups: Sequence[Group] | None, ways: int) -> list[Leg]:
    """The legs of all ways.

    Raises:
        InputError: `ways` is neither 1 nor even.
    """
    check_number("ways", ways, least=1, whole=True)
    none, every = np.zeros(n_0, bool), np.ones(n_0, bool)
    if ways == 1:
        return [(none, every)]
    if ways % 2:
        raise InputError(f"ways must be 1 or an even number; got {ways}.")
    members = [g.inputs for g in groups] if groups else list(np.arange(n_0)[:, None])
    random, legs = stream(0, "ways"), []
    for _ in range(ways // 2):
        half = none.copy()
        for number in random.permutation(len(members))[: len(members) // 2]:
            half[members[number]] = True
        legs += [(none, half), (half, ~half), (none, ~half), (~half, half)]
    return legs


@dataclass(frozen=True)
class _Pieces:
    """Pieces of legs.

    Attributes:
        row: which example, (k,).
        leg: which leg, (k,).
        low: where it begins, 0 ... 1 of the leg, (k,).
        high: where it ends.
        ends: the output at both, (k, 2).
        middle: the output in between, (k,).
        adds: what each input adds on it, by the slope in its middle, (k, n_0).
    """

    row: Array
    leg: Array
    low: Array
    high: Array
    ends: Array
    middle: Array
    adds: Array

    @property
    def off(self) -> Array:
        """By how much they miss what the output gained, (k,)."""
        return np.asarray(self.adds.sum(axis=1) - self.ends[:, 1] + self.ends[:, 0])

    def some(self, which: Array) -> _Pieces:
        """Some of them."""
        return _Pieces(*(getattr(self, f.name)[which] for f in fields(self)))

    def joined(self, other: _Pieces) -> _Pieces:
        """These and others."""
        return _Pieces(
            *(
                np.concatenate([getattr(one, f.name) for one in (self, other)])
                for f in fields(self)
            )
        )


@dataclass(frozen=True)
class _Line:
    """Ways from the baseline to some examples, leg by leg."""

    network: Network
    start: Array
    way: Array
    outputs: Array
    legs: list[Leg]

    def points(self, row: Array, leg: Array, share: Array) -> tuple[Array, Array]:
        """Points on legs, and what changes along them, (k, n_0) each."""
        there, goes = (np.array(each) for each in zip(*self.legs, strict=True))
        moved = self.way[row] * goes[leg]
        return self.start + self.way[row] * there[leg] + share[:, None] * moved, moved

    def value(self, row: Array, leg: Array, share: Array) -> Array:
        """The outputs there, (k,)."""
        a = self.network(self.points(row, leg, share)[0])
        return np.asarray(a[np.arange(len(row)), self.outputs[row]])

    def cut(self, row: Array, leg: Array, low: Array, high: Array, ends: Array) -> Any:
        """Pieces, with what each input adds on them."""
        points, moved = self.points(row, leg, (low + high) / 2)
        slope, a = slope_of(self.network, points, self.outputs[row])
        middle = a[np.arange(len(row)), self.outputs[row]]
        adds = moved * slope * (high - low)[:, None]
        return _Pieces(row, leg, low, high, ends, middle, adds)

    def begun(self) -> _Pieces:
        """The first pieces."""
        count = PIECES[0]
        shape = (len(self.way), len(self.legs), count + 1)
        row, leg, cell = np.indices(shape).reshape(3, -1)
        value = self.value(row, leg, cell / count).reshape(shape)
        ends = np.stack([value[..., :-1], value[..., 1:]], axis=-1).reshape(-1, 2)
        row, leg, cell = np.indices((*shape[:2], count)).reshape(3, -1)
        return self.cut(row, leg, cell / count, (cell + 1) / count, ends)  # type: ignore[no-any-return]

    def halved(self, pieces: _Pieces) -> _Pieces:
        """Each in two."""
        low, high, ends = pieces.low, pieces.high, pieces.ends
        half, value = (low + high) / 2, pieces.middle
        return self.cut(  # type: ignore[no-any-return]
            np.tile(pieces.row, 2),
            np.tile(pieces.leg, 2),
            np.concatenate([low, half]),
            np.concatenate([half, high]),
            np.concatenate([np.c_[ends[:, 0], value], np.c_[value, ends[:, 1]]]),
        )

    def values(self, gain: Array, least: Array, ways: int) -> tuple[Array, Array]:
        """What each input adds, the mean over the ways, (m, n_0); pieces, (m,)."""
        pieces, m = self.begun(), len(self.way)
        while True:
            values = np.zeros(self.way.shape)
            np.add.at(values, pieces.row, pieces.adds / ways)
            off, worst = pieces.off, np.zeros(m)
            missed = np.abs(np.bincount(pieces.row, off, m)) / ways
            off = np.abs(off)
            np.maximum.at(worst, pieces.row, off)
            shifted = np.bincount(pieces.row, off, m) / ways
            given = np.maximum(np.abs(values).sum(axis=1), least)
            left = (missed > COMPLETE * _size(gain, values, least)) | (
                shifted > COMPLETE * given
            )
            count = np.bincount(pieces.row, minlength=m)
            left &= count < PIECES[1]
            split = left[pieces.row] & (off >= worst[pieces.row] / 4)
            if not split.any():
                return values, count
            pieces = pieces.some(~split).joined(self.halved(pieces.some(split)))
