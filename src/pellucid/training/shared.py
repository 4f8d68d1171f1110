"""What trainings on the same data share: its parts, cast and checked once.

One training has a `Shared` of its own; those of a population have one together, so
that a hundred networks hold the examples, and what engines make of them, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._arrays import choose
from .._errors import InputError
from ..data import Dataset
from ..engines import Engine, cast

MONITORS = {"auto": 0, "validation": 1, "test": 2, "train": 3, "none": 4}

# Examples times parameters that are gone through before a look at whether to stop:
# hundredths of a second on one core. A small network's examples cost no less than
# those of one with LEAST_PARAMETERS.
PIECE, LEAST_PARAMETERS = 1 << 29, 4096


class StoppedError(Exception):
    """The trainings that share their data were told to end."""


class Shared:
    """The parts of one Dataset, for any number of trainings.

    Args:
        data: what they learn from.

    Attributes:
        stopped: whether all of them shall end, soon and where they are.

    Raises:
        InputError: it is no Dataset, or holds no example to learn from.
    """

    def __init__(self, data: Any):
        if not isinstance(data, Dataset):
            raise InputError(
                f"data must be a Dataset; got a {type(data).__name__}. Build one with "
                "Dataset.from_arrays(x, y)."
            )
        self.data = data
        self.stopped = False
        self._parts: dict[str, Dataset] = {}
        self._casts: dict[tuple[str, str], Dataset] = {}
        self._engines: dict[tuple[str, str], Engine] = {}
        self.examples = self._part("train")
        if not len(self.examples):
            raise InputError(
                f"data must hold at least one example; {data.name!r} has none. Check "
                "where it came from."
            )

    @classmethod
    def of(cls, data: Any, known: Shared | None) -> Shared:
        """What is known of these data already, else a new one."""
        if known is None:
            return cls(data)
        if known.data is not data:
            raise InputError(
                "shared must be of the Dataset that is learned from, the very object; "
                "got that of another. Leave shared out."
            )
        return known

    def _part(self, name: str) -> Dataset:
        """A part, the same object each time; of data without parts, all of them."""
        if name not in self._parts:
            whole = name == "train" and not self.data.counts
            self._parts[name] = self.data if whole else self.data.part(name)
        return self._parts[name]

    def monitored(
        self, monitor: str, patience: int | None
    ) -> tuple[str, Dataset] | None:
        """Name and examples of the part that is watched; None: no part is.

        Raises:
            InputError: another name, no such part, or none where patience needs one.
        """
        choose("monitor", monitor, MONITORS)
        if monitor == "auto":
            there = self.data.counts.get("validation")
            monitor = "validation" if there else "none"
        if monitor != "none":
            return monitor, self._part(monitor)
        if patience is not None:
            raise InputError(
                "patience needs a part that is monitored; got none. Split the data, "
                "or pass monitor='train'."
            )
        return None

    def cast(self, part: Dataset, dtype: str) -> Dataset:
        """A part in a float type, the same object each time."""
        key = (self._name(part), dtype)
        if key not in self._casts:
            self._casts[key] = cast(part, dtype)
        return self._casts[key]

    def pieces(self, count: int, parameters: int, size: int = 1) -> Iterator[slice]:
        """Examples 0 ... count - 1 in pieces that are a multiple of `size`.

        Raises:
            StoppedError: before a piece, when all shall end.
        """
        most = PIECE // (max(parameters, LEAST_PARAMETERS) * size)
        step = max(most, 1) * size
        for first in range(0, count, step):
            if self.stopped:
                raise StoppedError
            yield slice(first, first + step)

    def seen(self, part: Dataset, dtype: str) -> bool:
        """Whether a training has had this part in this float type, and checked it."""
        return (self._name(part), dtype) in self._casts

    def like(self, engine: str, dtype: str) -> Engine | None:
        """An engine of this name that is bound to the examples in this float type."""
        return self._engines.get((engine, dtype))

    def keep(self, engine: str, dtype: str, started: Engine) -> None:
        """Let later engines share what this one has prepared."""
        self._casts.setdefault((self._name(self.examples), dtype), started.data)
        self._engines.setdefault((engine, dtype), started)

    def _name(self, part: Dataset) -> str:
        return next(name for name, known in self._parts.items() if known is part)
