"""Views in a notebook: what they can't show or answer is refused in a sentence."""

import builtins

import pytest

from in_notebooks.asking import Asking
from pellucid import InputError, Network, load, split
from pellucid.notebook import view
from pellucid.views import built

widget = pytest.importorskip("pellucid.notebook.widget", exc_type=ImportError)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"kind": "newtork"}, "kind must be one of.*newtork.*Did you mean 'network'"),
        ({"kind": []}, "kind must name views, each once"),
        ({"kind": 3}, "kind must name views, each once; got 3"),
        ({"kind": ["draw", "draw"]}, "kind must name views, each once"),
        ({"kind": [["draw"]]}, "kind must be one of"),
        ({"kind": "boundary"}, "boundary needs data of two features.*64 inputs"),
        ({"kind": "opened"}, "no update comes next where a network is shown as it is"),
        ({"lens": "light"}, "lens must be one of"),
        ({"scope": "all"}, "scope must be one of"),
        ({"edges": -1}, "edges must be"),
        ({"edges": "all"}, "'edges' trait of a View instance expected an int"),
        ({"size": 3}, "look must be one of"),
        ({"example": {"part": "test", "index": 10**6}}, "index must be 0 to 358"),
        ({"example": {"part": "rest", "index": 0}}, "rest"),
        ({"place": {"layer": 3, "neuron": 0, "input": None}}, "no weight or bias"),
        ({"cost": "hinge"}, "hinge"),
        ({"data": None}, "data must be a Dataset"),
    ],
)
def test_bad_words_are_refused(network, data, words, sentence):
    with pytest.raises(InputError, match=sentence):
        view(network, **{"data": data, **words})


def test_what_is_no_network_is_refused(network, data, tmp_path):
    with pytest.raises(InputError, match=r"a view needs a Network.*got a list"):
        view([64, 10], data)
    with pytest.raises(InputError, match="must be the folder of a run"):
        view(tmp_path / "none", data)
    with pytest.raises(InputError, match="64"):
        view(Network([5, 3]), data)
    shown = view(network, data)
    with pytest.raises(InputError, match="show needs a network with the sizes"):
        shown.show(Network([64, 5, 10]))


def test_a_run_refuses_what_it_is_not(folder, data, network):
    with pytest.raises(InputError, match="step must be 0 to"):
        view(folder, step=10**9)
    with pytest.raises(InputError, match="cost must be left out"):
        view(folder, cost="quadratic")
    with pytest.raises(InputError, match="must have the data that it began with"):
        view(folder, split(load("moons")))
    shown = view(folder, step=0)
    with pytest.raises(InputError, match="a run that can go to other steps"):
        shown.show(network)
    with pytest.raises(InputError, match="step must be 0 to"):
        shown.goto(10**9)


def test_what_is_not_answered_says_what_is(network, data):
    ask = Asking(view(network, data))
    with pytest.raises(
        InputError, match=r"answers examples.*got train. Train in a cell"
    ):
        ask("train")
    with pytest.raises(InputError, match="Did you mean 'draw'"):
        ask("darw")
    with pytest.raises(InputError, match="no update comes next"):
        ask("step", batches=1)


def test_without_anywidget_the_sentence_says_what_to_install(
    network, data, monkeypatch
):
    original = builtins.__import__

    def without(name, *words):
        if name == "anywidget":
            raise ImportError(name)
        return original(name, *words)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'pellucid\[notebook\]'"):
        view(network, data)


def test_views_that_are_not_built_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr("pellucid.views.PAGE", tmp_path)
    with pytest.raises(InputError, match=r"view\.js is missing.*run build"):
        built("view.js")
