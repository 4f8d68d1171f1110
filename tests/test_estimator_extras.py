"""What scikit-learn's classes can't do: each against torch, a closed form or a law."""

import numpy as np
import pytest

from pellucid import InputError, MLPClassifier, MLPRegressor
from stepping import (
    BATCH,
    COUNTS,
    EPOCHS,
    NUMBERS,
    TARGETS,
    WORDS,
    X,
    Y,
    nesterov,
    numbers,
    relus,
    squared,
    torch_weights,
)
from tolerances import AUTOGRAD, CLOSED, distance

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def of_torch(name):
    torch = pytest.importorskip("torch")
    return {
        "absolute_error": lambda z, y: (z - y).abs().sum(1).mean(),
        "huber:0.7": lambda z, y: torch.nn.functional.huber_loss(
            z, y, delta=0.7, reduction="sum"
        ) / len(z),
        "quantile:0.9": lambda z, y: torch.maximum(
            0.9 * (y - z), 0.1 * (z - y)
        ).sum(1).mean(),
        "poisson": lambda z, y: torch.nn.functional.poisson_nll_loss(
            z, y, reduction="sum"
        ) / len(z),
    }[name]  # fmt: skip


@pytest.mark.parametrize(
    "loss", ["absolute_error", "huber:0.7", "quantile:0.9", "poisson"]
)
def test_losses_of_a_regressor_step_as_in_torch(loss):
    y = COUNTS if loss == "poisson" else TARGETS
    want = of_torch(loss)
    ours = MLPRegressor(loss, solver="sgd", **WORDS).fit(NUMBERS, y)
    theirs = torch_weights(NUMBERS, y, relus(), want, nesterov)
    assert distance(numbers(ours), theirs) < AUTOGRAD


def test_a_quantile_is_what_so_many_lie_below():
    x, y = np.zeros((1000, 1)), np.random.RandomState(0).standard_normal(1000)
    words = {"learning_rate_init": 0.01, "max_iter": 300, "random_state": 0}
    for q in (0.1, 0.9):
        found = MLPRegressor(f"quantile:{q}", (), solver="sgd", **words).fit(x, y)
        assert abs((y < found.predict(x[:1])).mean() - q) < 0.02


@pytest.mark.parametrize(
    ("names", "members"),
    [
        (["leaky_relu:0.2", "elu"], ["LeakyReLU:0.2", "ELU"]),
        (["gelu", "silu"], ["GELU", "SiLU"]),
        (["mish", "softplus"], ["Mish", "Softplus"]),
    ],
)
def test_activations_one_a_layer_as_in_torch(names, members):
    torch = pytest.importorskip("torch")
    sigma = []
    for member in members:
        name, _, number = member.partition(":")
        sigma.append(getattr(torch.nn, name)(*([float(number)] if number else [])))
    ours = MLPRegressor(solver="sgd", activation=names, **WORDS).fit(NUMBERS, TARGETS)
    theirs = torch_weights(NUMBERS, TARGETS, sigma, squared, nesterov)
    assert distance(numbers(ours), theirs) < AUTOGRAD


@pytest.mark.parametrize(
    ("solver", "member", "words"),
    [
        ("adamw", "AdamW", {"weight_decay": 0.3}),
        ("rmsprop", "RMSprop", {}),
        ("adagrad", "Adagrad", {"eps": 1e-8}),
    ],
)
def test_solvers_step_as_in_torch(solver, member, words):
    torch = pytest.importorskip("torch")
    mine = {name: value for name, value in words.items() if name != "eps"}
    ours = MLPRegressor(solver=solver, **WORDS, **mine).fit(NUMBERS, TARGETS)

    def rule(parameters):
        return getattr(torch.optim, member)(parameters, lr=0.01, **words)

    theirs = torch_weights(NUMBERS, TARGETS, relus(), squared, rule)
    assert distance(numbers(ours), theirs) < AUTOGRAD


def test_a_long_gradient_is_clipped_as_in_torch():
    pytest.importorskip("torch")
    ours = MLPRegressor(solver="sgd", clip=0.3, **WORDS).fit(NUMBERS, TARGETS)
    theirs = torch_weights(NUMBERS, TARGETS, relus(), squared, nesterov, clip=0.3)
    assert distance(numbers(ours), theirs) < AUTOGRAD


