"""Optuna's part: which values to try next, and which trials to give up.

A study is asked for a whole batch of trials, and for each batch its sampler is seeded
anew: so a study that is fed what a file remembers goes on as if it had not stopped.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any

import numpy as np

from .._errors import InputError
from .._random import stream

BATCH = 8
"""Trials that are asked for, trained and judged together."""

RUNGS = (0.25, 0.5)
"""Shares of the epochs after which the first fold's networks are judged."""

LEAST = 3
"""Scores at a rung from which on it says who goes on."""

Values = dict[str, Any]


def optuna() -> Any:
    """The package.

    Raises:
        InputError: it is not installed.
    """
    try:
        import optuna as package
    except ImportError:
        raise InputError(
            "tuning needs the package optuna; it is not installed. "
            "pip install 'pellucid[tune]'."
        ) from None
    return package


@contextmanager
def _quiet(package: Any) -> Iterator[None]:
    """Without Optuna's lines of log and its warnings of what is new."""
    before = package.logging.get_verbosity()
    package.logging.set_verbosity(package.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", package.exceptions.ExperimentalWarning)
            yield
    finally:
        package.logging.set_verbosity(before)


def _pruner(package: Any) -> Any:
    """Gives up what is in the lower part of all that have come so far.

    Of the first fold's rungs the lowest quarter, as much may change yet; of the mean
    over folds the lower half: successive halving, with earlier batches counted.
    """

    class Halving(package.pruners.BasePruner):  # type: ignore[misc]
        def prune(self, study: Any, trial: Any) -> bool:
            step = trial.last_step
            known = [
                each.intermediate_values[step]
                for each in study.get_trials(deepcopy=False)
                if step in each.intermediate_values
            ]
            share = 0.5 if step >= len(RUNGS) else 0.25
            least = np.quantile(known, share) if len(known) >= LEAST else -math.inf
            return bool(trial.intermediate_values[step] < least)

    return Halving()


class Study:
    """Which values are tried, and which trials go on.

    Args:
        space: name to the values that are tried.
        trials: how many at most; where that is enough for all combinations, these are
            tried one after the other.
        seed: of what is drawn.

    Raises:
        InputError: Optuna is not installed.
    """

    def __init__(self, space: Mapping[str, Sequence[Any]], trials: int, seed: int):
        self.space = {name: list(values) for name, values in space.items()}
        self.seed, self.package = seed, optuna()
        self.cells = math.prod(map(len, self.space.values()))
        self.trials = min(trials, self.cells)
        with _quiet(self.package):
            self.study = self.package.create_study(
                direction="maximize", pruner=_pruner(self.package)
            )
        self.seen: set[tuple[int, ...]] = set()
        self.asked: list[Any] = []

    def ask(self, batch: int) -> list[Values]:
        """The next values to try; nothing when all were tried.

        Args:
            batch: its number.
        """
        count = min(BATCH, self.trials - len(self.seen))
        seed = int(stream(self.seed, "study", batch).randint(2**31))
        self.asked = []
        with _quiet(self.package):
            self.study.sampler = self.package.samplers.TPESampler(
                n_startup_trials=BATCH, multivariate=True, constant_liar=True, seed=seed
            )
            if self.cells > self.trials:
                self._draw(count)
            for cell in self._rest(batch) if len(self.asked) < count else ():
                if len(self.asked) == count:
                    break
                if cell not in self.seen:
                    named = dict(zip(self.space, cell, strict=True))
                    self.study.enqueue_trial(named)
                    self._ask()
        return [self._values(trial.params) for trial in self.asked]

    def _draw(self, count: int) -> None:
        """Trials by the sampler; it may draw what was tried before."""
        for _ in range(4 * count):
            if len(self.asked) < count:
                self._ask()

    def _rest(self, batch: int) -> Iterator[tuple[int, ...]]:
        """Combinations in order; where not all are tried, by lot."""
        sizes = [len(values) for values in self.space.values()]
        if self.cells <= self.trials:
            yield from product(*map(range, sizes))
            return
        random = stream(self.seed, "cells", batch)
        while True:
            yield tuple(int(random.randint(size)) for size in sizes)

    def _ask(self) -> None:
        """One more trial, unless it is one that was tried."""
        trial = self.study.ask()
        cell = tuple(
            trial.suggest_int(name, 0, len(values) - 1)
            for name, values in self.space.items()
        )
        if cell in self.seen:
            self.study.tell(trial, state=self.package.trial.TrialState.FAIL)
            return
        self.seen.add(cell)
        self.asked.append(trial)

    def _values(self, places: Mapping[str, int]) -> Values:
        return {name: self.space[name][places[name]] for name in self.space}

    def report(self, number: int, step: int, score: float) -> None:
        """A score of a trial that was asked for last, at a rung or fold."""
        self.asked[number].report(score, step)

    def gives_up(self, number: int) -> bool:
        """Whether a trial goes no further than the step that was reported last."""
        return bool(self.asked[number].should_prune())

    def tell(self, number: int, score: float | None) -> None:
        """The end of a trial: its score, or None where it was given up."""
        states = self.package.trial.TrialState
        if score is None:
            self.study.tell(self.asked[number], state=states.PRUNED)
        else:
            self.study.tell(self.asked[number], score)

    def add(
        self, values: Mapping[str, Any], steps: Mapping[int, float], whole: bool
    ) -> None:
        """A trial that was tried before this study began."""
        places = {name: self.space[name].index(values[name]) for name in self.space}
        self.seen.add(tuple(places.values()))
        ends = {name: len(each) - 1 for name, each in self.space.items()}
        kinds = self.package.distributions.IntDistribution
        states = self.package.trial.TrialState
        last = steps[max(steps)] if steps else None
        self.study.add_trial(
            self.package.trial.create_trial(
                params=places,
                distributions={name: kinds(0, end) for name, end in ends.items()},
                intermediate_values=dict(steps),
                value=last,
                state=states.COMPLETE if whole else states.PRUNED,
            )
        )
