"""encode=True: tables with categories and missing values, without a step before."""

import numpy as np
import pytest

from pellucid import InputError, MLPClassifier, MLPRegressor
from tolerances import CLOSED, distance

pandas = pytest.importorskip("pandas")
RANDOM = np.random.RandomState(0)
COLOUR = RANDOM.choice(["red", "green", "blue"], 300)
SIZE = 100 * RANDOM.standard_normal(300) + 5000
BIG = (COLOUR == "red") | (SIZE > 5100)
SIZE[RANDOM.rand(300) < 0.1] = np.nan
TABLE = pandas.DataFrame({"colour": COLOUR, "size": SIZE})
WORDS = {"encode": True, "solver": "lbfgs", "random_state": 0}


@pytest.mark.parametrize("frame", ["pandas", "polars", "dictionary", "array"])
def test_a_table_is_learned_from_as_it_is(frame):
    polars = pytest.importorskip("polars")
    table = {
        "pandas": lambda: TABLE,
        "polars": lambda: polars.DataFrame({"colour": COLOUR, "size": SIZE}),
        "dictionary": lambda: {"colour": COLOUR, "size": SIZE},
        "array": lambda: TABLE.to_numpy(object),
    }[frame]()
    net = MLPClassifier(**WORDS).fit(table, BIG)
    assert net.score(table, BIG) > 0.95
    assert net.n_features_in_ == 2 and net.coefs_[0].shape[0] == 5
    proba = MLPClassifier(**WORDS).fit(TABLE, BIG).predict_proba(TABLE)
    np.testing.assert_array_equal(net.predict_proba(table), proba)


def test_numbers_are_predicted_and_examples_held_out():
    y = np.where(COLOUR == "red", 3.0, -1.0)
    net = MLPRegressor(
        encode=True, scoring="r2", learning_rate_init=0.01, random_state=0
    )
    net.fit(TABLE[:200], y[:200], X_val=TABLE[200:], y_val=y[200:])
    assert net.history_["validation_r2"][-1] > 0.9
    both = (net.history_[f"validation_{name}"] for name in ("r2", "score"))
    assert distance(*map(np.array, both)) < CLOSED


def test_a_level_that_is_new_is_told():
    net = MLPClassifier(**WORDS).fit(TABLE, BIG)
    strange = pandas.DataFrame({"colour": ["pink"], "size": [5000.0]})
    with pytest.warns(UserWarning, match="pink|not there in training|level"):
        net.predict(strange)
    with pytest.raises(InputError, match="rows must have the column 'colour'"):
        net.predict(strange[["size"]])


def test_without_encode_a_table_is_refused_as_ever():
    with pytest.raises(ValueError, match="could not convert string to float"):
        MLPClassifier().fit(TABLE, BIG)
