"""Mutants of files: of their bytes, and of the values in their JSON."""

import json
import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any

BOUNDARY: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 2**24 + 1, 2**31, 2**32, 2**53 + 1, 2**63, 2**64,
    -(2**63) - 1, 10**400, 0.5, -0.0, 5e-324, 1e308, math.nan, math.inf, -math.inf,
    "", "x", "none", "0", "-1", "1e999", "\0", "\ud800", "\x1b[31m", "../..",
    "x" * 70_000, [], [0], [None], [2**63, 2**63], ["x"] * 1001, [[[[[[[[[0]]]]]]]]],
    {}, {"x": 1},
)  # fmt: skip
"""What every field of every format is tried with."""

TOKENS = (
    b"9" * 30, b"-1", b"{", b"}", b"[", b"]", b'"', b"null", b"NaN", b"1e999", b" ",
    b"\0", b"\xff", b"\\u0000", b"\xef\xbb\xbf", b"\r\n", b",", b":", b"0", b".",
)  # fmt: skip


def mutant(random: Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """One to five edits of the bytes, or a crossing with another file."""
    made = bytearray(data)
    for _ in range(random.randint(1, 5)):
        at, kind = random.randrange(len(made) + 1), random.randrange(7)
        length = random.choice((1, 1, 2, 4, 8, 40))
        if kind == 0 and at < len(made):
            made[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            filling = random.choice((0, 1, 127, 128, 255, random.randrange(256)))
            made[at : at + length] = bytes([filling]) * length
        elif kind == 2:
            del made[at : at + length]
        elif kind == 3:
            start = random.randrange(len(made) + 1)
            made[at:at] = made[start : start + length]
        elif kind == 4:
            made[at:at] = random.choice(TOKENS)
        elif kind == 5:
            made[at : at + length] = random.randbytes(length)
        elif others:
            made[at:] = random.choice(others)[at:]
    return bytes(made)


def json_mutant(random: Random, data: bytes) -> bytes | None:
    """One to three of the values replaced, removed or swapped; None: it is no JSON."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return None
    for _ in range(random.randint(1, 3)):
        paths = list(places(tree))
        if not paths:
            return None
        path, kind = random.choice(paths), random.randrange(5)
        if kind == 0:
            remove(tree, path)
        elif kind == 1:
            value, other = at(tree, path), random.choice(paths)
            put(tree, path, at(tree, other))
            if at(tree, other[: len(path)]) is not value:
                put(tree, other, value)
        elif kind == 2 and isinstance(at(tree, path), str):
            text = at(tree, path).encode("utf-8", "replace")
            put(tree, path, mutant(random, text).decode("utf-8", "replace"))
        else:
            put(tree, path, deepcopy(random.choice(BOUNDARY)))
    try:
        return json.dumps(tree).encode()
    except (ValueError, RecursionError):  # it came to hold itself
        return None


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to every value inside a JSON value."""
    if path:
        yield path
    if isinstance(value, dict | list) and len(path) < 12:
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    """The value at a path; None where there is none any more."""
    for key in path:
        try:
            tree = tree[key]
        except (KeyError, IndexError, TypeError):
            return None
    return tree


def put(tree: Any, path: tuple[Any, ...], value: Any) -> None:
    """Put a value at a path, if that is still there."""
    inner, key = at(tree, path[:-1]), path[-1]
    if isinstance(inner, dict) and isinstance(key, str):
        inner[key] = value
    elif isinstance(inner, list) and isinstance(key, int) and key < len(inner):
        inner[key] = value


def remove(tree: Any, path: tuple[Any, ...]) -> None:
    """Take a value out."""
    inner, key = at(tree, path[:-1]), path[-1]
    if isinstance(inner, dict):
        inner.pop(key, None)
    elif isinstance(inner, list) and isinstance(key, int) and key < len(inner):
        del inner[key]
