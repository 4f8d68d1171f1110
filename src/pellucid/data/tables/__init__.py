"""Tables: raw rows and columns out of CSV, Parquet, data frames and arrays.

A Table holds what stands in a file before any of it becomes a number for a network:
numbers, dates, and texts as numbers into a list of texts. `encoding` goes on from here.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ... import _limits
from ..._arrays import join
from ..._errors import InputError
from ..reader import Decoded, Progress, decode

PARQUET = b"PAR1"
HEADERS = {"auto": None, "yes": True, "no": False}
DELIMITERS = {",": ",", ";": ";", "\t": "\t", "|": "|", "tab": "\t", "\\t": "\t"}
WANTS = {"numeric": "number", "category": "text", "date": "date"}
"""What the raw cells of a column must be for each kind."""


@dataclass(frozen=True)
class Column:
    """One column of raw values.

    Attributes:
        values: (m,): numbers, NaN where missing; or datetime64[s], NaT where missing;
            or whole numbers into `texts`, -1 where missing.
        texts: the different texts; None where the values are numbers or dates.
        form: how dates were written, such as %Y-%m-%d; "" for none, or not by a text.
        why: the reason why the column can't be used; "" where it can.
    """

    values: np.ndarray
    texts: tuple[str, ...] | None = None
    form: str = ""
    why: str = ""

    @property
    def is_date(self) -> bool:
        """Whether the values are points in time."""
        return self.values.dtype.kind == "M"


@dataclass(frozen=True)
class Table:
    """Raw rows in named columns.

    Attributes:
        columns: name to Column, in order.
        rows: m.
        name: what the table is called.
        names: of all columns in the source, those left out too.
        files: name of each file to the SHA-256 of its bytes.
        notes: sentences on what was found out while reading.
    """

    columns: dict[str, Column]
    rows: int
    name: str = "table"
    names: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]


def find_column(asked: str, names: Sequence[str]) -> str:
    """The column that is meant by a name or by a number from 1 (-1: the last).

    Raises:
        InputError: there is none; the nearest name is suggested.
    """
    if asked in names:
        return asked
    try:
        number = int(asked)
        if 1 <= abs(number) <= len(names):
            return names[number - (number > 0)]
    except ValueError:
        pass
    near = difflib.get_close_matches(asked, names, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    more = f", ... ({len(names)} in all)" if len(names) > 20 else ""
    raise InputError(
        f"column must be a name or number of one that is there; got {asked!r:.60}."
        f"{hint} There are: {', '.join(names[:20])}{more}."
    )


def is_path(source: Any) -> bool:
    """Whether the source is a file's name."""
    return isinstance(source, str | os.PathLike)


def read_table(
    source: Any,
    *,
    kinds: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
    delimiter: str | None = None,
    header: str = "auto",
    names: Sequence[Sequence[str]] = (),
    progress: Progress | None = None,
) -> Table:
    """Raw rows from whatever holds them.

    Args:
        source: a CSV, TSV or Parquet file, a data frame (pandas, polars, pyarrow ...),
            a Table, a dictionary of columns, or a 2-D array.
        kinds: column to "numeric", "category", "date" or a form of dates, where it
            must be that; by name.
        ignore: columns that are not read; by name.
        delimiter: of a text file: , ; tab | or None to find out.
        header: of a text file: "yes", "no" or "auto".
        names: what the columns of a text file without a header may be called; the
            list that has as many as there are cells is taken.
        progress: is told the share of a file that is read.

    Raises:
        InputError: no such file, or one that can't be read.
    """
    wants = {n: WANTS.get(kind, kind) for n, kind in (kinds or {}).items()}
    if isinstance(source, Table):
        kept = {n: c for n, c in source.columns.items() if n not in ignore}
        return Table(kept, source.rows, source.name, source.names, source.files)
    if not is_path(source):
        return _from_memory(source, wants, ignore)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise InputError(
            f"delimiter must be a comma, semicolon, tab or bar; got {delimiter!r}."
        )
    if header not in HEADERS:
        raise InputError(f"header must be {join(HEADERS)}; got {header!r}.")
    path = check_file(source)
    found = decode(
        "parquet" if head_of(path).startswith(PARQUET) else "text",
        str(source),
        path.stat().st_size,
        progress,
        path=os.path.abspath(path),
        delimiter=None if delimiter is None else DELIMITERS[delimiter],
        header=HEADERS[header],
        names=[list(each) for each in names],
        ignore=list(ignore),
        wants=wants,
    )
    columns = _columns(found)
    header_of = found.header
    return Table(
        columns,
        header_of["rows"],
        stem(path),
        tuple(header_of["names"]),
        {path.name: header_of["sha256"]},
        tuple(header_of["notes"]),
    )


