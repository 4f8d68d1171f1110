"""`pellucid tune`: what it says, writes, keeps and prints to be typed next."""

import csv
import doctest
import json
import re
import shlex
import signal
from pathlib import Path

import numpy as np
import pytest

from command_line import once, refused, typed
from pellucid import load
from pellucid.cli import work
from pellucid.cli.tune import as_lines
from pellucid.plots import TuningDisplay
from pellucid.tuning import Tuning
from plotted import tuned
from tolerances import CLOSED

SHORT = ("--epochs", 4, "--layers", 16, "--folds", 3)
WORSE = (*SHORT, "--l2", 0.3)
"""With a penalty that is a thousand times too large."""


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_what_is_found_is_told_written_and_can_be_typed(at, capsys):
    said = typed(capsys, "tune", "digits", *WORSE, "--json")
    assert said.status == 0, said
    assert said.json["gains"] and said.json["changes"].keys() == {"l2"}
    assert said.json["answer"] in said.out
    alpha = said.json["changes"]["l2"]
    assert f"Train it: {said.json['line']}" in said.out
    words = shlex.split(said.json["line"])
    assert words[:3] == ["pellucid", "train", "digits"]
    assert words[words.index("--l2") + 1] == str(alpha)
    run = typed(capsys, *words[1:], "--json").json["run"]
    settings = json.loads((at / run / "settings.json").read_text())
    assert (settings["l2"], settings["layers"], settings["epochs"]) == (alpha, [16], 4)
    found = lines(at / "tune.csv")
    assert [line["alpha"] for line in found] == [
        "", "1e-06", "1e-05", "0.0001", "0.001", "0.01", "0.1",
    ]  # fmt: skip
    for line, trial in zip(found, said.json["trials"], strict=True):
        scores = [line[f"fold {k}"] for k in (1, 2, 3) if line[f"fold {k}"]]
        assert np.allclose(np.array(scores, float), trial["scores"], atol=CLOSED)
        assert line["state"] == trial["state"]
    assert (at / "tune.png").read_bytes().startswith(b"\x89PNG")


def test_where_nothing_is_gained_the_default_is_trained(at, capsys):
    words = ("--over", "alpha=1e-7,1e-8", "--to", "t", "--train", "--runs", "r")
    said = typed(capsys, "tune", "digits", *SHORT, *words, "--json")
    assert said.status == 0, said
    assert said.json["changes"] == {} and "Tuning gains nothing" in said.out
    assert said.json["line"] == "pellucid train digits --layers 16 --epochs 4"
    settings = json.loads((at / said.json["run"] / "settings.json").read_text())
    assert settings["l2"] == 1e-4
    assert Path(said.json["run"]).parent == Path("r")


def test_a_table_is_tuned_and_its_words_are_in_the_line(at, capsys, here):
    random = np.random.RandomState(0)
    x = random.standard_normal((120, 2))
    text = "\n".join(f"{a:.4f},{b:.4f},{a - 2 * b:.4f}" for a, b in x)
    (at / "my table.csv").write_text(f"a,b,y\n{text}\n")
    words = ("--target", "y", "--over", "depth,eta=0.001,0.01", "--epochs", 5)
    said = typed(capsys, "tune", "my table.csv", *words, "--folds", 3, "--json")
    assert said.status == 0, said
    assert said.json["measure"] == "r2" and "R²" in said.out
    train = shlex.split(said.json["line"])
    assert train[2] == "my table.csv" and train[train.index("--target") + 1] == "y"
    assert typed(capsys, *train[1:]).status == 0


def interrupting(monkeypatch, error):
    """An interrupt in the second batch."""
    whole = Tuning.run

    def run(self, *words):
        for trial in whole(self, *words):
            yield trial
            if self.batches == 1:
                raise error

    monkeypatch.setattr(Tuning, "run", run)


