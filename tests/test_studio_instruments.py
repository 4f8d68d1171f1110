"""What the instruments of the studio say, against the library's own numbers."""

import base64

import numpy as np
import pytest

from pellucid import load, recipes, trace
from pellucid.data.images.digit import framing, to_input
from pellucid.evaluation import evaluate
from pellucid.links import exact as link_exact
from pellucid.mathematics.costs import COSTS, mean
from pellucid.mathematics.network import Parameters
from pellucid.model_file import parse as parse_model
from pellucid.plots import BoundaryDisplay
from pellucid.runs.results import cost_of
from pellucid.studio.instruments.opened import cost_terms, places
from studio_client import SMALL, Refused, running
from tolerances import DIFFERENCE, FORMULA, PAGE, distance

STEP = 150
EXAMPLE = {"part": "test", "index": 5}


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture(scope="module")
def network():
    """The network that the page shows, as the library trains it."""
    data = load("digits")
    made = recipes.build(SMALL, data)
    for report in recipes.run(SMALL, made, data, 1):
        if report.step == STEP:
            return made
    raise AssertionError


@pytest.fixture
def page(studio):
    with studio.page() as found:
        if found.state["recipe"] != SMALL or found.state["edits"]:
            found.settle("set", recipe=dict(SMALL))
        found.settle("goto", step=STEP)
        yield found


def exact(network):
    """The same network in float64."""
    theta = network.parameters.theta.astype(np.float64)
    return network.with_parameters(Parameters(network.sizes, theta))


def same(one, other):
    """Whether float32 numbers are the very same."""
    assert np.array_equal(one, np.asarray(other, np.float32))


def row(part, index):
    data = load("digits").part(part)
    return data.x[index : index + 1], data.y[index : index + 1]


def test_frames_hold_what_trace_says(page, network):
    page.ask("look", blocks=["trace", "theta"], example=EXAMPLE)
    frame, found = page.frame()
    known = trace(network, cost_of(SMALL, network), *row("test", 5))
    assert frame.step == STEP and frame.run == page.state["run"]
    for l in range(network.L + 1):
        same(found[f"a{l}"], known.a[l][0])
    for l in range(1, network.L + 1):
        same(found[f"z{l}"], known.z[l][0])
        same(found[f"delta{l}"], known.delta[l][0])
        same(found[f"w{l}"], network.w[l])
        same(found[f"b{l}"], network.b[l])
    same(found["y"], known.y[0])
    same(found["cost"], known.cost_of_example)


def test_perceptrons_answer_with_steps(page, network):
    page.ask("look", blocks=["trace"], example=EXAMPLE, perceptrons=True)
    _, found = page.frame()
    a = row("test", 5)[0]
    for l in range(1, network.L + 1):
        a = (a @ network.w[l].T + network.b[l] >= 0).astype(np.float32)
        assert np.array_equal(found[f"a{l}"], a[0])
    assert "delta1" not in found


def test_the_plane_is_the_decision_boundary(page):
    page.settle("set", recipe={"data": "moons", "layers": [5], "batch_size": 10})
    page.settle("step", batches=50)
    page.ask("look", blocks=["plane"])
    _, found = page.frame()
    data, (u, v) = load("moons"), page.state["data"]["plane_range"]
    made = recipes.build(page.state["recipe"], data)
    for report in recipes.run(page.state["recipe"], made, data, 1):
        if report.step == 50:
            break
    display = BoundaryDisplay.from_network(made, data.test)
    assert display.outputs.shape[2] == len(found["plane"])
    x = np.array([[np.linspace(*u, 64)[40], np.linspace(*v, 64)[3]]], np.float32)
    assert distance(found["plane"][:, 3, 40], made(x)[0]) < PAGE["float32"]
    assert found["plane1"].shape == (5, 24, 24)


