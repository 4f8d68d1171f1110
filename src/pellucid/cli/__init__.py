"""The command line: pellucid train, evaluate, predict, inspect, trace and data.

A mistake of the user's ends with exit status 2 and one sentence on standard error; an
interrupt with 130; a training that diverged, a full disk and the like with 1. Words
for people go to the terminal; with --json one JSON object is the last line.
"""

from __future__ import annotations

import io
import sys
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from .._errors import DivergedError, InputError
from . import data, evaluate, inspect, predict, trace, train
from .show import clean, say

app = typer.Typer(
    name="pellucid",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("predict")(predict.predict)
app.command("inspect")(inspect.inspect)
app.command("trace")(trace.trace)
app.command("data")(data.data)


@app.callback(invoke_without_command=True)
def pellucid(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Say which.")] = False,
) -> None:
    """Feed-forward neural networks you can see through."""
    if version:
        say(f"pellucid {version_of('pellucid')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        say(context.get_help())


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(_status(arguments))


def _status(arguments: list[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks η still gets text
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = app(arguments, prog_name="pellucid", standalone_mode=False)
    except InputError as error:
        return _complain(str(error), 2)
    except DivergedError as error:
        return _complain(str(error), 1)
    except train.Interrupted as error:
        return _complain(str(error), 130)
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except MemoryError:
        return _complain(
            "There is not enough memory. Make the layers narrower, or use less data.", 1
        )
    except OSError as error:
        place = f"{error.filename} can't be used" if error.filename else "No luck"
        return _complain(f"{place}: {error.strerror or error}.", 1)
    except Exception as error:
        # typer's own complaints about options; anything else is a defect of ours.
        if not hasattr(error, "format_message"):
            raise
        sentence = str(error.format_message()).strip().rstrip(".")
        return _complain(f"{sentence}. See pellucid --help.", 2)
    if status == 130:
        return _complain("Interrupted.", 130)
    return status if isinstance(status, int) else 0


def _complain(sentence: str, status: int) -> int:
    print(f"pellucid: {clean(sentence)}", file=sys.stderr)
    return status
