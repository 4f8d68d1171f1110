"""pellucid itself, through its public functions."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from pellucid import COSTS, OPTIMIZERS, Dataset
from pellucid.engines import Engine, cores, start
from workloads import Problem

from . import Peer


def started(problem: Problem) -> list[Engine]:
    """An engine for each network of a problem; many share the examples, threadless."""
    work = problem.workload
    more = {"epsilon": work.epsilon} if work.optimizer == "adam" else {}
    data = Dataset(problem.x, problem.y)
    engines: list[Engine] = []
    for theta in problem.theta:
        engines.append(
            start(
                problem.network(theta.copy()),
                data,
                cost=COSTS[work.cost](),
                optimizer=OPTIMIZERS[work.optimizer](eta=work.eta, **more),
                threads=1 if len(problem.theta) > 1 else None,
                like=engines[0] if engines else None,
            )
        )
    return engines


class Pellucid(Peer):
    """Engines that are started and run; one each network.

    Args:
        problem: what is done.
        call: who answers single rows: "engine", or "page", the network called.
    """

    def __init__(self, problem: Problem, call: str = "engine"):
        super().__init__(problem)
        self.call = call

    def prepare(self) -> None:
        self.engines = started(self.problem)

    def epoch(self, order: np.ndarray) -> None:
        train_all(self.engines, order, self.problem.workload.batch_size)

    def theta(self) -> np.ndarray:
        return np.stack([engine.snapshot().parameters.theta for engine in self.engines])

    def correct(self) -> int:
        a = self.engines[0].output(self.problem.test_x)[1]
        return int((a.argmax(1) == self.problem.test_y.argmax(1)).sum())

    def answerer(self) -> Callable[[np.ndarray], Any]:
        self.prepare()
        engine = self.engines[0]
        if self.call == "page":
            return engine.snapshot()
        return lambda row: engine.output(row)[1]


def train_all(engines: list[Engine], order: np.ndarray, batch_size: int) -> None:
    """Whole networks to cores, as `training.population` does, in the given order."""
    with ThreadPoolExecutor(min(cores.threads(), len(engines))) as threads:
        for done in [threads.submit(e.run, order, batch_size) for e in engines]:
            done.result()
