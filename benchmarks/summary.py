"""Results as Markdown: one table a workload, and the page README.md ends with.

python benchmarks/summary.py    puts the saved tables into benchmarks/README.md
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

import machine
from pellucid._files import write_atomic
from workloads import WORKLOADS

RESULTS = Path(__file__).parent / "results"
README = Path(__file__).parent / "README.md"
BEGIN = "<!-- the tables; written by summary.py -->"

GATE = 0.003
"""How far scores may lie apart, where the work is the same: 0.3 points."""

DIP = 0.95
"""The probe after, over the probe before, below which a table is marked."""


def save(found: dict[str, Any], folder: Path) -> None:
    """NAME.json and NAME.md, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / found["workload"]
    write_atomic(f"{path}.json", (json.dumps(found, indent=1) + "\n").encode())
    write_atomic(f"{path}.md", (table(found) + "\n").encode())


def table(found: dict[str, Any]) -> str:
    """One workload, best first."""
    answers = WORKLOADS[found["workload"]].kind == "answers"
    lines = sorted(found["lines"], key=lambda line: np.median(line["epoch"]))
    ours = [line for line in lines if line["peer"].startswith("pellucid")]
    text = [f"### {found['workload']}: {found['title']}", ""]
    text.append(
        f"{found['rows']:,} rows, {found['rounds']} rounds in turn, "
        f"commit {found['machine']['commit']}. {_state(found)}"
    )
    head = ANSWER_HEAD if answers else HEAD
    text += ["", _row(head), _row(["---"] * len(head))]
    for line in lines:
        cells = _answer_cells(line) if answers else _cells(found, line, ours)
        notes = [] if answers else [_notes(line, ours)]
        text.append(_row([_name(line), *cells, _times(line, ours), *notes]))
    text += ["", f"Best peer: {_verdict(lines, ours)}"]
    return "\n".join(text)


HEAD = [
    "who", "ms an epoch: median (quartiles)", "µs a step", "prepare ms", "cold ms",
    "a whole fit, s", "GFLOP/s", "of sgemm", "of FMA peak", "score", "memory MiB",
    "time over pellucid's", "what differs",
]  # fmt: skip
ANSWER_HEAD = [
    "who", "µs an answer: median (quartiles)", "first µs", "memory MiB",
    "time over pellucid's",
]  # fmt: skip


