"""A run is a folder, whole once it has its manifest; its settings are exactly known."""

import csv
import hashlib
import json
import os
import stat
import threading

import pytest

from pellucid import InputError, Network, load, recipes, runs, settings, train
from pellucid.recipes import DEFAULTS, KINDS, RECIPES
from pellucid.training import Report

NETWORK = Network([64, 4, 10])
ABOUT = {"name": "digits"}
RESULT = {"test_accuracy": 0.5}
REPORTS = [
    Report(0, 0, None, None, 0.0, monitor="test", monitor_cost=2.5, correct=1, count=9),
    Report(1, 40, 0.5, 1.25, 0.125, best=True),
]


def write(folder, chosen=DEFAULTS):
    runs.write_start(folder, chosen, {"rows": 3})
    runs.write_history(folder, REPORTS)
    runs.write_end(folder, NETWORK, ABOUT, RESULT)


@pytest.fixture
def finished(tmp_path):
    folder = runs.create(tmp_path / "runs", "digits")
    write(folder)
    return folder


def test_finished_run_holds_its_files_and_their_hashes(finished):
    assert {*runs.FILES, "run.json"} <= set(os.listdir(finished))
    manifest = json.loads((finished / "run.json").read_text())
    assert manifest["result"] == RESULT
    assert set(manifest["sha256"]) == set(runs.FILES)
    for name, found in manifest["sha256"].items():
        assert hashlib.sha256((finished / name).read_bytes()).hexdigest() == found


def test_environment_names_the_versions(finished):
    found = runs.read_json(finished / "environment.json")
    assert {"python", "system", "machine", "pellucid", "numpy", "scipy"} <= set(found)
    assert all(isinstance(text, str) and text for text in found.values())


def test_history_has_a_line_a_report(finished):
    with open(finished / "history.csv", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["epoch"], first["eta"], first["cost"]) == ("0", "", "")
    assert (first["monitor"], first["correct"], first["count"]) == ("test", "1", "9")
    assert (second["step"], second["eta"], second["cost"]) == ("40", "0.5", "1.25")
    assert second["monitor_cost"] == second["correct"] == ""


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_run_is_for_its_user_alone(finished):
    assert stat.S_IMODE(finished.stat().st_mode) == 0o700


def test_names_never_collide(tmp_path):
    found = []
    several = [
        threading.Thread(target=lambda: found.append(runs.create(tmp_path, "digits")))
        for _ in range(16)
    ]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    assert len({path.name for path in found}) == 16
    assert all("digits" in path.name and path.is_dir() for path in found)


def test_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as error:
        runs.create(tmp_path / "file", "digits")
    assert str(error.value) == (
        f"runs must be written to a folder; {tmp_path / 'file'} can't be used: "
        "File exists. Choose another with --runs."
    )


def test_a_fault_at_any_write_leaves_no_finished_run(tmp_path, monkeypatch):
    replace, order = os.replace, []

    def fail_at(number):
        def fail(old, new):
            order.append(os.path.basename(new))
            if len(order) == number:
                raise OSError(28, "No space left on device")
            replace(old, new)

        return fail

    for number in range(1, len(runs.FILES) + 2):
        order.clear()
        folder = runs.create(tmp_path, "digits")
        monkeypatch.setattr(os, "replace", fail_at(number))
        with pytest.raises(OSError) as error:
            write(folder)
        assert error.value.filename == str(folder / order[-1])
        assert not [name for name in os.listdir(folder) if name.endswith(".tmp")]
        with pytest.raises(InputError, match="must be a finished run; it has no run"):
            runs.model_path(folder)
        with pytest.raises(InputError, match="must hold a finished run; there is none"):
            runs.latest(tmp_path)
    order.clear()
    monkeypatch.setattr(os, "replace", fail_at(0))
    write(folder)
    assert order[-1] == "run.json" and set(order[:-1]) == set(runs.FILES)
    assert runs.latest(tmp_path) == folder


def test_latest_is_the_last_of_those_that_are_finished(tmp_path):
    first, second = (runs.create(tmp_path, name) for name in "ba")
    runs.create(tmp_path, "unfinished")
    write(first)
    assert runs.latest(tmp_path) == first
    write(second)
    assert runs.latest(tmp_path) == second
    assert runs.model_path(first) == first / runs.MODEL


def test_what_an_interrupted_run_has_kept_is_named(tmp_path):
    folder = runs.create(tmp_path, "digits")
    with pytest.raises(InputError, match="Name another run or a model file"):
        runs.model_path(folder)
    (folder / runs.MODEL).write_bytes(b"")
    with pytest.raises(InputError, match=f"Name its {runs.MODEL}"):
        runs.model_path(folder)
    assert runs.model_path(folder / runs.MODEL) == folder / runs.MODEL