def test_examples_and_mistakes_are_those_of_evaluate(page, network):
    known = evaluate(network, load("digits").test, cost_of(SMALL, network))
    said = page.ask("examples", part="test", first=0, count=200, wrong=True)
    assert said["total"] == known.count - known.correct
    test = load("digits").test
    for index, label, answer in zip(
        said["indices"], said["labels"], said["answers"], strict=True
    ):
        assert label == test.labels[index] != answer
    same(said["blocks"]["x"], test.x[said["indices"]])
    index = page.ask("mistake", part="test", after=-1)["index"]
    assert index == said["indices"][0]
    assert page.ask("mistake", part="test", after=358)["index"] == index
    following = page.ask("mistake", part="test", after=index)["index"]
    assert following == said["indices"][1]
    one = page.ask("example", example={"part": "test", "index": index})
    assert one["label"] == said["labels"][0]
    with pytest.raises(Refused, match="index must be 0 to"):
        page.ask("example", example={"part": "test", "index": 10**6})


def ink(side=40):
    pixels = np.zeros((side, side), np.uint8)
    pixels[8:32, 17:22] = 255
    return pixels


def test_a_drawing_becomes_the_input_that_the_library_makes(page, network):
    words = {"ink": base64.b64encode(ink().tobytes()).decode(), "shape": [40, 40]}
    said = page.ask("draw", **words)
    known = to_input(ink() / 255.0, **framing(load("digits")), polarity="bright")
    assert [step["name"] for step in said["steps"]] == [step.name for step in known]
    last = said["steps"][-1]
    x = said["blocks"]["x"][last["offset"] :]
    same(x, known[-1].image.ravel())
    assert said["answer"] == network(x[None])[0].argmax()
    page.ask("look", blocks=["trace"], example={"drawn": True, "label": 1})
    _, found = page.frame()
    same(found["a0"], x)
    target = np.eye(10, dtype=np.float32)[1:2]
    known = trace(network, cost_of(SMALL, network), x[None], target)
    same(found["delta1"], known.delta[1][0])
    plain = page.ask("draw", **words, normalise=False)
    assert len(plain["steps"]) < len(said["steps"])
    other = page.ask("draw", **words, shift=[1, 0], noise=0.2, invert=True, seed=4)
    assert [s["name"] for s in other["steps"][-3:]] == ["shift", "noise", "invert"]
    moved = other["steps"][-3]
    start = moved["offset"]
    picture = other["blocks"]["x"][start : start + 64].reshape(8, 8)
    assert np.array_equal(picture[:, 1:], x.reshape(8, 8)[:, :-1])


def test_an_ink_that_is_none_is_refused(page):
    with pytest.raises(Refused, match="ink must be 1,600 bytes"):
        page.ask("draw", ink="AAAA", shape=[40, 40])
    with pytest.raises(Refused, match="base64"):
        page.ask("draw", ink="!", shape=[40, 40])
    with pytest.raises(Refused, match="either ink or upload"):
        page.ask("draw", shape=[40, 40])
    with pytest.raises(Refused, match="at most 40,000 pixels"):
        page.ask("draw", ink="AAAA", shape=[1000, 1000])


def test_a_silenced_neuron_costs_what_is_measured(page, network):
    data = load("digits").test
    found = page.ask("damage", part="test")
    before = float((network(data.x).argmax(1) == data.labels).mean())
    assert found["before"] == before
    l, j = 1, 4
    quiet = network.copy()
    quiet.w[l + 1][:, j] = 0
    after = float((quiet(data.x).argmax(1) == data.labels).mean())
    same(found["blocks"]["damage1"][j], before - after)
    said = page.ask("neuron", layer=l, neuron=j, example=EXAMPLE)
    assert said["silenced"]["before"] == before and said["silenced"]["after"] == after
    assert len(found["blocks"]["damage3"]) == 10


def test_a_cut_connection_costs_what_is_measured(page, network):
    data = load("digits").test
    before = float((network(data.x).argmax(1) == data.labels).mean())
    said = page.ask("cut", layer=2, neuron=3, part="test")
    strongest = int(np.abs(network.w[2][3]).argmax())
    assert said["inputs"][0] == strongest and said["total"] == 12
    cut = network.copy()
    cut.w[2][3, strongest] = 0
    after = float((cut(data.x).argmax(1) == data.labels).mean())
    same(said["blocks"]["lost"][0], before - after)


