"""Hidden layers by a race: the winner, what it costs, and where it is written down."""

import json
import math
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from command_line import refused, typed
from pellucid import (
    Dataset,
    InputError,
    MLPClassifier,
    MLPRegressor,
    load,
    recipes,
    split,
)
from pellucid.training.halving import FINAL, SHARES, entrants, fits, race
from pellucid.tuning import auto

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
MOST = 2.5
"""Fits of the default that race and fit may cost."""


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


hidden = st.lists(st.integers(1, 1_000), max_size=3)


@settings(deadline=None)
@given(st.integers(1, 1_000), hidden, st.integers(1, 50))
def test_no_entrant_is_dearer_than_allowed_and_the_default_is_first(n, default, out):
    tried = entrants(n, default, out)
    assert tried[0] == tuple(default) and len(set(tried)) == len(tried) <= 6
    assert all(fits(n, sizes, default, out) <= FINAL for sizes in tried[1:])


@settings(deadline=None)
@given(st.integers(1, 1_000), hidden, st.integers(1, 50), st.integers(0, 2**31))
def test_a_race_costs_what_it_may_and_knows_it(n, default, out, seed):
    random, spent = np.random.RandomState(seed), []

    def judge(tried, share):
        spent.extend(share * fits(n, sizes, default, out) for sizes in tried)
        return [random.rand(30) if random.rand() > 0.1 else None for _ in tried]

    found = race(n, default, out, judge)
    whole = sum(spent) + fits(n, found.layers, default, out)
    assert found.fits == pytest.approx(whole) and whole < MOST
    assert found.layers in found.tried


@pytest.mark.parametrize("place", range(6))
def test_the_best_wins_if_it_is_better_by_more_than_chance(place):
    noise = np.random.RandomState(0).standard_normal((2, 400))
    noise[1] -= noise[1].mean()
    best, asked = entrants(20, [128], 5)[place], []

    def judged(gain):
        def judge(tried, share):
            asked.append((len(tried), share))
            better = noise[0] - gain + 0.1 * noise[1]
            return [better if sizes == best else noise[0] for sizes in tried]

        return race(20, [128], 5, judge).layers

    assert judged(0.5) == best
    assert judged(0.0) == (128,)
    assert [share for _, share in asked[:2]] == list(SHARES)
    assert asked[0][0] == 6 and asked[1][0] in (2, 3)


def test_one_that_diverges_does_not_win():
    losses = {(128,): np.ones(9)}
    found = race(20, [128], 5, lambda tried, _: [losses.get(sizes) for sizes in tried])
    assert found.layers == (128,) and "none was better by more than" in found.sentence


def test_the_race_looks_at_the_training_part_only_and_is_the_same_again(digits):
    count = digits.counts["train"]
    blind = np.array(digits.x)
    blind[count:] = 0
    one, other = (
        auto.settings(None, data, layers="auto", epochs=30)
        for data in (digits, replace(digits, x=blind))
    )
    assert one == other
    chosen, found = one
    assert chosen["layers"] == list(found.layers)
    rest = recipes.settings(None, digits, epochs=30)
    assert {**chosen, "layers": rest["layers"]} == rest
    assert auto.settings(None, digits, layers=[7]) == (
        recipes.settings(None, digits, layers=[7]),
        None,
    )


def test_numbers_images_and_few_epochs_are_raced_on_too(digits):
    random = np.random.RandomState(0)
    x = random.standard_normal((300, 3))
    y = np.stack([x[:, 0] * x[:, 1], x[:, 2]], 1)
    data = split(Dataset.from_arrays(x, y))
    for words in ({"epochs": 40}, {"epochs": 1}, {"epochs": 200, "batch_size": 300}):
        more = {"output": "identity", "dropout": 0.0, "layers": "auto", **words}
        assert auto.settings(None, data, **more)[1].fits < MOST
    assert auto.settings("nielsen-30", digits, layers="auto", epochs=3)[1].tried[0] == (
        30,
    )


def test_three_and_three_units_are_too_few_and_the_race_says_so(digits):
    wider, found = auto.settings("tiny-3-3", digits, layers="auto")
    assert found.tried[0] == (3, 3) and wider["layers"] != [3, 3]
    costs = []
    for chosen in (wider, recipes.settings("tiny-3-3", digits)):
        network = recipes.build(chosen, digits)
        *_, last = recipes.run(chosen, network, digits)
        costs.append(last.monitor_cost)
    assert costs[0] < 0.8 * costs[1]


def test_a_run_says_where_its_layers_come_from_and_is_made_again_by_them(at, capsys):
    words = ("--layers", "auto", "--epochs", 20)
    said = typed(capsys, "train", "digits", *words, "--json")
    assert said.status == 0 and "the winner of a race with 128, " in said.out
    folder = at / said.json["run"]
    kept = json.loads((folder / "settings.json").read_text())
    made = json.loads((folder / "environment.json").read_text())["layers"]
    assert kept["layers"] in made["tried"] and made["by"] == "auto"
    assert f"Network 64-{'-'.join(map(str, kept['layers']))}-10" in said.out
    assert typed(capsys, "verify", folder).out.splitlines()[-1].startswith("verified")
    again = typed(capsys, "train", "digits", "--epochs", 20, "--json", "--layers",
                  ",".join(map(str, kept["layers"])))  # fmt: skip
    assert again.json["weights_sha256"] == said.json["weights_sha256"]


