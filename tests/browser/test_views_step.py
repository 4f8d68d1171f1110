"""One step, opened: cost, wishes and nudges beside the library's own gradient."""

import re

import numpy as np
import pytest

from browser.shown import number, probability, signed
from browser.test_page import findings
from pellucid.links import parse
from pellucid.mathematics.backprop import trace
from pellucid.mathematics.costs import COSTS
from pellucid.recipes import build, run
from pellucid.run_data import open_data
from tolerances import last_digit

expect = pytest.importorskip("playwright.sync_api").expect

STEP = 80  # two epochs of four
LINK = f"data=digits&layers=16,12,&hidden=sigmoid&epochs=4&seed=3&step={STEP}"


@pytest.fixture(scope="module")
def inside():
    """The network at that step, and the first test example's trace."""
    recipe = parse(LINK).recipe
    data = open_data(recipe)
    network = build(recipe, data)
    for report in run(recipe, network, data):
        if report.step == STEP:
            break
    test = data.test
    return network, trace(network, COSTS["cross_entropy"](), test.x[:1], test.y[:1])


@pytest.fixture
def opened(open_page, inside):
    driven = open_page()
    driven.open(LINK)
    driven.body(f"[data-step='{STEP}'][data-sha='{inside[0].weights_sha256()}']")
    driven.button("Open one step").click()
    driven.page.wait_for_selector(f"[data-view=opened][data-step='{STEP}']")
    driven.settle()
    return driven


def by(driven, words: str) -> None:
    """Sort the parameters."""
    driven.page.locator(".opened-sorts").get_by_role("button", name=words).click()
    driven.settle()


def row(driven, n: int) -> list[str]:
    """The cells of a row that is in view, counted from 1."""
    driven.page.wait_for_selector(f".opened-row[aria-rowindex='{n + 1}']")
    cells = driven.page.locator(f".opened-row[aria-rowindex='{n + 1}'] > span")
    return cells.all_inner_texts()


def name_of(network, index: int) -> str:
    """What the page calls the parameter at a place of θ."""
    for l in range(1, network.L + 1):
        rows, columns = network.w[l].shape
        if index < rows * columns:
            return f"{l} · {index // columns + 1} ← {index % columns + 1}"
        index -= rows * columns
        if index < rows:
            return f"{l} · {index + 1}, bias"
        index -= rows
    raise AssertionError("no such parameter")


def test_the_cost_digit_by_digit(opened, inside):
    _, found = inside
    cells = opened.page.locator(".opened-terms tr td").all_inner_texts()
    rows = [cells[n : n + 4] for n in range(0, 40, 4)]
    assert [r[1] for r in rows] == [probability(a) for a in found.a[-1][0]]
    right = int(found.y[0].argmax())
    assert rows[right][3] == number(found.cost)
    assert [r[3] for j, r in enumerate(rows) if j != right] == ["0"] * 9
    assert cells[-1] == number(found.cost)


def test_its_sentence_tells_what_was_opened(opened, inside):
    network, found = inside
    said = opened.page.locator("[data-summary=opened]")
    expect(said).to_contain_text(f"The example's cost is {number(found.cost)}.")
    expect(said).to_contain_text(f"{len(network.parameters.theta):,} parameters")


def test_what_the_outputs_want_is_minus_delta(opened, inside):
    _, found = inside
    wish = -found.delta[3][0]
    titles = opened.page.locator(".opened-wishes").first.locator("button")
    shown = [titles.nth(j).get_attribute("title") for j in range(10)]
    assert shown == [f"layer 3, neuron {j + 1}: {signed(wish[j])}" for j in range(10)]
    passed = -(found.delta[3] @ inside[0].w[3])[0]
    strongest = int(np.abs(passed).argmax())
    way = "up" if passed[strongest] > 0 else "down"
    expect(opened.page.locator("[data-view=opened]")).to_contain_text(
        f"Layer 2: most of all neuron {strongest + 1} {way} "
        f"(−∂C/∂a = {signed(passed[strongest])})"
    )


def test_every_parameter_has_its_nudge(opened, inside):
    network, found = inside
    theta, nabla = network.parameters.theta, found.nabla.theta
    expect(opened.page.locator("[role=table][aria-rowcount]").first).to_have_attribute(
        "aria-rowcount", str(len(theta) + 1)
    )
    by(opened, "example wants")
    order = np.argsort(-np.abs(nabla), kind="stable")
    for n in (1, 2, 3):
        cells, i = row(opened, n), order[n - 1]
        assert cells[0] == name_of(network, i)
        assert cells[1:3] == [signed(theta[i]), signed(-nabla[i])]
    by(opened, "layer · neuron")
    opened.page.locator(".opened-scroll").evaluate("el => el.scrollTop = 26 * 1000")
    cells = row(opened, 1003)
    assert cells[0] == name_of(network, 1002)
    assert cells[1:3] == [signed(theta[1002]), signed(-nabla[1002])]


def test_a_row_leads_to_its_weight(opened, inside):
    by(opened, "layer · neuron")
    row(opened, 7)
    opened.page.locator(".opened-row[aria-rowindex='8']").click()
    expect(opened.page.locator(".rail-name")).to_have_text("Layer 1, neuron 1")
    field = opened.page.get_by_label("New value")
    expect(field).to_have_value(number(inside[0].w[1][0, 6], 4))
    opened.page.locator(".opened-scroll").press("ArrowDown")
    expect(field).to_have_value(number(inside[0].w[1][0, 7], 4))


def test_the_update_is_applied(opened, inside):
    by(opened, "layer · neuron")
    cells = row(opened, 5)
    said = opened.page.locator(".opened-foot").inner_text()
    before, after = re.search(r"from ([\d.]+) to ([\d.]+):", said).groups()
    assert float(before) >= float(after) > 0
    assert "predicted −" in said
    opened.button("Apply this step").click()
    opened.body(f"[data-step='{STEP + 1}'][data-phase=paused]")
    opened.page.wait_for_selector(f"[data-view=opened][data-step='{STEP + 1}']")
    opened.settle()
    now = row(opened, 5)

    def value(text):
        return float(text.replace("−", "-"))

    parts = (now[1], cells[1], cells[4])  # each rounded by half a unit
    weight, old, change = map(value, parts)
    assert abs(weight - (old + change)) <= last_digit(*parts)


def test_axe_finds_nothing_serious_on_the_sheet(opened):
    row(opened, 1)
    assert not findings(opened)
    opened.page.locator(".opened-row").first.click()  # with the rails full too
    opened.settle()
    assert not findings(opened)
