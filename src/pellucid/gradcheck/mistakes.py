"""Classic mistakes, each as a formula: what a wrong equation would give, and its name.

A number that is not the page's is compared with what each mistake would make of the
same ingredients; the one that agrees to all digits is the one that was made. Where two
mistakes came together, both are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import Array
from ..mathematics.activations import ACTIVATIONS, Activation
from ..mathematics.costs import Cost

SAME = 1e-5
"""Relative distance up to which numbers agree; single precision is far below."""

FACTOR_SAME = 1e-4
"""The same, for the ratio of two arrays."""


@dataclass(frozen=True)
class Slip:
    """One way to get an equation wrong.

    Attributes:
        name: the same each time, such as "wrong sign".
        meaning: what stands there, and what must.
        advice: what to write.
    """

    name: str
    meaning: str
    advice: str


Term = tuple[Slip | None, Array]
"""An ingredient of an equation: as it must be (None), or slipped."""

SIGN = Slip("wrong sign", "the sign is turned round", "Turn it.")


def same(got: Array | None, want: Array) -> bool:
    """Whether the numbers agree."""
    if got is None or got.shape != want.shape or not np.isfinite(got).all():
        return False
    norm = float(np.linalg.norm(want))
    return bool(np.linalg.norm(got - want) <= SAME * (norm or 1.0))


def named(
    got: Array, ways: Iterable[tuple[tuple[Slip, ...], Array]]
) -> tuple[Slip, ...] | None:
    """The fewest slips that explain what came; None where no known ones do."""
    found = [slips for slips, value in ways if same(got, value)]
    return min(found, key=len, default=None)


def products(first: list[Term], second: list[Term]) -> Iterator[Any]:
    """All combinations of two ingredients, with either sign."""
    for slip_1, one in first:
        for slip_2, two in second:
            slips = tuple(slip for slip in (slip_1, slip_2) if slip is not None)
            yield slips, one * two
            yield (*slips, SIGN), -one * two


def scale_of(got: Array | None, want: Array) -> float | None:
    """The c with got = c·want; None where there is none, or where c is 0 or 1."""
    if got is None or got.shape != want.shape or not np.isfinite(got).all():
        return None
    square = float((want * want).sum())
    c = float((got * want).sum()) / square if square else 0.0
    if abs(c) < FACTOR_SAME or not same(got, c * want):
        return None
    return c


def slopes(sigma: Activation, z: list[Array], a: list[Array], l: int) -> list[Term]:
    """σ′(z^l), and what is taken for it."""
    right, ones = sigma.prime(z[l]), np.ones_like(z[l])
    multiply = f"Multiply by σ′(z^{l}), element by element."
    terms: list[Term] = [
        (None, right),
        (Slip("σ′ is missing", f"there is no σ′(z^{l})", multiply), ones),
        (
            Slip(
                "σ′ of an activation",
                f"σ′ is taken of the activation a^{l}, and a is σ(z) already",
                f"Hand z^{l} to σ′.",
            ),
            sigma.prime(a[l]),
        ),
        (
            Slip("σ instead of σ′", f"σ(z^{l}) stands where σ′(z^{l}) must", multiply),
            a[l],
        ),
        (
            Slip(
                "σ′ of an activation",
                "the slope is written for a, as a(1 - a) or 1 - a², and is given z",
                f"Hand it a^{l}, or write σ(z)(1 - σ(z)).",
            ),
            1.0 - z[l] ** 2 if sigma.name == "tanh" else z[l] * (1.0 - z[l]),
        ),
    ]
    if sigma.name == "tanh":
        words = f"(1 - a^{l})² stands where 1 - (a^{l})² must"
        slip = Slip("bracket in the wrong place", words, "Square a, not 1 - a.")
        terms.append((slip, (1.0 - a[l]) ** 2))
    for k in range(1, len(z)):
        if k != l and z[k].shape == z[l].shape:
            meaning = f"σ′ is taken of z^{k}, and must be of z^{l}"
            slip = Slip("σ′ of the wrong layer", meaning, f"Use z^{l}.")
            terms.append((slip, sigma.prime(z[k])))
    return terms + _other_slopes(sigma, z[l])


def _other_slopes(sigma: Activation, z: Array) -> list[Term]:
    terms: list[Term] = []
    for name, kind in ACTIVATIONS.items():
        if kind.elementwise and name not in (sigma.name, "step", "identity"):
            meaning = f"the slope is that of {name}, and the layer has {sigma.name}"
            slip = Slip("σ′ of another function", meaning, f"Use that of {sigma.name}.")
            terms.append((slip, kind().prime(z)))
    return terms


def output_errors(
    cost: Cost, sigma: Activation, z: list[Array], a: list[Array], y: Array
) -> list[tuple[tuple[Slip, ...], Array]]:
    """What BP1 gives when it is got wrong."""
    L = len(z) - 1
    right = cost.delta(z[L], a[L], y, sigma)
    ways: list[Any] = [((), right), ((SIGN,), -right)]
    error = a[L] - y
    if cost.name == "quadratic":
        squared = Slip("error squared", "a - y is squared", "Its slope is a - y.")
        forgot = Slip("y is missing", "there is no - y", "Begin with a - y.")
        errors: list[Term] = [(None, error), (squared, error**2), (forgot, a[L])]
        ways += products(errors, slopes(sigma, z, a, L))
    elif cost.name in ("binary_cross_entropy", "cross_entropy"):
        extra = Slip(
            "σ′ too many",
            f"σ′(z^{L}) stands there, which {cost.name} with {sigma.name} cancels",
            "δ^L is a - y.",
        )
        ways += products([(None, error)], [(extra, a[L] * (1.0 - a[L]))])
        alone = Slip(
            "σ′ is missing",
            f"it is ∂C/∂a^{L} alone, as if there were no {sigma.name} before the cost",
            "δ^L is a - y.",
        )
        many = cost.name == "cross_entropy"
        slope = -y / a[L] if many else error / (a[L] * (1.0 - a[L]))
        ways += products([(None, slope)], [(alone, np.ones_like(slope))])
    return ways


def hidden_errors(
    sigma: Activation,
    w: list[Array],
    z: list[Array],
    a: list[Array],
    delta: list[Array],
    l: int,
) -> list[tuple[tuple[Slip, ...], Array]]:
    """What BP2 gives in layer l when it is got wrong, each with either sign."""
    above, n = delta[l + 1], z[l].shape[1]

    def product(d: Array, matrix: Array | None) -> Array | None:
        if matrix is None:
            return d if d.shape[1] == n else None
        fits = matrix.shape[0] == d.shape[1] and matrix.shape[1] == n
        return d @ matrix if fits else None

    must = f"It must be (w^{l + 1})ᵀ δ^{l + 1}."
    turned = Slip(
        "w not transposed", f"w^{l + 1} stands where its transpose must", must
    )
    other = Slip("w of the wrong layer", f"w^{l} stands where w^{l + 1} must", must)
    none = Slip("w is missing", f"δ^{l + 1} is not multiplied by w^{l + 1}", must)
    jump = Slip("δ of the wrong layer", f"δ^{l + 1} is passed over", must)
    tried = [
        (None, product(above, w[l + 1])),
        (turned, product(above, w[l + 1].T)),
        (other, product(above, w[l])),
        (none, product(above, None)),
    ]
    if l + 1 < len(delta) - 1:
        tried.append((jump, product(delta[-1], w[l + 1])))
        tried.append((jump, product(delta[-1], w[-1])))
    back = [(slip, value) for slip, value in tried if value is not None]
    return list(products(back, slopes(sigma, z, a, l)))


def weight_gradients(
    z: list[Array], a: list[Array], delta: list[Array], l: int
) -> list[tuple[tuple[Slip, ...], Array]]:
    """What BP4 gives for one example in layer l when it is got wrong."""
    d, before = delta[l], a[l - 1]
    must = f"It must be δ^{l} (a^{l - 1})ᵀ, row j and column k: δ_j a_k."
    turned = Slip("product transposed", f"∂C/∂w^{l} is transposed", must)
    ways: list[Any] = [((), d.T @ before), ((turned,), before.T @ d)]
    for k in range(1, len(z)):
        if z[k].shape == before.shape:
            meaning = f"z^{k} stands where a^{l - 1} must"
            ways.append(((Slip("z instead of a", meaning, must),), d.T @ z[k]))
    for k in range(len(a)):
        if k != l - 1 and a[k].shape == before.shape:
            meaning = f"a^{k} stands where a^{l - 1} must"
            ways.append(((Slip("a of the wrong layer", meaning, must),), d.T @ a[k]))
    for k in range(1, len(delta)):
        if k != l and delta[k] is not None and delta[k].shape == d.shape:
            meaning = f"δ^{k} stands where δ^{l} must"
            slip = Slip("δ of the wrong layer", meaning, must)
            ways.append(((slip,), delta[k].T @ before))
    return ways + [((*slips, SIGN), -value) for slips, value in ways]


def bias_gradients(
    sigma: Activation, z: list[Array], delta: list[Array], l: int
) -> list[tuple[tuple[Slip, ...], Array]]:
    """What BP3 gives for one example in layer l when it is got wrong."""
    must, ways = f"It must be δ^{l} itself.", [((SIGN,), -delta[l])]
    if sigma.elementwise:
        slip = Slip("σ′ too many", f"δ^{l} is multiplied by σ′(z^{l}) once more", must)
        ways.append(((slip,), delta[l] * sigma.prime(z[l])))
    for k in range(1, len(delta)):
        if k != l and delta[k] is not None and delta[k].shape == delta[l].shape:
            meaning = f"δ^{k} stands where δ^{l} must"
            ways.append(((Slip("δ of the wrong layer", meaning, must),), delta[k]))
    return ways  # type: ignore[return-value]
