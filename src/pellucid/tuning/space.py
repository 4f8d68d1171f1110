"""What is tuned: names, the values that are tried, and the settings they mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .. import recipes
from .._arrays import check_number, choose
from .._errors import InputError
from ..mathematics.penalties import ALPHAS
from ..recipes import Settings
from ..sweeps import grid

SPACE: dict[str, tuple[float | int, ...]] = {
    "alpha": tuple(float(f"{alpha:.12g}") for alpha in ALPHAS),  # as they are typed
    "width": (16, 32, 64, 128, 256),
    "depth": (1, 2, 3),
    "eta": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
    "batch": (16, 32, 64, 128, 256),
    "dropout": (0.0, 0.1, 0.2, 0.3, 0.5),
}
"""Name of what is tuned to the values that are tried where none are said."""

MEANT = {"alpha": "l2", "batch": "batch_size"}
"""Other names of settings."""

LAYERS = {"width": (1, 2**24), "depth": (0, 100)}
"""What the hidden layers are made from, from and to."""

FIXED = (*grid.FIXED, "seed", "epochs", "patience", "engine", "dtype")
"""Settings that can't be tuned: all are judged by the same, after as many epochs."""

NAMES = dict.fromkeys([*SPACE, *(n for n in recipes.DEFAULTS if n not in FIXED)])
"""All that can be tuned."""

Over = Mapping[str, Sequence[Any]]


def parse(words: Sequence[str]) -> dict[str, list[Any]]:
    """What to tune out of texts such as "alpha,depth" and "alpha,eta=0.1,0.3,width".

    Raises:
        InputError: nothing of that name can be tuned, or a value can't be read.
    """
    found: dict[str, list[Any]] = {}
    name = None  # whose values are being read
    for text in (part.strip() for each in words for part in each.split(",")):
        if "=" in text:
            name, _, text = (part.strip() for part in text.partition("="))
            name = _known(name)
            found[name] = [_read(name, text)]
        elif name is not None and text not in SPACE:
            found[name].append(_read(name, text))
        else:
            choose("over", text, SPACE)
            found[text], name = list(SPACE[text]), None
    return found


def _known(name: str) -> str:
    """A name that can be tuned."""
    name = name.replace("-", "_")
    choose("over", name, NAMES)
    return name


def _read(name: str, text: str) -> Any:
    if name in LAYERS:
        try:
            return int(text)
        except ValueError:
            raise InputError(
                f"{name} must be a whole number; got {text!r:.60}."
            ) from None
    meant = MEANT.get(name, name)
    try:
        return recipes.parse(meant, text)
    except InputError as error:  # in the word that was typed
        raise InputError(str(error).replace(meant, name, 1)) from None


def check(over: Over, base: Settings, rows: int) -> dict[str, list[Any]]:
    """The values to be tried, sorted where they are numbers, each once.

    Args:
        over: name to values.
        base: the default settings.
        rows: that the smallest training part has.

    Raises:
        InputError: nothing to try, an unknown name, a value that does not fit.
    """
    if not over:
        raise InputError(
            f"over must name what to tune; got nothing. Such as: {', '.join(SPACE)}."
        )
    found: dict[str, list[Any]] = {}
    for name, values in over.items():
        _known(name)
        if len({grid.spell(value) for value in values}) < max(len(values), 1):
            raise InputError(
                f"{name} must have values, each once; got {list(values)!r:.60}."
            )
        if name in LAYERS:
            least, most = LAYERS[name]
            for value in values:
                check_number(name, value, least=least, most=most, whole=True)
        given = list(values)
        if name == "batch" and tuple(values) == SPACE["batch"]:
            given = [value for value in values if value <= rows] or [rows]
        if all(isinstance(value, int | float) for value in given):
            given.sort()
        found[name] = given
    if "layers" in found and LAYERS.keys() & found.keys():
        raise InputError("over must name layers, or width and depth; got both.")
    if math.prod(map(len, found.values())) < 2:
        raise InputError("over must leave a choice; got one value of each.")
    for cell in ({name: v} for name, values in found.items() for v in values):
        recipes.settings(None, **changes(cell, base))
    return found


def changes(values: Mapping[str, Any], base: Settings) -> dict[str, Any]:
    """The settings that tuned values mean.

    Args:
        values: name to value, of some or all that is tuned.
        base: the default; where only width or depth is tuned, the other is its own.
    """
    made = {
        MEANT.get(name, name): value
        for name, value in values.items()
        if name not in LAYERS
    }
    if LAYERS.keys() & values.keys():
        layers = base["layers"] or [0]
        depth = values.get("depth", len(base["layers"]) or 1)
        made["layers"] = [int(values.get("width", layers[0]) or 128)] * int(depth)
    return made
