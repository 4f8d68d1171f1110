"""Foreign files are decoded in a process of their own, and mapped from there.

Decoders of Parquet, CSV, images and NumPy files are large programs in C and C++; a
damaged or hostile file may end them, fill the memory or keep them busy for ever. Here
that ends a child: its memory is limited, its silence too, and its death by any cause
is one sentence. What it decodes goes into a file without a name, and comes back as
arrays that lie in that file: not copied, and not held twice.

Source: research on damaged Parquet files, which abort a whole process.
"""

from __future__ import annotations

import json
import mmap
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from .. import _limits
from .._errors import InputError

BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from pellucid.data.decoders.child import main; main()"
)
LEAN = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # others reserve more than they use
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 18),  # what is freed goes back at once
    "MALLOC_TRIM_THRESHOLD_": str(1 << 18),
    "OPENBLAS_NUM_THREADS": "1",
}
"""Keeps the child's memory at what it works on: measured, half of it and less."""

FALLBACK_MEMORY = 4 << 30  # taken for free where the system does not say
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Decoded:
    """What a decoder found.

    Attributes:
        header: its description of the bytes.
        data: the bytes, mapped; read-only.
    """

    header: dict[str, Any]
    data: np.ndarray

    def array(self, dtype: str, offset: int, shape: tuple[int, ...]) -> np.ndarray:
        """An array that lies in the bytes.

        Raises:
            ValueError: it would reach outside of them.
        """
        kind = np.dtype(dtype)
        size = kind.itemsize
        for side in shape:
            size *= int(side)
        if kind.hasobject or min(shape, default=0) < 0 or offset < 0:
            raise ValueError("no such array")
        return self.data[offset : offset + size].view(kind).reshape(shape)


def decode(
    kind: str,
    name: str,
    file_bytes: int,
    progress: Progress | None = None,
    **request: Any,
) -> Decoded:
    """Decode a foreign file in a child process.

    Args:
        kind: "text", "parquet", "arrays" or "images".
        name: what to call the file in a sentence.
        file_bytes: its size, which decide how much memory the decoder gets.
        progress: is told the share that is done, 0 ... 1, now and then.
        request: what the kind needs: "path", or "paths" ...

    Raises:
        InputError: it can't be decoded.
    """
    half = free_memory() // 2
    wide = _limits.READER_FACTOR * file_bytes + _limits.READER_BASE_BYTES
    words = {"kind": kind, "memory": min(wide, half), "most": half}
    words |= {"parent": os.getpid(), **request}
    with _temporary() as out:
        child = _start(out)
        try:
            place = _listen(child, words, name, progress or (lambda share: None))
        finally:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stderr):
                if pipe is not None:
                    with suppress(BrokenPipeError):  # it died with words unread
                        pipe.close()
        return _mapped(out, place, name)


def _temporary() -> IO[bytes]:
    """A file without a name.

    Raises:
        InputError: no folder for temporary files can be written to.
    """
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise InputError(
            "a folder for temporary files must be writable to decode files; none is: "
            f"{error.strerror or error}. Name one with TMPDIR."
        ) from None


def _start(out: IO[bytes]) -> subprocess.Popen[bytes]:
    """The child; it imports from where we do, and from nowhere else."""
    paths = [os.path.abspath(path) for path in sys.path if path]
    return subprocess.Popen(
        [sys.executable, "-I", "-c", BOOT, json.dumps(paths)],
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=subprocess.PIPE,
        env={**os.environ, **LEAN},
    )


def _listen(
    child: subprocess.Popen[bytes], request: Any, name: str, progress: Progress
) -> tuple[int, int]:
    """Hand over the request and wait; where in the file the answer stands."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def listen() -> None:
        pipe: Any = child.stderr
        for line in pipe:
            lines.put(line)
        lines.put(b"")

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    pipe: Any = child.stdin
    try:
        pipe.write(json.dumps(request).encode() + b"\n")
        pipe.flush()
    except BrokenPipeError:
        pass  # it has died already: told below
    last = ""
    while True:
        try:
            line = lines.get(timeout=_limits.READER_SILENCE_SECONDS)
        except queue.Empty:
            raise InputError(_silence(name)) from None
        word, value = _message(line)
        if word == "progress":
            progress(value)
        elif word == "done":
            listener.join()
            return int(value[0]), int(value[1])
        elif word == "refused":
            raise InputError(_about(name, value))
        elif word == "memory":
            raise InputError(
                f"{name} must be decodable in {value:,} bytes of memory; it needs "
                "more. The file is damaged, or too large for this machine."
            )
        elif not line:
            child.wait()
            raise InputError(_death(name, child.returncode, last))
        else:  # words of a dying interpreter
            last = line.decode(errors="replace").strip()


def _silence(name: str) -> str:
    return (
        f"{name} must be readable in reasonable time; its decoder made no progress for "
        f"{_limits.READER_SILENCE_SECONDS} s (limit READER_SILENCE_SECONDS) and was "
        "ended. Get the file again."
    )


def _message(line: bytes) -> tuple[str, Any]:
    try:
        ((word, value),) = json.loads(line).items()
    except (ValueError, AttributeError):
        return "", None
    return word, value


def _about(name: str, sentence: str) -> str:
    """A sentence about "it" with the file's name."""
    return f"{name}: {sentence}" if not sentence.startswith(name) else sentence


def _death(name: str, status: int, last: str) -> str:
    if status < 0:
        try:
            how = f"by the signal {signal.Signals(-status).name}"
        except ValueError:
            how = f"by the signal {-status}"
    else:
        how = f"with status {status}" + (f" ({last:.200})" if last else "")
    return (
        f"{name} can't be read: its decoder ended early, {how}. The file is "
        "damaged, or too large for this machine; get it again."
    )


def _mapped(out: IO[bytes], place: tuple[int, int], name: str) -> Decoded:
    start, length = place
    try:
        whole = mmap.mmap(out.fileno(), 0, access=mmap.ACCESS_READ)
        header = json.loads(whole[start : start + length])
    except ValueError:  # an empty file can't be mapped; a broken header not be read
        raise InputError(
            f"{name} can't be read: what its decoder left is not whole. Get it again."
        ) from None
    return Decoded(header, np.frombuffer(whole, np.uint8)[:start])


def let_go(array: np.ndarray) -> None:
    """Hand back the memory of a mapped array; it is read again where it is needed.

    What is mapped counts as held once it was looked at: of a large table, column after
    column would add up to all of it.
    """
    whole: Any = array
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    mapped = getattr(whole.base, "obj", None)  # of the memoryview that NumPy made
    if not (isinstance(mapped, mmap.mmap) and hasattr(mapped, "madvise")):
        return
    page = mmap.PAGESIZE
    first = array.ctypes.data - whole.ctypes.data
    start, stop = -(-first // page) * page, (first + array.nbytes) // page * page
    if start < stop:
        mapped.madvise(mmap.MADV_DONTNEED, start, stop - start)


def free_memory() -> int:
    """Bytes that can be used without pushing anything out."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return FALLBACK_MEMORY
