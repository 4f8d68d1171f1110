"""Every engine against the page, and the native engine's bits against themselves."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_cases import TARGETS, data_for
from pellucid import (
    COSTS,
    OPTIMIZERS,
    Dataset,
    InputError,
    Network,
    load,
    train,
)
from pellucid.engines import ENGINES, NotFiniteError, Task, start
from pellucid.engines.native_engine import NativeEngine
from test_equations import HIDDEN, PAIRINGS
from tolerances import CLOSED, PAGE, distance

STEPPING = [name for name in OPTIMIZERS if name != "lbfgs"]


def as_csr(data):
    return Dataset(scipy.sparse.csr_array(data.x), data.y, weight=data.weight)


def both(network, data, **task):
    """The engines of the page and of C++, started alike."""
    task.setdefault("cost", COSTS["quadratic"]())
    task.setdefault("optimizer", OPTIMIZERS["sgd"]())
    return [start(network, data, engine=name, **task) for name in ("numpy", "native")]


@pytest.mark.parametrize("dtype", PAGE)
@pytest.mark.parametrize(("cost", "output"), PAIRINGS)
def test_native_gradient_equals_the_page(cost, output, dtype):
    sizes = [7, 5, 6, 3]
    for number, hidden in enumerate(HIDDEN):
        network = Network(sizes, hidden, output, seed=number, dtype=dtype)
        data = data_for(cost, 11, sizes, number, dtype, weight=number % 2 == 1)
        page, native = both(
            network, data, cost=COSTS[cost](), l1=0.01, l2=0.1, dropout=0.3, seed=3
        )
        rows = np.arange(11)
        want_cost, want = page.gradient(rows)
        got_cost, got = native.gradient(rows)
        assert distance(got_cost, want_cost) < PAGE[dtype], hidden
        assert distance(got.theta, want.theta) < PAGE[dtype], hidden


@settings(max_examples=100, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=2, max_size=5),
    m=st.integers(1, 30),
    batch=st.integers(1, 30),
    hidden=st.sampled_from(HIDDEN),
    optimizer=st.sampled_from(STEPPING),
    clip=st.sampled_from([None, 0.05]),
    density=st.sampled_from([0.0, 0.2, 1.0]),
    weighted=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_native_run_equals_the_page(
    sizes, m, batch, hidden, optimizer, clip, density, weighted, seed
):
    network = Network(sizes, hidden, "sigmoid", seed=seed, dtype="float64")
    data = data_for("quadratic", m, sizes, seed, density=density, weight=weighted)
    page, native = both(
        network, data, optimizer=OPTIMIZERS[optimizer](eta=0.01), clip=clip, l2=0.01
    )
    order = np.random.RandomState(seed).permutation(m)
    for _ in range(2):
        want, got = page.run(order, batch), native.run(order, batch)
        assert abs(got - want) <= 1e3 * CLOSED * max(abs(want), 1.0)
    theta = [engine.snapshot().parameters.theta for engine in (page, native)]
    # A few steps of a rule that divides by √s let rounding grow.
    assert distance(theta[1], theta[0]) < 1e4 * CLOSED
    assert native.step == page.step == 2 * -(-m // batch)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 70), min_size=2, max_size=4),
    m=st.integers(1, 90),
    batch=st.sampled_from([7, 30, 90]),
    dtype=st.sampled_from(["float32", "float64"]),
    density=st.sampled_from([0.0, 0.1, 0.44, 0.6, 1.0]),
    levels=st.sampled_from([None, 20]),  # in lists: values, or codes and pairs
    optimizer=st.sampled_from(STEPPING),
    seed=st.integers(0, 1000),
)
def test_same_bits_for_dense_csr_and_every_instruction_set(
    sizes, m, batch, dtype, density, levels, optimizer, seed
):
    network = Network(sizes, "gelu", "softmax", seed=seed, dtype=dtype)
    data = data_for("cross_entropy", m, sizes, seed, dtype, density, levels=levels)
    order, hashes, costs = np.random.RandomState(seed).permutation(m), set(), set()
    for examples in (data, as_csr(data)):
        for target in TARGETS:
            task = Task(
                network, examples, COSTS["cross_entropy"](), OPTIMIZERS[optimizer](),
                l1=1e-3, l2=1e-3, dropout=(0.2,) * (len(sizes) - 2), clip=1.0, seed=1,
            )  # fmt: skip
            engine = NativeEngine(task, target)
            costs.add(engine.run(order, batch) + engine.run(order, batch))
            hashes.add(engine.snapshot().weights_sha256())
    assert len(hashes) == 1
    assert len(costs) == 1


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("inputs", [301, 70_001])
@pytest.mark.parametrize("levels", [None, 20])
@pytest.mark.parametrize("m", [20, 300])
def test_lists_of_every_form_have_the_bits_of_a_dense_input(
    m, levels, inputs, optimizer
):
    """Values, codes and pairs of these; more columns than two bytes can tell."""
    sizes = [inputs, 20, 3]
    network = Network(sizes, dtype="float32")
    m = m if inputs < 1000 else 20
    data = data_for("cross_entropy", m, sizes, 1, "float32", 0.7, levels=levels)
    hashes = set()
    for examples in (data, as_csr(data)):
        words = {"cost": COSTS["cross_entropy"](), "engine": "native"}
        engine = start(network, examples, optimizer=OPTIMIZERS[optimizer](), **words)
        for batch in (5, 300):
            engine.run(np.arange(m), batch)
        hashes.add(engine.snapshot().weights_sha256())
    assert len(hashes) == 1


def test_a_mini_batch_larger_than_a_block_is_one_mini_batch():
    sizes = [5, 8, 3]
    network = Network(sizes, "tanh", "softmax", dtype="float64")
    data = data_for("cross_entropy", 1000, sizes, weight=True)
    page, native = both(network, data, cost=COSTS["cross_entropy"](), dropout=0.5)
    order = np.arange(1000)
    assert distance(native.run(order, 1000), page.run(order, 1000)) < CLOSED
    theta = [engine.snapshot().parameters.theta for engine in (page, native)]
    assert distance(theta[1], theta[0]) < PAGE["float64"]


def test_the_run_in_one_piece_or_in_many_has_the_same_bits():
    sizes = [6, 9, 4]
    network = Network(sizes)
    data = data_for("cross_entropy", 50, sizes, dtype="float32")
    task = {"cost": COSTS["cross_entropy"](), "optimizer": OPTIMIZERS["adam"]()}
    whole = start(network, data, **task)
    pieces = start(network, data, **task)
    order = np.arange(50)
    whole.run(order, 8)
    for first in (0, 8, 24):
        pieces.run(order[first : {0: 8, 8: 24, 24: 50}[first]], 8)
    assert whole.snapshot().weights_sha256() == pieces.snapshot().weights_sha256()


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("optimizer", STEPPING)
def test_restored_state_goes_on_with_the_same_bits(name, optimizer):
    sizes = [6, 5, 3]
    network, data = (
        Network(sizes),
        data_for("cross_entropy", 40, sizes, dtype="float32"),
    )

    def begin():
        return start(
            network, data, cost=COSTS["cross_entropy"](), dropout=0.2, engine=name,
            optimizer=OPTIMIZERS[optimizer](eta=lambda step: 0.01 / (step + 1)),
        )  # fmt: skip

    first, order = begin(), np.arange(40)
    first.run(order, 7)
    state = first.state()
    first.run(order, 7)
    second = begin()
    second.restore(state)
    second.run(order, 7)
    assert second.step == first.step
    assert second.snapshot().weights_sha256() == first.snapshot().weights_sha256()


@pytest.mark.parametrize("name", ENGINES)
def test_a_cost_that_is_not_finite_stops_before_its_update(name):
    network = Network([2, 1], output="identity")
    x = np.ones((6, 2), np.float32)
    x[4] = 3e38  # finite, but its square is not
    engine = start(
        network, Dataset(x, np.zeros((6, 1), np.float32)), engine=name,
        cost=COSTS["quadratic"](), optimizer=OPTIMIZERS["sgd"](eta=1e-3),
    )  # fmt: skip
    with pytest.raises(NotFiniteError) as caught:
        engine.run(np.arange(6), 2)
    assert caught.value.mini_batch == 2
    assert engine.step == 2
    assert np.isfinite(engine.snapshot().parameters.theta).all()


@pytest.mark.parametrize("name", ENGINES)
def test_output_is_the_page_without_dropout(name):
    sizes = [5, 6, 3]
    network = Network(sizes, "silu", "softmax", dtype="float64")
    data = data_for("cross_entropy", 300, sizes)
    engine = start(
        network, data, cost=COSTS["cross_entropy"](), dropout=0.5, engine=name,
        optimizer=OPTIMIZERS["sgd"](),
    )  # fmt: skip
    z, a = engine.output(data.x)
    assert distance(a, network(data.x)) < CLOSED
    assert distance(np.exp(z) / np.exp(z).sum(1, keepdims=True), a) < CLOSED


def test_native_gives_the_same_bits_in_another_process():
    program = (
        "from pellucid import *\n"
        "d = load('digits'); n = Network([64, 20, 10], seed=4)\n"
        "list(train(n, d, epochs=2, dropout=0.2, seed=9))\n"
        "print(n.weights_sha256())"
    )
    data, network = load("digits"), Network([64, 20, 10], seed=4)
    list(train(network, data, epochs=2, dropout=0.2, seed=9))
    words = [sys.executable, "-c", program]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert said == f"{network.weights_sha256()}\n"


def test_an_engine_at_work_refuses_a_second_thread():
    import threading

    network = Network([50, 200, 10])
    data = data_for("cross_entropy", 400, [50, 10], dtype="float32")
    engine = start(
        network, data, cost=COSTS["cross_entropy"](), optimizer=OPTIMIZERS["sgd"]()
    )
    order = np.tile(np.arange(400), 50)
    refused = []

    def second():
        try:
            engine.run(order, 10)
        except RuntimeError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=second) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert "at work in another thread" in refused[0]
    assert engine.step == len(order) // 10


def test_native_refuses_what_would_be_read_out_of_bounds():
    network = Network([3, 2], output="softmax")
    data = data_for("cross_entropy", 4, [3, 2], dtype="float32")
    engine = start(
        network, data, cost=COSTS["cross_entropy"](), optimizer=OPTIMIZERS["sgd"]()
    )
    for rows in ([4], [-1], [0, 2**40]):
        with pytest.raises(ValueError, match="a row number is out of range"):
            engine.run(np.array(rows), 1)
    with pytest.raises(ValueError, match="x does not fit the network"):
        engine.output(np.zeros((2, 4), np.float32))
    values, columns, starts = engine._csr(as_csr(data).x)
    z = np.zeros((4, 2), np.float32)
    for bad in (columns + 3, columns - 3, columns * 0):
        with pytest.raises(ValueError, match="column"):
            engine._native.output_csr(values, bad.astype(np.int32), starts, z, z.copy())
    with pytest.raises(ValueError, match="starts"):
        engine._native.output_csr(values, columns, starts[::-1].copy(), z, z.copy())


def test_unknown_target_is_refused_in_words():
    data = data_for("cross_entropy", 4, [3, 2], dtype="float32")
    task = Task(Network([3, 2]), data, COSTS["cross_entropy"](), OPTIMIZERS["sgd"]())
    with pytest.raises(InputError, match="no native target 'mmx'"):
        NativeEngine(task, "mmx")


def test_zeros_cost_nothing_but_count_as_zeros():
    """A row of zeros still trains the biases, dense and sparse alike."""
    network = Network([3, 2], output="softmax", dtype="float64")
    x, y = np.zeros((2, 3)), np.eye(2)
    page, native = both(network, Dataset(x, y), cost=COSTS["cross_entropy"]())
    assert distance(page.run(np.arange(2), 1), native.run(np.arange(2), 1)) < CLOSED
    assert (
        distance(native.snapshot().parameters.theta, page.snapshot().parameters.theta)
        < CLOSED
    )
