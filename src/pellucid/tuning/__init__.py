"""Tuning: which settings are best, and whether they are better than the default.

Candidates are scored by cross-validation on all that is no test part, whole batches
of networks side by side; Optuna says which are tried and which are given up. The best
of many is always too good by chance, so it is then trained again beside the default
on folds drawn anew, and only what it gains there counts.

    space   what can be tuned, and the settings that it means
    folds   parts that take turns in being scored
    study   Optuna's part
    trial   one combination of values
    kept    what it leaves in files
    auto    hidden layers by a race instead, where no time is to be spent
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import recipes
from .._arrays import check_number
from .._errors import InputError
from ..comparison import CHANCE, corrected_p
from ..data import Dataset
from ..recipes import Settings
from ..training.halving import cost
from .folds import deal, development, part, train_fold
from .space import SPACE, Over, changes, check
from .study import BATCH, RUNGS, Study
from .trial import STATES, Trial

TRIALS, FOLDS, CHECKS = 32, 5, 2
"""Trials, folds, and how often the data are dealt anew to check what was found."""

SEARCHING = 0.5
"""Share of the time limit that is searched in, at least; the check has the rest."""

DEAR = 0.25
"""Share of the time for the search that one trial may take by the reckoning."""


class Tuning:
    """Settings to be tried on data, and what came of them so far.

    Args:
        data: what is learned from; its test part is not looked at.
        over: what is tuned: name to values, as `space.parse` gives them; None: alpha.
        trials: combinations that are tried, at most.
        folds: of the cross-validation, 2 or more.
        recipe: as for `recipes.settings`.
        changes: settings of all.

    Attributes:
        trials: what was begun, the default first.
        checks: scores of the default and of the best on fresh folds, a pair each.
        batches: batches of trials that are behind it.

    Raises:
        InputError: something does not fit, or Optuna is not installed.
    """

    def __init__(
        self,
        data: Dataset,
        over: Over | None = None,
        trials: int = TRIALS,
        folds: int = FOLDS,
        recipe: str | None = None,
        /,
        **words: Any,
    ):
        check_number("trials", trials, least=1, most=10_000, whole=True)
        check_number("folds", folds, least=2, most=1_000, whole=True)
        self.base = recipes.settings(recipe, data, **_plain(data, words))
        _check_data(data, self.base, folds)
        self.data, self.folds = development(data), folds
        fewest = len(self.data) - -(-len(self.data) // folds)
        self.over = check(over or {"alpha": SPACE["alpha"]}, self.base, fewest)
        self.study = Study(self.over, trials, self.base["seed"])
        self.trials = [Trial(0, {}, self.base)]
        self.checks: list[tuple[float, float]] = []
        self.batches = 0
        self.end = math.inf
        recipes.build(self.base, self.data)

    def run(
        self, seconds: float | None = None, threads: int | None = None
    ) -> Iterator[Trial]:
        """Search, then check; yields a Trial whenever something new is known of it.

        Args:
            seconds: after these it ends, wherever it is; None: when all is done. With
                a limit, what is found depends on how fast the machine is.
            threads: networks that are worked on at once; None: one a core.

        Raises:
            InputError: the default diverges.
        """
        begun = time.monotonic()
        self.end = math.inf if seconds is None else begun + seconds
        try:
            yield from self._folds(self.trials[:1], begun, threads)
            if self.trials[0].state == "diverged":
                raise InputError(
                    "the default must not diverge, as all is compared with it; its "
                    "cost stopped being finite. Take a tenth of its eta."
                )
            while batch := self._ask(begun):
                yield from self._folds(batch, begun, threads)
                if not self._close(batch):
                    break
            yield from self._check(threads)
        finally:
            for trial in self.trials:
                if trial.state == "running":
                    trial.state = "stopped"

    def _folds(
        self, batch: list[Trial], begun: float, threads: int | None
    ) -> Iterator[Trial]:
        """Train and score a batch on all folds that it lacks."""
        until = self._search_end(begun)
        for fold in range(self.folds):
            yield from self._fold(batch, fold, until, threads)
        for trial in batch:
            if trial.state == "running" and len(trial.scores) == self.folds:
                trial.state = "complete"

    def _search_end(self, begun: float) -> float:
        """When the check must begin."""
        if self.end == math.inf:
            return math.inf
        least = begun + SEARCHING * (self.end - begun)
        default, best = self.trials[0], self.best
        if best is None or len(default.scores) < self.folds:
            return least
        fits = sum(t.seconds / len(t.scores) for t in (default, best))
        return max(least, self.end - 1.1 * CHECKS * self.folds * fits)

    def _ask(self, begun: float) -> list[Trial]:
        """The next batch of trials; none where the time for it is over."""
        until, default = self._search_end(begun), self.trials[0]
        if time.monotonic() >= until or default.state != "complete":
            return []
        first = len(self.trials)
        asked = [
            self._trial(first + place, values)
            for place, values in enumerate(self.study.ask(self.batches))
        ]
        for trial in asked:
            seconds = default.seconds * self._price(trial) / self._price(default)
            if seconds > DEAR * (until - begun):
                trial.state = "dear"
        if asked:
            self.trials, self.checks = [*self.trials, *asked], []  # of an earlier best
        return asked

    def _price(self, trial: Trial) -> float:
        """What an example costs, for comparison with that of another trial."""
        words = trial.settings
        each = cost(self.data.inputs, words["layers"], self.data.outputs)
        return each * (1 + 8 / words["batch_size"])

    def _trial(self, number: int, values: Mapping[str, Any]) -> Trial:
        chosen = {**self.base, **changes(values, self.base)}
        return Trial(number, values, Settings(**chosen))  # type: ignore[typeddict-item]

    def restore(
        self,
        batches: int,
        trials: Sequence[Mapping[str, Any]],
        checks: Sequence[Sequence[float]],
    ) -> None:
        """Stand where another tuning of the same stood, as `kept` remembers it."""
        found = [self._trial(k, words["values"]) for k, words in enumerate(trials)]
        for trial, words in zip(found, trials, strict=True):
            trial.scores = [float(score) for score in words["scores"]]
            trial.steps = {int(step): float(score) for step, score in words["steps"]}
            trial.seconds, trial.state = float(words["seconds"]), words["state"]
            if trial.state not in STATES or len(trial.scores) > self.folds:
                raise ValueError
            if trial.number:
                whole = trial.state == "complete"
                self.study.add(trial.values, trial.steps, whole)
        self.trials, self.batches = found or self.trials, int(batches)
        self.checks = [(float(one), float(other)) for one, other in checks]

    def _fold(
        self, batch: list[Trial], fold: int, until: float, threads: int | None
    ) -> Iterator[Trial]:
        """Train and score on one fold what still runs of a batch."""
        running = [trial for trial in batch if trial.state == "running"]
        if not running or time.monotonic() >= until:
            return
        epochs = self.base["epochs"]
        few = self.study.cells <= BATCH  # then a fold of each is seen
        shares = RUNGS if fold == 0 and not few else ()
        steps = {math.ceil(share * epochs): k for k, share in enumerate(shares)}
        steps[epochs] = len(RUNGS) + fold
        order, leaving = [steps[epoch] for epoch in sorted(steps)], set[int]()
        data = part(self.data, self._dealt() == fold)
        chosen = [_seeded(trial.settings, fold) for trial in running]
        spent = [trial.seconds for trial in running]
        going = set(range(len(running)))
        for place, epoch, score, seconds in train_fold(
            chosen, data, steps.keys(), leaving, until, threads
        ):
            trial = running[place]
            if score is None:
                trial.state = "diverged"
                going.discard(place)
            else:
                trial.seconds = spent[place] + seconds
                if epoch == epochs:
                    trial.scores.append(score)
                    score = trial.mean
                trial.steps[steps[epoch]] = score
            while order and all(order[0] in running[p].steps for p in going):
                leaving |= self._judge(order.pop(0), running, going)
                going -= leaving
            yield trial

    def _judge(self, step: int, running: list[Trial], going: set[int]) -> set[int]:
        """Places of those that are given up now that all have come to a step."""
        tried = [p for p in sorted(going) if running[p].number]
        for p in tried:
            self.study.report(self._asked(running[p]), step, running[p].steps[step])
        if step == len(RUNGS) + self.folds - 1:
            return set()
        given_up = {p for p in tried if self.study.gives_up(self._asked(running[p]))}
        for p in given_up:
            running[p].state = "pruned"
        return given_up

    def _asked(self, trial: Trial) -> int:
        """The trial's place among those that the study was asked for last."""
        return trial.number - (len(self.trials) - len(self.study.asked))

    def _close(self, batch: list[Trial]) -> bool:
        """Tell the study; whether the batch came to its end."""
        if any(trial.state == "running" for trial in batch):
            return False
        for trial in batch:
            whole = trial.state == "complete"
            self.study.tell(self._asked(trial), trial.mean if whole else None)
        self.batches += 1
        return True

    def _check(self, threads: int | None) -> Iterator[Trial]:
        """The best beside the default, on folds drawn anew."""
        while (best := self.best) is not None and best.gain(self.trials[0]) > 0:
            pair = [self.trials[0], best]
            for number in range(len(self.checks), CHECKS * self.folds):
                deals, fold = divmod(number, self.folds)
                data = part(self.data, self._dealt(1 + deals) == fold)
                chosen = [_seeded(t.settings, self.folds + number) for t in pair]
                found: dict[int, float] = {}
                for one in train_fold(chosen, data, (), set(), self.end, threads):
                    found[one.place] = math.nan if one.score is None else one.score
                if len(found) < 2:
                    return
                if math.isnan(found[1]):
                    best.state, self.checks = "diverged", []
                    break
                self.checks.append((found[0], found[1]))
                yield best
            else:
                return

    def _dealt(self, number: int = 0) -> Any:
        """The fold of each row; 0 for the search, 1 and more for the check."""
        return deal(self.data, self.folds, self.base["seed"], number)

    @property
    def classes(self) -> bool:
        """Whether scores are accuracies; else they are R²."""
        return self.data.classes is not None

    @property
    def best(self) -> Trial | None:
        """Of the trials with the most folds the one that gains most."""
        known = [t for t in self.trials[1:] if t.scores and t.state != "diverged"]
        most = max((len(t.scores) for t in known), default=0)
        whole = [t for t in known if len(t.scores) == most]
        return max(whole, key=lambda t: t.gain(self.trials[0]), default=None)

    @property
    def difference(self) -> Any:
        """What the best gained over the default on each fresh fold, (checks,)."""
        return np.array([tuned - default for default, tuned in self.checks])

    @property
    def p_value(self) -> float:
        """How often chance would make such a gain; NaN for fewer than two checks."""
        if len(self.checks) < 2:
            return math.nan
        return corrected_p(self.difference, 1 / (self.folds - 1))

    @property
    def gains(self) -> bool:
        """Whether the best gains more than chance would on fresh folds."""
        return bool(self.p_value < CHANCE and self.difference.mean() > 0)

    @property
    def changes(self) -> dict[str, Any]:
        """The settings to take that differ from the default; none: the default."""
        best = self.best
        if not self.gains or best is None:
            return {}
        return {
            name: value
            for name, value in best.settings.items()
            if value != self.base[name]  # type: ignore[literal-required]
        }

    def answer(self) -> str:
        """What the tuning says, in a sentence or two."""
        best, default = self.best, self.trials[0]
        if best is None or not default.scores:
            return (
                "The time was over before anything was known: keep the default, or "
                "give it more time."
            )
        tried = f"Of {len(self.trials) - 1} tried"
        if best.gain(default) <= 0:
            return (
                f"Tuning gains nothing: {tried.lower()}, none is better than the "
                f"default, {self.say(default.mean)} on {len(default.scores)} folds. "
                "Keep the default."
            )
        if len(self.checks) < 2:
            return (
                f"{tried}, {best.label} is best, {self.say(best.mean)}, but the time "
                "was over before it could be checked on fresh folds, and the best of "
                "many always looks better than it is: keep the default, or give it "
                "more time."
            )
        pair = np.mean(self.checks, axis=0)
        told = (
            f"on {len(self.checks)} fresh folds {self.say(pair[1])}, the default "
            f"{self.say(pair[0])}: {self.points(pair[1] - pair[0])} "
            f"(p = {self.p_value:.2g})."
        )
        if self.gains:
            return f"Take {best.label}: {told}"
        return (
            f"Tuning gains nothing that chance would not. {tried}, {best.label} is "
            f"best: {told} Keep the default."
        )

    def say(self, score: float) -> str:
        """A score for people."""
        if not math.isfinite(score):
            return "-"
        return f"{100 * score:.2f}%" if self.classes else f"R² {score:.4f}"

    def points(self, gain: float) -> str:
        """A gain for people."""
        if not math.isfinite(gain):
            return "-"
        return f"{100 * gain:+.2f} points" if self.classes else f"{gain:+.4f}"


