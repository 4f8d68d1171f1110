"""Is a network the right model? It and others, on the same splits of the same data.

Each split is drawn anew; every model learns from its training part and is scored on
its test part. Splits share rows, so their scores vary less than those of new data
would: the paired test takes that into account.
"""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .. import recipes
from .._arrays import Array, check_number, choose, join
from .._errors import DivergedError, InputError
from ..data import Dataset
from ..evaluation import determination
from ..evaluation.confidence import logits
from ..mathematics.calibration import log_loss
from ..mathematics.network import Network
from ..training.population import train_all
from .rivals import KERNEL_ROWS, RIVALS, available

NETWORK = "network"
CHANCE = 0.05
"""Probability, under equal models, below which a difference is no chance."""

LEVEL = 0.3
"""The same probability, above which two models are called equally good: the difference
is no larger than its standard error, nearly. Not to be told apart is less than that."""

FASTER = 2.0
"""Times as fast that an equal model must be to be named for it."""


@dataclass(frozen=True)
class Fit:
    """One model on one split.

    Attributes:
        model: its name.
        split: seed of the split.
        score: accuracy, or R², on the test part; NaN where it failed.
        log_loss: mean −ln p of the true class; NaN where there are no probabilities.
        fit_seconds: of training. predict_seconds: of answering the test part.
        train_rows: it learned from. test_rows: it was scored on.
        note: why there is no score.
    """

    model: str
    split: int
    score: float
    log_loss: float
    fit_seconds: float
    predict_seconds: float
    train_rows: int
    test_rows: int
    note: str = ""


