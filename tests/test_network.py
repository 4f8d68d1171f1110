"""Network: its sizes, its summary, its first weights, and itself as one formula."""

import math
import re

import numpy as np
import pytest

from pellucid import ACTIVATIONS, Given, InputError, Network, Parameters
from pellucid.mathematics import formula
from pellucid.mathematics.formula import VOCABULARY
from tolerances import FORMULA, distance

HIDDEN = [name for name, sigma in ACTIVATIONS.items() if not sigma.output_only]
HIDDEN += ["leaky_relu:0.25", "elu:1.5"]
OUTPUTS = [*HIDDEN, "softmax", "exponential"]


def test_summary_counts_what_the_lecture_counts():
    text = str(Network([784, 16, 16, 10], "sigmoid", "sigmoid"))
    assert "13,002 parameters = 12,960 weights + 42 biases" in text
    assert "2 hidden layers: a deep network" in text
    assert re.search(r"1 hidden +16 +sigmoid +16 x 784 = 12,544 +16\n", text)
    assert re.search(r"3 output +10 +sigmoid +10 x 16 = 160 +10\n", text)
    assert repr(Network([2, 1], output="leaky_relu:0.2")) == (
        "Network 2-1 (leaky_relu:slope=0.2), float32"
    )


@pytest.mark.parametrize(
    "sizes, words",
    [
        ([4, 2], "no hidden layer: a linear model"),
        ([4, 3, 2], "1 hidden layer: not deep"),
    ],
)
def test_summary_says_how_deep(sizes, words):
    assert words in str(Network(sizes))


@pytest.mark.parametrize(
    "sizes, words",
    [
        ([3], "a network needs at least an input and an output size"),
        ([], "a network needs at least an input and an output size"),
        (7, "sizes must be a sequence such as [784, 30, 10]; got 7"),
        ([3, 2.0], "every size must be a whole number; got 2.0"),
        ([3, True], "every size must be a whole number; got True"),
        ([3, "2"], "every size must be a whole number; got '2'"),
        ([3, 0], "every size must be 1 to 16,777,216 (limit UNITS); got 0"),
        ([3, -1], "every size must be 1 to 16,777,216 (limit UNITS); got -1"),
        ([3, 2**24 + 1], "(limit UNITS); got 16777217"),
        ([1] * 1001, "a network may have 1,000 layers (limit LAYERS); got 1,001"),
        (
            [50_000, 50_000],
            "(limit PARAMETERS); [50000, 50000] would have 2,500,050,000",
        ),
    ],
)
def test_sizes_that_make_no_network_are_told(sizes, words):
    with pytest.raises(InputError) as error:
        Network(sizes)
    assert words in str(error.value)


def test_windows_and_theta_are_one_memory():
    network = Network([3, 4, 2])
    assert [w.shape for w in network.w[1:]] == [(4, 3), (2, 4)]
    assert [b.shape for b in network.b[1:]] == [(4,), (2,)]
    assert network.w[0] is None and network.b[0] is None
    network.w[2][1, 3] = 7
    network.b[1][0] = 8
    assert network.parameters.theta.tolist().count(7) == 1
    assert network.parameters.theta[12] == 8
    assert network.parameters.theta.size == Parameters.count([3, 4, 2]) == 26


def test_copy_is_independent():
    network = Network([3, 4, 2])
    twin = network.copy()
    assert twin.weights_sha256() == network.weights_sha256()
    twin.w[1][:] = 0
    assert twin.weights_sha256() != network.weights_sha256()
    assert network.w[1].any()


@pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.float64])
def test_precision_is_kept(dtype):
    network = Network([3, 4, 2], dtype=dtype)
    name = np.dtype(dtype).name
    assert network.dtype == network.copy().dtype == name
    assert network(np.ones((5, 3), name)).dtype == name


def test_precision_that_is_not_there_is_told():
    with pytest.raises(
        InputError, match="dtype must be 'float32' or 'float64'; got 'fl"
    ):
        Network([3, 2], dtype="float16")


