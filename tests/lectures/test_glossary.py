"""The glossary says what the symbols are; their shapes are those of real arrays."""

import re
from pathlib import Path

import numpy as np

from pellucid import Network, load, trace
from pellucid.mathematics.costs import CrossEntropy, Quadratic

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text()
ROWS = re.findall(r"^\| (\S+) \| (\(.*?\)) \| (.*) \|$", PAGE, re.MULTILINE)
TABLE = {symbol: (shape, words) for symbol, shape, words in ROWS}
TEXT = " ".join(PAGE.split())


def test_S0_16_every_symbol_is_listed_with_its_shape():
    sizes, m = (64, 30, 20, 10), 7
    network = Network(sizes)
    part = load("digits").train.rows(np.arange(m))
    found = trace(network, CrossEntropy(), part.x, part.y)
    for l in (1, 2, 3):
        values = {
            "x": part.x, "y": found.y, "w[l]": network.w[l], "b[l]": network.b[l],
            "z[l]": found.z[l], "a[l]": found.a[l], "δ[l]": found.delta[l],
            "C": np.array(found.cost), "θ": network.parameters.theta,
            "η": np.array(0.1), "n": np.array(1258), "m": np.array(m),
        }  # fmt: skip
        assert values.keys() == TABLE.keys()
        lengths = {
            "m": m,
            "n_0": 64,
            "n_L": 10,
            "n_l": sizes[l],
            "n_{l-1}": sizes[l - 1],
            "P": network.parameters.theta.size,
        }
        for symbol, value in values.items():
            told = [t.strip() for t in TABLE[symbol][0].strip("()").split(",")]
            assert value.shape == tuple(lengths[t] for t in told if t), symbol


def test_S2_44_z_is_the_pre_activation_and_a_the_activation():
    assert "pre-activations" in TABLE["z[l]"][1]
    assert 'some texts call this "activation"' in TABLE["z[l]"][1]
    assert TABLE["a[l]"][1].startswith("activations, a = σ(z)")
    # It is so in what is traced.
    network = Network([3, 2], output="sigmoid", dtype="float64")
    x, y = np.ones((1, 3)), np.zeros((1, 2))
    found = trace(network, Quadratic(), x, y)
    assert np.array_equal(found.a[1], network.sigma[1](found.z[1]))


def test_S3_02_plain_network_means_multilayer_perceptron():
    assert "**Multilayer perceptron (MLP).** The plain network" in TEXT
    assert '"Plain neural network" and "feed-forward network" mean the same' in TEXT


def test_S2_02_the_neuron_and_the_perceptron_have_two_dates():
    assert re.search(r"1943: McCulloch and Pitts describe a neuron", TEXT)
    assert re.search(r"1957 to 1958: Rosenblatt's perceptron", TEXT)


def test_S3_24_the_history_says_whose_technology_it_is():
    assert "the multilayer perceptron is the technology of the 1980s and 90s" in TEXT
    assert "1986: Rumelhart, Hinton and Williams" in TEXT


def test_S4_15_nobody_needs_to_know_the_minimum():
    assert "**Minimum.** Nobody has to know where it is" in TEXT
