"""One step of descent, opened: what an example wants, what the mini-batch gets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..._arrays import Array
from ..._errors import InputError
from ..._random import stream
from ...mathematics.backprop import backprop, feedforward, gradient
from ...mathematics.costs import Cost
from ...mathematics.network import Network, Parameters
from ..looks import Example, Moment
from ..run import Kept, Run
from ..stock import rows_of
from ..trial import NO_NEXT, tried
from .asked import Answer, Asked


@dataclass(frozen=True, eq=False)
class Next:
    """The update that comes next.

    Attributes:
        moment: before it.
        indices: rows of the training part that it is made with.
        epoch: from 1.
        batch: number in the epoch, from 0.
        nabla: ∇C of these rows, penalties and dropout included, (P,).
        change: what is added to θ, (P,).
        cost: C of these rows, before.
        after: and after.
        eta: the learning rate.
    """

    moment: Moment
    indices: Array
    epoch: int
    batch: int
    nabla: Array
    change: Array
    cost: float
    after: float
    eta: float | None


def _kept(run: Run) -> Kept:
    """Where the run stands.

    Raises:
        InputError: no update comes next.
    """
    kept = run.state()
    if kept is None or run.step >= run.last_step:
        raise InputError(NO_NEXT)
    return kept


def order_of(run: Run) -> tuple[Array, int, int]:
    """Rows of the next mini-batch, its epoch from 1, and its number from 0."""
    done, batch = divmod(run.step, run.batches)
    rows = len(run.known.shared.examples)
    size = min(run.recipe["batch_size"], rows)
    order = stream(run.recipe["seed"], "order", done + 1).permutation(rows)
    return order[batch * size : (batch + 1) * size], done + 1, batch


def _next(asked: Asked) -> Next:
    """In the session's thread: the next update, tried on another engine."""
    session = asked.session
    moment = session.take()
    run = session.run
    assert run is not None
    kept = _kept(run)
    indices, epoch, batch = order_of(run)
    network, report, nabla = tried(run, kept, indices)
    change = network.parameters.theta - moment.network.parameters.theta
    before, after = (
        _cost_of(each, moment, indices) for each in (moment.network, network)
    )
    return Next(
        moment, indices, epoch, batch, nabla.astype(float), change.astype(float),
        before, after, report.eta,
    )  # fmt: skip


def _cost_of(network: Network, moment: Moment, indices: Array) -> float:
    """C of these rows in float64, without dropout and penalties."""
    theta = network.parameters.theta.astype(np.float64)
    exact = network.with_parameters(Parameters(network.sizes, theta))
    data = moment.known.shared.examples
    x = rows_of(data.x[indices]).astype(np.float64)
    z, a = feedforward(exact, x)
    return float(moment.cost(z[-1], a[-1], data.y[indices].astype(np.float64)).mean())


def cost_terms(cost: Cost, z: Array, a: Array, y: Array) -> Array:
    """What each output adds to the cost of one example, (n_L,); they sum to it.

    Where a cost takes its outputs together (cross-entropy of a softmax, the hinge), an
    output's part is what the cost is with its own target in place and those of the
    others taken out.
    """
    if cost.name == "cross_entropy":
        top = z.max()
        normal = top + np.log(np.exp(z - top).sum())
        return np.asarray((y * (normal - z))[0])
    if cost.name == "hinge" and z.shape[1] > 1:
        margin = (1.0 - y) * (1.0 + z - (y * z).sum(1)[:, None])
        return np.asarray(np.maximum(margin, 0.0)[0])
    each = [
        cost(z[:, j, None], a[:, j, None], y[:, j, None]) for j in range(z.shape[1])
    ]
    return np.concatenate(each)


