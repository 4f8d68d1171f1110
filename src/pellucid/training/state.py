"""What a training needs to go on later with the same bits: a dictionary of arrays.

    theta, and what the optimizer remembers    as the engine gives them
    step, seconds, summed                      how far it is, and the costs so far
    best_score, best_epoch, best_theta         for early stopping

Nothing else is needed: the order of an epoch is a function of the seed and the epoch,
a dropout mask one of the seed, the step and the layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .._arrays import Array, join
from .._errors import InputError
from ..engines import Engine

State: TypeAlias = dict[str, Array]
"""Name to array."""


@dataclass(frozen=True)
class Best:
    """The best epoch so far.

    Attributes:
        score: what it is best by; larger is better.
        epoch: its number; 0 before the first step.
        theta: the parameters then, (P,); None where nobody will go back to them.
    """

    score: float = -math.inf
    epoch: int = 0
    theta: Array | None = None


def pack(engine: Engine, seconds: float, summed: float, best: Best) -> State:
    """The state of a training that stands here.

    Args:
        engine: holds θ, the slots and the step.
        seconds: spent in updates so far.
        summed: cost of the examples of the epoch so far.
        best: the best epoch so far.
    """
    state = {
        **engine.state(),
        "seconds": np.array([seconds]),
        "summed": np.array([summed]),
        "best_score": np.array([best.score]),
        "best_epoch": np.array([best.epoch]),
    }
    if best.theta is not None:
        state["best_theta"] = best.theta
    return state


def unpack(state: State, engine: Engine, steps: int, patient: bool) -> Best:
    """Bring an engine to a state; the best epoch so far.

    Args:
        state: from `pack`, perhaps by way of a file.
        engine: of the same network, data and settings.
        steps: updates of the whole training.
        patient: whether the best parameters are needed.

    Raises:
        InputError: the state is not one of this training.
    """
    theta = engine.state()["theta"] if patient else None
    wanted = pack(engine, 0.0, 0.0, Best(theta=theta))
    if state.keys() != wanted.keys():
        raise InputError(
            f"resume must hold {join(sorted(wanted), 'and')}; got "
            f"{join(sorted(state) or ['nothing'], 'and')}. Go on with the settings "
            "that the state was made with."
        )
    for name, array in wanted.items():
        came = np.asarray(state[name])
        if came.shape != array.shape or came.dtype != array.dtype:
            raise InputError(
                f"resume must hold {name} as {array.shape} {array.dtype}; got "
                f"{came.shape} {came.dtype}. It is the state of another network."
            )
        if name != "best_score" and not np.isfinite(came).all():
            raise InputError(f"resume must hold finite numbers; {name} has others.")
    if not 0 <= state["step"][0] <= steps:
        raise InputError(
            f"resume must be at step 0 ... {steps:,}; got {state['step'][0]:,}. Go on "
            "with the settings that the state was made with."
        )
    engine.restore(state)
    score, epoch = float(state["best_score"][0]), int(state["best_epoch"][0])
    return Best(score, epoch, state["best_theta"].copy() if patient else None)
