"""What the estimators do to be quick changes no number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import type_of_target

from pellucid import MLPClassifier, MLPRegressor
from pellucid.estimators.columns import binarizer_of, one_hot
from stepping import X, Y, numbers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"tol": 0.02, "n_iter_no_change": 2},  # stops in between
        {"tol": 0.02, "n_iter_no_change": np.inf},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.5,
         "n_iter_no_change": 1},
        {"solver": "sgd", "learning_rate": "invscaling"},
        {"shuffle": False, "batch_size": 50},
    ],
)  # fmt: skip
def test_epochs_that_nobody_looks_into_are_the_same(words, capsys):
    words = {"max_iter": 77, "learning_rate_init": 0.01, **words}
    nets = []
    for verbose in (False, True):  # a line an epoch: one at a time
        random = np.random.RandomState(0)
        net = MLPClassifier((8,), random_state=random, verbose=verbose, **words)
        nets.append(net.fit(X, Y))
        nets[-1].drawn = random.randint(10**6)
    unseen, seen = nets
    np.testing.assert_array_equal(numbers(unseen), numbers(seen))
    for name in ("n_iter_", "t_", "loss_", "loss_curve_", "best_loss_", "drawn"):
        assert getattr(unseen, name) == getattr(seen, name), name
    rates = [net.history_["learning_rate"] for net in nets]
    assert rates[0] == rates[1] and len(rates[0]) == unseen.n_iter_
    assert len(unseen.history_["seconds"]) == unseen.n_iter_
    capsys.readouterr()


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_lbfgs_ends_in_the_same_bits_for_any_threads(kind):
    # So many weights that SciPy's sums over them would be done by several threads.
    words = {"solver": "lbfgs", "max_iter": 5, "random_state": 0}
    x = np.random.RandomState(0).standard_normal((60, 200))
    y = np.arange(60) % 3
    found = [
        numbers(kind(hidden_layer_sizes=(100,), threads=threads, **words).fit(x, y))
        for threads in (None, 1, 2)
    ]
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


@given(
    labels=st.lists(st.integers(-3, 3), min_size=1, max_size=20),
    kind=st.sampled_from([int, float, str, object]),
)
def test_labels_become_columns_as_in_scikit_learn(labels, kind):
    y = np.array(labels).astype(str if kind is object else kind).astype(kind)
    theirs, ours = LabelBinarizer().fit(y), binarizer_of(y, type_of_target(y))
    assert vars(ours).keys() == vars(theirs).keys()
    assert ours.y_type_ == theirs.y_type_
    assert ours.classes_.dtype == theirs.classes_.dtype
    want = theirs.transform(y)
    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
    np.testing.assert_array_equal(ours.transform(y), want)
    np.testing.assert_array_equal(one_hot(y, ours.classes_), want)


def test_the_label_is_that_of_the_largest_probability():
    net = MLPClassifier((8,), max_iter=3, random_state=0).fit(X, Y)
    best = net.predict_proba(X).argmax(axis=1)
    np.testing.assert_array_equal(net.predict(X), net.classes_[best])


def test_one_row_is_answered_as_many_are():
    for kind in (MLPClassifier, MLPRegressor):
        net = kind(hidden_layer_sizes=(8,), max_iter=3, random_state=0).fit(X, Y)
        apart = np.concatenate([net.predict(x[None]) for x in X])
        np.testing.assert_allclose(apart, net.predict(X))


def test_rows_whose_squares_overflow_are_answered():
    net = MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0).fit(
        X.astype("float32"), Y
    )
    assert np.isfinite(net.predict(np.full((1, X.shape[1]), 1e25, "float32"))).all()
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="contains"):
            net.predict(np.full((1, X.shape[1]), bad, "float32"))
