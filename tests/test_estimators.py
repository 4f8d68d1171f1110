"""The drop-in: the numbers, attributes and words of scikit-learn's two classes."""

import re
import warnings

import numpy as np
import pytest
import scipy.sparse as sparse
from sklearn import neural_network as theirs
from sklearn.datasets import load_breast_cancer, load_digits, make_regression
from sklearn.exceptions import ConvergenceWarning

import pellucid
from tolerances import CLOSED, SAME, distance

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_digits(return_X_y=True)
DIGITS = X / 16, Y
FEW = X[:500] / 16, Y[:500]
CANCER = load_breast_cancer(return_X_y=True)
NUMBERS = make_regression(300, 10, n_targets=3, noise=1.0, random_state=0)
ONE = NUMBERS[0], NUMBERS[1][:, 0]
RANDOM = np.random.RandomState(0)
COUNTS = NUMBERS[0] / 10, RANDOM.poisson(2.0, (300, 2))
LABELS = FEW[0], (RANDOM.rand(500, 4) < 0.4).astype(int)
WEIGHT = RANDOM.randint(0, 4, 300).astype(float)


def both(kind, **words):
    """Ours and theirs with the same parameters."""
    words = {"random_state": 1, "max_iter": 20, **words}
    return getattr(pellucid, kind)(**words), getattr(theirs, kind)(**words)


def numbers(estimator):
    return np.concatenate(
        [np.ravel(w) for w in (*estimator.coefs_, *estimator.intercepts_)]
    )


def assert_same(ours, others):
    """The same weights, to rounding, and the same public state."""
    np.testing.assert_allclose(numbers(ours), numbers(others), rtol=SAME, atol=CLOSED)
    state, want = vars(ours), vars(others)
    for name, value in want.items():
        if name.endswith("_") and name not in ("coefs_", "intercepts_"):
            assert name in state, name
            if value is not None and np.asarray(value).dtype.kind == "f":
                np.testing.assert_allclose(state[name], value, rtol=SAME)
            else:
                np.testing.assert_equal(state[name], value)
    assert [w.dtype for w in ours.coefs_] == [w.dtype for w in others.coefs_]


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
def test_weights_after_twenty_epochs_of_digits_are_those_of_scikit_learn(
    solver, activation
):
    ours, others = both("MLPClassifier", solver=solver, activation=activation)
    for estimator in (ours, others):
        estimator.fit(*DIGITS)
    np.testing.assert_allclose(numbers(ours), numbers(others), rtol=SAME)
    assert_same(ours, others)
    assert distance(ours.predict_proba(X), others.predict_proba(X)) < SAME
    np.testing.assert_equal(ours.predict(X), others.predict(X))
    assert ours.score(*DIGITS) == others.score(*DIGITS)


SETTINGS = [
    {"early_stopping": True},
    {"early_stopping": True, "solver": "sgd", "learning_rate": "adaptive", "tol": 0.01},
    {"solver": "sgd", "learning_rate": "invscaling"},
    {"solver": "sgd", "momentum": 0},
    {"solver": "sgd", "momentum": 1.0, "learning_rate_init": 1e-5},
    {"solver": "sgd", "nesterovs_momentum": False},
    {"shuffle": False, "alpha": 1.0},
    {"hidden_layer_sizes": (30, 20, 10), "beta_1": 0.5, "epsilon": 0.1},
    {"hidden_layer_sizes": ()},
    {"tol": 0.5, "n_iter_no_change": 2},
    {"solver": "lbfgs", "max_fun": 9, "hidden_layer_sizes": 7},
]


@pytest.mark.parametrize("words", SETTINGS, ids=str)
def test_every_parameter_does_the_same(words):
    ours, others = both("MLPClassifier", **words)
    assert_same(ours.fit(*FEW), others.fit(*FEW))


TASKS = {
    "3 outputs": ("MLPRegressor", NUMBERS, {}, None),
    "weights": ("MLPRegressor", ONE, {}, WEIGHT),
    "counts": ("MLPRegressor", COUNTS, {"loss": "poisson"}, None),
    "unscaled": ("MLPClassifier", CANCER, {}, None),
    "labels": ("MLPClassifier", LABELS, {}, None),
}


@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
@pytest.mark.parametrize("task", TASKS)
def test_every_task_comes_out_the_same(task, solver):
    kind, data, words, weight = TASKS[task]
    words = {"alpha": 0.1, "learning_rate_init": 1e-4, "batch_size": 32, **words}
    ours, others = both(kind, solver=solver, **words)
    assert_same(ours.fit(*data, weight), others.fit(*data, weight))
    np.testing.assert_allclose(
        ours.predict(data[0]), others.predict(data[0]), rtol=SAME
    )


