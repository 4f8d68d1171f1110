"""One neuron, opened: what it answers to, and what is lost without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import _limits
from ..._arrays import Array
from ..._errors import InputError
from ...explanation.columns import accuracy
from ...explanation.neurons import each_silenced, onwards, without
from ...mathematics.activations import Silenced
from ...mathematics.backprop import feedforward
from ...mathematics.costs import mean
from ...mathematics.network import Network
from ..looks import Moment, Silent, first_example
from ..stock import rows_of
from .asked import Answer, Asked
from .looking import labels_of

STRONGEST = 12
"""Examples that a neuron answers to most."""

CUT = 100
"""Connections that are cut one after the other, the strongest."""


@dataclass(frozen=True)
class Passed:
    """The first rows of a part, gone through the network.

    Attributes:
        x: (m, n_0).
        z: z[1..L], each (m, n_l).
        a: a[0..L].
        rows: how many there are in the part.
    """

    x: Array
    z: list[Any]
    a: list[Any]
    rows: int

    @property
    def answers(self) -> Array:
        """The class that is answered, (m,)."""
        return np.asarray(self.a[-1].argmax(1))


def passed(moment: Moment, part: str) -> Passed:
    """A part's first rows through the network, once a moment."""
    data = moment.known.part(part)

    def find() -> Passed:
        x = rows_of(data.x[: _limits.STUDIO_ROWS]).astype(moment.network.dtype)
        with np.errstate(all="ignore"):
            z, a = feedforward(moment.network, x)
        return Passed(x, z, a, len(data))

    found: Passed = moment.once(("passed", part), find)
    return found


def check_neuron(network: Network, l: int, j: int) -> None:
    """Check that there is such a neuron.

    Raises:
        InputError: there is none.
    """
    if not (1 <= l <= network.L and 0 <= j < network.sizes[l]):
        sizes = "-".join(map(str, network.sizes))
        raise InputError(
            f"the network {sizes} has no neuron {j} in layer {l}: layers count from 1, "
            "neurons from 0."
        )


def _part(asked: Asked, moment: Moment) -> str:
    """The part that is meant: the one named, else that of the example."""
    chosen = asked.words.get("part") or (asked.words.get("example") or {}).get("part")
    return str(chosen or first_example(moment.known)["part"])


def _neuron(asked: Asked, moment: Moment, speaking: Moment) -> Answer:
    network, words = moment.network, asked.words
    l, j = words["layer"], words["neuron"]
    check_neuron(network, l, j)
    part = _part(asked, moment)
    with np.errstate(all="ignore"):
        one = asked.example(moment)
        z, a = feedforward(network, one.x)
        seen = passed(speaking, part)
    order = np.argsort(-seen.a[l][:, j], kind="stable")[:STRONGEST]
    data = moment.known.part(part)
    labels = data.y[order].argmax(1) if data.classes is not None else None
    strongest = [
        {"part": part, "index": int(i), "a": float(seen.a[l][i, j]),
         "label": None if labels is None else int(labels[n])}
        for n, i in enumerate(order)
    ]  # fmt: skip
    w, b = network.w[l][j], float(network.b[l][j])
    said: dict[str, Any] = {
        "sentence": _sentence(moment, l, j, z, a),
        "strongest": strongest,
        "z": float(z[l][0, j]), "a": float(a[l][0, j]), "bias": b,
        "activation": network.sigma[l].name, "step": moment.step,
        "silenced": _without(speaking, part, l, j) if data.classes else None,
    }  # fmt: skip
    blocks = {"w": w, "b": np.array([b]), "terms": w * a[l - 1][0]}
    return Answer(said, {**blocks, "strongest_x": seen.x[order]})


def _sentence(moment: Moment, l: int, j: int, z: list[Any], a: list[Any]) -> str:
    """What the neuron does with this example, made of its numbers."""
    network = moment.network
    terms = np.asarray(network.w[l][j] * a[l - 1][0], float)
    up, down = terms[terms > 0].sum(), terms[terms < 0].sum()
    bias = float(network.b[l][j])
    silent = isinstance(network.sigma[l], Silenced) and network.sigma[l].silent[j]
    ends = (
        "; it is silenced, so that a = 0."
        if silent
        else (f", and {network.sigma[l].name} of it a = {float(a[l][0, j]):.3g}.")
    )
    return (
        f"Of {len(terms):,} inputs {int((terms > 0).sum()):,} push it up by "
        f"{up:.3g} in all and {int((terms < 0).sum()):,} down by {-down:.3g}; with "
        f"its bias {bias:+.3g} that makes z = {float(z[l][0, j]):.3g}{ends}"
    )


