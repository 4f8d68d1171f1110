"""The lectures' small figures: one step of the mathematics with its numbers.

What is shown of one example is what the page computes for it; nothing is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array, check_number
from ..mathematics.backprop import feedforward, trace
from ..mathematics.costs import Cost
from ..mathematics.families import spell
from ..mathematics.network import Network
from .display import (
    INK,
    MUTED,
    NEGATIVE,
    POSITIVE,
    Display,
    dress,
    label,
    line_style,
    short,
)
from .graph import name_of
from .pictures import dense, one_example

MOST_CELLS = 8  # rows and columns of a matrix that are written out
MOST_BARS = 16  # bars side by side that can be told apart


@dataclass(frozen=True, eq=False, repr=False)
class ResponseDisplay(Display):
    """What the outputs are along one input: a network as a function.

    Attributes:
        x: (k,) values of the input.
        a: outputs, (k, n_L).
        feature: number of the input.
        formula: what the network is, in words.
    """

    x: Array
    a: Array
    feature: int
    formula: str

    @classmethod
    def from_network(
        cls,
        network: Network,
        low: float,
        high: float,
        feature: int = 0,
        at: Array | None = None,
    ) -> Self:
        """The outputs for one input between two values.

        Args:
            network: the network.
            low: of the input.
            high: of the input, above `low`.
            feature: which input.
            at: the other inputs, (1, n_0); left out: 0.

        Raises:
            InputError: no such input, or an empty range.
        """
        check_number("high", high, above=low)
        most = network.sizes[0] - 1
        check_number("feature", feature, least=0, most=most, whole=True)
        here = np.zeros((1, network.sizes[0])) if at is None else dense(at)
        points = np.repeat(one_example(network, here), 401, axis=0)
        points[:, feature] = np.linspace(low, high, 401)
        a = np.asarray(network(points), dtype=np.float64)
        return cls(points[:, feature].astype(np.float64), a, feature, repr(network))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        ends = f"from {short(self.a[0, 0])} to {short(self.a[-1, 0])}"
        above = self.a[:, 0] >= 0.5
        crossed = np.flatnonzero(above[1:] != above[:-1])
        half = ""
        if len(crossed):
            i = int(crossed[0])
            (x0, x1), (a0, a1) = self.x[i : i + 2], self.a[i : i + 2, 0]
            half = f"; it passes ½ at {short(x0 + (0.5 - a0) / (a1 - a0) * (x1 - x0))}"
        return (
            f"Output of {self.formula} as input {self.feature} goes from "
            f"{short(self.x[0])} to {short(self.x[-1])}: {ends}{half}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        for j in range(min(self.a.shape[1], MOST_BARS)):
            style = {**line_style(j), "markevery": 50}
            ax.plot(self.x, self.a[:, j], label=f"output {j}", **style)
        dress(ax, self.formula, f"input {self.feature}", "output")
        if self.a.shape[1] > 1:
            ax.legend(fontsize=12)
        return [ax]


@dataclass(frozen=True, eq=False, repr=False)
class LayerDisplay(Display):
    """One layer as matrices, with its numbers: a' = σ(w a + b).

    Of larger ones the first rows and columns are written, and how many there are.

    Attributes:
        w: (n_l, n_(l-1)).
        a: what comes in, (n_(l-1),).
        b: (n_l,).
        z: w a + b, (n_l,).
        out: σ(z), (n_l,).
        sigma: name of σ.
        layer: l.
    """

    w: Array
    a: Array
    b: Array
    z: Array
    out: Array
    sigma: str
    layer: int
    size = (12.5, 5.0)

    @classmethod
    def from_example(cls, network: Network, x: Array, layer: int = 1) -> Self:
        """Layer `layer`, 1 ... L, for one input x, (1, n_0)."""
        check_number("layer", layer, least=1, most=network.L, whole=True)
        z, a = feedforward(network, one_example(network, x))
        arrays = (network.w[layer], a[layer - 1][0], network.b[layer], z[layer][0],
                  a[layer][0])  # fmt: skip
        w, before, b, z_l, out = (np.asarray(v, dtype=np.float64) for v in arrays)
        return cls(w, before, b, z_l, out, spell(network.sigma[layer]), layer)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        n_out, n_in = self.w.shape
        return (
            f"Layer {self.layer} as matrices: w is {n_out}×{n_in}, a has {n_in} "
            f"numbers and b {n_out}, one a row. The first unit: z = "
            f"{short(self.z[0])}, {self.sigma}(z) = {short(self.out[0])}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        n_out, n_in = self.w.shape
        ax.set_axis_off()
        above = f"{name_of('a', self.layer)} = {self.sigma}(w a + b)"
        dress(ax, above, grid="")
        ax.set_axis_off()
        place = 0.0
        parts = (("", self.out[:, None], f"({n_out})"), ("= σ(", self.w,
                 f"({n_out}×{n_in})"), ("", self.a[:, None], f"({n_in})"),
                 ("+", self.b[:, None], f"({n_out})"), (")", None, ""))  # fmt: skip
        for sign, values, shape in parts:
            ax.text(place, 0.0, sign, fontsize=20, ha="left", va="center")
            place += 1.0 + 0.25 * len(sign) if sign else 0.4
            if values is not None:
                place = _matrix(ax, values, shape, place) + 0.6
        ax.set(xlim=(-0.3, place + 0.6), ylim=(-6.2, 5.6))
        return [ax]


def _cut(count: int) -> list[int | None]:
    """Rows or columns that are written; None stands for dots."""
    if count <= MOST_CELLS:
        return list(range(count))
    head = MOST_CELLS - 3
    return [*range(head), None, count - 1]


def _matrix(ax: Any, values: Array, shape: str, left: float) -> float:
    """A matrix with its numbers and brackets; where it ends."""
    rows, columns = _cut(values.shape[0]), _cut(values.shape[1])
    wide, high = 1.75, 1.15
    top = (len(rows) - 1) / 2 * high
    for r, row in enumerate(rows):
        for c, column in enumerate(columns):
            x, y = left + (c + 0.5) * wide, top - r * high
            if row is None or column is None:
                text, colour = ("⋮" if row is None else "…"), MUTED
            else:
                text = f"{values[row, column]:+.2f}".replace("-", "−")
                colour = POSITIVE if values[row, column] >= 0 else NEGATIVE
            ax.text(x, y, text, ha="center", va="center", fontsize=12, color=colour)
    right, half = left + len(columns) * wide, top + 0.65
    for x, inner in ((left, 0.25), (right, -0.25)):
        ax.plot([x + inner, x, x, x + inner], [half, half, -half, -half], color=INK,
                lw=1.8)  # fmt: skip
    ax.text((left + right) / 2, -half - 0.3, shape, ha="center", va="top", fontsize=12)
    return right


@dataclass(frozen=True, eq=False, repr=False)
class ExampleCostDisplay(Display):
    """The cost of one example: each output beside what was wished for.

    Attributes:
        a: outputs, (n_L,).
        y: targets, (n_L,).
        square: (a − y)², (n_L,): their sum is twice the quadratic cost.
        cost: C_x of the cost that was asked for.
        cost_name: its name.
        names: of the outputs.
    """

    a: Array
    y: Array
    square: Array
    cost: float
    cost_name: str
    names: tuple[str, ...]
    size = (10.0, 5.0)

    @classmethod
    def from_example(
        cls,
        network: Network,
        cost: Cost,
        x: Array,
        y: Array,
        classes: Sequence[str] | None = None,
    ) -> Self:
        """One example x, (1, n_0), with its target y, (1, n_L)."""
        found = trace(network, cost, one_example(network, x), y.astype(network.dtype))
        a = np.asarray(found.a[-1][0], dtype=np.float64)
        wished = np.asarray(y[0], dtype=np.float64)
        names = tuple(classes or map(str, range(len(a))))
        return cls(a, wished, (a - wished) ** 2, found.cost, cost.name, names)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        worst = int(self.square.argmax())
        return (
            f"Outputs of one example beside its targets; squared errors add up to "
            f"{short(float(self.square.sum()))}, most from {self.names[worst]} "
            f"({short(self.square[worst])}). {self.cost_name}: {short(self.cost)}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        shown = range(min(len(self.a), MOST_BARS))
        place = np.arange(len(shown))
        ax.bar(place - 0.2, self.a[: len(shown)], 0.4, color=POSITIVE, label="output a")
        ax.bar(place + 0.2, self.y[: len(shown)], 0.4, color="white", ec=INK, lw=1.8,
               hatch="//", label="target y")  # fmt: skip
        for j in shown:
            high = max(self.a[j], self.y[j], 0.0)
            text = f"{self.square[j]:.3f}"
            ax.text(j, high + 0.02, text, ha="center", va="bottom", fontsize=12)
        ax.set_xticks(place, [label(self.names[j], 10) for j in shown])
        total = float(self.square.sum())
        dress(ax, f"Σ (a − y)² = {total:.4f}   ({self.cost_name}: {self.cost:.4f})",
              "output", "value; (a − y)² above it", grid="y")  # fmt: skip
        ax.margins(y=0.12)
        ax.legend(fontsize=12)
        return [ax]
