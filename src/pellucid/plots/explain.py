"""Why this answer, and what one unit is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array, check_number
from .._errors import InputError
from ..data import Dataset
from ..mathematics.backprop import feedforward
from ..mathematics.network import Network
from .answers import answers_of
from .display import Display, dress, label, panels, percent, short, signed_colours
from .pictures import Tiles, dense, one_example, picture_shape

STRONGEST = 12  # examples shown of a unit


@dataclass(frozen=True, eq=False, repr=False)
class SaliencyDisplay(Display):
    """Which pixels an answer hangs on: by its slope, and by covering them.

    Attributes:
        image: the example, (height, width).
        slope: ∂z_c/∂x of the output c that is explained, (height, width).
        drop: a_c minus what is left of it when the patch around each pixel is
            covered with 0, (height, width); above 0: the patch speaks for c.
        output: a_c.
        name: of c.
        patch: side of the patch, pixels.
    """

    image: Array
    slope: Array
    drop: Array
    output: float
    name: str
    patch: int
    size = (12.0, 4.4)

    @classmethod
    def from_example(
        cls,
        network: Network,
        x: Array,
        image_shape: tuple[int, int] | None = None,
        classes: Sequence[str] | None = None,
        output: int | None = None,
        patch: int | None = None,
    ) -> Self:
        """One example.

        Args:
            network: the network.
            x: the input, (1, n_0).
            image_shape: (height, width); left out: near a square.
            classes: a name each output.
            output: which output to explain; left out: the largest.
            patch: odd side of the covered square; left out: a quarter of the image.

        Raises:
            InputError: several examples, no such output, an even patch.

        Source: Simonyan et al. 2014, "Deep Inside Convolutional Networks" (slope);
            Zeiler and Fergus 2014, "Visualizing and Understanding CNNs" (covering).
        """
        x = one_example(network, x)
        h, w = picture_shape(x.shape[1], image_shape)
        patch = (min(h, w) // 4) | 1 if patch is None else patch
        check_number("patch", patch, least=1, most=max(h, w), whole=True)
        if patch % 2 == 0:
            raise InputError(f"patch must be odd, to have a middle; got {patch}.")
        z, a = feedforward(network, x)
        c = int(a[-1][0].argmax()) if output is None else output
        check_number("output", c, least=0, most=network.sizes[-1] - 1, whole=True)
        covered = _covered(x[0].reshape(h, w), patch).astype(network.dtype)
        left = network(covered)[:, c].astype(np.float64)
        sure = float(a[-1][0, c])
        return cls(
            np.asarray(x[0], np.float64).reshape(h, w),
            input_slope(network, z, c).reshape(h, w),
            (sure - left).reshape(h, w),
            sure,
            classes[c] if classes else str(c),
            patch,
        )

    @property
    def alt(self) -> str:
        """What the figure shows."""
        i, j = np.unravel_index(int(self.drop.argmax()), self.drop.shape)
        return (
            f"Why {self.name} with {short(self.output)}: covering {self.patch}×"
            f"{self.patch} pixels around row {i}, column {j} lowers it most, by "
            f"{short(float(self.drop.max()))}; the steepest slope of its "
            f"pre-activation to one pixel is {short(float(np.abs(self.slope).max()))}."
        )

    def _draw(self, ax: Any) -> list[Any]:
        axes = panels(ax, 1, 3)
        axes[0].imshow(self.image, cmap="gray", vmin=0, interpolation="nearest")
        dress(axes[0], f"{label(self.name)}: {self.output:.2f}", "the input", grid="")
        _signed(axes[1], self.slope, "Slope to each pixel", "∂z/∂x")
        _signed(axes[2], self.drop, f"{self.patch}×{self.patch} covered",
                "output lost: blue speaks for it")  # fmt: skip
        for panel in axes:
            panel.set_xticks([])
            panel.set_yticks([])
        return axes


def input_slope(network: Network, z: Sequence[Array], c: int) -> Array:
    """∂z^L_c/∂x of one example, (n_0,): BP2 carried on down to the input.

    Args:
        network: the network.
        z: its pre-activations z[1..L], each (1, n_l).
        c: which output.
    """
    slope = network.w[network.L][c]
    for l in range(network.L - 1, 0, -1):
        slope = (slope * network.sigma[l].prime(z[l][0])) @ network.w[l]
    return np.asarray(slope, dtype=np.float64)


def _covered(image: Array, patch: int) -> Array:
    """The image with a patch of 0 around each of its pixels in turn, (h·w, h·w)."""
    h, w = image.shape
    rows, columns = np.arange(h), np.arange(w)
    near_row = np.abs(rows[:, None] - rows) <= patch // 2
    near_column = np.abs(columns[:, None] - columns) <= patch // 2
    hidden = near_row[:, None, :, None] & near_column[None, :, None, :]
    return np.where(hidden, 0.0, image).reshape(h * w, h * w)


def _signed(ax: Any, values: Array, title: str, label: str) -> None:
    ends = float(np.abs(values).max()) or 1.0
    drawn = ax.imshow(values, cmap=signed_colours(), vmin=-ends, vmax=ends,
                      interpolation="nearest")  # fmt: skip
    bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.8, pad=0.02)
    bar.ax.tick_params(labelsize=11)
    dress(ax, title, label, grid="")


@dataclass(frozen=True, eq=False, repr=False)
class UnitDisplay(Display):
    """What one unit is for: its weights, what excites it, what is lost without it.

    Attributes:
        weights: of the unit, (height, width).
        strongest: the examples with its largest activations, (k, height, width).
        activation: its activation on them, (k,), largest first.
        with_unit: share of right answers, 0 ... 1.
        without: the same with this unit's activation held at 0.
        layer: l.
        unit: its number.
    """

    weights: Array
    strongest: Array
    activation: Array
    with_unit: float
    without: float
    layer: int
    unit: int
    size = (11.0, 4.4)

    @classmethod
    def from_network(
        cls, network: Network, data: Dataset, layer: int = 1, unit: int = 0
    ) -> Self:
        """One unit of a hidden layer, on one part of the data.

        Raises:
            InputError: no such unit, or the targets are no classes.
        """
        check_number("layer", layer, least=1, most=network.L - 1, whole=True)
        most = network.sizes[layer] - 1
        check_number("unit", unit, least=0, most=most, whole=True)
        labels, outputs, _ = answers_of(network, data)
        x = dense(data.x).astype(network.dtype)
        _, a = feedforward(network, x)
        own = a[layer][:, unit]
        order = np.argsort(-own, kind="stable")[:STRONGEST]
        silent = network.copy()
        silent.w[layer + 1][:, unit] = 0.0  # nothing of it reaches the next layer
        without = float((answers_of(silent, data)[1].argmax(1) == labels).mean())
        shape = picture_shape(data.inputs, data.image_shape)
        before = shape if layer == 1 else picture_shape(network.sizes[layer - 1], None)
        w = np.asarray(network.w[layer][unit], dtype=np.float64)
        return cls(
            w.reshape(before), x[order].reshape(-1, *shape).astype(np.float64),
            own[order].astype(np.float64),
            float((outputs.argmax(1) == labels).mean()), without, layer, unit,
        )  # fmt: skip

    @property
    def alt(self) -> str:
        """What the figure shows."""
        low, high = short(float(self.weights.min())), short(float(self.weights.max()))
        return (
            f"Unit {self.unit} of layer {self.layer}: weights from {low} to {high}; "
            f"the {len(self.strongest)} examples that excite it most, from "
            f"{short(float(self.activation[0]))} down to "
            f"{short(float(self.activation[-1]))}. {percent(self.with_unit)} of the "
            f"answers are right with it and {percent(self.without)} without it."
        )

    def _draw(self, ax: Any) -> list[Any]:
        left, right = panels(ax, 1, 2, width_ratios=(1, 1.5))
        title = f"Unit {self.unit} of layer {self.layer}"
        _signed(left, self.weights, title, "its weights")
        left.set_xticks([])
        left.set_yticks([])
        shown = Tiles(self.strongest.shape[1:], 4, len(self.strongest))
        right.imshow(shown.mosaic(self.strongest), cmap="gray_r", vmin=0,
                     interpolation="nearest")  # fmt: skip
        note = f"{percent(self.with_unit)} right, without it {percent(self.without)}"
        dress(right, note, grid="")
        shown.frame(right, [f"{a:.2f}" for a in self.activation])
        return [left, right]