@pytest.mark.parametrize("recipe", [None, *RECIPES])
def test_settings_come_back(tmp_path, recipe):
    chosen = settings(recipe, clip=0.5, hidden=["relu"] * 2, layers=[3, 4], l1=1)
    runs.write_json(tmp_path / "settings.json", chosen)
    assert runs.read_settings(tmp_path) == chosen


def test_stored_settings_give_the_same_weights(tmp_path):
    data = load("digits")
    hashes = []
    for chosen in (settings(epochs=2, layers=[8]), None):
        if chosen is None:
            chosen = runs.read_settings(tmp_path)
        else:
            runs.write_json(tmp_path / "settings.json", chosen)
        network = recipes.build(chosen, data)
        for _ in recipes.run(chosen, network, data):
            pass
        hashes.append(network.weights_sha256())
    assert hashes[0] == hashes[1]


def told(tmp_path, words):
    """The sentence about these words in settings.json."""
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(words))
    with pytest.raises(InputError) as error:
        runs.read_settings(tmp_path)
    return str(error.value).removeprefix(f"{path}")


WRONG = {str: 3, int: 0.5, float: "x", list[int]: [1, 0.5], list[str]: ["x", 1]}


@pytest.mark.parametrize("key", DEFAULTS)
def test_every_setting_is_checked(tmp_path, key):
    missing = {name: value for name, value in DEFAULTS.items() if name != key}
    assert f"got no {key!r}" in told(tmp_path, missing)
    for wrong in [True, {}, [[]], [None], *(WRONG.get(kind) for kind in KINDS[key])]:
        if wrong is not None:
            said = told(tmp_path, {**DEFAULTS, key: wrong})
            assert said.startswith(f": {key} must be ") and f"got {wrong!r}." in said
    if type(None) not in KINDS[key]:
        assert "got None" in told(tmp_path, {**DEFAULTS, key: None})


def test_unknown_setting_is_named(tmp_path):
    assert "got an unknown 'etta'" in told(tmp_path, {**DEFAULTS, "etta": 1})
    assert told(tmp_path, [1]) == " must hold the settings of a run."
    (tmp_path / "settings.json").write_text("{'epochs': 1}")
    with pytest.raises(InputError, match="can't be read as JSON"):
        runs.read_settings(tmp_path)


def test_settings_of_another_optimizer_leave_out_what_belongs_to_adam():
    assert settings()["schedule"] == "one_cycle" and settings()["eta"] == 0.005
    plain = settings(optimizer="sgd")
    assert plain["eta"] is None and plain["schedule"] is None
    assert plain["dropout"] == DEFAULTS["dropout"]
    assert settings(optimizer="lbfgs:memory=5")["dropout"] == 0.0
    assert settings(optimizer="sgd", eta=2.0)["eta"] == 2.0
    assert settings("nielsen-30", optimizer="adam")["eta"] == 3.0


def test_unknown_recipe_and_setting_are_named():
    with pytest.raises(InputError, match="Did you mean 'nielsen-30'"):
        settings("nielsen-3")
    with pytest.raises(InputError, match="Did you mean 'batch_size'"):
        settings(batchsize=3)


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("eta", "0.5", 0.5),
        ("eta", "none", None),
        ("epochs", "12", 12),
        ("layers", "16,16", [16, 16]),
        ("layers", "0", []),
        ("hidden", "relu", "relu"),
        ("hidden", "relu,tanh", ["relu", "tanh"]),
        ("monitor", "none", "none"),
        ("cost", "none", None),
        ("cost", "huber:2", "huber:2"),
    ],
)
def test_setting_out_of_its_text(name, text, value):
    assert recipes.parse(name, text) == value


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("eta", "fast", "eta must be a number or none; got 'fast'."),
        ("epochs", "1.5", "epochs must be a whole number; got '1.5'."),
        ("epochs", "none", "epochs must be a whole number; got 'none'."),
        ("layers", "30,", "layers must be whole numbers such as 30 or 16,16; got '30,"),
        ("l2", "", "l2 must be a number; got ''."),
    ],
)
def test_text_that_is_no_setting_is_told(name, text, words):
    with pytest.raises(InputError) as error:
        recipes.parse(name, text)
    assert words in str(error.value)


def test_settings_are_what_train_and_network_take():
    assert set(recipes.TRAIN_WORDS) == set(train.__kwdefaults__) - {
        "every",
        "resume",
        "threads",  # no settings: they change nothing that comes out
        "shared",
    }
    assert set(recipes.TRAIN_WORDS) < set(DEFAULTS) == set(KINDS)


def test_lbfgs_takes_neither_a_rate_nor_a_schedule():
    chosen = settings("nielsen-30", optimizer="lbfgs")
    assert (chosen["eta"], chosen["schedule"], chosen["dropout"]) == (None, None, 0.0)
