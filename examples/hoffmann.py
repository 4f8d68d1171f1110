"""The 22 figures of the lecture notes, regenerated: one command a figure.

    python examples/hoffmann.py 7                  # writes figure-07.png
    python examples/hoffmann.py all -o figures/

The notes' own pictures are lost; these are equivalents of what their text says each
one showed, from networks that are trained here: a 784-16-16-10 on MNIST where it is
found (--data-dir or PELLUCID_DATA), else a 64-16-16-10 on the embedded digits.
"""

import argparse
import os
from functools import cache
from pathlib import Path

import numpy as np

from pellucid import COSTS, Dataset, Given, InputError, Network, load, train
from pellucid import plots as p

SEED = 0


@cache
def digits(data_dir):
    """MNIST if it is here, else the embedded digits."""
    try:
        return load("mnist", data_dir=data_dir) if data_dir else load("digits")
    except InputError:
        return load("digits")


@cache
def network(data_dir):
    """The videos' network, trained for a few epochs."""
    data = digits(data_dir)
    made = Network([data.inputs, 16, 16, 10], "sigmoid", "softmax", seed=SEED)
    epochs = 8 if len(data) > 10_000 else 40
    for _ in train(made, data, optimizer="sgd", eta=0.5, batch_size=10, epochs=epochs):
        pass
    return made


def fresh(data_dir):
    """The same before its first step, with sigmoid outputs."""
    return Network([digits(data_dir).inputs, 16, 16, 10], "sigmoid", "sigmoid",
                   seed=SEED)  # fmt: skip


def example(data_dir, digit="2"):
    """The first test image of a digit that the network answers rightly."""
    test = digits(data_dir).test
    own = np.flatnonzero(test.labels == test.classes.index(digit))
    answers = network(data_dir)(test.x[own]).argmax(1)
    return test.rows(own[answers == test.labels[own]][:1])


def image_as_layer(data_dir):
    """1: an image is a layer of activations, black 0 to white 1."""
    one = example(data_dir)
    return p.ActivationsDisplay.from_example(
        network(data_dir), one.x, one.image_shape, one.classes, upto=0
    )


def brightest_output(data_dir):
    """2: the brightest output is the answer."""
    one = example(data_dir)
    return p.ActivationsDisplay.from_example(
        network(data_dir), one.x, one.image_shape, one.classes, truth="2"
    )


def hoped_for_edges(data_dir):
    """3: the hope: the first layer finds edges. What its weights really look like."""
    shape = digits(data_dir).image_shape
    return p.WeightsDisplay.from_network(network(data_dir), shape)


def one_unit(layer, unit):
    """4 to 6: the hope: loops and lines. What really excites one unit."""

    def made(data_dir):
        validation = digits(data_dir).validation
        return p.UnitDisplay.from_network(network(data_dir), validation, layer, unit)

    return made


def line_detector():
    """A unit with + in a box, - around it and 0 elsewhere, for images of 28x28."""
    w = np.zeros((28, 28))
    w[7:12, 7:21] = -1.0
    w[8:11, 8:20] = 1.0
    return Network(
        [784, 1], output="sigmoid", initializer=Given([w.reshape(1, -1)], [[0.0]])
    )


def detector(data_dir):
    """7: a line detector set by hand."""
    return p.WeightsDisplay.from_network(line_detector(), (28, 28))


def detected(data_dir):
    """8: what it answers to a bar in the box, to white, and to a bar across it."""
    images = np.zeros((4, 28, 28))
    images[0, 8:11, 8:20] = 1.0
    images[1] = 1.0
    images[2, 2:18, 12:15] = 1.0
    w = line_detector().w[1][0]
    sums = images.reshape(4, -1) @ w
    names = [f"Σ w·a = {total:+.0f}" for total in sums]
    return p.ImagesDisplay(
        images, tuple(names), (0, 1, 2, 3), "line detector", says="weighted sum"
    )


def sigmoid(data_dir):
    """9: the sigmoid."""
    return p.ActivationFunctionsDisplay.from_names(["sigmoid"])


def only_above_ten(data_dir):
    """10: a bias of -10 makes a unit active only where the sum is above 10."""
    made = Network([1, 1], output="sigmoid", initializer=Given([[[1.0]]], [[-10.0]]))
    return p.ResponseDisplay.from_network(made, 0.0, 20.0)


def whole_network(data_dir):
    """11: the network; 13,002 weights and biases on MNIST."""
    one = example(data_dir)
    return p.NetworkDisplay.from_network(
        network(data_dir), one.x, one.image_shape, one.classes
    )


