"""The network drawn: a circle a unit, a line a weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import _limits
from .._arrays import Array, check_number
from .._errors import InputError
from ..mathematics.backprop import feedforward
from ..mathematics.families import spell
from ..mathematics.network import Network, Parameters
from .display import (
    INK,
    MUTED,
    NEGATIVE,
    POSITIVE,
    Display,
    dress,
    label,
    most_of,
    short,
    signed_colours,
)
from .pictures import one_example, picture_shape

SHOWN = 16  # units of a layer that are drawn
WIDEST = 4.0  # points: the line of the largest |w| of its layer
STEP = 1.0  # between two units
ACROSS = 6.5  # between two layers
BIAS = -1  # the number of the bias unit among the units of a layer


@dataclass(frozen=True)
class Lines:
    """The weights between two layers that are drawn.

    Attributes:
        to: unit j of layer l, (k,).
        source: unit k of layer l − 1, (k,); −1 is the bias unit.
        w: (k,).
        scale: the largest |w| of the whole layer, biases too where they are drawn.
    """

    to: Array
    source: Array
    w: Array
    scale: float


@dataclass(frozen=True, eq=False, repr=False)
class NetworkDisplay(Display):
    """A network as layers of circles with a line for each weight between them.

    Positive weights are blue and solid, negative ones orange and dashed; a line is as
    wide as its |w|, compared with the largest of its layer. Of a layer of more than
    `SHOWN` units those with the longest weight vectors are shown, in their order, and
    it says how many there are. (The first and last pixels of an image never change.)

    Attributes:
        sizes: n_0 ... n_L.
        names: activation function of each layer; "" for the input.
        shown: numbers of the units drawn, a tuple each layer.
        lines: the weights drawn, `lines[l]` into layer l; lines[0] is None.
        bias: whether the bias units are drawn.
        a: activations of one example, (n_l,) a layer, or None.
        image: the example as a picture, or None.
        classes: a name each output, or None.
        parameters: how many weights and biases there are.
    """

    sizes: tuple[int, ...]
    names: tuple[str, ...]
    shown: tuple[tuple[int, ...], ...]
    lines: tuple[Lines | None, ...]
    bias: bool
    a: tuple[Array, ...] | None
    image: Array | None
    classes: tuple[str, ...] | None
    parameters: int

    @classmethod
    def from_network(
        cls,
        network: Network,
        x: Array | None = None,
        image_shape: tuple[int, int] | None = None,
        classes: Sequence[str] | None = None,
        bias: bool = False,
        most: int = SHOWN,
    ) -> Self:
        """A network, if wanted with an example in it.

        Args:
            network: the network.
            x: one example, (1, n_0): units are then as bright as their activation.
            image_shape: (height, width): the example is also drawn as a picture.
            classes: a name each output.
            bias: draw the bias units, whose activation is always 1.
            most: units of a layer up to which all are drawn, 2 ... 64.

        Raises:
            InputError: the example or the names do not fit the network.
        """
        check_number("most", most, least=2, most=_limits.DRAWN_UNITS, whole=True)
        most_of("layers", network.L + 1, _limits.DRAWN_LAYERS, "DRAWN_LAYERS")
        if classes is not None and len(classes) != network.sizes[-1]:
            raise InputError(
                f"classes must be {network.sizes[-1]} names, one an output; got "
                f"{len(classes)}."
            )
        shown = tuple(_shown(network, l, most) for l in range(network.L + 1))
        a, image = _example(network, x, image_shape)
        drawn = [None, *(_lines(network, l, shown, bias) for l in _layers(network))]
        return cls(
            network.sizes,
            ("", *(spell(sigma) for sigma in network.sigma[1:])),
            shown,
            tuple(drawn),
            bias,
            a,
            image,
            None if classes is None else tuple(classes),
            Parameters.count(network.sizes),
        )

    @property
    def alt(self) -> str:
        """What the figure shows."""
        text = (
            f"Network {'-'.join(map(str, self.sizes))} with {self.parameters:,} "
            f"parameters{', bias units drawn' if self.bias else ''}"
        )
        for l, (n, units) in enumerate(zip(self.sizes, self.shown, strict=True)):
            if len(units) < n:
                text += (
                    f"; the {len(units)} strongest of {n} units of layer {l} are drawn"
                )
        l, strongest = max(
            ((l, lines) for l, lines in enumerate(self.lines) if lines is not None),
            key=lambda pair: float(np.abs(pair[1].w).max()),
        )
        place = int(np.abs(strongest.w).argmax())
        where = f"unit {int(strongest.to[place])} of layer {l}"
        text += f". The strongest line, {short(strongest.w[place])}, goes to {where}"
        if self.a is not None:
            top = int(self.a[-1].argmax())
            name = self.classes[top] if self.classes else f"unit {top}"
            text += f"; the largest output is {name} with {short(self.a[-1][top])}"
        return f"{text}."

    def height(self, l: int) -> float:
        """Of layer l in steps: its circles, dots and bias unit."""
        units = len(self.shown[l]) + (len(self.shown[l]) < self.sizes[l])
        return units + (1.3 if self._has_bias(l) else 0.0)

    def _has_bias(self, l: int) -> bool:
        return self.bias and l < len(self.sizes) - 1

    def places(self, l: int) -> dict[int, tuple[float, float]]:
        """Where the circles of layer l are drawn: unit to (x, y); −1 is the bias."""
        y = (self.height(l) - 1) / 2 * STEP
        units = self.shown[l]
        middle = -(-len(units) // 2) if len(units) < self.sizes[l] else -1
        found = {}
        for place, unit in enumerate(units):
            y -= STEP if place == middle else 0.0  # room for the dots
            found[unit] = (l * ACROSS, y)
            y -= STEP
        if self._has_bias(l):
            found[BIAS] = (l * ACROSS, y - 0.3 * STEP)
        return found

    def _size(self) -> tuple[float, float]:
        left, right, low, high = self._extent()
        inches = min(max(0.35, 4.0 / (high - low)), 13.0 / (right - left))
        return inches * (right - left), inches * (high - low)

    def _extent(self) -> tuple[float, float, float, float]:
        """Left, right, low and high of the drawing, in steps."""
        tall = max(self.height(l) for l in range(len(self.sizes))) / 2 * STEP
        tall = max(tall, 4.5 if self.image is not None else 0.0)
        left = -11.0 if self.image is not None else -1.6
        right = (len(self.sizes) - 1) * ACROSS + (5.0 if self.classes else 1.6)
        return left, right, -tall - (2.4 if self.bias else 1.6), tall + 2.4

    def _draw(self, ax: Any) -> list[Any]:
        for l, lines in enumerate(self.lines):
            if lines is not None:
                self._draw_lines(ax, l, lines)
        for l in range(len(self.sizes)):
            self._draw_units(ax, l)
            self._write_layer(ax, l)
        if self.image is not None:
            self._draw_image(ax)
        dress(ax, grid="")
        ax.set_axis_off()
        left, right, low, high = self._extent()
        ax.set(xlim=(left, right), ylim=(low, high), aspect="equal")
        ax.text(
            0.5, 0.0, "weights: blue solid +, orange dashed −; wider: larger |w|",
            transform=ax.transAxes, ha="center", va="bottom", fontsize=13, color=MUTED,
        )  # fmt: skip
        return [ax]

    def _draw_lines(self, ax: Any, l: int, lines: Lines) -> None:
        from matplotlib.collections import LineCollection

        start, end = self.places(l - 1), self.places(l)
        kinds = ((0, MUTED, ":"), (1, POSITIVE, "-"), (-1, NEGATIVE, (0, (3, 1.5))))
        for sign, colour, dash in kinds:
            these = np.flatnonzero(np.sign(lines.w) == sign)
            if not len(these):
                continue
            ways = [(start[int(lines.source[i])], end[int(lines.to[i])]) for i in these]
            size = np.abs(lines.w[these]) / lines.scale
            ax.add_collection(
                LineCollection(
                    ways,
                    colors=colour,
                    linestyles=[dash],
                    zorder=1,
                    linewidths=np.maximum(WIDEST * size, 0.4),
                    alpha=0.25 + 0.65 * size,
                )
            )

    def _draw_units(self, ax: Any, l: int) -> None:
        from matplotlib.patches import Circle

        places = self.places(l)
        for unit, (x, y) in places.items():
            if unit == BIAS:
                ax.add_patch(Circle((x, y), 0.42, fc="white", ec=INK, lw=1.5, ls=":",
                                    zorder=3))  # fmt: skip
                ax.text(x, y - 0.6, "+1", ha="center", va="top", fontsize=13)
                continue
            ax.add_patch(Circle((x, y), 0.38, fc=self._fill(l, unit), ec=INK, lw=1.4,
                                zorder=3))  # fmt: skip
        units = self.shown[l]
        if len(units) < self.sizes[l]:
            x, y = places[units[-(-len(units) // 2)]]
            ax.text(x, y + STEP, "⋮", ha="center", va="center", fontsize=16)
        if l == len(self.sizes) - 1 and self.classes:
            for unit in units:
                x, y = places[unit]
                ax.text(x + 0.7, y, self._output_text(unit), va="center", fontsize=13)

    def _output_text(self, unit: int) -> str:
        name = label((self.classes or ())[unit], 10)
        return name if self.a is None else f"{name}: {self.a[-1][unit]:.2f}"

    def _fill(self, l: int, unit: int) -> Any:
        """Black to white for 0 to the layer's largest; where it has a sign, colours."""
        if self.a is None:
            return "white"
        a, value = self.a[l], float(self.a[l][unit])
        most = max(float(np.abs(a).max()), 1.0)
        if a.min() < 0:
            return signed_colours()(0.5 + 0.5 * value / most)
        return str(min(value / most, 1.0))

    def _write_layer(self, ax: Any, l: int) -> None:
        n, units = self.sizes[l], self.shown[l]
        top = max(y for _, y in self.places(l).values()) + 0.75
        kind = "input" if l == 0 else self.names[l]
        count = f"{n}" if len(units) == n else f"{n}, {len(units)} drawn"
        ax.text(l * ACROSS, top, f"{kind}\n{count}", ha="center", va="bottom",
                fontsize=13)  # fmt: skip

    def _draw_image(self, ax: Any) -> None:
        image = self.image
        assert image is not None
        height, width = image.shape
        side = 8.0 / max(height, width)
        left, right = -2.2 - width * side, -2.2
        box = (left, right, -height * side / 2, height * side / 2)
        ax.imshow(image, extent=box, cmap="gray", vmin=0, interpolation="nearest",
                  aspect="auto")  # fmt: skip
        ax.annotate("", (-0.7, 0), (-2.0, 0), arrowprops={"arrowstyle": "->", "lw": 2})


