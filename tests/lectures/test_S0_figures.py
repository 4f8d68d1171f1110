"""S0, figures: one neuron, the catalogue of neurons, outputs as probabilities."""

import numpy as np

from pellucid import Network, load, train
from pellucid.evaluation import reliability
from pellucid.mathematics.backprop import feedforward
from pellucid.plots import (
    ActivationFunctionsDisplay,
    ReliabilityDisplay,
    UnitDisplay,
)
from plotted import part, trained
from tolerances import CLOSED, DIFFERENCE, distance


def test_S0_29_role_of_a_neuron_its_picture_its_favourites_and_its_worth():
    network = trained()[0]
    worth = []
    for unit in range(12):
        found = UnitDisplay.from_network(network, part(), layer=1, unit=unit)
        assert found.weights.shape == (8, 8)
        a = feedforward(network, part().x)[1][1][:, unit]
        assert found.activation[0] == a.max()
        assert np.array_equal(found.strongest[0].ravel(), part().x[a.argmax()])
        worth.append(found.with_unit - found.without)
    assert max(worth) > 0.03  # some are needed, some hardly
    assert min(worth) < max(worth) / 5


def test_S0_31_catalogue_of_neurons_with_plot_derivative_and_range():
    names = "step identity sigmoid tanh relu leaky_relu elu softmax softplus".split()
    found = ActivationFunctionsDisplay.from_names(names)
    assert found.names == tuple(names)
    middle = len(found.z) // 2
    slopes = {"sigmoid": 0.25, "tanh": 1.0, "softplus": 0.5, "softmax": 0.25}
    for name, a, prime, (low, high) in zip(
        names, found.a, found.prime, found.ranges, strict=True
    ):
        assert low <= a.min() and a.max() <= high
        if name in slopes:
            assert abs(prime[middle] - slopes[name]) <= CLOSED
    titles = [ax.get_title(loc="left") for ax in found.plot().axes_]
    assert titles[: len(names)] == names
    below = [ax.get_xlabel() for ax in found.axes_[: len(names)]]
    assert below[:5] == ["from 0 to 1", "from −∞ to ∞", "from 0 to 1", "from −1 to 1",
                         "from 0 to ∞"]  # fmt: skip


def learned(output):
    data = load("digits")
    network = Network([64, 30, 10], "sigmoid", output)
    words = {"optimizer": "sgd", "eta": 0.5, "batch_size": 10, "epochs": 40}
    for _ in train(network, data, **words):
        pass
    return network, data.test


def test_S0_35_softmax_gives_probabilities_sigmoids_do_not_and_noise_fools_both():
    softmax, test = learned("softmax")
    sigmoid, _ = learned("sigmoid")
    sums = {n: n(test.x).astype(float).sum(1) for n in (softmax, sigmoid)}
    assert abs(sums[softmax] - 1).max() < DIFFERENCE
    assert sums[sigmoid].min() < 0.5 and sums[sigmoid].max() > 1.2

    found = ReliabilityDisplay.from_network(softmax, test)
    ece = reliability(softmax(test.x), test.labels).ece
    assert abs(found.reliability.ece - ece) < DIFFERENCE and 0.001 < ece < 0.06
    line = found.plot().axes_[0].lines[-3].get_xydata()
    there = found.reliability.count > 0
    assert distance(line[:, 1], found.reliability.accuracy[there]) <= CLOSED

    noise = np.random.RandomState(0).rand(1_000, 64).astype("float32")
    assert np.median(softmax(noise).max(1)) > 0.8  # sure of what is no digit
    assert np.median(sigmoid(noise).sum(1)) < np.median(sums[sigmoid]) - 0.3
