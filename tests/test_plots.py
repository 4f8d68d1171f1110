"""Every figure: its alt text, its type, its colours, its files."""

import io
import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from functools import cache

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

import pellucid.plots as plots
from pellucid import InputError
from pellucid.plots.display import (
    MARKERS,
    NEGATIVE,
    PALETTE,
    POSITIVE,
    SIGNED,
    Display,
    label,
    line_style,
    signed_colours,
)
from plotted import every_display, trained

DISPLAYS = every_display()
NAMES = [f"{type(display).__name__}{i}" for i, display in enumerate(DISPLAYS)]
each = pytest.mark.parametrize("display", DISPLAYS, ids=NAMES)


@cache
def drawn(display):
    """Its figure, drawn once and laid out."""
    figure = display.plot().figure_
    figure.draw_without_rendering()
    return figure


SLIDE = (13.33, 7.5)  # inches: what a projector fills
SMALLEST = 12  # points on it


def test_every_public_display_is_looked_at_here():
    kinds = {getattr(plots, name) for name in plots.__all__}
    wanted = {kind for kind in kinds if isinstance(kind, type)} - {Display}
    assert {type(display) for display in DISPLAYS} == wanted


@each
def test_alt_text_is_one_to_three_sentences_with_numbers(display):
    assert display.alt.endswith(".") and len(display.alt) < 700
    assert len(re.findall(r"\d", display.alt)) >= 2
    assert "nan" not in display.alt and "inf" not in display.alt.split()


@each
def test_every_text_can_be_read_from_the_back_of_the_room(display):
    figure = drawn(display)
    width, height = figure.get_size_inches()
    scale = min(SLIDE[0] / width, SLIDE[1] / height)
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            assert text.get_fontsize() * scale >= SMALLEST - 0.5, text.get_text()


@each
def test_nothing_drawn_leaves_the_figure(display):
    figure = drawn(display)
    outer = figure.bbox
    box = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    slack = 6  # pixels: a 3-D label, a star on an edge
    assert box.x0 >= outer.x0 - slack and box.x1 <= outer.x1 + slack
    assert box.y0 >= outer.y0 - slack and box.y1 <= outer.y1 + slack


@each
def test_plot_draws_in_the_axes_it_is_given(display):
    figure = Figure(figsize=(12, 8), layout="constrained")
    mine, other = figure.subplots(1, 2)
    assert display.plot(mine) is display
    assert display.figure_ is figure and display.ax_ is display.axes_[0]
    assert not other.has_data() and all(ax.figure is figure for ax in display.axes_)


def test_a_display_in_axes_placed_by_hand_stays_in_them():
    figure = Figure(figsize=(12, 8))
    ax = figure.add_axes((0.1, 0.5, 0.4, 0.4))
    display = DISPLAYS[NAMES.index("CurvesDisplay0")].plot(ax)
    for panel in display.axes_:
        assert panel.get_position().x1 <= 0.5 + 1e-9


def test_the_same_figure_is_the_same_file_and_carries_its_alt_text():
    display = DISPLAYS[NAMES.index("DescentDisplay3")]
    for kind in ("png", "svg", "pdf"):
        assert display.plot().render(kind, 40) == display.plot().render(kind, 40)
    assert imread(io.BytesIO(display.render("png"))).ndim == 3
    assert display.alt.encode() in display.render("png")
    described = ET.fromstring(display.render("svg")).iter()
    assert any(display.alt == node.text for node in described)


def test_save_writes_what_the_ending_says_and_refuses_others(tmp_path):
    path = DISPLAYS[0].save(tmp_path / "curves.PNG", dpi=40)
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="saved as png, svg or pdf; got 'jpg'"):
        DISPLAYS[0].save(tmp_path / "curves.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["curves.PNG"]


def test_a_notebook_shows_the_display_itself():
    assert DISPLAYS[0]._repr_png_().startswith(b"\x89PNG")
    assert repr(DISPLAYS[0]) == f"<CurvesDisplay: {DISPLAYS[0].alt}>"


def test_neither_import_nor_drawing_touches_pyplot_and_import_no_matplotlib():
    code = (
        "import sys, pellucid.plots as p; assert 'matplotlib' not in sys.modules;"
        "p.ActivationFunctionsDisplay.from_names(['relu']).render();"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_drawing_leaves_the_callers_style_alone():
    before = dict(matplotlib.rcParams)
    DISPLAYS[0].render()
    assert dict(matplotlib.rcParams) == before


# Viénot's way with the matrices of Machado, Oliveira and Fernandes 2009, severity 1.
BLIND = {
    "nobody": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(colour):
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* of linear RGB."""
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
              [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip
    t = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("matrix", BLIND.values(), ids=BLIND)
def test_lines_differ_for_every_kind_of_eye(matrix):
    seen = [lab(np.array(matrix) @ linear(colour)) for colour in PALETTE]
    pairs = itertools.combinations(seen, 2)
    assert min(np.linalg.norm(a - b) for a, b in pairs) > 15  # just seen: 2.3


def test_lines_stand_out_from_white_on_a_projector():
    for colour in PALETTE:
        luminance = np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)
        assert 1.05 / (luminance + 0.05) >= 3  # WCAG 2.2, 1.4.11


def test_no_two_of_thirty_lines_look_alike_and_ten_differ_without_colour():
    looks = [line_style(number) for number in range(30)]
    assert len({str(look) for look in looks}) == 30
    assert len({look["marker"] for look in looks[:10]}) == 10 == len(MARKERS)


def test_signed_scale_is_white_at_zero_and_as_dark_on_both_sides():
    scale = signed_colours()
    assert scale(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)
    negative, positive = scale(np.linspace(0.5, 0, 20)), scale(np.linspace(0.5, 1, 20))
    dark = [[lab(linear(c[:3]))[0] for c in side] for side in (negative, positive)]
    assert (np.diff(dark) < 0).all()
    assert np.abs(np.subtract(*dark)).max() < 8
    assert negative[-8][0] > negative[-8][2] and positive[-8][2] > positive[-8][0]
    assert to_rgb(NEGATIVE)[0] > to_rgb(POSITIVE)[0] and len(SIGNED) % 2 == 1


def test_names_from_elsewhere_are_drawn_as_text():
    assert label("$x_1$") == r"\$x_1\$" and label("\x1b[31m") == r"\x1b[31m"
    assert label("a" * 99) == "a" * 23 + "…" and label("_hidden") == " _hidden"
    bad = ("$\\frac{", "_", "\x00\n", "a" * 500, "<&>", "🙂 é"[2:], "%", "\\", "^", "{")
    labels = np.arange(10).repeat(3)
    a = np.eye(10)[(labels + (np.arange(30) % 3 == 0)) % 10]
    for kind in (plots.ConfusionDisplay, plots.RocDisplay):
        ET.fromstring(kind.from_predictions(labels, a, bad).render("svg"))


def test_displays_are_frozen_but_for_what_was_drawn():
    with pytest.raises(AttributeError):
        DISPLAYS[0].cost = None
    fresh = plots.CurvesDisplay.from_reports(trained()[3])
    assert not hasattr(fresh, "figure_") and fresh.plot().figure_ is not None
