"""Draws every figure of real networks, and the contact sheet of them all.

    python docs/make_figures.py                    # docs/figures.png and figures.md
    python docs/make_figures.py --data-dir DATA    # with MNIST instead of the digits
    python docs/make_figures.py --each FOLDER      # each one also as a file of its own

The networks are trained here, in under a minute.
"""

import argparse
import io
import os
from functools import cache
from pathlib import Path

import numpy as np

from pellucid import COSTS, Dataset, InputError, Network, load, train
from pellucid import plots as p
from pellucid._files import write_atomic

HERE = Path(__file__).parent
COLUMNS, TILE = 4, (5.6, 3.9)  # of the sheet: how many across, inches each
CROSS_ENTROPY = "cross_entropy"


class Trained:
    """A data set, a network trained on it, and what was kept on the way."""

    def __init__(self, data: Dataset, sizes: list[int], **words):
        self.data = data
        self.network = Network(sizes, words.pop("hidden", "sigmoid"), "softmax")
        self.start, self.path, self.reports = self.network.copy(), [], []
        for report in train(self.network, data, **words):
            self.reports.append(report)
            self.path.append(self.network.parameters.theta.copy())
        self.some = data.train.rows(np.arange(1_000)) if data.counts else data


@cache
def images(data_dir: str | None) -> Trained:
    """784-30-10 on MNIST; where it is not found, 64-30-10 on the digits."""
    try:
        data = load("mnist", data_dir=data_dir) if data_dir else load("digits")
    except InputError:
        data = load("digits")
    words = {"optimizer": "sgd", "eta": 0.5, "batch_size": 10, "epochs": 30}
    return Trained(data, [data.inputs, 30, 10], **words)


@cache
def deep(data_dir: str | None) -> Trained:
    """Four hidden layers of sigmoids, for the gradient that vanishes."""
    data = images(data_dir).data
    words = {"optimizer": "sgd", "eta": 0.1, "batch_size": 10, "epochs": 3}
    return Trained(data, [data.inputs, 30, 30, 30, 30, 10], **words)


@cache
def moons() -> Trained:
    """Two half moons."""
    from sklearn.datasets import make_moons

    x, labels = make_moons(300, noise=0.2, random_state=0)
    data = Dataset.from_arrays(x, labels, name="moons")
    words = {"hidden": "tanh", "epochs": 200, "eta": 0.02, "monitor": "none"}
    return Trained(data, [2, 16, 2], **words)


@cache
def three_rates() -> dict[str, list]:
    """The same network with three learning rates, on the digits."""
    histories = {}
    for eta in (0.025, 0.25, 2.5):
        network = Network([64, 30, 10], "sigmoid", "softmax")
        words = {"optimizer": "sgd", "eta": eta, "batch_size": 10, "epochs": 20}
        histories[f"η {eta}"] = list(train(network, load("digits"), **words))
    return histories


def small() -> tuple[Network, np.ndarray, np.ndarray]:
    """2-2-1 and one example."""
    network = Network([2, 2, 1], "sigmoid", "sigmoid", dtype="float64", seed=3)
    network.b[1][:] = [0.1, -0.2]
    return network, np.array([[1.0, 0.5]]), np.array([[1.0]])


def figures(data_dir: str | None) -> dict[str, p.Display]:
    """Name to figure."""
    of = images(data_dir)
    part = of.data.validation
    right = np.flatnonzero(of.network(part.x).argmax(1) == part.labels)
    one = part.rows(right[:1])
    return {
        **of_a_run(of, one),
        **of_descent(of, deep(data_dir)),
        **of_mathematics(),
        **of_one_example(of, one),
    }


def of_a_run(of: Trained, one: Dataset) -> dict[str, p.Display]:
    """What one looks at first."""
    tiny = small()
    part, network, shape = of.data.validation, of.network, of.data.image_shape
    classes, true = part.classes, part.classes[int(one.labels[0])]
    worst, outputs = p.worst_mistakes(network, part, 18)
    return {
        "curves": p.CurvesDisplay.from_reports(of.reports, of.data.name),
        "comparison": p.ComparisonDisplay.from_reports(three_rates()),
        "weights": p.WeightsDisplay.from_network(network, shape),
        "network": p.NetworkDisplay.from_network(network, one.x, shape, classes),
        "network with bias units": p.NetworkDisplay.from_network(
            tiny[0], tiny[1], bias=True
        ),
        "activations": p.ActivationsDisplay.from_example(
            network, one.x, shape, classes, true
        ),
        "mistakes": p.ImagesDisplay.from_dataset(part, worst, outputs),
        "confusion": p.ConfusionDisplay.from_network(network, part),
        "roc": p.RocDisplay.from_network(network, part),
        "precision-recall": p.PrecisionRecallDisplay.from_network(network, part),
        "reliability": p.ReliabilityDisplay.from_network(network, part),
    }