class Comparison:
    """Models that are to be compared, and what came of them so far.

    Args:
        draw: gives, for the seed of a split, a Dataset with a training and a test
            part, such as `lambda seed: split(data, seed=seed)`.
        seeds: of the splits, two or more.
        models: names in RIVALS; None: all that are installed.
        layers: hidden sizes of further networks, such as [[], [16, 16]].
        changes: settings of all networks, as for `recipes.settings`.

    Attributes:
        fits: what has ended.

    Raises:
        InputError: an unknown model, fewer than two splits.
    """

    def __init__(
        self,
        draw: Callable[[int], Dataset],
        seeds: Sequence[int] = range(5),
        models: Sequence[str] | None = None,
        layers: Sequence[Sequence[int]] = (),
        **changes: Any,
    ):
        check_number("splits", len(seeds), least=2, most=1_000, whole=True)
        names = available() if models is None else list(models)
        for name in names:
            choose("model", name, RIVALS)
            if name not in available():
                raise InputError(
                    f"{name} must be installed to be compared with; it is not. "
                    f"pip install {name}, or leave it out."
                )
        self.draw, self.seeds, self.rivals = draw, list(seeds), names
        self.networks: dict[str, dict[str, Any]] = {NETWORK: dict(changes)}
        for sizes in layers:
            label = f"{NETWORK} {'x'.join(map(str, sizes)) or '0'}"
            self.networks[label] = {**changes, "layers": list(sizes)}
        self.fits: list[Fit] = []
        self.classes = True

    @property
    def models(self) -> list[str]:
        """All names, the networks first."""
        return [*self.networks, *self.rivals]

    def run(self, seconds: float | None = None) -> Iterator[Fit]:
        """Train and score, yielding each Fit as it ends.

        Args:
            seconds: after these nothing more is begun; what runs is let end.

        Raises:
            InputError: the data have several labels, or no test part.
        """
        end = math.inf if seconds is None else time.monotonic() + seconds
        for seed in self.seeds:
            data = self.draw(seed)
            _check(data)
            self.classes = data.classes is not None
            for one in self._split(data, seed, end):
                self.fits.append(one)
                yield one
            if time.monotonic() >= end:
                return

    def _split(self, data: Dataset, seed: int, end: float) -> Iterator[Fit]:
        """All models on one split, as far as there is time."""
        yield from self._networks(data, seed)
        for name in self.rivals:
            if time.monotonic() >= end:
                return
            yield rival_fit(name, data, seed)

    def _networks(self, data: Dataset, seed: int) -> Iterator[Fit]:
        """The networks, side by side."""
        bare = data.classes is None and data.encoding is None  # numbers as they are
        own: dict[str, Any] = {"output": "identity", "dropout": 0.0} if bare else {}
        chosen = [
            recipes.settings(None, data, **{**own, "seed": seed, **changes})
            for changes in self.networks.values()
        ]
        networks = [recipes.build(settings, data) for settings in chosen]
        each = [
            {word: settings[word] for word in recipes.TRAIN_WORDS}  # type: ignore[literal-required]
            for settings in chosen
        ]
        spent, notes = [0.0] * len(networks), [""] * len(networks)
        with closing(train_all(networks, data, each)) as told:  # type: ignore[type-var]
            for number, what in told:
                if isinstance(what, DivergedError):
                    notes[number] = str(what)
                else:
                    spent[number] = what.seconds
        names = list(self.networks)
        for number, network in enumerate(networks):
            yield _network_fit(
                names[number], network, data, seed, spent[number], notes[number]
            )

    def scores(self, model: str) -> dict[int, float]:
        """Seed of a split to the model's score there."""
        return {
            fit.split: fit.score
            for fit in self.fits
            if fit.model == model and math.isfinite(fit.score)
        }

    def mean(self, model: str, what: str = "score") -> float:
        """Of the scores, or of another figure of a Fit; NaN where there is none."""
        known = [getattr(fit, what) for fit in self.fits if fit.model == model]
        known = [value for value in known if math.isfinite(value)]
        return float(np.mean(known)) if known else math.nan

    def spread(self, model: str) -> float:
        """Standard deviation of the scores over the splits; NaN for fewer than two."""
        known = list(self.scores(model).values())
        return float(np.std(known, ddof=1)) if len(known) > 1 else math.nan

    @property
    def ranked(self) -> list[str]:
        """The models that have scores, the best mean first."""
        known = [model for model in self.models if self.scores(model)]
        return sorted(known, key=lambda model: -self.mean(model))

    def p_value(self, one: str, other: str) -> float:
        """How often chance would make such a difference between equal models.

        A t-test of the paired differences with the variance of Nadeau and Bengio; NaN
        where there are fewer than two common splits.
        """
        mine, theirs = self.scores(one), self.scores(other)
        common = [seed for seed in mine if seed in theirs]
        if len(common) < 2:
            return math.nan
        fit = next(fit for fit in self.fits if fit.split == common[0])
        difference = np.array([mine[seed] - theirs[seed] for seed in common])
        return corrected_p(difference, fit.test_rows / fit.train_rows)

    def ties(self, model: str) -> list[str]:
        """The other models that can't be told from this one."""
        return [
            other
            for other in self.ranked
            if other != model and not self.p_value(model, other) < CHANCE
        ]

    def answer(self) -> str:
        """Which model is the better choice, in a sentence or two."""
        ranked = self.ranked
        if len(ranked) < 2:
            return "There is nothing to compare yet: fewer than two models have scores."
        best = ranked[0]
        start = f"Best: {best}, {self.say(best)}."
        ties = self.ties(best)
        if NETWORK not in ranked:
            return f"{start} The network has no score."
        if best != NETWORK and NETWORK not in ties:
            return (
                f"{start} The network, {self.say(NETWORK)}, is worse by more than "
                f"chance (p = {self.p_value(best, NETWORK):.2g}): take {best}."
            )
        if not ties:
            return f"{start} No other can be told from it by chance alone: take it."
        told = f"{start} Within chance of it: {join(ties, 'and')}."
        level = [model for model in ties if self.p_value(best, model) > LEVEL]
        quick = min([best, *level], key=lambda model: self.mean(model, "fit_seconds"))
        times = self.mean(NETWORK, "fit_seconds") / self.mean(quick, "fit_seconds")
        if not quick.startswith(NETWORK) and times >= FASTER:
            return f"{told} {quick} learns {times:.0f} times as fast: take {quick}."
        if best == NETWORK:
            return f"{told} The network is as good a choice as any."
        return f"{told} So the network is no worse a choice, as far as can be told."

    def say(self, model: str) -> str:
        """A model's score for people."""
        if not math.isfinite(mean := self.mean(model)):
            return "-"
        spread = self.spread(model)
        if not self.classes:
            return f"R² {mean:.4f} ± {spread:.4f}"
        return f"{100 * mean:.2f}% ± {100 * spread:.2f}%"

    def csv(self) -> str:
        """A line a Fit."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        names = [field.name for field in fields(Fit)]
        writer.writerow(names)
        for fit in self.fits:
            writer.writerow([getattr(fit, name) for name in names])
        return out.getvalue()


def corrected_p(difference: Array, ratio: float) -> float:
    """Two-sided p-value of paired differences over splits that share rows.

    Args:
        difference: (k,), of scores on the same splits.
        ratio: test rows / training rows of a split.

    Source: Nadeau and Bengio 2003, "Inference for the Generalization Error", Machine
    Learning 52, (9): the variance of the mean is (1/k + n_test/n_train) s².
    """
    from scipy.stats import t

    k, mean = len(difference), float(difference.mean())
    error = math.sqrt((1 / k + ratio) * float(difference.var(ddof=1)))
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * t.sf(abs(mean) / error, k - 1))


def _check(data: Dataset) -> None:
    """There is one target, and something to score on."""
    task = None if data.encoding is None else data.encoding.target.task
    if data.classes is None and task == "labels":
        raise InputError(
            "models must be compared on one column of classes or on numbers; these "
            "are several labels. Name one as the target."
        )
    data.part("train")
    data.part("test")


def _network_fit(
    name: str, network: Network, data: Dataset, seed: int, spent: float, note: str
) -> Fit:
    sizes = len(data.train), len(data.test)
    if note:
        return Fit(name, seed, math.nan, math.nan, spent, math.nan, *sizes, note)
    begun = time.perf_counter()
    a = network(data.test.x)
    seconds = time.perf_counter() - begun
    loss = math.nan
    if data.classes is None:
        score = determination(data.test.y, a)
    else:
        score = float((a.argmax(axis=1) == data.test.labels).mean())
        loss = float(log_loss(logits(network, data.test), data.test.labels).mean())
    return Fit(name, seed, score, loss, spent, seconds, *sizes)


def rival_fit(name: str, data: Dataset, seed: int) -> Fit:
    """Another model on one split.

    Args:
        name: in RIVALS.
        data: with a training and a test part.
        seed: of the split, and of what the model draws.
    """
    import warnings

    train, test = data.train, data.test
    sizes = len(train), len(test)
    if name == "svm" and len(train) > KERNEL_ROWS:
        note = f"more than {KERNEL_ROWS:,} training rows"
        nan = math.nan
        return Fit(name, seed, nan, nan, nan, nan, *sizes, note)
    model = RIVALS[name](data.classes is not None, seed)
    y: Any = train.y
    if data.classes is not None:
        y = train.labels
    elif y.shape[1] == 1:
        y = y.ravel()
    elif name not in ("linear", "neighbours", "forest"):  # they know one output each
        from sklearn.multioutput import MultiOutputRegressor

        model = MultiOutputRegressor(model)
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 300 steps were not enough, say
        model.fit(train.x, y)
    fitted = time.perf_counter()
    answers = np.asarray(model.predict(test.x))
    seconds = time.perf_counter() - fitted, fitted - begun
    if data.classes is None:
        score = determination(test.y, answers.reshape(len(answers), -1))
        return Fit(name, seed, score, math.nan, seconds[1], seconds[0], *sizes)
    score = float((answers == test.labels).mean())
    loss = _log_loss(model, test) if hasattr(model, "predict_proba") else math.nan
    return Fit(name, seed, score, loss, seconds[1], seconds[0], *sizes)


def _log_loss(model: Any, test: Dataset) -> float:
    """−ln p of the true class; a p of 0 counts as 1e-15, as is common."""
    p = np.full((len(test), test.outputs), 1e-15)
    p[:, model.classes_] = np.maximum(model.predict_proba(test.x), 1e-15)
    return float(-np.log(p[np.arange(len(test)), test.labels]).mean())
