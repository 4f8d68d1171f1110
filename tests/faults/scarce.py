"""One allocation of the engine after the other fails: an error in words, no harm.

Runs under scarce.cpp, one case in the arguments: KIND THREADS once|on LIMIT. Each
allocation fails in a child of its own, so that the threads, too, are begun anew. Prints
how many allocations there are.
"""

import ctypes
import os
import signal
import sys

import numpy as np

from pellucid import COSTS, OPTIMIZERS, Dataset, Network, Predictor
from pellucid.data.inputs import row_slice
from pellucid.engines import Engine, start

NATIVE = ctypes.CDLL(os.environ["LD_PRELOAD"].split()[-1])
ROWS = 4_200  # from 4,096 on, several threads make the lists
KINDS = ("dense", "values", "codes", "pixels", "csr")
STUCK, DEFECT = 60, 3


def examples(kind: str) -> Dataset:
    import scipy.sparse

    random = np.random.RandomState(0)
    lit = random.rand(ROWS, 120) < (0.9 if kind == "dense" else 0.2)
    bytes_ = (random.randint(1, 256, lit.shape) * lit).astype(np.uint8)
    labels = random.randint(0, 5, ROWS)
    if kind == "pixels":
        return Dataset.from_pixels(bytes_.reshape(ROWS, 10, 12), labels)
    x = bytes_ / np.float32(255)
    if kind != "codes":
        x *= random.rand(*x.shape).astype(np.float32)
    y = np.eye(5, dtype=np.float32)[labels]
    return Dataset(scipy.sparse.csr_array(x) if kind == "csr" else x, y)


def begin(data: Dataset, threads: int) -> Engine:
    return start(
        NETWORK, data, cost=COSTS["cross_entropy"](), optimizer=OPTIMIZERS["adam"](),
        dropout=0.2, engine="native", threads=threads,
    )  # fmt: skip


def use(engine: Engine, data: Dataset) -> str:
    """All that is asked of an engine; a hash of what it ended with."""
    engine.run(np.arange(300), 100)
    engine.run(np.arange(40), 7)
    engine.gradient(np.arange(500))
    engine.output(row_slice(data.x, 0, 300))  # SciPy's own would allocate, too
    Predictor(engine.snapshot())(np.ones(120, np.float32))
    return engine.snapshot().weights_sha256()


NETWORK = Network([120, 150, 40, 5], seed=1)


def fails(n: int, on: bool, data: Dataset, threads: int, want: str) -> bool:
    """Whether an error came of the n-th allocation; afterwards all must be well."""
    engine, failed, before = None, False, None
    NATIVE.scarce_memory(n, on)
    try:
        engine = begin(data, threads)
        before = use(engine, data)
    except MemoryError:
        failed = True
    finally:
        NATIVE.scarce_memory(-1, 0)
    assert failed or before == want, "other bits"
    if engine is not None:  # what is left of it can be used, without dropout
        once, again = (engine.output(data.x[:50])[1] for _ in range(2))
        np.testing.assert_array_equal(once, again)
        answer = engine.snapshot()(np.asarray(data.rows(np.arange(50)).x.astype("f4")
                                   if not hasattr(data.x, "todense")
                                   else data.x[:50].toarray()))  # fmt: skip
        np.testing.assert_allclose(once, answer, rtol=1e-3, atol=1e-5)
        use(engine, data)
    assert use(begin(data, threads), data) == want, "other bits afterwards"
    return failed


def in_a_child(n: int, *rest) -> None:
    child = os.fork()
    if child == 0:
        signal.alarm(STUCK)
        try:
            fails(n, *rest)
            os._exit(0)
        except BaseException as error:
            print(f"allocation {n}: {error!r}", file=sys.stderr, flush=True)
            os._exit(DEFECT)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        sys.exit(f"allocation {n} of {sys.argv[1:]}: status {status}")


def resident() -> int:
    """Bytes, without what the allocator only keeps."""
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def main(kind: str, threads: int, on: bool, limit: int) -> None:
    data = examples(kind)
    NATIVE.scarce_memory(-1, 0)
    want = use(begin(data, 1), data)  # one thread: a fork finds no other at work
    count = NATIVE.scarce_seen()
    most = count + 60 * (threads > 1)  # a team has some more
    for place in range(min(most, limit)):
        in_a_child(place * most // min(most, limit), on, data, threads, want)
    failed = 0
    before = 0
    for n in range(200):  # and in one process: nothing is lost
        failed += fails(n % 100 * count // 100, on, data, threads, want)
        before = resident() if n == 99 else before
    assert failed >= 150, failed
    assert resident() - before < 1 << 20, f"{resident() - before} bytes lost"
    NATIVE.scarce_threads(1)
    in_a_child(1 << 40, False, data, 8, want)  # no thread to be had
    print(count)


main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "on", int(sys.argv[4]))
