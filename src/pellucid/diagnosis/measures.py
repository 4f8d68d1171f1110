"""What is measured in a network on a few examples: the numbers behind the words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .._arrays import Array, check_x, check_y
from .._errors import DivergedError
from ..data import Dataset
from ..engines import cast, check_fit
from ..mathematics.backprop import backprop, feedforward, gradient
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from ..training import Report

STUCK = 0.9  # of the cost of one answer for everything: nothing is learned
LEARNS = 0.97  # of the same: something is learned
EPOCHS, UPDATES = 3, 20  # before which nobody is blamed for not having learned


class LayerGradient(NamedTuple):
    """Sizes of one layer's part of ∇C.

    Attributes:
        w: ‖∂C/∂w^l‖, the square root of the sum of squares.
        b: ‖∂C/∂b^l‖, which is the size of the mean error δ^l.
        per_weight: root mean square of ∂C/∂w^l, which does not grow with the layer.
    """

    w: float
    b: float
    per_weight: float


def gradient_norms(
    network: Network, cost: Cost, x: Array, y: Array
) -> list[LayerGradient]:
    """How large the gradient is in each layer, the first to the last.

    Args:
        network: the network; it is not changed.
        cost: defined with the network's output.
        x: inputs, (m, n_0), dense or CSR.
        y: targets, (m, n_L).

    Returns:
        One for each of the layers 1 ... L; NaN or infinity where it is not finite.

    Raises:
        InputError: x, y or the cost do not fit the network.

    Source: Nielsen, ch. 5, where ‖δ^l‖ is "the speed of learning" of layer l.
    """
    check_x(x, network.sizes[0])
    check_y(y, x.shape[0], network.sizes[-1])
    cost.check(network.sigma[-1], y)
    with np.errstate(all="ignore"):
        z, a = feedforward(network, x)
        delta = backprop(network, cost, z, a, y)
        nabla = gradient(a, delta, network.parameters.zeros())
        found = []
        for w, b in zip(nabla.w[1:], nabla.b[1:], strict=True):
            size = _length(w)
            found.append(LayerGradient(size, _length(b), size / w.size**0.5))
    return found


def _length(values: Array) -> float:
    return float(np.linalg.norm(values.astype(np.float64)))


@dataclass(frozen=True)
class Look:
    """A network on a few examples, and how it came there.

    Attributes:
        network: as it is now.
        begin: as it was before the first step, or None where nobody knows.
        cost: what is minimised.
        part: name of the part that is looked at.
        whole: all of that part.
        data: the rows of it that were looked at.
        z: pre-activations z[1..L] of these rows.
        a: activations a[0..L] of them.
        speeds: ‖∂C/∂b^l‖, the size of the mean error δ^l, of the layers 1 ... L.
        history: complete Reports so far.
        eta: learning rate, as far as it is known.
        error: how the training ended early.
    """

    network: Network
    begin: Network | None
    cost: Cost
    part: str
    whole: Dataset
    data: Dataset
    z: list[Any]
    a: list[Any]
    speeds: list[float]
    history: Sequence[Report]
    eta: float | None
    error: DivergedError | None

    @property
    def epochs(self) -> int:
        """How many epochs it was trained, as far as is known."""
        return self.history[-1].epoch if self.history else 0

    @property
    def tried(self) -> bool:
        """Whether it was trained long enough to be blamed for not having learned."""
        return self.epochs >= EPOCHS and self.history[-1].step >= UPDATES

    @cached_property
    def counts(self) -> Array | None:
        """How often each class is answered, (n_L,); None without classes."""
        if self.data.classes is None:
            return None
        return np.bincount(self.a[-1].argmax(1), minlength=self.data.outputs)

    @cached_property
    def alone(self) -> float | None:
        """The cost of one answer for everything; None where the output can't be it."""
        return constant_cost(self.cost, self.network, self.data.y)

    @cached_property
    def share(self) -> float | None:
        """The cost of these rows, of that of one answer for everything."""
        if not self.alone:
            return None
        with np.errstate(all="ignore"):
            now = float(self.cost(self.z[-1], self.a[-1], self.data.y).mean())
        return now / self.alone

    @cached_property
    def learned(self) -> bool:
        """Whether something that holds for new examples is, or was once, learned."""
        seen = [r.monitor_cost for r in self.history if r.monitor != "train"]
        costs = [cost for cost in seen if cost is not None]
        share = math.inf if self.share is None else self.share
        if costs and self.alone:
            share = min(share, min(costs) / self.alone)
        return share < LEARNS

    @cached_property
    def stuck(self) -> bool:
        """Whether nothing is learned: one answer for everything would cost as little.

        Both for the examples looked at and for those trained on, so that what is
        learned by heart, or can't be learned better, is not taken for it.
        """
        if self.alone is None or self.share is None or self.share < STUCK:
            return False
        trained = self.history[-1].cost if self.history else None
        return trained is None or not trained < STUCK * self.alone

    @cached_property
    def moved(self) -> float | None:
        """How far the weights of the layer that moved most are from where they began.

        ‖w - w_0‖/‖w_0‖; None where the beginning is not known or was 0.
        """
        if self.begin is None:
            return None
        shares = []
        for now, then in zip(self.network.w[1:], self.begin.w[1:], strict=True):
            size = _length(then)
            if not size:
                return None
            with np.errstate(over="ignore"):  # a weight may be set to anything by hand
                shares.append(_length(now.astype(np.float64) - then) / size)
        return max(shares)

    @cached_property
    def copies(self) -> dict[int, int]:
        """How many units of each hidden layer are copies of another."""
        return {l: identical(self.network, l) for l in range(1, self.network.L)}

    @cached_property
    def costs(self) -> list[float]:
        """Costs of the training part, one an epoch, with that of the start before.

        The start was measured on the monitored part; where it was lower there than in
        the first epoch of training, it is taken to be equal.
        """
        costs = [r.cost for r in self.history if r.epoch and r.cost is not None]
        begin = [r.monitor_cost for r in self.history[:1] if r.epoch == 0]
        if costs and begin and begin[0] is not None:
            costs = [max(begin[0], costs[0]), *costs]
        return costs


