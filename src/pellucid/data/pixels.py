"""Pixels: rows of bytes that are read as numbers from 0 to 1.

To everyone but the engines they are the floats k/255: whatever is done to them is done
to those, which are made for the purpose and not kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from .._arrays import Array
from .._errors import InputError


class Pixels(NDArrayOperatorsMixin):
    """Images of bytes as inputs, a quarter of the memory of float32.

    Slices of rows share the bytes; anything else gives floats.

    Args:
        images: (m, n) or (m, height, width) uint8, as they are stored; not copied
            where they lie in C order.
        dtype: float32 or float64, what they are read as.

    Raises:
        InputError: they are no bytes, or not rows of them.
    """

    ndim = 2

    def __init__(self, images: Any, dtype: Any = "float32"):
        found = np.asarray(images)
        if found.dtype != np.uint8 or found.ndim not in (2, 3) or found.size == 0:
            raise InputError(
                "pixels must be bytes (uint8) from 0 to 255, one image a row; got "
                f"{found.dtype} of shape {found.shape}. Floats go to from_arrays."
            )
        self.bytes = np.ascontiguousarray(found.reshape(len(found), -1))
        self.dtype = np.dtype(dtype)

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.bytes.shape[0], self.bytes.shape[1]

    def __len__(self) -> int:
        return len(self.bytes)

    def __getitem__(self, rows: Any) -> Array:
        if isinstance(rows, slice):
            return self._like(self.bytes[rows], self.dtype)
        return self._floats(self.bytes[rows])

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """The same bytes read as another kind of float; as anything else, an array."""
        if np.dtype(dtype).name in ("float32", "float64"):
            return self._like(self.bytes, dtype)
        return np.asarray(self).astype(dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        floats = self._floats(self.bytes)
        return floats if dtype is None else floats.astype(dtype, copy=False)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **words: Any
    ) -> Any:
        plain = [np.asarray(x) if isinstance(x, Pixels) else x for x in inputs]
        return getattr(ufunc, method)(*plain, **words)

    def __getattr__(self, name: str) -> Any:  # sum, mean, reshape ...
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"Pixels have no {name}")
        return getattr(np.asarray(self), name)

    def _floats(self, some: np.ndarray) -> Array:
        return np.divide(some, 255, dtype=self.dtype)

    @classmethod
    def _like(cls, some: np.ndarray, dtype: Any) -> Pixels:
        made = cls.__new__(cls)
        made.bytes, made.dtype = some, np.dtype(dtype)
        return made
