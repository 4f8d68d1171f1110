"""CSV and its kin: rows of cells between commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from ... import _limits
from ..._errors import InputError
from .texts import MISSING, NUMBER

DELIMITERS = (",", ";", "\t", "|")
GZIP = b"\x1f\x8b"
SAMPLE_BYTES = 1 << 18  # what is looked at to find delimiter and header
SAMPLE_ROWS = 200
BLOCK_BYTES = 2 << 20
"""Bytes parsed in one go; no row may be longer. Arrow holds some forty times it."""

_NUMBER = re.compile(NUMBER)


class Bytes(io.RawIOBase):
    """The bytes of a file, unpacked where it is gzip; hashes what it reads."""

    def __init__(self, path: str, progress: Callable[[float], None]):
        opened: Any = open(path, "rb", buffering=1 << 20)
        self.file = opened
        self.size = os.fstat(self.file.fileno()).st_size
        self.progress = progress
        self.sha = hashlib.sha256()
        self.unpacked = 0
        head = bytes(self.file.peek(2)[:2])
        self.packed = zlib.decompressobj(31) if head == GZIP else None
        self.left = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some bytes; 0 at the end."""
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        self.unpacked += len(data)
        self.progress(self.file.tell() / max(self.size, 1))  # also a sign of life
        if self.unpacked > _limits.TEXT_TABLE_BYTES:
            raise InputError(
                f"it must hold at most {_limits.TEXT_TABLE_BYTES:,} bytes when "
                "unpacked (limit TEXT_TABLE_BYTES); it holds more."
            )
        return len(data)

    def _next(self, most: int) -> bytes:
        if self.packed is None:
            return self._raw(most)
        while True:
            try:
                data = self.packed.decompress(self.left or self._raw(1 << 18), most)
            except zlib.error as error:
                sentence = f"it must be whole gzip; it is damaged: {error}."
                raise InputError(sentence) from None
            self.left = self.packed.unconsumed_tail
            if data:
                return data
            if self.packed.eof:
                self.left = self.packed.unused_data or self._raw(1 << 18)
                if not self.left.strip(b"\0"):
                    return b""
                self.packed = zlib.decompressobj(31)  # another member follows
            elif not self.left and not self.file.peek(1):
                raise InputError("it must be whole gzip; it ends too early.")

    def _raw(self, most: int) -> bytes:
        data = bytes(self.file.read(most))
        self.sha.update(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        super().close()


class Separated:
    """A file of rows, and how its cells are told apart.

    Attributes:
        names: of the columns.
        notes: sentences on what was found out by looking.
        comma: whether numbers may have a decimal comma.
        sha256: of the file's bytes, once all were read.
    """

    def __init__(
        self,
        path: str,
        delimiter: str | None,
        header: bool | None,
        names: list[list[str]],
        progress: Callable[[float], None],
    ):
        self.path, self.progress = path, progress
        self.sha256 = ""
        sample = _sample(path)
        self.delimiter = delimiter or _delimiter(sample)
        rows = _rows(sample, self.delimiter)
        if not rows:
            raise InputError("it must hold rows of text; it is empty.")
        self.notes: list[str] = []
        self.header = _has_header(rows) if header is None else header
        if not self.header and header is None:
            self.notes.append(
                "the first row looks like data: columns are named by their numbers "
                "(--header yes if it holds their names)."
            )
        cells = [cell.strip() for cell in rows[0]]
        numbered = [str(number) for number in range(1, len(cells) + 1)]
        if names and not self.header:
            numbered = _fitting(names, len(cells))
        if self.header:  # R and pandas leave the name above the rows' names out
            cells = [c or f"column {n}" for c, n in zip(cells, numbered, strict=True)]
        self.names = cells if self.header else numbered
        self._check_names()
        self.comma = self.delimiter != ","

    def _check_names(self) -> None:
        names = self.names
        if len(names) > _limits.COLUMNS:
            raise InputError(
                f"there must be at most {_limits.COLUMNS:,} columns (limit COLUMNS); "
                f"got {len(names):,}."
            )
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            places = [str(n + 1) for n, name in enumerate(names) if name == twice]
            raise InputError(
                f"columns must have different names; {twice!r:.60} stands above "
                f"columns {', '.join(places[:5])}. Rename all but one."
            )

    def blocks(self) -> Iterator[list[Any]]:
        """The rows from the start, as binary Arrow arrays.

        Raises:
            InputError: a row has too few or too many cells, or it is no text.
        """
        source = Bytes(self.path, self.progress)
        wrong: list[Any] = []

        def keep(row: Any) -> str:
            wrong.append(row)
            return "error"

        try:
            reader = arrow_csv.open_csv(
                pa.PythonFile(io.BufferedReader(source, 1 << 20), mode="r"),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK_BYTES,
                    column_names=self.names,
                    skip_rows_after_names=int(self.header),
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=keep,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.binary()),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                if batch.num_rows:
                    yield batch.columns
        except pa.ArrowInvalid as error:
            if wrong:
                raise InputError(self._no_row(wrong[0])) from None
            raise InputError(_sentence(str(error))) from None
        self.sha256 = source.sha.hexdigest()

    def _no_row(self, row: Any) -> str:
        number = "" if row.number is None else f" {row.number - int(self.header)}"
        return (
            f"each row must have {row.expected_columns} cells, as the first has; "
            f"row{number} has {row.actual_columns}: {row.text!r:.80}. Correct it, or "
            f"name the --delimiter if it is not {self.delimiter!r}."
        )


def _fitting(names: list[list[str]], width: int) -> list[str]:
    """The names of which there are as many as cells."""
    found = next((each for each in names if len(each) == width), None)
    if found is None:
        widths = " or ".join(str(len(each)) for each in names)
        raise InputError(
            f"each row must have {widths} cells, as in training with and without the "
            f"target; it has {width}."
        )
    return found


def _sentence(message: str) -> str:
    if "straddling" in message:
        return f"each row must have at most {BLOCK_BYTES:,} bytes; one is longer."
    if "Empty CSV" in message:
        return "there must be at least one row of data; there is none."
    return f"it can't be read as rows of cells: {message.splitlines()[0]:.200}."


def _sample(path: str) -> str:
    """The first rows as text.

    Raises:
        InputError: it is no text in UTF-8.
    """
    data = bytearray()
    with Bytes(path, lambda share: None) as source:
        while len(data) < SAMPLE_BYTES and (more := source.read(SAMPLE_BYTES)):
            data += more
    whole = len(data) < SAMPLE_BYTES
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("it must be text in UTF-8; it is UTF-16. Save it as UTF-8.")
    if b"\0" in data:
        raise InputError("it must be text; it holds zero bytes, as other files do.")
    if not whole:  # a last row that is cut says nothing
        data = data[: data.rfind(b"\n") + 1] or data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"it must be text in UTF-8; line {row} holds other bytes "
            f"({data[error.start : error.start + 1].hex()}). Save it as UTF-8."
        ) from None


