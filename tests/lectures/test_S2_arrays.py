"""S2: examples as rows of matrices, and everything at once."""

import math
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from pellucid import (
    COSTS,
    Dataset,
    Given,
    InputError,
    Network,
    backprop,
    feedforward,
    gradient,
    load,
    sigmoid,
    trace,
    train,
)
from tolerances import CLOSED, distance

QUADRATIC, BINARY = COSTS["quadratic"](), COSTS["binary_cross_entropy"]()


@pytest.fixture(scope="module")
def digits():
    return load("digits", dtype="float64").train


def seconds(times, *works):
    """The shortest time of each on one thread, in turns: others' work is left out."""
    found = []
    with threadpool_limits(1):
        for _ in range(times):
            for work in works:
                begin = time.perf_counter()
                work()
                found.append(time.perf_counter() - begin)
    return [min(found[i :: len(works)]) for i in range(len(works))]


def test_S2_27_vectorised_is_at_least_50_times_as_fast_as_a_loop():
    # Hundreds to thousands of times, says the lecture.
    network = Network([784, 30, 10], "sigmoid", "sigmoid", dtype="float64")
    x = np.random.RandomState(0).rand(20, 784)
    w, b = ([v if v is None else v.tolist() for v in p] for p in (network.w, network.b))
    rows, looped = x.tolist(), []

    def loop():
        looped.clear()
        for row in rows:
            a = row
            for l in (1, 2):
                z = []
                for j in range(len(b[l])):
                    total = b[l][j]
                    for k in range(len(a)):
                        total += w[l][j][k] * a[k]
                    z.append(total)
                a = [1 / (1 + math.exp(-v)) for v in z]
            looped.append(a)

    slow, fast = seconds(10, loop, lambda: feedforward(network, x))
    assert slow > 50 * fast, (slow, fast)
    assert distance(feedforward(network, x)[1][2], looped) < CLOSED


def test_S2_28_one_dimensional_input_is_refused_with_the_fix(digits):
    # Always 2-D matrices.
    network = Network([64, 10], dtype="float64")
    row, fix = digits.x[0], r"For one example pass x\[None\]"
    with pytest.raises(InputError, match=fix):
        network(row)
    with pytest.raises(InputError, match=fix):
        trace(network, COSTS["cross_entropy"](), row, digits.y[:1])
    with pytest.raises(InputError, match=fix):
        Dataset.from_arrays(row, [3])
    assert distance(network(row[None]), network(digits.x)[:1]) < CLOSED


def test_S2_29_broadcasting_adds_the_bias_to_each_row_and_no_more(digits):
    # [[2, 3], [4, 5] + [[-4, 2]] is printed: a bracket is missing.
    with pytest.raises(SyntaxError):
        compile("[[2,3],[4,5] + [[-4,2]]", "slide", "eval")
    given = Given((np.eye(2),), (np.array([-4.0, 2.0]),))
    add = Network([2, 2], output="identity", initializer=given, dtype="float64")
    x = np.array([[2.0, 3.0], [4.0, 5.0]])
    assert add(x).tolist() == [[-2.0, 5.0], [0.0, 7.0]]
    assert (x + np.array([[-4, 2]])).tolist() == add(x).tolist()

    # (n,) - (n, 1) is (n, n) to NumPy, and a cost made of it means nothing: caught.
    network = Network([64, 1], output="identity", dtype="float64")
    y = digits.labels.astype(float)
    assert (y - network(digits.x)).shape == (len(y), len(y))
    with pytest.raises(
        InputError, match=r"for one number an example pass y\[:, None\]"
    ):
        trace(network, QUADRATIC, digits.x, y)
    with pytest.raises(InputError, match="2-D"):
        Dataset(digits.x, y)
    column = trace(network, QUADRATIC, digits.x, y[:, None])
    assert column.cost_of_example.shape == y.shape
    made = Dataset.from_arrays(digits.x, y, dtype="float64")  # promoted, as documented
    assert (made.y == y[:, None]).all()


