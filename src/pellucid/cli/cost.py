"""`pellucid cost`: what a cost sums over, and with which factor."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from .._arrays import choose
from ..mathematics.costs import COSTS, DEFAULT_COSTS
from .options import Json
from .show import print_json, say, table

INDICES = (
    ("j", "outputs", "1 ... n_L", "their sum, not their mean"),
    ("x", "examples", "1 ... m", "C = (1/m) Σ_x C_x: their mean"),
    ("a_j, z_j", "answers", "a^L, z^L", "of output j; a is ŷ in some lectures"),
    ("y_j", "targets", "y", "what output j should be; ŷ in others"),
)

OTHERS = (
    ("(1/2m) Σ_x Σ_j (a_j - y_j)²", "1", "here, and in Nielsen's book"),
    ("(1/m) Σ_x Σ_j (a_j - y_j)²", "2", "without the ½"),
    ("Σ_x Σ_j (a_j - y_j)²", "2 m", "without the mean"),
    ("(1/(m n_L)) Σ_x Σ_j (a_j - y_j)²", "2 / n_L", "the mean over the outputs, too"),
)
"""The quadratic cost in other texts, and how many times ours it is."""


def cost(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A cost; none: list all.")
    ] = None,
    json: Json = False,
) -> None:
    """A cost: its formula, what it sums over, its factor.

    Costs of other texts differ by a factor, and so do their gradients: the same η is
    another step.
    """
    chosen = COSTS if name is None else {name: choose("cost", name, COSTS)}
    rows = [(each, f"C_x = {kind.latex}") for each, kind in chosen.items()]
    if name is None:
        table(("cost", "formula, as LaTeX"), rows)
        say("More of one: pellucid cost quadratic.")
    else:
        _explain(name)
    if json:
        print_json({"costs": {each: COSTS[each].latex for each in chosen}})


def _explain(name: str) -> None:
    kind = COSTS[name]
    say(f"{name}: C_x = {kind.latex}", "bold")
    say(" ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split()))
    outputs = [sigma for sigma, friend in DEFAULT_COSTS.items() if friend == name]
    if outputs:
        say(f"It is taken where nothing is said for the output {', '.join(outputs)}.")
    table(("index", "runs over", "", ""), INDICES)
    if name == "quadratic":
        table(("other texts", "times ours", ""), OTHERS)
        say("Times ours is the gradient, too: divide η by it for the same step.")
