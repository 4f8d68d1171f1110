"""The command line: pellucid train, evaluate, predict, inspect, plot...

A mistake of the user's ends with exit status 2 and one sentence on standard error; an
interrupt with 130; a training that diverged, a full disk and the like with 1. Words
for people go to the terminal; with --json one JSON object is the last line.
"""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from .._errors import DivergedError, InputError
from . import (
    compare,
    confidence,
    cost,
    curves,
    data,
    evaluate,
    explain,
    export,
    find_eta,
    gradcheck,
    inspect,
    nudge,
    plot,
    predict,
    quiz,
    report,
    runs,
    stress,
    studio,
    sweep,
    trace,
    train,
    tune,
    verify,
)
from .show import complain, say
from .work import Signalled, Stopped, told

app = typer.Typer(
    name="pellucid",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("predict")(predict.predict)
app.command("confidence")(confidence.confidence)
app.command("explain")(explain.explain)
app.command("inspect")(inspect.inspect)
app.command("trace")(trace.trace)
app.command("nudge")(nudge.nudge)
app.command("plot")(plot.plot)
app.command("stress")(stress.stress)
app.command("find-eta")(find_eta.find_eta)
app.command("gradcheck")(gradcheck.gradcheck)
app.command("sweep")(sweep.sweep)
app.command("compare")(compare.compare)
app.command("learning-curve")(curves.learning_curve)
app.command("width-curve")(curves.width_curve)
app.command("tune")(tune.tune)
app.command("studio")(studio.studio)
app.command("data")(data.data)
app.command("cost")(cost.cost)
app.command("quiz")(quiz.quiz)
app.command("export")(export.export)
app.command("report")(report.report)
app.command("verify")(verify.verify)
app.add_typer(runs.app, name="runs")


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
    words = _with_run(sys.argv[1:] if arguments is None else arguments)
    asked: list[int] = []
    try:
        with _endings(asked):
            status = app(words, prog_name="pellucid", standalone_mode=False)
    except InputError as error:
        return _complain(str(error), 2)
    except DivergedError as error:
        return _complain(str(error), 1)
    except Stopped as error:
        return _complain(str(error), error.status)
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except MemoryError:
        return _complain(
            "There is not enough memory. Make the layers narrower, or use less data.", 1
        )
    except OSError as error:
        return _complain(told(error), 1)
    except Exception as error:
        # typer's own complaints about options; anything else is a defect of ours.
        if not hasattr(error, "format_message"):
            raise
        sentence = str(error.format_message()).strip().rstrip(".")
        return _complain(f"{sentence}. See pellucid --help.", 2)
    if status == 130:  # to typer, any signal is that of Ctrl-C
        word = "Asked to end." if asked else "Interrupted."
        return _complain(word, 128 + asked[-1] if asked else 130)
    return status if isinstance(status, int) else 0


def _with_run(arguments: Sequence[str]) -> list[str]:
    """The arguments, with "" after train's `--resume` if none is named: the latest."""
    words: list[str] = []
    for word, after in zip(arguments, [*arguments[1:], "-"], strict=False):
        words.append(word)
        if words[0] == "train" and word == "--resume" and after.startswith("-"):
            words.append("")
    return words


@contextmanager
def _endings(asked: list[int]) -> Iterator[None]:
    """Let a process that is asked to end leave as after Ctrl-C: in order.

    Args:
        asked: is given the number of each signal that asked.
    """

    def leave(number: int, _: object) -> None:
        asked.append(number)
        raise Signalled(number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), leave) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _complain(sentence: str, status: int) -> int:
    complain(sentence)
    return status
