"""The columns of a table as their owner knows them, and what all explanations share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .._arrays import Array
from .._errors import InputError
from .._random import stream
from ..data import Dataset
from ..evaluation import determination

if TYPE_CHECKING:
    from ..data.tables.columns import Kind

EXAMPLES = 1_000
"""Examples that are asked where all would take long; drawn by lot, and told."""

PATCHES = 7
"""Of an image, in a row and in a column."""


@dataclass(frozen=True)
class Group:
    """The inputs that one column becomes, or one patch of an image.

    Attributes:
        name: of the column.
        inputs: their numbers, (k,).
        kind: of the column, which knows what they mean; None: they are plain numbers.
    """

    name: str
    inputs: Array
    kind: Kind | None = None

    def told(self, x: Array) -> str:
        """What the column held, of encoded inputs (n_0,)."""
        kind: Any = self.kind
        own = np.asarray(x, np.float64)[self.inputs]
        if kind is None:
            return f"{own[0]:.4g}" if len(own) == 1 else f"mean {own.mean():.3g}"
        if kind.kind == "category":
            place = int(own.argmax())
            levels = (*kind.levels, "missing")
            return levels[place] if own[place] > 0 else "none of the known"
        if kind.missing and own[-1] > 0:
            return "missing"
        if kind.kind == "boolean":
            value = kind.values[int(own[0] >= 0.5)]
            return value if isinstance(value, str) else f"{value:g}"
        if kind.kind == "date":
            return ", ".join(
                f"{part} {centre + scale * value:.0f}"
                for (part, centre, scale, _), value in zip(
                    kind.parts, own, strict=False
                )
            )
        digits = 4 - int(np.floor(np.log10(kind.scale)))  # the rest is float32's
        return f"{round(kind.centre + kind.scale * float(own[0]), digits) + 0.0:.6g}"


def picture_of(data: Dataset) -> tuple[int, int] | None:
    """(height, width) where the inputs are an image, grey or of three colours."""
    pixels = None if data.encoding is None else data.encoding.pixels
    if data.image_shape is None and pixels is not None and pixels.channels > 1:
        return pixels.height, pixels.width
    return data.image_shape


def patch_of(data: Dataset) -> int:
    """Side of the patches of images that importance is asked of, PATCHES in a row."""
    side = picture_of(data)
    return 1 if side is None else max(1, min(side) // PATCHES)


def columns_of(data: Dataset, patch: int = 1) -> list[Group]:
    """What the inputs belong to: columns of a table, or patches of images.

    The inputs of a category, one a level, are one group, as are a number and the input
    that says it was missing.

    Args:
        data: whose inputs they are.
        patch: side of the square patches of images, in pixels.
    """
    encoding = data.encoding
    if encoding is not None and encoding.pixels is None:
        groups, start = [], 0
        for kind in encoding.columns:
            count = len(kind.inputs)
            if count:
                inputs = np.arange(start, start + count)
                groups.append(Group(kind.name, inputs, kind))
            start += count
        return groups
    side = picture_of(data)
    if side is None:
        return [Group(f"input {k}", np.array([k])) for k in range(data.inputs)]
    height, width = side
    number = np.arange(data.inputs).reshape(height, width, -1)
    noun = "pixel" if patch == 1 else "patch"
    return [
        Group(f"{noun} {i},{j}", number[i : i + patch, j : j + patch].ravel())
        for i in range(0, height, patch)
        for j in range(0, width, patch)
    ]


def find_group(name: str, groups: list[Group]) -> Group:
    """The group that is meant by a name or by a number from 1.

    Raises:
        InputError: there is none.
    """
    from ..data.tables import find_column

    names = [group.name for group in groups]
    return groups[names.index(find_column(name, names))]


def summed(values: Array, groups: list[Group]) -> Array:
    """Values of inputs, (m, n_0), added up by group, (m, groups)."""
    return np.stack([values[:, group.inputs].sum(axis=1) for group in groups], axis=1)


def dense(x: Any) -> Array:
    """Inputs as an array with all their zeros."""
    return np.asarray(x.toarray() if hasattr(x, "toarray") else x)


def drawn(count: int, most: int = EXAMPLES) -> Array:
    """Numbers of the examples that are asked, in order: all, or `most` by lot."""
    if count <= most:
        return np.arange(count)
    chosen = stream(0, "explanation").choice(count, most, replace=False)
    return np.sort(chosen)


def sampled(data: Dataset, most: int = EXAMPLES) -> Dataset:
    """All examples, or `most` of them drawn by lot, always the same ones."""
    return data if len(data) <= most else data.rows(drawn(len(data), most))


@dataclass(frozen=True)
class Score:
    """How good outputs are on certain examples.

    Attributes:
        name: accuracy, all labels right, or R².
        of: outputs a^L, (m, n_L), to the score, larger is better.
    """

    name: str
    of: Callable[[Array], float]


def say_score(name: str, value: float) -> str:
    """A score for people."""
    return f"{value:.4f}" if name == "R²" else f"{100 * value:.2f}%"


def score_of(data: Dataset) -> Score:
    """Accuracy of classes, R² of numbers, the share with all of several labels right.

    Raises:
        InputError: R² is asked of fewer than two examples.
    """
    y = data.y
    if data.classes is not None:
        return accuracy(data.labels)
    if data.encoding is not None and data.encoding.target.task == "labels":
        truth = y >= 0.5
        return Score(
            "all labels right",
            lambda a: float(np.equal(a >= 0.5, truth).all(axis=1).mean()),
        )
    if len(data) < 2:
        raise InputError("R² must be asked of two examples or more; got one.")
    return Score("R²", lambda a: determination(y, a))


def accuracy(labels: Array) -> Score:
    """The share of answers that are these classes, (m,)."""
    return Score("accuracy", lambda a: float((chosen(a) == labels).mean()))


def chosen(a: Array) -> Array:
    """The class that outputs (m, n_L) choose, (m,)."""
    return a[:, 0] >= 0.5 if a.shape[1] == 1 else a.argmax(axis=1)


def output_names(data: Dataset) -> list[str]:
    """What the outputs are called."""
    if data.classes is not None:
        return list(data.classes)
    if data.encoding is not None:
        return list(data.encoding.target.names)
    return [f"output {j}" for j in range(data.outputs)]


def own_scale(data: Dataset) -> Array:
    """What a difference between outputs is multiplied by in the target's own unit.

    (n_L,); 1 where outputs are probabilities.
    """
    if data.encoding is None or data.encoding.target.task != "numbers":
        return np.ones(data.outputs)
    ends = data.encoding.decode(
        np.stack([np.zeros(data.outputs), np.ones(data.outputs)])
    )
    return np.asarray(ends[1] - ends[0])
