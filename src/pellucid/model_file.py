"""The model file: safetensors with a JSON header of our own, and nothing that runs.

One file that names nothing outside itself: sizes, activations, the arrays w1, b1, w2,
..., what the data was, and a checksum over all of it. It is read once, and every
number in the header is checked against the others and against the file's length
before an array is made. There is no second format and no fall-back.
"""

from __future__ import annotations

import hashlib
import json
import math
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

FRESH = "Take a fresh copy."


def save(
    path: str | Path, network: Network, about: Mapping[str, Any] | None = None
) -> None:
    """Write a network, atomically and synced to the disk.

    Args:
        path: the file, such as model.safetensors; replaced if it exists.
        network: what to write.
        about: what the outputs mean: "name" of the data, "cost", "classes" (a label
            each output), "image_shape" (height, width).

    Raises:
        InputError: about holds something else, a weight is not finite, or the file
            would be larger than what is read.
        OSError: the file can't be written; what was there is still whole.
    """
    from safetensors.numpy import save as to_bytes

    about = {} if about is None else dict(about)
    _check_about(about, "about", network.sizes)
    if not np.isfinite(network.parameters.theta).all():
        raise InputError(
            f"{path} must hold finite weights and biases; the network has others. "
            "Go back to the last report before the cost stopped being finite."
        )
    header = {
        "format": FORMAT,
        "version": VERSION,
        "sizes": list(network.sizes),
        "activations": [spell(sigma) for sigma in network.sigma[1:]],
        "dtype": network.dtype,
        "about": about,
    }
    header["sha256"] = _checksum(header, network.parameters)
    text = json.dumps(header)
    if len(text) > _limits.STRING_CHARACTERS:
        raise InputError(
            f"the header of {path} must have at most {_limits.STRING_CHARACTERS:,} "
            f"characters (limit STRING_CHARACTERS); got {len(text):,}. Shorten the "
            "names of the classes."
        )
    data = to_bytes(_arrays(network), {"pellucid": text})
    if len(data) > _limits.MODEL_FILE_BYTES:
        raise InputError(
            f"{path} must have at most {_limits.MODEL_FILE_BYTES:,} bytes (limit "
            f"MODEL_FILE_BYTES); got {len(data):,}. Make the layers narrower."
        )
    try:
        write_atomic(path, data)
    except OSError as error:  # name the file that was meant, not the temporary one
        raise OSError(error.errno, error.strerror, str(path)) from error


def _arrays(network: Network) -> dict[str, Any]:
    """The windows in θ by their names in the file."""
    found = {}
    for l in range(1, network.L + 1):
        found[f"w{l}"], found[f"b{l}"] = network.w[l], network.b[l]
    return found


def load(path: str | Path) -> tuple[Network, dict[str, Any]]:
    """Read a network and what was said about it.

    Raises:
        InputError: the file is missing, truncated, altered, from a newer version, or
            no model file of pellucid's; nothing in it is ever executed.
    """
    data = read_limited(path, _limits.MODEL_FILE_BYTES, "the model file")
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
    _check_layout(raw, network, name)
    _fill(network, data, name)
    stated = header.pop("sha256")
    if stated != _checksum(header, network.parameters):
        raise InputError(
            f"{name} was altered after it was written: its contents must have the "
            f"checksum {stated[:12]}... and have not. {FRESH}"
        )
    return network, header["about"]


