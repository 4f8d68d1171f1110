"""Columns of any Arrow type to flat storage: numbers, dates in seconds, coded texts.

Two passes over the same blocks of rows: the first finds what each column holds and how
many bytes that takes, the second writes. So no more than a block is in memory, and the
size of the whole is known, and refused if too large, before it is made.

    number  i1 i2 i4 where all are whole and none is missing, else f8 (NaN: missing)
    date    M8[s] (NaT: missing)
    text    i4, a number into the column's texts (-1: missing)
    none    nothing: the column can't be used, `why` says the reason
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ... import _limits
from ..._errors import InputError
from .texts import DATE_FORMATS, Scout, present, to_numbers, to_seconds, trimmed

Blocks: TypeAlias = Callable[[], Iterator[list[Any]]]
"""Gives the rows from the start, some at a time: an Arrow array a column."""

ALIGNMENT = 8
NO_DATE = np.iinfo(np.int64).min


class Sink(Protocol):
    """Where the bytes go; at most `most` of them."""

    most: int

    def reserve(self, size: int) -> None:
        """Make room for so many bytes, or refuse."""

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Put bytes at an offset."""


class Memory:
    """A sink in memory."""

    def __init__(self) -> None:
        self.bytes = np.zeros(0, np.uint8)
        self.most = sys.maxsize

    def reserve(self, size: int) -> None:
        """Make room."""
        self.bytes = np.zeros(size, np.uint8)

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Put bytes at an offset."""
        self.bytes[offset : offset + len(data)] = np.frombuffer(data, np.uint8)


def store(
    names: list[str],
    blocks: Blocks,
    sink: Sink,
    wants: Mapping[str, str],
    comma: bool = False,
) -> dict[str, Any]:
    """Write all columns into `sink`.

    Args:
        names: of the columns, all different.
        blocks: the rows, twice.
        sink: takes the bytes.
        wants: column to "number", "text", "date" or a form of dates, where it must
            be that.
        comma: whether numbers in texts may have a decimal comma.

    Returns:
        "rows", and "columns": for each its name, store, dtype, offset, texts, the form
        of its dates and why it can't be used.

    Raises:
        InputError: no rows, too many, or a cell that is not what its column must be.
    """
    looks = [_Look(name, wants.get(name), comma) for name in names]
    rows = 0
    for arrays in blocks():
        rows += len(arrays[0])
        if rows > _limits.ROWS:
            raise InputError(
                f"there must be at most {_limits.ROWS:,} rows (limit ROWS)."
            )
        if rows * len(names) > sink.most:  # each cell takes a byte or more
            sink.reserve(rows * len(names))
        for look, array in zip(looks, arrays, strict=True):
            try:
                look.look(array)
            except NotTextError as error:
                row = rows - len(array) + error.args[0] + 1
                raise InputError(
                    f"it must be text in UTF-8; row {row}, column {look.scout.name!r} "
                    "holds other bytes. Save it as UTF-8."
                ) from None
    if not rows:
        raise InputError("there must be at least one row of data; there is none.")
    columns = [look.writer() for look in looks]
    size = 0
    for column in columns:
        column.offset = size
        size += -(-rows * column.dtype.itemsize // ALIGNMENT) * ALIGNMENT
    sink.reserve(size)
    first = 0
    for arrays in blocks():
        if first + len(arrays[0]) > rows:
            break
        for column, array in zip(columns, arrays, strict=True):
            column.write(sink, first, array)
        first += len(arrays[0])
    if first != rows:
        raise InputError("it must stay as it is while it is read; it changed.")
    return {"rows": rows, "columns": [column.header() for column in columns]}


class _Look:
    """The first pass over one column."""

    def __init__(self, name: str, want: str | None, comma: bool):
        self.scout = Scout(name, want, comma)
        self.store = ""
        self.why = ""
        self.type: Any = None

    def look(self, array: Any) -> None:
        self.type = array.type
        self.store, self.why = _store_of(array.type)
        scout = self.scout
        if self.store == "text":
            if not pa.types.is_boolean(array.type):
                scout.look(_texts(array))
        elif self.store == "number":
            values, missing = _numbers(array)
            bad = np.flatnonzero(~(np.isfinite(values) | missing))
            if len(bad):
                raise InputError(
                    f"column {scout.name!r} must hold finite numbers; row "
                    f"{scout.rows + int(bad[0]) + 1} has {values[bad[0]]}."
                )
            scout.missing += int(missing.sum())
            scout.measure(values[~missing])
            scout.rows += len(values)

    def writer(self) -> _Writer:
        """What writes the column, now that it is known what it holds."""
        if self.store == "none":
            return _Writer(self.scout, "none", np.dtype("i1"), self.why)
        if self.store == "text" and not pa.types.is_boolean(self.type):
            found = self.scout.found()
            form = found if found in DATE_FORMATS else ""
            kind = "date" if form else found
        else:
            kind, form = self.store, ""
        dtype = {"text": "<i4", "date": "<M8[s]", "number": ""}[kind]
        if kind == "number":
            dtype = _number_type(self.scout)
        return _Writer(self.scout, kind, np.dtype(dtype), form=form)


class _Writer:
    """The second pass over one column."""

    offset = 0

    def __init__(self, scout: Scout, store: str, dtype: Any, why: str = "",
                 form: str = ""):  # fmt: skip
        self.scout, self.store, self.dtype = scout, store, dtype
        self.why, self.form = why, form
        self.codes: dict[str, int] = {}

    def write(self, sink: Sink, first: int, array: Any) -> None:
        """Write the rows of a block, which start at row `first`."""
        if self.store == "none":
            return
        values = getattr(self, f"_{self.store}")(array).astype(self.dtype, copy=False)
        if self.store == "none":  # it turned out to hold too many texts
            return
        data = np.ascontiguousarray(values).view(np.uint8).data
        sink.write(self.offset + first * self.dtype.itemsize, data)

    def _number(self, array: Any) -> Any:
        if _store_of(array.type)[0] == "number":
            values, missing = _numbers(array)
        else:
            texts = _texts(array)
            here = present(texts)
            missing = ~here.to_numpy(zero_copy_only=False)
            values = np.full(len(texts), np.nan)
            values[~missing] = to_numbers(texts.filter(here), self.scout.comma)
        if missing.any():
            values = values.astype(np.float64)
            values[missing] = np.nan
        return values

    def _date(self, array: Any) -> Any:
        if pa.types.is_temporal(array.type):
            seconds = pc.cast(array, pa.timestamp("s", _zone(array.type)), safe=False)
        else:
            texts = _texts(array)
            texts = pc.if_else(present(texts), texts, pa.scalar(None, texts.type))
            seconds = to_seconds(texts, self.form)
        numbers = pc.cast(seconds, pa.int64())
        values = pc.fill_null(numbers, NO_DATE).to_numpy(zero_copy_only=False)
        return values.view("<M8[s]")

    def _text(self, array: Any) -> Any:
        coded = _texts(array).dictionary_encode()
        words = coded.dictionary.to_pylist()
        table = np.empty(len(words) + 1, np.int32)
        for place, word in enumerate(words):
            if word == "":
                table[place] = -1
                continue
            if len(word) > _limits.CELL_CHARACTERS:
                return self._give_up("holds long texts", array)
            table[place] = self.codes.setdefault(word, len(self.codes))
        if len(self.codes) > _limits.LEVELS:
            return self._give_up(
                f"holds more than {_limits.LEVELS:,} different texts (limit LEVELS)",
                array,
            )
        table[-1] = -1
        indices = pc.fill_null(coded.indices, len(words))
        return table[indices.to_numpy(zero_copy_only=False)]

    def _give_up(self, why: str, array: Any) -> Any:
        self.store, self.why, self.codes = "none", why, {}
        return np.empty(0, np.int32)

    def header(self) -> dict[str, Any]:
        """What the reader of the bytes must know."""
        return {
            "name": self.scout.name,
            "store": self.store,
            "dtype": self.dtype.str,
            "offset": self.offset,
            "texts": list(self.codes),
            "form": self.form,
            "why": self.why,
        }


def _number_type(scout: Scout) -> str:
    """The smallest type that holds all the numbers exactly."""
    if scout.missing or not scout.numbers or not scout.whole:
        return "<f8"
    for name in ("<i1", "<i2", "<i4"):
        info = np.iinfo(name)
        if info.min <= scout.low and scout.high <= info.max:
            return name
    return "<f8"


def _store_of(kind: Any) -> tuple[str, str]:
    """How an Arrow type is stored, and why not where it can't be."""
    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return "none", f"has the foreign type {kind}"
    if types.is_dictionary(kind):
        return _store_of(kind.value_type)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "number", ""
    if types.is_null(kind):
        return "number", ""
    if types.is_string(kind) or types.is_large_string(kind) or types.is_boolean(kind):
        return "text", ""
    if types.is_string_view(kind) or types.is_binary(kind):
        return "text", ""
    if types.is_date(kind) or types.is_timestamp(kind):
        return "date", ""
    return "none", f"holds values of type {kind}"


def _zone(kind: Any) -> str | None:
    return kind.tz if pa.types.is_timestamp(kind) else None


def _numbers(array: Any) -> tuple[Any, Any]:
    """The values of a column of numbers, and which are missing."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        array = pc.cast(array, pa.float64(), safe=False)
    missing = pc.is_null(array, nan_is_null=True).to_numpy(zero_copy_only=False)
    if array.null_count:
        array = pc.cast(array, pa.float64(), safe=False)
    return array.to_numpy(zero_copy_only=False), missing


def _texts(array: Any) -> Any:
    """A column of texts as trimmed strings.

    Raises:
        InputError: bytes that are no UTF-8.
    """
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_boolean(array.type):
        array = pc.if_else(array, "True", "False")
    try:
        return trimmed(pc.cast(array, pa.string()))
    except pa.ArrowInvalid:
        raise NotTextError(_first_foreign(array)) from None


class NotTextError(Exception):
    """A cell whose bytes are no UTF-8; holds its place in the block."""


def _first_foreign(array: Any) -> int:
    for place, cell in enumerate(array.to_pylist()):
        try:
            (cell or b"").decode()
        except UnicodeDecodeError:
            return place
    return 0
