"""Integrated gradients: what each input adds to an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

BATCH = 4_096
"""Points that go through the network together."""

STEPS = (16, 2_048)
"""Points on a leg of a way, at first and at most: twice as many where values miss."""

COMPLETE = 0.008
"""Share of the gain that the values of an example may miss before that."""

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
        missed: |sum of a row - gain| over the gain, (m,); of a gain that is small
            because large values cancel, over a tenth of these.
        outputs: number of the output that is explained, (m,).
        baseline: (n_0,).
    """

    values: Array
    gain: Array
    missed: Array
    outputs: Array
    baseline: Array

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


def slope_of(network: Network, x: Array, outputs: Array) -> Array:
    """∂a^L_j/∂x, (m, n_0), of one output j of each example, in one pass back."""
    z, a = feedforward(network, x)
    wish = np.zeros_like(a[-1])
    wish[np.arange(len(x)), outputs] = 1.0
    delta = backprop(network, Answer(), z, a, wish)
    return np.asarray(delta[1] @ network.w[1])


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
    (midpoint rule) and multiplied by what each input changes. The values of an example
    add up to the gain but for the error of the rule, which is told; where it is too
    large, the points are doubled.

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
    legs = _legs(x.shape[1], groups, ways)
    place = np.arange(len(x))
    gain = network(x)[place, outputs] - network(start[None])[0, outputs]
    values, missed = np.zeros(x.shape), np.full(len(x), np.inf)
    left, steps = place, STEPS[0]
    while len(left) and steps <= STEPS[1]:
        found = _along(network, start, x[left], outputs[left], legs, steps) / ways
        off = np.abs(found.sum(axis=1) - gain[left])
        size = np.maximum(np.abs(gain[left]), 0.1 * np.abs(found).sum(axis=1))
        values[left] = found
        missed[left] = np.divide(off, size, out=np.zeros(len(off)), where=size > 0)
        left, steps = left[missed[left] > COMPLETE], 2 * steps
    return Attribution(values, gain, missed, np.asarray(outputs), start)


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


def _along(
    network: Network,
    start: Array,
    x: Array,
    outputs: Array,
    legs: list[Leg],
    steps: int,
) -> Array:
    """Σ over the legs of the mean gradient times what changes, (m, n_0)."""
    found, way = np.zeros(x.shape), x - start
    share = ((np.arange(steps) + 0.5) / steps)[:, None, None]
    at_once = max(BATCH // steps, 1)
    for there, goes in legs:
        for first in range(0, len(x), at_once):
            rows = slice(first, first + at_once)
            moved = way[rows] * goes
            points = start + way[rows] * there + share * moved
            points = points.reshape(-1, x.shape[1]).astype(network.dtype)
            slopes = slope_of(network, points, np.tile(outputs[rows], steps))
            found[rows] += moved * slopes.reshape(steps, -1, x.shape[1]).mean(axis=0)
    return found
