"""How models stand to each other, from their scores on the same splits.

Splits share rows, so their scores vary less than those of new data would: the paired
test takes that into account.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from .._arrays import Array, is_finite, join
from .._errors import InputError

NETWORK = "network"
CHANCE = 0.05
"""Probability, under equal models, below which a difference is no chance."""

LEVEL = 0.3
"""The same probability, above which two models are called equally good: the difference
is no larger than its standard error, nearly. Not to be told apart is less than that."""

WAITED = 5.0
"""Seconds of learning from which on speed counts: nobody waits for less."""

FASTER = 2.0
"""Times as fast that an equal model must be to be named for it then."""


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


@dataclass
class Standings:
    """Fits of several models, and what they tell.

    Attributes:
        models: all names, networks first.
        seeds: of the splits.
        classes: whether scores are accuracies; else R².
        fits: what has ended.
    """

    models: Sequence[str]
    seeds: Sequence[int]
    classes: bool = True
    fits: list[Fit] = field(default_factory=list)

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

        A t-test of the paired differences with the variance of Nadeau and Bengio, at
        least that of an example more or less; NaN for fewer than two common splits.
        """
        mine, theirs = self.scores(one), self.scores(other)
        common = [seed for seed in mine if seed in theirs]
        if len(common) < 2:
            return math.nan
        fit = next(fit for fit in self.fits if fit.split == common[0])
        difference = np.array([mine[seed] - theirs[seed] for seed in common])
        least = 1 / fit.test_rows**2 if self.classes else 0.0
        return corrected_p(difference, fit.test_rows / fit.train_rows, least)

    def ties(self, model: str) -> list[str]:
        """The other models that can't be told from this one."""
        return [
            other
            for other in self.ranked
            if other != model and not self.p_value(model, other) < CHANCE
        ]

    def level(self, model: str) -> list[str]:
        """The other models that are as good as this one, as far as can be told."""
        return [each for each in self.ties(model) if self.p_value(model, each) > LEVEL]

    @property
    def choice(self) -> str | None:
        """The model to take: the best, or one as good that learns much faster.

        None where fewer than two have scores.
        """
        if len(ranked := self.ranked) < 2:
            return None
        best = ranked[0]
        if self.mean(best, "fit_seconds") < WAITED:
            return best
        quick = (m for m in self.level(best) if self._times(best, m) >= FASTER)
        return next(quick, best)

    def _times(self, slow: str, quick: str) -> float:
        """How many times as fast the quick one learns."""
        seconds = [self.mean(model, "fit_seconds") for model in (slow, quick)]
        return seconds[0] / max(seconds[1], 1e-9)

    def answer(self) -> str:
        """Which model is the better choice, in a few short sentences."""
        choice = self.choice
        if choice is None:
            return "There is nothing to compare yet: fewer than two models have scores."
        best = self.ranked[0]
        ties = self.ties(best)
        told = f"Within chance of it: {join(ties, 'and')}."
        told = told if ties else "All others are worse by more than chance."
        network = "" if choice == NETWORK else self._of_network(best)
        if choice != best:
            times = self._times(best, choice)
            end = f"{choice} is as good and learns {times:.0f} times as fast: take it."
        elif best != NETWORK and NETWORK in self.level(best):
            end = "Either will do."
        else:
            end = f"Take {best}."
        parts = [f"Best: {best}, {self.say(best)}.", told, network, end]
        return " ".join(part for part in parts if part)

    def _of_network(self, best: str) -> str:
        """How the network stands to the best model, where that is another."""
        if NETWORK not in self.ranked:
            return "The network has no score."
        if best == NETWORK:
            return ""
        p = self.p_value(best, NETWORK)
        start = f"The network, {self.say(NETWORK)},"
        if p < CHANCE:
            return f"{start} is worse by more than chance (p = {p:.2g})."
        if p > LEVEL:
            return f"{start} is as good, as far as can be told."
        return f"{start} is behind it, though that may be chance (p = {p:.2g})."

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
        names = [each.name for each in fields(Fit)]
        writer.writerow(names)
        for fit in self.fits:
            writer.writerow([getattr(fit, name) for name in names])
        return out.getvalue()

    def to_json(self) -> dict[str, Any]:
        """To be kept; what is not a number is null."""
        return {
            "models": list(self.models),
            "seeds": list(self.seeds),
            "classes": self.classes,
            "fits": [
                {k: None if v != v else v for k, v in asdict(fit).items()}
                for fit in self.fits
            ],
        }

    @classmethod
    def from_json(cls, value: Any, name: str = "comparison") -> Standings:
        """Out of a file.

        Args:
            value: what was read.
            name: for the sentence.

        Raises:
            InputError: it is no comparison.
        """
        if not _is_sound(value):
            raise InputError(
                f"{name} must hold models, seeds, classes and fits, as pellucid "
                "compare writes them; it holds something else. Compare again."
            )
        fits = [Fit(**{k: _number(k, v) for k, v in f.items()}) for f in value["fits"]]
        return cls(value["models"], value["seeds"], value["classes"], fits)


def _number(key: str, value: Any) -> Any:
    """The value of a Fit; null is NaN."""
    if KINDS[key] is not float:
        return value
    return math.nan if value is None else float(value)


MOST = 2**53
"""Larger numbers than this in a file are none of ours."""

KINDS = {
    "model": str,
    "split": int,
    "score": float,
    "log_loss": float,
    "fit_seconds": float,
    "predict_seconds": float,
    "train_rows": int,
    "test_rows": int,
    "note": str,
}
"""The types of what a Fit holds."""


def _is_sound(value: Any) -> bool:
    """Whether a JSON value is what `to_json` gives."""
    if not isinstance(value, dict):
        return False
    if value.keys() != {"models", "seeds", "classes", "fits"}:
        return False
    models, seeds, fits = (value[key] for key in ("models", "seeds", "fits"))
    if type(value["classes"]) is not bool or not isinstance(fits, list):
        return False
    if not isinstance(models, list) or not all(type(one) is str for one in models):
        return False
    if not isinstance(seeds, list) or not all(type(one) is int for one in seeds):
        return False
    return all(_is_fit(fit) and fit["model"] in models for fit in fits)


def _is_fit(value: Any) -> bool:
    """Whether a JSON value is a Fit."""
    if not isinstance(value, dict) or value.keys() != KINDS.keys():
        return False
    for key, kind in KINDS.items():
        one = value[key]
        if kind is float:
            if one is not None and not (type(one) in (int, float) and _small(one)):
                return False
        elif type(one) is not kind or (kind is int and not _small(one)):
            return False
    return bool(value["train_rows"] > 0 and value["test_rows"] > 0)


def _small(value: Any) -> bool:
    """Whether a number is finite and no larger than ours are."""
    return is_finite(value) and abs(value) <= MOST


def corrected_p(difference: Array, ratio: float, least: float = 0.0) -> float:
    """Two-sided p-value of paired differences over splits that share rows.

    Args:
        difference: (k,), of scores on the same splits.
        ratio: test rows / training rows of a split.
        least: variance of the differences that is assumed at least.

    Source: Nadeau and Bengio 2003, "Inference for the Generalization Error", Machine
    Learning 52, (9): the variance of the mean is (1/k + n_test/n_train) s².
    """
    from scipy.stats import t

    k, mean = len(difference), float(difference.mean())
    variance = max(float(difference.var(ddof=1)), least)
    error = math.sqrt((1 / k + ratio) * variance)
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * t.sf(abs(mean) / error, k - 1))
