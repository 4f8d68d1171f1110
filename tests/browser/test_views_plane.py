"""Two-feature data: the plane, its examples and its boundary are the network's own."""

import re

import numpy as np
import pytest

from browser.test_page import findings
from pellucid.links import parse
from pellucid.recipes import build, run
from pellucid.run_data import open_data
from tolerances import last_digit

expect = pytest.importorskip("playwright.sync_api").expect

LINK = "data=moons&layers=8,&hidden=tanh&epochs=5&seed=3&step=end"


@pytest.fixture(scope="module")
def known():
    recipe = parse(LINK).recipe
    data = open_data(recipe)
    network = build(recipe, data)
    for _ in run(recipe, network, data):
        pass
    return data, network


@pytest.fixture
def plane(open_page, known):
    driven = open_page()
    driven.open(LINK)
    driven.body(f"[data-sha='{known[1].weights_sha256()}']")
    driven.button("The plane, large").click()
    driven.page.wait_for_selector("[data-view=boundary][data-step]")
    driven.settle()
    return driven


def read(words) -> tuple[float, float, str, str]:
    """The point, the class that is answered there, and its output."""
    expect(words).to_contain_text("the answer is")
    text = words.inner_text().replace("−", "-")
    x, y, name, p = re.match(
        r"At (.+), (.+) the answer is (.+): output ([\d.]+)", text
    ).groups()
    return float(x), float(y), name, p


def test_the_answer_at_a_point_is_the_networks(plane, known):
    data, network = known
    box = plane.page.locator(".boundary-box")
    size = box.bounding_box()
    words = plane.page.locator(".boundary-view p")
    for u, v in [(0.45, 0.3), (0.5, 0.5), (0.55, 0.7)]:
        box.hover(position={"x": u * size["width"], "y": v * size["height"]})
        x, y, answer, p = read(words)
        outputs = network(np.array([[x, y]], np.float32))[0]
        assert data.classes[outputs.argmax()] == answer
        assert abs(outputs.max() - float(p)) <= last_digit(p)


def test_the_plane_by_keyboard(plane, known):
    box = plane.page.locator(".boundary-box")
    box.focus()
    words = plane.page.locator(".boundary-view p")
    box.press("ArrowUp")
    first = read(words)
    for _ in range(5):
        box.press("ArrowUp")
    plane.page.wait_for_function(
        "y => +document.querySelector('.boundary-view p').textContent"
        ".replaceAll('−', '-').match(/, (-?[\\d.]+) the/)[1] > y",
        arg=first[1],
    )


def test_an_example_on_the_plane_is_chosen_by_a_click(plane, known):
    data, _ = known
    box = plane.page.locator(".boundary-box")
    size = box.bounding_box()
    words = plane.page.locator(".boundary-view p")
    marks = []
    for u in (0.4, 0.6):  # two points tell where the axes lie
        at = (u * size["width"], 0.5 * size["height"])
        box.hover(position={"x": at[0], "y": at[1]})
        marks.append((at[0], read(words)[0]))
    (x0, v0), (x1, v1) = marks
    target = data.test.x[7]
    x = x0 + (target[0] - v0) / (v1 - v0) * (x1 - x0)
    table = plane.page.locator(".frame:has([data-view=boundary])")
    for y in np.linspace(0.1, 0.85, 60) * size["height"]:
        box.hover(position={"x": float(x), "y": float(y)})
        if abs(read(words)[1] - target[1]) < 0.03:
            break
    box.click(position={"x": float(x), "y": float(y)})
    plane.settle()
    chosen = int(plane.page.locator("#example-number").input_value())
    part = plane.page.locator(".examples select").input_value()
    found = getattr(data, part).x[chosen]
    assert np.linalg.norm(found - target) < 0.2
    expect(table).to_be_visible()


def test_the_stage_shows_each_neurons_own_plane(open_page, known):
    driven = open_page()
    driven.open(LINK)
    driven.body(f"[data-sha='{known[1].weights_sha256()}']")
    frame = driven.page.locator(".frame:has([data-view=network])")
    driven.settle()
    with driven.page.expect_download() as download:
        frame.get_by_role("button", name="SVG").click()
    text = download.value.path().read_text()
    assert text.count("<image ") == 1 + 8  # the plane, and one a neuron


def test_axe_finds_nothing_serious_on_the_plane(plane):
    assert not findings(plane)
