"""What a run says of its network once it has ended: the figures in run.json."""

from __future__ import annotations

from math import isfinite, sqrt
from pathlib import Path
from typing import Any

from ..data import Dataset
from ..evaluation import Evaluation, evaluate
from ..mathematics.costs import COSTS, Cost
from ..mathematics.families import pick
from ..mathematics.network import Network, Parameters
from ..recipes import Settings
from ..training import Report, default_cost

REPORTS_AN_EPOCH = 20
"""So that a progress bar also moves, and a checkpoint is made, within a long epoch."""

PLACES = ("run", "train_seconds")
"""Of a result, what may differ when the same run is made again."""


def every(settings: Settings, data: Dataset) -> int:
    """Mini-batches between two Reports of a run."""
    batches = -(-len(data.train) // max(settings["batch_size"], 1))
    return max(1, -(-batches // REPORTS_AN_EPOCH))


def cost_of(settings: Settings, network: Network) -> Cost:
    """The cost that a run with these settings minimises."""
    return pick("cost", settings["cost"] or default_cost(network), COSTS)


def about(settings: Settings, network: Network, data: Dataset) -> dict[str, Any]:
    """What the model file says besides the network."""
    cost = settings["cost"] or default_cost(network)
    words: dict[str, Any] = {"name": data.name, "cost": cost}
    if data.classes is not None:
        words["classes"] = list(data.classes)
    if data.image_shape is not None:
        words["image_shape"] = list(data.image_shape)
    if data.encoding is not None:
        words["encoding"] = data.encoding.to_json()
    return words


def evaluations(
    settings: Settings, network: Network, data: Dataset
) -> dict[str, Evaluation]:
    """The finished network on the parts it did not learn from: the one look at them."""
    cost = cost_of(settings, network)
    parts = [part for part in ("validation", "test") if data.counts.get(part)]
    return {part: evaluate(network, data.part(part), cost, part) for part in parts}


def result(
    folder: Path,
    network: Network,
    history: list[Report],
    found: dict[str, Evaluation],
    data: Dataset,
) -> dict[str, Any]:
    """The final figures: what run.json holds.

    Args:
        folder: of the run.
        network: as it ended.
        history: the complete Reports.
        found: from `evaluations`.
        data: what it was trained on.
    """
    figures: dict[str, Any] = {
        "run": str(folder),
        "parameters": Parameters.count(network.sizes),
        "epochs": history[-1].epoch,
        "train_seconds": round(history[-1].seconds, 4),
        "validation_accuracy": None,
        "test_accuracy": None,
        "weights_sha256": network.weights_sha256(),
    }
    for part, one in found.items():
        figures[f"{part}_accuracy"] = one.accuracy
        figures[f"{part}_cost"] = one.cost if isfinite(one.cost) else None
        figures[f"{part}_r2"] = one.r2
        if one.mae is not None:
            figures[f"{part}_mae"] = list(one.mae)
        if one.label_accuracy is not None:
            figures[f"{part}_label_accuracy"] = list(one.label_accuracy)
    test = found.get("test")
    if test is not None and test.correct is not None and data.classes is not None:
        figures["test_correct"], figures["test_count"] = test.correct, test.count
        figures["test_interval"] = interval(test.correct, test.count)
        worst = int(test.recall.argmin())  # type: ignore[union-attr]
        figures["weakest_class"] = [data.classes[worst], float(test.recall[worst])]  # type: ignore[index]
    return figures


def interval(correct: int, count: int) -> list[float]:
    """95% confidence interval of an accuracy. Source: Wilson 1927."""
    z, share = 1.959963984540054, correct / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count)
    half *= sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return [max(middle - half, 0.0), min(middle + half, 1.0)]
