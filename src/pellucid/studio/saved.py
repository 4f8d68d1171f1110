"""What lies on the disk of a session: enough for the next start to go on with it.

    session.json    the link, whether it trained, the number of the run
    checkpoint-*    the state of its last seconds, in two files that take turns

Each is whole at any time. A checkpoint says whose it is and at which step; without one
that fits, the run is made again from its start, with the same bits.
"""

from __future__ import annotations

import hashlib
import math
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import _limits
from .._arrays import Array
from .._errors import InputError
from .._files import read_limited, remove_leftovers
from .._safetensors import parse_json
from ..links import Link, parse
from ..runs import checkpoints, journal, write_json
from ..training import Report
from ..training.shared import MONITORS
from ..training.state import State
from .curve import Point
from .run import Run
from .session import Session

EVERY = 1.0
"""Seconds of training between two states that are saved."""

FILE = "session.json"
KEYS = {"format": str, "version": int, "link": str, "training": bool, "run": int}
FORMAT = "pellucid-studio"
VERSION = 1


@dataclass(frozen=True)
class Saved:
    """A session as it was.

    Attributes:
        link: its run and step.
        training: whether it trained.
        run: the number of the run.
        state: where to go on from; empty: from the start.
        history: the complete Reports up to there.
        points: the curve.
    """

    link: Link
    training: bool
    run: int
    state: State
    history: list[Report]
    points: list[Point]


class Saver:
    """Writes a session down while it trains, without holding it up.

    Args:
        folder: of the session.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._last = -math.inf
        self._free = checkpoints.NAMES[0]
        self._writing: Future[None] | None = None
        self._rows = journal.Rows()
        self._took = 0.0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="studio saver")

    def __call__(self, session: Session, still: bool = False) -> None:
        """From the session's thread: write down where it is, if it is time."""
        now = time.monotonic()
        busy = self._writing is not None and not self._writing.done()
        pause = max(EVERY, journal.SHARE * self._took)
        if session.run is None or (not still and (now - self._last < pause or busy)):
            return
        self._last = now
        run = session.run
        training = session.phase == "training"
        words = {
            "format": FORMAT,
            "version": VERSION,
            "link": run.link.to_text(),
            "training": training,
            "run": run.number,
        }
        arrays = self._arrays(run) if training else {}
        self._writing = self._pool.submit(self._write, words, arrays, _owner(run.link))

    def _arrays(self, run: Run) -> State:
        kept = run.state()
        if kept is None:
            return {}
        table = self._rows.of(run.history)
        return {**kept.state, "history": table, "points": _table(run.points)}

    def _write(self, words: dict[str, Any], arrays: State, owner: str) -> None:
        begin = time.monotonic()
        with suppress(OSError, InputError):  # a full disk does not end a training
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_json(self.folder / FILE, words)
            if arrays:
                checkpoints.write(self.folder / self._free, arrays, owner)
                (self._free,) = set(checkpoints.NAMES) - {self._free}
        self._took = time.monotonic() - begin

    def forget(self) -> None:
        """Remove what was written, after what is being written."""
        self._pool.shutdown(wait=True)
        with suppress(OSError):
            for name in (FILE, *checkpoints.NAMES):
                (self.folder / name).unlink(missing_ok=True)
            self.folder.rmdir()


def _owner(link: Link) -> str:
    """Whose a checkpoint is: of the run, whatever the step."""
    return hashlib.sha256(replace(link, step=0).to_text().encode()).hexdigest()


def _table(points: list[Point]) -> Array:
    """The points as numbers, (k, 8); NaN for None."""
    rows = [
        [
            point.step, point.epoch, point.cost, point.recent, point.complete,
            None if point.part is None else MONITORS[point.part],
            point.part_cost, point.accuracy,
        ]
        for point in points
    ]  # fmt: skip
    numbers = [[math.nan if v is None else float(v) for v in row] for row in rows]
    return np.array(numbers, np.float64).reshape(-1, 8)


def _points(table: Array) -> list[Point]:
    """The points that `_table` was given.

    Raises:
        InputError: the numbers are no points.
    """
    names = {number: name for name, number in MONITORS.items()}
    found = []
    try:
        for row in table.reshape(-1, 8).tolist():
            cost, recent, part_cost, right = (
                None if math.isnan(v) else v for v in (*row[2:4], *row[6:])
            )
            part = None if math.isnan(row[5]) else names[int(row[5])]
            where = int(row[0]), int(row[1])
            found.append(
                Point(*where, cost, recent, row[4] == 1, part, part_cost, right)
            )
    except (KeyError, ValueError, OverflowError):
        raise InputError("the points of a saved session are damaged.") from None
    return found


def read(folder: Path) -> Saved | None:
    """The session that was saved in a folder; None where there is none that is whole.

    What is damaged is as good as nothing: the address of the page says it all again.
    """
    try:
        if not (folder / FILE).is_file():
            return None
        remove_leftovers(folder)
        data = read_limited(folder / FILE, _limits.TEXT_FILE_BYTES, "the session")
        return _restored(folder, parse_saved(data))
    except (InputError, OSError):
        return None


def parse_saved(data: bytes) -> Saved:
    """A session out of the bytes of its file, without its state.

    Raises:
        InputError: they are none.
    """
    words = parse_json(data, FILE)
    fits = isinstance(words, dict) and words.keys() == KEYS.keys()
    if not fits or not all(type(words[key]) is kind for key, kind in KEYS.items()):
        raise InputError(f"{FILE} must hold a session of the studio and does not.")
    if (words["format"], words["version"]) != (FORMAT, VERSION) or words["run"] < 1:
        raise InputError(f"{FILE} was written by another version of pellucid.")
    run = min(words["run"], 2**32 - 1)
    return Saved(parse(words["link"]), words["training"], run, {}, [], [])


def _restored(folder: Path, saved: Saved) -> Saved:
    """With its checkpoint, where there is one that fits."""
    try:
        found = checkpoints.find(folder, _owner(saved.link))
        if not found.arrays:
            return saved
        state = dict(found.arrays)
        history = journal.reports(state.pop("history", np.zeros(0)), str(folder))
        points = _points(state.pop("points", np.zeros(0)))
    except InputError:
        return saved
    link = replace(saved.link, step=found.step) if saved.training else saved.link
    return replace(saved, link=link, state=state, history=history, points=points)
