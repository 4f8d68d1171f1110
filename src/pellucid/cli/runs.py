"""`pellucid runs`: list, show, compare, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .._errors import InputError
from ..links import link_of
from ..runs import index
from ..runs.index import Entry
from .options import Json, Runs
from .show import number, percent, print_json, say, table

app = typer.Typer(help="The runs: list, show, compare and remove them.")

RunName = Annotated[str, typer.Argument(metavar="RUN", help="Its number or folder.")]
RunNames = Annotated[
    list[str], typer.Argument(metavar="RUN...", help="Their numbers or folders.")
]
HASH_CHARACTERS = 12


@app.callback(invoke_without_command=True)
def list_runs(context: typer.Context, runs: Runs = "runs", json: Json = False) -> None:
    """List the runs, in the order in which they were begun."""
    if context.invoked_subcommand is None:
        _list(runs, json)


@app.command("list")
def list_again(runs: Runs = "runs", json: Json = False) -> None:
    """The same as without a word: the runs, in the order in which they were begun."""
    _list(runs, json)


def _list(runs: str, json: bool) -> None:
    found = index.entries(runs)
    if not found:
        say(f"There are no runs in {runs}. Begin one: pellucid train.")
    else:
        titles = ("run", "begun", "status", "data", "validation", "test")
        table(titles, [_line(one) for one in found], right=(4, 5))
    if json:
        print_json({"runs": [_object(one) for one in found]})


def _line(one: Entry) -> tuple[str, ...]:
    data = Path(one.settings["data"]).name if one.settings else ""
    figures = [_figure(one.result, part) for part in ("validation", "test")]
    return (one.folder.name, one.started[:16], one.status, data, *figures)


def _figure(result: dict[str, Any], part: str) -> str:
    """Accuracy, else R², with the cost beside it; else nothing."""
    accuracy, r2 = result.get(f"{part}_accuracy"), result.get(f"{part}_r2")
    cost = result.get(f"{part}_cost")
    beside = f", cost {cost:.4g}" if isinstance(cost, float) else ""
    if isinstance(accuracy, float):
        return percent(accuracy) + beside
    return f"R² {r2:.4f}{beside}" if isinstance(r2, float) else ""


def _object(one: Entry) -> dict[str, Any]:
    """What a program wants to know."""
    return {
        "run": str(one.folder),
        "status": one.status,
        "started": one.started,
        "settings": one.settings,
        "data": one.data,
        "result": one.result,
        "reason": one.reason,
        "link": _link(one),
    }


def _link(one: Entry) -> str | None:
    """The link that makes the run anywhere; None where its data are its owner's."""
    if one.settings is None:
        return None
    try:
        found = link_of(one.settings)
    except InputError:
        return None
    return found.to_text() if found.named else None


@app.command("show")
def show(run: RunName, runs: Runs = "runs", json: Json = False) -> None:
    """All that a run says of itself."""
    one = index.entry(index.named(run, runs))
    begun = f", begun {one.started}" if one.started else ""
    say(f"{one.folder}: {one.status}{begun}", "bold")
    if one.reason:
        say(one.reason)
    settings: dict[str, Any] = dict(one.settings or {})
    lines = [*settings.items(), *((f"data {key}", v) for key, v in one.data.items())]
    table(("setting", "value"), [(name, _text(value)) for name, value in lines])
    if one.result:
        say()
        table(("result", "value"), [(n, _text(v)) for n, v in one.result.items()])
    if link := _link(one):
        say(f"Its link, for the studio or pellucid train --link: {link}")
    if one.status == "unfinished":
        say(f"Go on with: pellucid train --resume {one.folder}")
    if json:
        print_json(_object(one))


@app.command("compare")
def compare(names: RunNames, runs: Runs = "runs", json: Json = False) -> None:
    """What tells runs apart: settings that differ, and figures."""
    chosen = [index.entry(index.named(name, runs)) for name in names]
    lines = index.compare(chosen)
    titles = ("", *(one.folder.name for one in chosen))
    table(titles, [(name, *map(_text, values)) for name, values in lines])
    if json:
        print_json({"runs": [str(one.folder) for one in chosen], **dict(lines)})


@app.command("remove")
def remove(
    names: RunNames,
    runs: Runs = "runs",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Remove runs and their folders, once you say yes."""
    chosen = [index.entry(index.named(name, runs)) for name in names]
    for one in chosen:
        say(f"{one.folder}: {one.status}")
    if not yes and not typer.confirm(f"Remove {len(chosen)} for good?", err=True):
        say("Nothing was removed.")
        return
    for one in chosen:
        index.remove(one.folder)
        say(f"removed {one.folder}")


def _text(value: Any) -> str:
    """A value in a table."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return number(value).strip()
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
    text = str(value)
    return f"{text[:HASH_CHARACTERS]}..." if len(text) == 64 else text