def test_where_layers_can_not_be_found_a_sentence_says_so(at, capsys, digits):
    for words in (
        ("sweep", "--vary", "layers=auto,30"),
        ("compare", "digits", "--layers", "auto", "--models", "linear"),
        ("tune", "digits", "--layers", "auto"),
    ):
        assert refused(capsys, *words).startswith("layers must be sizes here, such as")
    sentence = refused(capsys, "train", "--layers", "auto", "--hidden", "relu,tanh")
    assert sentence.startswith("hidden must be one name where layers are found")
    with pytest.raises(InputError, match="layers can be found from 20 training rows"):
        auto.settings(None, digits.train.rows(np.arange(12)), layers="auto")


# ---- the estimators


def both():
    random = np.random.RandomState(0)
    x = random.standard_normal((400, 6))
    return [
        (MLPClassifier, x, (x[:, 0] * x[:, 1] > 0).astype(int)),
        (MLPClassifier, x, np.array(["a", "b", "c"])[np.digitize(x[:, 2], [-1, 1])]),
        (MLPRegressor, x, x[:, 0] * x[:, 1]),
        (MLPRegressor, x, x[:, :2] ** 2),
        (MLPClassifier, x, np.stack([x[:, 0] > 0, x[:, 1] > 0], 1).astype(int)),
    ]


@pytest.mark.parametrize("case", range(5))
def test_an_estimator_is_the_one_with_the_layers_that_were_found(case):
    kind, x, y = both()[case]
    words = {"random_state": 3, "max_iter": 40}
    asked = kind(hidden_layer_sizes="auto", **words)
    found = clone(asked).fit(x, y)
    assert found.get_params() == asked.get_params()
    sizes = found.hidden_layer_sizes_
    assert tuple(w.shape[1] for w in found.coefs_[:-1]) == sizes
    named = kind(hidden_layer_sizes=sizes, **words).fit(x, y)
    for one, other in zip(found.coefs_, named.coefs_, strict=True):
        np.testing.assert_array_equal(one, other)
    again = clone(found).fit(x, y)
    assert again.hidden_layer_sizes_ == sizes


def test_a_stream_of_numbers_is_drawn_from_as_if_there_were_no_race():
    kind, x, y = both()[0]
    one, other = (np.random.RandomState(5) for _ in range(2))
    found = kind(hidden_layer_sizes="auto", random_state=one, max_iter=20).fit(x, y)
    sizes = found.hidden_layer_sizes_
    named = kind(hidden_layer_sizes=sizes, random_state=other, max_iter=20).fit(x, y)
    np.testing.assert_array_equal(found.coefs_[0], named.coefs_[0])
    assert one.randint(2**31) == other.randint(2**31)


@pytest.mark.parametrize("solver", ["lbfgs", "sgd"])
def test_every_solver_weights_and_sparse_inputs_are_raced_on(solver):
    from scipy.sparse import csr_array

    kind, x, y = both()[1]
    weight = np.linspace(0, 1, len(y))
    net = kind(hidden_layer_sizes="auto", solver=solver, random_state=0, max_iter=15)
    for inputs in (x, csr_array(x)):
        assert net.fit(inputs, y, sample_weight=weight).score(inputs, y) > 0.3


def test_later_calls_keep_the_layers_and_a_first_partial_fit_asks_for_them():
    kind, x, y = both()[2]
    net = kind(hidden_layer_sizes="auto", warm_start=True, random_state=0, max_iter=5)
    sizes = net.fit(x, y).hidden_layer_sizes_
    net.fit(x[:50], y[:50]).partial_fit(x, y)
    assert net.hidden_layer_sizes_ == sizes
    with pytest.raises(InputError, match="hidden_layer_sizes must be sizes for part"):
        kind(hidden_layer_sizes="auto").partial_fit(x, y)


def test_few_examples_are_learned_by_the_default_and_nonsense_is_refused():
    kind, x, y = both()[0]
    net = kind(hidden_layer_sizes="auto", max_iter=5)
    assert net.fit(x[:19], y[:19]).hidden_layer_sizes_ == (100,)
    with pytest.raises(InputError, match="activation must be one for all layers"):
        kind(hidden_layer_sizes="auto", activation=["relu"]).fit(x, y)
    with pytest.raises(InputError, match="dropout must be one for all layers"):
        kind(hidden_layer_sizes="auto", dropout=[0.1]).fit(x, y)
    with pytest.raises(ValueError, match="'hidden_layer_sizes' parameter"):
        kind(hidden_layer_sizes="atuo").fit(x, y)
    grid = GridSearchCV(net, {"hidden_layer_sizes": ["auto", (3,)]}, cv=2)
    assert len(grid.fit(x[:80], y[:80]).cv_results_["params"]) == 2


def best_of(count, work):
    """Least seconds of the process's processors, whatever else they do."""
    found = []
    for _ in range(count):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


@pytest.mark.slow
def test_a_race_and_its_fit_take_no_longer_than_two_and_a_half_fits(digits):
    def fit(chosen):
        network = recipes.build(chosen, digits)
        for _ in recipes.run(chosen, network, digits):
            pass

    alone = best_of(5, lambda: fit(recipes.settings(None, digits)))
    whole = best_of(5, lambda: fit(auto.settings(None, digits, layers="auto")[0]))
    assert whole < MOST * alone
    random = np.random.RandomState(0)
    x = random.standard_normal((4_000, 20))
    y = np.digitize(np.sin(2 * x[:, 0]) + x[:, 1], [-0.5, 0.5])
    seconds = []
    for sizes in ((100,), "auto"):
        net = MLPClassifier(hidden_layer_sizes=sizes, random_state=0, max_iter=100)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            seconds.append(best_of(3, lambda net=net: net.fit(x, y)))
    assert seconds[1] < MOST * seconds[0]
    assert math.isfinite(seconds[1])
