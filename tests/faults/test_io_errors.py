"""A disk that fails, fills up or can't be written: a sentence, and nothing is lost."""

import errno
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from faults.machine import ALL_CALLS, CALLS, Machine, Whole, calls_on_files, many
from pellucid.runs import checkpoints

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EROFS")
MEBIBYTES = 4


def test_every_call_fails_with_every_error(tiny: Whole, quick, strace):
    """With each once, and with one of them from then on."""
    calls = calls_on_files(tiny, quick, ALL_CALLS)
    cases = [(*call, error, "") for call in calls for error in ERRORS]
    cases += [(*call, ERRORS[n % len(ERRORS)], "+") for n, call in enumerate(calls)]
    print(Counter(name for name, _ in calls), len(cases))

    def one(number: int, folder: Path) -> None:
        name, first, error, on = cases[number]
        fault = f"inject={name}:error={error}:when={first}{on}"
        ended = tiny.traced(folder, "-o", "/dev/null", "-e", fault)
        if ended.status == 0:  # such as an error on closing what was only looked at
            assert name not in CALLS, (cases[number], ended)
            return tiny.check(ended, folder)
        assert ended.status in (1, 2), (cases[number], ended)
        if (name, on) != ("write", "+"):  # else nothing can be said either
            assert len(ended.sentences) == 1, (cases[number], ended)
            (sentence,) = ended.sentences
            assert os.strerror(getattr(errno, error)) in sentence
            # What is closed has no name any more, so which file it was may be lost.
            assert name == "close" or str(folder) in sentence
        tiny.check(tiny.recover(folder), folder)

    many(len(cases), quick, one)


@pytest.fixture(scope="module")
def small_disk(data_dir, tmp_path_factory):
    """A machine that sees a file system of 4 MiB, and the path of that in our eyes."""
    place = tmp_path_factory.mktemp("disk")
    mount = f"mount -t tmpfs -o size={MEBIBYTES}m none {place}"
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*inside, mount]).returncode:
        pytest.skip("this user may not mount a file system of its own")
    prefix = [*inside, f'{mount} && exec "$@"', "sh"]
    machine = Machine(tmp_path_factory.mktemp("machine"), data_dir, prefix)
    yield machine, Path(f"/proc/{machine.process.pid}/root{place}"), place
    machine.close()


def test_a_really_full_disk_leaves_the_last_checkpoint_whole(small_disk, short: Whole):
    machine, seen, place = small_disk
    ballast, full = seen / "ballast", 0
    for kilobytes in range(20, 2_000, 100):
        free = os.statvfs(seen).f_bavail * os.statvfs(seen).f_bsize
        ballast.write_bytes(bytes(free - (kilobytes << 10)))
        ended = machine.run(*short.words, runs=place / "runs")
        ballast.unlink()
        if ended.status:
            full += 1
            assert ended.status == 1 or not (seen / "runs").exists()
            assert "No space left on device" in ended.err and str(place) in ended.err
            check_whole(seen / "runs")
        # The path in the words is that of the other side.
        words = short.resume(seen / "runs")
        words = [word.replace(str(seen), str(place)) for word in words]
        again = machine.run(*words, "--json", runs=place / "runs")
        if again.status == 2:
            again = machine.run(*short.words, runs=place / "runs")
        short.check(again, seen / "runs")
        shutil.rmtree(seen / "runs")
    assert 5 < full < 20, "the disk was full always or never"


def check_whole(parent: Path) -> None:
    """Every checkpoint that has a name can be read."""
    for path in parent.glob("*/checkpoint-*"):
        checkpoints.parse(path.read_bytes(), str(path))
