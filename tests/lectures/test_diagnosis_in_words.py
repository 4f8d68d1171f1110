"""What the tool says of data, of a training, and of other models on the same data."""

import re
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from command_line import refused, typed
from pellucid import COSTS, OPTIMIZERS, Network, load, runs, trace
from pellucid.diagnosis import label_curve
from pellucid.evaluation.baselines import BASELINES
from pellucid.mathematics.activations import Step
from pellucid.report import report
from tolerances import CLOSED, FORMULA, distance


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def test_S0_03_a_perceptron_takes_more_than_0_and_1():
    # "Perceptrons take binary inputs"; ours any numbers, and that is written down.
    from pellucid import Given

    given = Given((np.array([[1.0, -2.0]]),), (np.array([0.5]),))
    network = Network([2, 1], output="step", initializer=given, dtype="float64")
    x = np.array([[0.0, 0.0], [0.0, 1.0], [0.3, 0.5], [-7.5, 0.1], [1.0, 0.75]])
    assert network(x)[:, 0].tolist() == [1, 0, 0, 0, 0]  # the last lies on the border
    words = " ".join(Step.__doc__.split())
    assert "Inputs need not be 0 or 1" in words and "wider than the lectures'" in words


def test_S0_37_four_classifiers_without_a_network(digits, tmp_path, capsys, undrawn):
    # "Machine learning = neural networks?" No: one table, the same data.
    said = typed(capsys, "train", "--epochs", 5, "--runs", tmp_path)
    assert said.status == 0
    page = report(runs.latest(tmp_path), digits)
    section = page.partition("simple models</h2>")[2].partition("</table>")[0]
    rows = re.findall(r"<tr><td>(.*?)</td><td>(\d+)</td><td>(.*?)%</td>", section)
    table = {name: (int(right), float(share)) for name, right, share in rows}
    assert all(share == round(100 * n / 359, 2) for n, share in table.values())
    train, test = digits.train, digits.test

    def right(answers):
        return int((answers == test.labels).sum())

    often = np.bincount(train.labels).argmax()
    assert table["most frequent class"][0] == right(np.full(359, often))
    means = np.stack([train.x[train.labels == j].mean(0) for j in range(10)])
    far = np.linalg.norm(test.x[:, None].astype(float) - means, axis=2)
    assert table["nearest class mean"][0] == right(far.argmin(1))
    linear = LogisticRegression(max_iter=1000, tol=1e-3).fit(train.x, train.labels)
    (name,) = [name for name in table if "logistic regression" in name]
    assert table[name][0] == right(linear.predict(test.x))
    assert table["average darkness"][0] == BASELINES["average darkness"](train, test)
    assert len(table) >= 6 and "this network" in table


def test_S1_31_the_curve_says_whether_alpha_is_right():
    # J = λθ²/2: on it α is too low far below 1/λ, right near it, too high above 2/λ.
    curvature = 4.0

    def costs(alpha, steps=12):
        theta, found = np.array([3.0]), []
        rule = OPTIMIZERS["sgd"](alpha)
        for step in range(steps):
            found.append(float(curvature * theta[0] ** 2 / 2))
            rule.update(theta, curvature * theta, {}, alpha, step)
        return found

    assert label_curve(costs(0.01 / curvature)) == "too low"
    assert label_curve(costs(0.5 / curvature)) == "good"
    assert label_curve(costs(2.1 / curvature)) == "too high"


def test_S2_47_weights_of_zero_leave_all_hidden_units_the_same(tmp_path, capsys):
    # "Do not initialise with zeros": equal units get equal gradients.
    words = ["train", "--layers", 20, "--hidden", "sigmoid", "--initializer", "zeros"]
    said = typed(capsys, *words, "--epochs", 4, "--dropout", 0, "--runs", tmp_path)
    assert said.status == 0
    network, _ = runs.model_file.load(runs.model_path(runs.latest(tmp_path)))
    for incoming in (network.w[1], network.w[2].T):
        assert len(np.unique(incoming, axis=0)) == 1
        assert abs(incoming).max() > 0  # they learned, all the same thing
    assert "warning: after epoch" in said.err and "identical units" in said.err
    assert "the 20 units of layer 1 hold only 1 different sets" in said.err
    # From random weights every unit is another, and nothing is said.
    words[words.index("zeros")] = "glorot"
    said = typed(capsys, *words, "--epochs", 4, "--dropout", 0, "--runs", tmp_path)
    network, _ = runs.model_file.load(runs.model_path(runs.latest(tmp_path)))
    assert len(np.unique(network.w[1], axis=0)) == 20
    assert "identical units" not in said.err + said.out


