"""A network without one of its neurons."""

from __future__ import annotations

import numpy as np

from ..._arrays import Array
from ...mathematics.backprop import feedforward
from ...mathematics.network import Network


def silenced(network: Network, x: Array, labels: Array) -> list[Array]:
    """The accuracy with each neuron silenced, one after the other.

    A silent hidden neuron's activation is 0; a silent output is never the answer.

    Args:
        network: a classifier.
        x: examples, (m, n_0).
        labels: their classes, (m,).

    Returns:
        For each layer 1 ... L the accuracies, (n_l,); [0] is the accuracy with none
        silenced, a number.
    """
    z, a = feedforward(network, x)
    found: list[Array] = [float((a[-1].argmax(1) == labels).mean())]
    for l in range(1, network.L):
        shares = np.empty(network.sizes[l])
        for j in range(network.sizes[l]):
            without = z[l + 1] - np.outer(a[l][:, j], network.w[l + 1][:, j])
            shares[j] = (onwards(network, without, l + 1).argmax(1) == labels).mean()
        found.append(shares)
    outputs = np.empty(network.sizes[-1])
    for j in range(network.sizes[-1]):
        others = a[-1].copy()
        others[:, j] = -np.inf
        outputs[j] = (others.argmax(1) == labels).mean()
    return [*found, outputs]


def onwards(network: Network, z: Array, l: int) -> Array:
    """a^L from the pre-activations z of layer l."""
    a = network.sigma[l](z)
    for k in range(l + 1, network.L + 1):
        a = network.sigma[k](a @ network.w[k].T + network.b[k])
    return a
