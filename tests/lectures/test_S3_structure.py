"""S3, first part: what a network is made of, in numbers, in matrices and on screen."""

import json
import math

import numpy as np
import pytest

from pellucid import (
    Given,
    InputError,
    Network,
    load,
    load_network,
    relu,
    settings,
    sigmoid,
    trace,
)
from pellucid.cli import main
from pellucid.data import DATASETS
from pellucid.mathematics.costs import CrossEntropy, Quadratic
from pellucid.mathematics.formula import VOCABULARY
from tolerances import CLOSED, FORMULA, distance


def typed(capsys, *words):
    """What the command line prints after these words."""
    with pytest.raises(SystemExit) as end:
        main(list(map(str, words)))
    printed = capsys.readouterr()
    assert end.value.code == 0, printed.err
    return printed.out


@pytest.fixture
def trained(tmp_path, capsys):
    """A small network for the embedded digits, trained by a command: its folder."""
    words = ("train", "--layers", "8", "--epochs", "5", "--dtype", "float64")
    out = typed(capsys, *words, "--runs", tmp_path, "--json")
    return json.loads(out.splitlines()[-1])["run"]


def look_inside(trained, row):
    """The network of a run and its trace for one validation example."""
    network, _ = load_network(f"{trained}/model.safetensors")
    example = load("digits", dtype="float64").validation.rows([row])
    return network, trace(network, CrossEntropy(), example.x, example.y)


def test_S3_03_every_neuron_holds_a_number(trained, capsys):
    # "neuron: a thing that holds a number"; a pixel is one, and so is each answer.
    _, inside = look_inside(trained, row=3)
    words = ("trace", trained, "--row", 3, "--all", "--json")
    *view, last = typed(capsys, *words).splitlines()
    told = json.loads(last)
    assert told["a"] == [layer[0].tolist() for layer in inside.a]
    assert len(told["a"][0]) == 64 and min(told["a"][0]) >= 0 <= max(told["a"][0]) <= 1
    for l, title in enumerate(("layer 1, 8 units", "layer 2 (output), 10 units"), 1):
        (start,) = [i for i, line in enumerate(view) if line.startswith(title)]
        for unit, a in enumerate(inside.a[l][0]):
            row = view[start + 2 + unit].split()
            assert row[0] == str(unit)
            assert row[2] == f"{a:.6g}"


def test_S3_05_activation_is_the_sigmoid_of_the_weighted_sum():
    random = np.random.RandomState(0)
    w, a = random.standard_normal((4, 7)), random.rand(7)
    given = Given((w,), (np.zeros(4),))
    network = Network([7, 4], output="sigmoid", initializer=given, dtype="float64")
    by_hand = [
        1 / (1 + math.exp(-sum(w[j, k] * a[k] for k in range(7)))) for j in range(4)
    ]
    assert distance(network(a[None])[0], by_hand) < CLOSED
    assert sigmoid(np.zeros(1)) == 0.5
    # Warnings are errors here, so an overflow would be seen.
    assert sigmoid(np.array([-1000.0, 1000.0])).tolist() == [0.0, 1.0]


def test_S3_08_matrix_form_needs_one_bias_a_row():
    random = np.random.RandomState(1)
    w, a = random.standard_normal((3, 5)), random.rand(5)
    words = {"output": "sigmoid", "dtype": "float64"}
    # The notes print as many biases as there are inputs, n.
    printed = random.standard_normal(5)
    with pytest.raises(ValueError, match="broadcast"):
        w @ a + printed
    with pytest.raises(InputError, match=r"b \(3,\)"):
        Network([5, 3], initializer=Given((w,), (printed,)), **words)
    b = random.standard_normal(3)
    network = Network([5, 3], initializer=Given((w,), (b,)), **words)
    assert network.w[1].shape == (3, 5) and network.b[1].shape == (3,)
    assert distance(network(a[None])[0], sigmoid(w @ a + b)) < CLOSED


