"""The index of runs is the folders: listed, shown, compared, removed, by number too."""

import io
import json
import os

import pytest

from command_line import refused, typed
from pellucid import DivergedError, InputError, Network, runs, settings
from pellucid._files import lock
from pellucid.runs import index

posix = pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
NETWORK = Network([64, 4, 10])
RESULT = {"epochs": 3, "test_accuracy": 0.5, "validation_accuracy": None}
FINGERPRINT = {"rows": 3, "sha256": "0" * 64}


def make(parent, end: str = "finished", **changes):
    """A run of this status."""
    folder = runs.create(parent, "digits")
    if end != "empty":
        runs.write_start(folder, settings(**changes), FINGERPRINT)
    if end == "finished":
        runs.write_history(folder, [])
        runs.write_end(folder, NETWORK, {}, {**RESULT, "parameters": changes})
    if end == "diverged":
        runs.write_diverged(
            folder, DivergedError("Oh.", layer=1, mini_batch=2, epoch=3)
        )
    if end == "damaged":
        (folder / "settings.json").write_text("{}")
    return folder


STATUSES = ("finished", "unfinished", "diverged", "damaged", "empty")


@pytest.fixture
def several(tmp_path):
    """A run of each status, in a folder called runs."""
    for status in STATUSES:
        make(tmp_path / "runs", status)
    return tmp_path / "runs"


def test_entries_tell_the_status_in_the_order_of_their_numbers(several):
    found = index.entries(several)
    assert [one.status for one in found] == list(STATUSES)
    assert [runs.number_of(one.folder) for one in found] == [1, 2, 3, 4, 5]
    finished, unfinished, diverged, damaged, empty = found
    assert finished.result["test_accuracy"] == 0.5 and not unfinished.result
    assert finished.settings == unfinished.settings == settings()
    assert finished.data == FINGERPRINT and finished.started
    assert diverged.reason == "Oh." and "exactly the settings" in damaged.reason
    assert empty.settings is None and not empty.started


@pytest.mark.parametrize("text", ["[]", "{}", '{"result": []}', "{"])
def test_manifest_that_is_none_is_damaged(several, text):
    (several / "0001-digits" / runs.MANIFEST).write_text(text)
    one = index.entry(several / "0001-digits")
    assert one.status == "damaged" and runs.MANIFEST in one.reason


def test_run_that_a_process_works_on_is_running(several):
    descriptor = lock(several / "0002-digits" / runs.LOCK)
    assert index.entry(several / "0002-digits").status == "running"
    os.close(descriptor)
    assert index.entry(several / "0002-digits").status == "unfinished"


@posix
def test_only_runs_are_listed(several):
    (several / "2024-photos").mkdir()
    (several / "2024-photos" / "photo.png").write_bytes(b"")
    (several / ".vscode").mkdir()
    (several / ".vscode" / "settings.json").write_text("{}")
    (several / "0009-link").symlink_to(several / "0001-digits")
    (several / "file").write_text("")
    assert len(index.entries(several)) == len(STATUSES)
    assert index.entries(several / "absent") == []
    with pytest.raises(InputError, match="it can't be read: Not a directory"):
        index.entries(several / "file")


def test_run_is_meant_by_number_name_or_path(several):
    folder = several / "0003-digits"
    for text in ("3", "0003", "0003-digits", str(folder)):
        assert index.resolve(text, several) == folder
    assert str(index.resolve("77", several)) == "77"
    (several / "0003-mnist").mkdir()
    with pytest.raises(InputError, match="it means 0003-digits and 0003-mnist"):
        index.resolve("3", several)


def test_latest_unfinished_is_the_one_begun_last(several):
    assert index.latest_unfinished(several) == several / "0002-digits"
    last = make(several, "unfinished")
    assert index.latest_unfinished(several) == last
    with pytest.raises(InputError, match="must hold an unfinished run to go on with"):
        index.latest_unfinished(several / "absent")


def test_numbers_go_on_whatever_is_removed_or_left(tmp_path):
    first, second = make(tmp_path), make(tmp_path)
    index.remove(first)
    assert runs.number_of(make(tmp_path)) == 3
    index.remove(second)
    (tmp_path / "20240101-120000-old").mkdir()
    assert runs.number_of(make(tmp_path)) == 4


def test_name_of_a_run_is_fit_for_a_file(tmp_path):
    for name in ("/data/iris flowers.csv", "../..", "", "x" * 300, "café/"):
        folder = runs.create(tmp_path, name)
        assert folder.parent == tmp_path and len(folder.name) < 60
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[:3] == ["0001-iris-flowers", "0002-run", "0003-run"]


def test_compare_gives_what_differs_and_the_figures(tmp_path):
    folders = [make(tmp_path, epochs=3), make(tmp_path, epochs=4, eta=None)]
    lines = dict(index.compare([index.entry(folder) for folder in folders]))
    assert lines["eta"] == [0.005, None] and "seed" not in lines
    assert lines["epochs"] == [3, 4] or lines["epochs"] == [3, 3]
    assert lines["test_accuracy"] == [0.5, 0.5]
    assert "validation_accuracy" not in lines and "data sha256" not in lines
    words = runs.read_json(folders[1] / "data.json")
    runs.write_json(folders[1] / "data.json", {**words, "sha256": "1" * 64})
    lines = dict(index.compare([index.entry(folder) for folder in folders]))
    assert lines["data sha256"] == ["0" * 64, "1" * 64]


