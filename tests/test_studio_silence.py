"""Neurons silenced on a page: what it then shows, against the library's own numbers."""

import base64
import copy

import numpy as np
import pytest

from pellucid import InputError, load, recipes, trace, train
from pellucid.evaluation import evaluate
from pellucid.explanation import silenced, without
from pellucid.runs.results import cost_of
from studio_client import SMALL, Refused, running
from tolerances import PAGE, distance

STEP = 150
SILENT = [[1, 2], [1, 9], [2, 5]]
EXAMPLE = {"part": "test", "index": 5}


@pytest.fixture(scope="module")
def network():
    """The network that the page shows, as the library trains it."""
    data = load("digits")
    made = recipes.build(SMALL, data)
    for report in recipes.run(SMALL, made, data, 1):
        if report.step == STEP:
            return made
    raise AssertionError


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture
def page(studio):
    with studio.page() as found:
        if found.state["recipe"] != SMALL or found.state["edits"]:
            found.settle("set", recipe=dict(SMALL))
        found.settle("goto", step=STEP)
        yield found


def cut_off(network, neurons):
    """The network with what goes out of these neurons set to 0: the same answers."""
    twin = network.copy()
    for l, j in neurons:
        twin.w[l + 1][:, j] = 0
    return twin


def test_a_silenced_neuron_is_0_and_the_answers_are_those_of_its_weights_cut(network):
    data = load("digits").test
    quiet, cut = without(network, SILENT), cut_off(network, SILENT)
    cost = cost_of(SMALL, network)
    seen, other = (trace(n, cost, data.x[:9], data.y[:9]) for n in (quiet, cut))
    for l, j in SILENT:
        assert not seen.a[l][:, j].any() and not seen.delta[l][:, j].any()
        assert not seen.nabla.w[l + 1][:, j].any()
    assert distance(seen.a[-1], other.a[-1]) < PAGE["float32"]
    found, wanted = (evaluate(n, data, cost) for n in (quiet, cut))
    assert found.correct == wanted.correct
    assert distance(np.array(found.cost), np.array(wanted.cost)) < PAGE["float32"]
    assert quiet.weights_sha256() == network.weights_sha256()
    assert evaluate(copy.deepcopy(quiet), data, cost).correct == found.correct


def test_one_silenced_neuron_scores_as_in_the_list_of_all(network):
    data = load("digits").test
    each = silenced(network, data)
    cost = cost_of(SMALL, network)
    for l, j in ((1, 0), (2, 7)):
        found = evaluate(without(network, [(l, j)]), data, cost)
        assert found.accuracy == each[l][j]


def test_only_hidden_neurons_are_silenced_and_none_is_trained_so(network):
    for place in ((0, 1), (3, 0), (1, 12), (1, -1)):
        with pytest.raises(InputError, match="must be a hidden one of the network"):
            without(network, [place])
    with pytest.raises(InputError, match="must have all its neurons"):
        train(without(network, SILENT), load("digits"))


def test_the_accuracy_is_the_librarys_own_and_told_at_once(page, network):
    data, cost = load("digits"), cost_of(SMALL, network)
    for part in ("test", "train"):
        said = page.ask("silence", neurons=SILENT, part=part)
        was = evaluate(network, data.part(part), cost)
        now = evaluate(without(network, SILENT), data.part(part), cost)
        assert said["before"]["accuracy"] == was.accuracy
        assert said["after"]["accuracy"] == now.accuracy != was.accuracy
        for found, wanted in (("before", was), ("after", now)):
            numbers = np.array(said[found]["cost"]), np.array(wanted.cost)
            assert distance(*numbers) < PAGE["float32"]
    assert said["neurons"] == SILENT and said["step"] == STEP


