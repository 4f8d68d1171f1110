"""S1: the chain rule on one example, as printed and as it must be.

The lecture's C is (1/N) Σ_i (a_i - y_i)²; pellucid's quadratic cost has ½ in place of
1/N, so the lecture's derivatives are 2/N times pellucid's. Neurons count from 0.
"""

import numpy as np

from pellucid import COSTS, Given, Network, trace
from tolerances import CLOSED, DIFFERENCE, distance

QUADRATIC = COSTS["quadratic"]()
H = 1e-6


def build(sizes, hidden="sigmoid", output="sigmoid"):
    """A network with biases, an example and its target, in float64."""
    network = Network(sizes, hidden, output, seed=4, dtype="float64")
    random = np.random.RandomState(5)
    for b in network.b[1:]:
        b[:] = 0.5 * random.randn(len(b))
    return network, random.randn(1, sizes[0]), random.rand(1, sizes[-1])


def lecture_cost(network, x, y):
    """C = (1/N) Σ_i (a_i - y_i)²."""
    return float(((network(x) - y) ** 2).mean())


def slopes(value, at):
    """∂value/∂at by central differences; `at` is changed and put back."""
    found = np.empty_like(at)
    for place in np.ndindex(at.shape):
        kept = at[place]
        at[place] = kept + H
        up = value()
        at[place] = kept - H
        found[place] = (up - value()) / (2 * H)
        at[place] = kept
    return found


def measured(network, x, y, at):
    return slopes(lambda: lecture_cost(network, x, y), at)


def seen(network, x, y):
    return trace(network, QUADRATIC, x, y)


def test_S1_22_the_weight_of_the_chain_is_that_of_layer_L():
    # ∂C/∂w_jk = ∂z_j/∂w_jk · ∂a_j/∂z_j · ∂C/∂a_j; printed with w^(L-1) on the left.
    network, x, y = build([4, 4, 4])
    found, N = seen(network, x, y), 4
    a, z, sigma = found.a, found.z, network.sigma
    product = np.outer(
        sigma[2].prime(z[2][0]) * (2 / N) * (a[2][0] - y[0]),  # ∂a_j/∂z_j · ∂C/∂a_j
        a[1][0],  # ∂z_j/∂w_jk
    )
    assert distance(product, 2 / N * found.nabla.w[2]) < CLOSED
    assert distance(product, measured(network, x, y, network.w[2])) < DIFFERENCE
    assert distance(product, measured(network, x, y, network.w[1])) > 0.1  # printed


def test_S1_23_the_wish_for_an_activation_is_the_sum_over_all_neurons():
    # ∂C/∂a_k^(L-1) = Σ_j ...; printed from 1 to N_L, though neurons count from 0.
    network, x, y = build([3, 4, 5])
    found, N = seen(network, x, y), 5
    w, a = network.w[2], found.a
    last = Given((w,), (network.b[2],))
    rest = Network([4, 5], output="sigmoid", initializer=last, dtype="float64")
    inner = a[1].copy()
    want = slopes(lambda: lecture_cost(rest, inner, y), inner)[0]

    term = w * (network.sigma[2].prime(found.z[2]) * (2 / N) * (a[2] - y)).T  # (j, k)
    assert distance(term.sum(0), want) < DIFFERENCE
    assert distance(2 / N * w.T @ found.delta[2][0], want) < DIFFERENCE
    assert distance(term.sum(0), 2 / N * w.T @ found.delta[2][0]) < CLOSED
    assert distance(term[1:].sum(0), want) > 0.1  # printed: neuron 0 is left out
    # What goes on backwards is this wish times σ′ of the layer before.
    wish = found.delta[2] @ w * network.sigma[1].prime(found.z[1])
    assert distance(found.delta[1], wish) < CLOSED


def test_S1_24_the_expanded_cost_has_one_bias_a_neuron_and_needs_sigma_prime():
    # C = (1/N) Σ_i (Σ_j w_ij a_j + b_0 - y_i)²; the bias must be b_i.
    network, x, y = build([2, 4, 3], output="identity")
    found, N = seen(network, x, y), 3
    w, b, inner = network.w[2], network.b[2], found.a[1][0]

    def expanded(bias):
        outputs = [
            sum(w[i, j] * inner[j] for j in range(4)) + bias(i) for i in range(N)
        ]
        return sum((outputs[i] - y[0, i]) ** 2 for i in range(N)) / N

    assert distance(expanded(lambda i: b[i]), 2 / N * found.cost) < CLOSED
    assert distance(expanded(lambda i: b[0]), 2 / N * found.cost) > 0.1  # printed

    # ∂C/∂w_00^(2) = (2/N) (...) a_0^(1), for the identity; with σ it lacks a factor.
    for output in ("identity", "sigmoid"):
        network, x, y = build([2, 4, 1], output=output)
        found = seen(network, x, y)
        want = measured(network, x, y, network.w[2])[0, 0]
        printed = 2 * (found.a[2][0, 0] - y[0, 0]) * found.a[1][0, 0]
        corrected = printed * network.sigma[2].prime(found.z[2])[0, 0]
        assert distance(2 * found.nabla.w[2][0, 0], want) < DIFFERENCE
        assert distance(corrected, want) < DIFFERENCE
        assert (distance(printed, want) < DIFFERENCE) == (output == "identity")


def factors(network, x, y):
    """∂C/∂a_0^(2), σ′(z_0^(2)), w_00^(2), σ′(z_0^(1)), a_0^(0) of a 2-4-1 network."""
    found, sigma = seen(network, x, y), network.sigma
    return (
        2 * (found.a[2][0, 0] - y[0, 0]),
        sigma[2].prime(found.z[2])[0, 0],
        network.w[2][0, 0],
        sigma[1].prime(found.z[1])[0, 0],
        found.a[0][0, 0],
    )


def test_S1_25_a_weight_of_the_first_layer_passes_through_w2():
    # Printed: ∂a_0^(1)/∂a_0^(1), which is 1; to be ∂a_0^(2)/∂a_0^(1) = w_00^(2).
    for f in ("identity", "sigmoid"):
        network, x, y = build([2, 4, 1], f, f)
        dC, slope2, w2, slope1, x0 = factors(network, x, y)
        want = measured(network, x, y, network.w[1])[0, 0]
        ours = 2 * seen(network, x, y).nabla.w[1][0, 0]
        assert distance(ours, want) < DIFFERENCE
        assert distance(x0 * slope1 * w2 * slope2 * dC, want) < DIFFERENCE
        assert distance(x0 * slope1 * 1.0 * slope2 * dC, want) > 0.1  # printed
        without_slopes = x0 * w2 * dC
        assert (distance(without_slopes, want) < DIFFERENCE) == (f == "identity")


def test_S1_26_a_bias_of_the_first_layer_passes_through_w2():
    # Printed: ∂C/∂a_0^(2) · ∂a_0^(1)/∂b_0^(1), without the factor between, w_00^(2).
    for f in ("identity", "sigmoid"):
        network, x, y = build([2, 4, 1], f, f)
        dC, slope2, w2, slope1, _ = factors(network, x, y)
        want = measured(network, x, y, network.b[1])[0]
        ours = 2 * seen(network, x, y).nabla.b[1][0]
        assert distance(ours, want) < DIFFERENCE
        assert distance(dC * slope2 * w2 * slope1, want) < DIFFERENCE
        assert distance(dC * slope1, want) > 0.1  # printed
