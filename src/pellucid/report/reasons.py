"""What a report says of the reasons for the answers, kept quick by asking a sample."""

from __future__ import annotations

from .. import explanation, plots
from ..data import Dataset
from ..explanation.columns import columns_of, patch_of, picture_of, say_score
from .html import figure, paragraph, table
from .subject import Subject

ASKED = 500
"""Examples that importance, neurons and pruning are measured on."""

REPEATS = 3
"""Times that each column is shuffled."""

MOST_GROUPS = 128
"""Columns that are shuffled one by one."""

SHARES = (0.0, 0.5, 0.8, 0.9, 0.95)
"""Of the weights that are taken out."""


def explanations(s: Subject) -> str:
    """Importance, one answer taken apart, neurons silenced and weights taken out."""
    if s.found.correct is None and s.found.r2 is None:
        return ""
    some = explanation.sampled(s.judged, ASKED)
    all_of = len(some) == len(s.judged)
    told = "all" if all_of else f"{len(some):,}, drawn by lot, of"
    text = paragraph(
        f"Asked of {told} {len(s.judged):,} examples {s.where}. A column that is "
        "shuffled tells nothing any more; where two tell the same, neither is missed. "
        "More: pellucid explain --list."
    )
    groups = columns_of(some, patch_of(some))
    if len(groups) <= MOST_GROUPS:
        found = explanation.importance(s.network, some, REPEATS)
        text += figure(plots.ImportanceDisplay(found))
    else:
        text += paragraph(
            f"{len(groups):,} columns are too many to be shuffled here one by one: "
            "pellucid explain importance."
        )
    if all(sigma.name != "step" for sigma in s.network.sigma[1:]):
        one = s.judged.rows([0])
        text += paragraph(
            f"The first {s.word} example taken apart by integrated gradients: what "
            + ("each pixel adds, begun from black." if picture_of(some) else
               "each column adds, begun from the average training example.")
        )  # fmt: skip
        text += figure(plots.AttributionDisplay.from_example(s.network, s.data, one.x))
    if s.network.L > 1:
        text += figure(plots.NeuronsDisplay.from_network(s.network, some))
    return text + _pruning(s, some)


def _pruning(s: Subject, some: Dataset) -> str:
    pruned = explanation.pruning(s.network, some, SHARES)
    rows = [
        [
            f"{share:.0%}",
            f"{round((1 - share) * pruned.weights):,}",
            say_score(pruned.measure, value),
        ]
        for share, value in zip(pruned.shares, pruned.scores, strict=True)
    ]
    head = ["weights taken out", "left", pruned.measure]
    return table(head, rows, "the smallest first; nothing is trained again")