def test_S3_09_matrix_form_equals_the_sums_of_each_neuron():
    # The notes leave the "=" out of a¹ = σ(W a⁰ + b).
    sizes = (6, 5, 4, 3)
    network = Network(
        sizes, "sigmoid", "sigmoid", initializer="nielsen", dtype="float64"
    )
    x = np.random.RandomState(2).rand(6)
    a = x.tolist()
    for w, b in zip(network.w[1:], network.b[1:], strict=True):
        a = [
            1 / (1 + math.exp(-sum(w[j, k] * a[k] for k in range(len(a))) - b[j]))
            for j in range(len(b))
        ]
    assert distance(network(x[None])[0], a) < CLOSED


def test_S3_10_the_very_line_of_the_notes_runs_on_our_arrays():
    line = "a = sigmoid(np.dot(w, a) + b)"
    network = Network([784, 16, 16, 10], "sigmoid", "sigmoid", dtype="float64")
    x = np.random.RandomState(3).rand(784)
    names = {"np": np, "sigmoid": sigmoid, "a": x}
    for w, b in zip(network.w[1:], network.b[1:], strict=True):
        names.update(w=w, b=b)
        exec(line, names)
    assert names["a"].shape == (10,)
    assert distance(network(x[None])[0], names["a"]) < CLOSED


def test_S3_11_neuron_as_a_box_and_as_a_function(trained, capsys):
    # "more accurate to think of each neuron as a function"; both give one number.
    network, inside = look_inside(trained, row=7)
    box_on_screen = json.loads(
        typed(capsys, "trace", trained, "--row", 7, "--json").splitlines()[-1]
    )["a"]
    for l in (1, 2):
        for j, box in enumerate(inside.a[l][0]):
            assert box_on_screen[l][j] == box
            function = Network(
                [len(inside.a[l - 1][0]), 1],
                output="identity",
                initializer=Given(
                    (network.w[l][j : j + 1],), (network.b[l][j : j + 1],)
                ),
                dtype="float64",
            )
            z = function(inside.a[l - 1])
            assert distance(z, inside.z[l][:, j]) < CLOSED
            if l == 1:
                assert distance(network.sigma[l](z), box) < CLOSED
    text = typed(capsys, "inspect", trained, "--formula", "python")
    function_on_screen = eval(text, {**VOCABULARY, "x": inside.a[0][0].tolist()})
    assert distance(function_on_screen, box_on_screen[2]) < FORMULA


def test_S3_12_relu_is_the_default_and_sigmoid_is_there():
    network = Network([784, 16, 16, 10])
    assert [s.name for s in network.sigma[1:]] == ["relu", "relu", "softmax"]
    assert settings()["hidden"] == "relu"
    z = np.random.RandomState(4).standard_normal(1000)
    assert relu(z).tolist() == [max(0.0, v) for v in z]
    assert Network([784, 16, 10], "sigmoid").sigma[1].name == "sigmoid"
    # "Hardly used" is about hidden layers: as an output it is at home to this day.
    chances = Network([4, 8, 2], output="sigmoid")(np.ones((1, 4), "float32"))
    assert ((chances > 0) & (chances < 1)).all()


def test_S3_13_misread_name_of_the_data_is_put_right():
    # The notes read "UNIST" off the screen.
    with pytest.raises(InputError, match="Did you mean 'mnist'"):
        load("UNIST")
    height, width = DATASETS["mnist"].shape
    assert (height, width) == (28, 28)
    assert Network([height * width, 10]).sizes[0] == 784


def test_S3_17_summary_counts_13002_parameters():
    network = Network([784, 16, 16, 10], "sigmoid", "sigmoid")
    assert "13,002 parameters = 12,960 weights + 42 biases" in str(network)
    assert sum(w.size for w in network.w[1:]) == 12_960
    assert sum(b.size for b in network.b[1:]) == 42
    # The network turns 784 numbers into 10, its cost 13,002 numbers into one.
    x, y = np.zeros((5, 784), "float32"), np.eye(10, dtype="float32")[:5]
    inside = trace(network, Quadratic(), x, y)
    assert inside.a[-1].shape == (5, 10)
    assert network.parameters.theta.shape == (13_002,)
    assert isinstance(inside.cost, float)
