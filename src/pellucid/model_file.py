"""The model file: safetensors with a JSON header of our own, and nothing that runs.

One file that names nothing outside itself: sizes, activations, the arrays w1, b1, w2,
..., what the data was, and a checksum over all of it. It is read once, and every
number in the header is checked against the others and against the file's length
before an array is made. There is no second format and no fall-back.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import _limits
from ._errors import InputError
from ._files import read_limited, write_atomic
from .mathematics.families import spell
from .mathematics.network import Network, Parameters

FORMAT = "pellucid-model"
VERSION = 1
DTYPES = {"float32": "F32", "float64": "F64"}
ABOUT = {"name": str, "cost": str, "classes": list, "image_shape": list}
"""What a file may say besides the network: key to type."""


def save(path: str | Path, network: Network, about: Mapping[str, Any] = {}) -> None:  # noqa: B006
    """Write a network, atomically and synced to the disk.

    Args:
        path: the file, such as model.safetensors; replaced if it exists.
        network: what to write.
        about: what the outputs mean: "name" of the data, "cost", "classes" (a label
            each output), "image_shape" (height, width).

    Raises:
        InputError: the file can't be written, or about holds something else.
    """
    from safetensors.numpy import save as to_bytes

    _check_about(dict(about), str(path), network.sizes)
    arrays = {}
    for l in range(1, network.L + 1):
        arrays[f"w{l}"] = np.ascontiguousarray(network.w[l])
        arrays[f"b{l}"] = np.ascontiguousarray(network.b[l])
    header = {
        "format": FORMAT,
        "version": VERSION,
        "sizes": list(network.sizes),
        "activations": [spell(sigma) for sigma in network.sigma[1:]],
        "dtype": network.dtype,
        "about": dict(about),
    }
    header["sha256"] = _checksum(header, network.parameters)
    text = json.dumps(header)
    if len(text) > _limits.STRING_CHARACTERS:
        raise InputError(
            f"the header of {path} must have at most {_limits.STRING_CHARACTERS:,} "
            f"characters (limit STRING_CHARACTERS); got {len(text):,}. Shorten the "
            "names of the classes."
        )
    write_atomic(Path(path), to_bytes(arrays, {"pellucid": text}))


def load(path: str | Path) -> tuple[Network, dict[str, Any]]:
    """Read a network and what was said about it.

    Raises:
        InputError: the file is missing, truncated, altered, from a newer version, or
            no model file of pellucid's; nothing in it is ever executed.
    """
    data = read_limited(Path(path), _limits.MODEL_FILE_BYTES, "model file")
    return parse(data, str(path))


def parse(data: bytes, name: str) -> tuple[Network, dict[str, Any]]:
    """The network in the bytes of a model file; `name` is for the sentence."""
    raw = _safetensors_header(data, name)
    header = _own_header(raw, name)
    _check_length(data, header, name)  # before any array is made
    try:
        network = Network(
            header["sizes"],
            header["activations"][:-1],
            header["activations"][-1],
            initializer="zeros",
            dtype=header["dtype"],
        )
    except InputError as error:
        raise InputError(f"{name} holds no valid network: {error}") from None
    _check_about(header["about"], name, network.sizes)
    _check_layout(raw, header["dtype"], network, name)
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        arrays = from_bytes(data)
    except SafetensorError as error:
        raise InputError(f"{name} is damaged: {error}. Take a fresh copy.") from None
    for l in range(1, network.L + 1):
        network.w[l][:], network.b[l][:] = arrays[f"w{l}"], arrays[f"b{l}"]
    stated = header.pop("sha256")
    if stated != _checksum(header, network.parameters):
        raise InputError(
            f"{name} was altered after it was written: its checksum must be "
            f"{stated[:12]}... and is not. Take a fresh copy."
        )
    return network, header["about"]


def _checksum(header: Mapping[str, Any], parameters: Parameters) -> str:
    """SHA-256 over the header (without the checksum itself) and θ, little-endian."""
    theta = parameters.theta
    little = theta.astype(theta.dtype.newbyteorder("<"), copy=False)
    text = json.dumps(dict(header), sort_keys=True).encode()
    return hashlib.sha256(text + b"\0" + little.tobytes()).hexdigest()


def _safetensors_header(data: bytes, name: str) -> dict[str, Any]:
    """The JSON at the start of a safetensors file, as a dictionary."""
    foreign = (
        f"{name} must be a model file written by pellucid; it is not"
        " safetensors. Files of other kinds (a pickle, say) are never opened."
    )
    if len(data) < 8:
        raise InputError(f"{foreign} It has {len(data)} bytes.")
    (length,) = struct.unpack("<Q", data[:8])
    if data[8:9] != b"{":
        raise InputError(foreign)
    if length > _limits.MODEL_HEADER_BYTES:
        raise InputError(
            f"{name} has a header of {length:,} bytes; at most "
            f"{_limits.MODEL_HEADER_BYTES:,} are read (limit MODEL_HEADER_BYTES)."
        )
    if 8 + length > len(data):
        raise InputError(
            f"{name} is truncated: its header alone must have {length:,} bytes and the "
            f"whole file has {len(data):,}. Take a fresh copy."
        )
    header = parse_json(data[8 : 8 + length], name)
    if not isinstance(header, dict):
        raise InputError(foreign)
    return header


def parse_json(data: bytes, name: str) -> Any:
    """JSON with bounded depth and strings, without NaN, as Python values.

    Raises:
        InputError: it is not such JSON.
    """

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is no number")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands twice")
        return found

    try:
        value = json.loads(data, parse_constant=refuse, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} can't be read as JSON: {error}.") from None
    _check_depth(value, name, 0)
    return value


def _check_depth(value: Any, name: str, depth: int) -> None:
    if depth > _limits.JSON_DEPTH:
        raise InputError(
            f"{name} is nested deeper than {_limits.JSON_DEPTH} (limit JSON_DEPTH)."
        )
    if isinstance(value, str) and len(value) > _limits.STRING_CHARACTERS:
        raise InputError(
            f"{name} holds a string of {len(value):,} characters; at most "
            f"{_limits.STRING_CHARACTERS:,} are read (limit STRING_CHARACTERS)."
        )
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, (dict, list)):
        for child in children:
            _check_depth(child, name, depth + 1)


KEYS = {
    "format": str,
    "version": int,
    "sizes": list,
    "activations": list,
    "dtype": str,
    "about": dict,
    "sha256": str,
}


def _own_header(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Our own header out of the safetensors one, with every key and type checked."""
    metadata = raw.get("__metadata__")
    text = metadata.get("pellucid") if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise InputError(
            f"{name} is a safetensors file without pellucid's header: it was written "
            "by another program. Build a Network from its arrays with Given."
        )
    header = parse_json(text.encode("utf-8", "replace"), name)
    version = header.get("version") if isinstance(header, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise InputError(
            f"{name} has format version {version} and this pellucid reads up to "
            f"{VERSION}: it was written by a newer one. Upgrade pellucid."
        )
    fits = (
        isinstance(header, dict)
        and header.keys() == KEYS.keys()
        and all(type(header[key]) is kind for key, kind in KEYS.items())
        and header["format"] == FORMAT
        and header["version"] >= 1
        and header["activations"]
        and all(isinstance(name, str) for name in header["activations"])
        and all(type(size) is int and size > 0 for size in header["sizes"])
        and header["dtype"] in DTYPES
        and len(header["sizes"]) == len(header["activations"]) + 1
    )
    if not fits:
        raise InputError(f"{name} has a damaged pellucid header. Take a fresh copy.")
    return dict(header)


def _check_layout(
    raw: Mapping[str, Any], dtype: str, network: Network, name: str
) -> None:
    """Each array must be there once, with the shape and type the sizes ask for."""
    wanted = {}
    for l in range(1, network.L + 1):
        wanted[f"w{l}"] = list(network.w[l].shape)
        wanted[f"b{l}"] = list(network.b[l].shape)
    entries = {key: value for key, value in raw.items() if key != "__metadata__"}
    for key, shape in wanted.items():
        entry = entries.get(key)
        found = entry.get("shape") if isinstance(entry, dict) else None
        kind = entry.get("dtype") if isinstance(entry, dict) else None
        if found != shape or kind != DTYPES[dtype]:
            raise InputError(
                f"{name} must hold {key} with shape {shape} in {dtype}; got shape "
                f"{found} in {kind}. The file is damaged: take a fresh copy."
            )
    if entries.keys() != wanted.keys():
        extra = sorted(entries.keys() - wanted.keys())[0]
        raise InputError(f"{name} holds an array that no layer has: {extra!r}.")


def _check_length(data: bytes, header: Mapping[str, Any], name: str) -> None:
    """The file must have as many bytes as its sizes ask for."""
    numbers = Parameters.count(header["sizes"])
    body = numbers * np.dtype(header["dtype"]).itemsize
    here = len(data) - 8 - struct.unpack("<Q", data[:8])[0]
    if here != body:
        raise InputError(
            f"{name} is {'truncated' if here < body else 'damaged'}: its arrays must "
            f"have {body:,} bytes and {here:,} are there. Take a fresh copy."
        )


def _check_about(about: Mapping[str, Any], name: str, sizes: tuple[int, ...]) -> None:
    """What is said about the network must be of the known kinds and sizes."""
    for key, value in about.items():
        if key not in ABOUT or not isinstance(value, (ABOUT[key], tuple)):
            raise InputError(
                f"{name}: about may hold {', '.join(ABOUT)}; got {key!r} with a "
                f"{type(value).__name__}."
            )
    classes, shape = about.get("classes", ()), about.get("image_shape", ())
    if not all(isinstance(label, str) for label in classes):
        raise InputError(f"{name}: the classes must be texts.")
    if classes and len(classes) != max(sizes[-1], 2 if sizes[-1] == 1 else 0):
        raise InputError(
            f"{name}: there must be one class an output, {sizes[-1]}; "
            f"got {len(classes)}."
        )
    sane = all(type(side) is int and side > 0 for side in shape)
    if shape and not (sane and len(shape) == 2 and shape[0] * shape[1] == sizes[0]):
        raise InputError(
            f"{name}: image_shape must be (height, width) with height times width "
            f"{sizes[0]}; got {list(shape)}."
        )
