"""A cost that is not finite ends training: where is told, the last good state kept."""

import numpy as np
import pytest

from pellucid import DivergedError, Network, load, train
from test_training import ENGINES, arrays, small, trained


def diverging(engine, **words):
    """The error, the network, and its fingerprint at each Report."""
    data, seen = arrays(), []
    network = Network([4, 5, 2], "identity", "identity", dtype="float64")
    with pytest.raises(DivergedError) as error:
        for report in train(network, data, engine=engine, **words):
            assert np.isfinite(network.parameters.theta).all()
            seen.append((report.epoch, report.step, network.weights_sha256()))
    return error.value, network, seen


@pytest.mark.parametrize("engine", ENGINES)
def test_cost_that_is_not_finite_ends_training_at_the_last_report(engine):
    etas = [0.1, 0.1, 0.1, 0.1, 1e200, 1e200, 0.1, 0.1, 0.1]
    error, network, seen = diverging(
        engine, optimizer="sgd", eta=etas.__getitem__, batch_size=10, epochs=3
    )
    assert [epoch for epoch, _, _ in seen] == [0, 1]
    assert network.weights_sha256() == seen[-1][-1] != seen[0][-1]
    assert (error.epoch, error.mini_batch, error.layer) == (2, 3, 2)
    assert str(error).startswith(
        "The cost stopped being finite in epoch 2, mini-batch 3: layer 2 of 2 overfl"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_partial_reports_are_places_to_fall_back_to(engine):
    etas = [0.1] * 4 + [1e200] * 9
    error, network, seen = diverging(
        engine, optimizer="sgd", eta=etas.__getitem__, batch_size=10, epochs=3, every=1
    )
    assert [step for _, step, _ in seen] == [0, 1, 2, 3, 4, 5]
    assert network.weights_sha256() == seen[-1][-1]
    assert (error.epoch, error.mini_batch) == (2, 3)


@pytest.mark.parametrize("engine", ENGINES)
def test_update_that_overflows_after_the_last_look_is_noticed(engine):
    # One mini-batch: its cost is finite, and nothing looks at the next one.
    network = small()
    theta = network.weights_sha256()
    with pytest.raises(DivergedError, match="in epoch 1, mini-batch 1: layer 1 of 2"):
        trained(
            network, arrays(), engine=engine, optimizer="sgd", eta=1e308, epochs=1,
            batch_size=30, l2=10.0,
        )  # fmt: skip
    assert network.weights_sha256() == theta


@pytest.mark.parametrize("engine", ENGINES)
def test_monitored_cost_that_is_not_finite_ends_training(engine):
    far = load("digits")
    far.x[far.counts["train"], :] = 1e30  # an example of the validation part
    network = Network([64, 5, 10], "identity", "identity")
    with pytest.raises(DivergedError, match="is still finite, its cost is not"):
        trained(network, far, engine=engine, epochs=1, cost="quadratic")


@pytest.mark.parametrize("engine", ENGINES)
def test_lbfgs_that_diverges_names_the_iteration(engine):
    data = arrays()
    data.x[3] = 1e160
    network = Network([4, 5, 2], "identity", "identity", dtype="float64")
    before = network.weights_sha256()
    with pytest.raises(DivergedError) as error:
        trained(network, data, optimizer="lbfgs", engine=engine, cost="quadratic")
    assert (error.value.epoch, error.value.mini_batch) == (1, 1)
    assert 1 <= error.value.layer <= 2
    assert network.weights_sha256() == before
