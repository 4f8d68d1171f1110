"""How a student writes arrays: rows or columns, one example or many, w or wᵀ.

The page's layout is (m, n), (out, in), (n,). A Layout takes arrays there and back, so
that one judge serves all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._arrays import Array


@dataclass(frozen=True)
class Layout:
    """One way to write examples, weights and biases.

    Attributes:
        words: what it is, for people.
        columns: whether an example is a column.
        single: whether one example comes at a time.
        flat: whether that one is (n,).
        turned: whether w is (in, out).
    """

    words: str
    columns: bool = False
    single: bool = False
    flat: bool = False
    turned: bool = False

    def examples(self, a: Array) -> Array:
        """(m, n) as the student has it."""
        return a[0] if self.flat else a.T if self.columns else a

    def weights(self, w: Array) -> Array:
        """(out, in) as the student has it."""
        return w.T if self.turned else w

    def biases(self, b: Array) -> Array:
        """(n,) as the student has it."""
        return b[:, None] if self.columns else b

    def of_examples(self, value: Any, m: int, n: int) -> Array | None:
        """What the student calls m examples of n numbers, as (m, n); None: it is not.

        Of one example any of its three shapes will do.
        """
        if not isinstance(value, np.ndarray):
            return None
        if m == 1:
            return value.reshape(1, n) if value.shape in _vectors(n) else None
        want = (n, m) if self.columns else (m, n)
        return (value.T if self.columns else value) if value.shape == want else None

    def of_weights(self, value: Any, n_out: int, n_in: int) -> Array | None:
        """What the student calls w or its gradient, as (out, in); None: it is not."""
        want = (n_in, n_out) if self.turned else (n_out, n_in)
        if not isinstance(value, np.ndarray) or value.shape != want:
            return None
        return value.T if self.turned else value

    def of_biases(self, value: Any, n: int) -> Array | None:
        """What the student calls b or its gradient, as (n,); None: it is not."""
        if not isinstance(value, np.ndarray) or value.shape not in _vectors(n):
            return None
        return value.reshape(n)


def _vectors(n: int) -> tuple[tuple[int, ...], ...]:
    """Shapes in which n numbers stand in a line."""
    return (n,), (n, 1), (1, n)


LAYOUTS = {
    "rows": Layout("examples in rows, w (out, in)"),
    "columns": Layout("examples in columns, w (out, in)", columns=True),
    "rows, w turned": Layout("examples in rows, w (in, out)", turned=True),
    "column": Layout(
        "one example at a time, a column (n, 1)", columns=True, single=True
    ),
    "vector": Layout("one example at a time, (n,)", single=True, flat=True),
}
"""Known ways, in the order in which they are tried."""


def listed(value: Any, count: int, first: bool = False) -> list[Any] | None:
    """A list of so many arrays, layer by layer.

    Args:
        value: what the student returned.
        count: L.
        first: whether the input may stand before the first layer, as a^0.

    Returns:
        The arrays of the layers 1 ... L; None where it is no such list. A None, or
        the input, at the place 0 is left out.
    """
    if isinstance(value, np.ndarray) and value.ndim > 1:  # np.array([w1, w2])
        value = list(value)
    if not isinstance(value, list):
        return None
    if len(value) == count + 1 and (first or value[0] is None):
        value = value[1:]
    return value if len(value) == count else None
