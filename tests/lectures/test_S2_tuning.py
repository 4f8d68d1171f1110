"""S2: how many layers and which alpha? Tuned, cross-validated, beside the default."""

import numpy as np
import pytest

from pellucid import Dataset, load, recipes, split
from pellucid.tuning import Tuning, auto
from pellucid.tuning.space import SPACE


def ran(tuning):
    for _ in tuning.run():
        pass
    return tuning


@pytest.fixture(scope="module")
def moons():
    """Few rows, and a network that learns their noise by heart if it is let."""
    from sklearn.datasets import make_moons

    x, labels = make_moons(240, noise=0.35, random_state=0)
    more = np.random.RandomState(0).standard_normal((240, 20))
    return split(Dataset.from_arrays(np.hstack([x, more]), labels), seed=0)


def test_S2_14_layers_and_units_are_tuned_on_folds_and_found_by_a_race():
    digits = load("digits")
    over = {"width": [2, 8, 32], "depth": [1, 2]}
    found = ran(Tuning(digits, over, 6, 3, epochs=8, layers=[2]))
    assert len(found.trials) == 7 and found.gains
    assert found.changes["layers"] in ([32], [32, 32])
    chosen, race = auto.settings("tiny-3-3", digits, layers="auto")
    assert race.tried[0] == (3, 3) != tuple(chosen["layers"])


def test_S2_19_more_alpha_shrinks_the_gap_between_training_and_test(moons):
    gaps = []
    for alpha in (1e-6, 1e-1):
        words = {"layers": [128], "l2": alpha, "dropout": 0.0, "epochs": 60}
        settings = recipes.settings(None, moons, **words)
        network = recipes.build(settings, moons)
        for _ in recipes.run(settings, network, moons):
            pass
        right = [
            (network(part.x).argmax(1) == part.labels).mean()
            for part in (moons.train, moons.test)
        ]
        gaps.append(right[0] - right[1])
    assert gaps[1] < gaps[0] - 0.05


def test_S2_20_alpha_is_tuned_on_a_tenth_to_a_millionth_by_default(moons):
    found = ran(Tuning(moons, None, epochs=30, layers=[64], l2=0.0, dropout=0.0))
    tried = [trial.values["alpha"] for trial in found.trials[1:]]
    np.testing.assert_allclose(sorted(tried), np.sort(10.0 ** -np.arange(1, 7)))
    assert tuple(SPACE["alpha"]) == (0.1, 0.01, 0.001, 0.0001, 1e-5, 1e-6)
    # Much noise is learned by heart here, so much penalty is best.
    assert found.best.values["alpha"] >= 0.001


def test_S2_53_tuning_is_cross_validated_and_shown_beside_the_default(moons):
    over = {"alpha": SPACE["alpha"], "width": [4, 32], "eta": [0.001, 0.01]}
    found = ran(Tuning(moons, over, 16, 4, epochs=10, layers=[32], l2=0.0))
    assert found.trials[0].label == "default" and len(found.trials[0].scores) == 4
    assert "the default" in found.answer()
    assert found.gains == bool(found.changes)
