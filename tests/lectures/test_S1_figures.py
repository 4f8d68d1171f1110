"""S1, figures: the network drawn, the four costs, the rolling ball."""

import numpy as np
import pytest

from pellucid import COSTS, Dataset, Given, Network, gradient, trace, train
from pellucid.mathematics.backprop import backprop, feedforward
from pellucid.plots import CostFunctionsDisplay, NetworkDisplay, SurfaceDisplay
from tolerances import DIFFERENCE, FORMULA, distance


@pytest.mark.parametrize("sizes", [[2, 4, 1], [784, 16, 16, 10], [5, 17, 3], [3, 2]])
def test_S1_13_any_network_is_drawn_a_circle_a_neuron_a_line_a_weight(sizes):
    found = NetworkDisplay.from_network(Network(sizes)).plot()
    drawn = [min(n, 16) for n in sizes]
    assert len(found.ax_.patches) == sum(drawn)
    lines = sum(len(c.get_segments()) for c in found.ax_.collections)
    assert lines == sum(a * b for a, b in zip(drawn[1:], drawn[:-1], strict=True))
    texts = " ".join(text.get_text() for text in found.ax_.texts)
    assert texts.count("⋮") == sum(n > 16 for n in sizes)
    for n in sizes:
        assert f"{n}, 16 drawn" in texts if n > 16 else str(n) in texts


FOUR = {
    "quadratic": "identity",
    "binary_cross_entropy": "sigmoid",
    "mean_absolute_error": "identity",
    "hinge": "identity",
}


@pytest.mark.parametrize("name", FOUR)
def test_S1_18_mse_cross_entropy_mae_and_hinge_are_chosen_checked_and_plotted(name):
    network = Network([3, 4, 1], "tanh", FOUR[name], dtype="float64", seed=5)
    random = np.random.RandomState(0)
    x, y = random.standard_normal((6, 3)), random.randint(0, 2, (6, 1)).astype(float)
    data = Dataset(x, y)
    *_, last = train(network.copy(), data, cost=name, epochs=20, monitor="train")
    cost = COSTS[name]()
    nabla, by_hand, h = trace(network, cost, x, y).nabla.theta, [], 1e-6
    theta = network.parameters.theta
    for i in range(theta.size):
        costs = []
        for move in (h, -2 * h):
            theta[i] += move
            costs.append(trace(network, cost, x, y).cost)
        theta[i] += h
        by_hand.append((costs[0] - costs[1]) / (2 * h))
    assert distance(nabla, by_hand) <= DIFFERENCE
    assert last.monitor_cost < trace(network, cost, x, y).cost

    drawn = CostFunctionsDisplay.from_names([*FOUR]).plot()
    row = [*FOUR].index(name)
    z = drawn.z[:, None]
    a, ones = network.sigma[-1](z), np.ones_like(z)
    assert np.array_equal(drawn.cost[row], cost(z, a, ones))
    assert np.array_equal(drawn.axes_[0].lines[row].get_ydata(), drawn.cost[row])


def test_S1_28_the_ball_rolls_down_because_it_goes_against_the_gradient():
    x = np.linspace(-2, 2, 21)[:, None]
    data = Dataset(x, 1 / (1 + np.exp(1 - 2 * x)))
    start = Given([[[-2.0]]], [[3.0]])
    network = Network([1, 1], output="sigmoid", initializer=start, dtype="float64")
    cost, path = COSTS["quadratic"](), []
    words = {"cost": cost, "optimizer": "sgd", "eta": 1.0, "batch_size": 21}
    for _ in train(network, data, epochs=80, **words):
        path.append(network.parameters.theta.copy())
    found = SurfaceDisplay.from_path(network, cost, data.x, data.y, path).plot()
    assert [ax.name for ax in found.axes_] == ["rectilinear", "3d"]
    assert (np.diff(found.path_cost) < 0).all()
    steps = np.diff(found.path, axis=0)
    for (w, b), step in zip(found.path, steps, strict=False):
        here = Network([1, 1], output="sigmoid", dtype="float64",
                       initializer=Given([[[w]]], [[b]]))  # fmt: skip
        z, a = feedforward(here, data.x)
        delta = backprop(here, cost, z, a, data.y)
        uphill = gradient(a, delta, here.parameters.zeros()).theta
        assert distance(step, -uphill) <= FORMULA
    drawn = found.axes_[1].lines[1].get_data_3d()
    assert np.array_equal(drawn[0], found.path[:, 0])
