"""S2: kinds of learning, one step of it in four stages, and the way backwards."""

import numpy as np
import pytest
from sklearn.datasets import make_friedman1
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from pellucid import (
    COSTS,
    OPTIMIZERS,
    Dataset,
    Network,
    backprop,
    feedforward,
    gradient,
    load,
    split,
    trace,
    train,
)
from pellucid.evaluation import evaluate
from tolerances import CLOSED, DIFFERENCE, distance

QUADRATIC, BINARY = COSTS["quadratic"](), COSTS["binary_cross_entropy"]()
CROSS_ENTROPY = COSTS["cross_entropy"]()


def trained(network, data, **words):
    """The network after the last report, which is not looked at."""
    for _ in train(network, data, **words):
        pass
    return network


def test_S2_01_a_classifier_a_regressor_and_an_autoencoder_are_trained():
    # Classification, regression, unsupervised learning.
    digits = load("digits")
    classifier = trained(Network([64, 30, 10]), digits, epochs=30)
    assert evaluate(classifier, digits.test, CROSS_ENTROPY).accuracy > 0.9

    x, y = make_friedman1(1000, n_features=5, noise=0.3, random_state=0)
    numbers = split(Dataset.from_arrays(x, y))
    regressor = Network([5, 30, 1], output="identity")
    trained(regressor, numbers, epochs=100, eta=0.01)
    line = LinearRegression().fit(numbers.train.x, numbers.train.y)
    linear = line.score(numbers.test.x, numbers.test.y)
    assert evaluate(regressor, numbers.test, QUADRATIC).r2 > max(0.85, linear + 0.1)

    # No label is seen: an image is to be given back from 16 numbers. That is better
    # done than by the best 16 linear ones.
    x, unseen = digits.train.x, digits.test.x
    autoencoder = Network([64, 16, 64], "sigmoid", "sigmoid")
    words = {"cost": "quadratic", "epochs": 60, "eta": 0.01}
    trained(autoencoder, Dataset.from_arrays(x, x), **words)
    cost = evaluate(autoencoder, Dataset.from_arrays(unseen, unseen), QUADRATIC).cost
    linear = PCA(16).fit(x)
    given_back = linear.inverse_transform(linear.transform(unseen))
    assert cost < 0.5 * ((given_back - unseen) ** 2).sum(1).mean()


def test_S2_15_one_step_is_forward_error_backprop_update_and_again():
    # Learn: forward, error, backprop, update; repeat for some epochs.
    part = load("digits", dtype="float64").validation
    network = Network([64, 12, 10], "sigmoid", "sigmoid", seed=1, dtype="float64")
    twin, eta, n = network.copy(), 0.5, len(part)
    rule = OPTIMIZERS["sgd"](eta)
    words = {"cost": "quadratic", "optimizer": rule, "batch_size": n, "epochs": 5}
    reports = train(twin, part, **words)
    assert next(reports).epoch == 0
    for report in reports:
        step = trace(network, QUADRATIC, part.x, part.y)
        w, b = network.w, network.b
        # 1, forward: z and a of every layer
        a1 = 1 / (1 + np.exp(-(part.x @ w[1].T + b[1])))
        a2 = 1 / (1 + np.exp(-(a1 @ w[2].T + b[2])))
        assert distance(step.a[1], a1) < CLOSED and distance(step.a[2], a2) < CLOSED
        # 2, error: what came against what was wanted
        assert distance(step.cost, 0.5 * ((a2 - part.y) ** 2).sum(1).mean()) < CLOSED
        error = (a2 - part.y) * a2 * (1 - a2)
        assert distance(step.delta[2], error) < CLOSED
        # 3, backprop: the error of the layer before, and who is to blame
        before = error @ w[2] * a1 * (1 - a1)
        assert distance(step.delta[1], before) < CLOSED
        assert distance(step.nabla.w[1], before.T @ part.x / n) < CLOSED
        assert distance(step.nabla.b[2], error.mean(0)) < CLOSED
        # 4, update
        after = network.parameters.theta - eta * step.nabla.theta
        theta = network.parameters.theta
        rule.update(theta, step.nabla.theta, rule.slots(theta), rule.eta, 0)
        assert distance(theta, after) < CLOSED
        # and that is what an epoch of training did
        assert distance(report.cost, step.cost) < CLOSED
        assert distance(twin.parameters.theta, theta) < CLOSED
    assert report.epoch == 5


