"""A run is a folder.

    settings.json      what was asked for
    environment.json   with what it was made
    data.json          fingerprint of the data
    history.csv        one line a report
    model.safetensors  the network
    run.json           the result, and the SHA-256 of each file above; written last

Every file is written under another name, synced and renamed; run.json comes last, so
a folder that has it is whole.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import _limits, model_file, recipes
from ._errors import InputError
from ._files import read_limited, write_atomic
from .mathematics.network import Network
from .recipes import Settings
from .training import Report

MODEL = "model.safetensors"
MANIFEST = "run.json"
FILES = ("settings.json", "environment.json", "data.json", "history.csv", MODEL)
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
    """A new folder in `parent`, named after the time and `name`, never an old one.

    Raises:
        InputError: it can't be made there.
    """
    parent = Path(parent)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1000):
            folder = parent / f"{stamp}-{name}{'' if number == 1 else f'-{number}'}"
            try:
                folder.mkdir(mode=0o700)
                return folder
            except FileExistsError:
                continue
    except OSError as error:
        raise InputError(
            f"runs must be written to a folder; {parent} can't be used: "
            f"{error.strerror}. Choose another with --runs."
        ) from None
    raise InputError(f"{parent} already holds 1,000 runs of this second.")


def environment() -> dict[str, str]:
    """Versions of what the result may depend on."""
    names = ("pellucid", "numpy", "scipy", "scikit-learn", "safetensors")
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        **{name: version(name) for name in names},
    }


def write_start(folder: Path, settings: Settings, data: Mapping[str, Any]) -> None:
    """What is known before the first step."""
    write_json(folder / "settings.json", settings)
    write_json(folder / "environment.json", environment())
    write_json(folder / "data.json", data)


def write_history(folder: Path, reports: Iterable[Report]) -> None:
    """history.csv: one line a complete report."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for report in reports:
        values = [getattr(report, column) for column in COLUMNS]
        lines.writerow(["" if value is None else value for value in values])
    _write(folder / "history.csv", text.getvalue().encode())


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


def write_json(path: Path, value: Any) -> None:
    """A JSON file, atomically."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    _write(path, text.encode() + b"\n")


def _write(path: Path, data: bytes) -> None:
    try:
        write_atomic(path, data)
    except OSError as error:  # name the file that was meant, not the temporary one
        raise OSError(error.errno, error.strerror, str(path)) from error


def read_json(path: Path) -> Any:
    """A JSON file within the limits."""
    data = read_limited(path, _limits.TEXT_FILE_BYTES, "file of the run")
    return model_file.parse_json(data, str(path))


def read_settings(folder: Path) -> Settings:
    """The settings of a run.

    Raises:
        InputError: they are missing or not what settings are.
    """
    path = folder / "settings.json"
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
    """The finished run in `parent` that was made last.

    Raises:
        InputError: there is none.
    """
    found = [path for path in Path(parent).glob(f"*/{MANIFEST}") if path.is_file()]
    if not found:
        raise InputError(
            f"{parent} must hold a finished run; there is none. Train one: "
            "pellucid train."
        )
    return max(found, key=lambda path: (path.stat().st_mtime_ns, path)).parent
