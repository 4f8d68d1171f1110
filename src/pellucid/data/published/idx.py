"""IDX, the format of MNIST: a header that states type and sizes, then the values.

    byte 0, 1   0
    byte 2      type of the values
    byte 3      number of dimensions d
    d times     a size, 4 bytes, largest first
    the rest    the values, row by row, largest byte first

Nothing is believed: the sizes are multiplied out and compared with the limit and
the length before anything is made of them.

Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

import numpy as np

from ... import _limits
from ..._errors import InputError
from ..._files import read_limited

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
_CUT = "it ends too early. Get the file again"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # zlib's word for "a gzip header, please"


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an IDX file, packed with gzip or not.

    Raises:
        InputError: no such file, too large, or not a whole IDX file.
    """
    return parse_idx(read_limited(path, _limits.IDX_BYTES, "an IDX file"), str(path))


def parse_idx(data: bytes, name: str) -> np.ndarray:
    """The array in the bytes of an IDX file, packed with gzip or not.

    Args:
        data: the whole file.
        name: what to call it in a sentence.

    Returns:
        An array of the sizes and the type that the header states; read-only where
        it is a window on `data`.

    Raises:
        InputError: foreign, truncated, too long or too large.
    """
    raw = unpack_idx(data, name)
    kind, shape, start = _header(raw, name)
    announced = start + kind.itemsize * math.prod(shape)
    if len(raw) != announced:
        raise InputError(
            f"{name} must have the {announced:,} bytes that its header announces; "
            f"got {_compared(len(raw), announced)}. Get the file again."
        )
    array = np.frombuffer(raw, kind, offset=start).reshape(shape)
    return array.astype(kind.newbyteorder("="), copy=False)


def unpack_idx(data: bytes, name: str) -> bytes:
    """The bytes of an IDX file without gzip around them.

    The first bytes state how long the whole is, and no more than that is unpacked:
    a small file that would fill the memory is refused at the first byte too many.

    Args:
        data: the whole file; without gzip it is handed back.
        name: what to call it in a sentence.

    Raises:
        InputError: damaged gzip, or not what the header states.
    """
    if not data.startswith(GZIP):
        return data
    try:
        most = 4 + 4 * _limits.IDX_DIMENSIONS
        packed = zlib.decompressobj(_GZIP_WINDOW)
        head = packed.decompress(data, most)
        if len(head) < most and not packed.eof:
            raise InputError(f"{name} must be whole gzip; {_CUT}.")
        kind, shape, start = _header(head, name)
        announced = start + kind.itemsize * math.prod(shape)
        packed = zlib.decompressobj(_GZIP_WINDOW)
        raw = packed.decompress(data, announced + 1)
    except zlib.error as error:
        raise InputError(
            f"{name} must be whole gzip; it is damaged ({error}). Get the file again."
        ) from None
    if len(raw) > announced:
        raise InputError(
            f"{name} must have the {announced:,} bytes that its header announces; "
            "got more than that. Get the file again."
        )
    if not packed.eof or packed.unused_data:
        wrong = "something follows it. Get the file again" if packed.eof else _CUT
        raise InputError(f"{name} must be whole gzip; {wrong}.")
    return raw


def _header(raw: bytes, name: str) -> tuple[np.dtype, tuple[int, ...], int]:
    """Type, sizes and where the values start."""
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in TYPES:
        came = raw[:4].hex(" ") or "no bytes"
        raise InputError(
            f"{name} must be an IDX file, which starts 00 00 and a type such as 08; "
            f"got {came}. Is it the right file?"
        )
    dimensions = raw[3]
    if not 1 <= dimensions <= _limits.IDX_DIMENSIONS:
        raise InputError(
            f"{name} must have 1 to {_limits.IDX_DIMENSIONS} dimensions (the limit "
            f"IDX_DIMENSIONS); got {dimensions}. Is it the right file?"
        )
    start = 4 + 4 * dimensions
    if len(raw) < start:
        raise InputError(
            f"{name} must have a header of {start} bytes; "
            f"got {len(raw)} in all. Get the file again."
        )
    shape = struct.unpack_from(f">{dimensions}I", raw, 4)
    kind = np.dtype(TYPES[raw[2]])
    size = kind.itemsize * math.prod(shape)  # Python's integers don't overflow
    if not 0 < size <= _limits.IDX_BYTES:
        raise InputError(
            f"{name} must hold 1 to {_limits.IDX_BYTES:,} bytes of values (the limit "
            f"IDX_BYTES); its header announces {'×'.join(map(str, shape))}."
        )
    return kind, shape, start


def _compared(came: int, announced: int) -> str:
    if came < announced:
        return f"{came:,}: it is truncated"
    return f"{came:,}: something follows the values"
