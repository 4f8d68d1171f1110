"""Commands that are killed, starved and lied to, and the look at what is left."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pellucid import runs

HERE = Path(__file__).parent
TRAIN = "train --dropout 0.2 --patience 8 --checkpoint-every 0 --lines --json".split()
BUSY = "--data small --layers 30 --epochs 10 --batch-size 100".split()
SHORT = "--data small --layers 30 --epochs 10 --batch-size 500".split()
TINY = "--data small --layers 30 --epochs 2 --batch-size 500".split()
MNIST = "--data mnist --layers 16 --epochs 10 --batch-size 100".split()
SHOWN = 5  # of the cases that failed
CASES = int(os.environ.get("PELLUCID_FAULTS", "40"))  # of each test, at most
PATIENCE = 300.0  # seconds for a command of one or two, on however busy a machine
CALLS = ("openat", "write", "fsync", "rename", "unlink", "mkdir", "flock")
"""What a run's files are written with."""

ALL_CALLS = (*CALLS, "read", "close", "getdents64")
"""And what else may fail on the way."""


@dataclass(frozen=True)
class Ended:
    """A command that is over: its exit status and what it said."""

    status: int
    out: str
    err: str

    @property
    def result(self) -> dict:
        """The JSON object in the last line."""
        return json.loads(self.out.splitlines()[-1])

    @property
    def sentences(self) -> list[str]:
        """What went wrong; warnings apart."""
        lines = self.err.splitlines()
        return [line for line in lines if line.startswith("pellucid: ")]

    @property
    def epochs(self) -> int:
        """The last epoch that was reported; -1 for none."""
        return max(map(int, re.findall(r"^Epoch (\d+):", self.out, re.M)), default=-1)


class Child:
    """A command at work."""

    def __init__(self, out: Path):
        self.out = out
        self.pid = int(self.wait_for("pid"))

    def wait_for(self, name: str) -> str:
        """What its nurse or itself has noted under this name, once it is there."""
        path, end = Path(f"{self.out}.{name}"), time.monotonic() + PATIENCE
        while not path.exists():
            assert time.monotonic() < end, f"no {path}: {self._said('err')}"
            time.sleep(0.001)
        return path.read_text()

    def _said(self, name: str) -> str:
        path = Path(f"{self.out}.{name}")
        return path.read_text() if path.exists() else ""

    def hurt(self, number: int) -> None:
        """Send a signal, if it is still there."""
        if not Path(f"{self.out}.status").exists():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    def wait(self) -> Ended:
        """Until it is over; it must never end in an exception."""
        status = int(self.wait_for("status"))
        ended = Ended(status, self._said("out"), self._said("err"))
        assert "Traceback" not in ended.err, ended.err
        return ended


class Machine:
    """A warm process to fork commands from.

    Args:
        folder: for what its commands say.
        data_dir: with MNIST.
        prefix: goes before its command.
        preload: a library that is loaded into it.
        whole: whether it has all of MNIST in memory.
    """

    def __init__(
        self,
        folder: Path,
        data_dir: Path | str = "",
        prefix=(),
        preload: str = "",
        whole: bool = False,
    ):
        self.folder, self.count = folder, 0
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        path = os.pathsep.join(filter(None, sys.path))
        preloaded = {"LD_PRELOAD": preload} if preload else {}
        self.process = subprocess.Popen(
            [*prefix, sys.executable, str(HERE / "victim.py"), str(data_dir)]
            + ["whole"] * whole,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **threads, **preloaded, "PYTHONPATH": path},
        )
        for line in self.process.stdout:
            if line == "ready\n":
                return
        said = self.process.stderr.read()
        self.close()
        raise RuntimeError(said)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        self.process.wait()

    def start(self, *arguments, runs: Path, held=False, shift=()) -> Child:
        """A command with its runs in this folder, at once or once a tracer is there."""
        self.count += 1
        out = self.folder / f"child-{self.count}-{os.urandom(4).hex()}"
        words = [*map(str, arguments), "--runs", str(runs)]
        request = {"arguments": words, "out": str(out), "held": held, "shift": shift}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return Child(out)

    def run(self, *arguments, runs: Path, **words) -> Ended:
        return self.start(*arguments, runs=runs, **words).wait()

    def traced(self, *arguments, runs: Path, strace: Iterable[str]) -> Ended:
        """A command under strace with these options."""
        child = self.start(*arguments, runs=runs, held=True)
        child.wait_for("held")  # before, it makes calls of its own
        tracer = subprocess.Popen(
            ["strace", "-f", "-qq", *strace, "-p", str(child.pid)],
            stderr=subprocess.PIPE,
            text=True,
        )
        while "TracerPid:\t0" in Path(f"/proc/{child.pid}/status").read_text():
            assert tracer.poll() is None, tracer.stderr.read()
            time.sleep(0.001)
        Path(f"{child.out}.go").touch()
        ended = child.wait()
        tracer.communicate()
        return ended


