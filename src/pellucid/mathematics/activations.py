"""Activations: σ and σ′ side by side.

Each member is a rule without state. It maps pre-activations z to activations a,
element by element (softmax: row by row), on NumPy arrays and torch tensors alike.
`range` is where a can lie; `latex` and `python` are the formula in z.

To add one: a class here and its line in ACTIVATIONS; then the numpy engine has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi, sqrt
from typing import Any, ClassVar

from .._arrays import Array, check_number, namespace
from .._errors import InputError


class Activation:
    """What every activation is. Final classes below; nothing is overridden twice."""

    name: ClassVar[str]
    range: ClassVar[tuple[float, float]]
    latex: ClassVar[str]
    python: ClassVar[str]
    elementwise: ClassVar[bool] = True
    """Whether a_j depends on z_j alone."""
    output_only: ClassVar[bool] = False
    """Whether only the last layer may have it."""

    def __call__(self, z: Array) -> Array:
        """A = σ(z), same shape as z."""
        raise NotImplementedError

    def prime(self, z: Array) -> Array:
        """σ′(z), same shape as z."""
        raise NotImplementedError


class Silenced:
    """An activation of a layer in which some units are silent: their a is 0.

    For looking only: no engine trains with it. All else is the activation's own.

    Args:
        sigma: element by element.
        silent: of each unit, (n_l,), bool.
    """

    def __init__(self, sigma: Activation, silent: Array):
        self.sigma = sigma
        self.silent = silent

    def __getattr__(self, name: str) -> Any:
        if name in ("sigma", "silent"):  # of a copy that is only being made
            raise AttributeError(name)
        return getattr(self.sigma, name)

    def __call__(self, z: Array) -> Array:
        """A = σ(z), and 0 where the unit is silent, whatever z."""
        return self._without(self.sigma(z))

    def prime(self, z: Array) -> Array:
        """σ′(z), likewise: nothing depends on a silent unit."""
        return self._without(self.sigma.prime(z))

    def around(self, sigma: Activation) -> Silenced:
        """The same units silent in another activation."""
        return Silenced(sigma, self.silent)

    def _without(self, a: Array) -> Array:
        xp = namespace(a)
        return xp.where(xp.asarray(self.silent), xp.zeros_like(a), a)


@dataclass(frozen=True)
class Step(Activation):
    """The perceptron of Rosenblatt (1958): 1 if z > 0, else 0. It can't be trained.

    Inputs need not be 0 or 1: any finite numbers are taken, which is wider than the
    lectures' perceptron.
    """

    name = "step"
    range = (0.0, 1.0)
    latex = r"[{z} > 0]"
    python = "(1.0 if {z} > 0 else 0.0)"

    def __call__(self, z: Array) -> Array:
        xp = namespace(z)
        return xp.where(z > 0, xp.ones_like(z), xp.zeros_like(z))

    def prime(self, z: Array) -> Array:
        raise InputError(
            "step has no slope to descend: it is flat everywhere and jumps at 0. "
            "Train with sigmoid, then replace it by step."
        )


@dataclass(frozen=True)
class Identity(Activation):
    """σ(z) = z: the output of a regression."""

    name = "identity"
    range = (-inf, inf)
    latex = "{z}"
    python = "{z}"

    def __call__(self, z: Array) -> Array:
        return z

    def prime(self, z: Array) -> Array:
        return namespace(z).ones_like(z)


@dataclass(frozen=True)
class Sigmoid(Activation):
    """σ(z) = 1/(1 + exp(-z)). Source: Nielsen, ch. 1, (3).

    σ(0) is 1/2: a unit counts as active where z > 0.
    """

    name = "sigmoid"
    range = (0.0, 1.0)
    latex = r"\sigma({z})"
    python = "sigmoid({z})"

    def __call__(self, z: Array) -> Array:
        xp = namespace(z)
        e = xp.exp(-xp.abs(z))  # never overflows
        return xp.where(z < 0, e, xp.ones_like(e)) / (1.0 + e)

    def prime(self, z: Array) -> Array:
        e = namespace(z).exp(-abs(z))
        return e / (1.0 + e) ** 2  # σ(1 - σ), without losing digits where σ is 1


@dataclass(frozen=True)
class Tanh(Activation):
    """σ(z) = tanh z, a sigmoid from -1 to 1."""

    name = "tanh"
    range = (-1.0, 1.0)
    latex = r"\tanh({z})"
    python = "tanh({z})"

    def __call__(self, z: Array) -> Array:
        return namespace(z).tanh(z)

    def prime(self, z: Array) -> Array:
        e = namespace(z).exp(-2.0 * abs(z))
        return 4.0 * e / (1.0 + e) ** 2  # 1 - tanh², without losing digits


@dataclass(frozen=True)
class ReLU(Activation):
    """σ(z) = max(0, z); σ′(0) = 0. Source: Nair and Hinton 2010."""

    name = "relu"
    range = (0.0, inf)
    latex = r"\max(0, {z})"
    python = "relu({z})"

    def __call__(self, z: Array) -> Array:
        xp = namespace(z)
        return xp.where(z > 0, z, xp.zeros_like(z))

    def prime(self, z: Array) -> Array:
        xp = namespace(z)
        return xp.where(z > 0, xp.ones_like(z), xp.zeros_like(z))


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """σ(z) = z if z > 0, else slope·z: a ReLU that can't die. Maas et al. 2013."""

    slope: float = 0.01

    name = "leaky_relu"
    range = (-inf, inf)
    latex = r"\mathrm{{lrelu}}_{{{slope}}}({z})"
    python = "leaky_relu({z}, {slope})"

    def __post_init__(self) -> None:
        check_number("leaky_relu slope", self.slope, least=0, below=1)

    def __call__(self, z: Array) -> Array:
        return namespace(z).where(z > 0, z, self.slope * z)

    def prime(self, z: Array) -> Array:
        one = namespace(z).ones_like(z)
        return namespace(z).where(z > 0, one, self.slope * one)


