"""A quiz on networks, drawn by a seed: questions with numbers, answers, and why.

For the end of a lecture, or for oneself. Each kind of question is a function of chance;
its answer is computed by the library that the question is about, so that it is right
for whatever numbers were drawn. The same seed gives the same quiz everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log

import numpy as np

from ._arrays import Array, check_number, choose
from ._random import stream
from .mathematics.activations import ACTIVATIONS
from .mathematics.backprop import feedforward, trace
from .mathematics.costs import COSTS
from .mathematics.network import Network, Parameters

Lot = np.random.RandomState


@dataclass(frozen=True)
class Question:
    """A question and what is right.

    Attributes:
        topic: its kind, of QUESTIONS.
        text: what is asked, with its numbers.
        answer: what is right, numbers with three decimals.
        why: how one gets there.
    """

    topic: str
    text: str
    answer: str
    why: str


def quiz(
    seed: int = 0, questions: int = 8, topics: list[str] | None = None
) -> list[Question]:
    """Questions drawn by lot, no kind twice before each was there once.

    Args:
        seed: 0 ... 2^32 - 1; the same seed and topics begin with the same questions.
        questions: how many, 1 to 200.
        topics: kinds to draw from; None: all.

    Raises:
        InputError: an unknown topic, or a number out of its range.
    """
    check_number("questions", questions, least=1, most=200, whole=True)
    names = list(QUESTIONS) if topics is None else topics
    for name in names:
        choose("topic", name, QUESTIONS)
    found: list[Question] = []
    for number, name in zip(range(questions), _order(names, seed), strict=False):
        found.append(QUESTIONS[name](stream(seed, "quiz", number)))
    return found


def _order(names: list[str], seed: int) -> Iterator[str]:
    turn = 0
    while True:
        for i in stream(seed, "quiz order", turn).permutation(len(names)):
            yield names[i]
        turn += 1


# Numbers that can be reckoned with by hand, and how they are written


def _some(lot: Lot, count: int, most: int = 4) -> Array:
    """Numbers such as -1.5, none of them 0."""
    values = np.array([v / 2 for v in range(-2 * most, 2 * most + 1) if v])
    return lot.choice(values, count)


def _write(value: float) -> str:
    """3, -1.5 or 0.269: up to three decimals."""
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _list(values: Array) -> str:
    return "(" + ", ".join(_write(v) for v in np.ravel(values)) + ")"


def _sum(w: Array, x: Array) -> str:
    """2·1 + (-1.5)·3, as one writes it."""

    def part(v: float) -> str:
        return f"({_write(v)})" if v < 0 else _write(v)

    return " + ".join(f"{part(a)}·{part(b)}" for a, b in zip(w, x, strict=True))


# The kinds of questions


def perceptron(lot: Lot) -> Question:
    """S0: 1 if Σ w·x > threshold, else 0."""
    w, x = _some(lot, 3), lot.randint(0, 2, 3)
    threshold = float(_some(lot, 1, 2)[0])
    total = float(w @ x)
    out = int(ACTIVATIONS["step"]()(np.array([total - threshold]))[0])
    return Question(
        "perceptron",
        f"A perceptron has the weights {_list(w)} and the threshold "
        f"{_write(threshold)}. What does it answer to the input {_list(x)}?",
        str(out),
        f"Σ w·x = {_sum(w, x)} = {_write(total)}, which is "
        f"{'above' if out else 'not above'} {_write(threshold)}.",
    )


def threshold(lot: Lot) -> Question:
    """S0: the bias is minus the threshold."""
    value = float(_some(lot, 1)[0])
    return Question(
        "threshold",
        f"A perceptron fires above the threshold {_write(value)}. It is written with a "
        "bias instead, 1 if w·x + b > 0. What is b?",
        _write(-value),
        "w·x > t is the same as w·x - t > 0, so b = -t.",
    )


def neuron(lot: Lot) -> Question:
    """S0: σ(w·x + b)."""
    w, x, b = _some(lot, 2, 2), _some(lot, 2, 1), float(_some(lot, 1, 1)[0])
    z = float(w @ x) + b
    a = float(ACTIVATIONS["sigmoid"]()(np.array([z]))[0])
    return Question(
        "neuron",
        f"A sigmoid neuron has the weights {_list(w)} and the bias {_write(b)}. What "
        f"is its activation for the input {_list(x)}?",
        _write(a),
        f"z = {_sum(w, x)} + {_write(b)} = {_write(z)}, a = 1/(1 + exp(-z)).",
    )


def parameters(lot: Lot) -> Question:
    """S3: a weight for each pair of neighbours, a bias for each neuron."""
    sizes = [int(n) for n in (lot.choice([4, 64, 784]), *lot.randint(2, 21, 2), 10)]
    parts = [f"{n}·{m} + {n}" for m, n in pairwise(sizes)]
    return Question(
        "parameters",
        f"How many weights and biases has the network {'-'.join(map(str, sizes))}?",
        f"{Parameters.count(sizes):,}",
        f"{' + '.join(parts)}: in each layer its neurons times those before, and a "
        "bias for each.",
    )


def shape(lot: Lot) -> Question:
    """S2: W of layer l is n_l × n_(l-1)."""
    sizes = [int(n) for n in lot.randint(2, 40, 4)]
    l = int(lot.randint(1, 4))
    rows, columns = Network(sizes).w[l].shape
    return Question(
        "shape",
        f"In the network {'-'.join(map(str, sizes))}, how many rows and columns has "
        f"the matrix of weights of layer {l}, so that z = W a + b?",
        f"{rows} × {columns}",
        "A row for each neuron of the layer, a column for each of the layer before.",
    )


def forward(lot: Lot) -> Question:
    """S3: z = W a + b, then the activation."""
    network = _small(lot, "relu")
    x = _some(lot, 2, 2)
    z, a = feedforward(network, x[None, :])
    return Question(
        "forward",
        f"A layer of two ReLU neurons has the weights W = [{_list(network.w[1][0])}, "
        f"{_list(network.w[1][1])}] and the biases {_list(network.b[1])}. What are its "
        f"activations for the input {_list(x)}?",
        _list(a[1][0]),
        f"z = W x + b = {_list(z[1][0])}, and ReLU makes 0 of what is below 0.",
    )


def cost(lot: Lot) -> Question:
    """S3: half the sum of the squared differences."""
    a, y = lot.randint(0, 11, 3) / 10, np.eye(3)[lot.randint(3)]
    value = float(COSTS["quadratic"]()(a[None], a[None], y[None])[0])
    return Question(
        "cost",
        f"The outputs are {_list(a)}, they should be {_list(y)}. What is the quadratic "
        "cost ½ Σ (a - y)² of this example?",
        _write(value),
        "½ ("
        + " + ".join(f"({_write(p)} - {_write(q)})²" for p, q in zip(a, y, strict=True))
        + ").",
    )


def surprise(lot: Lot) -> Question:
    """S2: the cross-entropy of softmax is minus the logarithm of what was right."""
    z, right = _some(lot, 3, 2), int(lot.randint(3))
    a = ACTIVATIONS["softmax"]()(z[None])
    value = float(COSTS["cross_entropy"]()(z[None], a, np.eye(3)[[right]])[0])
    return Question(
        "surprise",
        f"Softmax is given z = {_list(z)}; class {right} (of 0, 1, 2) is right. What "
        "is the cross-entropy cost?",
        _write(value),
        f"The probabilities are exp(z)/Σ exp(z) = {_list(a)}; the cost is -ln of that "
        f"of class {right}.",
    )


def error(lot: Lot) -> Question:
    """S0, BP1: δ = ∂C/∂a · σ′(z)."""
    network = Network([1, 1], output="sigmoid", dtype="float64")
    a, y = lot.randint(1, 10) / 10, float(lot.randint(2))
    network.w[1][:], network.b[1][:] = 0, log(a / (1 - a))
    inside = trace(network, COSTS["quadratic"](), np.zeros((1, 1)), np.full((1, 1), y))
    return Question(
        "error",
        f"An output of a sigmoid network is a = {_write(a)} and should be {_write(y)}; "
        "the cost is quadratic, ½ Σ (a - y)². What is its error δ = ∂C/∂z?",
        _write(inside.delta[1][0, 0]),
        "δ = (a - y) σ′(z), and σ′(z) = a (1 - a).",
    )


def slope(lot: Lot) -> Question:
    """S0, BP4: ∂C/∂w_jk = a_k δ_j."""
    network = _small(lot, "identity")
    x, y = _some(lot, 2, 2)[None], _some(lot, 2, 2)[None]
    inside = trace(network, COSTS["quadratic"](), x, y)
    j, k = (int(i) for i in lot.randint(0, 2, 2))
    delta = inside.delta[1][0, j]
    return Question(
        "slope",
        f"A neuron has the error δ = {_write(delta)}; one of its weights "
        f"comes from an input with the activation {_write(x[0, k])}. What is ∂C/∂w of "
        "that weight, and what is ∂C/∂b?",
        f"{_write(inside.nabla.w[1][j, k])} and {_write(inside.nabla.b[1][j])}",
        "∂C/∂w = a δ, with the activation that the weight comes from; ∂C/∂b = δ.",
    )


def step(lot: Lot) -> Question:
    """S0: w → w - (η/m) Σ ∂C_x/∂w."""
    w, eta = float(_some(lot, 1)[0]), float(lot.choice([0.1, 0.5, 1.0, 3.0]))
    slopes = _some(lot, 4, 2)
    new = w - eta * slopes.mean()
    return Question(
        "step",
        f"A weight is {_write(w)}. In a mini-batch of four the examples' ∂C/∂w are "
        f"{_list(slopes)}. What is the weight after one step with η = {_write(eta)}?",
        _write(new),
        f"The mean slope is {_write(slopes.mean())}; w - η · mean = {_write(w)} - "
        f"{_write(eta)}·({_write(slopes.mean())}).",
    )


def updates(lot: Lot) -> Question:
    """S3: an epoch has ⌈n/m⌉ mini-batches."""
    rows, size = int(lot.randint(20, 600)) * 10, int(lot.choice([16, 30, 32, 64, 100]))
    return Question(
        "updates",
        f"{rows:,} training examples, mini-batches of {size}. How many updates make an "
        "epoch?",
        f"{ceil(rows / size):,}",
        f"{rows:,} / {size} = {rows / size:.2f}; the last mini-batch may be smaller "
        "and counts too.",
    )


def diverges(lot: Lot) -> Question:
    """S1: on ½ λ w², descent ends where |1 - ηλ| < 1."""
    curvature, eta = (
        float(lot.choice([0.5, 1, 2, 4])),
        float(lot.choice([0.3, 0.7, 1.5, 3])),
    )
    factor = 1 - eta * curvature
    return Question(
        "diverges",
        f"Gradient descent on C = ½·{_write(curvature)}·w² with η = {_write(eta)}, "
        "from w = 1. Does the cost go to 0?",
        "yes" if abs(factor) < 1 else "no, it grows" if abs(factor) > 1 else "no",
        f"Each step makes w (1 - ηλ) = {_write(factor)} times as large; it shrinks "
        "only below η = 2/λ.",
    )


def counted(lot: Lot) -> Question:
    """S2: accuracy, precision and recall out of four counts."""
    tp, fp, fn, tn = (int(n) for n in lot.randint(1, 50, 4))
    accuracy, precision = (tp + tn) / (tp + fp + fn + tn), tp / (tp + fp)
    return Question(
        "counted",
        f"Of the sick {tp} are found and {fn} missed; of the healthy {fp} are called "
        f'sick and {tn} healthy. Accuracy, precision and recall of "sick"?',
        f"{_write(accuracy)}, {_write(precision)}, {_write(tp / (tp + fn))}",
        "Right of all; right of those called sick; found of the sick.",
    )


def _small(lot: Lot, output: str) -> Network:
    """Two inputs, two outputs, weights to reckon with."""
    network = Network([2, 2], output=output, dtype="float64")
    network.w[1][:] = _some(lot, 4, 2).reshape(2, 2)
    network.b[1][:] = _some(lot, 2, 1)
    return network


QUESTIONS: dict[str, Callable[[Lot], Question]] = {
    made.__name__: made
    for made in (
        perceptron, threshold, neuron, parameters, shape, forward, cost, surprise,
        error, slope, step, updates, diverges, counted,
    )
}  # fmt: skip
"""Kinds of questions by their topic."""
