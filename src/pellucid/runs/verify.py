"""Verifying a run: nothing that its files say is believed, all of it is made again.

The hashes in its manifest are compared with its files; then the network is trained
again from the settings, and its weights, its history and its figures are compared.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .. import _limits, model_file, recipes, runs
from .._arrays import join
from .._errors import DivergedError, InputError
from .._files import read_limited
from ..data import Dataset
from ..mathematics.network import Network
from ..recipes import Settings
from ..training import Report
from . import results

Follow = Callable[[Iterator[Report]], Iterable[Report]]


@dataclass(frozen=True)
class Check:
    """One thing that was compared.

    Attributes:
        what: such as "files".
        same: whether it is what the run says.
        sentence: what was found.
    """

    what: str
    same: bool
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What came out.

    Attributes:
        checks: in the order in which they were made; the first that fails may be the
            last.
        promised: whether the run is inside the promise of the same bits.
        promise: why it is, or is not.
    """

    checks: tuple[Check, ...]
    promised: bool
    promise: str

    @property
    def verified(self) -> bool:
        """Whether everything is what the run says."""
        return all(check.same for check in self.checks)


def promise(settings: Settings, environment: Any) -> tuple[bool, str]:
    """Whether a run that is made again, or gone on with, must end in the same bits.

    Args:
        settings: of the run.
        environment: what its environment.json holds.

    Returns:
        Whether, and why, in a sentence.
    """
    known = environment if isinstance(environment, dict) else {}
    here, there = version("pellucid"), known.get("pellucid")
    rule = settings["optimizer"].partition(":")[0]
    if there != here:
        return False, (
            f"It was made with pellucid {there} and this is {here}: the promise of the "
            "same bits does not reach from one version to another."
        )
    if rule == "lbfgs":
        return False, (
            "L-BFGS is outside the promise of the same bits: its search is SciPy's, "
            "whose arithmetic differs from machine to machine."
        )
    if settings["engine"] == "numpy":
        return False, (
            "The numpy engine is outside the promise of the same bits: its arithmetic "
            "is NumPy's, which differs from machine to machine."
        )
    return True, (
        "The native engine promises the same bits on every machine, for the same "
        f"settings, data and seed and pellucid {here}."
    )


def verify(folder: Path, data: Dataset, follow: Follow = iter) -> Verdict:
    """Compare a finished run with itself made again.

    Args:
        folder: of the run.
        data: what its settings name.
        follow: is handed the Reports of the training, and hands them on.

    Raises:
        InputError: the run is not finished, or its files can't be read.
    """
    settings = runs.read_settings(folder)
    words = [runs.read_json(folder / name) for name in runs.START[:2]]
    manifest = runs.read_json(folder / runs.MANIFEST)
    sane = isinstance(manifest, dict) and manifest.keys() == {"result", "sha256"}
    if not sane or not all(
        isinstance(each, dict) for each in (*manifest.values(), *words)
    ):
        raise InputError(
            f"{folder} must be a finished run; its files hold something else."
        )
    inside, why = promise(settings, words[0])
    checks = [
        check_files(folder, manifest["sha256"]),
        _data(words[1], data.fingerprint()),
    ]
    if all(check.same for check in checks):
        checks += _made_again(folder, settings, data, manifest["result"], follow)
    return Verdict(tuple(checks), inside, why)


def check_files(folder: Path, stated: dict[str, Any]) -> Check:
    """Whether the files have the hashes in the manifest."""
    if stated.keys() != set(runs.FILES):
        return Check("files", False, f"The manifest must name {', '.join(runs.FILES)}.")
    bad = []
    for name in runs.FILES:
        data = read_limited(folder / name, _limits.MODEL_FILE_BYTES, "file of the run")
        if hashlib.sha256(data).hexdigest() != stated[name]:
            bad.append(name)
    if bad:
        return Check("files", False, f"Changed after the run: {', '.join(bad)}.")
    return Check(
        "files", True, f"All {len(stated)} files have the hashes in the manifest."
    )


def _data(stated: dict[str, Any], found: dict[str, Any]) -> Check:
    """Whether the data are those of the run."""
    if stated == found:
        return Check("data", True, f"The data are the same {found['rows']:,} rows.")
    return Check(
        "data", False, "The data are not those of the run, so it was not made again."
    )


def _made_again(
    folder: Path,
    settings: Settings,
    data: Dataset,
    result: dict[str, Any],
    follow: Follow,
) -> list[Check]:
    """The run trained again, and what it then says compared with what it said."""
    network = recipes.build(settings, data)
    reports = recipes.run(settings, network, data, results.every(settings, data))
    try:
        history = [report for report in follow(reports) if report.complete]
    except DivergedError as error:
        return [Check("training", False, str(error))]
    checks = [_weights(folder, result, network)]
    checks.append(_history(folder, history))
    found = results.evaluations(settings, network, data)
    again = results.result(folder, network, history, found, data)
    checks.append(_results(result, again))
    return checks


def _weights(folder: Path, result: dict[str, Any], network: Network) -> Check:
    """Whether θ has the same bits as in the model file and in the manifest."""
    here = network.weights_sha256()
    kept = model_file.load(folder / runs.MODEL)[0].weights_sha256()
    places = {"the model file": kept, "run.json": result.get("weights_sha256")}
    bad = [place for place, there in places.items() if there != here]
    said = f"Trained again, the weights have SHA-256 {here[:12]}..."
    if bad:
        return Check("weights", False, f"{said}, others than {join(bad, 'and')} says.")
    return Check("weights", True, f"{said}, the same bits.")


def _history(folder: Path, history: list[Report]) -> Check:
    """Whether history.csv says the same, seconds apart."""
    path = folder / "history.csv"
    data = read_limited(path, _limits.TEXT_FILE_BYTES, "the history")
    stated, here = (_lines(text) for text in (data, runs.history_csv(history)))
    differ = [
        n
        for n, pair in enumerate(zip(stated, here, strict=False), 1)
        if pair[0] != pair[1]
    ]
    if len(stated) != len(here):
        return Check(
            "history", False, f"It has {len(stated)} lines instead of {len(here)}."
        )
    if differ:
        return Check("history", False, f"Its line {differ[0]} is another.")
    return Check("history", True, f"All {len(here) - 1} lines are the same.")


def _lines(text: bytes) -> list[list[str]]:
    """The lines of a history.csv without the seconds."""
    seconds = runs.COLUMNS.index("seconds")
    try:
        lines = list(csv.reader(io.StringIO(text.decode("utf-8", "replace"))))
    except csv.Error:
        return []
    return [[*line[:seconds], *line[seconds + 1 :]] for line in lines]


def _results(stated: dict[str, Any], again: dict[str, Any]) -> Check:
    """Whether the figures are the same, apart from place and time."""
    names = sorted((stated.keys() | again.keys()) - set(results.PLACES))
    bad = [
        f"{name} is {again.get(name)!r:.30} and not {stated.get(name)!r:.30}"
        for name in names
        if stated.get(name) != again.get(name)
    ]
    if bad:
        return Check("results", False, f"{'; '.join(bad)}.")
    return Check("results", True, f"All {len(names)} figures are the same.")