def test_S2_31_a_bias_is_the_weight_of_an_input_that_is_always_1(digits):
    # Augmentation x_0 = 1; the row vector as printed starts at w_1.
    random = np.random.RandomState(1)
    w, b = random.randn(1, 64), random.randn(1)
    x, y = digits.x, (digits.labels[:, None] == 3).astype(float)
    plain = Given((w,), (b,))
    plain = Network([64, 1], output="sigmoid", initializer=plain, dtype="float64")
    ones = np.c_[np.ones(len(x)), x]
    whole = Given((np.c_[b, w],), (np.zeros(1),))
    augmented = Network([65, 1], output="sigmoid", initializer=whole, dtype="float64")

    one, other = trace(plain, BINARY, x, y), trace(augmented, BINARY, ones, y)
    assert distance(other.z[1], one.z[1]) < CLOSED
    assert distance(other.cost, one.cost) < CLOSED
    assert distance(other.nabla.w[1], np.c_[one.nabla.b[1], one.nabla.w[1]]) < CLOSED

    # w_1 ... w_n alone have no weight for x_0, and without it the threshold is lost.
    with pytest.raises(InputError, match=r"w \(1, 65\).*got \(1, 64\)"):
        printed = Given((w,), (np.zeros(1),))
        Network([65, 1], output="sigmoid", initializer=printed, dtype="float64")
    assert distance(x @ w.T, one.z[1]) > 0.01


def test_S2_42_a_batch_is_what_a_loop_over_its_examples_gives(digits):
    # Many examples at once; Z is printed as σ(wᵀX), which is A.
    network = Network([64, 12, 10], "sigmoid", "sigmoid", seed=2, dtype="float64")
    part = digits.rows(range(40))
    batch = trace(network, BINARY, part.x, part.y)
    singles = [
        trace(network, BINARY, part.x[i : i + 1], part.y[i : i + 1]) for i in range(40)
    ]
    for name in ("z", "a", "delta"):
        for l in (1, 2):
            rows = [getattr(single, name)[l][0] for single in singles]
            assert distance(getattr(batch, name)[l], rows) < CLOSED
    assert distance(batch.cost, np.mean([single.cost for single in singles])) < CLOSED
    mean = np.mean([single.nabla.theta for single in singles], axis=0)
    assert distance(batch.nabla.theta, mean) < CLOSED
    for l in (1, 2):
        assert distance(batch.a[l], sigmoid(batch.z[l])) < CLOSED
        assert distance(batch.z[l], batch.a[l]) > 0.1


def test_S2_43_examples_are_rows_and_a_transposed_matrix_is_told_so(digits):
    # X holds variables in rows, then n × (m + 1) two slides on. Here rows are examples.
    network = Network([64, 10], dtype="float64")
    cost, part = COSTS["cross_entropy"](), digits.rows(range(30))
    assert network(part.x).shape == (30, 10)
    with pytest.raises(InputError, match=r"looks transposed: pass x\.T"):
        network(part.x.T)
    with pytest.raises(InputError, match=r"looks transposed: pass x\.T"):
        trace(network, cost, part.x.T, part.y)
    with pytest.raises(InputError, match=r"looks transposed: pass y\.T"):
        trace(network, cost, part.x, part.y.T)
    square = Dataset.from_arrays(part.x.T, np.zeros((64, 10)))
    with pytest.raises(InputError, match=r"looks transposed: pass x\.T"):
        train(Network([64, 10]), square)


def test_S2_53_backward_reuses_the_forward_pass():
    # Reuse computations: back-propagation costs about two forward passes.
    network = Network([784, 100, 100, 10], "sigmoid", "sigmoid")
    random = np.random.RandomState(3)
    x, y = random.rand(500, 784).astype("f"), random.rand(500, 10).astype("f")
    z, a = feedforward(network, x)
    nabla = network.parameters.zeros()

    def backward():
        gradient(a, backprop(network, BINARY, z, a, y), nabla)

    def forward():
        feedforward(network, x)

    one, other = seconds(30, forward, backward)
    assert other < 3 * one, (one, other)
    # Without the reuse each parameter would need a forward pass of its own.
    assert network.parameters.theta.size * one > 1000 * other
