"""What is held out, what stops, and who is told: histories, scorers, callbacks."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_regression
from sklearn.metrics import balanced_accuracy_score, log_loss, make_scorer
from sklearn.model_selection import GroupShuffleSplit, TimeSeriesSplit

from pellucid import InputError, MLPClassifier, MLPRegressor
from tolerances import CLOSED

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)
X = X / 16
X, Y, X_VAL, Y_VAL = X[:400], Y[:400], X[400:600], Y[400:600]
WORDS = {"hidden_layer_sizes": (10,), "max_iter": 5, "random_state": 0}


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_examples_of_ones_own_are_scored_after_each_epoch(solver):
    net = MLPClassifier(solver=solver, **WORDS)
    net.fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    history = net.history_
    assert {len(values) for name, values in history.items()} == {net.n_iter_} or (
        solver == "lbfgs" and len(history["loss"]) == net.n_iter_
    )
    assert history["validation_score"][-1] == net.score(X_VAL, Y_VAL)
    want = log_loss(Y_VAL, net.predict_proba(X_VAL))
    assert abs(history["validation_loss"][-1] - want) < 1e2 * CLOSED
    assert history["loss"] == net.loss_curve_
    # They change nothing: nobody has asked to stop.
    alone = MLPClassifier(solver=solver, **WORDS).fit(X, Y)
    np.testing.assert_array_equal(alone.coefs_[0], net.coefs_[0])


def test_early_stopping_goes_by_ones_own_examples():
    words = {**WORDS, "max_iter": 200, "early_stopping": True, "n_iter_no_change": 3}
    net = MLPClassifier(**words).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    assert net.n_iter_ < 200 and net.t_ == 400 * net.n_iter_  # nothing is held out
    assert net.best_validation_score_ == net.score(X_VAL, Y_VAL)
    half = np.r_[np.ones(100), np.zeros(100)]
    net.fit(X, Y, X_val=X_VAL, y_val=Y_VAL, sample_weight_val=half)
    assert net.best_validation_score_ == net.score(X_VAL[:100], Y_VAL[:100])


@pytest.mark.parametrize(
    "scoring",
    [
        "balanced_accuracy",
        ["balanced_accuracy", "neg_log_loss"],
        {"balanced_accuracy": make_scorer(balanced_accuracy_score)},
    ],
    ids=["name", "names", "dictionary"],
)
def test_any_scorer_is_kept_and_may_stop(scoring):
    words = {**WORDS, "max_iter": 60, "n_iter_no_change": 2, "early_stopping": True}
    net = MLPClassifier(scoring=scoring, stop_on="balanced_accuracy", **words)
    net.fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    kept = net.history_["validation_balanced_accuracy"]
    assert kept == net.validation_scores_ and len(kept) == net.n_iter_
    best = balanced_accuracy_score(Y_VAL, net.predict(X_VAL))
    assert net.best_validation_score_ == max(kept) == best


def test_a_function_may_score_and_the_loss_may_stop():
    def worst(estimator, x, y):
        return -np.abs(estimator.predict(x) - y).max()

    x, y = make_regression(200, 5, random_state=0)
    net = MLPRegressor(scoring=worst, stop_on="loss", early_stopping=True, **WORDS)
    net.fit(x, y / y.std())
    assert len(net.history_["validation_worst"]) == 5
    assert net.validation_scores_ == [-v for v in net.history_["validation_loss"]]


def test_a_frame_is_scored_without_a_word_about_names():
    pandas = pytest.importorskip("pandas")
    names = [f"pixel {i}" for i in range(64)]
    net = MLPClassifier(scoring="accuracy", early_stopping=True, **WORDS)
    net.fit(pandas.DataFrame(X, columns=names), Y)
    assert net.history_["validation_accuracy"] == net.validation_scores_


def test_groups_and_times_are_held_out_whole():
    seen = {}

    class Split(GroupShuffleSplit):
        def split(self, x, y, groups):
            for train, out in super().split(x, y, groups):
                seen["train"], seen["out"] = set(groups[train]), set(groups[out])
                yield train, out

    groups = np.arange(400) // 20
    words = {**WORDS, "early_stopping": True}
    splitter = Split(n_splits=1, random_state=0)
    net = MLPClassifier(validation_splitter=splitter, **words)
    net.fit(X, Y, groups=groups)
    assert not seen["train"] & seen["out"] and net.t_ == net.n_iter_ * 320
    late = MLPClassifier(validation_splitter=TimeSeriesSplit(4), **words).fit(X, Y)
    assert late.t_ == late.n_iter_ * 320
    late_score = late.score(X[320:], Y[320:])
    assert late.best_validation_score_ == late_score


@pytest.mark.parametrize(
    ("words", "more", "said"),
    [
        ({"stop_on": "f1", "early_stopping": True}, {}, "stop_on must be one of the"),
        (
            {"early_stopping": True},
            {"groups": Y},
            "groups must come with a validation_",
        ),
        ({}, {"X_val": X_VAL}, "X_val and y_val must come together"),
    ],
)
def test_mistakes_about_what_is_held_out_are_told(words, more, said):
    with pytest.raises(InputError, match=said):
        MLPClassifier(**{**WORDS, **words}).fit(X, Y, **more)


def test_a_splitter_must_hold_something_out():
    class All:
        def split(self, x, y, groups):
            yield np.arange(400), np.arange(0)

    net = MLPClassifier(early_stopping=True, validation_splitter=All(), **WORDS)
    with pytest.raises(InputError, match="holds out 0 and leaves 400"):
        net.fit(X, Y)


def test_the_bar_says_how_far_it_is(capsys):
    MLPClassifier(progress=True, **WORDS).fit(X, Y)
    out = capsys.readouterr()
    assert "MLPClassifier" in out.err and "5/5" in out.err and not out.out


class Recorder:
    """A callback of scikit-learn's protocol, which asks to stop after some epochs."""

    def __init__(self, most=100):
        self.most, self.seen = most, []

    def setup(self, estimator, context):
        self.seen.append("setup")

    def teardown(self, estimator, context):
        self.seen.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        if context.task_name == "epoch":
            self.seen.append(fitted_estimator.score(X, y))
        return len(self.seen) > self.most


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_of_scikit_learn_are_told_and_may_stop(solver):
    pytest.importorskip("sklearn.callback")
    recorder = Recorder()
    net = MLPClassifier(solver=solver, **WORDS).set_callbacks(recorder).fit(X, Y)
    first, *scores, last = recorder.seen
    assert (first, last) == ("setup", "teardown")
    assert net.score(X, Y) in scores and len(scores) >= 5
    net = MLPClassifier(solver=solver, **WORDS).set_callbacks(Recorder(2)).fit(X, Y)
    assert net.n_iter_ == 2


def test_scikit_learns_own_monitor_works_in_a_search():
    callback = pytest.importorskip("sklearn.callback")
    monitor = callback.ScoringMonitor(scoring="accuracy")
    net = MLPClassifier(**WORDS).set_callbacks(monitor).fit(X, Y)
    rows = monitor.get_logs().data
    assert [row["accuracy"] for row in rows][-1] == net.score(X, Y)
