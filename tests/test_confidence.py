"""Calibration: probabilities that are true, sets and intervals that hold the truth."""

import doctest
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from command_line import refused, typed
from pellucid import Dataset, InputError, Network, load, load_network, split, train
from pellucid.evaluation.confidence import confidence, logits, temperature_gain
from pellucid.mathematics.calibration import (
    TEMPERATURES,
    Calibration,
    best_temperature,
    log_loss,
    odds_against,
    quantiles,
    softmax,
)
from pellucid.plots import ConfidenceDisplay
from tolerances import CLOSED, DIFFERENCE, distance


def drawn(count, temperature, seed=0):
    """Logits that are too sure by a factor, and labels drawn by the true ones."""
    random = np.random.RandomState(seed)
    z = 2 * random.standard_normal((count, 4))
    edges = softmax(z).cumsum(1)
    labels = (random.rand(count, 1) > edges[:, :-1]).sum(1)
    return temperature * z, labels


@pytest.fixture(scope="module")
def digits():
    """A network on the digits, after a few epochs."""
    data = load("digits")
    network = Network([64, 32, 10])
    for _ in train(network, data, epochs=8):
        pass
    return network, data


def sines(rows=600, outputs=2):
    random = np.random.RandomState(1)
    x = random.standard_normal((rows, 3))
    y = np.stack([x.sum(1), np.sin(x[:, 0])], 1)[:, :outputs]
    noise = 0.3 * random.standard_normal(y.shape)
    data = split(Dataset.from_arrays(x, y + noise, name="sines"), validation=0.3)
    network = Network([3, 16, outputs], "tanh", "identity")
    for _ in train(network, data, epochs=5):
        pass
    return network, data


@pytest.mark.parametrize("true", [0.4, 1.0, 3.0])
def test_a_temperature_undoes_what_made_the_logits_too_sure(true):
    z, labels = drawn(20_000, true)
    found = best_temperature(z, labels)
    assert abs(math.log(found / true)) < 3 / math.sqrt(len(z))
    losses = [log_loss(z / t, labels).mean() for t in (0.99 * found, found / 0.99)]
    assert log_loss(z / found, labels).mean() < min(losses)


def test_a_temperature_is_bounded_where_all_or_none_are_right():
    z, low, high = np.array([[3.0, 0.0], [0.0, 4.0]]), *TEMPERATURES
    assert best_temperature(z, np.array([0, 1])) == pytest.approx(low, rel=DIFFERENCE)
    assert best_temperature(z, np.array([1, 0])) == pytest.approx(high, rel=DIFFERENCE)


def test_a_temperature_is_kept_only_where_it_gains_more_than_chance():
    for true, kept in ((1.0, False), (3.0, True)):
        gain, error = temperature_gain(*drawn(2_000, true))
        assert (gain > error) == kept


def test_odds_tell_near_certainty_from_certainty():
    z = np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 90.0]])
    p = softmax(z[:1])
    assert distance(odds_against(z)[:1], np.log((1 - p) / p)) <= CLOSED
    assert odds_against(z)[1, 2] == pytest.approx(math.log(2) - 90)


def test_the_quantile_is_that_of_one_more_example():
    scores = np.arange(1.0, 10.0)[:, None]  # nine: every tenth lies between two
    assert quantiles(scores, (0.5, 0.9, 0.91)) == ((5.0,), (9.0,), (math.inf,))


def test_sets_hold_the_truth_as_often_as_asked_whatever_the_network_is():
    shares, held = (0.5, 0.9, 0.95), []
    for seed in range(400):
        z, labels = drawn(59, 5.0, seed)  # of 60, each share is a whole number
        own = odds_against(z)[np.arange(59), labels]
        fitted = Calibration(1.0, 59, shares, quantiles(own[:, None], shares))
        new, truth = drawn(50, 5.0, 10_000 + seed)
        inside = [fitted.sets(new, share) for share in shares]
        held.append([each[np.arange(50), truth].mean() for each in inside])
    mean, error = np.mean(held, 0), np.std(held, 0) / math.sqrt(len(held))
    assert (abs(mean - shares) < 4 * error).all(), mean


def test_intervals_hold_the_truth_on_rows_that_were_never_seen():
    network, data = sines(3_000)
    found = confidence(network, data, "test")
    count = found.calibration.count
    for share, held in zip(found.calibration.coverages, found.covered, strict=True):
        error = math.sqrt(share * (1 - share) * (1 / found.count + 1 / count))
        assert (abs(held - share) < 4 * error).all(), (share, held)
    assert (np.diff(found.size, axis=0) > 0).all()
    assert found.log_loss is None and found.rejects is None


def test_on_the_digits_all_is_measured_on_what_was_not_fitted(digits):
    network, data = digits
    for part, count in (("validation", 180), ("test", 359)):
        found = confidence(network, data, part)
        assert (found.part, found.count, found.calibration.count) == (part, count, 180)
        accuracy = (
            network(data.part(part).x).argmax(1) == data.part(part).labels
        ).mean()
        assert found.rejects.at(1.0)[0] == pytest.approx(accuracy)
        assert found.rejects.at(0.8)[0] > accuracy
        assert 0.8 < found.covered[2, 0] <= 1


def test_outputs_that_need_not_sum_to_one_are_made_to(digits):
    data = digits[1]
    network = Network([64, 10], "sigmoid", "sigmoid")
    for _ in train(network, data, epochs=2):
        pass
    a = network(data.validation.x)
    p = softmax(logits(network, data.validation))
    assert distance(p, a / a.sum(1, keepdims=True)) <= DIFFERENCE


