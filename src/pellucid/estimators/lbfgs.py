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
from threadpoolctl import threadpool_limits

from .._arrays import Array
from ..engines import Engine
from .watch import Watch

STOPPED = 99
"""SciPy's status of a search that its callback has ended."""


class Objective:
    """The loss and its gradient at packed weights.

    Args:
        estimator: says how the loss is reported.
        engine: holds the data; its network goes where the loss is asked for.
        rows: numbers of the rows that are learned from.
        l2: coefficient of w in the gradient of all these rows together.
    """

    def __init__(self, estimator: Any, engine: Engine, rows: Array, l2: float):
        self.estimator, self.engine, self.rows = estimator, engine, rows
        self.l2 = l2
        self.weights = sum(w.size for w in estimator.coefs_)
        self.loss = float("nan")

    def __call__(self, packed: Array) -> tuple[float, Array]:
        """The loss, and its gradient packed alike."""
        self.engine.write(packed)
        cost, nabla = self.engine.packed_gradient(self.rows)
        w = packed[: self.weights]
        charge = 0.5 * self.l2
        loss = self.estimator._reported(cost, lambda: charge * float((w * w).sum()))
        self.loss = float(loss)
        nabla = nabla.astype(np.float64, copy=False)
        nabla /= self.estimator._gradient_share()
        return self.loss, nabla


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
    # SciPy's own sums over all weights; a second thread would change their bits, and is
    # no quicker.
    with threadpool_limits(1, "blas"):
        found = scipy.optimize.minimize(
            objective,
            objective.engine.read(),
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
    objective.engine.write(found.x)
    return found.x
