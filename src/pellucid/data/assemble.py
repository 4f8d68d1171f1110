"""From raw rows or images to a Dataset: split, fit the encoding, encode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import _limits
from .._errors import InputError
from .dataset import PARTS, Dataset
from .reader import free_memory
from .splits import split_rows
from .tables import Table
from .tables.encoding import Encoding, Pixels
from .tables.outputs import Classes, has_target, task_of
from .tables.raw import coded

BLOCK = 1 << 20
"""Pixels scaled in one go."""


@dataclass(frozen=True)
class Split:
    """How rows are dealt into parts.

    Attributes:
        validation: a share or a number of rows.
        test: likewise; of no meaning where the source has a test part of its own.
        seed: of the lots.
    """

    validation: float = 0.1
    test: float = 0.2
    seed: int = 0


def from_table(
    table: Table,
    names: Sequence[str],
    kinds: Mapping[str, str],
    split: Split,
    dtype: Any,
    test_file: Any = None,
    options: Mapping[str, Any] | None = None,
) -> Dataset:
    """A Dataset of a table: split, then encoded by its training part."""
    known = np.flatnonzero(has_target(table, names))
    if not len(known):
        raise InputError(f"target {names[0]!r} must be there in some row; none has it.")
    task = task_of(table, names, kinds)
    labels = coded(table[names[0]])[0][known] if task == "classes" else None
    if labels is not None:
        labels = np.unique(labels, return_inverse=True)[1].reshape(-1)
    share = split.test if test_file is None else 0
    order, counts = split_rows(len(known), labels, split.validation, share, split.seed)
    rows = known[order]
    del order, labels  # of a large table, each is as large as a column
    encoding = Encoding.fit(
        table,
        rows[: counts["train"]],
        target=names,
        task=task,
        known=known,
        kinds=kinds,
    )
    notes = list(encoding.notes)
    if len(known) < table.rows:
        notes.append(
            f"{table.rows - len(known):,} of {table.rows:,} rows have no target and "
            "are left out."
        )
    parts = [(table, rows)]
    if test_file is not None:
        other = encoding.read(test_file, **(options or {}))
        parts.append((other, labelled(other, encoding)))
        counts["test"] = len(parts[1][1])
    return assemble(parts, encoding, notes, counts, dtype)


def labelled(table: Table, encoding: Encoding) -> np.ndarray:
    """The rows that have their targets."""
    absent = [name for name in encoding.target.names if name not in table.columns]
    if absent:
        raise InputError(
            f"{table.name} must have the target {absent[0]!r}; it is absent. To answer "
            "for rows without it: pellucid predict."
        )
    rows = np.flatnonzero(has_target(table, encoding.target.names))
    if not len(rows):
        raise InputError(f"{table.name} must have a row with its target; none has it.")
    return rows


def assemble(
    parts: Sequence[tuple[Table, np.ndarray]],
    encoding: Encoding,
    notes: Sequence[str],
    counts: dict[str, int],
    dtype: Any,
) -> Dataset:
    """The Dataset of chosen rows of tables, each encoded in place."""
    told: list[str] = list(notes)
    files: dict[str, str] = {}
    targets = [encoding.target.encode(table, rows, dtype) for table, rows in parts]
    y = targets[0] if len(targets) == 1 else np.concatenate(targets)
    x = room(len(y), encoding.width, dtype)
    first = 0
    for table, rows in parts:
        told += encoding.write(table, rows, x[first : first + len(rows)])
        files |= table.files
        first += len(rows)
    target = encoding.target
    return Dataset(
        x,
        y,
        target.classes if isinstance(target, Classes) else None,
        name=parts[0][0].name,
        source=", ".join(files) or "a table of the caller",
        counts=counts,
        encoding=replace(encoding, notes=tuple(told)),
        files=files,
    )


def room(rows: int, inputs: int, dtype: np.dtype[Any]) -> np.ndarray:
    """An empty x, if the memory has room for it."""
    size, free = rows * inputs * dtype.itemsize, free_memory()
    if size > free // 2:
        raise InputError(
            f"{rows:,} rows of {inputs:,} inputs must fit into half of the free "
            f"memory, {free // 2:,} bytes; they take {size:,}. Leave columns out with "
            "--ignore, or use fewer rows."
        )
    return np.empty((rows, inputs), dtype)


@dataclass(frozen=True)
class Images:
    """Decoded images with the number of each one's class.

    Attributes:
        pixels: arrays (m, height, width), (m, height, width, channels) or (m, n), one
            after the other.
        labels: (m,) whole numbers into `classes`, over all arrays.
        classes: the texts of the classes.
        parts: (m,) "train", "validation" or "test", where the source says; "" or None
            where it does not.
        files: name to SHA-256.
        notes: sentences on what was found out.
    """

    pixels: tuple[np.ndarray, ...]
    labels: np.ndarray
    classes: tuple[str, ...]
    parts: np.ndarray | None
    files: dict[str, str]
    notes: tuple[str, ...] = ()


def numbered(labels: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels of any kind as numbers into their sorted texts."""
    found, which = np.unique(labels, return_inverse=True)
    return which.reshape(-1), tuple(str(label) for label in found)


