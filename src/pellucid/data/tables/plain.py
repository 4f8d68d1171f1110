"""Nested dataclasses as plain values for JSON, and back, with every type checked."""

from __future__ import annotations

import dataclasses
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from ..._arrays import is_finite
from ..._errors import InputError

TAGS = ("kind", "task")
"""Class attributes that tell the members of a union apart."""


def to_plain(value: Any) -> Any:
    """Dataclasses as dictionaries, tuples as lists; a field `notes` is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        tags = {tag: getattr(value, tag) for tag in _tags(type(value))}
        fields = {f.name: getattr(value, f.name) for f in _fields(type(value))}
        return {**tags, **{name: to_plain(each) for name, each in fields.items()}}
    return [to_plain(each) for each in value] if isinstance(value, tuple) else value


def of_plain(hint: Any, value: Any, where: str) -> Any:
    """What `to_plain` made the value of.

    Args:
        hint: the type it must have: a dataclass, a tuple, a union or a plain type.
        value: the plain value.
        where: what to call it in a sentence.

    Raises:
        InputError: it is of another type, lacks a key, or has one too many.
    """
    if isinstance(hint, UnionType):
        return _member(hint, value, where)
    if dataclasses.is_dataclass(hint):
        return _object(hint, value, where)
    if get_origin(hint) is tuple:
        return _tuple(get_args(hint), value, where)
    if hint is float:
        fits = type(value) in (int, float) and is_finite(value)
        value = float(value) if fits else value
    else:
        fits = type(value) is hint
    if not fits:
        raise InputError(f"{where} must be a {hint.__name__}; got {value!r:.40}.")
    return value


def _fields(cls: Any) -> list[Any]:
    return [each for each in dataclasses.fields(cls) if each.name != "notes"]


def _tags(cls: Any) -> list[str]:
    return [tag for tag in TAGS if isinstance(cls.__dict__.get(tag), str)]


def _object(cls: Any, value: Any, where: str) -> Any:
    hints = get_type_hints(cls)
    names = [each.name for each in _fields(cls)]
    tags = _tags(cls)
    keys = [*tags, *names]
    if not isinstance(value, dict) or sorted(value) != sorted(keys):
        raise InputError(f"{where} must have exactly the keys {', '.join(keys)}.")
    if any(value[tag] != getattr(cls, tag) for tag in tags):
        raise InputError(f"{where} must be a {cls.__name__.lower()}.")
    found = {n: of_plain(hints[n], value[n], f"{where}: {n}") for n in names}
    return cls(**found)


def _tuple(inner: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise InputError(f"{where} must be a list; got {value!r:.40}.")
    if len(inner) == 2 and inner[1] is Ellipsis:
        inner = (inner[0],) * len(value)
    if len(inner) != len(value):
        raise InputError(f"{where} must hold {len(inner)} values; got {len(value)}.")
    return tuple(of_plain(h, v, where) for h, v in zip(inner, value, strict=True))


def _member(hint: UnionType, value: Any, where: str) -> Any:
    """The member of a union that the value is; dataclasses by their tag."""
    members = get_args(hint)
    if value is None and type(None) in members:
        return None
    tagged = [cls for cls in members if dataclasses.is_dataclass(cls) and _tags(cls)]
    if tagged:
        (tag,) = _tags(tagged[0])
        known = {getattr(cls, tag): cls for cls in tagged}
        named = value.get(tag) if isinstance(value, dict) else None
        if not isinstance(named, str) or named not in known:
            raise InputError(f"{where}: {tag} must be one of {', '.join(known)}.")
        return _object(known[named], value, where)
    for member in members:
        if member is not type(None):
            try:
                return of_plain(member, value, where)
            except InputError as error:
                last = error
    raise last
