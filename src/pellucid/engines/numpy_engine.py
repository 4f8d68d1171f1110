"""The numpy engine: the page itself, mini-batch by mini-batch.

The reference that every other engine is judged by. Its bits are NumPy's and depend
on the processor; the native engine's do not.
"""

from __future__ import annotations

import math

import numpy as np

from .._arrays import Array
from .._random import dropout_mask
from ..data import Dataset
from ..mathematics.backprop import Layers, backprop, feedforward, gradient
from ..mathematics.costs import mean
from ..mathematics.network import Network, Parameters, packed_layers
from ..mathematics.penalties import add_penalty, clip_norm, penalty
from . import NotFiniteError, Task, updates


class NumpyEngine:
    """Keeps the protocol of `pellucid.engines.Engine`."""

    def __init__(self, task: Task):
        self._task = task
        self._network = task.network.copy()
        self._nabla = self._network.parameters.zeros()
        self._slots = task.optimizer.slots(self._network.parameters.theta)
        self.step = 0
        self.penalty = 0.0

    def __repr__(self) -> str:
        return f"numpy ({self._network.dtype})"

    @property
    def data(self) -> Dataset:
        return self._task.data

    def run(self, order: Array, batch_size: int, before: float = 0.0) -> float:
        total, self.penalty = before, 0.0
        for number in range(updates(len(order), batch_size)):
            rows = order[number * batch_size : (number + 1) * batch_size]
            cost, charge, nabla = self._gradient(rows)
            if not math.isfinite(cost + charge):
                raise NotFiniteError(number)
            total += (cost + charge) * len(rows)
            self.penalty += charge * len(rows)
            self.update(nabla)
        return total

    def run_epochs(self, orders: Array, batch_size: int) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        for order in orders:
            try:
                found.append((self.run(order, batch_size), self.penalty))
            except NotFiniteError as error:
                raise NotFiniteError(error.mini_batch, found) from None
        return found

    def gradient(self, rows: Array) -> tuple[float, Parameters]:
        cost, charge, nabla = self._gradient(rows)
        return cost + charge, nabla

    def _gradient(self, rows: Array) -> tuple[float, float, Parameters]:
        """C without penalties, the penalties, and ∇C of both."""
        task, network, nabla = self._task, self._network, self._nabla
        x, y = task.data.x[rows], task.data.y[rows]
        weight = None if task.data.weight is None else task.data.weight[rows]
        mask = self._masks(len(rows))
        with np.errstate(all="ignore"):  # a cost that is not finite is told by `run`
            z, a = feedforward(network, x, mask)
            cost = mean(task.cost(z[-1], a[-1], y), weight)
            delta = backprop(network, task.cost, z, a, y, mask, _share(weight))
            gradient(a, delta, nabla)
            l2 = task.l2 / _counted(rows, weight) if task.summed_penalty else task.l2
            add_penalty(network, nabla, task.l1, l2)
            charge = penalty(network, task.l1, l2)
            if task.clip is not None:
                clip_norm(nabla, task.clip)
            return cost, charge, nabla

    def _masks(self, m: int) -> Layers | None:
        """The dropout masks of this step, layer by layer; None without dropout."""
        if not any(self._task.dropout):
            return None
        masks: Layers = [1.0] * (self._network.L + 1)
        for l, rate in enumerate(self._task.dropout, start=1):
            shape = (m, self._network.sizes[l])
            mask = dropout_mask(self._task.seed, self.step, l, shape, rate)
            masks[l] = mask.astype(self._network.dtype)
        return masks

    def read(self, name: str = "theta") -> Array:
        return pack(Parameters(self._network.sizes, self._arrays()[name]))

    def write(self, packed: Array, name: str = "theta") -> None:
        there = Parameters(self._network.sizes, self._arrays()[name])
        for l, (w, b) in enumerate(packed_layers(there.sizes, packed), start=1):
            there.w[l][:], there.b[l][:] = w.T, b

    def packed_gradient(self, rows: Array) -> tuple[float, Array]:
        cost, nabla = self.gradient(rows)
        return cost, pack(nabla)

    def _arrays(self) -> dict[str, Array]:
        """θ and the slots by name, not copied."""
        return {"theta": self._network.parameters.theta, **self._slots}

    def update(self, nabla: Parameters) -> None:
        rule, theta = self._task.optimizer, self._network.parameters.theta
        rate = rule.rate(self.step)
        with np.errstate(all="ignore"):  # a θ that overflows is told by who looks at it
            rule.update(theta, nabla.theta, self._slots, rate, self.step)
        self.step += 1

    def output(self, x: Array) -> tuple[Array, Array]:
        with np.errstate(all="ignore"):
            z, a = feedforward(self._network, x)
        return z[-1], a[-1]

    def snapshot(self) -> Network:
        return self._network.copy()

    def state(self) -> dict[str, Array]:
        state = {name: array.copy() for name, array in self._arrays().items()}
        return {**state, "step": np.array([self.step])}

    def restore(self, state: dict[str, Array]) -> None:
        self._network.parameters.theta[:] = state["theta"]
        for name, slot in self._slots.items():
            slot[:] = state[name]
        self.step = int(state["step"][0])


def pack(parameters: Parameters) -> Array:
    """All numbers in the order of `packed_layers`, a copy."""
    return np.concatenate([*(w.T.ravel() for w in parameters.w[1:]), *parameters.b[1:]])


def _counted(rows: Array, weight: Array | None) -> float:
    """How many examples a mini-batch counts as; inf where none has weight."""
    if weight is None:
        return float(len(rows))
    return float(weight.sum()) or math.inf


def _share(weight: Array | None) -> Array:
    """Each example's weight over the mean weight of the mini-batch, (m, 1)."""
    if weight is None:
        return 1.0
    average = weight.mean()
    return (weight / average if average > 0 else np.zeros_like(weight))[:, None]
