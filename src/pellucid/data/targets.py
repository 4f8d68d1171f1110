"""Targets: class labels become one-hot rows; numbers stay numbers.

A class is known by its text, so that 7 in an array, "7" in a file and "7" on the
screen are one class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _limits
from .._arrays import check_finite, choose
from .._errors import InputError
from .inputs import as_array, as_floats, float_type

TASKS = ("classification", "regression")
Classes = tuple[str, ...] | None


def one_hot(labels: Any, classes: Sequence[Any], dtype: Any = "float32") -> np.ndarray:
    """One row a label: 1 in the column of its class, 0 elsewhere.

    Args:
        labels: (m,) integers, booleans, texts or numbers.
        classes: every label there can be, in the order of the columns.
        dtype: float32 or float64.

    Returns:
        (m, len(classes)). `from_one_hot` is its inverse.

    Raises:
        InputError: a label that is none of `classes`, or a class named twice.
    """
    names = class_texts(classes)
    columns = _columns(as_array(labels, "labels"), names, "labels")
    return _rows_of_one(columns, len(names), float_type(dtype))


def from_one_hot(y: Any, classes: Sequence[Any]) -> np.ndarray:
    """The label of each row: the class with the largest value, the first of equals.

    Args:
        y: (m, len(classes)): one-hot rows, or what a network answers.
        classes: the labels in the order of the columns.

    Returns:
        (m,) with the kind of `classes`: integers, texts, ...

    Raises:
        InputError: another shape.
    """
    y, names = as_array(y, "y"), as_array(classes, "classes")
    if y.ndim != 2 or names.ndim != 1 or y.shape[1] != len(names):
        raise InputError(
            f"y must be (m, {len(classes)}), one column a class; got {y.shape}."
        )
    return np.asarray(names[y.argmax(axis=1)])


def targets(
    y: Any,
    shape: tuple[int, int],
    classes: Sequence[Any] | None,
    task: str | None,
    dtype: Any,
) -> tuple[np.ndarray, Classes]:
    """Targets as a cost reads them, and the texts of their classes.

    Args:
        y: (m,) labels or numbers, or (m, n_L) as it is.
        shape: of x, (m, n_0): there must be m rows.
        classes: every label there can be, or None to find them.
        task: "classification", "regression" or None: as the kind of `y` suggests.
        dtype: float32 or float64.

    Returns:
        (m, n_L), and a text for each column or None.

    Raises:
        InputError: see `Dataset.from_arrays`.
    """
    if task is not None:
        choose("task", task, dict.fromkeys(TASKS))
    if task == "regression" and classes is not None:
        raise InputError("regression has no classes; leave out classes or task.")
    y = as_array(y.toarray() if hasattr(y, "toarray") else y, "y")
    _check_rows(y, *shape)
    if y.ndim == 2:
        return as_floats(y, dtype, "y"), _column_names(y.shape[1], classes, task)
    kind = _kind(y, "y")
    if task == "regression" or (task is None and classes is None and kind == "f"):
        if y.dtype.kind == "O" and kind in "ibf":
            y = y.astype(np.float64)
        return as_floats(y, dtype, "y")[:, None], None
    return _labels(y, classes, dtype)


def _check_rows(y: np.ndarray, rows: int, columns: int) -> None:
    if y.ndim not in (1, 2):
        raise InputError(
            f"y must be ({rows},) or ({rows}, n), one row an example; got {y.shape}."
        )
    if len(y) != rows:
        advice = (
            "x looks transposed: pass x.T."
            if len(y) == columns
            else "Check that both come from the same rows."
        )
        raise InputError(
            f"y must have one row for each of the {rows} examples in x; "
            f"got {len(y)}. {advice}"
        )


def class_texts(classes: Sequence[Any]) -> tuple[str, ...]:
    """The texts of `classes`, in their order.

    Raises:
        InputError: none, one twice, or more than the limit.
    """
    given = as_array(classes, "classes")
    found, which = _distinct(given, "classes") if given.size else ([], given)
    if len(found) != len(given):
        twice = found[int(np.bincount(which).argmax())]
        raise InputError(f"classes must differ; got {twice!r} more than once.")
    if not 2 <= len(found) <= _limits.CLASSES:
        raise InputError(
            f"classes must be 2 to {_limits.CLASSES:,} (the limit CLASSES); "
            f"got {len(found):,}."
        )
    return tuple(found[number] for number in which)


def _labels(
    y: np.ndarray, classes: Sequence[Any] | None, dtype: Any
) -> tuple[np.ndarray, Classes]:
    """One-hot rows of (m,) labels."""
    if classes is not None:
        names = class_texts(classes)
        return _rows_of_one(_columns(y, names, "y"), len(names), dtype), names
    found, which = _distinct(y, "y")
    if len(found) < 2:
        raise InputError(
            f"y needs at least two classes; got only {found[0]} in all "
            f"{len(y)} rows. Add examples of another class, or name all classes "
            "with classes=..."
        )
    if len(found) > _limits.CLASSES:
        number = "" if y.dtype.kind in "USO" else (
            " If y is a number to be predicted, pass task='regression'."
        )  # fmt: skip
        raise InputError(
            f"y must have at most {_limits.CLASSES:,} classes (the limit CLASSES); "
            f"got {len(found):,}.{number}"
        )
    return _rows_of_one(which, len(found), dtype), tuple(found)


def _column_names(
    columns: int, classes: Sequence[Any] | None, task: str | None
) -> Classes:
    """The classes of a 2-D y: those given, numbers where they are only asked for."""
    if columns == 0:
        raise InputError("y must have at least one column; got none.")
    if classes is None and task != "classification":
        return None
    if columns == 1:
        raise InputError(
            "y must have one column a class; got one column. "
            "For a column of labels pass y[:, 0]."
        )
    names = class_texts(range(columns) if classes is None else classes)
    if len(names) != columns:
        raise InputError(
            f"y must have one column a class; got {columns} columns "
            f"and {len(names)} classes."
        )
    return names


def _rows_of_one(columns: np.ndarray, count: int, dtype: Any) -> np.ndarray:
    y = np.zeros((len(columns), count), dtype)
    y[np.arange(len(columns)), columns] = 1
    return y


def _columns(labels: np.ndarray, names: tuple[str, ...], name: str) -> np.ndarray:
    """The number of each label's class."""
    found, which = _distinct(labels, name)
    column = {text: number for number, text in enumerate(names)}
    for text in found:
        if text not in column:
            numbers = labels.dtype.kind in "iu"
            hint = f" For numbers of classes pass np.array(classes)[{name}]."
            raise InputError(
                f"{name} must be among the classes; got {text!r}. "
                f"Known: {_shown(names)}.{hint if numbers else ''}"
            )
    return np.take(np.array([column[text] for text in found], np.int64), which)


