"""What columns and pixels do to the answers: importance, dependence, attribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import explanation
from .._arrays import Array
from .._errors import InputError
from ..data import Dataset
from ..explanation.columns import (
    columns_of,
    output_names,
    own_scale,
    picture_of,
    summed,
)
from ..explanation.importance import Dependence, Importance
from ..mathematics.network import Network
from .display import (
    MUTED,
    NEGATIVE,
    POSITIVE,
    Display,
    dress,
    label,
    line_style,
    panels,
    percent,
    short,
    signed_colours,
)
from .pictures import dense, one_example

MOST_BARS = 16
"""Columns in one figure; of more, those that matter most are drawn."""

SINGLE = 40
"""Examples whose own curves are drawn."""

MOST_LINES = 5
"""Outputs whose curves are drawn, those that change most."""


def bars(
    ax: Any, names: Sequence[str], values: Array, errors: Array | None = None
) -> None:
    """Bars to the right, positive, and to the left, negative; the first on top."""
    place = np.arange(len(values))[::-1]
    colours = [POSITIVE if value >= 0 else NEGATIVE for value in values]
    ax.barh(place, values, color=colours, height=0.7)
    if errors is not None:
        ax.errorbar(values, place, xerr=errors, fmt="none", color=MUTED, lw=1.5)
    ax.axvline(0, color=MUTED, lw=1)
    ax.locator_params(axis="x", nbins=6)
    ax.set_yticks(place, [label(name, 32) for name in names])
    ax.set_ylim(-0.6, len(values) - 0.4)


def bars_size(count: int) -> tuple[float, float]:
    """Inches for so many bars."""
    return 8.5, 1.6 + 0.36 * min(count, MOST_BARS)


def signed_picture(ax: Any, values: Array, title: str, below: str) -> None:
    """Signed numbers as a picture with its scale: blue positive, orange negative."""
    ends = float(np.abs(values).max()) or 1.0
    drawn = ax.imshow(values, cmap=signed_colours(), vmin=-ends, vmax=ends,
                      interpolation="nearest")  # fmt: skip
    bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.8, pad=0.02)
    bar.ax.tick_params(labelsize=11)
    dress(ax, title, below, grid="")
    ax.set_xticks([])
    ax.set_yticks([])


@dataclass(frozen=True, eq=False, repr=False)
class ImportanceDisplay(Display):
    """What shuffling each column costs; of images, each patch.

    Attributes:
        importance: the numbers, from `explanation.importance`.
    """

    importance: Importance

    @classmethod
    def from_network(
        cls, network: Network, data: Dataset, patch: int | None = None
    ) -> Self:
        """A trained network, measured on one part of the data."""
        return cls(explanation.importance(network, data, patch=patch))

    def _size(self) -> tuple[float, float]:
        if self.importance.image_shape is not None:
            return 6.0, 5.2
        return bars_size(len(self.importance.groups))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        found = self.importance
        first = ", ".join(
            f"{found.groups[k].name} {short(float(found.mean[k]))}"
            for k in found.order[:3]
        )
        noun = "columns" if found.image_shape is None else "patches"
        return (
            f"{found.measure} lost where one of {len(found.groups)} {noun} is "
            f"shuffled, on {found.count:,} examples: {first}, from "
            f"{short(found.score, 4)} with all as they are."
        )

    def _draw(self, ax: Any) -> list[Any]:
        found = self.importance
        what = f"{found.measure} lost when shuffled"
        if found.image_shape is not None:
            values = np.zeros(found.image_shape[0] * found.image_shape[1])
            inputs = sum(len(group.inputs) for group in found.groups)
            colours = inputs // len(values)
            for group, mean in zip(found.groups, found.mean, strict=True):
                values[group.inputs // colours] = mean
            side = int((len(found.groups[0].inputs) // colours) ** 0.5)
            told = f"{what}, patches of {side}×{side}"
            signed_picture(ax, values.reshape(found.image_shape), "Importance", told)
            return [ax]
        order = found.order[:MOST_BARS]
        names = [found.groups[k].name for k in order]
        bars(ax, names, found.mean[order], found.deviation[order])
        count = len(found.groups)
        some = f"The {len(order)} most important of {count} columns"
        title = some if count > len(order) else "Importance of columns"
        dress(ax, title, what, grid="x")
        return [ax]


@dataclass(frozen=True, eq=False, repr=False)
class DependenceDisplay(Display):
    """How the mean answer goes with one column; pale, how single ones do.

    Attributes:
        dependence: the numbers, from `explanation.dependence`.
    """

    dependence: Dependence

    @classmethod
    def from_network(cls, network: Network, data: Dataset, column: str) -> Self:
        """A trained network and one column, on one part of the data."""
        return cls(explanation.dependence(network, data, column))

    @property
    def shown(self) -> Array:
        """Numbers of the outputs that are drawn: those that change most."""
        return np.argsort(-self.dependence.span, kind="stable")[:MOST_LINES]

    @property
    def alt(self) -> str:
        """What the figure shows."""
        found = self.dependence
        told = []
        for j in self.shown:
            mean = found.mean[j]
            ends = (
                f"{_told(found.grid[int(place)])} ({short(float(mean[place]), 4)})"
                for place in (mean.argmin(), mean.argmax())
            )
            told.append(f"{found.outputs[j]} lowest at {', highest at '.join(ends)}")
        return (
            f"Mean answer over {found.count:,} examples against {found.column}: "
            f"{'; '.join(told)}."
        )

    def _size(self) -> tuple[float, float]:
        if isinstance(self.dependence.grid[0], str):
            return bars_size(max(len(self.dependence.grid), 4))
        return self.size

    def _draw(self, ax: Any) -> list[Any]:
        found, shown = self.dependence, self.shown
        title = f"{label(found.column)}: mean over {found.count:,}"
        one = label(found.outputs[0]) if len(found.outputs) == 1 else "mean answer"
        if isinstance(found.grid[0], str):
            self._draw_texts(ax)
            dress(ax, title, one, grid="both")
        else:
            if len(shown) == 1:
                for curve in found.each[shown[0]][:SINGLE]:
                    ax.plot(found.grid, curve, color=MUTED, lw=0.7, alpha=0.35)
            for number, j in enumerate(shown):
                ax.plot(found.grid, found.mean[j], label=label(found.outputs[j]),
                        **line_style(number))  # fmt: skip
            dress(ax, title, label(found.column), one)
        if len(shown) > 1:
            ax.legend(fontsize=12, loc="center left", bbox_to_anchor=(1.0, 0.5))
        return [ax]

    def _draw_texts(self, ax: Any) -> None:
        """A line a text, the largest mean answer on top; of many, both ends."""
        found, shown = self.dependence, self.shown
        order = np.argsort(found.mean[shown[0]], kind="stable")
        if len(order) > MOST_BARS:
            half = MOST_BARS // 2
            order = np.r_[order[:half], order[-half:]]
        place = np.arange(len(order))
        for number, j in enumerate(shown):
            style = line_style(number) | {"linestyle": "none"}
            ax.plot(found.mean[j][order], place, label=label(found.outputs[j]), **style)
        ax.set_yticks(place, [label(found.grid[k]) for k in order])
        ax.locator_params(axis="x", nbins=6)
        ax.set_ylim(-0.6, len(order) - 0.4)


def _told(value: float | str) -> str:
    return value if isinstance(value, str) else short(value, 4)


@dataclass(frozen=True, eq=False, repr=False)
class AttributionDisplay(Display):
    """What each column or pixel of one example adds to its answer.

    Attributes:
        values: in the target's own unit, (columns,), or (height, width).
        names: of the columns, with what each held; () for an image.
        image: the example, (height, width, 1 or 3 colours); None for a table.
        output: name of the output that is explained.
        begin: the output at the baseline.
        end: the output of the example.
        error: share of the gain that the values miss.
    """

    values: Array
    names: tuple[str, ...]
    image: Array | None
    output: str
    begin: float
    end: float
    error: float

    @classmethod
    def from_example(
        cls, network: Network, data: Dataset, x: Array, output: int | None = None
    ) -> Self:
        """One example.

        Args:
            network: trained on the data.
            data: all parts; the training part gives the baseline of a table.
            x: the input, (1, n_0).
            output: which to explain; None: the largest.

        Raises:
            InputError: several examples, or no such output.
        """
        x = one_example(network, x)
        j = int(network(x)[0].argmax()) if output is None else output
        if not 0 <= j < network.sizes[-1]:
            most = network.sizes[-1] - 1
            raise InputError(f"output must be 0 to {most}; got {j}.")
        found = explanation.attribute(network, data, x, np.array([j]))
        scale = float(own_scale(data)[j])
        ends = network(np.stack([found.baseline, dense(x)[0]]))
        if scale != 1 and data.encoding is not None:
            ends = data.encoding.decode(ends)
        image, values = None, found.values[0] * scale
        names: tuple[str, ...] = ()
        side = picture_of(data)
        if side is not None:
            image = np.asarray(x[0], np.float64).reshape(*side, -1)
            values = values.reshape(*side, -1).sum(axis=2)
        else:
            groups = columns_of(data)
            values = summed(found.values, groups)[0] * scale
            names = tuple(f"{group.name}: {group.told(x[0])}" for group in groups)
        name = output_names(data)[j]
        begin, end = float(ends[0, j]), float(ends[1, j])
        return cls(values, names, image, name, begin, end, found.error)

    def _size(self) -> tuple[float, float]:
        return (9.5, 4.6) if self.image is not None else bars_size(len(self.names))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        flat = self.values.ravel()
        order = np.argsort(-np.abs(flat), kind="stable")[:3]
        if self.image is not None:
            width = self.values.shape[1]
            first = [f"row {k // width}, column {k % width}" for k in order]
        else:
            first = [self.names[k] for k in order]
        told = ", ".join(
            f"{name} {short(float(flat[k]))}"
            for name, k in zip(first, order, strict=True)
        )
        return (
            f"{self.output} goes from {short(self.begin, 4)} at the baseline to "
            f"{short(self.end, 4)}; most by {told}. The values miss "
            f"{percent(self.error)} of the gain."
        )

    def _draw(self, ax: Any) -> list[Any]:
        title = f"{label(self.output)}: {short(self.begin, 4)} → {short(self.end, 4)}"
        if self.image is not None:
            axes = panels(ax, 1, 2)
            axes[0].imshow(self.image, cmap="gray_r", interpolation="nearest")
            dress(axes[0], title, "the example", grid="")
            axes[0].set_xticks([])
            axes[0].set_yticks([])
            signed_picture(axes[1], self.values, "What each pixel adds",
                           "blue speaks for it")  # fmt: skip
            return axes
        order = np.argsort(-np.abs(self.values), kind="stable")[:MOST_BARS]
        bars(ax, [self.names[k] for k in order], self.values[order])
        rest = float(self.values.sum() - self.values[order].sum())
        more = len(self.values) - len(order)
        below = f"; {more} more add {short(rest)}" if more else ""
        dress(ax, title, f"what it adds{below}", grid="x")
        return [ax]
