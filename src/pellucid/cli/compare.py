"""`pellucid compare`: whether a network is the right model for the data."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from .. import recipes, runs
from .._arrays import check_number
from .._errors import InputError
from .._files import write_atomic
from ..comparison import NETWORK, Comparison, LearningCurve, Standings, fewer
from ..comparison.rivals import RIVALS
from ..data import Dataset, split
from ..data.check import known_rows
from ..run_data import READ_WORDS, is_file_name, open_data
from ..sweeps.grid import combinations
from .options import DataDir, Delimiter, Header, Ignore, Json, Kinds
from .show import as_table, console, live, percent, print_json, say, waiting, warn
from .sweep import check_folder
from .work import Stopped, number_of

Target = Annotated[str | None, typer.Option(metavar="COLUMNS", help="To be predicted.")]
Models = Annotated[
    str | None, typer.Option(metavar="NAMES", help=f"Of {', '.join(RIVALS)}.")
]
Splits = Annotated[
    int, typer.Option(metavar="K", help="Splits, each drawn anew; 2 or more.")
]
Time = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="After these nothing more is begun."),
]
Test = Annotated[
    float | None, typer.Option(metavar="SHARE", help="That is scored on; else 0.2.")
]
SplitSeed = Annotated[int, typer.Option(metavar="NUMBER", help="Of the first split.")]
Rows = Annotated[
    int | None, typer.Option("--rows", metavar="N", help="Learn from at most N.")
]
REPEATED = 0.01
"""Share of the test rows that may be in the training part before it is told."""

Setting = Annotated[
    str | None, typer.Option(metavar="VALUE", help="Of all networks, as for train.")
]


def compare(
    file: Annotated[
        str | None,
        typer.Argument(help="A table, a folder or a name, as for train; or a run."),
    ] = None,
    target: Target = None,
    models: Models = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=V1,V2,...",
            help="More networks, with another setting each; may be repeated.",
        ),
    ] = None,
    splits: Splits = 5,
    most: Rows = None,
    time: Time = None,
    test: Test = None,
    layers: Setting = None,
    hidden: Setting = None,
    output: Setting = None,
    cost: Setting = None,
    optimizer: Setting = None,
    eta: Setting = None,
    batch_size: Setting = None,
    epochs: Setting = None,
    l2: Setting = None,
    dropout: Setting = None,
    split_seed: SplitSeed = 0,
    to: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Where to: NAME.csv and NAME.png."),
    ] = None,
    kinds: Kinds = None,
    ignore: Ignore = None,
    delimiter: Delimiter = None,
    header: Header = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """The network beside other models on the same splits.

    Each split is drawn anew from all rows; every model learns from the training part
    and is scored on the test part. Of a run, its own settings are compared, and what
    comes of it is kept for pellucid report. Such as:
    pellucid compare table.csv --target price --vary layers=10,100x100
    """
    words, changes = settings_of(dict(locals()))
    folder = run_of(file)
    if folder is not None:
        if typed := ", ".join(words | changes):
            raise InputError(
                f"settings can't be given beside a run; got {typed} and {folder}. "
                "Leave them out, or name the run's data instead."
            )
        words, changes = _of_run(folder, data_dir)
    elif file is not None:
        words["data"] = file
    to = to or (str(folder / "compare") if folder else "compare")
    check_folder(to)
    if most is not None:
        check_number("rows", most, least=10, whole=True)
    draw = drawer(words, data_dir, most)
    seeds = range(split_seed, split_seed + splits)
    also = combinations(vary or [])
    found = Comparison(draw, seeds, names_of(models), also, **changes)
    of = len(found.seeds) * len(found.models)
    follow(found, lambda: as_lines(found), to, time, of)
    _end(found, to, folder)
    if json:
        print_json(figures(found, to))


def settings_of(typed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was typed, parsed: words of the data, and settings of all networks."""
    known = {
        name: value if type(value) is not str else recipes.parse(name, value)
        for name, value in typed.items()
        if name in recipes.KINDS and name != "split_seed" and value is not None
    }
    words = {name: value for name, value in known.items() if name in READ_WORDS}
    return words, {k: v for k, v in known.items() if k not in READ_WORDS}


def names_of(models: str | None) -> list[str] | None:
    """Names out of a text with commas."""
    return None if models is None else models.split(",")


def run_of(file: str | None) -> Path | None:
    """The folder of a run, if that is what was named."""
    if file is None or not (Path(file) / runs.SETTINGS).is_file():
        return None
    return Path(file)


