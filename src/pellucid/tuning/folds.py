"""Folds: parts that take turns in being scored, and populations trained on them."""

from __future__ import annotations

import time
from collections.abc import Container, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from .. import recipes
from .._arrays import Array
from .._errors import DivergedError
from .._random import stream
from ..data import Dataset
from ..evaluation import determination
from ..mathematics.network import Network
from ..recipes import Settings
from ..training.population import train_all
from ..training.shared import PIECE


class Scored(NamedTuple):
    """How good a network is by now.

    Attributes:
        place: of the network among those that are trained.
        epoch: that it has behind it.
        score: accuracy or R²; None where it diverged.
        seconds: spent in updates.
    """

    place: int
    epoch: int
    score: float | None
    seconds: float


def development(data: Dataset) -> Dataset:
    """All that may be chosen by: everything but the test part."""
    count = len(data) - data.counts.get("test", 0)
    return data.rows(np.arange(count))


def deal(data: Dataset, folds: int, seed: int, *numbers: int) -> Array:
    """The fold that each row is scored in, (m,); of classes each has its share.

    Args:
        data: without parts.
        folds: how many, 2 or more.
        seed: of the order.
        numbers: what else names the draw.
    """
    order = stream(seed, "folds", *numbers).permutation(len(data))
    if data.classes is not None:
        order = order[np.argsort(data.labels[order], kind="stable")]
    fold = np.empty(len(data), np.int64)
    fold[order] = np.arange(len(data)) % folds
    return fold


def part(data: Dataset, held: Array) -> Dataset:
    """The rows that are held are the validation part, the others the training part."""
    rows = np.concatenate([np.flatnonzero(~held), np.flatnonzero(held)])
    counts = {"train": int((~held).sum()), "validation": int(held.sum())}
    return replace(data.rows(rows), counts=counts)


def score(network: Network, data: Dataset, until: float) -> float | None:
    """Accuracy or R² on a part; None where there is no time for it."""
    most = max(PIECE // network.parameters.theta.size, 1)
    found = []
    for first in range(0, len(data), most):
        if time.monotonic() >= until:
            return None
        found.append(network(data.x[first : first + most]))
    a = np.concatenate(found)
    if data.classes is None:
        return determination(data.y, a)
    return float((a.argmax(axis=1) == data.labels).mean())


def train_fold(
    chosen: Sequence[Settings],
    data: Dataset,
    rungs: Container[int],
    leaving: set[int],
    until: float,
    threads: int | None,
) -> Iterator[Scored]:
    """Train networks side by side and score each on the validation part.

    Args:
        chosen: settings of each.
        data: with a training and a validation part.
        rungs: epochs after which they wait for each other and are scored, besides the
            last one.
        leaving: places of networks that go no further than a rung; the caller may add
            to it until the last of those that still run has come there.
        until: moment of `time.monotonic` at which all end.
        threads: as for `train_all`.
    """
    networks = [recipes.build(settings, data) for settings in chosen]
    each = [_words(settings, len(data.train)) for settings in chosen]
    more = {"threads": threads, "until": until, "rungs": rungs, "leaving": leaving}
    with closing(train_all(networks, data, each, **more)) as told:  # type: ignore
        for place, what in told:
            if isinstance(what, DivergedError):
                yield Scored(place, 0, None, 0.0)
            elif what.epoch in rungs or what.epoch == chosen[place]["epochs"]:
                found = score(networks[place], data.validation, until)
                if found is None:
                    return
                yield Scored(place, what.epoch, found, what.seconds)


def _words(settings: Settings, rows: int) -> dict[str, object]:
    """The words of `train`, fitted to a fold."""
    words: dict[str, object] = {
        name: settings[name]  # type: ignore[literal-required]
        for name in recipes.TRAIN_WORDS
    }
    size = min(settings["batch_size"], rows)
    return {**words, "monitor": "none", "batch_size": size}
