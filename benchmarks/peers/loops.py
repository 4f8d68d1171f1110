"""NumPy: one example at a time, whole mini-batches, and many networks stacked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import Parameters
from workloads import Problem

from . import Peer


def sigmoid(z: np.ndarray) -> np.ndarray:
    """In place."""
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


def softmax(z: np.ndarray) -> np.ndarray:
    """In place, row by row."""
    z -= z.max(1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(1, keepdims=True)
    return z


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": sigmoid,
    "softmax": softmax,
    "relu": lambda z: np.maximum(z, 0, out=z),
    "identity": lambda z: z,
}


class ExampleByExample(Peer):
    """As in Nielsen's first chapter: vectors, a gradient for each example, a sum.

    The mathematics of the book's program in float64 with column vectors; every
    example makes new arrays, as it does there.
    """

    differs = "float64"

    def prepare(self) -> None:
        start = Parameters(self.problem.workload.sizes, self.problem.theta[0])
        self.weights = [w.astype(float) for w in start.w[1:]]
        self.biases = [b.astype(float)[:, None] for b in start.b[1:]]
        columns = zip(self.problem.x, self.problem.y, strict=True)
        self.examples = [
            (x.astype(float)[:, None], y.astype(float)[:, None]) for x, y in columns
        ]

    def epoch(self, order: np.ndarray) -> None:
        size, eta = self.problem.workload.batch_size, self.problem.workload.eta
        for first in range(0, len(order), size):
            batch = [self.examples[row] for row in order[first : first + size]]
            sum_w = [np.zeros(w.shape) for w in self.weights]
            sum_b = [np.zeros(b.shape) for b in self.biases]
            for x, y in batch:
                nabla_w, nabla_b = self.gradient(x, y)
                sum_w = [s + g for s, g in zip(sum_w, nabla_w, strict=True)]
                sum_b = [s + g for s, g in zip(sum_b, nabla_b, strict=True)]
            rate = eta / len(batch)
            pairs = zip(self.weights, sum_w, strict=True)
            self.weights = [w - rate * s for w, s in pairs]
            pairs = zip(self.biases, sum_b, strict=True)
            self.biases = [b - rate * s for b, s in pairs]

    def gradient(
        self, x: np.ndarray, y: np.ndarray
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """∇C of one example, sigmoid everywhere, quadratic cost."""
        a = [x]
        for w, b in zip(self.weights, self.biases, strict=True):
            a.append(sigmoid(w @ a[-1] + b))
        delta = (a[-1] - y) * a[-1] * (1 - a[-1])
        nabla_w, nabla_b = [delta @ a[-2].T], [delta]
        for l in range(len(self.weights) - 1, 0, -1):
            delta = (self.weights[l].T @ delta) * a[l] * (1 - a[l])
            nabla_w.insert(0, delta @ a[l - 1].T)
            nabla_b.insert(0, delta)
        return nabla_w, nabla_b

    def theta(self) -> np.ndarray:
        pairs = zip(self.weights, self.biases, strict=True)
        return np.concatenate([each.ravel() for pair in pairs for each in pair])[None]


class MatrixForm(Peer):
    """A mini-batch at a time, in place, everything of a step in one flat vector."""

    def __init__(self, problem: Problem, dtype: str = ""):
        super().__init__(problem)
        self.dtype = np.dtype(dtype or problem.x.dtype)
        if self.dtype != problem.x.dtype:
            self.differs = str(self.dtype)

    def prepare(self) -> None:
        self.x = self.problem.x.astype(self.dtype, copy=False)
        self.y = self.problem.y.astype(self.dtype, copy=False)
        self.flat = self.problem.theta[0].astype(self.dtype)
        self.parameters = Parameters(self.problem.workload.sizes, self.flat)
        self.nabla = self.parameters.zeros()
        self.v, self.s, self.scratch = (np.zeros_like(self.flat) for _ in range(3))
        self.step = 0

    def epoch(self, order: np.ndarray) -> None:
        size = self.problem.workload.batch_size
        for first in range(0, len(order), size):
            rows = order[first : first + size]
            self.descend(self.x[rows], self.y[rows])

    def forward(self, x: np.ndarray) -> list[np.ndarray]:
        """The activations of every layer."""
        work, a = self.problem.workload, [x]
        names = [work.hidden] * (len(work.sizes) - 2) + [work.output]
        for l, name in enumerate(names, start=1):
            z = a[-1] @ self.parameters.w[l].T
            z += self.parameters.b[l]
            a.append(ACTIVATIONS[name](z))
        return a

    def descend(self, x: np.ndarray, y: np.ndarray) -> None:
        """One update."""
        a = self.forward(x)
        delta = a[-1] - y
        if self.problem.workload.output == "sigmoid":  # with the quadratic cost
            delta *= a[-1] * (1 - a[-1])
        delta /= len(x)
        for l in range(len(a) - 1, 0, -1):
            np.matmul(delta.T, a[l - 1], out=self.nabla.w[l])
            delta.sum(0, out=self.nabla.b[l])
            if l > 1:
                delta = delta @ self.parameters.w[l]
                relu = self.problem.workload.hidden == "relu"
                delta *= a[l - 1] > 0 if relu else a[l - 1] * (1 - a[l - 1])
        self.update(self.nabla.theta)

    def update(self, nabla: np.ndarray) -> None:
        """One step of the optimizer; `nabla` may be written into."""
        work = self.problem.workload
        if work.optimizer == "sgd":
            nabla *= work.eta
            self.flat -= nabla
            return
        self.step += 1
        v, s, scratch = self.v, self.s, self.scratch
        v *= 0.9
        s *= 0.999
        np.multiply(nabla, nabla, out=scratch)
        scratch *= 0.001
        s += scratch
        nabla *= 0.1
        v += nabla
        np.sqrt(s, out=scratch)
        scratch /= (1 - 0.999**self.step) ** 0.5
        scratch += work.epsilon
        np.divide(v, scratch, out=scratch)
        scratch *= work.eta / (1 - 0.9**self.step)
        self.flat -= scratch

    def theta(self) -> np.ndarray:
        return self.flat[None]

    def correct(self) -> int:
        a = self.forward(self.problem.test_x.astype(self.dtype, copy=False))[-1]
        return int((a.argmax(1) == self.problem.test_y.argmax(1)).sum())

    def answerer(self) -> Callable[[np.ndarray], Any]:
        self.prepare()
        return lambda row: self.forward(row)[-1]


class Stacked(Peer):
    """Many networks of one hidden layer: their hidden layers lie in one wide matrix."""

    def prepare(self) -> None:
        problem = self.problem
        made = [Parameters(problem.workload.sizes, each) for each in problem.theta]
        self.w1 = np.concatenate([each.w[1] for each in made])  # (K n_1, n_0)
        self.b1 = np.concatenate([each.b[1] for each in made])
        self.w2 = np.stack([each.w[2] for each in made])  # (K, n_2, n_1)
        self.b2 = np.stack([each.b[2] for each in made])[:, None]

    def epoch(self, order: np.ndarray) -> None:
        size = self.problem.workload.batch_size
        for first in range(0, len(order), size):
            rows = order[first : first + size]
            self.descend(self.problem.x[rows], self.problem.y[rows])

    def descend(self, x: np.ndarray, y: np.ndarray) -> None:
        """One update of every network; sigmoid, quadratic cost, SGD."""
        m, networks, hidden = len(x), len(self.w2), self.w2.shape[2]
        a1 = sigmoid(x @ self.w1.T + self.b1)
        each = a1.reshape(m, networks, hidden).transpose(1, 0, 2)  # (K, m, n_1)
        a2 = sigmoid(each @ self.w2.transpose(0, 2, 1) + self.b2)
        delta2 = (a2 - y) * a2 * (1 - a2)
        delta2 *= self.problem.workload.eta / m
        delta1 = (delta2 @ self.w2).transpose(1, 0, 2).reshape(m, -1)
        delta1 *= a1 * (1 - a1)
        self.w2 -= delta2.transpose(0, 2, 1) @ each
        self.b2 -= delta2.sum(1, keepdims=True)
        self.w1 -= delta1.T @ x
        self.b1 -= delta1.sum(0)

    def theta(self) -> np.ndarray:
        networks = len(self.w2)
        parts = (self.w1, self.b1, self.w2, self.b2)
        return np.concatenate([part.reshape(networks, -1) for part in parts], axis=1)
