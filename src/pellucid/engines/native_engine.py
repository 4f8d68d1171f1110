"""The native engine: hands the task to the compiled kernels in `native/`.

Same settings, data and seed give the same bits in every process, for dense and CSR
input, and for every instruction set it was compiled for.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from .._arrays import Array, check_x, is_csr
from .._errors import InputError
from ..data import Dataset
from ..data.pixels import Pixels
from ..mathematics.activations import ACTIVATIONS
from ..mathematics.costs import COSTS
from ..mathematics.network import Network, Parameters, packed_layers
from ..mathematics.optimizers import OPTIMIZERS, SGD
from . import NotFiniteError, Task, _native, updates

# The numbers in native/kernels.hpp follow the order of these tables.
ACTIVATION_NUMBERS = {name: number for number, name in enumerate(ACTIVATIONS)}
COST_NUMBERS = {name: number for number, name in enumerate(COSTS)}
OPTIMIZER_NUMBERS = {name: number for number, name in enumerate(OPTIMIZERS)}

GRADIENT = 3
"""Of the last gradient, beside θ (0) and the slots (1, 2)."""

MOST_COLUMNS = 2**31 - 1  # columns are stored in 32 bits


class NativeEngine:
    """Keeps the protocol of `pellucid.engines.Engine`.

    Args:
        task: what to do.
        target: instruction set: "avx512", "avx2", "neon", "portable"; "auto": the best.
    """

    def __init__(self, task: Task, target: str = "auto"):
        self._task = task
        self._dtype = np.dtype(task.network.dtype)
        begin = getattr(_native, f"start_{self._dtype}")
        try:
            self._native = begin(**_specification(task), target=target)
        except ValueError as error:
            raise InputError(str(error)) from None
        self.penalty = 0.0
        self._native.set_threads(task.threads)
        self._native.set(0, task.network.parameters.theta)
        self._examples = self._prepared()
        self._native.bind(self._examples)

    def __repr__(self) -> str:
        return f"native ({self.target}, {self._dtype})"

    def _prepared(self) -> Any:
        """The examples as the kernels read them: those of the engine it is like."""
        like, data, kind = self._task.like, self._task.data, self._dtype
        if isinstance(like, NativeEngine) and like._native.target == self.target:
            return like._examples
        y, weight = self._contiguous(data.y), data.weight
        if weight is not None:
            weight = self._contiguous(weight)
        if is_csr(data.x):
            make = getattr(_native, f"csr_{kind}")
            lists: tuple[Any, ...] = data.x.shape[1], *self._csr(data.x)
        elif isinstance(data.x, Pixels):
            make, lists = getattr(_native, f"pixels_{kind}"), (data.x.bytes,)
        else:
            make = getattr(_native, f"dense_{kind}")
            lists = (self._contiguous(data.x),)
        return make(*lists, y, weight, self.target, self._task.threads)

    def _contiguous(self, array: Array) -> Array:
        return _packed(array, self._dtype)

    def _csr(self, x: Any) -> tuple[Array, Array, Array]:
        """Values, columns (ascending in each row) and starts, as the kernels read them.

        Always copies: the kernels trust these indices while others may run.
        """
        x = x.astype(self._dtype, copy=True)
        try:
            x.sum_duplicates()
        except RuntimeError as error:  # SciPy's word for it
            raise MemoryError(str(error)) from None
        return x.data, x.indices.astype(np.int32), x.indptr.astype(np.int64)

    @property
    def step(self) -> int:
        return int(self._native.step)

    @step.setter
    def step(self, step: int) -> None:
        self._native.set_step(step)

    @property
    def data(self) -> Dataset:
        return self._task.data

    @property
    def target(self) -> str:
        """The instruction set."""
        return str(self._native.target)

    def run(self, order: Array, batch_size: int, before: float = 0.0) -> float:
        order = _packed(order, np.int64)
        etas = self._task.optimizer.rates(self.step, updates(len(order), batch_size))
        cost, self.penalty, bad = self._native.run(order, batch_size, etas, before)
        if bad is not None:
            raise NotFiniteError(bad)
        return float(cost)

    def run_epochs(self, orders: Array, batch_size: int) -> list[tuple[float, float]]:
        orders = _packed(orders, np.int64)
        epochs, count = orders.shape
        etas = self._task.optimizer.rates(
            self.step, epochs * updates(count, batch_size)
        )
        ran = self._native.run_epochs(orders, batch_size, etas)
        found = [(cost, penalty) for cost, penalty, _ in ran]
        if (bad := ran[-1][2]) is not None:
            raise NotFiniteError(bad, found[:-1])
        self.penalty = found[-1][1]
        return found

    def gradient(self, rows: Array) -> tuple[float, Parameters]:
        nabla = self._task.network.parameters.zeros()
        rows = _packed(rows, np.int64)
        return self._native.gradient(rows, nabla.theta), nabla

    def read(self, name: str = "theta") -> Array:
        return self._read(self._numbers().index(name))

    def _read(self, which: int) -> Array:
        packed = np.empty_like(self._task.network.parameters.theta)
        for l, (w, b) in enumerate(packed_layers(self._task.network.sizes, packed)):
            self._native.get_layer(which, l, w, b)
        return packed

    def write(self, packed: Array, name: str = "theta") -> None:
        which, packed = self._numbers().index(name), self._contiguous(packed)
        for l, (w, b) in enumerate(packed_layers(self._task.network.sizes, packed)):
            self._native.set_layer(which, l, w, b)

    def packed_gradient(self, rows: Array) -> tuple[float, Array]:
        cost = self._native.find_gradient(_packed(rows, np.int64))
        return cost, self._read(GRADIENT)

    def _numbers(self) -> tuple[str, ...]:
        """Names of what there is one of for each parameter, in the kernels' order."""
        return ("theta", *self._task.optimizer.remembers)

    def update(self, nabla: Parameters) -> None:
        rate = self._task.optimizer.rate(self.step)
        self._native.update(self._contiguous(nabla.theta), rate)

    def output(self, x: Array) -> tuple[Array, Array]:
        shape = (x.shape[0], self._task.network.sizes[-1])
        z, a = np.empty(shape, self._dtype), np.empty(shape, self._dtype)
        if is_csr(x):
            self._native.output_csr(*self._csr(x), z, a)
        elif isinstance(x, Pixels):
            self._native.output_pixels(x.bytes, z, a)
        else:
            self._native.output_dense(self._contiguous(x), z, a)
        return z, a

    def snapshot(self) -> Network:
        parameters = self._task.network.parameters.zeros()
        self._native.get(0, parameters.theta)
        return self._task.network.with_parameters(parameters)

    def state(self) -> dict[str, Array]:
        state = {}
        for which, name in enumerate(self._numbers()):
            state[name] = np.zeros_like(self._task.network.parameters.theta)
            self._native.get(which, state[name])
        return {**state, "step": np.array([self.step])}

    def restore(self, state: dict[str, Array]) -> None:
        for which, name in enumerate(self._numbers()):
            self._native.set(which, self._contiguous(state[name]))
        self.step = int(state["step"][0])


