"""PyTorch: a plain loop over tensors in memory, eager and compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import grad, vmap

from pellucid import Parameters
from workloads import Problem

from . import Peer

ACTIVATIONS = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "identity": nn.Identity}


def half_squares(a: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The quadratic cost of a mini-batch."""
    return 0.5 * ((a - y) ** 2).sum(1).mean()


class Eager(Peer):
    """`nn.Sequential`, `torch.optim`, `index_select` of a permutation; no DataLoader.

    Softmax is in the cost (`cross_entropy` with class numbers), as its documentation
    wants it.
    """

    def __init__(self, problem: Problem, optimizer: str = "foreach"):
        super().__init__(problem)
        self.way = {"foreach": optimizer == "foreach", "fused": optimizer == "fused"}

    def prepare(self) -> None:
        problem, work = self.problem, self.problem.workload
        self.x, self.y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
        self.cost: Any = half_squares
        if work.cost == "cross_entropy":
            self.y, self.cost = self.y.argmax(1), nn.functional.cross_entropy
        parts: list[nn.Module] = []
        for n_in, n_out in zip(work.sizes, work.sizes[1:], strict=False):
            parts += [nn.Linear(n_in, n_out, dtype=self.x.dtype)]
            last = len(parts) == 2 * len(work.sizes) - 3
            name = work.output if last else work.hidden
            if name != "softmax":
                parts += [ACTIVATIONS[name]()]
        self.model = nn.Sequential(*parts)
        self.linear = [part for part in parts if isinstance(part, nn.Linear)]
        self.load()
        self.optimizer = self._optimizer()

    def load(self) -> None:
        """Put the first weights in."""
        start = Parameters(self.problem.workload.sizes, self.problem.theta[0])
        with torch.no_grad():
            for part, w, b in zip(self.linear, start.w[1:], start.b[1:], strict=True):
                part.weight.copy_(torch.from_numpy(w))
                part.bias.copy_(torch.from_numpy(b))

    def _optimizer(self) -> torch.optim.Optimizer:
        work = self.problem.workload
        if work.optimizer == "sgd":
            return torch.optim.SGD(self.model.parameters(), work.eta, **self.way)
        return torch.optim.Adam(
            self.model.parameters(), work.eta, eps=work.epsilon, **self.way
        )

    def epoch(self, order: np.ndarray) -> None:
        for rows in torch.from_numpy(order).split(self.problem.workload.batch_size):
            self.step(self.x.index_select(0, rows), self.y.index_select(0, rows))

    def step(self, x: torch.Tensor, y: torch.Tensor) -> None:
        """One update."""
        self.optimizer.zero_grad()
        self.cost(self.model(x), y).backward()
        self.optimizer.step()

    def theta(self) -> np.ndarray:
        with torch.no_grad():
            return np.concatenate(
                [
                    each.numpy().ravel()
                    for part in self.linear
                    for each in (part.weight, part.bias)
                ]
            )[None]

    def answerer(self) -> Callable[[np.ndarray], Any]:
        self.prepare()
        model = nn.Sequential(*self.model, nn.Softmax(1)).eval()

        @torch.inference_mode()
        def answer(row: np.ndarray) -> np.ndarray:
            return model(torch.from_numpy(row)).numpy()

        return answer


class Compiled(Eager):
    """The step under torch.compile; the model is kept, as compiling it is dear."""

    def prepare(self) -> None:
        if not hasattr(self, "compiled"):
            super().prepare()
            self.compiled = torch.compile(super().step)
            return
        self.load()
        for slots in self.optimizer.state.values():
            for slot in slots.values():
                if slot is not None:  # a momentum that there is not
                    slot.zero_()

    def step(self, x: torch.Tensor, y: torch.Tensor) -> None:
        self.compiled(x, y)


class Vmap(Peer):
    """Many networks of W1 at once: `torch.func.vmap` of `grad` over their weights."""

    def prepare(self) -> None:
        problem = self.problem
        self.x, self.y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
        made = [Parameters(problem.workload.sizes, each) for each in problem.theta]
        self.layers = [
            torch.from_numpy(np.stack([getattr(each, part)[l] for each in made]))
            for l in range(1, len(problem.workload.sizes))
            for part in ("w", "b")
        ]
        self.nabla = vmap(grad(self.cost), in_dims=(0, None, None))

    @staticmethod
    def cost(layers: list[torch.Tensor], a: Any, y: torch.Tensor) -> torch.Tensor:
        """Of one network; sigmoid everywhere, quadratic."""
        for w, b in zip(layers[::2], layers[1::2], strict=True):
            a = torch.sigmoid(nn.functional.linear(a, w, b))
        return half_squares(a, y)

    def epoch(self, order: np.ndarray) -> None:
        work = self.problem.workload
        for rows in torch.from_numpy(order).split(work.batch_size):
            x, y = self.x.index_select(0, rows), self.y.index_select(0, rows)
            nabla = self.nabla(self.layers, x, y)
            for parameter, step in zip(self.layers, nabla, strict=True):
                parameter.sub_(step, alpha=work.eta)

    def theta(self) -> np.ndarray:
        networks = len(self.problem.theta)
        parts = [each.numpy().reshape(networks, -1) for each in self.layers]
        return np.concatenate(parts, axis=1)
