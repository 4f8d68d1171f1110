"""A whole network written out as one formula, in Python and in LaTeX.

A network is nothing but a formula with numbers in it. Both texts hold every number
with all its digits, so that evaluating them gives the network's output.
"""

from __future__ import annotations

from dataclasses import fields
from math import erf, exp, expm1, log1p, sqrt, tanh
from typing import Any

from .. import _limits
from .._errors import InputError
from .network import Network, Parameters


def _sigmoid(z: float) -> float:
    return 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))


def _softplus(z: float) -> float:
    return max(z, 0.0) + log1p(exp(-abs(z)))


def _softmax(z: list[float]) -> list[float]:
    e = [exp(v - max(z)) for v in z]
    return [v / sum(e) for v in e]


GROUP = 100  # terms of a sum that stand together

VOCABULARY: dict[str, Any] = {
    "exp": exp,
    "tanh": tanh,
    "sigmoid": _sigmoid,
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z, slope: z if z > 0 else slope * z,
    "elu": lambda z, alpha: z if z > 0 else alpha * expm1(z),
    "softplus": _softplus,
    "gelu": lambda z: z * 0.5 * (1.0 + erf(z / sqrt(2.0))),
    "silu": lambda z: z * _sigmoid(z),
    "mish": lambda z: z * tanh(_softplus(z)),
    "softmax": _softmax,
}
"""What the words of a Python formula mean: `eval(text, {**VOCABULARY, "x": [...]})`."""


def python(network: Network) -> str:
    """The network as one Python expression in x, a list of its n_0 inputs.

    Evaluate it with `eval(python(network), {**VOCABULARY, "x": [...]})`: it gives
    the list of the n_L outputs. Layer by layer, a is bound to the activations, so
    each number stands once and any depth is flat.

    Raises:
        InputError: the network is too large to be written out.
    """
    _check_size(network)
    layers = [f"a := {_layer_python(network, l)}" for l in range(1, network.L + 1)]
    return f"[{', '.join(['a := x', *layers])}][-1]"


def _layer_python(network: Network, l: int) -> str:
    sigma = network.sigma[l]
    z = [_sum_python(w, b) for w, b in zip(network.w[l], network.b[l], strict=True)]
    if not sigma.elementwise:
        return str(sigma.python.format(z=f"[{', '.join(z)}]"))
    numbers = _numbers(sigma)
    return f"[{', '.join(sigma.python.format(z=f'({v})', **numbers) for v in z)}]"


def _sum_python(w: Any, b: Any) -> str:
    """w·a + b; a long sum in groups, because Python limits how deep it may nest."""
    terms = [f"{_text(v)}*a[{k}]" for k, v in enumerate(w)]
    if len(terms) > GROUP:
        groups = range(0, len(terms), GROUP)
        terms = [f"({' + '.join(terms[k : k + GROUP])})" for k in groups]
    return " + ".join([*terms, _text(b)])


def latex(network: Network) -> str:
    """The network as LaTeX: one line a unit, a^{(l)}_j in terms of the layer before.

    Raises:
        InputError: the network is too large to be written out.
    """
    _check_size(network)
    lines = []
    for l in range(1, network.L + 1):
        sigma, numbers = network.sigma[l], _numbers(network.sigma[l])
        layer = zip(network.w[l], network.b[l], strict=True)
        for j, (w, b) in enumerate(layer, start=1):
            z, place = f"{{{_sum_latex(w, b, l)}}}", f"^{{({l})}}_{{{j}}}"
            if not sigma.elementwise or sigma.latex.count("{z}") > 1:
                lines.append(f"z{place} &= {z}")
                z = f"z{place}"
            if sigma.elementwise:
                lines.append(f"a{place} &= {sigma.latex.format(z=z, **numbers)}")
        if not sigma.elementwise:
            a = sigma.latex.format(z=f"z^{{({l})}}")
            lines.append(f"a^{{({l})}} &= {a}")
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _sum_latex(w: Any, b: Any, l: int) -> str:
    terms = [
        f"({float(v)!r}) \\, a^{{({l - 1})}}_{{{k}}}" for k, v in enumerate(w, start=1)
    ]
    return " + ".join([*terms, f"({_text(b)})"])


def _text(number: Any) -> str:
    return repr(float(number))


def _numbers(sigma: Any) -> dict[str, float]:
    return {field.name: getattr(sigma, field.name) for field in fields(sigma)}


def _check_size(network: Network) -> None:
    count = Parameters.count(network.sizes)
    if count > _limits.FORMULA_PARAMETERS:
        raise InputError(
            f"a formula is written for at most {_limits.FORMULA_PARAMETERS:,} "
            f"parameters (limit FORMULA_PARAMETERS); this network has {count:,}. "
            "Look at single units instead."
        )
