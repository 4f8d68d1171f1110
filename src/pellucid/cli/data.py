"""`pellucid data`: what there is, and where it is from."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import recipes
from ..data import DATASETS, Dataset, Encoding, Known
from .options import DataDir, Delimiter, Header, Ignore, Json, Kinds, load_data
from .show import print_json, say, table

MOST_COLUMNS = 60


def data(
    name: Annotated[
        str | None,
        typer.Argument(help="A data set or file to look into; none: list all."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMNS", help="Of a file: to be predicted.")
    ] = None,
    kinds: Kinds = None,
    ignore: Ignore = None,
    delimiter: Delimiter = None,
    header: Header = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """The data sets, one and its classes, or a file's columns."""
    typed = dict(locals())
    if name is None:
        known = list(DATASETS.values())
        _show_all(known)
        if json:
            words = ("name", "what", "source", "licence", "rows", "shape")
            found = [{word: getattr(one, word) for word in words} for one in known]
            print_json({"data": found})
        return
    asked = {
        word: recipes.parse(word, typed[word])
        for word in ("target", "kinds", "ignore", "delimiter", "header")
        if typed[word] is not None
    }
    examples = load_data({**recipes.DEFAULTS, **asked, "data": name}, data_dir)
    say(examples.describe())
    show_columns(examples.encoding)
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


def show_columns(encoding: Encoding | None) -> None:
    """What each column of a file is taken for, and what was found out on the way."""
    if encoding is None:
        return
    lines = encoding.describe()
    if encoding.columns:
        shown = [*lines[:MOST_COLUMNS], *lines[max(MOST_COLUMNS, len(lines) - 1) :]]
        table(("column", "kind", "becomes"), shown)
        if len(shown) < len(lines):
            say(f"... {len(lines) - len(shown):,} more columns")
    for sentence in encoding.notes:
        say(f"note: {sentence}")


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
