"""`hidden_layer_sizes="auto"`: a race of small networks before the fit."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from .._arrays import Array
from .._errors import InputError
from ..training.halving import Race, Sizes, race

DEFAULT = (100,)
"""Hidden layers that stay where nothing is better."""

HELD_OUT = 0.2
"""Share of the examples that the race is judged on."""

FEWEST = 20
"""Examples that can be raced on; of fewer the default learns."""

FINAL, SHARES = 1.6, (1 / 25,)
"""Fits of the default that the winner's may cost, and what is learned for in the race,
in one round: an estimator checks so much that short fits cost more than is reckoned."""

UPDATES = 3_000
"""After about so many a fit ends by itself, where `max_iter` epochs are more."""

QUIET = {
    "width": None, "depth": None, "early_stopping": False, "warm_start": False,
    "verbose": False, "progress": False, "scoring": None, "encode": False,
    "validation_splitter": None,
}  # fmt: skip


def found_sizes(
    estimator: Any, X: Array, y: Array, weight: Any, first: bool, incremental: bool
) -> list[int]:
    """Hidden layers by a race; calls after the first keep what it found.

    Raises:
        InputError: the first call sees only some examples, or a parameter names each
            layer.
    """
    if not first:
        return [w.shape[1] for w in estimator.coefs_[:-1]]
    if incremental:
        raise InputError(
            "hidden_layer_sizes must be sizes for partial_fit; got 'auto', whose race "
            "needs all examples at once. Call fit, or name the sizes."
        )
    few = X.shape[0] < FEWEST
    layers = DEFAULT if few else run_race(estimator, X, y, weight).layers
    estimator.hidden_layer_sizes_ = layers
    return list(layers)


def run_race(estimator: Any, X: Array, y: Array, weight: Array | None) -> Race:
    """Which hidden layers to take.

    Args:
        estimator: whose parameters say how is learned; it is left as it is.
        X: (n, n_0), checked.
        y: labels or numbers, checked.
        weight: what each example counts, (n,), or None.

    Raises:
        InputError: a parameter names each layer.
    """
    n = X.shape[0]
    for name in ("activation", "dropout"):
        value = getattr(estimator, name)
        if not isinstance(value, str) and np.ndim(value):
            raise InputError(
                f"{name} must be one for all layers where hidden_layer_sizes is "
                f"'auto'; got {value!r:.60}."
            )
    rows = _split(estimator, y)
    size = estimator.batch_size
    size = 200 if size == "auto" else size
    whole = max(UPDATES / -(-n // size), estimator.n_iter_no_change + 2)
    epochs = min(estimator.max_iter, whole)

    def judge(tried: Sequence[Sizes], share: float) -> list[Array | None]:
        most = max(round(share * epochs), 1)
        return [_losses(estimator, sizes, most, X, y, weight, rows) for sizes in tried]

    inputs, outputs = X.shape[1], estimator.n_outputs_
    return race(inputs, DEFAULT, outputs, judge, FINAL, SHARES)


def _split(estimator: Any, y: Array) -> tuple[Array, Array]:
    """Rows that are learned from, and that are held out: of classes their shares."""
    labels = None
    if hasattr(estimator, "classes_") and y.ndim == 1:
        counts = np.unique(y, return_counts=True)[1]
        if counts.min() > 1 and len(counts) <= HELD_OUT * len(y):
            labels = y
    drawn = copy.deepcopy(estimator.random_state)  # the fit draws what it always would
    rows: tuple[Array, Array] = tuple(
        train_test_split(
            np.arange(len(y)), test_size=HELD_OUT, random_state=drawn, stratify=labels
        )
    )
    return rows


def _losses(
    estimator: Any,
    sizes: Sizes,
    epochs: int,
    X: Array,
    y: Array,
    weight: Array | None,
    rows: tuple[Array, Array],
) -> Array | None:
    """Loss of each held-out example after some epochs; None where it diverged."""
    learned, held = rows
    words = {**estimator.get_params(deep=False), **QUIET}
    words |= {"hidden_layer_sizes": sizes, "max_iter": epochs}
    words["random_state"] = copy.deepcopy(estimator.random_state)
    twin = type(estimator)(**words)
    more = {} if weight is None else {"sample_weight": weight[learned]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that so few epochs are too few
        try:
            twin.fit(X[learned], y[learned], **more)
        except ValueError:  # its weights stopped being finite
            return None
        found = _of_rows(twin, X[held], y[held])
    if weight is not None:
        found = found * weight[held]
    return found if np.isfinite(found).all() else None


def _of_rows(twin: Any, X: Array, y: Array) -> Array:
    """−ln p of the true class, squared error, or whether an answer is wrong."""
    if not hasattr(twin, "classes_"):
        off = np.asarray(twin.predict(X) - y, float) ** 2
        return off if off.ndim == 1 else off.sum(axis=1)
    if y.ndim == 1 and hasattr(twin, "predict_log_proba"):
        p = np.asarray(twin.predict_log_proba(X), float)
        place = np.searchsorted(twin.classes_, y).clip(max=len(twin.classes_) - 1)
        known = twin.classes_[place] == y
        least = np.log(np.finfo(np.float32).tiny)
        return -np.where(known, np.maximum(p[np.arange(len(y)), place], least), least)
    wrong = twin.predict(X) != y
    return np.asarray(wrong if wrong.ndim == 1 else wrong.any(axis=1), float)