def matrices(data_dir):
    """12: one layer as matrices."""
    return p.LayerDisplay.from_example(network(data_dir), example(data_dir).x, layer=2)


def cost_of_one(data_dir):
    """13: the cost of one example, before training."""
    one, made, cost = example(data_dir), fresh(data_dir), COSTS["quadratic"]()
    return p.ExampleCostDisplay.from_example(made, cost, one.x, one.y, one.classes)


def down_the_slope(data_dir):
    """14: steps in proportion to the slope, on a curve with two valleys."""
    return p.DescentDisplay.from_function(
        lambda w: 0.1 * w**4 - 0.8 * w**2 + 0.3 * w,
        lambda w: 0.4 * w**3 - 1.6 * w + 0.3,
        start=0.3, eta=0.25, steps=14,
    )  # fmt: skip


@cache
def one_neuron():
    """One neuron with one input: its cost has two parameters, so it can be seen."""
    x = np.linspace(-2, 2, 21)[:, None]
    y = 1 / (1 + np.exp(-(2.0 * x - 1.0)))
    return Dataset.from_arrays(x, y, name="one neuron", dtype="float64")


def walked(batch_size, eta=2.0, epochs=60):
    """The network after, and θ on the way of, one training of one neuron."""
    start = Given([[[-2.0]]], [[3.0]])
    made = Network([1, 1], output="sigmoid", initializer=start, dtype="float64")
    path = []
    words = {"cost": "quadratic", "optimizer": "sgd", "eta": eta, "every": 1}
    for _ in train(made, one_neuron(), batch_size=batch_size, epochs=epochs, **words):
        path.append(made.parameters.theta.copy())
    return made, path


def surface(batch_size):
    """15, 17, 22: the cost over two parameters, and the way down it."""

    def made(data_dir):
        end, path = walked(batch_size, epochs=60 if batch_size > 1 else 6)
        data = one_neuron()
        return p.SurfaceDisplay.from_path(
            end, COSTS["quadratic"](), data.x, data.y, path
        )

    return made


def gradient_vector(data_dir):
    """16: the negative gradient as one vector; its largest components."""
    some = digits(data_dir).train.rows(np.arange(1_000))
    cost = COSTS["quadratic"]()
    return p.GradientTableDisplay.from_examples(fresh(data_dir), cost, some, 14)


def wishes(unit, layer):
    """18 to 20: bias, weights and activations that would raise one unit."""

    def made(data_dir):
        one, made, cost = example(data_dir), fresh(data_dir), COSTS["quadratic"]()
        return p.WishesDisplay.from_example(made, cost, one.x, one.y, unit, layer)

    return made


def table_of_wishes(data_dir):
    """21: what each example wants, and the mean: the negative gradient."""
    some = digits(data_dir).train.rows(np.arange(6))
    cost = COSTS["quadratic"]()
    return p.GradientTableDisplay.from_examples(fresh(data_dir), cost, some, 12)


FIGURES = {
    1: image_as_layer,
    2: brightest_output,
    3: hoped_for_edges,
    4: one_unit(1, 0),
    5: one_unit(1, 1),
    6: one_unit(2, 0),
    7: detector,
    8: detected,
    9: sigmoid,
    10: only_above_ten,
    11: whole_network,
    12: matrices,
    13: cost_of_one,
    14: down_the_slope,
    15: surface(21),
    16: gradient_vector,
    17: surface(7),
    18: wishes(2, 3),
    19: wishes(8, 3),
    20: wishes(0, 2),
    21: table_of_wishes,
    22: surface(1),
}
"""Number of the figure to what makes it."""


def main(arguments=None):
    """Write the figures asked for and say what they show."""
    words = argparse.ArgumentParser(description="The notes' figures, regenerated.")
    words.add_argument("figure", help="1 to 22, or all")
    words.add_argument("-o", "--output", help="a file, or with all a folder")
    there = os.environ.get("PELLUCID_DATA")
    words.add_argument("--data-dir", default=there, help="holds mnist/")
    asked = words.parse_args(arguments)
    if asked.figure == "all":
        folder = Path(asked.output or ".")
        folder.mkdir(parents=True, exist_ok=True)
        files = {number: folder / f"figure-{number:02}.png" for number in FIGURES}
    elif asked.figure.isdecimal() and int(asked.figure) in FIGURES:
        number = int(asked.figure)
        files = {number: Path(asked.output or f"figure-{number:02}.png")}
    else:
        words.error(f"the figure must be 1 to 22, or all; got {asked.figure!r}")
    for number, file in files.items():
        display = FIGURES[number](asked.data_dir)
        display.save(file)
        print(f"{file}: {display.alt}")


if __name__ == "__main__":
    main()
