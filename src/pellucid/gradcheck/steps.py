"""The judge of the way forward and of the update."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays import Array
from .._findings import Finding
from ..mathematics.activations import ACTIVATIONS, Activation
from ..mathematics.backprop import backprop, feedforward, gradient
from ..mathematics.network import Parameters
from .answers import Asking
from .judge import EARLY, UNKNOWN, Case, finding, scaled
from .mistakes import FACTOR_SAME, Slip, named, same, scale_of

ETA = 0.37
"""No power of ten and no fraction: what is divided by it can't be mistaken."""


def judge_forward(asking: Asking, case: Case) -> list[Finding]:
    """Findings on z and a, layer by layer, each from the student's own before it.

    Raises:
        Unfit: the call failed.
    """
    network = case.network
    if asking.layout.single:
        each = [asking.forward(case.x[i : i + 1]) for i in range(len(case.x))]
        z = [None, *_stacked([one[0][1:] for one in each])]
        a = _stacked([one[1] for one in each])
        kept = all(one[2] for one in each)
    else:
        z, a, kept = asking.forward(case.x)
    found = []
    if not kept:
        slip = Slip("arguments changed", "forward changes what it is given",
                    "Work on copies: z = ..., not x += ...")  # fmt: skip
        found.append(finding(slip, None, "z"))
    for l in range(1, network.L + 1):
        w, b, sigma = network.w[l], network.b[l], network.sigma[l]
        want = a[l - 1] @ w.T + b
        if not same(z[l], want):
            slips = named(z[l], _sums(w, b, z, a, l)) or scaled(z[l], want)
            found += [finding(slip, l, "z") for slip in slips]
        want = sigma(z[l])
        if not same(a[l], want):
            slips = named(a[l], _answers(sigma, z[l])) or scaled(a[l], want)
            found += [finding(slip, l, "a") for slip in slips]
    return found


def _stacked(each: list[list[Array]]) -> list[Array]:
    return [np.concatenate(layer) for layer in zip(*each, strict=True)]


def _sums(w: Array, b: Array, z: list[Array], a: list[Array], l: int) -> list[Any]:
    """What z^l = w a + b gives when it is got wrong."""
    before = a[l - 1]
    ways: list[Any] = [
        ((Slip("bias is missing", f"b^{l} is missing", "Add it."),), before @ w.T),
        ((Slip("bias subtracted", f"b^{l} is subtracted", "Add it."),),
         before @ w.T - b),
    ]  # fmt: skip
    if w.shape[0] == w.shape[1]:
        slip = Slip(
            "w transposed", f"w^{l} is transposed", f"Row j of w^{l} goes to j."
        )
        ways.append(((slip,), before @ w + b))
    others = [("x", a[0]), *((f"z^{k}", z[k]) for k in range(1, l))]
    others += [(f"a^{k}", a[k]) for k in range(1, l - 1)]
    for name, value in others:
        if value.shape == before.shape and l > 1:
            words = f"{name} stands where a^{l - 1} must"
            advice = f"Each layer takes the activation before it, a^{l - 1}."
            ways.append(((Slip("wrong input", words, advice),), value @ w.T + b))
    return ways


def _answers(sigma: Activation, z: Array) -> list[Any]:
    """What a = σ(z) gives when it is got wrong."""
    must = f"It must be {sigma.name}(z)."
    none = Slip("σ is missing", "a is z: there is no activation", must)
    twice = Slip("σ twice", "σ is taken of σ(z)", must)
    turned = Slip("wrong sign", f"it is {sigma.name}(-z)", must)
    ways: list[Any] = [
        ((none,), z),
        ((turned,), sigma(-z)),
        ((twice,), sigma(sigma(z))),
    ]
    if sigma.name == "softmax":
        e = np.exp(z)
        slip = Slip(
            "softmax over the wrong axis",
            "its sum runs over the examples, not over the outputs of each",
            "Sum over the outputs: each example has its own.",
        )
        ways += [((slip,), e / e.sum(0)), ((slip,), e / e.sum())]
    for name, kind in ACTIVATIONS.items():
        if name != sigma.name:
            slip = Slip("another activation", f"it is {name}(z)", must)
            ways.append(((slip,), kind()(z)))
    return ways


