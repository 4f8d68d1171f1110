"""S0: the quadratic cost and its gradient."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pellucid import (
    ACTIVATIONS,
    COSTS,
    OPTIMIZERS,
    Network,
    Parameters,
    feedforward,
    trace,
)
from pellucid.mathematics.costs import ELEMENTWISE, Cost, Quadratic, mean
from tolerances import CLOSED, DIFFERENCE, distance

N_OUT = 10


@dataclass(frozen=True)
class SquaredError(Cost):
    """C_x = factor · Σ_j (a_j - y_j)²: what the lectures differ in is the factor."""

    factor: float

    name = "squared_error"
    outputs = ELEMENTWISE

    def __call__(self, z, a, y):
        return self.factor * ((a - y) ** 2).sum(1)

    def delta(self, z, a, y, sigma):
        return 2.0 * self.factor * (a - y) * sigma.prime(z)


CONVENTIONS = {
    "S0: 1/(2n) Σₓ ‖y - a‖²": (Quadratic(), 1 / 2),
    "S1: 1/N Σᵢ (aᵢ - ŷᵢ)², N outputs": (SquaredError(1 / N_OUT), 1 / N_OUT),
    "S3, S4: Σⱼ (aⱼ - yⱼ)²": (SquaredError(1.0), 1.0),
}


def small(output="sigmoid", hidden="sigmoid", sizes=(4, 5, N_OUT), seed=0) -> Network:
    """A network with weights and biases that are all in play."""
    return Network(
        sizes, hidden, output, initializer="scaled", seed=seed, dtype="float64"
    )


def batch(m=7, n_in=4, n_out=N_OUT, seed=0):
    """M examples with one-hot targets."""
    random = np.random.RandomState(seed)
    return random.standard_normal((m, n_in)), np.eye(n_out)[
        random.randint(n_out, size=m)
    ]


def differences(network: Network, cost: Cost, x, y, h=1e-5) -> np.ndarray:
    """∂C/∂θ by central differences, one parameter after the other."""
    theta = network.parameters.theta
    slopes = np.empty_like(theta)

    def value() -> float:
        z, a = feedforward(network, x)
        return mean(cost(z[-1], a[-1], y))

    for i, kept in enumerate(theta.copy()):
        theta[i] = kept + h
        up = value()
        theta[i] = kept - h
        slopes[i] = (up - value()) / (2 * h)
        theta[i] = kept
    return slopes


def test_S0_14_three_conventions_of_the_quadratic_cost():
    # "C(w, b) = 1/(2n) Σₓ ‖y(x) - a‖²"; the other lectures have other factors.
    network, (x, y) = small(), batch()
    a = network(x)
    found = {}
    for name, (cost, factor) in CONVENTIONS.items():
        got = trace(network, cost, x, y)
        loop = [
            sum((a[i, j] - y[i, j]) ** 2 for j in range(N_OUT)) for i in range(len(x))
        ]
        assert distance(got.cost, factor * sum(loop) / len(x)) < CLOSED
        assert distance(got.nabla.theta, differences(network, cost, x, y)) < DIFFERENCE
        found[name] = got.cost, got.nabla.theta, factor
    (first_cost, first_nabla, first_factor), *_ = found.values()
    for name, (value, nabla, factor) in found.items():
        ratio, length = value / first_cost, np.linalg.norm(nabla)
        print(f"{name:35} C = {value:.6f}  ‖∇C‖ = {length:.6f}  ratio {ratio:.12g}")
        assert distance(ratio, factor / first_factor) < CLOSED
        assert distance(nabla, ratio * first_nabla) < CLOSED
        # So the same η is another step, and η over the ratio is the same step.
        assert distance(step(nabla, 0.5), ratio * step(first_nabla, 0.5)) < CLOSED
        assert distance(step(nabla, 0.5 / ratio), step(first_nabla, 0.5)) < CLOSED


def step(nabla, eta) -> np.ndarray:
    """The step that gradient descent takes with this gradient."""
    theta, rule = np.zeros_like(nabla), OPTIMIZERS["sgd"](eta)
    rule.update(theta, nabla.copy(), rule.slots(theta), rule.rate(0), 0)
    return theta


def test_S0_15_the_cost_falls_to_0_as_the_output_becomes_right():
    # "C ≈ 0 precisely when y(x) is about equal to the output, a."
    cost, network, (x, y) = COSTS["quadratic"](), small("identity"), batch()
    a = network(x)
    assert trace(network, cost, x, a).cost == 0.0  # what it says is what is wanted
    costs = []
    for share in (1, 0.5, 0.1, 1e-3, 1e-6, 0):
        costs.append(trace(network, cost, x, a + share * (y - a)).cost)
    assert costs[-1] == 0.0
    assert all(later < sooner for sooner, later in pairwise(costs))
    random = np.random.RandomState(15)
    for _ in range(100):
        a, y = random.standard_normal((2, 8, N_OUT))
        assert (cost(a, a, y) > 0).all()


def test_S0_18_backpropagation_gives_the_partial_derivatives():
    # "Backpropagation gives the partials", here for each layer of each kind.
    hidden = [n for n, s in ACTIVATIONS.items() if not s.output_only and n != "step"]
    for name, rule in COSTS.items():
        for output in rule.outputs:
            for seed, inner in enumerate(hidden):
                network = small(output, inner, (3, 4, 3, 2), seed)
                x, y = batch_for(rule(), seed)
                got = trace(network, rule(), x, y).nabla
                slopes = differences(network, rule(), x, y)
                want = Parameters(network.sizes, slopes)
                for l in range(1, network.L + 1):
                    place = (name, output, inner, l)
                    assert distance(got.w[l], want.w[l]) < DIFFERENCE, place
                    assert distance(got.b[l], want.b[l]) < DIFFERENCE, place


def batch_for(cost: Cost, seed: int):
    """Targets off every kink where the cost takes any number, else one-hot ones."""
    x, one_hot = batch(7, 3, 2, seed)
    y = one_hot + 0.3 * np.random.RandomState(seed + 1).standard_normal(one_hot.shape)
    return x, y if cost.fits(y) else one_hot


def test_S0_20_gradient_is_the_mean_of_the_examples_gradients():
    # "C = (1/n) Σ Cₓ", so "∇C = (1/n) Σ ∇Cₓ".
    for output, rule in (("sigmoid", "quadratic"), ("softmax", "cross_entropy")):
        network, cost, (x, y) = small(output), COSTS[rule](), batch(32)
        whole = trace(network, cost, x, y)
        alone = [trace(network, cost, x[i : i + 1], y[i : i + 1]) for i in range(32)]
        costs = sum(one.cost for one in alone) / 32
        gradients = sum(one.nabla.theta for one in alone) / 32
        assert distance(whole.cost, costs) < CLOSED
        assert distance(whole.nabla.theta, gradients) < CLOSED
        for i, one in enumerate(alone):
            assert distance(whole.example(i).theta, one.nabla.theta) < CLOSED
