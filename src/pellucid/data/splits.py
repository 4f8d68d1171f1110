"""Splitting into train, validation and test, the same for ever for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .._arrays import check_number, join
from .._errors import InputError
from .._random import stream
from .dataset import PARTS, Dataset


def split(
    dataset: Dataset,
    *,
    validation: float = 0.1,
    test: float = 0.2,
    seed: int = 0,
    stratify: bool = True,
) -> Dataset:
    """The same examples shuffled into train, validation and test.

    Parts that `dataset` had are mixed. The numbers are copied once, so that each
    part is a slice afterwards.

    Args:
        dataset: two examples or more.
        validation: a share in [0, 1), or a whole number of rows; 0 for no such part.
        test: likewise. What these two leave is the training part.
        seed: 0 ... 2^32 - 1.
        stratify: where there are classes, give each part its share of each class,
            to within one row.

    Raises:
        InputError: the shares leave nothing to learn from, or there are too few
            rows for one in each part.
    """
    labels = dataset.labels if stratify and dataset.classes is not None else None
    order, counts = split_rows(len(dataset), labels, validation, test, seed)
    return replace(dataset.rows(order), counts=counts)


def split_rows(
    rows: int, labels: np.ndarray | None, validation: float, test: float, seed: int
) -> tuple[np.ndarray, dict[str, int]]:
    """The rows in the order of `split`, and how many of them each part has.

    Args:
        rows: how many there are.
        labels: the number of each row's class, to stratify by, or None.
        validation: as for `split`.
        test: as for `split`.
        seed: as for `split`.
    """
    counts = _counts(rows, validation, test)
    order = stream(seed, "split").permutation(rows)
    if labels is not None:
        part = _deal(labels[order], counts)
        order = order[np.argsort(part, kind="stable")]
    return order, dict(zip(PARTS, counts, strict=True))


def _counts(rows: int, validation: float, test: float) -> list[int]:
    """Rows of train, validation and test."""
    asked = [_rows("validation", validation, rows), _rows("test", test, rows)]
    left = rows - sum(asked)
    if left < 1:
        parts = ["train", *(p for p, n in zip(PARTS[1:], asked, strict=True) if n)]
        raise InputError(
            f"split must leave at least one row in {join(parts, 'and')}; got {rows} "
            f"rows with validation={validation} and test={test}. "
            "Ask for less, or bring more rows."
        )
    return [left, *asked]


def _rows(name: str, size: float, rows: int) -> int:
    """A share or a number of rows as a number of rows, one at least if any."""
    if isinstance(size, int | np.integer):
        check_number(name, size, least=0, whole=True)
        return int(size)
    check_number(name, size, least=0, below=1)
    return max(round(size * rows), 1) if size > 0 else 0


def _deal(labels: np.ndarray, counts: list[int]) -> np.ndarray:
    """The part (0, 1 or 2) of each row: the first rows of a class go to part 0, ..."""
    sizes = np.bincount(labels)
    part = np.empty(len(labels), np.int64)
    part[np.argsort(labels, kind="stable")] = np.concatenate(
        [np.repeat(np.arange(len(counts)), cells) for cells in _cells(sizes, counts)]
    )
    return part


def _cells(sizes: np.ndarray, counts: list[int]) -> np.ndarray:
    """How many rows of each class go to each part, (classes, parts).

    Each cell is within one of its exact share, and rows and columns add up to
    `sizes` and `counts`. Every share is rounded down; what is then left of a class
    goes, a row each, to the parts that lack most. As the fractions left over are
    one way to share it out, a whole one exists, and taking the largest finds it.

    Source: Gale 1957, "A theorem on flows in networks"; Ryser 1957.
    """
    cells: np.ndarray = np.outer(sizes, counts) // sizes.sum()
    lacking = np.array(counts) - cells.sum(axis=0)
    for row, left in zip(cells, sizes - cells.sum(axis=1), strict=True):
        takers = np.argsort(-lacking, kind="stable")[:left]
        row[takers] += 1
        lacking[takers] -= 1
    return cells
