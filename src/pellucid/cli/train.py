"""`pellucid train`: the main job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import model_file, recipes, runs
from .._errors import DivergedError
from ..data import Dataset
from ..evaluation import Evaluation, evaluate
from ..mathematics.activations import ACTIVATIONS
from ..mathematics.costs import COSTS
from ..mathematics.families import pick
from ..mathematics.initializers import INITIALIZERS
from ..mathematics.network import Network, Parameters
from ..mathematics.optimizers import OPTIMIZERS
from ..mathematics.schedules import SCHEDULES
from ..recipes import RECIPES, Settings
from ..training import Report, default_cost
from .evaluate import summary
from .options import DataDir, Json, Runs, load_data
from .show import percent, print_json, say, waiting, warn, watch

REPORTS_AN_EPOCH = 20  # so that the bar also moves within a long epoch

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


class Interrupted(Exception):
    """Training was interrupted; the sentence says what is kept."""


def _help(table: Iterable[str], more: str = "") -> str:
    return f"{', '.join(table)}.{more}"


def train(
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help=_help(RECIPES))
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="NAME", help="See pellucid data.")
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(metavar="SIZES", help="Hidden units: 30 or 16,16; 0: no layer."),
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
    data_dir: DataDir = None,
    runs_dir: Runs = "runs",
    epoch_lines: Annotated[
        bool, typer.Option("--lines", help="Print a line an epoch.")
    ] = False,
    json: Json = False,
) -> None:
    """Train a network and say how good it is.

    Without any option: on scikit-learn's real handwritten digits, no network needed.
    A recipe gives all values at once; any other option changes one of them.
    """
    typed = dict(locals())  # the options that are settings carry their names
    changes = {
        name: recipes.parse(name, typed[name])
        for name in recipes.KINDS
        if typed[name] is not None
    }
    settings = recipes.settings(recipe, **changes)
    examples = load_data(settings["data"], data_dir)
    network = recipes.build(settings, examples)
    reports = recipes.run(settings, network, examples, _every(settings, examples))
    if settings["monitor"] == "test":
        warn(TEST_WARNING)
    say(examples.describe())
    say(f"{network!r}: {network.parameter_sentence()}")
    folder = runs.create(runs_dir, recipe or settings["data"])
    runs.write_start(folder, settings, examples.fingerprint())
    about = _about(settings, network, examples)
    size = min(settings["batch_size"], len(examples.train))
    watched = watch(reports, len(examples.train), size, settings["epochs"])
    keep = partial(model_file.save, folder / runs.MODEL, network, about)
    history = _follow(watched, folder, keep, epoch_lines)
    with waiting("evaluating"):
        found = _evaluations(settings, network, examples)
    result = _result(folder, network, history, found, examples)
    runs.write_end(folder, network, about, result)
    _tell(result, history, found, network)
    if json:
        print_json({key: result[key] for key in JSON_KEYS})


def _every(settings: Settings, examples: Dataset) -> int:
    batches = -(-len(examples.train) // max(settings["batch_size"], 1))
    return max(1, -(-batches // REPORTS_AN_EPOCH))


def _cost(settings: Settings, network: Network) -> Any:
    return pick("cost", settings["cost"] or default_cost(network), COSTS)


def _about(settings: Settings, network: Network, data: Dataset) -> dict[str, Any]:
    """What the model file says besides the network."""
    cost = settings["cost"] or default_cost(network)
    about: dict[str, Any] = {"name": data.name, "cost": cost}
    if data.classes is not None:
        about["classes"] = list(data.classes)
    if data.image_shape is not None:
        about["image_shape"] = list(data.image_shape)
    return about


def _follow(
    reports: Iterator[Report], folder: Path, keep: Callable[[], None], lines: bool
) -> list[Report]:
    """Go with the training to its end; the complete reports.

    Whatever ends it, the history is written; where it is the user or the cost, so is
    the network that the last report speaks of.
    """
    history: list[Report] = []
    kept = f"History and network up to there: {folder}."
    try:
        for report in reports:
            if report.complete:
                history.append(report)
                if lines:
                    say(str(report))
    except KeyboardInterrupt:
        keep()
        epoch = history[-1].epoch if history else 0
        raise Interrupted(f"Interrupted after epoch {epoch}. {kept}") from None
    except DivergedError as error:
        keep()
        place = {
            name: getattr(error, name) for name in ("layer", "mini_batch", "epoch")
        }
        raise DivergedError(f"{error} {kept}", **place) from None
    finally:
        runs.write_history(folder, history)
    return history


def _evaluations(
    settings: Settings, network: Network, data: Dataset
) -> dict[str, Evaluation]:
    """The finished network on the parts it did not learn from: the one look at them."""
    cost = _cost(settings, network)
    parts = [part for part in ("validation", "test") if data.counts.get(part)]
    return {part: evaluate(network, data.part(part), cost, part) for part in parts}


def _result(
    folder: Path,
    network: Network,
    history: list[Report],
    found: dict[str, Evaluation],
    data: Dataset,
) -> dict[str, Any]:
    """The final figures: what run.json holds."""
    result: dict[str, Any] = {
        "run": str(folder),
        "parameters": Parameters.count(network.sizes),
        "epochs": history[-1].epoch,
        "train_seconds": round(history[-1].seconds, 4),
        "validation_accuracy": None,
        "test_accuracy": None,
        "weights_sha256": network.weights_sha256(),
    }
    for part, one in found.items():
        result[f"{part}_accuracy"] = one.accuracy
        result[f"{part}_r2"] = one.r2
    test = found.get("test")
    if test is not None and test.correct is not None and data.classes is not None:
        result["test_correct"], result["test_count"] = test.correct, test.count
        result["test_interval"] = interval(test.correct, test.count)
        worst = int(test.recall.argmin())  # type: ignore[union-attr]
        result["weakest_class"] = [data.classes[worst], float(test.recall[worst])]  # type: ignore[index]
    return result


def interval(correct: int, count: int) -> list[float]:
    """95% confidence interval of an accuracy. Source: Wilson 1927."""
    z, share = 1.959963984540054, correct / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count)
    half *= sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return [max(middle - half, 0.0), min(middle + half, 1.0)]


def _tell(
    result: dict[str, Any],
    history: list[Report],
    found: dict[str, Evaluation],
    network: Network,
) -> None:
    """What a person wants to know."""
    say(f"{result['epochs']} epochs in {result['train_seconds']:.2f} s of training.")
    best = next((r for r in reversed(history) if r.best and r.accuracy), None)
    for part, one in found.items():
        line = summary(one)
        if best and best.monitor == part and (best.accuracy or 0) > (one.accuracy or 0):
            line += f"; at its best, epoch {best.epoch}: {percent(best.accuracy)}"
        if part == "test" and "test_interval" in result:
            low, high = result["test_interval"]
            line += f"; 95% interval {percent(low)} to {percent(high)}"
        say(line, "bold" if part == "test" else "")
    if "weakest_class" in result:
        name, recall = result["weakest_class"]
        say(f"weakest class {name}: {percent(recall)} of its examples are found")
    say(f"run written to {result['run']}")
