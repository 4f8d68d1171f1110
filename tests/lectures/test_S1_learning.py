"""S1: what layers extract, what weights are worth, what training adds to chance."""

import numpy as np
import pytest
from sklearn.datasets import load_wine

from pellucid import (
    COSTS,
    RECIPES,
    Dataset,
    Given,
    Network,
    feedforward,
    load,
    recipes,
    split,
    trace,
    train,
)
from pellucid.data import from_one_hot
from pellucid.evaluation import evaluate
from tolerances import CLOSED, distance

CROSS_ENTROPY = COSTS["cross_entropy"]()


@pytest.fixture(scope="module")
def mnist(data_dir):
    return load("mnist", data_dir=data_dir)


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def trained(network, data, **words):
    """The network after the last report, which is not looked at."""
    for _ in train(network, data, **words):
        pass
    return network


def accuracy(network, data):
    return evaluate(network, data, CROSS_ENTROPY).accuracy


def probe(network, l, learned, judged, **words):
    """How well a linear model reads the classes from the activations of layer l."""
    seen, unseen = (
        Dataset.from_arrays(feedforward(network, part.x)[1][l], part.labels)
        for part in (learned, judged)
    )
    reader = Network([seen.inputs, seen.outputs])  # no hidden layer
    return accuracy(trained(reader, seen, **words), unseen)


def spirals(count, seed):
    """Two arms of a spiral around each other; which arm is the class."""
    random = np.random.RandomState(seed)
    arm = random.randint(2, size=count)
    out = np.sqrt(random.uniform(0.02, 1, count))
    angle = 2.5 * np.pi * out + np.pi * arm
    x = np.c_[out * np.cos(angle), out * np.sin(angle)]
    return Dataset.from_arrays(x + 0.02 * random.randn(count, 2), arm)


def test_S1_01_a_linear_probe_reads_more_from_each_deeper_layer(mnist):
    # Layers progressively extract higher features.
    learned, judged = spirals(600, 0), spirals(600, 1)
    shares = []
    for seed in range(3):
        network = Network([2, 10, 10, 2], "tanh", seed=seed)
        trained(network, learned, epochs=200, eta=0.02, batch_size=30)
        words = {"optimizer": "lbfgs", "epochs": 50}
        shares.append([probe(network, l, learned, judged, **words) for l in range(3)])
    # Means of 3 seeds: 0.69 in the inputs, 0.94 and 1.00 in the hidden layers.
    assert (np.diff(np.mean(shares, axis=0)) > 0.02).all(), shares

    # The same on handwriting, where a linear model already reads much in the pixels.
    learned = mnist.train.rows(range(10_000))
    judged = mnist.validation.rows(range(2_000))
    network = trained(Network([784, 64, 32, 10]), learned, epochs=6)
    shares = [probe(network, l, learned, judged, epochs=4) for l in range(3)]
    assert shares[0] + 0.01 < min(shares[1:]), shares


def tones(count=900, steps=32):
    """Noisy series of three shapes, at any phase and pace."""
    random = np.random.RandomState(2)
    kind = random.randint(3, size=count)
    begin, pace = random.rand(count, 1), random.uniform(2, 3, (count, 1))
    phase = (begin + pace * np.linspace(0, 1, steps)) % 1
    shapes = [np.sin(2 * np.pi * phase), np.sign(phase - 0.5), 2 * phase - 1]
    x = np.choose(kind[:, None], shapes) + 0.1 * random.randn(count, steps)
    return x, np.array(["sine", "square", "saw"])[kind]


def test_S1_06_one_algorithm_learns_images_tables_and_time_series(digits):
    # The one-learning-algorithm hypothesis: the same code, whatever the data are.
    table, cultivar = load_wine(return_X_y=True)
    table = (table - table.mean(0)) / table.std(0)
    three = {
        "image": digits,
        "table": split(Dataset.from_arrays(table, cultivar)),
        "time series": split(Dataset.from_arrays(*tones())),
    }
    for kind, data in three.items():
        network = Network([data.inputs, 30, data.outputs])
        before = accuracy(network, data.test)
        after = accuracy(trained(network, data, epochs=60), data.test)
        assert before < 0.6 and after > 0.85, (kind, before, after)


def without(network, chosen):
    """The network with the weights of each layer that `chosen` marks set to 0."""
    pruned = network.copy()
    for w in pruned.w[1:]:
        w[chosen(abs(w))] = 0
    return pruned


