"""Several columns of classes: a softmax of its own for each, on one network."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from .._arrays import Array
from .._errors import InputError
from ..mathematics.activations import Activation, Softmax
from ..mathematics.costs import Cost, CrossEntropy


def _parts(sizes: tuple[int, ...]) -> list[slice]:
    """The outputs of each column of classes."""
    ends = np.cumsum([0, *sizes]).tolist()
    return [slice(start, stop) for start, stop in pairwise(ends)]


@dataclass(frozen=True)
class Softmaxes(Softmax):
    """A softmax over each group of outputs; `sizes` are their lengths."""

    sizes: tuple[int, ...] = ()

    name = "softmaxes"

    def __call__(self, z: Array) -> Array:
        """Probabilities; each group's sum to 1."""
        one = Softmax()
        return np.hstack([one(z[:, part]) for part in _parts(self.sizes)])


@dataclass(frozen=True)
class CrossEntropies(Cost):
    """The sum of the groups' cross-entropies."""

    sizes: tuple[int, ...] = ()
    floor: float = field(default=0.0, kw_only=True)

    name = "cross_entropies"
    outputs = ("softmaxes",)
    latex = CrossEntropy.latex

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        """C_x of each example, (m,)."""
        one, total = CrossEntropy(floor=self.floor), np.zeros(len(z), z.dtype)
        for part in _parts(self.sizes):
            total += one(z[:, part], a[:, part], y[:, part])
        return total

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        """δ^L, (m, n_L)."""
        return a - y


class Columns:
    """Several columns of labels as one-hot groups: what LabelBinarizer is for one.

    Attributes:
        classes_: the labels of each column, sorted.
        y_type_: what scikit-learn calls such targets.
    """

    y_type_ = "multiclass-multioutput"

    def __init__(self, y: Array):
        self.classes_ = [np.unique(column) for column in y.T]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Classes of each column."""
        return tuple(len(classes) for classes in self.classes_)

    def transform(self, y: Array) -> Array:
        """One-hot groups, (m, sum of sizes).

        Raises:
            InputError: another number of columns, or a label that is not known.
        """
        if y.ndim != 2 or y.shape[1] != len(self.classes_):
            raise InputError(
                f"y must have the {len(self.classes_)} columns of the first fit; got "
                f"shape {y.shape}."
            )
        groups = []
        for number, (column, classes) in enumerate(
            zip(y.T, self.classes_, strict=True)
        ):
            one_hot = column[:, None] == classes
            strange = ~one_hot.any(axis=1)
            if strange.any():
                raise InputError(
                    f"column {number} of y must hold the classes of the first fit; got "
                    f"{column[strange][0]!r}. Known: {list(classes)[:12]}."
                )
            groups.append(one_hot)
        return np.hstack(groups)

    def inverse_transform(self, a: Array) -> Array:
        """The most probable label of each column, (m, columns)."""
        kind = np.result_type(*self.classes_)
        answers = np.empty((len(a), len(self.classes_)), kind)
        for number, part in enumerate(self.split(a)):
            answers[:, number] = self.classes_[number][part.argmax(axis=1)]
        return answers

    def split(self, a: Array) -> list[Any]:
        """The outputs of each column."""
        return [a[:, part] for part in _parts(self.sizes)]


def one_hot(y: Array, classes: Array) -> Array:
    """Labels, all of them known, as LabelBinarizer has them, (m, n_classes) booleans.

    Two classes are one column: whether it is the second.

    Args:
        y: (m,) labels.
        classes: every label there can be, sorted.
    """
    at = np.searchsorted(classes, y)
    if len(classes) <= 2:
        return (at == 1)[:, None]
    hot = np.zeros((len(y), len(classes)), bool)
    hot[np.arange(len(y)), at] = True
    return hot


def binarizer_of(y: Array, kind: str) -> LabelBinarizer:
    """A LabelBinarizer fitted to labels; numbers in one column are looked at once.

    Args:
        y: labels, checked.
        kind: what `type_of_target` says of them.
    """
    binarizer = LabelBinarizer()
    plain = y.ndim == 1 and y.dtype.kind in "biuf" and kind in ("binary", "multiclass")
    if not plain:
        return binarizer.fit(y)
    binarizer.classes_ = np.unique(y)
    binarizer.y_type_, binarizer.sparse_input_ = kind, False
    return binarizer
