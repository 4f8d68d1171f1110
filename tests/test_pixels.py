"""Images that stay bytes: to the engines, and to everyone else, the floats k/255."""

import numpy as np
import pytest

from pellucid import COSTS, OPTIMIZERS, Dataset, InputError, Network, train
from pellucid.data.pixels import Pixels
from pellucid.engines import ENGINES, start

RANDOM = np.random.RandomState(0)
LABELS = np.arange(300) % 3


def images(density, side=7):
    lit = RANDOM.rand(300, side, side) < density
    return (RANDOM.randint(1, 256, lit.shape) * lit).astype(np.uint8)


def floats(bytes_, dtype="float32"):
    return np.divide(bytes_.reshape(len(bytes_), -1), 255, dtype=dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("density", [0.02, 0.3, 0.9])  # codes, pairs, dense
@pytest.mark.parametrize("side", [7, 8])
def test_bytes_train_to_the_bits_of_their_floats(density, name, dtype, side):
    bytes_ = images(density, side)
    plain = Dataset.from_arrays(floats(bytes_, dtype), LABELS, dtype=dtype)
    hashes, answers = set(), []
    for data in (plain, Dataset.from_pixels(bytes_, LABELS, dtype=dtype)):
        network = Network([side * side, 9, 3], dtype=dtype)
        engine = start(
            network, data, cost=COSTS["cross_entropy"](),
            optimizer=OPTIMIZERS["adam"](), engine=name,
        )  # fmt: skip
        for batch in (10, 60):
            engine.run(np.arange(300), batch)
        hashes.add(engine.snapshot().weights_sha256())
        answers.append(engine.output(data.x))
    assert len(hashes) == 1
    np.testing.assert_array_equal(answers[0], answers[1])


@pytest.mark.parametrize("side", [256, 257])
def test_more_pixels_than_two_bytes_can_number(side):
    bytes_ = images(0.3, side)[:20]
    hashes = set()
    for data in (
        Dataset.from_arrays(floats(bytes_), LABELS[:20]),
        Dataset.from_pixels(bytes_, LABELS[:20]),
    ):
        engine = start(
            Network([side * side, 4, 3]), data, cost=COSTS["cross_entropy"](),
            optimizer=OPTIMIZERS["adam"](), engine="native",
        )  # fmt: skip
        for batch in (5, 20):
            engine.run(np.arange(20), batch)
        hashes.add(engine.snapshot().weights_sha256())
    assert len(hashes) == 1


def test_a_whole_training_with_parts_takes_bytes():
    data = Dataset.from_pixels(images(0.3), LABELS)
    assert data.image_shape == (7, 7) and data.describe().endswith("3 classes, float32")
    reports = list(train(Network([49, 5, 3]), data, epochs=2, monitor="train"))
    assert reports[-1].count == 300


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("density", [0.1, 0.3])
def test_lists_made_by_many_threads_hold_the_same(threads, density):
    """More rows than one thread is given alone; floats and bytes."""
    bytes_ = np.tile(images(density), (20, 1, 1))
    y = np.tile(LABELS, 20)
    order, hashes = np.random.RandomState(1).permutation(len(y)), set()
    for data in (
        Dataset.from_pixels(bytes_, y),
        Dataset.from_arrays(floats(bytes_), y),
        Dataset.from_arrays(floats(bytes_) * RANDOM.rand(len(y), 1), y),
    ):
        found = set()
        for count in (1, threads):
            engine = start(
                Network([49, 5, 3]), data, cost=COSTS["cross_entropy"](),
                optimizer=OPTIMIZERS["sgd"](), engine="native", threads=count,
            )  # fmt: skip
            engine.run(order, 100)
            found.add(engine.snapshot().weights_sha256())
        assert len(found) == 1
        hashes |= found
    assert len(hashes) == 2  # bytes as floats, and other numbers


def test_to_numpy_they_are_the_floats():
    bytes_ = images(0.5)
    x, plain = Pixels(bytes_), floats(bytes_)
    assert (x.shape, x.ndim, len(x), x.dtype) == ((300, 49), 2, 300, np.float32)
    some = np.array([3, 1])
    doubles = floats(bytes_, "float64")
    for mine, theirs in [
        (np.asarray(x), plain), (x[some], plain[some]), (x[5], plain[5]),
        (x @ plain[0], plain @ plain[0]), (1 - x, 1 - plain), (x.sum(0), plain.sum(0)),
        (np.ptp(x, axis=0), np.ptp(plain, axis=0)), (list(x)[7], plain[7]),
        (x[4:9].astype("float64")[:2].reshape(-1), doubles[4:6].ravel()),
    ]:  # fmt: skip
        np.testing.assert_array_equal(mine, theirs)
    assert np.shares_memory(x[4:9].bytes, bytes_)
    np.testing.assert_array_equal(x.astype(int), plain.astype(int))
    assert not hasattr(x, "tocsr")


@pytest.mark.parametrize(
    "wrong", [floats(images(0.5)), [[1, 2]], np.zeros((0, 4), "u1")]
)
def test_what_is_no_image_of_bytes_is_refused(wrong):
    with pytest.raises(InputError, match=r"pixels must be bytes \(uint8\)"):
        Dataset.from_pixels(wrong, [0] * len(wrong))


def test_as_a_dataset_they_have_the_same_parts_and_rows():
    from pellucid import split

    bytes_ = images(0.5)
    pixels = split(Dataset.from_pixels(bytes_, LABELS), seed=1)
    plain = split(Dataset.from_arrays(floats(bytes_), LABELS), seed=1)
    np.testing.assert_array_equal(np.asarray(pixels.test.x), plain.test.x)
    assert pixels.fingerprint()["sha256"] == plain.fingerprint()["sha256"]