def test_a_neuron_s_numbers_add_up(page, network):
    said = page.ask("neuron", layer=1, neuron=4, example=EXAMPLE)
    blocks, x = said["blocks"], row("test", 5)[0]
    same(blocks["w"], network.w[1][4])
    same(blocks["terms"], network.w[1][4] * x[0])
    z = float(blocks["terms"].astype(float).sum()) + said["bias"]
    assert distance(np.array(z), np.array(said["z"])) < PAGE["float32"]
    data = load("digits").test
    a = trace(network, cost_of(SMALL, network), data.x, data.y).a[1][:, 4]
    assert [one["a"] for one in said["strongest"]] == np.sort(a)[::-1][:12].tolist()
    first = said["strongest"][0]
    same(blocks["strongest_x"][0], data.x[first["index"]])
    with pytest.raises(Refused, match="has no neuron 12 in layer 1"):
        page.ask("neuron", layer=1, neuron=12)


@pytest.mark.parametrize("place", [(1, 2, 20), (2, 3, 1), (3, 0, None), (1, 7, None)])
def test_a_nudge_is_predicted_by_central_differences(page, network, place):
    l, j, k = place
    where = {"layer": l, "neuron": j, "input": k}
    network = exact(network)
    cost = cost_of(SMALL, network)
    x, y = (each.astype(float) for each in row("test", 5))

    def at(by):
        moved = network.copy()
        (moved.b[l] if k is None else moved.w[l])[(j,) if k is None else (j, k)] += by
        found = trace(moved, cost, x, y)
        return found.cost, found.a[-1][0]

    h = 1e-5
    slope = (at(h)[0] - at(-h)[0]) / (2 * h)
    said = page.ask("nudge", place=where, by=0.1, example=EXAMPLE)
    assert said["gradient"] == pytest.approx(slope, rel=DIFFERENCE, abs=1e-9)
    assert said["predicted"] == pytest.approx(0.1 * said["gradient"])
    after, outputs = at(0.1)
    assert distance(np.array(said["after"]["cost"]), np.array(after)) < FORMULA
    assert distance(np.array(said["after"]["outputs"]), outputs) < FORMULA
    many = page.ask("nudge", place=where, by=0.1, part="test")
    data = load("digits").test
    known = trace(network, cost, data.x.astype(float), data.y.astype(float))
    nabla = known.nabla.b[l][j] if k is None else known.nabla.w[l][j, k]
    assert many["gradient"] == pytest.approx(nabla)
    assert many["before"]["cost"] == pytest.approx(known.cost)


def test_an_edit_is_a_nudge_that_is_kept(page, network):
    place = {"layer": 2, "neuron": 1, "input": 3}
    said = page.ask("edit", place=place, value=0.7, example=EXAMPLE)
    assert said["value"] == float(network.w[2][1, 3])
    assert said["to"] == float(np.float32(0.7))
    page.ask("look", blocks=["trace", "theta"], example=EXAMPLE)
    _, found = page.frame()
    same(found["w2"][1, 3], 0.7)
    assert distance(found["cost"][0], said["after"]["cost"]) < PAGE["float32"]
    page.settle("unedit", all=True)
    with pytest.raises(Refused, match="no weight or bias at layer 9"):
        page.ask("edit", place={**place, "layer": 9}, value=1)
    with pytest.raises(Refused, match="the value of a weight must be"):
        page.ask("edit", place=place, value=1e300)


