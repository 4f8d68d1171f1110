"""How many hidden layers? A race of small networks: entrants, their cost, the winner.

Entrants learn for a fortieth of the epochs, each with a whole schedule of its own; the
better half of them and the default for a twentieth; and the default stays unless
another is better by more than chance. What each costs is reckoned beforehand and never
measured, so the same seed has the same winner on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ._arrays import Array

SHARES = (1 / 40, 1 / 20)
"""Of the epochs: what the rounds of the race learn for."""

FINAL = 1.95
"""Fits of the default that the winner's fit may cost by the reckoning. The race costs
about 0.4 of them, so that both stay below 2.5 fits of the default."""

ERRORS = 1.0
"""Standard errors by which the winner's loss is smaller than the default's."""

WIDTHS = tuple(eighths << k for k in range(8) for eighths in (8, 10, 12, 14))
DEPTHS = (1, 2, 3)

Sizes = tuple[int, ...]
Judge = Callable[[Sequence[Sizes], float], Sequence[Array | None]]
"""Trains networks with these hidden layers for a share of the epochs, and gives each
one's loss on each held-out example, (m,); None where it diverged."""


def cost(inputs: int, hidden: Sequence[int], outputs: int) -> float:
    """What an example costs, in multiplications: a unit costs as much as 20 weights.

    Measured with dropout and silu on mini-batches of 32; a few hundred are spent
    whatever the network is.
    """
    sizes = [inputs, *hidden, outputs]
    weights = sum(m * n for m, n in pairwise(sizes))
    return weights + 20.0 * sum(hidden) + 500.0


def entrants(inputs: int, default: Sequence[int], outputs: int) -> list[Sizes]:
    """Hidden layers that are tried, the default first.

    Of each depth the widest layers whose fit is no dearer than FINAL fits of the
    default, and (of several layers) half as wide ones.
    """
    most = FINAL * cost(inputs, default, outputs)
    found = [tuple(default)]
    for depth in DEPTHS:
        fit = [w for w in WIDTHS if cost(inputs, [w] * depth, outputs) <= most]
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


def race(inputs: int, default: Sequence[int], outputs: int, judge: Judge) -> Race:
    """Let networks race and say who wins.

    Args:
        inputs: n_0.
        default: hidden layers that stay where nothing is better.
        outputs: n_L.
        judge: trains and scores.
    """
    tried = entrants(inputs, default, outputs)
    dear = cost(inputs, default, outputs)
    fits, going = 0.0, list(tried)
    losses: dict[Sizes, Array | None] = {}
    for share in SHARES:
        fits += share * sum(cost(inputs, sizes, outputs) for sizes in going) / dear
        losses = dict(zip(going, judge(going, share), strict=True))
        going.sort(key=lambda sizes: _mean(losses[sizes]))
        half = going[: (len(going) + 1) // 2]
        going = half if tried[0] in half else [*half, tried[0]]
    best = going[0]
    winner = best if _better(losses[tried[0]], losses[best]) else tried[0]
    fits += cost(inputs, winner, outputs) / dear
    return Race(winner, tuple(tried), fits)


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
