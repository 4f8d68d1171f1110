"""Figures of the mathematics itself: activations with their slopes, costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from .._arrays import Array
from ..mathematics.activations import ACTIVATIONS, Activation
from ..mathematics.costs import COSTS, Cost
from ..mathematics.families import pick, spell
from .display import MUTED, Display, dress, line_style, panels, plural, short, tiles

REACH = 5.0  # activations are drawn for z from -REACH to REACH
POINTS = 401  # odd, so that 0 is among them
HIGHEST = 5.0  # exp z leaves the picture here
JUMP = 0.9  # from one point to the next


@dataclass(frozen=True, eq=False, repr=False)
class ActivationFunctionsDisplay(Display):
    """Activation functions with their derivatives, side by side: the catalogue.

    Softmax is drawn as the first of two outputs whose other z is 0, with the slope in
    its own z.

    Attributes:
        names: of the activations.
        z: (k,).
        a: σ(z), (activations, k).
        prime: σ′(z), (activations, k); NaN where there is none (step).
        ranges: where each can lie.
        latex: formulas in z.
    """

    names: tuple[str, ...]
    z: Array
    a: Array
    prime: Array
    ranges: tuple[tuple[float, float], ...]
    latex: tuple[str, ...]

    @classmethod
    def from_names(cls, names: Sequence[str] | None = None) -> Self:
        """The activations called so; left out: all of them.

        Raises:
            InputError: there is no such activation, or no name at all.
        """
        chosen = [
            pick("activation", name, ACTIVATIONS) for name in (names or ACTIVATIONS)
        ]
        z = np.linspace(-REACH, REACH, POINTS)
        values = [_values(sigma, z) for sigma in chosen]
        a, prime = (np.array(rows) for rows in zip(*values, strict=True))
        return cls(
            tuple(spell(sigma) for sigma in chosen),
            z,
            a,
            prime,
            tuple(sigma.range for sigma in chosen),
            tuple(_formula(sigma) for sigma in chosen),
        )

    @property
    def alt(self) -> str:
        """What the figure shows."""
        steepest = [
            f"{name} {short(float(np.nanmax(row)))}"
            for name, row in zip(self.names, self.prime, strict=True)
            if np.isfinite(row).any()
        ]
        return (
            f"{plural(len(self.names), 'activation function')} with derivatives for z "
            f"from −{REACH:g} to {REACH:g}. Steepest slope: {', '.join(steepest)}."
        )

    def _size(self) -> tuple[float, float]:
        rows, columns = tiles(len(self.names))
        return max(2.6 * columns, 5.0), 2.2 * rows + 0.3

    def _draw(self, ax: Any) -> list[Any]:
        rows, columns = tiles(len(self.names))
        axes = panels(ax, rows, columns)
        for number, panel in enumerate(axes):
            if number >= len(self.names):
                panel.set_axis_off()
                continue
            self._draw_one(panel, number)
        axes[0].legend(fontsize=12, loc="upper left", handlelength=1.6)
        return axes

    def _draw_one(self, ax: Any, number: int) -> None:
        words = {"lw": 2.8, "marker": "none"}
        a, prime = self.a[number], self.prime[number]
        if self.names[number] != "exponential":  # steep, but it does not jump
            a, prime = _torn(a), _torn(prime)
        ax.plot(self.z, a, label="σ(z)", **{**line_style(0), **words})
        dash = {**line_style(1), **words, "linestyle": (0, (4, 1.5))}
        ax.plot(self.z, prime, label="σ′(z)", **dash)
        top = min(float(np.nanmax(self.a[number])), HIGHEST)
        bottom = max(float(np.nanmin(self.a[number])), -HIGHEST)
        edge = 0.08 * (max(top, 1.0) - min(bottom, 0.0))
        ax.set(
            ylim=(min(bottom, 0.0) - edge, max(top, 1.0) + edge), xlim=(-REACH, REACH)
        )
        ax.axhline(0, color=MUTED, lw=0.8)
        ax.axvline(0, color=MUTED, lw=0.8)
        left, right = (f"{v:g}".replace("-", "−").replace("inf", "∞")
                       for v in self.ranges[number])  # fmt: skip
        dress(ax, self.names[number], f"from {left} to {right}", "")


def _torn(values: Array) -> Array:
    """The same with a gap where it jumps: a line there would be a value it has not."""
    return np.where(np.abs(np.diff(values, append=values[-1])) > JUMP, np.nan, values)


def _values(sigma: Activation, z: Array) -> tuple[Array, Array]:
    """σ(z) and σ′(z) as they are drawn, each (k,)."""
    if sigma.name == "step":
        return sigma(z), np.full_like(z, np.nan)
    if not sigma.elementwise:
        a = sigma(np.stack([z, np.zeros_like(z)], axis=1))[:, 0]
        return a, a * (1.0 - a)  # ∂a_j/∂z_j of softmax
    return sigma(z), sigma.prime(z)


def _formula(sigma: Activation) -> str:
    numbers = {field.name: getattr(sigma, field.name) for field in fields(sigma)}  # type: ignore[arg-type]
    return sigma.latex.format(z="z", **numbers)


@dataclass(frozen=True, eq=False, repr=False)
class CostFunctionsDisplay(Display):
    """What one output costs and how steeply, for a target of 1.

    Each cost is drawn with the first output activation it is defined with, against
    the pre-activation z: so one sees which of them flatten out where the answer is
    wrong. Costs of several outputs have a second one whose z is 0.

    Attributes:
        names: cost and output activation.
        z: (k,).
        cost: C_x, (costs, k).
        slope: ∂C_x/∂z, (costs, k).
    """

    names: tuple[str, ...]
    z: Array
    cost: Array
    slope: Array
    size = (12.0, 5.5)

    @classmethod
    def from_names(cls, names: Sequence[str] | None = None) -> Self:
        """Costs by name, such as "hinge" or "quadratic+sigmoid"; left out: all.

        Raises:
            InputError: there is no such cost, or it is not defined with that output.
        """
        z = np.linspace(-REACH, REACH, POINTS)
        found, values, slopes = [], [], []
        for name in names or COSTS:
            spec, _, output = name.partition("+")
            cost = pick("cost", spec, COSTS)
            sigma = pick("activation", output or _output_of(cost), ACTIVATIONS)
            cost.check(sigma)
            value, slope = _cost(cost, sigma, z)
            found.append(f"{spell(cost)}, {spell(sigma)}")
            values.append(value)
            slopes.append(slope)
        return cls(tuple(found), z, np.array(values), np.array(slopes))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        wrong = [
            f"{name} {short(slope[0])}"
            for name, slope in zip(self.names, self.slope, strict=True)
        ]
        return (
            f"{plural(len(self.names), 'cost')} of one output with target 1, against z "
            f"from −{REACH:g} to {REACH:g}. Slope where the answer is most wrong: "
            f"{'; '.join(wrong)}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        left, right = panels(ax, 1, 2)
        for number, name in enumerate(self.names):
            style = {**line_style(number), "markevery": (20 + 7 * number, 80)}
            left.plot(self.z, self.cost[number], label=name.replace("_", " "), **style)
            right.plot(self.z, _torn(self.slope[number]), **style)
        left.set_ylim(-0.3, 8.0)
        right.set_ylim(-4.0, 3.0)
        dress(left, "Cost for target 1", "z", "Cₓ")
        dress(right, "Its slope", "z", "∂Cₓ/∂z")
        right.legend(
            *left.get_legend_handles_labels(), fontsize=12, loc="center left",
            bbox_to_anchor=(1.0, 0.5),
        )  # fmt: skip
        return [left, right]


def _output_of(cost: Cost) -> str:
    """The output activation that a cost is drawn with."""
    return "identity" if "identity" in cost.outputs else cost.outputs[0]


def _cost(cost: Cost, sigma: Activation, z: Array) -> tuple[Array, Array]:
    """C_x and its slope in the first z, each (k,)."""
    column = z[:, None]
    y = np.ones_like(column)
    if not sigma.elementwise:
        column = np.hstack([column, np.zeros_like(column)])
        y = np.hstack([y, np.zeros_like(y)])
    a = sigma(column)
    return cost(column, a, y), cost.delta(column, a, y, sigma)[:, 0]
