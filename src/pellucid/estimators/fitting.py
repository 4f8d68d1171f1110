"""One call of `fit` or `partial_fit`: from checked arrays to learned weights."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..data import Dataset
from ..engines import Engine, start
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from ..mathematics.optimizers import LBFGS
from ..training.divergence import diverged, finite
from .lbfgs import Objective, search
from .loop import Loop
from .pace import Pace
from .validation import Validation, held_out_rows, scorers_of
from .watch import Watch, watching
from .weights import layers_of

AUTO_BATCH = 200
"""Examples an update where batch_size is "auto", or all where there are fewer."""

NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large "
    "values and need to be preprocessed."
)


@dataclass
class Fit:
    """What one call needs.

    Attributes:
        estimator: its parameters say what to do, its attributes are the result.
        x: (n, n_0), checked; dense or sparse.
        y: labels or numbers, as they came, checked.
        targets: as the cost reads them, (n, n_L).
        weight: (n,) or None.
        incremental: whether this is `partial_fit`.
        held_out: x, y and weight of examples that are only scored, checked; or None.
        groups: for a splitter, or None.
        given: X, y and metadata as the caller gave them, for callbacks.
    """

    estimator: Any
    x: Array
    y: Array
    targets: Array
    weight: Array | None
    incremental: bool
    held_out: tuple[Array, Array, Array | None] | None
    groups: Any
    given: dict[str, Any]
    rows: Array = field(init=False)

    def __post_init__(self) -> None:
        est = self.estimator
        self.lbfgs = est.solver == "lbfgs"
        self.dtype = _float_type(est)
        x = self.x if not hasattr(self.x, "tocsr") else self.x.tocsr()
        self.x = x.astype(self.dtype, copy=False)
        if self.weight is not None:
            self.weight = self.weight.astype(self.dtype, copy=False)
        self.network: Network = est._network(self.dtype)
        self.cost: Cost = est._cost(self.dtype)
        self.rows = np.arange(self.x.shape[0])

    def run(self) -> None:
        """Learn; the estimator's attributes then say what was learned.

        Raises:
            ValueError: something does not fit, or the weights stopped being finite.
        """
        est = self.estimator
        if est.early_stopping and self.incremental and not self.lbfgs:
            raise ValueError("partial_fit does not support early_stopping=True")
        validation = self._validation()
        pace = None if self.lbfgs else self._pace()
        rule: Any = LBFGS() if pace is None else pace.optimizer()
        engine = self._start(rule)
        watch = Watch(est, self.given, est.max_iter, lambda: self._weights(engine))
        epochs = 1 if self.incremental else est.max_iter
        with watching(watch, epochs, est.progress) as watch:
            if pace is None:
                sick = self._search(engine, watch, validation)
            else:
                pace.go_on(engine, self.network.parameters.theta.size)
                sick = self._loop(engine, pace, watch, validation)
                vars(est).update(self._weights(engine))
            watch.done()
        self._check(engine, sick)

    @cached_property
    def batch_size(self) -> int:
        """Examples an update."""
        asked, n = self.estimator.batch_size, len(self.rows)
        if asked == "auto":
            return min(AUTO_BATCH, n)
        if asked > n:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going "
                "to be clipped",
                stacklevel=2,
            )
        return int(np.clip(asked, 1, n))

    def _pace(self) -> Pace:
        """How it steps: as it did before, or anew."""
        est = self.estimator
        keeps = self.incremental or (est.keep_optimizer and est.warm_start)
        if not (keeps and hasattr(est, "_optimizer")):
            steps = est.max_iter * -(-len(self.rows) // self.batch_size)
            est._optimizer = Pace.of(est, est._gradient_share(), steps)
        est._streaming = self.incremental
        pace: Pace = est._optimizer
        return pace

    def _validation(self) -> Validation | None:
        """What is held out; `rows` are then the others."""
        est = self.estimator
        scorers = scorers_of(est.scoring)
        if self.held_out is not None:
            x, y, weight = self.held_out
            x = x if not hasattr(x, "tocsr") else x.tocsr()
            targets = est._targets(y).astype(self.dtype)
            x = x.astype(self.dtype, copy=False)
            return Validation(x, targets, est._answers(targets), weight, scorers)
        if not est.early_stopping or self.lbfgs:
            return None
        stratify = est._stratify(self.targets)
        self.rows, out = held_out_rows(est, self.x, self.y, self.groups, stratify)
        targets = self.targets[out].astype(self.dtype)
        weight = None if self.weight is None else self.weight[out]
        y = est._answers(targets)
        return Validation(self.x[out], targets, y, weight, scorers)

    @property
    def l2(self) -> float:
        """The penalty's coefficient before it is divided by a mini-batch's size."""
        return float(self.estimator.alpha * self.estimator._gradient_share())

    @property
    def counted(self) -> float:
        """How many examples the training part counts as."""
        if self.weight is None:
            return float(len(self.rows))
        return float(np.sum(self.weight[self.rows]))

    def _start(self, rule: Any) -> Engine:
        """An engine bound to the data."""
        est = self.estimator
        whole = est.alpha_per == "data"
        share, clip = est._gradient_share(), est.clip
        return start(
            self.network,
            Dataset(self.x, self.targets.astype(self.dtype), weight=self.weight),
            cost=self.cost,
            optimizer=rule,
            l2=self.l2 / self.counted if whole else self.l2,
            summed_penalty=not whole and self.l2 > 0,
            dropout=est.dropout if np.ndim(est.dropout) else float(est.dropout),
            clip=None if clip is None or self.lbfgs else float(clip) * share,
            seed=int(est._random_state.randint(2**31)) if np.any(est.dropout) else 0,
            threads=est.threads,
        )

    def _loop(
        self, engine: Engine, pace: Pace, watch: Watch, validation: Validation | None
    ) -> str:
        """The epochs; where the network became sick, if it did."""
        loop = Loop(
            self.estimator, engine, self.x, self.rows, self.batch_size, self.cost, pace,
            watch, validation, self.incremental,
        )  # fmt: skip
        loop.run()
        if loop.sick and loop.stops_by_validation:
            from sklearn.exceptions import ConvergenceWarning

            warnings.warn(
                f"{loop.sick} The weights of the best epoch before are kept.",
                ConvergenceWarning,
                stacklevel=2,
            )
            return ""
        return loop.sick

    def _search(self, engine: Engine, watch: Watch, held_out: Validation | None) -> str:
        """L-BFGS; it never becomes sick in a mini-batch."""
        est = self.estimator
        l2 = self.l2 / self.counted

        def look() -> dict[str, float]:
            if held_out is None:
                return {}
            if held_out.scorers:
                vars(est).update(self._weights(engine))
            outputs = engine.output(held_out.x)
            return held_out.look(est, outputs, self.cost, est._loss_share())

        objective = Objective(est, engine, self.rows, l2)
        found = search(est, objective, watch, look)
        # SciPy searches in float64 also where the loss is computed in float32, and
        # what it found is kept as it is, as ever.
        found = found.astype(est.dtype or found.dtype, copy=False)
        vars(est).update(layers_of(self.network.sizes, found))
        return ""

    def _weights(self, engine: Engine) -> dict[str, Any]:
        """`coefs_` and `intercepts_` as the engine has them now."""
        return layers_of(self.network.sizes, engine.read())

    def _check(self, engine: Engine, sick: str) -> None:
        """The weights are finite.

        Raises:
            ValueError: they are not; the sentence names the layer.
        """
        est = self.estimator
        if not sick and not finite(*est.coefs_, *est.intercepts_):
            network = engine.snapshot()
            first = self.rows[: self.batch_size]
            n_iter = max(est.n_iter_, 1)
            last = -(-len(self.rows) // self.batch_size)
            sick = str(diverged(network, self.x[first], n_iter, last))
        if sick:
            raise ValueError(f"{NOT_FINITE} {sick}")


def _float_type(estimator: Any) -> str:
    """What is computed in: what is asked for, else what the weights are in."""
    if estimator.dtype is not None:
        return str(estimator.dtype)
    kind = str(np.asarray(estimator.coefs_[0]).dtype)
    return kind if kind == "float32" else "float64"


def check_weight(weight: Array) -> None:
    """Check what each example counts.

    Raises:
        InputError: some count less than nothing, or all nothing.
    """
    if (weight < 0).any():
        raise InputError(
            f"sample_weight must be >= 0; got {weight.min():g}. Leave examples out by "
            "a weight of 0."
        )
    if not (weight > 0).any():
        raise InputError("Sample weights must contain at least one non-zero number.")
