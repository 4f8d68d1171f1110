"""Kinds of columns: what each becomes as inputs of a network.

    numeric   (v - centre) / scale, with the training part's mean and deviation;
              missing: the median, and a column that says so
    boolean   0 and 1, by two numbers or a pair such as no and yes; missing: as above
    category  a column a level, 1 where it is that; a level that was not in training
              is 0 in all; missing: a level of its own, if there were any in training
    date      year, month, day, weekday, hour, minute, as far as they vary, each numeric
    ignored   nothing, for a reason that is told

A kind is fitted to the training rows, and then knows no more of the table than it says
in JSON. To add one: a class here and its line in KINDS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np

from ... import _limits
from ..._errors import InputError
from . import Column
from .raw import (
    NOT_THERE,
    coded,
    levels_of,
    numbers,
    pair_of,
    parts_of,
    place_of,
    times_of,
)

Write: TypeAlias = Callable[[np.ndarray, np.ndarray], None]
"""(rows of the table, (len(rows), width) to be filled)."""

PARTS = ("year", "month", "day", "weekday", "hour", "minute")


@dataclass
class Tally:
    """What was met that was not there in training.

    Attributes:
        missing: column to the number of cells that are missing, where none was.
        unseen: column to the texts that were not there, and how often each is.
    """

    missing: Counter[str] = field(default_factory=Counter)
    unseen: dict[str, Counter[str]] = field(default_factory=dict)

    def sentences(self) -> list[str]:
        """What to tell, a sentence a column and case."""
        told = [
            f"column {name!r}: {count:,} missing where none was in training; the "
            "middle value is taken."
            for name, count in self.missing.items()
        ]
        for name, texts in self.unseen.items():
            shown = ", ".join(repr(text) for text, _ in texts.most_common(3))
            told.append(
                f"column {name!r}: {texts.total():,} not met in training "
                f"({shown:.80}); they count as none of the known."
            )
        return told


@dataclass(frozen=True)
class Numeric:
    """A column of numbers: (v - centre) / scale, and whether v was missing.

    Attributes:
        name: of the column.
        centre: mean of the training part.
        scale: standard deviation of the training part.
        fill: its median, for what is missing.
        missing: whether there is a column for what is missing.
    """

    kind: ClassVar[str] = "numeric"
    name: str
    centre: float
    scale: float
    fill: float
    missing: bool

    @classmethod
    def fit(cls, name: str, column: Column, rows: np.ndarray) -> Numeric:
        """The kind for these training rows of a column."""
        values = numbers(name, column, rows)
        here = values[~np.isnan(values)]
        if not len(here):
            raise InputError(f"column {name!r} must hold a number; it holds none.")
        centre, scale = _mean_and_scale(here)
        missing = len(here) < len(values)
        return cls(name, centre, scale, float(np.median(here)), missing)

    @property
    def inputs(self) -> list[str]:
        """What its inputs are called."""
        return [self.name] + [f"{self.name} missing"] * self.missing

    def writer(self, column: Column, tally: Tally) -> Write:
        """What writes rows of a column as inputs."""

        def write(rows: np.ndarray, out: np.ndarray) -> None:
            values = numbers(self.name, column, rows)
            gaps = np.isnan(values)
            if gaps.any():
                values[gaps] = self.fill
                if not self.missing:
                    tally.missing[self.name] += int(gaps.sum())
            scaled(self, self.name, values, rows, out[:, 0])
            if self.missing:
                out[:, 1] = gaps

        return write


@dataclass(frozen=True)
class Boolean:
    """A column of two values, 0 and 1, and whether it was missing.

    Attributes:
        name: of the column.
        values: what is 0 and what is 1: two numbers or two texts.
        fill: 0.0 or 1.0, the more frequent, for what is missing.
        missing: whether there is a column for what is missing.
    """

    kind: ClassVar[str] = "boolean"
    name: str
    values: tuple[float, float] | tuple[str, str]
    fill: float
    missing: bool

    @classmethod
    def fit(cls, name: str, column: Column, rows: np.ndarray) -> Boolean:
        """The kind for these training rows of a column."""
        pair: Any = pair_of(column, rows)
        if pair is None:
            raise InputError(
                f"column {name!r} must hold two values to be boolean, two numbers or a "
                f"pair such as no and yes; it holds others. Read it as --kinds "
                f"{name}=category."
            )
        values = _as_bits(name, column, rows, pair, Tally())
        here = values[~np.isnan(values)]
        fill = float(here.mean() > 0.5)
        return cls(name, pair, fill, len(here) < len(values))

    @property
    def inputs(self) -> list[str]:
        """What its inputs are called."""
        return [self.name] + [f"{self.name} missing"] * self.missing

    def writer(self, column: Column, tally: Tally) -> Write:
        """What writes rows of a column as inputs."""

        def write(rows: np.ndarray, out: np.ndarray) -> None:
            values = _as_bits(self.name, column, rows, self.values, tally)
            gaps = np.isnan(values)
            if gaps.any():
                values[gaps] = self.fill
                if not self.missing:
                    tally.missing[self.name] += int(gaps.sum())
            out[:, 0] = values
            if self.missing:
                out[:, 1] = gaps

        return write


@dataclass(frozen=True)
class Category:
    """A column of texts: one input a level.

    Attributes:
        name: of the column.
        levels: the texts of the training part, sorted.
        missing: whether there is an input for what is missing.
    """

    kind: ClassVar[str] = "category"
    name: str
    levels: tuple[str, ...]
    missing: bool

    @classmethod
    def fit(cls, name: str, column: Column, rows: np.ndarray) -> Category:
        """The kind for these training rows of a column."""
        codes, texts = coded(column)
        found, missing = levels_of(codes[rows], texts)
        if not found:
            raise InputError(f"column {name!r} must hold a text; it holds none.")
        if len(found) > _limits.LEVELS:
            raise InputError(
                f"column {name!r} must hold at most {_limits.LEVELS:,} different texts "
                f"(limit LEVELS); got {len(found):,}."
            )
        return cls(name, tuple(sorted(found)), missing)

    @property
    def inputs(self) -> list[str]:
        """What its inputs are called."""
        names = [f"{self.name} = {level}" for level in self.levels]
        return names + [f"{self.name} missing"] * self.missing

    def writer(self, column: Column, tally: Tally) -> Write:
        """What writes rows of a column as inputs."""
        codes, texts = coded(column)
        place = {level: number for number, level in enumerate(self.levels)}
        absent = len(self.levels)  # also what is missing: a last input, if there is one
        unknown = absent + 1
        where = [
            absent if t in NOT_THERE else place_of(t, place, unknown) for t in texts
        ]
        table = np.array([*where, absent], np.int64)  # the last is for the code -1

        def write(rows: np.ndarray, out: np.ndarray) -> None:
            chosen = codes[rows]
            places = table[chosen]
            out[:] = 0
            known = np.flatnonzero(places < out.shape[1])
            out[known, places[known]] = 1
            for code in chosen[places == unknown]:
                tally.unseen.setdefault(self.name, Counter())[texts[code]] += 1
            if not self.missing and (gaps := int((places == absent).sum())):
                tally.missing[self.name] += gaps

        return write


@dataclass(frozen=True)
class Date:
    """A column of points in time: its parts, each standardised.

    Attributes:
        name: of the column.
        form: how the texts are written, such as %Y-%m-%d; "" where they were no texts.
        parts: (name of the part, centre, scale, fill), each as in Numeric.
        missing: whether there is a column for what is missing.
    """

    kind: ClassVar[str] = "date"
    name: str
    form: str
    parts: tuple[tuple[str, float, float, float], ...]
    missing: bool

    @classmethod
    def fit(cls, name: str, column: Column, rows: np.ndarray) -> Date:
        """The kind for these training rows of a column."""
        times = times_of(name, column)[rows]
        here = times[~np.isnat(times)]
        if not len(here):
            raise InputError(f"column {name!r} must hold a date; it holds none.")
        parts = []
        for part, values in zip(PARTS, parts_of(here), strict=True):
            if values.min() < values.max():
                centre, scale = _mean_and_scale(values)
                parts.append((part, centre, scale, float(np.median(values))))
        return cls(name, column.form, tuple(parts), len(here) < len(times))

    @property
    def inputs(self) -> list[str]:
        """What its inputs are called."""
        names = [f"{self.name} {part}" for part, *_ in self.parts]
        return names + [f"{self.name} missing"] * self.missing

    def writer(self, column: Column, tally: Tally) -> Write:
        """What writes rows of a column as inputs."""
        times = times_of(self.name, column)

        def write(rows: np.ndarray, out: np.ndarray) -> None:
            some = times[rows]
            gaps = np.isnat(some)
            some = np.where(gaps, np.datetime64(0, "s"), some)
            found = dict(zip(PARTS, parts_of(some), strict=True))
            for place, (part, centre, scale, fill) in enumerate(self.parts):
                values = np.where(gaps, fill, found[part])
                out[:, place] = (values - centre) / scale
            if self.missing:
                out[:, -1] = gaps
            elif gaps.any():
                tally.missing[self.name] += int(gaps.sum())

        return write


@dataclass(frozen=True)
class Ignored:
    """A column that is left out.

    Attributes:
        name: of the column.
        why: the reason.
    """

    kind: ClassVar[str] = "ignored"
    name: str
    why: str

    @property
    def inputs(self) -> list[str]:
        """None."""
        return []


Kind: TypeAlias = Numeric | Boolean | Category | Date | Ignored
KINDS = {kind.kind: kind for kind in (Numeric, Boolean, Category, Date, Ignored)}


def scaled(
    kind: Numeric, name: str, values: np.ndarray, rows: np.ndarray, out: np.ndarray
) -> None:
    """Write (values - centre) / scale into `out`.

    Raises:
        InputError: one does not fit the type of `out`.
    """
    with np.errstate(over="ignore"):
        out[:] = (values - kind.centre) / kind.scale
    if not np.isfinite(out).all():
        bad = int(np.flatnonzero(~np.isfinite(out))[0])
        raise InputError(
            f"column {name!r} must hold numbers of a size like those in training; row "
            f"{int(rows[bad]) + 1} has {values[bad]:.3g}. Correct it."
        )


def _mean_and_scale(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation; 1 where all are equal."""
    largest = float(np.abs(values).max()) or 1.0  # so that squares can't overflow
    centre = float((values / largest).mean()) * largest
    deviation = float(np.sqrt((((values - centre) / largest) ** 2).mean())) * largest
    same = values.min() == values.max()
    return (float(values[0]), 1.0) if same or deviation == 0 else (centre, deviation)


def _as_bits(
    name: str, column: Column, rows: np.ndarray, pair: Any, tally: Tally
) -> np.ndarray:
    """0 for the first of the pair and 1 for the second, NaN where missing."""
    low, high = pair
    if isinstance(low, float):
        values = numbers(name, column, rows)
        known = np.isnan(values) | (values == low) | (values == high)
        for value in values[~known]:
            tally.unseen.setdefault(name, Counter())[f"{value:g}"] += 1
        return np.where(known, (values - low) / (high - low), np.nan)
    codes, texts = coded(column)
    bits = {low: 0.0, high: 1.0}
    table = np.array([*(bits.get(text, np.nan) for text in texts), np.nan])
    found = codes[rows]
    strange = [texts[c] for c in found[np.isnan(table[found]) & (found >= 0)]]
    for text in strange:
        if text not in NOT_THERE:
            tally.unseen.setdefault(name, Counter())[text] += 1
    return np.asarray(table[found])
