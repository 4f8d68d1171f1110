"""How things are shown in the terminal: progress, tables, weights as pictures."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from .._arrays import Array
from ..training import Report

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

PATIENCE = 1.0  # seconds before a progress bar appears


def say(text: str = "", **words: Any) -> None:
    """One line for people; square brackets in it are only brackets."""
    console.print(text, markup=False, **words)


def warn(text: str) -> None:
    """One line on standard error."""
    errors.print(f"warning: {text}", markup=False, style="yellow")


def print_json(value: dict[str, Any]) -> None:
    """The one JSON object that a program reads: the last line of standard output."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def percent(share: float | None) -> str:
    """Such as 97.22%; a dash where there is nothing."""
    return "-" if share is None else f"{100 * share:.2f}%"


def watch(
    reports: Iterator[Report], examples: int, epochs: int
) -> Iterator[Report]:
    """Hand the reports on, drawing a progress bar if it takes over a second.

    Args:
        reports: from `train`.
        examples: rows of the training part.
        epochs: how many are planned.
    """
    if not errors.is_terminal:
        yield from reports
        return
    columns = (
        TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
        BarColumn(bar_width=None),
        TextColumn("cost {task.fields[cost]}"),
        TextColumn("{task.fields[accuracy]}"),
        TextColumn("{task.fields[rate]:,.0f} examples/s"),
        TimeRemainingColumn(),
    )
    begin, seen, accuracy = time.perf_counter(), 0.0, ""
    bar = Progress(*columns, console=errors, transient=True)
    task = bar.add_task(
        "", total=epochs, epochs=epochs, epoch=0, cost="-", accuracy="", rate=0.0
    )
    try:
        for report in reports:
            if report.accuracy is not None:
                accuracy = f"{report.monitor} {percent(report.accuracy)}"
            if report.cost is not None:
                seen = _done(report, epochs, examples, seen)
            bar.update(
                task,
                completed=seen / examples,
                epoch=report.epoch,
                cost="-" if report.cost is None else f"{report.cost:.4f}",
                accuracy=accuracy,
                rate=seen / max(report.seconds, 1e-9),
            )
            if not bar.live.is_started and time.perf_counter() - begin > PATIENCE:
                bar.start()
            yield report
    finally:
        bar.stop()


def _done(report: Report, epochs: int, examples: int, before: float) -> float:
    """Examples seen so far: whole epochs, and within one a share by its reports."""
    if report.complete:
        return float(report.epoch * examples)
    return min(before + examples / 20, report.epoch * examples)


def table(*titles: str, right: tuple[int, ...] = ()) -> Table:
    """A plain table; columns in `right` are numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for place, title in enumerate(titles):
        made.add_column(title, justify="right" if place in right else "left")
    return made


MARKS = ("--", "- ", "  ", "+ ", "++")
COLOURS = ("on #b35806", "on #fdb863", "", "on #92c5de", "on #2166ac")


def picture(weights: Array, shape: tuple[int, int]) -> Text:
    """Weights as a picture: sign by mark and, in a terminal, by colour.

    Args:
        weights: (height * width,).
        shape: (height, width).
    """
    most = float(np.abs(weights).max()) or 1.0
    levels = np.rint(2.0 * weights / most).astype(int) + 2  # 0 ... 4, neutral at 2
    text = Text()
    for row in levels.reshape(shape):
        for level in row:
            text.append(MARKS[level], style=COLOURS[level])
        text.append("\n")
    text.append(f"++ is {most:.3g}, -- is {-most:.3g}, blank is near 0")
    return text


def number(value: float) -> str:
    """Six digits, aligned."""
    return f"{value: .6g}"
