"""A drawing or a picture from a file, made into an input, step by step."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from ... import _limits
from ..._arrays import Array
from ..._errors import InputError
from ...data import Dataset
from ...data.images import digit
from ...evaluation.stress import noisy, shifted
from ..looks import Drawn, Moment
from ..store import PICTURES
from .asked import Answer, Asked

PLAIN = ("polarity", "light")
"""What is done to a picture from a file even where nothing is normalised."""


def _ink(words: dict[str, Any]) -> Array:
    """The pixels that were drawn, (h, w) in [0, 1], bright on dark.

    Raises:
        InputError: no such pixels.
    """
    shape = words.get("shape")
    if shape is None:
        raise InputError("draw needs shape, [height, width], beside ink.")
    height, width = shape
    if height * width > _limits.STUDIO_INK_PIXELS or min(shape) < 2:
        raise InputError(
            f"a drawing must have at least 2 × 2 and at most "
            f"{_limits.STUDIO_INK_PIXELS:,} pixels (limit STUDIO_INK_PIXELS); got "
            f"{height} × {width}."
        )
    try:
        raw = base64.b64decode(words["ink"], validate=True)
    except (binascii.Error, ValueError):
        raise InputError("ink must be base64; it is not.") from None
    if len(raw) != height * width:
        raise InputError(
            f"ink must be {height * width:,} bytes for {height} × {width}; "
            f"got {len(raw):,}."
        )
    return np.frombuffer(raw, np.uint8).reshape(height, width) / 255.0


def _picture(asked: Asked) -> tuple[Array, str]:
    """The picture, and which of its ink and ground is bright."""
    words = asked.words
    if ("ink" in words) == ("upload" in words):
        raise InputError("draw needs either ink or upload.")
    if "ink" in words:
        return _ink(words), "bright"
    found = asked.studio.store[words["upload"]]
    if found.path.suffix not in PICTURES:
        raise InputError(f"{found.name} must be an image to be drawn; it is not.")
    return digit.read_image(found.path), "auto"


def framing(data: Dataset) -> dict[str, Any]:
    """How the digits of the data lie in their images.

    Raises:
        InputError: the data are no grey images.
    """
    return digit.framing(data)


def _steps(asked: Asked, moment: Moment) -> list[digit.Step]:
    words = asked.words
    image, polarity = _picture(asked)
    frame = moment.once("framing", lambda: framing(moment.known.data))
    wanted: tuple[str, ...] = digit.STEPS
    if not words.get("normalise", True):
        wanted = PLAIN if polarity == "auto" else ("polarity",)
    steps = digit.to_input(image, **frame, steps=wanted, polarity=polarity)
    ground = 0.0 if frame["trained_on"] == "bright" else 1.0
    return [*steps, *_disturbed(steps[-1].image, words, ground)]


def _disturbed(image: Array, words: dict[str, Any], ground: float) -> list[digit.Step]:
    """What was asked for on top: moved, noisy, inverted."""
    found: list[digit.Step] = []
    right, down = words.get("shift", (0, 0))
    now = np.asarray(image, float)
    if right or down:
        now = abs(ground - shifted(abs(ground - now)[None], down, right)[0])
        said = f"moved {right} pixels to the right and {down} down"
        found.append(digit.Step("shift", now, said))
    noise = float(words.get("noise", 0.0))
    if noise:
        now = noisy(now[None], noise, words.get("seed", 0))[0]
        said = f"noise with standard deviation {noise:g}, kept in 0 ... 1"
        found.append(digit.Step("noise", now, said))
    if words.get("invert"):
        now = 1.0 - now
        found.append(digit.Step("invert", now, "dark for bright and bright for dark"))
    return found


def _draw(asked: Asked, moment: Moment) -> Answer:
    steps = _steps(asked, moment)
    lines, flat, start = [], [], 0
    for step in steps:
        lines.append(
            {"name": step.name, "sentence": step.said,
             "shape": list(step.image.shape), "offset": start}
        )  # fmt: skip
        flat.append(np.asarray(step.image, np.float32).ravel())
        start += flat[-1].size
    x = flat[-1].copy()
    asked.drawn = Drawn(x)
    with np.errstate(all="ignore"):
        outputs = moment.network(x[None].astype(moment.network.dtype))[0]
    said = {"steps": lines, "outputs": outputs, "answer": int(outputs.argmax())}
    return Answer({**said, "step": moment.step}, {"x": np.concatenate(flat)})


async def draw(asked: Asked) -> Answer:
    """What the network is shown of a drawing, and what it answers."""
    moment = await asked.moment()
    return await asked.studio.compute(_draw, asked, moment)
