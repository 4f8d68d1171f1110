"""Look at the data before training: what will make a result poor, or too good.

Each finding says what was measured, what it means and what to try. Clean data gives
none. Nothing is changed. What only a table has (missing values, kinds of columns) is
told by its encoding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise

import numpy as np

from .._arrays import Array, is_csr, join
from .._findings import Finding
from .dataset import Dataset

IMBALANCE = 10
"""The largest class over the smallest, from which balance is spoken of."""

FEW_PER_CLASS = 10
"""Training examples of a class below which little can be learned of it."""

PARAMETERS_AN_EXAMPLE = 50
"""Parameters a training example above which there is too little data."""

SCALED = 20.0
"""Largest size of a column (root mean square) that sigmoid-like units take well."""

TELLS_ALL = 0.97
"""Share of the guesswork that one column takes away when it looks like the target."""

SAMPLE = 5_000
"""Rows that are looked at where looking at all would take long."""


def check(data: Dataset, parameters: int | None = None) -> list[Finding]:
    """Everything that is found in a data set, the most serious first.

    Args:
        data: with its parts; one without parts is looked at whole.
        parameters: number of parameters of the network that is to learn it.
    """
    parts = [part for part, rows in data.counts.items() if rows]
    hashes = {part: row_hashes(data.part(part)) for part in parts}
    train = data.train if "train" in hashes else data
    return [
        *_leaks(hashes),
        *_telling_columns(train),
        *_scale(train),
        *_balance(data, train),
        *_repeated(train, hashes["train"] if "train" in hashes else row_hashes(train)),
        *_constant(train),
        *_size(train, parameters),
    ]


def row_hashes(data: Dataset) -> Array:
    """A hash of the inputs of each row, (m,) int64; equal rows have equal hashes.

    They hold within one process: Python's own hash, the fastest there is, is keyed
    anew in each.
    """
    rows: Iterator[bytes] = (row.tobytes() for row in data.x)
    if is_csr(data.x):
        columns, values = data.x.indices, data.x.data
        pairs = pairwise(data.x.indptr)
        rows = (columns[a:b].tobytes() + values[a:b].tobytes() for a, b in pairs)
    return np.fromiter(map(hash, rows), np.int64, len(data))


def known_rows(train: Dataset, asked: Dataset) -> int:
    """How many rows of `asked` also stand in `train`, as they are given to a network.

    Args:
        train: what was learned from.
        asked: with the same inputs.
    """
    known = row_hashes(train.astype(asked.x.dtype))
    return int(np.isin(row_hashes(asked), known).sum())


def _leaks(hashes: Mapping[str, Array]) -> Iterator[Finding]:
    """Rows of one part that stand in another too."""
    for first, second in combinations(hashes, 2):
        shared = len(np.intersect1d(hashes[first], hashes[second]))
        if shared:
            rows = len(hashes[second])
            yield Finding(
                "leak between parts",
                {"parts": f"{first} and {second}", "rows": shared},
                f"{shared:,} different rows of the {second} part ({rows:,} rows) also "
                f"stand in the {first} part: what is measured there is partly memory.",
                "Remove repeated rows before splitting.",
            )


def _telling_columns(train: Dataset) -> Iterator[Finding]:
    """Columns that alone give the target away."""
    if is_csr(train.x) or train.image_shape is not None or len(train) < 50:
        return
    sample = train.rows(
        np.linspace(0, len(train) - 1, min(len(train), SAMPLE), dtype=int)
    )
    telling = [
        column
        for column in range(train.inputs)
        if _told_by(sample.x[:, column], sample) >= TELLS_ALL
    ]
    if telling:
        names = join(telling[:5], "and")
        yield Finding(
            "target in a column",
            {"columns": telling},
            f"column {names} alone takes away {TELLS_ALL:.0%} of the guesswork about "
            "the target: it may be the target under another name, or something known "
            "only afterwards.",
            "Leave the column out unless it is known when a prediction is asked for.",
        )


def _told_by(column: Array, data: Dataset) -> float:
    """How well one column predicts, learned on even rows and tested on odd ones.

    Examples are binned by the column's quantiles. For classes: of what the most
    frequent class of all gets wrong, the share that the bin's own gets right; for
    numbers: R².
    """
    edges = np.unique(np.quantile(column[::2], np.linspace(0, 1, 51)[1:-1]))
    bins: Array = np.searchsorted(edges, column, side="left")
    learn, test = bins[::2], bins[1::2]
    sums = np.zeros((len(edges) + 1, data.outputs))
    np.add.at(sums, learn, data.y[::2])
    target = data.y[1::2]
    if data.classes is not None:
        right = float((sums[test].argmax(1) == target.argmax(1)).mean())
        chance = float(target.mean(0).max())
        return (right - chance) / (1.0 - chance) if chance < 1.0 else 0.0
    counts = np.bincount(learn, minlength=len(edges) + 1)[:, None]
    means = sums / np.maximum(counts, 1)
    spread = float(((target - target.mean(0)) ** 2).sum())
    rest = float(((target - means[test]) ** 2).sum())
    return 1.0 - rest / spread if spread else 0.0


def _scale(train: Dataset) -> Iterator[Finding]:
    """Inputs that are far from the size of 1."""
    x = train.x
    values = x.data if is_csr(x) else x
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    squares = x.power(2).sum(0) if is_csr(x) else np.einsum("ij,ij->j", x, x)
    size = float(np.sqrt(np.max(squares) / len(train)))  # one outlier is no scale
    if size > SCALED:
        pixels = low >= 0 and high <= 255 and bool((values[:1000] % 1 == 0).all())
        yield Finding(
            "inputs not scaled",
            {"smallest": low, "largest": high},
            f"inputs lie between {low:g} and {high:g}; units saturate on such sizes, "
            "and one learning rate can't fit all columns.",
            "Divide pixels by 255." if pixels else "Standardise the columns.",
        )


def _balance(data: Dataset, train: Dataset) -> Iterator[Finding]:
    """Classes that are rare, or absent where they are learned from."""
    if train.classes is None:
        return
    counts = train.y.sum(0).astype(int)
    absent = [train.classes[c] for c in np.flatnonzero(counts == 0)]
    if absent:
        yield Finding(
            "class never seen",
            {"classes": absent},
            f"class {join(absent[:5], 'and')} has no training example: it can't be "
            "learned.",
            "Split again (stratified), or leave the class out.",
        )
    few = [
        train.classes[c]
        for c in np.flatnonzero((counts > 0) & (counts < FEW_PER_CLASS))
    ]
    if few:
        yield Finding(
            "few examples of a class",
            {"classes": few, "fewest": int(counts[counts > 0].min())},
            f"class {join(few[:5], 'and')} has fewer than {FEW_PER_CLASS} training "
            "examples: its accuracy will be mostly chance.",
            "Collect more of it, or join it with a related class.",
        )
    present = counts[counts > 0]
    ratio = present.max() / present.min()
    if ratio >= IMBALANCE:
        most = train.classes[int(counts.argmax())]
        least = train.classes[int(np.where(counts == present.min())[0][0])]
        share = counts.max() / counts.sum()
        yield Finding(
            "classes out of balance",
            {"ratio": float(ratio), "largest_share": float(share)},
            f"class {most} has {ratio:.0f} times the examples of class {least}; always "
            f"answering {most} is already {share:.1%} right.",
            "Judge by recall and F1 of each class, or give rare classes weight.",
        )


def _repeated(train: Dataset, hashes: Array) -> Iterator[Finding]:
    """Rows that stand several times, exactly or nearly."""
    again = len(train) - len(np.unique(hashes))
    if again > 0.01 * len(train):
        yield Finding(
            "repeated rows",
            {"rows": again},
            f"{again:,} of {len(train):,} training rows repeat an earlier one: they "
            "count more than once, and a random split would share them.",
            "Remove repetitions unless they are real.",
        )
    if is_csr(train.x):
        return
    x = train.x[:SAMPLE]
    low, span = x.min(axis=0), np.ptp(x, axis=0)
    steps = np.divide(50.0, span, out=np.zeros_like(span), where=span > 0)
    rounded = (np.rint((row - low) * steps).astype(np.int16) for row in x)
    near = len({hash(row.tobytes()) for row in x})
    near -= len({hash(row.tobytes()) for row in rounded})
    if near > 0.05 * len(x):
        yield Finding(
            "nearly repeated rows",
            {"rows": near, "of": len(x)},
            f"{near:,} of {len(x):,} training rows are within about a fiftieth of "
            "the range of another in every column.",
            "Check whether they come from the same object, and split by object then.",
        )


def _constant(train: Dataset) -> Iterator[Finding]:
    """Columns that never change (in images the margin never does: no matter)."""
    if is_csr(train.x) or train.image_shape is not None:
        return
    constant = np.flatnonzero(np.ptp(train.x, axis=0) == 0)
    if len(constant):
        yield Finding(
            "constant columns",
            {"columns": constant.tolist()},
            f"column {join(constant[:5].tolist(), 'and')} has one value in all "
            "training examples: nothing can be learned from it.",
            "Leave it out.",
        )


def _size(train: Dataset, parameters: int | None) -> Iterator[Finding]:
    """Too few examples for so many parameters."""
    if parameters is None or parameters <= PARAMETERS_AN_EXAMPLE * len(train):
        return
    yield Finding(
        "too little data for the network",
        {"parameters": parameters, "examples": len(train)},
        f"{parameters:,} parameters learn from {len(train):,} examples, "
        f"{parameters / len(train):.0f} each: the network can learn them by heart.",
        "Make the layers narrower, add an l2 penalty or dropout, or get more data.",
    )
