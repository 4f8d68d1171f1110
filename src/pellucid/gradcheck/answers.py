"""What a student's functions return, in the page's shapes; or a refusal in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import Array
from ..mathematics.network import Network
from .layouts import Layout, listed
from .process import Failure, Student

PAIR = {"forward": "z and a", "backward": "nabla_w and nabla_b", "update": "w and b"}
ASKED = {
    "forward": "forward(x, w, b)",
    "backward": "backward(z, a, y, w)",
    "update": "update(x, y, w, b, eta)",
}


class Unfit(Exception):
    """A call failed, or returned something else; the text is for people.

    Args:
        text: what happened.
        kind: the exception's name; "shape" for what came back in another one,
            "reversed" for lists the wrong way round.
    """

    def __init__(self, text: str, kind: str = "shape"):
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True)
class Asking:
    """A student's functions, a layout, and a network of a few numbers.

    Attributes:
        student: the file, running.
        layout: how it writes arrays.
        network: its weights and biases are handed over.
    """

    student: Student
    layout: Layout
    network: Network

    @property
    def w(self) -> list[Array]:
        """The weights as the student has them."""
        return [self.layout.weights(w) for w in self.network.w[1:]]

    @property
    def b(self) -> list[Array]:
        """The biases as the student has them."""
        return [self.layout.biases(b) for b in self.network.b[1:]]

    def call(self, function: str, *arguments: Any) -> tuple[Any, list[Any]]:
        """Call a function; what it returned and what became of its arguments.

        Raises:
            Unfit: it did not return a pair.
        """
        found = self.student.call(function, *arguments)
        if isinstance(found, Failure):
            raise Unfit(str(found), found.error)
        value, after = found
        if function == "update" and value is None:  # it changed w and b in place
            value = [after[2], after[3]]
        if not isinstance(value, list) or len(value) != 2:
            got = "nothing" if value is None else _kind(value)
            raise Unfit(f"it must return {PAIR[function]}; it returned {got}")
        return value, after

    def forward(self, x: Array) -> tuple[list[Any], list[Any], bool]:
        """z[1..L] and a[0..L] by the student, each (m, n_l); None at the place 0 of z.

        Also whether its arguments are as they were.
        """
        m, given = len(x), (self.layout.examples(x), self.w, self.b)
        (z, a), after = self.call("forward", *given)
        sizes, kept = self.network.sizes, _equal(given, after)
        found: list[list[Any]] = []
        for name, value, first in (("z", z, False), ("a", a, True)):
            layers = listed(value, self.network.L, first)
            if layers is None:
                raise Unfit(
                    f"{name} must be a list of {self.network.L + first} arrays, layer "
                    f"by layer; it is {_kind(value)}"
                )
            rows = [
                self.layout.of_examples(each, m, n)
                for each, n in zip(layers, sizes[1:], strict=True)
            ]
            for l, (row, each) in enumerate(zip(rows, layers, strict=True), 1):
                if row is None:
                    want = self.layout.examples(np.zeros((m, sizes[l]))).shape
                    raise Unfit(f"{name}^{l} must be {want}; it is {_kind(each)}")
            found.append(rows)
        return [None, *found[0]], [x, *found[1]], kept

    def backward(
        self, z: list[Array], a: list[Array], y: Array
    ) -> tuple[list[Any], list[Any], bool]:
        """∂C/∂w and ∂C/∂b by the student, counted from 1; and as for `forward`."""
        turn = self.layout.examples
        given = [turn(v) for v in z[1:]], [turn(v) for v in a], turn(y), self.w
        pair, after = self.call("backward", *given)
        w, b = self.lists(pair, ("nabla_w", "nabla_b"))
        return w, b, _equal(given, after)

    def update(self, x: Array, y: Array, eta: float) -> tuple[list[Any], list[Any]]:
        """What w and b are after one step, counted from 1."""
        given = self.layout.examples(x), self.layout.examples(y), self.w, self.b, eta
        return self.lists(self.call("update", *given)[0], ("w", "b"))

    def lists(
        self, pair: list[Any], names: tuple[str, str]
    ) -> tuple[list[Any], list[Any]]:
        """Weights and biases, or their gradients, as the page has them.

        They may come in either order. A matrix that is transposed stays so, and a
        gradient for each example, (m, n), too: the judge names these.
        """
        L, sizes = self.network.L, self.network.sizes
        first, second = (listed(each, L) for each in pair)
        if first is None or second is None:
            bad = pair[0] if first is None else pair[1]
            raise Unfit(
                f"{names[0]} and {names[1]} must be lists of {L} arrays, layer by "
                f"layer; one is {_kind(bad)}"
            )
        matrices = (sizes[1], sizes[0]), (sizes[0], sizes[1])
        shapes = [getattr(each[0], "shape", ()) for each in (first, second)]
        if shapes[0] not in matrices and shapes[1] in matrices:
            first, second = second, first
        self._forwards(first, second, names)
        w: list[Any] = [None]
        b: list[Any] = [None]
        for l, (each, bias) in enumerate(zip(first, second, strict=True), 1):
            n_in, n_out = sizes[l - 1], sizes[l]
            matrix = self.layout.of_weights(each, n_out, n_in)
            if matrix is None:
                matrix = self.layout.of_weights(each, n_in, n_out)
            if matrix is None:
                want = self.layout.weights(np.zeros((n_out, n_in))).shape
                raise Unfit(f"{names[0]} of layer {l} must be {want}; it is "
                            f"{_kind(each)}")  # fmt: skip
            vector = self.layout.of_biases(bias, n_out)
            if vector is None and getattr(bias, "ndim", 0) == 2 and n_out in bias.shape:
                vector = bias.T if self.layout.columns else bias
            if vector is None:
                want = self.layout.biases(np.zeros(n_out)).shape
                raise Unfit(f"{names[1]} of layer {l} must be {want}; it is "
                            f"{_kind(bias)}")  # fmt: skip
            w.append(matrix)
            b.append(vector)
        return w, b

    def _forwards(
        self, matrices: list[Any], vectors: list[Any], names: tuple[str, str]
    ) -> None:
        """Whether the lists begin with layer 1.

        Raises:
            Unfit: one fits only when it is turned round.
        """
        sizes, L = self.network.sizes, self.network.L
        pairs = list(zip(sizes[1:], sizes[:-1], strict=True))
        fits = (
            lambda each, n: self.layout.of_weights(each, *n) is not None,
            lambda each, n: self.layout.of_biases(each, n[0]) is not None,
        )
        for name, values, fit in zip(names, (matrices, vectors), fits, strict=True):
            if all(map(fit, values, pairs)) or not all(map(fit, values, pairs[::-1])):
                continue
            raise Unfit(
                f"{name} is the wrong way round: it begins with layer {L}, and must "
                f"begin with layer 1; return {name}[::-1]",
                "reversed",
            )


def _kind(value: Any) -> str:
    """What something is, for a sentence."""
    if isinstance(value, np.ndarray):
        return f"an array {value.shape}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "None" if value is None else str(value)[:60]


def _equal(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return bool(np.array_equal(before, after, equal_nan=True))
    if isinstance(before, list | tuple):
        return all(map(_equal, before, after))
    return bool(before == after)
