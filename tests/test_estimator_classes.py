"""What MLPClassifier adds: weights of classes, margins, several columns of classes."""

import warnings

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from pellucid import InputError, MLPClassifier
from stepping import WORDS, X, Y, nesterov, numbers, relus, torch_weights
from tolerances import AUTOGRAD, CLOSED, distance

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_the_hinge_steps_as_in_torch_and_gives_margins():
    torch = pytest.importorskip("torch")

    def want(z, y):
        margins = torch.nn.functional.multi_margin_loss
        return margins(z, y.argmax(1), reduction="sum") * z.shape[1] / len(z)

    ours = MLPClassifier(loss="hinge", solver="sgd", **WORDS).fit(X, Y)
    theirs = torch_weights(X, np.eye(4)[Y], relus(), want, nesterov)
    assert distance(numbers(ours), theirs) < AUTOGRAD
    assert not hasattr(ours, "predict_proba")
    margins = ours.decision_function(X)
    np.testing.assert_array_equal(ours.classes_[margins.argmax(1)], ours.predict(X))
    two = MLPClassifier(loss="hinge", solver="lbfgs", random_state=0).fit(X, Y > 1)
    np.testing.assert_array_equal(two.predict(X), two.decision_function(X) > 0)
    assert two.score(X, Y > 1) == 1.0


def test_class_weights_are_weights_of_examples():
    y = Y.copy()
    for weights in ("balanced", {0: 1.0, 1: 3.0, 2: 0.5, 3: 1.0}):
        ours = MLPClassifier(class_weight=weights, **WORDS).fit(X, y)
        by_hand = compute_sample_weight(weights, y)
        theirs = MLPClassifier(**WORDS).fit(X, y, by_hand)
        np.testing.assert_array_equal(numbers(ours), numbers(theirs))
        twice = MLPClassifier(class_weight=weights, **WORDS).fit(X, y, 2 * np.ones(120))
        theirs = MLPClassifier(**WORDS).fit(X, y, 2 * by_hand)
        np.testing.assert_array_equal(numbers(twice), numbers(theirs))


@pytest.mark.parametrize("solver", ["lbfgs", "adam", "sgd"])
def test_weight_two_is_a_row_given_twice(solver):
    words = {**WORDS, "batch_size": 200, "alpha": 0.3, "solver": solver}
    once = MLPClassifier(class_weight={0: 2, 1: 1, 2: 1, 3: 1}, **words)
    rows = np.r_[np.arange(120), np.flatnonzero(Y == 0)]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Got `batch_size`")
        once.fit(X, Y)
        twice = MLPClassifier(**words).fit(X[rows], Y[rows])
    assert distance(numbers(once), numbers(twice)) < AUTOGRAD


def test_balanced_weights_need_all_examples():
    with pytest.raises(InputError, match="must see all examples at once"):
        MLPClassifier(class_weight="balanced").partial_fit(X, Y, classes=[0, 1, 2, 3])


def test_several_columns_of_classes_have_a_softmax_each():
    torch = pytest.importorskip("torch")
    both = np.column_stack([Y, np.digitize(X[:, 20:30].sum(1), [3.0, 5.0])])
    assert len(np.unique(both[:, 1])) == 3
    net = MLPClassifier(solver="sgd", **WORDS).fit(X, both)

    def cost(z, y):
        entropy = torch.nn.functional.cross_entropy
        return entropy(z[:, :4], y[:, :4]) + entropy(z[:, 4:], y[:, 4:])

    groups = np.hstack([np.eye(4)[Y], np.eye(3)[both[:, 1]]])
    theirs = torch_weights(X, groups, relus(), cost, nesterov)
    assert distance(numbers(net), theirs) < AUTOGRAD
    proba = net.predict_proba(X)
    assert [p.shape for p in proba] == [(120, 4), (120, 3)]
    assert all(distance(p.sum(1), np.ones(120)) < CLOSED for p in proba)
    assert distance(net.predict_log_proba(X)[1], np.log(proba[1])) < CLOSED
    answers = np.column_stack([p.argmax(1) for p in proba])
    np.testing.assert_array_equal(net.predict(X), answers)
    assert net.score(X, both) == (answers == both).all(1).mean()


def test_columns_of_texts_come_back_as_texts():
    names = np.array(["zero", "one", "two", "three"])[Y]
    both = np.column_stack([names, np.where(X[:, 20] > 0.5, "dark", "light")])
    words = {"random_state": 0, "early_stopping": True, "max_iter": 100}
    net = MLPClassifier(learning_rate_init=0.01, **words).fit(X, both)
    assert set(net.predict(X)[:, 1]) == {"dark", "light"}
    assert net.score(X, both) > 0.9
    net.set_params(early_stopping=False).partial_fit(X, both)
    with pytest.raises(
        InputError, match=r"column 1 of y must hold the classes .*'grey'"
    ):
        net.partial_fit(X, np.where(both == "dark", "grey", both))
    with pytest.raises(InputError, match="y must have the 2 columns of the first fit"):
        net.partial_fit(X, both[:, 0])
