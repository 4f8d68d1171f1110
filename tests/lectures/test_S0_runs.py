"""S0: the runs on MNIST that the lecture shows, by the reference script.

Nielsen's log counts epochs from 0; ours counts those that are done, so that its line 0
is the network before the first step. The native engine makes the same bits
everywhere, so a seed's figures here are its figures.
"""

import os
import re
import runpy
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from pellucid import Dataset, load, recipes, settings
from pellucid.diagnosis import diagnose

SCRIPT = Path(__file__).parents[2] / "examples" / "nielsen.py"
SEEDS = range(3)  # the bands below are set from ten and more
LINE = re.compile(r"Epoch \d+: \d+ / 10000")


@pytest.fixture(scope="module")
def mnist(data_dir) -> Dataset:
    return load("mnist", data_dir=data_dir)


@pytest.fixture(scope="module")
def run(mnist):
    """What a seed gives: the network, how many test images were right, the diagnosis.

    The first count is before the first step, the others after each epoch.
    """
    nielsen = runpy.run_path(str(SCRIPT))

    @cache
    def one(eta: float, hidden: int, seed: int):
        network = nielsen["build"](mnist, hidden, seed)
        begin = network.copy()
        reports = list(nielsen["learn"](network, mnist, eta, seed=seed))
        assert len(reports) == 31
        assert all(LINE.fullmatch(str(report)) for report in reports)
        found = diagnose(network, mnist, reports, cost="quadratic", begin=begin)
        return network, [report.correct for report in reports], found

    return one


def script(*words) -> list[str]:
    """The lines that the script prints."""
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return done.stdout.splitlines()


@pytest.mark.slow
def test_S0_24_the_script_makes_the_runs_of_the_lecture(mnist, data_dir):
    # "Python code!", and nothing below it.
    assert len(SCRIPT.read_text().splitlines()) <= 100
    for recipe, hidden, eta in (("nielsen-30", 30, 3.0), ("nielsen-100", 100, 0.001)):
        chosen = settings(recipe, eta=eta, epochs=2, monitor="test")
        reports = recipes.run(chosen, recipes.build(chosen, mnist), mnist)
        words = ["--hidden", hidden, "--eta", eta, "--epochs", 2]
        lines = script(*words, "--data-dir", data_dir)
        assert lines == [str(report) for report in reports]
    # The good run is S0-25's; the two bad ones are S0-26's and S0-27's.


@pytest.mark.slow
def test_S0_26_eta_too_low(run):
    """784-100-10 with η = 0.001: 1139 to 2142 of 10,000 in Nielsen, ch. 1.

    The notes leave out that these are 100 hidden neurons and not 30. Seeds 0 to 11:
    after one epoch 6.0 to 16.5%, median 10.1%; after 30 epochs 8.8 to 28.2%, median
    20.2%. Ten of the twelve end higher than they begin.
    """
    runs = [run(0.001, 100, seed) for seed in SEEDS]
    first, last = ([counts[k] for _, counts, _ in runs] for k in (1, -1))
    assert 800 <= median(first) <= 1300
    assert median(last) > 1.3 * median(first)
    assert max(last) < 3500
    rising = [counts for _, counts, _ in runs if counts[1] < counts[15] < counts[30]]
    assert len(rising) > len(runs) / 2
    for _, _, findings in runs:
        (low,) = [found for found in findings if "too low" in found.name]
        assert "η is 0.001; after 30 epochs" in low.meaning
        assert low.advice.startswith("Try η 0.01 (ten times as much)")


@pytest.mark.slow
def test_S0_27_eta_too_high(run, mnist):
    """784-30-10 with η = 100: 1009 to 982 of 10,000 in Nielsen, ch. 1.

    There are 1009 nines and 982 fours: it says the same digit to every image. Which
    digit, and how soon, hangs on the seed, so the bands are of the median seed.
    """
    test, peaks, kinds, constant = mnist.test, [], [], 0
    for seed in range(5):
        network, counts, findings = run(100.0, 30, seed)
        answers = set(network(test.x).argmax(1))
        peaks.append(max(counts[1:]))
        kinds.append(len(answers))
        named = {found.name: found for found in findings}
        assert "learning rate too high" in named
        assert "saturated units" in named
        if len(answers) == 1:
            constant += 1
            answer = answers.pop()
            assert counts[-1] == (test.labels == answer).sum()
            told = named["one answer for everything"]
            assert told.measured["class"] == str(answer)
            assert f'examples are answered "{answer}"' in told.meaning
            assert told.advice.startswith("η is too high, and the units are saturated.")
    assert median(peaks) <= 2100
    assert median(kinds) <= 3
    assert constant > 0


@pytest.mark.slow
def test_S0_25_a_good_run(run):
    # 784-30-10, mini-batches of 10, η = 3, 30 epochs: 95.42% at its best in Nielsen,
    # ch. 1. Seeds 0 to 9: 94.85 to 95.34%.
    for seed in SEEDS:
        _, counts, _ = run(3.0, 30, seed)
        assert counts[0] < 2000  # before the first step it knows nothing
        assert 9450 <= max(counts) <= 9560
