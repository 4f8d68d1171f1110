"""S3 on MNIST: what layers have learned, and what a random network knows."""

import numpy as np
import pytest

from pellucid import Dataset, Network, feedforward, load, settings, train
from pellucid.evaluation import evaluate
from pellucid.mathematics.costs import CrossEntropy, Quadratic
from pellucid.recipes import build


@pytest.fixture(scope="module")
def mnist(data_dir):
    return load("mnist", data_dir=data_dir)


def probe(network, l, train_part, other):
    """Accuracy on `other` of a linear classifier of the activations of layer l."""
    learned, judged = (
        Dataset.from_arrays(feedforward(network, part.x)[1][l], part.labels)
        for part in (train_part, other)
    )
    linear = Network([learned.inputs, learned.outputs])
    for _ in train(linear, learned, epochs=10):
        pass
    return evaluate(linear, judged, CrossEntropy()).accuracy


def test_S3_07_each_layer_makes_the_digits_easier_to_tell_apart(mnist):
    some = mnist.train.rows(np.arange(10_000))
    network = Network([784, 64, 32, 10])
    for _ in train(network, some, epochs=10):
        pass
    accuracy = [probe(network, l, some, mnist.validation) for l in range(network.L)]
    pixels, first, second = accuracy
    # A linear classifier of pixels has 88 to 92% (LeCun 1998; softmax regression).
    assert 0.88 < pixels < 0.92
    # Bands of 10 seeds: 2.8 points more or better after the first layer; the second,
    # with half as many units, tells as much or more.
    assert first > pixels + 0.02
    assert second > first - 0.005


def test_S3_14_random_network_answers_rubbish(mnist):
    # 20 seeds of the notes' network: ten classes, so a guess is right 1 time in 10.
    accuracy = []
    for seed in range(20):
        network = build(settings("3b1b", seed=seed), mnist)
        accuracy.append(evaluate(network, mnist.test, Quadratic()).accuracy)
    # The band is S1-15's: 10 ± 3%.
    assert 0.07 < np.mean(accuracy) < 0.13
    assert len(set(accuracy)) > 1
