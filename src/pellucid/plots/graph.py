"""The computation graph: a value and a gradient on each node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import _limits
from .._arrays import Array
from ..mathematics.backprop import Trace, trace
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from .display import INK, MUTED, NEGATIVE, POSITIVE, Display, dress, most_of, short
from .pictures import one_example

FILLS = {"given": "#f7f5f0", "parameter": "#e4edf8", "computed": "#ffffff"}
ROW, COLUMN, WIDE, HIGH = 1.0, 3.3, 2.4, 0.8  # distances and size of nodes


@dataclass(frozen=True)
class Node:
    """One number of the calculation.

    Attributes:
        name: such as "w¹₀₁": to unit 0 of layer 1 from unit 1.
        kind: "given" (x, y), "parameter" (w, b) or "computed" (z, a, C).
        value: the number.
        gradient: ∂C/∂ of it; NaN where it has none (y; an a whose σ′ is 0).
        inputs: names of the nodes it is computed from.
        how: the formula with the names in it; "" where it is given.
        place: (column, row) in the figure.
    """

    name: str
    kind: str
    value: float
    gradient: float
    inputs: tuple[str, ...]
    how: str
    place: tuple[float, float]


@dataclass(frozen=True, eq=False, repr=False)
class ComputationGraphDisplay(Display):
    """Every step from the input to the cost of one example, forward and back.

    Attributes:
        nodes: in the order in which they are computed.
    """

    nodes: tuple[Node, ...]

    @classmethod
    def from_example(cls, network: Network, cost: Cost, x: Array, y: Array) -> Self:
        """One example through a small network and back.

        Args:
            network: a small one: every weight is a node.
            cost: defined with its output.
            x: the input, (1, n_0).
            y: the target, (1, n_L).

        Raises:
            InputError: several examples, or more nodes than can be read.
        """
        x, y = one_example(network, x), np.asarray(y).astype(network.dtype)
        count = network.parameters.theta.size + sum(network.sizes) * 2
        advice = "Take a smaller network, such as 2-2-1."
        most_of("nodes of a graph", count, _limits.GRAPH_NODES, "GRAPH_NODES", advice)
        found = trace(network, cost, x, y)
        return cls(tuple(_nodes(network, cost, found)))

    @property
    def text(self) -> str:
        """The graph in words: a line a node, with value and gradient."""
        lines = []
        for node in self.nodes:
            how = f" = {node.how}" if node.how else ""
            line = f"{node.name}{how} = {node.value:.6g}"
            if np.isfinite(node.gradient):
                line += f"    ∂C/∂{node.name} = {node.gradient:.6g}"
            lines.append(line)
        return "\n".join(lines)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        own = [node for node in self.nodes if node.kind == "parameter"]
        steep = max(own, key=lambda node: abs(node.gradient))
        return (
            f"Computation graph of {len(self.nodes)} nodes for one example with cost "
            f"{short(self.nodes[-1].value)}; of its {len(own)} weights and biases "
            f"{steep.name} has the largest gradient, {short(steep.gradient)}."
        )

    def __getitem__(self, name: str) -> Node:
        """The node of that name."""
        return next(node for node in self.nodes if node.name == name)

    def _extent(self) -> tuple[float, float]:
        return (
            max(node.place[0] for node in self.nodes),
            max(abs(node.place[1]) for node in self.nodes),
        )

    def _size(self) -> tuple[float, float]:
        wide, high = self._extent()
        return 2.2 * wide + 2.2, 0.62 * (2 * high + 1) + 1.0

    def _draw(self, ax: Any) -> list[Any]:
        at = {
            node.name: (node.place[0] * COLUMN, node.place[1] * ROW)
            for node in self.nodes
        }
        for node in self.nodes:
            for name in node.inputs:
                (x0, y0), (x1, y1) = at[name], at[node.name]
                ax.annotate(
                    "", (x1 - WIDE / 2, y1), (x0 + WIDE / 2, y0), zorder=1,
                    arrowprops={"arrowstyle": "-|>", "color": MUTED, "lw": 1.3,
                                "shrinkA": 0, "shrinkB": 1},
                )  # fmt: skip
        for node in self.nodes:
            self._draw_node(ax, node, at[node.name])
        wide, high = self._extent()
        ax.set_xlim(-WIDE / 2 - 0.2, wide * COLUMN + WIDE / 2 + 0.2)
        ax.set_ylim(-high * ROW - 0.9, high * ROW + 0.8)
        dress(ax, "Value (above) and gradient ∂C/∂· (below) of each node", grid="")
        ax.set_axis_off()
        return [ax]

    def _draw_node(self, ax: Any, node: Node, place: tuple[float, float]) -> None:
        from matplotlib.patches import FancyBboxPatch

        x, y = place
        box = FancyBboxPatch(
            (x - WIDE / 2, y - HIGH / 2), WIDE, HIGH, fc=FILLS[node.kind], ec=INK,
            lw=1.3, boxstyle="round,pad=0.02,rounding_size=0.12", zorder=2,
        )  # fmt: skip
        ax.add_patch(box)
        value = f"{node.name} = {short(node.value)}"
        ax.text(x, y + 0.18, value, ha="center", va="center", fontsize=12, zorder=3)
        known = np.isfinite(node.gradient)
        colour = POSITIVE if node.gradient > 0 else NEGATIVE
        colour = colour if node.gradient else MUTED
        ax.text(
            x, y - 0.19, f"{node.gradient:+.3g}".replace("-", "−") if known else "no ∂",
            ha="center", va="center", fontsize=12, fontweight="bold", zorder=3,
            color=colour if known else MUTED,
        )  # fmt: skip


UP, DOWN = (
    str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,"),
)


def name_of(letter: str, l: int, *units: int) -> str:
    """Such as w¹₀₁; units of two digits are kept apart by a comma."""
    apart = "," if any(unit > 9 for unit in units) else ""
    below = apart.join(map(str, units)).translate(DOWN)
    return f"{letter}{str(l).translate(UP)}{below}"


def _nodes(network: Network, cost: Cost, found: Trace) -> Iterator[Node]:
    """All nodes in the order of the calculation, each in its place.

    What a layer takes in, activations and parameters, stands in one column; so no
    arrow has to pass behind a node.
    """
    slope, L = _slopes(network, cost, found), network.L
    n, last = network.sizes[0], network.sizes[-1]
    for k in range(n):
        yield Node(_x(k), "given", float(found.a[0][0, k]), float(slope[0][k]), (), "",
                   (0.0, _row(k, n)))  # fmt: skip
    for l in range(1, L + 1):
        yield from _parameters(network, found, l)
        yield from _units(network, found, slope, l)
    targets = tuple(f"y{str(j).translate(DOWN)}" for j in range(last))
    for j, name in enumerate(targets):
        place = (2.0 * L, -(last + 1) / 2 - j)
        yield Node(name, "given", float(found.y[0, j]), float("nan"), (), "", place)
    names = (*(name_of("a", L, j) for j in range(last)), *targets)
    yield Node("C", "computed", found.cost, 1.0, names,
               f"{cost.name}({', '.join(names)})", (2.0 * L + 1, 0.0))  # fmt: skip


def _parameters(network: Network, found: Trace, l: int) -> Iterator[Node]:
    """Weights and biases into layer l: half above what comes in, half below."""
    n_out, n_in = network.w[l].shape
    count = n_out * (n_in + 1)
    above = count // 2 if n_out > 1 else n_in
    for number in range(count):
        j, k = divmod(number, n_in + 1)
        bias = k == n_in
        name = name_of("b", l, j) if bias else name_of("w", l, j, k)
        value = network.b[l][j] if bias else network.w[l][j, k]
        nabla = found.nabla.b[l][j] if bias else found.nabla.w[l][j, k]
        row = (n_in - 1) / 2 + 0.2 + above - number
        if number >= above:
            row = -(n_in - 1) / 2 - 1.2 - (number - above)
        place = (2.0 * (l - 1), row)
        yield Node(name, "parameter", float(value), float(nabla), (), "", place)


def _units(
    network: Network, found: Trace, slope: list[Array], l: int
) -> Iterator[Node]:
    """The z and the a of layer l."""
    n_out, n_in = network.w[l].shape
    before = [_x(k) if l == 1 else name_of("a", l - 1, k) for k in range(n_in)]
    column = 2.0 * l - 1
    for j in range(n_out):
        weights = [name_of("w", l, j, k) for k in range(n_in)]
        terms = [f"{w}·{a}" for w, a in zip(weights, before, strict=True)]
        b = name_of("b", l, j)
        yield Node(
            name_of("z", l, j), "computed", float(found.z[l][0, j]),
            float(found.delta[l][0, j]), (*weights, *before, b),
            " + ".join([*terms, b]), (column, _row(j, n_out, 1.5)),
        )  # fmt: skip
    sigma = network.sigma[l]
    every = tuple(name_of("z", l, i) for i in range(n_out))
    for j in range(n_out):
        needs = every[j : j + 1] if sigma.elementwise else every
        yield Node(
            name_of("a", l, j), "computed", float(found.a[l][0, j]), float(slope[l][j]),
            needs, f"{sigma.name}({', '.join(needs)})",
            (column + 1, _row(j, n_out)),
        )  # fmt: skip


def _x(k: int) -> str:
    return f"x{str(k).translate(DOWN)}"


def _row(number: int, count: int, step: float = 1.0) -> float:
    """Height of one of `count` nodes above each other, around 0."""
    return ((count - 1) / 2 - number) * step


def _slopes(network: Network, cost: Cost, found: Trace) -> list[Array]:
    """∂C/∂a of each layer 0 ... L, each (n_l,)."""
    slopes = [
        found.delta[l + 1][0] @ network.w[l + 1] for l in range(network.L)
    ]  # fmt: skip
    sigma, a, y = network.sigma[-1], found.a[-1][0], found.y[0]
    with np.errstate(all="ignore"):
        if not sigma.elementwise:  # softmax: the Jacobian can't be undone
            last = -y / a
        else:
            prime = sigma.prime(found.z[-1][0])
            last = np.where(prime != 0, found.delta[-1][0] / prime, np.nan)
    slopes.append(last)
    return slopes
