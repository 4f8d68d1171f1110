"""Finding the ink in a picture: grey shades, polarity, uneven light, threshold.

Pictures here are (height, width) floats in [0, 1]; after `brighten` ink is bright.
Each function returns what it made and one sentence on what it found.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ... import _limits
from ..._arrays import Array
from ..._errors import InputError

WORK = 512
"""Pixels of the longer side that are worked on: far more than a network sees."""

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601: how bright red, green and blue look

TINY = 20
"""Pixels of the longer side below which strokes are as wide as what is between them."""

ROUGH = 48
"""Pixels of the longer side where only the polarity is asked for."""

WINDOW = 0.22  # of the longer side: strokes are narrower, most shadows are wider
GRAIN = 1 / 150  # of the longer side: the grain of the paper is finer

LEAST_CONTRAST = 0.04  # ink against its ground, in shades of 1
LEAST_SEPARATION = 4.0  # the same in standard deviations of the ground
NOISY = 0.1  # noise of the ground, of the contrast: above, edges are found in a blur
SPECK = 0.03  # of the largest piece's ink: smaller pieces are dirt
INSIDE = 0.2  # of all ink: with so much of it inside, what touches the edge is no digit

Made = tuple[Array, str]


def grey(image: Any) -> Made:
    """Shades of grey in [0, 1], at most WORK pixels a side.

    Args:
        image: (height, width), or with 1 to 4 channels: grey, grey and alpha, RGB,
            RGBA. Integers are out of the range of their kind (a largest of 1: a
            mask); floats lie in [0, 1], or in [0, 255].

    Raises:
        InputError: another shape, too many pixels, or other values.
    """
    values = np.asarray(image)
    shape = values.shape
    if values.ndim == 2:
        values = values[:, :, None]
    if values.ndim != 3 or not 1 <= values.shape[2] <= 4 or 0 in shape:
        raise InputError(
            "an image must be (height, width), or that with 1 to 4 channels; got "
            f"{shape}.{_advice(shape)}"
        )
    pixels = shape[0] * shape[1]
    if pixels > _limits.IMAGE_PIXELS:
        raise InputError(
            f"an image must have at most {_limits.IMAGE_PIXELS:,} pixels (the limit "
            f"IMAGE_PIXELS); got {shape[0]:,} × {shape[1]:,}. Make it smaller first."
        )
    shades = _without_alpha(_unit(values))
    said = f"{shape[0]} × {shape[1]} pixels" + (
        f", {values.shape[2]} channels to one" if values.shape[2] > 1 else ""
    )
    longest = max(shape[:2])
    if longest > WORK:
        ratio = WORK / longest
        small = [max(1, round(side * ratio)) for side in shape[:2]]
        shades = resize(shades, (small[0], small[1]))
        said += f", made smaller: {small[0]} × {small[1]}"
    return shades, said


def _advice(shape: tuple[int, ...]) -> str:
    if len(shape) == 1 and shape[0] and int(shape[0] ** 0.5) ** 2 == shape[0]:
        side = int(shape[0] ** 0.5)
        return f" Pass image.reshape({side}, {side})."
    return " Pass one image at a time." if len(shape) >= 3 else ""


def _unit(values: Array) -> Array:
    """Values in [0, 1] out of any kind of number."""
    kind = values.dtype.kind
    if kind not in "buif":
        raise InputError(
            f"an image must hold numbers; got dtype {values.dtype}. Read the file "
            "first: read_image(path)."
        )
    least, most = float(values.min()), float(values.max())
    if not (np.isfinite(least) and np.isfinite(most)):
        raise InputError(
            "an image must hold finite numbers; got NaN or infinity. Fill them in."
        )
    ranges = [1.0, 255.0] if values.dtype.itemsize < 2 or kind == "f" else []
    if kind in "ui" and not ranges:
        ranges = [1.0, 255.0, 65535.0]
    top = next((top for top in ranges if most <= top), None)
    if top is None or least < 0:
        raise InputError(
            "an image must have values from 0 to 1 or from 0 to 255; got "
            f"{least:g} to {most:g}. Scale it."
        )
    return np.asarray(values, dtype=np.float64) / top


def _without_alpha(values: Array) -> Array:
    """One channel: as bright as it looks, over a ground unlike its ink."""
    channels = values.shape[2]
    alpha = values[:, :, -1] if channels in (2, 4) else None
    colours = values[:, :, :3] if channels >= 3 else values[:, :, :1]
    shades = colours @ np.array(LUMA if channels >= 3 else (1.0,))
    if alpha is None or alpha.min() == 1:
        return shades
    seen = float((shades * alpha).sum()) / (float(alpha.sum()) or 1.0)
    ground = 1.0 if seen < 0.5 else 0.0  # what is drawn must differ from it
    return np.asarray(shades * alpha + ground * (1 - alpha))


def resize(image: Array, shape: tuple[int, int]) -> Array:
    """The picture in another size, edges smoothed; itself where the size is right.

    Each new pixel is a weighted mean of those under a tent as wide as two of the
    larger pixels: what Pillow calls bilinear and does in the same way.

    Args:
        image: (height, width).
        shape: the new (height, width).
    """
    rows = _tent(image.shape[0], shape[0])
    columns = _tent(image.shape[1], shape[1])
    return np.asarray(rows @ image @ columns.T)


@lru_cache(maxsize=64)
def _tent(old: int, new: int) -> Array:
    """Weights (new, old) of one direction; each row sums to 1."""
    if old == new:
        return np.eye(old)
    scale = old / new
    middles = (np.arange(new) + 0.5) * scale - 0.5
    distance = abs(np.arange(old) - middles[:, None]) / max(scale, 1.0)
    weights = np.maximum(0.0, 1.0 - distance)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def is_even(image: Array) -> bool:
    """Whether the ground is one shade, as in a drawing: over half of the pixels."""
    return bool((image == np.median(image)).mean() > 0.5)


def rim(image: Array) -> Array:
    """The pixels along the edge."""
    return np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])


def ink_is_dark(image: Array) -> bool:
    """Whether dark ink lies on a light ground.

    Ink is the minority: against the median of their surroundings, which follows the
    light, the shades have their long tail on its side.
    """
    from scipy import ndimage

    if is_even(image):
        return bool(image.mean() < np.median(image))
    share, longest = 0.4, max(image.shape)
    if longest < TINY:  # ink may be the majority, but not along the edge
        return bool(image.mean() < np.median(rim(image)))
    if longest > ROUGH:
        sides = [max(1, round(side * ROUGH / longest)) for side in image.shape]
        image, share = resize(image, (sides[0], sides[1])), 0.3
    window = round(max(image.shape) * share) | 1
    rest = image - ndimage.median_filter(image, window, mode="nearest")
    return bool((rest**3).sum() < 0)


def even_light(image: Array) -> Made:
    """Bright ink on black, whatever light fell on it.

    The ground is what is left after everything bright and narrow is taken away (a
    grey opening with a window wider than strokes), so shadows count as ground and
    strokes do not. Ink is (picture - ground)/(1 - ground): for dark ink on paper the
    share of the light that it swallows, the same in light and in shadow.
    """
    from scipy import ndimage

    if is_even(image) or max(image.shape) < TINY:
        ground = np.asarray(min(np.median(image), np.median(rim(image))))
    else:
        longest = max(image.shape)
        window = max(3, round(longest * WINDOW)) | 1  # odd: the same on both sides
        smooth = image
        if longest * GRAIN > 0.5:
            smooth = ndimage.gaussian_filter(image, longest * GRAIN, mode="nearest")
        ground = ndimage.grey_opening(smooth, (window, window), mode="nearest")
    ink = np.clip((image - ground) / np.maximum(1.0 - ground, 1e-3), 0.0, 1.0)
    spread = float(ground.max() - ground.min())
    if spread < 0.02:
        return (
            ink,
            f"the ground is even, a shade of {float(ground.mean()):.2f} taken off",
        )
    return ink, f"the ground differs by {spread:.2f} from place to place: taken off"


def clean(image: Array) -> Made:
    """Only ink: the ground is 0, dirt is gone, the ink's own shade is 1.

    What is above Otsu's threshold is ink, and so is the fainter edge around it, down
    to the noise of the ground.

    Raises:
        InputError: there is no ink.

    Source: Otsu 1979.
    """
    threshold = otsu(image)
    level, contrast = _contrast(image, threshold)
    noise = _noise(image, threshold)
    needed = max(LEAST_CONTRAST, LEAST_SEPARATION * noise)
    if contrast < needed:
        raise InputError(
            "the image must show a digit; it is blank: nothing in it stands out from "
            f"its ground (by {contrast:.2f} of 1; with this ground {needed:.2f} are "
            "needed). Draw or photograph it with more contrast."
        )
    where, noisy = image, noise > NOISY * contrast
    if noisy:
        from scipy import ndimage

        where = ndimage.gaussian_filter(image, max(0.7, max(image.shape) / 256))
        threshold, noise = otsu(where), _noise(where, otsu(where))
        level, _ = _contrast(where, threshold)
    # The smoothed edge of a stroke is part of it, as far as noise and shadow let it be
    # told from the ground; a large picture can do without.
    edge = 1.0 if noisy or max(image.shape) > ROUGH else 0.4 if noise > 0 else 0.0
    inked, pieces, dropped = _pieces(where - level, edge, threshold - level)
    full = float(np.percentile(image[where > threshold], 90)) - level
    kept = np.where(inked, np.clip((image - level) / full, 0.0, 1.0), 0.0)
    said = f"ink is above {threshold:.2f} (Otsu), in {pieces} piece(s)"
    return kept, said + (f"; {dropped} speck(s) wiped off" if dropped else "")


def _contrast(image: Array, threshold: float) -> tuple[float, float]:
    """The ground's shade, and by how much the ink's mean differs from it."""
    ground, ink = image[image <= threshold], image[image > threshold]
    level = float(np.median(ground)) if ground.size else 0.0
    return level, float(ink.mean()) - level if ink.size else 0.0


def _noise(image: Array, threshold: float) -> float:
    """Standard deviation of the ground away from all ink; 0 for a clean picture."""
    from scipy import ndimage

    if max(image.shape) < TINY:  # nothing there is away from ink
        return 0.0
    far = ~ndimage.binary_dilation(image > threshold, np.ones((3, 3)), iterations=2)
    if far.mean() < 0.02:  # a thick digit close to the edge, or nothing but noise
        far = image <= threshold
    return float(image[far].std()) if far.any() else 0.0


def otsu(image: Array) -> float:
    """The threshold that parts the shades into two classes of least spread.

    Source: Otsu 1979, "A Threshold Selection Method from Gray-Level Histograms".
    """
    counts, edges = np.histogram(image, bins=256, range=(0.0, 1.0))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = image.size - below
    sums = np.cumsum(counts * middles)
    with np.errstate(all="ignore"):
        gap = sums[:-1] / below - (sums[-1] - sums[:-1]) / above
        between = np.nan_to_num(below * above * gap**2)
    best = np.flatnonzero(between == between.max())
    return float(edges[1:][int(best.mean())])  # the middle of an empty stretch


def _pieces(image: Array, edge: float, threshold: float) -> tuple[Array, int, int]:
    """Where the ink is; in how many pieces; how many others are dirt.

    A piece is what lies together above `edge` of the threshold, and somewhere above
    the whole of it.
    """
    from scipy import ndimage

    labels, count = ndimage.label(image > edge * threshold, np.ones((3, 3)))
    strong = np.where(image > threshold, image, 0.0)
    mass = ndimage.sum_labels(strong, labels, np.arange(1, count + 1))
    good = mass > SPECK * mass.max()
    inside = good & (np.bincount(rim(labels), minlength=count + 1)[1:] == 0)
    if edge > 0 and mass[inside].sum() > INSIDE * mass.sum():
        good = inside  # in a photograph the rest is the table, or a shadow
    keep = np.concatenate([[False], good])
    return keep[labels], int(good.sum()), int(((mass > 0) & ~good).sum())


def stroke_width(image: Array) -> float:
    """Mean width of the strokes, in pixels.

    The mean distance of a stroke's points from its edge is a quarter of its width.
    """
    from scipy import ndimage

    inside = np.pad(image > 0.5, 1)
    if not inside.any():
        return 0.0
    depth = ndimage.distance_transform_edt(inside)[inside] - 0.5
    return float(4.0 * depth.mean())


def thicken(image: Array, by: float) -> Array:
    """Strokes wider by so many pixels on each side, edges smoothed."""
    from scipy import ndimage

    margin = int(np.ceil(by)) + 1
    wide = np.pad(image, margin)
    away = ndimage.distance_transform_edt(wide <= 0.5)
    return np.asarray(np.maximum(wide, np.clip(by + 1.0 - away, 0.0, 1.0)))
