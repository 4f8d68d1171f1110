"""What leaves the studio: a run of the command line, a model file; what came in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ... import model_file, recipes, runs
from ..._errors import InputError
from ...data import Dataset
from ...data.tables import Column, read_table
from ...mathematics.network import Network
from ...recipes import Settings
from ...runs import results
from ...training import Report
from ..looks import Moment
from ..store import PICTURES, Upload
from .asked import Answer, Asked

MOST_CLASSES = 20
"""Levels up to which a column looks like something to be predicted."""

TARGETS = ("target", "class", "label", "y", "species", "outcome", "income")
"""Names that a column to be predicted often has."""


async def keep(asked: Asked) -> Answer:
    """Write the run as the command line would, having made it again as it would."""
    moment = await asked.moment()

    def settled() -> Settings:
        run = asked.session.run
        if run is None or not run.ended or run.step == 0:
            raise InputError(
                "a run that is kept must have come to its end; this one is at step "
                f"{moment.step:,}. Train it to the end first."
            )
        if run.edits:
            raise InputError(
                "a run with weights that were set by hand is no run of the command "
                "line, which could not make it again. Take the edits back, or export "
                "the model."
            )
        return run.settings

    settings = await asked.have(settled)
    name = recipes_name(asked)
    found = await asked.studio.compute(_keep, asked, moment, settings, name)
    return Answer(found)


def recipes_name(asked: Asked) -> str:
    """What the folder is called."""
    run = asked.session.run
    return Path(run.known.name).stem if run is not None else "run"


def _keep(
    asked: Asked, moment: Moment, settings: Settings, name: str
) -> dict[str, Any]:
    known = moment.known
    network, history = _again(settings, moment)
    if network.weights_sha256() != moment.sha256:
        raise InputError(
            "the run made again must have the same weights and has not; nothing was "
            "written. Its optimizer or engine is outside the promise of the same bits."
        )
    folder = runs.create(asked.studio.runs_dir, name)
    with runs.locked(folder):
        runs.write_start(folder, settings, known.data.fingerprint())
        found = results.evaluations(settings, network, known.data)
        figures = results.result(folder, network, history, found, known.data)
        runs.write_history(folder, history)
        about = results.about(settings, network, known.data)
        runs.write_end(folder, network, about, figures)
    return {"name": folder.name, "folder": str(folder), "result": figures}


def _again(settings: Settings, moment: Moment) -> tuple[Network, list[Report]]:
    """The run made again, with the Reports that the command line would have."""
    data: Dataset = moment.known.data
    network = recipes.build(settings, data)
    often = results.every(settings, data)
    with moment.known.lock:
        reports = recipes.run(
            settings, network, data, often, shared=moment.known.shared
        )
    return network, [report for report in reports if report.complete]


async def export(asked: Asked) -> Answer:
    """A model file, to be fetched once."""
    moment = await asked.moment()
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
