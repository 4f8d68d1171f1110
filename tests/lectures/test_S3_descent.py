"""S3, second part: the cost, its gradient as one long vector, and the way down."""

import numpy as np
import pytest

from pellucid import Dataset, Given, Network, Parameters, load, trace, train
from pellucid.mathematics.costs import Quadratic
from pellucid.training.population import train_all
from tolerances import CLOSED, PAGE, distance

FLAT = 1e-2  # a slope that L-BFGS takes for none here


@pytest.fixture(scope="module")
def digits():
    return load("digits", dtype="float64").train


def test_S3_15_ten_rows_add_up_to_the_cost_of_an_example(digits):
    # "add up the squares of the differences", then average over the examples.
    network = Network([64, 16, 10], "sigmoid", "sigmoid", dtype="float64")
    cost, some = Quadratic(), digits.rows(np.arange(20))
    inside = trace(network, cost, some.x, some.y)
    z, a = inside.z[-1], inside.a[-1]
    rows = np.array([cost(z[:, j, None], a[:, j, None], some.y[:, j, None])
                     for j in range(10)]).T  # fmt: skip
    squares = [[(a[i, j] - some.y[i, j]) ** 2 for j in range(10)] for i in range(20)]
    # The notes have no ½; the library has: the ratio is 2 and nothing else.
    assert distance(2 * rows, squares) < CLOSED
    assert distance(rows.sum(1), inside.cost_of_example) < CLOSED
    assert distance(rows.sum() / 20, inside.cost) < CLOSED
    assert distance(np.sum(squares) / 20, 2 * inside.cost) < CLOSED


def one_weight(start, valley):
    """A cost of one weight: ½(w - valley)². The bias has no slope at these examples."""
    data = Dataset.from_arrays([[1.0], [-1.0]], [valley, -valley], dtype="float64")
    given = Given((np.array([[start]]),), (np.zeros(1),))
    network = Network([1, 1], output="identity", initializer=given, dtype="float64")
    return network, data


@pytest.mark.parametrize("start", [-4.0, 7.0])
def test_S3_18_slope_tells_left_from_right(start):
    # "shift to the left if that slope is positive, to the right if it is negative"
    valley = 1.5
    network, data = one_weight(start, valley)
    words = {"cost": "quadratic", "optimizer": "sgd", "eta": 0.3, "batch_size": 2}
    path = []
    for _ in train(network, data, epochs=100, **words):
        inside = trace(network, Quadratic(), data.x, data.y)
        path.append((network.w[1][0, 0], inside.nabla.w[1][0, 0], inside.cost))
    w, slope, cost = np.array(path).T
    assert distance(slope[:30], w[:30] - valley) < CLOSED
    assert (np.sign(np.diff(w[:30])) == -np.sign(slope[:29])).all()
    assert (np.diff(cost[:30]) < 0).all()
    assert distance(w[-1], valley) < CLOSED


def test_S3_21_one_step_at_a_time(digits):
    # "compute this gradient, take a small step in the -∇C direction, repeat"
    eta, some = 0.5, digits.rows(np.arange(50))
    network = Network([64, 12, 10], "sigmoid", "sigmoid", dtype="float64")
    words = {"cost": "quadratic", "optimizer": "sgd", "eta": eta, "every": 1}
    reports = train(network, some, batch_size=50, epochs=10, **words)
    cost, wanted = np.inf, network.parameters.theta.copy()
    for step in range(10):
        assert next(reports).step == step
        theta = network.parameters.theta.copy()
        assert distance(theta, wanted) < PAGE["float64"]
        inside = trace(network, Quadratic(), some.x, some.y)
        assert inside.cost < cost
        cost, wanted = inside.cost, theta - eta * inside.nabla.theta
    # The same in mini-batches: each report is one update further.
    mini = train(network, some, batch_size=7, epochs=2, **words)
    assert [report.step for report in mini] == list(range(1 + 2 * 8))


def test_S3_22_all_parameters_are_one_column():
    network = Network([784, 16, 16, 10], "sigmoid", "sigmoid", seed=5)
    column = network.parameters.theta
    windows = zip(network.w[1:], network.b[1:], strict=True)
    by_hand = np.concatenate([part.ravel() for pair in windows for part in pair])
    assert column.shape == (13_002,)
    assert (by_hand == column).all()
    back = Parameters(network.sizes, by_hand)
    for l in range(1, network.L + 1):
        assert (back.w[l] == network.w[l]).all()
        assert (back.b[l] == network.b[l]).all()
    # The windows are views: to change a weight is to change the column.
    network.w[2][3, 4] += 1.0
    assert (np.flatnonzero(column != by_hand) == 784 * 16 + 16 + 3 * 16 + 4).all()


def test_S3_19_where_descent_ends_depends_on_where_it_starts():
    # "Might land in any local minimum": one network, a sine, twelve first weights.
    x = np.linspace(-1, 1, 60)[:, None]
    data = Dataset.from_arrays(x, np.sin(7 * x), dtype="float64")
    starts = [Network([1, 2, 1], "tanh", "identity", seed=s, dtype="float64")
              for s in range(12)]  # fmt: skip
    words = {"optimizer": "lbfgs", "epochs": 500, "monitor": "train"}
    ends = {}
    for number, report in train_all(starts, data, **words):
        ends[number] = report.monitor_cost
    assert max(ends.values()) > 1.5 * min(ends.values()), ends
    for network in starts:  # each stands in a valley: no way leads down from there
        inside = trace(network, Quadratic(), data.x, data.y)
        assert np.abs(inside.nabla.theta).max() < FLAT * np.abs(data.y).max()