def test_too_few_examples_are_told_and_their_sets_hold_everything(digits):
    network, data = digits
    few = split(data.train.rows(np.arange(200)), validation=30, test=20)
    found = confidence(network, few, "test")
    assert found.calibration.thresholds[-1] == (math.inf,)
    assert found.covered[-1, 0] == 1 and found.size[-1, 0] == 10


def test_a_calibration_is_the_same_after_the_model_file():
    one = Calibration(1.25, 30, (0.5, 0.99), ((1.5, 2.0), (math.inf, 3.0)))
    words = json.loads(json.dumps(one.to_json(), allow_nan=False))
    assert Calibration.from_json(words, 2) == one


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.0},
        {"temperature": "1"},
        {"count": 0},
        {"coverages": [0.5]},
        {"coverages": [0.5, 1.0]},
        {"thresholds": [[1.0], [2.0]]},
        {"thresholds": [[1.0, True], [None, 3.0]]},
        {"more": 1},
    ],
)
def test_a_calibration_that_is_none_is_refused(change):
    one = Calibration(1.25, 30, (0.5, 0.99), ((1.5, 2.0), (math.inf, 3.0)))
    with pytest.raises(InputError, match="must hold a temperature, a count"):
        Calibration.from_json({**one.to_json(), **change}, 2)


def test_mistakes_are_told_in_a_sentence(digits):
    network, data = digits
    few = split(data.train.rows(np.arange(100)), validation=10, test=20)
    for words, sentence in (
        ((network, data, "train"), "part must be validation or test; got 'train'"),
        ((network, few), "20 examples or more; the validation part has 10"),
        ((network, data, "test", (1.0,)), "coverage must be"),
    ):
        with pytest.raises(InputError, match=sentence):
            confidence(*words)
    margins = Network([64, 10], "sigmoid", "identity")
    with pytest.raises(InputError, match="these are identity"):
        confidence(margins, data)


def test_the_figure_tells_what_it_shows(digits):
    shown = ConfidenceDisplay.from_network(*digits)
    assert "(ECE)" in shown.alt and "where the surest 80% are" in shown.alt
    numbers = ConfidenceDisplay.from_network(*sines())
    assert numbers.alt.startswith("Intervals on 180 validation examples.")
    assert numbers.render().startswith(b"\x89PNG")


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_confidence_is_kept_in_a_model_file_and_predict_has_it(at, capsys):
    typed(capsys, "train", "--epochs", 3, "--layers", 16)
    said = typed(capsys, "confidence", "--to", "c.safetensors", "--json")
    assert said.status == 0 and "held the truth" in said.out
    fitted = load_network("c.safetensors")[1]["confidence"]
    assert said.json["calibration"] == fitted
    words = ("predict", "c.safetensors", "--coverage", 0.95, "--part", "test")
    told = typed(capsys, *words, "--rows", "0:359", "--json").json["held"]
    labels = load("digits").test.labels
    held = [str(y) in each for y, each in zip(labels, told["sets"], strict=True)]
    assert 0.88 < np.mean(held) < 1
    assert distance(np.sum(told["probabilities"], 1), np.ones(359)) <= CLOSED
    assert typed(capsys, "verify").status == 0  # the run itself is as it was


def test_intervals_are_in_the_targets_own_unit(at, capsys, here):
    random = np.random.RandomState(0)
    x = random.standard_normal((400, 2))
    y = 1_000 + 100 * x.sum(1) + random.standard_normal(400)
    rows = [f"{a},{b},{c}" for (a, b), c in zip(x, y, strict=True)]
    (at / "t.csv").write_text("\n".join(["a,b,price", *rows]))
    typed(capsys, "train", "t.csv", "--target", "price", "--epochs", 8)
    said = typed(capsys, "confidence", "--to", "c.safetensors", "--figure", "c.png")
    assert "width of an interval" in said.out and (at / "c.png").is_file()
    words = ("--coverage", 0.9, "--file", "t.csv", "--json")
    told = typed(capsys, "predict", "c.safetensors", *words)
    assert "90% interval" in told.out
    low, high = (np.array(told.json["held"][end])[:, 0] for end in ("low", "high"))
    assert 0.75 < ((low <= y) & (y <= high)).mean() < 1


def test_mistakes_on_the_command_line(at, capsys):
    typed(capsys, "train", "--epochs", 1, "--layers", 8)
    words = refused(capsys, "predict", "--coverage", 0.9)
    assert "Make one: pellucid confidence" in words
    typed(capsys, "confidence", "--to", "c.safetensors")
    words = refused(capsys, "predict", "c.safetensors", "--coverage", 0.3)
    assert words.startswith("coverage must be one of 0.5, 0.8, 0.9, 0.95, 0.99")
    assert "got 'tes'" in refused(capsys, "confidence", "--part", "tes")


def test_a_model_file_with_a_broken_calibration_is_refused(at, digits):
    from pellucid import save_network

    with pytest.raises(InputError, match="confidence must hold a temperature"):
        save_network("c.safetensors", digits[0], {"confidence": {"temperature": 1}})


PAGE = Path(__file__).parents[1] / "docs" / "confidence.md"


def test_the_page_quotes_what_is_said(at, capsys):
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.S):
        command, _, quoted = block.partition("\n")
        said = typed(capsys, *command.removeprefix("$ pellucid ").split())
        assert said.status == 0, said
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert doctest.OutputChecker().check_output(quoted, said.out, flags), said.out


def test_classes_need_a_part_to_be_fitted_to(digits):
    network, data = digits
    with pytest.raises(InputError, match="validation"):
        confidence(network, replace(data, counts={"train": len(data)}))
