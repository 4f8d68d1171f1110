"""The data: examples with their targets, from arrays or by name.

    dataset   Dataset: x, y and what belongs to them; parts are slices
    inputs    anything array-like to (m, n) floats
    targets   labels to one-hot rows and back
    splits    train, validation and test
    digits    the embedded data set
    generated points of a plane: line, moons, circles, spirals, xor
    mnist     MNIST and Fashion-MNIST
    idx       the file format of these two
    download  one file from several sources, checked

    sources   read(): one door for tables, data frames, images and arrays
    tables    raw rows and columns; images, idx_folder, numpy_files: other sources
    reader    the process that decodes foreign formats; decoders: what runs in it
    encoding  raw rows to inputs and targets; columns, outputs, infer, raw, plain
    assemble  from raw rows to a Dataset: split, fit, encode

This room knows nothing of networks. A data set that is loaded by its name is one
file here and one line of the table below.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._arrays import choose
from .dataset import PARTS, Dataset, Known
from .published.digits import DIGITS
from .published.generated import GENERATED
from .published.idx import parse_idx, read_idx
from .published.mnist import FASHION_MNIST, MNIST
from .splits import split
from .targets import from_one_hot, one_hot

if TYPE_CHECKING:
    from .sources import inputs_with, read, read_with
    from .tables.encoding import Encoding

__all__ = [
    "DATASETS",
    "PARTS",
    "Dataset",
    "Encoding",
    "Known",
    "from_one_hot",
    "inputs_with",
    "load",
    "one_hot",
    "parse_idx",
    "read",
    "read_idx",
    "read_with",
    "split",
]

LATER = {
    "Encoding": "tables.encoding",
    "inputs_with": "sources",
    "read": "sources",
    "read_with": "sources",
}
"""What is imported when it is first asked for: a third of the whole import's time."""


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{LATER[name]}", __name__), name)


DATASETS: dict[str, Known] = {
    known.name: known for known in (DIGITS, MNIST, FASHION_MNIST, *GENERATED.values())
}


def load(
    name: str, data_dir: str | Path | None = None, dtype: Any = "float32"
) -> Dataset:
    """A data set by its name, split into train, validation and test.

    Args:
        name: one of `DATASETS`; capitals and `-` for `_` are forgiven.
        data_dir: where the files are. Left out: where the environment variable
            PELLUCID_DATA says, then the user's cache, then a download into it.
        dtype: "float32" or "float64".

    Raises:
        InputError: unknown name, or files that are missing or damaged.
    """
    key = name.lower().replace("-", "_") if isinstance(name, str) else name
    return choose("data", key, DATASETS).load(data_dir, dtype)
