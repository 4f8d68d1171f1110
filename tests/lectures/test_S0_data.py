"""S0: the digits, what can be had without a network, and what fits a network."""

import numpy as np
import pytest

from pellucid import Dataset, InputError, Network, load, recipes, settings, train
from pellucid.data import read_idx
from pellucid.evaluation.baselines import BASELINES

PUBLISHED_TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module")
def mnist(data_dir) -> Dataset:
    return load("mnist", data_dir=data_dir)


def test_S0_01_what_can_be_had_without_a_network(mnist):
    # "How would you program the detection of digits?"
    right = {name: rule(mnist.train, mnist.test) for name, rule in BASELINES.items()}
    n = len(mnist.test)
    # A tenth is right by lot; its standard deviation is 0.3%.
    assert abs(right["random"] / n - 0.1) < 0.01
    # Nothing is drawn in these: they are exact. Nielsen, ch. 1, has the 2225.
    assert (right["average darkness"], n) == (2225, 10_000)
    assert (right["nearest class mean"], n) == (8200, 10_000)
    assert right["most frequent class"] == max(PUBLISHED_TEST_COUNTS)


def test_S0_09_inputs_lie_between_0_and_1(mnist):
    # "Sigmoid neurons take inputs between 0 and 1."
    for data in (mnist, load("digits")):
        assert (data.x.min(), data.x.max()) == (0, 1)
    some = mnist.test.rows(np.arange(50))
    assert list(train(Network([784, 10]), some, epochs=1))  # without a warning
    bytes_0_to_255 = np.rint(255 * some.x)
    with pytest.warns(UserWarning, match="Divide by 255"):
        raw = Dataset.from_arrays(bytes_0_to_255, some.labels, classes=range(10))
        assert list(train(Network([784, 10]), raw, epochs=1))


def test_S0_10_the_data_say_how_many_inputs_and_outputs(mnist):
    # "As many input neurons as pixels, 784, and an output neuron for each digit."
    assert recipes.build(settings("nielsen-30"), mnist).sizes == (784, 30, 10)
    digits = load("digits")
    assert recipes.build(settings(layers=[30]), digits).sizes == (64, 30, 10)
    with pytest.raises(InputError, match=r"784.*64|64.*784"):
        train(Network([64, 30, 10]), mnist)
    with pytest.raises(InputError, match=r"10.*5|5.*10"):
        train(Network([784, 30, 5]), mnist)


def test_S0_13_mnist_is_what_was_published(mnist, data_dir):
    # "60,000 training images and 10,000 test images"; the book keeps 10,000 of the
    # first for validation.
    assert mnist.counts == {"train": 50_000, "validation": 10_000, "test": 10_000}
    assert np.bincount(mnist.test.labels).tolist() == PUBLISHED_TEST_COUNTS
    for file, parts in (("train", ["train", "validation"]), ("t10k", ["test"])):
        labels = read_idx(data_dir / "mnist" / f"{file}-labels-idx1-ubyte.gz")
        images = read_idx(data_dir / "mnist" / f"{file}-images-idx3-ubyte.gz")[::50]
        ours = [mnist.part(part) for part in parts]
        assert np.array_equal(np.concatenate([part.labels for part in ours]), labels)
        pixels = np.concatenate([part.x[::50] for part in ours]).reshape(images.shape)
        assert np.array_equal(np.rint(255 * pixels), images)
