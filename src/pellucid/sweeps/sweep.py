"""A sweep: the same training with other settings and seeds, and what it tells.

It answers "how many neurons?", "which η?" and "does the start matter?". Values are
compared by the part that choices are made by, never by the test part.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from .. import recipes
from .._arrays import Array, join
from .._errors import DivergedError, InputError
from ..data import Dataset
from ..mathematics.network import Network
from ..recipes import Settings
from ..training import Report
from ..training.population import train_all
from . import grid
from .grid import spell

SURE = 0.95
"""How often all values that are equally good shall be told so."""

NAMED = 8
"""Values that one sentence names."""


@dataclass(frozen=True)
class Run:
    """One network of a sweep, and how far it is.

    Attributes:
        values: of the varied settings.
        settings: all of them.
        parameters: weights and biases.
        report: of the epoch that counts: the best one where `patience` goes back to
            it, else the last; None before the start.
        diverged: the sentence that ended it, if its cost stopped being finite.
    """

    values: Mapping[str, Any]
    settings: Settings
    parameters: int
    report: Report | None = None
    epochs: int = 0
    seconds: float = 0.0
    diverged: str | None = None

    @property
    def figure(self) -> float:
        """Accuracy of the monitored part, else its cost; NaN where there is none."""
        if self.report is None or self.diverged:
            return math.nan
        value = self.report.accuracy
        value = self.report.monitor_cost if value is None else value
        return math.nan if value is None else value

    @property
    def ended(self) -> bool:
        """Whether nothing more can come of it."""
        patience = self.settings["patience"]
        waited = self.epochs - self.report.epoch if self.report else 0
        impatient = patience is not None and waited >= patience
        last = self.epochs >= self.settings["epochs"]
        return last or impatient or self.diverged is not None

    def told(self, what: Report | DivergedError) -> Run:
        """The same run after its network told this."""
        if isinstance(what, DivergedError):
            return replace(self, diverged=str(what))
        counts = self.settings["patience"] is None or what.best or self.report is None
        report = what if counts else self.report
        return replace(self, report=report, epochs=what.epoch, seconds=what.seconds)


@dataclass(frozen=True)
class Group:
    """The runs that differ in nothing but the seed.

    Attributes:
        values: of the varied settings.
        figures: of each run, (k,); NaN where it diverged or has not begun.
        parameters: weights and biases of each.
        seconds: a run's, on average.
        diverged: how many did.
        ended: how many are at their end.
    """

    values: Mapping[str, Any]
    figures: Array
    parameters: int
    seconds: float
    diverged: int
    ended: int

    @property
    def known(self) -> Array:
        """The figures that are there."""
        return self.figures[np.isfinite(self.figures)]

    @property
    def mean(self) -> float:
        """Of the figures; NaN where there is none."""
        return float(self.known.mean()) if len(self.known) else math.nan

    @property
    def spread(self) -> float:
        """Standard deviation over the seeds; NaN for fewer than two."""
        return float(self.known.std(ddof=1)) if len(self.known) > 1 else math.nan

    @property
    def label(self) -> str:
        """Such as `eta=0.5 layers=30`."""
        return " ".join(f"{name}={spell(v)}" for name, v in self.values.items())


class Sweep:
    """Networks that are to be trained side by side, and what came of them so far.

    Args:
        data: what all learn from.
        varied: name of a setting to its values; all combinations are trained.
        seeds: each combination is trained with each of them.
        recipe: as for `recipes.settings`.
        changes: settings of all.

    Attributes:
        runs: one a combination and seed, in this order.

    Raises:
        InputError: a setting or a value that can't be varied, or too many runs.
    """

    def __init__(
        self,
        data: Dataset,
        varied: Mapping[str, Sequence[Any]],
        seeds: Sequence[int] = (0,),
        recipe: str | None = None,
        /,
        **changes: Any,
    ):
        grid.check(varied, seeds, changes)
        self.data, self.varied, self.seeds = data, dict(varied), list(seeds)
        self.runs: list[Run] = []
        self.networks: list[Network] = []
        for cell in product(*varied.values()):
            values = dict(zip(varied, cell, strict=True))
            for seed in seeds:
                words = {**changes, "seed": seed, **values}
                settings = recipes.settings(recipe, data, **words)
                network = recipes.build(settings, data)
                size = network.parameters.theta.size
                self.runs.append(Run(values, settings, size))
                self.networks.append(network)
        self._check_judge()

    def _check_judge(self) -> None:
        """There is something to compare by, and it may be chosen by."""
        monitor = self.runs[0].settings["monitor"]
        if monitor in ("test", "none"):
            raise InputError(
                "a sweep chooses, so monitor must be validation or train; got "
                f"{monitor}. The test part is for the one network that is chosen."
            )
        if self.data.classes is None and "cost" in self.varied:
            raise InputError(
                f"{self.data.name} has no classes, so values are compared by the cost, "
                "which can't be varied then. Vary something else."
            )

    def train(self, threads: int | None = None) -> Iterator[int]:
        """Train all, yielding the number of a run whenever it has something new.

        Raises:
            InputError: at once, where a value does not fit.
        """
        each = [
            {word: run.settings[word] for word in recipes.TRAIN_WORDS}  # type: ignore[literal-required]
            for run in self.runs
        ]
        return self._follow(train_all(self.networks, self.data, each, threads=threads))

    def _follow(self, told: Any) -> Iterator[int]:
        with closing(told):
            for number, what in told:
                self.runs[number] = self.runs[number].told(what)
                yield number

    @property
    def groups(self) -> list[Group]:
        """The runs, brought together over the seeds."""
        k = len(self.seeds)
        found = []
        for first in range(0, len(self.runs), k):
            runs = self.runs[first : first + k]
            figures = np.array([run.figure for run in runs])
            seconds = float(np.mean([run.seconds for run in runs]))
            diverged = sum(run.diverged is not None for run in runs)
            ended = sum(run.ended for run in runs)
            counts = runs[0].parameters, seconds, diverged, ended
            found.append(Group(runs[0].values, figures, *counts))
        return found

    @property
    def monitor(self) -> str:
        """The part that values are compared by."""
        reports = [run.report for run in self.runs if run.report is not None]
        return reports[0].monitor if reports else self.runs[0].settings["monitor"]

    @property
    def by_accuracy(self) -> bool:
        """Whether values are compared by accuracy; else by cost, less being better."""
        return any(r.report and r.report.accuracy is not None for r in self.runs)

    @property
    def best(self) -> Group | None:
        """The group with the best mean of those of which none diverged."""
        whole = [g for g in self.groups if not g.diverged and math.isfinite(g.mean)]
        sign = 1 if self.by_accuracy else -1
        return max(whole, key=lambda group: sign * group.mean, default=None)

    def within_noise(self) -> list[Group] | None:
        """The groups that can't be told from the best one; None: no noise is known.

        With several seeds by Games and Howell's test, which asks neither that the
        spreads are the same nor leaves out how many values are compared: of a sweep
        whose values are all equally good, it tells one apart once in twenty. With one
        seed by twice the standard error of the difference of two accuracies.

        Source: Games and Howell 1976, "Pairwise multiple comparison procedures with
        unequal n's and/or variances", Journal of Educational Statistics 1.
        """
        best = self.best
        if best is None:
            return None
        groups = [group for group in self.groups if not group.diverged]
        count = len(groups)
        others = [group for group in groups if group.values != best.values]
        judge = self._as_good if len(self.seeds) > 1 else self._within_error
        if len(self.seeds) == 1 and not self.by_accuracy:
            return None
        return [group for group in others if judge(group, best, count)]

    def _as_good(self, one: Group, other: Group, groups: int) -> bool:
        """Whether chance would show such a difference between equals."""
        from scipy.stats import studentized_range

        k, least = len(self.seeds), 1 / self._examples**2  # an example more or less
        parts = [max(group.spread**2, least) / k for group in (one, other)]
        free = sum(parts) ** 2 * (k - 1) / sum(part**2 for part in parts)
        q = abs(one.mean - other.mean) / math.sqrt(sum(parts) / 2)
        return float(studentized_range.sf(q, groups, free)) >= 1 - SURE

    def _within_error(self, one: Group, other: Group, groups: int) -> bool:
        """The same where only the number of examples says what is chance."""
        share = (one.mean + other.mean) / 2
        error = math.sqrt(2 * share * (1 - share) / self._examples)
        return abs(one.mean - other.mean) <= 2 * error

    @property
    def _examples(self) -> int:
        """Examples that a figure is made from."""
        return next(r.report.count or 1 for r in self.runs if r.report is not None)

    def answer(self) -> str:
        """What the sweep says, in a sentence or two."""
        best = self.best
        if best is None:
            return "Every value diverged in some run. Try a tenth of the learning rate."
        judged = f"{self.monitor} {'accuracy' if self.by_accuracy else 'cost'}"
        figure = self.say(best.mean)
        if len(best.known) > 1:
            figure += f" ± {self.say(best.spread)} over {len(best.known)} seeds"
        if len(self.groups) == 1:
            low, high = self.say(best.known.min()), self.say(best.known.max())
            return f"The start alone moves the {judged}: {figure}, {low} to {high}."
        sentence = f"Best {judged} with {best.label}: {figure}."
        if (near := self.within_noise()) is None:
            return f"{sentence} One seed does not say how much is chance: --seeds 5."
        if not near:
            return f"{sentence} No other value is within noise of it."
        small = self._smaller(near, best)
        if len(near) == len(self.groups) - 1:
            return f"{sentence} All others are within noise of it.{small}"
        labels = [group.label for group in near]
        if len(labels) > NAMED:
            labels = [*labels[:NAMED], f"{len(labels) - NAMED} others"]
        return f"{sentence} Within noise of it: {join(labels, 'and')}.{small}"

    def _smaller(self, near: list[Group], best: Group) -> str:
        """The smallest network that is as good, where that is another one."""
        least = min((group.parameters for group in near), default=best.parameters)
        smallest = [group for group in near if group.parameters == least]
        if least >= best.parameters or len(smallest) > 1:
            return ""
        return (
            f" The smallest of these: {smallest[0].label}, with {least:,} parameters "
            f"instead of {best.parameters:,}."
        )

    def say(self, figure: float) -> str:
        """A figure for people."""
        if not math.isfinite(figure):
            return "-"
        return f"{100 * figure:.2f}%" if self.by_accuracy else f"{figure:.4g}"

    def csv(self) -> str:
        """A line a run."""
        out = io.StringIO()
        titles = ["parameters", "epochs", "seconds", "monitor", "accuracy", "cost"]
        names = [*self.varied, *(["seed"] if "seed" not in self.varied else [])]
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*names, *titles, "diverged", "ended"])
        for run in self.runs:
            report: Any = None if run.diverged else run.report
            accuracy, cost = (
                getattr(report, name, None) for name in ("accuracy", "monitor_cost")
            )
            values = [spell(run.settings[name]) for name in names]  # type: ignore[literal-required]
            figures = [run.parameters, run.epochs, round(run.seconds, 4), self.monitor]
            ends = ["yes" if told else "no" for told in (run.diverged, run.ended)]
            writer.writerow([*values, *figures, accuracy, cost, *ends])
        return out.getvalue()