def _cells(
    found: dict[str, Any], line: dict[str, Any], ours: list[dict[str, Any]]
) -> list[str]:
    """The cells of one peer that trains."""
    work, rows = WORKLOADS[found["workload"]], found["rows"]
    epoch, prepare = np.median(line["epoch"]), np.median(line["prepare"])
    steps = -(-rows // work.batch_size) * work.networks
    rate = work.flop_a_row * rows * work.networks / epoch / 1e9
    return [
        _quartiles(line["epoch"], 1e3),
        f"{1e6 * epoch / steps:.3g}",
        f"{1e3 * prepare:.3g}",
        f"{1e3 * line['cold']:.4g}",
        f"{prepare + work.epochs * epoch:.3g}",
        f"{rate:.3g}",
        _share(rate, found, "sgemm", line["threads"]),
        _share(rate, found, "fma", line["threads"]),
        _mean(line["score"]),
        "–" if line["memory"] is None else f"{line['memory']:.0f}",
    ]


def _answer_cells(line: dict[str, Any]) -> list[str]:
    """The cells of one peer that answers."""
    memory = "–" if line["memory"] is None else f"{line['memory']:.0f}"
    return [_quartiles(line["epoch"], 1e6), f"{1e6 * line['cold']:.4g}", memory]


def _quartiles(values: list[float], unit: float) -> str:
    low, middle, high = np.percentile(values, [25, 50, 75]) * unit
    return f"{middle:.4g} ({low:.4g} – {high:.4g})"


def _mean(scores: list[float]) -> str:
    """With the deviation, where there are several."""
    spread = f" ± {np.std(scores, ddof=1):.4f}" if len(scores) > 1 else ""
    return f"{np.mean(scores):.4f}{spread}"


def _share(rate: float, found: dict[str, Any], what: str, threads: int) -> str:
    """The rate over what the probe reached with as many threads."""
    peaks = [each.get(str(threads), {}).get(what) for each in found["probe"]]
    known = [peak for peak in peaks if peak]
    if not known:
        return "not measured"
    return f"{rate / (max(known) * (threads if what == 'fma' else 1)):.2f}"


def _name(line: dict[str, Any]) -> str:
    """Who, with which options."""
    options = [str(value) for value in line["variant"].values() if value is not True]
    if line["peer"].startswith("pellucid"):
        options = []  # its name says it
    else:
        options = [each for each in options if each not in line["peer"]]
        options.append(f"{line['threads']} thread{'s' if line['threads'] > 1 else ''}")
    return line["peer"] + (f", {', '.join(options)}" if options else "")


def _times(line: dict[str, Any], ours: list[dict[str, Any]]) -> str:
    """Its time over pellucid's, on each number of cores."""
    if line in ours:
        return ""
    mine = np.median(line["epoch"])
    best: dict[int, float] = {}
    for each in ours:
        middle = float(np.median(each["epoch"]))
        best[each["threads"]] = min(middle, best.get(each["threads"], middle))
    return ", ".join(f"{mine / best[cores]:.2f} ({cores})" for cores in sorted(best))


def _notes(line: dict[str, Any], ours: list[dict[str, Any]]) -> str:
    """What differs, or the gate where nothing does."""
    notes = [line["differs"]] if line["differs"] else []
    if line not in ours and ours:
        mean = np.mean(line["score"])
        apart = max(abs(mean - np.mean(each["score"])) for each in ours)
        if apart > GATE:
            notes.append(f"score {100 * apart:.1f} points from pellucid's")
    return "; ".join(notes)


def _verdict(lines: list[dict[str, Any]], ours: list[dict[str, Any]]) -> str:
    """The best peer, and whether all scores agree where the work is the same."""
    rest = [line for line in lines if line not in ours]
    if not rest or not ours:
        return "–"
    text = (
        f"{_name(rest[0])}; its time over pellucid's (cores): {_times(rest[0], ours)}."
    )
    if lines[0]["score"][0] is None:  # answers have none
        return text
    alike = [line for line in lines if line["differs"] in ("", "float64")]
    same = [np.mean(line["score"]) for line in alike]
    apart = max(same) - min(same)
    verdict = "within" if apart <= GATE else "NOT within"
    return (
        f"{text} Scores of those who do the same work: {verdict} {100 * GATE:.1f} "
        f"points ({100 * apart:.2f})."
    )


def _state(found: dict[str, Any]) -> str:
    """The probe, and who else was busy."""
    before, after = found["probe"]
    parts = []
    for threads in sorted(before, key=int):
        pair = (before[threads]["sgemm"], after[threads]["sgemm"])
        text = f"sgemm on {threads}: {pair[0]:.0f} before, {pair[1]:.0f} after"
        if min(pair) / max(pair) < DIP:
            text += " (not steady)"
        parts.append(text)
    fma = max((each["1"]["fma"] or 0.0) for each in found["probe"])
    parts.append(f"FMA peak a core: {fma:.0f}" if fma else "FMA peak: not measured")
    others = [
        each for line in found["lines"] for each in line["others"] if each is not None
    ]
    busy = f"{np.median(others):.2f}" if others else "not known"
    return f"Probe, GFLOP/s: {'; '.join(parts)}. Cores busy with others' work: {busy}."


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Put the tables that are there into README.md."""
    pages, machines = [], set()
    for name in WORKLOADS:
        path = RESULTS / f"{name}.json"
        if path.is_file():
            found = json.loads(path.read_text())
            machines.add(machine.sentence(found["machine"]))
            pages.append(table(found))
    text = README.read_text().split(BEGIN)[0] + BEGIN + "\n\n"
    text += "Machine: " + "\n\nMachine: ".join(sorted(machines)) + "\n\n"
    write_atomic(README, (text + "\n\n".join(pages) + "\n").encode())


if __name__ == "__main__":
    main()
