"""Sets and intervals beside answers: what `pellucid predict --coverage` adds."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays import Array
from .._errors import InputError
from ..evaluation.confidence import logits_of
from ..mathematics.backprop import feedforward
from ..mathematics.calibration import Calibration
from .options import Opened
from .show import number


def check_coverage(opened: Opened, coverage: float | None) -> Calibration | None:
    """What was fitted for a coverage, if one is asked for.

    Raises:
        InputError: the model file knows none, or not for this coverage.
    """
    fitted = opened.calibration
    if coverage is None:
        return fitted
    if fitted is None:
        raise InputError(
            f"coverage needs a model file that was calibrated; {opened.path} was not. "
            f"Make one: pellucid confidence {opened.path} --to calibrated.safetensors."
        )
    fitted.threshold(coverage)
    return fitted


def beside(
    opened: Opened,
    x: Array,
    fitted: Calibration,
    coverage: float,
    titles: tuple[str, ...],
    lines: list[tuple[str, ...]],
) -> tuple[tuple[str, ...], list[tuple[str, ...]], dict[str, Any]]:
    """A table with a column more, of sets or intervals, and these for a program."""
    told, ranges = _held(opened, x, fitted, coverage)
    title = f"{100 * coverage:g}% {'set' if opened.classes else 'interval'}"
    longer = [(*line, one) for line, one in zip(lines, told, strict=True)]
    return (*titles, title), longer, {"coverage": coverage, **ranges}


def _held(
    opened: Opened, x: Array, fitted: Calibration, coverage: float
) -> tuple[list[str], dict[str, Any]]:
    """A text a row; calibrated probabilities and sets, or the ends of intervals."""
    network, names = opened.network, opened.classes
    with np.errstate(all="ignore"):
        z, a = feedforward(network, x.astype(network.dtype))
    if names is None:
        answers = a[-1] if opened.encoding is None else opened.encoding.decode(a[-1])
        low, high = fitted.intervals(np.asarray(answers, np.float64), coverage)
        told = [
            ", ".join(
                f"{number(float(l)).strip()} to {number(float(h)).strip()}"
                for l, h in zip(*ends, strict=True)
            )
            for ends in zip(low, high, strict=True)
        ]
        return told, {"low": low, "high": high}
    logits = logits_of(network, z[-1], a[-1])
    inside = fitted.sets(logits, coverage)
    sets = [[names[j] for j in np.flatnonzero(row)] for row in inside]
    told = [", ".join(each) or "none is likely enough" for each in sets]
    return told, {"probabilities": fitted.probabilities(logits), "sets": sets}
