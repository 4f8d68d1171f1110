"""Schedules: the learning rate as a function of the step, counted from 0.

Each is a rule that is called with a step and gives η. `eta` is the base rate and
`steps` the number of updates that the whole run makes. Any function of the step
can stand in their place.

To add one: a class here and its line in SCHEDULES.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from typing import ClassVar

from .._arrays import check_number


@dataclass(frozen=True)
class Schedule:
    """What every schedule is.

    Args:
        eta: the base learning rate, > 0.
        steps: updates of the whole run, >= 1.
    """

    eta: float
    steps: int

    name: ClassVar[str]

    def __post_init__(self) -> None:
        check_number("eta", self.eta, above=0)
        check_number("steps", self.steps, least=1, whole=True)

    def __call__(self, step: int) -> float:
        """η of this step."""
        raise NotImplementedError

    def progress(self, step: int) -> float:
        """Share of the run that lies behind, 0 ... 1; 1 only after the last step."""
        return min(step / self.steps, 1.0)


@dataclass(frozen=True)
class Constant(Schedule):
    """η at every step."""

    name = "constant"

    def __call__(self, step: int) -> float:
        return self.eta


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """η/(t + 1)^power. Source: Robbins and Monro 1951 ask for 1/2 < power <= 1."""

    power: float = 0.5

    name = "inverse_scaling"

    def __call__(self, step: int) -> float:
        return float(self.eta / (step + 1.0) ** self.power)


@dataclass(frozen=True)
class StepDecay(Schedule):
    """η·drop^k after the k-th of `drops` equal parts of the run."""

    drop: float = 0.5
    drops: float = 3

    name = "step"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("step drop", self.drop, above=0, most=1)
        check_number("step drops", self.drops, least=1)

    def __call__(self, step: int) -> float:
        parts = int(self.drops) + 1
        behind = min(step * parts // self.steps, parts - 1)
        return float(self.eta * self.drop**behind)


@dataclass(frozen=True)
class Cosine(Schedule):
    """From η down to η·final along half a cosine. Loshchilov and Hutter 2017."""

    final: float = 0.0

    name = "cosine"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("cosine final", self.final, least=0, most=1)

    def __call__(self, step: int) -> float:
        fall = 0.5 * (1.0 + cos(pi * self.progress(step)))
        return self.eta * (self.final + (1.0 - self.final) * fall)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up from η·start to η in the first share `rise` of the run, then down to η·final.

    Straight lines both ways. Source: Smith and Topin 2019.
    """

    rise: float = 0.3
    start: float = 0.04
    final: float = 0.0004

    name = "one_cycle"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("one_cycle rise", self.rise, above=0, below=1)
        check_number("one_cycle start", self.start, least=0, most=1)
        check_number("one_cycle final", self.final, least=0, most=1)

    def __call__(self, step: int) -> float:
        done = self.progress(step)
        if done < self.rise:
            share = done / self.rise
            return self.eta * (self.start + (1.0 - self.start) * share)
        share = (done - self.rise) / (1.0 - self.rise)
        return self.eta * (1.0 + (self.final - 1.0) * share)


@dataclass(frozen=True)
class WarmUp(Schedule):
    """Up to η in a straight line over the first `share` of the run, then constant."""

    share: float = 0.1

    name = "warm_up"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("warm_up share", self.share, above=0, most=1)

    def __call__(self, step: int) -> float:
        return self.eta * min((step + 1) / max(self.share * self.steps, 1.0), 1.0)


SCHEDULES: dict[str, type[Schedule]] = {
    member.name: member
    for member in (Constant, InverseScaling, StepDecay, Cosine, OneCycle, WarmUp)
}
