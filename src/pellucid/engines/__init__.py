"""Engines: who does the counting.

    numpy_engine    the page itself, on NumPy: the reference
    native_engine   the page again in C++: the one that `auto` takes
    cores           how many threads it may use

An engine is given the data once and is then asked for runs of mini-batches. How it
lays out, skips zeros or threads is its own affair; what it computes is the page's.

To add one: a file here with a class that keeps the protocol, and its line in ENGINES.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .._arrays import (
    Array,
    check_number,
    check_weight,
    check_x,
    check_y,
    choose,
    is_csr,
    join,
)
from .._errors import InputError
from ..data import Dataset
from ..data.inputs import as_floats
from ..mathematics.activations import ACTIVATIONS, Silenced
from ..mathematics.costs import COSTS, Cost
from ..mathematics.network import Network, Parameters
from ..mathematics.optimizers import LBFGS, Optimizer
from . import cores


@dataclass(frozen=True)
class Task:
    """What an engine is started with: the checked arguments of `start`."""

    network: Network
    data: Dataset
    cost: Cost
    optimizer: Optimizer
    l1: float = 0.0
    l2: float = 0.0
    dropout: tuple[float, ...] = ()
    clip: float | None = None
    seed: int = 0
    summed_penalty: bool = False
    threads: int = 1
    like: Engine | None = None


class NotFiniteError(ArithmeticError):
    """The cost of a mini-batch was not finite; its update was not made.

    Attributes:
        mini_batch: its number in the run, from 0.
        before: what `run_epochs` has of the epochs before.
    """

    def __init__(self, mini_batch: int, before: Sequence[tuple[float, float]] = ()):
        super().__init__(f"the cost of mini-batch {mini_batch} is not finite")
        self.mini_batch = mini_batch
        self.before = list(before)


class Engine(Protocol):
    """A network in training, bound to one Dataset; owns θ and the optimizer's slots."""

    step: int
    """Number of updates made so far."""

    penalty: float
    """The penalties' part of what the last `run` gave."""

    @property
    def data(self) -> Dataset:
        """What it is bound to, in the float type of its network."""

    def run(self, order: Array, batch_size: int, before: float = 0.0) -> float:
        """One update for each mini-batch of the rows `order`, in this order.

        Args:
            order: row numbers, (k,) int64; the last mini-batch may be short.
            batch_size: 1 ... k.
            before: what the costs are added to, one mini-batch after the other: the
                sum of an epoch has the same bits then, however it is cut into runs.

        Returns:
            The cost summed over the k examples, each before its update, penalties
            included; `before` on top.

        Raises:
            NotFiniteError: a cost was not finite; θ is as before that mini-batch.
        """

    def run_epochs(self, orders: Array, batch_size: int) -> list[tuple[float, float]]:
        """As `run` for each row of `orders`, (epochs, k), one after the other.

        Returns:
            For each what `run` returns, and `penalty`.

        Raises:
            NotFiniteError: its mini-batch is counted from that epoch's beginning.
        """

    def gradient(self, rows: Array) -> tuple[float, Parameters]:
        """C and ∇C of these rows as one mini-batch, penalties included."""

    def read(self, name: str = "theta") -> Array:
        """θ or a slot, packed as `mathematics.network.packed_layers` says, a copy."""

    def write(self, packed: Array, name: str = "theta") -> None:
        """Put θ or a slot to what `read` gave, or to others packed alike."""

    def packed_gradient(self, rows: Array) -> tuple[float, Array]:
        """As `gradient`, ∇C being packed as `read` packs θ."""

    def update(self, nabla: Parameters) -> None:
        """One step of the optimizer with a gradient from elsewhere."""

    def output(self, x: Array) -> tuple[Array, Array]:
        """z^L and a^L, each (m, n_L), of the inputs x, (m, n_0); no dropout."""

    def snapshot(self) -> Network:
        """A copy of the network as it is now."""

    def state(self) -> dict[str, Array]:
        """What resuming needs: θ, the slots and the step, as arrays."""

    def restore(self, state: dict[str, Array]) -> None:
        """Go on from what `state` gave."""


ENGINES = {
    "native": ("native_engine", "NativeEngine"),
    "numpy": ("numpy_engine", "NumpyEngine"),
}
"""Name to file and class; the file is imported when its engine is asked for."""


