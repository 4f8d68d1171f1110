"""S4, figures 1 to 12: layers, a detector set by hand, bias, counting, matrices."""

import json
import math

import numpy as np
import pytest

from pellucid import (
    Given,
    InputError,
    Network,
    Parameters,
    load,
    settings,
    sigmoid,
    step,
    train,
)
from pellucid.cli import main
from pellucid.evaluation import evaluate
from pellucid.mathematics.costs import CrossEntropy
from tolerances import CLOSED, distance


def typed(capsys, *words):
    """What the command line prints after these words."""
    with pytest.raises(SystemExit) as end:
        main(list(map(str, words)))
    printed = capsys.readouterr()
    assert end.value.code == 0, printed.err
    return printed.out


def unit(w, b, output="identity"):
    """A network of one neuron with these weights and this bias."""
    given = Given((np.reshape(w, (1, -1)),), (np.array([b]),))
    return Network([np.size(w), 1], output=output, initializer=given, dtype="float64")


def test_S4_02_image_is_a_layer_and_the_brightest_output_the_answer(tmp_path, capsys):
    # Figures 1 and 2, in the terminal.
    typed(capsys, "train", "--epochs", 5, "--runs", tmp_path)
    validation = load("digits").validation
    for row in (0, 1, 2):
        words = ("trace", "--runs", tmp_path, "--row", row, "--json")
        *view, last = typed(capsys, *words).splitlines()
        brightness, *_, outputs = json.loads(last)["a"]
        assert 0 == min(brightness) < max(brightness) == 1
        assert brightness == validation.x[row].tolist()
        # The picture: the more ink, the stronger the mark.
        cells = [
            line.ljust(16)[k : k + 2] for line in view[2:10] for k in range(0, 16, 2)
        ]
        levels = {"  ": 0, "+ ": 1, "++": 2}
        order = np.argsort(brightness, kind="stable")
        drawn = np.array([levels[cell] for cell in cells])
        assert (np.diff(drawn[order]) >= 0).all() and set(drawn) == {0, 1, 2}
        (start,) = [i for i, line in enumerate(view) if "(output)" in line]
        lights = [float(line.split()[2]) for line in view[start + 2 : start + 12]]
        assert lights == [float(f"{a:.6g}") for a in outputs]
        truth = validation.labels[row]
        assert view[1] == f"answer {np.argmax(lights)}, true class {truth}"


def test_S4_04_number_of_layers_and_neurons_is_free():
    # "for no other reason than that it looks nice": so try them.
    data = load("digits")
    found = {}
    for width in (1, 3, 10, 30, 100, 300, 1000):
        network = Network([64, width, 10])
        *_, last = train(network, data, epochs=30, monitor="train")
        accuracy = evaluate(network, data.test, CrossEntropy()).accuracy
        count = network.parameters.theta.size
        found[width] = (last.accuracy, accuracy, count, last.seconds)
    trained, tested, count, seconds = np.array(list(found.values())).T
    assert count.tolist() == [75 * width + 10 for width in found]
    # Bands of 10 seeds: one neuron has 18 to 24%, a hundred or more 96 to 98%.
    assert trained[0] < 0.3 and tested[0] < 0.3
    assert (tested[4:] > 0.95).all() and (trained[4:] > 0.99).all()
    assert (np.diff(trained) > -0.01).all()
    assert seconds[-1] > seconds[2]
    for layers in range(5):
        network = Network([64, *[32] * layers, 10])
        *_, last = train(network, data, epochs=30, monitor="train")
        assert last.accuracy > 0.92  # of 10 seeds the least is 93.3%, without any


