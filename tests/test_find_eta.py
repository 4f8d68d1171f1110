"""The learning rate that is measured trains well."""

import numpy as np
import pytest

from pellucid import Dataset, DivergedError, InputError, Network, load, train
from pellucid.diagnosis import range_test

GRID = [10**k for k in np.arange(-3.5, 1.01, 0.5)]
NOISE = 0.03  # 5 of the 180 validation digits


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def reached(data, eta, hidden, rule):
    try:
        network = Network([64, 30, 10], hidden, seed=1)
        *_, last = train(network, data, optimizer=rule, eta=eta, epochs=8, seed=3)
        return last.accuracy
    except DivergedError:
        return 0.0


@pytest.mark.parametrize(
    "hidden, rule",
    [("relu", "sgd"), ("sigmoid", "momentum"), ("relu", "adam"), ("tanh", "rmsprop")],
)
def test_the_suggestion_is_as_good_as_the_best_of_a_grid(digits, hidden, rule):
    found = range_test(Network([64, 30, 10], hidden, seed=1), digits, optimizer=rule)
    best = max(reached(digits, float(eta), hidden, rule) for eta in GRID)
    assert reached(digits, found.suggested, hidden, rule) > best - NOISE
    # It is told from a bad one: ten times as much is worse, or much less is.
    far = [
        reached(digits, found.suggested * times, hidden, rule) for times in (30, 1e-3)
    ]
    assert min(far) < best - 5 * NOISE


def test_what_it_found_can_be_looked_at(digits):
    network = Network([64, 30, 10])
    before = network.weights_sha256()
    found = range_test(network, digits, seed=4)
    assert network.weights_sha256() == before
    assert len(found.etas) == len(found.costs) == len(found.smooth)
    assert (np.diff(np.log(found.etas)) > 0).all() and found.etas[0] == 1e-7
    assert found.lowest == found.etas[found.smooth.argmin()]
    etas, costs = zip(*found.trials, strict=True)
    assert found.suggested in etas and len(found.trials) == 6
    assert costs[etas.index(found.suggested)] <= 1.1 * min(costs)
    assert found.part == "validation"
    assert str(found).startswith(f"η = {found.suggested:g}: as good as the best of 6")
    again = range_test(network, digits, seed=4)
    assert again.suggested == found.suggested and again.trials == found.trials


def test_small_data_without_parts_and_other_costs():
    random = np.random.RandomState(0)
    x = random.standard_normal((40, 3))
    data = Dataset.from_arrays(x, x.sum(axis=1))
    network = Network([3, 8, 1], "tanh", "identity")
    found = range_test(network, data, batch_size=40, optimizer="adam", l2=1e-4)
    assert found.part == "train" and 1e-3 < found.suggested < 1
    *_, last = train(network, data, optimizer="adam", eta=found.suggested, epochs=200,
                     batch_size=40)  # fmt: skip
    assert last.cost < 0.05 * float((data.y**2).mean())


def test_what_has_no_learning_rate_is_refused(digits):
    network = Network([64, 10])
    with pytest.raises(InputError, match="got lbfgs, which searches along lines"):
        range_test(network, digits, optimizer="lbfgs")
    with pytest.raises(InputError, match="batch_size must be"):
        range_test(network, digits, batch_size=5000)
    network.w[1][0, 0] = np.inf
    with pytest.raises(InputError, match="finite cost before the first step"):
        range_test(network, digits)
