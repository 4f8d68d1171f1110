"""Points of a plane: they are where they are said to be."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from pellucid import load
from pellucid.data.published.generated import GAP, GENERATED

PRINTS = {
    "line": "1eb4db5b0616",
    "moons": "fbb1febdb93a",
    "circles": "23016ed73090",
    "spirals": "962dce036340",
    "xor": "6579ac03bf6c",
}


def test_the_bits_are_the_same_for_ever():
    for name in GENERATED:
        assert load(name).fingerprint()["sha256"].startswith(PRINTS[name])


def test_the_points_are_the_same_everywhere_and_what_they_say():
    for name in GENERATED:
        data = load(name, dtype="float64")
        x, blue = data.x, data.labels == data.classes.index("blue")
        assert len(data) == 600 and 0.4 < blue.mean() < 0.6
        assert np.array_equal(x, load(name, dtype="float64").x)
        if name == "line":
            assert (blue == (x[:, 0] + 2 * x[:, 1] > 0.2)).all()
        elif name == "xor":
            assert (blue == (x[:, 0] * x[:, 1] < 0)).all() and abs(x).min() > GAP
        elif name == "circles":
            assert (blue == (np.hypot(*x.T) < 0.65)).all()
        elif name == "spirals":  # whose arms are 0.45 apart
            apart = np.hypot(*(x[:, None] - x).T)
            assert apart[blue[:, None] == blue].max() > 1.5
            np.fill_diagonal(apart, 9)
            assert (blue[apart.argmin(axis=0)] == blue).mean() > 0.97
            assert LogisticRegression().fit(x, blue).score(x, blue) < 0.8
        else:  # two half circles around (-0.3, -0.15) and (0.3, 0.15)
            right, up = np.where(blue, 0.3, -0.3), np.where(blue, 0.15, -0.15)
            assert abs(np.hypot(x[:, 0] - right, x[:, 1] - up) - 0.6).max() < 0.2
