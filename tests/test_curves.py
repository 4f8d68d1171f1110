"""`pellucid learning-curve` and `width-curve`: how much data, and how many neurons."""

import csv
import math

import numpy as np
import pytest

from command_line import refused, typed
from pellucid import Dataset, InputError, load, split
from pellucid.cli import compare as command
from pellucid.cli import curves
from pellucid.comparison import (
    NETWORK,
    Comparison,
    Fit,
    LearningCurve,
    WidthCurve,
    fewer,
)
from pellucid.plots import LearningCurveDisplay, WidthCurveDisplay
from tolerances import CLOSED

SMALL = ("--amounts", "50,150", "--splits", 2, "--epochs", 3, "--models", "linear")


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def digits(seed):
    return split(load("digits"), seed=seed)


def made(**scores):
    """A curve with these scores: of each model a list an amount, one a split."""
    found = LearningCurve(digits, (100, 200), range(3), ["linear", "svm"])
    for model, each in scores.items():
        for amount, values in zip((100, 200), each, strict=True):
            for seed, score in enumerate(values):
                fit = Fit(model, seed, score, 0.1, 1.0, 1.0, amount, 150)
                found.fits.append(fit)
    return found


def test_each_amount_is_what_a_comparison_on_it_gives():
    found = LearningCurve(digits, [100], range(2), ["linear"], epochs=3)
    assert list(found.run()) == found.fits
    assert found.amounts == [100, 1258] and len(found.fits) == 2 * 2 * 2
    for amount in found.amounts:
        alone = Comparison(
            lambda seed, amount=amount: fewer(digits(seed), amount),
            range(2), ["linear"], epochs=3,
        )  # fmt: skip
        for _ in alone.run():
            pass
        for model in (NETWORK, "linear"):
            assert found.at(amount).scores(model) == alone.scores(model)


def test_all_rows_come_last_and_amounts_beyond_them_are_left_out():
    found = LearningCurve(digits, [50_000, 30, 30], range(2), ["linear"], epochs=1)
    for _ in found.run():
        pass
    assert found.amounts == [30, 1258]
    assert (np.diff(found.mean("linear")) > 0).all()


def test_whether_a_model_still_gains_is_told():
    grows = [[0.80, 0.81, 0.80], [0.90, 0.91, 0.91]]
    stays = [[0.80, 0.83, 0.81], [0.82, 0.80, 0.84]]
    found = made(network=grows, svm=stays)
    assert found.saturated(NETWORK) is False and found.saturated("svm") is True
    gain, p = found.gain(NETWORK)
    assert gain == pytest.approx(0.31 / 3, rel=CLOSED) and p < 0.05
    assert found.answer() == (
        "From 100 to 200 training rows gain more than chance: network (+10.33 points); "
        "nothing that can be told: svm (+0.67 points). Best with all of them: network, "
        "90.67% ± 0.58%. The network is the best from 200 rows on."
    )
    perhaps = made(svm=[[0.8, 0.83, 0.81], [0.84, 0.84, 0.86]])
    assert perhaps.saturated("svm") is None
    assert "rows gain what may be chance: svm (+3.33 points)" in perhaps.answer()
    assert "no doubling" in made().answer() and made().saturated("svm") is None


def test_many_networks_may_have_data_of_their_own():
    from pellucid import Network
    from pellucid.training.population import train_all

    data = [fewer(digits(0), 100), fewer(digits(0), 300)]
    networks = [Network([64, 8, 10]) for _ in range(3)]
    several = [data[0], data[1], data[0]]
    for _ in train_all(networks, several, epochs=2):
        pass
    weights = [network.parameters.theta.tobytes() for network in networks]
    assert weights[0] == weights[2] != weights[1]
    with pytest.raises(InputError, match="one a network, 3; got 2"):
        next(train_all(networks, data))


def test_wider_remembers_more():
    found = WidthCurve(digits(0), [30, 1, 5], range(2), epochs=20)
    ended = list(found.run())
    assert ended == found.points and len(ended) == 6
    assert found.known == [1, 5, 30]
    means = [found.mean(width, "train") for width in found.known]
    assert means == sorted(means) and means[-1] > 0.9
    size = {one.width: one.parameters for one in found.points}
    assert size == {w: 65 * w + 10 * (w + 1) for w in found.known}
    assert all(one.seconds > 0 for one in found.points)
    assert "30 neurons" in found.answer()
    assert "narrower one is worse by more than chance" in found.answer()


