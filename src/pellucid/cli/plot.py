"""`pellucid plot`: a figure of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from .. import plots, recipes, runs
from .._arrays import Array, choose
from .._errors import InputError
from ..data import Dataset
from ..mathematics.families import spell
from ..mathematics.network import Network
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
from .show import print_json, say, table, waiting, warn

EXAMPLES = 1_000  # that a gradient or a surface is the mean over
POINTS = 60  # of a path of descent
PICTURES = 20


@dataclass(frozen=True)
class Asked:
    """A figure that is wanted: of which network, on which data, with which details."""

    run: str | None
    parent: str
    data_name: str | None
    data_dir: str | None
    part: str
    which: str | None
    layer: int
    unit: int
    bias: bool
    features: str

    @cached_property
    def opened(self) -> Opened:
        """The trained network; curves do without it."""
        return open_model(self.run, self.parent)

    @property
    def network(self) -> Network:
        """The trained network."""
        return self.opened.network

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """(height, width) of its inputs, if they are images."""
        height, width = self.opened.about.get("image_shape") or (0, 0)
        return (height, width) if height else None

    @property
    def folder(self) -> Path | None:
        """The folder of the run; None for a model file by itself."""
        if self.run is None:
            return runs.latest(self.parent)
        folder = Path(self.run)
        if folder.is_file() and (folder.parent / runs.MANIFEST).is_file():
            folder = folder.parent
        return folder if folder.is_dir() else None

    def whole(self) -> Dataset:
        """All parts of the data."""
        return self.opened.data(self.data_name, self.data_dir)

    def examples(self) -> Dataset:
        """The part of the data that was asked for."""
        return self.whole().part(self.part)

    def example(self) -> tuple[Array, Dataset]:
        """One input, (1, n_0), and the Dataset of its one row."""
        part = self.examples()
        one = part.rows(np.array(rows(self.which or "0", len(part))[:1]))
        return dense(one.x), one

    def some(self) -> tuple[Array, Array]:
        """Inputs and targets of the first training examples."""
        part = self.whole().train
        first = part.rows(np.arange(min(len(part), EXAMPLES)))
        return dense(first.x), first.y


def _curves(asked: Asked) -> plots.Display:
    if asked.folder is None:
        raise InputError(
            f"curves need the folder of a run, which holds its history; got "
            f"{asked.run}. Name the run."
        )
    return plots.CurvesDisplay.from_run(asked.folder)


def _weights(asked: Asked) -> plots.Display:
    shape = asked.image_shape if asked.layer == 1 else None
    return plots.WeightsDisplay.from_network(asked.network, shape, asked.layer)


def _network(asked: Asked) -> plots.Display:
    x, shape = None, None
    if asked.image_shape is not None:
        x, shape = asked.example()[0], asked.image_shape
    return plots.NetworkDisplay.from_network(
        asked.network, x, shape, asked.opened.classes, asked.bias
    )


def _activations(asked: Asked) -> plots.Display:
    x, one = asked.example()
    truth = None if one.classes is None else one.classes[int(one.labels[0])]
    return plots.ActivationsDisplay.from_example(
        asked.network, x, asked.image_shape, asked.opened.classes, truth
    )


def _images(asked: Asked) -> plots.Display:
    part = asked.examples()
    chosen = rows(asked.which or f"0:{PICTURES}", len(part))
    outputs = asked.network(dense(part.rows(np.array(chosen)).x))
    return plots.ImagesDisplay.from_dataset(part, chosen, outputs)


def _mistakes(asked: Asked) -> plots.Display:
    part = asked.examples()
    worst, outputs = plots.worst_mistakes(asked.network, part, PICTURES)
    if not worst:
        raise InputError(
            f"mistakes need a wrong answer; all {len(part):,} of {part.name} are right."
        )
    return plots.ImagesDisplay.from_dataset(part, worst, outputs)


def _gradients(asked: Asked) -> plots.Display:
    x, y = asked.some()
    networks = {"end": asked.network}
    if asked.folder is not None:
        settings = runs.read_settings(asked.folder)
        networks = {"start": recipes.build(settings, asked.whole()), **networks}
    cost = asked.opened.cost
    return plots.GradientNormsDisplay.from_networks(networks, cost, x, y)


def _functions(asked: Asked) -> plots.Display:
    names = dict.fromkeys(spell(sigma) for sigma in asked.network.sigma[1:])
    return plots.ActivationFunctionsDisplay.from_names(list(names))


def _boundary(asked: Asked) -> plots.Display:
    part, encoding = asked.examples(), asked.opened.encoding
    names = encoding.inputs if encoding else None
    pair = _features(asked.features, names or [])
    return plots.BoundaryDisplay.from_network(asked.network, part, pair, names)


def _features(text: str, names: list[str]) -> tuple[int, int]:
    """Two inputs out of "0,1", or of "age,town = Ulm" where they have names."""
    first, _, second = text.partition(",")
    try:
        return _place(first, names), _place(second, names)
    except ValueError:
        called = f", or names of inputs such as {','.join(names[:2])}" if names else ""
        raise InputError(
            f"features must be two numbers of columns such as 0,1{called}; got "
            f"{text!r:.40}."
        ) from None


def _place(text: str, names: list[str]) -> int:
    """The number of an input; a number is one, even where a name is the same."""
    return int(text) if text.isdigit() or text not in names else names.index(text)


def _surface(asked: Asked) -> plots.Display:
    x, y = asked.some()
    if asked.folder is None:
        return plots.SurfaceDisplay.from_network(asked.network, asked.opened.cost, x, y)
    path = _walked(asked, asked.folder)
    return plots.SurfaceDisplay.from_path(asked.network, asked.opened.cost, x, y, path)


def _walked(asked: Asked, folder: Path) -> list[Array]:
    """θ at the start and after some epochs: the run made once more, from its seed."""
    settings, data = runs.read_settings(folder), asked.whole()
    network = recipes.build(settings, data)
    step = -(-settings["epochs"] // POINTS)
    path = []
    for report in recipes.run(settings, network, data):
        if report.complete and report.epoch % step == 0:
            path.append(network.parameters.theta.copy())
    if network.weights_sha256() != asked.network.weights_sha256():
        warn(
            "making the run once more did not give the same weights: the path is one "
            "of the same settings, and ends at the network of the run."
        )
    end = asked.network.parameters.theta
    if not np.array_equal(path[-1], end):
        path.append(end.copy())
    return path


def _graph(asked: Asked) -> plots.Display:
    x, one = asked.example()
    return plots.ComputationGraphDisplay.from_example(
        asked.network, asked.opened.cost, x, one.y
    )


def _saliency(asked: Asked) -> plots.Display:
    x, _ = asked.example()
    return plots.SaliencyDisplay.from_example(
        asked.network, x, asked.image_shape, asked.opened.classes
    )


def _unit(asked: Asked) -> plots.Display:
    return plots.UnitDisplay.from_network(
        asked.network, asked.examples(), asked.layer, asked.unit
    )


def _answers(kind: Any) -> Callable[[Asked], plots.Display]:
    def made(asked: Asked) -> plots.Display:
        found: plots.Display = kind.from_network(asked.network, asked.examples())
        return found

    return made


KINDS: dict[str, tuple[str, Callable[[Asked], plots.Display]]] = {
    "curves": ("cost and accuracy over the epochs, the best of each marked", _curves),
    "weights": ("weights into each unit of a layer as pictures (--layer)", _weights),
    "network": ("the network drawn, with an example in it (--bias, --row)", _network),
    "activations": ("one example layer by layer (--row)", _activations),
    "images": ("examples as pictures with the answers (--row 0:20)", _images),
    "mistakes": ("the wrong answers given with the largest output", _mistakes),
    "confusion": ("how often each class was taken for each", _answers(
        plots.ConfusionDisplay)),
    "roc": ("ROC of each class against the rest", _answers(plots.RocDisplay)),
    "precision-recall": ("the same as precision against recall", _answers(
        plots.PrecisionRecallDisplay)),
    "reliability": ("whether confidence can be believed", _answers(
        plots.ReliabilityDisplay)),
    "gradients": ("length of the gradient in each layer", _gradients),
    "functions": ("its activation functions and their slopes", _functions),
    "boundary": ("decision boundary over two features (--features 0,1)", _boundary),
    "surface": ("contours and 3-D surface of the cost, path of descent", _surface),
    "graph": ("computation graph of a small network (--row)", _graph),
    "saliency": ("which pixels an answer hangs on (--row)", _saliency),
    "unit": ("what a unit is for (--layer, --unit)", _unit),
}  # fmt: skip
"""Kind of figure to what it shows and how it is made."""


def plot(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN] KIND", help="A run (else the latest) and what."),
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="File: .png, .svg or .pdf.")
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="The kinds.")] = False,
    data: DataName = None,
    part: Part = "validation",
    row: Annotated[
        str | None, typer.Option(help="Which example of the part; default: the first.")
    ] = None,
    layer: Annotated[int, typer.Option(help="Layer, from 1.")] = 1,
    unit: Annotated[int, typer.Option(help="Unit of the layer, from 0.")] = 0,
    bias: Annotated[bool, typer.Option("--bias", help="Draw bias units.")] = False,
    features: Annotated[
        str, typer.Option(help="Two columns of x, by number or name.")
    ] = "0,1",
    dpi: Annotated[int, typer.Option(min=20, max=600, help="Of a PNG.")] = 150,
    data_dir: DataDir = None,
    runs: Runs = "runs",
    json: Json = False,
) -> None:
    """A figure of a run, with its numbers in words."""
    if show_list:
        table(("kind", "shows"), [(kind, what) for kind, (what, _) in KINDS.items()])
        if json:
            print_json({"kinds": list(KINDS)})
        return
    run, kind = _run_and_kind(words)
    made = choose("kind of figure", kind, KINDS)[1]
    path = Path(output if output is not None else f"{kind}.png")
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise InputError(f"the file must end in .png, .svg or .pdf; got {str(path)!r}.")
    asked = Asked(run, runs, data, data_dir, part, row, layer, unit, bias, features)
    with waiting("drawing"):
        display = made(asked)
        display.save(path, dpi)
    say(display.alt)
    if isinstance(display, plots.ComputationGraphDisplay):
        say(display.text)
    say(f"written to {path}")
    if json:
        print_json({"file": str(path), "kind": kind, "alt": display.alt})


def _run_and_kind(words: list[str] | None) -> tuple[str | None, str]:
    if not words or len(words) > 2:
        raise InputError(
            "plot must be given a run (or none: the latest) and a kind of figure; got "
            f"{len(words or [])} words. Such as: pellucid plot confusion. See --list."
        )
    return (words[0], words[1]) if len(words) == 2 else (None, words[0])
