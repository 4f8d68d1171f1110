"""Network and Parameters: sizes, activations, and one flat θ with windows in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .. import _limits
from .._arrays import Array, check_x, namespace
from .._errors import InputError
from .._random import stream
from .activations import ACTIVATIONS, Activation
from .backprop import feedforward
from .families import pick, spell
from .initializers import DEFAULT_INITIALIZERS, INITIALIZERS, Given, Initializer


class Parameters:
    """One flat θ, (P,), with windows w[l], (n_l, n_(l-1)), and b[l], (n_l,).

    Also the type of a gradient and of what an optimizer remembers. The windows are
    views: to write into one is to write into θ. Layers are counted 1 ... L, so w[0]
    and b[0] are None. θ may be a NumPy array or a torch tensor.

    Args:
        sizes: n_0 ... n_L.
        theta: (P,), laid out layer by layer, each w before its b.
    """

    def __init__(self, sizes: Sequence[int], theta: Array):
        self.sizes = tuple(sizes)
        self.theta = theta
        self.w: list[Any] = [None]
        self.b: list[Any] = [None]
        start = 0
        for n_in, n_out in self.layers():
            middle, end = start + n_out * n_in, start + n_out * (n_in + 1)
            self.w.append(theta[start:middle].reshape(n_out, n_in))
            self.b.append(theta[middle:end])
            start = end

    def layers(self) -> Iterator[tuple[int, int]]:
        """(n_(l-1), n_l) of the layers 1 ... L."""
        return pairwise(self.sizes)

    @staticmethod
    def count(sizes: Sequence[int]) -> int:
        """P = Σ n_l (n_(l-1) + 1)."""
        return sum(n_out * (n_in + 1) for n_in, n_out in pairwise(sizes))

    def zeros(self) -> Parameters:
        """Parameters of the same shape and type, all 0."""
        return Parameters(self.sizes, namespace(self.theta).zeros_like(self.theta))

    def copy(self) -> Parameters:
        """An independent copy."""
        theta = self.theta.clone() if hasattr(self.theta, "clone") else self.theta * 1
        return Parameters(self.sizes, theta)


def packed_layers(sizes: Sequence[int], packed: Array) -> Iterator[tuple[Any, Any]]:
    """Windows of all numbers in the order of scikit-learn: every w^T, then every b.

    Args:
        sizes: n_0 ... n_L.
        packed: (P,), contiguous.

    Yields:
        Of each layer w^T, (n_(l-1), n_l), and b, (n_l,).
    """
    start, bias = 0, sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    for n_in, n_out in pairwise(sizes):
        w = packed[start : start + n_in * n_out].reshape(n_in, n_out)
        yield w, packed[bias : bias + n_out]
        start, bias = start + n_in * n_out, bias + n_out


class Network:
    """A feed-forward network, every unit connected to every one of the layer before.

    Args:
        sizes: units of each layer from the input on, such as [784, 30, 10].
        hidden: activation of the hidden layers: one name for all, or one a layer.
        output: activation of the last layer.
        initializer: name of the rule for the first weights, "auto" (He before
            ReLU-like activations, else Glorot), or an Initializer such as Given.
        seed: of the first weights, 0 ... 2^32 - 1.
        dtype: "float32", or "float64" for proofs.

    Attributes:
        sizes: n_0 ... n_L.
        L: the number of layers with weights.
        sigma: activations, sigma[1..L]; sigma[0] is None.
        parameters: θ; `w` and `b` are its windows.

    Raises:
        InputError: the sizes or names do not make a network.

    Source: Nielsen, ch. 1, "The architecture of neural networks".
    """

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str | Activation | Sequence[str | Activation] = "relu",
        output: str | Activation = "softmax",
        *,
        initializer: str | Initializer = "auto",
        seed: int = 0,
        dtype: str = "float32",
    ):
        self.sizes = _checked_sizes(sizes)
        self.L = len(self.sizes) - 1
        self.sigma = _checked_activations(self.L, hidden, output)
        theta = np.empty(Parameters.count(self.sizes), _checked_dtype(dtype))
        self.parameters = Parameters(self.sizes, theta)
        self._draw(initializer, seed)

    def _draw(self, initializer: str | Initializer, seed: int) -> None:
        random = stream(seed, "weights")
        if isinstance(initializer, Given):
            initializer.check(self.L)
        for l, (n_in, n_out) in enumerate(self.parameters.layers(), start=1):
            rule: str | Initializer = initializer
            if rule == "auto":
                rule = DEFAULT_INITIALIZERS.get(self.sigma[l].name, "glorot")
            if not isinstance(rule, Initializer):
                rule = pick("initializer", rule, INITIALIZERS)
            self.w[l][:], self.b[l][:] = rule(n_out, n_in, random, l)

    @property
    def w(self) -> list[Any]:
        """Weights w[1..L], (n_l, n_(l-1)): w[l][j, k] goes to unit j from unit k."""
        return self.parameters.w

    @property
    def b(self) -> list[Any]:
        """Biases b[1..L], (n_l,)."""
        return self.parameters.b

    @property
    def dtype(self) -> str:
        """Of θ: float32 or float64."""
        return str(self.parameters.theta.dtype).removeprefix("torch.")

    def __call__(self, x: Array) -> Array:
        """The output a^L, (m, n_L), of the examples x, (m, n_0)."""
        check_x(x, self.sizes[0])
        return feedforward(self, x)[1][-1]

    def copy(self) -> Network:
        """An independent copy."""
        return self.with_parameters(self.parameters.copy())

    def with_parameters(self, parameters: Parameters) -> Network:
        """The same network around other parameters (which are not copied)."""
        twin = object.__new__(Network)
        twin.sizes, twin.L, twin.sigma = self.sizes, self.L, self.sigma
        twin.parameters = parameters
        return twin

    def weights_sha256(self) -> str:
        """Fingerprint of θ: equal only for the same bits in the same precision."""
        theta = np.ascontiguousarray(self.parameters.theta)
        little = theta.astype(theta.dtype.newbyteorder("<"), copy=False)
        return hashlib.sha256(little.tobytes()).hexdigest()

    def __repr__(self) -> str:
        names = ", ".join(spell(sigma) for sigma in self.sigma[1:])
        return f"Network {'-'.join(map(str, self.sizes))} ({names}), {self.dtype}"

    def __str__(self) -> str:
        """Layers, shapes and parameters, as a table."""
        rows = [("layer", "units", "activation", "weights", "biases")]
        rows.append(("0 input", f"{self.sizes[0]:,}", "", "", ""))
        for l, (n_in, n_out) in enumerate(self.parameters.layers(), start=1):
            kind = "output" if l == self.L else "hidden"
            weights = f"{n_out:,} x {n_in:,} = {n_out * n_in:,}"
            sigma = spell(self.sigma[l])
            rows.append((f"{l} {kind}", f"{n_out:,}", sigma, weights, f"{n_out:,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) for cell, width in zip(row, widths, strict=True)
            )
            for row in rows
        ]
        text = "\n".join(line.rstrip() for line in lines)
        return f"{self!r}\n{text}\n{self.parameter_sentence()}"

    def parameter_sentence(self) -> str:
        """Such as `13,002 parameters = 12,960 weights + 42 biases; ...`."""
        biases = sum(self.sizes[1:])
        total = Parameters.count(self.sizes)
        hidden = self.L - 1
        depth = (
            "no hidden layer: a linear model"
            if hidden == 0
            else "1 hidden layer: not deep"
            if hidden == 1
            else f"{hidden} hidden layers: a deep network"
        )
        return (
            f"{total:,} parameters = {total - biases:,} weights + {biases:,} biases; "
            f"{depth}"
        )


def _checked_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    try:
        sizes = tuple(sizes)
    except TypeError:
        raise InputError(
            f"sizes must be a sequence such as [784, 30, 10]; got {sizes!r}."
        ) from None
    if len(sizes) < 2:
        raise InputError(
            "a network needs at least an input and an output size, such as "
            f"[784, 10]; got {list(sizes)}. Layers only feed forward, in this order."
        )
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)):
            raise InputError(
                f"every size must be a whole number; got {size!r:.40} in "
                f"{list(sizes)!s:.80}."
            )
        if not 1 <= size <= _limits.UNITS:
            raise InputError(
                f"every size must be 1 to {_limits.UNITS:,} (limit UNITS); "
                f"got {size!s:.40} in {list(sizes)!s:.80}. Leave an empty layer out."
            )
    if len(sizes) > _limits.LAYERS:
        raise InputError(
            f"a network may have {_limits.LAYERS:,} layers (limit LAYERS); "
            f"got {len(sizes):,}."
        )
    count = Parameters.count(sizes)
    if count > _limits.PARAMETERS:
        raise InputError(
            f"a network may have {_limits.PARAMETERS:,} parameters (limit PARAMETERS); "
            f"{list(sizes)!s:.80} would have {count:,}. Make the layers narrower."
        )
    return tuple(int(size) for size in sizes)


def _checked_activations(
    L: int,
    hidden: str | Activation | Sequence[str | Activation],
    output: str | Activation,
) -> list[Any]:
    one = isinstance(hidden, (str, Activation))
    names = [hidden] * (L - 1) if one else list(hidden)  # type: ignore[arg-type]
    if len(names) != L - 1:
        raise InputError(
            f"hidden must be one activation, or one for each of the {L - 1} hidden "
            f"layers; got {len(names)}. The last layer has its own: output=..."
        )
    chosen = [pick("activation", name, ACTIVATIONS) for name in (*names, output)]
    for l, sigma in enumerate(chosen[:-1], start=1):
        if sigma.output_only:
            raise InputError(
                f"{sigma.name} is for the last layer only; got it in layer {l} of {L}. "
                "Choose another activation there, such as relu."
            )
    return [None, *chosen]


def _checked_dtype(dtype: Any) -> str:
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", str(dtype))
    if name not in ("float32", "float64"):
        raise InputError(f"dtype must be 'float32' or 'float64'; got {name!r}.")
    return str(name)
