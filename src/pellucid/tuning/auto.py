"""Settings whose hidden layers are found: `layers="auto"`.

The race is told in `training/halving`; here its networks learn from four fifths of the
training part and are judged on the last fifth, as the settings say but for the layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np

from .. import recipes
from .._arrays import Array
from .._errors import DivergedError, InputError
from .._random import stream
from ..data import Dataset
from ..evaluation import outputs
from ..mathematics.costs import COSTS
from ..mathematics.families import pick
from ..mathematics.network import Network
from ..recipes import Settings
from ..training import default_cost
from ..training.halving import Race, Sizes, race
from ..training.population import train_all

AUTO = "auto"
HELD_OUT = 0.2
"""Share of the training part that the race is judged on."""

FEWEST = 20
"""Rows of a training part that can be raced on."""


def settings(
    recipe: str | None, data: Dataset, /, **changes: Any
) -> tuple[Settings, Race | None]:
    """Settings as of `recipes.settings`, with hidden layers that are sizes.

    Args:
        recipe: as there.
        data: what is learned from; only its training part is looked at.
        changes: as there; layers may be "auto".

    Returns:
        The settings, and the race that the layers come from; None where they were
        said.

    Raises:
        InputError: something does not fit; or no race can be run.
    """
    if changes.get("layers") != AUTO:
        return recipes.settings(recipe, data, **changes), None
    rest = {name: value for name, value in changes.items() if name != "layers"}
    base = recipes.settings(recipe, data, **rest)
    found = _race(base, data)
    return Settings(**{**base, "layers": list(found.layers)}), found


def _race(base: Settings, data: Dataset) -> Race:
    """The race around these settings, whose layers are the default."""
    if not isinstance(base["hidden"], str):
        raise InputError(
            "hidden must be one name where layers are found, as nobody knows how many "
            f"there will be; got {', '.join(base['hidden'])}."
        )
    examples = data.train if data.counts else data
    if len(examples) < FEWEST:
        raise InputError(
            f"layers can be found from {FEWEST} training rows on; got {len(examples)}. "
            "Name them: --layers 30."
        )
    order = stream(base["seed"], "race").permutation(len(examples))
    held = max(round(HELD_OUT * len(order)), 1)

    def judge(tried: Sequence[Sizes], share: float) -> list[Array | None]:
        epochs = max(round(share * base["epochs"]), 1)
        rows = len(order) - held
        rows = max(min(round(share * base["epochs"] / epochs * rows), rows), 1)
        counts = {"train": rows, "validation": held}
        part = replace(examples.rows(order[: rows + held]), counts=counts)
        size = min(base["batch_size"], rows)
        more = {"epochs": epochs, "batch_size": size, "patience": None}
        return _losses({**base, **more}, tried, part)

    return race(data.inputs, base["layers"], data.outputs, judge)


def _losses(
    words: dict[str, Any], tried: Sequence[Sizes], data: Dataset
) -> list[Array | None]:
    """Loss of each held-out example after training, for each of the networks."""
    chosen = [Settings(**{**words, "layers": list(sizes)}) for sizes in tried]  # type: ignore[typeddict-item]
    networks = [recipes.build(each, data) for each in chosen]
    own = {name: words[name] for name in recipes.TRAIN_WORDS}
    diverged = set()
    with closing(train_all(networks, data, **{**own, "monitor": "none"})) as told:  # type: ignore
        for place, what in told:
            if isinstance(what, DivergedError):
                diverged.add(place)
    return [
        None if place in diverged else _loss(network, words["cost"], data.validation)
        for place, network in enumerate(networks)
    ]


def _loss(network: Network, name: str | None, part: Dataset) -> Array | None:
    """The cost of each example; None where it is not finite."""
    cost = pick("cost", name or default_cost(network), COSTS)
    z, a = outputs(network, part, cost)
    found: Array = cost(z, a, part.y)
    return found if np.isfinite(found).all() else None
