"""`pellucid sweep`: many networks side by side, and which value is best."""

from __future__ import annotations

import signal
from math import nan
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from .. import recipes
from .._arrays import check_number
from .._errors import InputError
from .._files import write_atomic
from ..sweeps.grid import parse, spell
from ..sweeps.sweep import Group, Sweep
from .options import (
    Columns,
    DataDir,
    Delimiter,
    File,
    Header,
    Ignore,
    Json,
    Kinds,
    Name,
    Names,
    Number,
    Recipe,
    RowsFile,
    Share,
    Side,
    Sizes,
    To,
    load_data,
    parsed,
    typed_settings,
)
from .show import as_table, console, live, print_json, say, warn
from .work import Stopped, number_of

Seeds = Annotated[
    int,
    typer.Option(
        "--seeds",
        "--restarts",
        metavar="K",
        help="Starts of each value: seed, seed + 1, ...",
    ),
]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=V1,V2,...", help="A setting and its values; may be repeated."
    ),
]
Threads = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="Networks at once; else one a core")
]


def sweep(
    file: File = None,
    vary: Vary = None,
    seeds: Seeds = 3,
    to: To = "sweep",
    threads: Threads = None,
    recipe: Recipe = None,
    data: Name = None,
    target: Columns = None,
    layers: Sizes = None,
    hidden: Names = None,
    output: Name = None,
    initializer: Name = None,
    cost: Name = None,
    optimizer: Name = None,
    eta: Number = None,
    schedule: Name = None,
    batch_size: Number = None,
    epochs: Number = None,
    seed: Number = None,
    l1: Number = None,
    l2: Number = None,
    dropout: Number = None,
    clip: Number = None,
    monitor: Annotated[str | None, typer.Option(metavar="PART")] = None,
    patience: Number = None,
    engine: Name = None,
    dtype: Name = None,
    test_file: RowsFile = None,
    kinds: Kinds = None,
    ignore: Ignore = None,
    delimiter: Delimiter = None,
    header: Header = None,
    size: Side = None,
    pixels: Name = None,
    validation: Share = None,
    test: Share = None,
    split_seed: Number = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Compare settings: how many neurons, which η.

    Many networks are trained side by side, every combination of the values with every
    seed. The validation part tells which is best, and which can't be told from it; the
    test part is not looked at. Such as:
    pellucid sweep --vary layers=3,10,30,100 --seeds 5
    """
    changes = parsed(typed_settings(dict(locals())))
    varied = parse(vary or [])
    check_number("seeds", seeds, least=1, most=2**16, whole=True)
    check_folder(to)
    first = changes.pop("seed", 0)
    count = 1 if "seed" in varied else seeds
    examples = load_data(recipes.settings(recipe, **changes), data_dir)
    found = Sweep(examples, varied, range(first, first + count), recipe, **changes)
    say(f"{examples.describe()}\n{len(found.runs):,} networks, {_about(found)}")
    try:
        for _ in live(found.train(threads), lambda: _table(found)):
            pass
    except KeyboardInterrupt as interrupt:
        raise _interrupted(found, to, number_of(interrupt)) from None
    _end(found, to)
    if json:
        print_json(_figures(found, to))


def check_folder(to: str) -> None:
    """The folder of what is to be written is there, before anything is trained."""
    if not Path(to).name or not Path(to).parent.is_dir():
        raise InputError(
            f"to must be a name in a folder that exists; got {to!r:.200}. Make the "
            "folder, or leave --to out."
        )


def _interrupted(found: Sweep, to: str, number: int) -> Stopped:
    """What is known so far is shown and kept."""
    word = "Interrupted" if number == signal.SIGINT else "Asked to end"
    console.print(_table(found))
    write_atomic(f"{to}.csv", found.csv().encode())
    done, of = sum(run.ended for run in found.runs), len(found.runs)
    return Stopped(
        f"{word} when {done:,} of {of:,} networks had ended. {to}.csv holds how far "
        "each is. For an answer type the same again; fewer --epochs or --seeds are "
        "quicker.",
        128 + number,
    )


def _about(found: Sweep) -> str:
    """What is varied, in words."""
    parts = [
        f"{name} {', '.join(map(spell, each))}" for name, each in found.varied.items()
    ]
    seeds = f"{len(found.seeds)} seed{'s' if len(found.seeds) > 1 else ''} each"
    return "; ".join([*parts, seeds])


def _end(found: Sweep, to: str) -> None:
    """The table, the answer and the files."""
    from ..plots import SweepDisplay

    console.print(_table(found))
    say(found.answer(), "bold")
    write_atomic(f"{to}.csv", found.csv().encode())
    written = [f"{to}.csv"]
    try:
        SweepDisplay.from_sweep(found).save(f"{to}.png")
        written.append(f"{to}.png")
    except InputError as error:
        warn(f"no figure: {error}")
    say(f"written to {' and '.join(written)}")


def _table(found: Sweep) -> Table:
    """A line a combination of values, with what is known of it by now."""
    names = [*found.varied] or ["seeds"]
    titles = [*names, "mean", "spread", "best", "parameters", "seconds a run", ""]
    lines = [_line(found, group) for group in found.groups]
    return as_table(titles, lines, right=range(len(titles) - 1))


def _line(found: Sweep, group: Group) -> list[str]:
    values = [spell(value) for value in group.values.values()]
    known = group.known
    best = (known.max() if found.by_accuracy else known.min()) if len(known) else nan
    figures = [found.say(each) for each in (group.mean, group.spread, best)]
    k, notes = len(found.seeds), [f"{group.diverged} diverged"] * (group.diverged > 0)
    if group.ended < k:
        notes.insert(0, f"{group.ended} of {k} ended")
    more = [f"{group.parameters:,}", f"{group.seconds:.2f}", ", ".join(notes)]
    return [*(values or [str(len(found.seeds))]), *figures, *more]


def _figures(found: Sweep, to: str) -> dict[str, Any]:
    """What a program wants to know."""
    near, best = found.within_noise(), found.best
    return {
        "monitor": found.monitor,
        "judged_by": "accuracy" if found.by_accuracy else "cost",
        "best": None if best is None else dict(best.values),
        "within_noise": None if near is None else [dict(g.values) for g in near],
        "groups": [
            {
                "values": dict(group.values),
                "figures": group.figures,
                "mean": group.mean,
                "spread": group.spread,
                "parameters": group.parameters,
                "diverged": group.diverged,
            }
            for group in found.groups
        ],
        "csv": f"{to}.csv",
    }
