"""One weight or bias a little more: what the gradient says, and what is measured.

Counted in float64 on a copy of the network, so that a small nudge is not lost in the
rounding of float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import _limits
from ..._arrays import Array, check_number
from ...mathematics.backprop import backprop, feedforward
from ...mathematics.costs import mean
from ...mathematics.network import Network, Parameters
from ...training.edits import Edit, check_place
from ..looks import Moment
from ..stock import rows_of
from .asked import Answer, Asked


@dataclass(frozen=True)
class Traced:
    """Examples there and back, in float64.

    Attributes:
        x: (m, n_0).
        y: (m, n_L); None where nothing is aimed at.
        a: activations.
        delta: errors; empty without y.
        cost: mean over the examples; None without y.
        said: what it is over, for the page.
    """

    x: Array
    y: Array | None
    a: list[Any]
    delta: list[Any]
    cost: float | None
    said: dict[str, Any]


def exact(moment: Moment) -> Network:
    """The same network in float64."""

    def make() -> Network:
        theta = moment.network.parameters.theta.astype(np.float64)
        parameters = Parameters(moment.network.sizes, theta)
        return moment.network.with_parameters(parameters)

    found: Network = moment.once("exact", make)
    return found


def traced(asked: Asked, moment: Moment) -> Traced:
    """What a nudge is measured on, before it."""
    part = asked.words.get("part")
    if part is not None:
        data = moment.known.part(part)
        said = {"part": part, "rows": min(len(data), _limits.STUDIO_ROWS)}
        key: Any = ("traced", part)
        x, y = data.x, data.y
        return _once(moment, key, lambda: (rows_of(x[: said["rows"]]), y), said)
    one = asked.example(moment)
    return _once(moment, ("traced", one.key), lambda: (one.x, one.y), {"rows": 1})


def _once(moment: Moment, key: Any, rows: Any, said: dict[str, Any]) -> Traced:
    network = exact(moment)

    def find() -> Traced:
        x, y = rows()
        x = np.asarray(x, np.float64)
        z, a = feedforward(network, x)
        if y is None:
            return Traced(x, None, a, [], None, said)
        y = np.asarray(y[: len(x)], np.float64)
        delta = backprop(network, moment.cost, z, a, y)
        return Traced(x, y, a, delta, mean(moment.cost(z[-1], a[-1], y)), said)

    with np.errstate(all="ignore"):
        found: Traced = moment.once(key, find)
    return found


def slope(before: Traced, place: tuple[int, int, int | None]) -> float | None:
    """∂C/∂w or ∂C/∂b there."""
    l, j, k = place
    if not before.delta:
        return None
    delta = before.delta[l][:, j]
    return float((delta if k is None else delta * before.a[l - 1][:, k]).mean())


def measure(
    moment: Moment, before: Traced, place: tuple[int, int, int | None], value: float
) -> tuple[float | None, Array]:
    """Cost and outputs with another value there."""
    network = exact(moment).copy()
    l, j, k = place
    if k is None:
        network.b[l][j] = value
    else:
        network.w[l][j, k] = value
    with np.errstate(all="ignore"):
        # What lies before the layer is as it was.
        z = before.a[l - 1] @ network.w[l].T + network.b[l]
        a = network.sigma[l](z)
        for m in range(l + 1, network.L + 1):
            z = a @ network.w[m].T + network.b[m]
            a = network.sigma[m](z)
        if before.y is None:
            return None, a
        return mean(moment.cost(z, a, before.y)), a


def value_at(network: Network, place: tuple[int, int, int | None]) -> float:
    """The weight or bias there."""
    l, j, k = place
    return float(network.b[l][j] if k is None else network.w[l][j, k])


def place_of(words: dict[str, Any]) -> tuple[int, int, int | None]:
    """Layer, neuron, input."""
    return words["layer"], words["neuron"], words["input"]


def told(
    moment: Moment, before: Traced, place: tuple[int, int, int | None], value: float
) -> dict[str, Any]:
    """Before and after, the predicted change and the measured one."""
    was = value_at(exact(moment), place)
    gradient = slope(before, place)
    cost, a = measure(moment, before, place, value)
    measured = predicted = None
    if gradient is not None and cost is not None and before.cost is not None:
        predicted, measured = gradient * (value - was), cost - before.cost
    return {
        "value": was, "to": value, "by": value - was, "gradient": gradient,
        "predicted": predicted, "measured": measured, **before.said,
        "step": moment.step,
        "before": _result(before, before.cost, before.a[-1]),
        "after": _result(before, cost, a),
    }  # fmt: skip


def _result(traced: Traced, cost: float | None, a: Array) -> dict[str, Any]:
    """Cost, and the outputs of one example or the share of many that are right."""
    if len(a) == 1:
        return {"cost": cost, "outputs": a[0], "accuracy": None}
    right = None
    if traced.y is not None and traced.y.shape[1] > 1:
        right = float((a.argmax(1) == traced.y.argmax(1)).mean())
    return {"cost": cost, "outputs": None, "accuracy": right}


def _nudge(asked: Asked, moment: Moment) -> Answer:
    place = place_of(asked.words["place"])
    check_place(moment.network.sizes, Edit(0, *place, 0.0))
    value = value_at(exact(moment), place) + asked.words["by"]
    return Answer(told(moment, traced(asked, moment), place, value))


async def nudge(asked: Asked) -> Answer:
    """What would be, with one weight or bias a little more; nothing is changed."""
    moment = await asked.moment()
    return await asked.studio.compute(_nudge, asked, moment)


async def edit(asked: Asked) -> Answer:
    """The same, kept: the run goes on from there."""
    moment = await asked.moment()
    place = place_of(asked.words["place"])
    with np.errstate(over="ignore"):  # told below, in words
        value = float(np.dtype(moment.network.dtype).type(asked.words["value"]))
    check_number("the value of a weight", value)
    check_place(moment.network.sizes, Edit(0, *place, 0.0))

    def find() -> dict[str, Any]:
        return told(moment, traced(asked, moment), place, value)

    said = await asked.studio.compute(find)
    after = await asked.have(lambda: asked.session.edit(place, value))
    return Answer({**said, "step": after.step, "link": after.link.to_text()})


async def unedit(asked: Asked) -> Answer:
    """Take what was set by hand back."""
    words = asked.words.get("place")
    place = None if words is None or asked.words.get("all") else place_of(words)
    await asked.have(lambda: asked.session.unedit(place))
    return Answer({"news": asked.session.news})
