"""`pellucid predict`: what a network answers."""

from __future__ import annotations

import io
import math
import warnings
from typing import Annotated, Any

import numpy as np
import typer

from .. import _limits
from .._arrays import Array, check_x
from .._errors import InputError
from .._files import read_limited
from ..data import Dataset, Encoding, inputs_with
from ..data.inputs import inputs, warn_of_pixels
from .held import beside, check_coverage
from .image import Image, Polarity, StepsFolder, Without, image_input
from .options import (
    DataDir,
    DataName,
    Delimiter,
    Header,
    Json,
    Opened,
    Part,
    RunArgument,
    Runs,
    dense,
    open_model,
    rows,
)
from .show import number, print_json, say, table, waiting, warn

MOST_ROWS = 200  # of a file in the table
MOST_OUTPUTS = 6  # columns of a network without classes

Titles = tuple[str, ...]
Cells = list[tuple[str, ...]]


def predict(
    run: RunArgument = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Raw rows, images, or .npy of inputs."),
    ] = None,
    image: Image = None,
    steps: StepsFolder = None,
    without: Without = None,
    polarity: Polarity = "auto",
    delimiter: Delimiter = None,
    header: Header = None,
    data: DataName = None,
    part: Part = "validation",
    which: Annotated[
        str,
        typer.Option("--rows", metavar="ROWS", help="Such as 3, 0:10 or 1,5,9."),
    ] = "0:10",
    coverage: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE", help="How often sets or intervals hold the truth: 0.9."
        ),
    ] = None,
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """What the network answers for some examples.

    The inputs are rows of a data set, or all in a file: raw rows or images, as they
    were when it was trained on a file; else a .npy file, (m, inputs), or images that
    have as many pixels. With --image it is one digit that somebody drew or
    photographed, brought step by step into the form that the network knows. With
    --coverage each answer comes with a set or an interval, of a model file that
    pellucid confidence --to has written.
    """
    opened = open_model(run, runs)
    fitted = check_coverage(opened, coverage)
    examples: Dataset | None = None
    more: dict[str, Any] = {}
    if image is not None:
        asked = {"folder": steps, "without": without, "polarity": polarity}
        x, more = image_input(image, opened, data_dir, **asked)  # type: ignore[arg-type]
        chosen = [0]
    elif file is not None:
        how = {"delimiter": delimiter, "header": header or "auto"}
        x = _inputs(file, opened, how)
        chosen = list(range(len(x)))
    else:
        source = opened.examples(data, data_dir, part)
        chosen = rows(which, len(source))
        examples = source.rows(np.array(chosen))
        x = dense(examples.x)
    with np.errstate(all="ignore"):
        a = opened.network(x.astype(opened.network.dtype))
    if opened.classes is None:
        titles, lines, answers = _numbers(a, opened.encoding, examples)
    else:
        titles, lines, answers = _classes(a, opened.classes, examples)
    if fitted is not None and coverage is not None:
        titles, lines, more["held"] = beside(opened, x, fitted, coverage, titles, lines)
    _show(chosen, titles, lines, numbers=opened.classes is None)
    if json:
        print_json(
            {
                "model": str(opened.path),
                "rows": chosen,
                "answers": answers,
                "outputs": a,
                **more,
            }
        )


def _show(chosen: list[int], titles: Titles, lines: Cells, numbers: bool) -> None:
    """The table, as far as somebody reads it."""
    cells = [(str(row), *line) for row, line in zip(chosen, lines, strict=True)]
    right = range(len(titles)) if numbers else (0, 2, 4)
    table(("row", *titles), cells[:MOST_ROWS], right=right)
    if len(cells) > MOST_ROWS:
        say(f"... {len(cells) - MOST_ROWS:,} more rows (--json has them all)")


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
    a: Array, encoding: Encoding | None, examples: Dataset | None
) -> tuple[Titles, Cells, Array | None]:
    """The outputs, in their own units where these are known, and what they should be.

    The answers are None where no units are known.
    """
    names = [f"output {j}" for j in range(a.shape[1])]
    blocks, answers = [a], None
    if encoding is not None:
        names, answers = list(encoding.target.names), encoding.decode(a)
        blocks = [answers]
    if examples is not None and examples.classes is None:
        y = examples.y if encoding is None else encoding.decode(examples.y)
        names += [f"true {name.removeprefix('output ')}" for name in names]
        blocks.append(y)
    shown = [block[:, :MOST_OUTPUTS] for block in blocks]
    names = [name for j, name in enumerate(names) if j % a.shape[1] < MOST_OUTPUTS]
    together = np.hstack(shown)
    lines = [tuple(number(float(v)) for v in row) for row in together]
    return tuple(names), lines, answers


def _inputs(file: str, opened: Opened, how: dict[str, Any]) -> Array:
    """Inputs out of a file: raw where the network knows what to make of it."""
    network, encoding = opened.network, opened.encoding
    if encoding is None:
        return read_npy(file, network.sizes[0], network.dtype)
    with waiting(f"reading {file}"):
        x, told = inputs_with(file, encoding, network.dtype, **how)
    for sentence in told:
        warn(sentence)
    return x


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
