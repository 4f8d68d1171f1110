"""pellucid itself, through its public functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import COSTS, OPTIMIZERS, Dataset
from pellucid.engines import Engine, start
from workloads import Problem

from . import Peer


def started(problem: Problem, theta: np.ndarray) -> Engine:
    """An engine at a problem, from these parameters, (P,)."""
    work = problem.workload
    more = {"epsilon": work.epsilon} if work.optimizer == "adam" else {}
    return start(
        problem.network(theta.copy()),
        Dataset(problem.x, problem.y),
        cost=COSTS[work.cost](),
        optimizer=OPTIMIZERS[work.optimizer](eta=work.eta, **more),
    )


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
        self.engines = [started(self.problem, theta) for theta in self.problem.theta]

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
    """The networks one after the other, until there is a way to do it at once."""
    for engine in engines:
        engine.run(order, batch_size)
