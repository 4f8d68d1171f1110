"""One lie in a valid file: every field of every format of ours with every value.

Refused in a sentence, or read and written back to the same meaning: `targets` looks at
that. By default some are tried, and all of them when slow.
"""

import json
import struct
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from random import Random
from typing import Any, TypeAlias

import pytest

from fuzz.mutate import BOUNDARY, at, places, put, remove
from fuzz.targets import TARGETS

Case: TypeAlias = tuple[str, Callable[[], bytes]]
"""The target and the field, and what makes the input."""

Path: TypeAlias = tuple[Any, ...]
SOME = 500
NUMBERS = ["", "0", "1", "-1", "2147483648", "9223372036854775808", "1e400", "nan",
           "inf", "-inf", "0x10", "1_0", "٣", "none", '"', "x" * 70_000]  # fmt: skip
"""What every cell of history.csv is tried with."""


def of_json(name: str) -> Iterator[Case]:
    """A value replaced, taken out, or that of another valid file."""
    seeds = TARGETS[name].seeds()
    mark = 1 if name == "run_folder" else 0  # a number comes before the JSON
    trees = [json.loads(data[mark:]) for data in seeds]
    for number, (data, tree) in enumerate(zip(seeds, trees, strict=True)):

        def lie(path: Path, value: Any = None, out: bool = False,
                tree: Any = tree, first: bytes = data[:mark]) -> bytes:  # fmt: skip
            new = deepcopy(tree)
            remove(new, path) if out else put(new, path, deepcopy(value))
            return first + json.dumps(new).encode()

        for path in places(tree):
            what = f"{name} {number} {'.'.join(map(str, path))}"
            swapped = [at(other, path) for other in trees if other is not tree]
            for value in (*BOUNDARY, *filter(None, swapped)):
                yield what, partial(lie, path, value)
            yield what, partial(lie, path, out=True)


def of_idx() -> Iterator[Case]:
    """Each byte of the first four, and each size."""
    for number, data in enumerate(TARGETS["idx"].seeds()[:2]):
        for place in range(4):
            for value in range(256):
                new = data[:place] + bytes([value]) + data[place + 1 :]
                yield f"idx {number} byte {place}", partial(bytes, new)
        for place in range(4, 4 + 4 * data[3], 4):
            for value in (0, 1, 2, 3, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1):
                new = data[:place] + struct.pack(">I", value) + data[place + 4 :]
                yield f"idx {number} size at {place}", partial(bytes, new)


def of_history() -> Iterator[Case]:
    """Each cell, and each row taken out."""
    (data,) = TARGETS["history_csv"].seeds()
    rows = [line.split(",") for line in data.decode().splitlines()]

    def written(rows: list[list[str]]) -> bytes:
        return "\n".join(map(",".join, rows)).encode()

    for r, row in enumerate(rows):
        for c in range(len(row)):
            for value in NUMBERS:
                new = [*rows[:r], [*row[:c], value, *row[c + 1 :]], *rows[r + 1 :]]
                yield f"history_csv {r} {c}", partial(written, new)
        yield f"history_csv {r}", partial(written, rows[:r] + rows[r + 1 :])


def of_numbers() -> Iterator[Case]:
    """Each number of the history in a checkpoint, and each of a checkpoint's arrays."""
    values = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0**31, 2.0**63, 2.0**64, 1e308, float("nan"),
              float("inf"), -float("inf"), 5e-324)  # fmt: skip
    for name in ("history", "checkpoint_arrays"):
        for data in TARGETS[name].seeds():
            start = 0 if name == "history" else 8 + struct.unpack("<Q", data[:8])[0]
            for place in range(start, len(data) - 7, 8):
                for value in values:
                    new = data[:place] + struct.pack("<d", value) + data[place + 8 :]
                    yield f"{name} {place}", partial(bytes, new)


def cases() -> list[Case]:
    found = [*of_idx(), *of_history(), *of_numbers()]
    for name, target in TARGETS.items():
        if target.json:
            found += of_json(name)
    return found


def tried(some: list[Case]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        for what, made in some:
            data = made()
            try:
                TARGETS[what.split()[0]].one(data)
            except Exception as error:
                error.add_note(f"{what}: {data[:2000]!r}")
                raise


def test_some_fields_with_some_values():
    tried(Random(0).sample(cases(), SOME))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_field_with_every_value():
    found = cases()
    print(len(found), Counter(what.split()[0] for what, _ in found))
    tried(found)
