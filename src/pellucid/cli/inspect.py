"""`pellucid inspect`: layers, formula and weights."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import typer

from .._arrays import choose
from .._errors import InputError
from ..mathematics import formula
from .data import show_columns
from .options import Json, Opened, RunArgument, Runs, open_model
from .show import number, picture, print_json, say, table

FORMULAS = {"python": formula.python, "latex": formula.latex}
MOST_LINES = 16  # weights of one unit
MOST_CLASSES = 12


def inspect(
    run: RunArgument = None,
    as_formula: Annotated[
        str | None,
        typer.Option("--formula", metavar="LANGUAGE", help="python or latex."),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(metavar="UNIT", help="Its weights: layer.unit, such as 1.0."),
    ] = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """Layers and parameters, formula, or a unit's weights."""
    opened = open_model(run, runs)
    network = opened.network
    more: dict[str, Any] = {}
    if as_formula is not None:
        text = choose("formula", as_formula, FORMULAS)(network)
        more["formula"] = text
        say(text, whole=True)
    elif unit is not None:
        l, j = _unit(unit, opened)
        more = {"unit": unit, "w": network.w[l][j], "b": float(network.b[l][j])}
        _show_unit(opened, l, j)
    else:
        say(f"{opened.path}\n{network}")
        if opened.classes:
            say(f"outputs: {_listed(opened.classes)}")
        show_columns(opened.encoding)
    if json:
        print_json(
            {
                "model": str(opened.path),
                "sizes": list(network.sizes),
                "inputs": _names(opened),
                "activations": [sigma.name for sigma in network.sigma[1:]],
                "parameters": int(network.parameters.theta.size),
                "weights_sha256": network.weights_sha256(),
                "about": opened.about,
                **more,
            }
        )


def _listed(classes: list[str]) -> str:
    more = f", ... ({len(classes):,} in all)" if len(classes) > MOST_CLASSES else ""
    return ", ".join(classes[:MOST_CLASSES]) + more


def _names(opened: Opened) -> list[str]:
    """What the inputs are called, where they are a table's."""
    encoding = opened.encoding
    return [] if encoding is None or encoding.pixels else encoding.inputs


def _unit(text: str, opened: Opened) -> tuple[int, int]:
    """Layer and unit out of `1.0`."""
    sizes = opened.network.sizes
    layer, _, unit = text.partition(".")
    try:
        l, j = int(layer), int(unit)
    except ValueError:
        raise InputError(
            f"unit must be layer.unit, such as 1.0; got {text!r:.40}."
        ) from None
    if not 1 <= l < len(sizes):
        raise InputError(
            f"unit must be in a layer with weights, 1 to {len(sizes) - 1}; got {l}."
        )
    if not 0 <= j < sizes[l]:
        raise InputError(
            f"unit must be 0 to {sizes[l] - 1:,}, those of layer {l}; got {j}."
        )
    return l, j


def _show_unit(opened: Opened, l: int, j: int) -> None:
    w, b = opened.network.w[l][j], float(opened.network.b[l][j])
    sigma = opened.network.sigma[l].name
    say(f"layer {l}, unit {j}: a = {sigma}(w·a + b), {len(w):,} weights, b = {b:.6g}")
    shape = opened.about.get("image_shape")
    if l == 1 and shape:
        picture(w, tuple(shape))
        return
    order = np.argsort(-np.abs(w), kind="stable")[:MOST_LINES]
    names = _names(opened) if l == 1 else []
    called = [(str(k), *names[k : k + 1], number(float(w[k]))) for k in order]
    titles = ("from", *(["input"] if names else []), "weight")
    table(titles, called, (0, len(titles) - 1))
    if len(order) < len(w):
        say(f"the {len(order)} largest of {len(w):,}")
