"""S2: one unit is a logistic regression; its cost, and the way down, sign by sign.

In the lecture ỹ = σ(wᵀx + b) is the output (in pellucid: a) and y the target. Many
minus signs are lost on its slides; each test shows what then fails.
"""

from math import exp, log

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

from pellucid import (
    ACTIVATIONS,
    COSTS,
    Dataset,
    Given,
    Network,
    Parameters,
    sigmoid,
    trace,
    train,
)
from tolerances import CLOSED, DIFFERENCE, FORMULA, distance

BINARY = COSTS["binary_cross_entropy"]()
CATEGORICAL = COSTS["cross_entropy"]()
H = 1e-6


@pytest.fixture(scope="module")
def tumours():
    """569 tumours in 30 standardised numbers; y is 1 where benign."""
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(0)) / x.std(0)
    return Dataset.from_arrays(x, y[:, None], dtype="float64")


def unit(w, b):
    """One sigmoid unit with these weights and this bias."""
    given = Given((np.atleast_2d(w),), (np.atleast_1d(b),))
    n = given.w[0].shape[1]
    return Network([n, 1], output="sigmoid", initializer=given, dtype="float64")


def cost_of(a, y):
    """C_x as pellucid has it, from the output: z is the logit of a."""
    z = np.atleast_2d(log(a / (1 - a)))
    return float(BINARY(z, np.atleast_2d(a), np.atleast_2d(y))[0])


def cases():
    """Outputs between 0 and 1, each with both targets."""
    return [(float(a), y) for a in np.linspace(0.05, 0.95, 7) for y in (0.0, 1.0)]


def test_S2_30_a_network_without_hidden_layer_is_logistic_regression(tumours):
    # A unit is a logistic regression.
    strength = 1.0  # scikit-learn's C: sum of the costs and ½‖w‖²/C
    n = len(tumours)
    network = Network([30, 1], output="sigmoid", dtype="float64")
    words = {"optimizer": "lbfgs:tolerance=1e-15", "l2": 1 / (strength * n)}
    for _ in train(network, tumours, epochs=1000, **words):
        pass
    peer = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12)
    peer.fit(tumours.x, tumours.y[:, 0])
    assert distance(network.w[1], peer.coef_) < DIFFERENCE
    assert distance(network.b[1], peer.intercept_) < DIFFERENCE
    p = peer.predict_proba(tumours.x)[:, 1:]
    assert distance(network(tumours.x), p) < DIFFERENCE


def test_S2_32_the_output_is_a_probability_and_its_complement(tumours):
    # ỹ = σ(wᵀx) = p(y = 1 | x).
    random = np.random.RandomState(0)
    network = unit(random.randn(30), 0.5)
    p = network(tumours.x)
    assert ((p > 0) & (p < 1)).all()
    total = tumours.x @ network.w[1][0] + network.b[1][0]
    assert distance(p[:, 0], [1 / (1 + exp(-v)) for v in total]) < CLOSED
    other = unit(-network.w[1], -network.b[1])  # asks for y = 0
    assert distance(other(tumours.x), 1 - p) < CLOSED
    w, b = np.r_[other.w[1], network.w[1]], np.r_[other.b[1], network.b[1]]
    two = Network([30, 2], initializer=Given((w / 2,), (b / 2,)), dtype="float64")
    assert distance(two(tumours.x), np.c_[1 - p, p]) < CLOSED


def test_S2_33_one_formula_for_both_cases_once_its_minus_signs_are_back():
    # p(y|x) = ỹ^y (1 - ỹ)^(1 - y); printed without the minus signs.
    for a, y in cases():
        p = a if y else 1 - a
        assert distance(a**y * (1 - a) ** (1 - y), p) < CLOSED
        assert distance(exp(-cost_of(a, y)), p) < CLOSED
        log_line = y * log(a) + (1 - y) * log(1 - a)  # the line that is missing
        assert distance(-cost_of(a, y), log_line) < CLOSED
        printed = a**y * (1 * a) ** (1 * y)
        assert distance(printed, p) > 0.01


def test_S2_34_binary_and_categorical_cross_entropy_agree_for_two_classes(tumours):
    # The mean of -ln p, there called categorical; it is the binary one.
    random = np.random.RandomState(1)
    w, b = random.randn(30), random.randn()
    one = trace(unit(w, b), BINARY, tumours.x, tumours.y)
    p = np.where(tumours.y == 1, one.a[1], 1 - one.a[1])
    assert distance(one.cost, -np.log(p).mean()) < CLOSED

    pair = Given((np.array([0 * w, w]),), (np.array([0, b]),))
    network = Network([30, 2], output="softmax", initializer=pair, dtype="float64")
    y = np.c_[1 - tumours.y, tumours.y]
    two = trace(network, CATEGORICAL, tumours.x, y)
    assert distance(two.cost_of_example, one.cost_of_example) < CLOSED
    assert distance(two.delta[1], np.c_[-one.delta[1], one.delta[1]]) < CLOSED
    assert distance(two.nabla.w[1][1:], one.nabla.w[1]) < CLOSED

    # Σ_k y_k ln p_k, for three classes: minus the log of the right one's share.
    network = Network([30, 3], seed=1, dtype="float64")
    labels = random.randint(3, size=len(tumours))
    three = trace(network, CATEGORICAL, tumours.x, np.eye(3)[labels])
    share = three.a[1][np.arange(len(labels)), labels]
    assert distance(three.cost_of_example, -np.log(share)) < CLOSED


