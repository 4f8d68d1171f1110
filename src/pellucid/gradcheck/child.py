"""The process that runs a student's own file: it is told what to call, and answers.

    standard input    a request, one line of JSON, at a time
    standard output   one line of JSON each
    (for the file itself, both lead nowhere)

The file is a program, run because its writer asked for it. Memory and time are limited,
so that an endless loop ends, and says at which line. What it prints is not shown.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from types import FrameType
from typing import Any

import numpy as np

from .. import _limits
from ..data.decoders.child import die_with_parent, limit_memory

CONSTANTS = ("HIDDEN", "OUTPUT", "COST", "LAYOUT", "SIZES", "HALF", "MEAN")
FUNCTIONS = ("forward", "backward", "update")


class TooLong(BaseException):
    """No `except Exception` of the student's catches it."""


def main() -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked decides
    asks = os.fdopen(os.dup(0), "rb")
    said = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    begin = json.loads(asks.readline())
    die_with_parent(begin["parent"])
    limit_memory(_limits.STUDENT_BYTES)
    np.seterr(all="ignore")
    path, names = begin["path"], {"__name__": "student", "__file__": begin["path"]}
    sys.path.insert(0, os.path.dirname(path))
    answer = _guarded(path, lambda: _run(path, names))
    while True:
        said.write(json.dumps(answer) + "\n")
        said.flush()
        line = asks.readline()
        if not line:
            os._exit(0)
        asked = json.loads(line)
        answer = _guarded(path, lambda asked=asked: _call(names, asked))


def _run(path: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run the file once: what it defines."""
    with open(path, "rb") as file:
        exec(compile(file.read(), path, "exec"), names)
    there = [name for name in FUNCTIONS if callable(names.get(name))]
    stated = {name: packed(names[name]) for name in CONSTANTS if name in names}
    return {"functions": there, "constants": stated}


def _call(names: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Call one function: what it returns, and what has become of its arguments."""
    arguments = [unpacked(each) for each in asked["arguments"]]
    value = packed(names[asked["function"]](*arguments))
    return {"value": value, "arguments": [packed(each) for each in arguments]}


def _guarded(path: str, work: Any) -> dict[str, Any]:
    """What the work gives, or the error and its line, if it takes not too long."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, _limits.STUDENT_SECONDS)
    try:
        return work()  # type: ignore[no-any-return]
    except BaseException as error:  # also its own sys.exit()
        return {
            "error": "TooLong" if isinstance(error, TooLong) else type(error).__name__,
            "message": _first_line(error),
            "line": _line(error, path),
        }
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


def _first_line(error: BaseException) -> str:
    """What an error says; a syntax error's place is told by `_line`."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return (said.splitlines() or [""])[0][:200]


def _line(error: BaseException, path: str) -> int | None:
    """The last line of the student's file on the way to an error."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    frames = traceback.walk_tb(error.__traceback__)
    lines = [number for frame, number in frames if frame.f_code.co_filename == path]
    return lines[-1] if lines else None


def packed(value: Any) -> Any:
    """A value in JSON's types: lists stay lists, anything with numbers is an array."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, list | tuple):
        return [packed(each) for each in value]
    array = np.asarray(value)
    if array.dtype == object and array.ndim == 1:  # np.array([w1, w2], dtype=object)
        return [packed(each) for each in array]
    if array.dtype.kind not in "fiub":
        return f"a {type(value).__name__}"
    return {"shape": array.shape, "values": array.astype(np.float64).ravel().tolist()}


def unpacked(value: Any) -> Any:
    """The other way round."""
    if isinstance(value, list):
        return [unpacked(each) for each in value]
    if isinstance(value, dict):
        return np.array(value["values"], np.float64).reshape(value["shape"])
    return value
