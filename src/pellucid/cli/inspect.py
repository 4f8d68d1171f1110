"""`pellucid inspect` and `pellucid trace`: the numbers inside."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import typer

from .._arrays import Array, choose
from .._errors import InputError
from ..mathematics import backprop, formula
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
from .show import console, number, picture, print_json, say, table

FORMULAS = {"python": formula.python, "latex": formula.latex}
MOST_LINES = 16  # of one layer, unless all are asked for


def inspect(
    run: RunArgument = None,
    as_formula: Annotated[
        str | None, typer.Option("--formula", help="python or latex.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="A unit's weights: layer.unit, such as 1.0.")
    ] = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """The network's layers and parameters, its formula, or one unit's weights."""
    opened = open_model(run, runs)
    network = opened.network
    if as_formula is not None:
        say(choose("formula", as_formula, FORMULAS)(network))
    elif unit is not None:
        _show_unit(opened, *_unit(unit, opened))
    else:
        say(str(opened.path))
        say(str(network))
        if opened.classes:
            say(f"outputs: {', '.join(opened.classes)}")
    if json:
        print_json(
            {
                "model": str(opened.path),
                "sizes": list(network.sizes),
                "activations": [sigma.name for sigma in network.sigma[1:]],
                "parameters": int(network.parameters.theta.size),
                "weights_sha256": network.weights_sha256(),
                "about": opened.about,
            }
        )


def _unit(text: str, opened: Opened) -> tuple[int, int]:
    """Layer and unit out of `1.0`."""
    sizes = opened.network.sizes
    layer, _, unit = text.partition(".")
    if not (layer.isdecimal() and unit.isdecimal()):
        raise InputError(f"unit must be layer.unit, such as 1.0; got {text!r}.")
    l, j = int(layer), int(unit)
    if not 1 <= l < len(sizes):
        raise InputError(f"layers with weights are 1 to {len(sizes) - 1}; got {l}.")
    if j >= sizes[l]:
        raise InputError(f"layer {l} has units 0 to {sizes[l] - 1}; got {j}.")
    return l, j


def _show_unit(opened: Opened, l: int, j: int) -> None:
    w, b = opened.network.w[l][j], float(opened.network.b[l][j])
    sigma = opened.network.sigma[l].name
    say(f"layer {l}, unit {j}: a = {sigma}(w·a + b), {len(w)} weights, b = {b:.6g}")
    shape = opened.about.get("image_shape")
    if l == 1 and shape:
        console.print(picture(w, tuple(shape)))
        return
    order = np.argsort(-np.abs(w), kind="stable")[:MOST_LINES]
    lines = table("from", "weight", right=(0, 1))
    for k in order:
        lines.add_row(str(k), number(float(w[k])))
    console.print(lines)
    if len(order) < len(w):
        say(f"the {len(order)} largest of {len(w)}")


def trace(
    run: RunArgument = None,
    data: DataName = None,
    part: Part = "validation",
    row: Annotated[int, typer.Option(help="Which example of the part.")] = 0,
    every_unit: Annotated[
        bool, typer.Option("--all", help="Every unit of every layer.")
    ] = False,
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """One example through the network and back: z, a, δ and the gradient."""
    opened = open_model(run, runs)
    examples = opened.data(data, data_dir).part(part)
    (chosen,) = rows(str(row), len(examples))
    example = examples.rows(np.array([chosen])).astype(opened.network.dtype)
    x = example.x.toarray() if hasattr(example.x, "toarray") else example.x
    found = backprop.trace(opened.network, opened.cost, x, example.y)
    say(f"{part} example {chosen} of {examples.name}: cost {found.cost:.6g}")
    if examples.classes is not None:
        answer = int(found.a[-1][0].argmax())
        names = examples.classes
        say(f"answer {names[answer]}, true class {names[int(example.labels[0])]}")
    if examples.image_shape is not None:
        console.print(picture(x[0], examples.image_shape))
    for l in range(1, opened.network.L + 1):
        _show_layer(found, opened, l, every_unit)
    if json:
        print_json(_as_json(found, opened, chosen))


def _show_layer(found: backprop.Trace, opened: Opened, l: int, all_units: bool) -> None:
    z, a, delta = (layer[l][0] for layer in (found.z, found.a, found.delta))
    sigma = opened.network.sigma[l].name
    last = l == opened.network.L
    say()
    say(f"layer {l}{' (output)' if last else ''}, {len(z)} units, {sigma}", style="bold")
    titles = ["unit", "z", "a", "δ = ∂C/∂z = ∂C/∂b", "‖∂C/∂w‖"]
    lines = table(*titles, *(["y"] if last else []), right=(0, 1, 2, 3, 4, 5))
    shown = len(z) if all_units else min(len(z), MOST_LINES)
    for j in range(shown):
        length = float(np.linalg.norm(found.nabla.w[l][j]))
        cells = [str(j), *(number(float(v[j])) for v in (z, a, delta)), number(length)]
        lines.add_row(*cells, *([number(float(found.y[0, j]))] if last else []))
    console.print(lines)
    if shown < len(z):
        say(f"... {len(z) - shown} more units (--all)")


def _as_json(found: backprop.Trace, opened: Opened, row: int) -> dict[str, Any]:
    def one(layers: list[Any]) -> list[Any]:
        return [None if v is None else _plain(v[0]) for v in layers]

    return {
        "model": str(opened.path),
        "row": row,
        "cost": found.cost,
        "z": one(found.z),
        "a": one(found.a),
        "delta": one(found.delta),
        "nabla_w": [None, *(_plain(w) for w in found.nabla.w[1:])],
        "nabla_b": [None, *(_plain(b) for b in found.nabla.b[1:])],
    }


def _plain(array: Array) -> Any:
    return np.asarray(array, float).tolist()
