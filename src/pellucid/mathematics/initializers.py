"""The first weights and biases of a layer.

Each is a rule (n_out, n_in, random) -> (w, b) with w (n_out, n_in) and b (n_out,)
in float64. `random` is the network's own stream, so a seed gives one network.

To add one: a class here and its line in INITIALIZERS.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np

from .._arrays import Array, check_finite
from .._errors import InputError

Layer = tuple[Array, Array]


class Initializer:
    """What every initializer is."""

    name: ClassVar[str]

    def __call__(
        self, n_out: int, n_in: int, random: np.random.RandomState, l: int = 1
    ) -> Layer:
        """W (n_out, n_in) and b (n_out,) of layer l."""
        raise NotImplementedError


@dataclass(frozen=True)
class Nielsen(Initializer):
    """Every weight and bias from N(0, 1). Source: Nielsen, ch. 1."""

    name = "nielsen"

    def __call__(
        self, n_out: int, n_in: int, random: np.random.RandomState, l: int = 1
    ) -> Layer:
        w = random.standard_normal((n_out, n_in))
        return w, random.standard_normal(n_out)


@dataclass(frozen=True)
class Scaled(Initializer):
    """Weights from N(0, 1/n_in), biases from N(0, 1): z starts near N(0, 1).

    Source: Nielsen, ch. 3, "Weight initialization".
    """

    name = "scaled"

    def __call__(
        self, n_out: int, n_in: int, random: np.random.RandomState, l: int = 1
    ) -> Layer:
        w = random.standard_normal((n_out, n_in)) / sqrt(n_in)
        return w, random.standard_normal(n_out)


@dataclass(frozen=True)
class Glorot(Initializer):
    """Weights uniform in ±√(6/(n_in + n_out)), biases 0. Glorot and Bengio 2010."""

    name = "glorot"

    def __call__(
        self, n_out: int, n_in: int, random: np.random.RandomState, l: int = 1
    ) -> Layer:
        bound = sqrt(6.0 / (n_in + n_out))
        return random.uniform(-bound, bound, (n_out, n_in)), np.zeros(n_out)


@dataclass(frozen=True)
class He(Initializer):
    """Weights from N(0, 2/n_in), biases 0: made for ReLU. Source: He et al. 2015."""

    name = "he"

    def __call__(
        self, n_out: int, n_in: int, random: np.random.RandomState, l: int = 1
    ) -> Layer:
        w = random.standard_normal((n_out, n_in)) * sqrt(2.0 / n_in)
        return w, np.zeros(n_out)


@dataclass(frozen=True)
class Zeros(Initializer):
    """All 0, for the lesson on why not: every hidden unit then learns the same."""

    name = "zeros"

    def __call__(
        self, n_out: int, n_in: int, random: np.random.RandomState, l: int = 1
    ) -> Layer:
        return np.zeros((n_out, n_in)), np.zeros(n_out)


@dataclass(frozen=True)
class Given(Initializer):
    """Your own arrays: w[0] and b[0] are those of the first layer.

    Args:
        w: one (n_l, n_(l-1)) array a layer.
        b: one (n_l,) array a layer.
    """

    w: tuple[Array, ...]
    b: tuple[Array, ...]

    name = "given"

    def __call__(
        self, n_out: int, n_in: int, random: np.random.RandomState, l: int = 1
    ) -> Layer:
        w, b = np.asarray(self.w[l - 1]), np.asarray(self.b[l - 1])
        if w.shape != (n_out, n_in) or b.shape != (n_out,):
            raise InputError(
                f"layer {l} must have w {(n_out, n_in)} and b {(n_out,)}; got "
                f"{w.shape} and {b.shape}. w is (outputs, inputs)."
            )
        check_finite(w, f"w of layer {l}")
        check_finite(b, f"b of layer {l}")
        return w, b

    def check(self, L: int) -> None:
        """Check that there is one w and one b for each of L layers.

        Raises:
            InputError: there are fewer or more.
        """
        if not len(self.w) == len(self.b) == L:
            raise InputError(
                f"given arrays must be one w and one b for each of the {L} layers; "
                f"got {len(self.w)} and {len(self.b)}."
            )


INITIALIZERS: dict[str, type[Initializer]] = {
    member.name: member for member in (Nielsen, Scaled, Glorot, He, Zeros)
}

DEFAULT_INITIALIZERS = {
    "relu": "he",
    "leaky_relu": "he",
    "elu": "he",
    "softplus": "he",
    "gelu": "he",
    "silu": "he",
    "mish": "he",
}
"""The first weights before an activation, if not told; before any other: glorot."""