def _layers(network: Network) -> range:
    return range(1, network.L + 1)


def _shown(network: Network, l: int, most: int) -> tuple[int, ...]:
    """Units of layer l that are drawn: all, or those with the longest weights."""
    n = network.sizes[l]
    if n <= most:
        return tuple(range(n))
    # What goes out of a unit; of an output, what goes in.
    w = network.w[l + 1].T if l < network.L else network.w[l]
    length = np.linalg.norm(np.asarray(w, dtype=np.float64), axis=1)
    return tuple(int(j) for j in np.sort(np.argsort(-length, kind="stable")[:most]))


def _lines(network: Network, l: int, shown: Sequence[Sequence[int]], bias: bool
           ) -> Lines:  # fmt: skip
    """The weights between the units drawn, the weakest first."""
    into, source = np.array(shown[l]), np.array(shown[l - 1])
    w = np.asarray(network.w[l], dtype=np.float64)
    to, start = (grid.ravel() for grid in np.meshgrid(into, source, indexing="ij"))
    values, scale = w[to, start], float(np.abs(w).max())
    if bias:
        b = np.asarray(network.b[l], dtype=np.float64)
        to = np.concatenate([to, into])
        start = np.concatenate([start, np.full(len(into), BIAS)])
        values = np.concatenate([values, b[into]])
        scale = max(scale, float(np.abs(b).max()))
    order = np.argsort(np.abs(values), kind="stable")
    return Lines(to[order], start[order], values[order], scale or 1.0)


def _example(
    network: Network, x: Array | None, image_shape: tuple[int, int] | None
) -> tuple[tuple[Array, ...] | None, Array | None]:
    """Activations of one example, and the example as a picture."""
    if x is None:
        return None, None
    x = one_example(network, x)
    _, a = feedforward(network, x)
    image = None
    if image_shape is not None:
        image = np.asarray(x[0], float).reshape(picture_shape(x.shape[1], image_shape))
    return tuple(np.asarray(v[0], dtype=np.float64) for v in a), image