def _example_part(moment: Moment, one: Example) -> tuple[dict[str, Any], Any, Array]:
    """Cost digit by digit, wishes layer by layer, and −∇C_x."""
    if one.y is None:
        raise InputError("say what the drawing shows (its label) to see what it wants.")
    network = moment.network
    z, a = feedforward(network, one.x)
    delta = backprop(network, moment.cost, z, a, one.y)
    nabla = gradient(a, delta, network.parameters.zeros()).theta
    terms = cost_terms(moment.cost, *(v.astype(float) for v in (z[-1], a[-1], one.y)))
    lines = [
        {"output": j, "a": float(a[-1][0, j]), "y": float(one.y[0, j]),
         "term": float(terms[j])}
        for j in range(len(terms))
    ]  # fmt: skip
    blocks: dict[str, Array] = {}
    for l in range(1, network.L + 1):
        blocks[f"delta{l}"] = delta[l][0]
        if l < network.L:
            blocks[f"wish_a{l}"] = -(delta[l + 1] @ network.w[l + 1])[0]
    if moment.cost.name == "quadratic":
        blocks[f"wish_a{network.L}"] = (one.y - a[-1])[0]
    said = {"cost_terms": lines, "cost": float(moment.cost(z[-1], a[-1], one.y)[0])}
    return said, blocks, -nabla.astype(float)


def places(sizes: tuple[int, ...], chosen: Array) -> list[dict[str, Any]]:
    """The places of some numbers of θ."""
    found, start, l = [], [0], 0
    for n_in, n_out in pairwise(sizes):
        start.append(start[-1] + n_out * (n_in + 1))
    for index in chosen.tolist():
        l = int(np.searchsorted(start, index, side="right"))
        n_in, n_out = sizes[l - 1], sizes[l]
        rest = index - start[l - 1]
        j, k = (
            divmod(rest, n_in) if rest < n_in * n_out else (rest - n_in * n_out, None)
        )
        found.append({"layer": l, "neuron": int(j), "input": k})
    return found


def _opened(asked: Asked, coming: Next) -> Answer:
    words, moment = asked.words, coming.moment
    theta = moment.network.parameters.theta
    said: dict[str, Any] = {}
    blocks: dict[str, Array] = {}
    average = -coming.nabla
    nudge = average
    if not words.get("batch"):
        said, blocks, nudge = _example_part(moment, asked.example(moment))
    gain = average * coming.change
    keys = {"nudge": np.abs(nudge), "average": np.abs(average), "gain": gain}
    sort = words.get("sort", "nudge")
    order = np.arange(theta.size)
    if sort in keys:
        order = np.argsort(-keys[sort], kind="stable")
    some = order[words["first"] : words["first"] + words["count"]]
    rows = [
        {"place": place, "value": float(theta[i]), "nudge": float(nudge[i]),
         "average": float(average[i]), "gain": float(gain[i]),
         "change": float(coming.change[i])}
        for place, i in zip(places(moment.network.sizes, some), some, strict=True)
    ]  # fmt: skip
    update = {
        "eta": coming.eta, "cost": coming.cost, "after": coming.after,
        "predicted": -float(gain.sum()), "measured": coming.after - coming.cost,
        "epoch": coming.epoch, "batch": coming.batch, "step": moment.step,
    }  # fmt: skip
    said |= {"rows": rows, "total": int(theta.size), "sort": sort, "update": update}
    return Answer({**said, "indices": coming.indices}, blocks)


async def _coming(asked: Asked) -> Next:
    """The next update; worked out once for a moment."""
    moment = await asked.whole()
    known = moment.found.get("next")
    if known is not None:
        return known  # type: ignore[no-any-return]
    found = await asked.have(lambda: _next(asked))
    found.moment.found["next"] = found
    return found


async def opened(asked: Asked) -> Answer:
    """The next update: what an example wants and what all of the mini-batch get."""
    coming = await _coming(asked)

    def find() -> Answer:
        with np.errstate(all="ignore"):
            return _opened(asked, coming)

    return await asked.studio.compute(find)


async def stages(asked: Asked) -> Answer:
    """The rows of the next mini-batch, for slow motion."""
    coming = await _coming(asked)
    data = coming.moment.known.shared.examples
    some = data.rows(coming.indices)
    labels = None if data.classes is None else some.y.argmax(1)
    said = {
        "indices": coming.indices, "labels": labels, "epoch": coming.epoch,
        "batch": coming.batch, "eta": coming.eta, "cost": coming.cost,
        "step": coming.moment.step,
    }  # fmt: skip
    return Answer(said, {"x": rows_of(some.x)})
