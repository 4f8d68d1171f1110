"""What a network that reads images loses when they are not as in training.

Shifted, turned, darker, noisier, inverted: the lectures' features "invariant to the
irrelevant". Each distortion is answered as it is, and once more after
`data.digit.to_input`, which undoes what can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .._arrays import Array, check_number
from .._errors import InputError
from .._random import stream
from ..data import Dataset
from ..data.images.digit import framing, grey_images, to_input
from ..mathematics.network import Network

SHIFTS = (1, 2, 3, 4)  # pixels
ANGLES = (5, 10, 15, 20, 30)  # degrees
BRIGHTNESS = (0.75, 0.5, 0.25)  # of the ink
NOISE = (0.1, 0.2, 0.3)  # standard deviation


@dataclass(frozen=True)
class Strain:
    """What is left under one distortion.

    Attributes:
        kind: "none", "shift", "rotation", "brightness", "noise" or "inversion".
        amount: pixels, degrees, share of brightness or standard deviation.
        of: what `amount` is and over what the mean is taken, in words.
        plain: accuracy on the distorted images, 0 ... 1.
        treated: accuracy after `to_input`; None where it was not asked for.
    """

    kind: str
    amount: float
    of: str
    plain: float
    treated: float | None


def stress(
    network: Network,
    data: Dataset,
    *,
    count: int | None = 500,
    seed: int = 0,
    pipeline: bool = True,
    words: dict[str, Any] | None = None,
) -> list[Strain]:
    """Accuracy under shift, rotation, darkness, noise and inversion.

    Args:
        network: trained on images in [0, 1].
        data: labelled grey images; of one with parts, the test part is asked.
        count: how many are asked, the first ones; None: all.
        seed: of the noise.
        pipeline: whether to ask again after `to_input` (a millisecond an image).
        words: keywords for `to_input`; None: `framing(data)`.

    Raises:
        InputError: the data are no grey images with classes, or do not fit.
    """
    part = data.test if data.counts.get("test") else data
    check_number(
        "count", count if count is not None else len(part), least=1, whole=True
    )
    words = framing(data) if words is None else words
    images = grey_images(part, count)
    labels = part.labels[: len(images)]
    if (part.inputs, part.outputs) != (network.sizes[0], network.sizes[-1]):
        raise InputError(
            f"network must fit the images, {part.inputs} inputs and {part.outputs} "
            f"classes; got {network.sizes[0]} and {network.sizes[-1]}. Name the data "
            "that it was trained on."
        )
    ink = 1.0 if words.get("trained_on", "bright") == "bright" else 0.0

    def share(shown: Array) -> float:
        x = shown.reshape(len(shown), -1).astype(network.dtype)
        return float((network(x).argmax(1) == labels).mean())

    found = []
    for kind, amount, of, distortions in _distortions(images.shape[1:], ink, seed):
        made = [distort(images) for distort in distortions]
        plain = float(np.mean([share(each) for each in made]))
        treated = None
        if pipeline:
            treated = float(np.mean([share(_treated(each, words)) for each in made]))
        found.append(Strain(kind, amount, of, plain, treated))
    return found


Distortion = Callable[[Array], Array]


def _distortions(
    shape: tuple[int, int], ink: float, seed: int
) -> list[tuple[str, float, str, list[Distortion]]]:
    """Kind, amount, words, and the distortions whose mean is taken.

    `ink` is its shade, 1 or 0; the ground is the other.
    """

    def on_black(distort: Distortion) -> Distortion:
        return lambda images: abs(1.0 - ink - distort(abs(1.0 - ink - images)))

    def shifts(by: int) -> list[Distortion]:
        ways = ((by, 0), (-by, 0), (0, by), (0, -by))
        return [on_black(partial(shifted, down=y, right=x)) for y, x in ways]

    def turns(by: float) -> list[Distortion]:
        return [on_black(partial(rotated, degrees=angle)) for angle in (by, -by)]

    def darker(by: float) -> list[Distortion]:
        return [on_black(lambda images: by * images)]

    def noisier(by: float) -> list[Distortion]:
        return [partial(noisy, deviation=by, seed=seed)]

    return [
        ("none", 0.0, "as they are", [lambda images: images]),
        *(
            ("shift", float(by), "pixels, mean of 4 directions", shifts(by))
            for by in SHIFTS
            if by < min(shape) // 2
        ),
        *(
            ("rotation", float(by), "degrees, mean of both ways", turns(by))
            for by in ANGLES
        ),
        *(("brightness", by, "of the ink's", darker(by)) for by in BRIGHTNESS),
        *(("noise", by, "standard deviation", noisier(by)) for by in NOISE),
        ("inversion", 1.0, "dark for bright", [lambda images: 1.0 - images]),
    ]


def shifted(images: Array, down: int, right: int) -> Array:
    """Images moved by whole pixels, (m, height, width); what leaves is lost."""
    moved = np.zeros_like(images)
    height, width = images.shape[1:]
    down, right = np.clip((down, right), (-height, -width), (height, width)).tolist()
    to = (
        slice(max(down, 0), height + min(down, 0)),
        slice(max(right, 0), width + min(right, 0)),
    )
    source = (
        slice(max(-down, 0), height + min(-down, 0)),
        slice(max(-right, 0), width + min(-right, 0)),
    )
    moved[:, to[0], to[1]] = images[:, source[0], source[1]]
    return moved


def rotated(images: Array, degrees: float) -> Array:
    """Images turned counter-clockwise about their centre, linearly interpolated."""
    from scipy import ndimage

    turned = ndimage.rotate(images, degrees, axes=(2, 1), reshape=False, order=1)
    return np.asarray(np.clip(turned, 0.0, 1.0))


def noisy(images: Array, deviation: float, seed: int) -> Array:
    """Images with Gaussian noise, kept in [0, 1]."""
    random = stream(seed, "noise", round(1e6 * deviation))
    return np.clip(images + deviation * random.standard_normal(images.shape), 0.0, 1.0)


def _treated(images: Array, words: dict[str, Any]) -> Array:
    """Each image after `to_input`; one that it refuses is left as it is."""
    made = np.array(images, np.float32)
    for number, image in enumerate(images):
        try:
            made[number] = to_input(image, **words)[-1].image
        except InputError:
            continue
    return made


@dataclass(frozen=True)
class Noise:
    """What a network answers to pictures of nothing.

    Attributes:
        count: how many it was asked.
        top: median of its largest output.
        answer: number of the class that it gives most often.
        share: how often, 0 ... 1.
    """

    count: int
    top: float
    answer: int
    share: float


def answers_to_noise(network: Network, count: int = 1000, seed: int = 0) -> Noise:
    """Ask a network about uniform noise in [0, 1], which is no digit at all.

    A sure answer here shows that a large output alone is no reason to believe it;
    `data.neighbours.how_unusual` tells such questions from real ones.
    """
    check_number("count", count, least=1, whole=True)
    x = stream(seed, "nothing").random_sample((count, network.sizes[0]))
    a = network(x.astype(network.dtype))
    counts = np.bincount(a.argmax(1), minlength=a.shape[1])
    answer = int(counts.argmax())
    top = float(np.median(a.max(1)))
    return Noise(count, top, answer, float(counts[answer] / count))
