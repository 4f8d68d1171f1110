"""How good a network is on a part of the data.

The metrics here are those that every training ends with. They are scikit-learn's, for
classes to the bit, in a few lines of our own: to import its takes 90 MB and seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import _limits
from .._arrays import Array, check_number, check_x, check_y
from .._errors import InputError
from ..data import Dataset
from ..engines import cast, start
from ..mathematics.activations import Silenced
from ..mathematics.backprop import feedforward
from ..mathematics.costs import Cost, mean
from ..mathematics.network import Network
from ..mathematics.optimizers import SGD


@dataclass(frozen=True)
class Evaluation:
    """What a network does on one part of the data.

    Attributes:
        part: which part, such as "test".
        count: number of examples.
        cost: mean cost, without penalties.
        correct: examples that are right (in all their labels); None for a regression.
        confusion: (classes, classes), rows the true class; None for a regression.
        precision: per class, (classes,); 0 where a class is never predicted.
        recall: per class, (classes,).
        f1: per class, (classes,).
        r2: coefficient of determination; None for classes, for a single example and
            where an output is not finite.
        mae: mean absolute error of each output, in the target's own unit where the data
            knows it; None for classes and where an output is not finite.
        label_accuracy: share of the examples that are right in each label, where each
            has several; else None.
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
    mae: tuple[float, ...] | None = None
    label_accuracy: tuple[float, ...] | None = None

    @property
    def accuracy(self) -> float | None:
        """Share of the examples that are right, 0 ... 1."""
        return None if self.correct is None else self.correct / self.count


def outputs(network: Network, data: Dataset, cost: Cost) -> tuple[Array, Array]:
    """z^L and a^L, each (m, n_L), of all examples; by the native engine if it can."""
    if any(s.name == "step" or isinstance(s, Silenced) for s in network.sigma[1:]):
        return _by_the_page(network, data, cost)
    engine = start(network, data, cost=cost, optimizer=SGD())
    return engine.output(cast(data, network.dtype).x)


def _by_the_page(network: Network, data: Dataset, cost: Cost) -> tuple[Array, Array]:
    """The same with what no engine has: step units, silenced ones."""
    x = cast(data, network.dtype).x
    check_x(x, network.sizes[0])
    check_y(data.y, len(data), network.sizes[-1])
    if (network.sigma[-1].name, cost.name) != ("step", "quadratic"):  # it has a value
        cost.check(network.sigma[-1], data.y)
    z, a = feedforward(network, x)
    return z[-1], a[-1]


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
        several = data.encoding is not None and data.encoding.target.task == "labels"
        return (_of_labels if several else _of_numbers)(part, value, data, a)
    labels, answers = data.labels, a.argmax(1)
    confusion = count_pairs(labels, answers, len(data.classes))
    right, asked, answered = confusion.diagonal(), confusion.sum(1), confusion.sum(0)
    return Evaluation(
        part,
        len(data),
        value,
        correct=int(right.sum()),
        confusion=confusion,
        precision=_share(right, answered),
        recall=_share(right, asked),
        f1=_share(2 * right, asked + answered),
    )


def count_pairs(labels: Array, answers: Array, classes: int) -> Array:
    """The confusion matrix, (classes, classes): rows the true class."""
    pairs = labels.astype(np.int64) * classes + answers
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def _share(part: Array, whole: Array) -> Array:
    """Of each whole the part, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)


def _of_numbers(part: str, cost: float, data: Dataset, a: Array) -> Evaluation:
    """R², and the mean absolute error in the target's own unit."""
    if not np.isfinite(a).all():
        return Evaluation(part, len(data), cost)
    r2 = determination(data.y, a) if len(data) > 1 else None
    own = data.encoding.decode if data.encoding is not None else np.asarray
    errors = np.abs(np.asarray(own(data.y), np.float64) - own(a)).mean(axis=0)
    return Evaluation(part, len(data), cost, r2=r2, mae=tuple(map(float, errors)))


def determination(y: Array, a: Array) -> float:
    """R² = 1 − Σ(y − a)² / Σ(y − ȳ)², the mean over the outputs.

    An output that never varies counts 1 where all answers are right, else 0.
    """
    y = np.asarray(y, np.float64)
    off, spread = ((y - a) ** 2).sum(0), ((y - y.mean(0)) ** 2).sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(spread > 0, 1 - off / spread, off == 0)
    return float(each.mean())


def _of_labels(part: str, cost: float, data: Dataset, a: Array) -> Evaluation:
    """How often each label is right, and how often all are."""
    right = np.equal(a >= 0.5, data.y >= 0.5)
    shares = tuple(map(float, right.mean(axis=0)))
    correct = int(right.all(axis=1).sum())
    return Evaluation(part, len(data), cost, correct, label_accuracy=shares)


@dataclass(frozen=True)
class Reliability:
    """How far confidence can be believed, in bins of equal width over 0 ... 1.

    Attributes:
        edges: (bins + 1,); a bin holds its upper edge and not its lower one.
        count: answers in each bin, (bins,).
        confidence: mean largest probability in each bin, (bins,); NaN where empty.
        accuracy: share of right answers in each bin, (bins,); NaN where empty.
        ece: expected calibration error: Σ count/m |accuracy − confidence|.
        mce: the largest of these differences.
    """

    edges: Array
    count: Array
    confidence: Array
    accuracy: Array
    ece: float
    mce: float

    @property
    def overall_confidence(self) -> float:
        """Mean largest probability of all answers."""
        return float(np.nansum(self.confidence * self.count) / self.count.sum())

    @property
    def overall_accuracy(self) -> float:
        """Share of right answers among all."""
        return float(np.nansum(self.accuracy * self.count) / self.count.sum())


def reliability(probabilities: Array, labels: Array, bins: int = 15) -> Reliability:
    """Whether answers given with probability p are right in a share p of the cases.

    The rows need not sum to 1 (sigmoid outputs do not): the confidence of an answer is
    its own probability, the largest of the row.

    Args:
        probabilities: (m, classes), in [0, 1].
        labels: number of each example's class, (m,).
        bins: of equal width, >= 1.

    Raises:
        InputError: no examples, other shapes, or values that are no probabilities.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", (3).
    """
    p, labels = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
    check_number("bins", bins, least=1, most=_limits.RELIABILITY_BINS, whole=True)
    if p.ndim != 2 or not p.size or labels.shape != p.shape[:1]:
        raise InputError(
            "probabilities must be (m, classes) with labels (m,), at least one row; "
            f"got {p.shape} and {labels.shape}. For one-hot rows pass y.argmax(1)."
        )
    if not (p.min() >= 0 and p.max() <= 1):  # NaN fails too
        raise InputError(
            "probabilities must lie in 0 ... 1; got values from "
            f"{p.min():.6g} to {p.max():.6g}. Use a softmax or sigmoid output."
        )
    edges = np.linspace(0.0, 1.0, bins + 1)
    sure, right = p.max(1), p.argmax(1) == labels
    place = np.searchsorted(edges[1:-1], sure)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):  # an empty bin has no mean
        confidence = np.bincount(place, sure, bins) / count
        accuracy = np.bincount(place, right, bins) / count
    gap = np.abs(accuracy - confidence)
    ece = float(np.nansum(gap * count) / len(p))
    return Reliability(edges, count, confidence, accuracy, ece, float(np.nanmax(gap)))
