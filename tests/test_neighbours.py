"""How far an input lies from the training data."""

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist

from pellucid import Dataset, InputError, load
from pellucid.data.neighbours import how_unusual, usual_distances
from tolerances import CLOSED, PAGE, distance


def scattered(rows=60, dtype="float64"):
    random = np.random.RandomState(0)
    x = random.standard_normal((rows, 5))
    return Dataset.from_arrays(x, random.randint(2, size=rows), dtype=dtype)


def test_usual_distances_are_those_to_the_nearest_other_example():
    data = scattered()
    apart = cdist(data.x, data.x)
    np.fill_diagonal(apart, np.inf)
    want = np.sort(apart.min(axis=1))
    assert distance(usual_distances(data), want) < CLOSED
    some = usual_distances(data, sample=20)
    assert len(some) == 20 and np.isin(some.round(9), want.round(9)).all()


def test_an_input_is_placed_among_them():
    data = scattered()
    x = np.full((1, 5), 0.3)
    apart = cdist(x, data.x)[0]
    found = how_unusual(x, data)
    assert (found.row, len(data)) == (int(apart.argmin()), 60)
    assert abs(found.distance - apart.min()) < CLOSED
    below = (usual_distances(data) < apart.min()).mean()
    assert abs(found.percentile - 100 * below) < CLOSED
    assert "mistrust" not in str(found)


def test_a_training_example_is_usual_and_noise_is_not():
    digits = load("digits").train
    usual = usual_distances(digits)
    for row in (0, 700):
        found = how_unusual(digits.x[row : row + 1], digits, usual)
        assert (found.distance, found.row, found.percentile) == (0, row, 0)
    noise = np.random.RandomState(0).random_sample((1, 64))
    found = how_unusual(noise, digits, usual)
    assert found.percentile == 100
    assert str(found).endswith("unlike all it was trained on, so mistrust the answer")


def test_sparse_and_dense_examples_lie_equally_far():
    data = scattered(dtype="float32")
    twin = Dataset.from_arrays(sparse.csr_array(data.x), data.labels)
    assert distance(usual_distances(twin), usual_distances(data)) < PAGE["float32"]


def test_what_is_not_one_input_is_refused():
    data = scattered()
    with pytest.raises(InputError, match=r"one example, \(1, 5\); got \(2, 5\)"):
        how_unusual(data.x[:2], data)
    with pytest.raises(InputError, match="x must be"):
        how_unusual(data.x[0], data)
    with pytest.raises(InputError, match="two examples or more"):
        how_unusual(data.x[:1], data.rows([0]))