def test_same_seed_same_network_other_seed_another():
    hashes = [
        Network([5, 4], seed=seed).weights_sha256() for seed in (0, 0, 1, 2**32 - 1)
    ]
    assert hashes[0] == hashes[1] and len(set(hashes)) == 3


def test_fingerprint_is_of_the_bits_and_the_precision():
    network = Network([1, 1], initializer="zeros")
    known = "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc"
    assert network.weights_sha256() == known  # SHA-256 of eight bytes 0
    network.b[1][:] = -0.0
    assert network.weights_sha256() != known
    double = Network([1, 1], initializer="zeros", dtype="float64")
    assert double.weights_sha256() != known


def test_given_arrays_become_the_weights():
    w = (np.arange(6.0).reshape(2, 3), [[1, 2]])
    network = Network([3, 2, 1], initializer=Given(w, ([7, 8], [9])), dtype="float64")
    assert network.w[1].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert network.parameters.theta.tolist() == [0, 1, 2, 3, 4, 5, 7, 8, 1, 2, 9]


@pytest.mark.parametrize(
    "w, b, words",
    [
        ([np.ones((2, 3))], [np.ones(2)], "for each of the 2 layers; got 1 and 1."),
        ([np.ones((2, 3))] * 3, [np.ones(2)] * 3, "of the 2 layers; got 3 and 3."),
        ([[[1, 2, np.nan], [4, 5, 6]], np.ones((1, 2))], [np.ones(2), np.ones(1)],
         "w of layer 1 must be finite; got nan at row 0, column 2 (1 in all)."),
        ([np.ones((2, 3)), np.ones((1, 2))], [np.ones(2), [np.inf]],
         "b of layer 2 must be finite; got inf at row 0 (1 in all)."),
        ([[["a"] * 3] * 2, np.ones((1, 2))], [np.ones(2), np.ones(1)],
         "w of layer 1 must hold numbers; got dtype <U1."),
        ([np.ones((3, 2)), np.ones((1, 2))], [np.ones(2), np.ones(1)],
         "layer 1 must have w (2, 3) and b (2,); got (3, 2) and (2,). w is (outputs"),
        ([np.ones((2, 3)), np.ones((1, 2))], [np.ones(2), np.ones(2)],
         "layer 2 must have w (1, 2) and b (1,); got (1, 2) and (2,)"),
    ],
)  # fmt: skip
def test_given_arrays_that_do_not_fit_are_told(w, b, words):
    with pytest.raises(InputError) as error:
        Network([3, 2, 1], initializer=Given(tuple(w), tuple(b)))
    assert words in str(error.value)


@pytest.mark.parametrize(
    "words, told",
    [
        (
            {"hidden": "softmax"},
            "softmax is for the last layer only; got it in layer 1",
        ),
        ({"hidden": "ReLu6"}, "Did you mean 'relu'?"),
        ({"hidden": ["relu", "relu"]}, "one for each of the 1 hidden layers; got 2"),
        ({"output": "sofmax"}, "Did you mean 'softmax'?"),
        ({"initializer": "xavier"}, "initializer must be one of the known names"),
        ({"initializer": "golrot"}, "Did you mean 'glorot'?"),
        ({"seed": -1}, "seed must be a whole number and >= 0 and <= 4,294,967,295"),
        ({"seed": 0.5}, "seed must be a whole number"),
    ],
)
def test_words_that_make_no_network_are_told(words, told):
    with pytest.raises(InputError) as error:
        Network([3, 4, 2], **words)
    assert told in str(error.value)


