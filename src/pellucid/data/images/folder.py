"""Folders of images: one subfolder a class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ... import _limits
from ..._errors import InputError
from ..assemble import Images
from ..dataset import PARTS
from ..reader import Progress, decode

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")
SPLIT_NAMES = {"train": "train", "training": "train", "val": "validation",
               "valid": "validation", "validation": "validation", "test": "test",
               "testing": "test"}  # fmt: skip


def read_images(
    folder: str | Path,
    size: tuple[int, int] | None = None,
    colour: bool = False,
    progress: Progress | None = None,
) -> Images:
    """All images of a folder, in the subfolder of their class.

    The classes may also lie one step deeper, in folders called train, validation and
    test. Other files than images are left alone, and so is what lies deeper.

    Args:
        folder: the folder.
        size: (height, width) that all are brought to, stretched where they must be;
            None: the most common size.
        colour: red, green and blue of each pixel instead of its grey.
        progress: is told the share that is done.

    Raises:
        InputError: no folder of a class, one without images, or a damaged image.
    """
    found = _listed(Path(folder))
    paths = [path for path, _, _ in found]
    pixels, notes, sha256 = decode_images(paths, size, colour, progress, str(folder))
    classes = tuple(sorted({label for _, label, _ in found}))
    place = {label: number for number, label in enumerate(classes)}
    labels = np.array([place[label] for _, label, _ in found], np.int64)
    parts = np.array([part for _, _, part in found])
    files = {Path(folder).resolve().name: sha256}
    return Images((pixels,), labels, classes, parts, files, tuple(notes))


def decode_images(
    paths: Sequence[Path],
    size: tuple[int, int] | None,
    colour: bool,
    progress: Progress | None,
    name: str,
) -> tuple[np.ndarray, list[str], str]:
    """The pixels of these files, notes, and a SHA-256 over all of them."""
    largest = max(path.stat().st_size for path in paths)
    found = decode(
        "images",
        name,
        largest,
        progress,
        paths=[os.path.abspath(path) for path in paths],
        shown=[str(path) for path in paths],
        size=None if size is None else list(size),
        colour=colour,
    )
    height, width = found.header["size"]
    shape = (len(paths), height, width, found.header["channels"])
    notes = []
    others = [f"{w}×{h} ({n})" for h, w, n in found.header["sizes"]]
    if len(others) > 1:
        notes.append(
            f"images of several sizes, {', '.join(others)}, are brought to "
            f"{width}×{height}."
        )
    return found.array("|u1", 0, shape), notes, found.header["sha256"]


def _listed(folder: Path) -> list[tuple[Path, str, str]]:
    """Each image with its class and part, sorted."""
    inner = _folders(folder)
    parts = [path for path in inner if path.name.lower() in SPLIT_NAMES]
    found = []
    if parts and len(parts) == len(inner):
        for place in parts:
            part = SPLIT_NAMES[place.name.lower()]
            for label in _folders(place):
                found += [(path, label.name, part) for path in _images(label)]
        order = {part: number for number, part in enumerate(PARTS)}
        found.sort(key=lambda each: (order[each[2]], each[1], each[0].name))
    else:
        for label in inner:
            found += [(path, label.name, "") for path in _images(label)]
    if len(found) > _limits.IMAGES:
        raise InputError(
            f"{folder} must hold at most {_limits.IMAGES:,} images (limit IMAGES); "
            f"got {len(found):,}."
        )
    return found


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, sorted; hidden ones are left out."""
    inner = [path for path in _entries(folder) if not path.name.startswith("__")]
    found = [path for path in inner if path.is_dir()]
    if not found:
        raise InputError(
            f"{folder} must hold a folder of images for each class, or four IDX files; "
            "it holds no folder."
        )
    return found


def _images(folder: Path) -> list[Path]:
    """The images in a folder, sorted; it must have one."""
    paths = [p for p in _entries(folder) if p.name.lower().endswith(SUFFIXES)]
    for path in paths:
        if not path.is_file():
            raise InputError(
                f"{path} must be an image; it is something else, or a link that leads "
                "nowhere. Remove it."
            )
    if not paths:
        raise InputError(
            f"{folder} must hold PNG, JPEG, BMP or GIF images of its class; it holds "
            "none. Remove the folder, or put its images there."
        )
    return paths


def _entries(folder: Path) -> list[Path]:
    """What is in a folder and not hidden, sorted."""
    try:
        return sorted(path for path in folder.iterdir() if path.name[0] != ".")
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"{folder} must be readable: {reason}.") from None
