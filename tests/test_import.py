"""`import pellucid` brings NumPy and itself, and hardly costs more than NumPy alone."""

import subprocess
import sys

HEAVY = {"sklearn", "scipy", "rich", "typer", "safetensors", "torch", "matplotlib"}

PROGRAM = """
import time
import numpy
begin = time.perf_counter()
import pellucid
print(time.perf_counter() - begin)
import sys
print(*{name.partition(".")[0] for name in sys.modules})
"""


def imported():
    """Seconds that pellucid took after NumPy, and what is there then."""
    arguments = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    seconds, modules = done.stdout.splitlines()
    return float(seconds), set(modules.split())


def test_import_brings_none_of_the_heavy_libraries():
    _, modules = imported()
    assert {"pellucid", "numpy"} <= modules
    assert not modules & HEAVY


def test_import_costs_at_most_a_tenth_of_a_second_more_than_numpy():
    assert min(imported()[0] for _ in range(7)) < 0.1
