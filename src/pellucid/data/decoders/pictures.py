"""Images: PNG, JPEG, BMP and the first frame of GIF, as grey or coloured pixels."""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from ... import _limits
from ..._errors import InputError

MAGIC = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"BM": "BMP",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
"""How a file of each format starts."""


def read(
    paths: list[str],
    shown: list[str],
    size: tuple[int, int] | None,
    colour: bool,
    sink: Any,
    progress: Callable[[float], None],
) -> dict[str, Any]:
    """Write the pixels of all images into `sink`, one byte each, image after image.

    Args:
        paths: the files.
        shown: what to call each in a sentence.
        size: (height, width) they are brought to; None: the most common one.
        colour: red, green and blue of each pixel instead of its grey.
        sink: takes the bytes.
        progress: told the share that is done.

    Returns:
        "size", "sizes" (how many images have which), and "sha256" over all files.

    Raises:
        InputError: an image is damaged, too large or of another format.
    """
    warnings.simplefilter("ignore")  # of Pillow's, on what is checked here
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours
    sizes: Counter[tuple[int, int]] = Counter()
    if size is None:
        for number, (path, name) in enumerate(zip(paths, shown, strict=True)):
            sizes[_size(path, name)] += 1
            progress(0.2 * number / len(paths))
    height, width = size or max(sizes, key=lambda s: (sizes[s], s))
    channels = 3 if colour else 1
    length = height * width * channels
    sink.reserve(length * len(paths))
    total = hashlib.sha256()
    for number, (path, name) in enumerate(zip(paths, shown, strict=True)):
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
        pixels = _decode(path, name, (height, width), colour)
        sink.write(number * length, pixels.reshape(-1).data)
        progress(0.2 + 0.8 * number / len(paths))
    return {
        "size": [height, width],
        "channels": channels,
        "sizes": [[*shape, count] for shape, count in sizes.most_common(5)],
        "sha256": total.hexdigest(),
    }


def _open(path: str, name: str) -> Any:
    """The image, its format known by its first bytes, its pixels not yet read."""
    with open(path, "rb") as file:
        head = file.read(8)
    kind = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)
    if kind is None:
        raise InputError(
            f"{name} must be a PNG, JPEG, BMP or GIF image; it starts like none of "
            "them. Remove it, or get it again."
        )
    try:
        image = Image.open(path, formats=(kind,))
    except Exception as error:
        raise InputError(_damaged(name, kind, error)) from None
    width, height = image.size
    if width * height > _limits.IMAGE_PIXELS:
        image.close()
        raise InputError(
            f"{name} must have at most {_limits.IMAGE_PIXELS:,} pixels (limit "
            f"IMAGE_PIXELS); it has {width}×{height}. Make it smaller."
        )
    return image


def _size(path: str, name: str) -> tuple[int, int]:
    with _open(path, name) as image:
        turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8) if (
            image.format == "JPEG"
        ) else False  # fmt: skip
        width, height = image.size
    return (width, height) if turned else (height, width)


def _decode(path: str, name: str, size: tuple[int, int], colour: bool) -> Any:
    """Pixels 0 ... 255, (height, width) or (height, width, 3)."""
    with _open(path, name) as image:
        kind = image.format or "image"
        try:
            image.load()
            upright = ImageOps.exif_transpose(image)
            plain = _plain(upright, "RGB" if colour else "L")
        except Exception as error:
            raise InputError(_damaged(name, kind, error)) from None
    if plain.size != (size[1], size[0]):
        plain = plain.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(plain))


def _plain(image: Any, mode: str) -> Any:
    """The image without transparency (on white) and with 8 bits a colour."""
    if image.mode.startswith("I;16") or image.mode == "I":
        values = np.asarray(image).astype(np.float64)
        image = Image.fromarray((values / 257).round().clip(0, 255).astype(np.uint8))
    elif image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert(mode)


def _damaged(name: str, kind: str, error: Exception) -> str:
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return f"{name} must be a whole {kind} image; it is damaged: {reason:.120}."
