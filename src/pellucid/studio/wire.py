"""What goes over the socket: commands as JSON text, arrays as binary frames.

A frame is a head of 32 bytes, little endian, and float32 numbers:

    u16 magic, u8 version, u8 kind, u32 run, u64 step, u32 layout, u32 number,
    u32 count of numbers, u32 0
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import _limits
from .._arrays import Array, choose
from .._errors import InputError
from .._safetensors import parse_json
from .words import COMMANDS, WHOLE

PROTOCOL = 1
HEAD = struct.Struct("<HBBIQIIII")
MAGIC = 0x6C70
FRAME, ANSWER = 1, 2
MOST = 2**32 - 1


@dataclass(frozen=True)
class Frame:
    """A binary message.

    Attributes:
        kind: FRAME or ANSWER.
        run: number of the run.
        step: updates made.
        layout: version of the layout; 0 for an answer.
        number: of the frame, or of the command that it answers.
        values: float32 numbers, (count,).
    """

    kind: int
    run: int
    step: int
    layout: int
    number: int
    values: Array

    def to_bytes(self) -> bytes:
        """The message."""
        values = np.ascontiguousarray(self.values, "<f4")
        head = HEAD.pack(
            MAGIC, PROTOCOL, self.kind, self.run, self.step,
            self.layout, self.number, values.size, 0,
        )  # fmt: skip
        return head + values.tobytes()


def parse_frame(data: bytes) -> Frame:
    """The frame in a message.

    Raises:
        InputError: it is none.
    """
    must = f"a frame must begin with {HEAD.size} bytes of its own kind"
    if len(data) < HEAD.size:
        raise InputError(f"{must}; got {len(data)} bytes in all.")
    magic, version, kind, run, step, layout, number, count, zero = HEAD.unpack_from(
        data
    )
    if (magic, version, zero) != (MAGIC, PROTOCOL, 0) or kind not in (FRAME, ANSWER):
        raise InputError(f"{must}; got others. Reload the page.")
    if len(data) != HEAD.size + 4 * count:
        raise InputError(
            f"a frame of {count:,} numbers must have {HEAD.size + 4 * count:,} bytes; "
            f"got {len(data):,}."
        )
    values = np.frombuffer(data, "<f4", offset=HEAD.size)
    return Frame(kind, run, step, layout, number, values)


@dataclass(frozen=True)
class Command:
    """What a page asks for.

    Attributes:
        id: what the answer repeats; None where none is wanted.
        do: its name, one of COMMANDS.
        words: its arguments, checked.
    """

    id: int | None
    do: str
    words: dict[str, Any]


def parse_command(text: str) -> Command:
    """The command in a message.

    Raises:
        InputError: it is none: not JSON, an unknown name, or words that do not fit.
    """
    if len(text) > _limits.STUDIO_COMMAND_BYTES:
        raise InputError(
            f"a command must have at most {_limits.STUDIO_COMMAND_BYTES:,} characters "
            f"(limit STUDIO_COMMAND_BYTES); got {len(text):,}."
        )
    found = parse_json(text.encode("utf-8", "replace"), "the command")
    if not isinstance(found, dict):
        raise InputError('a command must be an object such as {"do": "train"}.')
    if "\\ud" in text.lower():  # the only way in: what comes is UTF-8 itself
        _check_whole(found)
    words: dict[str, Any] = dict(found)
    number = words.pop("id", None)
    if number is not None:
        WHOLE("id", number)
    do = words.pop("do", None)
    if not isinstance(do, str):
        raise InputError('a command must say what to do: {"do": "train"}, say.')
    return Command(number, do, choose("command", do, COMMANDS).check(do, words))


def _check_whole(found: Any) -> None:
    """That no text holds half a character, which no link and no file could."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(
            "the texts of a command must be whole characters; got half of one, an "
            "unpaired surrogate. Send it as UTF-8."
        ) from None


def id_of(text: str) -> int | None:
    """The id of a command that can't be carried out, as far as it can be read."""
    try:
        found = json.loads(text)
        number = found.get("id") if isinstance(found, dict) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 <= number <= MOST else None


Blocks = Mapping[str, Array]
"""Name, such as "w1", to an array."""


def laid_out(blocks: Blocks) -> tuple[list[dict[str, Any]], Array]:
    """Arrays one after the other, and where each lies.

    Returns:
        A line {"name", "layer", "shape", "offset"} for each, and the numbers, float32.
    """
    layout, start = [], 0
    flat: list[Array] = []
    for name, block in blocks.items():
        with np.errstate(over="ignore"):  # what float32 can't hold is infinite there
            array = np.asarray(block, np.float32)
        digits = name.lstrip("abcdefghijklmnopqrstuvwxyz_")
        layer = int(digits) if digits.isdecimal() else None
        line = {"name": name, "layer": layer, "shape": list(array.shape)}
        layout.append({**line, "offset": start})
        flat.append(array.ravel())
        start += array.size
    return layout, np.concatenate(flat) if flat else np.zeros(0, np.float32)


def to_text(message: Mapping[str, Any]) -> str:
    """A message as JSON; what is not finite becomes null."""
    try:
        return _dumps(message)
    except (TypeError, ValueError):  # rare, and much slower
        return _dumps(plain(message))


_dumps = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def plain(value: Any) -> Any:
    """The value in the types of JSON."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(each) for each in value]
    return value
