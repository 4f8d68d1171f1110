"""The examples that are held out, and what they say after each epoch."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._arrays import Array, choose
from .._errors import InputError
from ..mathematics.costs import Cost, mean

Scorer = Callable[[Any, Any, Any], float]
SMALLEST = 2
"""Examples without which there is nothing to score."""


@dataclass
class Validation:
    """Examples that are not learned from.

    Attributes:
        x: (m, n_0), dense or CSR.
        targets: as the cost reads them, (m, n_L).
        y: labels or numbers, as `predict` gives them.
        weight: (m,), or None.
        scorers: further scores by name, each asked as scorer(estimator, x, y).
    """

    x: Array
    targets: Array
    y: Array
    weight: Array | None = None
    scorers: dict[str, Scorer] = field(default_factory=dict)

    def look(
        self, estimator: Any, outputs: tuple[Array, Array], cost: Cost, share: int
    ) -> dict[str, float]:
        """Every score of the network as it is now, by name.

        Args:
            estimator: whose answers are scored; it holds the network's weights where
                there are `scorers`.
            outputs: z^L and a^L of `x`.
            cost: of the training.
            share: what its value is divided by, as the training's is.
        """
        z, a = outputs
        with np.errstate(all="ignore"):
            loss = mean(cost(z, a, self.targets), self.weight) / share
        score = estimator._score_of(a, self.y, self.weight)
        found = {"score": score, "loss": loss}
        if self.scorers:
            twin = copy.copy(estimator)
            # What is scored has passed every check, and its names on the way.
            vars(twin).pop("feature_names_in_", None)
            twin.encode, twin.n_features_in_ = False, self.x.shape[1]
            for name, scorer in self.scorers.items():
                found[name] = float(scorer(twin, self.x, self.y))
        return found


def scorers_of(scoring: Any) -> dict[str, Scorer]:
    """`scoring` as scorers by name.

    Raises:
        ValueError: scikit-learn knows none of that name.
    """
    from sklearn.metrics import get_scorer

    if scoring is None:
        return {}
    if isinstance(scoring, str):
        scoring = [scoring]
    if callable(scoring):
        return {getattr(scoring, "__name__", "scorer"): scoring}
    if isinstance(scoring, dict):
        return {name: get_scorer(scorer) for name, scorer in scoring.items()}
    return {name: get_scorer(name) for name in scoring}


def value_that_stops(estimator: Any, found: dict[str, float]) -> float:
    """The value by which early stopping goes; larger is better.

    Raises:
        InputError: `stop_on` names none of what is measured.
    """
    wanted = choose("stop_on", estimator.stop_on, found)
    return -wanted if estimator.stop_on == "loss" else wanted


def held_out_rows(
    estimator: Any, X: Array, y: Array, groups: Any, stratify: Array | None
) -> tuple[Array, Array]:
    """Numbers of the rows that are learned from, and of those that are held out.

    Raises:
        ValueError: too few are held out, or a class has too few members.
    """
    n = X.shape[0]
    if estimator.validation_splitter is not None:
        return _split_by(estimator.validation_splitter, X, y, groups)
    if groups is not None:
        raise InputError(
            "groups must come with a validation_splitter that looks at them, such as "
            "GroupShuffleSplit; got none."
        )
    from sklearn.model_selection import train_test_split

    train, held_out = train_test_split(
        np.arange(n),
        random_state=estimator._random_state,
        test_size=estimator.validation_fraction,
        stratify=stratify,
    )
    if len(held_out) < SMALLEST:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' "
            "or the size of your dataset."
        )
    return train, held_out


def _split_by(splitter: Any, X: Array, y: Array, groups: Any) -> tuple[Array, Array]:
    """The last split: that of the most recent rows, where rows lie in time."""
    parts = list(splitter.split(np.empty((X.shape[0], 0)), y, groups))
    train, held_out = (np.asarray(rows) for rows in parts[-1])
    if len(held_out) < SMALLEST or not len(train):
        raise InputError(
            f"validation_splitter must hold out at least {SMALLEST} rows and leave "
            f"some; its last split holds out {len(held_out)} and leaves {len(train)}."
        )
    return train, held_out
