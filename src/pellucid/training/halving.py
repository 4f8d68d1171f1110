"""How many hidden layers? A race of small networks: entrants, their cost, the winner.

Entrants learn for a fortieth of the epochs, each with a whole schedule of its own; the
best two of them and the default for a twentieth; and the default stays unless another
is better by more than chance. What each costs is reckoned beforehand and never
measured, so the same seed has the same winner on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .._arrays import Array

SHARES = (1 / 40, 1 / 20)
"""Of the epochs: what the rounds of the race learn for."""

BEST = 2
"""Entrants that go on to the second round, besides the default."""

FINAL = 1.95
"""Fits of the default that the winner's fit may cost by the reckoning. The race costs
about 0.4 of them, so that both stay below 2.5 fits of the default."""

ERRORS = 1.0
"""Standard errors by which the winner's loss is smaller than the default's."""

WIDTHS = tuple(eighths << k for k in range(8) for eighths in (8, 10, 12, 14))
DEPTHS = (1, 2, 3)

UNITS = (0.0, 20.0)
"""What a hidden unit costs besides its weights, in multiplications: from nothing, as
with relu in large mini-batches, to this much, as with silu and dropout in small ones.
Measured, as are the few hundred that an example costs whatever the network is."""

Sizes = tuple[int, ...]
Judge = Callable[[Sequence[Sizes], float], Sequence[Array | None]]
"""Trains networks with these hidden layers for a share of the epochs, and gives each
one's loss on each held-out example, (m,); None where it diverged."""


def cost(
    inputs: int, hidden: Sequence[int], outputs: int, unit: float = UNITS[-1]
) -> float:
    """What an example costs, in multiplications.

    Args:
        inputs: n_0.
        hidden: sizes of the hidden layers.
        outputs: n_L.
        unit: what a hidden unit costs besides its weights.
    """
    weights = sum(m * n for m, n in pairwise([inputs, *hidden, outputs]))
    return weights + unit * sum(hidden) + 500.0


def fits(
    inputs: int, hidden: Sequence[int], default: Sequence[int], outputs: int
) -> float:
    """What a fit with these hidden layers costs at most, in fits of the default."""
    return max(
        cost(inputs, hidden, outputs, unit) / cost(inputs, default, outputs, unit)
        for unit in UNITS
    )


def entrants(
    inputs: int, default: Sequence[int], outputs: int, final: float = FINAL
) -> list[Sizes]:
    """Hidden layers that are tried, the default first.

    Of each depth the widest layers whose fit is no dearer than `final` fits of the
    default, and (of several layers) half as wide ones.
    """
    found = [tuple(default)]
    for depth in DEPTHS:
        fit = [
            w for w in WIDTHS if fits(inputs, [w] * depth, default, outputs) <= final
        ]
        if not fit:
            continue
        for width in (fit[-1], fit[-1] // 2)[: min(depth, 2)]:
            if (sizes := (width,) * depth) not in found:
                found.append(sizes)
    return found


@dataclass(frozen=True)
class Race:
    """What came of a race.

    Attributes:
        layers: the winner's hidden layers.
        tried: all entrants, the default first.
        fits: what race and fit cost, in fits of the default, by the reckoning.
    """

    layers: Sizes
    tried: tuple[Sizes, ...]
    fits: float

    @property
    def words(self) -> dict[str, Any]:
        """What a run keeps of it, in JSON's types."""
        tried = [list(sizes) for sizes in self.tried]
        return {"layers": {"by": "auto", "tried": tried, "fits": round(self.fits, 3)}}

    @property
    def sentence(self) -> str:
        """What was chosen, and from what."""
        default, *others = (spell(sizes) for sizes in self.tried)
        if self.layers == self.tried[0]:
            return (
                f"Hidden layers: {default}, the default; of {', '.join(others)} none "
                "was better by more than chance in a race."
            )
        rest = [spell(sizes) for sizes in self.tried if sizes != self.layers]
        return (
            f"Hidden layers: {spell(self.layers)}, the winner of a race with "
            f"{', '.join(rest)}."
        )


def spell(sizes: Sequence[int]) -> str:
    """Such as 64x64."""
    return "x".join(map(str, sizes)) or "0"


def race(
    inputs: int,
    default: Sequence[int],
    outputs: int,
    judge: Judge,
    final: float = FINAL,
    shares: Sequence[float] = SHARES,
) -> Race:
    """Let networks race and say who wins.

    Args:
        inputs: n_0.
        default: hidden layers that stay where nothing is better.
        outputs: n_L.
        judge: trains and scores.
        final: fits of the default that the winner's may cost.
        shares: of the epochs, what each round learns for.
    """
    tried = entrants(inputs, default, outputs, final)
    price = {sizes: fits(inputs, sizes, default, outputs) for sizes in tried}
    spent, going = 0.0, list(tried)
    losses: dict[Sizes, Array | None] = {}
    for share in shares:
        spent += share * sum(price[sizes] for sizes in going)
        losses = dict(zip(going, judge(going, share), strict=True))
        going.sort(key=lambda sizes: _mean(losses[sizes]))
        going = [*going[:BEST], *({tried[0]} - {*going[:BEST]})]
    best = going[0]
    winner = best if _better(losses[tried[0]], losses[best]) else tried[0]
    return Race(winner, tuple(tried), spent + price[winner])


def _mean(loss: Array | None) -> float:
    """Of the losses; infinite where there are none."""
    return math.inf if loss is None else float(np.mean(loss))


def _better(one: Array | None, other: Array | None) -> bool:
    """Whether the other's loss is smaller by more than chance."""
    if one is None or other is None:
        return other is not None
    gain = np.asarray(one, float) - np.asarray(other, float)
    spread = float(gain.std()) / math.sqrt(len(gain))
    return float(gain.mean()) > ERRORS * spread