def _rows(sample: str, delimiter: str) -> list[list[str]]:
    """The first rows, without empty ones."""
    lines = csv.reader(io.StringIO(sample), delimiter=delimiter)
    found = []
    try:
        for row in lines:
            if row and any(cell.strip() for cell in row):
                found.append(row)
            if len(found) == SAMPLE_ROWS:
                break
    except csv.Error:
        pass  # a cell that is too long: the rows before it will do
    return found


def _delimiter(sample: str) -> str:
    """What stands most evenly between the cells; a comma if nothing does."""

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in _rows(sample, delimiter)]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (widths.count(widths[0]) / len(widths), widths[0])

    return max(DELIMITERS, key=evenness)  # the first of equals


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns.

    Names are different texts, none of them found in its own column further down;
    numbers only where they count 1, 2, 3 on (or from 0).
    """
    first, below = [cell.strip() for cell in rows[0]], rows[1:]
    others = [row for row in below if row != rows[0]]
    if _is_text_above_numbers(first, others):  # though it may stand there twice
        below = others
    if not below:
        return not any(_NUMBER.match(cell) for cell in first)
    numbers = [cell for cell in first if _NUMBER.match(cell)]
    counting = [str(number + int(numbers[0])) for number in range(len(numbers))] if (
        numbers and numbers[0] in ("0", "1")
    ) else []  # fmt: skip
    if numbers != counting or len(numbers) in (1, 2):
        return False
    if len(set(first)) < len(first):
        return _is_text_above_numbers(first, below)
    for column, name in enumerate(first):
        cells = {row[column].strip() for row in below if column < len(row)}
        if name in cells and not _NUMBER.match(name):
            return False
    return True


def _is_text_above_numbers(first: list[str], below: list[list[str]]) -> bool:
    """Whether a text stands above a column of numbers: a header, though repeating."""
    for column, name in enumerate(first):
        cells = [row[column].strip() for row in below if column < len(row)]
        numbers = sum(bool(_NUMBER.match(cell)) for cell in cells)
        if name and name not in MISSING and numbers > 0.9 * len(cells):
            return True
    return False
