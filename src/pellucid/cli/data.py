"""`pellucid data`: what there is, and where it is from."""

from __future__ import annotations

from typing import Annotated

import typer

from ..data import DATASETS, Dataset, Known
from .options import DataDir, Json, load_data
from .show import print_json, say, table


def data(
    name: Annotated[
        str | None, typer.Argument(help="A data set to look into; none: list all.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """The data sets, or one of them and its classes."""
    if name is None:
        known = list(DATASETS.values())
        _show_all(known)
        if json:
            words = ("name", "what", "source", "licence", "rows", "shape")
            found = [{word: getattr(one, word) for word in words} for one in known]
            print_json({"data": found})
        return
    examples = load_data(name, data_dir)
    say(examples.describe())
    say(f"source: {examples.source}")
    if examples.name in DATASETS:
        say(f"licence: {DATASETS[examples.name].licence}")
    if examples.classes is not None:
        _show_counts(examples, examples.classes)
    if json:
        classes = None if examples.classes is None else list(examples.classes)
        print_json(
            {"name": examples.name, "classes": classes, **examples.fingerprint()}
        )


def _show_all(known: list[Known]) -> None:
    rows = [
        (one.name, f"{one.rows:,}", "×".join(map(str, one.shape)), one.what)
        for one in known
    ]
    table(("name", "examples", "shape", "what"), rows, right=(1,))
    say()
    for one in known:
        say(f"{one.name}: {one.source}. Licence: {one.licence}.")
    say("Pixels lie in [0, 1]. Look into one: pellucid data digits.")


def _show_counts(examples: Dataset, classes: tuple[str, ...]) -> None:
    """Examples of each class in each part."""
    parts = [part for part, rows in examples.counts.items() if rows]
    counts = [examples.part(part).y.sum(0) for part in parts]
    rows = [
        (label, *(f"{int(count[j]):,}" for count in counts))
        for j, label in enumerate(classes)
    ]
    table(("class", *parts), rows, right=range(1, 1 + len(parts)))
