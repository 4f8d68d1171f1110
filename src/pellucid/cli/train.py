"""`pellucid train`: the main job."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import recipes
from .._arrays import check_number, join
from .._errors import InputError
from ..links import of_address, parse
from ..mathematics.activations import ACTIVATIONS
from ..mathematics.costs import COSTS
from ..mathematics.initializers import INITIALIZERS
from ..mathematics.optimizers import OPTIMIZERS
from ..mathematics.schedules import SCHEDULES
from ..recipes import RECIPES
from ..tuning import auto
from .data import show_columns
from .evaluate import summary
from .options import (
    DataDir,
    Delimiter,
    Header,
    Ignore,
    Json,
    Kinds,
    Runs,
    load_data,
    parsed,
    typed_settings,
)
from .show import percent, print_json, say, waiting, warn
from .work import Finished, Left, begin, go_on, tidy, unfinished

TEST_WARNING = (
    "the test part is watched after every epoch, as the lectures do. Whatever is then "
    "chosen by it (η, the epoch to stop at) makes its figure too good: choose by the "
    "validation part, and look at the test part once."
)

HIDDEN = [
    name
    for name, sigma in ACTIVATIONS.items()
    if not sigma.output_only and name != "step"
]

JSON_KEYS = (
    "run",
    "parameters",
    "epochs",
    "train_seconds",
    "validation_accuracy",
    "test_accuracy",
    "weights_sha256",
)


def _help(table: Iterable[str], more: str = "") -> str:
    return f"{', '.join(table)}.{more}"


def train(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help="A table, a folder of images; else see --data."
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(metavar="COLUMNS", help="To be predicted: names or numbers."),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help=_help(RECIPES))
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="NAME", help="See pellucid data.")
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES", help="Hidden units: 30 or 16,16; 0: no layer; or auto."
        ),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help=_help(HIDDEN, " One, or one a layer.")),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Of the last layer; also exponential, softmax."
        ),
    ] = None,
    initializer: Annotated[
        str | None, typer.Option(metavar="NAME", help="auto, " + _help(INITIALIZERS))
    ] = None,
    cost: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=_help(COSTS, " Else the output's own.")),
    ] = None,
    optimizer: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=_help(OPTIMIZERS, " Such as momentum:0.95.")),
    ] = None,
    eta: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Learning rate η > 0.")
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of η: none, " + _help(SCHEDULES)),
    ] = None,
    batch_size: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Examples an update.")
    ] = None,
    epochs: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Passes over the data.")
    ] = None,
    link: Annotated[
        str | None,
        typer.Option(metavar="LINK", help="The run of an address of the studio."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Of all that is drawn.")
    ] = None,
    l1: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="L1 penalty in ∇C.")
    ] = None,
    l2: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="L2 penalty in ∇C, λ/n.")
    ] = None,
    dropout: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Share of hidden units silenced."),
    ] = None,
    clip: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Longest ∇C, or none.")
    ] = None,
    monitor: Annotated[
        str | None, typer.Option(metavar="PART", help="validation, test, train, none.")
    ] = None,
    patience: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Stop so many epochs after the best."),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="auto, native or numpy.")
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(metavar="NAME", help="float32 or float64.")
    ] = None,
    test_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Rows to test with.")
    ] = None,
    kinds: Kinds = None,
    ignore: Ignore = None,
    delimiter: Delimiter = None,
    header: Header = None,
    size: Annotated[
        str | None, typer.Option(metavar="HxW", help="Of images; else the commonest.")
    ] = None,
    pixels: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of images: grey or colour.")
    ] = None,
    validation: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Of a file's rows; else 0.1.")
    ] = None,
    test: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Of a file's rows; else 0.2.")
    ] = None,
    split_seed: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Of a file's parts; else 0.")
    ] = None,
    data_dir: DataDir = None,
    runs_dir: Runs = "runs",
    epoch_lines: Annotated[
        bool, typer.Option("--lines", help="Print a line an epoch.")
    ] = False,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="[RUN]", help="Go on with a run; default: the latest unfinished."
        ),
    ] = None,
    checkpoint_every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Between checkpoints; else 10 or more."),
    ] = None,
    json: Json = False,
) -> None:
    """Train a network and say how good it is.

    Without any option: on scikit-learn's real handwritten digits, no network needed.
    A recipe gives all values at once; any other option changes one of them. A table
    (CSV, TSV, Parquet, .npz) or a folder (images, one subfolder a class; IDX files) is
    read as it is: pellucid train adult.csv --target income.
    """
    # The options that are settings carry their names.
    changes = parsed(typed_settings(dict(locals())))
    if checkpoint_every is not None:
        check_number("checkpoint-every", checkpoint_every, least=0)
    how = (data_dir, checkpoint_every, epoch_lines)
    if resume is not None:
        said = [*changes, *filter(None, [recipe, link and "link"])]
        result = _resume(resume, runs_dir, said, how)
    elif link is not None:
        result = _linked(link, runs_dir, [*changes, *filter(None, [recipe])], how)
    else:
        draft = recipes.settings(recipe, **changes)
        if draft["monitor"] == "test":
            warn(TEST_WARNING)
        examples = load_data(draft, data_dir)
        show_columns(examples.encoding)
        with waiting("a race of small networks"):
            settings, race = auto.settings(recipe, examples, **changes)
        if race is not None:
            say(race.sentence)
        made = {} if race is None else race.words
        name = recipe or examples.name
        done = begin(settings, examples, name, runs_dir, *how, made)
        result = tell(done)
    if json:
        print_json({key: result.get(key) for key in JSON_KEYS})


def _resume(
    run: str,
    runs_dir: str,
    changes: list[str],
    how: tuple[str | None, float | None, bool],
) -> dict[str, Any]:
    """Go on with a run; its figures."""
    if changes:
        raise InputError(
            f"a run that goes on keeps its settings; got {join(changes, 'and')} beside "
            "--resume. Leave that out, or begin a new run."
        )
    found = unfinished(run, runs_dir)
    if found.status == "finished":
        tidy(found.folder)
        say(f"{found.folder} is finished: there is nothing to go on with.")
        return found.result
    return tell(go_on(found.folder, *how))


def _linked(
    link: str,
    runs_dir: str,
    changes: list[str],
    how: tuple[str | None, float | None, bool],
) -> dict[str, Any]:
    """The run that a link names, to the step where the link stands; its figures."""
    if changes:
        raise InputError(
            f"a link says all of a run; got {join(changes, 'and')} beside --link. "
            "Leave that out, or change it in the studio and copy the link there."
        )
    found = parse(of_address(link))
    settings = found.settings
    if not found.named:
        from ..studio.stock import Stock
        from ..studio.store import Store

        settings = Stock(Store(Path(runs_dir) / ".studio" / "uploads")).settings_of(
            settings
        )
    examples = load_data(settings, how[0])
    name = Path(examples.name).stem
    try:
        done = begin(settings, examples, name, runs_dir, *how, stop=found.step or None)
    except Left as left:
        say(str(left))
        return left.result
    return tell(done)


def tell(done: Finished) -> dict[str, Any]:
    """Say what a person wants to know; the figures."""
    result, history, found = done.result, done.history, done.evaluations
    say(f"{result['epochs']} epochs in {result['train_seconds']:.2f} s of training.")
    best = next((r for r in reversed(history) if r.best and r.accuracy), None)
    for part, one in found.items():
        line = summary(one)
        if best and best.monitor == part and (best.accuracy or 0) > (one.accuracy or 0):
            line += f"; at its best, epoch {best.epoch}: {percent(best.accuracy)}"
            line += f", cost {best.monitor_cost:.6g}"
        if part == "test" and "test_interval" in result:
            low, high = result["test_interval"]
            line += f"; 95% interval {percent(low)} to {percent(high)}"
        say(line, "bold" if part == "test" else "")
    if "weakest_class" in result:
        name, recall = result["weakest_class"]
        say(f"weakest class {name}: {percent(recall)} of its examples are found")
    for finding in done.findings:
        say(str(finding), "yellow")
    say(f"run written to {result['run']}")
    return result
