"""Steering a training from a page: the bits are always the command line's."""

import numpy as np
import pytest

from pellucid import load, recipes
from pellucid.links import Link, exact, parse
from studio_client import SMALL, Refused, running, until


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture
def page(studio):
    with studio.page() as found:
        found.settle("set", recipe=dict(SMALL))
        yield found


def trained(recipe, until=None):
    """SHA-256 of the weights as `pellucid train` makes them, perhaps up to a step."""
    data = load(recipe["data"])
    network = recipes.build(recipe, data)
    for report in recipes.run(recipe, network, data, 1 if until else None):
        if report.step == until:
            break
    return network.weights_sha256()


RECIPES = {
    "3b1b": SMALL,
    "defaults": exact(recipes.settings(epochs=3)),
    "patient": exact(recipes.settings(epochs=6, patience=2, eta=0.05)),
    "lbfgs": exact(recipes.settings(optimizer="lbfgs", epochs=4, layers=[8])),
    "numpy": exact(recipes.settings("3b1b", data="moons", layers=[5], engine="numpy")),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_run_ends_in_the_bits_of_the_command_line(page, name):
    recipe = RECIPES[name]
    page.ask("look", blocks=["trace", "theta"])
    page.settle("set", recipe=dict(recipe))
    page.settle("train", "ended")
    assert page.state["weights_sha256"] == trained(recipe)
    assert page.state["link"] == Link(recipe, None).to_text()


def test_stepping_pausing_and_looking_change_no_bit(page):
    page.ask("look", blocks=["trace", "theta"], every_ms=0)
    page.settle("step", batches=3)
    page.settle("step")
    page.settle("step", epochs=1)
    assert page.state["step"] == page.state["steps_per_epoch"]
    page.settle("step", batches=5)
    sha = page.state["weights_sha256"]
    assert sha == trained(SMALL, page.state["step"])
    page.ask("train")
    page.ask("pause")
    page.until("paused", "ended")
    if page.state["phase"] == "paused":
        page.settle("train", "ended")
    assert page.state["weights_sha256"] == trained(SMALL)


def test_any_step_can_be_gone_to_and_has_its_bits(page):
    page.settle("train", "ended")
    last = page.state["step"]
    assert last == page.state["last_step"]
    for step in (100, 1, 250, 0, 77, last):
        page.settle("goto", step=step)
        assert page.state["step"] == step
        if step:
            assert page.state["weights_sha256"] == trained(SMALL, step)
    with pytest.raises(Refused, match="step must be at most"):
        page.ask("goto", step=last + 1)


def test_the_curve_stays_when_one_goes_back_and_is_the_run_s(page):
    page.settle("train", "ended")
    points = page.points
    assert [p["epoch"] for p in points if p["complete"]] == [0, 1, 2, 3, 4]
    page.settle("goto", step=90)
    page.settle("train", "ended")
    assert page.points == points
    data = load("digits")
    network = recipes.build(SMALL, data)
    reports = list(recipes.run(SMALL, network, data))
    assert [p["accuracy"] for p in points if p["complete"]] == [
        report.accuracy for report in reports
    ]


def test_a_link_is_a_run_on_another_machine(page, tmp_path):
    page.settle("step", batches=60)
    place = {"layer": 1, "neuron": 2, "input": 5}
    page.ask("edit", place=place, value=0.75)
    page.settle("step", batches=40)
    page.ask("edit", place={"layer": 2, "neuron": 0, "input": None}, value=-1.0)
    page.settle("step", batches=30)
    sha, link = page.state["weights_sha256"], page.state["link"]
    assert "edits=60:1.2.5:0.75;100:2.0.b:-1.0" in link and "step=130" in link
    with running(tmp_path) as elsewhere, elsewhere.page() as other:
        other.settle("open", link=link)
        assert other.state["weights_sha256"] == sha
        assert other.state["link"] == link
        assert [edit["value"] for edit in other.state["edits"]] == [0.75, -1.0]
    page.settle("train", "ended")
    ended = page.state["weights_sha256"]
    page.settle("open", link=link)
    assert page.state["weights_sha256"] == sha
    page.settle("open", link=page.state["link"].replace("step=130", "step=end"))
    assert page.state["weights_sha256"] == ended and page.state["phase"] == "ended"


def test_after_going_back_everything_is_as_the_first_time(page):
    """Also where it stands at a state that was kept, with nothing made since."""
    first = page.ask("stages")
    assert page.ask("opened", batch=True, first=0, count=1)["update"]["step"] == 0
    page.settle("train", "ended")
    page.settle("goto", step=0)
    again = page.ask("stages")
    assert (again["indices"], again["cost"]) == (first["indices"], first["cost"])
    place = {"layer": 1, "neuron": 2, "input": 5}
    page.ask("edit", place=place, value=0.75)
    page.settle("step", batches=2)
    sha, link = page.state["weights_sha256"], page.state["link"]
    page.settle("set", recipe={"seed": 8})
    page.settle("open", link=link)
    assert page.state["weights_sha256"] == sha
    page.settle("goto", step=0)
    page.settle("unedit", all=True)
    page.settle("train", "ended")
    assert page.state["weights_sha256"] == trained(SMALL)


def test_edits_can_be_taken_back(page):
    page.settle("step", batches=60)
    plain = page.state["weights_sha256"]
    place = {"layer": 1, "neuron": 2, "input": 5}
    page.ask("edit", place=place, value=0.75)
    page.ask("edit", place={**place, "input": None}, value=0.5)
    assert page.ask("link")["weights_sha256"] != plain
    page.settle("unedit", place=place)
    assert page.state["edits"] == [
        {"place": {**place, "input": None}, "value": 0.5, "step": 60}
    ]
    page.settle("unedit", all=True)
    assert page.state["weights_sha256"] == plain and not page.state["edits"]
    with pytest.raises(Refused, match="nothing was set by hand"):
        page.ask("unedit", all=True)


def test_an_edit_at_the_beginning_and_at_the_end_is_part_of_the_link(page):
    place = {"layer": 1, "neuron": 0, "input": None}
    page.ask("edit", place=place, value=2.0)
    page.settle("train", "ended")
    page.ask("edit", place=place, value=3.0)
    said = page.ask("link")
    page.settle("set", recipe={"seed": 99})
    page.settle("open", "ended", link=said["link"])
    assert page.state["weights_sha256"] == said["weights_sha256"]


def test_reset_keeps_the_seed_and_a_new_start_takes_the_next(page):
    page.settle("step", batches=7)
    page.settle("reset")
    assert page.state["step"] == 0 and page.state["recipe"]["seed"] == 3
    before = page.state["weights_sha256"]
    page.settle("new_start")
    assert page.state["recipe"]["seed"] == 4
    assert page.state["weights_sha256"] != before


def test_of_many_sliders_the_last_wins_and_the_runs_before_are_kept(page):
    page.settle("train", "ended")
    for eta in np.linspace(0.5, 2.0, 30):
        page.send(do="set", recipe={"eta": float(eta)}, train=True)
    page.number += 1
    page.send(id=page.number, do="link")
    while page.state["recipe"]["eta"] != 2.0 or page.state["phase"] != "ended":
        page.take()
    assert page.state["weights_sha256"] == trained({**SMALL, "eta": 2.0})
    page.settle("reset")
    while not any(event["event"] == "earlier" for event in page.events):
        page.take()


def test_what_does_not_fit_is_told_in_words_and_nothing_is_lost(page):
    state = page.settle("set", "failed", recipe={"batch_size": 10**6})
    assert "batch_size must be at most" in state["message"]
    with pytest.raises(Refused, match="setting must be one of the known"):
        page.ask("set", recipe={"layer": [3]})
    with pytest.raises(Refused, match="eta must be"):
        page.ask("set", recipe={"eta": "fast"})
    state = page.settle("set", "failed", recipe={"data": "/etc/passwd"})
    assert "Paths are not opened" in state["message"]
    state = page.settle("set", "failed", recipe={**SMALL, "layers": [10**5, 10**3]})
    assert "STUDIO_PARAMETERS" in state["message"]
    state = page.settle("set", "failed", recipe={**SMALL, "epochs": 10**9})
    assert "STUDIO_EPOCHS" in state["message"]
    page.settle("set", recipe=dict(SMALL))
    page.settle("train", "ended")
    assert page.state["weights_sha256"] == trained(SMALL)


def test_a_training_that_diverges_says_so_and_can_be_gone_back_in(page):
    recipe = {"hidden": "relu", "output": "identity", "eta": 1e3, "initializer": "auto"}
    page.settle("set", "diverged", recipe=recipe, train=True)
    assert "finite" in page.state["message"] and page.state["weights_sha256"]
    for do in ("train", "step"):
        with pytest.raises(Refused, match="Change a setting"):
            page.ask(do)
    page.settle("goto", step=page.state["step"])
    page.settle("train", "diverged")
    page.settle("goto", step=0)
    page.settle("step", batches=1)
    assert page.state["step"] == 1


def test_sessions_are_apart(studio, page):
    page.settle("step", batches=5)
    with studio.page(session=2) as other:
        other.settle("step", batches=2)
        assert (other.state["step"], page.ask("link")["step"]) == (2, 5)


def test_a_page_that_joins_is_told_everything(studio, page):
    page.settle("train", "ended")
    with studio.page() as other:
        kinds = [event["event"] for event in other.events]
        assert kinds[:2] == ["hello", "state"]
        assert other.state["weights_sha256"] == page.state["weights_sha256"]
        other.ask("link")
        assert other.points == page.points
        hello = other.events[0]
        assert {"digits", "mnist", "moons"} <= {d["name"] for d in hello["datasets"]}
        assert parse(other.state["link"]).recipe == SMALL


def test_a_session_survives_whatever_goes_wrong_in_it(studio):
    with studio.page() as page:
        page.settle("set", recipe=dict(SMALL))
        session = studio.server.studio.sessions[1]
        session._jobs.put(lambda: 1 // 0)
        until(lambda: session.phase == "failed")
        assert "ZeroDivisionError" in session.state["message"]
    session.ask(lambda: session._say("ready")).result(60)
    with studio.page() as page:
        page.settle("set", recipe=dict(SMALL))
        page.settle("train", "ended")
        assert page.state["weights_sha256"] == trained(SMALL)
