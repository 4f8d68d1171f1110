"""`pellucid report`: the page that is handed in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import report as reporting
from .. import runs
from .._files import write_atomic
from ..runs import index
from .options import DataDir, Json, RunArgument, Runs, load_data
from .show import print_json, say, waiting


def report(
    run: RunArgument = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Else report.html there."),
    ] = None,
    data_dir: DataDir = None,
    runs_dir: Runs = "runs",
    json: Json = False,
) -> None:
    """One HTML page about a run, to be handed in or printed."""
    folder = index.resolve(run, runs_dir) if run else runs.latest(runs_dir)
    settings = runs.read_settings(runs.model_path(folder).parent)
    data = load_data(settings, data_dir)
    with waiting("drawing"):
        page = reporting.report(folder, data)
    path = Path(output) if output else folder / "report.html"
    write_atomic(path, page.encode(errors="xmlcharrefreplace"))
    say(f"report written to {path}")
    if json:
        print_json({"run": str(folder), "report": str(path), "bytes": len(page)})
