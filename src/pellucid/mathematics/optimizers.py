"""Optimizers: from a gradient to a step.

Each is a rule of two functions without state of its own: `slots` says what it
remembers (flat arrays shaped like θ), `update` changes θ and the slots in place.
All numbers are floats; `eta` is a number or a function of the step, counted from 0.

To add one: a class here and its line in OPTIMIZERS; the numpy engine then has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeAlias, TypeVar

import numpy as np

from .._arrays import Array, check_number
from .._errors import InputError

Eta: TypeAlias = float | Callable[[int], float]
Slots: TypeAlias = dict[str, Array]
O = TypeVar("O", bound="Optimizer")


@dataclass(frozen=True)
class Optimizer:
    """What every optimizer is.

    Args:
        eta: the learning rate η (α in some lectures): a number > 0, or a function
            of the step that gives one.
    """

    eta: Eta

    name: ClassVar[str]
    remembers: ClassVar[tuple[str, ...]] = ()
    """Names of the slots."""

    def __post_init__(self) -> None:
        if not callable(self.eta):
            check_number("eta", self.eta, above=0)

    def rate(self, step: int) -> float:
        """η of one step, counted from 0.

        Raises:
            InputError: a function of the step gave something that is no rate.
        """
        if not callable(self.eta):
            return float(self.eta)
        rate = self.eta(step)
        check_number(f"eta at step {step}", rate, least=0)
        return float(rate)

    def rates(self, step: int, count: int) -> Array:
        """η of `count` steps from this one on, (count,) float64."""
        if not callable(self.eta):
            return np.full(count, float(self.eta))
        return np.array([self.rate(step + i) for i in range(count)], float)

    def with_eta(self: O, eta: Eta) -> O:
        """The same rule with another learning rate."""
        return replace(self, eta=eta)

    def slots(self, theta: Array) -> Slots:
        """What the rule remembers before the first step: zeros."""
        return {name: np.zeros_like(theta) for name in self.remembers}

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        """One step, in place.

        Args:
            theta: all parameters, flat, (P,).
            nabla: ∇C, (P,); may be overwritten.
            slots: what `slots` gave, as the last update left it.
            eta: η of this step.
            step: number of this step, from 0.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class SGD(Optimizer):
    """θ → θ - η∇C. Source: Nielsen, ch. 1, (20), (21).

    ∇C points uphill, so the step is along -∇C.
    """

    eta: Eta = 0.1

    name = "sgd"

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        theta -= eta * nabla


@dataclass(frozen=True)
class Momentum(Optimizer):
    """v → μv - η∇C, θ → θ + v. Source: Nielsen, ch. 3, (107), (108)."""

    eta: Eta = 0.1
    mu: float = 0.9

    name = "momentum"
    remembers = ("v",)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("momentum mu", self.mu, least=0, most=1)

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        v = slots["v"]
        v *= self.mu
        v -= eta * nabla
        theta += v


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """v → μv - η∇C, θ → θ + μv - η∇C: a look ahead. Sutskever et al. 2013."""

    eta: Eta = 0.1
    mu: float = 0.9

    name = "nesterov"
    remembers = ("v",)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("nesterov mu", self.mu, least=0, most=1)

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        v = slots["v"]
        v *= self.mu
        v -= eta * nabla
        theta += self.mu * v - eta * nabla


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """s → ρs + (1 - ρ)∇C², θ → θ - η∇C/(√s + ε). Tieleman and Hinton 2012."""

    eta: Eta = 0.001
    rho: float = 0.99
    epsilon: float = 1e-8

    name = "rmsprop"
    remembers = ("s",)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("rmsprop rho", self.rho, least=0, below=1)
        check_number("rmsprop epsilon", self.epsilon, above=0)

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        s = slots["s"]
        s *= self.rho
        s += (1.0 - self.rho) * nabla * nabla
        theta -= eta * nabla / (np.sqrt(s) + self.epsilon)


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """s → s + ∇C², θ → θ - η∇C/(√s + ε). Source: Duchi, Hazan and Singer 2011."""

    eta: Eta = 0.01
    epsilon: float = 1e-10

    name = "adagrad"
    remembers = ("s",)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("adagrad epsilon", self.epsilon, above=0)

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        s = slots["s"]
        s += nabla * nabla
        theta -= eta * nabla / (np.sqrt(s) + self.epsilon)


@dataclass(frozen=True)
class Adam(Optimizer):
    """Momentum over a running scale, both freed of their start at 0.

    v → β₁v + (1 - β₁)∇C,  s → β₂s + (1 - β₂)∇C²,
    θ → θ - η v̂/(√ŝ + ε),  v̂ = v/(1 - β₁ᵗ),  ŝ = s/(1 - β₂ᵗ),  t = 1, 2, ...

    With `uncorrected_epsilon` ε is added to √s instead of √ŝ, which makes it larger
    at first: θ → θ - η √(1 - β₂ᵗ)/(1 - β₁ᵗ) v/(√s + ε).

    Source: Kingma and Ba 2015, algorithm 1; the other form: the end of section 2.
    """

    eta: Eta = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    uncorrected_epsilon: bool = field(default=False, kw_only=True)

    name = "adam"
    remembers = ("v", "s")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("adam beta1", self.beta1, least=0, below=1)
        check_number("adam beta2", self.beta2, least=0, below=1)
        check_number("adam epsilon", self.epsilon, above=0)

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        v, s = slots["v"], slots["s"]
        v *= self.beta1
        v += (1.0 - self.beta1) * nabla
        s *= self.beta2
        s += (1.0 - self.beta2) * nabla * nabla
        rate = eta / (1.0 - self.beta1 ** (step + 1))
        scale = float(np.sqrt(1.0 - self.beta2 ** (step + 1)))
        if self.uncorrected_epsilon:
            theta -= rate * scale * v / (np.sqrt(s) + self.epsilon)
        else:
            theta -= rate * v / (np.sqrt(s) / scale + self.epsilon)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam, with every parameter first shrunk by 1 - η·decay.

    Unlike an l2 penalty, the shrinking does not pass through the running scale.
    Source: Loshchilov and Hutter 2019, algorithm 2.
    """

    decay: float = 0.01

    name = "adamw"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("adamw decay", self.decay, least=0)

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        theta *= 1.0 - eta * self.decay
        super().update(theta, nabla, slots, eta, step)


@dataclass(frozen=True)
class LBFGS(Optimizer):
    """Limited-memory BFGS on the whole training part, by SciPy's L-BFGS-B.

    It has no learning rate and no mini-batches: an epoch is one of its iterations.
    Source: Liu and Nocedal 1989.
    """

    eta: Eta = 1.0
    memory: float = 10
    tolerance: float = 1e-9

    name = "lbfgs"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("lbfgs memory", self.memory, least=1)
        check_number("lbfgs tolerance", self.tolerance, least=0)

    def with_eta(self: O, eta: Eta) -> O:
        """Refused: a learning rate that changes nothing would only mislead."""
        raise InputError(
            "lbfgs takes no learning rate and no schedule: it finds the length of each "
            "step by a search along a line. Leave eta and schedule out."
        )

    def update(
        self, theta: Array, nabla: Array, slots: Slots, eta: float, step: int
    ) -> None:
        raise InputError(
            "lbfgs takes no single steps: it searches along lines over the whole "
            "training part. Run it with train(..., optimizer='lbfgs')."
        )


OPTIMIZERS: dict[str, type[Optimizer]] = {
    member.name: member
    for member in (SGD, Momentum, Nesterov, RMSprop, Adagrad, Adam, AdamW, LBFGS)
}
