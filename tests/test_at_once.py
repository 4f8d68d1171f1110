"""Fork, spawn, many threads, many settings, a busy machine: the same bits, in time."""

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

from engine_cases import TARGETS, data_for
from pellucid import COSTS, OPTIMIZERS, Dataset, Network
from pellucid.engines import Task, start
from pellucid.engines.native_engine import NativeEngine

PROGRAM = Path(__file__).parent / "faults" / "at_once.py"
FEW, MANY = 8, 100
WAYS = ("threads", "fork", "spawn", "forkserver", "loky")
slow = pytest.mark.slow


@pytest.mark.parametrize(
    "way, count",
    [("threads", FEW), ("fork", FEW), ("spawn", 2)]
    + [pytest.param(way, MANY, marks=slow) for way in WAYS],
)
def test_trainings_at_once_end_in_the_same_bits(way, count):
    if way in ("fork", "forkserver") and not hasattr(os, "fork"):
        pytest.skip("processes can't fork here")
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        # Python 3.12 warns of forks beside threads; that they work is what is tried.
        [sys.executable, "-W", "ignore", str(PROGRAM), way, str(count)],
        env={**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 1, done.stdout
    assert "leaked" not in done.stderr  # what nanobind says at the end


HIDDEN = ("sigmoid", "tanh", "relu", "gelu", "silu", "softplus", "elu", "mish")
RULES = [name for name in OPTIMIZERS if name != "lbfgs"]


@pytest.mark.parametrize(
    "seed", [*range(5), *(pytest.param(seed, marks=slow) for seed in range(5, 50))]
)
def test_bits_of_random_settings(seed):
    """Threads, instruction sets, dense or CSR, resumed at a random step: one hash."""
    random = np.random.RandomState(seed)
    pick = random.choice
    dtype = str(pick(["float32", "float64"]))
    depth = random.randint(1, 4)
    sizes = [int(pick([60, 300])), *map(int, random.randint(20, 200, depth)), 4]
    batch, m = int(pick([10, 33, 100, 300])), 400
    data = data_for(
        "cross_entropy", m, sizes, seed, dtype, float(pick([0.1, 0.4, 1.0])),
        weight=bool(pick([False, True])), levels=pick([None, 20]),
    )  # fmt: skip
    csr = Dataset(scipy.sparse.csr_array(data.x), data.y, weight=data.weight)
    words = {
        "l1": float(pick([0, 1e-4])),
        "l2": float(pick([0, 1e-3])),
        "dropout": tuple(map(float, pick([0.0, 0.3], depth))),
        "clip": pick([None, 1.0]),
        "seed": seed,
    }
    network = Network(sizes, str(pick(HIDDEN)), "softmax", seed=seed, dtype=dtype)
    rule = OPTIMIZERS[str(pick(RULES))]
    order = random.randint(0, m, 2 * m)
    place = batch * random.randint(1, 2 * m // batch)
    hashes = set()
    cases = [(target, 1) for target in TARGETS] + [("auto", n) for n in (2, 3, 8)]
    for number, (target, threads) in enumerate(cases):
        for examples in (data, csr):

            def begin(examples=examples, target=target, threads=threads):
                task = Task(
                    network, examples, COSTS["cross_entropy"](), rule(eta=0.01),
                    threads=threads, **words,
                )  # fmt: skip
                return NativeEngine(task, target)

            engine = begin()
            if number % 2:
                engine.run(order[:place], batch)
                state, engine = engine.state(), begin()
                engine.restore(state)
                engine.run(order[place:], batch)
            else:
                engine.run(order, batch)
            hashes.add(engine.snapshot().weights_sha256())
    assert len(hashes) == 1


@pytest.mark.parametrize("threads", [1, 3])
def test_ctrl_c_within_a_run_is_heard_at_once(threads):
    """After it the engine is whole: between two of its updates."""
    sizes = [300, 200, 5]
    data = data_for("cross_entropy", 500, sizes, dtype="float32")
    words = {"cost": COSTS["cross_entropy"](), "optimizer": OPTIMIZERS["adam"]()}
    engine, again = (
        start(Network(sizes), data, threads=threads, **words) for _ in range(2)
    )
    order = np.tile(np.arange(500), 20_000)
    sent = []

    def send() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.3, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        engine.run(order, 100)
    assert time.monotonic() - sent[0] < 0.2 * LATE
    again.run(order[: 100 * engine.step], 100)
    assert again.snapshot().weights_sha256() == engine.snapshot().weights_sha256()


LATE = 5  # times what is promised: the machine may be busy
MOST = 4.0  # times the step on one thread, under load


@slow
@pytest.mark.parametrize("batch, steps", [(32, 1000), (256, 200)])
def test_under_load_a_step_is_never_much_slower_than_on_one_thread(batch, steps):
    """Beside two busy processes, by turns; medians."""
    random, rows = np.random.RandomState(0), 4096
    data = Dataset(random.rand(rows, 20), random.rand(rows, 1))
    words = {"cost": COSTS["quadratic"](), "optimizer": OPTIMIZERS["adam"]()}
    network = Network([20, 128, 128, 1], "relu", "identity")
    engines = {n: start(network, data, threads=n, **words) for n in (1, 2, 8)}
    order = random.randint(0, rows, batch * steps)
    seconds = {threads: [] for threads in engines}
    forever = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(forever) for _ in range(2)]
    try:
        for _ in range(11):
            for threads, engine in engines.items():
                begun = time.perf_counter()
                engine.run(order, batch)
                seconds[threads].append(time.perf_counter() - begun)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    alone = statistics.median(seconds[1])
    ratios = {n: statistics.median(each) / alone for n, each in seconds.items()}
    print({n: f"{ratio:.2f}" for n, ratio in ratios.items()}, f"of {alone / steps:.2g}")
    assert max(ratios.values()) < MOST
