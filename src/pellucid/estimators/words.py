"""scikit-learn's words in ours, and what each parameter may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions

from .._errors import InputError
from ..mathematics.activations import ACTIVATIONS
from ..mathematics.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from ..mathematics.schedules import SCHEDULES

HIDDEN = {
    "logistic": "sigmoid",
    **{name: name for name, sigma in ACTIVATIONS.items() if not sigma.output_only},
}
del HIDDEN["step"]  # it has no slope to descend
"""Activation of a hidden layer, as it is asked for, to the name it has here."""

OUTPUT = {"logistic": "sigmoid", "exp": "exponential"}
"""`out_activation_` to the name it has here, where that is another."""

LOSSES = {
    "squared_error": "quadratic",
    "poisson": "poisson",
    "absolute_error": "mean_absolute_error",
    "huber": "huber",
    "quantile": "quantile",
}
"""A regressor's loss to the cost."""

STEPPING = ("sgd", "adam", "adamw", "rmsprop", "adagrad")
"""Solvers that go through the data in mini-batches."""

RATES = ("invscaling", "adaptive")
"""Values of `learning_rate` that `schedule` takes too, for every solver."""


class Spec(StrOptions):  # type: ignore[misc]
    """One of some names, perhaps with numbers behind a colon: `huber:1.5`."""

    def is_satisfied_by(self, value: Any) -> bool:
        """Whether the name in front of the numbers is known."""
        return isinstance(value, str) and value.partition(":")[0] in self.options


def _real(least: float | None, most: float | None = None, closed: str = "left") -> Any:
    return Interval(Real, least, most, closed=closed)


def _whole(least: int) -> Any:
    return Interval(Integral, least, None, closed="left")


CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", _whole(1), StrOptions({"auto"})],
    "activation": [Spec(set(HIDDEN)), "array-like"],
    "solver": [StrOptions({"lbfgs", *STEPPING})],
    "alpha": [_real(0)],
    "batch_size": [StrOptions({"auto"}), _whole(1)],
    "learning_rate": [StrOptions({"constant", *RATES})],
    "learning_rate_init": [_real(0, closed="neither")],
    "power_t": [_real(0)],
    "max_iter": [_whole(1)],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [_real(0)],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [_real(0, 1, "both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [_real(0, 1)],
    "beta_1": [_real(0, 1)],
    "beta_2": [_real(0, 1)],
    "epsilon": [_real(0, closed="neither")],
    "n_iter_no_change": [_whole(1), Options(Real, {np.inf})],
    "max_fun": [_whole(1)],
    # What scikit-learn's classes do not have.
    "width": [_whole(1), None],
    "depth": [_whole(0), None],
    "dropout": [_real(0, 1), "array-like"],
    "clip": [_real(0, closed="neither"), None],
    "weight_decay": [_real(0)],
    "rho": [_real(0, 1)],
    "schedule": [Spec({*SCHEDULES, *RATES}), callable, None],
    "alpha_per": [StrOptions({"batch", "data"})],
    "validation_splitter": [HasMethods("split"), None],
    "scoring": [str, callable, list, tuple, dict, None],
    "stop_on": [str],
    "progress": ["boolean"],
    "keep_optimizer": ["boolean"],
    "strict": ["boolean"],
    "threads": [_whole(1), None],
    "encode": ["boolean"],
    "dtype": [StrOptions({"float32", "float64"}), None],
}
"""What each parameter may be, in the form that scikit-learn checks."""


def hidden_sizes(estimator: Any) -> list[int] | None:
    """Units of each hidden layer, by `width` and `depth` or by `hidden_layer_sizes`.

    Returns:
        None where that is "auto".

    Raises:
        ValueError: one of them is not > 0.
    """
    if estimator.width is not None or estimator.depth is not None:
        width = 100 if estimator.width is None else estimator.width
        return [width] * (1 if estimator.depth is None else estimator.depth)
    sizes = estimator.hidden_layer_sizes
    if isinstance(sizes, str):
        return None
    sizes = [*sizes] if isinstance(sizes, Iterable) else [sizes]
    if np.any(np.array(sizes) <= 0):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return sizes


def hidden_activations(asked: str | Sequence[str], layers: int) -> list[str]:
    """Our names of the hidden layers' activations.

    Raises:
        InputError: not one for each layer, or an unknown one.
    """
    names = [asked] * layers if isinstance(asked, str) else list(asked)
    if len(names) != layers:
        raise InputError(
            f"activation must be one name, or one for each of the {layers} hidden "
            f"layers; got {len(names)}."
        )
    found = []
    for name in names:
        word, colon, numbers = str(name).partition(":")
        if word not in HIDDEN:
            raise InputError(
                f"activation must be one of {', '.join(sorted(HIDDEN))} in each "
                f"layer; got {name!r}."
            )
        found.append(HIDDEN[word] + colon + numbers)
    return found


def rule_of(estimator: Any, factor: float) -> tuple[Optimizer, float]:
    """The optimizer of a stepping solver, and what its learning rate is divided by.

    Args:
        estimator: whose parameters say what it is.
        factor: how many times too large its gradients will be. A rule that looks at
            the size of a gradient only relative to its past takes it into ε.
    """
    e, epsilon = estimator, factor * estimator.epsilon
    if e.solver == "sgd":
        if e.momentum == 0:
            return SGD(1.0), factor
        kind = Nesterov if e.nesterovs_momentum else Momentum
        return kind(1.0, float(e.momentum)), factor
    rules: dict[str, Optimizer] = {
        "adam": Adam(1.0, e.beta_1, e.beta_2, epsilon, uncorrected_epsilon=True),
        "adamw": AdamW(1.0, e.beta_1, e.beta_2, epsilon, decay=e.weight_decay),
        "rmsprop": RMSprop(1.0, e.rho, epsilon),
        "adagrad": Adagrad(1.0, epsilon),
    }
    return rules[e.solver], 1.0


def refuse_what_is_ignored(estimator: Any) -> None:
    """With `strict`: what scikit-learn would silently leave out is an error.

    Raises:
        InputError: something would be.
    """
    e = estimator
    lbfgs = e.solver == "lbfgs"
    ignored = [
        ("early_stopping", lbfgs and e.early_stopping, "lbfgs never stops early"),
        ("batch_size", lbfgs and e.batch_size != "auto", "lbfgs has no mini-batches"),
        ("schedule", lbfgs and e.schedule is not None, "lbfgs has no learning rate"),
        ("clip", lbfgs and e.clip is not None, "lbfgs takes no single steps"),
        (
            "learning_rate",
            e.solver != "sgd" and e.learning_rate != "constant",
            f"only sgd looks at it, not {e.solver}. Use schedule={e.learning_rate!r}",
        ),
    ]
    for name, is_ignored, reason in ignored:
        if e.strict and is_ignored:
            raise InputError(
                f"{name} must be left out: {reason}; got {getattr(e, name)!r}."
            )
