"""A student's file in a process of its own: whatever it does, here it is a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import _limits
from .._errors import InputError
from .._files import read_limited
from .child import packed, unpacked

BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from pellucid.gradcheck.child import main; main()"
)
PATIENCE = 5  # seconds after which a process that can't be asked to stop is ended


@dataclass(frozen=True)
class Failure:
    """A call that did not return.

    Attributes:
        error: the exception's name; "TooLong" where it took too long.
        message: its first line.
        line: of the student's file; None where it is not known.
    """

    error: str
    message: str
    line: int | None

    def __str__(self) -> str:
        """Such as `line 31: ValueError: shapes ...`."""
        place = "" if self.line is None else f"line {self.line}: "
        if self.error == "TooLong":
            return (
                f"{place}it did not end within {_limits.STUDENT_SECONDS} s (limit "
                "STUDENT_SECONDS)"
            )
        return f"{place}{self.error}" + (f": {self.message}" if self.message else "")


class Student:
    """A file of a student's, running.

    Args:
        path: the file. It is a program and is run.

    Attributes:
        functions: which of forward, backward and update it defines.
        constants: what it says about its network and layout.

    Raises:
        InputError: no such file, or it can't be run to its end.
    """

    def __init__(self, path: str | Path):
        read_limited(path, _limits.STUDENT_FILE_BYTES, "the file to be checked")
        self.path = os.path.abspath(path)
        self.name = Path(path).name
        if self.name.endswith(".ipynb"):
            raise InputError(
                f"the file to be checked must be a Python file; {self.name} is a "
                "notebook. Save it as one: jupyter nbconvert --to script FILE."
            )
        self._begun = time.monotonic()
        paths = [os.path.abspath(each) for each in sys.path if each]
        self._child = subprocess.Popen(
            [sys.executable, "-I", "-c", BOOT, json.dumps(paths)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        found = self._ask({"path": self.path, "parent": os.getpid()})
        if "error" in found:
            self.close()
            raise InputError(
                f"{self.name} must run to its end before its functions can be called; "
                f"{_failure(found)}. Correct that first."
            )
        self.functions: list[str] = found["functions"]
        self.constants: dict[str, Any] = {
            name: unpacked(value) for name, value in found["constants"].items()
        }

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]

    def call(self, function: str, *arguments: Any) -> tuple[Any, list[Any]] | Failure:
        """Call a function of the student's with copies of the arguments.

        Returns:
            What it returned and what it made of its arguments; or why it did not
            return.

        Raises:
            InputError: it ended the whole process, or all calls took too long.
        """
        if time.monotonic() - self._begun > _limits.STUDENT_ALL_SECONDS:
            raise InputError(
                f"{self.name} must answer all calls within "
                f"{_limits.STUDENT_ALL_SECONDS} s (limit STUDENT_ALL_SECONDS); it has "
                f"not, and {function} was next. Take out what is slow, such as a "
                "training or much that is printed."
            )
        packs = [packed(each) for each in arguments]
        found = self._ask({"function": function, "arguments": packs})
        if "error" in found:
            return _failure(found)
        return unpacked(found["value"]), unpacked(found["arguments"])

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        most = _limits.STUDENT_SECONDS + PATIENCE
        timer = threading.Timer(most, self._child.kill)
        timer.start()
        what = request.get("function", "the file")
        try:
            with suppress(BrokenPipeError):
                self._child.stdin.write(json.dumps(request).encode() + b"\n")  # type: ignore[union-attr]
                self._child.stdin.flush()  # type: ignore[union-attr]
            line = self._child.stdout.readline()  # type: ignore[union-attr]
        finally:
            timer.cancel()
        if not line:
            self._child.wait()
            self.close()
            raise InputError(
                f"{self.name} must leave its process running; {what} ended it (status "
                f"{self._child.returncode}). An endless loop, too much memory, or "
                "os._exit?"
            )
        return json.loads(line)  # type: ignore[no-any-return]


def _failure(found: dict[str, Any]) -> Failure:
    return Failure(found["error"], found["message"], found["line"])
