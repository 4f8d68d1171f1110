"""S2: "not probabilistic, no confidence"; it has one, and it can be made true."""

import numpy as np

from pellucid import Network, load, train
from pellucid.evaluation.confidence import confidence, logits
from pellucid.mathematics.calibration import odds_against, softmax


def test_S2_07_probabilities_are_calibrated_by_a_temperature():
    data = load("digits")
    few = data.train.rows(np.arange(200))
    network = Network([64, 100, 10], "tanh")
    for _ in train(network, few, epochs=150, eta=0.01, monitor="none"):
        pass
    network.parameters.theta *= 2  # the same answers, and far too sure of them
    found = confidence(network, data, "test")
    assert found.calibration.temperature > 1
    assert found.log_loss[1] < found.log_loss[0]
    assert found.after.ece < found.before.ece
    z = logits(network, data.test)
    p = found.calibration.probabilities(z)
    assert (p.argmax(1) == softmax(z).argmax(1)).all()  # no answer is another one
    sets = found.calibration.sets(z, 0.95)
    truth = np.arange(len(z)), data.test.labels
    assert 0.9 < sets[truth].mean() < 1 and sets.sum(1).mean() < 3
    assert odds_against(z)[truth].shape == (359,)