def test_all_that_the_page_shows_is_without_them(page, network):
    page.ask("look", blocks=["trace", "theta"], example=EXAMPLE)
    page.frame()
    page.ask("silence", neurons=SILENT, part="test")
    quiet = without(network, SILENT)
    data, cost = load("digits"), cost_of(SMALL, network)
    one = data.test.rows([EXAMPLE["index"]])
    seen = trace(quiet, cost, one.x, one.y)
    blocks = page.frame()[1]
    for l in (1, 2, 3):
        assert distance(blocks[f"a{l}"], seen.a[l][0]) < PAGE["float32"]
        assert distance(blocks[f"delta{l}"], seen.delta[l][0]) < PAGE["float32"]
        assert np.array_equal(
            blocks[f"w{l}"], network.w[l]
        )  # the weights are all there
    assert all(blocks[f"a{l}"][j] == 0 for l, j in SILENT)
    answers = quiet(data.test.x).argmax(1)
    wrong = np.flatnonzero(answers != data.test.labels)
    mistake = page.ask("mistake", part="test", after=-1)
    assert (mistake["index"], mistake["count"]) == (wrong[0], len(wrong))
    rows = page.ask("examples", part="test", first=0, count=20)
    assert rows["answers"] == answers[:20].tolist()
    ink = {"ink": base64.b64encode(bytes(range(0, 256, 16))).decode(), "shape": [4, 4]}
    drawn = page.ask("draw", **ink)
    x = drawn["blocks"]["x"][-64:]
    assert distance(np.array(drawn["outputs"]), quiet(x[None])[0]) < PAGE["float32"]
    opened = page.ask("neuron", layer=1, neuron=2, example=EXAMPLE)
    assert opened["a"] == 0 and "it is silenced, so that a = 0" in opened["sentence"]
    said = page.ask("silence", neurons=SILENT, part="test")["after"]["accuracy"]
    assert opened["silenced"]["after"] == said  # and before it, of the others alone
    rest = without(network, SILENT[1:])
    assert opened["silenced"]["before"] == evaluate(rest, data.test, cost).accuracy
    strongest = [each["a"] for each in opened["strongest"]]
    assert strongest == sorted(strongest, reverse=True) and strongest[0] > 0
    nudged = page.ask(
        "nudge", place={"layer": 1, "neuron": 2, "input": None}, by=1.0, example=EXAMPLE
    )
    assert nudged["gradient"] == nudged["measured"] == 0


def test_weights_training_and_other_pages_know_nothing_of_it(studio, page, network):
    page.ask("silence", neurons=SILENT, part="test")
    assert page.ask("link")["weights_sha256"] == network.weights_sha256()
    with studio.page() as other:
        other.ask("look", blocks=["trace"], example=EXAMPLE)
        blocks = other.frame()[1]
        assert all(blocks[f"a{l}"][j] for l, j in SILENT)
    opened = page.ask("opened", first=0, count=5, example=EXAMPLE)
    page.ask("silence", neurons=[], part="test")
    assert (
        page.ask("opened", first=0, count=5, example=EXAMPLE)["rows"] == opened["rows"]
    )
    page.ask("silence", neurons=SILENT, part="test")
    end = page.settle("train", "ended")["weights_sha256"]
    data = load("digits")
    made = recipes.build(SMALL, data)
    for _ in recipes.run(SMALL, made, data):
        pass
    assert end == made.weights_sha256()


def test_perceptrons_and_other_networks_are_silenced_too(page):
    page.ask("look", blocks=["trace"], perceptrons=True, example=EXAMPLE)
    page.ask("silence", neurons=SILENT, part="test")
    blocks = page.frame()[1]
    while blocks["a1"][2] or blocks["a1"].max() != 1:
        blocks = page.frame()[1]
    assert not blocks["a1"][9] and not blocks["a2"][5]
    page.settle("set", recipe={"layers": [4]})  # where no neuron has these numbers
    while page.frame()[0].run != page.state["run"]:
        pass
    assert page.ask("silence", neurons=[[1, 3]], part="test")["neurons"] == [[1, 3]]


def test_what_is_no_hidden_neuron_is_refused_and_changes_nothing(page):
    page.ask("silence", neurons=[[1, 2]], part="test")
    for wrong in ([[3, 0]], [[1, 99]], [[0, 0]]):
        with pytest.raises(Refused, match="must be a hidden one of the network"):
            page.ask("silence", neurons=wrong, part="test")
    for wrong in ([[1]], [1, 2], "all", [[1, 0]] * 300):
        with pytest.raises(Refused, match="must be"):
            page.ask("silence", neurons=wrong, part="test")
    assert page.ask("neuron", layer=1, neuron=2, example=EXAMPLE)["a"] == 0


def test_numbers_to_be_predicted_have_a_cost_and_no_accuracy(studio, page):
    rows = "".join(f"{x},{x * x}\n" for x in np.linspace(-1, 1, 80))
    headers = {
        **studio.headers(),
        "Content-Type": "application/octet-stream",
        "X-Name": "curve.csv",
    }
    said = studio.http("POST", "/upload", f"x,y\n{rows}".encode(), headers)
    assert said[0] == 200
    page.settle("set", recipe={"data": "upload:1", "target": ["y"], "layers": [5]})
    said = page.ask("silence", neurons=[[1, 0]], part="test")
    assert said["after"]["accuracy"] is None
    assert said["after"]["cost"] != said["before"]["cost"]
    page.settle("set", recipe=dict(SMALL))
