"""Encoding: raw rows to inputs and targets, fitted once, on the training part only.

It is part of the model file, so that a network can be given raw rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ... import _limits
from ..._arrays import choose
from ..._errors import InputError
from ..inputs import float_type
from ..reader import let_go
from . import Table, is_path, read_table
from .columns import KINDS, PARTS, Date, Ignored, Kind, Tally
from .infer import kind_of
from .outputs import Target, fit_target
from .plain import of_plain, to_plain

SMALLEST = 1e-9
"""Of the deviations of a date's parts, which are whole numbers, none is smaller."""

TINIEST = 1e-30
"""What pixels are divided by is no smaller: they stay finite."""

BLOCK = 1 << 20
"""Values encoded in one go."""


@dataclass(frozen=True)
class Pixels:
    """Images: (height, width) or with three colours, brought to [0, 1].

    Attributes:
        height: pixels.
        width: pixels.
        channels: 1 for grey, 3 for red, green and blue.
        scale: what a pixel is divided by.
    """

    height: int
    width: int
    channels: int
    scale: float

    @property
    def inputs(self) -> int:
        """n_0."""
        return self.height * self.width * self.channels

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """(height, width) where the image is grey and has a shape."""
        plain = self.channels == 1 and self.height > 1
        return (self.height, self.width) if plain else None


