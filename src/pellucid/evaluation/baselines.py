"""Baselines: what can be had without learning any weights.

How would you program the recognition of digits? Each function answers for every
example of `data` after one look at the examples of `train`, and returns the number
that it gets right. A network that is not better has learned nothing.

To add one: a function here and its line in BASELINES.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .._arrays import Array
from .._errors import InputError
from .._random import stream
from ..data import Dataset


def most_frequent_class(train: Dataset, data: Dataset) -> int:
    """Always the class that `train` has most of; the first of equals.

    Raises:
        InputError: as for every function here: the two do not fit each other.
    """
    _check(train, data)
    answer = _class_sizes(train).argmax()
    return int((data.labels == answer).sum())


def random_class(train: Dataset, data: Dataset, seed: int = 0) -> int:
    """A class by lot for each example, all equally likely.

    Args:
        train: says which classes there are.
        data: what is answered for.
        seed: of the lots.
    """
    _check(train, data)
    answers = stream(seed, "baseline").randint(train.outputs, size=len(data))
    return int((data.labels == answers).sum())


def average_darkness(train: Dataset, data: Dataset) -> int:
    """The class whose average sum of inputs (ink) is nearest to the example's.

    Source: Nielsen, ch. 1, "Toward deep learning" and mnist_average_darkness.py.
    """
    _check(train, data)
    of_class = _class_means(_darkness(train)[:, None], train)[:, 0]
    distance = abs(_darkness(data)[:, None] - of_class)  # (m, classes)
    return int((data.labels == np.nanargmin(distance, axis=1)).sum())


def nearest_class_mean(train: Dataset, data: Dataset) -> int:
    """The class whose mean example is nearest, by Euclidean distance."""
    _check(train, data)
    means = _class_means(train.x, train)
    # ‖x - μ‖² without ‖x‖², which is the same for every class.
    distance = (means**2).sum(axis=1) - 2.0 * (data.x @ means.T)  # (m, classes)
    return int((data.labels == np.nanargmin(distance, axis=1)).sum())


def _darkness(data: Dataset) -> Array:
    """The sum of each example's inputs, (m,)."""
    return np.asarray(data.x.sum(axis=1, dtype=np.float64)).reshape(-1)


def _class_sizes(data: Dataset) -> Array:
    """How many examples each class has, (classes,)."""
    return np.bincount(data.labels, minlength=data.outputs)


def _class_means(x: Array, data: Dataset) -> Array:
    """The mean row of each class, (classes, n) in float64.

    A class without examples has no mean, NaN, and is never answered.
    """
    means = np.full((data.outputs, x.shape[1]), np.nan)
    for number in np.flatnonzero(_class_sizes(data)):
        means[number] = x[data.labels == number].mean(axis=0, dtype=np.float64)
    return means


def _check(train: Dataset, data: Dataset) -> None:
    """Check that both have the same inputs and the same classes."""
    if train.inputs != data.inputs or train.classes != data.classes:
        raise InputError(
            "a baseline needs two parts with the same inputs and classes; got "
            f"{train.describe()} and {data.describe()}. Take parts of one data set."
        )


BASELINES: dict[str, Callable[[Dataset, Dataset], int]] = {
    "random": random_class,
    "most frequent class": most_frequent_class,
    "average darkness": average_darkness,
    "nearest class mean": nearest_class_mean,
}
