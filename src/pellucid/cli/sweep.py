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
from .options import DataDir, Json, load_data
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
To = Annotated[
    str, typer.Option(metavar="NAME", help="Where to: NAME.csv and NAME.png.")
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
    file: Annotated[
        str | None, typer.Argument(help="A table or folder, as for train.")
    ] = None,
    vary: Vary = None,
    seeds: Seeds = 3,
    to: To = "sweep",
    threads: Threads = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help="As for train, like all below.")
    ] = None,
    data: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMNS")] = None,
    layers: Annotated[str | None, typer.Option(metavar="SIZES")] = None,
    hidden: Annotated[str | None, typer.Option(metavar="NAMES")] = None,
    output: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    initializer: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    cost: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    optimizer: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    eta: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    schedule: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    batch_size: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    epochs: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    seed: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    l1: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    l2: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    dropout: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    clip: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    monitor: Annotated[str | None, typer.Option(metavar="PART")] = None,
    patience: Annotated[str | None, typer.Option(metavar="EPOCHS")] = None,
    engine: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    dtype: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    test_file: Annotated[str | None, typer.Option(metavar="FILE")] = None,
    kinds: Annotated[str | None, typer.Option(metavar="LIST")] = None,
    ignore: Annotated[str | None, typer.Option(metavar="COLUMNS")] = None,
    delimiter: Annotated[str | None, typer.Option(metavar="SIGN")] = None,
    header: Annotated[str | None, typer.Option(metavar="WORD")] = None,
    size: Annotated[str | None, typer.Option(metavar="HxW")] = None,
    pixels: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    validation: Annotated[str | None, typer.Option(metavar="SHARE")] = None,
    test: Annotated[str | None, typer.Option(metavar="SHARE")] = None,
    split_seed: Annotated[str | None, typer.Option(metavar="NUMBER")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Compare settings: how many neurons, which η.

    Many networks are trained side by side, every combination of the values with every
    seed. The validation part tells which is best, and which can't be told from it; the
    test part is not looked at. Such as:
    pellucid sweep --vary layers=3,10,30,100 --seeds 5
    """
    typed = dict(locals())
    if file is not None and data is not None:
        raise InputError(f"data must be named once; got {file} and --data {data}.")
    typed["data"] = file or data
    changes = {
        name: recipes.parse(name, typed[name])
        for name in recipes.KINDS
        if typed[name] is not None
    }
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
