"""How things are shown in the terminal: progress, tables, weights as pictures."""

from __future__ import annotations

import json
import math
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
from rich.console import Console
from rich.live import Live
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from .._arrays import Array
from ..training import Report

T = TypeVar("T")

PATIENCE = 1.0  # seconds before progress is shown
WORDS = 73  # columns of the progress line without its bar
NARROW = 78  # columns below which the progress line has no bar and fewer words
WIDE = 1_000  # columns where there is no terminal: nothing is broken then


def _console(stderr: bool) -> Console:
    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, highlight=False, width=None if terminal else WIDE)


console = _console(stderr=False)
errors = _console(stderr=True)


def clean(text: str) -> str:
    """Text out of a file, without what would steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def say(text: str = "", style: str = "", whole: bool = False) -> None:
    """One line for people; a `whole` one is never broken, so it can be copied."""
    console.print(Text(clean(text), style), soft_wrap=whole)


def warn(text: str) -> None:
    """One line on standard error."""
    errors.print(Text(clean(f"warning: {text}"), "yellow"))


def complain(sentence: str) -> None:
    """What went wrong, on standard error."""
    whole = not errors.is_terminal
    errors.print(Text(clean(f"pellucid: {sentence}")), soft_wrap=whole)


def print_json(value: dict[str, Any]) -> None:
    """The one JSON object that a program reads: the last line of standard output."""
    print(json.dumps(_plain(value), allow_nan=False), flush=True)


def _plain(value: Any) -> Any:
    """The value in JSON's types; null for a number that is not finite."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def percent(share: float | None) -> str:
    """Such as 97.22%; a dash where there is nothing."""
    return "-" if share is None else f"{100 * share:.2f}%"


def number(value: float) -> str:
    """Six digits, aligned."""
    return f"{value: .6g}"


def table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()
) -> None:
    """A plain table for people; the columns in `right` are numbers."""
    console.print(as_table(titles, rows, right))


def as_table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()
) -> Table:
    """The same, to be shown later."""
    made, numbers = Table(box=None, pad_edge=False, header_style="bold"), set(right)
    for place, title in enumerate(titles):
        made.add_column(title, justify="right" if place in numbers else "left")
    for row in rows:
        made.add_row(*(Text(clean(cell)) for cell in row))
    return made


def live(steps: Iterator[T], shown: Callable[[], Table]) -> Iterator[T]:
    """Hand the steps on, with a table that follows them where somebody watches."""
    if not _alive():
        yield from steps
        return
    with Live(get_renderable=shown, console=errors, transient=True):
        yield from steps


def _alive() -> bool:
    """Whether somebody watches."""
    return sys.stderr.isatty() and not errors.is_dumb_terminal


@contextmanager
def _after_a_second(bar: Progress) -> Iterator[None]:
    """Show the bar from when the work has taken a second until it ends."""
    timer = threading.Timer(PATIENCE, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        bar.stop()


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say what is going on, if it takes over a second."""
    if not _alive():
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    bar = Progress(*columns, console=errors, transient=True)
    bar.add_task(what, total=None)
    with _after_a_second(bar):
        yield


def watch(
    reports: Iterator[Report], examples: int, batch_size: int, epochs: int
) -> Iterator[Report]:
    """Hand the reports on, drawing a progress bar if it takes over a second.

    Args:
        reports: from `train`.
        examples: rows of the training part.
        batch_size: examples an update.
        epochs: how many are planned.
    """
    if not _alive():
        yield from reports
        return
    line = TextColumn("{task.fields[line]}", markup=False)
    # Room is left for the ^C that a terminal shows: without it, the line would break
    # and could not be erased.
    width = min(errors.width - WORDS, 40)
    middle = [] if errors.width < NARROW else [BarColumn(bar_width=width)]
    left = (TimeRemainingColumn(compact=True), TextColumn("left"))
    columns = (line, *middle, *left)
    bar = Progress(*columns, console=errors, transient=True)
    task = bar.add_task("", total=epochs * examples, line=f"epoch 0/{epochs}")
    accuracy = ""
    with _after_a_second(bar):
        for report in reports:
            seen = _seen(report, examples, batch_size)
            if report.accuracy is not None:
                accuracy = f"{report.monitor} {percent(report.accuracy)} "
            cost = "" if report.cost is None else f"cost {report.cost:.4f} "
            pace = _short(seen / max(report.seconds, 1e-9))
            rate = f"{pace} examples/s" if seen else ""
            text = f"epoch {report.epoch}/{epochs} {cost}{accuracy}{rate}"
            if errors.width < NARROW:
                text = text.removeprefix("epoch ").replace(" examples/s", "/s")
            bar.update(task, completed=seen, line=text)
            yield report


def _short(rate: float) -> str:
    """Such as 9,400 or 148k."""
    return f"{rate / 1000:,.0f}k" if rate >= 10_000 else f"{rate:,.0f}"


def _seen(report: Report, examples: int, batch_size: int) -> int:
    """Examples that were learned from so far, each time counted."""
    if report.complete:
        return report.epoch * examples
    before = (report.epoch - 1) * examples
    updates = report.step - (report.epoch - 1) * -(-examples // batch_size)
    return before + updates * batch_size


MARKS = ("--", "- ", "  ", "+ ", "++")
COLOURS = ("white on #b35806", "black on #fdb863", "", "black on #92c5de",
           "white on #2166ac")  # fmt: skip


def picture(values: Array, shape: tuple[int, ...]) -> None:
    """Numbers as a picture: sign by mark and, in a terminal, by colour.

    Args:
        values: (height * width,).
        shape: (height, width).
    """
    most = float(np.abs(values).max()) or 1.0
    levels = np.rint(2.0 * values / most).astype(int) + 2  # 0 ... 4, neutral at 2
    text = Text()
    for row in levels.reshape(shape):
        for level in row:
            text.append(MARKS[level], style=COLOURS[level])
        text.append("\n")
    below = f", -- is {-most:.3g}" if values.min() < 0 else ""
    text.append(f"++ is {most:.3g}{below}, blank is near 0")
    console.print(text, soft_wrap=True)
