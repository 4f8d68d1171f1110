"""The process that decodes foreign files: one request in, one answer out, then gone.

    standard input    the request, one line of JSON; then silence: its end is the end of
                      the process that asked, and of this one
    standard output   a file: the columns' or pixels' bytes
    standard error    lines of JSON: how far it is, and at last the answer

Memory is limited before the first byte is read. What goes wrong here, whatever it is,
ends this process only; `reader` turns that into a sentence.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from ..._errors import InputError

INTERVAL = 0.2  # seconds between two lines on progress
DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG in Linux's prctl


class FileSink:
    """Takes the bytes into a file, of which so many are allowed."""

    def __init__(self, file: BinaryIO, most: int):
        self.file, self.most = file, most

    def reserve(self, size: int) -> None:
        """Make room, or refuse."""
        if size > self.most:
            raise InputError(
                f"it must fit into half of the free memory, {self.most:,} bytes; "
                f"decoded it takes {size:,}. Use fewer rows or columns."
            )
        if size and hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(self.file.fileno(), 0, size)
            except OSError as error:
                raise InputError(
                    f"decoded it takes {size:,} bytes in the folder for temporary "
                    f"files ({tempfile.gettempdir()}), which has no room: "
                    f"{error.strerror}. Make room, or name another with TMPDIR."
                ) from None

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Put bytes at an offset."""
        self.file.seek(offset)
        self.file.write(data)


def answer(
    request: dict[str, Any], sink: Any, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Decode what is asked for into `sink`.

    Args:
        request: "kind", "path" and what the kind needs; see `reader`.
        sink: takes the bytes.
        progress: told the share that is done.

    Raises:
        InputError: it can't be decoded: a sentence about the file, "it ...".
    """
    kind = request["kind"]
    if kind == "images":
        from . import pictures

        size = tuple(request["size"]) if request["size"] else None
        paths, shown = request["paths"], request["shown"]
        return pictures.read(paths, shown, size, request["colour"], sink, progress)
    if kind == "arrays":
        from . import arrays

        return arrays.read(request["path"], sink)
    return _table(request, sink, progress)


def _table(
    request: dict[str, Any], sink: Any, progress: Callable[[float], None]
) -> dict[str, Any]:
    """The columns of a text or Parquet file."""
    from . import storing
    from .parquet import Parquet
    from .separated import Separated

    path = request["path"]
    source: Parquet | Separated
    if request["kind"] == "parquet":
        source, notes, comma = Parquet(path, progress), [], False
    else:
        how = {word: request[word] for word in ("delimiter", "header", "names")}
        source = Separated(path, **how, progress=progress)
        notes, comma = source.notes, source.comma
    skipped = set(request["ignore"])
    places = [p for p, name in enumerate(source.names) if name not in skipped]
    if not places:
        raise InputError("at least one column must be left; all are ignored.")

    def blocks() -> Any:
        return ([arrays[p] for p in places] for arrays in source.blocks())

    names = [source.names[place] for place in places]
    found = storing.store(names, blocks, sink, request["wants"], comma)
    return {**found, "names": source.names, "notes": notes, "sha256": source.sha256}


def main() -> None:
    """Answer the request on standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked decides
    out = os.fdopen(os.dup(1), "r+b", buffering=0)
    said = os.fdopen(os.dup(2), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # a library that prints would spoil the bytes
        os.dup2(nothing, stream)
    request = json.loads(sys.stdin.buffer.readline())
    die_with_parent(request["parent"])
    _die_with_the_pipe()
    limit_memory(request["memory"])
    last = [0.0]

    def say(word: str, value: Any) -> None:
        said.write(json.dumps({word: value}) + "\n")
        said.flush()

    def progress(share: float) -> None:
        now = time.monotonic()
        if now - last[0] >= INTERVAL:
            last[0] = now
            say("progress", round(share, 4))

    try:
        found = json.dumps(answer(request, FileSink(out, request["most"]), progress))
        place = out.seek(0, os.SEEK_END)
        out.write(found.encode())
        say("done", [place, len(found.encode())])
    except InputError as error:
        say("refused", str(error))
    except MemoryError:
        say("memory", request["memory"])
    except OSError as error:
        say("refused", f"it can't be read: {error.strerror or error}.")
    except Exception as error:  # decoders fail in many ways, all of them here
        reason = (str(error) or type(error).__name__).splitlines()[0]
        say("refused", f"it can't be decoded, so it is damaged: {reason:.200}.")
    os._exit(0)  # without the libraries' own farewells


def limit_memory(most: int) -> None:
    """No more data than this; the system refuses the rest."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent(parent: int) -> None:
    """End when the one who asked does, even while a decoder is at work."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it was faster
            os._exit(1)


def _die_with_the_pipe() -> None:
    """The same on every system: nothing more comes by standard input."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