def test_S2_10_the_data_are_looked_at_before_training(digits):
    # "No substitute for understanding the problem."
    from pellucid.data.check import check

    assert check(digits, 9000) == []
    train, labels = digits.counts["train"], digits.labels
    x = digits.x.copy()
    x[train : train + 3] = x[:3]  # rows of the validation part that are trained on
    (leak,) = check(replace(digits, x=x))
    assert leak.name == "leak between parts" and leak.measured["rows"] == 3
    (scale,) = check(replace(digits, x=np.rint(255 * digits.x)))
    assert scale.name == "inputs not scaled" and scale.measured["largest"] == 255
    few = np.flatnonzero((labels != 8) | (np.arange(len(labels)) % 16 == 0))
    names = {found.name for found in check(digits.rows(few))}
    assert "classes out of balance" in names
    x = np.hstack([digits.x[:, :32], np.full((len(digits), 32), 0.5, "float32")])
    x[:, :32] += 0.01 * np.random.RandomState(0).rand(len(x), 32).astype("float32")
    flat = check(replace(digits, x=x, image_shape=None))
    (constant,) = [found for found in flat if found.name == "constant columns"]
    assert set(range(32, 64)) <= set(constant.measured["columns"])


def test_S4_12_a_test_on_rows_that_were_learned_from_is_refused(tmp_path, capsys, here):
    # "Learning from testdata": from training data, and a test is of none of them.
    random = np.random.RandomState(0)
    x = random.standard_normal((400, 2)).round(4)
    kinds = np.where(x[:, 0] > x[:, 1], "left", "right")
    lines = [f"{a},{b},{kind}" for (a, b), kind in zip(x, kinds, strict=True)]
    for name, rows in (("one", lines[:300]), ("two", lines[300:]), ("all", lines)):
        (tmp_path / f"{name}.csv").write_text("\n".join(["a,b,kind", *rows]))
    runs_ = ["--runs", tmp_path / "runs"]
    words = ["train", tmp_path / "one.csv", "--target", "kind", "--epochs", 5]
    assert typed(capsys, *words, *runs_).status == 0
    for name, rows in (("one", 300), ("all", 400)):
        asked = ["evaluate", "--data", tmp_path / f"{name}.csv", *runs_]
        assert refused(capsys, *asked, "--part", "test") == (
            "a test must be of rows that the network has not learned from; it learned "
            f"from 210 of these {rows}. Leave them out, or ask without --part test."
        )
        assert typed(capsys, *asked).status == 0  # nobody calls that a test
    fresh = ["evaluate", "--data", tmp_path / "two.csv", "--part", "test", *runs_]
    said = typed(capsys, *fresh, "--json")
    assert said.json["count"] == 100 and said.json["accuracy"] > 0.8
    # And its own test part.
    assert typed(capsys, "evaluate", "--part", "test", *runs_).status == 0


def test_S1_21_one_weight_is_nudged_and_the_cost_moves_as_the_gradient_says(
    tmp_path, capsys
):
    # "Nudge one weight, see C."
    from pellucid import save_network

    network = Network([64, 12, 10], "tanh", seed=4, dtype="float64")
    model = tmp_path / "model.safetensors"
    save_network(model, network, {"name": "digits"})
    words = ["nudge", model, "--weight", "2.3.7", "--by", 0.2, "--rows", "0:50"]
    said = typed(capsys, *words, "--json").json
    part, cost = load("digits", dtype="float64").validation.rows(range(50)), (
        COSTS["cross_entropy"]()
    )  # fmt: skip
    before = trace(network, cost, part.x, part.y)
    assert said["cost"] == before.cost and said["weight"] == [2, 3, 7]
    assert distance(said["slope"], before.nabla.w[2][3, 7]) < CLOSED
    network.w[2][3, 7] += 0.2
    after = trace(network, cost, part.x, part.y)
    (first, *_), nudges = said["nudges"], said["nudges"]
    assert distance(first[1], after.cost - before.cost) < FORMULA
    assert [each[0] for each in nudges] == [0.2, 0.2 / 10, 0.2 / 100]
    off = [abs(moved - told) for _, moved, told in nudges]
    # What the slope leaves out is of second order: a tenth of δ, a hundredth of it.
    assert 50 < off[0] / off[1] < 200 and 50 < off[1] / off[2] < 200
    assert "weight must be one of the network 64-12-10" in refused(
        capsys, "nudge", model, "--weight", "3.0.0"
    )
    assert "such as 1.0.5; got 'w'" in refused(capsys, "nudge", model, "--weight", "w")
