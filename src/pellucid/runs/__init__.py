"""A run is a folder.

    environment.json   when, and with what it was made
    data.json          fingerprint of the data
    settings.json      what was asked for; a folder that has it can be gone on with
    checkpoint-*       while it is not finished: where to go on from
    lock               held by the process that is at work here
    history.csv        one line a report
    model.safetensors  the network
    run.json           the result, and the SHA-256 of each file above; written last
    diverged.json      in its place: where the cost stopped being finite
    comparison.json    other models on the same data, if pellucid compare was asked

Every file is written under another name, synced and renamed; run.json comes last, so
a folder that has it is whole. Folders are numbered, so their order is that in which
they were made, whatever the clock said.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import platform
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .. import _limits, model_file, recipes
from .._errors import DivergedError, InputError
from .._files import (
    lock,
    read_limited,
    remove_leftovers,
    sync_folder,
    write_atomic,
)
from .._safetensors import parse_json
from ..mathematics.network import Network
from ..recipes import Settings
from ..training import Report

SETTINGS = "settings.json"
MODEL = "model.safetensors"
MANIFEST = "run.json"
DIVERGED = "diverged.json"
COMPARISON = "comparison.json"
LOCK = "lock"
NUMBERED = re.compile(r"(\d{4,6})-")
NAME_CHARACTERS = 40
START = ("environment.json", "data.json", SETTINGS)
FILES = (*START, "history.csv", MODEL)
RESULT = {"epochs": int, "train_seconds": float, "weights_sha256": str}
"""Figures that every finished run has."""

COLUMNS = (
    "epoch",
    "step",
    "eta",
    "cost",
    "monitor",
    "monitor_cost",
    "correct",
    "count",
    "seconds",
)


def create(parent: str | Path, name: str) -> Path:
    """A new folder in `parent`, such as 0012-digits, never an old one.

    Args:
        parent: where the runs are; made if it is not there.
        name: of the recipe or the data; what is unfit for a file's name is left out.

    Raises:
        InputError: it can't be made there.
    """
    parent = Path(parent)
    file = Path(name)  # the .5 of a recipe is no suffix
    name = file.name if file.suffix[1:].isdigit() else file.stem
    name = re.sub(r"[^\w.]+", "-", name).strip("-.")[:NAME_CHARACTERS]
    new = [folder for folder in (parent, *parent.parents) if not folder.exists()]
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for made in new:
            sync_folder(made.parent)
        number = 1 + max((number_of(path) for path in parent.iterdir()), default=0)
        while True:
            folder = parent / f"{number:04}-{name or 'run'}"
            try:
                folder.mkdir(mode=0o700)
                break
            except FileExistsError:  # another process was quicker
                number += 1
        sync_folder(parent)
    except OSError as error:
        raise InputError(
            f"runs must be written to a folder; {parent} can't be used: "
            f"{error.strerror}. Choose another with --runs."
        ) from None
    return folder


def number_of(folder: Path) -> int:
    """The number of a run, 1 or more; 0 for another folder."""
    found = NUMBERED.match(folder.name)
    return int(found[1]) if found else 0


def order(folder: Path) -> tuple[int, str]:
    """What runs are sorted by: the order in which they were begun."""
    return number_of(folder), folder.name


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only process at work on a run; what was cut off there is cleaned up.

    Raises:
        InputError: another process is.
        OSError: the folder can't be written to.
    """
    descriptor = lock(folder / LOCK)
    if descriptor is None:
        raise InputError(
            f"only one process may work on {folder}, and one does already. Wait until "
            "it ends, or begin another run."
        )
    try:
        remove_leftovers(folder)
        yield
    finally:
        with suppress(OSError):  # the system lets go all the same
            os.close(descriptor)


@cache
def environment() -> Mapping[str, str]:
    """Versions of what the result may depend on; looked up on the disk once."""
    names = ("pellucid", "numpy", "scipy", "scikit-learn", "safetensors")
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        **{name: version(name) for name in names},
    }


def write_start(
    folder: Path,
    settings: Settings,
    data: Mapping[str, Any],
    made: Mapping[str, Any] | None = None,
) -> None:
    """What is known before the first step; the settings last.

    Args:
        folder: of the run.
        settings: what is trained.
        data: its fingerprint.
        made: how the settings came about, for environment.json: what asks for the run
            to be made again does not ask for that again.
    """
    started = {"started": time.strftime("%Y-%m-%d %H:%M:%S %z"), **(made or {})}
    for name, words in zip(
        START, ({**started, **environment()}, data, settings), strict=True
    ):
        write_json(folder / name, words)


