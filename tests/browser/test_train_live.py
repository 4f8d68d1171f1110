"""Train live: what a hand does, and the numbers that the library has for it."""

import re

import pytest

from pellucid.evaluation import evaluate
from pellucid.links import parse
from pellucid.mathematics.costs import COSTS
from pellucid.recipes import build, run
from pellucid.run_data import open_data

FAST = "data=digits&layers=16,&epochs=5&seed=3"


def trained(link: str):
    """The same run in this process: network, its evaluation on the validation part."""
    recipe = parse(link.partition("~")[0]).recipe
    data = open_data(recipe)
    network = build(recipe, data)
    for _ in run(recipe, network, data):
        pass
    cost = recipe["cost"] or "cross_entropy"
    part = data.validation
    return network, evaluate(network, part, COSTS[cost](), "validation")


def ended(driven, run: str | None = None) -> None:
    driven.body("[data-phase=ended]" + (f":not([data-run='{run}'])" if run else ""))
    driven.settle()


def test_train_ends_with_the_librarys_accuracy(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.button("Train").click()
    ended(driven)
    network, held = trained(FAST)
    assert driven.number("accuracy") == f"{100 * held.accuracy:.1f} %"
    assert driven.number("epoch") == "5.0"
    assert driven.data("sha") == network.weights_sha256()


def test_a_curve_is_read_with_the_arrow_keys(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.button("Train").click()
    ended(driven)
    chart = driven.page.get_by_role("slider", name="accuracy over epochs")
    chart.focus()
    chart.press("ArrowRight")
    _, held = trained(FAST)
    share = f"{100 * held.accuracy:.2f}".rstrip("0").rstrip(".")
    driven.page.wait_for_selector(f"[aria-valuetext='validation {share} %']")
    assert chart.get_attribute("aria-valuenow") == "5"


def test_a_moved_slider_trains_anew_at_once(open_page):
    driven = open_page()
    driven.open(FAST)
    run = driven.data("run")
    driven.page.locator("#eta").focus()
    driven.page.keyboard.press("ArrowRight")
    ended(driven, run)
    driven.page.wait_for_url("**#*eta=*step=end*")
    assert parse(driven.link()).recipe["eta"] == 0.007
    network, held = trained(driven.link())
    assert driven.data("sha") == network.weights_sha256()
    assert driven.number("accuracy") == f"{100 * held.accuracy:.1f} %"


def test_of_a_quick_hand_the_last_value_wins(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.page.locator("#eta").focus()
    for _ in range(6):
        driven.page.keyboard.press("ArrowRight")
    driven.page.wait_for_url("**#*eta=0.05*step=end*")
    assert driven.page.locator("output[for=eta]").inner_text() == "0.05"
    network, _ = trained(driven.link())
    assert driven.data("sha") == network.weights_sha256()


def test_a_refused_change_shows_what_is_so(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.page.select_option("#cost", "binary_cross_entropy")
    said = driven.page.locator(".notice p, .diagnosis").first
    driven.page.wait_for_selector(":is(.notice, .diagnosis):has-text('softmax')")
    assert "binary_cross_entropy" in said.inner_text()


def test_train_live_by_keyboard_alone(open_page):
    driven = open_page()
    driven.open(FAST)
    press = driven.page.keyboard.press
    steps = driven.page.locator(".recipe .quote").inner_text()
    press(".")
    driven.body("[data-step='1'][data-phase=paused]")
    press(">")
    an_epoch = re.search(r"([\d,]+) updates an epoch", steps)[1].replace(",", "")
    driven.body(f"[data-step='{an_epoch}'][data-phase=paused]")
    press(" ")
    ended(driven)
    first = driven.data("sha")
    press("r")
    driven.body("[data-step='0']")
    press(" ")
    ended(driven)
    assert driven.data("sha") == first  # Reset keeps the seed

    for _ in range(60):  # from the top of the page to the recipe
        press("Tab")
        if driven.page.evaluate("document.activeElement.id") == "batch":
            break
    run = driven.data("run")
    press("ArrowLeft")
    ended(driven, run)
    assert driven.data("sha") != first


def test_sizes_are_chips(open_page):
    driven = open_page()
    driven.open(FAST)
    run = driven.data("run")
    driven.button("Add a layer").click()
    ended(driven, run)
    assert driven.page.locator(".run").inner_text() == "digits · 64-16-16-10 · seed 3"
    run = driven.data("run")
    first = driven.page.get_by_label("Neurons in layer 1")
    first.fill("24")
    first.press("Enter")
    ended(driven, run)
    run = driven.data("run")
    driven.button("Take layer 2 out").click()
    ended(driven, run)
    assert driven.page.locator(".run").inner_text() == "digits · 64-24-10 · seed 3"


def test_undo_and_redo_are_the_same_weights(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.button("Train").click()
    ended(driven)
    before, run = driven.data("sha"), driven.data("run")
    driven.page.select_option("#hidden", "tanh")
    ended(driven, run)
    after = driven.data("sha")
    driven.page.locator("h1").click()  # a list has keys of its own
    driven.page.keyboard.press("Control+z")
    driven.body(f"[data-sha='{before}']")
    driven.page.keyboard.press("Control+y")
    driven.body(f"[data-sha='{after}']")


def test_a_link_is_a_run(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.button("1 epoch").click()
    driven.body("[data-phase=paused]:not([data-step='0'])")
    driven.page.keyboard.press("ArrowRight")
    driven.page.wait_for_url("**#*step=*~*place=*")
    other = open_page()
    other.open(driven.link(), session=2)
    other.body(f"[data-sha='{driven.data('sha')}']")
    assert other.data("step") == driven.data("step")
    other.page.wait_for_url(f"**#{driven.link()}")


def test_a_new_start_is_another_seed(open_page):
    driven = open_page()
    driven.open(FAST)
    before = driven.data("sha")
    driven.button("New start").click()
    driven.page.wait_for_selector(".run:has-text('seed 4')")
    driven.body("[data-step='0']:not([data-sha=''])")
    assert driven.data("sha") != before
    driven.page.keyboard.press("Control+z")
    driven.body(f"[data-sha='{before}']")


@pytest.mark.parametrize("data", ["moons", "circles", "spirals", "xor"])
def test_two_features_train_with_their_plane(open_page, data):
    driven = open_page()
    driven.open(FAST)
    run = driven.data("run")
    driven.page.select_option("#data", data)
    ended(driven, run)
    driven.page.wait_for_url(f"**#*data={data}*step=end*")
    _, held = trained(driven.link())
    said = driven.number("accuracy").removesuffix(" %")  # of 60: no digit after it
    assert said == f"{100 * held.accuracy:.0f}"
    assert driven.page.locator(".run").inner_text().startswith(f"{data} · 2-16-2")


def test_the_next_mistake_is_one(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.button("Train").click()
    ended(driven)
    network, _ = trained(FAST)
    test = open_data(parse(FAST).recipe).test
    wrong = (network(test.x).argmax(1) != test.labels).nonzero()[0]
    first = next(i for i in wrong if i > 0)
    driven.page.keyboard.press("n")
    driven.page.wait_for_url(f"**example=test.{first}*")
    driven.page.wait_for_selector(
        f".thumbnail[aria-pressed=true][aria-label*='labelled {test.labels[first]}']"
    )


def test_slow_motion_lights_each_stage_and_makes_one_step(open_page):
    driven = open_page()
    driven.open(FAST)
    driven.button("Slow motion").click()
    words = driven.page.locator(".diagnosis")
    for stage in (
        "The example goes in",
        "Layer 1:",
        "The cost compares",
        "moves by −η",
    ):
        driven.page.wait_for_selector(f".diagnosis:has-text('{stage}')")
    driven.body("[data-step='1']")
    driven.page.keyboard.press("Escape")
    driven.page.wait_for_selector(".diagnosis:not(:has-text('Mini-batch of'))")
    assert "32" not in words.inner_text()


@pytest.mark.parametrize("key, step", [("[", "0"), ("]", "40")])
def test_back_and_forth_in_time(open_page, key, step):
    driven = open_page()
    driven.open(FAST)
    driven.button("1 epoch").click()
    driven.body("[data-step='40'][data-phase=paused]")
    end = driven.data("sha")
    driven.page.keyboard.press("[")
    driven.body("[data-step='0']")
    driven.page.keyboard.press(key)
    driven.body(f"[data-step='{step}']:not([data-sha=''])")
    assert (driven.data("sha") == end) == (step == "40")
