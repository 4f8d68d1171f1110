"""The commands of a page, and what each of their words must be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import _limits, recipes
from .._arrays import check_number, choose, join
from .._errors import InputError
from ..data import PARTS

Check = Callable[[str, Any], None]
"""Is given a word's name and its value; raises InputError where it does not fit."""


def whole(least: int = 0, most: int = 2**32 - 1) -> Check:
    """A whole number."""
    return lambda name, value: check_number(
        name, value, least=least, most=most, whole=True
    )


def number(least: float | None = None, most: float | None = None) -> Check:
    """A finite number."""
    return lambda name, value: check_number(name, value, least=least, most=most)


def text(most: int) -> Check:
    """A text."""

    def check(name: str, value: Any) -> None:
        if not isinstance(value, str) or len(value) > most:
            raise InputError(
                f"{name} must be a text of at most {most:,} characters; "
                f"got {str(value)!r:.60}."
            )

    return check


def flag(name: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise InputError(f"{name} must be true or false; got {value!r:.60}.")


def one_of(names: Collection[str]) -> Check:
    """One of some names."""

    def check(name: str, value: Any) -> None:
        choose(name, value, dict.fromkeys(names))

    return check


def several(check: Check, least: int, most: int) -> Check:
    """A list."""

    def each(name: str, value: Any) -> None:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise InputError(
                f"{name} must be a list of {least} to {most}; got {value!r:.60}."
            )
        for one in value:
            check(name, one)

    return each


def keys(name: str, value: Any, need: Mapping[str, Check]) -> None:
    """An object with exactly these keys."""
    if not isinstance(value, dict) or value.keys() != need.keys():
        raise InputError(
            f"{name} must be an object with {join(need, 'and')}; got {value!r:.60}."
        )
    for key, check in need.items():
        check(f"{name}.{key}", value[key])


def part(name: str, value: Any) -> None:
    """One of the parts of the data."""
    choose(name, value, dict.fromkeys(PARTS))


def example(name: str, value: Any) -> None:
    """`{"part", "index"}`, or `{"drawn": true}`, perhaps with a "label"."""
    if isinstance(value, dict) and "drawn" in value:
        need: dict[str, Check] = {"drawn": _true}
        if "label" in value:
            need["label"] = whole(0, _limits.CLASSES)
        keys(name, value, need)
        return
    keys(name, value, {"part": part, "index": WHOLE})


def _true(name: str, value: Any) -> None:
    if value is not True:
        raise InputError(f"{name} must be true, or not there; got {value!r:.60}.")


def place(name: str, value: Any) -> None:
    """`{"layer", "neuron", "input"}`; input null is the bias."""
    keys(name, value, {"layer": LAYER, "neuron": WHOLE, "input": _or_null})


def _or_null(name: str, value: Any) -> None:
    if value is not None:
        WHOLE(name, value)


def recipe(name: str, value: Any) -> None:
    """Settings that change, each of its type."""
    if not isinstance(value, dict):
        raise InputError(f"{name} must be an object with settings; got {value!r:.60}.")
    for key in value:
        choose("setting", key, recipes.DEFAULTS)
    recipes.check({**recipes.DEFAULTS, **value}, name)


WHOLE = whole()
LAYER = whole(1, _limits.LAYERS)
FEW = whole(1, _limits.STUDIO_EXAMPLES)
PAIR = several(WHOLE, 2, 2)


@dataclass(frozen=True)
class Shape:
    """The words of a command.

    Attributes:
        need: those it must have.
        may: those it may have.
    """

    need: Mapping[str, Check] = field(default_factory=dict)
    may: Mapping[str, Check] = field(default_factory=dict)

    def check(self, do: str, words: dict[str, Any]) -> dict[str, Any]:
        """The words, checked.

        Raises:
            InputError: one is missing, unknown or unfit.
        """
        known = {**self.need, **self.may}
        for name in words:
            if name not in known:
                takes = f"it takes {join(known, 'and')}" if known else "it takes none"
                raise InputError(f"{do} has no word {name!r:.40}; {takes}.")
        for name in self.need:
            if name not in words:
                raise InputError(f"{do} needs the word {name!r}; it is not there.")
        for name, value in words.items():
            known[name](name, value)
        return words


_INK = text(4 * (_limits.STUDIO_INK_PIXELS + 2) // 3)
_DRAWN: dict[str, Check] = {
    "ink": _INK,
    "shape": several(whole(1, 1_000), 2, 2),
    "upload": WHOLE,
    "normalise": flag,
    "noise": number(0, 1),
    "shift": several(whole(-1_000, 1_000), 2, 2),
    "invert": flag,
    "seed": WHOLE,
}
neurons = several(PAIR, 0, _limits.STUDIO_SILENT)
_PAGE: dict[str, Check] = {"first": WHOLE, "count": FEW}
SORTS = ("nudge", "average", "gain", "place")
BLOCKS = ("trace", "theta", "plane")

COMMANDS: dict[str, Shape] = {
    "set": Shape({"recipe": recipe}, {"train": flag}),
    "train": Shape(),
    "pause": Shape(),
    "step": Shape(may={"batches": whole(1), "epochs": whole(1)}),
    "reset": Shape(),
    "new_start": Shape(),
    "goto": Shape({"step": WHOLE}),
    "open": Shape({"link": text(_limits.STUDIO_LINK_CHARACTERS)}),
    "link": Shape(),
    "look": Shape(
        {"blocks": several(one_of(BLOCKS), 0, 3)},
        {"example": example, "perceptrons": flag, "every_ms": whole(0, 60_000)},
    ),
    "ack": Shape({"frame": WHOLE}),
    "examples": Shape({"part": part, **_PAGE}, {"wrong": flag}),
    "example": Shape({"example": example}),
    "mistake": Shape({"part": part, "after": whole(-1)}),
    "draw": Shape(may=_DRAWN),
    "describe": Shape({"upload": WHOLE}),
    "neuron": Shape(
        {"layer": LAYER, "neuron": WHOLE}, {"example": example, "part": part}
    ),
    "silence": Shape({"neurons": neurons, "part": part}),
    "damage": Shape({"part": part}),
    "cut": Shape({"layer": LAYER, "neuron": WHOLE, "part": part}),
    "nudge": Shape(
        {"place": place, "by": number()}, {"example": example, "part": part}
    ),
    "edit": Shape({"place": place, "value": number()}, {"example": example}),
    "unedit": Shape(may={"place": place, "all": flag}),
    "opened": Shape(_PAGE, {"example": example, "batch": flag, "sort": one_of(SORTS)}),
    "stages": Shape(),
    "keep": Shape(),
    "runs": Shape(),
    "open_run": Shape({"name": text(300)}),
    "export": Shape({"what": one_of(("model",))}),
}
"""Name to the words of each command; docs/studio-protocol.md says what they do."""
