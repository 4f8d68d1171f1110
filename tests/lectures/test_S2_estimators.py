"""S2, and what S0 and S1 ask for beside it: the estimators, tuning and scaling."""

import numpy as np
import pytest
from sklearn import neural_network
from sklearn.datasets import load_digits, load_wine, make_friedman1
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    StratifiedShuffleSplit,
    cross_validate,
    train_test_split,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from pellucid import MLPClassifier, MLPRegressor
from pellucid.estimators import ALPHAS
from tolerances import AUTOGRAD, distance

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)
X = X / 16
SOME = slice(0, 600)
FOLDS = StratifiedKFold(3, shuffle=True, random_state=0)


def test_S0_11_a_search_over_hidden_sizes_says_accuracy_and_seconds():
    net = MLPClassifier(max_iter=40, learning_rate_init=0.01, random_state=0)
    sizes = [2, 10, 50]
    found = GridSearchCV(net, {"width": sizes}, cv=3).fit(X[SOME], Y[SOME]).cv_results_
    accuracy, seconds = found["mean_test_score"], found["mean_fit_time"]
    assert list(found["param_width"]) == sizes and (seconds > 0).all()
    assert accuracy[0] < accuracy[1] and accuracy[2] > 0.85


def test_S1_06_one_algorithm_learns_images_tables_and_series():
    random = np.random.RandomState(0)
    time, rate = np.arange(40), np.repeat([0.2, 0.3, 0.4], 100)
    phase = 2 * np.pi * random.rand(300, 1)
    series = np.sin(rate[:, None] * time + phase) + 0.3 * random.randn(300, 40)
    learner = make_pipeline(
        StandardScaler(), MLPClassifier((50,), max_iter=100, random_state=0)
    )
    for x, y in (
        load_digits(return_X_y=True),
        load_wine(return_X_y=True),
        (series, rate.astype(str)),
    ):
        parts = train_test_split(x, y, random_state=0, stratify=y)
        assert learner.fit(parts[0], parts[2]).score(parts[1], parts[3]) > 0.9


def test_S2_14_layers_are_chosen_by_a_grid_and_by_chance_cross_validated():
    net = MLPClassifier(solver="lbfgs", max_iter=30, random_state=0)
    grid = {"width": [2, 16], "depth": [1, 2]}
    grids = GridSearchCV(net, grid, cv=3).fit(X[SOME], Y[SOME])
    assert grids.best_params_["width"] == 16
    assert len(grids.cv_results_["mean_test_score"]) == 4
    chance = RandomizedSearchCV(
        net, {"width": range(2, 40), "depth": [1, 2, 3], "alpha": ALPHAS},
        n_iter=4, cv=3, random_state=0,
    ).fit(X[SOME], Y[SOME])  # fmt: skip
    assert len(chance.cv_results_["params"]) == 4
    assert chance.best_score_ == chance.cv_results_["mean_test_score"].max()


def test_S2_17_the_same_weights_in_give_the_same_outputs():
    # Without a fit of our own: only the public attributes are handed over.
    for y in (Y, Y > 4, np.column_stack([Y > 4, Y % 2])):
        theirs = neural_network.MLPClassifier((20, 10), random_state=0, max_iter=3)
        theirs.fit(X, y)
        ours = MLPClassifier((20, 10), random_state=1, max_iter=1).fit(X, y)
        ours.coefs_, ours.intercepts_ = theirs.coefs_, theirs.intercepts_
        assert distance(ours.predict_proba(X), theirs.predict_proba(X)) < AUTOGRAD
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_S2_18_a_regressors_outputs_know_no_bounds():
    x, y = make_friedman1(600, noise=0.5, random_state=0)
    train, test, t_train, t_test = train_test_split(x, y, random_state=0)
    words = {"solver": "lbfgs", "alpha": 1.0, "random_state": 0, "max_iter": 500}
    net = make_pipeline(StandardScaler(), MLPRegressor("squared_error", (30,), **words))
    assert net.fit(train, t_train).score(test, t_test) > 0.85
    assert net[-1].out_activation_ == "identity"
    # Far outside, the answers are far outside what was ever seen.
    answers = net.predict(50 * (x - 0.5))
    assert answers.max() > 2 * y.max() and answers.min() < y.min()


def test_S2_20_the_grid_of_alphas_is_a_tenth_to_a_millionth():
    np.testing.assert_array_equal(ALPHAS, 10.0 ** -np.arange(1, 7))
    search = GridSearchCV(
        MLPClassifier(solver="lbfgs", max_iter=10, random_state=0), {"alpha": ALPHAS},
        cv=2,
    ).fit(X[:200], Y[:200])  # fmt: skip
    np.testing.assert_array_equal(search.cv_results_["param_alpha"].data, ALPHAS)
    assert distance(ALPHAS, [0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6]) < AUTOGRAD


def test_S2_21_scaling_is_fitted_to_the_training_part_and_is_worth_it():
    x, y = load_wine(return_X_y=True)
    net = MLPClassifier((20,), max_iter=150, random_state=0)
    parts = StratifiedShuffleSplit(5, random_state=0)

    def accuracy(*steps):
        model = make_pipeline(*steps, net)
        found = cross_validate(model, x, y, cv=parts, return_estimator=True)
        return found["test_score"].mean(), found["estimator"]

    unscaled, _ = accuracy()
    for scaler in (StandardScaler(), MinMaxScaler(), MinMaxScaler((-1, 1))):
        scaled, models = accuracy(scaler)
        assert scaled > max(unscaled, 0.9)
    _, models = accuracy(StandardScaler())
    for model, (train, _) in zip(models, parts.split(x, y), strict=True):
        assert distance(model[0].mean_, x[train].mean(axis=0)) < AUTOGRAD


def test_S2_25_other_architectures_are_compared_over_several_seeds():
    grid = {"hidden_layer_sizes": [(2, 3, 2), (10,), (40,)], "random_state": [0, 1, 2]}
    net = MLPClassifier(max_iter=40, learning_rate_init=0.01)
    found = GridSearchCV(net, grid, cv=3).fit(X[SOME], Y[SOME]).cv_results_
    by_size = found["mean_test_score"].reshape(3, 3)
    assert (by_size[0] < by_size[1:].min()).all()  # two units in a row see too little
    assert by_size[0].std() > by_size[2].std()  # and it depends on the seed how little


def test_S2_26_other_classifiers_stand_beside_it_with_accuracy_and_time():
    models = {
        "network": MLPClassifier((100,), max_iter=40, random_state=0),
        "support vectors": SVC(),
        "neighbours": KNeighborsClassifier(),
    }
    rows = {
        name: cross_validate(model, X, Y, cv=FOLDS) for name, model in models.items()
    }
    for row in rows.values():
        assert row["test_score"].mean() > 0.9
        assert (row["fit_time"] > 0).all() and (row["score_time"] > 0).all()