def test_S2_37_the_slope_of_ln_p_is_a_difference():
    # ∂L/∂ỹ = y/ỹ - (1 - y)/(1 - ỹ) for L = +ln p; printed without the minus.
    for a, y in cases():
        slope = -(cost_of(a + H, y) - cost_of(a - H, y)) / (2 * H)
        first, second = y / a, (1 - y) / (1 - a)
        assert distance(first - second, slope) < DIFFERENCE
        assert distance(first * second, slope) > 0.1  # printed, taken as a product
        if y == 0:
            assert distance(first + second, slope) > 0.1  # or as a sum
        # The chain rule: times dỹ/dz it is what pellucid sends backwards, with C = -L.
        z = np.array([[log(a / (1 - a))]])
        delta = BINARY.delta(z, sigmoid(z), np.array([[y]]), ACTIVATIONS["sigmoid"]())
        assert distance((first - second) * sigmoid.prime(z), -delta) < FORMULA


def test_S2_39_the_gradient_is_the_mean_of_error_times_input(tumours):
    # ∂L/∂w = (y - ỹ)x and ∂J/∂w = (1/n) Σ (ỹ - y)x.
    sympy = pytest.importorskip("sympy")
    w, b, x, y = sympy.symbols("w b x y", real=True)
    a = 1 / (1 + sympy.exp(-(w * x + b)))
    L = y * sympy.log(a) + (1 - y) * sympy.log(1 - a)
    assert sympy.ratsimp(sympy.diff(L, w) - (y - a) * x) == 0
    middle = y / a - (1 - y) / (1 - a)  # printed: ỹ(1 - ỹ) and x are dropped
    assert sympy.ratsimp(sympy.diff(L, w) - middle * a * (1 - a) * x) == 0
    assert sympy.ratsimp(sympy.diff(L, w) - middle) != 0

    random = np.random.RandomState(2)
    weights = 0.3 * random.randn(30)
    network = unit(weights, 0.2)
    found = trace(network, BINARY, tumours.x, tumours.y)
    terms = (network(tumours.x) - tumours.y) * tumours.x
    assert distance(found.nabla.w[1][0], sum(terms) / len(terms)) < CLOSED
    assert distance(found.nabla.w[1][0], terms[0] / len(terms)) > 0.1  # printed: no Σ

    def J(k, step):
        nudged = weights.copy()
        nudged[k] += step
        p = unit(nudged, 0.2)(tumours.x)
        return -np.log(np.where(tumours.y == 1, p, 1 - p)).mean()

    slopes = [(J(k, H) - J(k, -H)) / (2 * H) for k in range(30)]
    assert distance(found.nabla.w[1][0], slopes) < DIFFERENCE


def test_S2_40_the_minus_of_the_summary_belongs_before_the_bracket():
    # Printed: L = -y ln ỹ + (1 - y) ln(1 - ỹ).
    for a, y in cases():
        printed = -y * log(a) + (1 - y) * log(1 - a)
        corrected = -(y * log(a) + (1 - y) * log(1 - a))
        assert distance(cost_of(a, y), corrected) < CLOSED
        assert (distance(cost_of(a, y), printed) < CLOSED) == (y == 1)
        assert corrected > 0 and (printed < 0) == (y == 0)  # no cost is negative
        # Descent on it would push the output of a 0 up to 1: the slope has its sign.
        z = np.array([[log(a / (1 - a))]])
        delta = BINARY.delta(z, sigmoid(z), np.array([[y]]), ACTIVATIONS["sigmoid"]())
        wrong = -y * (1 - a) - (1 - y) * a  # ∂L/∂z of the printed one
        assert (distance(delta, wrong) < CLOSED) == (y == 1)
        assert np.sign(delta[0, 0]) == (1 if y == 0 else -1) and wrong < 0


def test_S2_41_minus_alpha_times_the_gradient_goes_down(tumours):
    # w = w - α ∂J/∂w; printed twice without its minus.
    random = np.random.RandomState(3)
    network = unit(random.randn(30), random.randn())
    start, alpha = network.copy(), 0.1

    def J(theta):
        there = network.with_parameters(Parameters((30, 1), theta))
        return trace(there, BINARY, tumours.x, tumours.y)

    # Convex: the way down from anywhere never rises for a small enough α.
    words = {"optimizer": "sgd", "eta": alpha, "batch_size": len(tumours)}
    costs = [r.cost for r in train(network, tumours, epochs=200, **words)][1:]
    assert (np.diff(costs) < 0).all()

    theta = start.parameters.theta
    nabla = J(theta).nabla.theta
    assert distance(costs[0], J(theta).cost) < CLOSED
    assert distance(costs[1], J(theta - alpha * nabla).cost) < CLOSED
    assert J(theta + alpha * nabla).cost > costs[0]  # printed, taken as a sum
    product = theta.copy()
    for _ in range(200):  # printed, taken as a product: w dwindles, nothing is learned
        product *= alpha * J(product).nabla.theta
    assert distance(J(product).cost, log(2)) < CLOSED
    assert costs[-1] < log(2) / 4
