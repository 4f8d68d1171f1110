"""Neurons silenced by a switch: the page then shows the library's own numbers."""

import time

import pytest

from browser.driving import PATIENCE_MS
from browser.test_page import findings
from browser.test_train_live import FAST, ended
from pellucid import trace
from pellucid.evaluation import evaluate
from pellucid.explanation import without
from pellucid.links import parse
from pellucid.mathematics.costs import COSTS
from pellucid.recipes import build, run
from pellucid.run_data import open_data

NEURON = "~place=1.{}.bias"


@pytest.fixture(scope="module")
def library():
    """The network at its end, its data and its cost, in this process."""
    recipe = parse(FAST).recipe
    data = open_data(recipe)
    network = build(recipe, data)
    for _ in run(recipe, network, data):
        pass
    return network, data, COSTS["cross_entropy"]()


@pytest.fixture
def page(open_page):
    driven = open_page()
    driven.open(FAST + "&step=end" + NEURON.format(6))
    driven.body("[data-phase=ended]")
    driven.settle()
    return driven


def switch(driven):
    return driven.page.get_by_role("switch", name="Silence this neuron")


def told(driven, name):
    return float(driven.page.locator(".silenced").get_attribute(f"data-{name}"))


def go(driven, place):
    """To another place by the address, as a link in a page does."""
    looks = f"location.hash.replace(/place=[^&]+/, 'place={place}')"
    driven.page.evaluate(f"location.hash = {looks}")


def says(driven, true):
    """Wait until the address is such."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not true(driven.link()):
        assert time.monotonic() < end, driven.link()
        driven.page.wait_for_timeout(20)


def test_what_is_shown_without_a_neuron_is_the_librarys_own(page, library):
    network, data, cost = library
    sha = page.data("sha")
    switch(page).check()
    page.page.wait_for_selector(".silenced[data-after]")
    quiet = without(network, [(1, 6)])
    assert told(page, "before") == evaluate(network, data.test, cost).accuracy
    assert told(page, "after") == evaluate(quiet, data.test, cost).accuracy
    after = 100 * evaluate(quiet, data.test, cost).accuracy
    line = page.page.locator(".silenced").inner_text()
    assert f"→ {after:.1f} %" in line and "Silenced: layer 1 neuron 7." in line
    page.page.wait_for_selector("text=a, silenced")
    page.page.evaluate("document.activeElement.blur()")
    page.page.keyboard.press("t")  # the numbers of the picture
    seen = trace(quiet, cost, data.test.x[:1], data.test.y[:1])
    rows = page.page.locator("dialog tbody tr")
    cells = [rows.nth(j).locator("td").nth(2).inner_text() for j in range(26)]
    assert cells[6] == "0"
    wanted = [*seen.a[1][0], *seen.a[2][0]]
    for cell, value in zip(cells, wanted, strict=True):
        assert float(cell.replace("−", "-").replace("·10", "e")) == pytest.approx(
            float(value), rel=1e-3, abs=1e-5
        )
    page.page.keyboard.press("Escape")
    assert page.data("sha") == sha == network.weights_sha256()


def test_several_lie_in_the_address_and_are_taken_back_at_once(
    page, open_page, library
):
    network, data, cost = library
    switch(page).check()
    says(page, lambda link: "silent=1.6" in link)
    go(page, "1.2.bias")
    page.page.wait_for_selector("text=Layer 1, neuron 3")
    switch(page).check()
    says(page, lambda link: "silent=1.2,1.6" in link)
    there = evaluate(without(network, [(1, 2), (1, 6)]), data.test, cost).accuracy
    page.page.wait_for_selector(f".silenced[data-after='{there!r}']")
    other = open_page()
    other.open(page.link())  # another page shows the same
    other.page.wait_for_selector(f".silenced[data-after='{there!r}']")
    page.button("Let all speak again").click()
    page.page.wait_for_selector(".silenced", state="detached")
    says(page, lambda link: "silent" not in link)
    assert not switch(page).is_checked()
    page.page.evaluate("document.activeElement.blur()")
    page.page.keyboard.press("Control+z")
    page.page.wait_for_selector(f".silenced[data-after='{there!r}']")


def test_the_keyboard_alone_silences_and_training_goes_on_as_ever(open_page, library):
    driven = open_page()
    driven.open(FAST)
    driven.page.locator("main canvas").first.focus()
    driven.page.keyboard.press("ArrowRight")
    driven.page.wait_for_selector("text=Layer 1, neuron")
    driven.page.keyboard.press("x")
    driven.page.wait_for_selector(".silenced[data-after]")
    driven.page.keyboard.press(" ")
    ended(driven)
    assert driven.data("sha") == library[0].weights_sha256()
    driven.page.wait_for_selector(f".silenced[data-step='{driven.data('step')}']")
    driven.page.keyboard.press("x")
    driven.page.wait_for_selector(".silenced", state="detached")


def test_an_output_says_why_it_can_not_be_silenced(page):
    page.page.evaluate(
        "location.hash = location.hash.replace('place=1.6', 'place=2.3')"
    )
    page.page.wait_for_selector("text=An output is the answer itself")
    assert switch(page).is_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious_with_silenced_neurons(open_page, width, scheme):
    driven = open_page(width=width, scheme=scheme)
    driven.open(FAST + "~place=1.6.bias&silent=1.2,1.6")
    driven.page.wait_for_selector(".silenced[data-after]")
    driven.settle()
    if width == 390:
        driven.page.locator(".tabs").get_by_text("Inspect").click()
    assert not findings(driven)
