"""Costs: what is to be made small, and its error δ at the output (BP1).

A cost reads the pre-activations z of the last layer as well as its activations a,
so none of them ever takes log 0. It names the output activations it is defined
with. Values are per example: the sum over the outputs; the mean over the examples
is taken by whoever asks (weighted, where examples have weights). Value and δ are
tested against each other for every pairing.

To add one: a class here and its line in COSTS; then the numpy engine has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from .._arrays import Array, check_number, join, namespace
from .._errors import InputError
from .activations import ACTIVATIONS, Activation, softplus

ELEMENTWISE = tuple(
    name for name, sigma in ACTIVATIONS.items() if sigma.elementwise and name != "step"
)


class Cost:
    """What every cost is."""

    name: ClassVar[str]
    outputs: ClassVar[tuple[str, ...]]
    """The output activations it is defined with."""
    latex: ClassVar[str]
    """C_x, the cost of one example."""
    needs: ClassVar[str] = ""
    """What its targets must be, in words; empty: any finite numbers."""

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        """C_x of each example, (m,), from z, a and y, each (m, n_L)."""
        raise NotImplementedError

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        """δ^L = ∂C_x/∂z^L, (m, n_L)."""
        raise NotImplementedError

    def fits(self, y: Array) -> bool:
        """Whether the targets are what this cost is defined for."""
        return True

    def check(self, sigma: Activation, y: Array | None = None) -> None:
        """Check the output activation and, if given, the targets.

        Raises:
            InputError: the cost is not defined with them.
        """
        if sigma.name not in self.outputs:
            friend = DEFAULT_COSTS.get(sigma.name, "quadratic")
            advice = (
                f"Choose that output, or cost {friend!r}."
                if sigma.name in COSTS[friend].outputs
                else "Choose that output."
            )
            raise InputError(
                f"cost {self.name} needs the output {join(self.outputs)}; "
                f"got output {sigma.name!r}. {advice}"
            )
        if y is not None and not self.fits(y):
            raise InputError(
                f"cost {self.name} needs targets that are {self.needs}; got values "
                f"from {float(y.min()):g} to {float(y.max()):g}. Encode the targets, "
                "or choose another cost."
            )


@dataclass(frozen=True)
class Quadratic(Cost):
    """C_x = ½‖a - y‖²: half the squared error. Source: Nielsen, ch. 1, (6)."""

    name = "quadratic"
    outputs = ELEMENTWISE
    latex = r"\tfrac12 \sum_j (a_j - y_j)^2"

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        return 0.5 * ((a - y) ** 2).sum(1)

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        return (a - y) * sigma.prime(z)


@dataclass(frozen=True)
class MeanAbsoluteError(Cost):
    """C_x = Σ|a - y|: pulls towards the median, so outliers weigh little."""

    name = "mean_absolute_error"
    outputs = ELEMENTWISE
    latex = r"\sum_j |a_j - y_j|"

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        return abs(a - y).sum(1)

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        return namespace(z).sign(a - y) * sigma.prime(z)


@dataclass(frozen=True)
class Huber(Cost):
    """Quadratic up to an error of `threshold`, linear beyond. Source: Huber 1964."""

    threshold: float = 1.0

    name = "huber"
    outputs = ELEMENTWISE
    latex = r"\sum_j \min(e_j, t) (e_j - \tfrac12 \min(e_j, t)), e_j = |a_j - y_j|"

    def __post_init__(self) -> None:
        check_number("huber threshold", self.threshold, above=0)

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        e, t = abs(a - y), self.threshold
        return namespace(z).where(e <= t, 0.5 * e * e, t * (e - 0.5 * t)).sum(1)

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        error = namespace(z).clip(a - y, -self.threshold, self.threshold)
        return error * sigma.prime(z)


@dataclass(frozen=True)
class BinaryCrossEntropy(Cost):
    """C_x = -Σ(y ln a + (1 - y) ln(1 - a)) with sigmoid outputs, from z.

    One output for two classes; several for labels that do not exclude each other
    (and for Nielsen's chapter 3). Source: Nielsen, ch. 3, (57).

    With a `floor` > 0 the value (not δ) reads a as no nearer to 0 and 1 than that.
    """

    floor: float = field(default=0.0, kw_only=True)

    name = "binary_cross_entropy"
    outputs = ("sigmoid",)
    latex = r"-\sum_j \left( y_j \ln a_j + (1 - y_j) \ln(1 - a_j) \right)"
    needs = "between 0 and 1"

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        if self.floor:
            xp = namespace(z)
            p = xp.clip(a, self.floor, 1.0 - self.floor)
            return -(y * xp.log(p) + (1.0 - y) * xp.log(1.0 - p)).sum(1)
        return (softplus(z) - y * z).sum(1)

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        return a - y

    def fits(self, y: Array) -> bool:
        return bool(y.min() >= 0 and y.max() <= 1)


@dataclass(frozen=True)
class CrossEntropy(Cost):
    """C_x = -Σ y ln a with a softmax output, from z: the default for classes.

    Source: Nielsen, ch. 3, (80); the rows of y sum to 1.

    With a `floor` > 0 the value (not δ) reads a as no nearer to 0 and 1 than that.
    """

    floor: float = field(default=0.0, kw_only=True)

    name = "cross_entropy"
    outputs = ("softmax",)
    latex = r"-\sum_j y_j \ln a_j"
    needs = "shares of the classes: >= 0, each row summing to 1 (such as one-hot)"

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        xp = namespace(z)
        if self.floor:
            return -(y * xp.log(xp.clip(a, self.floor, 1.0 - self.floor))).sum(1)
        top = xp.amax(z, axis=1)
        rest = xp.exp(z - top[:, None]).sum(1)
        return top + xp.log(rest) - (y * z).sum(1)  # ln Σ exp z - y·z

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        return a - y

    def fits(self, y: Array) -> bool:
        return bool(y.min() >= 0 and abs(y.sum(1) - 1).max() < 1e-4)


@dataclass(frozen=True)
class Hinge(Cost):
    """The margin cost: right by at least 1, or pay the difference.

    One output (y is 0 or 1, t = 2y - 1): max(0, 1 - t z). Several (y one-hot, c the
    right class): Σ_{j≠c} max(0, 1 + z_j - z_c). Source: Weston and Watkins 1999.
    """

    name = "hinge"
    outputs = ("identity",)
    latex = r"\sum_{j \ne c} \max(0, 1 + z_j - z_c)"
    needs = "0 or 1, with exactly one 1 in each row where there are several outputs"

    def _margins(self, z: Array, y: Array) -> Array:
        """How much each output pays; the right class itself pays nothing."""
        xp = namespace(z)
        if z.shape[1] == 1:
            margin = 1.0 - (2.0 * y - 1.0) * z
        else:
            margin = (1.0 - y) * (1.0 + z - (y * z).sum(1)[:, None])
        return xp.where(margin > 0, margin, xp.zeros_like(margin))

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        return self._margins(z, y).sum(1)

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        xp = namespace(z)
        paying = xp.where(self._margins(z, y) > 0, xp.ones_like(z), xp.zeros_like(z))
        if z.shape[1] == 1:
            return (1.0 - 2.0 * y) * paying
        return paying - y * paying.sum(1)[:, None]

    def fits(self, y: Array) -> bool:
        zero_or_one = bool(((y == 0) | (y == 1)).all())
        return zero_or_one and (y.shape[1] == 1 or bool((y.sum(1) == 1).all()))


@dataclass(frozen=True)
class Poisson(Cost):
    """C_x = Σ(a - y ln a + y ln y - y), a = exp z the rate of a count, from z.

    Half the Poisson deviance: 0 where the rate equals the count.
    """

    name = "poisson"
    outputs = ("exponential",)
    latex = r"\sum_j (a_j - y_j \ln a_j + y_j \ln y_j - y_j)"
    needs = ">= 0"

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        xp = namespace(z)
        y_ln_y = y * xp.log(xp.where(y > 0, y, xp.ones_like(y)))
        return (a - y * z + y_ln_y - y).sum(1)

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        return a - y

    def fits(self, y: Array) -> bool:
        return bool(y.min() >= 0)


@dataclass(frozen=True)
class Quantile(Cost):
    """C_x = Σ max(q(y - a), (1 - q)(a - y)): pulls towards the quantile q of y.

    q = 0.5 is half the mean absolute error. Source: Koenker and Bassett 1978.
    """

    q: float = 0.5

    name = "quantile"
    outputs = ELEMENTWISE
    latex = r"\sum_j \max\left( q (y_j - a_j), (1 - q)(a_j - y_j) \right)"

    def __post_init__(self) -> None:
        check_number("quantile q", self.q, above=0, below=1)

    def __call__(self, z: Array, a: Array, y: Array) -> Array:
        e = a - y
        return namespace(z).where(e < 0, -self.q * e, (1.0 - self.q) * e).sum(1)

    def delta(self, z: Array, a: Array, y: Array, sigma: Activation) -> Array:
        xp, e = namespace(z), a - y
        # 0 where a is y, as for the mean absolute error, so that a fit can rest there.
        slope = xp.where(e < 0, -self.q * xp.ones_like(e), (1.0 - self.q) * xp.sign(e))
        return slope * sigma.prime(z)


COSTS: dict[str, type[Cost]] = {
    member.name: member
    for member in (
        Quadratic,
        MeanAbsoluteError,
        Huber,
        BinaryCrossEntropy,
        CrossEntropy,
        Hinge,
        Poisson,
        Quantile,
    )
}

DEFAULT_COSTS = {
    "softmax": "cross_entropy",
    "sigmoid": "binary_cross_entropy",
    "exponential": "poisson",
}
"""The cost of an output that is not told; every other output: quadratic."""


def mean(cost_of_example: Array, weight: Array | None = None) -> float:
    """C: the mean of C_x over the examples, by weight where there are weights.

    Args:
        cost_of_example: (m,).
        weight: (m,) or None for equal weights. Weight 2 counts as given twice.
    """
    if weight is None:
        return float(cost_of_example.mean())
    total = float(weight.sum())
    return float(np.dot(cost_of_example, weight)) / total if total else 0.0
