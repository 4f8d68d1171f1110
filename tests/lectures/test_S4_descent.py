"""S4, figures 13 to 17 and 22: cost, its slope, and ways down."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pellucid import (
    Dataset,
    Given,
    Network,
    Parameters,
    feedforward,
    load,
    trace,
    train,
)
from pellucid.mathematics.costs import CrossEntropy, Quadratic
from pellucid.mathematics.optimizers import SGD
from tolerances import CLOSED, DIFFERENCE, distance


@pytest.fixture(scope="module")
def data():
    return load("digits", dtype="float64")


def sigmoid_network(sizes, seed=0):
    return Network(
        sizes, "sigmoid", "sigmoid", initializer="nielsen", seed=seed, dtype="float64"
    )


def mean_cost(network, cost, data):
    """C by the page, one example after the other."""
    total = 0.0
    for i in range(len(data)):
        z, a = feedforward(network, data.x[i : i + 1])
        total += float(cost(z[-1], a[-1], data.y[i : i + 1])[0])
    return total / len(data)


def test_S4_13_wrong_answers_cost_much_and_right_ones_little(data):
    # Figure 13. From wholly right to wholly wrong, the cost only rises.
    right, wrong = np.eye(10)[3], np.eye(10)[7]
    share = np.linspace(0, 1, 50)[:, None]
    a = 0.9 * ((1 - share) * right + share * wrong) + 0.1 / 10
    for cost in (Quadratic(), CrossEntropy()):
        costs = cost(np.log(a), a, np.tile(right, (50, 1)))
        assert (np.diff(costs) > 0).all()
    network = Network([64, 16, 10], dtype="float64")
    for _ in train(network, data, epochs=10):
        pass
    inside = trace(network, CrossEntropy(), data.test.x, data.test.y)
    is_wrong = inside.a[-1].argmax(1) != data.test.labels
    assert 10 < is_wrong.sum() < 100
    # Whatever is answered wrongly has less than half of the probability: C > ln 2.
    assert (inside.cost_of_example[is_wrong] > np.log(2)).all()
    # Band: a wrong answer nearly always costs more than a right one (of such pairs
    # 97.5% or more, 10 seeds).
    assert roc_auc_score(is_wrong, inside.cost_of_example) > 0.95


def test_S4_14_cost_is_the_average_over_all_training_data(data):
    network = sigmoid_network([64, 12, 10])
    words = {"cost": "quadratic", "optimizer": "sgd", "monitor": "train"}
    for report in train(network, data, epochs=2, **words):
        by_hand = mean_cost(network, Quadratic(), data.train)
        assert report.count == len(data.train) == 1258
        assert distance(report.monitor_cost, by_hand) < CLOSED
    inside = trace(network, Quadratic(), data.train.x, data.train.y)
    assert distance(inside.cost, by_hand) < CLOSED
    total = sum(inside.example(i).theta for i in range(1258))
    assert distance(inside.nabla.theta, total / 1258) < CLOSED


def bowl(curvature, valley, start):
    """C = ½ λ (w - valley)² as a network of one weight and two examples."""
    x = np.sqrt(curvature) * np.array([[1.0], [-1.0]])
    data = Dataset.from_arrays(x, valley * x, dtype="float64")
    given = Given((np.array([[start]]),), (np.zeros(1),))
    network = Network([1, 1], output="identity", initializer=given, dtype="float64")
    return network, data


def walk(curvature, alpha, steps=4):
    """The weight and the slope before each step of size α, from 3 to the valley 1."""
    network, data = bowl(curvature, valley=1.0, start=3.0)
    words = {"cost": "quadratic", "optimizer": "sgd", "batch_size": 2}
    path = []
    for _ in train(network, data, eta=alpha, epochs=steps, **words):
        slope = trace(network, Quadratic(), data.x, data.y).nabla.w[1][0, 0]
        path.append((network.w[1][0, 0], slope))
    return np.array(path).T


@pytest.mark.parametrize("curvature", [0.25, 1.0, 9.0])
def test_S4_16_step_in_proportion_to_the_slope_can_still_overshoot(curvature):
    # "the step is proportional to the slope, which prevents overgoing": it does not.
    for share in (0.5, 0.99, 1.5, 1.9, 1.99, 2.01, 2.5, 4.0):
        alpha = share / curvature
        w, slope = walk(curvature, alpha)
        # Each step is in proportion to the slope, as figure 14 says ...
        assert distance(np.diff(w), -alpha * slope[:-1]) < DIFFERENCE
        errors = 2.0 * (1.0 - alpha * curvature) ** np.arange(5)
        assert distance(w - 1.0, errors) < DIFFERENCE
        # ... and goes past the valley when α > 1/λ, away from it when α > 2/λ.
        overshoots = np.sign(w[1] - 1.0) != np.sign(w[0] - 1.0)
        assert overshoots == (alpha > 1 / curvature)
        farther = np.diff(np.abs(w - 1.0)) > 0
        assert farther.all() == farther.any() == (alpha > 2 / curvature)


def test_S4_18_negative_gradient_is_one_vector(data):
    # Figure 16: an entry for each parameter, added to the column of parameters.
    network = sigmoid_network([64, 12, 10])
    some = data.train.rows(np.arange(30))
    nabla = trace(network, Quadratic(), some.x, some.y).nabla
    windows = zip(nabla.w[1:], nabla.b[1:], strict=True)
    vector = -np.concatenate([part.ravel() for pair in windows for part in pair])
    assert vector.shape == network.parameters.theta.shape
    assert (vector == -nabla.theta).all()
    back = Parameters(network.sizes, -vector)
    for l in (1, 2):
        assert (back.w[l] == nabla.w[l]).all() and (back.b[l] == nabla.b[l]).all()
    eta, theta = 0.7, network.parameters.theta
    want = theta + eta * vector
    SGD().update(theta, nabla.theta, {}, eta, 0)
    assert distance(theta, want) < CLOSED


def test_S4_19_large_components_matter_most(data):
    # "this weight matters 32 times as much as that one"
    network = sigmoid_network([64, 12, 10])
    for _ in train(network, data, cost="quadratic", optimizer="sgd", eta=1.0, epochs=3):
        pass
    some, cost, h = data.train.rows(np.arange(100)), Quadratic(), 1e-5
    inside = trace(network, cost, some.x, some.y)
    theta, nabla = network.parameters.theta, inside.nabla.theta
    change = np.empty_like(theta)
    for i in range(theta.size):  # nudge each parameter up and down
        kept, found = theta[i], []
        for theta[i] in (kept + h, kept - h):
            z, a = feedforward(network, some.x)
            found.append(float(cost(z[-1], a[-1], some.y).mean()))
        change[i], theta[i] = (found[0] - found[1]) / (2 * h), kept
    k = 20
    top = np.argsort(-np.abs(nabla), kind="stable")[:k]
    assert np.argsort(-np.abs(change), kind="stable")[:k].tolist() == top.tolist()
    ratio = np.abs(nabla[top] / nabla[top[-1]])
    assert distance(np.abs(change[top] / change[top[-1]]), ratio) < DIFFERENCE


def reach(data, batch_size, target, epochs):
    """Costs after each epoch until `target`, updates and seconds to get there."""
    network = sigmoid_network([64, 16, 10])
    words = {"cost": "quadratic", "optimizer": "sgd", "eta": 1.0, "monitor": "train"}
    costs = []
    for report in train(network, data, batch_size=batch_size, epochs=epochs, **words):
        costs.append(report.monitor_cost)
        if costs[-1] < target:
            return costs, report.step, report.seconds
    raise AssertionError(f"cost {costs[-1]} after {epochs} epochs, not {target}")


def test_S4_27_mini_batches_are_less_exact(data):
    # Figure 22: a careful man who calculates every step, and a drunk one who runs.
    network, part = sigmoid_network([64, 16, 10]), data.train

    def nabla(rows):
        return trace(network, Quadratic(), part.x[rows], part.y[rows]).nabla.theta

    def cosine(u, v):
        return u @ v / np.linalg.norm(u) / np.linalg.norm(v)

    exact = {
        size: np.mean(
            [
                cosine(nabla(slice(i, i + size)), nabla(slice(None)))
                for i in range(0, 1200, size)
            ]
        )
        for size in (10, 100)
    }
    # Less exact: a mini-batch points elsewhere, and the smaller the more so.
    assert 0 < exact[10] < exact[100] < 1


def path(data, batch_size, epochs):
    """By how much C of all examples changes at each step."""
    network, costs = sigmoid_network([64, 16, 10]), []
    words = {"cost": "quadratic", "optimizer": "sgd", "eta": 1.0, "every": 1}
    for _ in train(network, data, batch_size=batch_size, epochs=epochs, **words):
        z, a = feedforward(network, data.x)
        costs.append(float(Quadratic()(z[-1], a[-1], data.y).mean()))
    return np.diff(costs)


def test_S4_27_mini_batches_stagger_and_are_faster(data):
    # The path: the full batch never steps up, mini-batches now and then.
    some = data.train.rows(np.arange(500))
    assert (path(some, batch_size=500, epochs=50) < 0).all()
    uphill = (path(some, batch_size=10, epochs=1) > 0).sum()
    assert 0 < uphill < 50 / 2
    # Faster: the same cost after fewer looks at the data and in less time, by more
    # steps a look.
    mini, mini_steps, mini_seconds = reach(data, 10, target=0.3, epochs=10)
    n = len(data.train)
    full, full_steps, full_seconds = reach(data, n, target=0.3, epochs=1000)
    assert mini_steps / (len(mini) - 1) == 126 and full_steps / (len(full) - 1) == 1
    assert mini_seconds < full_seconds and len(mini) < len(full) / 10