def _without(moment: Moment, part: str, l: int, j: int) -> dict[str, Any]:
    """Accuracy before and after, and the classes that lose most."""
    network, seen = moment.network, passed(moment, part)
    labels = labels_of(moment, part)[: len(seen.x)]
    with np.errstate(all="ignore"):
        after = _answers_without(network, seen, l, j)
    right, still = seen.answers == labels, after == labels
    classes = len(moment.known.data.classes or ())
    counts = np.bincount(labels, minlength=classes)
    before_each = np.bincount(labels[right], minlength=classes)
    after_each = np.bincount(labels[still], minlength=classes)
    order = np.argsort(after_each - before_each, kind="stable")
    hurts = [
        {"class": int(c), "before": before_each[c] / counts[c],
         "after": after_each[c] / counts[c]}
        for c in order if counts[c] and after_each[c] < before_each[c]
    ]  # fmt: skip
    said = {"part": part, "rows": len(labels), "of": seen.rows}
    return {**said, "before": right.mean(), "after": still.mean(), "hurts": hurts}


def _answers_without(network: Network, seen: Passed, l: int, j: int) -> Array:
    if l == network.L:
        others = seen.a[l].copy()
        others[:, j] = -np.inf
        return np.asarray(others.argmax(1))
    z = seen.z[l + 1] - np.outer(seen.a[l][:, j], network.w[l + 1][:, j])
    return np.asarray(onwards(network, z, l + 1).argmax(1))


async def neuron(asked: Asked) -> Answer:
    """Weights, terms, strongest examples and the accuracy without it.

    What it is good for is told of the network in which it speaks, be it silenced here.
    """
    whole, mine = await asked.whole(), (asked.words["layer"], asked.words["neuron"])
    speaking = whole.silenced(asked.silent - {mine})
    moment = whole.silenced(asked.silent)
    return await asked.studio.compute(_neuron, asked, moment, speaking)


def _silence(asked: Asked, whole: Moment, neurons: Silent) -> Answer:
    moment = whole.silenced(neurons)
    part = asked.words["part"]
    seen, was = passed(moment, part), passed(whole, part)
    y = whole.known.part(part).y[: len(seen.x)]
    said: dict[str, Any] = {"part": part, "rows": len(seen.x), "of": seen.rows}
    said |= {"step": whole.step, "neurons": sorted(neurons)}
    with np.errstate(all="ignore"):
        for name, found in (("before", was), ("after", seen)):
            right = None
            if whole.known.data.classes is not None:
                labels = labels_of(whole, part)[: len(seen.x)]
                right = float((found.answers == labels).mean())
            cost = mean(whole.cost(found.z[-1], found.a[-1], y))
            said[name] = {"accuracy": right, "cost": cost}
    return Answer(said)


async def silence(asked: Asked) -> Answer:
    """Silence these hidden neurons on this page, and no others; what that costs."""
    whole = await asked.whole()
    neurons = frozenset((l, j) for l, j in asked.words["neurons"])
    without(whole.network, neurons)  # refuses what is no hidden neuron
    found = await asked.studio.compute(_silence, asked, whole, neurons)
    asked.silent = neurons
    return found


def _damage(asked: Asked, moment: Moment) -> Answer:
    part = asked.words["part"]
    seen = passed(moment, part)
    labels = labels_of(moment, part)[: len(seen.x)]
    with np.errstate(all="ignore"):
        after = moment.once(
            ("silenced", part),
            lambda: each_silenced(moment.network, seen.z, seen.a, accuracy(labels)),
        )
    before = accuracy(labels).of(seen.a[-1])
    blocks = {f"damage{l}": before - after[l] for l in range(1, len(after))}
    said = {"part": part, "before": before, "rows": len(labels), "of": seen.rows}
    said["step"] = moment.step
    return Answer(said, blocks)


async def damage(asked: Asked) -> Answer:
    """The accuracy that is lost with each neuron silenced."""
    moment = await asked.moment()
    return await asked.studio.compute(_damage, asked, moment)


def _cut(asked: Asked, moment: Moment) -> Answer:
    network, words = moment.network, asked.words
    l, j, part = words["layer"], words["neuron"], words["part"]
    check_neuron(network, l, j)
    seen = passed(moment, part)
    labels = labels_of(moment, part)[: len(seen.x)]
    before = float((seen.answers == labels).mean())
    w = network.w[l][j]
    chosen = np.argsort(-np.abs(w), kind="stable")[:CUT]
    lost = np.zeros(len(chosen))
    z = seen.z[l].copy()
    with np.errstate(all="ignore"):
        for n, k in enumerate(chosen):
            z[:, j] = seen.z[l][:, j] - w[k] * seen.a[l - 1][:, k]
            found = onwards(network, z, l).argmax(1)
            lost[n] = before - float((found == labels).mean())
    said = {"part": part, "before": before, "rows": len(labels), "of": seen.rows}
    said["step"] = moment.step
    said |= {"inputs": chosen, "total": len(w)}
    return Answer(said, {"lost": lost})


async def cut(asked: Asked) -> Answer:
    """The accuracy that is lost with each incoming connection cut."""
    moment = await asked.moment()
    return await asked.studio.compute(_cut, asked, moment)
