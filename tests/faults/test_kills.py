"""Killed at any instant and at every system call, a run ends in the same bits."""

import signal
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from faults.machine import Whole, calls_on_files, hurt, many
from pellucid import runs
from pellucid.runs import checkpoints

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


def last_step(parent: Path) -> int:
    """Where the newest checkpoint of the only run there stands."""
    try:
        (folder,) = (path.parent for path in parent.glob(f"*/{runs.SETTINGS}"))
    except ValueError:
        return -1
    settings = runs.read_settings(folder)
    data = runs.read_json(folder / "data.json")
    return checkpoints.find(folder, runs.identity(settings, data)).step


def test_sigkill_at_200_random_instants_of_mnist(mnist: Whole, quick):
    seen: Counter[str] = Counter()

    def one(number: int, folder: Path) -> None:
        child = mnist.start(folder)
        hurt(child, Random(number), mnist, folder, signal.SIGKILL)
        said = child.wait().epochs
        finished = any(folder.glob(f"*/{runs.MANIFEST}"))
        step = last_step(folder)
        # What was reported is not lost: a checkpoint is written before the line.
        assert finished or step >= mnist.batches * said
        seen["finished" if finished else "at work" if step > 0 else "beginning"] += 1
        mnist.check(mnist.recover(folder), folder)

    tried = many(200, quick, one)
    print(seen)
    assert seen["at work"] > tried / 4


def killing(name: str, number: int) -> tuple[str, ...]:
    """To die on entering the call, so that it is not made."""
    return ("-o", "/dev/null", "-e", f"inject={name}:signal=SIGKILL:when={number}")


def test_sigkill_before_and_after_every_call_on_files(short: Whole, quick, strace):
    # Before the next call on a file is after this one: nothing else touches the disk.
    calls = calls_on_files(short, quick)

    def one(number: int, folder: Path) -> None:
        ended = short.traced(folder, *killing(*calls[number]))
        assert ended.status == -signal.SIGKILL
        short.check(short.recover(folder), folder)

    many(len(calls), quick, one)
    print(Counter(name for name, _ in calls))


def test_sigkill_again_in_200_recoveries(short: Whole, quick, strace):
    calls = calls_on_files(short, quick)

    def one(number: int, folder: Path) -> None:
        random = Random(number)
        short.traced(folder, *killing(*random.choice(calls)))
        words = short.resume(folder)
        if len(words) == 5:  # it had begun
            again = killing(*random.choice(calls))
            short.machine.traced(*words, runs=folder, strace=again)
        short.check(short.recover(folder), folder)

    many(200, quick, one)
