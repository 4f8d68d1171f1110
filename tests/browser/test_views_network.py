"""The stage and the rails: a real action, then the library's number beside it."""

import re

import numpy as np
import pytest

from browser.shown import number, percent, probability, signed
from pellucid.evaluation import evaluate
from pellucid.links import parse
from pellucid.mathematics.backprop import trace
from pellucid.mathematics.costs import COSTS
from pellucid.recipes import build, run
from pellucid.run_data import open_data
from tolerances import PAGE, last_digit

expect = pytest.importorskip("playwright.sync_api").expect

ENDED = "data=digits&layers=16,12,&hidden=sigmoid&epochs=4&seed=3&step=end"
COST = COSTS["cross_entropy"]()


class Known:
    """The run of ENDED in this process, and one of its test examples inside out."""

    def __init__(self):
        recipe = parse(ENDED).recipe
        self.data = open_data(recipe)
        self.network = build(recipe, self.data)
        for _ in run(recipe, self.network, self.data):
            pass

    def inside(self, index=0, network=None):
        test = self.data.test
        rows = slice(index, index + 1)
        return trace(network or self.network, COST, test.x[rows], test.y[rows])


@pytest.fixture(scope="module")
def known():
    return Known()


@pytest.fixture
def ended(open_page, known):
    driven = open_page()
    driven.open(ENDED)
    driven.body(f"[data-sha='{known.network.weights_sha256()}']")
    driven.page.wait_for_selector("[data-view=network][data-step='160']")
    return driven


def choose(driven, layer: int, neuron: int) -> None:
    """Walk to a neuron with the arrow keys; both count from 1."""
    driven.page.locator(".stage-canvas").focus()
    driven.page.keyboard.press("ArrowRight")
    driven.page.keyboard.press("Home")
    for _ in range(layer - 1):
        driven.page.keyboard.press("ArrowRight")
    driven.page.keyboard.press("Home")
    for _ in range(neuron - 1):
        driven.page.keyboard.press("ArrowDown")
    driven.page.wait_for_selector(
        f".rail-name:has-text('Layer {layer}, neuron {neuron}')"
    )
    driven.settle()


def reading(driven, view: str, name: str):
    """The value beside a name in a rail."""
    pattern = re.compile(f"^{re.escape(name)}")
    names = driven.page.locator(f"[data-view={view}] dt", has_text=pattern)
    return names.locator("xpath=following-sibling::dd[1]").first


def table(driven, view: str = "network"):
    """The rows of 'show as table', as they are written."""
    frame = driven.page.locator(f".frame:has([data-view={view}])")
    frame.get_by_role("button", name="Show as table").click()
    rows = driven.page.locator("dialog table tbody tr")
    rows.first.wait_for()
    return rows


def test_the_sentence_tells_the_answer_and_the_cost(ended, known):
    inside = known.inside()
    outputs, label = inside.a[-1][0], int(known.data.test.y[0].argmax())
    said = ended.page.locator("[data-summary=network]")
    expect(said).to_contain_text(
        f"test example 0, which is {label}, is answered {outputs.argmax()} with "
        f"{probability(outputs.max())} (cost {number(inside.cost)})"
    )
    lit = [int((a[0] > 0.5).sum()) for a in inside.a[1:-1]]
    expect(said).to_contain_text(
        f"above 0.5: {lit[0]} of 16 in layer 1, {lit[1]} of 12 in layer 2."
    )


@pytest.mark.parametrize("layer, neuron", [(1, 5), (2, 12), (3, 1)])
def test_a_neuron_is_opened_with_its_sum_bias_z_and_a(ended, known, layer, neuron):
    choose(ended, layer, neuron)
    inside = known.inside()
    z, b = inside.z[layer][0, neuron - 1], known.network.b[layer][neuron - 1]
    a = inside.a[layer][0, neuron - 1]
    sum_name = "Σ w·x" if layer == 1 else "Σ w·a"
    expect(reading(ended, "neuron", "bias b")).to_have_text(signed(b))
    expect(reading(ended, "neuron", "z =")).to_have_text(signed(z))
    expect(reading(ended, "neuron", "a =")).to_have_text(probability(a))
    expect(reading(ended, "neuron", sum_name)).to_have_text(signed(z - b))


