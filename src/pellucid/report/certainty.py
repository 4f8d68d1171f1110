"""What a report says of how far answers can be believed."""

from __future__ import annotations

import numpy as np

from .. import plots
from .._errors import InputError
from ..evaluation import reliability
from ..evaluation.confidence import SHARES, Confidence, confidence
from .html import figure, paragraph, percent, table
from .subject import Subject


def certainty(s: Subject) -> str:
    """Reliability, refusing, sets or intervals; of what can be measured."""
    own = _reliability(s)
    part = "test" if s.part == "test" else "validation"
    try:
        found = confidence(s.network, s.data, part)
    except InputError as error:  # no validation part, several labels, a sign as output
        return own + paragraph(f"Nothing could be calibrated: {error}") if own else ""
    how = "in folds of it" if part == "validation" else "on the test part"
    text = paragraph(
        f"What was fitted to the {found.calibration.count:,} examples of the "
        f"validation part, which were not learned from, is measured {how}."
    )
    if found.log_loss is not None:
        text += _probabilities(found)
    return own + text + _held(found) + figure(plots.ConfidenceDisplay(found))


def _reliability(s: Subject) -> str:
    """The outputs as they are."""
    if not s.classes or s.network.sigma[-1].range != (0.0, 1.0):
        return ""
    found = reliability(s.answers, s.judged.labels)
    return paragraph(
        f"Mean confidence {percent(found.overall_confidence)}, accuracy "
        f"{percent(found.overall_accuracy)}; expected calibration error (ECE) "
        f"{percent(found.ece)}."
    ) + figure(plots.ReliabilityDisplay.from_network(s.network, s.judged))


def _probabilities(found: Confidence) -> str:
    before, after = found.log_loss or (0.0, 0.0)
    text = paragraph(
        f"{found.verdict} Log loss {before:.4f} before, {after:.4f} after."
    )
    rejects = found.rejects
    if rejects is None:
        return text
    rows = []
    for share in SHARES:
        accuracy, least = rejects.at(share)
        rows.append([percent(share), percent(accuracy), f"{least:.4f}"])
    head = ["answered", "of these right", "least sure"]
    return text + table(head, rows, "where the least sure answers are refused")


def _held(found: Confidence) -> str:
    """How often sets or intervals held the truth."""
    classes = found.log_loss is not None
    rows = []
    for k, share in enumerate(found.calibration.coverages):
        for j, name in enumerate(("",) if classes else found.names):
            size = found.size[k, j]
            told = f"{size:.4g}" if np.isfinite(size) else "too few examples"
            more = [] if classes else [name]
            rows.append([percent(share), percent(found.covered[k, j]), told, *more])
    if classes:
        head, kind = ["asked", "held the truth", "classes in a set"], "sets of classes"
    else:
        head = ["asked", "held the truth", "width of an interval", "of"]
        kind = "intervals around the answers, in the target's own unit"
    return table(head, rows, kind)
