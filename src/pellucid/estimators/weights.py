"""The first draw of the weights, and `coefs_` and `intercepts_` as a Network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .._arrays import Array
from ..engines import Engine
from ..mathematics.initializers import Given
from ..mathematics.network import Network, Parameters

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


def layers_of(parameters: Parameters) -> tuple[Layers, Layers]:
    """`coefs_` and `intercepts_` of parameters, as arrays of their own."""
    coefs = [np.ascontiguousarray(w.T) for w in parameters.w[1:]]
    # A single row or column is contiguous both ways, and would still be a window.
    coefs = [w if w.base is None else w.copy() for w in coefs]
    return coefs, [b.copy() for b in parameters.b[1:]]


def weights_of(engine: Engine) -> dict[str, Any]:
    """`coefs_` and `intercepts_` as the engine has them now."""
    coefs, intercepts = layers_of(engine.snapshot().parameters)
    return {"coefs_": coefs, "intercepts_": intercepts}


def pack(parameters: Parameters) -> Array:
    """All numbers in the order of the other library: every `coefs_`, then the rest."""
    return np.concatenate([*(w.T.ravel() for w in parameters.w[1:]), *parameters.b[1:]])


def unpack(packed: Array, parameters: Parameters) -> None:
    """What `pack` gave, written back into parameters."""
    start = 0
    for w in parameters.w[1:]:
        n_out, n_in = w.shape
        w[:] = packed[start : start + w.size].reshape(n_in, n_out).T
        start += w.size
    for b in parameters.b[1:]:
        b[:] = packed[start : start + b.size]
        start += b.size
