"""digits: real handwriting that is there without a download."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ..dataset import Dataset, Known
from ..splits import split

SEED = 0
"""Of the split, which is part of what the data set is."""


def load_digits(data_dir: str | Path | None, dtype: Any) -> Dataset:
    """1,797 digits of 8×8 pixels in [0, 1]: 1,258 train, 180 validation, 359 test.

    Args:
        data_dir: not needed; the digits come with scikit-learn.
        dtype: "float32" or "float64".
    """
    from sklearn.datasets import load_digits as embedded

    x, labels = embedded(return_X_y=True)
    data = Dataset.from_arrays(
        x / 16.0, labels, name="digits", image_shape=(8, 8), dtype=dtype
    )
    source = f"{DIGITS.source}; as embedded in scikit-learn"
    return split(replace(data, source=source), validation=0.1, test=0.2, seed=SEED)


DIGITS = Known(
    name="digits",
    what="handwritten digits, 8×8 grey pixels",
    source="Alpaydin and Kaynak 1998, UCI Optical Recognition of Handwritten Digits",
    licence="CC BY 4.0 (as UCI states it)",
    rows=1_797,
    shape=(8, 8),
    load=load_digits,
)
