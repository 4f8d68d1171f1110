"""What one example, and several, want changed: the negative gradient in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array, check_number
from ..data import Dataset
from ..mathematics.backprop import trace
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from .display import (
    INK,
    NEGATIVE,
    POSITIVE,
    Display,
    dress,
    label,
    panels,
    plural,
    short,
    signed_colours,
)
from .graph import name_of
from .pictures import dense, one_example

MOST_BARS = 16  # bars side by side that can be told apart
MOST_EXAMPLES = 12
MOST_ROWS = 24


@dataclass(frozen=True, eq=False, repr=False)
class WishesDisplay(Display):
    """Three ways to raise one unit: its bias, its weights, the activations before it.

    Attributes:
        bias: −∂C/∂b of the unit.
        weights: −∂C/∂w_k, (n_(l-1),): in proportion to a_k.
        activations: the part of −∂C/∂a_k that goes through the unit, (n_(l-1),): in
            proportion to w_k.
        a: activations before, (n_(l-1),).
        w: weights of the unit, (n_(l-1),).
        layer: l.
        unit: its number.
    """

    bias: float
    weights: Array
    activations: Array
    a: Array
    w: Array
    layer: int
    unit: int
    size = (12.5, 4.8)

    @classmethod
    def from_example(
        cls,
        network: Network,
        cost: Cost,
        x: Array,
        y: Array,
        unit: int | None = None,
        layer: int | None = None,
    ) -> Self:
        """One example x, (1, n_0), with its target y, (1, n_L).

        Args:
            network: the network.
            cost: defined with its output.
            x: the input.
            y: the target.
            unit: which unit; left out: the one whose z matters most.
            layer: 1 ... L; left out: the output.

        Raises:
            InputError: no such unit.
        """
        l = network.L if layer is None else layer
        check_number("layer", l, least=1, most=network.L, whole=True)
        found = trace(network, cost, one_example(network, x), y.astype(network.dtype))
        delta = np.asarray(found.delta[l][0], dtype=np.float64)
        j = int(np.abs(delta).argmax()) if unit is None else unit
        most = network.sizes[l] - 1
        check_number("unit", j, least=0, most=most, whole=True)
        a = np.asarray(found.a[l - 1][0], dtype=np.float64)
        w = np.asarray(network.w[l][j], dtype=np.float64)
        return cls(-float(delta[j]), -delta[j] * a, -delta[j] * w, a, w, l, j)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        k, i = (
            int(np.abs(self.weights).argmax()),
            int(np.abs(self.activations).argmax()),
        )
        return (
            f"What one example wants of unit {self.unit} in layer {self.layer}: its "
            f"bias by {short(self.bias)}; most of its weights, w from unit {k} by "
            f"{short(self.weights[k])} (that a is {short(self.a[k])}); most of the "
            f"activations, unit {i} by {short(self.activations[i])} (that w is "
            f"{short(self.w[i])})."
        )

    def _draw(self, ax: Any) -> list[Any]:
        axes = panels(ax, 1, 3, width_ratios=(0.35, 1, 1))
        _wish_bars(axes[0], np.array([self.bias]), ["b"])
        dress(axes[0], "Bias", "", "−∂C/∂b", grid="y")
        shown = np.sort(np.argsort(-np.abs(self.w * self.a))[:MOST_BARS])
        names = [str(k) for k in shown]
        _wish_bars(axes[1], self.weights[shown], names)
        dress(axes[1], "Weights: ∝ a", "from unit", "−∂C/∂w", grid="y")
        _wish_bars(axes[2], self.activations[shown], names)
        dress(axes[2], "Activations: ∝ w", "unit", "−∂C/∂a", grid="y")
        return axes


def _wish_bars(ax: Any, values: Array, names: Sequence[str]) -> None:
    colours = [POSITIVE if value >= 0 else NEGATIVE for value in values]
    hatches = ["" if value >= 0 else "//" for value in values]
    ax.bar(range(len(values)), values, color=colours, hatch=hatches, ec="white")
    ax.axhline(0, color=INK, lw=1.2)
    ax.set_xticks(range(len(values)), names)
    ax.tick_params(axis="x", labelrotation=90 if len(names) > 10 else 0)


@dataclass(frozen=True, eq=False, repr=False)
class GradientTableDisplay(Display):
    """What several examples want changed, and the mean of it: −∇C.

    Attributes:
        wishes: −∂C_x/∂θ_i of each example, (parameters, examples); of many examples
            only the mean is shown, and there are no columns.
        mean: of all examples, (parameters,): the component of −∇C.
        names: of the parameters shown.
        examples: what the columns are called.
        count: how many parameters there are in all.
        total: how many examples the mean is over.
    """

    wishes: Array
    mean: Array
    names: tuple[str, ...]
    examples: tuple[str, ...]
    count: int
    total: int

    @classmethod
    def from_examples(
        cls, network: Network, cost: Cost, data: Dataset, parameters: int = 10
    ) -> Self:
        """The examples of a Dataset, and the parameters that matter most to all.

        Args:
            network: the network.
            cost: defined with its output.
            data: of up to 12 examples each one is shown.
            parameters: how many rows, the largest components of ∇C.
        """
        most = min(network.parameters.theta.size, MOST_ROWS)
        check_number("parameters", parameters, least=1, most=most, whole=True)
        kind = network.dtype
        found = trace(network, cost, dense(data.x).astype(kind), data.y.astype(kind))
        mean = -found.nabla.theta.astype(np.float64)
        chosen = np.argsort(-np.abs(mean), kind="stable")[:parameters]
        shown = range(len(data) if len(data) <= MOST_EXAMPLES else 0)
        wishes = np.zeros((parameters, len(shown)))
        for i in shown:
            wishes[:, i] = -found.example(i).theta[chosen]
        titles = [f"#{i}" for i in shown]
        if data.classes is not None:
            titles = [data.classes[int(data.labels[i])] for i in shown]
        return cls(
            wishes, mean[chosen],
            tuple(parameter_name(network, int(i)) for i in chosen), tuple(titles),
            len(mean), len(data),
        )  # fmt: skip

    @property
    def alt(self) -> str:
        """What the figure shows."""
        return (
            f"Components of the negative gradient over {plural(self.total, 'example')}"
            f"{', with those of each' if self.examples else ''}: the {len(self.mean)} "
            f"largest of {self.count:,}, from {self.names[0]} with "
            f"{short(self.mean[0])} to {self.names[-1]} with {short(self.mean[-1])}."
        )

    def _size(self) -> tuple[float, float]:
        rows, columns = self.wishes.shape
        return max(3.0 + 0.95 * (columns + 1), 5.0), 1.3 + 0.4 * rows

    def _draw(self, ax: Any) -> list[Any]:
        rows, columns = self.wishes.shape
        gap = np.full((rows, 1 if columns else 0), np.nan)
        whole = np.hstack([self.wishes, gap, self.mean[:, None]])
        ends = float(np.nanmax(np.abs(whole))) or 1.0
        ax.imshow(whole, cmap=signed_colours(), vmin=-ends, vmax=ends, aspect="auto")
        for (i, j), value in np.ndenumerate(whole):
            if np.isfinite(value):
                colour = "white" if abs(value) > 0.62 * ends else INK
                text = f"{value:+.3f}".replace("-", "−")
                ax.text(j, i, text, ha="center", va="center", fontsize=12, color=colour)
        names = [label(name, 10) for name in self.examples]
        ax.set_xticks([*range(columns), whole.shape[1] - 1], [*names, "mean"])
        ax.set_yticks(range(rows), self.names)
        ax.spines[:].set_visible(False)
        title = "What each example wants: −∂C/∂θ" if columns else "−∇C"
        below = "example" if columns else f"of {plural(self.total, 'example')}"
        dress(ax, title, below, "", grid="")
        return [ax]


def parameter_name(network: Network, place: int) -> str:
    """Name of θ[place], such as w¹₃,₄₀₆ or b²₇."""
    for l, (n_in, n_out) in enumerate(network.parameters.layers(), start=1):
        if place < n_out * n_in:
            return name_of("w", l, *divmod(place, n_in))
        place -= n_out * n_in
        if place < n_out:
            return name_of("b", l, place)
        place -= n_out
    raise IndexError("no such parameter")
