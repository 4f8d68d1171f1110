"""S1: hand-made features as the old way, and the claim that others saturate."""

import numpy as np
import pytest

from pellucid import load, split
from pellucid.comparison import Comparison, LearningCurve, fewer
from pellucid.comparison.features import hand_made
from tolerances import CLOSED


def digits(seed):
    return split(load("digits"), seed=seed)


def test_S1_02_hand_made_features_and_a_regression_stand_beside_the_network():
    found = Comparison(digits, range(3), ["linear", "features"])
    for _ in found.run():
        pass
    assert 0.9 < found.mean("features") < found.mean("network")


def test_S1_02_each_feature_is_what_its_name_says():
    """A stroke down the second of four columns, and its mirror image."""
    stroke = np.zeros((2, 4, 4))
    stroke[0, :, 1] = stroke[1, :, 2] = 1
    left, right = hand_made(stroke.reshape(2, 16), (4, 4))
    for one, column in ((left, 1), (right, 2)):
        ink, row, centre, down, across, slant = one[:6]
        assert abs(ink - 0.25) <= CLOSED and abs(centre - column / 4) <= CLOSED
        assert abs(row - 1.5 / 4) <= CLOSED and abs(across) <= CLOSED
        assert down > 0 and abs(slant) <= CLOSED
        assert one[6] == 0.5 and one[7] == 0  # to the left no mirror image, upwards one
        assert (one[24:32] == 1).all()  # each row meets it once
    assert list(left[8:24:4]) == [0] * 4 and list(left[9:24:4]) == [1] * 4
    coloured = np.repeat(stroke.reshape(2, 16), 3, axis=1)
    np.testing.assert_array_equal(hand_made(coloured, (4, 4)), [left, right])


def test_S1_05_with_more_data_both_get_better_and_neither_is_at_its_end():
    """The claim, measured: on the digits the machine without layers still gains."""
    found = LearningCurve(digits, [100, 200, 500], range(3), ["svm"])
    for _ in found.run():
        pass
    assert found.amounts == [100, 200, 500, 1258]
    for model in ("network", "svm"):
        assert (np.diff(found.mean(model)) > 0).all()
        assert found.saturated(model) is False


@pytest.mark.slow
def test_S1_05_network_and_machine_on_mnist():
    data = load("mnist")

    def draw(seed):
        return fewer(split(data, test=0.03, seed=seed), 5_000)

    found = LearningCurve(draw, [100, 500, 1_000, 2_000], range(2), ["svm"], epochs=20)
    for _ in found.run():
        pass
    for model in ("network", "svm"):
        means = found.mean(model)
        assert (np.diff(means) > 0).all() and means[0] > 0.6 and means[-1] > 0.93
