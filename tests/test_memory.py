"""What training takes beside the data: the promise is 150 MB."""

import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks /proc"),
]

PROMISED = 150e6

PEAK = """
def peak():  # getrusage's would be that of pytest, where it was larger before exec
    with open("/proc/self/status") as lines:
        found = next(line for line in lines if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024
"""

TRAINING = """
import sys
from pellucid import load, recipes
chosen = recipes.settings(sys.argv[1], data="mnist", epochs=2, dtype=sys.argv[2])
data = load("mnist", sys.argv[3], chosen["dtype"])
network = recipes.build(chosen, data)
for report in recipes.run(chosen, network, data):
    pass
print(peak(), data.x.nbytes + data.y.nbytes)
"""

COMMAND = """
import sys
from pellucid.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(peak())
"""


def numbers(code, *words):
    """What a process of its own prints at its end."""
    command = [sys.executable, "-c", PEAK + code, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.splitlines()[-1].split()]


@pytest.mark.parametrize("recipe", ["nielsen-30", "sklearn"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_holds_the_data_once(recipe, dtype, data_dir):
    taken, data = numbers(TRAINING, recipe, dtype, data_dir)
    assert data < taken < data + PROMISED, (taken, data)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_command_does_too(dtype, data_dir, tmp_path):
    words = ["train", "--data", "mnist", "--epochs", 1, "--dtype", dtype]
    (taken,) = numbers(COMMAND, *words, "--data-dir", data_dir, "--runs", tmp_path)
    data = 70_000 * (784 + 10) * int(dtype[5:]) // 8
    assert data < taken < data + PROMISED, (taken, data)
