"""train(): the loop, a generator of Reports.

The caller's `for` loop is the observer: print a Report, draw it, `break` to stop
early, do not ask for the next one to pause.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from .._arrays import Array, check_number
from .._errors import InputError
from .._random import stream
from ..data import Dataset
from ..engines import Engine, NotFiniteError, check_fit, start
from ..mathematics.costs import COSTS, DEFAULT_COSTS, Cost, mean
from ..mathematics.families import pick
from ..mathematics.network import Network
from ..mathematics.optimizers import LBFGS, OPTIMIZERS, Eta, Optimizer
from ..mathematics.schedules import SCHEDULES
from .divergence import diverged, finite
from .shared import Shared
from .state import Best, State, pack, unpack

Reports: TypeAlias = Generator["Report", None, None]
Every: TypeAlias = Callable[[], int]  # mini-batches until the next Report
DEFAULT_BATCH_SIZE = 32


@dataclass(frozen=True)
class Report:
    """One line of progress.

    Attributes:
        epoch: epochs begun so far; 0 before the first step.
        step: updates made so far.
        eta: learning rate of the last update; None before the first.
        cost: mean cost of the epoch's examples so far, each before its update,
            penalties and dropout included; None before the first step.
        seconds: spent in updates so far, evaluations not counted.
        complete: whether an epoch ended here; only then is anything monitored.
        monitor: the part that is monitored: "validation", "test", "train" or "none".
        monitor_cost: mean cost of that part, without penalties and dropout.
        correct: examples of that part whose largest output is their class.
        count: examples of that part.
        best: whether this is the best epoch so far (by accuracy, else by cost).
        state: gives what `train(..., resume=...)` needs to go on after this Report
            with the same bits; to be asked before the next Report is. None for L-BFGS.
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
    state: Callable[[], State] | None = field(default=None, repr=False, compare=False)

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
    batch_size: int | None = None,
    epochs: int = 30,
    seed: int = 0,
    l1: float = 0.0,
    l2: float = 0.0,
    dropout: float | Sequence[float] = 0.0,
    clip: float | None = None,
    monitor: str = "auto",
    patience: int | None = None,
    every: int | Every | None = None,
    engine: str = "auto",
    threads: int | None = None,
    resume: State | None = None,
    shared: Shared | None = None,
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
        batch_size: examples an update, 1 ... number of training examples; None: 32,
            or all where there are fewer.
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
        every: also yield a Report (without evaluation) each so many mini-batches; a
            function is asked each time how many, >= 1.
        engine: "auto", "native" or "numpy".
        threads: most for the native engine; None: one a core. They change no bit.
        resume: a Report's state: go on after that Report, with the same arguments.
        shared: of the same data, where many are trained together (see `population`).

    Raises:
        InputError: at once, where anything does not fit.
        DivergedError: while running, when the cost stops being finite; the network
            then holds the parameters of the last Report.

    Source: Nielsen, ch. 1, "SGD".
    """
    _check_network(network)
    shared = Shared.of(data, shared)
    examples = shared.examples
    rule = pick("optimizer", optimizer, OPTIMIZERS)
    check_number("epochs", epochs, least=1, whole=True)
    batch_size = _checked_batch_size(batch_size, len(examples), rule)
    if eta is not None:
        rule = rule.with_eta(eta)
    if schedule is not None:
        steps = epochs * -(-len(examples) // batch_size)
        rule = rule.with_eta(_scheduled(schedule, rule.eta, steps))
    if every is not None and not callable(every):
        check_number("every", every, least=1, whole=True)
    if patience is not None:
        check_number("patience", patience, least=1, whole=True)
    part = shared.monitored(monitor, patience)
    chosen = pick("cost", cost or default_cost(network), COSTS)
    check_number("seed", seed, least=0, most=2**32 - 1, whole=True)
    dtype = network.dtype
    if shared.seen(examples, dtype):
        examples = shared.cast(examples, dtype)
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
        threads=threads,
        like=shared.like(engine, dtype),
    )
    shared.keep(engine, dtype, started)
    if part is not None:
        check_fit(network, part[1], chosen, seen=shared.seen(part[1], dtype))
        part = (part[0], shared.cast(part[1], dtype))
    words = (started.data, batch_size, seed, every, part, shared)
    run = _Run(network, started, rule, chosen, *words)
    if resume is not None:
        run.restore(resume, epochs, patience)
    return run.reports(epochs, patience, resume is not None)


def default_cost(network: Network) -> str:
    """Name of the cost that belongs to the network's output."""
    return DEFAULT_COSTS.get(network.sigma[-1].name, "quadratic")


