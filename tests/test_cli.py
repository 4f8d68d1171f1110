"""The command line: its commands, what they print, and what they leave behind."""

import csv
import json
import os

import numpy as np
import pytest
from scipy.stats import binomtest

from command_line import MADE, refused, typed
from pellucid import (
    Network,
    feedforward,
    load,
    load_network,
    recipes,
    save_network,
    settings,
    trace,
)
from pellucid.cli import options, show
from pellucid.data import DATASETS
from pellucid.evaluation import evaluate
from pellucid.mathematics.costs import CrossEntropy
from pellucid.mathematics.formula import VOCABULARY
from pellucid.runs import FILES
from tolerances import CLOSED, FORMULA, distance

KEYS = (
    "run parameters epochs train_seconds validation_accuracy test_accuracy "
    "weights_sha256"
).split()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, with a few more data sets."""
    monkeypatch.chdir(tmp_path)
    for name, made in MADE.items():
        monkeypatch.setitem(DATASETS, name, made)
    return tmp_path


@pytest.fixture
def trained(here, capsys):
    """A small run in the folder `runs`, and what was said in JSON."""
    words = ("--layers", "6", "--epochs", "4", "--dtype", "float64", "--json")
    return typed(capsys, "train", *words).json


def test_train_prints_one_object_and_leaves_a_whole_run(trained, here):
    assert list(trained) == KEYS
    assert (trained["parameters"], trained["epochs"]) == (64 * 6 + 6 + 60 + 10, 4)
    assert {*FILES, "run.json"} <= set(os.listdir(trained["run"]))
    network, about = load_network(f"{trained['run']}/model.safetensors")
    assert network.weights_sha256() == trained["weights_sha256"]
    assert about == {
        "name": "digits",
        "cost": "cross_entropy",
        "classes": list("0123456789"),
        "image_shape": [8, 8],
    }
    data = load("digits", dtype="float64")
    for part in ("validation", "test"):
        found = evaluate(network, data.part(part), CrossEntropy()).accuracy
        assert trained[f"{part}_accuracy"] == found
    with open(f"{trained['run']}/history.csv", newline="") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == list("01234")


def test_train_tells_people_what_counts(here, capsys):
    said = typed(capsys, "train", "--epochs", "2", "--layers", "16,16", "--lines")
    assert said.err == ""
    for words in (
        "digits: 1,797 examples (train 1,258, validation 180, test 359), 64 inputs",
        "64-16-16-10 (relu, relu, softmax), float32: 1,482 parameters = 1,440 weights"
        " + 42 biases; 2 hidden layers: a deep network",
        "\n40 updates an epoch: 1,258 training examples in mini-batches of 32\n",
        "\nEpoch 2: ",
        " / 180, cost ",
        "2 epochs in ",
        " of 359), cost ",
        "95% interval ",
        "weakest class ",
        "run written to runs",
    ):
        assert words in said.out


def test_same_seed_gives_the_same_network(here, capsys):
    words = ("train", "--epochs", "1", "--json")
    first, second = typed(capsys, *words).json, typed(capsys, *words).json
    assert first["run"] != second["run"]
    assert first["weights_sha256"] == second["weights_sha256"]
    third = typed(capsys, *words, "--seed", "1").json
    assert third["weights_sha256"] != first["weights_sha256"]


def stored(said):
    with open(f"{said.json['run']}/settings.json") as file:
        return json.load(file)


@pytest.mark.parametrize("recipe", recipes.RECIPES)
def test_every_recipe_runs_with_its_values(here, capsys, recipe):
    words = ("--data", "digits", "--epochs", "1", "--batch-size", "50", "--json")
    said = typed(capsys, "train", "--recipe", recipe, *words)
    assert said.status == 0 and recipe in said.json["run"]
    assert stored(said) == settings(recipe, data="digits", epochs=1, batch_size=50)


@pytest.mark.parametrize(
    "option, text, value",
    [
        ("--layers", "0", []),
        ("--layers", "7,5", [7, 5]),
        ("--hidden", "tanh", "tanh"),
        ("--output", "sigmoid", "sigmoid"),
        ("--initializer", "zeros", "zeros"),
        ("--optimizer", "momentum:0.5", "momentum:0.5"),
        ("--eta", "1e-3", 0.001),
        ("--schedule", "none", None),
        ("--batch-size", "100", 100),
        ("--seed", "7", 7),
        ("--l1", "0.1", 0.1),
        ("--l2", "0", 0.0),
        ("--dropout", "0", 0.0),
        ("--clip", "1", 1.0),
        ("--monitor", "train", "train"),
        ("--patience", "1", 1),
        ("--engine", "numpy", "numpy"),
        ("--dtype", "float64", "float64"),
    ],
)
def test_any_option_overrides_one_value(here, capsys, option, text, value):
    said = typed(capsys, "train", "--epochs", "1", option, text, "--json")
    assert said.status == 0
    key = option.removeprefix("--").replace("-", "_")
    given = {"epochs": 1, key: value}
    assert stored(said) == settings(**given)


def test_lecture_network_has_13002_parameters(here, capsys, data_dir):
    words = ("--recipe", "3b1b", "--epochs", "1", "--data-dir", data_dir, "--json")
    said = typed(capsys, "train", *words)
    assert said.json["parameters"] == 13_002
    assert "13,002 parameters = 12,960 weights + 42 biases" in said.out


def test_watching_the_test_part_is_warned_of(here, capsys):
    said = typed(capsys, "train", "--epochs", "1", "--monitor", "test")
    assert said.status == 0 and "makes its figure too good" in said.err


def test_latest_run_its_folder_and_its_file_are_one_network(trained, here, capsys):
    file = f"{trained['run']}/model.safetensors"
    for command in ("evaluate", "predict", "inspect", "trace"):
        latest = typed(capsys, command, "--json")
        assert latest.status == 0 and latest.err == ""
        assert latest.out == typed(capsys, command, trained["run"], "--json").out
        assert latest.out == typed(capsys, command, file, "--json").out
        elsewhere = typed(capsys, command, "--runs", here / "runs", "--json")
        assert elsewhere.json["model"] == str(here / file)


def test_evaluate_says_what_evaluation_finds(trained, capsys):
    said = typed(capsys, "evaluate", "--part", "test", "--json")
    network, _ = load_network(f"{trained['run']}/model.safetensors")
    data = load("digits", dtype="float64").test
    found = evaluate(network, data, CrossEntropy())
    assert said.json["accuracy"] == found.accuracy == trained["test_accuracy"]
    assert said.json["confusion"] == found.confusion.tolist()
    assert said.json["recall"] == found.recall.tolist()
    assert f"({found.correct:,} of 359), cost {found.cost:.6g}" in said.out
    assert "for one last look" in said.out
    rows = said.out.splitlines()[4:14]
    assert [row.split()[0] for row in rows] == list("0123456789")
    assert [int(row.split()[1]) for row in rows] == found.confusion.sum(1).tolist()


def test_predict_answers_for_the_rows_asked_for(trained, capsys):
    said = typed(capsys, "predict", "--rows", "3,0", "--part", "test", "--json")
    network, _ = load_network(f"{trained['run']}/model.safetensors")
    data = load("digits", dtype="float64").test.rows([3, 0])
    outputs = network(data.x)
    assert said.json["rows"] == [3, 0]
    assert said.json["outputs"] == outputs.tolist()
    assert said.json["answers"] == [str(j) for j in outputs.argmax(1)]
    first = said.out.splitlines()[1].split()
    assert first[:3] == ["3", said.json["answers"][0], f"{outputs[0].max():.4f}"]
    assert first[5] == str(data.labels[0])
    everything = typed(capsys, "predict", "--rows", ":99999999999999", "--json").json
    assert everything["rows"] == list(range(180))


def test_inspect_shows_layers_formula_and_weights(trained, capsys):
    network, about = load_network(f"{trained['run']}/model.safetensors")
    plain = typed(capsys, "inspect", "--json")
    assert str(network) in plain.out and "outputs: 0, 1, 2" in plain.out
    assert plain.json["sizes"] == [64, 6, 10] and plain.json["about"] == about
    assert plain.json["weights_sha256"] == trained["weights_sha256"]
    text = typed(capsys, "inspect", "--formula", "python").out
    x = load("digits", dtype="float64").x[:1]
    found = eval(text, {**VOCABULARY, "x": x[0].tolist()})
    assert distance(found, network(x)[0]) < FORMULA
    latex = typed(capsys, "inspect", "--formula", "latex", "--json")
    assert latex.out.startswith("\\begin{aligned}\na^{(1)}_{1} &= \\max(0, ")
    assert latex.json["formula"] in latex.out
    unit = typed(capsys, "inspect", "--unit", "2.3", "--json")
    assert unit.json["w"] == network.w[2][3].tolist()
    assert unit.json["b"] == network.b[2][3]
    order = np.argsort(-np.abs(network.w[2][3]), kind="stable")
    lines = unit.out.splitlines()[2:8]
    assert [line.split()[0] for line in lines] == [str(k) for k in order]
    image = typed(capsys, "inspect", "--unit", "1.0").out.splitlines()
    assert len(image) == 10 and "".join(image[1:9]).strip(" +-") == ""


def test_trace_shows_every_number_of_the_page(trained, capsys):
    said = typed(capsys, "trace", "--row", "5", "--all", "--json")
    network, _ = load_network(f"{trained['run']}/model.safetensors")
    example = load("digits", dtype="float64").validation.rows([5])
    want = trace(network, CrossEntropy(), example.x, example.y)
    found = said.json
    assert found["row"] == 5 and found["cost"] == want.cost
    for l in (1, 2):
        for name in ("z", "a", "delta"):
            assert found[name][l] == getattr(want, name)[l][0].tolist()
        assert found["nabla_w"][l] == want.nabla.w[l].tolist()
        assert found["nabla_b"][l] == want.nabla.b[l].tolist()
    assert found["y"] == example.y[0].tolist()
    assert "layer 2 (output), 10 units, softmax" in said.out


def test_long_layers_are_cut_unless_all_is_asked_for(here, capsys):
    save_network("wide", Network([64, 20, 10]), {"name": "digits"})
    assert "... 4 more units (--all)" in typed(capsys, "trace", "wide").out
    assert "more units" not in typed(capsys, "trace", "wide", "--all").out


def test_data_lists_what_there_is(here, capsys):
    said = typed(capsys, "data", "--json")
    names = [one["name"] for one in said.json["data"]]
    assert names == [*DATASETS] and {"digits", "mnist", "fashion_mnist"} <= set(names)
    assert all(one["source"] in said.out for one in said.json["data"])
    assert "fashion_mnist    70,000  28×28" in said.out
    one = typed(capsys, "data", "digits", "--json")
    assert one.json["counts"] == {"train": 1258, "validation": 180, "test": 359}
    assert one.json["classes"] == list("0123456789")
    assert len(one.json["sha256"]) == 64
    assert "\n0        125          17    36" in one.out


def test_numbers_can_be_predicted_too(here, capsys):
    said = typed(
        capsys, "train", "--data", "waves", "--output", "identity", "--layers", "0",
        "--dropout", "0", "--eta", "0.2", "--json",
    )  # fmt: skip
    assert said.status == 0 and list(said.json) == KEYS
    assert said.json["test_accuracy"] is said.json["validation_accuracy"] is None
    assert "test: R² 1.0000, cost " in said.out and "weakest class" not in said.out
    found = typed(capsys, "evaluate", "--part", "test", "--json")
    assert found.json["r2"] > 0.9 and found.json["accuracy"] is None
    assert found.json["classes"] == [] and found.json["confusion"] is None
    answers = typed(capsys, "predict", "--rows", "0:3", "--json")
    assert answers.json["answers"] is None and len(answers.json["outputs"]) == 3
    titles = ["row", "output", "0", "output", "1", "true", "0", "true", "1"]
    assert answers.out.splitlines()[0].split() == titles
    for command in ("inspect", "trace"):
        assert typed(capsys, command).status == 0
    one = typed(capsys, "data", "waves", "--json")
    assert one.json["classes"] is None and "class " not in one.out


def test_data_without_other_parts_has_no_figures_of_them(here, capsys):
    words = ("train", "--data", "untested", "--epochs", "1", "--monitor", "none")
    said = typed(capsys, *words, "--json")
    assert said.json["test_accuracy"] is said.json["validation_accuracy"] is None
    assert "accuracy" not in said.out.rpartition("{")[0]


@pytest.mark.parametrize(
    "weight, commands",
    [(3e38, ["evaluate", "predict", "trace"]), (1e25, ["evaluate", "trace"])],
)
def test_json_never_holds_a_number_that_json_has_not(here, capsys, weight, commands):
    network = Network([64, 10], output="identity")
    network.w[1][:] = weight
    save_network("far", network, {"name": "digits", "cost": "quadratic"})
    for command in commands:
        said = typed(capsys, command, "far", "--json")
        assert said.status == 0
        assert "null" in said.out.splitlines()[-1] and said.json["model"] == "far"


def test_words_out_of_a_file_do_not_steer_the_terminal(here, capsys):
    assert typed(capsys, "train", "--data", "letters", "--epochs", "1").status == 0
    for command in ("evaluate", "predict", "inspect", "trace"):
        said = typed(capsys, command)
        assert said.status == 0 and "\x1b" not in said.out + said.err
    assert r"\x1b[31m[bold]red" in typed(capsys, "inspect").out
    assert refused(capsys, "evaluate", "\x1b[31m").endswith(r"nothing is at \x1b[31m.")


def test_other_classes_than_the_data_has_are_warned_of(trained, capsys):
    said = typed(capsys, "evaluate", "--data", "letters")
    assert said.status == 0
    assert said.err.startswith("warning: the network knows other classes than letters")


def test_network_without_a_word_about_it_is_shown(here, capsys):
    save_network("bare", Network([64, 10]))
    words = "bare does not say what it was trained on. Name the data: --data digits."
    for command in ("evaluate", "predict", "trace"):
        assert refused(capsys, command, "bare") == words
        assert typed(capsys, command, "bare", "--data", "digits").status == 0
    assert "outputs:" not in typed(capsys, "inspect", "bare").out


def test_version_and_help(capsys):
    said = typed(capsys, "--version")
    assert said.status == 0 and said.out.startswith("pellucid 0.")
    helped = typed(capsys)
    assert helped.status == 0 and helped.out == typed(capsys, "--help").out
    for command in ("train", "evaluate", "predict", "inspect", "trace", "data"):
        assert f"\n  {command} " in helped.out
        assert "..." not in helped.out.partition("Commands:")[2]
        assert "--json" in typed(capsys, command, "--help").out


def test_figures_of_the_test_part_come_with_wilsons_interval(trained, capsys):
    with open(f"{trained['run']}/run.json") as file:
        result = json.load(file)["result"]
    correct, count = result["test_correct"], result["test_count"]
    assert (correct / count, count) == (trained["test_accuracy"], 359)
    want = binomtest(correct, count).proportion_ci(method="wilson")
    low, high = result["test_interval"]
    assert abs(low - want.low) < CLOSED and abs(high - want.high) < CLOSED


@pytest.mark.parametrize(
    "text, rows",
    [
        ("3", [3]),
        ("0:3", [0, 1, 2]),
        (":2", [0, 1]),
        ("8:", [8, 9]),
        ("8:99", [8, 9]),
        ("9,1, 1", [9, 1, 1]),
    ],
)
def test_rows_out_of_their_text(text, rows):
    assert options.rows(text, 10) == rows


def test_rate_is_short():
    assert [show._short(rate) for rate in (3.2, 9_999, 147_600)] == [
        "3",
        "9,999",
        "148k",
    ]


def test_a_network_of_perceptrons_is_evaluated_though_it_cant_be_trained(here, capsys):
    network = Network([64, 30, 10], "step", "softmax", seed=2)
    save_network("perceptrons", network, {"name": "digits"})
    said = typed(capsys, "evaluate", "perceptrons", "--json")
    part = load("digits").validation
    a = network(part.x)
    right = int((a.argmax(1) == part.labels).sum())
    assert f"accuracy {100 * right / 180:.2f}% ({right} of 180), cost " in said.out
    _, z = feedforward(network, part.x)[0][1:]
    assert distance(said.json["cost"], CrossEntropy()(z, a, part.y).mean()) < CLOSED
    save_network("hard", Network([64, 10], output="step"), {"name": "digits"})
    assert typed(capsys, "evaluate", "hard", "--json").json["cost"] > 0
