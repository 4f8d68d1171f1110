"""The folder of a run, opened in the studio: it stands where its files say.

Nothing in the folder is believed that can be checked: the files must have the hashes of
their manifest, the model the hash of its weights, the data those of the run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from .. import _limits, model_file, runs
from .._arrays import Array
from .._errors import InputError
from ..links import Link, link_of
from ..recipes import Settings
from ..run_data import is_file_name
from ..runs import index, verify
from ..runs.journal import Journal
from ..training import Report
from ..training.shared import MONITORS
from ..training.state import State
from .run import Run
from .stock import Stock

OPENED = ("finished", "unfinished", "running", "diverged")
"""What of a run's status it can be opened with."""

PARTS = ("test", "validation")
"""Of which the accuracy is told: the first that there is."""


@dataclass(frozen=True)
class Opening:
    """A run out of its folder.

    Attributes:
        folder: where it lies.
        link: its recipe, edits and step.
        history: the complete Reports up to there; empty at the beginning.
        state: of a run in the middle; None at its beginning and its end.
        theta: of a run that has ended; else None.
        sentence: what was opened.
    """

    folder: Path
    link: Link
    history: list[Report]
    state: State | None
    theta: Array | None
    sentence: str

    def ready(self, run: Run) -> None:
        """Bring a run of this link to where the folder says it stands.

        Raises:
            InputError: the files do not fit the run.
        """
        if self.theta is None and self.state is None:
            return
        _check_history(self.folder, self.history, run.last_step)
        run.curve.replay(self.history)
        if self.theta is not None:
            run.finish(self.theta, self.history)
        elif self.state is not None:
            run.resume(self.state, list(self.history), run.curve.points)


def opening(folder: Path, stock: Stock) -> Opening:
    """The run in a folder, its data read.

    Raises:
        InputError: it is damaged, has not begun, or its data are not there.
    """
    entry = index.entry(folder)
    if entry.status not in OPENED:
        why = entry.reason or "it ended before it began."
        raise InputError(f"{folder} can't be opened: {why}")
    settings = runs.read_settings(folder)
    recipe = _recipe(settings, stock)
    found = stock.open(recipe).data.fingerprint()
    began = runs.read_object(folder / "data.json")
    if _bare(began) != _bare(found):
        runs.check_data(folder, found)
    if entry.status == "finished":
        made = _finished(folder, recipe)
    else:
        made = _unfinished(folder, recipe, runs.identity(settings, began), entry)
    environment = runs.read_object(folder / "environment.json")
    inside, why = verify.promise(settings, environment)
    return made if inside else replace(made, sentence=f"{made.sentence} {why}")


def _bare(fingerprint: dict[str, Any]) -> dict[str, Any]:
    """What is the same wherever the file lies."""
    return {name: v for name, v in fingerprint.items() if name != "files"}


def _recipe(settings: Settings, stock: Stock) -> Settings:
    """The settings as the page knows them: a file is an upload there."""
    words: dict[str, Any] = dict(settings)
    for word in ("data", "test_file"):
        name = words[word]
        if name is not None and (word == "test_file" or is_file_name(name)):
            words[word] = stock.store.adopt(Path(name))
    return cast(Settings, words)


def _finished(folder: Path, recipe: Settings) -> Opening:
    from ..plots.curves import read_history

    stated = runs.read_object(folder / runs.MANIFEST, "sha256")
    check = verify.check_files(folder, stated)
    if not check.same:
        raise InputError(f"{folder} can't be opened: {check.sentence}")
    result = runs.read_result(folder)
    network, _ = model_file.load(folder / runs.MODEL)
    if network.weights_sha256() != result["weights_sha256"]:
        raise InputError(
            f"{folder} can't be opened: its model has other weights than "
            f"{runs.MANIFEST} says. pellucid verify {folder} says more."
        )
    history = read_history(folder / "history.csv")
    link, theta = link_of(recipe), network.parameters.theta
    said = f"{folder.name}, at its end, as it was kept."
    return Opening(folder, link, history, None, theta, said)


def _unfinished(
    folder: Path, recipe: Settings, owner: str, entry: index.Entry
) -> Opening:
    """From its newest checkpoint; from its start where there is none."""
    if entry.status == "diverged":
        said = f"{folder.name}, at its start; when it was trained: {entry.reason}"
        return Opening(folder, link_of(recipe, 0), [], None, None, said)
    journal = Journal.find(folder, owner)
    step = journal.step if journal.state is not None else 0
    at = f"at step {step:,}, its last checkpoint" if step else "at its start"
    said = f"{folder.name}, {at}. What is done here does not go into the folder."
    link = link_of(recipe, step)
    return Opening(folder, link, journal.history, journal.state, None, said)


def _check_history(folder: Path, history: list[Report], last: int) -> None:
    """Check that Reports out of a file can be those of such a run."""
    steps = [report.step for report in history]
    rising = all(a < b for a, b in zip([-1, *steps], [*steps, last + 1], strict=True))
    numbers = [
        value
        for each in history
        for value in (each.cost, each.monitor_cost, each.seconds)
        if value is not None
    ]
    named = all(each.monitor in MONITORS for each in history)
    if not (history and rising and named) or not all(map(math.isfinite, numbers)):
        raise InputError(
            f"the history of {folder} must be that of a run of these settings and is "
            "not; the folder is damaged."
        )


def listed(parent: str, stock: Stock) -> dict[str, Any]:
    """The runs in a folder for the page, the newest first.

    Raises:
        InputError: the folder can't be read.
    """
    found = index.entries(parent)
    some = found[::-1][: _limits.STUDIO_FOLDERS]
    return {"total": len(found), "runs": [_row(entry, stock) for entry in some]}


def _row(entry: index.Entry, stock: Stock) -> dict[str, Any]:
    why = "" if entry.status in OPENED else entry.reason or "It ended before it began."
    figures = [(part, entry.result.get(f"{part}_accuracy")) for part in PARTS]
    part, accuracy = next(
        ((part, a) for part, a in figures if type(a) is float and 0 <= a <= 1),
        (None, None),
    )
    return {
        "name": entry.folder.name, "status": entry.status,
        "date": entry.started[:16], "sentence": _sentence(entry, stock) or why,
        "accuracy": accuracy, "part": part, "why": why,
    }  # fmt: skip


def _sentence(entry: index.Entry, stock: Stock) -> str:
    """What was asked for, in few words."""
    words = entry.settings
    if words is None:
        return ""
    name = words["data"]
    if is_file_name(name):
        name = stock.store.called(Path(name))
    layers = "-".join(map(str, words["layers"])) or "no hidden layer"
    eta = "" if words["eta"] is None else f", η {words['eta']:g}"
    edits = words.get("edits", [])
    by_hand = f", {len(edits)} set by hand" if edits else ""
    return (
        f"{name}, {layers}, {words['optimizer']}{eta}, {words['epochs']} epochs, seed "
        f"{words['seed']}{by_hand}"
    )
