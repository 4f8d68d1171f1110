"""How wide must a hidden layer be? One of 1 ... 1,000 neurons.

A network that is too narrow answers badly even what it learned from; one that is wide
enough remembers it, and the question is what that does to new examples.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .. import recipes
from .._arrays import Array, check_number
from .._errors import DivergedError, InputError
from ..data import Dataset
from ..evaluation import determination
from ..mathematics.network import Network
from ..training.population import train_all

WIDTHS = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1_000)

EDGE = 2.0
"""Standard errors of a difference that chance alone may make."""


@dataclass(frozen=True)
class Wide:
    """One network.

    Attributes:
        width: neurons of its hidden layer.
        seed: of its start.
        parameters: weights and biases.
        seconds: of training.
        train, test: accuracy, or R², on these parts; NaN where it diverged.
    """

    width: int
    seed: int
    parameters: int
    seconds: float
    train: float
    test: float


class WidthCurve:
    """Networks of one hidden layer, from narrow to wide, trained side by side.

    The test part is looked at to show what width does, not to choose one by: for a
    choice there is `Sweep`, which goes by the validation part.

    Args:
        data: with a training and a test part.
        widths: of the hidden layer.
        seeds: of the starts of each.
        changes: settings of all networks, as for `recipes.settings`.

    Attributes:
        networks: one a width and seed, in this order.
        points: what has ended.

    Raises:
        InputError: a width that is none, or settings that do not fit.
    """

    def __init__(
        self,
        data: Dataset,
        widths: Sequence[int] = WIDTHS,
        seeds: Sequence[int] = range(3),
        **changes: Any,
    ):
        for width in widths:
            check_number("widths", width, least=1, whole=True)
        check_number("seeds", len(seeds), least=1, whole=True)
        if "layers" in changes:
            raise InputError("layers can't be given: widths say what they are.")
        data.part("train")
        data.part("test")
        self.data, self.widths, self.seeds = data, sorted(set(widths)), list(seeds)
        self.classes = data.classes is not None
        bare = not self.classes and data.encoding is None  # numbers as they are
        own: dict[str, Any] = {"output": "identity", "dropout": 0.0} if bare else {}
        self.settings = [
            recipes.settings(
                None, data, **{**own, **changes, "layers": [width], "seed": seed}
            )
            for width in self.widths
            for seed in self.seeds
        ]
        self.networks = [recipes.build(each, data) for each in self.settings]
        self.points: list[Wide] = []

    def run(self) -> Iterator[Wide]:
        """Train all, yielding each as it ends; the widest are begun last."""
        each = [
            {word: settings[word] for word in recipes.TRAIN_WORDS}  # type: ignore[literal-required]
            for settings in self.settings
        ]
        spent = [0.0] * len(each)
        with closing(train_all(self.networks, self.data, each)) as told:  # type: ignore[type-var]
            for number, what in told:
                if isinstance(what, DivergedError):
                    yield self._ended(number, math.nan)
                elif what.epoch >= each[number]["epochs"]:
                    yield self._ended(number, what.seconds)
                else:
                    spent[number] = what.seconds
        done = {(one.width, one.seed) for one in self.points}
        for number, settings in enumerate(self.settings):  # those that stopped early
            if (settings["layers"][0], settings["seed"]) not in done:
                yield self._ended(number, spent[number])

    def _ended(self, number: int, seconds: float) -> Wide:
        self.points.append(self._point(number, seconds))
        return self.points[-1]

    def _point(self, number: int, seconds: float) -> Wide:
        """What a network has come to; NaN for its seconds means that it diverged."""
        network, settings = self.networks[number], self.settings[number]
        scores = [math.nan, math.nan]
        if not math.isnan(seconds):
            parts = self.data.train, self.data.test
            scores = [score(network, part) for part in parts]
        size = network.parameters.theta.size
        return Wide(settings["layers"][0], settings["seed"], size, seconds, *scores)

    @property
    def known(self) -> list[int]:
        """Widths that have scores."""
        done = {one.width for one in self.points if math.isfinite(one.test)}
        return sorted(done)

    def figures(self, width: int, what: str = "test") -> Array:
        """A figure of each network of a width that has one."""
        found = [getattr(one, what) for one in self.points if one.width == width]
        return np.array([value for value in found if math.isfinite(value)])

    def mean(self, width: int, what: str = "test") -> float:
        """The mean over the seeds; NaN where there is none."""
        known = self.figures(width, what)
        return float(known.mean()) if len(known) else math.nan

    def spread(self, width: int, what: str = "test") -> float:
        """The standard deviation over the seeds; NaN for fewer than two."""
        known = self.figures(width, what)
        return float(known.std(ddof=1)) if len(known) > 1 else math.nan

    def answer(self) -> str:
        """From which width on there is nothing to gain, in a sentence or two."""
        known = self.known
        if len(known) < 2:
            return "There is no curve yet: fewer than two widths have scores."
        best = max(known, key=self.mean)
        size = self.points[[one.width for one in self.points].index(best)].parameters
        told = (
            f"Best on the test part: {best:,} neurons, {self.say(self.mean(best))} "
            f"({self.say(self.mean(best, 'train'))} of the training part), "
            f"{size:,} parameters."
        )
        if len(self.seeds) < 2:
            return f"{told} One start of each does not say how much is chance."
        enough = next(width for width in known if self._as_good(width, best))
        if enough == best:
            return f"{told} Every narrower one is worse by more than chance."
        return f"{told} The narrowest within chance of it: {enough:,}."

    def _as_good(self, width: int, best: int) -> bool:
        """Whether the starts alone may make such a difference."""
        spreads = [self.spread(each) for each in (width, best)]
        known = [0.0 if math.isnan(each) else each for each in spreads]
        error = math.hypot(*known) / math.sqrt(len(self.seeds))
        return self.mean(best) - self.mean(width) <= EDGE * error

    def say(self, figure: float) -> str:
        """A score for people."""
        if not math.isfinite(figure):
            return "-"
        return f"{100 * figure:.2f}%" if self.classes else f"R² {figure:.4f}"

    def csv(self) -> str:
        """A line a network."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        names = [each.name for each in fields(Wide)]
        writer.writerow(names)
        for one in self.points:
            writer.writerow([getattr(one, name) for name in names])
        return out.getvalue()


def score(network: Network, part: Dataset) -> float:
    """Accuracy, or R², of a network on a part."""
    a = network(part.x)
    if part.classes is None:
        return determination(part.y, a)
    return float((a.argmax(axis=1) == part.labels).mean())
