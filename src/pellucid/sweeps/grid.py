"""The values that a sweep goes through: read from what is typed, and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from .. import _limits, recipes
from .._arrays import check_number, choose
from .._errors import InputError
from ..run_data import READ_WORDS

FIXED = ("data", "monitor", *READ_WORDS)
"""Settings that are the same for all: they say what is learned and judged by."""


def spell(value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, list):
        return "x".join(map(str, value)) or "0"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)


def parse(words: Sequence[str]) -> dict[str, list[Any]]:
    """Settings and their values out of texts such as "eta=0.1,1" and "layers=30,16x16".

    Raises:
        InputError: there is no such setting, it has no values, or one can't be read.
    """
    varied: dict[str, list[Any]] = {}
    for text in words:
        name, between, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not between or not values.strip():
            raise InputError(
                f"vary must be like eta=0.1,1,10; got {text!r:.60}. Give the setting "
                "at least one value."
            )
        choose("setting", name, recipes.KINDS)
        if name in varied:
            raise InputError(
                f"vary must name each setting once; got {name} twice. Put its values "
                "together, with commas."
            )
        varied[name] = [recipes.parse(name, one.strip()) for one in values.split(",")]
    return varied


def combinations(words: Sequence[str]) -> list[dict[str, Any]]:
    """Every combination of the values of such texts; of no text none."""
    varied = parse(words)
    if not varied:
        return []
    return [dict(zip(varied, cell, strict=True)) for cell in product(*varied.values())]


def check(
    varied: Mapping[str, Sequence[Any]],
    seeds: Sequence[int],
    changes: Mapping[str, Any],
) -> None:
    """Check what is varied, and beside what.

    Args:
        varied: name of a setting to its values.
        seeds: of each combination.
        changes: settings of all.

    Raises:
        InputError: a setting or a value that can't be varied, or too many runs.
    """
    for name, values in varied.items():
        choose("setting", name, recipes.KINDS)
        if name in FIXED:
            raise InputError(
                f"{name} can't be varied: all networks of a sweep learn from the same "
                "examples and are judged by the same. Make a sweep for each value."
            )
        if not len(values):
            raise InputError(f"{name} must have at least one value; got none.")
        if len({spell(value) for value in values}) < len(values):
            raise InputError(f"{name} must have each value once; got one twice.")
        if name in changes:
            raise InputError(
                f"{name} must be varied or be the same for all; got both. Leave one "
                "of them out."
            )
    if "seed" in varied and len(seeds) > 1:
        raise InputError(
            "seeds must be counted or listed; got both. Leave --seeds or --vary seed "
            "out."
        )
    for seed in seeds:
        check_number("seed", seed, least=0, most=2**32 - 1, whole=True)
    count = math.prod(map(len, varied.values())) * len(seeds)
    if count < 2:
        raise InputError(
            "a sweep needs at least two runs; got one value and one seed. Add --vary "
            "eta=0.1,1 or --seeds 5."
        )
    if count > _limits.NETWORKS:
        raise InputError(
            f"a sweep must have at most {_limits.NETWORKS:,} runs (limit NETWORKS); "
            f"got {count:,}. Take fewer values or seeds."
        )
