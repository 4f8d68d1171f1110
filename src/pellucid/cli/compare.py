"""`pellucid compare`: whether a network is the right model for the data."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table

from .. import recipes
from .._arrays import check_number
from .._errors import InputError
from .._files import write_atomic
from ..comparison import NETWORK, Comparison
from ..comparison.rivals import RIVALS
from ..data import Dataset, split
from ..run_data import is_file_name, open_data
from .options import DataDir, Delimiter, Header, Ignore, Json, Kinds
from .show import as_table, console, live, percent, print_json, say, waiting, warn
from .sweep import check_folder
from .work import Stopped, number_of


def compare(
    file: Annotated[
        str | None, typer.Argument(help="A table, a folder or a name, as for train.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMNS", help="To be predicted.")
    ] = None,
    models: Annotated[
        str | None, typer.Option(metavar="NAMES", help=f"Of {', '.join(RIVALS)}.")
    ] = None,
    layers: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SIZES", help="One more network: 30 or 16,16; may be repeated."
        ),
    ] = None,
    splits: Annotated[
        int, typer.Option(metavar="K", help="Splits, each drawn anew; 2 or more.")
    ] = 5,
    most: Annotated[
        int | None, typer.Option("--rows", metavar="N", help="Learn from at most N.")
    ] = None,
    time: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="After these nothing more is begun."),
    ] = None,
    test: Annotated[
        float, typer.Option(metavar="SHARE", help="That models are scored on.")
    ] = 0.2,
    epochs: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="Of the networks.")
    ] = None,
    split_seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Of the first split.")
    ] = 0,
    to: Annotated[
        str, typer.Option(metavar="NAME", help="Where to: NAME.csv and NAME.png.")
    ] = "compare",
    kinds: Kinds = None,
    ignore: Ignore = None,
    delimiter: Delimiter = None,
    header: Header = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """The network beside other models on the same splits.

    Each split is drawn anew from all rows; every model learns from the training part
    and is scored on the test part. Such as:
    pellucid compare table.csv --target price --layers 10 --layers 100,100
    """
    check_folder(to)
    if most is not None:
        check_number("rows", most, least=10, whole=True)
    if time is not None:
        check_number("time", time, above=0)
    words = {"target": target, "kinds": kinds, "ignore": ignore}
    typed = {**words, "delimiter": delimiter, "header": header}
    changes = {
        name: recipes.parse(name, text)
        for name, text in typed.items()
        if text is not None
    }
    name = file or "digits"
    draw = drawer({**changes, "data": name, "test": test}, data_dir, most)
    seeds = range(split_seed, split_seed + splits)
    more: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    sizes = [recipes.parse("layers", text) for text in layers or []]
    chosen = None if models is None else models.split(",")
    found = Comparison(draw, seeds, chosen, sizes, **more)
    try:
        for _ in live(found.run(time), lambda: as_lines(found)):
            pass
    except KeyboardInterrupt as interrupt:
        raise _interrupted(found, to, number_of(interrupt)) from None
    _end(found, to)
    if json:
        print_json(figures(found, to))


def drawer(
    words: dict[str, Any], data_dir: str | None, most: int | None
) -> Callable[[int], Dataset]:
    """What draws a split of the data by its seed."""
    settings = {**recipes.DEFAULTS, **words}
    known: list[Dataset] = []

    def draw(seed: int) -> Dataset:
        with waiting(f"reading {settings['data']}"):
            if is_file_name(settings["data"]):
                found = open_data({**settings, "split_seed": seed}, data_dir)
            else:
                known[:] = known or [open_data(settings, data_dir)]
                found = split(known[0], test=settings["test"], seed=seed)
        return found if most is None else fewer(found, most)

    return draw


def fewer(data: Dataset, most: int) -> Dataset:
    """The same data with the first rows of the training part, which were shuffled."""
    from dataclasses import replace

    have = data.counts["train"]
    if most >= have:
        return data
    chosen = np.r_[0:most, have : len(data)]
    return replace(data.rows(chosen), counts={**data.counts, "train": most})


def as_lines(found: Comparison) -> Table:
    """A line a model, the best first."""
    measure = "accuracy" if found.classes else "R²"
    titles = ["model", measure, "spread", "log loss", "fit s", "predict s", "p", ""]
    ranked = found.ranked
    rest = [model for model in found.models if model not in ranked]
    best = ranked[0] if ranked else ""
    lines = [_line(found, model, best) for model in [*ranked, *rest]]
    return as_table(titles, lines, right=range(1, 7))


def _line(found: Comparison, model: str, best: str) -> list[str]:
    score, spread = found.mean(model), found.spread(model)
    loss, fit, predict = (
        found.mean(model, what)
        for what in ("log_loss", "fit_seconds", "predict_seconds")
    )
    p = math.nan if model == best else found.p_value(best, model)
    notes = {fit.note for fit in found.fits if fit.model == model and fit.note}
    count = len(found.scores(model))
    if not notes and count < len(found.seeds):
        notes = {f"{count} of {len(found.seeds)} splits"}
    share = percent if found.classes else lambda value: f"{value:.4f}"
    told = [share(value) if math.isfinite(value) else "-" for value in (score, spread)]
    for value, form in ((loss, ".4f"), (fit, ".3f"), (predict, ".4f"), (p, ".2g")):
        told.append(format(value, form) if math.isfinite(value) else "-")
    return [model, *told, ", ".join(sorted(notes))]


def _end(found: Comparison, to: str) -> None:
    """The table, the answer and the files."""
    from ..plots import ModelsDisplay

    console.print(as_lines(found))
    say(found.answer(), "bold")
    write_atomic(f"{to}.csv", found.csv().encode())
    written = [f"{to}.csv"]
    try:
        ModelsDisplay.from_comparison(found).save(f"{to}.png")
        written.append(f"{to}.png")
    except InputError as error:
        warn(f"no figure: {error}")
    say(f"written to {' and '.join(written)}")


def _interrupted(found: Comparison, to: str, number: int) -> Stopped:
    """What is known so far is shown and kept."""
    word = "Interrupted" if number == signal.SIGINT else "Asked to end"
    console.print(as_lines(found))
    write_atomic(f"{to}.csv", found.csv().encode())
    of = len(found.seeds) * len(found.models)
    return Stopped(
        f"{word} when {len(found.fits):,} of {of:,} fits had ended; {to}.csv holds "
        "them. Fewer --splits, --rows or --models are quicker.",
        128 + number,
    )


def figures(found: Comparison, to: str) -> dict[str, Any]:
    """What a program wants to know."""
    ranked = found.ranked
    best = ranked[0] if ranked else None
    return {
        "measure": "accuracy" if found.classes else "r2",
        "best": best,
        "ties": [] if best is None else found.ties(best),
        "network_p": None if best in (None, NETWORK) or NETWORK not in ranked
        else found.p_value(str(best), NETWORK),
        "answer": found.answer(),
        "models": [
            {
                "model": model,
                "scores": list(found.scores(model).values()),
                "mean": found.mean(model),
                "spread": found.spread(model),
                "log_loss": found.mean(model, "log_loss"),
                "fit_seconds": found.mean(model, "fit_seconds"),
                "predict_seconds": found.mean(model, "predict_seconds"),
            }
            for model in found.models
        ],
        "csv": f"{to}.csv",
    }  # fmt: skip
