"""`pellucid confidence`: how far a network's answers can be believed."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import typer

from .. import model_file
from .._errors import InputError
from ..evaluation import confidence as measuring
from ..evaluation.confidence import SHARES, Confidence
from .evaluate import TEST_NOTE
from .options import DataDir, DataName, Json, RunArgument, Runs, open_model
from .show import percent, print_json, say, table, waiting


def confidence(
    run: RunArgument = None,
    data: DataName = None,
    part: Annotated[
        str, typer.Option(metavar="PART", help="To be measured on: validation, test.")
    ] = "validation",
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="A model file that knows what was fitted, for predict."
        ),
    ] = None,
    figure: Annotated[
        str | None, typer.Option(metavar="FILE", help="A figure, .png, .svg or .pdf.")
    ] = None,
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """Are its probabilities true? Sets and intervals that hold.

    A temperature and conformal thresholds are fitted to the validation part and
    measured in folds of it, or on the test part. With --to they are kept for
    pellucid predict --coverage.
    """
    opened = open_model(run, runs)
    whole = opened.data(data, data_dir)
    if not whole.counts.get("validation"):
        raise InputError(
            f"confidence must be fitted to a validation part; {whole.name} has none. "
            "Leave --data out, or train with --validation 0.1."
        )
    with waiting("measuring"):
        found = measuring.confidence(opened.network, whole, part)
    say(f"{opened.path}: {opened.network!r}")
    if found.log_loss is not None:
        _show_probabilities(found)
    _show_coverage(found)
    if part == "test":
        say(TEST_NOTE)
    if to is not None:
        words = {**opened.about, "confidence": found.calibration.to_json()}
        model_file.save(to, opened.network, words)
        say(f"written to {to}: pellucid predict {to} --coverage 0.9", whole=True)
    if figure is not None:
        from ..plots import ConfidenceDisplay

        say(f"written to {ConfidenceDisplay(found).save(figure)}", whole=True)
    if json:
        print_json(_figures(found))


def _show_probabilities(found: Confidence) -> None:
    """Log loss, calibration error and what refusing gives."""
    before, after = found.log_loss or (0.0, 0.0)
    ece = [one.ece if one else 0.0 for one in (found.before, found.after)]
    say(found.verdict, "bold")
    say(
        f"{found.part}, {found.count:,} examples: log loss {before:.4f} before, "
        f"{after:.4f} after; calibration error (ECE) {ece[0]:.4f} before, "
        f"{ece[1]:.4f} after"
    )
    rejects = found.rejects
    if rejects is None:
        return
    rows = []
    for share in SHARES:
        accuracy, least = rejects.at(share)
        rows.append((percent(share), percent(accuracy), f"{least:.4f}"))
    table(("answered", "of these right", "least sure"), rows, right=range(3))


def _show_coverage(found: Confidence) -> None:
    """How often sets or intervals held the truth."""
    classes = found.log_loss is not None
    names = ("",) if classes else found.names
    rows = []
    for k, share in enumerate(found.calibration.coverages):
        for j, name in enumerate(names):
            size = found.size[k, j]
            told = f"{size:.4g}" if np.isfinite(size) else "too few examples"
            held = percent(float(found.covered[k, j]))
            rows.append((percent(share), held, told, name))
    size = "classes in a set" if classes else "width of an interval"
    last = "" if classes else "of"
    table(("asked", "held the truth", size, last), rows, right=range(3))


def _figures(found: Confidence) -> dict[str, Any]:
    """What a program wants to know."""
    rejects = found.rejects
    return {
        "part": found.part,
        "count": found.count,
        "calibration": found.calibration.to_json(),
        "coverages": list(found.calibration.coverages),
        "covered": found.covered,
        "size": found.size,
        "log_loss": found.log_loss,
        "gain": found.gain,
        "ece": None
        if found.before is None or found.after is None
        else [found.before.ece, found.after.ece],
        "rejects": None
        if rejects is None
        else [[share, *rejects.at(share)] for share in SHARES],
    }