def cases():
    """Networks with every activation, in hidden layers and at the output."""
    for number, hidden in enumerate(HIDDEN):
        yield Network([3, 4, 5, 2], hidden, "identity", seed=number, dtype="float64")
    for number, output in enumerate(OUTPUTS):
        yield Network([2, 3], output=output, seed=number, dtype="float64")
    yield Network([1] * 101, "tanh", "sigmoid", dtype="float64")
    yield Network([1] * 1000, "identity", "tanh", dtype="float64")
    yield Network([4998, 1], output="tanh", dtype="float64")
    yield Network([1, 1, 1666], "relu", "softmax", dtype="float32")


CASES = list(cases())


def inputs(network):
    """Three examples that reach both sides of every kink."""
    return np.random.RandomState(7).standard_normal((3, network.sizes[0])) * 2


def short(network):
    return f"{network.L} layers {network.sigma[1].name} {network.sigma[-1].name}"


@pytest.mark.parametrize("network", CASES, ids=short)
def test_python_formula_gives_what_the_network_gives(network):
    text = formula.python(network)
    x = inputs(network)
    for row, output in zip(x, network(x), strict=True):
        found = eval(text, {**VOCABULARY, "x": row.tolist()})
        assert distance(found, output) < FORMULA


REWRITES = [
    (r"\\begin\{aligned\}|\\end\{aligned\}| \\\\$|&", ""),
    (r" *\\, *", "*"),
    (r"([az])\^\{\((\d+)\)\}_\{(\d+)\}", r"\1[\2][\3]"),
    (r"([az])\^\{\((\d+)\)\}", r"\1[\2]"),
    (r"\\mathrm\{(\w+)\}_\{([\d.]+)\}\(", r"\1(\2, "),
    (r"\\mathrm\{(\w+)\}", r"\1"),
    (r"\]\\tanh", r"]*tanh"),
    (r"\\(sigma|tanh|ln|max|Phi)", r"\1"),
    (r"= \[(.*) > 0\]$", r"= float(\1 > 0)"),
]
WORDS = {
    **VOCABULARY,
    "sigma": VOCABULARY["sigmoid"],
    "ln": math.log,
    "Phi": lambda z: 0.5 * math.erfc(-z / math.sqrt(2)),
    "lrelu": lambda slope, z: VOCABULARY["leaky_relu"](z, slope),
    "elu": lambda alpha, z: VOCABULARY["elu"](z, alpha),
    "softmax": lambda z: dict(
        zip(z, VOCABULARY["softmax"](list(z.values())), strict=True)
    ),
}


def without_braces(text):
    """Braces are not seen in LaTeX, so they group nothing, except in an exponent."""
    done, open_ones = [], []
    for piece in re.split(r"(e\^\{|\{|\})", text):
        if piece in ("e^{", "{"):
            open_ones.append(piece)
            done.append("exp(" if piece == "e^{" else "")
        elif piece == "}":
            done.append(")" if open_ones.pop() == "e^{" else "")
        else:
            done.append(piece)
    return "".join(done)


def evaluated(text, x, L):
    """The last layer of a LaTeX formula, rewritten line by line into Python."""
    a = [dict(enumerate(x, start=1)), *({} for _ in range(L))]
    z = [{} for _ in a]
    for line in text.splitlines()[1:-1]:
        for pattern, new in REWRITES:
            line = re.sub(pattern, new, line)
        exec(without_braces(line), {"a": a, "z": z, **WORDS})
    return list(a[L].values())


NARROW = [network for network in CASES if network.sizes[0] < 1000]  # Python nests less


@pytest.mark.parametrize("network", NARROW, ids=short)
def test_latex_formula_gives_what_the_network_gives(network):
    text = formula.latex(network)
    x = inputs(network)
    for row, output in zip(x, network(x), strict=True):
        assert distance(evaluated(text, row, network.L), output) < FORMULA


@pytest.mark.parametrize("write", [formula.python, formula.latex])
def test_network_too_large_for_a_formula_is_told(write):
    with pytest.raises(InputError) as error:
        write(Network([784, 16, 16, 10]))
    assert "at most 5,000 parameters (limit FORMULA_PARAMETERS)" in str(error.value)
    assert "this network has 13,002" in str(error.value)