def test_compare_needs_two_that_can_be_read(several):
    one, *_, damaged, empty = index.entries(several)
    with pytest.raises(InputError, match="compare needs two runs or more; got 1"):
        index.compare([one])
    for bad, why in ((damaged, "exactly the settings"), (empty, "before it began")):
        with pytest.raises(InputError, match=why):
            index.compare([one, bad])


def test_remove_takes_any_run_and_nothing_else(several):
    photos = several / "2024-photos"
    photos.mkdir()
    for name in ("settings.json", "photo.png"):
        (photos / name).write_text("{}")
    for folder in (photos, several, several / "absent"):
        with pytest.raises(InputError, match="only a run can be removed"):
            index.remove(folder)
    descriptor = lock(several / "0002-digits" / runs.LOCK)
    with pytest.raises(InputError, match="only one process may work on"):
        index.remove(several / "0002-digits")
    os.close(descriptor)
    for one in index.entries(several):
        index.remove(one.folder)
    assert os.listdir(several) == ["2024-photos"]


# At the command line.


@pytest.fixture
def here(several, monkeypatch):
    monkeypatch.chdir(several.parent)
    return several.parent


def test_runs_are_listed(here, capsys):
    said = typed(capsys, "runs", "--json")
    assert [one["status"] for one in said.json["runs"]] == list(STATUSES)
    for number, status in enumerate(STATUSES, 1):
        (line,) = (t for t in said.out.splitlines() if f"000{number}-digits " in t)
        assert status in line
    assert "50.00%" in said.out
    again = typed(capsys, "runs", "list", "--json")
    assert again == said
    none = typed(capsys, "runs", "--runs", "absent")
    assert none.out == "There are no runs in absent. Begin one: pellucid train.\n"


def test_run_is_shown(here, capsys):
    said = typed(capsys, "runs", "show", "1", "--json")
    assert (
        said.json["settings"] == dict(settings()) and said.json["data"] == FINGERPRINT
    )
    assert "Go on with" not in said.out
    said = typed(capsys, "runs", "show", "2")
    assert "Go on with: pellucid train --resume runs/0002-digits" in said.out
    assert "Oh." in typed(capsys, "runs", "show", "3").out
    assert refused(capsys, "runs", "show", "77").startswith(
        "77 must be a run; there is"
    )


def test_runs_are_compared(here, capsys):
    make(here / "runs", eta=0.25)
    said = typed(capsys, "runs", "compare", "1", "6", "--json")
    assert said.json["eta"] == [0.005, 0.25]
    assert "0001-digits" in said.out and "0.25" in said.out
    assert "two runs or more" in refused(capsys, "runs", "compare", "1")


def test_runs_are_removed_once_that_is_confirmed(here, capsys, monkeypatch):
    for answer, left in (("n", 5), ("y", 4)):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
        said = typed(capsys, "runs", "remove", "1")
        assert said.status == 0, said
        assert len(index.entries("runs")) == left
        assert "runs/0001-digits: finished" in said.out
    typed(capsys, "runs", "remove", "2", "5", "--yes")
    assert [one.status for one in index.entries("runs")] == ["diverged", "damaged"]


def test_evaluate_takes_a_number(here, capsys):
    said = typed(capsys, "inspect", "1", "--json")
    assert said.json["model"] == os.path.join("runs", "0001-digits", runs.MODEL)


@pytest.mark.parametrize(
    "run, words",
    [
        ("3", "0003-digits can't be gone on with: it would end as it did: Oh."),
        ("4", "0004-digits can't be gone on with: runs"),
        ("5", "0005-digits can't be gone on with: it has no settings: it ended before"),
        ("77", "77 must be a run; there is none of that number or name in runs."),
    ],
)
def test_what_cannot_be_gone_on_with_is_told(here, capsys, run, words):
    assert words in refused(capsys, "train", "--resume", run)


def test_run_that_goes_on_keeps_its_settings(here, capsys):
    said = refused(capsys, "train", "--resume", "2", "--eta", "1", "--epochs", "3")
    assert said.startswith("a run that goes on keeps its settings; got eta and epochs ")
    assert "got 3b1b beside" in refused(capsys, "train", "--resume", "--recipe", "3b1b")
    said = refused(capsys, "train", "--checkpoint-every", "-1")
    assert said == "checkpoint-every must be a finite number and >= 0; got -1.0."


def test_other_data_or_settings_are_refused(here, capsys):
    said = refused(capsys, "train", "--resume", "2")
    assert "runs/0002-digits must have the data that it began with, 3 rows" in said
    assert json.loads((here / "runs/0002-digits/data.json").read_text()) == FINGERPRINT
