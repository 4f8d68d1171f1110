"""NumPy's .npy and .npz files: arrays x and y, with a test part or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import _limits
from .._errors import InputError
from .assemble import Images, Split, from_images, from_table, numbered
from .dataset import Dataset
from .reader import decode
from .tables import Column, Table, find_column

MAGIC = (b"\x93NUMPY", b"PK\x03\x04")
"""How .npy and .npz files start."""


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """The arrays of a file by their roles, x, y, x_test, y_test, and its SHA-256.

    Raises:
        InputError: it is damaged, or holds objects or no x.
    """
    found = decode("arrays", str(path), path.stat().st_size, path=str(path.absolute()))
    arrays = {
        role: found.array(each["dtype"], each["offset"], tuple(each["shape"]))
        for role, each in found.header["arrays"].items()
    }
    return arrays, str(found.header["sha256"])


def read_numpy(
    path: Path,
    target: str | Sequence[str] | None,
    kinds: Mapping[str, str],
    split: Split,
    dtype: Any,
) -> Dataset:
    """A Dataset of NumPy files.

    Bytes, and arrays of more than two dimensions, are pixels; others are columns of
    numbers, called 1, 2, ...

    Args:
        path: a .npz with x and y (and x_test, y_test; x_train for x will do), or a
            .npy with x.
        target: for a .npy file: that of y, or columns of x.
        kinds: as for `read`.
        split: how to deal the rows.
        dtype: of x.

    Raises:
        InputError: there is no y, or it does not fit.
    """
    arrays, sha256 = read_arrays(path)
    files = {path.name: sha256}
    if "y" not in arrays and isinstance(target, str) and Path(target).is_file():
        other, files[Path(target).name] = read_arrays(Path(target))
        arrays["y"] = other["x"]
    name = path.name.split(".")[0]
    x = arrays["x"]
    if "y" not in arrays:
        if x.ndim != 2 or target is None:
            raise InputError(
                f"{path} must come with its targets: an array y in a .npz, or --target "
                "and a .npy file of them, or the number of a column."
            )
        table = _table(x, None, name, files)
        asked = [target] if isinstance(target, str) else list(target)
        names = [find_column(each, table.names) for each in asked]
        return from_table(table, names, kinds, split, dtype)
    for role in ("", "_test"):
        if f"x{role}" in arrays:
            _check_pair(path, arrays[f"x{role}"], arrays[f"y{role}"])
    if x.dtype == np.uint8 or x.ndim > 2:
        return from_images(_images(path, arrays, files), split, dtype, name)
    table = _table(x, arrays["y"], name, files)
    names = [column for column in table.columns if column.startswith("y")]
    test = None
    if "x_test" in arrays:
        test = _table(arrays["x_test"], arrays["y_test"], name, {})
    return from_table(table, names, kinds, split, dtype, test)


def _check_pair(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    if len(y) != len(x) or y.ndim > 2:
        raise InputError(
            f"{path} must hold a target for each row; it holds {len(x):,} rows and "
            f"targets {y.shape}."
        )


def _images(path: Path, arrays: dict[str, np.ndarray], files: dict[str, str]) -> Images:
    pixels, labels, parts = [], [], []
    for role, part in (("", "train"), ("_test", "test")):
        if f"x{role}" not in arrays:
            continue
        x, y = arrays[f"x{role}"], arrays[f"y{role}"]
        y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
        if x.ndim == 4 and x.shape[3] not in (1, 3):
            x = x[:0]  # refused below
        if not len(x) or x.ndim > 4 or y.ndim != 1 or x.dtype.kind not in "iuf":
            raise InputError(
                f"{path}: images must be (m, height, width) or (m, height, width, 3) "
                f"with labels (m,); got {arrays[f'x{role}'].shape} and {y.shape}."
            )
        pixels.append(x)
        labels.append(y)
        parts += [part if "x_test" in arrays else ""] * len(x)
    which, classes = numbered(np.concatenate(labels))
    return Images(tuple(pixels), which, classes, np.array(parts), files)


def _table(
    x: np.ndarray, y: np.ndarray | None, name: str, files: dict[str, str]
) -> Table:
    """A Table of arrays; its columns are called by their numbers, and y."""
    if x.ndim != 2 or x.dtype.kind not in "biuf" or x.shape[1] > _limits.COLUMNS:
        raise InputError(
            f"x must be (m, n) numbers with n at most {_limits.COLUMNS:,} (limit "
            f"COLUMNS); got {x.shape} of {x.dtype}."
        )
    columns = {str(k + 1): _column(x[:, k]) for k in range(x.shape[1])}
    if y is not None:
        flat = y.reshape(len(y), -1)
        for k in range(flat.shape[1]):
            name_of = "y" if flat.shape[1] == 1 else f"y{k + 1}"
            columns[name_of] = _column(flat[:, k])
    return Table(columns, len(x), name, tuple(columns), files)


def _column(values: np.ndarray) -> Column:
    if values.dtype.kind in "SUb":
        found, codes = np.unique(_texts(values), return_inverse=True)
        return Column(codes.reshape(-1), tuple(map(str, found)))
    if values.dtype.kind == "f" and np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0]) + 1
        raise InputError(f"arrays must hold finite numbers; row {row} has another.")
    return Column(values)


def _texts(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind != "S":
        return values.astype(np.str_)
    try:
        return np.char.decode(values, "utf-8")
    except UnicodeDecodeError:
        raise InputError("texts in arrays must be UTF-8; some are not.") from None
