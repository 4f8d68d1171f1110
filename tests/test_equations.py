"""BP1 to BP4 against central differences, autograd, and a net worked out by hand."""

import numpy as np
import pytest

from pellucid import ACTIVATIONS, COSTS, Given, Network, backprop, feedforward, trace
from pellucid.mathematics.penalties import add_penalty, clip_norm, penalty
from tolerances import AUTOGRAD, CLOSED, DIFFERENCE, distance

PAIRINGS = [(cost, output) for cost in COSTS for output in COSTS[cost].outputs]
HIDDEN = [n for n, s in ACTIVATIONS.items() if not s.output_only and n != "step"]
DEPTHS = {1: [4, 3], 2: [4, 5, 3], 3: [4, 5, 3, 3], 4: [4, 3, 4, 3, 3]}


def targets(cost: str, random, m: int, n: int):
    """Targets that the cost is defined for."""
    if cost in ("cross_entropy", "hinge"):
        return np.eye(n)[random.randint(n, size=m)]
    if cost == "poisson":
        return random.poisson(2.0, (m, n)).astype(float)
    if cost == "binary_cross_entropy":
        return random.rand(m, n)
    return random.standard_normal((m, n))


def example(cost: str, output: str, hidden: str, depth: int):
    """A small network and a mini-batch for it, in float64."""
    random = np.random.RandomState(depth)
    network = Network(DEPTHS[depth], hidden, output, seed=depth, dtype="float64")
    for b in network.b[1:]:
        b[:] = 0.1 * random.standard_normal(b.shape)
    x = random.standard_normal((6, 4))
    return network, COSTS[cost](), x, targets(cost, random, 6, 3)


def central_differences(value, theta, h=1e-6):
    """∂value/∂θ_i by (C(θ + h) - C(θ - h)) / 2h, one parameter after the other."""
    slopes = np.empty_like(theta)
    for i in range(theta.size):
        kept = theta[i]
        theta[i] = kept + h
        up = value()
        theta[i] = kept - h
        slopes[i] = (up - value()) / (2 * h)
        theta[i] = kept
    return slopes


@pytest.mark.parametrize(("cost", "output"), PAIRINGS)
def test_gradient_equals_central_differences(cost, output):
    for depth in DEPTHS:
        for hidden in HIDDEN if depth > 1 else HIDDEN[:1]:
            network, rule, x, y = example(cost, output, hidden, depth)

            def value(network=network, rule=rule, x=x, y=y):
                z, a = feedforward(network, x)
                return float(rule(z[-1], a[-1], y).mean())

            want = central_differences(value, network.parameters.theta)
            got = trace(network, rule, x, y).nabla.theta
            assert distance(got, want) < DIFFERENCE, (hidden, depth)


def torch_activation(name, z):
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    return {
        "identity": lambda: z,
        "sigmoid": lambda: torch.sigmoid(z),
        "tanh": lambda: torch.tanh(z),
        "relu": lambda: F.relu(z),
        "leaky_relu": lambda: F.leaky_relu(z, 0.01),
        "elu": lambda: F.elu(z),
        "softplus": lambda: F.softplus(z),
        "gelu": lambda: F.gelu(z),
        "silu": lambda: F.silu(z),
        "mish": lambda: F.mish(z),
        "exponential": lambda: torch.exp(z),
        "softmax": lambda: torch.softmax(z, 1),
    }[name]()


def torch_cost(name, z, a, y):
    torch = pytest.importorskip("torch")
    F, m, n = torch.nn.functional, *z.shape
    mean = {
        "quadratic": lambda: 0.5 * F.mse_loss(a, y) * n,
        "mean_absolute_error": lambda: F.l1_loss(a, y) * n,
        "huber": lambda: F.huber_loss(a, y) * n,
        "quantile": lambda: 0.5 * F.l1_loss(a, y) * n,
        "binary_cross_entropy": lambda: F.binary_cross_entropy_with_logits(z, y) * n,
        "cross_entropy": lambda: F.cross_entropy(z, y),
        "hinge": lambda: F.multi_margin_loss(z, y.argmax(1)) * n,
        "poisson": lambda: (
            F.poisson_nll_loss(z, y) * n + (torch.xlogy(y, y) - y).sum() / m
        ),
    }
    return mean[name]()


@pytest.mark.parametrize(("cost", "output"), PAIRINGS)
def test_cost_and_gradient_equal_autograd(cost, output):
    torch = pytest.importorskip("torch")
    for depth in DEPTHS:
        for hidden in HIDDEN if depth > 1 else HIDDEN[:1]:
            network, rule, x, y = example(cost, output, hidden, depth)
            theta = torch.tensor(network.parameters.theta, requires_grad=True)
            parameters = type(network.parameters)(network.sizes, theta)
            a = torch.tensor(x)
            for l in range(1, network.L + 1):
                z = a @ parameters.w[l].T + parameters.b[l]
                a = torch_activation(network.sigma[l].name, z)
            value = torch_cost(cost, z, a, torch.tensor(y))
            value.backward()
            got = trace(network, rule, x, y)
            assert distance(got.cost, value.item()) < AUTOGRAD, (hidden, depth)
            assert distance(got.nabla.theta, theta.grad) < AUTOGRAD, (hidden, depth)


