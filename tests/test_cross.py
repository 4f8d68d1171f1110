"""Other processors, in an emulator: the same bits as here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from engine_cases import TARGETS

ROOT = Path(__file__).parents[1]
ARM = (
    "-DCMAKE_SYSTEM_NAME=Linux",
    "-DCMAKE_SYSTEM_PROCESSOR=aarch64",
    "-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++",
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def needed(*programs: str) -> list[str]:
    """Where they are; without one of them there is nothing to try."""
    for name in programs:
        if not shutil.which(name):
            pytest.skip(f"no {name} here")
    return [str(shutil.which(name)) for name in programs]


def built(folder: Path, *words: str) -> Path:
    """tests/cross/hashes.cpp with the engine, compiled with these words to cmake."""
    (cmake,) = needed("cmake")
    words = ("-DCMAKE_BUILD_TYPE=Release", "-DPELLUCID_HASHES=ON", *words)
    for command in ([cmake, "-S", ROOT, "-B", folder, *words],
                    [cmake, "--build", folder, "-j", str(os.cpu_count())]):  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "hashes"


def said(*command: object) -> list[str]:
    """The lines that it printed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> tuple[Path, list[str]]:
    """The program for this processor, and what the portable code says."""
    program = built(tmp_path_factory.mktemp("here"))
    lines = said(program, "portable", 1)
    assert len(set(lines)) == len(lines) > 200
    assert "not finite" not in "".join(lines)
    return program, lines


@pytest.mark.parametrize("threads", [1, 3])
def test_same_bits_for_every_target_of_this_processor(here, threads):
    program, lines = here
    for target in TARGETS:
        assert said(program, target, threads) == lines, target


@pytest.mark.parametrize("target, threads", [("neon", 1), ("portable", 1), ("auto", 3)])
def test_same_bits_on_aarch64(here, tmp_path_factory, target, threads):
    (emulator, _) = needed("qemu-aarch64-static", "aarch64-linux-gnu-g++")
    folder = tmp_path_factory.getbasetemp() / "aarch64"
    program = built(folder, *ARM)  # the second time there is nothing to do
    lines = said(emulator, "-L", "/usr/aarch64-linux-gnu", program, target, threads)
    assert lines == here[1]