def identity(settings: Settings, data: Mapping[str, Any]) -> str:
    """SHA-256 over settings and data: equal only for what ends in the same bits."""
    text = json.dumps([settings, dict(data)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def check_data(folder: Path, data: Mapping[str, Any]) -> None:
    """Check that the data are those a run began with.

    Args:
        folder: of the run.
        data: the fingerprint of what there is now.

    Raises:
        InputError: they are others.
    """
    began = read_json(folder / "data.json")
    if began != data:
        words = began if isinstance(began, dict) else {}
        raise InputError(
            f"{folder} must have the data that it began with, "
            f"{words.get('rows')!r:.20} rows with SHA-256 "
            f"{str(words.get('sha256'))[:12]}...; got {data['rows']} rows with "
            f"{data['sha256'][:12]}... Bring the old data back, or begin a new run."
        )


def write_history(folder: Path, reports: Iterable[Report]) -> None:
    """history.csv: one line a complete report."""
    write_atomic(folder / "history.csv", history_csv(reports))


def history_csv(reports: Iterable[Report]) -> bytes:
    """The bytes of history.csv."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for report in reports:
        values = [getattr(report, column) for column in COLUMNS]
        lines.writerow(["" if value is None else value for value in values])
    return text.getvalue().encode()


def write_end(
    folder: Path, network: Network, about: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    """The model, and last of all the manifest with the result."""
    model_file.save(folder / MODEL, network, about)
    hashes = {}
    for name in FILES:
        data = read_limited(folder / name, _limits.MODEL_FILE_BYTES, "file of the run")
        hashes[name] = hashlib.sha256(data).hexdigest()
    write_json(folder / MANIFEST, {"result": dict(result), "sha256": hashes})


def write_diverged(folder: Path, error: DivergedError) -> None:
    """That the run ended because its cost was not finite, and where."""
    place = {name: getattr(error, name) for name in ("layer", "mini_batch", "epoch")}
    write_json(folder / DIVERGED, {**place, "sentence": str(error)})


def write_json(path: Path, value: Any) -> None:
    """A JSON file, atomically."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    try:
        data = text.encode()
    except UnicodeEncodeError:  # the name of a file is any bytes
        data = json.dumps(value, indent=2, allow_nan=False).encode()
    write_atomic(path, data + b"\n")


def read_json(path: Path) -> Any:
    """A JSON file within the limits."""
    data = read_limited(path, _limits.TEXT_FILE_BYTES, "file of the run")
    return parse_json(data, str(path))


def read_object(path: Path, key: str | None = None) -> dict[str, Any]:
    """The JSON object in a file, or the one under a key of it.

    Raises:
        InputError: there is none.
    """
    found = read_json(path)
    if key is not None and isinstance(found, dict):
        found = found.get(key)
    if not isinstance(found, dict):
        what = "a JSON object" if key is None else f"{key!r}, a JSON object,"
        raise InputError(f"{path} must hold {what} and does not.")
    return found


def read_result(folder: Path) -> dict[str, Any]:
    """The figures of a finished run.

    Raises:
        InputError: they are missing, or lack what every run has.
    """
    result = read_object(folder / MANIFEST, "result")
    for name, kind in RESULT.items():
        if type(result.get(name)) is not kind:
            raise InputError(
                f"{folder / MANIFEST} must hold {name!r}, of the type {kind.__name__}; "
                f"got {result.get(name)!r:.40}. The run is damaged, or was not written "
                "by pellucid."
            )
    return result


def read_settings(folder: Path) -> Settings:
    """The settings of a run.

    Raises:
        InputError: they are missing or not what settings are.
    """
    path = folder / SETTINGS
    words = read_json(path)
    if not isinstance(words, dict):
        raise InputError(f"{path} must hold the settings of a run.")
    return recipes.check(words, str(path))


def model_path(path: str | Path) -> Path:
    """The model file that a user means: a file, or the one in a run's folder.

    Raises:
        InputError: there is neither.
    """
    path = Path(path)
    if not path.is_dir():
        return path
    if not (path / MANIFEST).is_file():
        kept = (path / MODEL).is_file()
        advice = f"Name its {MODEL}" if kept else "Name another run or a model file"
        raise InputError(
            f"{path} must be a finished run; it has no {MANIFEST}. {advice}."
        )
    return path / MODEL


def latest(parent: str | Path) -> Path:
    """The finished run in `parent` that was begun last.

    Raises:
        InputError: there is none.
    """
    found = [path.parent for path in Path(parent).glob(f"*/{MANIFEST}")]
    if not found:
        raise InputError(
            f"{parent} must hold a finished run; there is none. Train one: "
            "pellucid train."
        )
    return max(found, key=order)