@dataclass(frozen=True)
class Encoding:
    """What raw rows become, and what answers mean.

    Attributes:
        columns: the kind of each column, in the order of the source; the targets not
            among them.
        target: the columns to be predicted; None where nothing is known of them.
        order: names of all columns of the source, targets too.
        pixels: the images, where the rows are not columns but images.
        notes: sentences on what was found out while fitting.
    """

    columns: tuple[Kind, ...]
    target: Target
    order: tuple[str, ...] = ()
    pixels: Pixels | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def fit(
        cls,
        table: Table,
        rows: np.ndarray,
        *,
        target: Sequence[str],
        task: str,
        known: np.ndarray,
        kinds: Mapping[str, str] | None = None,
    ) -> Encoding:
        """The encoding of a table; nothing but its training rows is looked at.

        Args:
            table: raw rows.
            rows: numbers of the training rows.
            target: names of the columns to be predicted.
            task: "classes", "labels" or "numbers".
            known: rows whose target is there; the classes are those of all of them.
            kinds: column to the kind it must be.

        Raises:
            InputError: no column is left to learn from, or one can't be its kind.
        """
        kinds = kinds or {}
        for name in kinds:
            choose("kind", kinds[name], KINDS)
        inputs = [name for name in table.columns if name not in target]
        columns: list[Kind] = []
        for name in table.names or tuple(table.columns):
            if name in target:
                continue
            if name not in table.columns:
                columns.append(Ignored(name, "left out as asked"))
                continue
            alone = len(inputs) == 1
            columns.append(kind_of(name, table[name], rows, kinds.get(name), alone))
            let_go(table[name].values)
        if not any(column.inputs for column in columns):
            reasons = "; ".join(f"{c.name}: {c.why}" for c in columns[:5])  # type: ignore[union-attr]
            raise InputError(
                "at least one column must be left to learn from; none is"
                + (f" ({reasons:.300})." if reasons else ": there is only the target.")
            )
        found = fit_target(table, target, task, known, rows)
        order = table.names or tuple(table.columns)
        return cls(tuple(columns), found, order, notes=table.notes)

    @property
    def inputs(self) -> list[str]:
        """What each input is called, (n_0,)."""
        if self.pixels is not None:
            return [f"pixel {number}" for number in range(self.pixels.inputs)]
        return [name for column in self.columns for name in column.inputs]

    @property
    def width(self) -> int:
        """n_0, without a name made for each."""
        if self.pixels is not None:
            return self.pixels.inputs
        return sum(len(column.inputs) for column in self.columns)

    @property
    def needed(self) -> list[str]:
        """Columns that rows must have."""
        return [column.name for column in self.columns if column.inputs]

    @property
    def numbered(self) -> bool:
        """Whether the source had no header: its columns are named by their numbers."""
        return bool(self.order) and self.order == _numbers_up_to(len(self.order))

    def transform(self, source: Any, dtype: Any = "float32") -> np.ndarray:
        """Raw rows as inputs.

        Columns may come in any order, and others beside them; the targets are not
        needed.

        Args:
            source: a file, a data frame, a Table, a dictionary of columns; for images
                an array (m, height, width) or (m, n_0) of pixels.
            dtype: "float32" or "float64".

        Returns:
            (m, n_0).

        Raises:
            InputError: a column is absent, or a cell can't be what it must be.

        Warns:
            UserWarning: levels that were not there in training, or missing values
                where none was: how many, and how they count.
        """
        kind = float_type(dtype)
        if self.pixels is not None:
            return self.scale_pixels(source, kind)
        table = self.read(source)
        x = np.empty((table.rows, self.width), kind)
        for sentence in self.write(table, np.arange(table.rows), x):
            warnings.warn(sentence, UserWarning, stacklevel=2)
        return x

    def read(self, source: Any, **options: Any) -> Table:
        """A Table whose columns are raw as those in training were.

        Args:
            source: as for `transform`.
            options: as for `read_table`: delimiter, header, progress.

        Raises:
            InputError: a column is absent, or holds something else.
        """
        if isinstance(source, Table):
            self._check_there(source)
            return source
        if is_path(source) and options.get("header", "auto") == "auto":
            options["header"] = "no" if self.numbered else "yes"
        kinds = {column.name: _raw_kind(column) for column in self.columns}
        unused = [column.name for column in self.columns if not column.inputs]
        labels = self.target.names if self.target.task == "classes" else ()
        wants = {name: kind for name, kind in kinds.items() if kind}
        without = [name for name in self.order if name not in self.target.names]
        table = read_table(
            source,
            kinds=wants | dict.fromkeys(labels, "category"),
            ignore=unused,
            names=[list(self.order), without],
            **options,
        )
        self._check_there(table)
        return table

    def _check_there(self, table: Table) -> None:
        absent = [name for name in self.needed if name not in table.columns]
        if absent:
            there = ", ".join(list(table.columns)[:12])
            raise InputError(
                f"rows must have the column {absent[0]!r}, which the network was "
                f"trained with; it is absent"
                + (f", as are {len(absent) - 1} more" if len(absent) > 1 else "")
                + f". There are: {there:.300}. (--header no, if these are no names.)"
            )
        for name in self.needed:
            if table[name].why:
                raise InputError(
                    f"column {name!r} can't be used: it {table[name].why}."
                )

    def write(self, table: Table, rows: np.ndarray, x: np.ndarray) -> list[str]:
        """Write rows of a table as inputs.

        Args:
            table: raw rows.
            rows: which of them, in this order.
            x: (len(rows), n_0), to be filled.

        Returns:
            Sentences on what was not there in training.
        """
        tally, stop = Tally(), 0
        for column in self.columns:
            if isinstance(column, Ignored):
                continue
            raw, width = table[column.name], len(column.inputs)
            write, step = column.writer(raw, tally), max(BLOCK // max(width, 1), 1)
            start, stop = stop, stop + width
            for first in range(0, len(rows), step):
                block = x[first : first + step, start:stop]
                write(rows[first : first + step], block)
            let_go(raw.values)
        return tally.sentences()

    def scale_pixels(self, source: Any, dtype: Any) -> np.ndarray:
        """Images as inputs in [0, 1], (m, n_0)."""
        pixels = self.pixels
        if pixels is None:
            raise InputError("the network was trained on columns, not on images.")
        raw = np.asarray(source)
        if raw.dtype.kind not in "iufb" or raw.size == 0:
            raise InputError(f"pixels must be numbers; got dtype {raw.dtype}.")
        if raw.ndim < 2 or raw[0].size != pixels.inputs:
            raise InputError(
                f"images must be (m, {pixels.height}, {pixels.width}) or "
                f"(m, {pixels.inputs}) pixels; got {raw.shape}."
            )
        flat = raw.reshape(len(raw), -1)
        return np.asarray(np.divide(flat, pixels.scale, dtype=dtype), dtype)

    def decode(self, a: Any) -> np.ndarray:
        """What outputs mean.

        Args:
            a: (m, n_L) outputs of the network.

        Returns:
            Labels (m,); or 0 and 1 (m, n_L); or numbers in their own units (m, n_L).
        """
        return self.target.decode(np.asarray(a))

    def describe(self) -> list[tuple[str, str, str]]:
        """For each column its name, its kind and what it becomes."""
        lines = [(c.name, c.kind, _becomes(c)) for c in self.columns]
        task = self.target
        what = {
            "classes": f"{task.outputs} classes",
            "labels": f"{task.outputs} labels, no or yes each",
            "numbers": "a number, standardised",
        }[task.task]
        return [*lines, (", ".join(task.names), "target", what)]

    def to_json(self) -> dict[str, Any]:
        """The encoding as plain values."""
        return to_plain(self)  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, value: Any, name: str = "encoding") -> Encoding:
        """The encoding out of plain values.

        Raises:
            InputError: they are not exactly what `to_json` gives.
        """
        found: Encoding = of_plain(cls, value, name)
        found.check(name)
        return found

    def check(self, name: str) -> None:
        """Check that the values make sense together.

        Raises:
            InputError: they do not.
        """
        columns = [*self.columns, *getattr(self.target, "columns", ())]
        names = [column.name for column in columns]
        outputs = [*getattr(self.target, "classes", ()), *self.target.names]
        sound = (
            (self.pixels is None or (_is_sound(self.pixels) and not self.columns))
            and len(set(names)) == len(names) <= _limits.COLUMNS
            and all(_is_sound(column) for column in columns)
            and 0 < self.width <= _limits.UNITS
            and not {column.name for column in self.columns} & set(self.target.names)
            and len(set(outputs)) == len(outputs) <= _limits.CLASSES + 1
            and self.target.outputs >= (2 if self.target.task == "classes" else 1)
        )
        if not sound:
            raise InputError(f"{name} must hold values that fit together; it does not.")


