"""Folders of runs, listed and opened in the studio."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from command_line import typed
from pellucid import InputError, _limits, recipes
from pellucid.links import exact, parse
from pellucid.plots.curves import read_history
from pellucid.runs import read_result, read_settings
from pellucid.studio.folders import opening
from pellucid.studio.run import Run
from pellucid.studio.stock import Stock
from pellucid.studio.store import Store
from studio_client import SMALL, Refused, running

WORDS = "train --epochs 5 --layers 9 --seed 2 --data digits --json --runs"
SHORT = exact(recipes.settings(data="digits", epochs=5, layers=[9], seed=2))


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


@pytest.fixture
def page(studio):
    with studio.page() as found:
        found.settle("set", recipe=dict(SMALL))
        yield found


@pytest.fixture(scope="module")
def parent(studio):
    return Path(studio.server.studio.runs_dir)


@pytest.fixture
def trained(parent, capsys):
    """A run of the command line."""
    return Path(typed(capsys, *WORDS.split(), parent).json["run"])


def test_a_finished_run_is_opened_at_its_end_with_its_curve(page, trained):
    said = page.ask("open_run", name=trained.name)
    assert said["sentence"] == f"{trained.name}, at its end, as it was kept."
    page.until("ended", run=said["run"])
    assert page.state["recipe"] == SHORT and page.state["link"].endswith("step=end")
    sha = read_result(trained)["weights_sha256"]
    assert page.state["weights_sha256"] == sha
    history = read_history(trained / "history.csv")
    shown = [(p["step"], p["cost"], p["part_cost"], p["accuracy"]) for p in page.points]
    assert shown == [(r.step, r.cost, r.monitor_cost, r.accuracy) for r in history]
    page.settle("goto", step=40)  # made again from the start, and to the same end
    end = page.settle("train", "ended")
    assert end["weights_sha256"] == sha


def test_a_patient_run_is_opened_without_training_it_again(page, parent, capsys):
    words = "train --epochs 9 --patience 1 --eta 0.05 --data digits --json --runs"
    folder = Path(typed(capsys, *words.split(), parent).json["run"])
    page.settle("open_run", "ended", name=folder.name)
    assert page.state["weights_sha256"] == read_result(folder)["weights_sha256"]
    assert page.state["step"] < page.state["last_step"]


def test_a_paused_run_is_opened_where_it_stands(page):
    page.settle("step", batches=70)
    page.ask("edit", place={"layer": 1, "neuron": 0, "input": 20}, value=2.5)
    paused = page.settle("step", batches=9)
    name = page.ask("keep")["name"]
    end = page.settle("train", "ended")["weights_sha256"]
    page.settle("set", recipe=dict(SHORT))
    said = page.settle("open_run", name=name)
    for key in ("link", "weights_sha256", "edits", "step", "recipe"):
        assert said[key] == paused[key]
    assert page.settle("train", "ended")["weights_sha256"] == end


def test_a_run_of_another_version_says_that_its_bits_are_not_promised(page, parent):
    page.settle("step", batches=3)
    name = page.ask("keep")["name"]
    otherwise("environment.json", pellucid="0.0.9")(parent / name)
    said = page.ask("open_run", name=name)["sentence"]
    assert "at step 3, its last checkpoint" in said
    assert "It was made with pellucid 0.0.9" in said
    page.until("paused", step=3)


@pytest.fixture
def flowers(tmp_path):
    """A table of somebody's own."""
    table = tmp_path / "flowers.csv"
    x = np.random.default_rng(0).normal(size=(90, 2))
    lines = [f"{a:.4f},{b:.4f},{'yes' if a > b else 'no'}" for a, b in x]
    table.write_text("\n".join(["a,b,kind", *lines]))
    return table