def judge_update(
    asking: Asking, case: Case, own: tuple[list[Array], list[Array]] | None
) -> list[Finding]:
    """Findings on one step.

    Args:
        asking: the student's functions.
        case: the network and examples.
        own: ∂C/∂w and ∂C/∂b by the student's own backward, of the same examples; None
            where it has none.

    Raises:
        Unfit: the call failed.
    """
    network = case.network
    many = 1 if asking.layout.single else len(case.x)
    x, y = case.x[:many], case.y[:many]
    w, b = asking.update(x, y, ETA)
    moved = [((network.w[l] - w[l]), (network.b[l] - b[l])) for l in _layers(case)
             if w[l].shape == network.w[l].shape]  # fmt: skip
    if len(moved) < network.L:
        slip = Slip("product transposed", "w comes back transposed", "Keep its shape.")
        return [finding(slip, None, "update")]
    page = _page(case, x, y)
    wants = [page] if own is None else [own, page]
    steps = [
        _flat([ETA * v for v in w[1:]], [ETA * v for v in b[1:]]) for w, b in wants
    ]
    got = _flat([step for step, _ in moved], [step for _, step in moved])
    if any(same(got, step) for step in steps):
        return []
    early = [_early(case, x, y, again) for again in (False, True)]
    if any(same(got, early_step) for early_step in early):
        return [finding(EARLY, None, "update")]
    return [finding(_step_slip(got, steps, moved, many), None, "update")]


def _layers(case: Case) -> range:
    return range(1, case.network.L + 1)


def _flat(w: list[Array], b: list[Array]) -> Array:
    return np.concatenate([v.ravel() for v in (*w, *b)])


def _page(case: Case, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
    """The page's gradients."""
    network = case.network
    z, a = feedforward(network, x)
    delta = backprop(network, case.cost, z, a, y)
    nabla = gradient(a, delta, network.parameters.zeros())
    factor = 1.0 if case.half or case.cost.name != "quadratic" else 2.0
    nabla.theta[:] *= factor * (1 if case.mean else len(x))
    return nabla.w, nabla.b


def _early(case: Case, x: Array, y: Array, again: bool) -> Array:
    """The step where each layer is changed before δ goes on through it.

    Args:
        case: network and cost.
        x: inputs.
        y: targets.
        again: whether z and a are computed anew after each change, too.
    """
    changed = case.network.copy()
    twin = Case(changed, case.cost, x, y, case.half, case.mean)
    before: Parameters = case.network.parameters
    z, a = feedforward(changed, x)
    delta: list[Any] = [None] * (changed.L + 1)
    for l in range(changed.L, 0, -1):
        if again:
            w, b = _page(twin, x, y)
        else:
            if l == changed.L:
                delta = backprop(changed, case.cost, z, a, y)
            else:
                slope = changed.sigma[l].prime(z[l])
                delta[l] = delta[l + 1] @ changed.w[l + 1] * slope
            some = Parameters(changed.sizes, changed.parameters.theta * 0.0)
            gradient(a, delta, some)
            some.theta[:] *= 1.0 if case.mean else len(x)
            some.theta[:] *= 1 if case.half or case.cost.name != "quadratic" else 2
            w, b = some.w, some.b
        changed.w[l][:] -= ETA * w[l]
        changed.b[l][:] -= ETA * b[l]
    moved = [(before.w[l] - changed.w[l], before.b[l] - changed.b[l])
             for l in _layers(case)]  # fmt: skip
    return _flat([w for w, _ in moved], [b for _, b in moved])


def _step_slip(got: Array, steps: list[Array], moved: list[Any], m: int) -> Slip:
    """What is wrong with a step."""
    if not got.any():
        return Slip("nothing moves", "w and b come back as they were", "Return them.")
    for name, place in (("w", 0), ("b", 1)):
        if not any(pair[place].any() for pair in moved):
            words = f"no {name} is changed"
            return Slip("half an update", words, f"Change {name} by η times its share.")
    for step in steps:
        if scale_of(got, step) is not None:
            return _ratio_slip(got, step, m)
        n = sum(w.size for w, _ in moved)
        halves = {"w": (got[:n], step[:n]), "b": (got[n:], step[n:])}
        wrong = {name: pair for name, pair in halves.items() if not same(*pair)}
        for name, pair in wrong.items():
            slip = _ratio_slip(*pair, m)
            if len(wrong) == 1 and slip != UNKNOWN:
                return Slip(slip.name, f"of {name} alone {slip.meaning}", slip.advice)
    return UNKNOWN


def _ratio_slip(got: Array, step: Array, m: int) -> Slip:
    """What a step is that is so many times what it must be."""
    c = scale_of(got, step)
    ratios = {
        -1.0: Slip("wrong sign", "it goes uphill, along +∇C", "Subtract."),
        1 / ETA: Slip("η is missing", "the step is the whole gradient",
                      "Multiply the gradient by η."),
        float(m): Slip("sum instead of mean", f"it is {m} times too large, the sum",
                       "Divide by m."),
        1.0 / m: Slip("divided twice", f"it is divided by m = {m} once more",
                      "Once."),
    }  # fmt: skip
    for ratio, slip in ratios.items():
        if c is not None and abs(c / ratio - 1.0) < FACTOR_SAME:
            return slip
    return scaled(got, step)[0]
