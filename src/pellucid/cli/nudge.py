"""`pellucid nudge`: one weight a little more, and what the cost makes of it."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

from .._arrays import check_number
from .._errors import InputError
from ..mathematics import backprop
from ..mathematics.initializers import Given
from ..mathematics.network import Network
from .options import DataDir, DataName, Json, Part, RunArgument, Runs, dense, open_model
from .options import rows as chosen_rows
from .show import number, print_json, say, table


def nudge(
    run: RunArgument = None,
    weight: Annotated[
        str, typer.Option(metavar="L.J.K", help="To unit j of layer l from unit k.")
    ] = "1.0.0",
    by: Annotated[float, typer.Option(metavar="NUMBER", help="How much more.")] = 0.1,
    data: DataName = None,
    part: Part = "validation",
    rows: Annotated[
        str, typer.Option(metavar="ROWS", help="Over which C is the mean.")
    ] = "0:100",
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """One weight a little larger: what the cost does.

    Beside it what the gradient says, for δ, a tenth and a hundredth of it: the
    smaller, the better ∂C/∂w·δ tells what happens. Computed in float64; nothing is
    changed.
    """
    check_number("by", by)
    opened = open_model(run, runs)
    network = _exact(opened.network)
    l, j, k = _place(weight, network)
    examples = opened.examples(data, data_dir, part)
    some = examples.rows(np.array(chosen_rows(rows, len(examples)))).astype("float64")
    x, y = dense(some.x), some.y
    begin = backprop.trace(network, opened.cost, x, y)
    slope, was = float(begin.nabla.w[l][j, k]), float(network.w[l][j, k])
    found = []
    for delta in (by, by / 10, by / 100):
        network.w[l][j, k] = was + delta
        moved = backprop.trace(network, opened.cost, x, y).cost - begin.cost
        found.append((delta, moved, slope * delta))
    say(f"w[{l}][{j}, {k}] = {was:.6g}, ∂C/∂w = {slope:.6g}, C = {begin.cost:.6g}")
    lines = [tuple(map(number, each)) for each in found]
    table(("δ", "ΔC measured", "∂C/∂w·δ"), lines, right=(0, 1, 2))
    if json:
        print_json(
            {
                "model": str(opened.path),
                "weight": [l, j, k],
                "value": was,
                "slope": slope,
                "cost": begin.cost,
                "nudges": [list(each) for each in found],
            }
        )


def _exact(network: Network) -> Network:
    """The same network in float64."""
    w, b = network.w[1:], network.b[1:]
    return Network(
        network.sizes,
        [sigma.name for sigma in network.sigma[1:-1]],
        network.sigma[-1].name,
        initializer=Given(
            tuple(np.asarray(each, float) for each in w),
            tuple(np.asarray(each, float) for each in b),
        ),
        dtype="float64",
    )


def _place(text: str, network: Network) -> tuple[int, int, int]:
    """Layer and units out of `1.0.5`.

    Raises:
        InputError: it can't be read, or there is no such weight.
    """
    try:
        l, j, k = (int(word) for word in text.split("."))
    except ValueError:
        raise InputError(
            f"weight must be layer.to.from, such as 1.0.5; got {text!r:.40}."
        ) from None
    there = 1 <= l <= network.L
    if not there or not (0 <= j < network.sizes[l] and 0 <= k < network.sizes[l - 1]):
        sizes = "-".join(map(str, network.sizes))
        raise InputError(
            f"weight must be one of the network {sizes}, its layers counted from 1 and "
            f"its units from 0; got {text}."
        )
    return l, j, k
