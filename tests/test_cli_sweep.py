"""`pellucid sweep`: which value is best, and what can't be told from it."""

import csv
import doctest
import math
import re
import threading
from pathlib import Path

import numpy as np
import pytest

from command_line import refused, typed, waves
from pellucid import InputError, Network, load, settings, train
from pellucid.plots import SweepDisplay
from pellucid.recipes import TRAIN_WORDS
from pellucid.sweeps.grid import parse
from pellucid.sweeps.sweep import Group, Sweep
from pellucid.training import Report

SHORT = ("--epochs", 2, "--layers", 8)


@pytest.fixture
def at(tmp_path, monkeypatch):
    """A folder of its own to write into."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def lines(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_a_sweep_writes_each_run_and_a_figure_and_says_the_best(at, capsys):
    words = ("--vary", "layers=1,30,16x16", "--seeds", 2, "--epochs", 4, "--json")
    said = typed(capsys, "sweep", *words, "--to", at / "w")
    assert said.status == 0, said
    found = lines(at / "w.csv")
    assert [(line["layers"], line["seed"]) for line in found] == [
        (layers, seed) for layers in ("1", "30", "16x16") for seed in "01"
    ]
    assert {line["epochs"] for line in found} == {"4"}
    assert (at / "w.png").read_bytes().startswith(b"\x89PNG")
    by_layers = {}
    for line in found:
        by_layers.setdefault(line["layers"], []).append(float(line["accuracy"]))
    groups = said.json["groups"]
    for group, figures in zip(groups, by_layers.values(), strict=True):
        assert group["figures"] == figures
        assert group["mean"] == pytest.approx(np.mean(figures))
        assert group["spread"] == pytest.approx(np.std(figures, ddof=1))
    best = max(groups, key=lambda group: group["mean"])["values"]
    assert said.json["best"] == best != {"layers": [1]}
    assert "Best validation accuracy with layers=" in said.out
    assert "6 networks, layers 1, 30, 16x16; 2 seeds each" in said.out
    assert sorted(path.name for path in at.iterdir()) == ["w.csv", "w.png"]


def test_a_run_of_a_sweep_is_the_same_training_alone(at, capsys, digits):
    words = ("--vary", "eta=0.01,0.1", "--seeds", 2, "--seed", 5, *SHORT)
    assert typed(capsys, "sweep", *words).status == 0
    for line in lines(at / "sweep.csv"):
        eta, seed = float(line["eta"]), int(line["seed"])
        chosen = settings(None, digits, layers=[8], epochs=2, eta=eta, seed=seed)
        network = Network([64, 8, 10], seed=seed)
        *_, last = train(network, digits, **{w: chosen[w] for w in TRAIN_WORDS})
        assert float(line["accuracy"]) == last.accuracy
        assert float(line["cost"]) == last.monitor_cost
        assert int(line["parameters"]) == network.parameters.theta.size
    assert {line["seed"] for line in lines(at / "sweep.csv")} == {"5", "6"}


def test_seeds_alone_say_whether_the_start_matters(at, capsys):
    said = typed(capsys, "sweep", "--seeds", 4, *SHORT)
    assert "The start alone moves the validation accuracy: " in said.out
    listed = typed(capsys, "sweep", "--vary", "seed=3,9", *SHORT)
    assert listed.status == 0
    assert [line["seed"] for line in lines(at / "sweep.csv")] == ["3", "9"]


def test_a_diverged_value_is_told_and_the_others_stand(at, capsys):
    words = ("--output", "identity", "--optimizer", "sgd", "--schedule", "none")
    said = typed(
        capsys, "sweep", "--vary", "eta=0.01,1e30", *SHORT, *words, "--seeds", 2
    )
    assert said.status == 0, said
    assert "2 diverged" in said.out and "with eta=0.01:" in said.out
    assert [line["diverged"] for line in lines(at / "sweep.csv")] == [
        *("no", "no", "yes", "yes")
    ]
    assert [line["accuracy"] for line in lines(at / "sweep.csv")][2:] == ["", ""]
    said = typed(capsys, "sweep", "--vary", "eta=1e30,1e32", *SHORT, *words)
    assert said.status == 0 and "Every value diverged in some run." in said.out
    assert "no figure: a figure of a sweep needs at least one run" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--vary", "etta=1"), "Did you mean 'eta'"),
        (("--vary", "eta"), "vary must be like eta=0.1,1,10; got 'eta'"),
        (("--vary", "eta="), "Give the setting at least one value"),
        (("--vary", "eta=1,fast"), "eta must be a number or none; got 'fast'"),
        (("--vary", "eta=1,,2"), "eta must be a number or none; got ''"),
        (("--vary", "eta=1,1.0"), "each value once; got one twice"),
        (("--vary", "eta=1", "--vary", "eta=2"), "got eta twice"),
        (("--vary", "eta=1,2", "--eta", "1"), "eta must be varied or be the same"),
        (("--vary", "data=digits,mnist"), "data can't be varied"),
        (("--vary", "test=0.1,0.2"), "test can't be varied"),
        (("--vary", "monitor=test,train"), "monitor can't be varied"),
        (("--monitor", "test"), "The test part is for the one network that is chosen"),
        (("--vary", "eta=1,2", "--seeds", "0"), "seeds must be"),
        (("--seeds", "1"), "at least two runs; got one value and one seed"),
        (("--seeds", "20000"), "at most 10,000 runs (limit NETWORKS); got 20,000"),
        (("--to", "nowhere/x"), "to must be a name in a folder that exists"),
        (("--vary", "hidden=relu,rellu"), "Did you mean 'relu'"),
        (("--vary", "batch_size=1,5000"), "at most the number of training examples"),
        (("digits", "--data", "mnist"), "data must be named once"),
        (("--threads", "0"), "threads must be"),
    ],
)
def test_mistakes_are_told_in_a_sentence(at, capsys, words, sentence):
    assert sentence in refused(capsys, "sweep", *words)
    assert not list(at.iterdir())


def test_a_parsed_grid_has_values_of_the_right_types():
    assert parse(["eta=0.5,1e-3", "layers=30,16x16,0", "batch-size=8,16"]) == {
        "eta": [0.5, 1e-3],
        "layers": [[30], [16, 16], []],
        "batch_size": [8, 16],
    }
    assert parse(["patience=none,3"]) == {"patience": [None, 3]}


def finished(digits, figures, count=10_000):
    """A sweep over hidden layers whose runs ended with these accuracies, (k, seeds)."""
    varied = {"layers": [[n] for n in range(1, len(figures) + 1)]}
    return told(Sweep(digits, varied, range(len(figures[0]))), figures, count)


def told(sweep, figures, count):
    """The sweep, its runs now at these accuracies."""
    for number, share in enumerate(np.ravel(figures)):
        report = Report(1, 9, 0.1, 1.0, 1.0, monitor="validation", monitor_cost=1.0,
                        correct=round(count * share), count=count)  # fmt: skip
        sweep.runs[number] = sweep.runs[number].told(report)
    return sweep


def test_what_differs_by_more_than_the_seeds_do_is_told_apart(digits):
    figures = [[0.950, 0.952, 0.948, 0.951], [0.951, 0.949, 0.952, 0.950],
               [0.90, 0.91, 0.905, 0.902], [0.3, 0.9, 0.5, 0.7]]  # fmt: skip
    sweep = finished(digits, figures)
    assert sweep.best.values == {"layers": [2]}
    assert [group.values["layers"] for group in sweep.within_noise()] == [[1], [4]]
    assert sweep.answer().endswith(
        "Within noise of it: layers=1 and layers=4. "
        "The smallest of these: layers=1, with 85 parameters instead of 160."
    )
    assert "95.05% ± 0.13% over 4 seeds" in sweep.answer()
    near = finished(digits, figures[:2]).answer()
    assert near.startswith("Best validation accuracy with layers=2:")
    assert "All others are within noise of it. The smallest of these: layers=1" in near
    first = finished(digits, figures[1::-1]).answer()
    assert first.startswith("Best validation accuracy with layers=1:")
    assert first.endswith("All others are within noise of it.")
    far = finished(digits, figures[1:3]).answer()
    assert far.endswith("No other value is within noise of it.")


@pytest.mark.parametrize("rounds", [60, pytest.param(400, marks=pytest.mark.slow)])
def test_of_equal_values_one_is_told_apart_once_in_twenty(digits, rounds):
    random, wrong = np.random.RandomState(0), 0
    sweep = finished(digits, np.full((5, 4), 0.9))
    for _ in range(rounds):
        told(sweep, 0.9 + 0.01 * random.standard_normal((5, 4)), count=10**6)
        wrong += len(sweep.within_noise()) < 4
    assert wrong <= 0.1 * rounds  # at most 1 in 20 is promised


def test_with_one_seed_the_number_of_examples_says_what_is_noise(digits):
    figures = [[0.95], [0.945], [0.90]]
    sweep = finished(digits, figures, count=1000)  # a standard error of 0.0069
    assert [group.values["layers"] for group in sweep.within_noise()] == [[2]]
    assert math.isnan(sweep.best.spread)
    assert not finished(digits, figures, count=10**6).within_noise()


def test_numbers_to_be_predicted_are_compared_by_cost():
    data = waves(None, "float32")
    sweep = Sweep(data, {"layers": [[1], [20]]}, (0, 1), output="identity", epochs=30)
    for _ in sweep.train():
        pass
    costs = [run.report.monitor_cost for run in sweep.runs]
    assert sweep.best.values == {"layers": [20]} and not sweep.by_accuracy
    assert sweep.best.mean == pytest.approx(np.mean(costs[2:]))
    assert sweep.answer().startswith("Best validation cost with layers=20: ")
    shown = SweepDisplay.from_sweep(sweep)
    assert shown.of == "cost" and "cost" in shown.alt
    one = Sweep(data, {"layers": [[1], [20]]}, output="identity", epochs=1)
    for _ in one.train():
        pass
    assert one.answer().endswith("One seed does not say how much is chance: --seeds 5.")
    with pytest.raises(InputError, match="values are compared by the cost"):
        Sweep(data, {"cost": ["quadratic", "mae"]}, output="identity")


def test_with_patience_the_best_epoch_is_what_counts(digits):
    sweep = Sweep(digits, {"eta": [0.05, 0.5]}, patience=2, layers=[8], epochs=12)
    reports = {0: [], 1: []}
    for number in sweep.train():
        reports[number].append(sweep.runs[number].report.accuracy)
    for number, run in enumerate(sweep.runs):
        network = sweep.networks[number]
        part = digits.validation
        share = float((network(part.x).argmax(1) == part.labels).mean())
        assert run.figure == pytest.approx(share) == max(reports[number])


def test_the_figure_holds_every_run_and_a_log_axis_where_values_are_spaced_so(digits):
    varied = {"layers": [[1], [10], [100]], "hidden": ["relu", "tanh"]}
    sweep = Sweep(digits, varied, (0, 1, 2), epochs=1)
    for _ in sweep.train():
        pass
    shown = SweepDisplay.from_sweep(sweep)
    assert shown.lines == ("hidden=relu", "hidden=tanh")
    assert shown.figures.shape == (2, 3, 3) and shown.logarithmic
    assert shown.x.tolist() == [1, 10, 100]
    for run, figure in zip(
        sweep.runs, shown.figures.swapaxes(0, 1).ravel(), strict=True
    ):
        assert run.figure == figure
    line, value = shown.best
    assert shown.values[value] == str(sweep.best.values["layers"][0])
    assert shown.lines[line] == f"hidden={sweep.best.values['hidden']}"
    drawn = shown.plot().ax_
    assert drawn.get_xscale() == "log"
    words = [SweepDisplay.from_sweep(finished(digits, [[0.5]] * k)) for k in (2, 9)]
    assert not any(each.logarithmic for each in words)


def test_a_figure_with_too_many_lines_is_refused(digits):
    varied = {"layers": [[1], [2]], "batch_size": list(range(10, 17))}
    sweep = Sweep(digits, varied, epochs=1)
    with pytest.raises(InputError, match="needs at least one run that has ended well"):
        SweepDisplay.from_sweep(sweep)
    for _ in sweep.train():
        pass
    with pytest.raises(InputError, match="at most 6 lines; got 7 combinations beside"):
        SweepDisplay.from_sweep(sweep)


def test_a_group_that_has_not_begun_has_no_figures():
    group = Group({}, np.array([np.nan, np.nan]), 1, 0.0, 0, 0)
    assert math.isnan(group.mean) and math.isnan(group.spread)


def test_ctrl_c_keeps_what_is_known_and_says_how_to_get_the_rest(
    at, capsys, monkeypatch
):
    def pressed(steps, shown):
        for number, step in enumerate(steps):
            if number == 12:
                raise KeyboardInterrupt
            yield step

    monkeypatch.setattr("pellucid.cli.sweep.live", pressed)
    words = ("--vary", "eta=0.01,1e30", "--seeds", 2, "--epochs", 9)
    words += ("--output", "identity", "--optimizer", "sgd", "--schedule", "none")
    said = typed(capsys, "sweep", *words, "--threads", 1)
    assert said.status == 130
    assert "pellucid: Interrupted when 2 of 4 networks had ended." in said.err
    assert "sweep.csv holds how far each is." in said.err
    assert "For an answer type the same again" in said.err
    assert "0 of 2 ended" in said.out and "2 diverged" in said.out
    assert "Best" not in said.out
    found = lines(at / "sweep.csv")
    assert [line["ended"] for line in found] == ["no", "no", "yes", "yes"]
    assert all(0 < int(line["epochs"]) < 9 for line in found[:2])
    assert [path.name for path in at.iterdir()] == ["sweep.csv"]
    assert not [t for t in threading.enumerate() if t.name.startswith("pellucid-")]


def test_a_run_has_ended_after_its_last_epoch_or_when_patience_is_over(digits):
    sweep = Sweep(digits, {"eta": [0.05, 0.5]}, patience=2, layers=[8], epochs=40)
    assert not any(run.ended for run in sweep.runs)
    seen = {0: [], 1: []}
    for number in sweep.train():
        seen[number].append(sweep.runs[number].ended)
    for number, run in enumerate(sweep.runs):
        assert seen[number] == [False] * (len(seen[number]) - 1) + [True]
        assert run.epochs == 40 or run.epochs == run.report.epoch + 2
    assert [group.ended for group in sweep.groups] == [1, 1]


PAGE = Path(__file__).parents[1] / "docs" / "sweeps.md"


@pytest.mark.slow
@pytest.mark.parametrize(
    "block", re.findall(r"```console\n\$ pellucid (.*?)```", PAGE.read_text(), re.S)
)
def test_the_page_quotes_what_is_said(block, at, capsys):
    command, _, quoted = block.partition("\n")
    said = re.sub(r" +$", "", typed(capsys, *command.split()).out, flags=re.M)
    pattern = re.escape(quoted.strip()).replace(re.escape("..."), "(?s:.*?)")
    assert re.search(f"^{pattern}$", said.strip(), re.M), said


def test_the_pages_python_runs():
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    example = doctest.DocTestParser().get_doctest(block, {}, "the page", "", 0)
    assert len(example.examples) > 4
    assert doctest.DocTestRunner().run(example).failed == 0