def test_a_run_on_a_file_is_opened_with_its_file(page, parent, flowers, capsys):
    words = ["train", flowers, "--target", "kind", "--epochs", "3", "--runs", parent]
    folder = Path(typed(capsys, *words, "--json").json["run"])
    sha = read_result(folder)["weights_sha256"]
    page.settle("open_run", "ended", name=folder.name)
    assert page.state["recipe"]["data"].startswith("upload:")
    assert page.state["data"]["name"] == "flowers.csv"
    assert page.state["weights_sha256"] == sha
    kept = Path(page.ask("keep")["folder"])  # of a file that is the studio's now
    page.settle("set", recipe=dict(SMALL))
    page.settle("open_run", "ended", name=kept.name)
    assert page.state["weights_sha256"] == sha
    rows = {row["name"]: row for row in page.ask("runs")["runs"]}
    assert rows[kept.name]["sentence"].startswith("flowers.csv, ")
    page.settle("set", recipe=dict(SMALL))
    flowers.write_text("a,b,kind\n" + "1,2,yes\n2,1,no\n" * 20)
    with pytest.raises(Refused, match="must have the data that it began with"):
        page.ask("open_run", name=folder.name)
    flowers.unlink()
    with pytest.raises(Refused, match="which can't be read"):
        page.ask("open_run", name=folder.name)


@pytest.fixture
def tiles(tmp_path):
    """A folder of somebody's own images, dark ones and light ones."""
    shades = np.random.default_rng(0).integers(0, 100, (24, 6, 6)).astype(np.uint8)
    for number, pixels in enumerate(shades):
        kind, shade = ("dark", 0) if number % 2 else ("light", 150)
        folder = tmp_path / "tiles" / kind
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels + np.uint8(shade)).save(folder / f"{97 - number}.png")
    return tmp_path / "tiles"


def test_a_run_on_a_folder_of_images_is_opened_where_they_lie(
    page, parent, tiles, capsys
):
    words = ["train", tiles, "--epochs", "3", "--runs", parent, "--json"]
    folder = Path(typed(capsys, *words).json["run"])
    sha = read_result(folder)["weights_sha256"]
    page.settle("open_run", "ended", name=folder.name)
    assert page.state["recipe"]["data"].startswith("upload:")
    assert page.state["data"]["name"] == "tiles"
    assert page.state["weights_sha256"] == sha
    page.settle("reset")
    assert page.settle("train", "ended")["weights_sha256"] == sha
    kept = Path(page.ask("keep")["folder"])
    assert Path(read_settings(kept)["data"]) == tiles
    page.settle("set", recipe=dict(SMALL))
    page.settle("open_run", "ended", name=kept.name)
    assert page.state["weights_sha256"] == sha
    (tiles / "dark" / "96.png").write_bytes((tiles / "light" / "97.png").read_bytes())
    page.settle("set", recipe=dict(SMALL))
    with pytest.raises(Refused, match="must have the data that it began with"):
        page.ask("open_run", name=folder.name)


@pytest.mark.parametrize("change", ["", "another", "gone"])
def test_a_folder_is_known_again_while_it_is_what_it_was(tmp_path, tiles, change):
    key = Store(tmp_path / "store").adopt(tiles)
    again = Store(tmp_path / "store")  # the studio was started anew
    if not change:
        assert again.path(key) == tiles and again.name(key) == "tiles"
        assert again.name("digits") == "digits"
        return
    if change == "another":
        (tiles / "dark" / "96.png").rename(tiles / "dark" / "98.png")
    else:
        shutil.rmtree(tiles)
    with pytest.raises(InputError, match="which is not on this machine"):
        again.path(key)


def test_a_folder_of_too_many_images_is_not_lent(tmp_path, tiles, monkeypatch):
    monkeypatch.setattr(_limits, "STUDIO_UPLOAD_FILES", 23)
    with pytest.raises(InputError, match="must have at most 23 images"):
        Store(tmp_path / "store").adopt(tiles)


