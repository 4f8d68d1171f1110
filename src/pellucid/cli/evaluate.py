"""`pellucid evaluate`: how good a network is on one part of the data."""

from __future__ import annotations

import numpy as np

from .. import evaluation
from .._arrays import is_csr
from .._errors import InputError
from ..data import Dataset
from ..data.check import known_rows
from ..evaluation import Evaluation
from .options import (
    DataDir,
    DataName,
    Json,
    Opened,
    Part,
    RunArgument,
    Runs,
    open_model,
)
from .show import percent, print_json, say, table, waiting, warn

TEST_NOTE = (
    "The test part is for one last look: what is chosen after looking at it is chosen "
    "by it."
)


def evaluate(
    run: RunArgument = None,
    data: DataName = None,
    part: Part = "validation",
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """Accuracy and cost on one part, and each class.

    Each class comes with its precision, recall and F1, and with the class that it is
    most often taken for; numbers to be predicted come with R².
    """
    opened = open_model(run, runs)
    examples = opened.examples(data, data_dir, part)
    if part == "test" and data is not None:
        _refuse_learned_rows(opened, examples, data_dir)
    if not examples.name.endswith(part):  # all labelled rows of a file
        part = examples.name
    with waiting("evaluating"):
        found = evaluation.evaluate(opened.network, examples, opened.cost, part)
    say(f"{opened.path}: {opened.network!r}")
    say(summary(found), "bold")
    if part == "test":
        say(TEST_NOTE)
    if examples.classes is not None:
        _show_classes(found, examples.classes)
    if json:
        print_json(
            {
                "model": str(opened.path),
                "part": part,
                "count": found.count,
                "cost": found.cost,
                "accuracy": found.accuracy,
                "r2": found.r2,
                "mae": found.mae,
                "label_accuracy": found.label_accuracy,
                "classes": list(examples.classes or ()),
                "precision": found.precision,
                "recall": found.recall,
                "f1": found.f1,
                "confusion": found.confusion,
            }
        )


def _refuse_learned_rows(
    opened: Opened, examples: Dataset, data_dir: str | None
) -> None:
    """Check that a test is one: of rows that the network has not learned from.

    Raises:
        InputError: some it has.
    """
    try:
        train = opened.data(None, data_dir).train
    except InputError:
        warn("what the network learned from is not here, so nobody can say whether "
             "these rows are among it.")  # fmt: skip
        return
    same = is_csr(train.x) == is_csr(examples.x) and train.inputs == examples.inputs
    known = known_rows(train, examples) if same else 0
    if known:
        raise InputError(
            f"a test must be of rows that the network has not learned from; it learned "
            f"from {known:,} of these {len(examples):,}. Leave them out, or ask "
            "without --part test."
        )


def summary(found: Evaluation) -> str:
    """The one line that counts."""
    cost = f"cost {found.cost:.6g}"
    if found.correct is None:
        r2 = "not defined" if found.r2 is None else f"{found.r2:.4f}"
        errors = ", ".join(f"{error:.4g}" for error in found.mae or ())
        mae = f"mean absolute error {errors}, " if errors else ""
        return f"{found.part}: R² {r2}, {cost}, {mae}{found.count:,} examples"
    if found.label_accuracy is not None:
        shares = ", ".join(map(percent, found.label_accuracy))
        return (
            f"{found.part}: all labels right {percent(found.accuracy)} "
            f"({found.correct:,} of {found.count:,}), each {shares}, {cost}"
        )
    return (
        f"{found.part}: accuracy {percent(found.accuracy)} ({found.correct:,} of "
        f"{found.count:,}), {cost}"
    )


def _show_classes(found: Evaluation, classes: tuple[str, ...]) -> None:
    """Precision, recall and F1, and what each class is mistaken for."""
    rows = []
    for j, name in enumerate(classes):
        counts = found.confusion[j]  # type: ignore[index]
        shares = [column[j] for column in (found.precision, found.recall, found.f1)]  # type: ignore[index]
        wrong = np.where(np.arange(len(counts)) == j, 0, counts)
        other = int(wrong.argmax())
        taken = f"{classes[other]} ({wrong[other]:,} times)" if wrong[other] else ""
        rows.append((name, f"{counts.sum():,}", *map(percent, shares), taken))
    titles = ("class", "examples", "precision", "recall", "F1", "most often taken for")
    table(titles, rows, right=(1, 2, 3, 4))