@pytest.mark.parametrize(("cost", "output"), PAIRINGS)
def test_the_page_runs_on_torch_tensors(cost, output):
    torch = pytest.importorskip("torch")
    network, rule, x, y = example(cost, output, "tanh", 3)
    want = trace(network, rule, x, y)
    theta = torch.tensor(network.parameters.theta)
    twin = network.with_parameters(type(network.parameters)(network.sizes, theta))
    got = trace(twin, rule, torch.tensor(x), torch.tensor(y))
    assert isinstance(got.nabla.theta, torch.Tensor)
    assert distance(got.nabla.theta, want.nabla.theta) < CLOSED
    assert distance(got.cost, want.cost) < CLOSED


def test_a_2_2_1_net_worked_out_by_hand():
    w1, b1 = np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([0.1, -0.2])
    w2, b2 = np.array([[1.5, -0.5]]), np.array([0.3])
    network = Network(
        [2, 2, 1], "sigmoid", "sigmoid", initializer=Given((w1, w2), (b1, b2)),
        dtype="float64",
    )  # fmt: skip
    x, y = np.array([[1.0, 2.0]]), np.array([[1.0]])

    def sigma(v):
        return 1 / (1 + np.exp(-v))

    z1 = [0.5 * 1 - 1.0 * 2 + 0.1, 2.0 * 1 + 0.25 * 2 - 0.2]
    a1 = [sigma(v) for v in z1]
    z2 = 1.5 * a1[0] - 0.5 * a1[1] + 0.3
    a2 = sigma(z2)
    delta2 = (a2 - 1) * a2 * (1 - a2)
    delta1 = [w * delta2 * a * (1 - a) for w, a in zip(w2[0], a1, strict=True)]
    got = trace(network, "quadratic", x, y)
    assert distance(got.z[1][0], z1) < CLOSED
    assert distance(got.a[2][0, 0], a2) < CLOSED
    assert distance(got.delta[1][0], delta1) < CLOSED
    assert distance(got.nabla.w[2][0], [delta2 * a for a in a1]) < CLOSED
    assert distance(got.nabla.w[1], np.outer(delta1, [1.0, 2.0])) < CLOSED
    assert distance(got.nabla.b[1], delta1) < CLOSED
    assert got.cost == pytest.approx(0.5 * (a2 - 1) ** 2, rel=CLOSED)


def test_gradient_is_the_mean_of_the_examples_gradients():
    network, rule, x, y = example("cross_entropy", "softmax", "relu", 3)
    got = trace(network, rule, x, y)
    each = [got.example(i).theta for i in range(len(x))]
    assert distance(np.mean(each, axis=0), got.nabla.theta) < CLOSED
    alone = trace(network, rule, x[2:3], y[2:3])
    assert distance(each[2], alone.nabla.theta) < CLOSED


def test_share_weighs_the_examples_of_a_mini_batch():
    network, rule, x, y = example("quadratic", "sigmoid", "tanh", 3)
    weight = np.array([0.0, 1.0, 2.0, 0.0, 3.0, 1.0])
    z, a = feedforward(network, x)
    share = (weight / weight.mean())[:, None]
    delta = backprop(network, rule, z, a, y, share=share)
    nabla = network.parameters.zeros()
    from pellucid import gradient

    gradient(a, delta, nabla)
    repeated = np.repeat(np.arange(6), weight.astype(int))
    want = trace(network, rule, x[repeated], y[repeated])
    assert distance(nabla.theta, want.nabla.theta) < CLOSED


def test_penalty_gradient_equals_central_differences():
    network, *_ = example("quadratic", "sigmoid", "tanh", 3)
    nabla = network.parameters.zeros()
    add_penalty(network, nabla, l1=0.3, l2=0.7)
    want = central_differences(
        lambda: penalty(network, 0.3, 0.7), network.parameters.theta
    )
    assert distance(nabla.theta, want) < DIFFERENCE
    assert all((b == 0).all() for b in nabla.b[1:])  # biases go free


def test_clip_norm_shortens_and_never_lengthens():
    network, *_ = example("quadratic", "sigmoid", "tanh", 3)
    nabla = network.parameters.copy()
    length, first = np.linalg.norm(nabla.theta), nabla.theta[0]
    clip_norm(nabla, 2 * length)
    assert nabla.theta[0] == first
    clip_norm(nabla, length / 4)
    assert distance(np.linalg.norm(nabla.theta), length / 4) < CLOSED


def test_perfect_output_costs_nothing():
    y = np.array([[0.0, 2.0, 5.0]])
    for name in ("quadratic", "mean_absolute_error", "huber"):
        assert COSTS[name]()(y, y, y)[0] == 0.0
    z = np.log(np.array([[1.0, 2.0, 5.0]]))
    assert abs(COSTS["poisson"]()(z, np.exp(z), np.exp(z))[0]) < CLOSED
