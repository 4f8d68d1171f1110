"""What a run's data ask of its settings: how they are read, and defaults by their size.

A run names its data by a name of ours, or by the path of a file or folder and the words
of `read`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ._arrays import choose
from ._errors import InputError
from .data import DATASETS, Dataset, load

READ_WORDS = (
    "target",
    "test_file",
    "kinds",
    "ignore",
    "delimiter",
    "header",
    "size",
    "pixels",
    "validation",
    "test",
    "split_seed",
)
"""Settings that say how a file is read."""

# By rows of the training part: small tables need much to be held back, large ones more
# room. tanh bounds what an outlier does to a small table's numbers; silu bends where
# relu breaks, which suits tables whose classes a plane parts nearly as well as can be.
# Chosen on other splits of the tables than those in docs/tables.md.
_SMALL: dict[str, Any] = {"layers": [128], "dropout": 0.5}
CLASSES: tuple[tuple[int, dict[str, Any]], ...] = (
    (2_000, {**_SMALL, "l2": 3e-3, "epochs": 40}),
    (10_000, {**_SMALL, "hidden": "silu", "l2": 1e-3, "epochs": 80}),
    (100_000, {"layers": [256, 128], "dropout": 0.2, "l2": 1e-4, "epochs": 30}),
    (2**63, {"layers": [128, 128], "dropout": 0.1, "l2": 1e-5, "epochs": 10}),
)
"""Defaults for tables with classes: for fewer training rows than this, these."""

NUMBERS: tuple[tuple[int, dict[str, Any]], ...] = (
    (10_000, {"layers": [128, 128], "hidden": "tanh", "l2": 1e-3, "epochs": 40}),
    (100_000, {"layers": [256, 128], "l2": 1e-4, "epochs": 30}),
    (2**63, {"layers": [128, 128], "l2": 1e-5, "epochs": 10}),
)
"""The same for tables with numbers to be predicted."""

BATCHES = ((10_000, 32), (100_000, 64), (2**63, 256))
"""Mini-batch sizes, likewise."""


def fitting(examples: Dataset) -> dict[str, Any]:
    """Defaults for a table; for few images their number; for data of ours nothing."""
    encoding = examples.encoding
    if encoding is None:
        return {}
    rows = examples.counts.get("train") or len(examples)
    if encoding.pixels is not None:
        return {"batch_size": rows} if rows < BATCHES[0][1] else {}
    numbers = encoding.target.task == "numbers"
    found = next(
        words for limit, words in (NUMBERS if numbers else CLASSES) if rows < limit
    )
    size = next(size for limit, size in BATCHES if rows < limit)
    common = {"eta": 0.003, "dropout": 0.0, "batch_size": min(size, rows)}
    return {**common, **found}


def ends(examples: Dataset) -> dict[str, Any]:
    """The output layer that the target needs, with its own cost; for classes any."""
    if examples.encoding is None or examples.encoding.target.task == "classes":
        return {}
    numbers = examples.encoding.target.task == "numbers"
    return {"output": "identity" if numbers else "sigmoid", "cost": None}


def open_data(chosen: Mapping[str, Any], data_dir: str | None = None) -> Dataset:
    """The data that settings name: a data set of ours, or a file that is read.

    Args:
        chosen: settings.
        data_dir: where data sets of ours are.

    Raises:
        InputError: no such data, or it can't be read.
    """
    name = chosen["data"]
    if not is_file_name(name):
        try:
            return load(name, data_dir, chosen["dtype"])
        except InputError as error:
            if name.lower().replace("-", "_") in DATASETS:
                raise
            sentence = f"{error} No file or folder is called so either."
            raise InputError(sentence) from None
    from .data import read

    choose("pixels", chosen["pixels"], {"grey": 1, "colour": 3})
    size = chosen["size"]
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise InputError(f"size must be height and width, such as 28x28; got {size}.")
    return read(
        name,
        chosen["target"],
        test_file=chosen["test_file"],
        kinds=dict(_kind(words) for words in chosen["kinds"]),
        ignore=chosen["ignore"],
        delimiter=chosen["delimiter"],
        header=chosen["header"],
        size=None if size is None else (size[0], size[1]),
        colour=chosen["pixels"] == "colour",
        validation=chosen["validation"],
        test=chosen["test"],
        seed=chosen["split_seed"],
        dtype=chosen["dtype"],
    )


def is_file_name(name: str) -> bool:
    """Whether the name means a file or folder rather than a data set of ours."""
    if name.lower().replace("-", "_") in DATASETS:
        return False
    return os.path.exists(name) or bool({".", os.sep, "/"} & set(name))


def _kind(words: str) -> tuple[str, str]:
    """Column and kind out of "zip=category"."""
    column, between, kind = words.rpartition("=")
    if not between or not column:
        raise InputError(
            f"kinds must be like column=category,other=numeric; got {words!r:.60}."
        )
    return column, kind