def _fill(network: Network, data: bytes, name: str) -> None:
    """Put the arrays in the file into the network's θ."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        arrays = from_bytes(data)
    except SafetensorError:
        raise InputError(f"{name} is damaged: its arrays lie wrong. {FRESH}") from None
    for key, window in _arrays(network).items():
        window[:] = arrays[key]
    if not np.isfinite(network.parameters.theta).all():
        raise InputError(f"{name} must hold finite weights and does not. {FRESH}")


def _checksum(header: Mapping[str, Any], parameters: Parameters) -> str:
    """SHA-256 over the header (without the checksum itself) and θ, little-endian."""
    theta = parameters.theta
    little = theta.astype(theta.dtype.newbyteorder("<"), copy=False)
    text = json.dumps(dict(header), sort_keys=True).encode()
    return hashlib.sha256(text + b"\0" + little.tobytes()).hexdigest()


def _safetensors_header(data: bytes, name: str) -> dict[str, Any]:
    """The JSON at the start of a safetensors file, as a dictionary."""
    foreign = (
        f"{name} must be a model file written by pellucid; it is not "
        "safetensors. Files of other kinds (a pickle, say) are never opened."
    )
    if len(data) < 9 or data[8:9] != b"{":
        raise InputError(f"{foreign} It has {len(data):,} bytes.")
    (length,) = struct.unpack("<Q", data[:8])
    if length > _limits.MODEL_HEADER_BYTES:
        raise InputError(
            f"{name} has a header of {length:,} bytes; at most "
            f"{_limits.MODEL_HEADER_BYTES:,} are read (limit MODEL_HEADER_BYTES)."
        )
    if 8 + length > len(data):
        raise InputError(
            f"{name} is truncated: its header alone must have {length:,} bytes and the "
            f"whole file has {len(data):,}. {FRESH}"
        )
    text = data[8 : 8 + length]
    header = parse_json(text, name)
    # Only spaces may follow: with anything else, two files would mean the same.
    if not isinstance(header, dict) or not text.rstrip(b" ").endswith(b"}"):
        raise InputError(foreign)
    return header


def parse_json(data: bytes, name: str) -> Any:
    """JSON in UTF-8 with bounded depth and strings, finite numbers, no key twice.

    Raises:
        InputError: it is not such JSON.
    """

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is no number")

    def finite(word: str) -> float:
        return float(word) if math.isfinite(float(word)) else refuse(word[:20])

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands twice")
        return found

    try:
        value = json.loads(
            data.decode(),
            parse_constant=refuse,
            parse_float=finite,
            object_pairs_hook=unique,
        )
    except RecursionError:
        raise InputError(_too_deep(name)) from None
    except UnicodeDecodeError:
        raise InputError(f"{name} must be JSON in UTF-8 and is not.") from None
    except ValueError as error:
        raise InputError(f"{name} can't be read as JSON: {error}.") from None
    _check_depth(value, name, 0)
    return value


def _too_deep(name: str) -> str:
    return f"{name} is nested deeper than {_limits.JSON_DEPTH} (limit JSON_DEPTH)."


def _check_depth(value: Any, name: str, depth: int) -> None:
    if depth > _limits.JSON_DEPTH:
        raise InputError(_too_deep(name))
    if isinstance(value, str) and len(value) > _limits.STRING_CHARACTERS:
        raise InputError(
            f"{name} holds a string of {len(value):,} characters; at most "
            f"{_limits.STRING_CHARACTERS:,} are read (limit STRING_CHARACTERS)."
        )
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
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
    found = raw.get("__metadata__")
    metadata = found if isinstance(found, dict) else {}
    text = metadata.get("pellucid")
    if not isinstance(text, str):
        raise InputError(
            f"{name} is a safetensors file without pellucid's header: it was written "
            "by another program. Build a Network from its arrays with Given."
        )
    header = parse_json(text.encode("utf-8", "replace"), name)
    version = header.get("version") if isinstance(header, dict) else None
    if type(version) is int and version > VERSION:
        raise InputError(
            f"{name} has format version {str(version)[:9]} and this pellucid reads up "
            f"to {VERSION}: it was written by a newer one. Upgrade pellucid."
        )
    if len(metadata) > 1 or not _fits(header) or json.dumps(header) != text:
        raise InputError(f"{name} has a damaged pellucid header. {FRESH}")
    return dict(header)


def _fits(header: Any) -> bool:
    """Whether the header has exactly its keys, with values that can be looked at."""
    return (
        isinstance(header, dict)
        and list(header) == list(KEYS)
        and all(type(header[key]) is kind for key, kind in KEYS.items())
        and header["format"] == FORMAT
        and header["version"] >= 1
        and 2 <= len(header["sizes"]) <= _limits.LAYERS
        and len(header["sizes"]) == len(header["activations"]) + 1
        and all(isinstance(name, str) for name in header["activations"])
        and all(type(n) is int and 0 < n <= _limits.UNITS for n in header["sizes"])
        and header["dtype"] in DTYPES
        and len(header["sha256"]) == 64
        and header["sha256"].isalnum()
    )


def _check_layout(raw: Mapping[str, Any], network: Network, name: str) -> None:
    """Each array must be there once, with the shape and type the sizes ask for."""
    wanted = {key: list(array.shape) for key, array in _arrays(network).items()}
    entries = {key: value for key, value in raw.items() if key != "__metadata__"}
    for key, shape in wanted.items():
        entry = entries.get(key)
        must = {"dtype": DTYPES[network.dtype], "shape": shape}
        keys = {*must, "data_offsets"}
        if not (
            isinstance(entry, dict)
            and entry.keys() == keys
            and all(entry[word] == value for word, value in must.items())
        ):
            raise InputError(
                f"{name} must hold {key} with shape {shape} in {network.dtype} and "
                f"does not. The file is damaged. {FRESH}"
            )
    if entries.keys() != wanted.keys():
        extra = sorted(entries.keys() - wanted.keys())[0]
        raise InputError(f"{name} holds an array that no layer has: {extra[:20]!r}.")


def _check_length(data: bytes, header: Mapping[str, Any], name: str) -> None:
    """The file must have as many bytes as its sizes ask for."""
    numbers = Parameters.count(header["sizes"])
    body = numbers * np.dtype(header["dtype"]).itemsize
    here = len(data) - 8 - struct.unpack("<Q", data[:8])[0]
    if here != body:
        raise InputError(
            f"{name} is {'truncated' if here < body else 'damaged'}: its arrays must "
            f"have {body:,} bytes and {here:,} are there. {FRESH}"
        )


def _check_about(about: Mapping[str, Any], name: str, sizes: tuple[int, ...]) -> None:
    """What is said about the network must be of the known kinds and sizes."""
    for key, value in about.items():
        kind = ABOUT.get(key)
        if kind is None or not isinstance(value, str if kind is str else list | tuple):
            raise InputError(
                f"{name} may hold {', '.join(ABOUT)}; got {key!r:.20} with a "
                f"{type(value).__name__}."
            )
    classes, shape = about.get("classes", ()), about.get("image_shape", ())
    if not all(isinstance(label, str) for label in classes):
        raise InputError(f"{name}: the classes must be texts.")
    if classes and len(classes) != sizes[-1]:
        raise InputError(
            f"{name}: there must be one class an output, {sizes[-1]}; "
            f"got {len(classes)}."
        )
    sane = all(type(side) is int and side > 0 for side in shape)
    if shape and not (sane and len(shape) == 2 and shape[0] * shape[1] == sizes[0]):
        raise InputError(
            f"{name}: image_shape must be (height, width) with height times width "
            f"{sizes[0]:,}; got another."
        )
