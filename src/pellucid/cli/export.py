"""`pellucid export`: a trained network for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .._arrays import choose
from ..exports import FORMS
from ..exports import export as written
from .options import Json, RunArgument, Runs, open_model
from .show import print_json, say, waiting

USE = {
    "onnx": "inputs are named after the columns; see docs/export.md",
    "c": "compile it with: cc -std=c99 -O2 -c FILE, and link with -lm",
    "python": "python FILE rows.csv answers raw rows; it needs only NumPy",
    "torch": "load_state_dict(safetensors.torch.load_file('FILE')); see docs/export.md",
}


def export(
    run: RunArgument = None,
    to: Annotated[
        str, typer.Option(metavar="FORM", help=f"{', '.join(FORMS)}.")
    ] = "onnx",
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Else model.* there."),
    ] = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """The network for other programs: ONNX, C99, NumPy or torch.

    A network that was trained on a table takes raw rows there too: its encoding is
    written with it (for torch in the file's header only).
    """
    end, _ = choose("to", to, FORMS)
    opened = open_model(run, runs)
    name = "model.torch.safetensors" if to == "torch" else f"model{end}"
    path = Path(output) if output else opened.path.parent / name
    with waiting(f"writing {path}"):
        written(path, opened.network, to, opened.about)
    size = path.stat().st_size
    say(f"{opened.network!r} written to {path}, {size:,} bytes")
    say(USE[to].replace("FILE", path.name))
    if json:
        print_json(
            {
                "model": str(opened.path),
                "to": to,
                "file": str(path),
                "bytes": size,
            }
        )