def test_the_stage_as_a_table_is_the_trace(ended, known):
    inside, rows = known.inside(), table(ended)
    assert rows.count() == 16 + 12 + 10
    j, l = 6, 2  # the 23rd row: layer 2, neuron 7
    cells = rows.nth(16 + j).locator("td, th").all_inner_texts()
    assert [cells[0], cells[1]] == ["2", "7"]
    wish = inside.delta[3] @ known.network.w[3]
    want = [
        inside.a[l][0, j], inside.z[l][0, j], known.network.b[l][j],
        wish[0, j], inside.delta[l][0, j],
    ]  # fmt: skip
    for text, true in zip(cells[2:7], want, strict=True):
        shown = float(text.replace("−", "-").replace(",", ""))
        assert abs(shown - true) <= last_digit(text), text


def test_another_example_lights_the_network_anew(ended, known):
    choose(ended, 1, 1)
    ended.page.locator(".examples button").nth(3).click()
    ended.settle()
    inside = known.inside(int(ended.page.locator("#example-number").input_value()))
    expect(reading(ended, "neuron", "z =")).to_have_text(signed(inside.z[1][0, 0]))
    expect(ended.page.locator("[data-view=network] canvas").first).to_have_attribute(
        "aria-label", re.compile(f"is answered {inside.a[-1][0].argmax()} with ")
    )


def test_silenced_is_the_accuracy_without_the_neuron(ended, known):
    choose(ended, 2, 4)
    without = known.network.copy()
    without.w[3][:, 3] = 0
    test = known.data.test
    before = evaluate(known.network, test, COST).accuracy
    after = evaluate(without, test, COST).accuracy
    rows = len(test)
    shown = f"{percent(before, rows).removesuffix(' %')} → {percent(after, rows)}"
    expect(reading(ended, "neuron", "test accuracy")).to_have_text(shown)
    ended.page.locator("[data-lens=damage]").click()
    note = ended.page.locator(".stage-note")
    expect(note).to_contain_text("Measured on the test examples at step 160")
    box = ended.page.locator(".stage-canvas").bounding_box()
    ended.page.mouse.move(box["x"] + 2, box["y"] + 2)
    lost = signed(100 * (before - after))
    said = ended.page.locator(".stage-said")
    ended.page.locator(".stage-canvas").focus()
    for key in ("ArrowUp", "ArrowDown"):
        ended.page.keyboard.press(key)
    expect(said).to_contain_text(f"accuracy lost: {lost} points")


def test_a_pixel_of_the_weights_is_its_weight(ended, known):
    choose(ended, 1, 3)
    picture = ended.page.locator("[data-view=neuron] canvas").first
    box = picture.bounding_box()
    row, column = 4, 3
    picture.click(position={"x": (column + 0.5) * box["width"] / 8,
                            "y": (row + 0.5) * box["height"] / 8})  # fmt: skip
    ended.settle()
    value = known.network.w[1][2, 8 * row + column]
    field = ended.page.get_by_label("New value")
    expect(field).to_have_value(number(value, 4))


def test_a_nudge_is_predicted_and_measured(ended, known):
    choose(ended, 2, 5)
    ended.page.get_by_role("slider", name="Nudge by").fill("0.5")
    ended.settle()
    network = known.network.copy()
    before = known.inside()
    network.b[2][4] += 0.5
    measured = known.inside(network=network).cost - before.cost
    predicted = 0.5 * before.delta[2][0, 4]
    numbers = ended.page.locator("[data-view=nudge] dl")
    ended.page.wait_for_selector("[data-view=nudge] .value:has-text('+0.500')")
    expect(reading(ended, "nudge", "predicted")).to_have_text(signed(predicted))
    shown = float(numbers.get_attribute("data-measured"))
    assert abs(shown - measured) <= PAGE["float32"] * before.cost


