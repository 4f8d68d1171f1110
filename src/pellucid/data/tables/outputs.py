"""Targets: what the columns to be predicted become as outputs, and back.

classes   one column of labels: an output a class
labels    several columns of no and yes: an output each, 0 or 1
numbers   one or more columns of numbers: an output each, standardised with the
          training part's mean and deviation; answers come back in their own units
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np

from ... import _limits
from ..._arrays import join
from ..._errors import InputError
from . import Table
from .columns import Boolean, Numeric, Tally
from .raw import coded, numbers, pair_of, place_of

FEW_NUMBERS = 20
"""So many different whole numbers are still taken for classes."""


@dataclass(frozen=True)
class Classes:
    """One column of labels.

    Attributes:
        name: of the column.
        classes: the labels, in the order of the outputs.
    """

    task: ClassVar[str] = "classes"
    name: str
    classes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return (self.name,)

    @property
    def outputs(self) -> int:
        """n_L."""
        return len(self.classes)

    def encode(self, table: Table, rows: np.ndarray, dtype: Any) -> np.ndarray:
        """One-hot rows, (len(rows), classes).

        Raises:
            InputError: a label is none of the classes.
        """
        codes, texts = coded(table[self.name])
        place = {label: number for number, label in enumerate(self.classes)}
        used = np.unique(codes[rows])
        found = np.array([place_of(text, place, -1) for text in texts], np.int64)
        if (found[used] < 0).all():  # as in the test part of Adult: "<=50K."
            plain = [text.removesuffix(".") for text in texts]
            found = np.array([place_of(text, place, -1) for text in plain], np.int64)
        strange = used[found[used] < 0]
        if len(strange):
            raise InputError(
                f"target {self.name!r} must be one of the classes; got "
                f"{texts[strange[0]]!r:.60}. Known: {', '.join(self.classes[:12])}."
            )
        columns = found[codes[rows]]
        y = np.zeros((len(rows), len(self.classes)), dtype)
        y[np.arange(len(rows)), columns] = 1
        return y

    def decode(self, a: np.ndarray) -> np.ndarray:
        """The label of each row of outputs, (m,) texts."""
        return np.asarray(np.array(self.classes)[a.argmax(axis=1)])


@dataclass(frozen=True)
class Labels:
    """Several columns of no and yes.

    Attributes:
        columns: what is 0 and what is 1 in each.
    """

    task: ClassVar[str] = "labels"
    columns: tuple[Boolean, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(column.name for column in self.columns)

    @property
    def outputs(self) -> int:
        """n_L."""
        return len(self.columns)

    def encode(self, table: Table, rows: np.ndarray, dtype: Any) -> np.ndarray:
        """Zeros and ones, (len(rows), columns).

        Raises:
            InputError: another value.
        """
        y = np.zeros((len(rows), len(self.columns)), dtype)
        for place, column in enumerate(self.columns):
            tally = Tally()
            column.writer(table[column.name], tally)(rows, y[:, place : place + 1])
            if tally.unseen:
                found = next(iter(tally.unseen[column.name]))
                raise InputError(
                    f"target {column.name!r} must be {join(column.values)}; got "
                    f"{found!r:.60}."
                )
        return y

    def decode(self, a: np.ndarray) -> np.ndarray:
        """0 or 1 for each output, (m, n_L): 1 from one half on."""
        return np.asarray(a >= 0.5, np.int64)


@dataclass(frozen=True)
class Numbers:
    """Columns of numbers, standardised.

    Attributes:
        columns: centre and scale of each.
    """

    task: ClassVar[str] = "numbers"
    columns: tuple[Numeric, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(column.name for column in self.columns)

    @property
    def outputs(self) -> int:
        """n_L."""
        return len(self.columns)

    def encode(self, table: Table, rows: np.ndarray, dtype: Any) -> np.ndarray:
        """Standardised numbers, (len(rows), columns)."""
        y = np.zeros((len(rows), len(self.columns)), dtype)
        for place, column in enumerate(self.columns):
            writer = column.writer(table[column.name], Tally())
            writer(rows, y[:, place : place + 1])
        return y

    def decode(self, a: np.ndarray) -> np.ndarray:
        """The numbers in their own units, (m, n_L) float64."""
        scale = np.array([column.scale for column in self.columns])
        centre = np.array([column.centre for column in self.columns])
        return np.asarray(np.asarray(a, np.float64) * scale + centre)


Target: TypeAlias = Classes | Labels | Numbers
TARGETS = {"classes": Classes, "labels": Labels, "numbers": Numbers}


def has_target(table: Table, names: Sequence[str]) -> np.ndarray:
    """Which rows have all their targets, (rows,) booleans."""
    whole = np.ones(table.rows, bool)
    for name in names:
        column = table[name]
        if column.why:
            raise InputError(f"target {name!r} can't be used: it {column.why}.")
        if column.is_date:
            raise InputError(
                f"target {name!r} must hold labels or numbers; it holds dates."
            )
        if column.texts is not None:
            whole &= column.values >= 0
        elif column.values.dtype.kind == "f":
            whole &= ~np.isnan(column.values)
    return whole


def task_of(table: Table, names: Sequence[str], kinds: Mapping[str, str]) -> str:
    """Whether it is "classes", "labels" or "numbers", by kinds and values.

    Raises:
        InputError: the columns can't be predicted together.
    """
    rows = np.flatnonzero(has_target(table, names))
    for name in names:
        if kinds.get(name) in ("date", "ignored"):
            raise InputError(
                f"target {name!r} must be numeric or category; got {kinds[name]!r}."
            )
    if len(names) == 1:
        column, asked = table[names[0]], kinds.get(names[0])
        if asked is not None:
            return "numbers" if asked == "numeric" else "classes"
        if column.texts is not None:
            return "classes"
        values = np.unique(column.values[rows])
        few = len(values) <= FEW_NUMBERS and bool((values == np.rint(values)).all())
        return "classes" if few else "numbers"
    if all(pair_of(table[name], rows) is not None for name in names) and not any(
        kinds.get(name) == "numeric" for name in names
    ):
        return "labels"
    texts = [name for name in names if table[name].texts is not None]
    if texts:
        raise InputError(
            "several targets must all be numbers, or all hold no and yes; "
            f"{texts[0]!r} holds texts. Predict it alone."
        )
    return "numbers"


def fit_target(
    table: Table, names: Sequence[str], task: str, known: np.ndarray, rows: np.ndarray
) -> Target:
    """The target of a table.

    Args:
        table: the raw rows.
        names: of the columns.
        task: as `task_of` says.
        known: the rows whose target is there: the classes are those of all of them.
        rows: the training rows: mean and deviation are theirs.

    Raises:
        InputError: it is constant, or has too many classes.
    """
    if task == "classes":
        return Classes(names[0], _classes(table, names[0], known))
    if task == "labels":
        return Labels(tuple(Boolean.fit(name, table[name], known) for name in names))
    columns = []
    for name in names:
        values = numbers(name, table[name], rows)
        if values.min() == values.max():
            raise InputError(
                f"target {name!r} must vary; it is {values[0]:g} in all "
                f"{len(rows):,} training rows. Is it the right column?"
            )
        columns.append(Numeric.fit(name, table[name], rows))
    return Numbers(tuple(columns))


def _classes(table: Table, name: str, known: np.ndarray) -> tuple[str, ...]:
    codes, texts = coded(table[name])
    used = [texts[code] for code in np.unique(codes[known])]
    if len(used) < 2:
        raise InputError(
            f"target {name!r} must have two classes or more; all {len(known):,} rows "
            f"are {used[0]!r:.60}. Is it the right column?"
        )
    if len(used) > _limits.CLASSES:
        raise InputError(
            f"target {name!r} must have at most {_limits.CLASSES:,} classes (the limit "
            f"CLASSES); got {len(used):,}. If it is a number to be predicted, pass "
            f"--kinds {name}=numeric."
        )
    return tuple(used if table[name].texts is None else sorted(used))
