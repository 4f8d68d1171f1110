"""How a member of a family (an activation, a cost, ...) is named in text.

One form serves Python, the command line and the files: the member's name, then,
where it has them, its numbers: `relu`, `leaky_relu:0.2`, `adam:beta2=0.99`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from .._arrays import choose
from .._errors import InputError

T = TypeVar("T")


NOT_IN_TEXT = ("eta", "steps")
"""Numbers that have a place of their own (`--eta`) and are not part of the text; nor
are fields that are keyword-only."""


def pick(kind: str, spec: str | T, table: Mapping[str, type[T]], **given: Any) -> T:
    """The member that `spec` names; a member itself is handed back.

    Args:
        kind: what the family is called in a sentence, such as "activation".
        spec: `name`, `name:number,number` or `name:word=number`.
        table: the family: name to class.
        given: further arguments of the member, those in NOT_IN_TEXT.

    Raises:
        InputError: unknown name (the nearest is suggested) or unfit numbers.
    """
    if not isinstance(spec, str):
        if isinstance(spec, tuple(table.values())):
            return spec
        raise InputError(
            f"{kind} must be a name or one of pellucid's own; got {spec!r:.60}. "
            f"Known: {', '.join(table)}."
        )
    name, _, numbers = spec.partition(":")
    member = choose(kind, name.strip(), table)
    return member(**given, **_numbers(kind, spec, numbers, _words(member)))


def _words(member: Any) -> list[str]:
    named = [field for field in fields(member) if field.name not in NOT_IN_TEXT]
    return [field.name for field in named if not field.kw_only]


def _numbers(kind: str, spec: str, text: str, words: list[str]) -> dict[str, float]:
    """`0.2` or `slope=0.2` as keyword arguments."""
    known = f"it takes {', '.join(words)}" if words else "it takes no numbers"
    found: dict[str, float] = {}
    for place, part in enumerate(filter(None, text.split(","))):
        word, equals, number = part.rpartition("=")
        if not equals:
            word = words[place] if place < len(words) else "?"
        word = word.strip()
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if word not in words or word in found or value != value:
            raise InputError(
                f"{kind} {spec!r:.60} can't be read at {part!r:.60}: {known}."
            )
        found[word] = value
    return found


def spell(member: Any) -> str:
    """The text that `pick` reads back to an equal member; defaults are left out."""
    numbers = [
        f"{field.name}={getattr(member, field.name)!r}"
        for field in fields(member)
        if field.name in _words(member) and getattr(member, field.name) != field.default
    ]
    return ":".join(filter(None, [member.name, ",".join(numbers)]))
