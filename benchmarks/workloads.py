"""The workloads: what is trained on what, the same for everyone.

A `Workload` is a description; `make` gives its `Problem`: arrays in memory, first
weights, and the orders in which the rows are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pellucid import Network, Parameters, load


@dataclass(frozen=True)
class Workload:
    """One line of the plan.

    Attributes:
        name: short, such as "W1".
        title: in words.
        sizes: units of each layer.
        hidden, output: activations.
        cost: name of the cost.
        optimizer: "sgd" or "adam" (beta1 0.9, beta2 0.999).
        eta: learning rate.
        batch_size: examples an update; the last of an epoch may be short.
        rows: of the training part.
        data: "pixels" (MNIST / 255), "standardised" (MNIST, each column with mean 0
            and deviation 1) or "synthetic" (a smooth function of normal columns).
        epochs: of the fit that the table speaks of.
        timed: epochs that a round runs.
        evaluated: whether the test part is looked at after each epoch, in the time.
        networks: trained on the same rows, each from weights of its own.
        kind: "training", "population" or "answers" (one row at a time).
        epsilon: of Adam.
    """

    name: str
    title: str
    sizes: tuple[int, ...]
    hidden: str = "relu"
    output: str = "softmax"
    cost: str = "cross_entropy"
    optimizer: str = "adam"
    eta: float = 0.001
    batch_size: int = 256
    rows: int = 60_000
    data: str = "pixels"
    epochs: int = 10
    timed: int = 1
    evaluated: bool = False
    networks: int = 1
    kind: str = "training"
    epsilon: float = 1e-8

    @property
    def steps(self) -> int:
        """Updates of an epoch."""
        return -(-self.rows // self.batch_size)

    @property
    def flop_a_row(self) -> int:
        """Of the dense products: forward, ∇w, and δ but for the first layer's."""
        products = [a * b for a, b in zip(self.sizes, self.sizes[1:], strict=False)]
        return 2 * (3 * sum(products) - products[0])


_NIELSEN = Workload(
    "W1",
    "784-30-10 sigmoid, quadratic cost, SGD η 3, mini-batch 10, MNIST",
    (784, 30, 10),
    hidden="sigmoid",
    output="sigmoid",
    cost="quadratic",
    optimizer="sgd",
    eta=3.0,
    batch_size=10,
    rows=50_000,
    epochs=30,
)
_WIDE = Workload(
    "W3",
    "784-512-512-10 ReLU, softmax, Adam, mini-batch 256, MNIST",
    (784, 512, 512, 10),
)
_TABULAR = Workload(
    "W4-256",
    "20-128-128-1 ReLU, quadratic cost, Adam, mini-batch 256, synthetic rows",
    (20, 128, 128, 1),
    output="identity",
    cost="quadratic",
    rows=100_000,
    data="synthetic",
)
WORKLOADS = {
    each.name: each
    for each in (
        _NIELSEN,
        replace(
            _NIELSEN,
            name="W1-run",
            title=f"{_NIELSEN.title}: 30 epochs, test part evaluated after each",
            timed=30,
            evaluated=True,
        ),
        Workload(
            "W2",
            "784-100-10 ReLU, softmax, Adam, mini-batch 200, MNIST",
            (784, 100, 10),
            batch_size=200,
        ),
        _WIDE,
        replace(
            _WIDE,
            name="W3-std",
            title=f"{_WIDE.title}, standardised pixels (dense)",
            data="standardised",
        ),
        replace(
            _TABULAR,
            name="W4-32",
            title=_TABULAR.title.replace("256", "32"),
            batch_size=32,
        ),
        _TABULAR,
        replace(
            _NIELSEN,
            name="P",
            title="64 networks of W1, an epoch of a tenth of the rows (300 as 30)",
            rows=5_000,
            epochs=300,
            networks=64,
            kind="population",
        ),
        Workload(
            "one-row",
            "784-100-10 ReLU, softmax: the answer to one row, NumPy in, NumPy out",
            (784, 100, 10),
            batch_size=1,
            rows=1_000,
            kind="answers",
        ),
    )
}


