"""Checks at the public edge: the error sentences about shapes, types and values.

Knows arrays (NumPy, torch, scipy CSR) and nothing of networks. Each check says
what must hold, what came and what to do about it.
"""

from __future__ import annotations

import difflib
import math
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

import numpy as np

from ._errors import InputError

Array: TypeAlias = Any
"""A NumPy array or a torch tensor: the page of mathematics runs on both."""

T = TypeVar("T")


def namespace(x: Array) -> Any:
    """The module whose functions work on `x`: `torch` for a tensor, else `numpy`."""
    torch = sys.modules.get("torch")  # a tensor can't exist before torch is imported
    return torch if torch is not None and isinstance(x, torch.Tensor) else np


def is_csr(x: Any) -> bool:
    """Whether `x` is a scipy CSR matrix or array (without importing scipy)."""
    return getattr(x, "format", None) == "csr" and hasattr(x, "indptr")


def choose(kind: str, name: str, table: Mapping[str, T]) -> T:
    """The member of `table` called `name`.

    Raises:
        InputError: there is none; the nearest name is suggested.
    """
    if isinstance(name, str) and name in table:
        return table[name]
    asked = str(name).lower().replace("-", "_")
    alike = {known.lower().replace("-", "_"): known for known in table}
    near = [alike[key] for key in difflib.get_close_matches(asked, alike, 1, 0.5)]
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise InputError(
        f"{kind} must be one of the known names; got {name!r:.60}. "
        f"{hint}Known: {', '.join(table)}."
    )


def check_number(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    least: float | None = None,
    most: float | None = None,
    below: float | None = None,
    whole: bool = False,
) -> None:
    """Check one number against its range.

    Args:
        name: what the caller calls it, for the sentence.
        value: the number.
        above: `value` must be greater than this.
        least: `value` must be at least this.
        most: `value` must be at most this.
        below: `value` must be less than this.
        whole: only integers will do.

    Raises:
        InputError: not a number, not finite, or outside the range.
    """
    rules = [
        f"> {above:,}" if above is not None else "",
        f">= {least:,}" if least is not None else "",
        f"<= {most:,}" if most is not None else "",
        f"< {below:,}" if below is not None else "",
    ]
    kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
    fits = (
        isinstance(value, kinds)
        and not isinstance(value, bool)
        and is_finite(value)
        and (above is None or value > above)
        and (least is None or value >= least)
        and (most is None or value <= most)
        and (below is None or value < below)
    )
    if not fits:
        noun = "a whole number" if whole else "a finite number"
        must = " and ".join([noun, *filter(None, rules)])
        raise InputError(f"{name} must be {must}; got {value!r:.60}.")


def is_finite(value: Any) -> bool:
    """Whether a number is finite as a float; a whole number may be too large for it."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def check_x(x: Any, columns: int, name: str = "x") -> None:
    """Check inputs: rows are examples, all values finite.

    Args:
        x: inputs, (m, columns); dense or CSR.
        columns: what the network (or the data set) has.
        name: what the caller calls it.

    Raises:
        InputError: another shape, NaN or infinite values, or not numbers.
    """
    shape = tuple(getattr(x, "shape", ()))
    must = f"{name} must be (m, {columns}), one row an example; got {shape}."
    if len(shape) == 1:
        raise InputError(f"{must} For one example pass {name}[None].")
    if len(shape) != 2:
        flat = (
            f" Pass {name}.reshape(len({name}), -1)." if math.prod(shape[1:]) == columns
            else " Pass a 2-D array."
        )  # fmt: skip
        raise InputError(must + (flat if len(shape) > 2 else " Pass a 2-D array."))
    if shape[1] != columns:
        if shape[0] == columns:
            raise InputError(f"{must} It looks transposed: pass {name}.T.")
        raise InputError(
            f"{must} The network takes {columns} inputs and each example has "
            f"{shape[1]}: make the first size {shape[1]}, or choose the columns."
        )
    check_finite(x, name)


def check_finite(x: Any, name: str) -> None:
    """Check that every value is a finite number.

    Raises:
        InputError: names the first row and column that is not.
    """
    values = x.data if is_csr(x) else x
    if namespace(values) is not np:
        values = values.detach().cpu().numpy()
    values = np.asarray(values)
    if values.dtype.kind not in "fiub":
        raise InputError(
            f"{name} must hold numbers; got dtype {values.dtype}. "
            f"Turn text into numbers first."
        )
    # One sum finds any NaN or infinity; only a suspicious one is looked at closely.
    with np.errstate(all="ignore"):
        if values.dtype.kind != "f" or np.isfinite(values.sum(dtype=np.float64)):
            return
    bad = np.argwhere(~np.isfinite(values))
    if not len(bad):
        return
    where = bad[0]
    value = values[tuple(where)]
    if is_csr(x):
        row = int(np.searchsorted(x.indptr, where[0], side="right")) - 1
        where = np.array([row, x.indices[where[0]]])
    place = f"row {where[0]}" + (f", column {where[1]}" if len(where) == 2 else "")
    raise InputError(
        f"{name} must be finite; got {value} at {place} ({len(bad)} in all). "
        "Remove these rows or fill the values in."
    )


def check_y(y: Any, rows: int, outputs: int, name: str = "y") -> None:
    """Check targets against the examples and the network.

    Args:
        y: targets, (rows, outputs).
        rows: number of examples.
        outputs: size of the last layer.
        name: what the caller calls it.

    Raises:
        InputError: another shape, or values that are not finite numbers.
    """
    shape = tuple(getattr(y, "shape", ()))
    must = f"{name} must be ({rows}, {outputs}), one row an example; got {shape}."
    if len(shape) == 2 and shape == (outputs, rows) and rows != outputs:
        raise InputError(f"{must} It looks transposed: pass {name}.T.")
    if len(shape) == 1 and shape[0] == rows:
        raise InputError(
            f"{must} For class labels build the data with "
            f"Dataset.from_arrays(x, {name}); for one number an example pass "
            f"{name}[:, None]."
        )
    if len(shape) != 2:
        raise InputError(f"{must} Pass a 2-D array.")
    if shape[0] != rows:
        raise InputError(
            f"{must} There are {rows} examples and {shape[0]} targets: "
            "each example needs one."
        )
    if shape[1] != outputs:
        raise InputError(
            f"{must} The network has {outputs} outputs and each target has "
            f"{shape[1]}: make the last size {shape[1]}."
        )
    check_finite(y, name)


def check_weight(weight: Any, rows: int, name: str = "weight") -> None:
    """Check sample weights: one per example, finite, none negative, not all 0.

    Raises:
        InputError: otherwise.
    """
    shape = tuple(getattr(weight, "shape", ()))
    if shape != (rows,):
        raise InputError(
            f"{name} must be ({rows},), one number an example; got {shape}."
        )
    check_finite(weight, name)
    if bool((weight < 0).any()) or not bool((weight > 0).any()):
        raise InputError(
            f"{name} must be >= 0 with at least one > 0; "
            f"got a smallest of {weight.min()} and a largest of {weight.max()}."
        )


def join(words: Iterable[object], last: str = "or") -> str:
    """Words in a sentence: `a, b or c`."""
    *head, tail = [str(word) for word in words] or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail
