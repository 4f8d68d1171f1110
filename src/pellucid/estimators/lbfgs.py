"""L-BFGS: SciPy's search over all weights, as one call.

(`pellucid.engines.lbfgs` hands over one iteration after the other; here scikit-learn's
own limits and order of the weights count, so that the path is the same.)
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import scipy.optimize
from sklearn.utils.optimize import _check_optimize_result

from .._arrays import Array
from ..engines import Engine
from ..mathematics.network import Network
from ..mathematics.penalties import penalty
from .watch import Watch
from .weights import pack, unpack

STOPPED = 99
"""SciPy's status of a search that its callback has ended."""


class Objective:
    """The loss and its gradient at packed weights.

    Args:
        estimator: says how the loss is reported.
        engine: holds the data.
        network: of the same shape; its parameters are written to.
        rows: numbers of the rows that are learned from.
        l2: coefficient of w in the gradient of all these rows together.
    """

    def __init__(
        self,
        estimator: Any,
        engine: Engine,
        network: Network,
        rows: Array,
        l2: float,
    ):
        self.estimator, self.engine, self.rows = estimator, engine, rows
        self.l2 = l2
        self.network, self.state = network, engine.state()
        self.loss = float("nan")

    def go_to(self, packed: Array) -> None:
        """Put the engine's network there."""
        unpack(packed, self.network.parameters)
        theta = self.network.parameters.theta
        self.engine.restore({**self.state, "theta": theta})

    def __call__(self, packed: Array) -> tuple[float, Array]:
        """The loss, and its gradient packed alike."""
        self.go_to(packed)
        with np.errstate(all="ignore"):
            cost, nabla = self.engine.gradient(self.rows)
            loss = self.estimator._reported(cost, self._penalty)
        self.loss = float(loss)
        packed = pack(nabla).astype(np.float64)
        return self.loss, packed / self.estimator._gradient_share()

    def _penalty(self) -> float:
        """The penalty's part of the cost."""
        return penalty(self.network, 0.0, self.l2)


def search(
    estimator: Any,
    objective: Objective,
    watch: Watch,
    look: Any,
) -> Array:
    """Minimise; the weights that were found, packed in float64.

    Args:
        estimator: its `n_iter_`, `loss_` and `history_` are set.
        objective: what is minimised.
        watch: is told of each iteration.
        look: gives the scores of what is held out, by name.
    """
    est, begin = estimator, time.perf_counter()

    def after(packed: Array) -> None:
        nonlocal begin
        history = est.history_
        history["loss"].append(objective.loss)
        est.loss_curve_.append(objective.loss)
        history["seconds"].append(time.perf_counter() - begin)
        for name, value in look().items():
            history.setdefault(f"validation_{name}", []).append(value)
        if est.verbose:
            iteration = len(history["loss"])
            print(f"Iteration {iteration}, loss = {objective.loss:.8f}")
        watch.begins()  # only now is it known that there was an iteration
        if watch.ended(f"loss {objective.loss:.4g}"):
            raise StopIteration
        begin = time.perf_counter()

    options = {"maxfun": est.max_fun, "maxiter": est.max_iter, "gtol": est.tol}
    found = scipy.optimize.minimize(
        objective,
        pack(objective.network.parameters),
        method="L-BFGS-B",
        jac=True,
        options=options,
        callback=after,
    )
    if found.status == STOPPED:
        est.n_iter_ = found.nit
    else:
        est.n_iter_ = _check_optimize_result("lbfgs", found, est.max_iter)
    est.loss_ = found.fun
    objective.go_to(found.x)
    return found.x
