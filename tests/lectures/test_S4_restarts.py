"""S4: several starting points, and the best end is kept."""

import csv

import numpy as np
import pytest

from command_line import typed
from pellucid.plots import DescentDisplay
from tolerances import DIFFERENCE, FORMULA


def function(w):
    """Three valleys, the left one deepest."""
    return w**6 / 6 - 5 * w**4 / 4 + 2 * w**2 + 0.2 * w


def slope(w):
    return w**5 - 5 * w**3 + 4 * w + 0.2


def test_S4_20_restarts_find_every_minimum_and_the_best_is_kept():
    # "Start from several points, keep the best": there is still no guarantee.
    flat = np.roots([1, 0, -5, 0, 4, 0.2]).real
    minima = np.sort(flat[5 * flat**4 - 15 * flat**2 + 4 > 0])
    assert len(minima) == 3
    random = np.random.RandomState(20)
    ends = [
        DescentDisplay.from_function(function, slope, start, 0.02, 2_000).path[-1]
        for start in random.uniform(-2.5, 2.5, 20)
    ]
    found = np.unique(np.round(ends, 6))
    assert np.abs(found - minima).max() < DIFFERENCE
    best = min(ends, key=function)
    assert abs(best - minima[0]) < FORMULA
    # From one start alone it may be another one.
    assert any(function(end) > function(best) + 1 for end in ends)


def test_S4_20_the_command_line_reports_all_restarts(tmp_path, capsys):
    words = ("--restarts", 6, "--layers", 4, "--epochs", 10, "--json")
    said = typed(capsys, "sweep", *words, "--to", tmp_path / "restarts")
    assert said.status == 0, said
    text = (tmp_path / "restarts.csv").read_text()
    found = list(csv.DictReader(text.splitlines()))
    assert [line["seed"] for line in found] == [*"012345"]
    shares = [float(line["accuracy"]) for line in found]
    (group,) = said.json["groups"]
    assert group["figures"] == shares and len(set(shares)) > 1
    assert group["mean"] == pytest.approx(np.mean(shares))
    assert f"{100 * min(shares):.2f}% to {100 * max(shares):.2f}%" in said.out
