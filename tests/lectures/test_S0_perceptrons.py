"""S0: perceptrons, and the sigmoid neurons that take their place."""

from itertools import product
from math import exp

import numpy as np

from pellucid import Given, Network, feedforward, sigmoid
from tolerances import CLOSED, distance

BITS = list(product((0, 1), repeat=2))
FLIP = ([0.5, -0.5], 0.0, [1, 1])  # w, b and x of a perceptron on the brink
DELTA = 2.0**-20  # a little less than 1e-6, and exact in binary
EPS = np.finfo(float).eps


def neuron(w, b, kind="step") -> Network:
    """One neuron with these weights and this bias."""
    given = Given((np.array([w], float),), (np.array([b], float),))
    return Network([len(w), 1], output=kind, initializer=given, dtype="float64")


def answers(network: Network, rows) -> list[float]:
    """What the only output says to each row of inputs."""
    return network(np.array(rows, float))[:, 0].tolist()


def test_S0_02_perceptron_is_0_at_the_threshold():
    # "0 if the weighted sum is at most the threshold, 1 if it is above."
    nand = neuron([-2, -2], 3)
    assert answers(neuron([1, 1], -1), BITS) == [0, 0, 0, 1]  # AND; 0,1 is equality
    assert answers(neuron([1, 1], 0), BITS) == [0, 1, 1, 1]  # OR; 0,0 is equality
    assert answers(nand, BITS) == [1, 1, 1, 0]
    for w, threshold in (([1.5], 1.5), ([-2.0], -2.0), ([0.1], 0.1)):
        at = answers(neuron(w, -threshold), [[1]])
        above = answers(neuron(w, -np.nextafter(threshold, -np.inf)), [[1]])
        assert (at, above) == ([0], [1])


def test_S0_04_the_festival_decision_never_depends_on_the_second_factor():
    # "Is the weather good? Does your friend come? Is there a tram?", with w₂ = 0.
    cases = list(product((0, 1), repeat=3))
    decisions = answers(neuron([6, 0, 2], -5), cases)
    decision = dict(zip(cases, decisions, strict=True))
    assert len(decision) == 8
    for first, third in product((0, 1), repeat=2):
        assert decision[first, 0, third] == decision[first, 1, third]
    # It is a decision nevertheless: the weather makes it.
    assert all(decision[x] == x[0] for x in cases)


def test_S0_05_bias_form_equals_threshold_form():
    # "b = -threshold": w·x > threshold becomes w·x + b > 0.
    random = np.random.RandomState(5)
    cases = ties = 0
    for number in range(100):
        # Whole numbers meet the threshold exactly now and then, real ones never do.
        whole = number % 2 == 0
        w = random.randint(-3, 4, 4) if whole else random.standard_normal(4)
        threshold = random.randint(-3, 4) if whole else random.standard_normal()
        x = random.randint(0, 2, (100, 4))
        for row, answer in zip(x, answers(neuron(w, -threshold), x), strict=True):
            total = sum(w_j * x_j for w_j, x_j in zip(w, row, strict=True))
            assert answer == (1 if total > threshold else 0)
            cases, ties = cases + 1, ties + (total == threshold)
    assert cases == 10_000
    assert ties > 0


def test_S0_06_a_small_change_flips_a_perceptron():
    # "A small change in the weights or bias can cause the output to flip."
    w, b, x = FLIP
    before = neuron(w, b)
    for after in (neuron([w[0] + DELTA, w[1]], b), neuron(w, b + DELTA)):
        old, new = before.parameters.theta, after.parameters.theta
        (output,), (flipped,) = answers(before, [x]), answers(after, [x])
        print(f"w, b = {old}: {output:g};  w, b = {new}: {flipped:g}")
        assert 0 < np.abs(new - old).max() <= 1e-6
        assert (output, flipped) == (0, 1)


def test_S0_07_sigmoid_neuron():
    # "σ(z) = 1/(1 + exp(-Σ w_j x_j - b))", where z = w·x + b has to be added.
    assert sigmoid(np.array(0.0)) == 0.5
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        assert sigmoid(np.array([-1000.0, 1000.0])).tolist() == [0, 1]
    random = np.random.RandomState(7)
    w, b, x = random.standard_normal(3), 0.7, random.rand(50, 3)
    z, a = feedforward(neuron(w, b, "sigmoid"), x)
    for row, z_row, a_row in zip(x, z[1][:, 0], a[1][:, 0], strict=True):
        total = sum(w_j * x_j for w_j, x_j in zip(w, row, strict=True)) + b
        assert distance(z_row, total) < CLOSED
        assert distance(a_row, 1 / (1 + exp(-total))) < CLOSED
    for z_value in np.linspace(-700, 700, 141):
        want = 1 / (1 + exp(-z_value))
        assert distance(sigmoid(np.array(z_value)), want) < CLOSED


def test_S0_08_a_small_change_changes_a_sigmoid_neuron_little():
    # "Small changes in the weights cause only a small change in the output."
    random = np.random.RandomState(8)
    w, b, x = FLIP
    cases = [(w, b, x, [DELTA, 0])]
    for _ in range(200):
        w, x, delta = random.standard_normal((3, 5))
        cases.append((w, random.standard_normal(), x, DELTA * delta))
    for w, b, x, delta in cases:
        moved = neuron(np.add(w, delta), b, "sigmoid")
        (before,), (after,) = answers(neuron(w, b, "sigmoid"), [x]), answers(moved, [x])
        bound = 0.25 * np.linalg.norm(delta) * np.linalg.norm(x)
        # σ′ is at most 1/4; besides, each of the two outputs is rounded.
        assert abs(after - before) <= bound + 2 * EPS
