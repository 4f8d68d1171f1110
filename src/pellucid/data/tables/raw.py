"""Raw columns as what a kind needs: numbers, texts, points in time.

Whatever a column was stored as, a kind gets what it was fitted to: a file that holds 7
as a number means the text "7" to a category.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._errors import InputError
from . import Column

NOT_THERE = frozenset(("", "?", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL"))
"""Texts that stand for a missing category."""

PAIRS = (("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"), ("off", "on"),
         ("nein", "ja"))  # fmt: skip


def numbers(name: str, column: Column, rows: np.ndarray) -> np.ndarray:
    """Rows of a column as float64, NaN where missing; a copy.

    Raises:
        InputError: a cell is no number; its row (from 1) is named.
    """
    if column.texts is None and not column.is_date:
        return np.asarray(column.values[rows], np.float64).copy()
    if column.is_date:
        raise InputError(
            f"column {name!r} must hold numbers; it holds dates. Read it as --kinds "
            f"{name}=date."
        )
    texts = column.texts or ()
    parsed = np.array([*(_number(text) for text in texts), np.nan])
    codes = column.values[rows]
    foreign = np.isinf(parsed[codes])
    if foreign.any():
        first = int(np.flatnonzero(foreign)[0])
        raise InputError(
            f"column {name!r} must hold numbers; row {int(rows[first]) + 1} has "
            f"{texts[codes[first]]!r:.60}. Correct it or leave it empty."
        )
    return np.asarray(parsed[codes])


def _number(text: str) -> float:
    """The number, NaN for a missing one and infinity for none."""
    if text in NOT_THERE or text == "None":
        return np.nan
    try:
        value = float(text)
    except ValueError:
        return np.inf
    return value if np.isfinite(value) and "_" not in text else np.inf


def coded(column: Column) -> tuple[np.ndarray, tuple[str, ...]]:
    """A column as numbers into its texts (-1: missing); 7.0 is "7"."""
    if column.texts is not None:
        return column.values, column.texts
    values = column.values
    gaps = np.isnat(values) if column.is_date else np.isnan(values.astype(np.float64))
    found, codes = np.unique(values[~gaps], return_inverse=True)
    all_codes = np.full(len(values), -1, np.int64)
    all_codes[~gaps] = codes.reshape(-1)
    return all_codes, tuple(str(value).removesuffix(".0") for value in found)


def levels_of(codes: np.ndarray, texts: tuple[str, ...]) -> tuple[list[str], bool]:
    """The different texts of some rows, and whether any is missing."""
    counts = np.bincount(codes + 1, minlength=len(texts) + 1)
    here = [texts[place] for place in np.flatnonzero(counts[1:])]
    levels = [text for text in here if text not in NOT_THERE]
    return levels, bool(counts[0]) or len(levels) < len(here)


def pair_of(column: Column, rows: np.ndarray) -> tuple[Any, Any] | None:
    """The two values of a boolean column, the one that is 0 first; None: it is none."""
    if column.is_date:
        return None
    if column.texts is None:
        values = column.values[rows].astype(np.float64)
        low, high = np.nanmin(values), np.nanmax(values)
        between = (values > low) & (values < high)
        return (float(low), float(high)) if low < high and not between.any() else None
    found, _ = levels_of(column.values[rows], column.texts)
    by_word = {text.lower(): text for text in found}
    for no, yes in PAIRS:
        if len(found) == 2 and by_word.keys() == {no, yes}:
            return by_word[no], by_word[yes]
    return None


def times_of(name: str, column: Column) -> np.ndarray:
    """A column's points in time.

    Raises:
        InputError: it holds something else.
    """
    if column.is_date:
        return column.values
    if column.texts is None and np.isnan(column.values.astype(np.float64)).all():
        return np.full(len(column.values), "NaT", "M8[s]")
    raise InputError(
        f"column {name!r} must hold dates in one form, such as 2011-12-31; it holds "
        "others. Write all in one form, or leave the column out with --ignore."
    )


def parts_of(times: np.ndarray) -> list[np.ndarray]:
    """Year, month (1-12), day (1-31), weekday (Monday 0), hour and minute."""
    days = times.astype("M8[D]")
    months = times.astype("M8[M]")
    minutes = (times - days).astype("m8[m]").astype(np.int64)
    return [
        times.astype("M8[Y]").astype(np.int64) + 1970.0,
        months.astype(np.int64) % 12 + 1.0,
        (days - months.astype("M8[D]")).astype(np.int64) + 1.0,
        (days.astype(np.int64) + 3) % 7 * 1.0,
        minutes // 60 * 1.0,
        minutes % 60 * 1.0,
    ]


def place_of(text: str, places: dict[str, int], otherwise: int) -> int:
    """The place of a text among known ones; "1.0" is "1" where only that is known."""
    found = places.get(text)
    if found is None and text.endswith((".0", ".00")):
        found = places.get(text.rstrip("0").removesuffix("."))
    return otherwise if found is None else found