class Predictor:
    """A network's answers to a few rows at a time, as quick as a call can be.

    Args:
        network: what answers; it is copied.
    """

    def __init__(self, network: Network):
        self._network = network.copy()
        nothing = np.empty((0, network.sizes[-1]), network.dtype)
        data = Dataset(np.empty((0, network.sizes[0]), network.dtype), nothing)
        task = Task(network, data, COSTS["quadratic"](), SGD())
        begin = getattr(_native, f"start_{network.dtype}")
        self._native = begin(**_specification(task), target="auto")
        self._native.set(0, network.parameters.theta)
        self._outputs = network.sizes[-1]

    def __call__(self, x: Array) -> Array:
        """a^L, (m, n_L), of x, (m, n_0) or (n_0,), dense; NaN is not looked for.

        Raises:
            InputError: x does not fit the network.
        """
        try:
            shape = (len(x) if x.ndim == 2 else 1, self._outputs)
            a = np.empty(shape, x.dtype)
            self._native.output_dense(
                x if x.ndim == 2 else x[None], np.empty_like(a), a
            )
        except (AttributeError, TypeError, ValueError):
            return self._slowly(x)
        return a

    def _slowly(self, x: Any) -> Array:
        """What is no array of the network's own kind is made one, or refused."""
        try:
            x = _packed(np.atleast_2d(x), self._network.dtype)
        except (TypeError, ValueError):
            raise InputError(
                f"x must be rows of {self._network.sizes[0]} numbers; got {x!r:.40}."
            ) from None
        check_x(x, self._network.sizes[0])
        return self(x)


def _packed(array: Any, dtype: Any) -> Array:
    """The array in C order, at an address that suits its numbers."""
    array = np.ascontiguousarray(array, dtype)
    return array if array.flags.aligned else array.copy()


def _specification(task: Task) -> dict[str, Any]:
    """The task in the numbers that the bindings take."""
    network, rule = task.network, task.optimizer
    if network.sizes[0] > MOST_COLUMNS:
        raise InputError(
            f"the native engine takes at most {MOST_COLUMNS:,} inputs; "
            f"got {network.sizes[0]:,}. Use engine='numpy'."
        )
    # L-BFGS steps outside the engine, which then only counts gradients.
    stepping = rule.name if rule.name != "lbfgs" else "sgd"
    layers = [
        (size, ACTIVATION_NUMBERS[sigma.name], _number(sigma))
        for size, sigma in zip(network.sizes[1:], network.sigma[1:], strict=True)
    ]
    return {
        "inputs": network.sizes[0],
        "layers": layers,
        "cost": COST_NUMBERS[task.cost.name],
        "cost_number": _number(task.cost),
        "optimizer": OPTIMIZER_NUMBERS[stepping],
        "numbers": _optimizer_numbers(rule),
        "l1": task.l1,
        "l2": task.l2,
        "summed_penalty": task.summed_penalty,
        "dropout": list(task.dropout),
        "clip": task.clip or 0.0,
        "seed": task.seed,
    }


def _number(member: Any) -> float:
    """The one number of an activation or a cost; 0 where it has none."""
    numbers = [getattr(member, field.name) for field in fields(member)]
    return float(numbers[0]) if numbers else 0.0


def _optimizer_numbers(rule: Any) -> list[float]:
    """First (mu, rho or beta1), beta2, epsilon, decay, uncorrected; 0 where absent."""
    first = [getattr(rule, name, 0.0) for name in ("mu", "rho", "beta1")]
    rest = [
        getattr(rule, name, 0.0)
        for name in ("beta2", "epsilon", "decay", "uncorrected_epsilon")
    ]
    return [float(sum(first)), *map(float, rest)]  # a rule has one of the first three


def elementary(name: str, x: Array, target: str = "auto") -> Array:
    """One of the engine's own elementary functions, such as exp, for its tests."""
    out = np.empty_like(x)
    _native.elementary_into(name, x, out, target)
    return out
