"""The epochs of the solvers that step: loss curve, stopping, best weights."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from .._arrays import Array
from ..engines import Engine, NotFiniteError
from ..mathematics.costs import Cost
from ..training.divergence import diverged
from .pace import Pace
from .validation import Validation, value_that_stops
from .watch import Watch

AHEAD = 1 << 12
"""Examples that are learned from without a look at the loss, where that is safe."""


@dataclass
class Loop:
    """One call of `fit` or `partial_fit`.

    Attributes:
        estimator: its public attributes are the loop's state.
        engine: holds the network and the data.
        x: the inputs that the engine is bound to.
        rows: numbers of the rows that are learned from.
        batch_size: examples an update.
        cost: of the training.
        pace: the rule of the steps.
        watch: is told of each epoch.
        validation: the examples held out, or None.
        incremental: whether this is `partial_fit`: one epoch.
    """

    estimator: Any
    engine: Engine
    x: Array
    rows: Array
    batch_size: int
    cost: Cost
    pace: Pace
    watch: Watch
    validation: Validation | None
    incremental: bool
    best: Array | None = None
    sick: str = ""
    """Where the network stopped being finite, in a sentence."""

    @property
    def stops_by_validation(self) -> bool:
        """Whether early stopping goes by what is held out."""
        return bool(self.estimator.early_stopping and self.validation is not None)

    def run(self) -> None:
        """Every epoch; the engine then holds the weights that are to be kept."""
        est = self.estimator
        order = self.rows
        if self.stops_by_validation:
            self.best = self.engine.read()
        est.n_iter_ = 0
        try:
            while est.n_iter_ < est.max_iter:
                orders = np.empty((self._ahead(), len(order)), np.int64)
                for row in orders:
                    if est.shuffle:
                        order = order[est._random_state.permutation(len(order))]
                    row[:] = order
                if self._epochs(orders) or self.incremental:
                    break
                if est.n_iter_ == est.max_iter:
                    warnings.warn(
                        f"Stochastic Optimizer: Maximum iterations ({est.max_iter}) "
                        "reached and the optimization hasn't converged yet.",
                        ConvergenceWarning,
                        stacklevel=2,
                    )
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=2)
        self.pace.remember(self.engine)
        if self.best is not None:
            self.engine.write(self.best)

    def _ahead(self) -> int:
        """Epochs that nobody looks into, and of which only the last can stop the run.

        They are handed to the engine together: a small epoch takes no longer than to
        ask for it.
        """
        est = self.estimator
        asks = est.verbose or self.incremental or self.validation is not None
        if asks or self.watch.looks or not self.pace.is_even:
            return 1
        patience = est.n_iter_no_change - est._no_improvement_count
        few = max(1, AHEAD // len(self.rows))
        return int(min(few, est.max_iter - est.n_iter_, max(patience, 0) + 1))

    def _epochs(self, orders: Array) -> bool:
        """Some epochs; whether the last one of them is the last of all."""
        self.watch.begins()
        losses, seconds = self._learn(orders)
        return any([self._epoch(loss, seconds / len(losses)) for loss in losses])

    def _epoch(self, loss: float, seconds: float) -> bool:
        """What follows an epoch; whether it is the last."""
        est = self.estimator
        est.n_iter_ += 1
        est.loss_ = loss
        est.t_ += len(self.rows)
        est.loss_curve_.append(loss)
        if est.verbose:
            print(f"Iteration {est.n_iter_}, loss = {loss:.8f}")
        history = est.history_
        history["loss"].append(loss)
        history["learning_rate"].append(self.pace.learning_rate)
        history["seconds"].append(seconds)
        found = self._validate()
        for name, value in found.items():
            history.setdefault(f"validation_{name}", []).append(value)
        self._count(found)
        self.pace.epoch_ended(est.t_)
        stop = self.watch.ended(f"loss {loss:.4g}")
        return stop or self._nothing_improves() or bool(self.sick)

    def _learn(self, orders: Array) -> tuple[list[float], float]:
        """Updates of some epochs; each one's mean loss, and the seconds of all."""
        begin, sick = time.perf_counter(), []
        try:
            found = self.engine.run_epochs(orders, self.batch_size)
        except NotFiniteError as error:
            found, sick = error.before, [float("nan")]
            first = error.mini_batch * self.batch_size
            x = self.x[orders[len(found)][first : first + self.batch_size]]
            epoch = self.estimator.n_iter_ + len(found) + 1
            network = self.engine.snapshot()
            self.sick = str(diverged(network, x, epoch, error.mini_batch + 1))
        losses = [self._loss(*sums) for sums in found] + sick
        return losses, time.perf_counter() - begin

    def _loss(self, total: float, penalty: float) -> float:
        """What is said of an epoch's summed cost and the penalties' part of it."""
        est = self.estimator
        whole: float = est._reported(total, lambda: penalty if est.alpha else 0.0)
        return whole / len(self.rows)

    def _validate(self) -> dict[str, float]:
        """What the examples held out say, by name; nan where the network is sick."""
        est, held_out = self.estimator, self.validation
        if held_out is None:
            return {}
        if held_out.scorers:
            vars(est).update(self.watch.weights())
        outputs = self.engine.output(held_out.x)
        share = est._loss_share()
        found = held_out.look(est, outputs, self.cost, share)
        return dict.fromkeys(found, float("nan")) if self.sick else found

    def _count(self, found: dict[str, float]) -> None:
        """How many epochs have gone by without anything better, and the best."""
        est = self.estimator
        if self.stops_by_validation:
            value = value_that_stops(est, found)
            est.validation_scores_.append(value)
            if est.verbose:
                print(f"Validation score: {value:f}")
            worse = value < est.best_validation_score_ + est.tol
            if value > est.best_validation_score_:
                est.best_validation_score_ = value
                self.best = self.engine.read()
        else:
            worse = est.loss_ > est.best_loss_ - est.tol
            if est.loss_ < est.best_loss_:
                est.best_loss_ = est.loss_
        est._no_improvement_count = est._no_improvement_count + 1 if worse else 0

    def _nothing_improves(self) -> bool:
        """Whether to stop because nothing has improved for long enough."""
        est = self.estimator
        if not est._no_improvement_count > est.n_iter_no_change:
            return False
        what = (
            "Validation score did not improve"
            if self.stops_by_validation
            else "Training loss did not improve"
        )
        why = (
            f"{what} more than tol={est.tol:f} for {est.n_iter_no_change:.0f} "
            "consecutive epochs."
        )
        if self.pace.gives_up(why, est.verbose):
            return True
        est._no_improvement_count = 0
        return False
