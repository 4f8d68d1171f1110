"""S2: layers, shapes, what is kept on the way forward, and classes as numbers."""

import numpy as np
import pytest
from sklearn.preprocessing import LabelBinarizer

from command_line import typed
from pellucid import (
    COSTS,
    Dataset,
    Given,
    InputError,
    Network,
    Parameters,
    feedforward,
    load,
    trace,
    train,
)
from pellucid.data import from_one_hot, one_hot
from tolerances import CLOSED, DIFFERENCE, distance

BINARY, CROSS_ENTROPY = COSTS["binary_cross_entropy"](), COSTS["cross_entropy"]()
SIZES = [5, 4, 6, 3]


def with_biases(network, seed=0):
    """The network with random biases, so that none of them is missed."""
    random = np.random.RandomState(seed)
    for b in network.b[1:]:
        b[:] = random.randn(len(b))
    return network


def test_S2_03_the_summary_says_whether_a_network_is_deep():
    # More than one hidden layer makes a network deep.
    said = {
        hidden: str(Network([784, *[16] * hidden, 10])).splitlines()[-1]
        for hidden in range(4)
    }
    assert "no hidden layer: a linear model" in said[0]
    assert "1 hidden layer: not deep" in said[1]
    for hidden in (2, 3):
        assert f"{hidden} hidden layers: a deep network" in said[hidden]


def test_S2_12_arrows_of_a_sigmoid_network_carry_reals_not_0_and_1():
    # Each node a perceptron, each arrow 0 or 1: so it is for step units only.
    data = load("digits", dtype="float64").validation
    given = with_biases(Network([64, 16, 10], "sigmoid", dtype="float64"))
    a = trace(given, CROSS_ENTROPY, data.x, data.y).a[1]
    assert ((a > 0) & (a < 1)).all()
    assert len(np.unique(a)) == a.size

    words = {"initializer": Given(given.w[1:], given.b[1:]), "dtype": "float64"}
    perceptrons = Network([64, 16, 10], "step", "step", **words)
    z, arrows = feedforward(perceptrons, data.x)
    for l in (1, 2):
        assert set(np.unique(arrows[l])) == {0.0, 1.0}
        assert (arrows[l] == (z[l] > 0)).all()


def test_S2_13_every_unit_is_joined_to_each_of_the_layer_before_and_no_other():
    # Fully connected, no connection within a layer: Σ m_l (m_(l-1) + 1) parameters.
    network = with_biases(Network(SIZES, "tanh", "identity", dtype="float64"))
    total = 0
    for l in range(1, len(SIZES)):
        total += SIZES[l] * (SIZES[l - 1] + 1)
    assert network.parameters.theta.size == Parameters.count(SIZES) == total
    assert sum(v.size for v in (*network.w[1:], *network.b[1:])) == total

    x = np.random.RandomState(1).randn(1, 5)
    z, a = feedforward(network, x)
    for l in range(1, 4):
        for j in range(SIZES[l]):  # what a unit alone does: none of its layer moves
            other = network.copy()
            other.b[l][j] += 0.5
            moved = feedforward(other, x)[0]
            assert np.flatnonzero(moved[l][0] != z[l][0]).tolist() == [j]
            assert all((moved[m] == z[m]).all() for m in range(1, l))
            assert all((moved[m] != z[m]).all() for m in range(l + 1, 4))
        for k in range(SIZES[l - 1]):  # and each unit hears each of the layer before
            changed = a[l - 1].copy()
            changed[0, k] += 0.5
            heard = changed @ network.w[l].T + network.b[l]
            assert (heard != z[l]).all()
            assert distance(heard - z[l], 0.5 * network.w[l][:, k][None]) < CLOSED


def test_S2_16_one_hot_there_and_back_for_numbers_and_texts():
    # One-hot encoding.
    random = np.random.RandomState(2)
    for classes in (list(range(10)), [3, 7, 20], ["ape", "bee", "cat"]):
        labels = np.array(classes)[random.randint(len(classes), size=50)]
        y = one_hot(labels, classes)
        assert y.shape == (50, len(classes))
        assert (y == LabelBinarizer().fit(classes).transform(labels)).all()
        assert (from_one_hot(y, classes) == labels).all()
        data = Dataset.from_arrays(random.rand(50, 2), labels)
        assert (np.array(data.classes)[data.labels] == labels.astype(str)).all()
    for unknown, classes in ((4, [3, 7, 20]), ("dog", ["ape", "bee", "cat"])):
        with pytest.raises(
            InputError, match=f"must be among the classes; got '{unknown}"
        ):
            one_hot([unknown], classes)
        with pytest.raises(
            InputError, match=f"must be among the classes; got '{unknown}"
        ):
            Dataset.from_arrays([[1.0]], [unknown], classes=classes)