def _raw_kind(column: Kind) -> str | None:
    """What the raw cells of a column must be; None: whatever they look like."""
    if column.kind == "category":
        return "category"
    if isinstance(column, Date):
        return column.form or "date"
    if column.kind == "boolean" and isinstance(column.values[0], str):  # type: ignore[union-attr]
        return "category"
    return "numeric" if column.inputs else None


def _numbers_up_to(count: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, count + 1))


def _becomes(column: Kind) -> str:
    if isinstance(column, Ignored):
        return column.why
    width = len(column.inputs)
    values = [
        f"{v:g}" if isinstance(v, float) else v for v in getattr(column, "values", ())
    ]
    first = {
        "numeric": lambda c: f"mean {c.centre:.4g}, deviation {c.scale:.4g}",
        "boolean": lambda c: f"{values[0]} is 0, {values[1]} is 1",
        "category": lambda c: f"{len(c.levels)} levels",
        "date": lambda c: ", ".join(part for part, *_ in c.parts),
    }[column.kind](column)
    missing = "; missing values marked" if column.missing else ""
    return f"{first}{missing}; {width} input{'s' if width > 1 else ''}"


def _is_sound(each: Any) -> bool:
    """Whether the values of a kind make sense."""
    if isinstance(each, Pixels):
        sides = (each.height, each.width)
        sane = all(0 < n <= _limits.UNITS for n in sides) and each.channels in (1, 3)
        return sane and TINIEST <= each.scale <= 1 / TINIEST
    if each.kind == "numeric":
        return bool(each.scale > 0)
    if each.kind == "boolean":
        return each.values[0] != each.values[1] and each.fill in (0.0, 1.0)
    if each.kind == "category":
        levels = each.levels
        return (
            0 < len(set(levels)) == len(levels) <= _limits.LEVELS and "" not in levels
        )
    if each.kind == "date":
        parts = [part for part, *_ in each.parts]
        known = all(part in PARTS for part in parts) and len(set(parts)) == len(parts)
        return known and all(
            scale >= SMALLEST and max(abs(centre), abs(fill)) <= 1 / SMALLEST
            for _, centre, scale, fill in each.parts
        )
    return True