def history(parent: Path) -> list[list[str]]:
    """The history of the last run there, without the seconds."""
    with open(runs.latest(parent) / "history.csv", newline="") as file:
        lines = list(csv.reader(file))
    place = lines[0].index("seconds")
    return [line[:place] + line[place + 1 :] for line in lines]


class Whole:
    """A run that nobody disturbed, to compare with.

    Args:
        machine: to run it on, and those that are disturbed.
        parent: an empty folder.
        words: of the command, such as BUSY.
    """

    def __init__(self, machine: Machine, parent: Path, words: Iterable[str]):
        self.machine = machine
        self.words = [*TRAIN, *words]
        self.ended = machine.run(*self.words, runs=parent / "first")
        assert self.ended.status == 0, self.ended
        self.history = history(parent / "first")
        self.batches = int(self.history[2][1])  # updates in the first epoch
        begin = time.monotonic()  # now all is warm
        machine.run(*self.words, runs=parent / "second")
        self.seconds = time.monotonic() - begin

    def start(self, parent: Path, **words) -> Child:
        """Begin the same run in another folder."""
        return self.machine.start(*self.words, runs=parent, **words)

    def traced(self, parent: Path, *strace: str) -> Ended:
        """Begin the same run, under strace with these options."""
        return self.machine.traced(*self.words, runs=parent, strace=strace)

    def resume(self, parent: Path) -> list[str]:
        """The words that go on with the only run there."""
        begun = [path.parent for path in parent.glob(f"*/{runs.SETTINGS}")]
        return ["train", "--resume", *map(str, begun), "--checkpoint-every", "0"]

    def recover(self, parent: Path) -> Ended:
        """Go on with the only run there, or begin it, where it had not begun."""
        words = self.resume(parent)
        ended = self.machine.run(*words, "--json", runs=parent)
        if len(words) < 5:  # no run to name
            assert ended.status == 2, ended
            assert "must hold an unfinished run to go on with" in ended.err
            ended = self.machine.run(*self.words, runs=parent)
        return ended

    def check(self, ended: Ended, parent: Path) -> None:
        """The same bits, figures and history, and nothing left behind."""
        assert ended.status == 0, ended
        for name, value in self.ended.result.items():
            if name not in ("run", "train_seconds"):
                assert ended.result[name] == value, name
        assert ended.result["train_seconds"] >= 0
        assert history(parent) == self.history
        left = set(os.listdir(runs.latest(parent)))
        assert left == {*runs.FILES, runs.MANIFEST, runs.LOCK}


def some(count: int) -> list[int]:
    """Numbers of the cases that are tried, spread evenly over 0 ... count - 1."""
    most = min(count, CASES)
    return [number * count // most for number in range(most)]


def many(count: int, parent: Path, one: Callable[[int, Path], None]) -> int:
    """Call `one` with numbers below `count` and a folder to make each, a few at once.

    Returns:
        How many were tried.

    Raises:
        ExceptionGroup: of all that failed, the first few.
    """

    def case(number: int) -> Exception | None:
        folder = parent / f"case-{number}"
        try:
            one(number, folder)
        except Exception as error:
            error.add_note(f"case {number}")
            return error
        shutil.rmtree(folder)
        return None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [error for error in pool.map(case, some(count)) if error]
    tried = len(some(count))
    if failed:
        raise ExceptionGroup(f"{len(failed)} of {tried} cases failed", failed[:SHOWN])
    return tried


def hurt(
    child: Child, random: Random, whole: Whole, parent: Path, number: int
) -> float:
    """Send a signal at a random instant, mostly between checkpoints; when that was."""
    limit = time.monotonic() + whole.seconds
    if random.random() < 0.7:
        while not any(parent.glob("*/checkpoint-*")) and time.monotonic() < limit:
            time.sleep(0.001)
    time.sleep(random.uniform(0, 0.7 * whole.seconds))
    child.hurt(number)
    return time.monotonic()


def calls_on_files(
    whole: Whole, folder: Path, names: Iterable[str] = CALLS
) -> list[tuple[str, int]]:
    """Every call that a run makes on its files: its name and its number of that name.

    The numbers count all calls of that name, as strace does when it injects.
    """
    log = folder / "log"
    parent = folder / "traced"
    traced = f"trace={','.join(names)}"
    ended = whole.traced(parent, "-y", "-o", str(log), "-e", traced)
    whole.check(ended, parent)
    count: Counter[str] = Counter()
    found = []
    for line in log.read_text().splitlines():
        name = re.match(r"\d+ +(\w+)\(", line)[1]
        count[name] += 1
        if str(parent) in line:
            found.append((name, count[name]))
    assert len(found) > 50, "the log is of something else"
    return found
