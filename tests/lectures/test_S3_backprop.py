"""S3, third and fourth part: the chain rule, from one chain of neurons to layers."""

import numpy as np
import pytest

from pellucid import ACTIVATIONS, Dataset, Given, Network, feedforward, trace, train
from pellucid.mathematics.costs import Quadratic
from tolerances import CLOSED, DIFFERENCE, PAGE, distance

C = Quadratic()
IDENTITY = ACTIVATIONS["identity"]()


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


def c0(network, x, y):
    """The notes' C₀ = Σ_j (a_j - y_j)² of one example: twice the library's cost."""
    z, a = feedforward(network, x)
    return 2 * float(C(z[-1], a[-1], y)[0])


def example(sizes, seed=0):
    """A sigmoid network with one example and its target, in float64."""
    random = np.random.RandomState(seed)
    network = Network(
        sizes, "sigmoid", "sigmoid", initializer="nielsen", seed=seed, dtype="float64"
    )
    return network, random.rand(1, sizes[0]), random.rand(1, sizes[-1])


def factors(network, x, y):
    """∂z/∂w = a^(L-1), ∂a/∂z = σ′(z) and ∂C₀/∂a = 2(a - y) of the last layer."""
    inside = trace(network, C, x, y)
    z, a, before = inside.z[-1], inside.a[-1], inside.a[-2]
    # With the identity as its activation, δ is ∂C/∂a itself.
    return before, network.sigma[-1].prime(z), 2 * C.delta(z, a, y, IDENTITY), inside


@pytest.mark.parametrize("seed", range(5))
def test_S3_26_three_factors_of_a_chain_of_neurons(seed):
    # ∂C₀/∂w = ∂z/∂w · ∂a/∂z · ∂C₀/∂a
    network, x, y = example([1, 1, 1, 1], seed)
    before, sigma_prime, pull, inside = factors(network, x, y)
    product = before * sigma_prime * pull
    numeric = slopes(lambda: c0(network, x, y), network.w[3])
    assert distance(product, numeric) < DIFFERENCE
    assert distance(2 * inside.nabla.w[3], product) < CLOSED
    a = inside.a[-1]
    assert distance(sigma_prime, a * (1 - a)) < CLOSED
    assert distance(pull, 2 * (a - y)) < CLOSED


@pytest.mark.parametrize("seed", range(5))
def test_S3_27_bias_has_the_factor_one(seed):
    network, x, y = example([1, 1, 1, 1], seed)
    before, sigma_prime, pull, inside = factors(network, x, y)
    numeric = slopes(lambda: c0(network, x, y), network.b[3])
    assert distance(1 * sigma_prime[0] * pull[0], numeric) < DIFFERENCE
    w, b = 2 * inside.nabla.w[3], 2 * inside.nabla.b[3]
    assert distance(w, before * sigma_prime * pull) < CLOSED
    assert distance(b, sigma_prime[0] * pull[0]) < CLOSED
    assert distance(w, before * b) < CLOSED


def test_S3_28_gradient_is_the_average_over_examples():
    random = np.random.RandomState(1)
    network, _, _ = example([5, 4, 3], 1)
    x, y = random.rand(40, 5), random.rand(40, 3)
    inside = trace(network, C, x, y)
    alone = [trace(network, C, x[[i]], y[[i]]).nabla.theta for i in range(40)]
    assert distance(inside.nabla.theta, sum(alone) / 40) < CLOSED
    # The whole gradient: one entry for each weight and each bias, in their order.
    assert inside.nabla.theta.shape == network.parameters.theta.shape
    for l in (1, 2):
        assert inside.nabla.w[l].shape == network.w[l].shape
        assert inside.nabla.b[l].shape == network.b[l].shape


def test_S3_29_w_jk_goes_to_j_from_k():
    sizes = (4, 3)
    x = np.random.RandomState(2).rand(1, 4)
    for j, k in np.ndindex(3, 4):
        w = np.zeros((3, 4))
        w[j, k] = 1.0
        given = Given((w,), (np.zeros(3),))
        network = Network(sizes, output="identity", initializer=given, dtype="float64")
        assert network(x)[0].tolist() == [x[0, k] if i == j else 0 for i in range(3)]
    # The sum of C₀ goes over the outputs j, not over "tries".
    network, x, y = example(sizes, 2)
    a = network(x)
    by_hand = sum((a[0, j] - y[0, j]) ** 2 for j in range(3))
    assert distance(c0(network, x, y), by_hand) < CLOSED


def test_S3_30_many_neurons_sum_over_all_that_a_neuron_reaches():
    network, x, y = example([4, 5, 3], 3)
    before, sigma_prime, pull, inside = factors(network, x, y)
    last = sigma_prime * pull  # 2δ^L, (1, 3)
    # ∂C₀/∂w_jk, the superscripts that the notes drop put back.
    by_hand = [[before[0, k] * last[0, j] for k in range(5)] for j in range(3)]
    assert (
        distance(by_hand, slopes(lambda: c0(network, x, y), network.w[2])) < DIFFERENCE
    )
    assert distance(2 * inside.nabla.w[2], by_hand) < CLOSED
    # ∂C₀/∂a_k: neuron k reaches the cost through every j. It is nudged in a network
    # that begins with its layer.
    given = Given((network.w[2],), (network.b[2],))
    rest = Network([5, 3], output="sigmoid", initializer=given, dtype="float64")
    through_all = [sum(network.w[2][j, k] * last[0, j] for j in range(3))
                   for k in range(5)]  # fmt: skip
    hidden = before.copy()
    numeric = slopes(lambda: c0(rest, hidden, y), hidden)[0]
    assert distance(through_all, numeric) < DIFFERENCE
    assert distance(2 * inside.delta[2] @ network.w[2], [through_all]) < CLOSED
    through_one = [network.w[2][0, k] * last[0, 0] for k in range(5)]
    assert distance(through_one, numeric) > DIFFERENCE
    # And so on backwards: the same sum gives the first layer's errors.
    prime = network.sigma[1].prime(inside.z[1])
    assert distance(2 * inside.delta[1], through_all * prime) < CLOSED


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_S3_31_all_parameters_move_at_once(engine):
    # The notes: "updated sequentially, recalc after each update". No: all partial
    # derivatives are taken at the old weights, then all weights move together.
    eta = 2.0
    network, x, y = example([4, 5, 3], 4)
    one_by_one = network.copy()
    for i in range(network.parameters.theta.size):
        nabla = trace(one_by_one, C, x, y).nabla.theta
        one_by_one.parameters.theta[i] -= eta * nabla[i]
    together = network.parameters.theta - eta * trace(network, C, x, y).nabla.theta
    assert distance(one_by_one.parameters.theta, together) > DIFFERENCE
    data = Dataset.from_arrays(x, y, dtype="float64")
    words = {"cost": C, "optimizer": "sgd", "eta": eta, "batch_size": 1, "epochs": 1}
    for _ in train(network, data, engine=engine, **words):
        pass
    assert distance(network.parameters.theta, together) < PAGE["float64"]
    assert distance(network.parameters.theta, one_by_one.parameters.theta) > DIFFERENCE
