"""S1: what one neuron does, what its activation is for, and a network by hand."""

import json
import math

import numpy as np
import pytest

from pellucid import (
    ACTIVATIONS,
    Dataset,
    Given,
    Network,
    Parameters,
    feedforward,
    load,
    relu,
    save_network,
    trace,
    train,
)
from pellucid.cli import main
from pellucid.mathematics.costs import CrossEntropy
from pellucid.mathematics.formula import VOCABULARY, python
from tolerances import CLOSED, DIFFERENCE, FORMULA, distance

XOR = Dataset.from_arrays(
    [[0, 0], [0, 1], [1, 0], [1, 1]], [[0.0], [1.0], [1.0], [0.0]], dtype="float64"
)


def alone(network, l, j):
    """Neuron j of layer l as a network of its own: the layer before is its input."""
    w, b = network.w[l][j : j + 1], network.b[l][j : j + 1]
    sizes = [network.sizes[l - 1], 1]
    rule = Given((w,), (b,))
    return Network(sizes, output=network.sigma[l], initializer=rule, dtype="float64")


def test_S1_07_a_neuron_as_a_function_and_as_a_box_is_one_number(tmp_path, capsys):
    # A neuron is a function, or a box that holds its activation.
    data = load("digits", dtype="float64")
    network = Network([64, 5, 10], "sigmoid", dtype="float64", seed=1)
    example = data.validation.rows([3])
    box = trace(network, CrossEntropy(), example.x, example.y).a[1][0]

    save_network(tmp_path / "model", network, {"name": "digits"})
    with pytest.raises(SystemExit) as left:
        main(["trace", str(tmp_path / "model"), "--row", "3", "--json"])
    assert left.value.code == 0
    screen = json.loads(capsys.readouterr().out.splitlines()[-1])["a"][1]

    for j in range(5):
        neuron = alone(network, 1, j)
        words = {**VOCABULARY, "x": example.x[0].tolist()}
        assert distance(neuron(example.x), box[j]) < CLOSED
        assert distance(eval(python(neuron), words), box[j]) < FORMULA
        assert distance(screen[j], box[j]) < CLOSED


def test_S1_09_z_and_a_are_two_numbers_and_a_is_f_of_z():
    # The lecture calls the output z. Here z goes into f and a comes out.
    network = Network([3, 4, 2], "tanh", "sigmoid", seed=2, dtype="float64")
    random = np.random.RandomState(0)
    network.b[1][:], network.b[2][:] = random.randn(4), random.randn(2)
    x = random.randn(5, 3)
    z, a = feedforward(network, x)
    for l, f in ((1, math.tanh), (2, lambda v: 1 / (1 + math.exp(-v)))):
        for i in range(5):
            for j in range(network.sizes[l]):
                total = network.b[l][j]
                for k in range(network.sizes[l - 1]):
                    total += a[l - 1][i, k] * network.w[l][j, k]
                assert distance(z[l][i, j], total) < CLOSED
                assert distance(a[l][i, j], f(total)) < CLOSED
        assert distance(z[l], a[l]) > 0.01  # they are not one and the same

    # The bias does not correct importance: it moves the place where f has its middle.
    neuron = alone(network, 2, 0)
    w, b = neuron.w[1][0], neuron.b[1][0]
    threshold = -b * w / (w @ w)
    assert distance(neuron(threshold[None]), 0.5) < CLOSED


def solve(hidden):
    """A 2-4-4-1 network after L-BFGS has made XOR's quadratic cost small."""
    network = Network([2, 4, 4, 1], hidden, "identity", seed=1, dtype="float64")
    reports = list(train(network, XOR, optimizer="lbfgs:tolerance=1e-14", epochs=300))
    return network, reports[-1].cost