def _distinct(labels: np.ndarray, name: str) -> tuple[list[str], np.ndarray]:
    """The texts of the distinct labels in sorted order, and which each row has."""
    if labels.ndim != 1:
        raise InputError(f"{name} must be (m,), one label a row; got {labels.shape}.")
    kind = _kind(labels, name)
    if labels.dtype.kind == "O":  # what lies in a table's column of texts
        labels = labels.astype(_STORED[kind])
    if kind == "f":
        check_finite(labels, name)
    elif kind == "S":
        try:
            labels = np.char.decode(labels, "utf-8")
        except UnicodeDecodeError:
            raise InputError(f"{name} must be texts; got bytes not in UTF-8.") from None
    found, which = np.unique(labels, return_inverse=True)
    texts = [str(label) for label in found]
    if kind == "f":  # 7.0 is class "7"
        texts = [text.removesuffix(".0") for text in texts]
    return texts, which.reshape(-1)


def _kind(y: np.ndarray, name: str) -> str:
    """The letter of NumPy's kinds that `y` holds: i u b f S or U.

    Raises:
        InputError: missing labels, labels of several kinds, or no labels at all.
    """
    if y.dtype.kind in "iubfSU":
        return y.dtype.kind
    if y.dtype.kind != "O":
        raise InputError(f"{name} must hold labels or numbers; got dtype {y.dtype}.")
    first: dict[str, int] = {}  # the row where each kind is met first
    for row, value in enumerate(y):
        first.setdefault(_letter(value), row)
    if "?" in first:
        raise InputError(
            f"{name} must hold labels or numbers; got {y[first['?']]!r} in row "
            f"{first['?']}. Remove such rows or fill the labels in."
        )
    if first.keys() == {"f", "i"}:
        return "f"
    if len(first) > 1:
        one, other = [repr(y[row]) for row in list(first.values())[:2]]
        raise InputError(
            f"{name} must hold labels of one kind; got {one} and {other}. "
            "Make them all texts or all numbers."
        )
    return next(iter(first))


_STORED = {"b": np.bool_, "i": np.int64, "f": np.float64, "U": np.str_}


def _letter(value: object) -> str:
    """The kind of one label, `?` where it is none (None, NaN, a list, ...)."""
    if isinstance(value, bool | np.bool_):
        return "b"
    if isinstance(value, int | np.integer):
        return "i" if abs(int(value)) < 2**63 else "?"
    if isinstance(value, float | np.floating):
        return "f" if np.isfinite(value) else "?"
    return "U" if isinstance(value, str) else "?"


def _shown(names: Sequence[str]) -> str:
    """The names in a sentence, not too many of them."""
    more = f", ... ({len(names)} in all)" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more
