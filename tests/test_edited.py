"""Trainings in which weights are set by hand: the same bits, however they are cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import InputError, load, recipes
from pellucid.links import Link, link_of, parse, with_edits
from pellucid.studio.run import Run
from pellucid.studio.stock import Stock
from pellucid.studio.store import Store
from pellucid.training.edits import Edit, parse_edits

RECIPES = {
    "sgd": {"optimizer": "sgd", "eta": 1.0, "schedule": None},
    "adam": {"dropout": 0.3, "schedule": "cosine"},
    "patient": {"patience": 1, "eta": 0.05},
}
SIZES = (2, 4, 3, 2)
LAST = 3 * -(-load("moons").counts["train"] // 32)


def recipe_of(name):
    return recipes.settings(
        None, data="moons", layers=[4, 3], epochs=3, **RECIPES[name]
    )


def made(chosen, every, resume=None):
    """The network in the end, the complete Reports, and the states on the way."""
    data = load("moons")
    network, states = recipes.build(chosen, data), []
    history = []
    for report in recipes.run(chosen, network, data, every, resume):
        states.append((report.step, report.state()))
        if report.complete:
            history.append((report.step, report.cost, report.monitor_cost))
    return network.weights_sha256(), history, states


@st.composite
def edits(draw, last=LAST):
    found = []
    for step in sorted(draw(st.lists(st.integers(0, last), max_size=5))):
        l = draw(st.integers(1, 3))
        j = draw(st.integers(0, SIZES[l] - 1))
        k = draw(st.none() | st.integers(0, SIZES[l - 1] - 1))
        value = draw(st.floats(-2, 2, width=32))
        found.append(Edit(step, l, j, k, value))
    return tuple(found)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(RECIPES)), edits(), st.integers(1, 9), st.data())
def test_an_edited_training_has_the_same_bits_however_it_is_cut(
    name, by_hand, cut, data
):
    chosen = with_edits(recipe_of(name), by_hand)
    sha, history, _ = made(chosen, None)
    again = made(chosen, cut)
    assert again[:2] == (sha, history)
    step, state = data.draw(st.sampled_from(again[2]))  # as after an interrupt
    late = made(chosen, None, state)
    assert late[0] == sha
    assert late[1] == [line for line in history if line[0] > step]


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(RECIPES)), edits(), st.integers(1, 50))
def test_the_studio_makes_the_same_of_the_same_edits(
    tmp_path_factory, name, by_hand, cut
):
    recipe = recipe_of(name)
    stock = Stock(Store(tmp_path_factory.mktemp("uploads")))
    run = Run(1, recipe, stock.open(recipe), by_hand)
    while not run.ended:
        run.advance(cut)
    sha, history, _ = made(with_edits(recipe, by_hand), None)
    assert run.network.weights_sha256() == sha
    assert [(r.step, r.cost, r.monitor_cost) for r in run.history] == history


def test_settings_with_edits_are_a_link_and_back():
    by_hand = (Edit(3, 1, 2, None, 0.5), Edit(7, 2, 0, 3, -1e-9))
    link = Link(recipe_of("sgd"), None, by_hand)
    assert link_of(link.settings) == parse(link.to_text()) == link
    assert recipes.check(link.settings, "settings.json") == link.settings
    assert "edits" not in Link(recipe_of("sgd")).settings


WRONG = {
    "no text": ([3], "edits must be texts"),
    "no list": ("3:1.0.b:1", "edits must be texts"),
    "no edit": (["3:1.0:1"], "an edit of settings.json must be step:layer"),
    "not finite": (["3:1.0.b:1e999"], "an edit of settings.json must be"),
    "out of order": (["3:1.0.b:1", "2:1.0.b:1"], "in the order of their steps"),
    "too many": (["3:1.0.b:1"] * 201, "at most 200 edits"),
}


@pytest.mark.parametrize("name", WRONG)
def test_settings_of_a_file_with_wrong_edits_are_refused(name):
    wrong, sentence = WRONG[name]
    with pytest.raises(InputError, match=sentence):
        recipes.check({**recipe_of("sgd"), "edits": wrong}, "settings.json")


def test_edits_that_do_not_fit_are_refused_before_anything_is_trained():
    data = load("moons")
    for words, text, sentence in (
        ({}, "3:1.4.b:1", "has no weight or bias at layer 1, neuron 4"),
        ({"optimizer": "lbfgs", "dropout": 0.0}, "3:1.0.b:1", "L-BFGS can't go on"),
    ):
        chosen = {**recipe_of("adam"), "schedule": None, **words, "edits": [text]}
        network = recipes.build(chosen, data)
        before = network.weights_sha256()
        with pytest.raises(InputError, match=sentence):
            recipes.run(chosen, network, data)
        assert network.weights_sha256() == before


def test_an_edit_is_what_is_there_when_its_step_has_come():
    data, (edit,) = load("moons"), parse_edits(["5:2.1.0:0.75"], "a test")
    chosen = with_edits(recipe_of("sgd"), (edit,))
    network = recipes.build(chosen, data)
    plain = recipes.build(chosen, data)
    for report in recipes.run(recipe_of("sgd"), plain, data, 1):
        if report.step == 5:
            break
    plain.w[2][1, 0] = 0.75
    for report in recipes.run(chosen, network, data, 1):
        if report.step == 5:  # the Report is of before it
            assert network.w[2][1, 0] != np.float32(0.75)
        if report.step == 6:
            break
    state = {**made(recipe_of("sgd"), 1)[2][5][1], "theta": plain.parameters.theta}
    for report in recipes.run(recipe_of("sgd"), plain, data, 1, state):
        assert report.step == 6
        break
    assert plain.weights_sha256() == network.weights_sha256()
