"""Confidence: how far a network's answers can be believed, and how to make that true.

What is fitted (a temperature, thresholds) is fitted to the validation part, which the
network has not learned from. What that gives is measured on other examples: in the
validation part by folds, each judged by what was fitted to the others; or on the test
part, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import Array, check_number
from .._errors import InputError
from .._random import stream
from ..data import Dataset
from ..mathematics.calibration import (
    COVERAGES,
    Calibration,
    best_temperature,
    log_loss,
    odds_against,
    quantiles,
    softmax,
)
from ..mathematics.costs import COSTS
from ..mathematics.network import Network
from ..training import default_cost
from . import Reliability, outputs, reliability

FOLDS = 5
"""Parts of the validation part, each judged by what is fitted to the others."""

LEAST = 20
"""Examples that can be calibrated with."""

SHARES = (1.0, 0.95, 0.9, 0.8, 0.5)
"""Shares of the examples that are answered, where the least sure ones are not."""


@dataclass(frozen=True)
class Rejects:
    """What refusing the least sure answers gives.

    Attributes:
        share: of the examples that are answered, (k,).
        accuracy: among those, (k,).
        least: the least confidence that is still answered, (k,).
    """

    share: Array
    accuracy: Array
    least: Array

    def at(self, share: float) -> tuple[float, float]:
        """Accuracy and least confidence where about this share is answered."""
        place = int(np.abs(self.share - share).argmin())
        return float(self.accuracy[place]), float(self.least[place])


@dataclass(frozen=True)
class Confidence:
    """How far answers on one part can be believed, before and after calibration.

    Attributes:
        part: what it was measured on.
        count: examples there.
        calibration: what was fitted, to all of the validation part.
        covered: share of the truths that were held, (coverages, outputs).
        size: mean number of classes in a set, or mean width of an interval in the
            target's own unit, (coverages, outputs); infinite where there were too few
            examples to fit to.
        names: of the outputs of a regression.
        log_loss: mean before and after; None for numbers, like all below.
        gain: what the temperature gained in the folds, and its standard error.
        before: reliability of the network's own probabilities.
        after: of the calibrated ones.
        rejects: accuracy against the share that is answered.
    """

    part: str
    count: int
    calibration: Calibration
    covered: Array
    size: Array
    names: tuple[str, ...] = ()
    log_loss: tuple[float, float] | None = None
    gain: tuple[float, float] | None = None
    before: Reliability | None = None
    after: Reliability | None = None
    rejects: Rejects | None = None

    @property
    def verdict(self) -> str:
        """What the temperature says of the probabilities, in a sentence."""
        gain, error = self.gain or (0.0, 0.0)
        if gain <= error:
            return "No temperature gains more than chance: its probabilities stay."
        t = self.calibration.temperature
        kind = "too sure" if t > 1 else "not sure enough"
        return f"Temperature {t:.3f}: it was {kind}."


def logits(network: Network, data: Dataset) -> Array:
    """Logarithms of the probabilities but for a constant a row, (m, classes).

    Of a softmax its z; other outputs, which need not sum to 1, are first made to.

    Raises:
        InputError: the targets are not classes, or the outputs no probabilities.
    """
    data.labels  # noqa: B018  it says what must hold
    z, a = outputs(network, data, COSTS[default_cost(network)]())
    return logits_of(network, z, a)


def logits_of(network: Network, z: Array, a: Array) -> Array:
    """The same of z^L and a^L, each (m, n_L)."""
    name = network.sigma[-1].name
    if name not in ("softmax", "sigmoid", "exponential"):
        raise InputError(
            "confidence must be asked of outputs that are probabilities, softmax or "
            f"sigmoid; these are {name}. Train with --output softmax."
        )
    if name == "softmax":
        return np.asarray(z, np.float64)
    found = np.maximum(np.asarray(a, np.float64), np.finfo(np.float64).tiny)
    if found.shape[1] == 1:
        found = np.hstack([np.maximum(1 - found, np.finfo(np.float64).tiny), found])
    return np.log(found)


def confidence(
    network: Network,
    data: Dataset,
    part: str = "validation",
    coverages: Sequence[float] = COVERAGES,
) -> Confidence:
    """Calibrate on the validation part, and measure what that gives.

    Args:
        network: trained, on the training part.
        data: with its parts.
        part: "validation": measured in folds of it; "test": on the test part.
        coverages: shares of the truths that sets or intervals shall hold, in (0, 1).

    Raises:
        InputError: there is no such part or too little of it, the targets are several
            labels, or the outputs no probabilities.
    """
    if part not in ("validation", "test"):
        raise InputError(
            f"part must be validation or test; got {part!r}. What was learned from "
            "says nothing about new examples."
        )
    for share in coverages:
        check_number("coverage", share, above=0, below=1)
    fit = data.part("validation")
    if len(fit) < LEAST:
        raise InputError(
            f"a calibration must be fitted to {LEAST} examples or more; the validation "
            f"part has {len(fit)}. Train with a larger --validation."
        )
    task = None if data.encoding is None else data.encoding.target.task
    if data.classes is None and task == "labels":
        raise InputError(
            "confidence must be asked of one column of classes or of numbers; these "
            "are several labels. Train on one of them."
        )
    test = None if part == "validation" else data.part("test")
    shares = tuple(map(float, coverages))
    if data.classes is None:
        return _of_numbers(network, fit, test, part, shares)
    return _of_classes(network, fit, test, part, shares)


def _folds(count: int) -> list[tuple[Array, Array]]:
    """Rows to fit to and rows to judge by, FOLDS times."""
    fold = stream(0, "confidence").permutation(count) % FOLDS
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k))
            for k in range(FOLDS)]  # fmt: skip


def _fit_classes(z: Array, labels: Array, shares: Any, keep: bool) -> Calibration:
    temperature = best_temperature(z, labels) if keep else 1.0
    scores = odds_against(z / temperature)[np.arange(len(labels)), labels]
    thresholds = quantiles(scores[:, None], shares)
    return Calibration(temperature, len(labels), shares, thresholds)


def temperature_gain(z: Array, labels: Array) -> tuple[float, float]:
    """What a temperature gains in log loss on examples it was not fitted to.

    Returns:
        The mean gain over the examples, by folds, and its standard error.
    """
    gain = np.zeros(len(labels))
    for rest, held in _folds(len(labels)):
        t = best_temperature(z[rest], labels[rest])
        gain[held] = log_loss(z[held], labels[held])
        gain[held] -= log_loss(z[held] / t, labels[held])
    return float(gain.mean()), float(gain.std(ddof=1) / np.sqrt(len(gain)))


def _of_classes(
    network: Network, fit: Dataset, test: Dataset | None, part: str, shares: Any
) -> Confidence:
    z, labels = logits(network, fit), fit.labels
    gain = temperature_gain(z, labels)
    keep = gain[0] > gain[1]  # a gain that chance alone may make is none
    whole = _fit_classes(z, labels, shares, keep)
    if test is not None:
        asked, truth = logits(network, test), test.labels
        rounds = [(whole, np.arange(len(truth)))]
    else:
        asked, truth = z, labels
        rounds = [
            (_fit_classes(z[rest], labels[rest], shares, keep), held)
            for rest, held in _folds(len(labels))
        ]
    scaled = np.empty_like(asked)
    inside = np.zeros((len(shares), *asked.shape), bool)
    for fitted, rows in rounds:
        scaled[rows] = asked[rows] / fitted.temperature
        for k, share in enumerate(shares):
            inside[k, rows] = fitted.sets(asked[rows], share)
    p = softmax(scaled)
    return Confidence(
        part,
        len(truth),
        whole,
        inside[:, np.arange(len(truth)), truth].mean(axis=1)[:, None],
        inside.sum(axis=2).mean(axis=1)[:, None],
        log_loss=(
            float(log_loss(asked, truth).mean()),
            float(log_loss(scaled, truth).mean()),
        ),
        gain=gain,
        before=reliability(softmax(asked), truth),
        after=reliability(p, truth),
        rejects=_rejects(p, truth),
    )


def _rejects(p: Array, labels: Array) -> Rejects:
    """Accuracy when only the surest are answered, for every share there is.

    Where examples are equally sure, none is taken before another.
    """
    sure = p.max(axis=1)
    order = np.argsort(-sure, kind="stable")
    right = np.cumsum(p.argmax(axis=1)[order] == labels[order])
    last = np.flatnonzero(np.diff(sure[order], append=-1.0))
    answered = last + 1
    return Rejects(answered / len(labels), right[last] / answered, sure[order][last])


def _of_numbers(
    network: Network, fit: Dataset, test: Dataset | None, part: str, shares: Any
) -> Confidence:
    answers, truth = _in_own_unit(network, fit)
    scores = np.abs(truth - answers)
    whole = Calibration(1.0, len(fit), shares, quantiles(scores, shares))
    if test is not None:
        answers, truth = _in_own_unit(network, test)
        rounds = [(whole.thresholds, np.arange(len(truth)))]
    else:
        rounds = [
            (quantiles(scores[rest], shares), held) for rest, held in _folds(len(fit))
        ]
    off = np.abs(truth - answers)
    inside = np.zeros((len(shares), *off.shape), bool)
    width = np.zeros(inside.shape)
    for thresholds, rows in rounds:
        half = np.array(thresholds)[:, None, :]
        inside[:, rows] = off[rows] <= half
        width[:, rows] = 2 * half
    names = tuple(f"output {j}" for j in range(off.shape[1]))
    if fit.encoding is not None:
        names = tuple(fit.encoding.target.names)
    size, covered = width.mean(axis=1), inside.mean(axis=1)
    return Confidence(part, len(off), whole, covered, size, names)


def _in_own_unit(network: Network, data: Dataset) -> tuple[Array, Array]:
    """Answers and truths, (m, outputs) each."""
    _, a = outputs(network, data, COSTS[default_cost(network)]())
    own: Any = np.asarray if data.encoding is None else data.encoding.decode
    return np.asarray(own(a), np.float64), np.asarray(own(data.y), np.float64)