@dataclass
class _Run:
    """One call of train(): what its loop needs."""

    network: Network
    engine: Engine
    rule: Optimizer
    cost: Cost
    examples: Dataset
    batch_size: int
    seed: int
    every: int | Every | None
    part: tuple[str, Dataset] | None
    shared: Shared
    seconds: float = 0.0
    summed: float = 0.0  # costs of the epoch so far
    best: Best = field(default_factory=Best)

    @property
    def batches(self) -> int:
        """Mini-batches of an epoch."""
        return -(-len(self.examples) // self.batch_size)

    def restore(self, state: State, epochs: int, patience: int | None) -> None:
        """Stand where the Report of this state stood."""
        if isinstance(self.rule, LBFGS):
            raise InputError(
                "lbfgs must begin at the beginning; got a state to resume from. What "
                "its search remembers is not in a state: leave resume out."
            )
        steps = epochs * self.batches
        self.best = unpack(state, self.engine, steps, patience is not None)
        self.seconds, self.summed = (float(state[n][0]) for n in ("seconds", "summed"))
        self.network.parameters.theta[:] = state["theta"]

    def epochs(self, epochs: int) -> Reports:
        """A Report each epoch, and each `every` mini-batches."""
        n, size = len(self.examples), self.batch_size
        done, behind = divmod(self.engine.step, self.batches)
        for epoch in range(done + 1, epochs + 1):
            order = stream(self.seed, "order", epoch).permutation(n)
            first = behind * size if epoch == done + 1 else 0
            while first < n:
                rows = order[first : first + self._chunk()]
                self._advance(rows, epoch, first // size)
                rate = self.rule.rate(self.engine.step - 1)
                first += len(rows)
                cost, complete = self.summed / first, first >= n
                self.summed = 0.0 if complete else self.summed
                yield self._report(epoch, rate, cost, complete)

    def _chunk(self) -> int:
        """Examples until the next Report: whole mini-batches."""
        often = self.every() if callable(self.every) else self.every
        return len(self.examples) if often is None else often * self.batch_size

    def iterations(self, rule: LBFGS, epochs: int) -> Reports:
        """A Report each iteration of L-BFGS."""
        from ..engines.lbfgs import search

        rows = np.arange(len(self.examples))
        with closing(search(self.engine, rows, rule, epochs)) as found:
            for epoch in range(1, epochs + 1):
                begin = time.perf_counter()
                try:
                    cost, _ = next(found)
                except StopIteration:  # it has converged
                    return
                except NotFiniteError:
                    x = self.examples.x
                    raise diverged(self.engine.snapshot(), x, epoch, 1) from None
                self.seconds += time.perf_counter() - begin
                report = self._report(epoch, None, cost, True)
                yield replace(report, step=epoch)

    def _advance(self, rows: Array, epoch: int, batches_before: int) -> None:
        """Run these rows, in pieces; their costs are added to those of the epoch."""
        size = self.batch_size
        begin = time.perf_counter()
        try:
            for piece in self.shared.pieces(len(rows), self._weights, size):
                try:
                    self.summed = self.engine.run(rows[piece], size, self.summed)
                except NotFiniteError as error:
                    number = piece.start // size + error.mini_batch
                    x = self.examples.x[rows[number * size : (number + 1) * size]]
                    number += batches_before + 1
                    bad = diverged(self.engine.snapshot(), x, epoch, number)
                    raise bad from None
        finally:
            self.seconds += time.perf_counter() - begin

    def _checked(self, report: Report) -> Array:
        """The θ that a Report speaks of, as long as it and its cost are finite."""
        network, cost = self.engine.snapshot(), report.monitor_cost
        theta = network.parameters.theta
        if finite(theta) and (cost is None or math.isfinite(cost)):
            return theta
        number = report.step - (report.epoch - 1) * self.batches
        x = (self.part[1] if self.part else self.examples).x
        raise diverged(network, x, report.epoch, number)

    def _report(
        self, epoch: int, eta: float | None, cost: float | None, complete: bool
    ) -> Report:
        step, seconds = self.engine.step, self.seconds
        state = None if isinstance(self.rule, LBFGS) else self._state
        report = Report(epoch, step, eta, cost, seconds, complete, state=state)
        if self.part is None or not complete:
            return report
        name, part = self.part
        z, a = self._output(part)
        with np.errstate(all="ignore"):  # what is not finite is told by `_checked`
            value = mean(self.cost(z, a, part.y), part.weight)
        correct = None
        if part.classes is not None:
            correct = int((a.argmax(1) == part.labels).sum())
        return replace(
            report, monitor=name, monitor_cost=value, correct=correct, count=len(part)
        )

    def _output(self, part: Dataset) -> tuple[Array, Array]:
        """z^L and a^L of a part, piece by piece."""
        pieces = self.shared.pieces(len(part), self._weights)
        found = [self.engine.output(part.x[piece]) for piece in pieces]
        z, a = zip(*found, strict=True)
        return np.concatenate(z), np.concatenate(a)

    @property
    def _weights(self) -> int:
        return int(self.network.parameters.theta.size)

    def _state(self) -> State:
        return pack(self.engine, self.seconds, self.summed, self.best)

    def reports(self, epochs: int, patience: int | None, resumed: bool) -> Reports:
        """The Reports with the best one marked, the network kept up, early stopping."""
        theta, rule = self.network.parameters.theta, self.rule
        steps = self.epochs(epochs)
        if isinstance(rule, LBFGS):
            steps = self.iterations(rule, epochs)

        def keep(report: Report) -> None:
            kept = None if patience is None else theta.copy()
            self.best = Best(_score(report), report.epoch, kept)

        if not resumed:
            begin = self._report(0, None, None, True)
            keep(begin)
            yield begin
        epoch = self.engine.step // self.batches
        with closing(steps):
            while patience is None or epoch - self.best.epoch < patience:
                report = next(steps, None)
                if report is None:
                    break
                theta[:] = self._checked(report)
                if report.complete and _score(report) > self.best.score:
                    keep(report)
                    report = replace(report, best=True)
                yield report
                epoch = report.epoch if report.complete else epoch
        if patience is not None:
            theta[:] = self.best.theta


def _score(report: Report) -> float:
    """What makes a Report better: accuracy, else a smaller cost."""
    if report.accuracy is not None:
        return report.accuracy
    cost = report.monitor_cost if report.monitor_cost is not None else report.cost
    return -cost if cost is not None and math.isfinite(cost) else -math.inf


def _check_network(network: Any) -> None:
    if not isinstance(network, Network):
        raise InputError(
            f"network must be a Network; got a {type(network).__name__}. Build one: "
            "Network([784, 30, 10])."
        )


def _checked_batch_size(batch_size: Any, n: int, rule: Optimizer) -> int:
    if isinstance(rule, LBFGS):
        return n  # it has no mini-batches
    if batch_size is None:
        return min(DEFAULT_BATCH_SIZE, n)
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
