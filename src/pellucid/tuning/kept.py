"""What a tuning leaves in files: a table for people, and what it can go on from."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import runs
from .._errors import InputError
from ..sweeps.grid import spell
from .study import BATCH

if TYPE_CHECKING:
    from . import Tuning


def table(found: Tuning) -> str:
    """CSV: a line a trial, with its score on each fold."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    folds = [f"fold {number}" for number in range(1, found.folds + 1)]
    titles = ["trial", *found.over, "state", "mean", "gain", "seconds", *folds]
    writer.writerow(titles)
    for trial in found.trials:
        values = [spell(trial.values[n]) if trial.values else "" for n in found.over]
        figures = [trial.mean, trial.gain(found.trials[0]), round(trial.seconds, 4)]
        line = [trial.number, *values, trial.state, *figures, *trial.scores]
        writer.writerow(["" if value != value else value for value in line])
    return out.getvalue()


def identity(found: Tuning) -> str:
    """SHA-256 of what is tuned and on what: equal only for the same tuning."""
    words = {
        "base": dict(found.base),
        "over": found.over,
        "folds": found.folds,
        "data": found.data.fingerprint(),
    }
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def memory(found: Tuning) -> dict[str, Any]:
    """What a later process needs to go on: the batches that have ended."""
    whole = found.trials[0].state == "complete"
    ended = found.trials[: 1 + found.batches * BATCH] if whole else []
    trials = [
        {
            "values": dict(trial.values),
            "scores": trial.scores,
            "steps": [[step, score] for step, score in trial.steps.items()],
            "seconds": trial.seconds,
            "state": trial.state,
        }
        for trial in ended
    ]
    checks = [list(pair) for pair in found.checks] if len(ended) > 1 else []
    return {"identity": identity(found), "batches": found.batches, "trials": trials,
            "checks": checks}  # fmt: skip


def recall(found: Tuning, path: Path) -> None:
    """Let a tuning that has not begun go on from a file.

    Raises:
        InputError: there is none, or it is of another tuning.
    """
    words = runs.read_object(path)
    if words.get("identity") != identity(found):
        raise InputError(
            f"{path} must be of the same tuning, on the same data; it is of another. "
            "Give the same options, or leave --resume out."
        )
    try:
        found.restore(words["batches"], words["trials"], words["checks"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise InputError(
            f"{path} must hold what a tuning remembers; it is damaged. Leave --resume "
            "out."
        ) from None
