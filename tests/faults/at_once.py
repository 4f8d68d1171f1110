"""The same training many times over, in threads or processes: WAY COUNT.

Prints the hashes that came of it; there must be one.
"""

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np

from pellucid import COSTS, OPTIMIZERS, Dataset, Network
from pellucid.engines import start

SIZES = [200, 128, 5]
STUCK = 30  # seconds


def fit(_=None) -> str:
    random = np.random.RandomState(0)
    x = random.rand(600, 200).astype(np.float32) * (random.rand(600, 200) < 0.3)
    engine = start(
        Network(SIZES, seed=1), Dataset(x, np.eye(5, dtype="f4")[np.arange(600) % 5]),
        cost=COSTS["cross_entropy"](), optimizer=OPTIMIZERS["adam"](), threads=3,
    )  # fmt: skip
    for _ in range(3):
        engine.run(np.arange(600), 60)
    return engine.snapshot().weights_sha256()


def forked(count: int) -> list[str]:
    """From a process whose team is at work at that very moment."""
    over, found = threading.Event(), []

    def work() -> None:
        while not over.is_set():
            found.append(fit())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(count):
            found.append(fit_in_a_child())
    finally:
        over.set()
        thread.join()
    return found


def fit_in_a_child() -> str:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(STUCK)
        os.write(write, fit().encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        said = file.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return said


def loky(count: int) -> list[str]:
    from joblib import Parallel, delayed

    return Parallel(2, backend="loky")(delayed(fit)() for _ in range(count))


def main(way: str, count: int) -> None:
    want = fit()  # first: a fork in the middle of another thread's import would hang
    if way == "threads":
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(fit, range(count)))
    elif way == "fork":
        found = forked(count)
    elif way == "loky":
        found = loky(count)
    else:
        context = multiprocessing.get_context(way)
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            found = list(pool.map(fit, range(count)))
    print(*{want, *found})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