def stem(path: Path) -> str:
    """A file's name without what says how it is packed."""
    return path.name.split(".")[0] or path.name


def check_file(source: Any) -> Path:
    """The path of a regular file that can be read.

    Raises:
        InputError: there is none.
    """
    path = Path(source)
    try:
        is_file = path.is_file()
        exists = is_file or path.exists()
        readable = os.access(path, os.R_OK)
    except (OSError, ValueError) as error:
        raise InputError(f"{str(source)!r:.200} is no usable path: {error}.") from None
    if not exists:
        raise InputError(f"data must be in a file that exists; nothing is at {source}.")
    if not is_file:
        raise InputError(f"data must be in a file; {source} is something else.")
    if not readable:
        raise InputError(f"{source} must be readable; this user may not read it.")
    return path


def head_of(path: Path) -> bytes:
    """The first bytes of a file, by which its kind is known."""
    with open(path, "rb") as file:
        return file.read(8)


def _columns(found: Decoded) -> dict[str, Column]:
    rows = found.header["rows"]
    columns = {}
    for each in found.header["columns"]:
        if each["store"] == "none":
            values: np.ndarray = np.zeros(0, np.int8)
        else:
            values = found.array(each["dtype"], each["offset"], (rows,))
        texts = tuple(each["texts"]) if each["store"] == "text" else None
        columns[each["name"]] = Column(values, texts, each["form"], each["why"])
    return columns


def _from_memory(source: Any, wants: Mapping[str, str], ignore: Sequence[str]) -> Table:
    """A Table of a data frame, a dictionary of columns or a 2-D array."""
    import pyarrow as pa

    from ..decoders import storing

    series = _series(source)
    names = [name for name in series if name not in ignore]
    if not names:
        raise InputError("a table must have at least one column; got none.")
    arrays = []
    for name in names:
        try:
            arrays.append(series[name]())
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"column {name!r} must hold values of one kind; it can't be read: "
                f"{str(error).splitlines()[0]:.200}."
            ) from None
    lengths = {len(array) for array in arrays}
    if len(lengths) > 1:
        raise InputError("columns must have one length; got several.")
    whole = pa.table(dict(zip(names, arrays, strict=True)))
    sink = storing.Memory()
    header = storing.store(
        names,
        lambda: (batch.columns for batch in whole.to_batches(1 << 16)),
        sink,
        wants,
    )
    rows = header["rows"]
    return Table(_columns(Decoded(header, sink.bytes)), rows, names=tuple(series))


def _series(source: Any) -> dict[str, Callable[[], Any]]:
    """For each column its name, and what makes an Arrow array of it."""
    import narwhals as nw

    if isinstance(source, Mapping):
        return {str(n): partial(_of_array, values) for n, values in source.items()}
    if isinstance(source, np.ndarray) and source.ndim == 2:
        if source.shape[1] > _limits.COLUMNS:
            raise InputError(
                f"a table must have at most {_limits.COLUMNS:,} columns (limit "
                f"COLUMNS); got {source.shape[1]:,}."
            )
        return {str(n): partial(_of_array, v) for n, v in enumerate(source.T, 1)}
    try:
        frame = nw.from_native(source, eager_only=True)
    except TypeError:
        raise InputError(
            "data must be a file, a data frame, a dictionary of columns or a 2-D "
            f"array; got a {type(source).__name__}. Collect a lazy frame first."
        ) from None
    names = [str(name) for name in frame.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(
            f"columns must have different names; {twice!r:.60} stands twice."
        )
    return {str(name): partial(_of_frame, frame, name) for name in frame.columns}


def _of_array(values: Any) -> Any:
    import pyarrow as pa

    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"it has the shape {array.shape}")
    return pa.array(array)


def _of_frame(frame: Any, name: Any) -> Any:
    """An Arrow array in one piece."""
    array = frame[name].to_arrow()
    return array.combine_chunks() if hasattr(array, "combine_chunks") else array