def test_dropout_silences_as_its_masks_say():
    pytest.importorskip("torch")
    ours = MLPRegressor(solver="sgd", dropout=0.4, **WORDS).fit(NUMBERS, TARGETS)
    theirs = torch_weights(NUMBERS, TARGETS, relus(), squared, nesterov, dropout=0.4)
    assert distance(numbers(ours), theirs) < AUTOGRAD
    again = MLPRegressor(solver="sgd", dropout=[0.4, 0.4], **WORDS)
    np.testing.assert_array_equal(numbers(again.fit(NUMBERS, TARGETS)), numbers(ours))


STEPS = EPOCHS * -(-90 // BATCH)
SCHEDULES = {
    "cosine": lambda t: 0.01 * 0.5 * (1 + np.cos(np.pi * t / STEPS)),
    "inverse_scaling": lambda t: 0.01 / np.sqrt(t + 1),
    "step:0.1,2": lambda t: 0.01 * 0.1 ** (3 * t // STEPS),
}


@pytest.mark.parametrize("schedule", [*SCHEDULES, "function"])
def test_schedules_for_every_solver(schedule):
    torch = pytest.importorskip("torch")
    rate = SCHEDULES.get(schedule, lambda t: 0.02 / (t + 2))
    asked = rate if schedule == "function" else schedule
    rates = [rate(step) for step in range(STEPS)]
    rules = {
        "adamw": torch.optim.AdamW,
        "rmsprop": torch.optim.RMSprop,
        "sgd": torch.optim.SGD,
    }
    for solver, rule in rules.items():
        # torch's momentum remembers gradients and not steps: another rule as soon as
        # the rate changes.
        words = {**WORDS, "solver": solver, "momentum": 0}
        ours = MLPRegressor(schedule=asked, **words).fit(NUMBERS, TARGETS)
        theirs = torch_weights(NUMBERS, TARGETS, relus(), squared, rule, rates=rates)
        assert distance(numbers(ours), theirs) < AUTOGRAD
        assert ours.history_["learning_rate"][-1] == pytest.approx(rates[-1])


def test_adam_takes_the_schedules_of_sgd():
    words = {**WORDS, "tol": 10.0, "n_iter_no_change": 1, "max_iter": 60}
    found = MLPRegressor(schedule="adaptive", **words).fit(NUMBERS, TARGETS)
    rates = found.history_["learning_rate"]
    assert rates[0] == 0.01 and rates[-1] <= 1e-6 and len(set(rates)) > 5


def test_width_and_depth_say_the_hidden_layers():
    for words, want in (
        ({"width": 7, "depth": 2}, (7, 7)),
        ({"width": 9}, (9,)),
        ({"depth": 2}, (100, 100)),
        ({"depth": 0}, ()),
    ):
        found = MLPClassifier(max_iter=1, **words).fit(X, Y)
        assert tuple(w.shape[1] for w in found.coefs_[:-1]) == want


def test_transform_gives_a_layers_activations():
    net = MLPClassifier(**{**WORDS, "activation": "tanh"}).fit(X, Y)
    first = np.tanh(X @ net.coefs_[0] + net.intercepts_[0])
    last = np.tanh(first @ net.coefs_[1] + net.intercepts_[1])
    assert distance(net.transform(X, 0), first) < CLOSED
    assert distance(net.transform(X), last) < CLOSED
    assert distance(net.fit_transform(X, Y), last) < CLOSED
    assert list(net.get_feature_names_out()[:2]) == ["mlpclassifier0", "mlpclassifier1"]
    frame = net.set_output(transform="pandas").transform(X)
    assert list(frame.columns) == list(net.get_feature_names_out())
    for layer in (2, -3):
        with pytest.raises(
            InputError, match="layer must be one of the 2 hidden layers"
        ):
            net.transform(X, layer)


def test_several_outputs_can_have_the_right_gradient():
    # The mean over the outputs, by torch; the other library's own steps are 2 x that.
    pytest.importorskip("torch")
    ours = MLPRegressor(solver="sgd", mean_outputs=True, **WORDS).fit(NUMBERS, TARGETS)

    def cost(z, y):
        return 0.5 * ((z - y) ** 2).mean()

    theirs = torch_weights(NUMBERS, TARGETS, relus(), cost, nesterov)
    assert distance(numbers(ours), theirs) < AUTOGRAD
    for solver in ("lbfgs", "adam", "sgd"):
        # With the penalty too: weight for weight the gradient of the loss it reports.
        words = {**WORDS, "alpha": 0.5, "batch_size": 90, "max_iter": 1}
        net = MLPRegressor(solver=solver, mean_outputs=True, **words)
        net.fit(NUMBERS, TARGETS)
        packed = np.concatenate([np.ravel(w) for w in (*net.coefs_, *net.intercepts_)])
        _, nabla = net._loss_grad_lbfgs(packed, NUMBERS, TARGETS, None)
        h = 1e-6 * np.eye(packed.size)[:5]
        slopes = [
            (net._loss_grad_lbfgs(packed + e, NUMBERS, TARGETS, None)[0]
             - net._loss_grad_lbfgs(packed - e, NUMBERS, TARGETS, None)[0]) / 2e-6
            for e in h
        ]  # fmt: skip
        assert distance(nabla[:5], slopes) < 1e-6


def test_alpha_can_mean_the_same_for_every_batch_size():
    # One step over all examples is the same; in mini-batches it is weaker.
    words = {**WORDS, "alpha": 5.0, "solver": "sgd"}
    whole = {**words, "batch_size": 120}
    a = MLPClassifier(alpha_per="data", **whole).fit(X, Y)
    b = MLPClassifier(**whole).fit(X, Y)
    assert distance(numbers(a), numbers(b)) < CLOSED
    sizes = [
        np.square(np.concatenate([w.ravel() for w in net.coefs_])).sum()
        for net in (
            MLPClassifier(alpha_per="data", **words).fit(X, Y),
            MLPClassifier(**words).fit(X, Y),
        )
    ]
    assert sizes[0] > sizes[1]


def test_what_the_optimizer_remembers_can_be_kept():
    words = {**WORDS, "max_iter": 2, "warm_start": True}
    kept = MLPClassifier(keep_optimizer=True, **words).fit(X, Y).fit(X, Y)
    lost = MLPClassifier(**words).fit(X, Y).fit(X, Y)
    whole = MLPClassifier(**{**WORDS, "max_iter": 4}).fit(X, Y)
    np.testing.assert_array_equal(numbers(kept), numbers(whole))
    assert distance(numbers(lost), numbers(whole)) > 1e-3


def test_float32_on_request():
    for solver in ("adam", "lbfgs"):
        words = {**WORDS, "solver": solver}
        net = MLPClassifier(dtype="float32", **words).fit(X, Y)
        assert {w.dtype.name for w in net.coefs_} == {"float32"}
        assert net.predict_proba(X).dtype == "float32"
        wide = MLPClassifier(**words).fit(X, Y)
        assert distance(numbers(net), numbers(wide)) < 1e-2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"solver": "lbfgs", "early_stopping": True}, "lbfgs never stops early"),
        ({"solver": "lbfgs", "batch_size": 3}, "lbfgs has no mini-batches"),
        ({"learning_rate": "adaptive"}, "Use schedule='adaptive'"),
    ],
)
def test_what_would_be_ignored_is_an_error_where_that_is_wanted(words, said):
    quiet = MLPClassifier(max_iter=1, **words).fit(X, Y)
    with pytest.raises(InputError, match=said):
        quiet.set_params(strict=True).fit(X, Y)


def test_other_hidden_layers_under_warm_start_are_told():
    net = MLPClassifier(5, max_iter=1, warm_start=True).fit(X, Y)
    net.set_params(hidden_layer_sizes=6)
    with pytest.warns(UserWarning, match=r"stay as they are, \[5\].*got \[6\]"):
        net.fit(X, Y)
    with pytest.raises(InputError, match="warm_start=False"):
        net.set_params(strict=True).fit(X, Y)


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_threads_gives_the_same_bits(threads):
    one = MLPClassifier(**WORDS).fit(X, Y)
    net = MLPClassifier(threads=threads, **WORDS).fit(X, Y)
    np.testing.assert_array_equal(numbers(net), numbers(one))
