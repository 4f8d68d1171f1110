"""S2: extensions: against overfitting, against gradients that vanish or explode."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from pellucid import (
    COSTS,
    Dataset,
    DivergedError,
    Network,
    feedforward,
    load,
    trace,
    train,
)
from pellucid.evaluation import evaluate
from tolerances import CLOSED, distance

CROSS_ENTROPY = COSTS["cross_entropy"]()


def noisy():
    """Two classes that only 2 of 20 inputs tell, not for certain; few to learn from."""
    random = np.random.RandomState(0)
    x = random.randn(1000, 20)
    label = (x[:, 0] + x[:, 1] + random.randn(1000) > 0).astype(int)
    parts = {"train": 100, "validation": 300, "test": 600}
    return replace(Dataset.from_arrays(x, label), counts=parts)


def one_step(data, **words):
    """Parameters before and after one step over all training examples, and ∇C."""
    network = Network([20, 5, 2], seed=1, dtype="float64")
    part = data.train.astype("float64")
    before, eta = network.copy().parameters, 0.5
    nabla = trace(network, CROSS_ENTROPY, part.x, part.y).nabla
    words |= {"optimizer": "sgd", "eta": eta, "batch_size": len(part), "epochs": 1}
    assert len(list(train(network, part, **words))) == 2
    return before, network.parameters, nabla, eta


def test_S2_50_l2_l1_dropout_and_early_stopping_work_against_overfitting():
    # Extension: regularisation.
    data, found = noisy(), {}
    ways = {
        "none": {},
        "l2": {"l2": 0.03},
        "l1": {"l1": 0.01},
        "dropout": {"dropout": 0.5},
        "early stopping": {"patience": 5},
    }
    for way, words in ways.items():
        network = Network([20, 30, 2], seed=1)
        words = {"epochs": 100, "batch_size": 10, "eta": 0.003, **words}
        reports = list(train(network, data, **words))
        seen = evaluate(network, data.train, CROSS_ENTROPY).cost
        unseen = evaluate(network, data.test, CROSS_ENTROPY).cost
        found[way] = network, reports, unseen, unseen - seen
    _, _, plain_cost, plain_gap = found.pop("none")
    for way, (_, _, cost, gap) in found.items():
        assert gap < 0.9 * plain_gap and cost < 0.9 * plain_cost, (way, gap, plain_gap)

    # What each of them does. L2 and L1 are charged to the weights, not to the biases.
    for name, charge in (("l2", lambda w: 0.2 * w), ("l1", lambda w: 0.2 * np.sign(w))):
        before, after, nabla, eta = one_step(data, **{name: 0.2})
        for l in (1, 2):
            want = before.w[l] - eta * (nabla.w[l] + charge(before.w[l]))
            assert distance(after.w[l], want) < CLOSED
            assert distance(after.b[l], before.b[l] - eta * nabla.b[l]) < CLOSED
    small = {
        way: np.mean([abs(v) < 0.01 for v in network.w[1].flat])
        for way, (network, *_) in found.items()
    }
    assert small["l1"] > 0.5 > 2 * small["l2"], small  # L1 makes most weights nothing
    # Dropout silences units while learning, and none while answering.
    network, reports, *_ = found["dropout"]
    answering = evaluate(network, data.train, CROSS_ENTROPY).cost
    assert reports[-1].cost > 2 * answering
    # Early stopping ends early, at the best epoch and not at the last.
    network, reports, *_ = found["early stopping"]
    best = [report for report in reports if report.best][-1]
    assert reports[-1].epoch == best.epoch + 5 < 100
    back = evaluate(network, data.validation, CROSS_ENTROPY)
    assert (back.correct, back.cost) == (best.correct, best.monitor_cost)
    assert best.correct == max(report.correct for report in reports)


def sizes_of_gradient(network, data):
    """‖∂C/∂w^l‖ of each layer."""
    nabla = trace(network, CROSS_ENTROPY, data.x, data.y).nabla
    return np.array([np.linalg.norm(w) for w in nabla.w[1:]])


def test_S2_52_gradients_that_vanish_or_explode_are_seen_and_held():
    # Extension: vanishing and exploding gradients.
    part, deep = load("digits").train, [64, *[40] * 6, 10]

    # The monitor: the network after every report, looked at layer by layer.
    share = {}
    for hidden in ("sigmoid", "relu"):
        network, seen = Network(deep, hidden, seed=1), []
        for _ in train(network, part, optimizer="sgd", eta=0.01, epochs=3):
            seen.append(sizes_of_gradient(network, part.rows(range(200))))
        share[hidden] = [float(sizes[0] / sizes[-1]) for sizes in seen]
        assert np.shape(seen) == (4, 7)
    assert max(share["sigmoid"]) < 1e-3 < 0.1 < min(share["relu"]), share

    # Where the weights begin: N(0, 1/n), Xavier, He, each as wide as its paper says.
    wide = [400, 600, 10]
    for rule, spread in (
        ("scaled", sqrt(1 / 400)),
        ("glorot", sqrt(2 / (400 + 600))),
        ("he", sqrt(2 / 400)),
    ):
        w = Network(wide, initializer=rule).w[1]
        # The spread of 240,000 draws is within 1 % of the true one.
        assert abs(w.std() / spread - 1) < 0.01 and abs(w.mean()) < 0.01 * spread
    # With them the pre-activations neither die out nor grow, through 20 layers.
    tall = [64, *[100] * 20, 10]
    x = np.random.RandomState(0).randn(200, 64).astype("float32")
    for hidden, rule, least, most in (
        ("relu", "he", 0.3, 3),
        ("tanh", "glorot", 0.1, 3),
        ("tanh", "scaled", 0.3, 3),
        ("relu", "nielsen", 1e10, np.inf),
        ("relu", "glorot", 0, 0.02),
    ):
        z, _ = feedforward(Network(tall, hidden, initializer=rule, seed=2), x)
        assert least < z[20].std() / z[1].std() < most, (hidden, rule)

    # Clipping: the step of a gradient that explodes is no longer than η times the clip.
    words = {"optimizer": "sgd", "eta": 0.1, "batch_size": len(part), "epochs": 1}
    network = Network([64, 40, 40, 40, 10], initializer="nielsen", dtype="float64")
    before = network.copy()
    norm = np.linalg.norm(sizes_of_gradient(network, part.astype("float64")))
    assert norm > 100
    list(train(network, part, clip=1.0, **words))
    step = network.parameters.theta - before.parameters.theta
    assert distance(np.linalg.norm(step), 0.1) < CLOSED
    nabla = trace(before, CROSS_ENTROPY, part.x, part.y).nabla.theta
    assert distance(step / 0.1, -nabla / np.linalg.norm(nabla)) < CLOSED
    # Without it the same training ends; with it the network learns.
    wild = Network([64, 40, 40, 40, 10], "leaky_relu", initializer="nielsen")
    words = {"optimizer": "sgd", "eta": 0.1, "epochs": 10, "monitor": "train"}
    with pytest.raises(DivergedError, match="clip=1"):
        list(train(wild.copy(), part, **words))
    assert list(train(wild, part, clip=1.0, **words))[-1].accuracy > 0.6
