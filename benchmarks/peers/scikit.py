"""scikit-learn's MLPClassifier and MLPRegressor."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from pellucid import Parameters
from workloads import Problem

from . import Peer, Times


class _Clock(list[float]):
    """A loss curve that knows when each point came, and the weights at one of them."""

    def __init__(self, model: Any, epochs: int):
        super().__init__()
        self.model, self.epochs = model, epochs
        self.stamps: list[float] = []

    def append(self, loss: float) -> None:
        self.stamps.append(time.perf_counter())
        super().append(loss)
        if len(self) == self.epochs:
            pairs = zip(self.model.coefs_, self.model.intercepts_, strict=True)
            parts = [part for w, b in pairs for part in (w.T.ravel(), b)]
            self.theta = np.concatenate(parts)


class Scikit(Peer):
    """`fit` with warm_start from given weights; float32 input stays float32.

    It has no quadratic cost for classes: there it learns with softmax and
    cross-entropy, and a learning rate that suits them.
    """

    def __init__(self, problem: Problem, csr: bool = False):
        work, notes = problem.workload, []
        if work.cost == "quadratic" and problem.classes:
            work = replace(work, output="softmax", cost="cross_entropy", eta=0.5)
            notes.append("softmax, cross-entropy, η 0.5")
        if work.optimizer == "adam":
            notes.append("ε before the bias correction")
        super().__init__(replace(problem, workload=work))
        self.csr = csr
        self.differs = "; ".join(notes)

    def made(self, epochs: int) -> Any:
        """A model that stands at the first weights and will run so many epochs."""
        problem, work = self.problem, self.problem.workload
        kind = MLPClassifier if problem.classes else MLPRegressor
        model = kind(
            hidden_layer_sizes=work.sizes[1:-1],
            activation="logistic" if work.hidden == "sigmoid" else work.hidden,
            solver=work.optimizer,
            alpha=0.0,
            batch_size=work.batch_size,
            learning_rate_init=work.eta,
            momentum=0.0,
            epsilon=work.epsilon,
            max_iter=epochs + 1,
            tol=0.0,
            n_iter_no_change=10**9,
            random_state=problem.seed,
            warm_start=True,
        )
        self.targets = problem.y.argmax(1) if problem.classes else problem.y.ravel()
        first = np.unique(self.targets, return_index=True)[1]
        if not problem.classes:
            first = first[:1]
        with warnings.catch_warnings():  # of a mini-batch larger than these few rows
            warnings.simplefilter("ignore", UserWarning)
            model.fit(problem.x[first], self.targets[first])
        start = Parameters(work.sizes, problem.theta[0])
        # Row-major as scikit-learn draws them, and its own: it updates in place.
        model.coefs_ = [np.array(w.T, order="C") for w in start.w[1:]]
        model.intercepts_ = [b.copy() for b in start.b[1:]]
        return model

    def fit(self, epochs: int) -> Times:
        """One epoch more is run, to tell an epoch from what `fit` does before."""
        model = self.made(epochs)
        clock = model.loss_curve_ = _Clock(model, epochs)
        begin = time.perf_counter()
        x = csr_array(self.problem.x) if self.csr else self.problem.x
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(x, self.targets)
        passed = np.diff(clock.stamps).tolist()
        self.reached = clock.theta
        return Times(max(clock.stamps[0] - begin - passed[0], 0.0), passed)

    def theta(self) -> np.ndarray:
        return self.reached[None]

    def answerer(self) -> Callable[[np.ndarray], Any]:
        return self.made(1).predict_proba
