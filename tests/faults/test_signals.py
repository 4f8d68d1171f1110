"""Interrupted, asked to end, stopped, in another time, or not alone: the same bits."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from random import Random

import pytest

from faults.machine import Machine, Whole, history, hurt, many
from pellucid import runs
from pellucid.runs import index

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

DAY = 86_400
SHIFTS = {
    "an hour on": lambda now: 3_600,
    "an hour back": lambda now: -3_600,
    "a day on": lambda now: DAY,
    "a day back": lambda now: -DAY,
    "1970": lambda now: -int(now),
    "2106": lambda now: (1 << 32) - int(now),
}


@pytest.mark.parametrize(
    "number, count", [(signal.SIGINT, 50), (signal.SIGTERM, 20), (signal.SIGHUP, 5)]
)
def test_signals_at_random_instants(busy: Whole, quick, number, count):
    told = []

    def one(seed: int, folder: Path) -> None:
        child = busy.start(folder)
        sent = hurt(child, Random(seed), busy, folder, number)
        ended = child.wait()
        # -number: before Python could see to it; 0: when all was done.
        assert ended.status in (128 + number, -number, 0), ended
        assert ended.status == 0 or time.monotonic() - sent < 1.0
        if "Go on with: pellucid train --resume" in ended.err:
            told.append(seed)
            assert ended.status == 128 + number
        busy.check(busy.recover(folder), folder)

    tried = many(count, quick, one)
    assert len(told) >= tried // 4  # of a few, chance may leave but one


def test_stopped_and_continued(busy: Whole, quick):
    def one(seed: int, folder: Path) -> None:
        child = busy.start(folder)
        hurt(child, Random(seed), busy, folder, signal.SIGSTOP)
        time.sleep(0.05)
        child.hurt(signal.SIGCONT)
        busy.check(child.wait(), folder)

    many(20, quick, one)


@pytest.fixture(scope="module")
def clockwork(data_dir, tmp_path_factory):
    """A machine whose processes can be put into another time."""
    folder = tmp_path_factory.mktemp("clock")
    library = folder / "clock.so"
    compiler = shutil.which("cc") or pytest.skip("no C compiler here")
    source = Path(__file__).with_name("clock.c")
    words = ["-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run([compiler, *words], check=True)
    machine = Machine(folder, data_dir, preload=str(library))
    yield machine
    machine.close()


def test_clock_set_at_random_instants(clockwork, short: Whole, quick):
    names = list(SHIFTS)

    def one(seed: int, folder: Path) -> None:
        random, now = Random(seed), time.time()
        shift = now + random.uniform(0, short.seconds), SHIFTS[names[seed % 6]](now)
        child = clockwork.start(*short.words, runs=folder, shift=shift)
        hurt(child, random, short, folder, signal.SIGKILL)
        child.wait()
        other = 0.0, SHIFTS[random.choice(names)](now)
        words = short.resume(folder)
        if len(words) == 5:
            again = clockwork.run(*words, "--json", runs=folder, shift=other)
        else:
            again = clockwork.run(*short.words, runs=folder, shift=other)
        short.check(again, folder)
        check_seconds(folder)
        first = runs.latest(folder)
        last = clockwork.run(*short.words, runs=folder, shift=(0.0, -2 * DAY))
        assert last.status == 0 and runs.latest(folder) != first
        begun = [one.started for one in index.entries(folder)]
        assert seed % 6 or begun[-1] < begun[-2], "the clock was not set"
        assert [one.folder for one in index.entries(folder)][-2:] == [
            first,
            runs.latest(folder),
        ]

    many(20, quick, one)


def check_seconds(parent: Path) -> None:
    """Durations never fall: they are not read from the clock on the wall."""
    lines = (runs.latest(parent) / "history.csv").read_text().splitlines()
    place = lines[0].split(",").index("seconds")
    seconds = [float(line.split(",")[place]) for line in lines[1:]]
    assert seconds == sorted(seconds) and seconds[0] == 0


def test_two_processes_on_one_run(busy: Whole, quick):
    refused = []

    def one(seed: int, folder: Path) -> None:
        child = busy.start(folder)
        hurt(child, Random(seed), busy, folder, signal.SIGSTOP)
        second = busy.machine.run("train", "--resume", runs=folder)
        child.hurt(signal.SIGCONT)
        if "only one process may work on" in second.err:
            refused.append(seed)
            assert second.status == 2
        busy.check(child.wait(), folder)

    many(20, quick, one)
    assert refused  # some came while the first was at work; how many, the load decides


def test_two_processes_resume_at_once(busy: Whole, quick):
    def one(seed: int, folder: Path) -> None:
        child = busy.start(folder)
        hurt(child, Random(seed), busy, folder, signal.SIGKILL)
        child.wait()
        words = busy.resume(folder)
        both = [busy.machine.start(*words, "--json", runs=folder) for _ in range(2)]
        statuses = sorted(one.wait().status for one in both)
        assert statuses in ([0, 0], [0, 2], [2, 2])
        busy.check(busy.recover(folder), folder)
        assert history(folder) == busy.history

    many(10, quick, one)
