"""train(): the loop, a generator of Reports.

The caller's `for` loop is the observer: print a Report, draw it, `break` to stop
early, do not ask for the next one to pause.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ._arrays import Array, check_number, choose
from ._errors import DivergedError, InputError
from ._random import stream
from .data import Dataset
from .engines import Engine, NotFiniteError, start
from .mathematics.backprop import feedforward
from .mathematics.costs import COSTS, DEFAULT_COSTS, Cost, mean
from .mathematics.families import pick
from .mathematics.network import Network
from .mathematics.optimizers import LBFGS, OPTIMIZERS, Eta, Optimizer
from .mathematics.schedules import SCHEDULES

MONITORS = {"auto": 0, "validation": 1, "test": 2, "train": 3, "none": 4}


@dataclass(frozen=True)
class Report:
    """One line of progress.

    Attributes:
        epoch: epochs begun so far; 0 before the first step.
        step: updates made so far.
        eta: learning rate of the last update; None before the first.
        cost: mean cost of the examples since the last Report, each before its update,
            penalties and dropout included; None before the first step.
        seconds: spent in updates so far, evaluations not counted.
        complete: whether an epoch ended here; only then is anything monitored.
        monitor: the part that is monitored: "validation", "test", "train" or "none".
        monitor_cost: mean cost of that part, without penalties and dropout.
        correct: examples of that part whose largest output is their class.
        count: examples of that part.
        best: whether this is the best epoch so far (by accuracy, else by cost).
    """

    epoch: int
    step: int
    eta: float | None
    cost: float | None
    seconds: float
    complete: bool = True
    monitor: str = "none"
    monitor_cost: float | None = None
    correct: int | None = None
    count: int | None = None
    best: bool = False

    @property
    def accuracy(self) -> float | None:
        """Share of the monitored examples that are right, 0 ... 1."""
        if self.correct is None or not self.count:
            return None
        return self.correct / self.count

    def __str__(self) -> str:
        """Such as `Epoch 3: 9402 / 10000`, the lectures' line, or the cost."""
        if self.correct is not None:
            return f"Epoch {self.epoch}: {self.correct} / {self.count}"
        cost = self.monitor_cost if self.monitor_cost is not None else self.cost
        return f"Epoch {self.epoch}: cost {'-' if cost is None else f'{cost:.6g}'}"