def errors(network, x, y, order):
    """dZ[l] by the lecture's loop, in the order of its l, and dW[l], db[l] with it."""
    z, a = feedforward(network, x)
    dZ, dW, db = {}, {}, {}
    for l in order:
        if l == network.L:
            dZ[l] = a[l] - y
        else:
            slope = 1 - np.tanh(z[l]) ** 2
            dZ[l] = dZ[l + 1] @ network.w[l + 1] * slope  # the line that is missing
        dW[l] = dZ[l].T @ a[l - 1] / len(x)
        db[l] = dZ[l].mean(0)
    return dZ, dW, db


def test_S2_49_backward_runs_from_L_to_1_and_needs_its_recursion():
    # dW[l] = (1/n) dZ[l] A[l-1]ᵀ; printed with l from 1 to L and no line for dZ[l].
    network = Network([4, 5, 4, 3, 4, 2], "tanh", "sigmoid", seed=2, dtype="float64")
    random = np.random.RandomState(2)
    for v in network.b[1:]:
        v[:] = 0.3 * random.randn(len(v))
    x, y = random.randn(30, 4), random.randint(2, size=(30, 2)).astype(float)
    L, theta, h = network.L, network.parameters.theta, 1e-6
    assert L == 5
    z, a = feedforward(network, x)
    delta = backprop(network, BINARY, z, a, y)
    nabla = gradient(a, delta, network.parameters.zeros())

    slopes = np.empty_like(theta)
    for i in range(theta.size):
        at = []
        for step in (h, -h):
            nudged = network.copy()
            nudged.parameters.theta[i] += step
            p = nudged(x)
            at.append(-np.log(np.where(y == 1, p, 1 - p)).sum(1).mean())
        slopes[i] = (at[0] - at[1]) / (2 * h)
    assert distance(nabla.theta, slopes) < DIFFERENCE

    dZ, dW, db = errors(network, x, y, range(L, 0, -1))
    for l in range(1, L + 1):
        assert distance(delta[l], dZ[l]) < CLOSED
        assert distance(nabla.w[l], dW[l]) < CLOSED
        assert distance(nabla.b[l], db[l]) < CLOSED
    with pytest.raises(KeyError, match="2"):  # the first layer asks for the second
        errors(network, x, y, range(1, L + 1))


def test_S2_54_regression_answers_raw_numbers_several_at_once():
    # The output of a regression is raw; n[L] may be more than 1.
    random = np.random.RandomState(3)
    x = random.uniform(-1, 1, (1000, 3))
    y = np.c_[
        10 * x[:, 0] - 5,
        20 * x[:, 1] * x[:, 2],
        8 * np.sin(3 * x[:, 0]) + 4 * x[:, 2] ** 2,
    ]
    data = split(Dataset.from_arrays(x, y))
    assert data.outputs == 3 and data.classes is None
    network = Network([3, 40, 3], output="identity", seed=1)
    trained(network, data, epochs=150, eta=0.01)
    z, a = feedforward(network, data.test.x)
    assert (a[2] == z[2]).all()
    assert (abs(a[2]).max(0) > 5).all()  # no activation holds them in
    found = evaluate(network, data.test, QUADRATIC)
    each = r2_score(data.test.y, a[2], multioutput="raw_values")
    assert (each > 0.95).all(), each
    assert distance(found.r2, each.mean()) < DIFFERENCE  # float32 against the engine's
    assert found.accuracy is None

    # The outputs share the hidden layer: their gradients there add up.
    network = Network([3, 6, 3], "tanh", "identity", seed=2, dtype="float64")
    whole = trace(network, QUADRATIC, x, y).nabla
    parts = network.parameters.zeros()
    for j in range(3):
        one = network(x)
        one[:, j] = y[:, j]  # as if all the others were right already
        target = np.where(np.arange(3) == j, y, network(x))
        parts.theta += trace(network, QUADRATIC, x, target).nabla.theta
    assert distance(whole.theta, parts.theta) < CLOSED
