"""Dataset: examples and their targets, in parts that are slices."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._arrays import Array, check_weight, choose, is_csr
from .._errors import InputError
from .inputs import as_array, as_floats, float_type, inputs, row_slice, warn_of_pixels
from .pixels import Pixels
from .targets import targets

if TYPE_CHECKING:
    from .tables.encoding import Encoding

PARTS = ("train", "validation", "test")
"""The parts of a Dataset, in the order in which their rows lie."""

HASHED = 1 << 20
"""Values hashed in one go."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples x with their targets y; rows lie train first, then validation, test.

    So a part is a slice: `data.train` is a Dataset that shares the memory of `data`.
    The arrays are taken as they are; `Dataset.from_arrays` is the door for arrays
    from elsewhere.

    Attributes:
        x: inputs, (m, n_0) floats, dense or scipy CSR; or Pixels.
        y: targets as a cost reads them, (m, n_L) floats: one-hot for classes.
        classes: the texts of the classes in the order of y's columns; None where
            the targets are numbers.
        weight: how much each example counts, (m,) >= 0, or None: all the same.
        name: what it is called.
        source: where it is from.
        image_shape: (height, width) where each row of x is an image.
        counts: rows of each part; empty for a part itself.
        encoding: what made x and y of raw rows; None where nothing did.
        files: name of each file it was read from to the SHA-256 of its bytes.

    Raises:
        InputError: the sizes of the attributes contradict each other.
    """

    x: Array
    y: np.ndarray
    classes: tuple[str, ...] | None = None
    weight: np.ndarray | None = None
    name: str = "arrays"
    source: str = "arrays of the caller"
    image_shape: tuple[int, int] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    encoding: Encoding | None = None
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if np.ndim(self.y) != 2 or len(np.shape(self.x)) != 2:
            raise InputError(
                f"x and y must be 2-D, one row an example; got {np.shape(self.x)} and "
                f"{np.shape(self.y)}. Dataset.from_arrays takes other forms."
            )
        m = len(self)
        stated = [
            ("rows in y", len(self.y), m, "rows in x"),
            ("classes", len(self.classes or self.y.T), self.outputs, "columns in y"),
            ("weights", m if self.weight is None else len(self.weight), m, "rows"),
            ("pixels in image_shape", self._pixels(), self.inputs, "columns in x"),
            ("rows in counts", sum(self.counts.values()) or m, m, "rows in x"),
        ]
        for what, came, must, where in stated:
            if came != must:
                raise InputError(
                    f"{what} must be as many as {where}, {must}; got {came}."
                )
        in_order = [part for part in PARTS if self.counts.get(part, -1) >= 0]
        if list(self.counts) != in_order:
            raise InputError(
                f"counts must give rows of {', '.join(PARTS)}, in this order; "
                f"got {self.counts}."
            )

    def _pixels(self) -> int:
        """What image_shape says n_0 is."""
        shape = self.image_shape
        if shape is None:
            return self.inputs
        if not (np.shape(shape) == (2,) and all(isinstance(n, int) for n in shape)):
            raise InputError(f"image_shape must be (height, width); got {shape!r}.")
        return shape[0] * shape[1]

    @classmethod
    def from_arrays(
        cls,
        x: Any,
        y: Any,
        *,
        classes: Sequence[Any] | None = None,
        weight: Any = None,
        name: str = "arrays",
        image_shape: tuple[int, int] | None = None,
        task: str | None = None,
        dtype: Any = "float32",
    ) -> Dataset:
        """A Dataset from whatever holds numbers: arrays, tables, lists, sparse.

        Whole numbers, booleans and texts in a 1-D y are labels; floats are numbers to
        predict; a 2-D y stays as it is. What has the right form is not copied.

        Args:
            x: (m, n_0) finite numbers, or any scipy sparse matrix.
            y: (m,) labels or numbers, or (m, n_L) numbers.
            classes: every label there can be, in order; None: those found, sorted.
            weight: (m,) numbers >= 0, not all 0.
            name: what the data is called.
            image_shape: (height, width) where each row of x is an image.
            task: "classification" or "regression" where the kind of y says otherwise.
            dtype: "float32" or "float64".

        Raises:
            InputError: x is empty or not 2-D; text, NaN or infinity; numbers of rows
                differ; a label is missing or unknown; one class, or too many.

        Warns:
            UserWarning: x looks like pixels from 0 to 255.
        """
        kind = float_type(dtype)
        x = inputs(x, kind)
        y, names = targets(y, x.shape, classes, task, kind)
        weight = None if weight is None else _weights(weight, x.shape[0], kind)
        warn_of_pixels(x, stacklevel=2)
        return cls(x, y, names, weight, name=name, image_shape=image_shape)

    @classmethod
    def from_pixels(
        cls,
        images: Any,
        y: Any,
        *,
        classes: Sequence[Any] | None = None,
        name: str = "images",
        dtype: Any = "float32",
    ) -> Dataset:
        """A Dataset from images of bytes, which stay bytes: k is read as k/255.

        A quarter of the memory of float32, and the native engine begins to train so
        much sooner; the result has the same bits.

        Args:
            images: (m, height, width) or (m, n) uint8; not copied.
            y: as in `from_arrays`.
            classes: every label there can be, in order; None: those found, sorted.
            name: what the data is called.
            dtype: "float32" or "float64", what they are read as.

        Raises:
            InputError: images are no bytes; or as `from_arrays` says of y.
        """
        kind = float_type(dtype)
        x = Pixels(images, kind)
        y, names = targets(y, x.shape, classes, None, kind)
        side = np.shape(images)[1:]
        shape = (int(side[0]), int(side[1])) if len(side) == 2 else None
        return cls(x, y, names, name=name, image_shape=shape)

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def __repr__(self) -> str:
        return f"<Dataset {self.describe()}>"

    @property
    def inputs(self) -> int:
        """n_0: numbers in one example."""
        return int(self.x.shape[1])

    @property
    def outputs(self) -> int:
        """n_L: numbers in one target."""
        return int(self.y.shape[1])

    @property
    def labels(self) -> np.ndarray:
        """The number of each example's class, (m,) int64.

        Raises:
            InputError: the targets are not classes.
        """
        if self.classes is None:
            raise InputError(
                f"labels need classes; the targets of {self.name!r} are numbers. "
                "Use y, or name the columns with classes=..."
            )
        return np.asarray(self.y.argmax(axis=1), dtype=np.int64)

    @property
    def train(self) -> Dataset:
        """The part that is learned from."""
        return self.part("train")

    @property
    def validation(self) -> Dataset:
        """The part that choices are made by."""
        return self.part("validation")

    @property
    def test(self) -> Dataset:
        """The part that is looked at once, at the end."""
        return self.part("test")

    def part(self, name: str) -> Dataset:
        """One part, a view: no number is copied.

        Args:
            name: "train", "validation" or "test".

        Raises:
            InputError: another name, or the Dataset has no such part.
        """
        choose("part", name, dict.fromkeys(PARTS))
        if not self.counts:
            raise InputError(
                f"{self.name!r} must have parts to give {name}; it has none. "
                "Make them with split(data), or --validation and --test of a training."
            )
        count = self.counts.get(name, 0)
        if not count:
            raise InputError(
                f"{name} must have at least one row; {self.name!r} has none there: "
                f"{self._parts()}. Split otherwise: split(data, ...), or --validation "
                "and --test of a training."
            )
        start = sum(self.counts.get(part, 0) for part in PARTS[: PARTS.index(name)])
        some = self._slice(start, start + count)
        return replace(some, name=f"{self.name} {name}")

    def rows(self, indices: Any) -> Dataset:
        """Some examples in the order given; a copy, without parts.

        Args:
            indices: whole numbers in 0 ... m - 1, or (m,) booleans.

        Raises:
            InputError: no rows, or one that is not there.
        """
        chosen = as_array(indices, "indices")
        if chosen.dtype == bool and chosen.shape == (len(self),):
            chosen = np.flatnonzero(chosen)
        must = f"indices must be whole numbers in 0 ... {len(self) - 1}, one or more"
        if chosen.ndim != 1 or not chosen.size or chosen.dtype.kind not in "iu":
            raise InputError(
                f"{must}; got shape {chosen.shape} and dtype {chosen.dtype}. "
                "For one example pass [i]."
            )
        if chosen.min() < 0 or chosen.max() >= len(self):
            raise InputError(f"{must}; got {chosen.min()} ... {chosen.max()}.")
        weight = None if self.weight is None else self.weight[chosen]
        x, y = self.x[chosen], self.y[chosen]
        return replace(self, x=x, y=y, weight=weight, counts={})

    def _slice(self, start: int, stop: int) -> Dataset:
        weight = None if self.weight is None else self.weight[start:stop]
        x, y = row_slice(self.x, start, stop), self.y[start:stop]
        return replace(self, x=x, y=y, weight=weight, counts={})

    def astype(self, dtype: Any) -> Dataset:
        """The same data in another float type; itself where it has it already.

        Args:
            dtype: "float32" or "float64".

        Raises:
            InputError: another type.
        """
        kind = float_type(dtype)
        arrays = [self.x, self.y] + ([] if self.weight is None else [self.weight])
        if all(array.dtype == kind for array in arrays):
            return self
        x, y, *weight = [array.astype(kind, copy=False) for array in arrays]
        return replace(self, x=x, y=y, weight=weight[0] if weight else None)

    def fingerprint(self) -> dict[str, Any]:
        """What a run writes down to know the same data again.

        `sha256` is over the little-endian bytes of x, y and weight, one after the
        other, row by row; for a CSR x over data, then indices and indptr as 64-bit
        integers. Fit for JSON.
        """
        sha = hashlib.sha256()
        if is_csr(self.x):
            _hash(sha, self.x.data)
            _hash(sha, self.x.indices, "<i8")
            _hash(sha, self.x.indptr, "<i8")
        else:
            _hash(sha, self.x)
        _hash(sha, self.y)
        if self.weight is not None:
            _hash(sha, self.weight)
        return {
            "rows": len(self),
            "inputs": self.inputs,
            "outputs": self.outputs,
            "counts": dict(self.counts),
            "dtype": str(self.x.dtype),
            "sha256": sha.hexdigest(),
            **({"files": dict(self.files)} if self.files else {}),
        }

    def describe(self) -> str:
        """One line: name, rows, parts, sizes."""
        shape = "×".join(map(str, self.image_shape or ()))
        facts = [
            f"{len(self):,} examples" + (f" ({self._parts()})" if self.counts else ""),
            f"{self.inputs} inputs" + (f" ({shape})" if shape else ""),
            f"{self.outputs} {'outputs' if self.classes is None else 'classes'}",
            str(self.x.dtype),
        ]
        if is_csr(self.x):
            filled = self.x.nnz / max(len(self) * self.inputs, 1)
            facts.append(f"sparse, {filled:.1%} filled")
        if self.weight is not None:
            facts.append("weighted")
        return f"{self.name}: {', '.join(facts)}"

    def _parts(self) -> str:
        return ", ".join(f"{part} {rows:,}" for part, rows in self.counts.items())


def _weights(weight: Any, rows: int, dtype: np.dtype[Any]) -> np.ndarray:
    weight = as_array(weight, "weight")
    check_weight(weight, rows)
    return as_floats(weight, dtype, "weight")


def _hash(sha: Any, array: np.ndarray, kind: str | None = None) -> None:
    """Feed an array's bytes to `sha`, some rows at a time: no copy of the whole."""
    little = array.dtype.newbyteorder("<") if kind is None else np.dtype(kind)
    width = int(np.prod(array.shape[1:], dtype=np.int64))
    step = max(HASHED // max(width, 1), 1)
    for start in range(0, len(array), step):
        sha.update(np.ascontiguousarray(array[start : start + step], dtype=little))


@dataclass(frozen=True)
class Known:
    """A data set that is loaded by its name.

    Attributes:
        name: what `load` is asked for.
        what: what it holds, in one line.
        source: who made it, and when.
        licence: under which terms, as far as they are stated.
        rows: number of examples, all parts together.
        shape: (height, width) of an image, or (n_0,).
        load: (data_dir, dtype) to the Dataset.
    """

    name: str
    what: str
    source: str
    licence: str
    rows: int
    shape: tuple[int, ...]
    load: Callable[[str | Path | None, Any], Dataset]