@dataclass(frozen=True)
class ELU(Activation):
    """σ(z) = z if z > 0, else alpha·(exp(z) - 1). Source: Clevert et al. 2016."""

    alpha: float = 1.0

    name = "elu"
    range = (-inf, inf)
    latex = r"\mathrm{{elu}}_{{{alpha}}}({z})"
    python = "elu({z}, {alpha})"

    def __post_init__(self) -> None:
        check_number("elu alpha", self.alpha, above=0)

    def __call__(self, z: Array) -> Array:
        xp = namespace(z)
        return xp.where(z > 0, z, self.alpha * xp.expm1(_negative_part(z)))

    def prime(self, z: Array) -> Array:
        xp = namespace(z)
        return xp.where(z > 0, xp.ones_like(z), self.alpha * xp.exp(_negative_part(z)))


@dataclass(frozen=True)
class Softplus(Activation):
    """σ(z) = ln(1 + exp z): a smooth ReLU, whose slope is the sigmoid."""

    name = "softplus"
    range = (0.0, inf)
    latex = r"\ln(1 + e^{{{z}}})"
    python = "softplus({z})"

    def __call__(self, z: Array) -> Array:
        return softplus(z)

    def prime(self, z: Array) -> Array:
        return sigmoid(z)


@dataclass(frozen=True)
class GELU(Activation):
    """σ(z) = z·Φ(z), Φ the normal distribution. Source: Hendrycks and Gimpel 2016."""

    name = "gelu"
    range = (-0.17, inf)
    latex = r"{z}\,\Phi({z})"
    python = "gelu({z})"

    def __call__(self, z: Array) -> Array:
        return z * _normal_cdf(z)

    def prime(self, z: Array) -> Array:
        density = namespace(z).exp(-0.5 * z * z) / sqrt(2.0 * pi)
        return _normal_cdf(z) + z * density


@dataclass(frozen=True)
class SiLU(Activation):
    """σ(z) = z·sigmoid(z), also called swish. Source: Elfwing et al. 2018."""

    name = "silu"
    range = (-0.28, inf)
    latex = r"{z}\,\sigma({z})"
    python = "silu({z})"

    def __call__(self, z: Array) -> Array:
        return z * sigmoid(z)

    def prime(self, z: Array) -> Array:
        return sigmoid(z) + z * sigmoid.prime(z)


@dataclass(frozen=True)
class Mish(Activation):
    """σ(z) = z·tanh(softplus(z)). Source: Misra 2020."""

    name = "mish"
    range = (-0.31, inf)
    latex = r"{z}\tanh(\ln(1 + e^{{{z}}}))"
    python = "mish({z})"

    def __call__(self, z: Array) -> Array:
        return z * namespace(z).tanh(softplus(z))

    def prime(self, z: Array) -> Array:
        t = namespace(z).tanh(softplus(z))
        return t + z * sigmoid(z) * (1.0 - t * t)


@dataclass(frozen=True)
class Exponential(Activation):
    """σ(z) = exp z: the rate of a count (Poisson cost). For the last layer only."""

    name = "exponential"
    range = (0.0, inf)
    latex = r"e^{{{z}}}"
    python = "exp({z})"
    output_only = True

    def __call__(self, z: Array) -> Array:
        return namespace(z).exp(z)

    def prime(self, z: Array) -> Array:
        return namespace(z).exp(z)


@dataclass(frozen=True)
class Softmax(Activation):
    """a_j = exp(z_j) / Σ_k exp(z_k): probabilities. For the last layer only.

    It has no σ′: each a_j depends on every z_k, so the costs that take softmax
    (cross_entropy) give δ themselves. Source: Nielsen, ch. 3, (78).
    """

    name = "softmax"
    range = (0.0, 1.0)
    latex = r"\mathrm{{softmax}}({z})"
    python = "softmax({z})"
    elementwise = False
    output_only = True

    def __call__(self, z: Array) -> Array:
        xp = namespace(z)
        # Each row's own maximum: then no exponential can overflow.
        e = xp.exp(z - xp.amax(z, axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def prime(self, z: Array) -> Array:
        raise InputError(
            "softmax has no elementwise slope. Pair it with cross_entropy, "
            "where the error of the output is simply a - y."
        )


def softplus(z: Array) -> Array:
    """ln(1 + exp z), without overflow; also what costs from logits are made of."""
    xp = namespace(z)
    return xp.where(z > 0, z, xp.zeros_like(z)) + xp.log1p(xp.exp(-xp.abs(z)))


def _negative_part(z: Array) -> Array:
    """min(z, 0): keeps the branch that `where` throws away from overflowing."""
    xp = namespace(z)
    return xp.where(z < 0, z, xp.zeros_like(z))


def _normal_cdf(z: Array) -> Array:
    """Φ(z) with full relative accuracy in the left tail."""
    xp = namespace(z)
    if xp.__name__ == "torch":
        return xp.special.ndtr(z)
    from scipy.special import ndtr  # only GELU needs it

    return ndtr(z)


step = Step()
identity = Identity()
sigmoid = Sigmoid()
tanh = Tanh()
relu = ReLU()

ACTIVATIONS: dict[str, type[Activation]] = {
    member.name: member
    for member in (
        Step,
        Identity,
        Sigmoid,
        Tanh,
        ReLU,
        LeakyReLU,
        ELU,
        Softplus,
        GELU,
        SiLU,
        Mish,
        Exponential,
        Softmax,
    )
}
