"""The estimators inside scikit-learn's tools, in other processes, threads and files."""

import copy
import pickle
import threading

import joblib
import numpy as np
import pytest
from sklearn import neural_network
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits, make_moons, make_regression
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    StackingClassifier,
)
from sklearn.inspection import (
    DecisionBoundaryDisplay,
    PartialDependenceDisplay,
    permutation_importance,
)
from sklearn.model_selection import (
    GridSearchCV,
    LearningCurveDisplay,
    cross_val_predict,
    learning_curve,
)
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from pellucid import MLPClassifier, MLPRegressor
from tolerances import SAME

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = make_moons(200, noise=0.2, random_state=0)
STEPS = {"random_state": 0, "learning_rate_init": 0.01, "max_iter": 20}
CLASSES = {"ours": MLPClassifier, "theirs": neural_network.MLPClassifier}


def assert_alike(answers):
    """What a tool answers is the same with our class inside it as with theirs.

    Args:
        answers: gives the tool's answers for an estimator of the class it is given.
    """
    ours, theirs = (answers(kind(**STEPS)) for kind in CLASSES.values())
    np.testing.assert_allclose(ours, theirs, rtol=SAME, atol=SAME)


def test_a_pipeline_and_a_search_in_two_processes():
    def answers(net):
        model = make_pipeline(StandardScaler(), net)
        grid = {"mlpclassifier__alpha": [1e-4, 10.0]}
        search = GridSearchCV(model, grid, n_jobs=2, cv=3).fit(X, Y)
        return search.cv_results_["mean_test_score"]

    assert_alike(answers)


def test_cross_validated_answers():
    assert_alike(lambda net: cross_val_predict(net, X, Y, method="predict_proba"))


SOME = np.where(np.arange(200) % 5, -1, Y)
"""Labels most of which are not known."""


@pytest.mark.parametrize(
    ("ensemble", "y"),
    [
        (lambda net: BaggingClassifier(net, n_estimators=3, random_state=0), Y),
        (lambda net: AdaBoostClassifier(net, n_estimators=3, random_state=0), Y),
        (lambda net: StackingClassifier([("net", net)], cv=3), Y),
        (lambda net: CalibratedClassifierCV(net, cv=3), Y),
        (lambda net: SelfTrainingClassifier(net, max_iter=3), SOME),
    ],
    ids=["bagging", "boosting", "stacking", "calibration", "self-training"],
)
def test_ensembles_are_built_of_them(ensemble, y):
    assert_alike(lambda net: ensemble(net).fit(X, y).predict_proba(X))


def test_boosted_regression_weighs_its_examples():
    x, y = make_regression(200, 5, noise=1.0, random_state=0)
    ours, theirs = (
        AdaBoostRegressor(kind(**STEPS), n_estimators=3, random_state=0).fit(x, y)
        for kind in (MLPRegressor, neural_network.MLPRegressor)
    )
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=SAME)


def test_several_targets_one_network_each():
    both = np.column_stack([Y, X[:, 0] > 0])
    assert_alike(
        lambda net: MultiOutputClassifier(net).fit(X, both).predict_proba(X)[1]
    )


def test_learning_curves_also_by_partial_fit():
    for incremental in (False, True):
        words = {"exploit_incremental_learning": incremental, "shuffle": True}
        words |= {"cv": 3, "train_sizes": [20, 100], "random_state": 0}
        assert_alike(lambda net, words=words: learning_curve(net, X, Y, **words)[2])


def test_importances_and_displays_take_them():
    import matplotlib

    matplotlib.use("agg")
    assert_alike(
        lambda net: (
            permutation_importance(
                net.fit(X, Y), X, Y, n_repeats=3, random_state=0
            ).importances
        )
    )
    model = MLPClassifier(**STEPS).fit(X, Y)
    DecisionBoundaryDisplay.from_estimator(model, X)
    PartialDependenceDisplay.from_estimator(model, X, [0])
    LearningCurveDisplay.from_estimator(model, X, Y, train_sizes=[50, 100], cv=3)
    matplotlib.pyplot.close("all")


def test_a_pickle_is_hardly_larger_than_the_weights(tmp_path):
    x, y = load_digits(return_X_y=True)
    model = MLPClassifier((200, 100), max_iter=3, random_state=0).fit(x, y)
    raw = sum(w.nbytes for w in (*model.coefs_, *model.intercepts_))
    assert len(pickle.dumps(model)) < 1.3 * raw
    joblib.dump(model, tmp_path / "model.joblib")
    again = joblib.load(tmp_path / "model.joblib")
    np.testing.assert_array_equal(again.predict_proba(x), model.predict_proba(x))
    again.partial_fit(x, y)
    assert again.loss_ < model.loss_
    # Who learns in small pieces goes on after a pickle as if there had been none.
    twin = pickle.loads(pickle.dumps(again))
    for one in (again, twin):
        one.partial_fit(x, y)
    np.testing.assert_array_equal(twin.coefs_[0], again.coefs_[0])


def test_threads_do_not_meet():
    models = [MLPClassifier(**STEPS) for _ in range(4)]
    threads = [threading.Thread(target=m.fit, args=(X, Y)) for m in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model in models[1:]:
        np.testing.assert_array_equal(model.coefs_[0], models[0].coefs_[0])


def test_clones_and_copies():
    model = MLPClassifier(**STEPS, schedule="cosine", activation=["tanh"])
    twin = clone(model)
    assert twin.get_params() == model.get_params()
    model.fit(X, Y)
    np.testing.assert_array_equal(copy.deepcopy(model).predict(X), model.predict(X))


def test_any_frame_is_taken():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    want = MLPClassifier(**STEPS).fit(X, Y).predict(X)
    for frame in (pandas.DataFrame, polars.DataFrame):
        table = frame({"a": X[:, 0], "b": X[:, 1]})
        model = MLPClassifier(**STEPS).fit(table, Y)
        assert list(model.feature_names_in_) == ["a", "b"]
        np.testing.assert_array_equal(model.predict(table), want)
        with pytest.raises(ValueError, match="feature names"):
            model.predict(table[["b", "a"]])


def test_metadata_is_routed():
    import sklearn

    weight = np.where(Y, 3.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        net = MLPClassifier(**STEPS).set_fit_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        model = make_pipeline(scaler, net).fit(X, Y, sample_weight=weight)
    scaled = StandardScaler().fit_transform(X)
    alone = MLPClassifier(**STEPS).fit(scaled, Y, weight)
    np.testing.assert_array_equal(model[-1].coefs_[0], alone.coefs_[0])


def _weights(seed):
    net = MLPClassifier(**{**STEPS, "random_state": seed}).fit(X, Y)
    return net.coefs_[0]


@pytest.mark.filterwarnings("ignore:.*fork:")  # said of any process with threads
def test_a_child_that_was_forked_learns_the_same():
    import multiprocessing

    want = _weights(3)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        got = pool.apply_async(_weights, (3,)).get(timeout=60)
    np.testing.assert_array_equal(got, want)