def bumps(f, pieces):
    """A network set by hand to follow f on [0, 1]: two steep sigmoids a bump.

    Bump i is f at the middle of its piece: a step up at its left edge and the same
    step down at its right edge.
    """
    edges = np.linspace(0, 1, pieces + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    edges[0], edges[-1] = -1, 2  # so that f is followed up to both ends
    steep = np.full((2 * pieces, 1), 40.0 * pieces)
    up_and_down = np.stack([edges[:-1], edges[1:]], 1).ravel()
    heights = np.stack([f(middles), -f(middles)], 1).reshape(1, -1)
    given = Given((steep, heights), (-steep[:, 0] * up_and_down, np.zeros(1)))
    sizes = [1, 2 * pieces, 1]
    return Network(sizes, "sigmoid", "identity", initializer=given, dtype="float64")


def test_S4_04_enough_neurons_follow_any_curve():
    def f(x):
        return 0.5 + 0.3 * np.sin(9 * x) * x

    x = np.linspace(0, 1, 5001)[:, None]
    steepest = np.abs(np.diff(f(x[:, 0])) / np.diff(x[:, 0])).max()
    for pieces in (5, 10, 20, 40, 80, 160):
        worst = np.abs(bumps(f, pieces)(x) - f(x)).max()
        # Each value is a mix of f at neighbouring middles, a piece apart at most.
        assert worst < steepest / pieces


def bar(top, left, height, width):
    """A bright bar on a dark 28×28 image, as (784,)."""
    image = np.zeros((28, 28))
    image[top : top + height, left : left + width] = 1.0
    return image.ravel()


def test_S4_06_detector_of_a_line_set_by_hand():
    # Figures 7 and 8: + in a box, - around it, 0 elsewhere.
    box, frame = bar(10, 9, 2, 10), bar(9, 8, 4, 12)
    w = box - 0.5 * (frame - box)
    detector = unit(w, 0.0)
    images = {
        "in the box": box,
        "all white": np.ones(784),
        "along the border": bar(9, 9, 2, 10),
        "across the border": bar(0, 13, 28, 2),
        "elsewhere": bar(20, 9, 2, 10),
    }
    z = dict(zip(images, detector(np.stack(list(images.values())))[:, 0], strict=True))
    # By counting pixels: 20 in the box, 28 around it.
    assert z["in the box"] == 20
    assert z["all white"] == 20 - 28 / 2
    assert z["along the border"] == 10 - 10 / 2
    assert z["across the border"] == 4 - 4 / 2
    assert z["elsewhere"] == 0
    crossing = max(z["along the border"], z["across the border"])
    assert z["in the box"] > z["all white"] > crossing > z["elsewhere"]


def test_S4_08_activation_says_how_positive_the_sum_is():
    z = np.linspace(-1000, 1000, 20_001)
    assert (np.diff(sigmoid(z)) >= 0).all()
    near = np.linspace(-15, 15, 30_001)
    assert (np.diff(sigmoid(near)) > 0).all()
    assert ((sigmoid(near) > 0.5) == (near > 0)).all()
    assert ((sigmoid(near) > 0) & (sigmoid(near) < 1)).all()
    # So of two images the one with the larger sum has the larger activation.
    random = np.random.RandomState(0)
    w, x = random.standard_normal(8), random.rand(200, 8)
    order = np.argsort(x @ w)
    assert (np.diff(unit(w, 0.3, "sigmoid")(x)[order, 0]) > 0).all()


def test_S4_09_bias_of_minus_ten_means_only_above_ten():
    random = np.random.RandomState(1)
    w, x = random.rand(30), random.rand(1000, 30) * 1.4
    sums = np.array([sum(w[k] * row[k] for k in range(30)) for row in x])
    assert 100 < (sums > 10).sum() < 900
    a = unit(w, -10.0, "sigmoid")(x)[:, 0]
    assert distance(a, [1 / (1 + math.exp(-(s - 10))) for s in sums]) < CLOSED
    assert ((a > 0.5) == (sums > 10)).all()
    assert (unit(w, -10.0, "step")(x)[:, 0] == (sums > 10)).all()
    # "Subtracting the bias": a bias that is subtracted has the other sign.
    assert distance(sigmoid(sums - 10), a) < CLOSED
    assert distance(unit(w, 10.0, "sigmoid")(x)[:, 0], a) > CLOSED
    assert step(np.array([10.0 - 10])) == 0


def test_S4_10_figure_11_has_13002_values():
    sizes = [784, *settings("3b1b")["layers"], 10]
    assert sizes == [784, 16, 16, 10]
    weights, biases = 784 * 16 + 16 * 16 + 16 * 10, 16 + 16 + 10
    assert Parameters.count(sizes) == weights + biases == 13_002
    network = Network(sizes, "sigmoid", "sigmoid")
    assert network.parameters.theta.size == 13_002
    sentence = (
        f"{weights + biases:,} parameters = {weights:,} weights + {biases} biases"
    )
    assert sentence in str(network)


def test_S4_11_vectors_and_matrices_of_figure_12():
    sizes = (6, 5, 4, 3)
    network = Network(
        sizes, "sigmoid", "sigmoid", initializer="nielsen", dtype="float64"
    )
    x = np.random.RandomState(2).rand(6)
    a = x
    for l in (1, 2, 3):
        rows, columns = sizes[l], sizes[l - 1]
        assert network.w[l].shape == (rows, columns) and a.shape == (columns,)
        # A bias for each row, not for each column as the notes print.
        assert network.b[l].shape == (rows,)
        with pytest.raises(ValueError, match="broadcast"):
            network.w[l] @ a + np.zeros(columns)
        a = sigmoid(network.w[l] @ a + network.b[l])
    assert distance(network(x[None])[0], a) < CLOSED
    wrong = Given((network.w[1],), (np.zeros(6),))
    with pytest.raises(InputError, match=r"layer 1 must have w \(5, 6\) and b \(5,\)"):
        Network([6, 5], initializer=wrong)
