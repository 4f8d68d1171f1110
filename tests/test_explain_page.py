"""`pellucid explain`: every kind, its figure and its JSON; docs/explain.md is true."""

import csv
import doctest
import re
from pathlib import Path

import numpy as np
import pytest

from command_line import refused, typed
from pellucid import load
from pellucid.cli.explain import KINDS
from tolerances import DIFFERENCE, distance

PAGE = (Path(__file__).parents[1] / "docs" / "explain.md").read_text()


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """A folder with a table of scikit-learn's, where the page's commands are typed."""
    from sklearn.datasets import load_diabetes

    folder = tmp_path_factory.mktemp("explain")
    found = load_diabetes(scaled=False)
    with open(folder / "diabetes.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*found.feature_names, "target"])
        writer.writerows(np.column_stack([found.data, found.target]))
    return folder


@pytest.fixture
def here_too(at, here, monkeypatch):
    monkeypatch.chdir(at)
    return at


@pytest.mark.slow
def test_the_page_quotes_what_is_said(here_too, capsys):
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.S)
    quoted_kinds = set(re.findall(r"^\$ pellucid explain (\w+)", PAGE, re.M))
    assert quoted_kinds == KINDS.keys() and len(blocks) == 5
    for block in blocks:
        for call in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, quoted = call.partition("\n")
            said = typed(capsys, *command.removeprefix("pellucid ").split())
            assert said.status == 0, said
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            same = doctest.OutputChecker().check_output(quoted, said.out, flags)
            assert same, said.out
    for name in re.findall(r"--figure (\w+\.png)", PAGE):
        assert (here_too / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", ["digits", "diabetes"])
def test_every_kind_has_a_figure_and_json(kind, data, here_too, capsys):
    if not (here_too / data).exists():
        words = ("digits",) if data == "digits" else ("diabetes.csv", "--target", "-1")
        made = typed(capsys, "train", *words, "--layers", "12,8", "--epochs", 5,
                     "--runs", data)  # fmt: skip
        assert made.status == 0, made
    more = ("--column", "3") if kind == "dependence" else ()
    said = typed(capsys, "explain", kind, *more, "--runs", data, "--json",
                 "--examples", 60, "--figure", f"{kind}.png")  # fmt: skip
    assert said.status == 0 and said.json["kind"] == kind and len(said.json["alt"]) > 40
    assert (here_too / f"{kind}.png").read_bytes().startswith(b"\x89PNG")
    if kind in ("importance", "neurons", "pruning"):
        count = 180 if data == "digits" else 44
        lots = f"60 of {count} examples drawn by lot"
        assert (lots if count > 60 else f"{count} examples") in said.out
    if kind == "attribution":
        values, gain = said.json["values"], said.json["gain"]
        off = abs(sum(values[0]) - gain[0]) / abs(gain[0])
        assert off <= said.json["completeness_error"] + DIFFERENCE < 0.01
    if kind == "neurons":
        assert [len(each) for each in said.json["without"]][:2] == [12, 8]


def test_rows_of_the_strongest_are_those_of_the_part(here_too, capsys):
    from pellucid import load_network
    from pellucid.runs import latest

    typed(capsys, "train", "--layers", 6, "--epochs", 2, "--runs", "six")
    said = typed(capsys, "explain", "neurons", "--runs", "six", "--examples", 50,
                 "--json").json  # fmt: skip
    network, _ = load_network(latest("six") / "model.safetensors")
    x = load("digits").validation.x
    a = np.maximum(x @ network.w[1].T + network.b[1], 0)
    rows = said["strongest"][0][2]
    assert (np.diff(a[rows, 2]) <= 0).all() and max(rows) > 50
    one = typed(capsys, "explain", "neuron", "--unit", 2, "--runs", "six",
                "--examples", 50, "--json").json  # fmt: skip
    assert one["strongest"] == rows and distance(one["weights"], network.w[1][2]) == 0


def test_another_output_can_be_explained(here_too, capsys):
    typed(capsys, "train", "--layers", 6, "--epochs", 2, "--runs", "six")
    words = ("explain", "attribution", "--runs", "six", "--rows", "0:3", "--json")
    said = typed(capsys, *words, "--output", "7").json
    assert said["explained"] == ["7"] * 3 and len(said["values"][0]) == 64
    assert "got 'seven'" in refused(capsys, *words[:-1], "--output", "seven")


def test_mistakes_are_told_in_a_sentence(here_too, capsys):
    typed(capsys, "train", "--layers", 6, "--epochs", 2, "--runs", "six")
    for words, sentence in {
        (): "explain must be given a run (or none: the latest) and a kind; got 0",
        ("importances",): "Did you mean 'importance'?",
        ("dependence",): "must be asked of one column: --column NAME",
        ("neuron", "--unit", 9): "unit must be a whole number",
        ("neurons", "--examples", 1): "examples must be a whole number and >= 2",
    }.items():
        assert sentence in refused(capsys, "explain", *words, "--runs", "six")
    words = ("explain", "probes", "--runs", "diabetes", "--data", "diabetes.csv")
    typed(capsys, "train", "diabetes.csv", "--target", "-1", "--layers", "12,8",
          "--epochs", 1, "--runs", "diabetes")  # fmt: skip
    assert "diabetes has none. Leave --data out" in refused(capsys, *words)
