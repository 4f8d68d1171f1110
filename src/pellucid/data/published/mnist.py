"""mnist and fashion_mnist: 70,000 images of 28×28 pixels in ten classes each.

The files are looked for where the caller says, where PELLUCID_DATA says, in the
user's cache, and then downloaded into it. Wherever they are from, they are known
by the SHA-256 of their contents.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ... import _limits
from ..._errors import InputError
from ..._files import read_limited
from ..dataset import Dataset, Known
from ..inputs import float_type
from ..targets import one_hot
from .download import download
from .idx import parse_idx, unpack_idx

ENVIRONMENT = "PELLUCID_DATA"
TRAIN, VALIDATION, TEST = 50_000, 10_000, 10_000
IMAGES = ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte")
LABELS = ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte")
FILES = IMAGES + LABELS


@dataclass(frozen=True)
class Published:
    """Four files as they were published.

    Attributes:
        name: of the data set.
        classes: what the labels 0 ... 9 stand for.
        origin: who made it.
        sources: addresses of folders that hold the .gz files.
        packed: SHA-256 of each .gz file, by the file's name without .gz.
        unpacked: SHA-256 of what is in it.
    """

    name: str
    classes: tuple[str, ...]
    origin: str
    sources: tuple[str, ...]
    packed: Mapping[str, str]
    unpacked: Mapping[str, str]


def load_published(
    published: Published, data_dir: str | Path | None, dtype: Any
) -> Dataset:
    """The Dataset: 50,000 train and 10,000 validation of the first 60,000, 10,000 test.

    Args:
        published: which.
        data_dir: a folder with the four files (packed or not), or with a folder of
            the data set's name that has them.
        dtype: "float32" or "float64".

    Raises:
        InputError: files are missing, damaged or not the published ones.

    Source: the split is Nielsen's, "Neural Networks and Deep Learning", chapter 1.
    """
    kind = float_type(dtype)
    paths = find(published, data_dir)
    rows = TRAIN + VALIDATION + TEST
    x = np.empty((rows, 784), kind)
    labels = np.empty(rows, np.uint8)
    parts = (slice(0, TRAIN + VALIDATION), slice(TRAIN + VALIDATION, rows))
    for rows_of, images, numbers in zip(parts, IMAGES, LABELS, strict=True):
        # Straight from bytes into x: the pixels are never held twice as floats.
        pixels = _read(published, images, paths[images]).reshape(-1, 784)
        np.divide(pixels, 255, out=x[rows_of], dtype=kind)
        labels[rows_of] = _read(published, numbers, paths[numbers])
    return Dataset(
        x,
        one_hot(labels, range(10), kind),
        published.classes,
        name=published.name,
        source=published.origin,
        image_shape=(28, 28),
        counts={"train": TRAIN, "validation": VALIDATION, "test": TEST},
    )


def find(published: Published, data_dir: str | Path | None) -> dict[str, Path]:
    """Where the four files are; downloads them where they are nowhere.

    Raises:
        InputError: not in `data_dir`, or nowhere and no source gave them.
    """
    if data_dir is not None:
        found = _look(published, Path(data_dir))
        missing = [f"{file}.gz" for file in FILES if file not in found]
        if missing:
            raise InputError(
                f"data_dir must hold the four files of {published.name}; "
                f"{', '.join(missing)} not found in {data_dir} or its folder "
                f"{published.name}. Put them there, or leave data_dir out."
            )
        return found
    import platformdirs

    cache = Path(platformdirs.user_cache_dir("pellucid"))
    folders = [cache]
    if os.environ.get(ENVIRONMENT):
        folders.insert(0, Path(os.environ[ENVIRONMENT]))
    for folder in folders:
        found = _look(published, folder)
        if len(found) == len(FILES):
            return found
    for file in FILES:
        if file not in found:  # what the cache has already is kept
            found[file] = _download(published, file, cache / published.name)
    return found


def _look(published: Published, folder: Path) -> dict[str, Path]:
    """The files that are in a folder, or in its folder of the data set's name."""
    places = [
        (file, place / f"{file}{suffix}")
        for suffix in ("", ".gz")
        for place in (folder, folder / published.name)
        for file in FILES
    ]  # the last place wins
    return {file: path for file, path in places if os.path.isfile(path)}


def _download(published: Published, file: str, folder: Path) -> Path:
    path = folder / f"{file}.gz"
    names = ", ".join(f"{name}.gz" for name in FILES)
    given = os.environ.get(ENVIRONMENT)
    instead = (
        f"Without a network put {names} into a folder and name it with "
        f"--data-dir (data_dir=...) or {ENVIRONMENT}"
        + (f", which names {given} now, where they are not all." if given else ".")
    )
    download(
        [f"{source}{path.name}" for source in published.sources],
        path,
        published.packed[file],
        instead=instead,
    )
    return path


def _read(published: Published, file: str, path: Path) -> np.ndarray:
    """The array in a file, once its contents are known to be the published ones."""
    packed = read_limited(path, _limits.IDX_BYTES, f"a file of {published.name}")
    raw = unpack_idx(packed, str(path))
    found, expected = hashlib.sha256(raw).hexdigest(), published.unpacked[file]
    if found != expected:
        raise InputError(
            f"{path} must hold the published {file} of {published.name}, "
            f"SHA-256 {expected[:12]}...; got {found[:12]}... "
            "Delete it and load again, or put the published file there."
        )
    return parse_idx(raw, str(path))


_MNIST = Published(
    name="mnist",
    classes=tuple("0123456789"),
    origin="LeCun, Cortes and Burges 1998, MNIST, from NIST SD-1 and SD-3",
    sources=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    packed={
        FILES[0]: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        FILES[1]: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        FILES[2]: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        FILES[3]: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
    unpacked={
        FILES[0]: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        FILES[1]: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        FILES[2]: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        FILES[3]: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
)

_FASHION_MNIST = Published(
    name="fashion_mnist",
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    origin="Xiao, Rasul and Vollgraf 2017, Zalando Research",
    sources=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
    packed={
        FILES[0]: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        FILES[1]: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        FILES[2]: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        FILES[3]: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
    unpacked={
        FILES[0]: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        FILES[1]: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        FILES[2]: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        FILES[3]: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
)

MNIST = Known(
    name="mnist",
    what="handwritten digits, 28×28 grey pixels",
    source=_MNIST.origin,
    licence="none stated by the authors; often given as CC BY-SA 3.0",
    rows=70_000,
    shape=(28, 28),
    load=partial(load_published, _MNIST),
)

FASHION_MNIST = Known(
    name="fashion_mnist",
    what="ten kinds of clothing, 28×28 grey pixels",
    source=_FASHION_MNIST.origin,
    licence="MIT, Copyright 2017 Zalando SE",
    rows=70_000,
    shape=(28, 28),
    load=partial(load_published, _FASHION_MNIST),
)
