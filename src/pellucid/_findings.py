"""What is found wrong: measured, meant, and what to try, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the data, the network or the training.

    Attributes:
        name: of the finding, the same each time, such as "inputs not scaled".
        measured: the numbers behind it.
        meaning: what they say, with the numbers in it.
        advice: what to try.
    """

    name: str
    measured: Mapping[str, Any]
    meaning: str
    advice: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.name}: {self.meaning} {self.advice}"
