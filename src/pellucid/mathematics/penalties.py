"""Penalties: what large weights and large steps are charged.

The penalty is part of the cost and of its gradient; biases go free. l2 is the
coefficient of w in ∇C: Nielsen's λ/n, scikit-learn's alpha over the batch size.
"""

from __future__ import annotations

import numpy as np

from .._arrays import namespace
from .network import Network, Parameters

ALPHAS = 10.0 ** -np.arange(1, 7)
"""Penalties for a search to try: 0.1, 0.01, ... 1e-6."""


def penalty(network: Network, l1: float, l2: float) -> float:
    """½ l2 Σw² + l1 Σ|w|. Source: Nielsen, ch. 3, (87), (95)."""
    if l1 == l2 == 0.0:
        return 0.0
    squares = sum(float((w * w).sum()) for w in network.w[1:])
    absolutes = sum(float(abs(w).sum()) for w in network.w[1:])
    return 0.5 * l2 * squares + l1 * absolutes


def add_penalty(network: Network, nabla: Parameters, l1: float, l2: float) -> None:
    """∇C gains l2 w + l1 sign(w), in place; sign(0) is 0."""
    for w, nabla_w in zip(network.w[1:], nabla.w[1:], strict=True):
        if l2:
            nabla_w += l2 * w
        if l1:
            nabla_w += l1 * namespace(w).sign(w)


def clip_norm(nabla: Parameters, most: float) -> None:
    """∇C is shortened, in place, to the norm `most` if it is longer.

    Source: Pascanu, Mikolov and Bengio 2013.
    """
    norm = float((nabla.theta**2).sum()) ** 0.5
    if norm > most:
        nabla.theta *= most / norm
