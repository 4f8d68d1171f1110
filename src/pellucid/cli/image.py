"""A picture of a digit on its way into the network: for `pellucid predict --image`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from .._arrays import Array
from .._errors import InputError
from .._files import write_atomic
from ..data import Dataset
from ..data.images.digit import STEPS, Step, framing, read_image, to_input
from ..data.neighbours import how_unusual
from .options import Opened
from .show import picture, say, waiting

SEEN_WELL = 256  # pixels of the longer side of a small picture that is written

Image = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="A drawn or photographed digit: PNG, JPEG..."),
]
StepsFolder = Annotated[
    str | None,
    typer.Option(
        "--steps", metavar="FOLDER", help="Write each step of --image as PNG."
    ),
]
Without = Annotated[
    str | None,
    typer.Option(metavar="STEPS", help=f"Of --image, left out: {', '.join(STEPS)}."),
]
Polarity = Annotated[
    str, typer.Option(metavar="WORD", help="Ink in --image: auto, dark or bright.")
]


def image_input(
    file: str,
    opened: Opened,
    data_dir: str | None,
    *,
    folder: str | None,
    without: str | None,
    polarity: str,
) -> tuple[Array, dict[str, Any]]:
    """The network's input, (1, n_0), out of a picture; every step is told.

    Args:
        file: the picture.
        opened: the network.
        data_dir: where data sets are.
        folder: where each step is written as a picture, if it is wanted.
        without: steps that are left out, `pen,light`.
        polarity: "auto", "dark" or "bright".

    Returns:
        The input, and what is said of it in JSON.

    Raises:
        InputError: no image, a blank one, or a network of other inputs.
    """
    left_out = without.split(",") if without else []
    steps = [step for step in STEPS if step not in left_out]
    if len(steps) + len(left_out) != len(STEPS):
        raise InputError(
            f"--without must name steps: {', '.join(STEPS)}; got {without!r:.40}."
        )
    train = _training_part(opened, data_dir)
    words = _framing(opened, train)
    done = to_input(read_image(file), steps=steps, polarity=polarity, **words)
    for step in done:
        say(f"{step.name}: {step.said}")
    x = done[-1].image.reshape(1, -1)
    picture(x[0], words["shape"])
    if folder is not None:
        _write(done, Path(folder))
    told: dict[str, Any] = {"steps": {step.name: step.said for step in done}}
    if train is not None:
        with waiting("comparing with the training data"):
            found = how_unusual(x, train)
        say(str(found))
        told["unusual"] = vars(found)
    return x, told


def _training_part(opened: Opened, data_dir: str | None) -> Dataset | None:
    """What the network learned from, where it can be had."""
    try:
        found = opened.data(None, data_dir)
    except InputError as error:
        say(f"how usual the picture is can't be said without the data: {error}")
        return None
    part = found.train if found.counts.get("train") else found
    return part if part.inputs == opened.network.sizes[0] else None


def _framing(opened: Opened, train: Dataset | None) -> dict[str, Any]:
    """How digits lay in the images of the training."""
    shape = tuple(opened.about.get("image_shape") or ())
    if len(shape) != 2 or shape[0] * shape[1] != opened.network.sizes[0]:
        raise InputError(
            "--image needs a network that was trained on grey images; this one has "
            f"{opened.network.sizes[0]} inputs and image_shape {list(shape)}. Use "
            "--file for its inputs."
        )
    if train is not None and train.image_shape == shape:
        return framing(train)
    return {"shape": shape}


def _write(done: list[Step], folder: Path) -> None:
    """Each step as a PNG file; small ones enlarged, so that they can be seen."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(done):
        pixels = np.rint(255 * np.clip(step.image, 0, 1)).astype(np.uint8)
        times = max(1, SEEN_WELL // max(pixels.shape))
        stream = io.BytesIO()
        Image.fromarray(np.kron(pixels, np.ones((times, times), np.uint8))).save(
            stream, "PNG"
        )
        write_atomic(folder / f"{number}-{step.name}.png", stream.getvalue())
    say(f"{len(done)} pictures written to {folder}")
