"""`pellucid gradcheck`: a student's own functions against the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ..gradcheck import gradcheck as checked
from .options import Json
from .show import print_json, say, waiting


def gradcheck(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Python; it is run, so know it.")
    ],
    json: Json = False,
) -> None:
    """Your own forward and backward, equation by equation.

    FILE defines forward(x, w, b), backward(z, a, y, w), update(x, y, w, b, eta), or
    some of them: docs/gradcheck.md tells what they take and give. It is run in a
    process of its own. Exit status 0 if nothing is wrong, 1 if something is.
    """
    with waiting(f"running {file}"):
        found = checked(file)
    say(f"{found.name}: {', '.join(found.checked)}; {found.layout}")
    for each in found.findings:
        say(str(each))
    if found.correct:
        say(f"correct: every number is the page's, for {found.network}", "bold")
    else:
        count = len(found.findings)
        say(f"{count} thing{'' if count == 1 else 's'} to correct", "bold")
    if json:
        print_json(
            {
                "file": found.name,
                "correct": found.correct,
                "layout": found.layout,
                "checked": list(found.checked),
                "findings": [asdict(each) for each in found.findings],
            }
        )
    if not found.correct:
        raise typer.Exit(1)