def from_images(images: Images, split: Split, dtype: Any, name: str) -> Dataset:
    """A Dataset of images: pixels in [0, 1], split by class.

    Parts that the source names are kept; of the others the training part gives.

    Raises:
        InputError: one class, or too many; no room.
    """
    if not 2 <= len(images.classes) <= _limits.CLASSES:
        raise InputError(
            f"there must be 2 to {_limits.CLASSES:,} classes (limit CLASSES); got "
            f"{len(images.classes):,}."
        )
    first = images.pixels[0]
    height, width = first.shape[1:3] if first.ndim > 2 else (1, first.shape[1])
    channels = first.shape[3] if first.ndim > 3 else 1
    most = max(float(each.max()) for each in images.pixels)
    scale = 255.0 if first.dtype == np.uint8 else max(1.0, most)
    pixels = Pixels(int(height), int(width), int(channels), scale)
    order, counts = _dealt(images, split)
    x = room(len(order), pixels.inputs, dtype)
    step = max(BLOCK // pixels.inputs, 1)
    for start in range(0, len(order), step):
        rows = order[start : start + step]
        raw = _rows_of(images.pixels, rows)
        np.divide(raw, scale, out=x[start : start + step], dtype=x.dtype)
    y = np.zeros((len(order), len(images.classes)), dtype)
    y[np.arange(len(order)), images.labels[order]] = 1
    target = Classes("label", images.classes)
    return Dataset(
        x,
        y,
        images.classes,
        name=name,
        source=", ".join(images.files),
        counts=counts,
        image_shape=pixels.image_shape,
        files=images.files,
        encoding=Encoding((), target, (), pixels, images.notes),
    )


def _dealt(images: Images, split: Split) -> tuple[np.ndarray, dict[str, int]]:
    """The rows in the order of their parts, and how many each has."""
    parts = images.parts
    if parts is None:
        parts = np.full(len(images.labels), "")
    given = {part: np.flatnonzero(parts == part) for part in PARTS[1:]}
    rest = np.flatnonzero(~np.isin(parts, PARTS[1:]))
    shares = {
        "validation": 0 if len(given["validation"]) else split.validation,
        "test": 0 if len(given["test"]) else split.test,
    }
    order, counts = split_rows(
        len(rest), images.labels[rest], seed=split.seed, **shares
    )
    edges = np.cumsum([counts[part] for part in PARTS])[:-1]
    dealt = dict(zip(PARTS, np.split(rest[order], edges), strict=True))
    rows = [np.concatenate([dealt[p], given.get(p, rest[:0])]) for p in PARTS]
    return np.concatenate(rows), {p: len(r) for p, r in zip(PARTS, rows, strict=True)}


def _rows_of(arrays: Sequence[np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Rows of arrays that lie one after the other, (len(rows), n)."""
    width = int(np.prod(arrays[0].shape[1:]))
    found = np.empty((len(rows), width), arrays[0].dtype)
    first = 0
    for array in arrays:
        mine = (rows >= first) & (rows < first + len(array))
        found[mine] = array.reshape(len(array), width)[rows[mine] - first]
        first += len(array)
    return found
