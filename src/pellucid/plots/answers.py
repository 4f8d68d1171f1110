"""A network's answers beside the true classes: what several figures start from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import evaluation
from .._arrays import Array, check_finite
from .._errors import InputError
from ..data import Dataset
from ..mathematics.costs import COSTS
from ..mathematics.network import Network
from ..training import default_cost


def answers_of(network: Network, data: Dataset) -> tuple[Array, Array, tuple[str, ...]]:
    """Labels (m,), outputs (m, classes) and class names of one part of the data.

    A single output is the probability of the second of two classes.

    Raises:
        InputError: the targets are not classes.
    """
    labels = data.labels
    _, a = evaluation.outputs(network, data, COSTS[default_cost(network)]())
    return labels, as_columns(a), tuple(data.classes or ())


def as_columns(a: Array) -> Array:
    """Outputs with a column for each class, (m, classes) in float64."""
    a = np.asarray(a, dtype=np.float64)
    if a.ndim == 1:
        a = a[:, None]
    return np.hstack([1.0 - a, a]) if a.shape[1] == 1 else a


def checked(
    labels: Any, outputs: Any, classes: Sequence[str] | None
) -> tuple[Array, Array, tuple[str, ...]]:
    """Labels, outputs and names that belong to each other.

    Raises:
        InputError: they do not.
    """
    labels, a = np.asarray(labels), as_columns(outputs)
    check_finite(a, "outputs")
    names = tuple(classes or map(str, range(a.shape[1])))
    if labels.shape != (len(a),) or labels.dtype.kind not in "iu":
        raise InputError(
            f"labels must be ({len(a)},), the number of each example's class; got "
            f"{labels.shape} of {labels.dtype}. For one-hot rows pass y.argmax(1)."
        )
    if len(names) != a.shape[1]:
        raise InputError(
            f"classes must be {a.shape[1]} names, one a column of the outputs; got "
            f"{len(names)}."
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(names):
        raise InputError(
            f"labels must lie in 0 ... {len(names) - 1}; got {labels.min()} ... "
            f"{labels.max()}. Number the classes from 0."
        )
    return labels, a, names


def worst_mistakes(
    network: Network, data: Dataset, count: int
) -> tuple[list[int], Array]:
    """The wrong answers given with the largest outputs.

    Args:
        network: a classifier.
        data: one part of the data.
        count: how many at most.

    Returns:
        Their rows, the worst first, and the outputs there, (k, classes).
    """
    labels, a, _ = answers_of(network, data)
    wrong = np.flatnonzero(a.argmax(1) != labels)
    order = wrong[np.argsort(-a[wrong].max(1), kind="stable")][:count]
    return [int(row) for row in order], a[order]
