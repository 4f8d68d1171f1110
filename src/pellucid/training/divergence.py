"""Where a network stopped being finite, found by replay on the page."""

from __future__ import annotations

import numpy as np

from .._arrays import Array
from .._errors import DivergedError
from ..mathematics.backprop import feedforward
from ..mathematics.network import Network


def diverged(network: Network, x: Array, epoch: int, mini_batch: int) -> DivergedError:
    """The error that names the first layer which is not finite.

    Args:
        network: as it was before the update that failed.
        x: inputs of that mini-batch, (m, n_0).
        epoch: from 1.
        mini_batch: from 1, in its epoch.
    """
    with np.errstate(all="ignore"):
        z, _ = feedforward(network, x)
    L, w, b = network.L, network.w, network.b
    bad = [l for l in range(1, L + 1) if not finite(w[l], b[l], z[l])]
    layer = bad[0] if bad else L
    where = "overflowed" if bad else "is still finite, its cost is not"
    message = (
        f"The cost stopped being finite in epoch {epoch}, mini-batch {mini_batch}: "
        f"layer {layer} of {L} {where}. The parameters of the last report are "
        "kept. Try a tenth of the learning rate, or clip=1."
    )
    return DivergedError(message, layer=layer, mini_batch=mini_batch, epoch=epoch)


def finite(*arrays: Array) -> bool:
    """Whether every number is."""
    return all(bool(np.isfinite(array).all()) for array in arrays)
