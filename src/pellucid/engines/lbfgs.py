"""L-BFGS: SciPy's search, driven by an engine's gradient, one iteration at a time.

SciPy calls back and does not come back until it is done; a `for` loop wants to be
handed one iteration and then another. So the search runs in a thread of its own that
waits after each iteration until it is asked for the next.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Generator

import numpy as np

from .._arrays import Array
from ..mathematics.network import Parameters
from ..mathematics.optimizers import LBFGS
from . import Engine, NotFiniteError


class _Search(threading.Thread):
    """SciPy's L-BFGS-B in a thread; hands over each iterate and waits."""

    def __init__(self, engine: Engine, rows: Array, rule: LBFGS, iterations: int):
        super().__init__(daemon=True)
        self.engine, self.rows, self.rule = engine, rows, rule
        self.iterations = iterations
        self.found: queue.Queue[Array | BaseException | None] = queue.Queue()
        self.go_on = threading.Semaphore(0)
        self.stopped = False

    def run(self) -> None:
        try:
            self._minimize()
            self.found.put(None)
        except BaseException as error:  # handed to the thread that asked
            self.found.put(error)

    def _minimize(self) -> None:
        from scipy.optimize import minimize  # costs a quarter second, so only here

        theta = self.engine.state()["theta"].astype(np.float64)
        options = {
            "maxiter": self.iterations,
            "maxfun": 20 * self.iterations + 20,
            "maxcor": int(self.rule.memory),
            "ftol": self.rule.tolerance,
            "gtol": self.rule.tolerance,
        }
        minimize(
            self._cost,
            theta,
            jac=True,
            method="L-BFGS-B",
            callback=self._pause,
            options=options,
        )

    def _cost(self, theta: Array) -> tuple[float, Array]:
        if self.stopped:
            raise StopIteration
        go_to(self.engine, theta)
        cost, nabla = self.engine.gradient(self.rows)
        if not math.isfinite(cost):
            raise NotFiniteError(0)
        return cost, nabla.theta.astype(np.float64)

    def _pause(self, theta: Array) -> None:
        self.found.put(theta.copy())
        self.go_on.acquire()
        if self.stopped:
            raise StopIteration


def go_to(engine: Engine, theta: Array) -> None:
    """Put the engine's network at θ; what the optimizer remembers stays."""
    state = engine.state()
    engine.restore({**state, "theta": theta.astype(state["theta"].dtype)})


def search(
    engine: Engine, rows: Array, rule: LBFGS, iterations: int
) -> Generator[tuple[float, Parameters], None, None]:
    """The iterations of L-BFGS, at most so many; ends sooner where it has converged.

    Yields:
        C and ∇C at the iterate, where the engine then stands.

    Raises:
        NotFiniteError: the cost was not finite somewhere along a line.
    """
    thread = _Search(engine, rows, rule, iterations)
    thread.start()
    try:
        while True:
            theta = thread.found.get()
            if theta is None:
                return
            if isinstance(theta, BaseException):
                raise theta
            go_to(engine, theta)
            yield engine.gradient(rows)
            thread.go_on.release()
    finally:
        thread.stopped = True
        thread.go_on.release()
        thread.join()
