"""`pellucid train --link`: the run of a link, bit for bit."""

from pathlib import Path

import pytest

from command_line import typed
from pellucid import InputError, load, recipes, report
from pellucid.links import Link, exact, link_of, of_address, parse
from pellucid.runs import read_result, read_settings
from pellucid.runs.verify import verify
from studio_client import SMALL, running

RECIPE = "recipe=3b1b&data=digits&layers=12,8&batch_size=16&epochs=4&seed=3&eta=1.0"
ADDRESS = "http://127.0.0.1:8765/?session=2#{}~lens=weights&place=1.6.bias"


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture
def page(studio):
    with studio.page() as found:
        found.settle("set", recipe=dict(SMALL))
        yield found


@pytest.fixture
def train(capsys, tmp_path):
    def run(link, *words):
        return typed(
            capsys, "train", "--link", link, "--json", "--runs", tmp_path, *words
        )

    return run


def test_a_link_ends_in_the_weights_of_the_studio(page, train):
    page.settle("step", batches=40)
    page.ask("edit", place={"layer": 1, "neuron": 3, "input": None}, value=0.5)
    state = page.settle("train", "ended")
    for link in (state["link"], ADDRESS.format(state["link"])):
        said = train(link)
        assert said.status == 0
        assert said.json["weights_sha256"] == state["weights_sha256"]
    folder = Path(said.json["run"])
    assert link_of(read_settings(folder)) == parse(state["link"])
    assert verify(folder, load("digits")).verified


@pytest.mark.parametrize("edited", [False, True])
def test_a_link_in_the_middle_stops_there_and_can_be_gone_on_with(
    page, train, capsys, edited
):
    page.settle("step", batches=57)
    if edited:  # by hand, at the very step of the link
        page.ask("edit", place={"layer": 1, "neuron": 3, "input": None}, value=0.5)
    here = page.settle("goto", step=57)
    assert bool(here["edits"]) == edited
    said = train(here["link"])
    assert said.json["weights_sha256"] == here["weights_sha256"]
    assert "left at step 57, where the link stands; the weights" in said.out
    end = page.settle("train", "ended")["weights_sha256"]
    again = typed(capsys, "train", "--resume", said.json["run"], "--json")
    assert again.json["weights_sha256"] == end
    assert verify(Path(said.json["run"]), load("digits")).verified


def test_a_link_at_the_beginning_is_trained_to_its_end(train):
    data = load("digits")
    network = recipes.build(SMALL, data)
    for _ in recipes.run(SMALL, network, data):
        pass
    for link in (RECIPE, RECIPE + "&step=end", RECIPE + "&step=99999"):
        said = train(link)
        assert said.json["weights_sha256"] == network.weights_sha256()


WRONG = {
    "layers=": "layers",
    "nonsense": "a link must be words like layers=30",
    "http://127.0.0.1:8765/?token=x": "must have the run after #",
    "data=/etc/passwd": "Paths are not opened",
    "data=upload:" + "0" * 64: "is not on this machine",
    "edits=3:1.999.0:1": "has no weight or bias at layer 1, neuron 999",
    "edits=3:1.9.0": "an edit of a link must be",
    "optimizer=lbfgs&step=2": "can't go on from the middle",
    "colour=red": "setting must be",
}


@pytest.mark.parametrize("link", WRONG)
def test_a_wrong_link_is_refused_in_a_sentence_and_nothing_is_written(
    train, tmp_path, link
):
    said = train(link)
    if link == "layers=":  # no hidden layer: that is a run
        assert said.status == 0
        return
    assert said.status == 2 and WRONG[link] in " ".join(said.err.split())
    assert not list(tmp_path.iterdir())


def test_a_link_stands_alone(train):
    said = train(RECIPE, "--seed", "4")
    assert said.status == 2 and "got seed beside --link" in said.err
    said = train(RECIPE, "--resume", "1")
    assert said.status == 2 and "got link beside" in said.err


def test_a_link_of_a_file_that_was_dropped_is_trained_where_it_is(capsys, tmp_path):
    table = b"a,b,kind\n" + b"1,2,yes\n2,1,no\n" * 40
    with running(tmp_path) as studio, studio.page() as page:
        said = studio.http(
            "POST", "/upload", table,
            {**studio.headers(), "Content-Type": "application/octet-stream",
             "X-Name": "mine.csv"},
        )  # fmt: skip
        assert said[0] == 200
        page.settle("set", recipe={"data": "upload:1", "target": ["kind"], "epochs": 2})
        state = page.settle("train", "ended")
        words = ("--json", "--runs", tmp_path / "runs")
        said = typed(capsys, "train", "--link", state["link"], *words)
    assert said.json["weights_sha256"] == state["weights_sha256"]


def test_a_run_tells_its_link_if_its_data_are_named(train, tmp_path, capsys):
    folder = Path(train(RECIPE).json["run"])
    link = link_of(read_settings(folder)).to_text()
    shown = typed(capsys, "runs", "show", folder, "--json")
    assert shown.json["link"] == link and link in shown.out.replace("\n", "")
    listed = typed(capsys, "runs", "--runs", tmp_path, "--json").json["runs"]
    assert [run["link"] for run in listed] == [link]
    assert link.replace("&", "&amp;") in report.report(folder, load("digits"))
    assert train(link).json["weights_sha256"] == read_result(folder)["weights_sha256"]


def test_an_address_is_cut_down_to_its_link():
    assert of_address(f" {ADDRESS.format(RECIPE)}\n") == RECIPE
    assert of_address(f"#{RECIPE}") == of_address(RECIPE) == RECIPE
    assert of_address(f"{RECIPE}~lens=weights") == RECIPE
    assert exact(parse(RECIPE).recipe) == SMALL


def test_half_a_character_out_of_a_file_does_no_harm_to_its_link():
    # Such as a damaged settings.json holds; found by lies in every field.
    broken = Link({**SMALL, "hidden": "a\ud800"})
    with pytest.raises(InputError, match="hidden of a link must be UTF-8"):
        parse(broken.to_text())
