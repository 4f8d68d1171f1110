"""A digit that somebody drew or photographed, made into what a network was shown.

Networks that read MNIST fail on other people's digits for dull reasons: dark ink on
white paper, uneven light, a digit too low or too small, a fine pen. MNIST's makers
treated their scans in steps: cropped, fitted into a box of 20×20 pixels with the
aspect kept and the edges smoothed, then moved so that the centre of mass is the
centre of 28×28 (LeCun et al. 1998, "Gradient-based learning applied to document
recognition", III.A). The steps here do the same to any picture. Each can be seen and
left out, and an image of MNIST passes through all of them nearly as it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ... import _limits
from ..._arrays import Array, check_number, choose, is_csr
from ..._errors import InputError
from ..dataset import Dataset
from . import ink
from .folder import decode_images

STEPS = ("polarity", "light", "clean", "crop", "pen", "box", "centre")
"""What can be left out, in the order in which it is done. `grey` always comes first."""

POLARITIES = ("auto", "dark", "bright")
CENTRES = ("mass", "middle")

LOOKED_AT = 500  # images that framing looks at

SURE = 0.3  # of full ink: what is fainter may be the smoothed edge of a stroke
FINE_PEN = 1.4  # pixels of the box: finer strokes are thickened ...
USUAL_PEN = 2.4  # ... to this, thin among MNIST's


@dataclass(frozen=True)
class Step:
    """The picture after one step.

    Attributes:
        name: "grey", one of `STEPS`, or "input", the last.
        image: (height, width) in [0, 1].
        said: what was found and done, in words.
    """

    name: str
    image: Array
    said: str


def to_input(
    image: Any,
    shape: tuple[int, int] = (28, 28),
    *,
    steps: Collection[str] = STEPS,
    polarity: str = "auto",
    box: int | None = None,
    centre: str = "mass",
    trained_on: str = "bright",
) -> list[Step]:
    """The picture after each step; the last is what the network is shown.

    `to_input(image)[-1].image.reshape(1, -1)` is x for a network that learned MNIST.
    For one that learned other images, `**framing(data)` gives the last keywords.

    Args:
        image: (height, width), or with 1 to 4 channels: grey, grey and alpha, RGB,
            RGBA; integers, or floats in [0, 1] or [0, 255].
        shape: (height, width) that the network was trained on.
        steps: those of `STEPS` that are wanted. Without "box" the picture fills
            `shape`, without "centre" it goes to the middle.
        polarity: "dark" ink on a light ground, "bright" on dark, or "auto".
        box: pixels of the digit's longer side; None: 20 of 28, in proportion.
        centre: what goes to the centre of `shape`: the digit's centre of "mass", or
            the "middle" of its own height and width.
        trained_on: the ink that the network was trained on, "bright" or "dark".

    Raises:
        InputError: no image, a blank one, too large, or an unknown word.
    """
    height, width = _checked(shape, steps)
    choose("polarity", polarity, dict.fromkeys(POLARITIES))
    choose("centre", centre, dict.fromkeys(CENTRES))
    choose("trained_on", trained_on, dict.fromkeys(POLARITIES[1:]))
    side = box or round(min(height, width) * 20 / 28)
    check_number("box", side, least=1, most=min(height, width), whole=True)
    rules: dict[str, Callable[[Array], ink.Made]] = {
        "polarity": lambda now: _brighten(now, polarity),
        "light": ink.even_light,
        "clean": ink.clean,
        "crop": _crop,
        "pen": lambda now: _thicken(now, side),
        "box": lambda now: _fit(now, side, side),
        "centre": lambda now: _place(now, (height, width), centre),
    }
    now, said = ink.grey(image)
    done = [Step("grey", now, said)]
    for name in STEPS:
        if name in steps:
            now, said = rules[name](now)
            done.append(Step(name, now, said))
        elif name == "box":
            now, _ = _fit(now, height, width)
        elif name == "centre":
            now, _ = _place(now, (height, width), "middle")
    shown, ground = (now, "black") if trained_on == "bright" else (1 - now, "white")
    x = np.clip(shown, 0.0, 1.0).astype(np.float32)
    said = (
        f"{height} × {width}, ink {trained_on} on {ground}: what the network is shown"
    )
    return [*done, Step("input", x, said)]


def _checked(shape: Any, steps: Collection[str]) -> tuple[int, int]:
    if np.shape(shape) != (2,):
        raise InputError(f"shape must be (height, width); got {shape!r}.")
    for side in shape:
        check_number("a side of shape", side, least=2, most=ink.WORK, whole=True)
    if isinstance(steps, str):
        raise InputError(
            f"steps must be several names; got {steps!r}: pass [{steps!r}]."
        )
    for name in steps:
        choose("step", name, dict.fromkeys(STEPS))
    return int(shape[0]), int(shape[1])


def _brighten(image: Array, polarity: str) -> ink.Made:
    """Bright ink; which it was is found or told."""
    dark = ink.ink_is_dark(image) if polarity == "auto" else polarity == "dark"
    found = "found" if polarity == "auto" else "as told"
    if dark:
        return 1.0 - image, f"dark ink on a light ground ({found}): inverted"
    return image, f"bright ink on a dark ground ({found}): left"


def _crop(image: Array) -> ink.Made:
    """The smallest rectangle with all of the ink."""
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    if not rows.size:
        raise InputError(
            "the image must show a digit; all of it is 0. Check its polarity."
        )
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    said = f"rows {top} to {bottom - 1}, columns {left} to {right - 1}"
    if right - left > 1.5 * (bottom - top):
        said += "; wider than high: is it one digit?"
    return image[top:bottom, left:right], said


def _thicken(image: Array, box: int) -> ink.Made:
    """Strokes that would be too fine in the box are drawn with a thicker pen."""
    scale = max(image.shape) / box
    if scale < 1.5:
        return image, "left: the picture is too small to show how wide strokes are"
    width = ink.stroke_width(image) / scale
    said = f"strokes are {width:.1f} pixels wide in the box"
    if width >= FINE_PEN:
        return image, said + ": left"
    return (
        ink.thicken(image, (USUAL_PEN - width) * scale / 2),
        f"{said}: drawn again, {USUAL_PEN} wide",
    )


def _fit(image: Array, height: int, width: int) -> ink.Made:
    """The picture as large as the box allows, its aspect kept.

    Where the box lies between the surely inked rectangle and the one with all faint
    edges, the picture has that size already and is not smoothed for nothing.
    """
    sure = [int((image.max(1 - axis) > SURE).sum()) for axis in (0, 1)]
    low, high = (
        min(height / sides[0], width / sides[1]) for sides in (image.shape, sure)
    )
    ratio = 1.0 if low <= 1.0 <= high else low
    small = [max(1, round(side * ratio)) for side in image.shape]
    made = ink.resize(image, (small[0], small[1]))
    said = f"{image.shape[0]} × {image.shape[1]} to {small[0]} × {small[1]}"
    most = float(made.max())
    return (made / most if most > 0 else made), said


def _place(image: Array, shape: tuple[int, int], centre: str) -> ink.Made:
    """The picture in the middle of its field, wholly inside where it fits."""
    field, shades, shifts = np.zeros(shape), image.sum(), []
    for axis, side in enumerate(shape):
        length = image.shape[axis]
        start = (side - length + 1) // 2
        if centre == "mass" and shades > 0:
            middle = float(image.sum(1 - axis) @ np.arange(length)) / shades
            # As in MNIST: the centre of mass comes to lie in pixel 14 of 0 ... 27.
            start = int(np.floor(side / 2 - middle + 0.5))
        start = min(max(start, 0), max(side - length, 0))
        shifts.append(start)
    top, left = shifts
    part = image[: shape[0], : shape[1]]
    field[top : top + part.shape[0], left : left + part.shape[1]] = part
    what = "centre of mass" if centre == "mass" else "middle"
    return field, f"{what} to the centre: first row {top}, first column {left}"


def read_image(path: str | Path) -> Array:
    """The pixels of a PNG, JPEG, BMP or GIF file, (height, width, 3) uint8.

    Decoded in a process of its own, turned upright, transparent parts on white.

    Raises:
        InputError: no such file, too large, damaged or of another format.
    """
    path = Path(path)
    try:
        size = os.stat(path).st_size
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"the image must be a file; {path} is not: {reason}."
        ) from None
    if not path.is_file() or size > _limits.IMAGE_FILE_BYTES:
        raise InputError(
            f"the image must be a file of at most {_limits.IMAGE_FILE_BYTES:,} bytes "
            f"(limit IMAGE_FILE_BYTES); {path} is "
            + (f"one of {size:,}." if path.is_file() else "something else.")
        )
    pixels, _, _ = decode_images([path], None, True, None, str(path))
    return np.asarray(pixels[0])


def framing(data: Dataset) -> dict[str, Any]:
    """How the digits of a data set lie in their images: keywords for `to_input`.

    Args:
        data: grey images in [0, 1]; of one with parts, the training part is looked at.

    Raises:
        InputError: its rows are no grey images.
    """
    images = grey_images(data.train if data.counts.get("train") else data, LOOKED_AT)
    dark = float(np.median(images)) > 0.5
    images = 1.0 - images if dark else images
    shape = images.shape[1:]
    sides, middles = [], []
    for image in images[images.any(axis=(1, 2))]:
        spans = [np.flatnonzero(image.any(1 - axis)) for axis in (0, 1)]
        sides.append(max(span[-1] - span[0] + 1 for span in spans))
        mass = [image.sum(1 - axis) @ np.arange(shape[axis]) for axis in (0, 1)]
        middles.append(np.array(mass) / image.sum())
    # Rounding to whole pixels alone spreads a centre of mass by 1/sqrt(12) = 0.29.
    by_mass = bool((np.std(middles, axis=0) < 0.33).all())
    return {
        "shape": shape,
        "box": int(np.median(sides)),
        "centre": "mass" if by_mass else "middle",
        "trained_on": "dark" if dark else "bright",
    }


def grey_images(data: Dataset, most: int | None = None) -> Array:
    """The examples as pictures, (m, height, width); the first `most` of them.

    Raises:
        InputError: the rows are no grey images.
    """
    shape = data.image_shape
    if shape is None or len(shape) != 2 or shape[0] * shape[1] != data.inputs:
        raise InputError(
            f"data must hold grey images, a row each; {data.name!r} holds "
            f"{data.inputs} numbers a row and image_shape {shape}. Pass "
            "image_shape=(height, width) to Dataset.from_arrays."
        )
    x = data.x[: len(data) if most is None else most]
    return np.asarray(x.toarray() if is_csr(x) else x).reshape(-1, *shape)
