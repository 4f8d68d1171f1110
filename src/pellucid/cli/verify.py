"""`pellucid verify`: whether a run is what it says it is."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from .. import runs
from ..runs import index
from ..runs import verify as verifying
from ..training import Report
from .options import DataDir, DataName, Json, RunArgument, Runs, load_data
from .show import print_json, say, watch


def verify(
    run: RunArgument = None,
    data: DataName = None,
    data_dir: DataDir = None,
    runs_dir: Runs = "runs",
    json: Json = False,
) -> None:
    """Train a run again and compare it with what it says.

    Its files are compared with their hashes. Nothing that they state is believed:
    weights, history and figures are made again from its settings. Exit status 0 if
    all is the same, 1 if not.
    """
    folder = index.named(run, runs_dir) if run else runs.latest(runs_dir)
    settings = runs.read_settings(runs.model_path(folder).parent)
    examples = load_data(settings | {"data": data or settings["data"]}, data_dir)
    count, epochs = len(examples.train), settings["epochs"]
    size = min(settings["batch_size"], count)
    say(f"{folder}: training again, {epochs:,} epochs of {count:,} examples")

    def follow(reports: Iterator[Report]) -> Iterator[Report]:
        return watch(reports, count, size, epochs)

    verdict = verifying.verify(folder, examples, follow)
    for check in verdict.checks:
        mark = "same" if check.same else "NOT THE SAME"
        say(f"{mark:<12}  {check.what}: {check.sentence}")
    say(verdict.promise)
    say(_words(verdict), "bold")
    if json:
        print_json(
            {
                "run": str(folder),
                "verified": verdict.verified,
                "promised": verdict.promised,
                "checks": {check.what: check.same for check in verdict.checks},
            }
        )
    if not verdict.verified:
        raise typer.Exit(1)


def _words(verdict: verifying.Verdict) -> str:
    """The one line that counts."""
    if verdict.verified:
        return "verified: the run is what it says it is"
    if verdict.promised:
        return "not verified: the run is not what it says it is"
    return "not verified; it is outside the promise, so this need not mean anything"
