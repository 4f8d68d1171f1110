"""S3: the notes' questions and slips, answered in words and numbers."""

import numpy as np

from command_line import typed
from pellucid import OPTIMIZERS, Dataset, Given, Network, trace
from pellucid.evaluation import evaluate
from pellucid.mathematics.activations import Sigmoid
from pellucid.mathematics.costs import CrossEntropy, Quadratic


def test_S3_06_sum_of_ten_and_bias_of_minus_ten_is_one_half():
    # "sum 10, bias -10 → 0, so the neuron isn't active": σ(0) is 0.5.
    given = Given((np.ones((1, 10)),), (np.array([-10.0]),))
    x = np.ones((1, 10))
    words = {"initializer": given, "dtype": "float64"}
    assert f"{Network([10, 1], output='sigmoid', **words)(x)[0, 0]}" == "0.5"
    assert Network([10, 1], output="step", **words)(x) == 0
    assert "active" in Sigmoid.__doc__ and "1/2" in Sigmoid.__doc__


def test_S3_16_cost_is_not_accuracy(tmp_path, capsys):
    train = ["train", "--epochs", 2, "--lines", "--runs", tmp_path]
    for words in (train, ["evaluate", "--runs", tmp_path]):
        said = typed(capsys, *words)
        assert said.status == 0
        told = [line for line in said.out.splitlines() if "accuracy" in line]
        told += [line for line in said.out.splitlines() if "Epoch " in line]
        assert told and all("cost" in line for line in told), told
    listed = typed(capsys, "runs", "--runs", tmp_path).out.splitlines()[1]
    assert listed.count("%") == listed.count("cost") == 2
    # Two networks on ten examples: one barely right everywhere, one very sure and
    # once wrong by a hair.
    labels = np.arange(10) % 2
    data = Dataset.from_arrays(np.eye(10), labels, dtype="float64")
    found = []
    for margin in (np.full(10, 0.1), np.r_[-0.1, np.full(9, 9.0)]):
        right = np.eye(2)[labels]
        w = (margin[:, None] * right).T
        given = Given((w,), (np.zeros(2),))
        network = Network([10, 2], initializer=given, dtype="float64")
        found.append(evaluate(network, data, CrossEntropy(), "all"))
    barely, sure = found
    assert barely.accuracy > sure.accuracy and barely.cost > sure.cost


def test_S3_20_gradient_is_steepest_ascent():
    random = np.random.RandomState(0)
    network = Network([4, 5, 3], "sigmoid", "sigmoid", dtype="float64")
    x, y = random.rand(20, 4), random.rand(20, 3)
    begin = trace(network, Quadratic(), x, y)
    direction = begin.nabla.theta / np.linalg.norm(begin.nabla.theta)
    h = 1e-3

    def after(step):
        moved = network.copy()
        moved.parameters.theta[:] += h * step
        return trace(moved, Quadratic(), x, y).cost

    assert after(direction) > begin.cost > after(-direction)
    for _ in range(1000):
        other = random.standard_normal(direction.size)
        other /= np.linalg.norm(other)
        assert after(-direction) < after(other) < after(direction)
    assert "uphill" in OPTIMIZERS["sgd"].__doc__


def test_S3_25_updates_per_epoch_are_printed(tmp_path, capsys):
    n = 1258  # training examples of the embedded digits
    for size in (10, 37, 1258):
        words = ("train", "--epochs", 2, "--batch-size", size, "--runs", tmp_path)
        said = typed(capsys, *words)
        assert said.status == 0
        updates = -(-n // size)
        assert f"\n{updates} update{'s' * (updates > 1)} an epoch: " in said.out