def test_one_step_opened_is_what_the_step_does(page, network):
    said = page.ask("opened", example={"part": "train", "index": 0}, first=0, count=200)
    assert said["total"] == network.parameters.theta.size
    cost = cost_of(SMALL, network)
    data = load("digits").train
    one = trace(network, cost, data.x[:1], data.y[:1])
    terms = [line["term"] for line in said["cost_terms"]]
    assert sum(terms) == pytest.approx(one.cost, rel=1e-6)
    batch = trace(network, cost, data.x[said["indices"]], data.y[said["indices"]])
    by_place = dict(zip(map(str, places(network.sizes, np.arange(said["total"]))),
                        range(said["total"]), strict=True))  # fmt: skip
    for line in said["rows"]:
        i = by_place[str(line["place"])]
        assert line["value"] == float(network.parameters.theta[i])
        assert line["nudge"] == pytest.approx(-one.nabla.theta[i], rel=1e-5, abs=1e-9)
        mine = -batch.nabla.theta[i]
        assert line["average"] == pytest.approx(mine, rel=1e-3, abs=1e-7)
        # plain SGD: the change is eta times the average
        assert line["change"] == pytest.approx(line["average"], rel=1e-3, abs=1e-6)
    sizes = [abs(line["nudge"]) for line in said["rows"]]
    assert sizes == sorted(sizes, reverse=True)
    for l in (1, 2, 3):
        same(said["blocks"][f"delta{l}"], one.delta[l][0])
    same(said["blocks"]["wish_a2"], -(one.delta[3] @ network.w[3])[0])
    update = said["update"]
    assert update["cost"] == pytest.approx(batch.cost, rel=1e-5)
    page.settle("step", batches=1)
    page.ask("look", blocks=["theta"])
    frame, found = page.frame()
    while frame.step != STEP + 1:
        frame, found = page.frame()
    biggest = said["rows"][0]["place"]
    l, j, k = (biggest[name] for name in ("layer", "neuron", "input"))
    now = found[f"b{l}"][j] if k is None else found[f"w{l}"][j, k]
    moved = said["rows"][0]["value"] + said["rows"][0]["change"]
    assert float(now) == pytest.approx(moved, rel=1e-6)


def test_the_next_mini_batch_is_the_one_that_is_trained_on(page):
    said = page.ask("stages")
    opened = page.ask("opened", batch=True, first=0, count=1)
    assert said["indices"] == opened["indices"] and len(said["indices"]) == 16
    data = load("digits").train
    assert said["labels"] == data.labels[said["indices"]].tolist()
    same(said["blocks"]["x"], data.x[said["indices"]])


def test_no_step_is_opened_where_the_patience_is_over(page):
    recipe = link_exact(recipes.settings(data="digits", patience=1, eta=0.05, epochs=9))
    end = page.settle("set", "ended", recipe=recipe, train=True)["step"]
    for step in (end, end - 1):
        page.settle("goto", step=step)
        if step < end:
            page.settle("step", batches=1)  # there, and it has not yet been found out
        with pytest.raises(Refused, match="no update comes next: this run has ended"):
            page.ask("opened", batch=True, first=0, count=1)
    page.settle("goto", step=end - 1)
    assert page.ask("opened", batch=True, first=0, count=1)["update"]["step"] == end - 1


def test_what_float32_can_not_hold_is_shown_as_infinite(page):
    page.settle("set", recipe={**SMALL, "dtype": "float64"})
    page.ask("edit", place={"layer": 1, "neuron": 3, "input": 20}, value=1e300)
    page.ask("look", blocks=["theta"])
    while not np.isinf(page.frame()[1]["w1"][3, 20]):
        pass
    said = page.ask("neuron", layer=1, neuron=3, example=EXAMPLE)
    assert np.isinf(said["blocks"]["w"][20])


@pytest.mark.parametrize("name", COSTS)
def test_the_cost_digit_by_digit_sums_to_the_cost(name):
    cost = COSTS[name]()
    random = np.random.default_rng(0)
    z, y = random.normal(size=(1, 5)), np.eye(5)[2:3]
    a = np.exp(z) / np.exp(z).sum() if name == "cross_entropy" else np.exp(z)
    a = 1 / (1 + np.exp(-z)) if name == "binary_cross_entropy" else a
    terms = cost_terms(cost, z, a, y)
    assert terms.shape == (5,)
    assert distance(np.array(terms.sum()), np.array(mean(cost(z, a, y)))) < FORMULA


def test_an_exported_model_is_the_network_and_is_fetched_once(page, studio):
    said = page.ask("export", what="model")
    status, headers, data = studio.http("GET", said["path"])
    assert status == 200 and "attachment" in headers["content-disposition"]
    network, about = parse_model(data, "model")
    assert network.weights_sha256() == page.ask("link")["weights_sha256"]
    assert about["cost"] == "quadratic" and about["image_shape"] == [8, 8]
    assert studio.http("GET", said["path"])[0] == 404
