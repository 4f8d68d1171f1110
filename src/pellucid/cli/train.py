"""`pellucid train`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .. import recipes, runs
from .._errors import DivergedError, InputError
from ..data import Dataset, load
from ..evaluation import Evaluation, evaluate
from ..mathematics.costs import COSTS
from ..mathematics.families import pick
from ..mathematics.network import Network, Parameters
from ..recipes import Settings
from ..training import Report, default_cost
from .options import DataDir, Json, Runs
from .show import percent, print_json, say, warn, watch

REPORTS_AN_EPOCH = 20  # so that the bar also moves within a long epoch

TEST_WARNING = (
    "the test part is watched after every epoch, as the lectures do. Whatever is then "
    "chosen by it (η, the epoch to stop at) makes its figure too good: choose by the "
    "validation part, and look at the test part once."
)


def train(
    data: Annotated[str | None, typer.Option(help="digits, mnist, ...")] = None,
    recipe: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(recipes.RECIPES)}.")
    ] = None,
    layers: Annotated[
        str | None, typer.Option(help="Hidden sizes, such as 30 or 16,16; 0: none.")
    ] = None,
    hidden: Annotated[
        str | None, typer.Option(help="Activation of the hidden layers, or one each.")
    ] = None,
    output: Annotated[str | None, typer.Option(help="Activation of the last.")] = None,
    initializer: Annotated[str | None, typer.Option(help="First weights.")] = None,
    cost: Annotated[str | None, typer.Option(help="Default: the output's own.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="sgd, momentum, adam...")] = None,
    eta: Annotated[float | None, typer.Option(help="Learning rate η > 0.")] = None,
    schedule: Annotated[
        str | None, typer.Option(help="How η changes: constant, cosine, ...")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Mini-batch size.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the data.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything drawn.")] = None,
    l1: Annotated[float | None, typer.Option(help="L1 penalty in ∇C.")] = None,
    l2: Annotated[float | None, typer.Option(help="L2 penalty in ∇C, λ/n.")] = None,
    dropout: Annotated[float | None, typer.Option(help="Share silenced.")] = None,
    clip: Annotated[float | None, typer.Option(help="Longest gradient.")] = None,
    monitor: Annotated[
        str | None, typer.Option(help="validation, test, train or none.")
    ] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop after so many epochs without a best.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="auto, native or numpy.")] = None,
    dtype: Annotated[str | None, typer.Option(help="float32 or float64.")] = None,
    data_dir: DataDir = None,
    runs_dir: Annotated[
        str, typer.Option("--runs", help="Folder that runs are written to.")
    ] = "runs",
    epoch_lines: Annotated[
        bool, typer.Option("--lines", help="Print a line an epoch.")
    ] = False,
    json: Json = False,
) -> None:
    """Train a network on real data and say how good it is.

    Without any option: scikit-learn's real handwritten digits, no network needed.
    """
    given = {
        "data": data,
        "layers": None if layers is None else _numbers(layers),
        "hidden": hidden.split(",") if hidden and "," in hidden else hidden,
        "output": output,
        "initializer": initializer,
        "cost": cost,
        "optimizer": optimizer,
        "eta": eta,
        "schedule": schedule,
        "batch_size": batch_size,
        "epochs": epochs,
        "seed": seed,
        "l1": l1,
        "l2": l2,
        "dropout": dropout,
        "clip": clip,
        "monitor": monitor,
        "patience": patience,
        "engine": engine,
        "dtype": dtype,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if "optimizer" in changes and recipe is None:
        # Another rule has another scale of η: take its own unless one is given.
        changes = {"eta": None, "schedule": None, **changes}
    settings = recipes.settings(recipe, **changes)
    examples = load(settings["data"], data_dir=data_dir)
    network = recipes.build(settings, examples)
    reports = recipes.run(settings, network, examples, _every(settings, examples))
    if settings["monitor"] == "test":
        warn(TEST_WARNING)
    say(examples.describe())
    say(f"{network!r}: {network.parameter_sentence()}")
    folder = runs.create(runs_dir, recipe or settings["data"])
    runs.write_start(folder, settings, examples.fingerprint())
    history = _follow(reports, settings, examples, folder, epoch_lines)
    result = _finish(folder, settings, network, examples, history)
    _tell(result, history)
    if json:
        print_json({key: result[key] for key in JSON_KEYS})


JSON_KEYS = (
    "run",
    "parameters",
    "epochs",
    "train_seconds",
    "validation_accuracy",
    "test_accuracy",
    "weights_sha256",
)


def _numbers(text: str) -> list[int]:
    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(
            f"layers must be whole numbers such as 30 or 16,16; got {text!r}."
        ) from None
    return [] if sizes == [0] else sizes


def _every(settings: Settings, examples: Dataset) -> int:
    batches = -(-len(examples.train) // max(settings["batch_size"], 1))
    return max(1, -(-batches // REPORTS_AN_EPOCH))


def _follow(
    reports: Any, settings: Settings, data: Dataset, folder: Path, lines: bool
) -> list[Report]:
    """Watch the training to its end; the complete reports."""
    history: list[Report] = []
    try:
        for report in watch(reports, len(data.train), settings["epochs"]):
            if report.complete:
                history.append(report)
                if lines:
                    say(str(report))
    except DivergedError as error:
        raise DivergedError(
            f"{error} Its history so far: {folder}.",
            layer=error.layer,
            mini_batch=error.mini_batch,
            epoch=error.epoch,
        ) from None
    finally:
        runs.write_history(folder, history)
    return history


def _finish(
    folder: Path,
    settings: Settings,
    network: Network,
    data: Dataset,
    history: list[Report],
) -> dict[str, Any]:
    """The final figures, measured on the finished network, and the files of the run."""
    cost = pick("cost", settings["cost"] or default_cost(network), COSTS)
    validation = evaluate(network, data.validation, cost, "validation")
    test = evaluate(network, data.test, cost, "test")  # the one look at it
    result = {
        "run": str(folder),
        "parameters": Parameters.count(network.sizes),
        "epochs": history[-1].epoch,
        "train_seconds": round(history[-1].seconds, 4),
        "validation_accuracy": validation.accuracy,
        "test_accuracy": test.accuracy,
        "test_correct": test.correct,
        "test_count": test.count,
        "test_interval": _interval(test),
        "weakest_class": _weakest(test, data),
        "weights_sha256": network.weights_sha256(),
    }
    about: dict[str, Any] = {"name": data.name, "cost": settings["cost"] or cost.name}
    if data.classes is not None:
        about["classes"] = list(data.classes)
    if data.image_shape is not None:
        about["image_shape"] = list(data.image_shape)
    runs.write_end(folder, network, about, result)
    return result


def _interval(test: Evaluation) -> list[float] | None:
    """95% confidence interval of the accuracy (Wilson 1927)."""
    if test.correct is None:
        return None
    from scipy.stats import binomtest

    interval = binomtest(test.correct, test.count).proportion_ci(method="wilson")
    return [float(interval.low), float(interval.high)]


def _weakest(test: Evaluation, data: Dataset) -> list[Any] | None:
    """The class that is found least often, and how often."""
    if test.recall is None or data.classes is None:
        return None
    worst = int(test.recall.argmin())
    return [data.classes[worst], float(test.recall[worst])]


def _tell(result: dict[str, Any], history: list[Report]) -> None:
    """What a person wants to know."""
    last = history[-1]
    say(f"{result['epochs']} epochs in {result['train_seconds']:.2f} s of training.")
    best = next((r for r in reversed(history) if r.best), None)
    if best is not None and best.accuracy is not None and last.accuracy is not None:
        note = f"{best.monitor} accuracy {percent(last.accuracy)}"
        if best.accuracy > last.accuracy:
            note += f" (at its best, epoch {best.epoch}: {percent(best.accuracy)})"
        say(note)
    low, high = result["test_interval"]
    say(
        f"test accuracy {percent(result['test_accuracy'])}: {result['test_correct']:,} "
        f"of {result['test_count']:,} right; 95% interval {percent(low)} to "
        f"{percent(high)}",
        style="bold",
    )
    name, recall = result["weakest_class"]
    say(f"weakest class {name}: {percent(recall)} of its examples are found")
    say(f"run written to {result['run']}")
