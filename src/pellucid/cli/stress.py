"""`pellucid stress`: a network of images under shift, rotation, darkness and noise."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from .._arrays import check_number
from ..evaluation.stress import answers_to_noise
from ..evaluation.stress import stress as measured
from .options import DataDir, DataName, Json, RunArgument, Runs, open_model
from .show import percent, print_json, say, table, waiting


def stress(
    run: RunArgument = None,
    data: DataName = None,
    count: Annotated[
        int, typer.Option(metavar="NUMBER", help="Test images that are asked.")
    ] = 500,
    plain: Annotated[
        bool, typer.Option("--plain", help="Without the steps of predict --image.")
    ] = False,
    seed: Annotated[int, typer.Option(metavar="NUMBER", help="Of the noise.")] = 0,
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """The accuracy on images shifted, turned, dark or noisy.

    Each distortion is answered as it is, and after the steps that predict --image
    takes; then pure noise is answered.
    """
    check_number("count", count, least=1, whole=True)
    opened = open_model(run, runs)
    examples = opened.data(data, data_dir)
    with waiting("distorting images"):
        found = measured(
            opened.network, examples, count=count, seed=seed, pipeline=not plain
        )
    say(f"{opened.path}: {opened.network!r}, {count:,} test images of {examples.name}")
    lines = []
    for each in found:
        shown = "" if each.kind in ("none", "inversion") else f"{each.amount:g}"
        steps = () if plain else (percent(each.treated),)
        lines.append((each.kind, shown, each.of, percent(each.plain), *steps))
    titles = ("distortion", "by", "", "accuracy", *(() if plain else ("after steps",)))
    table(titles, lines, right=(1, 3, 4))
    noise = answers_to_noise(opened.network, seed=seed)
    name = opened.classes[noise.answer] if opened.classes else f"{noise.answer}"
    say(
        f'{noise.count:,} pictures of pure noise: "{name}" is answered for '
        f"{percent(noise.share)} of them, with a largest output of {noise.top:.2f} in "
        "the median. A sure answer is no proof that the question made sense."
    )
    if json:
        print_json(
            {
                "model": str(opened.path),
                "count": count,
                "stress": [asdict(each) for each in found],
                "noise": {**asdict(noise), "answer": name},
            }
        )