def test_a_network_that_stops_early_or_diverges_has_its_place():
    found = WidthCurve(digits(0), [2, 4], range(1), epochs=30, patience=1, eta=0.5)
    assert len(list(found.run())) == 2
    lost = WidthCurve(digits(0), [2, 4], range(1), epochs=1, eta=1e30)
    assert all(math.isnan(one.test) for one in lost.run())
    assert lost.known == [] and "no curve yet" in lost.answer()
    with pytest.raises(InputError, match="two widths at least; got 0"):
        WidthCurveDisplay.from_curve(lost)


def test_numbers_have_curves_of_r2():
    random = np.random.RandomState(0)
    x = random.standard_normal((300, 3))
    data = split(Dataset.from_arrays(x, x.sum(1, keepdims=True), name="sums"))
    wide = WidthCurve(data, [1, 8], range(2), epochs=100)
    for _ in wide.run():
        pass
    assert "R²" in wide.answer() and wide.mean(8) > 0.9
    found = LearningCurve(lambda seed: data, [50], range(2), ["linear"], epochs=5)
    for _ in found.run():
        pass
    assert found.mean("linear")[-1] == pytest.approx(1.0)
    assert "R²" in found.answer()
    assert LearningCurveDisplay.from_curve(found).render().startswith(b"\x89PNG")


def test_learning_curve_writes_a_line_a_fit_and_a_figure(at, capsys):
    said = typed(capsys, "learning-curve", *SMALL, "--json")
    assert said.status == 0, said
    lines = list(csv.DictReader((at / "learning-curve.csv").read_text().splitlines()))
    assert len(lines) == 3 * 2 * 2
    assert {line["train_rows"] for line in lines} == {"50", "150", "1258"}
    assert (at / "learning-curve.png").read_bytes().startswith(b"\x89PNG")
    assert said.json["amounts"] == [50, 150, 1258]
    for each in said.json["models"]:
        for amount, mean in zip(said.json["amounts"], each["mean"], strict=True):
            mine = [
                float(line["score"])
                for line in lines
                if (line["model"], line["train_rows"]) == (each["model"], str(amount))
            ]
            assert mean == pytest.approx(np.mean(mine), rel=CLOSED)
    assert said.json["answer"] in said.out


def test_width_curve_writes_a_line_a_network_and_a_figure(at, capsys):
    words = ("--widths", "2,10", "--seeds", 2, "--epochs", 3, "--rows", 200, "--json")
    said = typed(capsys, "width-curve", *words)
    assert said.status == 0, said
    lines = list(csv.DictReader((at / "width-curve.csv").read_text().splitlines()))
    assert [line["width"] for line in lines].count("10") == 2 and len(lines) == 4
    assert (at / "width-curve.png").read_bytes().startswith(b"\x89PNG")
    assert {one["parameters"] for one in said.json["points"]} == {160, 760}
    assert said.json["answer"] in said.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("learning-curve", "--amounts", "few"), "amounts must be whole numbers"),
        (("learning-curve", "--amounts", "3"), "amounts must be"),
        (("learning-curve", "--models", "magic"), "model must be one of"),
        (("learning-curve", "--splits", 1), "splits must be"),
        (("learning-curve", "--time", 0), "time must be"),
        (("learning-curve", "--rows", 1), "rows must be"),
        (("width-curve", "--widths", "0,1"), "widths must be"),
        (("width-curve", "--widths", "a"), "widths must be whole numbers"),
        (("width-curve", "--seeds", 0), "seeds must be"),
        (("width-curve", "--to", "no/where"), "to must be a name in a folder"),
    ],
)
def test_mistakes_are_told_in_a_sentence(at, capsys, words, sentence):
    assert sentence in refused(capsys, *words)


def test_layers_are_what_widths_say():
    with pytest.raises(InputError, match="layers can't be given"):
        WidthCurve(digits(0), [1, 2], layers=[3])


@pytest.mark.parametrize(
    ("where", "words", "sentence"),
    [
        (command, ("learning-curve", *SMALL), "2 of 12 fits had ended"),
        (curves, ("width-curve", "--widths", "2,3", "--epochs", 1), "2 of 6 fits had"),
    ],
)
def test_ctrl_c_keeps_what_is_known(at, capsys, monkeypatch, where, words, sentence):
    def pressed(steps, shown):
        for number, step in enumerate(steps):
            assert "of" in shown().caption
            if number == 1:
                raise KeyboardInterrupt
            yield step

    monkeypatch.setattr(where, "live", pressed)
    said = typed(capsys, *words)
    assert said.status == 130 and sentence in said.err
    assert len((at / f"{words[0]}.csv").read_text().splitlines()) == 3


def test_the_figures_need_two_points():
    with pytest.raises(InputError, match="two amounts at least; got 0"):
        LearningCurveDisplay.from_curve(made())