def train(
    network: Network,
    data: Dataset,
    *,
    cost: str | Cost | None = None,
    optimizer: str | Optimizer = "adam",
    eta: Eta | None = None,
    schedule: str | None = None,
    batch_size: int = 32,
    epochs: int = 30,
    seed: int = 0,
    l1: float = 0.0,
    l2: float = 0.0,
    dropout: float | Sequence[float] = 0.0,
    clip: float | None = None,
    monitor: str = "auto",
    patience: int | None = None,
    every: int | None = None,
    engine: str = "auto",
) -> Iterator[Report]:
    """Train a network, in place, yielding a Report before the start and each epoch.

    When a Report is handed over, the network holds the parameters it speaks of.

    Args:
        network: what is trained.
        data: examples; of a Dataset with parts, its training part is learned from.
        cost: name or Cost; None takes the one that belongs to the output.
        optimizer: name, such as "sgd" or "momentum:0.95", or Optimizer.
        eta: learning rate > 0 or function of the step; None: the optimizer's own.
        schedule: name of a schedule that eta follows over the whole run.
        batch_size: examples an update, 1 ... number of training examples.
        epochs: passes over the training part, >= 1.
        seed: of the order of the examples and of dropout.
        l1: coefficient of sign(w) in ∇C, >= 0.
        l2: coefficient of w in ∇C, >= 0; Nielsen's λ/n.
        dropout: share of hidden units silenced in each update, in [0, 1).
        clip: longest ∇C that is stepped along, > 0.
        monitor: "validation", "test", "train", "none"; "auto": validation if there
            is such a part. Choosing by the test part makes its figure too good.
        patience: stop after so many epochs without a new best, and go back to the
            best; needs a monitored part.
        every: also yield a Report (without evaluation) each so many mini-batches.
        engine: "auto", "native" or "numpy".

    Raises:
        InputError: at once, where anything does not fit.
        DivergedError: while running, when the cost stops being finite; the network
            then holds the parameters of the last Report.

    Source: Nielsen, ch. 1, "SGD".
    """
    examples = data.train if data.counts else data
    rule = pick("optimizer", optimizer, OPTIMIZERS)
    check_number("epochs", epochs, least=1, whole=True)
    batch_size = _checked_batch_size(batch_size, len(examples), rule)
    if eta is not None:
        rule = rule.with_eta(eta)
    if schedule is not None:
        steps = epochs * -(-len(examples) // batch_size)
        rule = rule.with_eta(_scheduled(schedule, rule.eta, steps))
    if every is not None:
        check_number("every", every, least=1, whole=True)
    if patience is not None:
        check_number("patience", patience, least=1, whole=True)
    part = _monitored(data, monitor, patience)
    chosen = pick("cost", cost or default_cost(network), COSTS)
    started = start(
        network,
        examples,
        cost=chosen,
        optimizer=rule,
        l1=l1,
        l2=l2,
        dropout=dropout,
        clip=clip,
        seed=seed,
        engine=engine,
    )
    if part is not None:
        part = (part[0], part[1].astype(network.dtype))
    run = _Run(network, started, chosen, examples, batch_size, seed, every, part)
    if isinstance(rule, LBFGS):
        return run.reports(run.iterations(rule, epochs), patience)
    return run.reports(run.epochs(rule, epochs), patience)


def default_cost(network: Network) -> str:
    """Name of the cost that belongs to the network's output."""
    return DEFAULT_COSTS.get(network.sigma[-1].name, "quadratic")


@dataclass
class _Run:
    """One call of train(): what its loop needs."""

    network: Network
    engine: Engine
    cost: Cost
    examples: Dataset
    batch_size: int
    seed: int
    every: int | None
    part: tuple[str, Dataset] | None
    seconds: float = 0.0

    def epochs(self, rule: Optimizer, epochs: int) -> Iterator[Report]:
        """A Report each epoch, and each `every` mini-batches."""
        n, size = len(self.examples), self.batch_size
        chunk = n if self.every is None else self.every * size
        for epoch in range(1, epochs + 1):
            order = stream(self.seed, "order", epoch).permutation(n)
            for first in range(0, n, chunk):
                rows = order[first : first + chunk]
                cost = self._advance(rows, epoch, first // size)
                rate = rule.rate(self.engine.step - 1)
                complete = first + chunk >= n
                yield self._report(epoch, rate, cost, complete)

    def iterations(self, rule: LBFGS, epochs: int) -> Iterator[Report]:
        """A Report each iteration of L-BFGS."""
        from .engines.lbfgs import search

        rows = np.arange(len(self.examples))
        found, epoch = search(self.engine, rows, rule, epochs), 0
        while True:
            begin = time.perf_counter()
            try:
                cost, _ = next(found)
            except StopIteration:
                return
            except NotFiniteError:
                raise self._diverged(rows, epoch + 1, 0) from None
            self.seconds += time.perf_counter() - begin
            epoch += 1
            yield self._report(epoch, None, cost, True)

    def _advance(self, rows: Array, epoch: int, batches_before: int) -> float:
        """Run these rows; the mean of their costs."""
        begin = time.perf_counter()
        try:
            total = self.engine.run(rows, self.batch_size)
        except NotFiniteError as error:
            first = error.mini_batch * self.batch_size
            bad = rows[first : first + self.batch_size]
            number = batches_before + error.mini_batch
            raise self._diverged(bad, epoch, number) from None
        finally:
            self.seconds += time.perf_counter() - begin
        return total / len(rows)

    def _diverged(self, rows: Array, epoch: int, batch: int) -> DivergedError:
        """Replay the mini-batch on the page to say where it stopped being finite."""
        network = self.engine.snapshot()
        with np.errstate(all="ignore"):
            z, _ = feedforward(network, self.examples.x[rows])
        layer = next(
            (l for l in range(1, network.L + 1) if not np.isfinite(z[l]).all()),
            network.L,
        )
        message = (
            f"The cost stopped being finite in epoch {epoch}, mini-batch {batch + 1}: "
            f"layer {layer} of {network.L} overflowed. The parameters of the last "
            "report are kept. Try a tenth of the learning rate, or clip=1."
        )
        return DivergedError(message, layer=layer, mini_batch=batch + 1, epoch=epoch)

    def _report(
        self, epoch: int, eta: float | None, cost: float | None, complete: bool
    ) -> Report:
        report = Report(
            epoch, self.engine.step, eta, cost, self.seconds, complete=complete
        )
        if self.part is None or not complete:
            return report
        name, part = self.part
        z, a = self.engine.output(part.x)
        value = mean(self.cost(z, a, part.y), part.weight)
        correct = None
        if part.classes is not None:
            correct = int((a.argmax(1) == part.labels).sum())
        return replace(
            report, monitor=name, monitor_cost=value, correct=correct, count=len(part)
        )

    def reports(self, steps: Iterator[Report], patience: int | None) -> Iterator[Report]:
        """The Reports with the best one marked, the network kept up, early stopping."""
        theta = self.network.parameters.theta
        begin = self._report(0, None, None, True)
        best, best_epoch, best_theta = _score(begin), 0, theta.copy()
        yield begin
        for report in steps:
            theta[:] = self.engine.snapshot().parameters.theta
            if report.complete and _score(report) > best:
                best, best_epoch = _score(report), report.epoch
                report = replace(report, best=True)
                if patience is not None:
                    best_theta = theta.copy()
            yield report
            if patience is not None and report.epoch - best_epoch >= patience:
                break
        if patience is not None:
            theta[:] = best_theta


def _score(report: Report) -> float:
    """What makes a Report better: accuracy, else a smaller cost."""
    if report.accuracy is not None:
        return report.accuracy
    cost = report.monitor_cost if report.monitor_cost is not None else report.cost
    return -cost if cost is not None and math.isfinite(cost) else -math.inf


def _checked_batch_size(batch_size: Any, n: int, rule: Optimizer) -> int:
    if isinstance(rule, LBFGS):
        return n  # it has no mini-batches
    check_number("batch_size", batch_size, least=1, whole=True)
    if batch_size > n:
        raise InputError(
            f"batch_size must be at most the number of training examples, {n:,}; "
            f"got {batch_size:,}. For one update an epoch pass batch_size={n}."
        )
    return int(batch_size)


def _scheduled(schedule: str, eta: Eta, steps: int) -> Eta:
    if callable(eta):
        raise InputError(
            "schedule must stand beside an eta that is a number; got a function as "
            "eta. A function is a schedule already: leave schedule out."
        )
    return pick("schedule", schedule, SCHEDULES, eta=eta, steps=steps)


def _monitored(
    data: Dataset, monitor: str, patience: int | None
) -> tuple[str, Dataset] | None:
    choose("monitor", monitor, MONITORS)
    if monitor == "auto":
        monitor = "validation" if data.counts.get("validation") else "none"
    if monitor == "none":
        if patience is not None:
            raise InputError(
                "patience needs a part that is monitored; got none. Split the data, "
                "or pass monitor='train'."
            )
        return None
    if monitor == "train" and not data.counts:
        return monitor, data
    return monitor, data.part(monitor)
