"""`pellucid explain`: what a network's answers rest on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
import typer

from .. import explanation, plots
from .._arrays import Array, check_number, choose
from .._errors import InputError
from ..data import Dataset
from ..explanation.columns import (
    EXAMPLES,
    columns_of,
    drawn,
    output_names,
    own_scale,
    say_score,
    summed,
)
from ..mathematics.network import Network
from .evaluate import TEST_NOTE
from .options import (
    DataDir,
    DataName,
    Json,
    Opened,
    Part,
    Runs,
    dense,
    open_model,
    rows,
)
from .show import percent, print_json, say, table, waiting

MOST_LINES = 20
"""Of a table that is shown; --json has all."""


@dataclass(frozen=True)
class Asked:
    """What is to be explained: of which network, on which examples, in what detail."""

    opened: Opened
    data_name: str | None
    data_dir: str | None
    part: str
    most: int
    rows: str
    column: str | None
    output: str | None
    layer: int
    unit: int

    @property
    def network(self) -> Network:
        """The trained network."""
        return self.opened.network

    @cached_property
    def whole(self) -> Dataset:
        """All parts of the data."""
        return self.opened.data(self.data_name, self.data_dir)

    @property
    def examples(self) -> Dataset:
        """The part that was asked for; of labelled rows in a file all of them."""
        return self.whole.part(self.part) if self.whole.counts else self.whole

    @cached_property
    def some(self) -> Dataset:
        """As many of the examples as are asked."""
        return explanation.sampled(self.examples, self.most)

    def places(self, rows: Array) -> Array:
        """Numbers in the part of rows of `some`."""
        return drawn(len(self.examples), self.most)[rows]

    @property
    def learned(self) -> Dataset:
        """What it has learned from, if that is there; else the examples."""
        return self.whole.train if self.whole.counts.get("train") else self.whole

    def where(self) -> str:
        """Such as "validation, 1,000 of 10,000 examples drawn by lot"."""
        all_of, here = len(self.examples), len(self.some)
        part = self.part if self.whole.counts else self.whole.name
        of = f"{here:,} of {all_of:,} examples drawn by lot"
        return f"{part}, {of if here < all_of else f'{here:,} examples'}"


def few(value: float) -> str:
    """Four digits, aligned."""
    return f"{value: .4g}"


Shown = tuple[plots.Display, dict[str, Any]]
"""The figure, and what a program wants to know."""


def _importance(asked: Asked) -> Shown:
    found = explanation.importance(asked.network, asked.some)
    say(f"{asked.where()}: {found.measure} {say_score(found.measure, found.score)}")
    lines = [
        (found.groups[k].name, few(found.mean[k]), few(found.deviation[k]))
        for k in found.order[:MOST_LINES]
    ]
    noun = "column" if found.image_shape is None else "patch"
    table((noun, f"{found.measure} lost", "deviation"), lines, right=(1, 2))
    return plots.ImportanceDisplay(found), {
        "measure": found.measure,
        "score": found.score,
        "names": [group.name for group in found.groups],
        "lost": found.mean,
        "deviation": found.deviation,
    }


def _dependence(asked: Asked) -> Shown:
    if asked.column is None:
        names = [group.name for group in columns_of(asked.whole)]
        raise InputError(
            "dependence must be asked of one column: --column NAME. There are: "
            f"{', '.join(names):.300}."
        )
    found = explanation.dependence(asked.network, asked.some, asked.column)
    shown = plots.DependenceDisplay(found)
    chosen = shown.shown
    say(f"{asked.where()}, each with {found.column} set to one value after the other")
    lines = [
        (value, *(few(found.mean[j, place]) for j in chosen))
        for place, value in enumerate(found.cells)
    ]
    titles = (found.column, *(found.outputs[j] for j in chosen))
    table(titles, lines, right=range(1, len(titles)))
    return shown, {
        "column": found.column,
        "grid": list(found.grid),
        "outputs": list(found.outputs),
        "mean": found.mean,
    }


def _attribution(asked: Asked) -> Shown:
    part = asked.examples
    chosen = rows(asked.rows, len(part))
    x = dense(part.rows(np.array(chosen)).x)
    a = asked.network(x)
    wanted = a.argmax(axis=1) if asked.output is None else _output(asked, len(x))
    found = explanation.attribute(asked.network, asked.whole, x, wanted)
    names, scale = output_names(asked.whole), own_scale(asked.whole)
    groups = columns_of(asked.whole)
    values = summed(found.values, groups) * scale[wanted][:, None]
    gain = found.gain * scale[wanted]
    shown = plots.AttributionDisplay.from_example(
        asked.network, asked.whole, x[:1], int(wanted[0])
    )
    say(shown.alt if len(x) == 1 else
        f"{len(x)} rows: what each adds, without its sign, on average")  # fmt: skip
    mean = np.abs(values).mean(axis=0)
    order = np.argsort(-mean, kind="stable")[:MOST_LINES]
    if len(x) == 1:
        lines = [(groups[k].name, groups[k].told(x[0]), few(values[0, k]))
                 for k in order]  # fmt: skip
        table(("column", "holds", "adds"), lines, right=(2,))
    else:
        table(("column", "adds"), [(groups[k].name, few(mean[k])) for k in order],
              right=(1,))  # fmt: skip
    say(f"completeness error: {percent(found.error)} of a gain at most")
    return shown, {
        "rows": chosen,
        "explained": [names[j] for j in wanted],
        "names": [group.name for group in groups],
        "values": values,
        "gain": gain,
        "completeness_error": found.error,
    }


def _output(asked: Asked, count: int) -> Array:
    """The output that was asked for, by name or number, once for each row."""
    names = output_names(asked.whole)
    text = str(asked.output)
    if text not in names:
        known = ", ".join(names)
        raise InputError(
            f"output must be one that the network has; got {text!r:.40}. Known: "
            f"{known:.300}."
        )
    return np.full(count, names.index(text))


def _neurons(asked: Asked) -> Shown:
    found = explanation.neurons(asked.network, asked.some)
    say(f"{asked.where()}: {found.measure} {say_score(found.measure, found.score)}")
    ranked = found.ranked
    shown = ranked if len(ranked) <= MOST_LINES else [*ranked[:10], *ranked[-5:]]
    lines = [
        (f"{l}.{j}", say_score(found.measure, found.without[l][j]),
         few(found.mean[l][j]), _excited(asked.some, found.strongest[l][j]))
        for l, j in shown
    ]  # fmt: skip
    titles = ("unit", f"{found.measure} without it", "mean activation", "strongest on")
    table(titles, lines, right=(1, 2))
    if len(shown) < len(ranked):
        between = len(ranked) - len(shown)
        say(f"({between:,} between the tenth and the last five; --json has them all)")
    return plots.NeuronsDisplay(found), {
        "measure": found.measure,
        "score": found.score,
        "without": found.without[1:],
        "strongest": [asked.places(layer) for layer in found.strongest[1:]],
    }


def _excited(data: Dataset, places: Array) -> str:
    """What the examples are that excite a neuron most."""
    first = places[:6]
    if data.classes is not None:
        return ", ".join(data.classes[label] for label in data.labels[first])
    y = data.y if data.encoding is None else data.encoding.decode(data.y)
    return ", ".join(f"{value:.4g}" for value in y[first, 0])


def _neuron(asked: Asked) -> Shown:
    whole = asked.whole
    image = whole.image_shape is not None and whole.classes is not None
    hidden = asked.layer < asked.network.L
    kind: Any = plots.UnitDisplay if image and hidden else plots.NeuronDisplay
    shown = kind.from_network(asked.network, asked.some, asked.layer, asked.unit)
    found = explanation.neurons(asked.network, asked.some)
    l, j = asked.layer, asked.unit
    say(f"{asked.where()}: {found.measure} {say_score(found.measure, found.score)}, "
        f"{say_score(found.measure, found.without[l][j])} without it")  # fmt: skip
    say(shown.alt)
    say(f"it is strongest on: {_excited(asked.some, found.strongest[l][j])}")
    return shown, {
        "layer": l,
        "unit": j,
        "measure": found.measure,
        "score": found.score,
        "without": float(found.without[l][j]),
        "weights": asked.network.w[l][j],
        "strongest": asked.places(found.strongest[l][j]),
        "activation": found.activation[l][j],
    }


def _pruning(asked: Asked) -> Shown:
    found = explanation.pruning(asked.network, asked.some)
    say(f"{asked.where()}; the smallest of {found.weights:,} weights are taken out")
    lines = [
        (percent(share), f"{round((1 - share) * found.weights):,}",
         say_score(found.measure, value))
        for share, value in zip(found.shares, found.scores, strict=True)
    ]  # fmt: skip
    table(("taken out", "weights left", found.measure), lines, right=range(3))
    return plots.PruningDisplay(found), {
        "measure": found.measure,
        "shares": list(found.shares),
        "scores": list(found.scores),
        "weights": found.weights,
    }


def _probes(asked: Asked) -> Shown:
    if not asked.whole.counts.get("train"):
        raise InputError(
            f"probes must learn from a training part; {asked.whole.name} has none. "
            "Leave --data out."
        )
    found = explanation.probes(asked.network, asked.learned, asked.some)
    say(f"{asked.where()}; linear models that learned from {found.learned:,} examples")
    lines = [
        (
            "input" if l == 0 else f"layer {l}",
            f"{size:,}",
            say_score(found.measure, value),
        )
        for l, (size, value) in enumerate(zip(found.sizes, found.scores, strict=True))
    ]
    lines.append(("the network", "", say_score(found.measure, found.score)))
    table(("a linear model on", "numbers", found.measure), lines, right=(1, 2))
    return plots.ProbesDisplay(found), {
        "measure": found.measure,
        "scores": list(found.scores),
        "score": found.score,
        "learned": found.learned,
    }


def _ideal(asked: Asked) -> Shown:
    shown = plots.IdealDisplay.from_network(
        asked.network, asked.learned, asked.layer, asked.unit
    )
    say(shown.alt)
    if shown.names:
        both = zip(shown.names, shown.cells, strict=True)
        lines = [(name, *cells) for name, cells in both]
        table(("column", "made up", "strongest example"), lines[:MOST_LINES])
    return shown, {
        "layer": asked.layer,
        "unit": asked.unit,
        "activation": shown.ideal.activation,
        "strongest": shown.ideal.strongest,
        "x": shown.ideal.x,
        "columns": dict(zip(shown.names, (own for own, _ in shown.cells), strict=True)),
    }


KINDS: dict[str, tuple[str, Callable[[Asked], Shown]]] = {
    "importance": ("what shuffling each column costs", _importance),
    "dependence": ("the mean answer against one column (--column)", _dependence),
    "attribution": (
        "what each column or pixel adds to an answer (--rows)",
        _attribution,
    ),
    "neurons": ("all neurons: the score without each, what excites it", _neurons),
    "neuron": ("one neuron: its weights, what excites it (--layer, --unit)", _neuron),
    "ideal": ("the input that would excite a neuron most (--layer, --unit)", _ideal),
    "pruning": ("the score against the share of weights taken out", _pruning),
    "probes": ("what a linear model finds in each layer", _probes),
}
"""Kind of explanation to what it shows and how it is made."""


def explain(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN] KIND", help=f"Of {', '.join(KINDS)}."),
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="The kinds.")] = False,
    column: Annotated[
        str | None, typer.Option(metavar="NAME", help="By name or number from 1.")
    ] = None,
    which: Annotated[
        str, typer.Option("--rows", metavar="ROWS", help="Such as 3, 0:10 or 1,5,9.")
    ] = "0",
    output: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="To be explained; default: the answer."),
    ] = None,
    layer: Annotated[int, typer.Option(help="Layer, from 1.")] = 1,
    unit: Annotated[int, typer.Option(help="Unit of the layer, from 0.")] = 0,
    most: Annotated[
        int, typer.Option("--examples", metavar="N", help="Asked at most, by lot.")
    ] = EXAMPLES,
    figure: Annotated[
        str | None, typer.Option(metavar="FILE", help="A figure, .png, .svg or .pdf.")
    ] = None,
    data: DataName = None,
    part: Part = "validation",
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """What answers rest on: columns, neurons, weights.

    Such as: pellucid explain importance, or
    pellucid explain attribution --rows 3 --figure why.png
    """
    if show_list:
        table(("kind", "shows"), [(kind, what) for kind, (what, _) in KINDS.items()])
        if json:
            print_json({"kinds": list(KINDS)})
        return
    if not words or len(words) > 2:
        raise InputError(
            "explain must be given a run (or none: the latest) and a kind; got "
            f"{len(words or [])} words. Such as: pellucid explain importance. See "
            "--list."
        )
    made = choose("kind of explanation", words[-1], KINDS)[1]
    check_number("examples", most, least=2, whole=True)
    opened = open_model(words[0] if len(words) == 2 else None, runs)
    asked = Asked(
        opened, data, data_dir, part, most, which, column, output, layer, unit
    )
    say(f"{opened.path}: {opened.network!r}")
    with waiting("looking inside"):
        shown, figures = made(asked)
    if part == "test":
        say(TEST_NOTE)
    if figure is not None:
        say(f"written to {shown.save(figure)}", whole=True)
    if json:
        about = {"model": str(opened.path), "kind": words[-1], "part": part}
        print_json({**about, **figures, "alt": shown.alt})
