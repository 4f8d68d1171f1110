"""The first draw of the weights, and `coefs_` and `intercepts_` as a Network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .._arrays import Array
from ..mathematics.initializers import Given
from ..mathematics.network import Network, packed_layers

Layers = list[np.ndarray]


def draw(
    sizes: Sequence[int], sigma: Sequence[str], random: Any, dtype: Any
) -> tuple[Layers, Layers]:
    """First weights, (n_(l-1), n_l), and biases, (n_l,), of each layer.

    Uniform within ±√(6/(n_(l-1) + n_l)), with 2 for 6 where the layer is sigmoid; the
    output's draw goes by the layer before it. Source: Glorot and Bengio 2010.

    Args:
        sizes: n_0 ... n_L.
        sigma: our names of the hidden activations.
        random: a RandomState; two draws a layer are taken, weights then biases.
        dtype: of what is handed back; the draw itself is in float64.
    """
    coefs, intercepts = [], []
    kinds = [*sigma, sigma[-1] if sigma else "identity"]
    for (n_in, n_out), kind in zip(pairwise(sizes), kinds, strict=True):
        bound = np.sqrt((2.0 if kind == "sigmoid" else 6.0) / (n_in + n_out))
        w = random.uniform(-bound, bound, (n_in, n_out))
        b = random.uniform(-bound, bound, n_out)
        coefs.append(w.astype(dtype, copy=False))
        intercepts.append(b.astype(dtype, copy=False))
    return coefs, intercepts


def network_of(
    coefs: Layers, intercepts: Layers, sigma: Sequence[str], output: Any, dtype: str
) -> Network:
    """A Network with these weights, which are copied."""
    coefs = [np.asarray(w) for w in coefs]
    sizes = [coefs[0].shape[0], *(w.shape[1] for w in coefs)]
    given = Given(tuple(w.T for w in coefs), tuple(np.asarray(b) for b in intercepts))
    return Network(sizes, sigma, output, initializer=given, dtype=dtype)


def layers_of(sizes: Sequence[int], packed: Array) -> dict[str, Layers]:
    """`coefs_` and `intercepts_` of packed numbers, as arrays of their own."""
    layers = list(packed_layers(sizes, packed))
    return {
        "coefs_": [w.copy() for w, _ in layers],
        "intercepts_": [b.copy() for _, b in layers],
    }
