"""S1: the cost as one number, and going down it with a learning rate α."""

import numpy as np

from pellucid import COSTS, OPTIMIZERS, Dataset, Given, Network, load, trace, train
from pellucid.evaluation import evaluate
from tolerances import CLOSED, DIFFERENCE, distance

QUADRATIC = COSTS["quadratic"]()


def line(theta, x):
    """θ_0 + θ_1 x as a 1-1 network."""
    given = Given((np.array([[theta[1]]]),), (np.array([theta[0]]),))
    return Network([1, 1], output="identity", initializer=given, dtype="float64")


def test_S1_20_the_cost_is_one_number_that_hangs_on_parameters_and_data():
    # C depends on weights and biases, says the lecture; also on the data.
    random = np.random.RandomState(0)
    data = Dataset.from_arrays(random.rand(20, 3), random.rand(20, 2), dtype="float64")
    network = Network([3, 4, 2], "sigmoid", "sigmoid", dtype="float64")

    def cost(network, data):
        return evaluate(network, data, QUADRATIC).cost

    by_hand = sum(
        0.5 * (a_j - y_j) ** 2
        for a, y in zip(network(data.x), data.y, strict=True)
        for a_j, y_j in zip(a, y, strict=True)
    ) / len(data)
    first = cost(network, data)
    assert isinstance(first, float)
    assert distance(first, by_hand) < CLOSED
    assert cost(network, data) == first
    for l in (1, 2):
        for part in ("w", "b"):
            other = network.copy()
            getattr(other, part)[l].flat[0] += 0.1
            assert cost(other, data) != first
    assert cost(network, data.rows(range(10))) != first
    x, y = data.x.copy(), data.y.copy()
    x[0, 0] += 0.1
    y[1, 1] += 0.1
    assert cost(network, Dataset.from_arrays(x, data.y, dtype="float64")) != first
    assert cost(network, Dataset.from_arrays(data.x, y, dtype="float64")) != first


def test_S1_27_both_parameters_step_from_the_same_old_values():
    # θ_j := θ_j - α ∂J/∂θ_j for j = 0, 1: both at once, not one after the other.
    random = np.random.RandomState(1)
    x = random.rand(30)
    y = 2.0 - 3.0 * x + 0.1 * random.randn(30)
    data = Dataset.from_arrays(x[:, None], y[:, None], dtype="float64")
    alpha, start = 0.5, np.array([0.3, -0.2])

    def slope(theta):
        error = theta[0] + theta[1] * x - y
        return np.array([error.mean(), (error * x).mean()])

    def trained(steps):
        network = line(start, x)
        words = {"optimizer": "sgd", "eta": alpha, "batch_size": 30, "epochs": steps}
        assert len(list(train(network, data, **words))) == steps + 1
        return np.array([network.b[1][0], network.w[1][0, 0]])

    simultaneous, sequential = start.copy(), start.copy()
    for step in range(1, 11):
        simultaneous = simultaneous - alpha * slope(simultaneous)
        sequential[0] -= alpha * slope(sequential)[0]
        sequential[1] -= alpha * slope(sequential)[1]  # sees the new θ_0: not the rule
        assert distance(trained(step), simultaneous) < CLOSED
        assert distance(trained(step), sequential) > 0.01
    # It is the least-squares line that both are on the way to.
    assert distance(trained(2000), np.polyfit(x, y, 1)[::-1]) < DIFFERENCE


def test_S1_29_a_small_learning_rate_needs_more_epochs_to_the_target():
    # α is a hyperparameter; a small one is slow.
    data, epochs = load("digits"), {}
    for alpha in (0.003, 0.01, 0.03, 0.1):
        network = Network([64, 30, 10], seed=1)
        for report in train(network, data, optimizer="sgd", eta=alpha, epochs=200):
            if report.accuracy >= 0.9:
                break
        assert report.accuracy >= 0.9 and report.eta == alpha
        epochs[alpha] = report.epoch
    needed = list(epochs.values())
    assert needed == sorted(needed, reverse=True), epochs
    assert needed[0] > 5 * needed[-1], epochs


def test_S1_30_descent_diverges_exactly_when_alpha_exceeds_2_over_curvature():
    # If α is too large, descent overshoots, and the cost rises.
    x, y = np.array([[2.0]]), np.array([[1.0]])
    data = Dataset.from_arrays(x, y, dtype="float64")
    # J = ½(θ_0 + θ_1 x - y)² is curved along (1, x) only, with λ = 1 + x².
    curvature = np.linalg.eigvalsh(np.outer([1.0, 2.0], [1.0, 2.0])).max()

    def costs(alpha):
        network = line([4.0, 1.0], x)
        words = {"optimizer": "sgd", "eta": alpha, "batch_size": 1, "epochs": 40}
        return [r.cost for r in train(network, data, **words)][1:]

    for share in (0.05, 0.9, 0.999):
        assert (np.diff(costs(share * 2 / curvature)) < 0).all(), share
    for share in (1.001, 1.1, 2.0):
        assert (np.diff(costs(share * 2 / curvature)) > 0).all(), share
    even = costs(2 / curvature)  # at the border it swings without end
    assert distance(even, np.full(40, even[0])) < CLOSED
    assert costs(1 / curvature)[1] == 0.0  # half of it: there in one step

    # One step of the rule itself: the error is multiplied by 1 - αλ.
    network, alpha = line([4.0, 1.0], x), 3 / curvature
    nabla = trace(network, QUADRATIC, x, y).nabla.theta
    before = network(x) - y
    OPTIMIZERS["sgd"]().update(network.parameters.theta, nabla, {}, alpha, 0)
    assert distance(network(x) - y, (1 - alpha * curvature) * before) < CLOSED
