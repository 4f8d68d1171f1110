"""`pellucid evaluate` and `pellucid predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from .. import evaluation
from .._arrays import Array, check_x
from .._errors import InputError
from .options import (
    DataDir,
    DataName,
    Json,
    Opened,
    Part,
    RunArgument,
    Runs,
    open_model,
    rows,
)
from .show import console, percent, print_json, say, table

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
    """Accuracy, cost, and precision, recall and F1 of each class on one part."""
    opened = open_model(run, runs)
    examples = opened.data(data, data_dir).part(part)
    found = evaluation.evaluate(opened.network, examples, opened.cost, part)
    say(f"{opened.path}: {opened.network!r}")
    say(
        f"{part}: accuracy {percent(found.accuracy)} ({found.correct:,} of "
        f"{found.count:,}), cost {found.cost:.6g}"
    )
    if part == "test":
        say(TEST_NOTE)
    if found.recall is not None and examples.classes is not None:
        _show_classes(found, examples.classes)
    if json:
        print_json(
            {
                "model": str(opened.path),
                "part": part,
                "count": found.count,
                "cost": found.cost,
                "accuracy": found.accuracy,
                "classes": list(examples.classes or ()),
                **{
                    name: getattr(found, name).tolist()
                    for name in ("precision", "recall", "f1", "confusion")
                    if getattr(found, name) is not None
                },
            }
        )


def _show_classes(found: evaluation.Evaluation, classes: tuple[str, ...]) -> None:
    counts = found.confusion
    lines = table(
        "class", "examples", "precision", "recall", "F1", "most often taken for",
        right=(1, 2, 3, 4),
    )  # fmt: skip
    for number, name in enumerate(classes):
        wrong = counts[number].copy()  # type: ignore[index]
        wrong[number] = 0
        other = int(wrong.argmax())
        lines.add_row(
            name,
            str(int(counts[number].sum())),  # type: ignore[index]
            percent(found.precision[number]),  # type: ignore[index]
            percent(found.recall[number]),  # type: ignore[index]
            percent(found.f1[number]),  # type: ignore[index]
            f"{classes[other]} ({int(wrong[other])} times)" if wrong[other] else "",
        )
    console.print(lines)


def predict(
    run: RunArgument = None,
    file: Annotated[
        str | None, typer.Option(help="A .npy file of inputs, (m, n_0) or images.")
    ] = None,
    data: DataName = None,
    part: Part = "test",
    which: Annotated[
        str, typer.Option("--rows", help="Such as 3, 0:10 or 1,5,9.")
    ] = "0:10",
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """What the network answers, with the size of its output for the answer."""
    opened = open_model(run, runs)
    truth: list[str] | None = None
    if file is not None:
        x = _read_inputs(file, opened)
        chosen = list(range(len(x)))
    else:
        examples = opened.data(data, data_dir).part(part)
        chosen = rows(which, len(examples))
        chosen_examples = examples.rows(np.array(chosen))
        x = chosen_examples.x
        if examples.classes is not None:
            truth = [examples.classes[label] for label in chosen_examples.labels]
    a = opened.network(x.astype(opened.network.dtype))
    answers = a.argmax(1)
    names = opened.classes or [str(j) for j in range(a.shape[1])]
    _show_answers(chosen, a, names, truth)
    if json:
        print_json(
            {
                "model": str(opened.path),
                "rows": chosen,
                "answers": [names[j] for j in answers],
                "outputs": a.astype(float).tolist(),
            }
        )


def _show_answers(
    chosen: list[int], a: Array, names: list[str], truth: list[str] | None
) -> None:
    titles = ("row", "answer", "output", "next", "output") + (
        ("true", "") if truth else ()
    )
    lines = table(*titles, right=(0, 2, 4))
    for place, row in enumerate(chosen):
        order = np.argsort(-a[place], kind="stable")
        first = int(order[0])
        cells = [str(row), names[first], f"{a[place, first]:.4f}"]
        if len(order) > 1:
            second = int(order[1])
            cells += [names[second], f"{a[place, second]:.4f}"]
        else:
            cells += ["", ""]
        if truth:
            right = truth[place] == names[first]
            cells += [truth[place], "" if right else "wrong"]
        lines.add_row(*cells)
    console.print(lines)


def _read_inputs(file: str, opened: Opened) -> Array:
    """Inputs out of a .npy file; images are laid out in a row."""
    path = Path(file)
    try:
        x = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{file} is not there. Name a .npy file.") from None
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{file} must be a .npy file of numbers; it can't be read: {error}"
        ) from None
    n = opened.network.sizes[0]
    if not isinstance(x, np.ndarray):
        raise InputError(f"{file} must be a .npy file of one array; it holds several.")
    if x.ndim > 2 and int(np.prod(x.shape[1:])) == n:
        x = x.reshape(len(x), n)
    check_x(x, n, file)
    return x
