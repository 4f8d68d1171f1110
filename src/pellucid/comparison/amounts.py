"""How good with how much data? The learning curves of a network and other models.

"Other models saturate" is a claim that this measures: whether the last doubling of the
data still gains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .._arrays import Array, check_number, join
from ..data import Dataset
from .standings import CHANCE, LEVEL, NETWORK, Fit, Standings, corrected_p
from .trials import Comparison, fewer

AMOUNTS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
"""Training rows to learn from, where nothing else is asked; those that there are."""

DOUBLE = 2.0
"""The last amount is compared with the largest that is at most half of it."""


class LearningCurve:
    """Scores against the number of examples that are learned from.

    A smaller amount is the beginning of a larger one's, shuffled, rows. The networks of
    all amounts are trained side by side.

    Args:
        draw: as for Comparison, like all others.
        amounts: training rows; all of them come last, whatever is asked.
        seeds: of the splits, two or more.
        models: names in RIVALS; None: the usual ones that are installed.
        also: what is other in further networks.
        changes: settings of all networks; of a table, each amount has the defaults
            of its size for the others.

    Raises:
        InputError: an amount below 10, or as Comparison does.
    """

    def __init__(
        self,
        draw: Callable[[int], Dataset],
        amounts: Sequence[int] = AMOUNTS,
        seeds: Sequence[int] = range(5),
        models: Sequence[str] | None = None,
        also: Sequence[Mapping[str, Any]] = (),
        **changes: Any,
    ):
        for amount in amounts:
            check_number("amounts", amount, least=10, whole=True)
        self.asked = sorted(set(amounts))
        self.whole = Comparison(draw, seeds, models, also, **changes)

    @property
    def fits(self) -> list[Fit]:
        """What has ended, of all amounts."""
        return self.whole.fits

    @property
    def models(self) -> Sequence[str]:
        """All names, the networks first."""
        return self.whole.models

    @property
    def classes(self) -> bool:
        """Whether scores are accuracies; else R²."""
        return self.whole.classes

    @property
    def amounts(self) -> list[int]:
        """Training rows of which there are scores."""
        return sorted({fit.train_rows for fit in self.fits})

    def run(self, seconds: float | None = None) -> Iterator[Fit]:
        """Train and score, yielding each Fit as it ends; as `Comparison.run`."""
        return self.whole.run(seconds, self._parts)

    def _parts(self, data: Dataset) -> list[Dataset]:
        have = data.counts["train"]
        return [*(fewer(data, each) for each in self.asked if each < have), data]

    def at(self, amount: int) -> Standings:
        """How the models stand with this many rows."""
        fits = [fit for fit in self.fits if fit.train_rows == amount]
        return Standings(self.models, self.whole.seeds, self.classes, fits)

    def mean(self, model: str) -> Array:
        """A model's mean scores, (amounts,); NaN where there is none."""
        return np.array([self.at(amount).mean(model) for amount in self.amounts])

    def spread(self, model: str) -> Array:
        """The standard deviations over the splits, likewise."""
        return np.array([self.at(amount).spread(model) for amount in self.amounts])

    def gain(self, model: str) -> tuple[float, float]:
        """What the last doubling of the data gained, and how often chance would.

        Returns:
            The mean difference of the score with all rows to that with the largest
            amount of at most half as many, on the same splits; its p-value. NaN where
            there are too few.
        """
        pair = self._last()
        if pair is None:
            return math.nan, math.nan
        less, most = (self.at(amount) for amount in pair)
        before, after = less.scores(model), most.scores(model)
        common = [seed for seed in after if seed in before]
        if len(common) < 2:
            return math.nan, math.nan
        difference = np.array([after[seed] - before[seed] for seed in common])
        fit = most.fits[0]
        least = 1 / fit.test_rows**2 if self.classes else 0.0
        p = corrected_p(difference, fit.test_rows / fit.train_rows, least)
        return float(difference.mean()), p

    def _last(self) -> tuple[int, int] | None:
        """The last amount and the one before that it is compared with."""
        amounts = self.amounts
        half = [each for each in amounts if each * DOUBLE <= amounts[-1]]
        return (half[-1], amounts[-1]) if half else None

    def saturated(self, model: str) -> bool | None:
        """Whether the last doubling gained nothing, as far as can be told.

        False where it gained more than chance; None where that may be chance, or is
        not known.
        """
        gain, p = self.gain(model)
        if math.isnan(p) or (gain > 0 and CHANCE <= p <= LEVEL):
            return None
        return not (gain > 0 and p < CHANCE)

    def answer(self) -> str:
        """Which models still gain from more data, in a few short sentences."""
        pair = self._last()
        known = [m for m in self.models if not math.isnan(self.gain(m)[1])]
        if pair is None or not known:
            return "There is no doubling of the data to tell by yet."
        most = self.at(pair[1])
        best = most.ranked[0]
        parts = [
            f"From {pair[0]:,} to {pair[1]:,} training rows",
            self._those(known, False, "more than chance: "),
            self._those(known, None, "what may be chance: "),
            self._those(known, True, "nothing that can be told: "),
        ]
        told = f"{parts[0]} gain {'; '.join(part for part in parts[1:] if part)}."
        crossing = self.crossing()
        over = ""
        if crossing is not None:
            over = f" The network is the best from {crossing:,} rows on."
        return f"{told} Best with all of them: {best}, {most.say(best)}.{over}"

    def _those(self, known: list[str], state: bool | None, words: str) -> str:
        """The models of a state, with what they gained."""
        told = [
            f"{model} ({self._say(self.gain(model)[0])})"
            for model in known
            if self.saturated(model) is state
        ]
        return words + join(told, "and") if told else ""

    def crossing(self) -> int | None:
        """The least amount from which on the network has the best mean."""
        found = None
        for amount in reversed(self.amounts):
            if self.at(amount).ranked[:1] != [NETWORK]:
                break
            found = amount
        return found

    def _say(self, gain: float) -> str:
        return f"{100 * gain:+.2f} points" if self.classes else f"R² {gain:+.4f}"

    def csv(self) -> str:
        """A line a Fit; `train_rows` is the amount."""
        return self.whole.csv()
