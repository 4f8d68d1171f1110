"""JAX: a whole epoch is one `lax.scan` under `jit`, its state donated."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from pellucid import Parameters
from workloads import Problem, Workload

from . import Peer

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": jax.nn.sigmoid,
    "relu": jax.nn.relu,
    "softmax": jax.nn.softmax,
    "identity": lambda z: z,
}


def last_z(work: Workload, layers: Any, x: Any, rows_out: bool) -> Any:
    """The pre-activations of the output; `rows_out`: w lie as (n_out, n_in)."""
    for l, (w, b) in enumerate(layers):
        x = x @ (w.T if rows_out else w) + b
        if l < len(layers) - 1:
            x = ACTIVATIONS[work.hidden](x)
    return x


def cost(work: Workload, rows_out: bool, layers: Any, x: Any, y: Any) -> Any:
    """Mean cost of a mini-batch."""
    z = last_z(work, layers, x, rows_out)
    if work.cost == "cross_entropy":
        return -(y * jax.nn.log_softmax(z)).sum(1).mean()
    return 0.5 * ((ACTIVATIONS[work.output](z) - y) ** 2).sum(1).mean()


def descend(work: Workload, rows_out: bool, state: Any, x: Any, y: Any) -> Any:
    """One update."""
    layers, v, s, step = state
    nabla = jax.grad(partial(cost, work, rows_out))(layers, x, y)
    each = jax.tree.map
    if work.optimizer == "sgd":
        return each(lambda p, g: p - work.eta * g, layers, nabla), v, s, step
    step = step + 1
    v = each(lambda a, g: 0.9 * a + 0.1 * g, v, nabla)
    s = each(lambda a, g: 0.999 * a + 0.001 * g * g, s, nabla)
    rate, scale = work.eta / (1 - 0.9**step), jnp.sqrt(1 - 0.999**step)

    def moved(p: Any, a: Any, c: Any) -> Any:
        return p - (rate * a / (jnp.sqrt(c) / scale + work.epsilon)).astype(p.dtype)

    return each(moved, layers, v, s), v, s, step


class Scan(Peer):
    """One network, or many at once by `vmap` over their weights.

    Args:
        problem: what is done.
        weights: "out, in" or "in, out": how they lie; it can halve the time.
    """

    def __init__(self, problem: Problem, weights: str = "out, in"):
        super().__init__(problem)
        self.rows_out = weights == "out, in"

    def prepare(self) -> None:
        problem, work = self.problem, self.problem.workload
        if problem.x.dtype == np.float64:
            jax.config.update("jax_enable_x64", True)
        self.x, self.y = jnp.asarray(problem.x), jnp.asarray(problem.y)
        made = [Parameters(work.sizes, each) for each in problem.theta]
        pick = np.stack if work.kind == "population" else lambda each: each[0]
        layers = [
            (
                jnp.array(pick([self._laid(each.w[l]) for each in made])),
                jnp.array(pick([each.b[l] for each in made])),
            )
            for l in range(1, len(work.sizes))
        ]
        slots = layers if work.optimizer == "adam" else []
        zeros = [jax.tree.map(jnp.zeros_like, slots) for _ in range(2)]
        step = jnp.zeros(len(made) if work.kind == "population" else ())
        self.state = (layers, *zeros, step)
        if not hasattr(self, "compiled"):
            self.compiled = jax.jit(self._epoch, donate_argnums=0)
            self.forward = jax.jit(partial(last_z, work, rows_out=self.rows_out))

    def _laid(self, w: np.ndarray) -> np.ndarray:
        return w if self.rows_out else w.T

    def _epoch(self, state: Any, x: Any, y: Any, order: Any) -> Any:
        work = self.problem.workload
        update = partial(descend, work, self.rows_out)
        if work.kind == "population":
            update = jax.vmap(update, in_axes=(0, None, None))
        whole = len(order) // work.batch_size * work.batch_size

        def body(state: Any, rows: Any) -> Any:
            return update(state, x[rows], y[rows]), None

        state, _ = lax.scan(body, state, order[:whole].reshape(-1, work.batch_size))
        if whole < len(order):
            state, _ = body(state, order[whole:])
        return state

    def epoch(self, order: np.ndarray) -> None:
        state = self.compiled(self.state, self.x, self.y, order)
        self.state = jax.block_until_ready(state)

    def theta(self) -> np.ndarray:
        networks = len(self.problem.theta)
        parts = []
        for w, b in self.state[0]:
            w = np.asarray(w)
            parts += [w if self.rows_out else np.swapaxes(w, -1, -2), np.asarray(b)]
        return np.concatenate([part.reshape(networks, -1) for part in parts], axis=1)

    def correct(self) -> int:
        z = np.asarray(self.forward(self.state[0], self.problem.test_x))
        return int((z.argmax(1) == self.problem.test_y.argmax(1)).sum())

    def answerer(self) -> Callable[[np.ndarray], Any]:
        self.prepare()
        forward = partial(self.forward, self.state[0])
        softmax = jax.jit(lambda row: jax.nn.softmax(forward(row)))
        return lambda row: np.asarray(softmax(row))
