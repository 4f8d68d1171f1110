"""Threads and instruction sets: they change no bit, whatever else goes on."""

import subprocess
import sys

import numpy as np
import pytest

from engine_cases import TARGETS, data_for
from pellucid import COSTS, OPTIMIZERS, Dataset, InputError, Network, Predictor
from pellucid.engines import Task, start
from pellucid.engines.native_engine import NativeEngine
from tolerances import PAGE, distance

MANY = (2, 3, 8)


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
@pytest.mark.parametrize("steps", [3, pytest.param(80, marks=pytest.mark.slow)])
def test_same_bits_for_any_threads_and_targets(dtype, optimizer, words, batch, steps):
    sizes = [300, 150, 140, 5]  # work enough for a team
    network = Network(sizes, "tanh", "softmax", seed=1, dtype=dtype)
    data = data_for("cross_entropy", 500, sizes, 2, dtype, density=0.2)
    full = Dataset(data.x + np.ones(300, dtype), data.y)
    order = np.tile(np.random.RandomState(0).permutation(500), 4)
    order = order[: steps * batch + batch // 3]  # the last batch is not whole
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


@pytest.mark.parametrize("dtype", PAGE)
def test_predictor_answers_as_the_page_does(dtype):
    network = Network([7, 12, 3], "relu", "softmax", dtype=dtype)
    predict = Predictor(network)
    x = np.random.RandomState(0).standard_normal((20, 7)).astype(dtype)
    assert distance(predict(x), network(x)) < PAGE[dtype]
    assert predict(x[0]).tobytes() == predict(x[:1]).tobytes()
    assert predict(x[0]).tobytes() == predict(x)[:1].tobytes()
    assert predict(x[::2]).tobytes() == predict(x)[::2].tobytes()  # not contiguous
    assert distance(predict(x.tolist()), predict(x)) == 0
    for other in ("float32", "float64", "float16", ">f8", "int8"):  # of other types
        same = x.astype(other)
        assert predict(same).tobytes() == predict(same.astype(dtype)).tobytes()
    for bad in (np.zeros((2, 6), dtype), "seven", None, np.full(7, np.nan).tolist()):
        with pytest.raises(InputError, match=r"^x must"):
            predict(bad)


@pytest.mark.slow
def test_ten_thousand_fits_leave_no_memory_behind():
    program = (
        "import numpy as np\n"
        "from pellucid import *\n"
        "from pellucid.engines import start\n"
        "data = Dataset(np.random.rand(64, 20).astype('f'), np.eye(4, dtype='f')"
        "[np.arange(64) % 4])\n"
        "def resident():\n"
        "    return int(open('/proc/self/statm').read().split()[1]) * 4096\n"
        "def fits(count):\n"
        "    for seed in range(count):\n"
        "        e = start(Network([20, 16, 4], seed=seed), data, threads=2,\n"
        "            cost=COSTS['cross_entropy'](), optimizer=OPTIMIZERS['adam']())\n"
        "        e.run(np.arange(64), 16)\n"
        "fits(500)\n"
        "before = resident()\n"
        "fits(10_000)\n"
        "print(resident() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert int(done.stdout) < 5e6
