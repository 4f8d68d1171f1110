"""The command line: `pellucid train`, `evaluate`, `predict`, `inspect`, `trace`, `data`.

A mistake of the user's ends with exit status 2 and one sentence on standard error, an
interrupt with 130; a training that diverged with 1. Nothing is printed twice: words
for people go to the terminal, with --json one JSON object is the last line.
"""

from __future__ import annotations

import sys

import typer

from .._errors import DivergedError, InputError
from . import data, evaluate, inspect, train

app = typer.Typer(
    name="pellucid",
    help="Feed-forward neural networks you can see through.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("predict")(evaluate.predict)
app.command("inspect")(inspect.inspect)
app.command("trace")(inspect.trace)
app.command("data")(data.data)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(_status(arguments))


def _status(arguments: list[str] | None) -> int:
    try:
        status = app(arguments, standalone_mode=False)
        return status if isinstance(status, int) else 0
    except InputError as error:
        return _complain(str(error), 2)
    except DivergedError as error:
        return _complain(str(error), 1)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("Interrupted.", 130)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return 141
    except typer.Exit as leave:
        return int(leave.exit_code)
    except Exception as error:
        # typer's own complaints about options; anything else is a defect of ours.
        if not hasattr(error, "format_message"):
            raise
        sentence = error.format_message() or "No command was given."
        return _complain(f"{sentence} See pellucid --help.", 2)


def _complain(sentence: str, status: int) -> int:
    print(f"pellucid: {sentence}", file=sys.stderr)
    return status
