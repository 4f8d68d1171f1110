"""`pellucid trace`: one example through the network and back."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import typer

from ..mathematics import backprop
from .options import (
    DataDir,
    DataName,
    Json,
    Opened,
    Part,
    RunArgument,
    Runs,
    dense,
    open_model,
    rows,
)
from .show import number, picture, print_json, say, table

MOST_LINES = 16  # of one layer, unless all are asked for


def trace(
    run: RunArgument = None,
    data: DataName = None,
    part: Part = "validation",
    row: Annotated[
        str, typer.Option(metavar="ROW", help="Which example of the part.")
    ] = "0",
    every_unit: Annotated[
        bool, typer.Option("--all", help="Every unit of every layer.")
    ] = False,
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """One example there and back: z, a, δ and the gradient."""
    opened = open_model(run, runs)
    examples = opened.examples(data, data_dir, part)
    chosen = rows(row, len(examples))[:1]
    example = examples.rows(np.array(chosen)).astype(opened.network.dtype)
    x = dense(example.x)
    with np.errstate(all="ignore"):
        found = backprop.trace(opened.network, opened.cost, x, example.y)
    say(f"{part} example {chosen[0]} of {examples.name}: cost {found.cost:.6g}")
    if examples.classes is not None:
        answer, names = int(found.a[-1][0].argmax()), examples.classes
        say(f"answer {names[answer]}, true class {names[int(example.labels[0])]}")
    if examples.image_shape is not None:
        picture(x[0], examples.image_shape)
    for l in range(1, opened.network.L + 1):
        _show_layer(found, opened, l, every_unit)
    if json:
        print_json(_as_json(found, opened, chosen[0]))


def _show_layer(found: backprop.Trace, opened: Opened, l: int, all_units: bool) -> None:
    z, a, delta = (layer[l][0] for layer in (found.z, found.a, found.delta))
    sigma, last = opened.network.sigma[l].name, l == opened.network.L
    say()
    say(f"layer {l}{' (output)' if last else ''}, {len(z)} units, {sigma}", "bold")
    shown = len(z) if all_units else min(len(z), MOST_LINES)
    nabla = found.nabla.w[l][:shown].astype(float)  # its squares must not overflow
    lengths = np.linalg.norm(nabla, axis=1)
    columns = [z[:shown], a[:shown], delta[:shown], lengths]
    titles = ["unit", "z", "a", "δ = ∂C/∂z = ∂C/∂b", "‖∂C/∂w‖"]
    if last:
        columns.append(found.y[0, :shown])
        titles.append("y")
    cells = [
        (str(j), *(number(float(v)) for v in values))
        for j, values in enumerate(zip(*columns, strict=True))
    ]
    table(titles, cells, right=range(len(titles)))
    if shown < len(z):
        say(f"... {len(z) - shown:,} more units (--all)")


def _as_json(found: backprop.Trace, opened: Opened, row: int) -> dict[str, Any]:
    def one(layers: list[Any]) -> list[Any]:
        return [None if v is None else np.asarray(v[0], float) for v in layers]

    return {
        "model": str(opened.path),
        "row": row,
        "cost": found.cost,
        "z": one(found.z),
        "a": one(found.a),
        "delta": one(found.delta),
        "y": np.asarray(found.y[0], float),
        "nabla_w": [None, *(np.asarray(w, float) for w in found.nabla.w[1:])],
        "nabla_b": [None, *(np.asarray(b, float) for b in found.nabla.b[1:])],
    }
