"""S3 on MNIST: what layers have learned, and what a random network knows."""

import numpy as np
import pytest

from pellucid import Dataset, Network, feedforward, load, settings, train
from pellucid.diagnosis import diagnose
from pellucid.evaluation import evaluate
from pellucid.mathematics.costs import CrossEntropy, Quadratic
from pellucid.recipes import build, run


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


def diagnosed(chosen, data):
    """The accuracy on the validation part, and the names of what is found wrong."""
    network = build(chosen, data)
    begin, cost = network.copy(), chosen["cost"]
    history = list(run(chosen, network, data))
    found = diagnose(network, data, history, cost=cost, begin=begin)
    return network, history[-1].accuracy, {each.name: each for each in found}


@pytest.mark.slow
def test_S2_23_three_and_three_hidden_units_are_too_few(mnist):
    # "{3,3}" is no reasonable choice for ten digits: 2,407 parameters, all that is
    # known of an image in three numbers. How far that goes hangs on the seed: sigmoids
    # 56, 64, 72 and 56% (seeds 0 to 3), ReLU 67 to 83%, median 80 (seeds 0 to 9).
    sigmoid = {"hidden": "sigmoid", "output": "sigmoid", "cost": "quadratic",
               "initializer": "nielsen", "optimizer": "sgd", "eta": 1.0,
               "batch_size": 10, "epochs": 30}  # fmt: skip
    for changes, least, most in ((sigmoid, 0.55, 0.75), ({}, 0.65, 0.85)):
        reached = []
        for seed in range(3):
            chosen = settings("tiny-3-3", seed=seed, **changes)
            network, accuracy, found = diagnosed(chosen, mnist)
            assert network.parameters.theta.size == 2407
            reached.append(accuracy)
            narrow = found["bottleneck"]
            assert narrow.measured == {"layers": [1, 2], "width": 3, "classes": 10}
            assert "as few as 3 units for 10 classes" in narrow.meaning
        assert least < np.median(reached) < most, (changes, reached)
