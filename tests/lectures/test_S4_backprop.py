"""S4, figures 18 to 21: what an example wishes, and the table of all wishes."""

import numpy as np
import pytest

from pellucid import (
    ACTIVATIONS,
    COSTS,
    Dataset,
    Given,
    Network,
    feedforward,
    load,
    trace,
    train,
)
from pellucid.mathematics.costs import Quadratic
from tolerances import CLOSED, DIFFERENCE, PAGE, distance

C = Quadratic()
IDENTITY = ACTIVATIONS["identity"]()
PAIRINGS = [(cost, output) for cost in COSTS for output in COSTS[cost].outputs]
HIDDEN = [n for n, s in ACTIVATIONS.items() if not s.output_only and n != "step"]


def slopes(value, numbers, h=1e-6):
    """∂value/∂number by central differences; `numbers` is changed and put back."""
    found = np.empty_like(numbers)
    for i in np.ndindex(numbers.shape):
        kept = numbers[i]
        numbers[i] = kept + h
        up = value()
        numbers[i] = kept - h
        found[i] = (up - value()) / (2 * h)
        numbers[i] = kept
    return found


def value_of(network, cost, x, y):
    z, a = feedforward(network, x)
    return float(cost(z[-1], a[-1], y).mean())


def example(sizes, seed=0, m=1):
    """A sigmoid network with m examples and their targets, in float64."""
    random = np.random.RandomState(seed)
    network = Network(
        sizes, "sigmoid", "sigmoid", initializer="nielsen", seed=seed, dtype="float64"
    )
    return network, random.rand(m, sizes[0]), random.rand(m, sizes[-1])


def tail(network, l):
    """The part of the network behind layer l: from a[l] to the output."""
    given = Given(tuple(network.w[l + 1 :]), tuple(network.b[l + 1 :]))
    sigma = network.sigma
    return Network(
        network.sizes[l:],
        sigma[l + 1 : -1],
        sigma[-1],
        initializer=given,
        dtype="float64",
    )


@pytest.mark.parametrize(("cost", "output"), PAIRINGS)
def test_S4_21_backpropagation_tells_how_each_weight_must_change(cost, output):
    rule, random = COSTS[cost](), np.random.RandomState(3)
    for hidden in HIDDEN:
        network = Network([4, 5, 4, 3], hidden, output, seed=1, dtype="float64")
        for b in network.b[1:]:
            b[:] = 0.1 * random.standard_normal(b.shape)
        x, y = random.standard_normal((6, 4)), np.eye(3)[random.randint(3, size=6)]
        nabla = trace(network, rule, x, y).nabla
        for l in (1, 2, 3):
            for got, numbers in (
                (nabla.w[l], network.w[l]),
                (nabla.b[l], network.b[l]),
            ):
                want = slopes(lambda: value_of(network, rule, x, y), numbers)  # noqa: B023
                assert distance(got, want) < DIFFERENCE, (hidden, l)


def test_S4_22_wishes_for_the_output():
    # A 2 is shown; the outputs are still all over the place, 0.2 for "2" and "8".
    a = np.array([[0.5, 0.8, 0.2, 0.9, 0.4, 0.6, 0.95, 0.05, 0.2, 0.1]])
    y = np.eye(10)[[2]]
    # The outputs with nothing behind them: C as a function of a itself.
    given = Given((np.eye(10),), (np.zeros(10),))
    outputs = Network([10, 10], output="identity", initializer=given, dtype="float64")
    inside = trace(outputs, C, a, y)
    table = -2 * inside.delta[1][0]  # the notes' C has no ½
    by_hand = [-2 * (a[0, j] - y[0, j]) for j in range(10)]
    assert distance(table, by_hand) < CLOSED
    nudged = a.copy()
    numeric = slopes(lambda: 2 * value_of(outputs, C, nudged, y), nudged)[0]
    assert distance(table, -numeric) < DIFFERENCE
    # Only the 2 shall rise. That matters more than lowering the 8, which is nearly
    # where it should be.
    assert (np.flatnonzero(table > 0) == [2]).all()
    assert table[2] > abs(table[8])
    assert distance(table[2] / table[8], -0.8 / 0.2) < CLOSED


def test_S4_23_three_ways_to_raise_an_activation():
    # Figures 18 to 20: change the bias, the weights, or the activations before.
    network, x, y = example([5, 4, 3], 1)
    inside, l, j = trace(network, C, x, y), 2, 1
    w, b, a = network.w[l], network.b[l], inside.a[l - 1][0]
    random = np.random.RandomState(2)
    for size in (1e-2, 1e-3, 1e-4):
        d_b, d_w, d_a = (size * random.standard_normal(n) for n in ((), 4, 4))
        given = Given((w[[j]] + d_w,), (b[[j]] + d_b,))
        after = Network([4, 1], output="identity", initializer=given, dtype="float64")
        change = after((a + d_a)[None])[0, 0] - inside.z[l][0, j]
        three = d_b + sum(a[k] * d_w[k] for k in range(4))
        three += sum(w[j, k] * d_a[k] for k in range(4))
        # What is left over is of second order, and known: Δw·Δa.
        assert abs(change - three) < 10 * size**2
        assert distance(inside.z[l][0, j] + three + d_w @ d_a,
                        inside.z[l][0, j] + change) < CLOSED  # fmt: skip
    # So the weights are wished for in proportion to the activations, and the
    # activations in proportion to the weights; the bias has the factor 1.
    delta = inside.delta[l][0]
    assert distance(inside.nabla.b[l][j], delta[j]) < CLOSED
    assert distance(inside.nabla.w[l][j], delta[j] * a) < CLOSED
    alone = Network(
        [4, 1],
        output="sigmoid",
        initializer=Given((w[[j]],), (b[[j]],)),
        dtype="float64",
    )
    before = a[None].copy()
    wish = slopes(lambda: value_of(alone, C, before, y[:, [j]]), before)[0]
    assert distance(wish, delta[j] * w[j]) < DIFFERENCE