OVER = ("--over", "alpha,width=4,8,16", "--trials", 12, "--to")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What a tuning that is not interrupted ends with."""
    to = tmp_path_factory.mktemp("whole") / "t"
    return once("tune", "digits", *WORSE, *OVER, to, "--json").json


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_was_found_and_it_can_be_gone_on_with(
    at, capsys, monkeypatch, whole, number
):
    error = KeyboardInterrupt() if number == signal.SIGINT else work.Signalled(number)
    with monkeypatch.context() as patch:
        interrupting(patch, error)
        said = typed(capsys, "tune", "digits", *WORSE, *OVER, "t")
    assert said.status == 128 + number
    assert re.search(r"when \d+ of 12 trials had ended; t.csv holds them", said.err)
    assert "--resume" in said.err and "default" in said.out
    done = len(json.loads((at / "t.json").read_text())["trials"])
    assert done == 9 and len(lines(at / "t.csv")) > done
    words = (*WORSE, *OVER, "t", "--resume", "--json")
    again = typed(capsys, "tune", "digits", *words).json
    assert timeless(again) == timeless(whole)


def timeless(found):
    """What was found, without what a clock measured or where it was written to."""
    trials = [{**trial, "seconds": 0.0} for trial in found["trials"]]
    return {**found, "trials": trials, "csv": ""}


def test_a_limit_is_for_the_whole_command(at, capsys):
    said = typed(capsys, "tune", "digits", "--over", "width,eta", "--time", 4)
    assert said.status == 0, said
    assert re.search(r"Train it: pellucid train digits", said.out)
    said = typed(capsys, "tune", "digits", "--time", 0.5)
    assert said.status == 0 and "The time was over before anything" in said.out
    assert "no figure: a figure of a tuning needs one trial" in said.err


def test_mistakes_are_told_in_one_sentence(at, capsys):
    for words, said in (
        (("digits", "--over", "alhpa"), "over must be one of the known names; got 'al"),
        (("digits", "--data", "mnist"), "data must be named once; got digits and --da"),
        (("digits", "--time", 0), "time must be a finite number and > 0; got 0.0."),
        (("digits", "--to", "no/such"), "to must be a name in a folder that exists;"),
        (("digits", "--folds", 1), "folds must be a whole number and >= 2"),
        (("digits", "--patience", 3), "patience must be none where settings are"),
        (("digits", "--recipe", "sklearn"), "patience must be none where settings"),
        (("nowhere.csv",), "nowhere.csv"),
    ):
        assert said in refused(capsys, "tune", *words), words
    assert "none.json" in refused(capsys, "tune", "digits", "--resume", "--to", "none")
    assert not list(at.iterdir())


def test_the_table_shows_the_default_first_and_then_the_best():
    cells = [list(column.cells) for column in as_lines(tuned()).columns]
    assert [str(cell) for cell in cells[0][:2]] == ["default", "best"]
    assert len(cells[0]) <= 13


def test_a_figure_has_a_panel_for_each_setting_and_marks_the_best():
    found = tuned()
    display = TuningDisplay.from_tuning(found)
    assert display.names == ("alpha", "width")
    assert display.values == (("0.0001", "0.1"), ("4", "16"))
    assert "Gain of accuracy over the default" in display.alt
    place = display.places[display.best]
    assert {n: found.over[n][k] for n, k in zip(found.over, place, strict=True)} == (
        found.best.values
    )
    axes = display.plot().axes_
    assert [ax.get_title(loc="left") for ax in axes] == ["alpha", "width"]
    for ax in axes:
        low, high = ax.get_ylim()
        for line in ax.lines:
            assert ((line.get_ydata() >= low) & (line.get_ydata() <= high)).all()


@pytest.mark.slow
def test_the_commands_on_the_page_say_what_it_says(at, capsys):
    page = Path(__file__).parents[1] / "docs" / "tuning.md"
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(), re.S)
    assert len(blocks) >= 2
    for block in blocks:
        command, _, quoted = block.partition("\n")
        said = typed(capsys, *shlex.split(command.removeprefix("$ pellucid ")))
        assert said.status == 0, said
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert doctest.OutputChecker().check_output(quoted, said.out, flags), said.out


def test_without_a_file_it_is_the_digits(at, capsys):
    said = typed(capsys, "tune", *SHORT, "--over", "alpha=0.1,0.01", "--trials", 2)
    assert said.out.startswith(f"digits: {len(load('digits')):,} examples")