def constant_cost(cost: Cost, network: Network, y: Array) -> float | None:
    """The cost where every output is the mean of its targets, whatever the input.

    None where the output can't be that.
    """
    p = y.mean(axis=0, dtype=np.float64)
    name = network.sigma[-1].name
    inside = np.clip(p, 1e-6, 1 - 1e-6)
    z = {
        "softmax": np.log(np.maximum(p, 1e-12)),
        "sigmoid": np.log(inside / (1 - inside)),
        "tanh": np.arctanh(np.clip(p, -1 + 1e-6, 1 - 1e-6)),
        "exponential": np.log(np.maximum(p, 1e-12)),
        "identity": p,
        "relu": p,
    }.get(name)
    if z is None:
        return None
    rows = np.tile(z, (len(y), 1))
    value = float(cost(rows, network.sigma[-1](rows), y.astype(np.float64)).mean())
    return value if math.isfinite(value) else None


def sample(
    network: Network, cost: Cost, data: Dataset, rows: int
) -> tuple[str, Dataset, Dataset]:
    """The part that is looked at: its name, all of it, and evenly spaced rows of it.

    The validation part, else the training part, else the data as given.

    Raises:
        InputError: data, cost and network do not fit each other.
    """
    part = next((p for p in ("validation", "train") if data.counts.get(p)), "")
    whole = data.part(part) if part else data
    count = min(rows, len(whole))
    some = whole.rows(np.linspace(0, len(whole) - 1, count).astype(np.int64))
    check_fit(network, some, cost)
    return part or "given", whole, cast(some, network.dtype)


def look(
    network: Network,
    cost: Cost,
    where: tuple[str, Dataset, Dataset],
    history: Sequence[Report] = (),
    *,
    begin: Network | None = None,
    eta: float | None = None,
    error: DivergedError | None = None,
) -> Look:
    """Measure a network on what `sample` gave.

    Args:
        network: the network.
        cost: defined with the network's output.
        where: from `sample`.
        history: complete Reports so far.
        begin: the network before the first step.
        eta: learning rate, if it is known.
        error: how the training ended early.
    """
    part, whole, data = where
    with np.errstate(all="ignore"):
        z, a = feedforward(network, data.x)
        delta = backprop(network, cost, z, a, data.y)
        speeds = [_length(d.mean(axis=0)) for d in delta[1:]]
    if eta is None:
        eta = max((r.eta for r in history if r.eta is not None), default=None)
    return Look(
        network, begin, cost, part, whole, data, z, a, speeds, history, eta, error
    )


def saturated(z: Array, name: str) -> float:
    """Share of (example, unit) pairs where the unit's slope is lost, 0 ... 1.

    |z| > 5 for a sigmoid, where σ′ is below 3 % of its largest; |z| > 2.5 for tanh,
    where it is the same.
    """
    limit = {"sigmoid": 5.0, "tanh": 2.5}.get(name)
    return float((abs(z) > limit).mean()) if limit else 0.0


def dead(z: Array, name: str) -> Array:
    """Which units are 0 for every example, (n_l,) booleans; only ReLU can be."""
    if name != "relu":
        return np.zeros(z.shape[1], bool)
    return np.asarray(~(z > 0).any(axis=0))


def identical(network: Network, l: int) -> int:
    """How many units of hidden layer l are copies of another of the layer."""
    w = network.w[l]
    few = w[:, : max(1, w.shape[1] // 100)]  # enough to tell random units apart
    if _different(few) == len(w):
        return 0
    return len(w) - _different(np.column_stack([w, network.b[l], network.w[l + 1].T]))


def _different(rows: Array) -> int:
    """How many different rows there are, to the bit."""
    return len({row.tobytes() for row in rows + 0.0})  # -0 is 0
