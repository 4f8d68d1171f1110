"""`pellucid tune`: better settings than the default, if there are any."""

from __future__ import annotations

import math
import shlex
import signal
import time as clock
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress_bar import ProgressBar
from rich.table import Table

from .. import recipes, runs
from .._arrays import check_number
from .._errors import InputError
from .._files import write_atomic
from ..sweeps.grid import spell
from ..tuning import CHECKS, FOLDS, TRIALS, Tuning, kept, space
from ..tuning.trial import Trial
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
    Runs,
    Share,
    Side,
    Sizes,
    load_data,
    parsed,
    typed_settings,
)
from .show import as_table, console, live, percent, print_json, say, waiting, warn
from .sweep import Threads, check_folder
from .train import tell
from .work import Stopped, begin, number_of

DRAWING = 2.0
"""Seconds of the time limit that are left for the figure and the files."""

SHOWN = 12
"""Trials in the table, the best first."""

Over = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAMES",
        help=f"Of {', '.join(space.SPACE)}, or NAME=V1,V2,...; may be repeated.",
    ),
]


def tune(
    file: File = None,
    over: Over = None,
    time: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="At most, from the start to the end."),
    ] = None,
    trials: Annotated[
        int, typer.Option(metavar="N", help="Combinations that are tried, at most.")
    ] = TRIALS,
    folds: Annotated[
        int, typer.Option(metavar="K", help="Of the cross-validation.")
    ] = FOLDS,
    to: Annotated[
        str,
        typer.Option(metavar="NAME", help="Where to: NAME.csv, NAME.png, NAME.json."),
    ] = "tune",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with what NAME.json remembers.")
    ] = False,
    run: Annotated[
        bool, typer.Option("--train", help="Then train with what came out.")
    ] = False,
    runs_dir: Runs = "runs",
    threads: Threads = None,
    recipe: Recipe = None,
    data: Name = None,
    target: Columns = None,
    layers: Sizes = None,
    hidden: Names = None,
    optimizer: Name = None,
    eta: Number = None,
    schedule: Name = None,
    batch_size: Number = None,
    epochs: Number = None,
    seed: Number = None,
    l2: Number = None,
    dropout: Number = None,
    patience: Number = None,
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
    """Better settings than the default, if there are any.

    Tried by cross-validation on all but the test part; what is best is then checked
    beside the default on folds drawn anew. Alpha is the penalty l2. Such as:
    pellucid tune table.csv --target price --over alpha,width,depth --time 60
    """
    begun, texts = clock.monotonic(), typed_settings(dict(locals()))
    words = parsed(texts)
    check_folder(to)
    if time is not None:
        check_number("time", time, above=0)
    examples = load_data(recipes.settings(recipe, **words), data_dir)
    asked = space.parse(over or ["alpha"])
    found = Tuning(examples, asked, trials, folds, recipe, **words)
    if resume:
        kept.recall(found, Path(f"{to}.json"))
    say(f"{examples.describe()}\n{_about(found)}")
    _work(found, to, begun, time, threads)
    _end(found, to)
    line = _line(texts, recipe, found.changes)
    say(f"{'Trained by' if run else 'Train it'}: {line}", whole=True)
    more = {"line": line}
    if run:
        settings = recipes.settings(recipe, examples, **{**words, **found.changes})
        name = recipe or examples.name
        more["run"] = tell(begin(settings, examples, name, runs_dir, data_dir, None,
                                 False))["run"]  # fmt: skip
    if json:
        print_json({**figures(found, to), **more})


def _about(found: Tuning) -> str:
    """What is tuned, in words."""
    parts = [
        f"{name} {', '.join(map(spell, each))}" for name, each in found.over.items()
    ]
    count = min(found.study.trials, found.study.cells)
    return (
        f"{count} trials and the default on {found.folds} folds of "
        f"{len(found.data):,} rows: {'; '.join(parts)}"
    )


def _work(
    found: Tuning, to: str, begun: float, time: float | None, threads: int | None
) -> None:
    """Tune, and keep each batch when it ends."""
    left = None
    if time is not None:
        left = max(time - (clock.monotonic() - begun) - DRAWING, 0.0)
    batches = -1
    try:
        for _ in live(found.run(left, threads), lambda: _live(found, begun, time)):
            if found.batches > batches:
                batches = found.batches
                runs.write_json(Path(f"{to}.json"), kept.memory(found))
    except KeyboardInterrupt as interrupt:
        raise _interrupted(found, to, number_of(interrupt)) from None


