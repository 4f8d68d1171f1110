"""Single neurons: what is lost without one, and which examples excite it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import Array, check_x
from .._errors import InputError
from ..data import Dataset
from ..mathematics.activations import Silenced
from ..mathematics.backprop import feedforward
from ..mathematics.network import Network
from .columns import Score, dense, score_of

STRONGEST = 12
"""Examples that are remembered of a neuron."""

ROWS = 2_048
"""Examples whose activations are changed together: they stay in the cache."""


@dataclass(frozen=True)
class Neurons:
    """Every neuron of a network, on certain examples.

    Attributes:
        score: with all of them.
        measure: what the score is called.
        without: score with each one silenced, [1 ... L] of (n_l,); [0] is None.
        strongest: rows of the examples with its largest activations, [1 ... L] of
            (n_l, k), largest first; [0] is None.
        activation: its activations on them, likewise.
        mean: its mean activation, [1 ... L] of (n_l,); [0] is None.
        count: examples.
    """

    score: float
    measure: str
    without: list[Any]
    strongest: list[Any]
    activation: list[Any]
    mean: list[Any]
    count: int

    @property
    def ranked(self) -> list[tuple[int, int]]:
        """(layer, unit) of the hidden neurons, those that are needed most first."""
        hidden = [
            (float(score), l, j)
            for l, layer in enumerate(self.without[1:-1], start=1)
            for j, score in enumerate(layer)
        ]
        return [(l, j) for _, l, j in sorted(hidden)]


def neurons(network: Network, data: Dataset) -> Neurons:
    """All neurons at once, from one forward pass.

    Args:
        network: the network.
        data: one part of the data.

    Raises:
        InputError: the examples do not fit, or one is too few for R².
    """
    x, score = inputs_of(network, data), score_of(data)
    z, a = feedforward(network, x)
    count = min(STRONGEST, len(x))
    rows: list[Any] = [None]
    values: list[Any] = [None]
    for layer in a[1:]:
        order = np.argsort(-layer, axis=0, kind="stable")[:count]
        rows.append(order.T)
        values.append(np.take_along_axis(layer, order, axis=0).T)
    return Neurons(
        score.of(a[-1]),
        score.name,
        each_silenced(network, z, a, score, data.classes is not None),
        rows,
        values,
        [None, *(layer.mean(axis=0) for layer in a[1:])],
        len(x),
    )


def silenced(network: Network, data: Dataset) -> list[Any]:
    """The score with each neuron silenced, one after the other.

    A silent hidden neuron's activation is 0. A silent output is never the answer where
    there are classes, else it is 0.

    Args:
        network: the network.
        data: one part of the data.

    Returns:
        [None, (n_1,), ... (n_L,)].
    """
    z, a = feedforward(network, inputs_of(network, data))
    return each_silenced(network, z, a, score_of(data), data.classes is not None)


def without(network: Network, neurons: Iterable[tuple[int, int]]) -> Network:
    """The network with some of its hidden neurons silenced at once.

    Their activation is 0 whatever the network is shown, in `trace`, `evaluate` and
    wherever it answers. Its weights are the same; it can't be trained.

    Args:
        network: the network; it is not changed.
        neurons: (layer, neuron) of each; layers count from 1, neurons from 0.

    Raises:
        InputError: one is no hidden neuron.
    """
    silent = [np.zeros(size, bool) for size in network.sizes]
    for l, j in neurons:
        if not (1 <= l < network.L and 0 <= j < network.sizes[l]):
            sizes = "-".join(map(str, network.sizes))
            raise InputError(
                f"a silenced neuron must be a hidden one of the network {sizes}; got "
                f"layer {l}, neuron {j}: layers count from 1, neurons from 0. An "
                "output's activation is the answer itself."
            )
        silent[l][j] = True
    twin = network.copy()
    twin.sigma = [
        Silenced(sigma, mask) if mask.any() else sigma
        for sigma, mask in zip(network.sigma, silent, strict=True)
    ]
    return twin


def inputs_of(network: Network, data: Dataset) -> Array:
    """The examples in the network's own precision, (m, n_0)."""
    check_x(data.x, network.sizes[0])
    return dense(data.x).astype(network.dtype, copy=False)


def each_silenced(
    network: Network, z: list[Any], a: list[Any], score: Score, classes: bool = True
) -> list[Any]:
    """`silenced`, of a forward pass that was made already.

    The way up to a neuron's layer is gone once; only what follows is changed.
    z^(l+1) loses w_·j a_j, a matrix of rank one, and goes on from there.
    """
    found: list[Any] = [None]
    for l in range(1, network.L):
        shares = np.empty(network.sizes[l])
        out = np.empty_like(a[-1])
        for j in range(network.sizes[l]):
            for first in range(0, len(out), ROWS):
                rows = slice(first, first + ROWS)
                gone = a[l][rows, j, None] * network.w[l + 1][:, j]
                out[rows] = onwards(network, z[l + 1][rows] - gone, l + 1)
            shares[j] = score.of(out)
        found.append(shares)
    outputs = np.empty(network.sizes[-1])
    for j in range(network.sizes[-1]):
        others = a[-1].copy()
        others[:, j] = -np.inf if classes else 0.0
        outputs[j] = score.of(others)
    return [*found, outputs]


def onwards(network: Network, z: Array, l: int) -> Array:
    """a^L from the pre-activations z of layer l."""
    a = network.sigma[l](z)
    for k in range(l + 1, network.L + 1):
        a = network.sigma[k](a @ network.w[k].T + network.b[k])
    return a
