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
from ._safetensors import FRESH, check_values, own_header, safetensors_header
from .mathematics.calibration import Calibration
from .mathematics.families import spell
from .mathematics.network import Network, Parameters

FORMAT = "pellucid-model"
VERSION = 1
DTYPES = {"float32": "F32", "float64": "F64"}
ABOUT = {
    "name": str,
    "cost": str,
    "classes": list,
    "image_shape": list,
    "encoding": dict,
    "confidence": dict,
}
"""What a file may say besides the network: key to type."""

FOREIGN = "Build a Network from its arrays with Given."


def save(
    path: str | Path, network: Network, about: Mapping[str, Any] | None = None
) -> None:
    """Write a network, atomically and synced to the disk.

    Args:
        path: the file, such as model.safetensors; replaced if it exists.
        network: what to write.
        about: what the outputs mean: "name" of the data, "cost", "classes" (a label
            each output), "image_shape" (height, width), "encoding" (what makes inputs
            of raw rows: `Encoding.to_json`), "confidence" (`Calibration.to_json`).

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
    check_values(header, "about", _limits.STRING_CHARACTERS)
    data = to_bytes(_arrays(network), {"pellucid": json.dumps(header)})
    (length,) = struct.unpack("<Q", data[:8])
    if length > _limits.MODEL_HEADER_BYTES:
        raise InputError(
            f"the header of {path} must have at most {_limits.MODEL_HEADER_BYTES:,} "
            f"bytes (limit MODEL_HEADER_BYTES); got {length:,}. Leave out columns with "
            "many categories, or shorten names."
        )
    if len(data) > _limits.MODEL_FILE_BYTES:
        raise InputError(
            f"{path} must have at most {_limits.MODEL_FILE_BYTES:,} bytes (limit "
            f"MODEL_FILE_BYTES); got {len(data):,}. Make the layers narrower."
        )
    write_atomic(path, data)


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
    raw = safetensors_header(data, name, "a model file")
    header = own_header(raw, name, VERSION, _fits, FOREIGN)
    _check_names(raw, len(header["sizes"]) - 1, name)
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


KEYS = {
    "format": str,
    "version": int,
    "sizes": list,
    "activations": list,
    "dtype": str,
    "about": dict,
    "sha256": str,
}


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
        and all(type(s) is str and len(s) < 100 for s in header["activations"])
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


def _check_names(raw: Mapping[str, Any], L: int, name: str) -> None:
    """There must be no array but w and b of each layer."""
    known = {f"{letter}{l}" for l in range(1, L + 1) for letter in "wb"}
    extra = sorted(raw.keys() - known - {"__metadata__"})
    if extra:
        raise InputError(
            f"{name} must hold w and b of each layer, from the layer before it, and "
            f"nothing else; it also holds {extra[0][:20]!r}. Links back, or within a "
            "layer, are not for feed-forward networks."
        )


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
        types = (list, tuple) if kind is list else kind
        if types is None or not isinstance(value, types):
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
    if "confidence" in about:
        count = 1 if classes else sizes[-1]
        Calibration.from_json(about["confidence"], count, f"{name}: confidence")
    if "encoding" in about:
        _check_encoding(about, f"{name}: encoding", sizes)


def _check_encoding(
    about: Mapping[str, Any], name: str, sizes: tuple[int, ...]
) -> None:
    """The encoding must be one, and fit the network."""
    from .data.tables.encoding import Encoding

    encoding = Encoding.from_json(about["encoding"], name)
    ends = (encoding.width, encoding.target.outputs)
    labels = getattr(encoding.target, "classes", ())
    same = tuple(about.get("classes", ())) == labels
    if ends != (sizes[0], sizes[-1]) or not same:
        raise InputError(
            f"{name} must make {sizes[0]:,} inputs and {sizes[-1]:,} outputs, and know "
            f"the same classes; it makes {ends[0]:,} and {ends[1]:,}."
        )
