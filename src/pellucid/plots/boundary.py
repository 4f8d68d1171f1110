"""The decision boundary over two features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .. import _limits
from .._arrays import Array
from .._errors import InputError
from ..data import Dataset
from ..mathematics.network import Network
from .answers import as_columns
from .display import INK, MARKERS, PALETTE, Display, dress, label, most_of, percent
from .pictures import dense

SIDE = 201  # points along each side of the plane
MARGIN = 0.1  # of the data's extent, around them
MOST_POINTS = 600  # more examples would hide the regions


@dataclass(frozen=True, eq=False, repr=False)
class BoundaryDisplay(Display):
    """Which class the network answers where, how sure it is, and the examples.

    Attributes:
        u: first feature, (k,).
        v: second feature, (k,).
        outputs: of every class at (u[j], v[i]), (k, k, classes).
        points: the examples, (m, 2).
        labels: their classes, (m,).
        right: how many examples are answered rightly.
        classes: names.
        names: of the two features.
        held: what the other features are held at, by number; empty: there are none.
    """

    u: Array
    v: Array
    outputs: Array
    points: Array
    labels: Array
    right: int
    classes: tuple[str, ...]
    names: tuple[str, str]
    held: dict[int, float]
    size = (8.0, 6.0)

    @classmethod
    def from_network(
        cls,
        network: Network,
        data: Dataset,
        features: tuple[int, int] = (0, 1),
        names: Sequence[str] | None = None,
    ) -> Self:
        """A network over the plane of two features of its data.

        Other features are held at their mean over the data.

        Args:
            network: a classifier.
            data: one part of the data, with classes.
            features: numbers of the two columns of x.
            names: what the columns of x are called.

        Raises:
            InputError: no classes, too many, or no such features.
        """
        labels, columns = data.labels, data.inputs
        classes = tuple(data.classes or ())
        most_of("classes in a plane", len(classes), _limits.REGIONS, "REGIONS")
        first, second = features
        if first == second or not (0 <= first < columns and 0 <= second < columns):
            raise InputError(
                f"features must be two of the columns 0 to {columns - 1}; got "
                f"{first} and {second}."
            )
        if columns != network.sizes[0]:
            raise InputError(
                f"the network takes {network.sizes[0]} inputs and {data.name} has "
                f"{columns}. Name the data it was trained on."
            )
        x = dense(data.x).astype(np.float64)
        u, v = _range(x[:, first]), _range(x[:, second])
        plane = np.tile(x.mean(0), (SIDE * SIDE, 1))
        plane[:, first], plane[:, second] = (
            grid.ravel() for grid in np.meshgrid(u, v)
        )  # fmt: skip
        a = as_columns(network(plane.astype(network.dtype)))
        own = as_columns(network(x.astype(network.dtype)))
        found = names or [f"x{k}" for k in range(columns)]
        held = {k: float(x[:, k].mean()) for k in range(columns) if k not in features}
        return cls(
            u, v, a.reshape(SIDE, SIDE, -1), x[:, [first, second]], labels,
            int((own.argmax(1) == labels).sum()), classes,
            (found[first], found[second]), held,
        )  # fmt: skip

    @property
    def answer(self) -> Array:
        """The class at (u[j], v[i]), (k, k)."""
        return self.outputs.argmax(2)

    @property
    def confidence(self) -> Array:
        """The largest output there as a share of all of them, (k, k)."""
        total = np.abs(self.outputs).sum(2)
        return self.outputs.max(2) / np.where(total > 0, total, 1.0)

    @property
    def alt(self) -> str:
        """What the figure shows."""
        shares = [
            f"{name} {percent(float((self.answer == j).mean()))}"
            for j, name in enumerate(self.classes)
        ]
        held = f", {len(self.held)} others held at their mean" if self.held else ""
        m = len(self.labels)
        return (
            f"Decision regions over {self.names[0]} and {self.names[1]}{held}; share "
            f"of the plane: {', '.join(shares)}. {self.right:,} of {m:,} examples "
            f"({percent(self.right / max(m, 1))}) are answered rightly."
        )

    def _draw(self, ax: Any) -> list[Any]:
        from matplotlib.colors import to_rgb

        n = len(self.classes)
        colours = np.array([to_rgb(PALETTE[j % len(PALETTE)]) for j in range(n)])
        sure = (self.confidence - 1 / n) / (1 - 1 / n)  # 0: undecided, 1: certain
        depth = (0.12 + 0.33 * np.clip(sure, 0, 1))[..., None]
        picture = 1.0 - depth * (1.0 - colours[self.answer])
        box = (self.u[0], self.u[-1], self.v[0], self.v[-1])
        ax.imshow(picture, extent=box, origin="lower", aspect="auto",
                  interpolation="bilinear")  # fmt: skip
        for j in np.unique(self.answer)[1:]:
            lead = self.outputs[..., j] - np.delete(self.outputs, j, 2).max(2)
            ax.contour(self.u, self.v, lead, [0.0], colors=INK, linewidths=1.8)
        step = -(-len(self.points) // MOST_POINTS)
        for j, name in enumerate(self.classes):
            own = self.points[self.labels == j][::step]
            ax.plot(*own.T, ls="none", marker=MARKERS[j], color=colours[j], ms=7,
                    mec="white", mew=0.8, label=label(name))  # fmt: skip
        m = len(self.labels)
        title = f"{self.right:,} of {m:,} right"
        dress(ax, title, label(self.names[0]), label(self.names[1]), grid="")
        ax.legend(fontsize=12, loc="center left", bbox_to_anchor=(1.0, 0.5))
        return [ax]


def _range(values: Array) -> Array:
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, SIDE)
