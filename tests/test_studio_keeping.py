"""Keeping a run of the studio: its folder is one of the command line's."""

from pathlib import Path

import pytest

from command_line import typed
from pellucid import load, recipes
from pellucid.links import exact, link_of, parse
from pellucid.runs import read_result, read_settings
from pellucid.runs.verify import verify
from studio_client import SMALL, Refused, running

PLACE = {"layer": 1, "neuron": 0, "input": 20}
BIAS = {"layer": 3, "neuron": 4, "input": None}


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture
def page(studio):
    with studio.page() as found:
        if found.state["recipe"] != SMALL or found.state["edits"]:
            found.settle("set", recipe=dict(SMALL))
        found.settle("goto", step=0)
        yield found


def stopped(page, *stops):
    """Train with stops, so that nothing is reported as the command line reports it."""
    for batches in stops:
        page.settle("step", batches=batches)
    return page.state


def kept(page):
    """The folder, and what was said of it."""
    said = page.ask("keep")
    return Path(said["folder"]), said


def is_verified(folder):
    verdict = verify(folder, load("digits"))
    assert verdict.verified, [check.sentence for check in verdict.checks]


def test_an_ended_run_is_kept_as_it_is_and_verifies(page, monkeypatch):
    stopped(page, 3, 1, 7)
    page.settle("train", "ended")
    monkeypatch.setattr(recipes, "run", None)  # nothing is trained again
    folder, said = kept(page)
    monkeypatch.undo()
    assert said["resume"] is None and said["result"]["weights_sha256"]
    assert read_result(folder)["weights_sha256"] == page.state["weights_sha256"]
    is_verified(folder)


RECIPES = {
    "3b1b": SMALL,
    "adam": exact(recipes.settings(data="digits", epochs=3, layers=[9])),
    "patient": exact(recipes.settings(data="digits", epochs=6, patience=2, eta=0.05)),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_run_paused_midway_is_gone_on_with_to_the_same_bits(page, capsys, name):
    page.settle("set", recipe=dict(RECIPES[name]))
    stopped(page, 5, page.state["steps_per_epoch"], 4)
    folder, said = kept(page)
    assert said["result"] is None and said["step"] == page.state["step"]
    assert said["weights_sha256"] == page.state["weights_sha256"]
    assert said["resume"] == f"pellucid train --resume {folder}"
    page.settle("train", "ended")
    words = typed(capsys, *said["resume"].split()[1:], "--json")
    assert words.status == 0 and f"from step {said['step']:,}" in words.out
    assert words.json["weights_sha256"] == page.state["weights_sha256"]
    is_verified(folder)
    page.settle("set", recipe=dict(SMALL))


def test_a_run_that_has_not_begun_is_kept_too(page, capsys):
    _, said = kept(page)
    assert said["step"] == 0
    end = page.settle("train", "ended")["weights_sha256"]
    words = typed(capsys, *said["resume"].split()[1:], "--json")
    assert words.json["weights_sha256"] == end


@pytest.mark.parametrize("words", [
    {"patience": 1, "eta": 0.05, "epochs": 9},
    {"optimizer": "lbfgs", "eta": None, "schedule": None, "dropout": 0.0, "epochs": 3},
    {"engine": "numpy", "epochs": 2},
])  # fmt: skip
def test_whatever_ended_is_kept_and_verifies(page, words):
    recipe = exact(recipes.settings(data="digits", layers=[9], **words))
    page.settle("set", recipe=dict(recipe))
    page.settle("train", "ended")
    folder, said = kept(page)
    assert said["result"]["weights_sha256"] == page.state["weights_sha256"]
    is_verified(folder)
    page.settle("set", recipe=dict(SMALL))


def test_a_run_that_trains_is_kept_where_it_is(page):
    page.settle("set", recipe={"epochs": 400})
    stopped(page, 3)
    page.settle("train", "training")
    _, said = kept(page)
    page.settle("pause")
    assert 3 <= said["step"] <= page.state["step"]
    page.settle("goto", step=said["step"])
    assert page.state["weights_sha256"] == said["weights_sha256"]


def test_edits_are_in_the_folder_and_verify_makes_them_again(page):
    stopped(page, 30)
    page.ask("edit", place=PLACE, value=2.5)
    page.ask("edit", place=BIAS, value=-1.0)
    stopped(page, 41)
    page.ask("edit", place=PLACE, value=0.1)
    page.settle("train", "ended")
    page.ask("edit", place=BIAS, value=3.0)  # of the last step
    state = page.settle("goto", step=page.state["last_step"])
    folder, _ = kept(page)
    link = parse(state["link"])
    settings = read_settings(folder)
    assert settings["edits"] == [edit.to_text() for edit in link.edits]
    assert len(settings["edits"]) == 4
    assert read_result(folder)["weights_sha256"] == state["weights_sha256"]
    assert link_of(settings) == link
    is_verified(folder)


def test_a_paused_run_with_edits_before_here_and_after_ends_alike(page, capsys):
    stopped(page, 20)
    page.ask("edit", place=PLACE, value=2.5)
    stopped(page, 60)
    page.ask("edit", place=BIAS, value=-1.0)
    for step in (80, 50):  # at an edit; between two
        page.settle("goto", step=step)
        folder, said = kept(page)
        end = page.settle("train", "ended")["weights_sha256"]
        words = typed(capsys, *said["resume"].split()[1:], "--json")
        assert words.json["weights_sha256"] == end
        is_verified(folder)


def test_what_can_not_be_kept_is_told_in_one_sentence(page):
    page.settle("set", recipe={"optimizer": "lbfgs", "schedule": None, "eta": None})
    page.settle("step")
    with pytest.raises(Refused, match="kept at its end only; this one is at step 1"):
        page.ask("keep")
    recipe = {**SMALL, "hidden": "relu", "output": "identity", "eta": 1e3}
    page.settle("set", "diverged", recipe=recipe, train=True)
    with pytest.raises(Refused, match=r"finite.*There is nothing to be kept"):
        page.ask("keep")
    page.settle("set", recipe=dict(SMALL))


def test_a_folder_that_can_not_be_written_is_told(page, studio, monkeypatch):
    where = Path(studio.server.studio.runs_dir).parent / "a file"
    where.write_text("")
    monkeypatch.setattr(studio.server.studio, "runs_dir", str(where))
    with pytest.raises(Refused, match="runs must be written to a folder"):
        page.ask("keep")


def test_the_costs_of_an_epoch_have_the_same_bits_however_it_is_cut():
    data = load("digits")
    for engine in ("native", "numpy"):
        recipe = {**SMALL, "engine": engine, "epochs": 2}
        found = []
        for every in (None, 1, 7):
            network = recipes.build(recipe, data)
            reports = recipes.run(recipe, network, data, every)
            found.append([each.cost for each in reports if each.complete])
        assert found[0] == found[1] == found[2]
