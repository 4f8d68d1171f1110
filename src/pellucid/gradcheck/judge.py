"""The judge: a student's numbers against the page's, equation by equation.

Each equation is checked by itself, from the student's own numbers before it: δ^l from
the student's δ^(l+1), ∂C/∂w^l from the student's δ^l. So one mistake is one finding, at
the layer where it was made, however far it spreads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import Array
from .._findings import Finding
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from .answers import Asking
from .mistakes import (
    Slip,
    bias_gradients,
    hidden_errors,
    named,
    output_errors,
    same,
    scale_of,
    weight_gradients,
)

EQUATIONS = {
    "z": "z = w a + b",
    "a": "a = σ(z)",
    "BP1": "δ^L = ∂C/∂a^L ⊙ σ′(z^L)",
    "BP2": "δ^l = ((w^(l+1))ᵀ δ^(l+1)) ⊙ σ′(z^l)",
    "BP3": "∂C/∂b^l = δ^l",
    "BP4": "∂C/∂w^l = δ^l (a^(l-1))ᵀ",
    "mean": "∇C = (1/m) Σ ∇C_x",
    "update": "w → w - η ∂C/∂w, b → b - η ∂C/∂b",
}

UNKNOWN = Slip(
    "wrong numbers",
    "its numbers are not the page's, and none of the usual mistakes gives them",
    "Compare it with pellucid.trace, number by number.",
)
EARLY = Slip(
    "update too early",
    "w is changed while the way back still needs the old one",
    "First all δ and gradients, then one update of all layers together.",
)


@dataclass(frozen=True)
class Case:
    """A network of a few numbers, examples, and how their cost is counted.

    Attributes:
        network: sizes, activations, weights, float64.
        cost: of one example.
        x: (m, n_0).
        y: (m, n_L).
        half: whether the quadratic cost has its ½.
        mean: whether the gradient of several examples is their mean, else their sum.
    """

    network: Network
    cost: Cost
    x: Array
    y: Array
    half: bool
    mean: bool


def finding(slip: Slip, layer: int | None, equation: str, more: str = "") -> Finding:
    """A slip at its place, as a sentence."""
    place = f"layer {layer}, " if layer else ""
    name = equation if equation.startswith("BP") else f"the {equation}"
    name = "" if equation in ("z", "a", "mean", "update") else f"{name}, "
    meaning = f"{place}{name}{EQUATIONS[equation]}: {slip.meaning}.{more}"
    measured = {"layer": layer, "equation": equation}
    return Finding(slip.name, measured, meaning, slip.advice)


def scaled(got: Array | None, want: Array) -> tuple[Slip, ...]:
    """What is to be said of numbers that no known mistake gives."""
    c = scale_of(got, want)
    if got is not None and not np.isfinite(got).all():
        words = "not all of its numbers are finite"
        return (Slip("not finite", words, "Look for an overflow or a division by 0."),)
    if got is not None and not got.any():
        return (Slip("left out", "it is 0", "It must be computed and kept."),)
    if c is None:
        return (UNKNOWN,)
    words = f"it is {c:.6g} times what it must be"
    return (Slip("a factor too much", words, f"Leave the factor {c:.6g} out."),)


def judge_backward(asking: Asking, case: Case) -> list[Finding]:
    """Findings on BP1 to BP4, and on the mean over the examples.

    Raises:
        Unfit: a call failed.
    """
    from ..mathematics.backprop import feedforward

    z, a = feedforward(case.network, case.x)
    alone = []
    for i in range(len(case.x)):
        one = slice(i, i + 1)
        zs, rows = [None, *(v[one] for v in z[1:])], [v[one] for v in a]
        w, b, kept = asking.backward(zs, rows, case.y[one])
        if not kept:
            return [
                finding(EARLY, None, "update", " backward changes what it is given.")
            ]
        alone.append((w, b))
    L = case.network.L
    found: list[Finding] = []
    delta: list[Any] = [None] * (L + 1)
    for l in range(L, 0, -1):
        grads = [w[l] for w, _ in alone]
        errors = np.concatenate([np.reshape(b[l], (1, -1)) for _, b in alone])
        found += _judge_layer(case, z, a, delta, l, grads, errors)
    if not asking.layout.single:
        w, b, _ = asking.backward(z, a, case.y)
        found += _judge_mean(case, alone, w, b)
    return found


def _judge_layer(
    case: Case,
    z: list[Array],
    a: list[Array],
    delta: list[Any],
    l: int,
    grads: list[Array],
    errors: Array,
) -> list[Finding]:
    """Findings on one layer; its δ, as the student has it, goes into `delta`."""
    network = case.network
    sigma, L = network.sigma, network.L
    equation = "BP1" if l == L else "BP2"
    if l == L:
        factor = 1.0 if case.half or case.cost.name != "quadratic" else 2.0
        errs = output_errors(case.cost, sigma[L], z, a, case.y)
        ways = [(slips, factor * value) for slips, value in errs]
    else:
        ways = hidden_errors(sigma[l], network.w, z, a, delta, l)
    right = next(value for slips, value in ways if not slips)
    total = np.sum(grads, axis=0)
    if not total.any() and not errors.any():
        delta[l] = right
        words = "its gradients are 0: it was passed over"
        slip = Slip("layer left out", words, f"The loop must reach layer {l}.")
        return [finding(slip, l, equation)]
    inside = _delta_in(grads, a[l - 1])
    known = [(e, named(e, ways)) for e in (errors, inside) if e is not None]
    best = min((k for k in known if k[1] is not None), key=lambda k: len(k[1] or ()),
               default=None)  # fmt: skip
    consistent = inside is not None and same(inside, errors)
    if best is None and not consistent:
        delta[l] = right  # judge both gradients against it
        slips: tuple[Slip, ...] = ()
    else:
        delta[l], slips = best or (errors, scaled(errors, right))  # type: ignore[assignment]
    found = [finding(slip, l, equation) for slip in slips]
    double = case.half and case.cost.name == "quadratic" and l == L
    if double and same(delta[l], 2.0 * right):
        found = [finding(_no_half(), l, equation)]
    if not same(errors, delta[l]):
        slips = named(errors, bias_gradients(sigma[l], z, delta, l)) or scaled(
            errors, delta[l]
        )
        found += [finding(slip, l, "BP3") for slip in slips]
    want = delta[l].T @ a[l - 1]
    if not same(total, want):
        slips = named(total, weight_gradients(z, a, delta, l)) or scaled(total, want)
        found += [finding(slip, l, "BP4") for slip in slips]
    return found


def _no_half() -> Slip:
    return Slip(
        "twice the gradient",
        "it is 2 (a - y) σ′(z): that belongs to C = ‖a - y‖², without the ½",
        "If your lecture has no ½, write HALF = False in the file.",
    )


def _delta_in(grads: list[Array], before: Array) -> Array | None:
    """The δ of each example in its ∂C/∂w = δ aᵀ, (m, n_l); None where it is no such."""
    rows = []
    for grad, a in zip(grads, before, strict=True):
        square = float(a @ a)
        if grad.shape[1] != len(a) or not square or not np.isfinite(grad).all():
            return None
        rows.append(grad @ a / square)
        if not same(grad, np.outer(rows[-1], a)):
            return None
    return np.array(rows)


def _judge_mean(
    case: Case, alone: list[Any], w: list[Array], b: list[Array]
) -> list[Finding]:
    """Findings on several examples at once, from the student's own of each alone."""
    m, found = len(case.x), []
    for letter, place, got in (("w", 0, w), ("b", 1, b)):
        for l in range(1, case.network.L + 1):
            each = np.array([pair[place][l].reshape(got[l].shape) if
                             pair[place][l].size == got[l].size else pair[place][l]
                             for pair in alone])  # fmt: skip
            total = each.sum(0)
            want = total / m if case.mean else total
            if same(got[l], want):
                continue
            slip = _mean_slip(got[l], each, want, m, case.mean)
            found.append((slip, l, f" (It is ∂C/∂{letter}^{l} of {m} examples.)"))
    names = {slip.name for slip, *_ in found}
    if len(names) == 1 and len(found) > 1:  # one mistake, everywhere
        more = f" (Of {m} examples together; each alone is as it must be.)"
        return [finding(found[0][0], None, "mean", more)]
    return [finding(slip, l, "mean", more) for slip, l, more in found]


def _mean_slip(got: Array, each: Array, want: Array, m: int, mean: bool) -> Slip:
    """What went wrong with the sum over the examples."""
    rows = each.reshape(m, -1)
    if got.shape != want.shape:
        words = "the examples are not summed: there is one gradient for each"
        return Slip("not summed", words, "Sum over the examples, as .sum(0) does.")
    if mean and same(got, want * m):
        return Slip(
            "sum instead of mean",
            f"it is the sum over the {m} examples",
            "Divide by m; or write MEAN = False in the file if the update divides.",
        )
    if same(got, want / m):
        return Slip("divided twice", f"it is divided by m = {m} once more", "Once.")
    for i, word in ((0, "first"), (-1, "last")):
        if same(got.ravel(), rows[i]) or same(got.ravel(), rows[i] / m):
            words = f"only the {word} of {m} examples counts"
            return Slip("examples left out", words, "Sum over all of them.")
    return scaled(got, want)[0]
