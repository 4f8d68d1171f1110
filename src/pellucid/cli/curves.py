"""`pellucid learning-curve` and `width-curve`: how much data, how many neurons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from .._arrays import check_number
from .._errors import InputError
from ..comparison import AMOUNTS, WIDTHS, LearningCurve, Wide, WidthCurve
from .compare import (
    Models,
    Rows,
    Setting,
    Splits,
    SplitSeed,
    Target,
    Test,
    Time,
    drawer,
    follow,
    keep,
    names_of,
    settings_of,
    stopped,
)
from .options import DataDir, Delimiter, File, Header, Ignore, Json, Kinds, To
from .show import as_table, console, live, percent, print_json, say
from .sweep import check_folder
from .work import number_of


def learning_curve(
    file: File = None,
    target: Target = None,
    amounts: Annotated[
        str | None,
        typer.Option(metavar="N1,N2,...", help="Training rows; all come last."),
    ] = None,
    models: Models = None,
    splits: Splits = 5,
    time: Time = None,
    test: Test = None,
    most: Rows = None,
    layers: Setting = None,
    hidden: Setting = None,
    cost: Setting = None,
    optimizer: Setting = None,
    eta: Setting = None,
    batch_size: Setting = None,
    epochs: Setting = None,
    l2: Setting = None,
    dropout: Setting = None,
    split_seed: SplitSeed = 0,
    to: To = "learning-curve",
    kinds: Kinds = None,
    ignore: Ignore = None,
    delimiter: Delimiter = None,
    header: Header = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """How good with how much data: the network and other models.

    Every model learns from the first rows of each split's training part, more and
    more of them, and is scored on the test part. Such as:
    pellucid learning-curve mnist --models linear,svm --amounts 100,1000,10000
    """
    words, changes = settings_of(dict(locals()))
    words |= {} if file is None else {"data": file}
    check_folder(to)
    if most is not None:
        check_number("rows", most, least=10, whole=True)
    sizes = AMOUNTS if amounts is None else numbers_of("amounts", amounts)
    draw = drawer(words, data_dir, most)
    seeds = range(split_seed, split_seed + splits)
    found = LearningCurve(draw, sizes, seeds, names_of(models), **changes)
    of = len(found.models) * splits * _steps(found, draw(split_seed).counts)
    follow(found, lambda: _by_amount(found), to, time, of)
    _end_amounts(found, to)
    if json:
        print_json(_amount_figures(found, to))


def _steps(found: LearningCurve, counts: Mapping[str, int]) -> int:
    """Amounts that there will be."""
    return sum(amount < counts["train"] for amount in found.asked) + 1


def numbers_of(name: str, text: str) -> list[int]:
    """Whole numbers out of a text with commas.

    Raises:
        InputError: it holds something else.
    """
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(
            f"{name} must be whole numbers such as 10,100,1000; got {text!r:.60}."
        ) from None


def _score(value: float, classes: bool) -> str:
    if not math.isfinite(value):
        return "-"
    return percent(value) if classes else f"{value:.4f}"


def _by_amount(found: LearningCurve) -> Table:
    """A line an amount, a column a model."""
    lines = []
    for amount in found.amounts:
        at = found.at(amount)
        told = [_score(at.mean(model), found.classes) for model in found.models]
        lines.append([f"{amount:,}", *told])
    titles = ["rows", *found.models]
    return as_table(titles, lines, right=range(len(titles)))


def _end_amounts(found: LearningCurve, to: str) -> None:
    from ..plots import LearningCurveDisplay

    console.print(_by_amount(found))
    say(found.answer(), "bold")
    keep(to, found.csv(), lambda: LearningCurveDisplay.from_curve(found))


def _amount_figures(found: LearningCurve, to: str) -> dict[str, Any]:
    """What a program wants to know."""
    return {
        "measure": "accuracy" if found.classes else "r2",
        "amounts": found.amounts,
        "answer": found.answer(),
        "models": [
            {
                "model": model,
                "mean": found.mean(model),
                "spread": found.spread(model),
                "gain": found.gain(model)[0],
                "p": found.gain(model)[1],
                "saturated": found.saturated(model),
                "fit_seconds": [
                    found.at(amount).mean(model, "fit_seconds")
                    for amount in found.amounts
                ],
            }
            for model in found.models
        ],
        "csv": f"{to}.csv",
    }


def width_curve(
    file: File = None,
    target: Target = None,
    widths: Annotated[
        str | None, typer.Option(metavar="N1,N2,...", help="Neurons; else 1 ... 1,000.")
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="K", help="Starts of each.")] = 3,
    test: Test = None,
    most: Rows = None,
    hidden: Setting = None,
    cost: Setting = None,
    optimizer: Setting = None,
    eta: Setting = None,
    batch_size: Setting = None,
    epochs: Setting = None,
    l2: Setting = None,
    dropout: Setting = None,
    split_seed: SplitSeed = 0,
    to: To = "width-curve",
    kinds: Kinds = None,
    ignore: Ignore = None,
    delimiter: Delimiter = None,
    header: Header = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """One hidden layer, from one neuron to a thousand.

    What it remembers and what it knows: accuracy on the training part and on the test
    part, parameters and seconds. It shows; to choose a width there is pellucid sweep,
    which leaves the test part alone.
    """
    words, changes = settings_of(dict(locals()))
    words |= {} if file is None else {"data": file}
    check_folder(to)
    if most is not None:
        check_number("rows", most, least=10, whole=True)
    sizes = WIDTHS if widths is None else numbers_of("widths", widths)
    data = drawer(words, data_dir, most)(split_seed)
    found = WidthCurve(data, sizes, range(seeds), **changes)
    say(data.describe())
    _run_widths(found, to)
    if json:
        print_json(_width_figures(found, to))


def _run_widths(found: WidthCurve, to: str) -> None:
    """Train with a table that follows; then the table, the answer and the files."""
    from ..plots import WidthCurveDisplay

    of = len(found.networks)

    def table() -> Table:
        made = _by_width(found)
        made.caption = f"{len(found.points):,} of {of:,} networks"
        return made

    try:
        for _ in live(found.run(), table):
            pass
    except KeyboardInterrupt as interrupt:
        console.print(_by_width(found))
        number = number_of(interrupt)
        raise stopped(number, len(found.points), of, found.csv(), to) from None
    console.print(_by_width(found))
    say(found.answer(), "bold")
    keep(to, found.csv(), lambda: WidthCurveDisplay.from_curve(found))


def _by_width(found: WidthCurve) -> Table:
    """A line a width."""
    titles = ["neurons", "parameters", "training", "test", "spread", "seconds", ""]
    lines = []
    for width in sorted({one.width for one in found.points}):
        mine = [one for one in found.points if one.width == width]
        told = [
            _score(value, found.classes)
            for value in (
                found.mean(width, "train"),
                found.mean(width),
                found.spread(width),
            )
        ]
        seconds = found.mean(width, "seconds")
        spent = f"{seconds:.3f}" if math.isfinite(seconds) else "-"
        size = f"{mine[0].parameters:,}"
        lines.append([f"{width:,}", size, *told, spent, _note(mine)])
    return as_table(titles, lines, right=range(6))


def _note(mine: list[Wide]) -> str:
    lost = sum(not math.isfinite(one.test) for one in mine)
    return f"{lost} diverged" if lost else ""


def _width_figures(found: WidthCurve, to: str) -> dict[str, Any]:
    """What a program wants to know."""
    return {
        "measure": "accuracy" if found.classes else "r2",
        "answer": found.answer(),
        "points": [dict(vars(one)) for one in found.points],
        "csv": f"{to}.csv",
    }