@pytest.mark.parametrize(
    "form", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix]
)
def test_sparse_inputs_come_out_the_same(form):
    ours, others = both("MLPClassifier", max_iter=5)
    x = form(X)
    assert_same(ours.fit(x, Y), others.fit(x, Y))
    np.testing.assert_equal(ours.predict(x), others.predict(X))


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_going_on_is_the_same(kind, solver):
    pair = both(kind, solver=solver, max_iter=3, learning_rate_init=1e-4)
    for estimator in pair:
        estimator.fit(X, Y)
        for start in (0, 100, 200):
            estimator.partial_fit(X[start : start + 400], Y[start : start + 400])
    assert_same(*pair)
    for stops in (False, True):
        pair = both(
            kind, solver=solver, max_iter=3, warm_start=True, early_stopping=stops
        )
        for estimator in pair:
            estimator.fit(*FEW).fit(*FEW)
        assert_same(*pair)


def test_float32_is_computed_in_float32():
    ours, others = both("MLPClassifier", max_iter=5)
    for estimator in (ours, others):
        estimator.fit(X.astype("float32"), Y)
    assert {w.dtype.name for w in (*ours.coefs_, *ours.intercepts_)} == {"float32"}
    assert distance(numbers(ours), numbers(others)) < 1e3 * np.finfo("float32").eps


def said(estimator, words, data):
    """The errors and warnings of a fit, as they are said."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            estimator.set_params(**words).fit(*data)
            error = ""
        except ValueError as refused:
            error = f"{type(refused).__name__} {refused}"
    # A set of words is spelled in any order.
    error = sorted(re.split("[{}, ]+", error))
    return error, [(w.category, str(w.message)) for w in warned]


SAID = [
    ({"hidden_layer_sizes": (3, -1)}, DIGITS),
    ({"batch_size": 10_000}, DIGITS),
    ({"early_stopping": True}, ([[1.0], [2.0], [3.0], [4.0]], [0, 0, 0, 1])),
    ({"early_stopping": True}, ([[1.0], [2.0], [3.0]], [0.5, 0.1, 0.3])),
    ({"momentum": 2}, DIGITS),
    ({"learning_rate": "fast"}, DIGITS),
    ({}, ([[np.nan], [1.0]], [0, 1])),
    ({}, (X, Y[:-1])),
    ({}, (X[0], Y)),
    ({}, (X, Y[:, None])),
    ({"solver": "lbfgs"}, DIGITS),
]


@pytest.mark.parametrize(("words", "data"), SAID, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_errors_and_warnings_are_said_in_the_same_words(kind, words, data):
    ours, others = both(kind, max_iter=2)
    assert said(ours, words, data) == said(others, words, data)


def test_verbose_prints_the_same_lines(capsys):
    pair = both(
        "MLPClassifier", max_iter=30, verbose=True, early_stopping=True, tol=0.1
    )
    lines = []
    for estimator in pair:
        estimator.fit(*DIGITS)
        lines.append(capsys.readouterr().out)
    assert lines[0] == lines[1]
    assert "Stopping." in lines[0]


def test_an_interrupted_fit_keeps_what_it_has(monkeypatch):
    from pellucid.engines.numpy_engine import NumpyEngine

    run, calls = NumpyEngine.run, []

    def interrupted(engine, order, batch_size):
        calls.append(len(order))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run(engine, order, batch_size)

    monkeypatch.setattr(NumpyEngine, "run", interrupted)
    monkeypatch.setattr("pellucid.engines.ENGINES", {
        "native": ("numpy_engine", "NumpyEngine"),
        "numpy": ("numpy_engine", "NumpyEngine"),
    })  # fmt: skip
    ours, _ = both("MLPClassifier")
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        ours.fit(*DIGITS)
    assert ours.n_iter_ == 2 and len(ours.loss_curve_) == 2
    assert ours.score(*DIGITS) > 0.5


def test_a_fit_that_diverges_stops_at_once_and_names_the_layer():
    words = {"solver": "sgd", "learning_rate_init": 10.0, "activation": "identity"}
    ours, _ = both("MLPRegressor", max_iter=50, **words)
    with pytest.raises(ValueError, match=r"non-finite.*preprocessed\. The cost.*layer"):
        ours.fit(X, Y)
    assert ours.n_iter_ < 50 and np.isnan(ours.loss_curve_[-1])
    assert np.isfinite(numbers(ours)).all()
    ours.set_params(early_stopping=True)
    with pytest.warns(ConvergenceWarning, match="weights of the best epoch before"):
        ours.fit(X, Y)
    assert np.isnan(ours.validation_scores_[-1]) and np.isfinite(numbers(ours)).all()


def test_weights_given_by_hand_are_what_predicts():
    ours, others = both("MLPClassifier", max_iter=2, hidden_layer_sizes=(5, 4))
    others.fit(*DIGITS)
    ours.fit(*DIGITS)
    ours.coefs_ = [w + 1 for w in others.coefs_]
    others.coefs_ = [w + 1 for w in others.coefs_]
    assert distance(ours.predict_proba(X), others.predict_proba(X)) < CLOSED


def test_sample_weights_below_nothing_are_refused_in_words():
    ours, _ = both("MLPRegressor")
    with pytest.raises(pellucid.InputError, match="sample_weight must be >= 0; got -1"):
        ours.fit(*ONE, sample_weight=-np.ones(300))
