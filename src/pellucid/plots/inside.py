"""What neurons, weights and layers are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import explanation
from .._arrays import Array, check_number
from ..data import Dataset
from ..explanation.columns import columns_of, output_names, picture_of, say_score
from ..explanation.inside import Probes, Pruning
from ..explanation.neurons import Neurons
from ..explanation.uphill import Ideal
from ..mathematics.backprop import feedforward
from ..mathematics.network import Network
from .columns import MOST_BARS, bars, bars_size
from .display import (
    MUTED,
    NEGATIVE,
    POSITIVE,
    Display,
    dress,
    label,
    line_style,
    mark_best,
    panels,
    short,
)
from .pictures import dense

MOST_WEIGHTS = 12
"""Of a neuron, the largest ones in a figure."""


@dataclass(frozen=True, eq=False, repr=False)
class NeuronsDisplay(Display):
    """The score without each neuron, layer by layer, those needed most first.

    Attributes:
        neurons: the numbers, from `explanation.neurons`.
    """

    neurons: Neurons

    @classmethod
    def from_network(cls, network: Network, data: Dataset) -> Self:
        """All neurons of a network, on one part of the data."""
        return cls(explanation.neurons(network, data))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        found = self.neurons
        start = f"{found.measure} {say_score(found.measure, found.score)} on "
        start += f"{found.count:,} examples"
        if not found.ranked:
            return f"{start}; no hidden neuron to silence."
        told = ", ".join(
            f"{say_score(found.measure, float(found.without[l][j]))} without unit {j} "
            f"of layer {l}"
            for l, j in (found.ranked[0], found.ranked[-1])
        )
        return f"{start}; of {len(found.ranked)} hidden neurons, {told}."

    def _draw(self, ax: Any) -> list[Any]:
        found = self.neurons
        r2 = found.measure == "R²"
        times = 1.0 if r2 else 100.0
        layers = (
            found.without[1:] if found.measure == "accuracy" else found.without[1:-1]
        )
        for number, layer in enumerate(layers):
            last = number == len(found.without) - 2
            name = "outputs" if last else f"layer {number + 1}"
            style = line_style(number)
            if len(layer) > 64:
                style["marker"] = ""
            rank = np.arange(1, len(layer) + 1)
            ax.plot(rank, times * np.sort(layer), label=name, **style)
        ax.axhline(times * found.score, color=MUTED, lw=1.5, ls=":", label="with all")
        dress(ax, "One neuron silenced at a time", "neurons, those needed most first",
              f"{found.measure}{'' if r2 else ', %'}")  # fmt: skip
        ax.legend(fontsize=12)
        return [ax]


@dataclass(frozen=True, eq=False, repr=False)
class PruningDisplay(Display):
    """The score against the share of the weights that are taken out.

    Attributes:
        pruning: the numbers, from `explanation.pruning`.
    """

    pruning: Pruning

    @classmethod
    def from_network(cls, network: Network, data: Dataset) -> Self:
        """A trained network, on one part of the data."""
        return cls(explanation.pruning(network, data))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        found = self.pruning
        told = ", ".join(
            f"{say_score(found.measure, score)} without {share:.0%}"
            for share, score in zip(found.shares, found.scores, strict=True)
            if share in (0.0, 0.5, 0.8, 0.9)
        )
        return (
            f"{found.measure} on {found.count:,} examples where the smallest of "
            f"{found.weights:,} weights are taken out: {told}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        found = self.pruning
        r2 = found.measure == "R²"
        scores = np.array(found.scores) * (1.0 if r2 else 100.0)
        if r2:  # far below 0 there is nothing to be seen
            scores = np.maximum(scores, -0.5)
        ax.plot(100 * np.array(found.shares), scores, **line_style(0))
        unit = " (at the bottom: −0.5 or less)" if r2 else ", %"
        title = "The smallest weights taken out"
        dress(ax, title, "of all weights, %", f"{found.measure}{unit}")
        return [ax]


@dataclass(frozen=True, eq=False, repr=False)
class ProbesDisplay(Display):
    """How well a linear model answers from each layer.

    Attributes:
        probes: the numbers, from `explanation.probes`.
    """

    probes: Probes
    size = (7.0, 4.6)

    @classmethod
    def from_network(cls, network: Network, train: Dataset, judged: Dataset) -> Self:
        """A trained network; linear models learn from `train`."""
        return cls(explanation.probes(network, train, judged))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        found = self.probes
        told = ", ".join(
            f"{say_score(found.measure, score)} from layer {l}"
            for l, score in enumerate(found.scores)
        )
        whole = say_score(found.measure, found.score)
        return (
            f"{found.measure} of a linear model on {found.count:,} examples: {told} "
            f"(0 is the input); {whole} of the network."
        )

    def _draw(self, ax: Any) -> list[Any]:
        found = self.probes
        r2 = found.measure == "R²"
        times = 1.0 if r2 else 100.0
        layers = np.arange(len(found.scores))
        ax.plot(layers, times * np.array(found.scores), label="linear model",
                **line_style(0))  # fmt: skip
        mark_best(ax, len(layers), times * found.score, "the network")
        names = [f"{'input' if l == 0 else f'layer {l}'}\n{n:,} numbers"
                 for l, n in enumerate(found.sizes)]  # fmt: skip
        ax.set_xticks([*layers, len(layers)], [*names, "output"])
        dress(ax, "What each layer makes plain", "",
              f"{found.measure}{'' if r2 else ', %'}")  # fmt: skip
        ax.legend(fontsize=12)
        return [ax]


@dataclass(frozen=True, eq=False, repr=False)
class NeuronDisplay(Display):
    """One neuron of a network that learned from a table: its weights, and when it acts.

    Attributes:
        names: of what its largest weights come from.
        weights: these, (k,), largest first.
        activation: of the neuron, (m,).
        truth: number of the class of each example, or the first number to be
            predicted in its own unit, (m,).
        classes: their names; () for numbers.
        layer: l.
        unit: its number.
    """

    names: tuple[str, ...]
    weights: Array
    activation: Array
    truth: Array
    classes: tuple[str, ...]
    target: str
    layer: int
    unit: int

    @classmethod
    def from_network(
        cls, network: Network, data: Dataset, layer: int = 1, unit: int = 0
    ) -> Self:
        """One neuron, on one part of the data.

        Raises:
            InputError: there is no such neuron.
        """
        check_number("layer", layer, least=1, most=network.L, whole=True)
        most = network.sizes[layer] - 1
        check_number("unit", unit, least=0, most=most, whole=True)
        w = np.asarray(network.w[layer][unit], np.float64)
        order = np.argsort(-np.abs(w), kind="stable")[:MOST_WEIGHTS]
        before = [f"unit {k} of layer {layer - 1}" for k in range(len(w))]
        if layer == 1:
            known = None if data.encoding is None else data.encoding.inputs
            before = known or [f"input {k}" for k in range(len(w))]
        a = feedforward(network, dense(data.x).astype(network.dtype))[1][layer]
        truth: Array = data.y[:, 0]
        if data.classes is not None:
            truth = data.labels
        elif data.encoding is not None:
            truth = data.encoding.decode(data.y)[:, 0]
        names = tuple(before[k] for k in order)
        return cls(names, w[order], a[:, unit], truth, tuple(data.classes or ()),
                   output_names(data)[0], layer, unit)  # fmt: skip

    def _size(self) -> tuple[float, float]:
        return 13.0, max(bars_size(len(self.names))[1], 4.2)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        told = ", ".join(
            f"{name} {short(float(weight))}"
            for name, weight in zip(self.names[:3], self.weights, strict=False)
        )
        start = f"Unit {self.unit} of layer {self.layer}: largest weights {told}; mean "
        if not self.classes:
            return f"{start}activation {short(float(self.activation.mean()))}."
        means = self._by_class()
        low, high = int(np.nanargmin(means)), int(np.nanargmax(means))
        return (
            f"{start}activation from {short(float(means[low]))} of {self.classes[low]} "
            f"to {short(float(means[high]))} of {self.classes[high]}."
        )

    def _by_class(self) -> Array:
        """Mean activation of each class; NaN where there is none."""
        count = np.bincount(self.truth, minlength=len(self.classes))
        total = np.bincount(self.truth, self.activation, len(self.classes))
        return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)

    def _draw(self, ax: Any) -> list[Any]:
        left, right = panels(ax, 1, 2)
        bars(left, self.names, self.weights)
        title = f"Unit {self.unit} of layer {self.layer}"
        dress(left, title, "its largest weights", grid="x")
        if self.classes:
            means = self._by_class()
            order = np.argsort(-means, kind="stable")[:MOST_BARS]
            bars(right, [self.classes[k] for k in order], means[order])
            dress(right, "When it acts", "mean activation by class", grid="x")
        else:
            right.plot(self.truth, self.activation, ls="none", marker=".", ms=4,
                       color=POSITIVE, alpha=0.4)  # fmt: skip
            right.locator_params(axis="x", nbins=4)
            dress(right, "When it acts", label(self.target), "activation")
        return [left, right]


@dataclass(frozen=True, eq=False, repr=False)
class IdealDisplay(Display):
    """What would excite a neuron most, beside the example that does.

    Attributes:
        ideal: the numbers, from `explanation.ideal`.
        example: the example that excites it most, (n_0,).
        names: of the columns, those that matter most first; () for an image.
        cells: what each column holds in the ideal and in the example.
        places: of both in the range of the data, 0 ... 1, (columns, 2); NaN for what
            is no number.
        image_shape: (height, width) of an image.
        layer: l.
        unit: its number.
    """

    ideal: Ideal
    example: Array
    names: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    places: Array
    image_shape: tuple[int, int] | None
    layer: int
    unit: int

    @classmethod
    def from_network(
        cls, network: Network, data: Dataset, layer: int = 1, unit: int = 0
    ) -> Self:
        """One neuron; the range is that of these data.

        Raises:
            InputError: there is no such neuron.
        """
        found = explanation.ideal(network, data, layer, unit)
        example = dense(data.rows([found.row]).x)[0].astype(np.float64)
        names: tuple[str, ...] = ()
        cells, places = [], []
        if picture_of(data) is None:
            every = columns_of(data)
            groups = [every[k] for k in found.order]
            names = tuple(group.name for group in groups)
            for group in groups:
                k = int(group.inputs[0])
                kind: Any = group.kind
                span = found.high[k] - found.low[k]
                number = kind is None or kind.kind in ("numeric", "date")
                both = np.array([found.x[k], example[k]])
                share = (both - found.low[k]) / (span or 1.0)
                places.append(share if number else np.full(2, np.nan))
                cells.append((group.told(found.x), group.told(example)))
        where = np.array(places).reshape(-1, 2)
        shape = picture_of(data)
        return cls(found, example, names, tuple(cells), where, shape, layer, unit)

    def _size(self) -> tuple[float, float]:
        if self.image_shape is not None:
            return 9.0, 4.6
        width, height = bars_size(len(self.names))
        return width + 1.5, height

    @property
    def alt(self) -> str:
        """What the figure shows."""
        found = self.ideal
        told = "" if self.names == () else "; it holds " + ", ".join(
            f"{name} {cell}"
            for name, (cell, _) in zip(self.names[:6], self.cells, strict=False)
        )  # fmt: skip
        return (
            f"The input that excites unit {self.unit} of layer {self.layer} most, "
            f"within the range of the data, with {short(found.activation)}; example "
            f"{found.row} does so most, with {short(found.strongest)}{told}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        found = self.ideal
        ideal = f"Made up: {short(found.activation)}"
        real = f"example {found.row}: {short(found.strongest)}"
        if self.image_shape is not None:
            axes = panels(ax, 1, 2)
            low, high = float(found.low.min()), float(found.high.max())
            titles = (ideal, real.capitalize())
            for panel, x, title in zip(
                axes, (found.x, self.example), titles, strict=True
            ):
                panel.imshow(x.reshape(*self.image_shape, -1), cmap="gray_r", vmin=low,
                             vmax=high, interpolation="nearest")  # fmt: skip
                dress(panel, title, grid="")
                panel.set_xticks([])
                panel.set_yticks([])
            return axes
        count = min(len(self.names), MOST_BARS)
        rows = np.arange(count)[::-1]
        ax.plot(self.places[:count, 1], rows, ls="none", marker="o", ms=10, mfc="none",
                mec=NEGATIVE, mew=2, label=real)  # fmt: skip
        ax.plot(self.places[:count, 0], rows, ls="none", marker="D", ms=7,
                color=POSITIVE, label=ideal[0].lower() + ideal[1:])  # fmt: skip
        told = [
            own if own == other else f"{own} ({other})" for own, other in self.cells
        ]
        beside = ax.twinx()
        beside.set_ylim(-0.6, count - 0.4)
        beside.set_yticks(rows, [label(text, 30) for text in told[:count]])
        beside.tick_params(labelsize=12, length=0)
        beside.spines[:].set_visible(False)
        ax.set_yticks(rows, [label(name) for name in self.names[:count]])
        ax.set(xlim=(-0.03, 1.03), ylim=(-0.6, count - 0.4))
        ax.set_xticks([0, 0.5, 1], ["smallest", "middle", "largest"])
        dress(ax, f"Unit {self.unit} of layer {self.layer}", "of the data", grid="x")
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, fontsize=12)
        return [ax]
