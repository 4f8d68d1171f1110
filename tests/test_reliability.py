"""Calibration in numbers: bins, ECE, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import calibration_curve

from pellucid import InputError
from pellucid.evaluation import reliability
from tolerances import CLOSED, distance


def made(seed, m=400, classes=5):
    random = np.random.RandomState(seed)
    p = random.dirichlet(np.full(classes, 0.4), m)
    return p, random.randint(0, classes, m)


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_bins_are_scikit_learns_calibration_curve_of_confidence(bins):
    p, labels = made(0)
    found = reliability(p, labels, bins)
    right = p.argmax(1) == labels
    accuracy, confidence = calibration_curve(right, p.max(1), n_bins=bins)
    there = found.count > 0
    assert distance(found.accuracy[there], accuracy) <= CLOSED
    assert distance(found.confidence[there], confidence) <= CLOSED
    assert len(found.edges) == bins + 1


def test_ece_by_hand():
    p = np.array([[0.95, 0.05], [0.91, 0.09], [0.4, 0.6], [0.35, 0.65]])
    found = reliability(p, np.array([0, 1, 1, 1]), bins=10)
    assert list(found.count) == [0, 0, 0, 0, 0, 1, 1, 0, 0, 2]
    by_hand = (abs(1 - 0.6) * 1 + abs(1 - 0.65) * 1 + abs(0.5 - 0.93) * 2) / 4
    assert abs(found.ece - by_hand) <= CLOSED and abs(found.mce - 0.43) <= CLOSED
    assert np.isnan(found.accuracy[0]) and np.isnan(found.confidence[0])


def test_a_bin_holds_its_upper_edge_and_not_its_lower_one():
    p = np.array([[0.5, 0.5], [0.25, 0.25], [1.0, 0.0], [0.0, 0.0]])
    assert list(reliability(p, np.zeros(4, int), bins=4).count) == [2, 1, 0, 1]


def test_who_is_as_sure_as_right_has_no_error_and_who_is_certain_and_wrong_has_one():
    p = np.tile([0.75, 0.25], (8, 1))
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    assert reliability(p, labels, 1).ece <= CLOSED
    assert reliability(np.eye(3), np.array([1, 2, 0])).ece == 1.0


shapes = st.tuples(st.integers(1, 30), st.integers(1, 6))


@given(arrays(np.float64, shapes, elements=st.floats(0, 1)), st.integers(1, 40))
def test_every_answer_is_in_one_bin_and_the_error_lies_between_0_and_1(p, bins):
    labels = np.arange(len(p)) % p.shape[1]
    found = reliability(p, labels, bins)
    assert found.count.sum() == len(p)
    assert 0 <= found.ece <= found.mce + CLOSED <= 1 + 2 * CLOSED
    assert abs(found.overall_confidence - p.max(1).mean()) <= CLOSED
    right = (p.argmax(1) == labels).mean()
    assert abs(found.overall_accuracy - right) <= CLOSED


@pytest.mark.parametrize(
    ("p", "labels", "bins", "words"),
    [
        ([[1.5, 0.1]], [0], 15, "0 ... 1; got values from 0.1 to 1.5. Use a softmax"),
        ([[np.nan, 0.1]], [0], 15, "0 ... 1; got values from nan to nan"),
        ([[0.5, 0.5]], [0, 1], 15, r"got \(1, 2\) and \(2,\)"),
        ([0.5], [0], 15, r"must be \(m, classes\) with labels \(m,\)"),
        (np.zeros((0, 2)), np.zeros(0), 15, "at least one row"),
        ([[0.5, 0.5]], [0], 0, "bins must be a whole number and >= 1"),
    ],
)
def test_what_is_no_probability_is_refused(p, labels, bins, words):
    with pytest.raises(InputError, match=words):
        reliability(np.array(p), np.array(labels), bins)