@dataclass(frozen=True)
class Problem:
    """A workload with its arrays; every peer begins from these.

    Attributes:
        workload: what is to be done.
        x, y: rows and targets, (m, n_0) and (m, n_L): one-hot for classes.
        test_x, test_y: what is not learned from.
        theta: the first weights, (networks, P), laid out as `Parameters` are.
        seed: of the orders.
    """

    workload: Workload
    x: np.ndarray
    y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    theta: np.ndarray
    seed: int = 1

    @property
    def classes(self) -> bool:
        """Whether the targets are classes."""
        return self.y.shape[1] > 1

    def orders(self) -> Iterator[np.ndarray]:
        """The order of each epoch: the one before, shuffled.

        Drawn exactly as scikit-learn draws it from `random_state`, the one peer that
        can't be handed an order; so all of them take the same rows at the same time.
        """
        random = np.random.RandomState(self.seed)
        order = np.arange(len(self.x))
        while True:
            shuffled = np.arange(len(order))
            random.shuffle(shuffled)
            order = order[shuffled]
            yield order

    def head(self, rows: int) -> Problem:
        """The same with the first rows only."""
        workload = replace(self.workload, rows=rows)
        return replace(self, workload=workload, x=self.x[:rows], y=self.y[:rows])

    def network(self, theta: np.ndarray) -> Network:
        """A network of pellucid's around these parameters, (P,)."""
        work = self.workload
        network = Network(work.sizes, work.hidden, work.output, dtype=str(theta.dtype))
        return network.with_parameters(Parameters(work.sizes, theta))

    def score(self, theta: np.ndarray) -> float:
        """Mean over the networks: share of the test part that is right, or R²."""
        found = [self._score(self.network(each)(self.test_x)) for each in theta]
        return float(np.mean(found))

    def _score(self, a: np.ndarray) -> float:
        if self.classes:
            return float((a.argmax(1) == self.test_y.argmax(1)).mean())
        rest = ((a - self.test_y) ** 2).sum()
        return float(1 - rest / ((self.test_y - self.test_y.mean(0)) ** 2).sum())


def make(name: str, rows: int | None = None, dtype: str = "float32") -> Problem:
    """The Problem of a workload.

    Args:
        name: of WORKLOADS.
        rows: fewer of them, for a quick look; None: all.
        dtype: of the arrays and of the weights.
    """
    work = WORKLOADS[name]
    work = replace(work, rows=min(rows or work.rows, work.rows))
    arrays = _synthetic(work, dtype) if work.data == "synthetic" else _mnist(work)
    return problem(work, *(array.astype(dtype, copy=False) for array in arrays))


def problem(
    work: Workload,
    x: np.ndarray,
    y: np.ndarray,
    test_x: np.ndarray,
    test_y: np.ndarray,
) -> Problem:
    """A Problem of given arrays, with the first weights that pellucid draws."""
    rule = "nielsen" if work.cost == "quadratic" and y.shape[1] > 1 else "auto"
    theta = [
        Network(
            work.sizes,
            work.hidden,
            work.output,
            initializer=rule,
            seed=seed,
            dtype=str(x.dtype),
        ).parameters.theta
        for seed in range(work.networks)
    ]
    return Problem(work, x, y, test_x, test_y, np.stack(theta))


def _mnist(work: Workload) -> tuple[np.ndarray, ...]:
    data = load("mnist")
    x, test_x = data.x[: work.rows], data.test.x
    if work.data == "standardised":
        mean, deviation = x.mean(0, dtype=float), x.std(0, dtype=float)
        deviation[deviation == 0] = 1.0
        x, test_x = (x - mean) / deviation, (test_x - mean) / deviation
        x, test_x = x.astype("float32"), test_x.astype("float32")
    # Copies, so that the rows which are not needed can go.
    return x.copy(), data.y[: work.rows].copy(), test_x.copy(), data.test.y.copy()


def _synthetic(work: Workload, dtype: str) -> tuple[np.ndarray, ...]:
    """Rows of 20 normal columns; a smooth function of five of them, and noise."""
    random = np.random.RandomState(0)
    m, n = work.rows + 10_000, work.sizes[0]
    x = random.standard_normal((m, n))
    y = np.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 2:3] + np.abs(x[:, 3:4]) - x[:, 4:5]
    y += 0.1 * random.standard_normal((m, 1))
    return x[:-10_000], y[:-10_000], x[-10_000:], y[-10_000:]