def test_the_list_says_what_each_run_is_the_newest_first(page, parent, trained):
    (parent / "0999-begun").mkdir()
    said = page.ask("runs")
    assert said["total"] == len(said["runs"]) >= 2
    assert said["runs"][0]["name"] == "0999-begun"
    assert said["runs"][0]["why"] == "It ended before it began."
    row = next(row for row in said["runs"] if row["name"] == trained.name)
    assert row["accuracy"] == read_result(trained)["test_accuracy"]
    assert row["sentence"] == "digits, 9, adam, η 0.005, 5 epochs, seed 2"
    assert (row["status"], row["part"], row["why"]) == ("finished", "test", "")
    with pytest.raises(Refused, match="ended before it began"):
        page.ask("open_run", name="0999-begun")
    shutil.rmtree(parent / "0999-begun")


NAMES = ("../../etc", "/etc", ".studio", "..", "", "0001", "x" * 299, "a\0b")


@pytest.mark.parametrize("name", NAMES)
def test_only_a_run_of_the_list_is_opened(page, name):
    with pytest.raises(Refused, match="must be one of those in"):
        page.ask("open_run", name=name)
    assert page.state["phase"] == "ready"


def cut(name):
    def damage(folder):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return damage


def otherwise(name, **words):
    def damage(folder):
        found = json.loads((folder / name).read_bytes())
        (folder / name).write_text(json.dumps({**found, **words}))

    return damage


DAMAGED = {
    "model": (cut("model.safetensors"), "Changed after the run: model"),
    "history": (cut("history.csv"), "Changed after the run: history"),
    "settings": (otherwise("settings.json", seed=3), "Changed after the run"),
    "no settings": (cut("settings.json"), "can't be opened"),
    "data": (otherwise("data.json", sha256="0"), "data that it began with"),
    "edits": (otherwise("settings.json", edits=["x"]), "an edit of"),
    "result": (otherwise("run.json", result={}), "must hold 'epochs'"),
    "hashes": (otherwise("run.json", sha256={}), "The manifest must name"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_folder_is_refused_in_a_sentence(page, trained, name):
    damage, sentence = DAMAGED[name]
    damage(trained)
    with pytest.raises(Refused, match=sentence):
        page.ask("open_run", name=trained.name)
    assert page.state["phase"] == "ready"
    assert trained.name in {row["name"] for row in page.ask("runs")["runs"]}
    shutil.rmtree(trained)


def test_a_history_that_is_none_of_the_run_is_refused(trained, tmp_path):
    stock = Stock(Store(tmp_path / "uploads"))
    link = opening(trained, stock).link
    manifest = json.loads((trained / "run.json").read_text())
    head, *lines = (trained / "history.csv").read_text().splitlines()
    for bad in (
        [],
        [*lines, lines[0]],
        [lines[0], lines[1].replace("validation", "x")],
    ):
        text = "\n".join([head, *bad]).encode() + b"\n"
        (trained / "history.csv").write_bytes(text)
        manifest["sha256"]["history.csv"] = sha256(text).hexdigest()
        (trained / "run.json").write_text(json.dumps(manifest))
        run = Run(1, link.recipe, stock.open(link.recipe))
        with pytest.raises(InputError, match="the history of"):
            opening(trained, stock).ready(run)


def test_the_studio_opens_with_the_run_that_is_named(tmp_path, capsys):
    folder = Path(typed(capsys, *WORDS.split(), tmp_path / "runs").json["run"])
    with running(tmp_path, opens=folder) as studio, studio.page() as page:
        page.until("ended")
        sha = read_result(folder)["weights_sha256"]
        assert page.state["weights_sha256"] == sha
        assert parse(page.state["link"]).recipe == SHORT


def test_naming_a_run_beside_something_else_is_refused(tmp_path, capsys):
    said = typed(capsys, "studio", "1", "--data", "moons", "--no-open")
    assert said.status == 2 and "a run or a link says all" in said.err
    said = typed(capsys, "studio", "77", "--no-open", "--runs", tmp_path)
    assert said.status == 2 and "there is none of that number" in said.err
