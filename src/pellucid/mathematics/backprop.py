"""The page: back-propagation as the lectures write it.

    z^l = w^l a^(l-1) + b^l,   a^l = σ(z^l)               the forward pass
    δ^L = ∂C/∂a^L ⊙ σ′(z^L)                               BP1
    δ^l = ((w^(l+1))^T δ^(l+1)) ⊙ σ′(z^l)                 BP2
    ∂C/∂b^l = δ^l                                         BP3
    ∂C/∂w^l = δ^l (a^(l-1))^T                             BP4

One departure from the book, told once: examples are rows, (m, n_l), so w a becomes
a wᵀ. w[l] keeps the book's shape, (n_l, n_(l-1)): w[l][j, k] goes to j from k.
Layer 0 is the input: a[0] = x, and there is no w[0], b[0], z[0].

Two things the book adds later stand here as factors that are 1 unless asked for:
`mask`, the dropout of each hidden layer, and `share`, the weight of each example.

There is no array library on this page: it runs as it stands on NumPy arrays and on
torch tensors, and everything fast is judged by it. Source: Nielsen, ch. 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._arrays import Array, check_x, check_y
from .costs import COSTS, Cost, mean
from .families import pick

if TYPE_CHECKING:
    from .network import Network, Parameters

Layers = list[Any]
"""One array a layer, counted 0 ... L."""


def feedforward(
    network: Network, x: Array, mask: Layers | None = None
) -> tuple[Layers, Layers]:
    """Pre-activations z[1..L] and activations a[0..L] of the examples x, (m, n_0)."""
    w, b, sigma, L = network.w, network.b, network.sigma, network.L
    mask = mask or [1.0] * (L + 1)
    z, a = [None], [x]
    for l in range(1, L + 1):
        z.append(a[l - 1] @ w[l].T + b[l])  #                                 (m, n_l)
        a.append(mask[l] * sigma[l](z[l]))  #                                 (m, n_l)
    return z, a


def backprop(
    network: Network,
    cost: Cost,
    z: Layers,
    a: Layers,
    y: Array,
    mask: Layers | None = None,
    share: Array = 1.0,
) -> Layers:
    """Errors δ[l] = ∂C_x/∂z^l, l = L ... 1, of the targets y, (m, n_L)."""
    w, sigma, L = network.w, network.sigma, network.L
    mask = mask or [1.0] * (L + 1)
    delta: Layers = [None] * (L + 1)
    delta[L] = share * cost.delta(z[L], a[L], y, sigma[L])  #            BP1  (m, n_L)
    for l in range(L - 1, 0, -1):
        error = delta[l + 1] @ w[l + 1]
        delta[l] = error * mask[l] * sigma[l].prime(z[l])  #             BP2  (m, n_l)
    return delta


def gradient(a: Layers, delta: Layers, nabla: Parameters) -> Parameters:
    """∇C, the mean over the examples of each one's gradient, written into nabla."""
    m = a[0].shape[0]
    for l in range(1, len(a)):
        nabla.b[l][:] = delta[l].sum(0) / m  #                           BP3  (n_l,)
        nabla.w[l][:] = delta[l].T @ a[l - 1] / m  #            BP4  (n_l, n_(l-1))
    return nabla


@dataclass(frozen=True)
class Trace:
    """Every number inside a network for chosen examples.

    Attributes:
        z: pre-activations z[1..L], each (m, n_l); z[0] is None.
        a: activations a[0..L], each (m, n_l); a[0] is the input.
        delta: errors δ[1..L] = ∂C_x/∂z^l, each (m, n_l).
        y: targets, (m, n_L).
        cost_of_example: C_x, (m,).
        cost: C, the mean of C_x.
        nabla: ∇C, the mean of the examples' gradients.
    """

    z: Layers
    a: Layers
    delta: Layers
    y: Array
    cost_of_example: Array
    cost: float
    nabla: Parameters

    def example(self, i: int) -> Parameters:
        """∇C_x of example i alone: what this one example wants changed."""
        a = [layer[i : i + 1] for layer in self.a]
        delta = [None, *(layer[i : i + 1] for layer in self.delta[1:])]
        return gradient(a, delta, self.nabla.zeros())


def trace(network: Network, cost: str | Cost, x: Array, y: Array) -> Trace:
    """What the three functions above return, for the examples x and targets y.

    Args:
        network: the network; it is not changed.
        cost: a cost that is defined with the network's output, or its name.
        x: inputs, (m, n_0).
        y: targets, (m, n_L).

    Raises:
        InputError: unknown cost, or x, y or the cost do not fit the network.
    """
    check_x(x, network.sizes[0])
    check_y(y, x.shape[0], network.sizes[-1])
    cost = cost if isinstance(cost, Cost) else pick("cost", cost, COSTS)
    cost.check(network.sigma[-1], y)
    z, a = feedforward(network, x)
    delta = backprop(network, cost, z, a, y)
    nabla = gradient(a, delta, network.parameters.zeros())
    cost_of_example = cost(z[-1], a[-1], y)
    return Trace(z, a, delta, y, cost_of_example, mean(cost_of_example), nabla)
