"""Peers: who does the work, each as its own documentation says is fastest.

A peer gets a `Problem` and answers three questions: how long does a fit take, which
weights came out, how long does the answer to one row take. To add one: a class with
`prepare` and `epoch` in a file here, and its line in PEERS.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from workloads import Problem


@dataclass(frozen=True)
class Times:
    """Seconds of one fit.

    Attributes:
        prepare: from arrays in memory to the first update.
        epochs: of each epoch; its shuffle included, and the evaluation where the
            workload wants one.
    """

    prepare: float
    epochs: list[float]


class Peer:
    """What every peer is.

    Attributes:
        problem: what is done, as this peer can do it.
        differs: what is not the same work, in words; empty: nothing.
    """

    differs = ""

    def __init__(self, problem: Problem):
        self.problem = problem

    def prepare(self) -> None:
        """From the problem's arrays to whatever `epoch` wants; the first weights."""
        raise NotImplementedError

    def epoch(self, order: np.ndarray) -> None:
        """One update for each mini-batch of the rows `order`, finished on return."""
        raise NotImplementedError

    def theta(self) -> np.ndarray:
        """The weights now, (networks, P), laid out as `Parameters` are."""
        raise NotImplementedError

    def correct(self) -> int:
        """How many of the test part are right now, by the peer's own means."""
        raise NotImplementedError

    def answerer(self) -> Callable[[np.ndarray], Any]:
        """What gives the outputs, a NumPy array, of one row, (1, n_0)."""
        raise NotImplementedError

    def fit(self, epochs: int) -> Times:
        """One fit from the first weights."""
        stamps = [time.perf_counter()]
        self.prepare()
        stamps.append(time.perf_counter())
        for order in islice(self.problem.orders(), epochs):
            self.epoch(order)
            if self.problem.workload.evaluated:
                self.correct()
            stamps.append(time.perf_counter())
        passed = np.diff(stamps).tolist()
        return Times(passed[0], passed[1:])

    def seconds_an_answer(self, count: int) -> float:
        """Mean over `count` calls, each with another row."""
        test_x = self.problem.test_x
        rows = [test_x[i % len(test_x)][None] for i in range(count)]
        answer = self.answerer()
        begin = time.perf_counter()
        for row in rows:
            answer(row)
        return (time.perf_counter() - begin) / count


@dataclass(frozen=True)
class Entry:
    """One line of PEERS.

    Attributes:
        file, member: where the class is.
        workloads: names of those that it does.
        variants: options that are tried; the fastest is kept.
        needs: the package that it is made with; empty: NumPy.
    """

    file: str
    member: str
    workloads: tuple[str, ...]
    variants: tuple[dict[str, Any], ...] = ({},)
    needs: str = ""


_PLAIN = ("W1", "W2", "W3", "W3-std", "W4-32", "W4-256")
_SPARSE = ("W1", "W2", "W3")
_STEPPERS = tuple({"optimizer": way} for way in ("plain", "foreach", "fused"))
_LAYOUTS = ({"weights": "out, in"}, {"weights": "in, out"})
PEERS = {
    "pellucid": Entry("own", "Pellucid", (*_PLAIN, "W1-run", "P")),
    "pellucid network(x)": Entry("own", "Pellucid", ("one-row",), ({"call": "page"},)),
    "pellucid engine.output(x)": Entry(
        "own", "Pellucid", ("one-row",), ({"call": "engine"},)
    ),
    "example by example": Entry("loops", "ExampleByExample", ("W1",)),
    "NumPy float32": Entry(
        "loops", "MatrixForm", (*_PLAIN, "W1-run", "one-row"), ({"dtype": "float32"},)
    ),
    "NumPy float64": Entry("loops", "MatrixForm", _PLAIN, ({"dtype": "float64"},)),
    "scikit-learn": Entry("scikit", "Scikit", (*_PLAIN, "one-row"), needs="sklearn"),
    "scikit-learn CSR": Entry(
        "scikit", "Scikit", _SPARSE, ({"csr": True},), needs="sklearn"
    ),
    "PyTorch": Entry(
        "pytorch", "Eager", (*_PLAIN, "one-row"), _STEPPERS, needs="torch"
    ),
    "PyTorch compiled": Entry(
        "pytorch", "Compiled", _PLAIN, ({"optimizer": "foreach"},), needs="torch"
    ),
    "JAX scan": Entry(
        "jax_scan", "Scan", (*_PLAIN, "W1-run", "one-row"), _LAYOUTS, needs="jax"
    ),
    "NumPy stacked": Entry("loops", "Stacked", ("P",)),
    "PyTorch vmap": Entry("pytorch", "Vmap", ("P",), needs="torch"),
    "JAX vmap": Entry("jax_scan", "Scan", ("P",), _LAYOUTS, needs="jax"),
}
"""Name to who does it; the file is imported when it is asked for."""


def make_peer(name: str, problem: Problem, variant: dict[str, Any]) -> Peer:
    """A peer at a problem.

    Raises:
        ImportError: the package that it needs is not installed.
    """
    entry = PEERS[name]
    room = importlib.import_module(f".{entry.file}", __name__)
    made: Peer = getattr(room, entry.member)(problem, **variant)
    return made