def test_S1_08_half_of_the_weights_can_go_if_they_are_the_smallest(digits):
    # Weights rank the importance of connections.
    shares = []
    for seed in range(5):
        network = trained(Network([64, 30, 10], seed=seed), digits, epochs=30)
        smallest = without(network, lambda size: size < np.median(size))
        largest = without(network, lambda size: size > np.median(size))
        zeros = [sum((w == 0).sum() for w in n.w[1:]) for n in (smallest, largest)]
        weights = sum(w.size for w in network.w[1:])
        assert all(abs(count - weights / 2) <= 2 for count in zeros)
        kinds = (network, smallest, largest)
        shares.append([accuracy(kind, digits.test) for kind in kinds])
    whole, small_gone, large_gone = np.mean(shares, axis=0)
    # Means of 5 seeds lie at 0.95, 0.88 and 0.15; chance is 0.10.
    assert small_gone > whole - 0.15, shares
    assert large_gone < 0.3, shares


def slopes_of_layers(data, hidden, depth):
    """‖∂C/∂w^l‖ of each layer of a fresh network with `depth` hidden layers of 30."""
    network = Network([64, *[30] * depth, 10], hidden, seed=depth)
    nabla = trace(network, CROSS_ENTROPY, data.x, data.y).nabla
    return [float(np.linalg.norm(w)) for w in nabla.w[1:]]


def test_S1_12_relu_keeps_the_gradient_but_its_units_can_die(digits):
    # ReLU "solves" the vanishing gradient, says the lecture. Mostly; at a price.
    part = digits.train
    ratio = {
        hidden: [
            slopes_of_layers(part, hidden, depth)[0]
            / slopes_of_layers(part, hidden, depth)[-1]
            for depth in range(1, 6)
        ]
        for hidden in ("sigmoid", "relu")
    }
    assert ratio["sigmoid"] == sorted(ratio["sigmoid"], reverse=True)
    assert ratio["sigmoid"][-1] < 0.01 < 0.3 < min(ratio["relu"]), ratio

    dead = {}
    for hidden in ("sigmoid", "relu"):
        network = Network([64, 30, 10], hidden, seed=1)
        trained(network, part, optimizer="sgd", eta=2.0, epochs=2)
        found = trace(network, CROSS_ENTROPY, part.x, part.y)
        silent = (found.a[1] == 0).all(0)  # for every example
        dead[hidden] = int(silent.sum())
        # No example can wake them: nothing flows back to what leads into them.
        assert not found.nabla.w[1][silent].any()
        assert not found.nabla.b[1][silent].any()
    assert dead["sigmoid"] == 0 < dead["relu"], dead


def test_S1_14_the_opinion_is_the_largest_output_the_first_of_equals(digits):
    # The forward pass ends in argmax: the network's opinion.
    network = Network([64, 16, 12, 10], "sigmoid", seed=3)
    part = digits.validation
    found = trace(network, CROSS_ENTROPY, part.x, part.y)
    assert [len(layer[0]) for layer in found.a] == [64, 16, 12, 10]
    assert [len(layer[0]) for layer in found.z[1:]] == [16, 12, 10]
    assert found.a[0] is part.x and distance(found.a[3], network(part.x)) < CLOSED
    largest = [max(range(10), key=lambda j, row=row: row[j]) for row in found.a[3]]
    assert from_one_hot(found.a[3], range(10)).tolist() == largest
    right = sum(j == label for j, label in zip(largest, part.labels, strict=True))
    assert evaluate(network, part, CROSS_ENTROPY).correct == right

    # Where outputs are equal, the first of them is taken: so it is written.
    assert "first of equals" in from_one_hot.__doc__
    even = Network([64, 10], initializer="zeros")
    first = next(train(even, digits, monitor="validation"))
    zeros = int((part.labels == 0).sum())
    assert first.correct == evaluate(even, part, CROSS_ENTROPY).correct == zeros
    bias = np.zeros(10)
    bias[[4, 7]] = 1.0
    pair = Network([64, 10], initializer=Given((np.zeros((10, 64)),), (bias,)))
    assert set(from_one_hot(pair(part.x), part.classes)) == {"4"}


def test_S1_15_a_random_network_is_right_by_chance(mnist):
    # The untrained network is useless.
    assert RECIPES["nielsen-30"]
    shares = []
    for seed in range(20):
        settings = recipes.settings("nielsen-30", seed=seed)
        network = recipes.build(settings, mnist)
        shares.append(evaluate(network, mnist.test, COSTS["quadratic"]()).accuracy)
    # Measured: 10 ± 3 % over 20 seeds.
    assert 0.07 < np.mean(shares) < 0.13, shares
