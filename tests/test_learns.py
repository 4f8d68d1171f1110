"""Learning bands: the recipes reach on real data what is published for them.

The bands are those of the lectures and of Nielsen's book; every run is a function of
its seed, so a band that holds goes on holding.
"""

import time

import numpy as np
import pytest

from pellucid import COSTS, Network, load, recipes
from pellucid.engines import start
from pellucid.evaluation import evaluate
from pellucid.mathematics.optimizers import SGD

SEEDS = range(10)


def accuracies(recipe, data, monitor="test", seeds=SEEDS, **changes):
    """Accuracy after each epoch (and before the first), (seeds, epochs + 1)."""
    table = []
    for seed in seeds:
        chosen = recipes.settings(recipe, seed=seed, monitor=monitor, **changes)
        network = recipes.build(chosen, data)
        run = [r.accuracy for r in recipes.run(chosen, network, data) if r.complete]
        table.append(run + [run[-1]] * (chosen["epochs"] + 1 - len(run)))
    return np.array(table)


@pytest.fixture(scope="module")
def mnist(data_dir):
    return load("mnist", data_dir=data_dir)


def test_the_default_on_digits():
    """The main job: at least 96%, and 97% in the mean of 10 seeds."""
    data = load("digits")
    test = []
    for seed in SEEDS:
        chosen = recipes.settings(seed=seed)
        network = recipes.build(chosen, data)
        list(recipes.run(chosen, network, data))
        test.append(evaluate(network, data.test, COSTS["cross_entropy"]()).accuracy)
    assert min(test) >= 0.96
    assert np.mean(test) >= 0.97


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nielsen_30(mnist):
    """Nielsen, ch. 1: peak 95.42% as published; 94.5 to 95.6% for every seed."""
    peaks = accuracies("nielsen-30", mnist).max(1)
    assert ((peaks >= 0.945) & (peaks <= 0.956)).all(), peaks


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nielsen_100(mnist):
    """Nielsen, ch. 1: 96.59% as published, "some runs quite a bit worse".

    Most starts overshoot with η 3 and lose a class or three for good: peaks sit near
    87, 78 or 67%. The best of ten seeds is what the book prints.
    """
    peaks = accuracies("nielsen-100", mnist).max(1)
    assert 0.94 <= peaks.max() <= 0.97, peaks
    assert (peaks >= 0.60).all(), peaks


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nielsen_ch3(mnist):
    """Nielsen, ch. 3: 98.04% on the validation part; here 97.8% on the test part."""
    reached = accuracies("nielsen-ch3", mnist, seeds=range(3))
    assert (reached[:, -1] >= 0.978).all(), reached[:, -1]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_3b1b(mnist):
    """784-16-16-10: 93.3 to 94.5% were measured for the same recipe elsewhere."""
    peaks = accuracies("3b1b", mnist).max(1)
    assert 0.925 <= np.median(peaks) <= 0.955, peaks


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_tiny_3_3(mnist):
    """784-3-3-10, narrower than its classes: 73 to 78% were measured elsewhere."""
    reached = accuracies("tiny-3-3", mnist)[:, -1]
    assert 0.70 <= np.median(reached) <= 0.80, reached


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sklearn_recipe(mnist):
    """scikit-learn's defaults on MNIST give about 98%."""
    reached = accuracies("sklearn", mnist, monitor="validation", seeds=range(2))
    assert (reached.max(1) >= 0.975).all()


@pytest.mark.slow
def test_native_beats_the_page_two_to_one(mnist):
    """An epoch of Nielsen's run, the two engines in turn."""
    network = Network(
        [784, 30, 10], "sigmoid", "sigmoid", initializer="nielsen", seed=1
    )
    task = {"cost": COSTS["quadratic"](), "optimizer": SGD(eta=3.0)}
    engines = [
        start(network, mnist.train, engine=name, **task) for name in ("numpy", "native")
    ]
    order = np.random.RandomState(0).permutation(len(mnist.train))
    seconds = [[], []]
    for _ in range(5):
        for engine, times in zip(engines, seconds, strict=True):
            begin = time.perf_counter()
            engine.run(order, 10)
            times.append(time.perf_counter() - begin)
    page, native = (np.median(times) for times in seconds)
    assert page > 2 * native, f"page {page:.3f} s, native {native:.3f} s an epoch"
