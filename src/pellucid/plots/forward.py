"""The activations of one example, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..mathematics.backprop import feedforward
from ..mathematics.families import spell
from ..mathematics.network import Network
from .display import (
    FAINT,
    INK,
    MUTED,
    NEGATIVE,
    POSITIVE,
    Display,
    dress,
    label,
    panels,
    short,
    signed_colours,
    tiles,
)
from .pictures import one_example, picture_shape

MOST_BARS = 26  # inputs or outputs that get a bar each


@dataclass(frozen=True, eq=False, repr=False)
class ActivationsDisplay(Display):
    """One example on its way through the network, layer by layer.

    Attributes:
        a: activations of the layers 0 ... `upto`, each (n_l,).
        sigma: names of their activation functions; "" for the input.
        shape: of the input as a picture; None: as bars.
        classes: a name each output; None for a regression.
        depth: L.
        truth: the true class, or None.
    """

    a: tuple[Array, ...]
    sigma: tuple[str, ...]
    shape: tuple[int, int] | None
    classes: tuple[str, ...] | None
    depth: int
    truth: str | None = None

    @classmethod
    def from_example(
        cls,
        network: Network,
        x: Array,
        image_shape: tuple[int, int] | None = None,
        classes: Sequence[str] | None = None,
        truth: str | None = None,
        upto: int | None = None,
    ) -> Self:
        """One example.

        Args:
            network: the network.
            x: the input, (1, n_0).
            image_shape: (height, width) if it is an image.
            classes: a name each output.
            truth: the true class, to be marked.
            upto: the last layer to show, 0 ... L: a forward pass step by step.

        Raises:
            InputError: more than one example, or other sizes.
        """
        x = one_example(network, x)
        upto = network.L if upto is None else upto
        if not 0 <= upto <= network.L:
            raise InputError(f"upto must be 0 to {network.L}; got {upto}.")
        if classes is not None and len(classes) != network.sizes[-1]:
            raise InputError(
                f"classes must be {network.sizes[-1]} names, one an output; got "
                f"{len(classes)}."
            )
        _, a = feedforward(network, x)
        shape = image_shape and picture_shape(x.shape[1], image_shape)
        names = ["", *(spell(sigma) for sigma in network.sigma[1:])]
        return cls(
            tuple(np.asarray(v[0], dtype=np.float64) for v in a[: upto + 1]),
            tuple(names[: upto + 1]),
            shape or None,
            None if classes is None else tuple(classes),
            network.L,
            truth,
        )

    @property
    def answer(self) -> str | None:
        """The class of the largest output; None where there is none."""
        if self.classes is None or len(self.a) <= self.depth:
            return None
        return self.classes[int(self.a[-1].argmax())]

    @property
    def alt(self) -> str:
        """What the figure shows."""
        parts = []
        for l, a in enumerate(self.a[1 : self.depth], start=1):
            active = int((a > a.max(initial=0.0) / 2).sum())
            parts.append(
                f"layer {l}: {active} of {len(a)} units above half of its largest "
                f"activation, {short(float(a.max()))}"
            )
        if self.answer is not None:
            truth = "" if self.truth is None else f", true class {self.truth}"
            sure = short(float(self.a[-1].max()))
            parts.append(f"answer {self.answer} with {sure}{truth}")
        x = self.a[0]
        start = (
            f"Activations of one example, input of {len(x)} from {short(x.min())} to "
            f"{short(x.max())}, {int((x > 0.5).sum())} of them above 0.5"
        )
        return f"{'; '.join([start, *parts])}."

    def _size(self) -> tuple[float, float]:
        rows, columns = _grid(len(self.a))
        return 2.6 * max(columns, 2) + 0.6, 3.8 * rows + 0.4

    def _draw(self, ax: Any) -> list[Any]:
        axes = panels(ax, *_grid(len(self.a)))
        for panel in axes[len(self.a) :]:
            panel.set_axis_off()
        axes = axes[: len(self.a)]
        for l, (panel, a) in enumerate(zip(axes, self.a, strict=True)):
            if l == 0:
                self._draw_input(panel)
            elif l == self.depth:
                self._draw_output(panel, a)
            else:
                self._draw_hidden(panel, a, l)
        return axes

    def _draw_input(self, ax: Any) -> None:
        a = self.a[0]
        if self.shape is not None or len(a) > MOST_BARS:
            note = _brightness(ax, a, picture_shape(len(a), self.shape))
        else:
            note = _bars(ax, a, [f"x{k}" for k in range(len(a))])
        dress(ax, f"Input: {len(a)}", note, grid="")

    def _draw_hidden(self, ax: Any, a: Array, l: int) -> None:
        rows, columns = tiles(len(a), 1.0)
        whole = np.full(rows * columns, np.nan)
        whole[: len(a)] = a
        note = _brightness(ax, whole, (rows, columns), lines=True)
        dress(ax, f"Layer {l}: {len(a)} {self.sigma[l]}", note, grid="")

    def _draw_output(self, ax: Any, a: Array) -> None:
        order = np.arange(len(a))
        if len(a) > MOST_BARS:
            order = np.sort(np.argsort(-a, kind="stable")[:MOST_BARS])
        names = self.classes or tuple(f"a{j}" for j in range(len(a)))
        best = int(a.argmax()) if self.classes else -1
        labels = []
        for j in order:
            mark = "✓ " if names[j] == self.truth else ""
            labels.append(f"{mark}{label(names[j], 14)}")
        note = _bars(ax, a[order], labels, [int(j) == best for j in order])
        note = f"✓ true class {label(self.truth)}" if self.truth is not None else note
        dress(ax, f"Output: {self.sigma[-1]}", note, grid="")


def _grid(count: int) -> tuple[int, int]:
    """Rows and columns of panels: more than five in a row could not be read."""
    rows = -(-count // 5)
    return rows, -(-count // rows)


def _brightness(ax: Any, a: Array, shape: tuple[int, int], lines: bool = False) -> str:
    """Numbers as brightness, black to white; with a sign, as colours; the scale."""
    low, high = float(np.nanmin(a)), float(np.nanmax(a))
    from matplotlib import colormaps

    if low < 0:
        ends = max(-low, high)
        words = {"cmap": signed_colours(), "vmin": -ends, "vmax": ends}
        note = f"orange {short(-ends)},\nblue {short(ends)}"
    else:
        top = 1.0 if high <= 1.0 else high
        words = {"cmap": colormaps["gray"], "vmin": 0.0, "vmax": top}
        note = f"black 0, white {short(top)}"
    words["cmap"] = words["cmap"].with_extremes(bad="white")  # no unit there
    ax.imshow(a.reshape(shape), interpolation="nearest", **words)
    if lines:
        for side, draw in ((shape[0], ax.axhline), (shape[1], ax.axvline)):
            for place in range(1, side):
                draw(place - 0.5, color=MUTED, lw=1.2)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_anchor("N")
    return note


def _bars(
    ax: Any, a: Array, names: Sequence[str], best: Sequence[bool] | None = None
) -> str:
    """A horizontal bar each number, the best one outlined; no scale to be told."""
    places = np.arange(len(a))
    colours = [POSITIVE if v >= 0 else NEGATIVE for v in a]
    marked = best or [False] * len(a)
    ax.barh(places, a, color=colours, height=0.7,
            edgecolor=[INK if each else FAINT for each in marked],
            linewidth=[2.2 if each else 0 for each in marked])  # fmt: skip
    span = float(np.abs(a).max(initial=0.0)) or 1.0
    for place, value, each in zip(places, a, marked, strict=True):
        ax.text(max(value, 0.0) + 0.03 * span, place, f"{value:.2f}".replace("-", "−"),
                va="center", fontsize=11,
                fontweight="bold" if each else "normal")  # fmt: skip
    ax.set_yticks(places, names)
    ax.set_xlim(min(float(a.min(initial=0.0)) * 1.1, 0.0), 1.35 * span)
    ax.set_ylim(len(a) - 0.4, -0.6)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    return ""