def start(
    network: Network,
    data: Dataset,
    *,
    cost: Cost,
    optimizer: Optimizer,
    l1: float = 0.0,
    l2: float = 0.0,
    dropout: float | Sequence[float] = 0.0,
    clip: float | None = None,
    seed: int = 0,
    summed_penalty: bool = False,
    engine: str = "auto",
    threads: int | None = None,
    like: Engine | None = None,
) -> Engine:
    """An engine bound to the network (which it copies) and the data (which it keeps).

    Args:
        network: where to begin.
        data: the examples; only the rows that `run` names are learned from.
        cost: defined with the network's output.
        optimizer: the rule of the steps.
        l1: coefficient of sign(w) in ∇C, >= 0.
        l2: coefficient of w in ∇C, >= 0.
        dropout: share of the hidden units that are silenced in each update, in
            [0, 1): one number, or one for each hidden layer.
        clip: longest ∇C that is stepped along, > 0; None for no limit.
        seed: of the dropout masks.
        summed_penalty: whether l2 is divided by what the mini-batch counts as: its
            examples, or the sum of their weights. So ∇C is (Σ∇C_x + l2 w)/m.
        engine: "auto" (native where it can), "native" or "numpy".
        threads: most that the native engine may use; None: one a core, or what the
            environment variable PELLUCID_THREADS says. They change no bit.
        like: an engine that was started with this very Dataset: what it has made of
            the examples is shared, and they are not checked again.

    Raises:
        InputError: something does not fit; the sentence says what.
    """
    if like is not None and like.data is not data:
        raise InputError(
            "like must be an engine on the same Dataset, the very object, in the "
            "network's float type; got one on another. Leave like out."
        )
    if any(isinstance(sigma, Silenced) for sigma in network.sigma):
        raise InputError(
            "a network that is trained must have all its neurons; some of this one are "
            "silenced. Train the network that it was made from."
        )
    check_fit(network, data, cost, seen=like is not None)
    check_number("seed", seed, least=0, most=2**32 - 1, whole=True)
    check_number("l1", l1, least=0)
    check_number("l2", l2, least=0)
    if clip is not None:
        check_number("clip", clip, above=0)
    rates = _checked_dropout(network, dropout)
    if any(rates) and isinstance(optimizer, LBFGS):
        raise InputError(
            "lbfgs needs the same cost at every look, and dropout changes it; got "
            f"dropout {dropout}. Leave one of them out."
        )
    file, member = choose("engine", engine, {"auto": ENGINES["native"], **ENGINES})
    data = cast(data, network.dtype)
    task = Task(
        network, data, cost, optimizer, l1, l2, rates, clip, seed, summed_penalty,
        cores.threads(threads), like,
    )  # fmt: skip
    if (lacks := native_lacks(task)) and member == "NativeEngine":
        if engine == "native":
            raise InputError(
                f"the native engine can't do {lacks} yet. Use engine='numpy', or "
                "'auto', which takes what can."
            )
        file, member = ENGINES["numpy"]
    room = importlib.import_module(f".{file}", __name__)
    started: Engine = getattr(room, member)(task)
    return started


def native_lacks(task: Task) -> str:
    """What of the task only the numpy engine can do; empty: nothing."""
    cost, output = task.cost, task.network.sigma[-1]
    lacking = {
        f"cost {cost.name}": cost.name not in COSTS,
        f"output {output.name}": output.name not in ACTIVATIONS,
    }
    return join((what for what, lacks in lacking.items() if lacks), "and")


def updates(count: int, batch_size: int) -> int:
    """Mini-batches that so many examples make, the last one smaller.

    Raises:
        InputError: a mini-batch of none.
    """
    if batch_size < 1:
        raise InputError(
            f"batch_size must be 1 example or more; got {batch_size}. An epoch in one "
            f"update has batch_size={count}."
        )
    return -(-count // batch_size)


def check_fit(network: Network, data: Dataset, cost: Cost, seen: bool = False) -> None:
    """Check that network, data and cost belong together.

    Args:
        network: its sizes and its output.
        data: its sizes and its numbers.
        cost: what it asks of the output and the targets.
        seen: whether the inputs are known to be finite.

    Raises:
        InputError: sizes, values, or the cost's output or targets do not fit.
    """
    if any(sigma.name == "step" for sigma in network.sigma[1:]):
        network.sigma[[s and s.name for s in network.sigma].index("step")].prime(0)
    if not (seen and data.x.shape[1] == network.sizes[0]):
        check_x(data.x, network.sizes[0])
    check_y(data.y, data.x.shape[0], network.sizes[-1])
    if data.weight is not None and not seen:
        check_weight(data.weight, data.x.shape[0])
    cost.check(network.sigma[-1], data.y)


def cast(data: Dataset, dtype: str) -> Dataset:
    """The data in the float type of a network; itself where it has it already.

    Raises:
        InputError: a number is too large for it.
    """
    if data.x.dtype != dtype or data.y.dtype != dtype:
        x: Any = data.x.data if is_csr(data.x) else data.x
        as_floats(x, np.dtype(dtype), "x")
        as_floats(data.y, np.dtype(dtype), "y")
    return data.astype(dtype)


def _checked_dropout(
    network: Network, dropout: float | Sequence[float]
) -> tuple[float, ...]:
    hidden = network.L - 1
    one = not isinstance(dropout, Iterable) or isinstance(dropout, str)
    rates: Any = (dropout,) * hidden if one else tuple(dropout)  # type: ignore[arg-type]
    if one:
        check_number("dropout", dropout, least=0, below=1)
    if len(rates) != hidden:
        raise InputError(
            f"dropout must be one number, or one for each of the {hidden} hidden "
            f"layers; got {len(rates)}."
        )
    for rate in rates:
        check_number("dropout", rate, least=0, below=1)
    return tuple(float(rate) for rate in rates)
