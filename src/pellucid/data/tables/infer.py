"""What kind a column is, by the look of its training rows."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..._arrays import choose
from ..._errors import InputError
from . import Column
from .columns import KINDS, Boolean, Category, Date, Ignored, Kind, Numeric
from .raw import coded, levels_of, numbers, pair_of, times_of

ROWS_TO_JUDGE = 20
"""Fewer rows say nothing about whether a column only names them."""

MOST_LEVELS = 1_000
"""Levels of a category, unless it is asked for."""

ROWS_A_LEVEL = 20
"""Training rows that a level needs on average, from FEW_LEVELS on."""

FEW_LEVELS = 30
"""So many levels are always a category."""

NAMES_ROWS = re.compile(
    r"^(unnamed.*|.*[\s_.-])?(id|ids|index|idx|row|rownames|rowname|order|instant|no|nr|"
    r"key|uuid|guid|nummer)$|[a-z](ID|Id|Nr|No)$|^(PID|UID|GUID|UUID)$",
)  # fmt: skip
"""Names of columns that name or count the rows; matched as it is and in lower case."""


def kind_of(
    name: str, column: Column, rows: np.ndarray, asked: str | None, alone: bool
) -> Kind:
    """The kind of a column, fitted to these rows.

    Args:
        name: of the column.
        column: its raw values.
        rows: the training rows; nothing else is looked at.
        asked: the kind it must be, or None to find out.
        alone: whether there is no other column to learn from.

    Raises:
        InputError: it can't be the kind that is asked for.
    """
    if asked is not None:
        chosen: Any = choose("kind", asked, KINDS)
        if chosen is Ignored:
            return Ignored(name, "left out as asked")
        if column.why:
            raise InputError(f"column {name!r} can't be used: it {column.why}.")
        fitted: Kind = chosen.fit(name, column, rows)
        return fitted
    if column.why:
        return Ignored(name, column.why)
    if column.texts is not None:
        return _text(name, column, rows)
    if column.is_date:
        times = times_of(name, column)[rows]
        here = times[~np.isnat(times)]
        if not len(here) or (here.min() == here.max() and len(here) == len(times)):
            return Ignored(name, _same(here))
        return Date.fit(name, column, rows)
    return _number(name, column, rows, alone)


def _text(name: str, column: Column, rows: np.ndarray) -> Kind:
    codes, texts = coded(column)
    levels, missing = levels_of(codes[rows], texts)
    if not levels or (len(levels) == 1 and not missing):
        return Ignored(name, _same(levels))
    if pair_of(column, rows) is not None:
        return Boolean.fit(name, column, rows)
    if len(levels) == len(rows) >= ROWS_TO_JUDGE:
        return Ignored(name, "all its texts differ: it names the rows")
    most = min(MOST_LEVELS, max(FEW_LEVELS, len(rows) // ROWS_A_LEVEL))
    if len(levels) > most:
        return Ignored(
            name,
            f"{len(levels):,} different texts in {len(rows):,} rows: too few rows for "
            f"each ({name}=category takes it all the same)",
        )
    return Category.fit(name, column, rows)


def _number(name: str, column: Column, rows: np.ndarray, alone: bool) -> Kind:
    values = numbers(name, column, rows)
    here = values[~np.isnan(values)]
    if not len(here) or (here.min() == here.max() and len(here) == len(values)):
        return Ignored(name, _same(here))
    if pair_of(column, rows) is not None:
        return Boolean.fit(name, column, rows)
    judged = len(rows) >= ROWS_TO_JUDGE and not alone
    if judged and len(np.unique(here)) == len(values):
        if _counts(values, rows):
            return Ignored(name, "it counts the rows")
        if (here == np.rint(here)).all() and names_rows(name):
            return Ignored(
                name, "all its numbers differ, and by its name it names rows"
            )
    return Numeric.fit(name, column, rows)


def names_rows(name: str) -> bool:
    """Whether a column's name is one of those that name or count rows."""
    return bool(NAMES_ROWS.search(name) or NAMES_ROWS.search(name.lower()))


def _counts(values: np.ndarray, rows: np.ndarray) -> bool:
    """Whether a column is the number of the row, from 0 or 1, in whatever unit."""
    for number in (rows, rows + 1):
        last = float(number.max())
        unit = float(values[number.argmax()]) / last if last else 0.0
        if unit and np.allclose(values, number * unit, rtol=1e-9, atol=0):
            return True
    return False


def _same(values: object) -> str:
    return "it holds the same everywhere" if len(values) else "it holds nothing"  # type: ignore[arg-type]
