"""Each illness is brought about on purpose, and named with numbers and a way out."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from command_line import typed
from pellucid import (
    COSTS,
    Dataset,
    DivergedError,
    Given,
    InputError,
    Network,
    load,
    split,
    trace,
    train,
)
from pellucid.diagnosis import (
    diagnose,
    gradient_norms,
    label_curve,
    looks_squeezed,
    watching,
)
from pellucid.diagnosis.measures import look
from tolerances import CLOSED, PAGE, distance


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def ill(network, data, cost=None, **words):
    """The findings about a training, by their names."""
    words = {"optimizer": "sgd", "epochs": 10, **words}
    begin, history, error = network.copy(), [], None
    try:
        for report in train(network, data, cost=cost, **words):
            history.append(report)
    except DivergedError as reason:
        error = reason
    found = diagnose(network, data, history, cost=cost, begin=begin, error=error)
    assert len({finding.name for finding in found}) == len(found)
    return {finding.name: finding for finding in found}


def test_a_learning_rate_too_low(digits):
    found = ill(Network([64, 30, 10], "sigmoid"), digits, eta=0.001)
    low = found["learning rate too low"]
    assert low.measured["eta"] == 0.001 and low.measured["moved"] < 0.1
    assert "η is 0.001; after 10 epochs" in low.meaning
    assert low.advice.startswith("Try η 0.01 (ten times as much)")
    assert ill(Network([64, 30, 10]), digits, optimizer="adam", eta=1e-5).keys() >= {
        "learning rate too low"
    }


@pytest.mark.parametrize(("dtype", "value"), [("float32", 3e38), ("float64", 1e308)])
def test_weights_as_large_as_they_can_be_have_moved_far(digits, dtype, value):
    network = Network([64, 30, 10], "sigmoid", dtype=dtype)
    begin = network.copy()
    network.w[2][:, :3] = value
    part = digits.validation
    found = look(network, COSTS["cross_entropy"](), ("v", part, part), begin=begin)
    size = np.linalg.norm(begin.w[2].astype(np.float64))
    moved = value * np.sqrt(30) / size if dtype == "float32" else np.inf
    assert found.moved == pytest.approx(moved, rel=1e-6)


def test_a_learning_rate_too_high_one_answer_and_saturation(digits):
    found = ill(Network([64, 30, 10], "tanh"), digits, eta=10)
    assert list(found) == [
        "learning rate too high",
        "saturated units",
        "one answer for everything",
    ]
    high, flat, one = found.values()
    assert high.advice.startswith("Try η 1 (a tenth)")
    assert flat.measured["share_of_layer"][1] > 0.9
    label = one.measured["class"]
    counts = np.bincount(digits.validation.labels)
    assert one.measured["answered"] >= 0.95 * one.measured["of"]
    assert one.measured["true_in_part"] == counts[int(label)]
    assert f'are answered "{label}"' in one.meaning
    assert one.advice.startswith("η is too high, and the units are saturated. Try η 1")


def test_dead_units(digits):
    found = ill(Network([64, 30, 10]), digits, eta=2.0, epochs=4)
    dead = found["dead units"]
    assert dead.measured["share_of_layer"][1] > 0.5
    assert "a ReLU that is never above 0" in dead.meaning
    assert "η 0.2 (a tenth), or with hidden='leaky_relu'" in dead.advice
    assert "dead units" in found["one answer for everything"].advice


def test_a_cost_that_is_not_finite(digits):
    words = {"optimizer": "sgd", "eta": 1e4, "epochs": 3}
    network = Network([64, 30, 10], output="identity")
    found = ill(network, digits, cost="quadratic", **words)
    lost = found["cost not finite"]
    assert lost.measured["epoch"] == 1 and lost.measured["mini_batch"] > 0
    assert f"mini-batch {lost.measured['mini_batch']}, layer" in lost.meaning
    assert "clip=1" in lost.advice


@pytest.mark.parametrize("times, advice", [(255, "by 255"), (16, "Standardise")])
def test_inputs_that_are_not_scaled(digits, times, advice):
    raw = replace(digits, x=np.rint(times * digits.x))
    (found,) = diagnose(Network([64, 30, 10]), raw)
    assert found.name == "inputs not scaled" and advice in found.advice
    column = found.measured["column"]
    of = raw.validation.x[:, column].astype(float)
    assert abs(found.measured["root_mean_square"] / np.sqrt((of**2).mean()) - 1) < 1e-6
    thin = replace(raw, x=sparse.csr_array(raw.x))
    assert diagnose(Network([64, 30, 10]), thin)[0].measured == pytest.approx(
        found.measured
    )


@pytest.mark.parametrize("hidden", ["sigmoid", "relu", "tanh"])
def test_units_that_are_all_the_same(digits, hidden):
    found = ill(Network([64, 20, 10], hidden, initializer="zeros"), digits, eta=0.3)
    same = found["identical units"]
    assert same.measured == {"layer": 1, "units": 20, "different": 1}
    assert "initializer='auto'" in same.advice
    # Nothing else is made out to be the cause.
    assert (
        "learning rate too low" not in found and "learning rate too high" not in found
    )
    assert "identical units" in found["one answer for everything"].advice


def test_half_of_the_units_copied(digits):
    network = Network([64, 20, 10])
    network.w[1][10:] = network.w[1][:10]
    network.w[2][:, 10:] = network.w[2][:, :10]
    (found,) = diagnose(network, digits)
    assert found.measured["different"] == 10
    network.w[2][0, 10:] += 1  # with another way out they learn apart
    assert diagnose(network, digits) == []


def test_a_bottleneck(digits):
    (found,) = diagnose(Network([64, 30, 3, 10]), digits)
    assert found.name == "bottleneck"
    assert found.measured == {"layers": [2], "width": 3, "classes": 10}
    assert found.meaning.startswith("layer 2 has as few as 3 units for 10 classes")
    assert diagnose(Network([64, 10, 10]), digits) == []
    two = Dataset.from_arrays(digits.x, digits.labels % 2)
    assert diagnose(Network([64, 1, 2]), two) == []  # a line through two classes


def test_a_vanishing_gradient(digits):
    deep = Network([64, *[30] * 6, 10], "sigmoid", seed=1)
    found = ill(deep.copy(), digits, eta=0.3, epochs=3)["vanishing gradient"]
    sizes = found.measured["sizes"]
    assert len(sizes) == 7 and found.measured["ratio"] == sizes[0] / sizes[-1] < 0.01
    assert "hidden='relu'" in found.advice
    # Before the first step it is there, and told once it has been seen twice.
    reports = train(deep, digits, optimizer="sgd", eta=0.3, epochs=1)
    told = [[f.name for f in new] for _, new in watching(reports, deep, digits)]
    assert told == [[], ["vanishing gradient"]]


def test_an_exploding_gradient(digits):
    deep = Network([64, *[30] * 6, 10], initializer="nielsen")
    (found,) = diagnose(deep, digits)
    assert found.name == "exploding gradient" and found.measured["ratio"] > 100
    assert "initializer='auto'" in found.advice and "clip=1" in found.advice


def test_over_fitting_with_both_optima(digits):
    few, random = digits.rows(np.r_[0:300, 1258:1438]), np.random.RandomState(0)
    wrong = np.flatnonzero(random.random_sample(300) < 0.2)  # labels to learn by heart
    few.y[wrong] = np.eye(10)[random.randint(10, size=len(wrong))]
    few = replace(few, counts={"train": 300, "validation": 180})
    begin = Network([64, 60, 10])
    network, words = begin.copy(), {"optimizer": "adam", "eta": 0.01, "epochs": 50}
    history = list(train(network, few, **words))
    (found,) = diagnose(network, few, history, begin=begin)
    assert found.name == "over-fitting"
    costs = [report.monitor_cost for report in history]
    accuracies = [report.accuracy for report in history]
    assert found.measured["best_cost_epoch"] == int(np.argmin(costs[1:])) + 1
    best = history[found.measured["best_accuracy_epoch"]]
    assert best.accuracy == max(accuracies) == found.measured["best_accuracy"]
    assert f"after epoch {found.measured['best_cost_epoch']}" in found.meaning
    assert f"after epoch {best.epoch}" in found.meaning and "patience" in found.advice
    # Stopped there, there is nothing to be said.
    history = history[: found.measured["best_cost_epoch"] + 1]
    assert diagnose(network, few, history, begin=begin) == []


def test_classes_that_are_never_answered(digits):
    # Nielsen's quadratic cost loses a digit or two now and then: so it does here.
    network = Network([64, 30, 10], "sigmoid", "sigmoid", initializer="nielsen")
    words = {"eta": 3.0, "batch_size": 10, "epochs": 15}
    found = ill(network, digits, "quadratic", **words)["classes never answered"]
    answers = network(digits.validation.x).argmax(1)
    missing = sorted(set("0123456789") - set(answers.astype(str)))
    assert found.measured["classes"] == missing
    assert f"class {missing[0]} is never answered (recall 0)" in found.meaning


def test_an_accuracy_at_chance():
    random = np.random.RandomState(0)
    x, y = random.random_sample((1000, 20)), random.randint(4, size=1000)
    found = ill(Network([20, 10, 4]), split(Dataset.from_arrays(x, y)), eta=0.1)
    assert list(found) == ["accuracy at chance"]
    chance = found["accuracy at chance"]
    assert chance.measured["accuracy"] < chance.measured["most_frequent"] + 0.1
    assert "inputs and labels belong together" in chance.advice


def test_softmax_twice_on_its_way_in_and_in_the_targets(digits):
    network = Network([64, 30, 10])
    list(train(network, digits, epochs=5))
    # The answers of one network are the inputs of another.
    chained = replace(digits, x=network(digits.x), image_shape=None)
    plain = Network([10, 10], initializer=Given((np.eye(10),), (np.zeros(10),)))
    (found,) = diagnose(plain, chained)
    assert found.name == "softmax twice" and "enters the softmax" in found.meaning
    most = plain(chained.x).max()
    assert most <= found.measured["highest"] * (1 + 1e-6) and most < 0.24
    targets = np.exp(digits.y) / np.exp(digits.y).sum(1, keepdims=True)
    (found,) = diagnose(network, replace(digits, y=targets))
    assert "targets have gone through a softmax" in found.meaning
    # Also for outputs from elsewhere.
    assert looks_squeezed(plain(chained.x))
    assert not looks_squeezed(network(digits.x))
    assert not looks_squeezed(Network([64, 10], seed=1)(0.01 * digits.x))


def test_gradient_norms_are_those_of_the_page(digits):
    network = Network([64, 20, 12, 10], "tanh", dtype="float64")
    data = digits.train.astype("float64")
    cost = COSTS["cross_entropy"]()
    found = gradient_norms(network, cost, data.x, data.y)
    nabla = trace(network, cost, data.x, data.y).nabla
    for l, one in enumerate(found, start=1):
        assert abs(one.w / np.linalg.norm(nabla.w[l]) - 1) < CLOSED
        assert abs(one.b / np.linalg.norm(nabla.b[l]) - 1) < CLOSED
        assert abs(one.per_weight / np.sqrt((nabla.w[l] ** 2).mean()) - 1) < CLOSED
    thin = gradient_norms(network, cost, sparse.csr_array(data.x), data.y)
    assert distance(thin, found) < PAGE["float64"]
    with pytest.raises(InputError, match=r"x must be \(m, 64\)"):
        gradient_norms(network, cost, data.x[0], data.y)
    with pytest.raises(InputError, match="cost quadratic needs the output"):
        gradient_norms(network, COSTS["quadratic"](), data.x, data.y)


EPOCHS = np.arange(30)


@pytest.mark.parametrize(
    "label, costs",
    [
        ("good", np.exp(-EPOCHS / 5)),
        ("good", 0.1 + 2 * np.exp(-EPOCHS / 8)),
        ("too low", np.exp(-EPOCHS / 200)),
        ("too low", np.full(30, 2.3)),
        ("too high", np.exp(EPOCHS / 20)),
        ("too high", 1 + 0.5 * (-1.0) ** EPOCHS),
        ("too high", [2.3, 1.9, float("nan"), 1.0]),
        ("too high", [2.3, 50.0, 2.4, 2.35, 9.0]),
    ],
)
def test_the_label_of_a_curve(label, costs):
    assert label_curve(costs) == label
    if np.isfinite(costs).all():  # units of the cost do not matter
        assert label_curve(1000 * np.asarray(costs)) == label


def test_a_curve_needs_points():
    with pytest.raises(InputError, match="at least 4 costs to have a shape; got 3"):
        label_curve([3, 2, 1])


def test_a_network_can_be_judged_without_its_history(digits):
    assert diagnose(Network([64, 30, 10]), digits) == []
    with pytest.raises(InputError, match=r"x must be \(m, 784\)"):
        diagnose(Network([784, 10]), digits)
    with pytest.raises(InputError, match="rows must be"):
        diagnose(Network([64, 10]), digits, rows=0)


def test_watching_hands_on_every_report_and_tells_a_thing_once(digits):
    words = {"optimizer": "sgd", "eta": 30.0, "epochs": 9, "every": 10}
    plain = Network([64, 30, 10], "sigmoid")
    want = [replace(r, seconds=0) for r in train(plain, digits, **words)]
    network = Network([64, 30, 10], "sigmoid")
    seen = list(watching(train(network, digits, **words), network, digits))
    assert [replace(report, seconds=0) for report, _ in seen] == want
    assert network.weights_sha256() == plain.weights_sha256()
    told = [finding.name for _, found in seen for finding in found]
    assert len(set(told)) == len(told) >= 3
    epochs = {report.epoch for report, found in seen if found}
    assert epochs <= {0, 1, 2, 3, 4, 6, 8}


def test_watching_ends_as_the_training_does(digits):
    network = Network([64, 30, 10], output="identity")
    words = {"optimizer": "sgd", "eta": 1e4, "cost": "quadratic"}
    with pytest.raises(DivergedError):
        list(watching(train(network, digits, **words), network, digits,
                      cost="quadratic"))  # fmt: skip


def test_a_run_at_the_command_line_is_judged_by_whole_epochs(capsys, tmp_path, here):
    # 420 examples, so that a piece of an epoch is one small mini-batch: its cost jumps,
    # and that of the epoch does not.
    x = np.random.RandomState(0).standard_normal((600, 4)).round(3)
    tags = np.stack([x[:, 0] + x[:, 1] > 0, x[:, 2] > x[:, 3]], axis=1)
    lines = ["a,b,c,d,rain,wind"]
    for row, tag in zip(x, np.where(tags, "yes", "no"), strict=True):
        lines.append(",".join([*map(str, row), *tag]))
    (tmp_path / "sky.csv").write_text("\n".join(lines))
    words = ["train", tmp_path / "sky.csv", "--target", "rain,wind"]
    said = typed(capsys, *words, "--runs", tmp_path / "runs")
    assert said.status == 0
    assert "learning rate" not in said.out + said.err


def test_the_larger_of_two_classes_comes_first_and_is_no_illness():
    random = np.random.RandomState(1)
    x = random.standard_normal((2000, 3))
    odds = 1.0 / (1.0 + np.exp(-(0.8 * x[:, 0] - 1.8)))
    data = split(Dataset.from_arrays(x, (random.rand(2000) < odds).astype(int)))
    network = Network([3, 16, 2])
    found = ill(network, data, eta=0.05, epochs=10)
    answers = network(data.validation.x).argmax(1)
    assert (answers == 0).mean() > 0.95
    assert "one answer for everything" not in found, found
    assert "accuracy at chance" not in found
