"""How good a network is on a part of the data; the metrics are scikit-learn's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._arrays import Array
from .data import Dataset
from .engines import cast, start
from .mathematics.costs import Cost, mean
from .mathematics.network import Network
from .mathematics.optimizers import SGD


@dataclass(frozen=True)
class Evaluation:
    """What a network does on one part of the data.

    Attributes:
        part: which part, such as "test".
        count: number of examples.
        cost: mean cost, without penalties.
        correct: examples that are right; None for a regression.
        confusion: (classes, classes), rows the true class; None for a regression.
        precision: per class, (classes,); 0 where a class is never predicted.
        recall: per class, (classes,).
        f1: per class, (classes,).
        r2: coefficient of determination; None for classes, for a single example and
            where an output is not finite.
    """

    part: str
    count: int
    cost: float
    correct: int | None = None
    confusion: Array | None = None
    precision: Array | None = None
    recall: Array | None = None
    f1: Array | None = None
    r2: float | None = None

    @property
    def accuracy(self) -> float | None:
        """Share of the examples that are right, 0 ... 1."""
        return None if self.correct is None else self.correct / self.count


def outputs(network: Network, data: Dataset, cost: Cost) -> tuple[Array, Array]:
    """z^L and a^L, each (m, n_L), of all examples, by the native engine."""
    engine = start(network, data, cost=cost, optimizer=SGD())
    return engine.output(cast(data, network.dtype).x)


def evaluate(
    network: Network, data: Dataset, cost: Cost, part: str = "test"
) -> Evaluation:
    """The network on all examples of `data`.

    Args:
        network: the network.
        data: one part of a data set.
        cost: defined with the network's output.
        part: what to call it.

    Raises:
        InputError: they do not fit each other.
    """
    z, a = outputs(network, data, cost)
    with np.errstate(all="ignore"):  # outputs that overflow have an infinite cost
        value = mean(cost(z, a, data.y), data.weight)
    if data.classes is None:
        from sklearn.metrics import r2_score

        defined = len(data) > 1 and bool(np.isfinite(a).all())
        r2 = float(r2_score(data.y, a)) if defined else None
        return Evaluation(part, len(data), value, r2=r2)
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    labels, answers = data.labels, a.argmax(1)
    numbers: Any = np.arange(len(data.classes))
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, answers, labels=numbers, zero_division=0.0
    )
    return Evaluation(
        part,
        len(data),
        value,
        correct=int((labels == answers).sum()),
        confusion=confusion_matrix(labels, answers, labels=numbers),
        precision=precision,
        recall=recall,
        f1=f1,
    )
