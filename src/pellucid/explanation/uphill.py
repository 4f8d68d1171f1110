"""The input that would excite a neuron most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from .._arrays import Array, check_number
from ..data import Dataset
from ..mathematics.activations import Activation
from ..mathematics.backprop import backprop, feedforward
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from .columns import Group, columns_of, drawn, sampled
from .neurons import inputs_of

STARTS = 12
"""Examples from which it goes uphill, those that excite the neuron most."""

KNOWN = 20_000
"""Examples that give the range."""

CLIMBS = 100
"""Steps uphill."""

ROUNDS = 3
"""Times that the levels of categories are chosen anew."""


@dataclass(frozen=True)
class Ideal:
    """The input that excites a neuron most, within the range of the data.

    Attributes:
        x: that input, (n_0,).
        activation: of the neuron there.
        strongest: its largest activation on an example.
        row: number of that example.
        low: smallest value of each input in the data, (n_0,).
        high: largest.
        order: numbers of the columns, those first without whose value, that of the
            strongest example in its place, the neuron loses most.
    """

    x: Array
    activation: float
    strongest: float
    row: int
    low: Array
    high: Array
    order: Array


def ideal(network: Network, data: Dataset, layer: int = 1, unit: int = 0) -> Ideal:
    """What would excite a neuron most, found by going uphill from several examples.

    Each input stays between its smallest and largest value in the data, and a category
    is always one of its levels: the input is one that a row could hold, though none may
    be like it. It is a local maximum; of a first layer the largest there is.

    Args:
        network: the network.
        data: what it has learned from, or a part of it; of more than KNOWN examples
            some, drawn by lot.
        layer: of the neuron, 1 ... L.
        unit: its number in the layer, from 0.

    Raises:
        InputError: there is no such neuron, or an activation has no slope.

    Source: Erhan et al. 2009, "Visualizing higher-layer features of a deep network".
    """
    check_number("layer", layer, least=1, most=network.L, whole=True)
    most = network.sizes[layer] - 1
    check_number("unit", unit, least=0, most=most, whole=True)
    known = drawn(len(data), KNOWN)
    x = inputs_of(network, sampled(data, KNOWN))
    hill = _Hill(network, layer, unit)
    heights = hill.height(x)
    order = np.argsort(-heights, kind="stable")
    low, high = (np.asarray(end(axis=0), np.float64) for end in (x.min, x.max))
    middle = x.mean(axis=0, dtype=np.float64)
    begin = np.concatenate([x[order[:STARTS]], middle[None]])
    groups = columns_of(data)
    free, choices = _freedom(groups, x)
    reached = _chosen(hill, begin, choices)  # the mean of levels is none
    for _ in range(ROUNDS if choices else 1):  # another choice, other slopes
        reached = _climbed(hill, reached, np.where(free, low, np.nan), high)
        reached = _chosen(hill, reached, choices)
    best = reached[int(hill.height(reached).argmax())]
    both = np.stack([best, x[order[0]]])
    own = feedforward(network, both)[1][layer][:, unit]
    back = np.repeat(best[None], len(groups), axis=0)
    for line, group in zip(back, groups, strict=True):
        line[group.inputs] = both[1][group.inputs]
    matters = np.argsort(hill.height(back), kind="stable")
    row = int(known[order[0]])
    return Ideal(best, float(own[0]), float(own[1]), row, low, high, matters)


@dataclass(frozen=True)
class _Hill:
    """The pre-activation of a neuron over the inputs; of a softmax the log of a_j."""

    network: Network
    layer: int
    unit: int

    @property
    def cut(self) -> Any:
        """The network up to the neuron's layer, as far as the page asks for it."""
        network, l = self.network, self.layer
        ends = {key: getattr(network, key)[: l + 1] for key in ("w", "b", "sigma")}
        return SimpleNamespace(**ends, L=l)

    def height(self, x: Array) -> Array:
        """(m,)."""
        z = feedforward(self.cut, x)[0][-1]
        own = np.asarray(z[:, self.unit], np.float64)
        if self.network.sigma[self.layer].elementwise:
            return own
        most = z.max(axis=1)
        return own - most - np.log(np.exp(z - most[:, None]).sum(axis=1))

    def slope(self, x: Array) -> Array:
        """(m, n_0)."""
        z, a = feedforward(self.cut, x)
        wish = np.zeros_like(z[-1])
        wish[:, self.unit] = 1.0
        delta = backprop(self.cut, _Uphill(), z, a, wish)
        return np.asarray(delta[1] @ self.network.w[1])


class _Uphill(Cost):
    """What is made large, in the place of a cost: its slope to z^l, (m, n_l)."""

    name = "uphill"

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        return y if sigma.elementwise else y - a


Choice = tuple[Array, Array]
"""What some inputs may be together, (options, k), and the numbers of these, (k,)."""


def _freedom(groups: Sequence[Group], x: Array) -> tuple[Array, list[Choice]]:
    """Which inputs go freely, (n_0,), and what the others may be.

    Nothing is missing but in categories, where that is a level.
    """
    free, choices = np.ones(x.shape[1], bool), []
    for group in groups:
        kind: Any = group.kind
        if kind is None:
            continue
        inputs = group.inputs
        if kind.kind == "category":
            levels = np.flatnonzero(x[:, inputs].max(axis=0) > 0)
            options = np.eye(len(inputs))[levels]
        elif kind.kind == "boolean":
            options = np.zeros((2, len(inputs)))
            options[1, 0] = 1
        elif kind.missing:
            inputs, options = inputs[-1:], np.zeros((1, 1))
        else:
            continue
        free[inputs] = False
        if len(options):
            choices.append((options, inputs))
    return free, choices


def _climbed(hill: _Hill, x: Array, low: Array, high: Array) -> Array:
    """Uphill within low ... high, towards the corner that the slope points to.

    Args:
        hill: to be climbed.
        x: where it begins, (k, n_0).
        low: smallest values, (n_0,); NaN: the input stays.
        high: largest.

    Source: Frank and Wolfe 1956, "An algorithm for quadratic programming".
    """
    x, height = x.copy(), hill.height(x)
    share = np.ones(len(x))
    stays = np.isnan(low)
    for _ in range(CLIMBS):
        corner = np.where(hill.slope(x) > 0, high, low)
        way = np.where(stays, 0.0, corner - x)
        tried = x + share[:, None] * way
        reached = hill.height(tried)
        better = reached > height
        x[better], height[better] = tried[better], reached[better]
        share = np.where(better, np.minimum(2 * share, 1.0), share / 2)
    return x


def _chosen(hill: _Hill, x: Array, choices: Sequence[Choice]) -> Array:
    """The best option of each choice, one choice after the other."""
    x = x.copy()
    for options, inputs in choices:
        tried = np.repeat(x[:, None], len(options), axis=1)
        tried[:, :, inputs] = options
        heights = hill.height(tried.reshape(-1, x.shape[1]))
        best = heights.reshape(len(x), -1).argmax(axis=1)
        x[:, inputs] = options[best]
    return x