def _plain(data: Dataset, words: Mapping[str, Any]) -> dict[str, Any]:
    """The words, and for numbers that came as they are an output that bounds none."""
    bare = data.classes is None and data.encoding is None
    return {**({"output": "identity", "dropout": 0.0} if bare else {}), **words}


def _seeded(settings: Settings, more: int) -> Settings:
    """The same with another seed: each fold has its own, all trials the same."""
    seed = (settings["seed"] + more) % 2**32
    return Settings(**{**settings, "seed": seed})


def _check_data(data: Dataset, base: Settings, folds: int) -> None:
    """There is one target, rows for each fold, and an end to each training."""
    task = None if data.encoding is None else data.encoding.target.task
    if data.classes is None and task == "labels":
        raise InputError(
            "settings must be tuned on one column of classes or on numbers; these are "
            "several labels. Name one as the target."
        )
    rows = len(data) - data.counts.get("test", 0)
    if rows < 2 * folds:
        raise InputError(
            f"each of the {folds} folds must have two rows at least; got {rows} rows "
            "besides the test part. Take fewer folds, or bring more rows."
        )
    if base["patience"] is not None:
        raise InputError(
            "patience must be none where settings are tuned: all are judged after as "
            f"many epochs; got {base['patience']}. Leave it out, or choose epochs."
        )
