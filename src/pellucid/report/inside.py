"""The network itself on the page: the studio's views, on numbers that lie in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _limits, plots
from .._errors import InputError
from ..studio.looks import Look
from ..views import built, record
from ..views.host import Host
from ..views.shown import of_run
from .html import paragraph
from .subject import Subject

KINDS = ["network", "neuron"]

EACH = 4
"""Examples that are answered wrong, and as many that are answered right."""

POINTS = 200
"""Examples of each part on the plane of two features: as many as the views ask for."""


def inside(s: Subject) -> str:
    """The network, with lenses, for some examples; why not, where it is left out."""
    size = s.network.parameters.theta.size
    numbers = size + 2 * EACH * sum(s.network.sizes)
    if numbers > _limits.REPORT_VIEW_NUMBERS:
        return paragraph(
            f"The network of {size:,} parameters and {2 * EACH} examples are "
            f"{numbers:,} numbers, too many to lie on this page (limit "
            f"REPORT_VIEW_NUMBERS, {_limits.REPORT_VIEW_NUMBERS:,}): pellucid studio, "
            "or pellucid.notebook.view, shows it."
        )
    try:
        program = len(built("view.js")) + len(built("view.css"))
    except InputError as error:
        return paragraph(f"Left out: {error}")
    host = Host(of_run(s.folder, s.data, None, None, None))
    examples = _examples(s)
    first = {
        "kinds": KINDS, "example": examples[0][0], "scope": "layer", "edges": 160,
        "place": {"layer": 1, "neuron": 0, "input": None}, "lens": "activation",
        "perceptrons": False,
    }  # fmt: skip
    frames = []
    for example, words in examples:
        look = Look(("trace", "theta", "plane"), example)
        state, frame = host.frame(look)
        told = {"step": state["step"], "epoch": state["epoch"], "frame": frame}
        frames.append({**told, "example": example, "words": words})
    element = record.element(first, state, frames, _answers(s, host))
    return (
        paragraph(
            "Choose an example, a lens, a neuron or a connection. Every number is the "
            f"finished network's own, with all {size:,} parameters as they are; what "
            "would have to be computed anew is not here. This section adds "
            f"{(program + len(element)) / 1000:,.0f} kB to the page, "
            f"{program / 1000:,.0f} kB of them a program."
        )
        + element
    )


def _examples(s: Subject) -> list[tuple[dict[str, Any], str]]:
    """Examples with what there is to say of them, wrong ones before right ones."""
    found: list[tuple[int, str]] = []
    if s.classes:
        labels, answers = s.judged.labels, s.answers.argmax(1)
        wrong, _ = plots.worst_mistakes(s.network, s.judged, EACH)
        _, firsts = np.unique(
            np.where(answers == labels, labels, -1), return_index=True
        )
        right = [int(row) for row in firsts if answers[row] == labels[row]][:EACH]
        for row in (*wrong, *right):
            got, true = s.classes[int(answers[row])], s.classes[int(labels[row])]
            said = "right" if row in right else f"answered {got}"
            which = "" if s.data.image_shape else f"{s.word} {row} · "  # no picture
            found.append((row, f"{which}{true}: {said}"))
    else:
        error = ((s.answers - s.judged.y) ** 2).sum(1)
        order = [int(row) for row in np.argsort(-error, kind="stable")]
        near = order[EACH:][::-1][:EACH]
        found += [(row, f"{s.word} {row}: far off") for row in order[:EACH]]
        found += [(row, f"{s.word} {row}: near") for row in near]
    return [({"part": s.part, "index": row}, words) for row, words in found]


def _answers(s: Subject, host: Host) -> list[dict[str, Any]]:
    """What the views ask of the whole network, answered beforehand."""
    sizes, part = s.network.sizes, s.part
    asked: list[dict[str, Any]] = []
    if host.shown.known.plane:
        asked += [
            {"do": "examples", "part": name, "first": 0, "count": POINTS}
            for name in host.shown.known.parts
        ]
    if s.classes:
        asked.append({"do": "damage", "part": "test" if part == "test" else "train"})
    neurons = [(l, j) for l, n in enumerate(sizes) if l for j in range(n)]
    if s.classes and len(neurons) <= _limits.REPORT_VIEW_NEURONS:
        asked += [{"do": "neuron", "layer": l, "neuron": j} for l, j in neurons]
    found = []
    for words in asked:
        example = {"example": host.first} if words["do"] == "neuron" else {}
        reply = host.answer({"id": 0, **words, **example})
        if reply is None or not reply[0]["ok"]:
            continue
        said, frame = reply
        if words["do"] == "neuron":  # its weights are there; other examples are not
            said = {name: said[name] for name in ("silenced", "step")}
            frame = None
        words = {name: value for name, value in words.items() if name != "count"}
        found.append({"asked": words, "said": said, "frame": frame})
    return found