def of_descent(of: Trained, layered: Trained) -> dict[str, p.Display]:
    """How it was learned: gradients, and the cost's surface."""
    cost, network = COSTS[CROSS_ENTROPY](), of.network
    ends = {"start": of.start, "end": network}
    layers = {"start": layered.start, "end": layered.network}
    return {
        "gradients": p.GradientNormsDisplay.from_networks(
            ends, cost, of.some.x, of.some.y
        ),
        "gradients of a deep network": p.GradientNormsDisplay.from_networks(
            layers, cost, of.some.x, of.some.y
        ),
        "boundary": p.BoundaryDisplay.from_network(moons().network, moons().data),
        "surface": p.SurfaceDisplay.from_path(
            network, cost, of.some.x, of.some.y, of.path
        ),
        "surface, random directions": p.SurfaceDisplay.from_network(
            network, cost, of.some.x, of.some.y
        ),
    }


def of_mathematics() -> dict[str, p.Display]:
    """No data needed."""
    tiny = small()
    return {
        "functions": p.ActivationFunctionsDisplay.from_names(),
        "costs": p.CostFunctionsDisplay.from_names([*COSTS, "quadratic+sigmoid"]),
        "descent": p.DescentDisplay.from_function(
            lambda w: w**2 / 2, lambda w: w, start=3.0, eta=1.8, steps=9
        ),
        "graph": p.ComputationGraphDisplay.from_example(
            tiny[0], COSTS["quadratic"](), *tiny[1:]
        ),
    }


def of_one_example(of: Trained, one: Dataset) -> dict[str, p.Display]:
    """One example, one unit, one weight."""
    cost, tiny, classes = COSTS[CROSS_ENTROPY](), small(), of.data.classes
    part, network, shape = of.data.validation, of.network, of.data.image_shape
    return {
        "saliency": p.SaliencyDisplay.from_example(network, one.x, shape, classes),
        "unit": p.UnitDisplay.from_network(network, part, 1, 4),
        "layer": p.LayerDisplay.from_example(network, one.x, 2),
        "response": p.ResponseDisplay.from_network(tiny[0], -8.0, 8.0, at=tiny[1]),
        "cost of one example": p.ExampleCostDisplay.from_example(
            of.start, cost, one.x, one.y, classes
        ),
        "wishes": p.WishesDisplay.from_example(of.start, cost, one.x, one.y, 3),
        "table of wishes": p.GradientTableDisplay.from_examples(
            of.start, cost, of.some.rows(np.arange(6)), 10
        ),
    }


def sheet(made: dict[str, p.Display]) -> bytes:
    """All figures in one picture."""
    from matplotlib.figure import Figure
    from matplotlib.image import imread
    from PIL import Image

    rows = -(-len(made) // COLUMNS)
    size = (COLUMNS * TILE[0], rows * TILE[1])
    figure = Figure(figsize=size, layout="constrained", facecolor="#dcd8ce")
    axes = figure.subplots(rows, COLUMNS).ravel()
    for ax in axes:
        ax.set_axis_off()
    for ax, (name, display) in zip(axes, made.items(), strict=False):
        ax.imshow(imread(io.BytesIO(display.render("png", 100))), aspect="equal")
        ax.set_title(name, fontsize=14, fontweight="bold")
    whole, small = io.BytesIO(), io.BytesIO()
    figure.savefig(whole, dpi=100, facecolor=figure.get_facecolor())
    Image.open(whole).convert("RGB").quantize(256).save(small, "PNG", optimize=True)
    return small.getvalue()


PAGE = """# The figures

Drawn by `python docs/make_figures.py` from networks that it trains; this page is
written by it. `pellucid plot --list` names those that the command line draws of a run,
`pellucid.plots` holds all of them. The 22 figures of the lecture notes are regenerated
by `python examples/hoffmann.py 1` ... `22`.

![All the figures, described below](figures.png)

Colours are Okabe and Ito's (2008), which differ for every kind of eye, without those
that are too pale for a projector. Blue is positive and orange negative everywhere, and
no figure needs its colours: signs are also dashes or words, lines have markers, cells
have numbers. On a slide of 13.33×7.5 inches every text has 11.5 points or more.

Figures 3 to 6 of the notes tell a hope: that the first layer finds edges, the second
loops and lines. Trained networks of this kind do not show it; 3Blue1Brown, where the
hope is from, looked and said so. `weights` and `unit` below let one look: the pictures
hardly hold an edge, and what excites one unit most is a mixture of digits.

| figure | what it shows, here |
|---|---|
"""


def main(arguments: list[str] | None = None) -> None:
    """Write the sheet and the page beside this file, or elsewhere."""
    words = argparse.ArgumentParser(description="Draws every figure.")
    words.add_argument("-o", "--output", default=HERE, help="folder")
    words.add_argument("--each", help="a folder for each figure as a file of its own")
    there = os.environ.get("PELLUCID_DATA")
    words.add_argument("--data-dir", default=there, help="a folder that holds mnist/")
    asked = words.parse_args(arguments)
    made = figures(asked.data_dir)
    lines = [f"| {name} | {display.alt} |" for name, display in made.items()]
    write_atomic(Path(asked.output) / "figures.png", sheet(made))
    page = PAGE + "\n".join(lines) + "\n"
    write_atomic(Path(asked.output) / "figures.md", page.encode())
    if asked.each:
        Path(asked.each).mkdir(parents=True, exist_ok=True)
        for name, display in made.items():
            display.save(Path(asked.each) / f"{name.replace(' ', '-')}.png")


if __name__ == "__main__":
    main()
