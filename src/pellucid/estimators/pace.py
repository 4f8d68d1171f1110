"""The rule of the steps, its learning rate and its memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._arrays import Array
from ..engines import Engine
from ..mathematics.families import pick
from ..mathematics.optimizers import Optimizer
from ..mathematics.schedules import SCHEDULES
from .words import RATES, rule_of

SMALLEST_RATE = 1e-6
"""Where the adaptive rate gives up."""


class Pace:
    """How a stepping solver steps, from one call of `partial_fit` to the next.

    Args:
        rule: of the steps; its own η is not looked at.
        eta: the first learning rate.
        schedule: "constant", "invscaling", "adaptive", or a function of the step.
        power: of invscaling.
        divide: what the rate is divided by before the rule gets it.

    Attributes:
        learning_rate: as it is now.
        memory: what the rule remembers, packed as an engine reads it; empty before the
            first step.
        step: updates made so far.
    """

    def __init__(
        self,
        rule: Optimizer,
        eta: float,
        schedule: str | Callable[[int], float] = "constant",
        power: float = 0.5,
        divide: float = 1.0,
    ):
        self.rule, self.schedule, self.power, self.divide = (
            rule,
            schedule,
            power,
            divide,
        )
        self.learning_rate_init = eta
        self.learning_rate = float(eta)
        self.memory: dict[str, Array] = {}
        self.step = 0

    @classmethod
    def of(cls, estimator: Any, factor: float, steps: int) -> Pace:
        """The pace that an estimator's parameters ask for.

        Args:
            estimator: whose parameters they are.
            factor: how many times too large its gradients will be.
            steps: updates of a whole fit, for schedules that know their end.
        """
        e = estimator
        rule, divide = rule_of(e, factor)
        schedule = e.learning_rate if e.solver == "sgd" else "constant"
        if e.schedule is not None:
            schedule = e.schedule
            if isinstance(schedule, str) and schedule not in RATES:
                words = {"eta": float(e.learning_rate_init), "steps": steps}
                schedule = pick("schedule", schedule, SCHEDULES, **words)
        return cls(rule, e.learning_rate_init, schedule, e.power_t, divide)

    @property
    def is_even(self) -> bool:
        """Whether the rate stays as it is while the loss improves."""
        return self.schedule in ("constant", "adaptive")

    def rate(self, step: int) -> float:
        """η of one step, counted from 0."""
        if callable(self.schedule):
            self.learning_rate = float(self.schedule(step))
        return self.learning_rate / self.divide

    def optimizer(self) -> Optimizer:
        """The rule, with this rate."""
        fixed = self.schedule == "constant"
        return self.rule.with_eta(self.rate(0) if fixed else self.rate)

    def go_on(self, engine: Engine, count: int) -> None:
        """Bring an engine of `count` parameters to where the last one ended; θ stays.

        (SGD remembers nothing, only where it was.)
        """
        known = self.memory.keys() == set(self.rule.remembers)
        if known and all(a.size == count for a in self.memory.values()):
            for name, a in self.memory.items():
                engine.write(a, name)
            engine.step = self.step

    def remember(self, engine: Engine) -> None:
        """Keep what the next engine will need."""
        self.step = engine.step
        self.memory = {name: engine.read(name) for name in self.rule.remembers}

    def epoch_ended(self, seen: int) -> None:
        """After an epoch; `seen` is how many examples were looked at in all."""
        if self.schedule == "invscaling":
            self.learning_rate = (
                float(self.learning_rate_init) / (seen + 1) ** self.power
            )

    def gives_up(self, why: str, verbose: Any) -> bool:
        """Nothing improves any more: whether to stop, or else go on more slowly."""
        adaptive, stops = self.schedule == "adaptive", True
        what = "Stopping."
        if adaptive and self.learning_rate <= SMALLEST_RATE:
            what = "Learning rate too small. Stopping."
        elif adaptive:
            self.learning_rate /= 5.0
            what, stops = f"Setting learning rate to {self.learning_rate:f}", False
        if verbose:
            print(f"{why} {what}")
        return stops
