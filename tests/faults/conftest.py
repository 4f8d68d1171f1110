"""What the fault tests share: a warm machine, quick folders, and leave to trace."""

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.machine import BUSY, MNIST, SHORT, TINY, Machine, Whole


@contextmanager
def in_memory():
    """An empty folder: a kill leaves the same in memory as on a disk, but sooner."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def quick():
    with in_memory() as folder:
        yield folder


@pytest.fixture(scope="session")
def machine(data_dir):
    with in_memory() as folder:
        made = Machine(folder, data_dir)
        yield made
        made.close()


@pytest.fixture(scope="session")
def busy(machine) -> Whole:
    """A run of 10 epochs on a few MNIST images with 100 checkpoints."""
    with in_memory() as folder:
        return Whole(machine, folder, BUSY)


@pytest.fixture(scope="session")
def short(machine) -> Whole:
    """One with 20, so that all of its system calls can be tried."""
    with in_memory() as folder:
        return Whole(machine, folder, SHORT)


@pytest.fixture(scope="session")
def tiny(machine) -> Whole:
    """One with 4, so that each of them can be tried in many ways."""
    with in_memory() as folder:
        return Whole(machine, folder, TINY)


@pytest.fixture(scope="module")
def mnist(data_dir):
    """A run of 10 epochs on all of MNIST with 200 checkpoints."""
    with in_memory() as folder:
        made = Machine(folder, data_dir, whole=True)
        yield Whole(made, folder, MNIST)
        made.close()


@pytest.fixture(scope="session")
def strace() -> None:
    """Skips where processes can't be traced."""
    if shutil.which("strace") is None:
        pytest.skip("no strace here: apt-get install strace")
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"])
    if tried.returncode:
        pytest.skip("this user may not trace processes")
