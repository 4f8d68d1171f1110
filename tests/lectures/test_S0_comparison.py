"""S0 and S2: other classifiers, and what each takes in seconds."""

import math

from pellucid import load, split
from pellucid.comparison import Comparison


def compared():
    def draw(seed):
        return split(load("digits"), seed=seed)

    models = ["linear", "neighbours", "svm", "forest"]
    found = Comparison(draw, range(2), models, epochs=10)
    for _ in found.run():
        pass
    return found


def test_S0_37_four_classifiers_that_are_no_networks_learn_the_same_data():
    found = compared()
    assert len(found.ranked) == 5
    assert all(found.mean(model) > 0.9 for model in found.ranked)


def test_S2_09_every_comparison_has_the_seconds_of_each_model():
    found = compared()
    for model in found.ranked:
        for what in ("fit_seconds", "predict_seconds"):
            assert 0 < found.mean(model, what) < math.inf
    assert "fit_seconds,predict_seconds" in found.csv()
