"""A folder with the four IDX files: images and labels, to train and to test."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ... import _limits
from ..._errors import InputError
from ..._files import read_limited
from ..assemble import Images, Split, from_images, numbered
from ..dataset import Dataset
from .idx import parse_idx

MARKS = {"images": "images-idx3", "labels": "labels-idx1"}
"""What stands in the names of the files; a dot will do for the hyphen."""


def idx_files(folder: Path) -> dict[str, Path]:
    """The four files by what they are, such as "train images"; none if none is there.

    Raises:
        InputError: some are there and some are not.
    """
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{folder} must be readable: {reason}.") from None
    found: dict[str, Path] = {}
    for path in paths:
        name = path.name.lower().replace(".", "-")
        for what, mark in MARKS.items():
            if mark in name and not path.name.startswith("."):
                part = "train" if name.startswith("train") else "test"
                found.setdefault(f"{part} {what}", path)
    wanted = [f"{part} {what}" for part in ("train", "test") for what in MARKS]
    missing = [each for each in wanted if each not in found]
    if found and missing:
        raise InputError(
            f"{folder} must hold four IDX files, images and labels to train and to "
            f"test; it lacks the {missing[0]}."
        )
    return found


def read_idx_folder(
    folder: Path, files: dict[str, Path], split: Split, dtype: Any
) -> Dataset:
    """The Dataset of four IDX files; their test part is kept.

    Raises:
        InputError: a file is damaged, or they do not fit each other.
    """
    arrays, hashes = {}, {}
    for what, path in files.items():
        data = read_limited(path, _limits.IDX_BYTES, "an IDX file")
        hashes[path.name] = hashlib.sha256(data).hexdigest()
        arrays[what] = parse_idx(data, str(path))
    parts = ("train", "test")
    pixels = [arrays[f"{part} images"] for part in parts]
    labels = [arrays[f"{part} labels"] for part in parts]
    for images, numbers in zip(pixels, labels, strict=True):
        if images.ndim not in (2, 3) or numbers.shape != images.shape[:1]:
            raise InputError(
                f"{folder} must hold a label for each image; it holds images "
                f"{images.shape} and labels {numbers.shape}."
            )
    if pixels[0].shape[1:] != pixels[1].shape[1:]:
        raise InputError(f"{folder} must hold images of one size; it holds two.")
    which, classes = numbered(np.concatenate(labels))
    dealt = np.repeat(parts, [len(images) for images in pixels])
    found = Images(tuple(pixels), which, classes, dealt, hashes)
    return from_images(found, split, dtype, folder.resolve().name)
