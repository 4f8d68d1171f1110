"""`pellucid predict`: what a network answers."""

from __future__ import annotations

import io
import math
import warnings
from typing import Annotated

import numpy as np
import typer

from .. import _limits
from .._arrays import Array, check_x
from .._errors import InputError
from .._files import read_limited
from ..data import Dataset
from ..data.inputs import inputs, warn_of_pixels
from .options import (
    DataDir,
    DataName,
    Json,
    Part,
    RunArgument,
    Runs,
    dense,
    open_model,
    rows,
)
from .show import number, print_json, table, warn

MOST_OUTPUTS = 6  # columns of a network without classes

Titles = tuple[str, ...]
Cells = list[tuple[str, ...]]


def predict(
    run: RunArgument = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A .npy file of inputs or images."),
    ] = None,
    data: DataName = None,
    part: Part = "validation",
    which: Annotated[
        str,
        typer.Option("--rows", metavar="ROWS", help="Such as 3, 0:10 or 1,5,9."),
    ] = "0:10",
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """What the network answers for some examples.

    The inputs are rows of a data set, or all of a .npy file: (m, inputs), or images
    that have as many pixels.
    """
    opened = open_model(run, runs)
    examples: Dataset | None = None
    if file is not None:
        x = read_npy(file, opened.network.sizes[0], opened.network.dtype)
        chosen = list(range(len(x)))
    else:
        source = opened.data(data, data_dir).part(part)
        chosen = rows(which, len(source))
        examples = source.rows(np.array(chosen))
        x = dense(examples.x)
    with np.errstate(all="ignore"):
        a = opened.network(x.astype(opened.network.dtype))
    show = _numbers if opened.classes is None else _classes
    titles, lines, answers = show(a, opened.classes or [], examples)
    cells = [(str(row), *line) for row, line in zip(chosen, lines, strict=True)]
    table(
        ("row", *titles), cells, right=range(len(titles)) if not answers else (0, 2, 4)
    )
    if json:
        print_json(
            {
                "model": str(opened.path),
                "rows": chosen,
                "answers": answers,
                "outputs": a,
            }
        )


def _classes(
    a: Array, names: list[str], examples: Dataset | None
) -> tuple[Titles, Cells, list[str] | None]:
    """The largest output and the next, and whether the answer is right."""
    order = np.argsort(-a, axis=1, kind="stable")
    answers = [names[j] for j in order[:, 0]]
    lines = []
    for outputs, ranks in zip(a, order, strict=True):
        best = [(names[j], f"{outputs[j]:.4f}") for j in ranks[:2]]
        first, second = best[0], best[1] if len(best) > 1 else ("", "")
        lines.append((*first, *second))
    titles: Titles = ("answer", "output", "next", "output")
    if examples is not None and examples.classes is not None:
        truth = [examples.classes[label] for label in examples.labels]
        marks = [
            (true, "" if true == answer else "wrong")
            for true, answer in zip(truth, answers, strict=True)
        ]
        titles = (*titles, "true", "")
        lines = [(*line, *mark) for line, mark in zip(lines, marks, strict=True)]
    return titles, lines, answers


def _numbers(
    a: Array, names: list[str], examples: Dataset | None
) -> tuple[Titles, Cells, None]:
    """The outputs as they are, and what they should be."""
    shown = min(a.shape[1], MOST_OUTPUTS)
    blocks, titles = [a[:, :shown]], tuple(f"output {j}" for j in range(shown))
    if examples is not None and examples.classes is None:
        blocks.append(examples.y[:, :shown])
        titles += tuple(f"true {j}" for j in range(shown))
    together = np.hstack(blocks)
    return titles, [tuple(number(float(v)) for v in row) for row in together], None


def read_npy(file: str, columns: int, dtype: str) -> Array:
    """Inputs out of a .npy file; images are laid out in a row.

    The header is compared with the file's length before an array is made, and
    nothing in the file is executed.

    Args:
        file: its path.
        columns: numbers in one example.
        dtype: "float32" or "float64".

    Raises:
        InputError: no such file, not finite numbers, or another shape.
    """
    data = read_limited(file, _limits.ARRAY_FILE_BYTES, "the file of inputs")
    stream, form = io.BytesIO(data), np.lib.format
    try:
        read = {(1, 0): form.read_array_header_1_0, (2, 0): form.read_array_header_2_0}
        shape, by_columns, kind = read[form.read_magic(stream)](stream)
        if kind.hasobject or min(shape, default=0) < 0:
            raise ValueError("it holds objects")
        if math.prod(shape) * kind.itemsize != len(data) - stream.tell():
            raise ValueError("its length is not that of its arrays")
        x = np.frombuffer(data, kind, offset=stream.tell())
        x = x.reshape(shape, order="F" if by_columns else "C")
    except Exception as error:  # NumPy's reader fails in many ways, all of them here
        raise InputError(
            f"{file} must be a .npy file of one array of numbers; it can't be read "
            f"as such: {str(error)[:80]}."
        ) from None
    if x.ndim > 2 and math.prod(x.shape[1:]) == columns:
        x = x.reshape(len(x), columns)
    check_x(x, columns, file)
    x = inputs(x, np.dtype(dtype))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_pixels(x, stacklevel=1)
    for warning in caught:
        warn(str(warning.message))
    return x
