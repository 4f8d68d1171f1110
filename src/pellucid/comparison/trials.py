"""Networks and other models, trained and scored on the same splits of the same data.

Each split is drawn anew; every model learns from its training part, on one core, and
is scored on its test part.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np

from .. import recipes
from .._arrays import Array, check_number, choose
from .._errors import DivergedError, InputError
from ..data import Dataset
from ..evaluation import determination
from ..evaluation.confidence import logits
from ..mathematics.calibration import log_loss
from ..mathematics.network import Network
from ..sweeps.grid import FIXED, spell
from ..training.population import train_all
from .features import hand_made
from .rivals import KERNEL_ROWS, OF_IMAGES, RIVALS, available, usual
from .standings import NETWORK, Fit, Standings

LEAST_P = 1e-15
"""What a probability of 0 counts as, as is common."""


class Comparison(Standings):
    """Models that are to be compared, and what came of them so far.

    Args:
        draw: gives, for the seed of a split, a Dataset with a training and a test
            part, such as `lambda seed: split(data, seed=seed)`.
        seeds: of the splits, two or more.
        models: names in RIVALS; None: the usual ones that are installed.
        also: what is other in further networks, such as [{"layers": [16, 16]}].
        changes: settings of all networks, as for `recipes.settings`.

    Raises:
        InputError: an unknown model or setting, fewer than two splits.
    """

    def __init__(
        self,
        draw: Callable[[int], Dataset],
        seeds: Sequence[int] = range(5),
        models: Sequence[str] | None = None,
        also: Sequence[Mapping[str, Any]] = (),
        **changes: Any,
    ):
        check_number("splits", len(seeds), least=2, most=1_000, whole=True)
        self.draw = draw
        self.rivals = usual() if models is None else _checked(models)
        self.networks: dict[str, dict[str, Any]] = {NETWORK: dict(changes)}
        for other in also:
            for word in other:
                choose("setting", word, recipes.DEFAULTS)
                if word in FIXED:
                    raise InputError(
                        f"{word} can't differ between networks that are compared: they "
                        "learn from the same examples. Leave it out."
                    )
            told = " ".join(f"{word}={spell(value)}" for word, value in other.items())
            self.networks[f"{NETWORK} {told}"] = {**changes, **other}
        super().__init__([*self.networks, *self.rivals], list(seeds))

    def run(
        self,
        seconds: float | None = None,
        parts: Callable[[Dataset], list[Dataset]] = lambda data: [data],
    ) -> Iterator[Fit]:
        """Train and score, yielding each Fit as it ends.

        Args:
            seconds: after these nothing more is begun; what runs is let end.
            parts: of a split's data those that are learned from, each by all models.

        Raises:
            InputError: the data have several labels, or no test part.
        """
        end = math.inf if seconds is None else time.monotonic() + seconds
        for seed in self.seeds:
            data = self.draw(seed)
            _check(data)
            self.classes = data.classes is not None
            for one in self._split(parts(data), seed, end):
                self.fits.append(one)
                yield one
            if time.monotonic() >= end:
                return

    def _split(self, parts: list[Dataset], seed: int, end: float) -> Iterator[Fit]:
        """All models on one split, as far as there is time."""
        yield from self._networks(parts, seed)
        for data in parts:
            for name in self.rivals:
                if time.monotonic() >= end:
                    return
                yield rival_fit(name, data, seed)

    def _networks(self, parts: list[Dataset], seed: int) -> Iterator[Fit]:
        """The networks, side by side."""
        names, networks, each, every = [], [], [], []
        for data in parts:
            bare = data.classes is None and data.encoding is None  # numbers as they are
            own: dict[str, Any] = {"output": "identity", "dropout": 0.0} if bare else {}
            for name, changes in self.networks.items():
                words = {**own, "seed": seed, **changes}
                settings: Any = recipes.settings(None, data, **words)
                if "batch_size" not in changes:  # of few rows, all at once
                    size = min(settings["batch_size"], len(data.train))
                    settings["batch_size"] = size
                names.append(name)
                every.append(data)
                networks.append(recipes.build(settings, data))
                each.append({word: settings[word] for word in recipes.TRAIN_WORDS})
        spent, notes = [0.0] * len(networks), [""] * len(networks)
        with closing(train_all(networks, every, each)) as told:  # type: ignore[type-var]
            for number, what in told:
                if isinstance(what, DivergedError):
                    notes[number] = str(what)
                else:
                    spent[number] = what.seconds
        for number, network in enumerate(networks):
            yield _network_fit(
                names[number],
                network,
                every[number],
                seed,
                spent[number],
                notes[number],
            )


def _checked(models: Sequence[str]) -> list[str]:
    """Models that can be trained here."""
    for name in models:
        choose("model", name, RIVALS)
        if name not in available():
            raise InputError(
                f"{name} must be installed to be compared with; it is not. "
                f"pip install {name}, or leave it out."
            )
    return list(models)


def fewer(data: Dataset, most: int) -> Dataset:
    """The same data with the first rows of the training part, which were shuffled."""
    have = data.counts["train"]
    if most >= have:
        return data
    chosen = np.r_[0:most, have : len(data)]
    return replace(data.rows(chosen), counts={**data.counts, "train": most})


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
    if data.classes is not None and network.sigma[-1].range == (0.0, 1.0):
        loss = float(log_loss(logits(network, data.test), data.test.labels).mean())
    return Fit(name, seed, score, loss, spent, seconds, *sizes)


def rival_fit(name: str, data: Dataset, seed: int) -> Fit:
    """Another model on one split, on one core as a network beside others is.

    Args:
        name: in RIVALS.
        data: with a training and a test part.
        seed: of the split, and of what the model draws.
    """
    import warnings

    from threadpoolctl import threadpool_limits

    train, test = data.train, data.test
    sizes = len(train), len(test)
    nan = math.nan
    if note := _why_not(name, data):
        return Fit(name, seed, nan, nan, nan, nan, *sizes, note)
    model, y = _model(name, data, seed)
    look: Any = _look(name, data)
    begun = time.perf_counter()
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # that 300 steps were not enough, say
        model.fit(look(train.x), y)
        fitted = time.perf_counter()
        answers = np.asarray(model.predict(look(test.x)))
    seconds = fitted - begun, time.perf_counter() - fitted
    if data.classes is None:
        score = determination(test.y, answers.reshape(len(answers), -1))
        return Fit(name, seed, score, nan, *seconds, *sizes)
    score = float((answers == test.labels).mean())
    loss = nan
    if hasattr(model, "predict_proba"):
        loss = _log_loss(model, look(test.x), test)
    return Fit(name, seed, score, loss, *seconds, *sizes)


def _why_not(name: str, data: Dataset) -> str:
    """Why a model can't be trained on these; "" where it can."""
    rows = len(data.train)
    if name in OF_IMAGES and data.image_shape is None:
        return "these are no images"
    if name == "svm" and rows > KERNEL_ROWS:
        return f"more than {KERNEL_ROWS:,} training rows"
    if data.classes is not None and len(np.unique(data.train.labels)) < 2:
        return "one class only in the training part"
    return ""


def _model(name: str, data: Dataset, seed: int) -> tuple[Any, Any]:
    """An estimator, and its targets."""
    model = RIVALS[name](data.classes is not None, seed)
    if data.classes is not None:
        return model, data.train.labels
    y: Any = data.train.y
    if y.shape[1] == 1:
        return model, y.ravel()
    if name not in ("linear", "neighbours", "forest"):  # they know one output each
        from sklearn.multioutput import MultiOutputRegressor

        model = MultiOutputRegressor(model)
    return model, y


def _look(name: str, data: Dataset) -> Callable[[Array], Array]:
    """What a model sees of the inputs."""
    shape = data.image_shape
    if name in OF_IMAGES and shape is not None:
        return lambda x: hand_made(x, shape)
    return lambda x: x


def _log_loss(model: Any, x: Array, test: Dataset) -> float:
    """−ln p of the true class."""
    p = np.full((len(test), test.outputs), LEAST_P)
    p[:, model.classes_] = np.maximum(model.predict_proba(x), LEAST_P)
    return float(-np.log(p[np.arange(len(test)), test.labels]).mean())
