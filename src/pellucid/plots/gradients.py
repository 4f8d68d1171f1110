"""Figures of gradients: their norms by layer, and descent along one parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..mathematics.backprop import trace
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from .display import (
    MUTED,
    NEGATIVE,
    POSITIVE,
    Display,
    dress,
    label,
    line_style,
    mark_best,
    short,
)


@dataclass(frozen=True, eq=False, repr=False)
class GradientNormsDisplay(Display):
    """How long the gradient is in each layer: what vanishes, what explodes.

    Attributes:
        weights: ‖∂C/∂w^l‖ of layer l = 1 ... L at each moment, (moments, L).
        biases: ‖∂C/∂b^l‖, the book's speed of learning, (moments, L).
        labels: what the moments are called, such as "start" and "end".
        count: examples that the gradient is the mean of.
    """

    weights: Array
    biases: Array
    labels: tuple[str, ...]
    count: int

    @classmethod
    def from_networks(
        cls, networks: Mapping[str, Network], cost: Cost, x: Array, y: Array
    ) -> Self:
        """The same examples through each network, all of the same layers.

        Args:
            networks: label to network, such as before and after training.
            cost: defined with their output.
            x: inputs, (m, n_0).
            y: targets, (m, n_L).

        Raises:
            InputError: no network, or the numbers of layers differ.
        """
        depths = {network.L for network in networks.values()}
        if len(depths) != 1:
            raise InputError(
                "networks must be one or more of the same number of layers; got "
                f"{[network.L for network in networks.values()]}. Compare one depth "
                "a figure."
            )
        w, b = [], []
        for network in networks.values():
            kind = network.dtype
            nabla = trace(network, cost, x.astype(kind), y.astype(kind)).nabla
            w.append([float(np.linalg.norm(v)) for v in nabla.w[1:]])
            b.append([float(np.linalg.norm(v)) for v in nabla.b[1:]])
        return cls(np.array(w), np.array(b), tuple(networks), len(x))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        parts = []
        for name, norms in zip(self.labels, self.weights, strict=True):
            first, last = norms[0], norms[-1]
            ratio = f"{short(last / first)} times as long" if first else "not 0"
            parts.append(
                f"{name}: {short(first)} in layer 1 and {short(last)} in layer "
                f"{len(norms)}" + (f" ({ratio})" if len(norms) > 1 else "")
            )
        return (
            f"Length of the cost's gradient by layer over {self.count:,} examples; "
            f"{'; '.join(parts)}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        layers = np.arange(1, self.weights.shape[1] + 1)
        for number, name in enumerate(self.labels):
            style = {**line_style(number), "ms": 10}
            lead = f"{label(name)}: " if name else ""
            ax.plot(layers, self.weights[number], label=f"{lead}weights", **style)
            style.update(mfc="white", mew=2.2, lw=1.5)
            ax.plot(layers, self.biases[number], label=f"{lead}biases", **style)
        shown = np.concatenate([self.weights.ravel(), self.biases.ravel()])
        if (shown > 0).any():
            ax.set_yscale("log")
        ax.set_xticks(layers)
        dress(ax, "Gradient by layer", "layer", "‖∂C/∂w‖ and ‖∂C/∂b‖ (log scale)")
        ax.legend(fontsize=12)
        return [ax]


@dataclass(frozen=True, eq=False, repr=False)
class DescentDisplay(Display):
    """Steps of gradient descent on a curve of one parameter.

    Attributes:
        grid: (k,) values of the parameter, ascending.
        cost: (k,) the cost there.
        path: (n,) the parameter after each step, the start first.
        path_cost: (n,).
        eta: the learning rate.
    """

    grid: Array
    cost: Array
    path: Array
    path_cost: Array
    eta: float

    @classmethod
    def from_function(
        cls, function: Any, slope: Any, start: float, eta: float, steps: int
    ) -> Self:
        """W → w − η C′(w), `steps` times.

        Args:
            function: w to C(w); takes an array.
            slope: w to C′(w).
            start: the first w.
            eta: learning rate.
            steps: how many.
        """
        path = [float(start)]
        for _ in range(steps):
            path.append(path[-1] - eta * float(slope(path[-1])))
        walked = np.array(path)
        reach = float(np.abs(walked).max()) * 1.15 or 1.0
        grid = np.linspace(-reach, reach, 401)
        return cls(grid, function(grid), walked, function(walked), eta)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        rises = int((np.diff(self.path_cost) > 0).sum())
        return (
            f"{len(self.path) - 1} steps of gradient descent with η {short(self.eta)}: "
            f"from {short(self.path[0])} (cost {short(self.path_cost[0])}) to "
            f"{short(self.path[-1])} (cost {short(self.path_cost[-1])}); the cost "
            f"rises in {rises} of them."
        )

    def _draw(self, ax: Any) -> list[Any]:
        ax.plot(self.grid, self.cost, color=MUTED, lw=2)
        ax.plot(self.path, self.path_cost, "o-", color=POSITIVE, label="steps")
        ax.plot(self.path[:1], self.path_cost[:1], "s", color=NEGATIVE, ms=11,
                label="start")  # fmt: skip
        mark_best(ax, self.path[-1], self.path_cost[-1], "end")
        dress(ax, f"Gradient descent, η {short(self.eta)}", "w", "cost C(w)")
        ax.legend(fontsize=12)
        return [ax]