def test_S1_10_without_nonlinearity_depth_is_one_matrix_and_xor_unsolved():
    # The activation contains the values and makes the network nonlinear.
    deep = Network([6, 5, 4, 3], "identity", "identity", seed=3, dtype="float64")
    random = np.random.RandomState(0)
    for b in deep.b[1:]:
        b[:] = random.randn(len(b))
    matrix = deep.w[3] @ deep.w[2] @ deep.w[1]
    shift = deep.w[3] @ (deep.w[2] @ deep.b[1] + deep.b[2]) + deep.b[3]
    x = random.randn(100, 6)
    assert distance(deep(x), x @ matrix.T + shift) < FORMULA

    # A plane through XOR can do no better than 0.5 everywhere: the least squares.
    plane = np.c_[XOR.x, np.ones(4)]
    best, *_ = np.linalg.lstsq(plane, XOR.y, rcond=None)
    line, cost = solve("identity")
    assert distance(line(XOR.x), plane @ best) < DIFFERENCE
    assert distance(cost, 0.5 * ((plane @ best - XOR.y) ** 2).mean()) < DIFFERENCE
    bent, cost = solve("tanh")
    assert ((bent(XOR.x) > 0.5) == (XOR.y > 0.5)).all()
    assert cost < DIFFERENCE

    # Containment: sigmoid and tanh have it, ReLU has not.
    far = np.array([-1e3, 1e3])
    for name in ("sigmoid", "tanh"):
        low, high = ACTIVATIONS[name].range
        assert low <= ACTIVATIONS[name]()(far).min() < ACTIVATIONS[name]()(far).max()
        assert ACTIVATIONS[name]()(far).max() <= high < math.inf
    assert relu.range[1] == math.inf
    assert relu(far).max() == far.max()


def test_S1_11_sigmoid_tanh_and_relu_with_their_derivatives():
    # Of the three activations the lecture writes out only the sigmoid.
    formulas = {
        "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
        "tanh": lambda v: (math.exp(v) - math.exp(-v)) / (math.exp(v) + math.exp(-v)),
        "relu": lambda v: max(0.0, v),
    }
    z, h = np.linspace(-6, 6, 100), 1e-6  # an even number: none of them is 0
    for name, formula in formulas.items():
        sigma = ACTIVATIONS[name]()
        assert distance(sigma(z), [formula(v) for v in z]) < CLOSED
        slope = [(formula(v + h) - formula(v - h)) / (2 * h) for v in z]
        assert distance(sigma.prime(z), slope) < DIFFERENCE
    assert relu.prime(np.zeros(1))[0] == 0.0  # the kink: by agreement


def test_S1_16_a_2_4_1_network_by_hand_needs_its_activation():
    # a_j = Σ_k a_k w_jk + b_j as printed has no activation in it.
    w1 = [[0.5, -1.0], [1.5, 2.0], [-0.25, 0.75], [1.0, 1.0]]
    w2, b1, b2 = [[1.0, -2.0, 0.5, 3.0]], [0.1, -0.2, 0.3, -0.4], [0.25]
    given = Given((np.array(w1), np.array(w2)), (np.array(b1), np.array(b2)))
    x = [0.8, 0.3]

    def by_hand(f):
        hidden = [
            f(x[0] * w1[j][0] + x[1] * w1[j][1] + b1[j])  # w_jk: to j from k
            for j in range(4)
        ]
        return f(sum(hidden[k] * w2[0][k] for k in range(4)) + b2[0])

    def network(f):
        return Network([2, 4, 1], f, f, initializer=given, dtype="float64")

    def sigmoid(v):
        return 1 / (1 + math.exp(-v))

    got = network("sigmoid")(np.array([x]))
    printed = by_hand(lambda v: v)
    assert distance(got, by_hand(sigmoid)) < CLOSED
    assert distance(network("identity")(np.array([x])), printed) < CLOSED
    assert distance(got, printed) > 0.1

    weights, biases = 2 * 4 + 4 * 1, 4 + 1
    assert Parameters.count([2, 4, 1]) == weights + biases
    assert network("sigmoid").parameters.theta.size == weights + biases
    assert "17 parameters = 12 weights + 5 biases" in str(network("sigmoid"))
