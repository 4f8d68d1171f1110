"""What a network answers: the forward pass on NumPy, in place where it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import expit

from .._arrays import Array
from ..mathematics.activations import ACTIVATIONS, Activation
from ..mathematics.families import pick
from .words import hidden_activations

Rule = Callable[[Array], Array]


@lru_cache(maxsize=64)
def rule(name: str) -> Activation:
    """The activation of this name, with its numbers."""
    sigma: Activation = pick("activation", name, ACTIVATIONS)
    return sigma


@lru_cache(maxsize=64)
def hidden_rules(asked: str | tuple[str, ...], layers: int) -> tuple[Activation, ...]:
    """The hidden layers' activations, as `activation` asks for them."""
    return tuple(map(rule, hidden_activations(asked, layers)))


def outputs(layers: Iterable[tuple[Activation, Array, Array]], x: Array) -> Array:
    """Activations of the last of some layers, (m, n_L).

    Args:
        layers: of each its activation, `coefs_` and `intercepts_`.
        x: (m, n_0), dense or sparse.
    """
    a = x
    with np.errstate(all="ignore"):
        for sigma, w, b in layers:
            z = a @ w
            z += b
            a = IN_PLACE.get(sigma.name, sigma)(z)
    return a


def _relu(z: Array) -> Array:
    return np.maximum(z, 0, out=z)


def _tanh(z: Array) -> Array:
    return np.tanh(z, out=z)


def _sigmoid(z: Array) -> Array:
    return expit(z, out=z)


def _softmax(z: Array) -> Array:
    # For one row the methods `max` and `sum` take longer than what they call.
    np.subtract(z, np.maximum.reduce(z, axis=1, keepdims=True), out=z)
    np.exp(z, out=z)
    return np.divide(z, np.add.reduce(z, axis=1, keepdims=True), out=z)


IN_PLACE: dict[str, Any] = {
    "relu": _relu,
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softmax": _softmax,
}
"""Activations that overwrite z: new arrays for many rows cost more than the sums."""
