"""A learning rate, measured: a range test, and short trainings around what it finds.

While η grows from far too small to far too large, the cost of the mini-batches first
stays, then falls, then jumps. Where it is lowest η is already too large to train with,
by a factor that depends on rule, cost and network; so a few trainings of a few hundred
updates, with η from there downwards and each in two orders, say by how much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .._arrays import Array, check_number
from .._errors import InputError
from .._random import stream
from ..data import Dataset
from ..engines import Engine, NotFiniteError, cast, start
from ..mathematics.costs import COSTS, Cost, mean
from ..mathematics.families import pick
from ..mathematics.network import Network
from ..mathematics.optimizers import LBFGS, OPTIMIZERS, Eta, Optimizer
from ..training import default_cost

LEAST, MOST = 1e-7, 1e2  # η at the two ends
SWEPT = 360  # mini-batches on the way, 40 while η grows tenfold
GIVEN_UP = 20.0  # times the first cost: far enough on the other side
MEMORY = 0.9  # of the smoothed cost for what was before

FACTORS = tuple(10 ** (-k / 2) for k in range(6))  # of the lowest point's η
TRIAL_UPDATES = 300
NEARLY = 0.1  # of the best cost: as good, and the smaller η wears longer
JUDGED_BY = 2000  # most examples that a trial is judged by


@dataclass(frozen=True)
class EtaTest:
    """What the test found.

    Attributes:
        etas: η of each mini-batch, growing, (k,).
        costs: cost of each mini-batch before its update, (k,).
        smooth: the same, an average over about ten mini-batches, (k,).
        lowest: η where the smoothed cost is lowest.
        trials: η and the larger cost it led to in two short trainings; infinite where
            one diverged.
        part: what the trials were judged by.
        suggested: the smallest η of the trials that were as good as the best.
    """

    etas: Array
    costs: Array
    smooth: Array
    lowest: float
    trials: tuple[tuple[float, float], ...]
    part: str
    suggested: float

    def __str__(self) -> str:
        """One line for people."""
        return (
            f"η = {self.suggested:g}: as good as the best of {len(self.trials)} "
            f"trainings of {TRIAL_UPDATES} updates below η = {self.lowest:.2g}, where "
            "the cost of a growing η is lowest"
        )


def range_test(
    network: Network,
    data: Dataset,
    *,
    cost: str | Cost | None = None,
    optimizer: str | Optimizer = "sgd",
    batch_size: int = 32,
    l1: float = 0.0,
    l2: float = 0.0,
    dropout: float = 0.0,
    clip: float | None = None,
    seed: int = 0,
) -> EtaTest:
    """Find a learning rate for a network that is about to be trained.

    Args:
        network: before its first step; it is not changed.
        data: the training part is learned from, the validation part (else the
            training part) judges.
        cost: name or Cost; None: the one of the network's output.
        optimizer: name or Optimizer; its own η does not matter.
        batch_size: examples an update, as in the training to come.
        l1: as in the training to come, and so for the next three.
        l2: ...
        dropout: ...
        clip: ...
        seed: of the order of the examples.

    Raises:
        InputError: L-BFGS (which has no η), what does not fit, or no η that works.

    Source: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", for the
    growing η.
    """
    rule = pick("optimizer", optimizer, OPTIMIZERS)
    if isinstance(rule, LBFGS):
        raise InputError(
            "find-eta needs an optimizer with a learning rate; got lbfgs, which "
            "searches along lines by itself. Nothing is to be set there."
        )
    chosen = pick("cost", cost or default_cost(network), COSTS)
    train = cast(data.train if data.counts.get("train") else data, network.dtype)
    check_number("batch_size", batch_size, least=1, most=len(train), whole=True)

    def engine(eta: Eta) -> Engine:
        return start(
            network, train, cost=chosen, optimizer=rule.with_eta(eta),
            l1=l1, l2=l2, dropout=dropout, clip=clip, seed=seed,
        )  # fmt: skip

    etas = np.geomspace(LEAST, MOST, SWEPT)
    batches = _batches(len(train), batch_size, max(SWEPT, 2 * TRIAL_UPDATES), seed)
    growing = engine(lambda step: float(etas[min(step, SWEPT - 1)]))
    costs = _sweep(growing, batches[:SWEPT])
    smooth = _smoothed(costs)
    lowest = float(etas[int(smooth.argmin())])
    part = "validation" if data.counts.get("validation") else "train"
    examples = _judge(data.validation if part == "validation" else train, network)
    halves = batches[:TRIAL_UPDATES], batches[TRIAL_UPDATES : 2 * TRIAL_UPDATES]
    trials = []
    for eta in (_two_digits(lowest * factor) for factor in FACTORS):
        ends = [_trial(engine(eta), chosen, each, examples) for each in halves]
        trials.append((eta, max(ends)))
    suggested = _suggested(trials)
    return EtaTest(
        etas[: len(costs)], costs, smooth, lowest, tuple(trials), part, suggested
    )


def _suggested(trials: list[tuple[float, float]]) -> float:
    """The smallest η that is as good as the best."""
    best = min(cost for _, cost in trials)
    if not math.isfinite(best):
        raise InputError(
            f"no learning rate from {trials[-1][0]:g} to {trials[0][0]:g} keeps the "
            "cost finite. Check the scale of the inputs and the first weights."
        )
    return min(eta for eta, cost in trials if cost <= best + NEARLY * abs(best))


def _judge(data: Dataset, network: Network) -> Dataset:
    """Evenly spaced examples that the trials are judged by."""
    count = min(JUDGED_BY, len(data))
    rows = np.linspace(0, len(data) - 1, count).astype(np.int64)
    return cast(data.rows(rows), network.dtype)


def _batches(rows: int, size: int, count: int, seed: int) -> list[Array]:
    """Mini-batches, epoch after epoch in orders of their own; none of them short."""
    made: list[Array] = []
    epoch = 0
    while len(made) < count:
        epoch += 1
        order = stream(seed, "order", epoch).permutation(rows)
        made += [order[i : i + size] for i in range(0, rows - size + 1, size)]
    return made[:count]


def _sweep(engine: Engine, batches: list[Array]) -> Array:
    """The cost of each mini-batch, until it is lost for good."""
    costs: list[float] = []
    for rows in batches:
        try:
            costs.append(engine.run(rows, len(rows)) / len(rows))
        except NotFiniteError:
            break
        if costs[-1] > GIVEN_UP * costs[0]:
            break
    if len(costs) < 2:
        raise InputError(
            "the network must have a finite cost before the first step; it has none. "
            "Check the scale of the inputs and the first weights."
        )
    return np.array(costs)


def _smoothed(costs: Array) -> Array:
    """Exponential average, freed of its start at 0."""
    smooth, value = np.empty_like(costs), 0.0
    for i, cost in enumerate(costs):
        value = MEMORY * value + (1 - MEMORY) * cost
        smooth[i] = value / (1 - MEMORY ** (i + 1))
    return smooth


def _trial(engine: Engine, cost: Cost, batches: list[Array], judge: Dataset) -> float:
    """The cost on `judge` after a short training."""
    rows = np.concatenate(batches)
    try:
        engine.run(rows, len(batches[0]))
    except NotFiniteError:
        return math.inf
    z, a = engine.output(judge.x)
    with np.errstate(all="ignore"):
        value = mean(cost(z, a, judge.y), judge.weight)
    return value if math.isfinite(value) else math.inf


def _two_digits(value: float) -> float:
    return float(f"{value:.1e}")