def test_S4_24_neurons_that_fire_together_wire_together():
    # Most "bang for your buck" is in the weights from the brightest neurons.
    network, x, y = example([6, 5, 4], 3)
    x[0, 2], x[0, 4] = 0.0, 1.0
    eta, start, inside = 0.5, network.copy(), trace(network, C, x, y)
    data = Dataset.from_arrays(x, y, dtype="float64")
    words = {"cost": C, "optimizer": "sgd", "eta": eta, "batch_size": 1, "epochs": 1}
    for _ in train(network, data, **words):
        pass
    for l in (1, 2):
        change = network.w[l] - start.w[l]
        a = inside.a[l - 1][0]
        size = np.abs(inside.delta[l][0]) * eta
        assert distance(np.abs(change), np.outer(size, a)) < PAGE["float64"]
        assert (np.abs(change).argmax(1) == a.argmax()).all()
    assert (network.w[1][:, 2] == start.w[1][:, 2]).all()  # it did not fire


def test_S4_25_wishes_are_summed_backwards():
    network, x, y = example([6, 5, 4], 4)
    inside = trace(network, C, x, y)
    # Each output by itself has wishes for layer 1; they are added up.
    wishes = np.zeros(5)
    for j in range(4):
        given = Given((network.w[2][[j]],), (network.b[2][[j]],))
        alone = Network([5, 1], output="sigmoid", initializer=given, dtype="float64")
        hidden = inside.a[1].copy()
        wishes -= slopes(lambda: value_of(alone, C, hidden, y[:, [j]]), hidden)[0]  # noqa: B023
    assert distance(wishes, -network.w[2].T @ inside.delta[2][0]) < DIFFERENCE
    # With these the layer before goes on in the same way.
    prime = network.sigma[1].prime(inside.z[1][0])
    assert distance(-inside.delta[1][0], wishes * prime) < DIFFERENCE


# Figure 21 as 3Blue1Brown draws it: the wishes of six examples for w₀, w₁, w₂ and
# w₁₃₀₀₁, and the averages that are printed beside them.
DRAWN = np.array([
    [-0.08, +0.02, -0.02, +0.11, -0.05, -0.14],
    [-0.11, +0.11, +0.07, +0.02, +0.09, +0.05],
    [-0.07, -0.04, -0.01, +0.02, +0.13, -0.15],
    [+0.13, +0.08, -0.06, -0.09, -0.02, +0.04],
])  # fmt: skip
PRINTED = [-0.08, +0.12, -0.06, +0.04]
CORRECTED = [-0.027, +0.038, -0.020, +0.013]


def test_S4_26_table_of_wishes_averages_to_the_gradient():
    average = DRAWN.mean(axis=1)
    assert np.round(average, 3).tolist() == CORRECTED
    assert (np.round(average, 2) != PRINTED).all()
    digits = load("digits", dtype="float64").train.rows(np.arange(6))
    network, _, _ = example([64, 16, 16, 10])
    inside = trace(network, C, digits.x, digits.y)
    table = np.stack([-inside.example(i).theta for i in range(6)], axis=1)
    assert table.shape == (network.parameters.theta.size, 6)
    for i in range(6):
        alone = trace(network, C, digits.x[[i]], digits.y[[i]]).nabla.theta
        assert distance(table[:, i], -alone) < CLOSED
    by_hand = [sum(row) / 6 for row in table.tolist()]
    assert distance(-inside.nabla.theta, by_hand) < CLOSED


def test_S4_28_the_calculus_that_is_missing_here():
    # Chapter 4: ∂C/∂w, ∂C/∂b and ∂C/∂a in every layer, from the chain rule.
    network, x, y = example([5, 4, 3, 2], 5)
    inside = trace(network, C, x, y)
    error = inside.a[3] - y  # ∂C/∂a of the output
    for l in (3, 2, 1):
        prime = network.sigma[l].prime(inside.z[l])
        by_b = error * prime
        by_w = by_b.T @ inside.a[l - 1]
        assert distance(inside.nabla.b[l], by_b[0]) < CLOSED
        assert distance(inside.nabla.w[l], by_w) < CLOSED
        for got, numbers in ((by_b[0], network.b[l]), (by_w, network.w[l])):
            want = slopes(lambda: value_of(network, C, x, y), numbers)
            assert distance(got, want) < DIFFERENCE
        error = by_b @ network.w[l]  # summed over all that a neuron reaches
        rest, before = tail(network, l - 1), inside.a[l - 1].copy()
        want = slopes(lambda: value_of(rest, C, before, y), before)  # noqa: B023
        assert distance(error, want) < DIFFERENCE
