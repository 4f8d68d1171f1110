"""What a network's answers rest on: inputs, single neurons, weights.

Everything here is asked of the page: one pass forward and back over many examples at
once, or one forward pass with a change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._arrays import Array, check_number, check_x
from ._errors import InputError
from .mathematics.backprop import feedforward
from .mathematics.network import Network

BATCH = 4_096
"""Examples that go through the network together."""

STEPS = 64
"""Points between baseline and example; the error of the midpoint rule is told."""


@dataclass(frozen=True)
class Attribution:
    """What each input adds to an output, against a baseline.

    Attributes:
        values: (m, n_0); a row's sum is what the output gained over the baseline.
        gain: output at the example less output at the baseline, (m,).
        error: largest |sum of a row - gain| over the largest |gain|.
    """

    values: Array
    gain: Array
    error: float


def integrated_gradients(
    network: Network,
    x: Array,
    outputs: Array,
    baseline: Array | None = None,
    steps: int = STEPS,
) -> Attribution:
    """How much of an output comes from each input, by integrated gradients.

    The gradient of the output is averaged on the straight line from the baseline to the
    example (midpoint rule) and multiplied by the way. The values of a row add up to the
    gain, but for the error of the rule, which is told.

    Args:
        network: the network.
        x: examples, (m, n_0).
        outputs: the output that is explained for each, (m,) of 0 ... n_L - 1.
        baseline: (n_0,); None: 0, the mean of standardised columns and black pixels.
        steps: points on the line, 1 or more.

    Raises:
        InputError: the shapes do not fit, or an activation has no slope.

    Source: Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks".
    """
    check_x(x, network.sizes[0])
    check_number("steps", steps, least=1, whole=True)
    outputs = np.asarray(outputs)
    n_out = network.sizes[-1]
    fits = outputs.shape == (len(x),) and outputs.dtype.kind in "iu"
    if not fits or not ((outputs >= 0) & (outputs < n_out)).all():
        raise InputError(
            f"outputs must be one whole number 0 to {n_out - 1} for each of {len(x):,} "
            f"examples; got {outputs.shape} of {outputs.dtype}."
        )
    start = np.zeros(network.sizes[0]) if baseline is None else np.asarray(baseline)
    if start.shape != (network.sizes[0],):
        raise InputError(f"baseline must be ({network.sizes[0]},); got {start.shape}.")
    way, values = np.asarray(x, float) - start, np.empty(x.shape)
    at_once = max(BATCH // steps, 1)
    share = ((np.arange(steps) + 0.5) / steps)[:, None, None]
    for first in range(0, len(x), at_once):
        rows = slice(first, first + at_once)
        points = (start + share * way[rows]).reshape(-1, network.sizes[0])
        slopes = slope_of(network, points, np.tile(outputs[rows], steps))
        values[rows] = way[rows] * slopes.reshape(steps, -1, x.shape[1]).mean(0)
    place = np.arange(len(x))
    gain = (
        network(np.asarray(x, float))[place, outputs] - network(start[None])[0, outputs]
    )
    most = float(np.abs(gain).max(initial=0.0)) or 1.0
    error = float(np.abs(values.sum(1) - gain).max(initial=0.0)) / most
    return Attribution(values, gain, error)


def slope_of(network: Network, x: Array, outputs: Array) -> Array:
    """∂a^L_j/∂x, (m, n_0), of one output j of each example, in one pass back."""
    z, a = feedforward(network, x)
    place, L = np.arange(len(x)), network.L
    wish = np.zeros_like(a[L])
    wish[place, outputs] = 1.0
    if network.sigma[L].elementwise:
        delta = wish * network.sigma[L].prime(z[L])
    else:  # softmax: ∂a_j/∂z_k = a_j (δ_jk - a_k)
        delta = a[L][place, outputs][:, None] * (wish - a[L])
    for l in range(L - 1, 0, -1):
        delta = (delta @ network.w[l + 1]) * network.sigma[l].prime(z[l])
    return delta @ network.w[1]


def silenced(network: Network, x: Array, labels: Array) -> list[Array]:
    """The accuracy with each neuron silenced, one after the other.

    A silent hidden neuron's activation is 0; a silent output is never the answer. The
    way up to its layer is gone once for all neurons, and only what follows is changed.

    Args:
        network: a classifier.
        x: examples, (m, n_0).
        labels: their classes, (m,).

    Returns:
        For each layer 1 ... L the accuracies, (n_l,); [0] is the accuracy with none
        silenced, a number.
    """
    check_x(x, network.sizes[0])
    z, a = feedforward(network, x)
    found: list[Array] = [float((a[-1].argmax(1) == labels).mean())]
    for l in range(1, network.L):
        shares = np.empty(network.sizes[l])
        for j in range(network.sizes[l]):
            without = z[l + 1] - np.outer(a[l][:, j], network.w[l + 1][:, j])
            shares[j] = (_onwards(network, without, l + 1).argmax(1) == labels).mean()
        found.append(shares)
    outputs = np.empty(network.sizes[-1])
    for j in range(network.sizes[-1]):
        others = a[-1].copy()
        others[:, j] = -np.inf
        outputs[j] = (others.argmax(1) == labels).mean()
    return [*found, outputs]


def _onwards(network: Network, z: Array, l: int) -> Array:
    """a^L from the pre-activations z of layer l."""
    a = network.sigma[l](z)
    for k in range(l + 1, network.L + 1):
        a = network.sigma[k](a @ network.w[k].T + network.b[k])
    return a


def pruned(network: Network, share: float) -> Network:
    """A copy whose smallest weights, a share of all of them by size, are 0.

    Biases stay.

    Args:
        network: the network; it is not changed.
        share: 0 ... 1 of all weights.

    Raises:
        InputError: the share is none.
    """
    check_number("share", share, least=0, most=1)
    twin = network.copy()
    sizes = np.concatenate([np.abs(w).ravel() for w in twin.w[1:]])
    count = round(share * len(sizes))
    gone = np.zeros(len(sizes), bool)
    gone[np.argsort(sizes, kind="stable")[:count]] = True
    start = 0
    for w in twin.w[1:]:
        w[gone[start : start + w.size].reshape(w.shape)] = 0
        start += w.size
    return twin
