"""NumPy's .npy and .npz, never with pickle."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from typing import Any

import numpy as np

from ..._errors import InputError

LAST_LETTER, SURROGATES = 0x10FFFF, 0xD800 >> 11  # of Unicode
MAGIC = b"\x93NUMPY"
ZIP = b"PK\x03\x04"
PAIRS = (("x", "y"), ("X", "y"), ("x_train", "y_train"), ("X_train", "y_train"))
TESTS = {"x_train": ("x_test", "y_test"), "X_train": ("X_test", "y_test")}
"""Names of the arrays in a .npz: inputs and targets, and those of the test part."""


def read(path: str, sink: Any) -> dict[str, Any]:
    """Write the arrays of a file into `sink`.

    Returns:
        "arrays": the role of each (x, y, x_test, y_test) with dtype, shape and offset.

    Raises:
        InputError: no such file, damaged, objects in it, or no array called x.
    """
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        packed = file.read(4) == ZIP
    try:
        if packed:
            with np.load(path, allow_pickle=False) as found:
                roles = _roles(found)
        else:
            roles = {"x": np.load(path, allow_pickle=False, mmap_mode="r")}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error,
            NotImplementedError, RuntimeError) as error:  # fmt: skip
        if isinstance(error, InputError):
            raise
        raise InputError(
            "it must be a whole NumPy file of numbers or texts; it can't be read: "
            f"{str(error).splitlines()[0] if str(error) else 'damaged':.200}."
        ) from None
    described: dict[str, Any] = {}
    offset = 0
    for role, array in roles.items():
        _check(role, array)
        described[role] = {
            "dtype": array.dtype.newbyteorder("<").str,
            "shape": list(array.shape),
            "offset": offset,
        }
        offset += -(-array.nbytes // 8) * 8
    sink.reserve(offset)
    for role, array in roles.items():
        little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
        data = np.ascontiguousarray(little).reshape(-1).view(np.uint8).data
        sink.write(described[role]["offset"], data)
    return {"arrays": described, "sha256": sha256}


def _roles(found: Any) -> dict[str, Any]:
    """Which arrays of a .npz are meant."""
    names = list(found.files)
    for x, y in PAIRS:
        if x in names:
            roles = {"x": found[x]}
            if y in names:
                roles["y"] = found[y]
            x_test, y_test = TESTS.get(x, ("", ""))
            if x_test in names and y_test in names:
                roles |= {"x_test": found[x_test], "y_test": found[y_test]}
            return roles
    if len(names) == 1:
        return {"x": found[names[0]]}
    listed = ", ".join(names[:10])
    raise InputError(
        f"it must hold an array called x (and its targets, y); got {listed!r:.200}."
    )


def _check(role: str, array: Any) -> None:
    if not isinstance(array, np.ndarray):  # a zip may hold anything
        raise InputError("it must hold arrays (.npy); it holds other files.")
    known = array.dtype.kind in "biufSU" and array.dtype.itemsize
    if not known or not array.ndim or not array.size:
        raise InputError(
            f"{role} must be an array of numbers or texts with at least one row; got "
            f"dtype {array.dtype} and shape {array.shape}."
        )
    if array.dtype.kind == "U":
        letters = (
            np.ascontiguousarray(array).reshape(-1).view(array.dtype.byteorder + "u4")
        )
        if (letters > LAST_LETTER).any() or (letters >> 11 == SURROGATES).any():
            raise InputError(f"{role} must be texts; it holds what is no letter.")
