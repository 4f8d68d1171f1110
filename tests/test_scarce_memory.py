"""Each allocation of the engine fails in turn: MemoryError, and all goes on."""

import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

FAULTS = Path(__file__).parent / "faults"
KINDS = ("dense", "values", "codes", "pixels", "csr")  # of scarce.py
ALL = 10_000
QUICK = [("values", 3, "once", 40), ("pixels", 1, "on", 40)]
EVERY = product(KINDS, (1, 3), ("once", "on"), (ALL,))


@pytest.fixture(scope="module")
def scarce(tmp_path_factory) -> Path:
    """The library that is loaded before all else."""
    compiler = shutil.which("c++")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("no compiler here for a library to be loaded before all else")
    library = tmp_path_factory.mktemp("scarce") / "scarce.so"
    source = FAULTS / "scarce.cpp"
    words = ["-std=c++17", "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"]
    subprocess.run([compiler, *words], check=True)
    return library


@pytest.mark.parametrize(
    "kind, threads, times, limit",
    [*QUICK, *(pytest.param(*case, marks=pytest.mark.slow) for case in EVERY)],
)
def test_every_allocation_fails_in_turn(scarce, kind, threads, times, limit):
    words = [FAULTS / "scarce.py", kind, threads, times, limit]
    preload = f"{os.environ.get('LD_PRELOAD', '')} {scarce}".strip()
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        env={**os.environ, "LD_PRELOAD": preload, "PYTHONPATH": path}
        | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 50  # or the library was not asked
