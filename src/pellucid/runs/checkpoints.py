"""Checkpoints: what a run needs to go on, in two files that take turns.

Each is safetensors with a header of our own: whose run it belongs to, the step where
it stands, and a checksum over all of it. It is written under another name, synced and
renamed over the older of the two, so whatever happens the newer one stays whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import _limits
from .._arrays import Array
from .._errors import InputError
from .._files import read_limited, write_atomic
from .._safetensors import FRESH, own_header, safetensors_header

FORMAT = "pellucid-checkpoint"
VERSION = 1
NAMES = ("checkpoint-a.safetensors", "checkpoint-b.safetensors")
DTYPES = {"F32": "float32", "F64": "float64", "I64": "int64"}
KEYS = {"format": str, "version": int, "run": str, "step": int, "sha256": str}
HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class Found:
    """The checkpoints in a folder.

    Attributes:
        arrays: those of the newest; empty where there is no checkpoint.
        step: where it stands; 0 where there is none.
        free: name of the file that the next checkpoint goes to.
        damaged: a sentence for each file that can't be read, where another can.
    """

    arrays: dict[str, Array] = field(default_factory=dict)
    step: int = 0
    free: str = NAMES[0]
    damaged: tuple[str, ...] = ()


def write(path: Path, arrays: Mapping[str, Array], run: str) -> None:
    """Write a checkpoint, atomically and synced to the disk.

    Args:
        path: one of NAMES in the run's folder; never that of the newest checkpoint.
        arrays: name to array; "step", (1,), says where it stands.
        run: whose it is: the 64 hexadecimal digits of a SHA-256.

    Raises:
        InputError: it would be larger than what is read.
        OSError: it can't be written; both checkpoints that there were are whole.
    """
    data = to_bytes(arrays, run)
    if len(data) > _limits.CHECKPOINT_BYTES:
        raise InputError(
            f"{path} must have at most {_limits.CHECKPOINT_BYTES:,} bytes (limit "
            f"CHECKPOINT_BYTES); got {len(data):,}. Make the layers narrower."
        )
    write_atomic(path, data)


def to_bytes(arrays: Mapping[str, Array], run: str) -> bytes:
    """The bytes of a checkpoint."""
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    step = int(arrays["step"][0])
    header: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    header |= {"run": run, "step": step}
    header["sha256"] = _checksum(header, arrays)
    made: bytes = save(arrays, {"pellucid": json.dumps(header)})
    return made


def parse(data: bytes, name: str) -> tuple[str, dict[str, Array]]:
    """Whose run, and the arrays, out of the bytes; `name` is for the sentence.

    Raises:
        InputError: not a checkpoint, truncated, altered, or a newer version's.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    raw = safetensors_header(data, name, "a checkpoint")
    header = own_header(raw, name, VERSION, _fits)
    entries = [entry for key, entry in raw.items() if key != "__metadata__"]
    known = all(
        isinstance(entry, dict) and str(entry.get("dtype")) in DTYPES
        for entry in entries
    )
    try:
        arrays = load(data) if known else {}
    except SafetensorError:
        arrays = {}
    stated = header.pop("sha256")
    if not arrays or stated != _checksum(header, arrays):
        raise InputError(
            f"{name} is truncated or was altered after it was written: its contents "
            f"do not have the checksum {stated[:12]}... {FRESH}"
        )
    step = arrays.get("step", np.zeros(0))
    if step.shape != (1,) or step[0] != header["step"]:
        raise InputError(f"{name} must say at which step it stands and does not.")
    return header["run"], arrays


def find(folder: Path, run: str) -> Found:
    """The newest checkpoint in a run's folder that is whole.

    Args:
        folder: of the run.
        run: whose they must be.

    Raises:
        InputError: there are checkpoints and none can be read, or they belong to
            other settings or other data.
    """
    whole: list[tuple[int, str, dict[str, Array]]] = []
    damaged = []
    for name in NAMES:
        path = folder / name
        if not path.exists():
            continue
        try:
            data = read_limited(path, _limits.CHECKPOINT_BYTES, "the checkpoint")
            owner, arrays = parse(data, str(path))
        except InputError as error:
            damaged.append(str(error))
            continue
        if owner != run:
            raise InputError(
                f"{path} must belong to the settings and the data of {folder}; it was "
                "made with others. Put them back, or begin a new run."
            )
        whole.append((int(arrays["step"][0]), name, arrays))
    if damaged and not whole:
        raise InputError(
            f"{' '.join(damaged)} No other checkpoint of {folder} is whole: remove "
            f"{' and '.join(NAMES)} to begin again with the same settings."
        )
    if not whole:
        return Found()
    step, newest, arrays = max(whole, key=lambda found: found[:2])
    (free,) = set(NAMES) - {newest}
    return Found(arrays, step, free, tuple(damaged))


def remove(folder: Path) -> None:
    """Remove the checkpoints of a run that has ended.

    Raises:
        OSError: one can't be removed.
    """
    for name in NAMES:
        (folder / name).unlink(missing_ok=True)


def _checksum(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> str:
    """SHA-256 over the header (without it) and each array, little-endian."""
    sha = hashlib.sha256(json.dumps(dict(header), sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        sha.update(f"\0{name}\0{array.dtype.name}\0{array.shape}\0".encode())
        sha.update(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    return sha.hexdigest()


def _fits(header: Any) -> bool:
    """Whether the header has exactly its keys, with values that can be looked at."""
    return (
        isinstance(header, dict)
        and list(header) == list(KEYS)
        and all(type(header[key]) is kind for key, kind in KEYS.items())
        and header["format"] == FORMAT
        and header["version"] >= 1
        and header["step"] >= 0
        and all(_is_hash(header[key]) for key in ("run", "sha256"))
    )


def _is_hash(text: Iterable[str]) -> bool:
    return len(list(text)) == 64 and set(text) <= HEX
