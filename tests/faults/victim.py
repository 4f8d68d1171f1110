"""A warm process that forks: each fork is one `pellucid` command, there to be hurt.

Forking takes milliseconds where starting Python and reading the data takes seconds, and
to the kernel the fork is a process like any other. Started with a folder with MNIST,
or "" for the embedded digits, and "whole" where all of MNIST is wanted beside
the few images that are called small; reads a JSON object a line: {"arguments", "out",
"held", "shift"}. Beside `out` it writes the process's id, that it is held, what it
says, and how it ended.
"""

import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np

from pellucid import Dataset, load
from pellucid.cli import main
from pellucid.data import DATASETS

ROWS = {"train": 1_000, "validation": 200, "test": 200}
DEFECT = 99  # the status of a process that ended in an exception
ANYONE = (1 << 64) - 1


def small(whole: Dataset) -> Dataset:
    """A few real images under the name "small"."""
    kept = {part: min(rows, whole.counts[part]) for part, rows in ROWS.items()}
    starts = np.cumsum([0, *whole.counts.values()])
    rows = [
        np.arange(start, start + kept[part])
        for start, part in zip(starts, kept, strict=False)
    ]
    chosen = whole.rows(np.concatenate(rows))
    return replace(chosen, name="small", counts=kept)


def command(arguments: list[str]) -> int:
    """Run a command as the console script would; its exit status."""
    try:
        main(arguments)
    except SystemExit as end:
        return end.code or 0
    except KeyboardInterrupt:  # before `main` could see to it
        return 130
    except BaseException:
        traceback.print_exc()
        return DEFECT


def child(request: dict) -> None:
    """Be the command; never returns."""
    out = request["out"]
    for number, name in enumerate(("in", "out", "err")):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(os.devnull if number == 0 else f"{out}.{name}", flags), number)
    libc = ctypes.CDLL(None)
    if request["shift"]:
        libc.shift_clock(*map(ctypes.c_double, request["shift"]))
    if request["held"]:  # until a tracer is there
        libc.prctl(0x59616D61, ctypes.c_ulong(ANYONE), 0, 0, 0)
        note(f"{out}.held", os.getpid())
        while not os.path.exists(f"{out}.go"):
            time.sleep(0.001)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    status = command(request["arguments"])
    sys.stdout.flush()
    os._exit(status)


def nurse(request: dict) -> None:
    """Start the command and wait for its end; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        child(request)
    note(f"{request['out']}.pid", pid)
    _, status = os.waitpid(pid, 0)
    note(f"{request['out']}.status", os.waitstatus_to_exitcode(status))
    os._exit(0)


def note(path: str, number: int) -> None:
    """Write a number so that who waits for the file finds it whole."""
    Path(f"{path}.new").write_text(str(number))
    os.rename(f"{path}.new", path)


def know(name: str, data: Dataset) -> None:
    """Have `--data NAME` mean these, which are in memory already."""
    DATASETS[name] = replace(DATASETS["digits"], name=name, load=lambda *_: data)


def serve(data_dir: str, whole: bool) -> None:
    data = load("mnist", data_dir=data_dir) if data_dir else load("digits")
    know("small", small(data))
    if whole:
        know("mnist", data)
    del data
    folder = tempfile.mkdtemp()  # once here, so that no fork has to import anything
    words = ["--data", "small", "--epochs", "2", "--layers", "3", "--runs", folder]
    assert command(["train", *words, "--json", "--checkpoint-every", "0"]) == 0
    assert command(["train", "--resume", "1", "--runs", folder]) == 0
    shutil.rmtree(folder)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        if os.fork() == 0:
            nurse(json.loads(line))


if __name__ == "__main__":
    serve(sys.argv[1], "whole" in sys.argv[2:])
