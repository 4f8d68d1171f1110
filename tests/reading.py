"""What the tests of reading share: files to read, and decoding without a process."""

import gzip
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from pellucid import InputError
from pellucid.data.decoders import child, storing
from pellucid.data.reader import Decoded


def decode_here(kind, name, file_bytes, progress=None, **request):
    """What the child does, in this process: a hundred times as fast."""
    sink = storing.Memory()
    try:
        words = {"kind": kind, **request}
        header = child.answer(words, sink, progress or (lambda share: None))
    except InputError as error:
        sentence = str(error)
        raise InputError(
            sentence if sentence.startswith(name) else f"{name}: {sentence}"
        ) from None
    return Decoded(header, sink.bytes)


@contextmanager
def decoding_here():
    """Foreign files are decoded in this process, also for what several tests share."""
    from pellucid.data import numpy_files, tables
    from pellucid.data.images import folder as images

    with pytest.MonkeyPatch.context() as patch:
        for module in (tables, images, numpy_files):
            patch.setattr(module, "decode", decode_here)
        yield


def put(path, text, packed=False):
    """Write a text file, packed with gzip or not; its path."""
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


ROWS = 200


def people(seed=0):
    """A data frame with a column of each kind."""
    draw = np.random.RandomState(seed)
    frame = pd.DataFrame(
        {
            "id": np.arange(1, ROWS + 1),
            "age": draw.normal(40, 12, ROWS),
            "gaps": np.where(draw.rand(ROWS) < 0.3, np.nan, draw.rand(ROWS)),
            "town": draw.choice(["Bonn", "Köln", "Ulm"], ROWS),
            "smokes": draw.choice(["no", "yes"], ROWS),
            "since": pd.to_datetime("2015-01-31")
            + pd.to_timedelta(draw.randint(0, 2000, ROWS), unit="D"),
            "note": [f"text {n}" for n in range(ROWS)],
            "same": 7.0,
            "label": draw.choice(["ill", "well"], ROWS),
        }
    )
    return frame


def column(encoding, name):
    (found,) = [each for each in encoding.columns if each.name == name]
    return found


def training_rows():
    """Which rows of the frame are learned from."""
    from pellucid.data.splits import split_rows

    labels = (people()["label"] == "well").to_numpy().astype(int)
    order, counts = split_rows(ROWS, labels, 0.1, 0.2, 0)
    return order[: counts["train"]]
