"""Has the engine become slower? In units of the machine's own speed, not in seconds.

    python benchmarks/gate.py [--record]

Two things must hold, on one core. Nielsen's step takes at most 1.2 times what is
recorded for this kind of machine in recorded.json; and no case takes longer than the
matrix form in NumPy. A step is told as the number of million operations that NumPy's
sgemm (n = 1,024) does meanwhile, both at their best of several rounds in turn: a clock
that is faster or slower changes nothing. On a machine without a record only the second
is judged; --record writes one. Ends with 1 where something does not hold. Takes less
than a minute.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import machine
from pellucid._files import write_atomic
from run import Process, each_epoch

RECORDED = Path(__file__).with_name("recorded.json")
ROUNDS = 5
MOST = 1.2
"""Times the recorded step, at most: runs of the same engine differ by 8%."""

BUSY = 0.9
"""Share of the recorded sgemm below which the machine has other work: then a step that
waits for memory can't be judged."""

CASES = {
    "W1": 10_000,
    "W2": 10_000,
    "W3": 2_560,
    "W3-std": 2_560,
    "W4-32": 12_800,
    "W4-256": 25_600,
}
"""Workload to its number of rows here."""

Line = tuple[str, float, float]
"""Workload, µs a step of pellucid and of NumPy."""


def kind_of_machine() -> str:
    """What a record is good for."""
    facts = machine.describe()
    words = (facts["processor"], facts["family"], *facts["instructions"])
    return " ".join(words)


def speed() -> float:
    """GFLOP/s of sgemm on one core, now."""
    found = machine.probe(most=1)["1"]["sgemm"]
    assert found is not None
    return found


def measure(workload: str, rows: int) -> Line:
    """One case: both in turn."""
    both = [Process(name, 1, workload, rows) for name in ("pellucid", "NumPy float32")]
    both[1].variant = {"dtype": "float32"}
    best = [float("inf")] * 2
    for _ in range(ROUNDS):
        for i, process in enumerate(both):
            best[i] = min(best[i], each_epoch(process.round()))
    for process in both:
        process.end()
    steps = -(-rows // both[0].work.batch_size)
    ours, numpy = (1e6 * seconds / steps for seconds in best)
    return workload, ours, numpy


def judge(lines: list[Line], nielsen: float, recorded: float | None) -> list[str]:
    """What does not hold, in words; `nielsen`: W1's step in MFLOP of sgemm."""
    wrong = [
        f"{name}: {ours:.4g} µs a step is slower than NumPy's {numpy:.4g} µs"
        for name, ours, numpy in lines
        if ours > numpy
    ]
    if recorded is not None and nielsen > MOST * recorded:
        wrong.append(
            f"W1: a step is as long as {nielsen:.4g} MFLOP of sgemm; recorded "
            f"{recorded:.4g}, and at most {MOST} times as long will do"
        )
    return wrong


def main() -> None:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--record", action="store_true", help="keep this as the record")
    options = parser.parse_args()
    records: dict[str, Any] = {}
    if RECORDED.is_file():
        records = json.loads(RECORDED.read_text())
    kind = kind_of_machine()
    lines, peaks = [], [speed()]
    for name, rows in CASES.items():
        lines.append(measure(name, rows))
        peaks.append(speed())
        _, ours, numpy = lines[-1]
        print(
            f"{name:7} pellucid {ours:8.4g} µs a step, NumPy {numpy:8.4g}: "
            f"{numpy / ours:.2f} times as long",
            flush=True,
        )
    nielsen = lines[0][1] * max(peaks) / 1e3
    print(
        f"W1: a step is as long as {nielsen:.4g} MFLOP of sgemm ({max(peaks):.4g}/ms)"
    )
    if options.record:
        records[kind] = {"W1": round(nielsen, 3), "sgemm": round(max(peaks), 1)}
        text = json.dumps(records, indent=1, sort_keys=True) + "\n"
        write_atomic(RECORDED, text.encode())
    recorded = records.get(kind, {}).get("W1")
    if recorded is None:
        print(f"no record for {kind}: only NumPy's form is compared")
    elif max(peaks) < BUSY * records[kind]["sgemm"]:
        print("sgemm is slower than recorded: only NumPy's form is compared")
        recorded = None
    wrong = judge(lines, nielsen, recorded)
    print("\n".join(wrong) or "all of it holds")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
