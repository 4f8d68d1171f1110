"""What a parser may do with what it does not take: say so in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pellucid import InputError

LONGEST = 700  # characters of a sentence


def refuses(call: Callable[[], Any]) -> Any:
    """What the call gives; None where it refuses in a sentence."""
    try:
        return call()
    except InputError as error:
        sentence = str(error)
        assert sentence and "\n" not in sentence.strip(), sentence[:LONGEST]
        assert len(sentence) <= LONGEST, sentence[:LONGEST]
        return None
