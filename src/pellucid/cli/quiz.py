"""`pellucid quiz`: questions with numbers, for the end of a lecture."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from .._files import write_atomic
from ..quiz import QUESTIONS, Question
from ..quiz import quiz as drawn
from .options import Json
from .show import print_json, say


def quiz(
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Another quiz; the same, the same.")
    ] = 0,
    questions: Annotated[
        int, typer.Option(metavar="NUMBER", help="How many, at most 200.")
    ] = 8,
    topics: Annotated[
        str | None, typer.Option(metavar="NAMES", help=f"Of {', '.join(QUESTIONS)}.")
    ] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="What is right, and why.")
    ] = False,
    to: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Write NAME.md and NAME-answers.md."),
    ] = None,
    json: Json = False,
) -> None:
    """Questions on networks with numbers drawn by lot.

    Answers are computed by the library. Such as, for a class in two rows:
    pellucid quiz --seed 1 --to left; pellucid quiz --seed 2 --to right
    """
    found = drawn(seed, questions, None if topics is None else topics.split(","))
    for number, each in enumerate(found, 1):
        say(f"{number}. {each.text}")
        if answers:
            say(f"   {each.answer}", "bold")
            say(f"   {each.why}", "dim")
    if to is not None:
        paths = Path(f"{to}.md"), Path(f"{to}-answers.md")
        for path, told in zip(paths, (False, True), strict=True):
            write_atomic(path, page(found, seed, told).encode())
        say(f"written to {paths[0]} and {paths[1]}")
    elif not answers:
        say(f"What is right: pellucid quiz --seed {seed} --answers")
    if json:
        print_json({"seed": seed, "questions": [asdict(each) for each in found]})


def page(found: list[Question], seed: int, answers: bool) -> str:
    """The quiz as Markdown, with room for a name or with what is right."""
    lines = [f"# Quiz {seed}: answers" if answers else f"# Quiz {seed}", ""]
    if not answers:
        lines += ["Name: ____________________", ""]
    for number, each in enumerate(found, 1):
        lines.append(f"{number}. {each.text}")
        if answers:
            lines += ["", f"   **{each.answer}** ({each.why.rstrip('.')})"]
        lines.append("")
    return "\n".join(lines)