def test_a_typed_weight_is_kept_marked_and_taken_back(ended, known):
    choose(ended, 2, 5)
    sha = ended.data("sha")
    field = ended.page.get_by_label("New value")
    field.fill("−1,25")
    field.press("Enter")
    ended.body(f":not([data-sha='{sha}']):not([data-sha=''])")
    network = known.network.copy()
    network.b[2][4] = -1.25
    assert ended.data("sha") == network.weights_sha256()
    inside = known.inside(network=network)
    expect(reading(ended, "neuron", "z =")).to_have_text(signed(inside.z[2][0, 4]))
    back = ended.page.get_by_role("button", name="Take back the bias of layer 2")
    back.click()
    ended.body(f"[data-sha='{sha}']")
    expect(back).to_have_count(0)


def test_a_value_that_is_no_number_is_refused_in_words(ended):
    choose(ended, 1, 1)
    sha = ended.data("sha")
    field = ended.page.get_by_label("New value")
    field.fill("a lot")
    field.press("Enter")
    expect(ended.page.locator("[data-view=nudge] .rail-error")).to_have_text(
        'A value must be a number; got "a lot".'
    )
    assert ended.data("sha") == sha


def test_a_dragged_bias_changes_the_network_at_once(ended, known):
    choose(ended, 1, 2)
    sha = ended.data("sha")
    slider = ended.page.locator("[data-view=neuron]").get_by_label("Bias")
    slider.focus()
    slider.press("Home")
    ended.body(f":not([data-sha='{sha}']):not([data-sha=''])")
    network = known.network.copy()
    network.b[1][1] = -5
    assert ended.data("sha") == network.weights_sha256()


def test_perceptrons_are_steps(ended, known):
    choose(ended, 1, 5)
    ended.page.get_by_label("As perceptrons").check()
    fires = known.inside().z[1][0, 4] > 0
    expect(reading(ended, "neuron", "a =")).to_have_text(f"{float(fires):.3f}")
    ended.page.get_by_label("As perceptrons").uncheck()
    a = known.inside().a[1][0, 4]
    expect(reading(ended, "neuron", "a =")).to_have_text(probability(a))


def test_the_strongest_connections_and_what_is_hidden(ended):
    legend = ended.page.locator(".stage-legend")
    expect(legend).to_contain_text("strongest 160 of 312 shown")
    slider = ended.page.get_by_label("Connections")
    slider.focus()
    slider.press("End")
    expect(legend).to_contain_text("all 312 shown")


def test_the_svg_holds_the_strongest_connection(ended, known):
    ended.page.locator("[data-lens=weights]").click()
    frame = ended.page.locator(".frame:has([data-view=network])")
    with ended.page.expect_download() as download:
        frame.get_by_role("button", name="SVG").click()
    text = download.value.path().read_text()
    widths = [float(w) for w in re.findall(r'stroke-width="([\d.]+)"', text)]
    assert max(widths) == pytest.approx(0.5 + 3.4)  # the largest weight of a layer
    dashed = text.count('stroke-dasharray="5 3"')
    drawn = np.sort(np.abs(np.concatenate(
        [(known.network.w[l] / np.abs(known.network.w[l]).max()).ravel()
         for l in (2, 3)])))[-160:]  # fmt: skip
    signs = np.concatenate(
        [
            (known.network.w[l] / np.abs(known.network.w[l]).max()).ravel()
            for l in (2, 3)
        ]
    )
    negative = int((signs <= -drawn[0]).sum())
    bundles = int((known.network.w[1].sum(1) < 0).sum())
    assert dashed == negative + bundles


@pytest.mark.slow
@pytest.mark.parametrize("layers", ["30,", "128,"])
@pytest.mark.parametrize("lens", ["activation", "wishes"])
def test_half_of_the_frames_take_at_most_8_ms_of_script(open_page, layers, lens):
    """Half, not all: on a machine that is busy any script may be kept waiting."""
    driven = open_page()
    driven.open(f"data=mnist&layers={layers}&epochs=30&seed=3")
    driven.page.locator(f"[data-lens={lens}]").click()
    driven.button("Train").click()
    stage = driven.page.locator("[data-view=network][data-ms]")
    stage.wait_for()
    assert float(stage.get_attribute("data-ms")) <= 8
    driven.button("Pause").click()
