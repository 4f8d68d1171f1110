"""Weights and examples as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import _limits
from .._arrays import Array, check_x
from .._errors import InputError
from ..data import Dataset
from ..mathematics.network import Network
from .display import (
    MUTED,
    NEGATIVE,
    Display,
    dress,
    label,
    most_of,
    plural,
    short,
    signed_colours,
    tiles,
)

MOST_TILES = 64  # weight pictures in one figure unless more are asked for


def dense(x: Any) -> Array:
    """Inputs as an array with all their zeros."""
    return np.asarray(x.toarray() if hasattr(x, "toarray") else x)


def one_example(network: Network, x: Array) -> Array:
    """The one input, (1, n_0), in the network's precision.

    Raises:
        InputError: several, or of another size.
    """
    x = dense(x)
    check_x(x, network.sizes[0])
    if len(x) != 1:
        raise InputError(f"x must be one example, (1, n_0); got {x.shape}.")
    return x.astype(network.dtype)


def picture_shape(size: int, given: tuple[int, int] | None) -> tuple[int, int]:
    """(height, width) of `size` numbers as a picture: as given, else near a square.

    Raises:
        InputError: the given one has another number of pixels.
    """
    if given is None:
        height = next(h for h in range(int(size**0.5), 0, -1) if size % h == 0)
        return height, size // height
    height, width = (int(side) for side in given)
    if height * width != size:
        raise InputError(
            f"image_shape must have {size} pixels, one an input; got {height}×{width} "
            f"= {height * width}. Leave it out for a near square."
        )
    return height, width


@dataclass(frozen=True)
class Tiles:
    """Pictures beside each other in one, with room for a text above each.

    Attributes:
        shape: (height, width) of each.
        columns: how many stand in a row.
        count: how many there are.
        lines: of the text.
    """

    shape: tuple[int, int]
    columns: int
    count: int
    lines: int = 1

    @property
    def gap(self) -> tuple[int, int]:
        """Pixels between rows, where the text is, and between columns."""
        h, w = self.shape
        room = 0.12 + 0.22 * self.lines
        return max(2, round(room * h)), max(1, round(0.12 * w))

    @property
    def extent(self) -> tuple[int, int]:
        """Height and width of all of them."""
        (h, w), (below, beside) = self.shape, self.gap
        rows = -(-self.count // self.columns)
        return rows * (h + below), self.columns * (w + beside) - beside

    def corner(self, place: int) -> tuple[int, int]:
        """Top and left of tile number `place`; the text stands above."""
        (h, w), (below, beside) = self.shape, self.gap
        return (
            place // self.columns * (h + below) + below,
            place % self.columns * (w + beside),
        )

    def mosaic(self, pictures: Array) -> Array:
        """Pictures (k, h, w) in one, NaN where there is none."""
        whole = np.full(self.extent, np.nan)
        h, w = self.shape
        for place, picture in enumerate(pictures):
            top, left = self.corner(place)
            whole[top : top + h, left : left + w] = picture
        return whole

    def frame(self, ax: Any, texts: Sequence[str], marked: Sequence[bool] = (),
              size: int = 12) -> None:  # fmt: skip
        """A thin frame around each tile, its text above it; marked ones stand out."""
        from matplotlib.patches import Rectangle

        h, w = self.shape
        for place, text in enumerate(texts):
            top, left = self.corner(place)
            strong = place < len(marked) and marked[place]
            ax.add_patch(
                Rectangle((left - 0.5, top - 0.5), w, h, fill=False,
                          ec=NEGATIVE if strong else MUTED, lw=3 if strong else 0.8)
            )  # fmt: skip
            ax.text(left - 0.5, top - 0.5 - 0.03 * h, text, va="bottom", ha="left",
                    fontsize=size)  # fmt: skip
        height, width = self.extent
        ax.set_axis_off()
        ax.set(xlim=(-1.0, width + 0.2), ylim=(height + 0.2, -0.6))


@dataclass(frozen=True, eq=False, repr=False)
class WeightsDisplay(Display):
    """The weights that go into each unit of a layer, as pictures on one scale.

    Zero is white, positive blue, negative orange. The scale is that of the whole
    layer, whichever of its units are shown.

    Attributes:
        weights: (units shown, height, width).
        units: their numbers.
        layer: l.
        count: units of the layer.
        scale: the largest |w| of the layer: the ends of the colours.
    """

    weights: Array
    units: tuple[int, ...]
    layer: int
    count: int
    scale: float

    @classmethod
    def from_network(
        cls,
        network: Network,
        image_shape: tuple[int, int] | None = None,
        layer: int = 1,
        units: Sequence[int] | None = None,
    ) -> Self:
        """The weights of one layer.

        Args:
            network: the network.
            image_shape: (height, width) of what comes in; left out: near a square.
            layer: l, 1 ... L.
            units: which ones, by number from 0; left out: the first 64.

        Raises:
            InputError: no such layer or unit, or a shape with other pixels.
        """
        if not 1 <= layer <= network.L:
            raise InputError(
                f"layer must be 1 to {network.L}, those with weights; got {layer}."
            )
        w = np.asarray(network.w[layer], dtype=np.float64)
        count, inputs = w.shape
        chosen = tuple(range(min(count, MOST_TILES)) if units is None else units)
        most_of("weight pictures", len(chosen), _limits.PICTURES, "PICTURES")
        for j in chosen:
            if not 0 <= j < count:
                raise InputError(
                    f"units of layer {layer} must be 0 to {count - 1}; got {j}."
                )
        if not chosen:
            raise InputError("units must name at least one; got none.")
        shape = picture_shape(inputs, image_shape)
        pictures = w[list(chosen)].reshape(-1, *shape)
        return cls(pictures, chosen, layer, count, float(np.abs(w).max()))

    @property
    def alt(self) -> str:
        """What the figure shows."""
        norms = np.linalg.norm(self.weights, axis=(1, 2))
        strong, weak = self.units[int(norms.argmax())], self.units[int(norms.argmin())]
        h, w = self.weights.shape[1:]
        text = (
            f"Weights into layer {self.layer}, {len(self.units)} of "
            f"{plural(self.count, 'unit')}, as pictures of {h}×{w}, from "
            f"{short(self.weights.min())} to {short(self.weights.max())} on one scale."
        )
        if len(self.units) == 1:
            return text
        return (
            f"{text} Unit {strong} has the longest weight vector "
            f"({short(norms.max())}), unit {weak} the shortest ({short(norms.min())})."
        )

    def _tiles(self) -> Tiles:
        h, w = self.weights.shape[1:]
        columns = tiles(len(self.units), 1.6 * h / w)[1]
        return Tiles((h, w), columns, len(self.units))

    def _size(self) -> tuple[float, float]:
        height, width = self._tiles().extent
        return 9.5, float(np.clip(8.2 * height / width + 0.6, 2.8, 9.5))

    def _draw(self, ax: Any) -> list[Any]:
        ends = self.scale or 1.0
        drawn = ax.imshow(
            self._tiles().mosaic(self.weights), cmap=signed_colours(), vmin=-ends,
            vmax=ends, interpolation="nearest",
        )  # fmt: skip
        some = "" if len(self.units) == self.count else f"{len(self.units)} of "
        units = plural(self.count, "unit")
        dress(ax, f"Weights into layer {self.layer}: {some}{units}", grid="")
        self._tiles().frame(ax, [str(j) for j in self.units], size=11)
        bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.85, pad=0.02, aspect=25)
        bar.ax.tick_params(labelsize=12)
        bar.set_label("weight: − orange, + blue", fontsize=12)
        return [ax]


@dataclass(frozen=True, eq=False, repr=False)
class ImagesDisplay(Display):
    """Examples as pictures, with a caption each.

    Attributes:
        images: (k, height, width).
        captions: (k) texts: the class, or the answer and the class.
        rows: where they stand in the data.
        name: of the data.
        wrong: which are answered wrongly, (k): they get a thick frame.
        says: what the captions say.
    """

    images: Array
    captions: tuple[str, ...]
    rows: tuple[int, ...]
    name: str = ""
    wrong: tuple[bool, ...] = ()
    says: str = "class"

    @classmethod
    def from_dataset(
        cls, data: Dataset, rows: Sequence[int], outputs: Array | None = None
    ) -> Self:
        """Some examples of a data set of images.

        Args:
            data: with an image_shape.
            rows: which examples.
            outputs: what a network says to those rows, (k, classes); the captions then
                tell its answer and how sure it is.

        Raises:
            InputError: no images, too many, or a row that is not there.
        """
        if data.image_shape is None:
            raise InputError(
                f"{data.name} must hold images; it has no image_shape. Give it one: "
                "Dataset.from_arrays(..., image_shape=(28, 28))."
            )
        most_of("pictures", len(rows), _limits.PICTURES, "PICTURES")
        some = data.rows(np.asarray(rows, dtype=np.int64))
        images = dense(some.x).reshape(-1, *data.image_shape).astype(np.float64)
        captions, wrong = [f"#{row}" for row in rows], [False] * len(rows)
        if data.classes is not None:
            captions = [data.classes[label] for label in some.labels]
        if outputs is not None and data.classes is not None:
            answers = [data.classes[int(a.argmax())] for a in outputs]
            wrong = [a != b for a, b in zip(answers, captions, strict=True)]
            captions = [
                f"{answer} {a.max():.2f}" + (f"\nis {true}" if answer != true else "")
                for answer, a, true in zip(answers, outputs, captions, strict=True)
            ]
        says = "answer and its output" if outputs is not None else "class"
        return cls(
            images, tuple(captions), tuple(map(int, rows)), data.name, tuple(wrong),
            says,
        )  # fmt: skip

    @property
    def alt(self) -> str:
        """What the figure shows."""
        said = "; ".join(text.replace("\n", ", ") for text in self.captions[:12])
        hidden = len(self.captions) - 12
        more = f" and {hidden} more" if hidden > 0 else ""
        count = plural(len(self.images), "example")
        return f"{count} of {self.name} as pictures: {said}{more}."

    def _tiles(self) -> Tiles:
        columns = tiles(len(self.images), 2.0)[1]
        lines = 1 + max(text.count("\n") for text in self.captions)
        return Tiles(self.images.shape[1:], columns, len(self.images), lines)

    def _size(self) -> tuple[float, float]:
        height, width = self._tiles().extent
        across = max(1.5 * self._tiles().columns, 4.0)
        return across, across * height / width + 0.5

    def _draw(self, ax: Any) -> list[Any]:
        from matplotlib import colormaps

        grey = colormaps["gray_r"].with_extremes(bad="white")
        whole = self._tiles().mosaic(self.images)
        ax.imshow(whole, cmap=grey, interpolation="nearest")
        dress(ax, f"{label(self.name)}: {self.says}", grid="")
        texts = [
            "\n".join(label(line, 15) for line in text.split("\n"))
            for text in self.captions
        ]
        self._tiles().frame(ax, texts, self.wrong)
        return [ax]
