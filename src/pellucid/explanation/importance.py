"""Permutation importance and partial dependence, as scikit-learn computes them.

Columns are what the user knows: the encoding is inside the model that scikit-learn
asks, so that the inputs of a category move together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import Array, check_number
from ..data import Dataset
from ..mathematics.network import Network
from .columns import (
    Group,
    columns_of,
    dense,
    find_group,
    output_names,
    patch_of,
    picture_of,
    score_of,
)

REPEATS = 5
"""Times that each column is shuffled."""

GRID = 25
"""Values at which a dependence is asked for."""


@dataclass(frozen=True)
class Importance:
    """What is lost where a column is shuffled.

    Attributes:
        groups: the columns, (k,).
        mean: score lost, (k,), the mean over the repeats; near 0 or less: not used.
        deviation: standard deviation over the repeats, (k,).
        score: with all columns as they are.
        measure: what the score is called.
        count: examples it was measured on.
        image_shape: (height, width) where the groups are patches of it.
    """

    groups: tuple[Group, ...]
    mean: Array
    deviation: Array
    score: float
    measure: str
    count: int
    image_shape: tuple[int, int] | None = None

    @property
    def order(self) -> Array:
        """Numbers of the columns, the most important first."""
        return np.argsort(-self.mean, kind="stable")


def importance(
    network: Network,
    data: Dataset,
    repeats: int = REPEATS,
    patch: int | None = None,
) -> Importance:
    """How much the score needs each column: what shuffling it costs.

    Of columns that tell the same, each may seem unimportant: the other is still there.

    Args:
        network: the network.
        data: one part of the data, better not the one it has learned from.
        repeats: times that each column is shuffled, 1 or more.
        patch: side of the square patches of images that are shuffled together; None:
            seven of them in a row.

    Raises:
        InputError: the examples do not fit, or one is too few for R².

    Source: Breiman 2001, "Random Forests", section 10.
    """
    from sklearn.inspection import permutation_importance

    check_number("repeats", repeats, least=1, whole=True)
    patch = patch_of(data) if patch is None else patch
    check_number("patch", patch, least=1, whole=True)
    x, score = dense(data.x), score_of(data)
    groups = columns_of(data, patch)
    # Cell (i, c) of what scikit-learn shuffles is the row whose column c example i has.
    rows = np.tile(np.arange(len(x))[:, None], len(groups))

    def answers(cells: Array) -> Array:
        mixed = x.copy()
        for c in np.flatnonzero((cells != rows).any(axis=0)):
            inputs = groups[c].inputs
            mixed[:, inputs] = x[cells[:, c, None], inputs]
        return network(mixed)

    found = permutation_importance(
        _model(answers),
        rows,
        data.y,
        scoring=lambda model, cells, _: score.of(model.predict(cells)),
        n_repeats=repeats,
        random_state=0,
    )
    return Importance(
        tuple(groups),
        found.importances_mean,
        found.importances_std,
        score.of(network(x)),
        score.name,
        len(x),
        picture_of(data),
    )


@dataclass(frozen=True)
class Dependence:
    """The mean answer where a column is set to one value in all examples.

    Attributes:
        column: its name.
        grid: the values, (k,): numbers in the column's own unit, or texts.
        mean: mean answer, (outputs, k), in the target's own unit.
        each: answers of single examples, (outputs, m, k).
        outputs: what they are called.
        count: examples that the mean is over.
    """

    column: str
    grid: tuple[float, ...] | tuple[str, ...]
    mean: Array
    each: Array
    outputs: tuple[str, ...]
    count: int

    @property
    def cells(self) -> list[str]:
        """The values as texts."""
        return [v if isinstance(v, str) else f"{v:.6g}" for v in self.grid]

    @property
    def span(self) -> Array:
        """Largest less smallest mean answer, (outputs,)."""
        return np.ptp(self.mean, axis=1)


Put = Callable[[Array, Array], None]
"""Writes values (m,) of a column into inputs (m, k)."""


def dependence(
    network: Network, data: Dataset, column: str, points: int = GRID
) -> Dependence:
    """How the answer goes with one column, all others as they are.

    Where columns hang together, some of the rows that this makes up can't be.

    Args:
        network: the network.
        data: one part of the data.
        column: its name or number; of a date one of its parts, such as "born year".
        points: values from the 5th to the 95th percentile; all, where there are fewer.

    Raises:
        InputError: there is no such column.

    Source: Friedman 2001, "Greedy function approximation", section 8.2; Goldstein et
    al. 2015, "Peeking inside the black box", for the single examples.
    """
    from sklearn.inspection import partial_dependence

    check_number("points", points, least=2, whole=True)
    group = find_group(column, _single(columns_of(data)))
    x = dense(data.x)
    values, names, put = _values(group, x)
    own: Any = np.asarray if data.encoding is None else data.encoding.decode
    numbers = data.classes is None

    def answers(cells: Array) -> Array:
        changed = x[cells[:, 0].astype(np.int64)]
        inside = changed[:, group.inputs]
        put(cells[:, 1], inside)
        changed[:, group.inputs] = inside
        a = network(changed)
        return np.asarray(own(a) if numbers and _is_number(data) else a, np.float64)

    found = partial_dependence(
        _model(answers),
        np.column_stack([np.arange(len(x), dtype=np.float64), values]),
        [1],
        custom_values={1: _grid(values, points, names is not None)},
        kind="both",
    )
    grid = found["grid_values"][0]
    told: Any = (
        [float(v) for v in grid] if names is None else [names[int(v)] for v in grid]
    )
    mean = found["average"]
    each = found["individual"].reshape(len(mean), len(x), -1)
    return Dependence(
        group.name, tuple(told), mean, each, tuple(output_names(data)), len(x)
    )


def _is_number(data: Dataset) -> bool:
    return data.encoding is not None and data.encoding.target.task == "numbers"


def _grid(values: Array, points: int, names: bool) -> Array:
    """Values to ask for: all there are where they are few, else evenly spread."""
    there = np.unique(values)
    if names or len(there) <= points:
        return there
    low, high = np.quantile(values, (0.05, 0.95))
    if low == high:
        low, high = there[0], there[-1]
    return np.linspace(low, high, points)


def _single(groups: Sequence[Group]) -> list[Group]:
    """The same, with each part of a date a column of its own."""
    from ..data.tables.columns import Numeric

    found = []
    for group in groups:
        if group.kind is None or group.kind.kind != "date":
            found.append(group)
            continue
        for place, (part, centre, scale, fill) in enumerate(group.kind.parts):  # type: ignore[union-attr]
            name = f"{group.name} {part}"
            kind = Numeric(name, centre, scale, fill, False)
            found.append(Group(name, group.inputs[place : place + 1], kind))
    return found


def _values(group: Group, x: Array) -> tuple[Array, list[str] | None, Put]:
    """Values of a column, (m,); their names, if they are no numbers; what writes them.

    A number that is missing counts as its fill, a category that is as a level.
    """
    inside = x[:, group.inputs].astype(np.float64)
    kind: Any = group.kind

    def number(values: Array, out: Array) -> None:
        centre, scale = (0.0, 1.0) if kind is None else (kind.centre, kind.scale)
        out[:] = 0  # nothing is missing
        out[:, 0] = (values - centre) / scale

    def truth(values: Array, out: Array) -> None:
        out[:] = 0
        out[:, 0] = values

    def level(values: Array, out: Array) -> None:
        out[:] = 0
        out[np.arange(len(out)), values.astype(np.int64)] = 1

    if kind is None:
        return inside[:, 0], None, number
    if kind.kind == "category":
        known = inside.max(axis=1) > 0
        codes = np.where(known, inside.argmax(axis=1), _most(inside))
        return codes.astype(np.float64), [*kind.levels, "missing"], level
    if kind.kind == "boolean":
        names = [v if isinstance(v, str) else f"{v:g}" for v in kind.values]
        return (inside[:, 0] >= 0.5).astype(np.float64), names, truth
    return kind.centre + kind.scale * inside[:, 0], None, number


def _most(inside: Array) -> int:
    """The most frequent level."""
    return int(inside.sum(axis=0).argmax())


def _model(answers: Callable[[Array], Array]) -> Any:
    """What scikit-learn takes for a fitted regressor, whose answers are these."""
    from sklearn.base import BaseEstimator, RegressorMixin

    class Asked(RegressorMixin, BaseEstimator):  # type: ignore[misc]
        def fit(self, x: Array, y: Any = None) -> Any:
            return self

        def __sklearn_is_fitted__(self) -> bool:
            return True

        def predict(self, x: Array) -> Array:
            return answers(x)

    return Asked()
