"""What a frame holds: the numbers of a network at one step, as a page looks at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any, TypeAlias

import numpy as np

from .. import _limits
from .._arrays import Array
from .._errors import InputError
from ..explanation.neurons import without
from ..links import Link
from ..mathematics.activations import ACTIVATIONS, Silenced
from ..mathematics.backprop import backprop, feedforward
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from ..recipes import Settings
from .run import Run
from .stock import Known, rows_of

SIDE = 64
"""Points along each side of the plane."""

THUMB = 24
"""Points along each side of one neuron's own plane."""

THUMBS = 64
"""Neurons of a layer that have one."""


REMEMBERED = 24
"""Frames and findings that a moment remembers."""

Silent: TypeAlias = frozenset[tuple[int, int]]
"""(layer, neuron) of what a page has silenced."""

_drawings = count(1)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawing.

    Attributes:
        x: what the network is shown of it, (n_0,).
        number: no other drawing has it.
    """

    x: Array
    number: int = field(default_factory=lambda: next(_drawings))


@dataclass(frozen=True, eq=False)
class Moment:
    """A network at one step; nothing in it changes.

    Attributes:
        serial: larger than that of every moment before.
        run: number of the run.
        step: updates made.
        epoch: epochs begun.
        network: a copy.
        known: what it learns from.
        cost: what is minimised.
        recipe: of the run.
        link: of the run at this step.
    """

    serial: int
    run: int
    step: int
    epoch: int
    network: Network
    known: Known
    cost: Cost
    recipe: Settings
    link: Link
    found: dict[Any, Any] = field(default_factory=dict)
    """What instruments have found out, for the next that asks."""

    def shows(self, run: Run | None) -> bool:
        """Whether the run is where it was then."""
        if run is None:
            return False
        return (self.run, self.step, self.link) == (run.number, run.step, run.link)

    @cached_property
    def sha256(self) -> str:
        """Of the weights."""
        return self.network.weights_sha256()

    @cached_property
    def perceptrons(self) -> Network:
        """The same weights with steps for slopes; a softmax output stays."""
        twin = self.network.copy()
        step = ACTIVATIONS["step"]()
        twin.sigma = [
            sigma.around(step) if isinstance(sigma, Silenced)
            else sigma if sigma is None or not sigma.elementwise else step
            for sigma in twin.sigma
        ]  # fmt: skip
        return twin

    def silenced(self, neurons: Silent) -> Moment:
        """The same moment with hidden neurons silenced: those that there are."""
        sizes = self.network.sizes
        here = frozenset(
            (l, j) for l, j in neurons if 1 <= l < len(sizes) - 1 and j < sizes[l]
        )
        if not here:
            return self

        def make() -> Moment:
            return replace(self, network=without(self.network, here), found={})

        found: Moment = self.once(("silenced", here), make)
        return found

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once; of very many the last are remembered."""
        found = self.found.get(key)
        if found is None:
            found = self.found[key] = make()
            for old in list(self.found)[: max(0, len(self.found) - REMEMBERED)]:
                self.found.pop(old, None)
        return found


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        x: (1, n_0).
        y: (1, n_L); None for a drawing that is not told what it shows.
        key: tells it from others.
    """

    x: Array
    y: Array | None
    key: Any


def first_example(known: Known) -> dict[str, Any]:
    """The example that is looked at until another is chosen."""
    part = next(name for name in ("test", "validation", "train") if name in known.parts)
    return {"part": part, "index": 0}


def example_of(moment: Moment, words: dict[str, Any], drawn: Drawn | None) -> Example:
    """The example that a page means.

    Args:
        moment: whose data it is of.
        words: `{"part", "index"}`, or `{"drawn": true}`, perhaps with a "label".
        drawn: what was drawn.

    Raises:
        InputError: there is no such example.
    """
    network, kind = moment.network, moment.network.dtype
    if words.get("drawn"):
        if drawn is None or drawn.x.size != network.sizes[0]:
            raise InputError("nothing is drawn yet that fits the network; draw first.")
        y = _target(moment, words["label"]) if "label" in words else None
        x, key = drawn.x.reshape(1, -1).astype(kind), ("drawn", drawn.number)
        return Example(x, y, (*key, words.get("label")))
    part = moment.known.part(words["part"])
    index = words["index"]
    if index >= len(part):
        raise InputError(
            f"index must be 0 to {len(part) - 1}, the rows of {words['part']}; "
            f"got {index}."
        )
    x = rows_of(part.x[index : index + 1]).astype(kind)
    y = part.y[index : index + 1].astype(kind)
    return Example(x, y, (words["part"], index))


def _target(moment: Moment, label: int) -> Array:
    outputs = moment.network.sizes[-1]
    if label >= outputs or moment.known.data.classes is None:
        raise InputError(f"label must be 0 to {outputs - 1}, a class; got {label}.")
    y = np.zeros((1, outputs), moment.network.dtype)
    y[0, label] = 1
    return y


@dataclass(frozen=True)
class Look:
    """What a page looks at.

    Attributes:
        blocks: of "trace", "theta" and "plane".
        example: which one; None: the first.
        perceptrons: whether neurons are steps.
        every: seconds between frames, at least.
    """

    blocks: tuple[str, ...] = ()
    example: dict[str, Any] | None = None
    perceptrons: bool = False
    every: float = 0.0


def left_out(moment: Moment) -> bool:
    """Whether the parameters are too many for every frame."""
    size: int = moment.network.parameters.theta.size
    return size > _limits.STUDIO_FRAME_PARAMETERS


def blocks_of(moment: Moment, look: Look, drawn: Drawn | None) -> dict[str, Array]:
    """The arrays of a frame by their names."""
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        if "trace" in look.blocks:
            found |= _trace(moment, look, drawn)
        if "theta" in look.blocks and not left_out(moment):
            network = moment.network
            for l in range(1, network.L + 1):
                found[f"w{l}"], found[f"b{l}"] = network.w[l], network.b[l]
        if "plane" in look.blocks and moment.known.plane:
            found |= plane(moment, look.perceptrons)
    return found


def _trace(moment: Moment, look: Look, drawn: Drawn | None) -> dict[str, Array]:
    words = look.example or first_example(moment.known)
    try:
        one = example_of(moment, words, drawn)
    except InputError:  # of other data than there are now
        one = example_of(moment, first_example(moment.known), None)
    network = moment.perceptrons if look.perceptrons else moment.network
    z, a = feedforward(network, one.x)
    found = {f"a{l}": a[l][0] for l in range(network.L + 1)}
    found |= {f"z{l}": z[l][0] for l in range(1, network.L + 1)}
    if one.y is None:
        return found
    found["y"] = one.y[0]
    if not look.perceptrons:
        delta = backprop(network, moment.cost, z, a, one.y)
        found |= {f"delta{l}": delta[l][0] for l in range(1, network.L + 1)}
        found["cost"] = moment.cost(z[-1], a[-1], one.y)
    return found


def plane(moment: Moment, perceptrons: bool = False) -> dict[str, Array]:
    """The outputs over the plane of two features, and each hidden neuron's own."""
    network = moment.perceptrons if perceptrons else moment.network
    _, a = feedforward(network, grid(moment, SIDE))
    found = {"plane": a[-1].T.reshape(-1, SIDE, SIDE)}
    _, a = feedforward(network, grid(moment, THUMB))
    for l in range(1, network.L):
        found[f"plane{l}"] = a[l].T[:THUMBS].reshape(-1, THUMB, THUMB)
    return found


def grid(moment: Moment, side: int) -> Array:
    """Points over the plane, (side * side, 2), the second feature slowest."""
    ranges = moment.known.plane_range() or []
    u, v = (np.linspace(low, high, side) for low, high in ranges)
    points = np.stack([each.ravel() for each in np.meshgrid(u, v)], axis=1)
    return points.astype(moment.network.dtype)
