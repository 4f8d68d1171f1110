"""Two-feature data: the same numbers for ever, on every machine."""

import numpy as np
import pytest

from pellucid import load
from pellucid._random import stream
from pellucid.data.published import planes
from pellucid.data.published.planes import GRID, PLANES

PRINTS = {
    "moons": "5df01a9e395f",
    "circles": "678e62a72ef6",
    "spirals": "532a98a522c6",
    "xor": "88792d3f8e04",
}


@pytest.mark.parametrize("known", PLANES, ids=lambda known: known.name)
def test_two_feature_data_are_the_same_for_ever(known):
    data = load(known.name)
    assert data.fingerprint()["sha256"].startswith(PRINTS[known.name])
    assert (data.inputs, data.outputs, len(data)) == (2, 2, known.rows)
    scaled = load(known.name, dtype="float64").x * GRID
    assert np.array_equal(scaled, np.round(scaled))


def test_no_coordinate_lies_where_a_sine_s_last_digit_could_move_it():
    half = planes.ROWS // 2
    for name, (_, curve) in planes.CURVES.items():
        clean = [
            curve((i + 0.5) / half, label) for label in (0, 1) for i in range(half)
        ]
        noise = planes.NOISE * stream(0, name).standard_normal((planes.ROWS, 2))
        exactly = (np.array(clean) + noise) * GRID
        assert abs(exactly - np.floor(exactly) - 0.5).min() > 1e-6
