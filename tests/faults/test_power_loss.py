"""The power fails: what was reported as saved is there, and the bits are the same."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from faults.disk import Call, Disk, File, Folder, calls, write
from faults.machine import CALLS, Whole, many
from pellucid import runs
from pellucid.runs import checkpoints

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
NAME = "0001-small"


@pytest.fixture
def recorded(short: Whole, quick, strace) -> tuple[Path, list[Call]]:
    """The folder of a run that nobody disturbed, and the calls that made it."""
    parent, log = quick / "recorded", quick / "log"
    parent.mkdir()
    options = ("-xx", "-s", str(1 << 24), "-o", str(log))
    ended = short.traced(parent, *options, "-e", f"trace={','.join(CALLS)}")
    short.check(ended, parent)
    return parent, calls(log.read_text())


def test_the_log_replayed_to_its_end_is_the_run(recorded):
    parent, made = recorded
    disk = Disk(parent)
    for call in made:
        disk.make(call)
    durable = disk.durable()[NAME]
    assert durable.keys() >= {*runs.FILES, runs.MANIFEST}
    for name in (*runs.FILES, runs.MANIFEST):
        assert durable[name] == (parent / NAME / name).read_bytes(), name


@dataclass(frozen=True)
class State:
    """What may be on the disk after some calls, and what must be."""

    names: dict
    durable: dict


def states(parent: Path, made: list[Call], each: int) -> list[State]:
    """The different states, at most so many of them after each call."""
    disk, found, seen = Disk(parent), [], set()
    for number, call in enumerate(made):
        disk.make(call)
        for seed in range(each):
            names = disk.lose_power(Random(1000 * number + seed))
            durable, there = disk.durable().get(NAME, {}), names.get(NAME, {})
            key = frozenset((name, hash(data)) for name, data in there.items())
            if (number, key) not in seen:
                seen.add((number, key))
                found.append(State(names, durable))
    return found


def step(names: dict) -> int:
    """The last step of the checkpoints among these files; -1 for none."""
    found = [-1]
    for name in checkpoints.NAMES:
        if name in names:
            arrays = checkpoints.parse(names[name], name)[1]
            found.append(int(arrays["step"][0]))
    return max(found)


def test_300_power_losses(recorded, short: Whole, quick):
    chosen = Random(0).sample(states(*recorded, each=8), 300)

    def one(number: int, folder: Path) -> None:
        state = chosen[number]
        there = state.names.get(NAME, {})
        if runs.SETTINGS in state.durable:  # it was reported as begun
            assert there[runs.SETTINGS] == state.durable[runs.SETTINGS]
        if runs.MANIFEST not in there:
            assert step(there) >= step(state.durable)
        folder.mkdir()
        write(state.names, folder)
        short.check(short.recover(folder), folder)

    many(300, quick, one)


def test_the_disk_forgets_what_was_not_synced():
    lost, torn = set(), set()
    for seed in range(100):
        folder = Folder(waiting=[{"a": File(b"", b"x" * 9000)}, {"a": None}])
        lost.add(tuple(folder.after(Random(seed))))
        torn.add(File(b"", b"x" * 9000).after(Random(seed)).count(b"x"))
    assert lost == {(), ("a",)}
    assert {0, 4096, 9000} < torn
    assert File(b"durable").after(Random(0)) == b"durable"
