"""Headers of files that we write as safetensors: bounded JSON, and a header of our own.

The model file and the checkpoint are both read this way: the container's header, and
in its metadata one text of ours, with a format, a version and a checksum.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from typing import Any

from . import _limits
from ._errors import InputError

FRESH = "Take a fresh copy."


def safetensors_header(data: bytes, name: str, what: str) -> dict[str, Any]:
    """The JSON at the start of a safetensors file, as a dictionary.

    Args:
        data: the whole file.
        name: of the file, for the sentence.
        what: what it should be, such as "a model file".

    Raises:
        InputError: it is something else, or truncated.
    """
    foreign = (
        f"{name} must be {what} written by pellucid; it is not "
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
    # Our own header is one text in it; that one's texts are measured by `own_header`.
    header = parse_json(text, name, _limits.MODEL_HEADER_BYTES)
    # Only spaces may follow: with anything else, two files would mean the same.
    if not isinstance(header, dict) or not text.rstrip(b" ").endswith(b"}"):
        raise InputError(foreign)
    return header


def own_header(
    raw: Mapping[str, Any],
    name: str,
    version: int,
    fits: Callable[[Any], bool],
    hint: str = "",
) -> dict[str, Any]:
    """Our own header out of the safetensors one, with every key and type checked.

    Args:
        raw: from `safetensors_header`.
        name: of the file, for the sentence.
        version: the newest that is understood.
        fits: whether a header has exactly its keys, each with a value of its kind.
        hint: what to do with a file of another program's.

    Raises:
        InputError: another program's, a newer pellucid's, or damaged.
    """
    found = raw.get("__metadata__")
    metadata = found if isinstance(found, dict) else {}
    text = metadata.get("pellucid")
    if not isinstance(text, str):
        sentence = (
            f"{name} is a safetensors file without pellucid's header: it was written "
            f"by another program. {hint}"
        )
        raise InputError(sentence.rstrip())
    header = parse_json(text.encode("utf-8", "replace"), name)
    here = header.get("version") if isinstance(header, dict) else None
    if type(here) is int and here > version:
        raise InputError(
            f"{name} has format version {str(here)[:9]} and this pellucid reads up "
            f"to {version}: it was written by a newer one. Upgrade pellucid."
        )
    if len(metadata) > 1 or not fits(header) or json.dumps(header) != text:
        raise InputError(f"{name} has a damaged pellucid header. {FRESH}")
    return dict(header)


def parse_json(data: bytes, name: str, longest: int | None = None) -> Any:
    """JSON in UTF-8 with bounded depth and strings, finite numbers, no key twice.

    Args:
        data: the text.
        name: of the file, for the sentence.
        longest: characters of a string; None: the limit STRING_CHARACTERS.

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
    check_values(value, name, longest or _limits.STRING_CHARACTERS)
    return value


def _too_deep(name: str) -> str:
    return f"{name} is nested deeper than {_limits.JSON_DEPTH} (limit JSON_DEPTH)."


def check_values(value: Any, name: str, longest: int, depth: int = 0) -> None:
    """Check how deep a JSON value is nested, and how long its strings are.

    Raises:
        InputError: too deep, or too long.
    """
    if depth > _limits.JSON_DEPTH:
        raise InputError(_too_deep(name))
    if isinstance(value, str) and len(value) > longest:
        raise InputError(
            f"{name} holds a string of {len(value):,} characters; at most "
            f"{longest:,} are read (limit STRING_CHARACTERS)."
        )
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            check_values(child, name, longest, depth + 1)