def test_S2_45_every_layer_has_an_activation_of_its_own():
    # Other activations in the middle, the sigmoid at the output.
    network = Network(SIZES, ["tanh", "relu"], "sigmoid", seed=3, dtype="float64")
    with_biases(network)
    random = np.random.RandomState(3)
    x, y = random.randn(20, 5), random.randint(2, size=(20, 3)).astype(float)
    formulas = [
        None,
        np.tanh,
        lambda z: np.maximum(z, 0),
        lambda z: 1 / (1 + np.exp(-z)),
    ]
    z, a = feedforward(network, x)
    for l in (1, 2, 3):
        assert distance(a[l], formulas[l](z[l])) < CLOSED
    assert [sigma.name for sigma in network.sigma[1:]] == ["tanh", "relu", "sigmoid"]
    with pytest.raises(InputError, match="one for each of the 2 hidden layers"):
        Network(SIZES, ["tanh"], "sigmoid")

    # And each is learned through with its own slope.
    found, h, slopes = trace(network, BINARY, x, y), 1e-6, []
    theta = network.parameters.theta
    for i in range(theta.size):
        up, down = (network.copy() for _ in range(2))
        up.parameters.theta[i] += h
        down.parameters.theta[i] -= h
        rise = trace(up, BINARY, x, y).cost - trace(down, BINARY, x, y).cost
        slopes.append(rise / (2 * h))
    assert distance(found.nabla.theta, slopes) < DIFFERENCE
    data = Dataset.from_arrays(x, y, dtype="float64")
    costs = [report.cost for report in train(network, data, batch_size=5, epochs=20)]
    assert costs[-1] < costs[1]


def test_S2_46_the_weights_of_layer_l_are_m_l_times_m_before_plus_1():
    # W[l] is m[l] × (m[l-1] + 1), for l = 1 ... L: printed from w[0] on, and m[0] is
    # the number of inputs, once with and once without the 1.
    m = SIZES
    network = with_biases(Network(m, dtype="float64"))
    assert network.L == 3
    assert network.w[0] is network.b[0] is None
    assert len(network.w) == len(network.b) == network.L + 1
    x = np.random.RandomState(4).randn(7, m[0])
    z, a = feedforward(network, x)
    for l in range(1, network.L + 1):
        assert network.w[l].shape == (m[l], m[l - 1])
        assert network.b[l].shape == (m[l],)
        W = np.c_[network.b[l], network.w[l]]
        assert W.shape == (m[l], m[l - 1] + 1)
        assert distance(np.c_[np.ones(7), a[l - 1]] @ W.T, z[l]) < CLOSED


def test_S2_48_the_forward_pass_keeps_z_1_to_L_and_a_0_to_L():
    # Forward with cached Z.
    network = with_biases(Network(SIZES, "sigmoid", "sigmoid", dtype="float64"))
    x = np.random.RandomState(5).randn(7, 5)
    z, a = feedforward(network, x)
    found = trace(network, BINARY, x, np.zeros((7, 3)))
    assert len(z) == len(a) == network.L + 1
    assert z[0] is None and a[0] is x
    want = x
    for l in range(1, network.L + 1):
        total = want @ network.w[l].T + network.b[l]
        want = 1 / (1 + np.exp(-total))
        assert z[l].shape == a[l].shape == (7, SIZES[l])
        assert distance(z[l], total) < CLOSED and distance(a[l], want) < CLOSED
        assert (found.z[l] == z[l]).all() and (found.a[l] == a[l]).all()
    assert (network(x) == a[network.L]).all()


def test_S2_25_architectures_are_compared_over_several_seeds(tmp_path, capsys):
    # "Try other architectures", such as 2 + 3 + 2 hidden units.
    words = ("--vary", "layers=3x3,2x3x2,10,30", "--seeds", 4, "--epochs", 15)
    said = typed(capsys, "sweep", *words, "--to", tmp_path / "compared", "--json")
    assert said.status == 0, said
    groups = {str(g["values"]["layers"]): g for g in said.json["groups"]}
    assert list(groups) == ["[3, 3]", "[2, 3, 2]", "[10]", "[30]"]
    assert all(len(group["figures"]) == 4 for group in groups.values())
    assert groups["[2, 3, 2]"]["parameters"] == 65 * 2 + 3 * 3 + 4 * 2 + 3 * 10
    assert groups["[2, 3, 2]"]["mean"] < groups["[10]"]["mean"]
    assert groups["[3, 3]"]["mean"] < groups["[30]"]["mean"]
    assert said.json["best"]["layers"] in ([10], [30])
    assert (tmp_path / "compared.png").exists()
