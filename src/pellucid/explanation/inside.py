"""How many weights a network needs, and what each layer makes plain."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._arrays import Array, check_number
from ..data import Dataset
from ..mathematics.backprop import feedforward
from ..mathematics.network import Network
from .columns import sampled, score_of
from .neurons import inputs_of

SHARES = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
"""Of the weights that are taken out."""

LEARNED = 4_000
"""Training examples that a linear probe learns from."""


def pruned(network: Network, share: float) -> Network:
    """A copy whose smallest weights, a share of all of them by size, are 0.

    Biases stay.

    Args:
        network: the network; it is not changed.
        share: 0 ... 1 of all weights.

    Raises:
        InputError: the share is none.
    """
    check_number("share", share, least=0, most=1)
    twin = network.copy()
    sizes = np.concatenate([np.abs(w).ravel() for w in twin.w[1:]])
    gone = np.zeros(len(sizes), bool)
    gone[np.argsort(sizes, kind="stable")[: round(share * len(sizes))]] = True
    start = 0
    for w in twin.w[1:]:
        w[gone[start : start + w.size].reshape(w.shape)] = 0
        start += w.size
    return twin


@dataclass(frozen=True)
class Pruning:
    """What is left of the score where the smallest weights are taken out.

    Attributes:
        shares: of all weights that are taken out, (k,).
        scores: without them, (k,); nothing is trained again.
        measure: what the score is called.
        weights: how many there are.
        count: examples it was measured on.
    """

    shares: tuple[float, ...]
    scores: tuple[float, ...]
    measure: str
    weights: int
    count: int


def pruning(
    network: Network, data: Dataset, shares: Sequence[float] = SHARES
) -> Pruning:
    """The score against the share of the weights that are taken out, smallest first.

    Raises:
        InputError: a share is none, or the examples do not fit.
    """
    score = score_of(data)
    x = inputs_of(network, data)
    scores = [score.of(pruned(network, share)(x)) for share in shares]
    weights = sum(w.size for w in network.w[1:])
    told = tuple(map(float, shares))
    return Pruning(told, tuple(scores), score.name, weights, len(data))


@dataclass(frozen=True)
class Probes:
    """How well a linear model answers from what each layer holds.

    Attributes:
        scores: from a[0], the input, up to a[L-1], (L,).
        score: of the network itself.
        measure: what the score is called.
        sizes: numbers that each of these layers holds, (L,).
        learned: training examples that the linear models learned from.
        count: examples they were scored on.
    """

    scores: tuple[float, ...]
    score: float
    measure: str
    sizes: tuple[int, ...]
    learned: int
    count: int


def probes(network: Network, train: Dataset, judged: Dataset) -> Probes:
    """A linear model on the activations of each layer: where the answer becomes plain.

    Logistic regression for classes, ridge regression for numbers, on standardised
    activations; the network's own last layer is such a model too.

    Args:
        network: the network.
        train: what the linear models learn from, at most LEARNED of it.
        judged: what they are scored on.

    Source: Alain and Bengio 2016, "Understanding intermediate layers using linear
    classifier probes".
    """
    known, score = sampled(train, LEARNED), score_of(judged)
    inside = feedforward(network, inputs_of(network, known))[1]
    asked = feedforward(network, inputs_of(network, judged))[1]
    scores = [score.of(_linear(known, inside[l], asked[l])) for l in range(network.L)]
    return Probes(
        tuple(scores),
        score.of(asked[-1]),
        score.name,
        tuple(network.sizes[:-1]),
        len(known),
        len(judged),
    )


def _linear(known: Dataset, learned: Array, asked: Array) -> Array:
    """What a linear model answers, (m, n_L), as outputs of a network are."""
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    task = None if known.encoding is None else known.encoding.target.task
    labels = known.classes is None and task == "labels"
    if known.classes is None and not labels:
        model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 4, 15)))
        answer = model.fit(learned, known.y).predict(asked)
        return np.asarray(answer).reshape(len(asked), -1)

    def classified(truth: Array) -> tuple[Array, Array]:
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that 300 steps were not enough
            model.fit(learned, truth)
        return model.classes_, model.predict_proba(asked)

    out = np.zeros((len(asked), known.outputs))
    if not labels:
        there, p = classified(known.labels)
        out[:, there] = p
        return out
    for j, truth in enumerate(known.y.T >= 0.5):
        both = truth.any() and not truth.all()
        out[:, j] = classified(truth)[1][:, 1] if both else truth[0]
    return out
