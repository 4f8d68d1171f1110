"""Every engine against the page, and the native engine's bits against themselves."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import COSTS, OPTIMIZERS, Dataset, InputError, Network
from pellucid.engines import ENGINES, NotFiniteError, Task, native_engine, start
from pellucid.engines.native_engine import NativeEngine
from test_equations import HIDDEN, PAIRINGS, targets
from tolerances import CLOSED, PAGE, distance

NATIVE_PAIRINGS = [pair for pair in PAIRINGS if pair[0] != "quantile"]
MANY = (2, 3, 8)


def has(target):
    """Whether this processor and build have it."""
    try:
        native_engine.elementary("exp", np.zeros(1), target)
    except ValueError:
        return False
    return True


STEPPING = [name for name in OPTIMIZERS if name != "lbfgs"]


def data_for(cost, m, sizes, seed=0, dtype="float64", density=0.5, weight=False):
    random = np.random.RandomState(seed)
    x = random.standard_normal((m, sizes[0])) * (random.rand(m, sizes[0]) < density)
    y = targets(cost, random, m, sizes[-1])
    w = (random.rand(m) * (random.rand(m) < 0.8) + 1e-3) if weight else None
    kind = np.dtype(dtype)
    w = None if w is None else w.astype(kind)
    return Dataset(x.astype(kind), y.astype(kind), weight=w)


def as_csr(data):
    return Dataset(scipy.sparse.csr_array(data.x), data.y, weight=data.weight)


def both(network, data, **task):
    """The engines of the page and of C++, started alike."""
    task.setdefault("cost", COSTS["quadratic"]())
    task.setdefault("optimizer", OPTIMIZERS["sgd"]())
    return [start(network, data, engine=name, **task) for name in ("numpy", "native")]


@pytest.mark.parametrize("dtype", PAGE)
@pytest.mark.parametrize(("cost", "output"), NATIVE_PAIRINGS)
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
    m=st.integers(1, 40),
    dtype=st.sampled_from(["float32", "float64"]),
    density=st.sampled_from([0.0, 0.1, 0.44, 0.6, 1.0]),
    optimizer=st.sampled_from(STEPPING),
    seed=st.integers(0, 1000),
)
def test_same_bits_for_dense_csr_and_every_instruction_set(
    sizes, m, dtype, density, optimizer, seed
):
    network = Network(sizes, "gelu", "softmax", seed=seed, dtype=dtype)
    data = data_for("cross_entropy", m, sizes, seed, dtype, density)
    order, hashes, costs = np.random.RandomState(seed).permutation(m), set(), set()
    for examples in (data, as_csr(data)):
        for target in TARGETS:
            task = Task(
                network, examples, COSTS["cross_entropy"](), OPTIMIZERS[optimizer](),
                l1=1e-3, l2=1e-3, dropout=(0.2,) * (len(sizes) - 2), clip=1.0, seed=1,
            )  # fmt: skip
            engine = NativeEngine(task, target)
            costs.add(engine.run(order, 7) + engine.run(order, 7))
            hashes.add(engine.snapshot().weights_sha256())
    assert len(hashes) == 1
    assert len(costs) == 1


TARGETS = [target for target in ("portable", "avx2", "avx512") if has(target)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        ("sgd", {}),
        ("sgd", {"l2": 1e-3}),
        ("adam", {"l1": 1e-4, "dropout": (0.3, 0.1)}),
        ("nesterov", {"clip": 0.1}),
    ],
)
@pytest.mark.parametrize("batch", [24, 100, 400])
def test_same_bits_for_any_threads_and_targets(dtype, optimizer, words, batch):
    sizes = [300, 150, 140, 5]  # work enough for a team
    network = Network(sizes, "tanh", "softmax", seed=1, dtype=dtype)
    data = data_for("cross_entropy", 500, sizes, 2, dtype, density=0.2)
    full = Dataset(data.x + np.ones(300, dtype), data.y)
    order = np.tile(np.random.RandomState(0).permutation(500), 4)
    for examples in (data, full):
        hashes, costs = set(), set()
        for target, threads in [(t, 1) for t in TARGETS] + [("auto", n) for n in MANY]:
            rule = OPTIMIZERS[optimizer](eta=0.01)
            task = Task(
                network, examples, COSTS["cross_entropy"](), rule, seed=3,
                threads=threads, **{"dropout": (0.0, 0.0), **words},
            )  # fmt: skip
            engine = NativeEngine(task, target)
            costs.add(engine.run(order, batch))
            hashes.add(engine.snapshot().weights_sha256())
        assert len(hashes) == len(costs) == 1


def test_many_engines_at_once_in_threads_end_in_the_same_bits():
    from concurrent.futures import ThreadPoolExecutor

    sizes = [200, 128, 5]
    data = data_for("cross_entropy", 600, sizes, 2, "float32")

    def fit(_):
        engine = start(
            Network(sizes, seed=1), data, cost=COSTS["cross_entropy"](),
            optimizer=OPTIMIZERS["adam"](), threads=2,
        )  # fmt: skip
        for _ in range(3):
            engine.run(np.arange(600), 60)
        return engine.snapshot().weights_sha256()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(fit, range(8)))) == 1


def test_a_forked_child_has_threads_of_its_own():
    program = (
        "import os, numpy as np\n"
        "from pellucid import *\n"
        "from pellucid.engines import start\n"
        "def fit():\n"
        "    x = np.random.RandomState(0).rand(600, 200).astype('f')\n"
        "    e = start(Network([200, 128, 5], seed=1), Dataset(x, np.eye(5, dtype='f')"
        "[np.arange(600) % 5]), cost=COSTS['cross_entropy'](), threads=2,\n"
        "        optimizer=OPTIMIZERS['adam']())\n"
        "    for _ in range(3): e.run(np.arange(600), 60)\n"
        "    return e.snapshot().weights_sha256()\n"
        "first = fit()\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(0 if fit() == first else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
        "assert fit() == first\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True,
                   timeout=60)  # fmt: skip


def test_threads_are_counted_and_refused_in_words(monkeypatch):
    from pellucid.engines import cores

    monkeypatch.setattr(cores, "usable_cores", lambda: 3)
    monkeypatch.delenv("PELLUCID_THREADS", raising=False)
    assert cores.threads() == 3
    assert cores.threads(7) == 7
    monkeypatch.setenv("PELLUCID_THREADS", "2")
    assert cores.threads() == 2
    monkeypatch.setenv("PELLUCID_THREADS", "many")
    with pytest.raises(InputError, match="PELLUCID_THREADS must be a whole number"):
        cores.threads()
    with pytest.raises(InputError, match="threads must be"):
        cores.threads(0)


@pytest.mark.parametrize(
    ("said", "cores_of_it"),
    [("max 100000", 256), ("250000 100000", 2), ("50000 100000", 1), ("odd", 256)],
)
def test_cores_by_the_quota_of_the_control_group(
    said, cores_of_it, tmp_path, monkeypatch
):
    from pellucid.engines import cores

    (tmp_path / "cpu.max").write_text(said)
    monkeypatch.setattr(cores, "CGROUP", tmp_path / "cpu.max")
    if hasattr(cores.os, "sched_getaffinity"):
        monkeypatch.setattr(cores.os, "sched_getaffinity", lambda _: set(range(500)))
        assert cores.usable_cores() == cores_of_it


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
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(hashes) == 1


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


@pytest.mark.parametrize("dtype", PAGE)
def test_predictor_answers_as_the_page_does(dtype):
    network = Network([7, 12, 3], "relu", "softmax", dtype=dtype)
    predict = native_engine.Predictor(network)
    x = np.random.RandomState(0).standard_normal((20, 7)).astype(dtype)
    assert distance(predict(x), network(x)) < PAGE[dtype]
    assert predict(x[0]).tobytes() == predict(x[:1]).tobytes()
    assert predict(x[0]).tobytes() == predict(x)[:1].tobytes()
    assert predict(x[::2]).tobytes() == predict(x)[::2].tobytes()  # not contiguous
    assert distance(predict(x.tolist()), predict(x)) == 0
    for bad in (np.zeros((2, 6), dtype), "seven", None, np.full(7, np.nan).tolist()):
        with pytest.raises(InputError, match=r"^x must"):
            predict(bad)
