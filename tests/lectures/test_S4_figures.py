"""S4, figures: all 22 of the notes, and the ball on a surface."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from pellucid.plots import (
    ActivationsDisplay,
    GradientTableDisplay,
    LayerDisplay,
    NetworkDisplay,
    SurfaceDisplay,
    WishesDisplay,
)
from tolerances import PAGE, distance

ROOT = Path(__file__).parents[2]
FILE = ROOT / "examples" / "hoffmann.py"


@pytest.fixture(scope="module")
def notes():
    spec = importlib.util.spec_from_file_location("hoffmann", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KINDS = {
    1: ActivationsDisplay,
    2: ActivationsDisplay,
    11: NetworkDisplay,
    12: LayerDisplay,
    15: SurfaceDisplay,
    16: GradientTableDisplay,
    17: SurfaceDisplay,
    18: WishesDisplay,
    21: GradientTableDisplay,
}


@pytest.mark.parametrize("number", range(1, 23))
def test_S4_01_one_command_regenerates_each_figure(
    number, notes, tmp_path, capsys, monkeypatch
):
    monkeypatch.delenv("PELLUCID_DATA", raising=False)  # the digits, here and there
    assert sorted(notes.FIGURES) == list(range(1, 23))
    display = notes.FIGURES[number](None)
    assert isinstance(display, KINDS.get(number, object))
    if number in (3, 12, 15, 22):  # every kind of drawing is tested elsewhere
        file = tmp_path / "it.png"
        notes.main([str(number), "-o", str(file)])
        assert file.read_bytes().startswith(b"\x89PNG")
        assert display.alt in capsys.readouterr().out


def test_S4_01_what_the_notes_say_of_their_figures_holds_for_ours(notes):
    figure = {number: made(None) for number, made in notes.FIGURES.items()}
    assert figure[2].answer == "2"
    hits = [int(re.search(r"[+-]\d+", text)[0]) for text in figure[8].captions]
    assert hits[0] > hits[2] > hits[1] > hits[3] == 0
    ten = np.abs(figure[10].x - 10).argmin()
    assert abs(figure[10].a[ten, 0] - 0.5) < 0.02 and figure[10].a[0, 0] < 0.001
    assert figure[13].square.sum() == pytest.approx(2 * figure[13].cost)
    layer, table = figure[12], figure[21]
    single = PAGE["float32"]
    assert distance(layer.w @ layer.a + layer.b, layer.z) < single
    assert distance(table.wishes.mean(1), table.mean) < single
    turns = [np.abs(np.diff(figure[n].path, 2, axis=0)).sum() for n in (15, 22)]
    assert turns[1] > 3 * turns[0]  # mini-batches stagger


def test_S4_03_edges_and_loops_are_a_hope_and_one_can_look(notes):
    text = (ROOT / "docs" / "figures.md").read_text()
    assert "hope" in text and "Figures 3 to 6" in text
    layers = [notes.FIGURES[number](None).layer for number in (3, 4, 5, 6)]
    assert layers == [1, 1, 1, 2]


def test_S4_17_the_ball_on_the_surface_is_drawn_flat_and_in_space(notes):
    found = notes.FIGURES[17](None)
    figure = Figure(figsize=(12, 6))
    flat, space = figure.add_subplot(1, 2, 1), figure.add_subplot(
        1, 2, 2, projection="3d"
    )  # fmt: skip
    assert found.plot(flat).axes_ == [flat] and found.plot(space).axes_ == [space]
    walked = space.lines[1].get_data_3d()
    assert np.array_equal(np.array(walked[:2]).T, found.path)
    heights = np.log10(found.path_cost) if found._log() else found.path_cost
    assert np.array_equal(walked[2], heights)
    assert found.path_cost[-1] < found.path_cost[0] / 100
