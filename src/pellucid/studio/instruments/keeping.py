"""What leaves the studio: a run of the command line, a model file; what came in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import model_file, runs
from ..._errors import InputError
from ...data.tables import Column, read_table
from ...links import with_edits
from ...mathematics.network import Network
from ...recipes import Settings
from ...runs import checkpoints, journal, results
from ...training import Report
from ...training.state import State
from ..looks import Moment
from ..session import Session
from ..stock import Known
from ..store import PICTURES, Upload
from .asked import Answer, Asked

MOST_CLASSES = 20
"""Levels up to which a column looks like something to be predicted."""

TARGETS = ("target", "class", "label", "y", "species", "outcome", "income")
"""Names that a column to be predicted often has."""


@dataclass(frozen=True)
class Standing:
    """A run as it stands, with all that its folder is written from.

    Attributes:
        settings: as the command line knows them, with the edits.
        known: what it learns from.
        network: a copy.
        history: the complete Reports up to here.
        step: updates made.
        state: where to go on from; None of a run that has ended.
    """

    settings: Settings
    known: Known
    network: Network
    history: list[Report]
    step: int
    state: State | None


def standing(session: Session) -> Standing:
    """The run of a session, to be asked in its thread.

    Raises:
        InputError: there is none yet, or it can't be kept where it is.
    """
    run = session.run
    if run is None or session.phase in ("diverged", "failed"):
        said = session.message or "The data are still being read."
        raise InputError(f"{said} There is nothing to be kept.")
    kept = run.state()
    if kept is None and not run.ended:
        raise InputError(
            "L-BFGS can't go on from the middle, so a run of it is kept at its end "
            f"only; this one is at step {run.step:,}. Train it to the end first."
        )
    settings = with_edits(run.settings, run.edits)
    network, state = run.network.copy(), None if kept is None else kept.state
    return Standing(settings, run.known, network, run.history, run.step, state)


async def keep(asked: Asked) -> Answer:
    """Write the run as the command line would: ended, or to be gone on with."""
    stands = await asked.have(lambda: standing(asked.session))
    return Answer(await asked.studio.compute(_keep, asked, stands))


def _keep(asked: Asked, stands: Standing) -> dict[str, Any]:
    data = stands.known.data
    fingerprint = data.fingerprint()
    about = results.about(stands.settings, stands.network, data)
    try:
        folder = runs.create(asked.studio.runs_dir, Path(stands.known.name).stem)
        with runs.locked(folder):
            runs.write_start(folder, stands.settings, fingerprint)
            if stands.state is None:
                figures = _write_end(folder, stands, about)
            else:
                figures = None
                owner = runs.identity(stands.settings, fingerprint)
                _write_middle(folder, stands, about, owner)
    except OSError as error:
        raise InputError(
            f"the run must be written to {asked.studio.runs_dir}, which can't be: "
            f"{error.strerror or error}. Make room, or export the model."
        ) from None
    where = f" --data-dir {asked.studio.stock.data_dir}"
    command = f"pellucid train --resume {folder}"
    return {
        "name": folder.name, "folder": str(folder), "step": stands.step,
        "result": figures, "weights_sha256": stands.network.weights_sha256(),
        "resume": None if figures else
        command + (where if asked.studio.stock.data_dir else ""),
    }  # fmt: skip


def _write_end(folder: Path, stands: Standing, about: dict[str, Any]) -> dict[str, Any]:
    """What a finished run has; its figures."""
    data, network = stands.known.data, stands.network
    found = results.evaluations(stands.settings, network, data)
    figures = results.result(folder, network, stands.history, found, data)
    runs.write_history(folder, stands.history)
    runs.write_end(folder, network, about, figures)
    return figures


def _write_middle(
    folder: Path, stands: Standing, about: dict[str, Any], owner: str
) -> None:
    """What an interrupted run has: a checkpoint, and history and network up to it."""
    arrays = {**(stands.state or {}), "history": journal.rows(stands.history)}
    checkpoints.write(folder / checkpoints.NAMES[0], arrays, owner)
    runs.write_history(folder, stands.history)
    model_file.save(folder / runs.MODEL, stands.network, about)


async def export(asked: Asked) -> Answer:
    """A model file, to be fetched once."""
    moment = await asked.whole()
    data = await asked.studio.compute(_model, asked, moment)
    number = asked.studio.offer("model.safetensors", data)
    said = {"path": f"/download/{number}", "name": "model.safetensors"}
    return Answer({**said, "bytes": len(data), "weights_sha256": moment.sha256})


def _model(asked: Asked, moment: Moment) -> bytes:
    words: Any = {**moment.recipe, **moment.known.settings}
    about = results.about(words, moment.network, moment.known.data)
    asked.studio.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = asked.studio.folder / f".pellucid-{os.urandom(8).hex()}.tmp"
    try:
        model_file.save(path, moment.network, about)
        return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)


async def describe(asked: Asked) -> Answer:
    """What an upload holds, and what of it might be predicted."""
    found = asked.studio.store.sealed(asked.words["upload"])
    try:
        return Answer(await asked.studio.compute(_describe, found))
    except InputError as error:
        named = asked.studio.store.named(str(error), found.key, found.path)
        raise InputError(named) from None


def _describe(upload: Upload) -> dict[str, Any]:
    said = {"name": upload.name, "data": upload.key, "bytes": upload.bytes}
    if upload.path.is_dir():
        classes = sorted(path.name for path in upload.path.iterdir())
        sentence = (
            f"{upload.name}: {upload.files:,} images in {len(classes)} classes, "
            f"{', '.join(classes[:MOST_CLASSES])}."
        )
        if len(classes) < 2:
            sentence += " To be trained on, it needs two or more."
        more = {"kind": "images", "rows": upload.files, "columns": [], "targets": []}
        return {**said, **more, "classes": len(classes), "sentence": sentence}
    if upload.path.suffix in PICTURES:
        more = {"kind": "image", "rows": 1, "columns": [], "targets": []}
        return {
            **said,
            **more,
            "classes": None,
            "sentence": f"{upload.name}: an image.",
        }
    return {**said, **_table(upload)}


def _table(upload: Upload) -> dict[str, Any]:
    table = read_table(upload.path)
    names = list(table.columns)
    levels = {name: _levels(column) for name, column in table.columns.items()}
    targets = sorted(names, key=lambda name: _doubt(name, names, levels[name]))
    columns = [
        {"name": name, "kind": "text" if column.texts is not None else "number"}
        for name, column in table.columns.items()
    ]
    sentence = f"{upload.name}: {table.rows:,} rows with {len(names)} columns."
    return {
        "kind": "table", "rows": table.rows, "columns": columns, "targets": targets,
        "classes": levels[targets[0]] if targets else None, "sentence": sentence,
    }  # fmt: skip


def _levels(column: Column) -> int | None:
    """How many different texts a column has; None for numbers."""
    return None if column.texts is None else len(column.texts)


def _doubt(name: str, names: list[str], levels: int | None) -> tuple[int, int, int]:
    """How unlikely it is that a column is to be predicted; the last one is likely."""
    named = 0 if name.lower() in TARGETS else 1
    few = 0 if levels is not None and 2 <= levels <= MOST_CLASSES else 1
    return named, 0 if name == names[-1] else 1, few