def _live(found: Tuning, begun: float, time: float | None) -> Table:
    """What is known by now, and how far it is."""
    ended = sum(trial.state != "running" for trial in found.trials)
    of = 1 + found.study.trials
    share = (ended + len(found.checks)) / (of + CHECKS * found.folds)
    spent = clock.monotonic() - begun
    told = f"{ended} of {of} trials, {spent:.0f} s"
    if time is not None:
        share, told = spent / time, f"{told} of {time:g} s"
    if found.checks:
        told = f"{told}, {len(found.checks)} of {CHECKS * found.folds} checks"
    whole = Table.grid()
    whole.add_row(as_lines(found))
    whole.add_row(ProgressBar(100, min(100 * share, 100), width=40))
    whole.add_row(told)
    return whole


def as_lines(found: Tuning) -> Table:
    """A line a trial, the default first, then the best."""
    default, *others = found.trials
    known = [trial for trial in others if trial.scores and trial.state != "diverged"]
    known.sort(key=lambda trial: (-len(trial.scores), -trial.gain(default)))
    measure = "accuracy" if found.classes else "R²"
    titles = ["", *found.over, measure, "spread", "gain", "folds", "seconds", ""]
    lines = [_trial(found, trial) for trial in [default, *known[:SHOWN]]]
    return as_table(titles, lines, right=range(1, len(titles) - 1))


def _trial(found: Tuning, trial: Trial) -> list[str]:
    default, best = found.trials[0], found.best
    values = [spell(trial.values[n]) if trial.number else "" for n in found.over]
    share = percent if found.classes else lambda value: f"{value:.4f}"
    told = [share(v) if math.isfinite(v) else "-" for v in (trial.mean, trial.spread)]
    gain = found.points(trial.gain(default)) if trial.number else ""
    name = "default" if trial is default else "best" if trial is best else ""
    more = [gain, str(len(trial.scores)), f"{trial.seconds:.2f}"]
    note = trial.state if trial.state not in ("complete", "running") else ""
    return [name, *values, *told, *more, note]


def _keep(found: Tuning, to: str) -> list[str]:
    """The table and the memory; names of the files."""
    write_atomic(f"{to}.csv", kept.table(found).encode())
    runs.write_json(Path(f"{to}.json"), kept.memory(found))
    return [f"{to}.csv", f"{to}.json"]


def _end(found: Tuning, to: str) -> None:
    """The table, the answer and the files."""
    from ..plots import TuningDisplay

    console.print(as_lines(found))
    say(found.answer(), "bold")
    written = _keep(found, to)
    try:
        with waiting("drawing"):
            TuningDisplay.from_tuning(found).save(f"{to}.png")
        written.append(f"{to}.png")
    except InputError as error:
        warn(f"no figure: {error}")
    say(f"written to {', '.join(written)}")


def _interrupted(found: Tuning, to: str, number: int) -> Stopped:
    """What is known so far is shown and kept."""
    word = "Interrupted" if number == signal.SIGINT else "Asked to end"
    console.print(as_lines(found))
    say(found.answer(), "bold")
    _keep(found, to)
    ended = sum(t.state in ("complete", "pruned") for t in found.trials[1:])
    return Stopped(
        f"{word} when {ended} of {found.study.trials} trials had ended; {to}.csv holds "
        "them. Go on with the same command and --resume.",
        128 + number,
    )


def _line(texts: Mapping[str, str], recipe: str | None, changes: dict[str, Any]) -> str:
    """The command that trains with these settings."""
    words = ["pellucid", "train"]
    rest = dict(texts)
    if "data" in rest:
        words.append(rest.pop("data"))
    if recipe is not None:
        words += ["--recipe", recipe]
    for name, value in changes.items():
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        rest[name] = text or "0"
    for name, text in rest.items():
        words += [f"--{name.replace('_', '-')}", text]
    return shlex.join(words)


def figures(found: Tuning, to: str) -> dict[str, Any]:
    """What a program wants to know."""
    best = found.best
    return {
        "measure": "accuracy" if found.classes else "r2",
        "gains": found.gains,
        "changes": found.changes,
        "best": None if best is None else dict(best.values),
        "p": found.p_value,
        "default_scores": [default for default, _ in found.checks],
        "best_scores": [tuned for _, tuned in found.checks],
        "answer": found.answer(),
        "trials": [
            {
                "values": dict(trial.values),
                "scores": trial.scores,
                "state": trial.state,
                "gain": trial.gain(found.trials[0]),
                "seconds": trial.seconds,
            }
            for trial in found.trials
        ],
        "csv": f"{to}.csv",
    }
