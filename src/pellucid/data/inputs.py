"""Inputs: anything array-like becomes (m, n) floats, dense or canonical CSR."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .._arrays import Array, check_finite, is_csr
from .._errors import InputError

DTYPES = ("float32", "float64")
BLOCK = 1 << 20
"""Values looked at in one go, where a whole copy of the data would cost too much."""


def float_type(dtype: Any) -> np.dtype[Any]:
    """The NumPy type of `dtype`, float32 or float64.

    Raises:
        InputError: another type.
    """
    try:
        found: np.dtype[Any] = np.dtype(dtype)
        fits = found.name in DTYPES and found.isnative and dtype is not None
    except TypeError:
        fits = False
    if not fits:
        raise InputError(f"dtype must be float32 or float64; got {dtype!r}.")
    return found


def inputs(x: Any, dtype: np.dtype[Any]) -> Array:
    """Inputs as floats: a dense (m, n) array in C order, or canonical CSR.

    An array that already is what is wanted is not copied. The caller's sparse
    matrix is never changed.

    Args:
        x: (m, n): an array, a table, lists of numbers, or any scipy sparse matrix.
        dtype: float32 or float64.

    Raises:
        InputError: not 2-D, nothing in it, not numbers, not finite, or too large
            for `dtype`.
    """
    sparse = hasattr(x, "tocsr")
    if not sparse:
        x = as_array(x, "x")
    _check_shape(tuple(x.shape))
    if sparse:
        x = _canonical(x)
    check_finite(x, "x")
    _check_range(x.data if sparse else x, dtype, "x")
    return (
        x.astype(dtype, copy=False) if sparse else np.ascontiguousarray(x, dtype=dtype)
    )


def as_array(values: Any, name: str) -> np.ndarray:
    """`values` as a NumPy array of any kind.

    Raises:
        InputError: rows of different lengths, or nothing that NumPy understands.
    """
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{name} must be an array of numbers with rows of one length; "
            f"got {type(values).__name__}, which NumPy can't read: {error}"
        ) from None


def as_floats(values: np.ndarray, dtype: np.dtype[Any], name: str) -> np.ndarray:
    """Finite numbers in `dtype`; not copied where they already are.

    Raises:
        InputError: not numbers, not finite, or too large for `dtype`.
    """
    check_finite(values, name)
    _check_range(values, dtype, name)
    return np.ascontiguousarray(values, dtype=dtype)


def _check_shape(shape: tuple[int, ...]) -> None:
    must = f"x must be (m, n), one row an example; got {shape}."
    if len(shape) == 1:
        raise InputError(
            f"{must} For one example pass x[None]; "
            "for one number an example pass x[:, None]."
        )
    if len(shape) > 2:
        images = f" with image_shape={shape[1:]}" if len(shape) == 3 else ""
        raise InputError(f"{must} Pass x.reshape(len(x), -1){images}.")
    if len(shape) != 2:
        raise InputError(f"{must} Pass a 2-D array.")
    if 0 in shape:
        raise InputError(
            f"x must have at least one row and one column; got {shape}. "
            "Check where the data came from: nothing is in it."
        )


def _canonical(x: Any) -> Array:
    """CSR with sorted columns and no column twice in a row."""
    from scipy import sparse

    csr = x.tocsr()
    # A new matrix around the same arrays: nothing that is done to it reaches `x`,
    # and what scipy believes about the order of the columns is found out afresh.
    try:
        csr = sparse.csr_array((csr.data, csr.indices, csr.indptr), shape=csr.shape)
        csr.check_format(full_check=True)
    except ValueError as error:
        raise InputError(f"x must be a sound sparse matrix; {error}.") from None
    if not csr.has_canonical_format:
        csr = csr.copy()
        csr.sum_duplicates()
    return csr


def _check_range(values: np.ndarray, dtype: np.dtype[Any], name: str) -> None:
    if values.dtype.kind != "f" or values.dtype.itemsize <= dtype.itemsize:
        return
    most = np.finfo(dtype).max
    largest = max(values.max(initial=0), -values.min(initial=0))
    if largest > most:
        wider = " or pass dtype='float64'" if dtype.name == "float32" else ""
        raise InputError(
            f"{name} must fit {dtype.name}, at most {most:.2g}; got a size of "
            f"{largest:.2g}. Divide by a constant{wider}."
        )


def warn_of_pixels(x: Array, stacklevel: int) -> None:
    """Warn where `x` looks like pixels from 0 to 255: units saturate on these.

    Args:
        x: (m, n), dense or CSR.
        stacklevel: which caller to show; 1 is the one who calls this function.
    """
    values = (x.data if is_csr(x) else x).reshape(-1)
    if not values.size or not 127 < values.max() <= 255 or values.min() < 0:
        return
    for start in range(0, values.size, BLOCK):
        block = values[start : start + BLOCK]
        if (block != np.rint(block)).any():
            return
    warnings.warn(
        f"x looks like pixels from 0 to 255 (whole numbers up to {values.max():g}), "
        "where units saturate and learning crawls. Divide by 255.",
        UserWarning,
        stacklevel=stacklevel + 1,
    )


def row_slice(x: Array, start: int, stop: int) -> Array:
    """Rows start ... stop - 1 without a copy of any value, dense or CSR."""
    if not is_csr(x):
        return x[start:stop]
    indptr = x.indptr[start : stop + 1]
    values = slice(indptr[0], indptr[-1])
    # Given to the constructor, a window on less than half of the values is copied.
    rows = type(x)((stop - start, x.shape[1]), dtype=x.dtype)
    rows.data, rows.indices = x.data[values], x.indices[values]
    rows.indptr = indptr - indptr[0]
    return rows