def _of_run(
    folder: Path, data_dir: str | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A run's words of the data, and settings of its network."""
    chosen = dict(runs.read_settings(folder))
    with waiting(f"reading {chosen['data']}"):
        runs.check_data(folder, open_data(chosen, data_dir).fingerprint())
    kept = ("data", *READ_WORDS)
    words = {name: chosen.pop(name) for name in kept}
    del words["split_seed"], chosen["seed"]
    return words, chosen


def drawer(
    words: dict[str, Any], data_dir: str | None, most: int | None = None
) -> Callable[[int], Dataset]:
    """What draws a split of the data by its seed."""
    settings = {**recipes.DEFAULTS, **words}
    known: list[Dataset] = []

    told: list[int] = []

    def draw(seed: int) -> Dataset:
        with waiting(f"reading {settings['data']}"):
            if is_file_name(settings["data"]):
                found = open_data({**settings, "split_seed": seed}, data_dir)
            else:
                known[:] = known or [open_data(settings, data_dir)]
                found = split(known[0], test=settings["test"], seed=seed)
        found = found if most is None else fewer(found, most)
        if not told:
            told.append(seed)
            _look(found)
        return found

    return draw


def _look(data: Dataset) -> None:
    """Warn of test rows that can be known by heart."""
    if not data.counts.get("test"):
        return
    again, of = known_rows(data.train, data.test), len(data.test)
    if again > REPEATED * of:
        warn(
            f"{again:,} of {of:,} test rows are in the training part too: models that "
            "know rows by heart, such as forests, seem better than they are. Remove "
            "repeated rows to see what holds for new ones."
        )


def follow(
    found: Comparison | LearningCurve,
    shown: Callable[[], Table],
    to: str,
    time: float | None,
    of: int,
) -> None:
    """Train and score to the end, with a table that follows.

    Args:
        found: what is run.
        shown: the table so far.
        to: name of the CSV.
        time: seconds after which nothing more is begun.
        of: fits that are planned.

    Raises:
        Stopped: by a signal; what is known is shown and kept.
    """
    if time is not None:
        check_number("time", time, above=0)

    def table() -> Table:
        made = shown()
        made.caption = f"{len(found.fits):,} of {of:,} fits"
        return made

    try:
        for _ in live(found.run(time), table):
            pass
    except KeyboardInterrupt as interrupt:
        number = number_of(interrupt)
        console.print(shown())
        raise stopped(number, len(found.fits), of, found.csv(), to) from None


def stopped(number: int, done: int, of: int, lines: str, to: str) -> Stopped:
    """By a signal: what is known so far is kept, and this is said."""
    word = "Interrupted" if number == signal.SIGINT else "Asked to end"
    write_atomic(f"{to}.csv", lines.encode())
    return Stopped(
        f"{word} when {done:,} of {of:,} fits had ended; {to}.csv holds them. Less "
        "data, fewer seeds or models are quicker.",
        128 + number,
    )


def as_lines(found: Standings) -> Table:
    """A line a model, the best first."""
    measure = "accuracy" if found.classes else "R²"
    titles = ["model", measure, "spread", "log loss", "fit s", "predict s", "p", ""]
    ranked = found.ranked
    rest = [model for model in found.models if model not in ranked]
    best = ranked[0] if ranked else ""
    lines = [_line(found, model, best) for model in [*ranked, *rest]]
    return as_table(titles, lines, right=range(1, 7))


def _line(found: Standings, model: str, best: str) -> list[str]:
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


def _end(found: Comparison, to: str, folder: Path | None) -> None:
    """The table, the answer and the files."""
    from ..plots import ModelsDisplay

    console.print(as_lines(found))
    say(found.answer(), "bold")
    if folder is not None:
        runs.write_json(folder / runs.COMPARISON, found.to_json())
        say(f"kept in {folder}: pellucid report {folder} shows it", whole=True)
    keep(to, found.csv(), lambda: ModelsDisplay.from_comparison(found))


def keep(to: str, lines: str, drawn: Callable[[], Any]) -> None:
    """The CSV and the figure, where there is one to draw."""
    write_atomic(f"{to}.csv", lines.encode())
    written = [f"{to}.csv"]
    try:
        drawn().save(f"{to}.png")
        written.append(f"{to}.png")
    except InputError as error:
        warn(f"no figure: {error}")
    say(f"written to {' and '.join(written)}", whole=True)


def figures(found: Standings, to: str) -> dict[str, Any]:
    """What a program wants to know."""
    ranked = found.ranked
    best = ranked[0] if ranked else None
    return {
        "measure": "accuracy" if found.classes else "r2",
        "best": best,
        "choice": found.choice,
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
