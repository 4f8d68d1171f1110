"""The runs in a folder: found, listed, compared, removed.

There is no list of runs besides the folders themselves, so none can go stale.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import runs
from .._errors import InputError
from .._files import LEFTOVERS, is_locked
from ..recipes import Settings

SENTENCE = 400  # characters of a reason that a file gives
UNFINISHED = ("unfinished", "running")
FIGURES = (
    "epochs",
    "parameters",
    "train_seconds",
    "validation_accuracy",
    "validation_cost",
    "validation_r2",
    "test_accuracy",
    "test_cost",
    "test_interval",
    "test_r2",
    "weights_sha256",
)
"""What a comparison shows besides the settings that differ."""


@dataclass(frozen=True)
class Entry:
    """A run, as the index shows it.

    Attributes:
        folder: where it is.
        status: "finished"; "running" (a process is at work); "unfinished" (can be
            gone on with); "diverged"; "empty" (ended before it began); "damaged".
        started: when, in the words of the clock that it had; "" if not known.
        settings: what was asked for; None where it can't be read.
        data: fingerprint of the data.
        result: the figures of a finished run.
        reason: why it is diverged or damaged, in a sentence.
    """

    folder: Path
    status: str
    started: str = ""
    settings: Settings | None = None
    data: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def entry(folder: Path) -> Entry:
    """One run; what is wrong with it is told by its status, not raised."""
    status = _status(folder)
    if status == "empty":
        return Entry(folder, status)
    try:
        settings = runs.read_settings(folder)
        started = runs.read_object(folder / "environment.json").get("started", "")
        data, result, reason = runs.read_object(folder / "data.json"), {}, ""
        if status == "finished":
            result = runs.read_object(folder / runs.MANIFEST, "result")
        if status == "diverged":
            said = runs.read_object(folder / runs.DIVERGED).get("sentence", "")
            reason = " ".join(str(said).split())[:SENTENCE]
    except InputError as error:
        return Entry(folder, "damaged", reason=str(error))
    return Entry(folder, status, str(started), settings, data, result, reason)


def _status(folder: Path) -> str:
    if (folder / runs.MANIFEST).is_file():
        return "finished"
    if (folder / runs.DIVERGED).is_file():
        return "diverged"
    if is_locked(folder / runs.LOCK):
        return "running"
    return "unfinished" if (folder / runs.SETTINGS).is_file() else "empty"


def entries(parent: str | Path) -> list[Entry]:
    """The runs in a folder, in the order in which they were begun.

    Raises:
        InputError: the folder can't be read.
    """
    parent = Path(parent)
    if not parent.exists():
        return []
    try:
        folders = [path for path in parent.iterdir() if _is_run(path)]
    except OSError as error:
        raise InputError(
            f"{parent} must be a folder with runs; it can't be read: {error.strerror}."
        ) from None
    return [entry(folder) for folder in sorted(folders, key=runs.order)]


def _is_run(path: Path) -> bool:
    """Whether a folder is a run, perhaps one that has only begun."""
    if path.is_symlink() or not path.is_dir():
        return False
    names = {inside.name for inside in path.iterdir() if not inside.match(LEFTOVERS)}
    begun = runs.number_of(path) > 0 and names <= {*runs.START, runs.LOCK}
    return begun or names >= set(runs.START)


def resolve(run: str | Path, parent: str | Path) -> Path:
    """What a user means by a run: a path, a folder in `parent`, or its number.

    Whether it is there is for those to say who open it.

    Raises:
        InputError: two runs have that number.
    """
    parent = Path(parent)
    if Path(run).exists():
        return Path(run)
    text = str(run)
    if text.isdecimal() and parent.is_dir():
        found = [path for path in parent.iterdir() if runs.number_of(path) == int(text)]
        if len(found) > 1:
            names = " and ".join(sorted(path.name for path in found))
            raise InputError(f"{text} must mean one run; it means {names}. Name one.")
        if found:
            return found[0]
    return parent / run if (parent / run).exists() else Path(run)


def named(run: str, parent: str | Path) -> Path:
    """The folder of the run that a user names.

    Raises:
        InputError: there is none.
    """
    folder = resolve(run, parent)
    if not folder.is_dir():
        raise InputError(
            f"{run} must be a run; there is none of that number or name in {parent}. "
            "pellucid runs lists them."
        )
    return folder


def latest_unfinished(parent: str | Path) -> Path:
    """The unfinished run that was begun last.

    Raises:
        InputError: there is none.
    """
    found = [one.folder for one in entries(parent) if one.status in UNFINISHED]
    if not found:
        raise InputError(
            f"{parent} must hold an unfinished run to go on with; there is none. "
            "Begin one: pellucid train."
        )
    return found[-1]


def compare(chosen: Sequence[Entry]) -> list[tuple[str, list[Any]]]:
    """What tells runs apart: each setting that differs, the data, then the figures.

    Args:
        chosen: two or more runs.

    Returns:
        Names, each with a value for every run; None where a run has none.

    Raises:
        InputError: fewer than two, or the settings of one can't be read.
    """
    if len(chosen) < 2:
        raise InputError(
            f"compare needs two runs or more; got {len(chosen)}. Name them, such as "
            "pellucid runs compare 1 2."
        )
    for one in chosen:
        if one.settings is None:
            why = one.reason or "it ended before it began"
            raise InputError(f"{one.folder} can't be compared: {why}")
    lines = [
        (name, [dict(one.settings or {}).get(name) for one in chosen])
        for name in dict.fromkeys(name for one in chosen for name in one.settings or ())
    ]
    lines.append(("data sha256", [one.data.get("sha256") for one in chosen]))
    differing = [
        (n, values) for n, values in lines if any(v != values[0] for v in values)
    ]
    figures = [(name, [one.result.get(name) for one in chosen]) for name in FIGURES]
    return differing + [
        (n, values) for n, values in figures if values != [None] * len(chosen)
    ]


def remove(folder: Path) -> None:
    """Remove a run and all that is in its folder.

    Raises:
        InputError: it is no run, or a process is at work on it.
        OSError: something in it can't be removed.
    """
    if not _is_run(folder):
        raise InputError(
            f"only a run can be removed; {folder} is none. pellucid runs lists them."
        )
    with runs.locked(folder):
        # First what makes it a run: what is half removed is not taken for a whole one.
        for name in (runs.MANIFEST, runs.SETTINGS):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder)
