"""pellucid and its peers side by side on the same work, in the same run.

    python benchmarks/run.py [WORKLOAD ...] [--rows N] [--rounds N] [--peers NAME,...]

For each workload: a probe of the machine; each peer on a few of the rows, with 1
thread and with all, in every variant, to choose the fastest; then one process a peer,
asked for one round at a time in turn (A B C A B C ...), the first of them cold; the
probe again. Writes NAME.json and NAME.md to benchmarks/results/. README.md beside this
file tells how the table is to be read.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import machine
from peers import PEERS
from workloads import WORKLOADS, Workload

QUIET = 0.3
"""Cores that others may keep busy during a round, beyond those that the peer leaves
free, before it is run again."""

TRIAL_STEPS = 40
"""Updates of a trial, at least; a fiftieth of the rows where that is more."""

HOPELESS = 3
"""Times the best variant's time, from which another is not tried again."""

ANSWERS = 2_000
"""Calls of a round, where single rows are answered."""


class Process:
    """A peer in a process of its own.

    Args:
        peer: its name.
        threads: that it may use; it is pinned to as many cores.
        workload: name.
        rows: fewer of them; None: all.
    """

    def __init__(self, peer: str, threads: int, workload: str, rows: int | None):
        self.peer, self.threads = peer, threads
        ours = peer.startswith("pellucid")
        self.label = f"{peer}, {_cores(threads)}" if ours else peer
        self.variant: dict[str, Any] = {}
        self.rounds: list[dict[str, Any]] = []
        self.work: Workload = WORKLOADS[workload]
        self.child = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py")), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=machine.environment(threads),
        )
        self.ask("begin", workload=workload, rows=rows, peer=peer)

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """One request and its reply.

        Raises:
            RuntimeError: the peer could not, and says why.
        """
        assert self.child.stdin and self.child.stdout
        try:
            self.child.stdin.write(json.dumps({"do": do, **more}) + "\n")
            self.child.stdin.flush()
            line = self.child.stdout.readline()
        except BrokenPipeError:
            line = ""
        reply: dict[str, Any] = json.loads(line or '{"error": "the process ended"}')
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply

    def round(self, seed: int = 1) -> dict[str, Any]:
        """One round: seconds an epoch (or an answer), and how busy others were."""
        others = machine.Others(self.child.pid)
        if self.work.kind == "answers":
            found = self.ask("answer", variant=self.variant, count=ANSWERS)
        else:
            epochs = self.work.timed
            found = self.ask("fit", variant=self.variant, epochs=epochs, seed=seed)
        found["others"] = others.cores()
        return found

    def end(self) -> None:
        """Let the process go."""
        with self.child:  # closes its pipes and waits
            pass


def _cores(threads: int) -> str:
    return f"{threads} core{'s' if threads > 1 else ''}"


def each_epoch(found: dict[str, Any]) -> float:
    """Seconds an epoch of one round."""
    return float(sum(found["epochs"]) / len(found["epochs"]))


def _first(trial: tuple[float, int, dict[str, Any]]) -> float:
    return trial[0]


def try_variants(
    peer: str, workload: str, rows: int | None
) -> list[tuple[float, int, dict[str, Any]]]:
    """Seconds on a few of the rows, threads, variant; the fastest first."""
    work, found = WORKLOADS[workload], []
    some = min(rows or work.rows, work.rows)
    some = min(some, max(some // 50, TRIAL_STEPS * work.batch_size))
    for threads in sorted({1, machine.CORES}):
        process = Process(peer, threads, workload, some)
        for variant in PEERS[peer].variants:
            process.variant = variant
            try:
                process.round()  # cold
                seconds = each_epoch(process.round())
                if not found or seconds < HOPELESS * min(found, key=_first)[0]:
                    again = [each_epoch(process.round()) for _ in range(3)]
                    seconds = min(seconds, *again)
            except RuntimeError as error:
                print(f"  {peer} {variant}: {error}", flush=True)
                continue
            found.append((seconds, threads, variant))
            print(f"  {peer} {variant}, {_cores(threads)}: {seconds:.4g}", flush=True)
        process.end()
    return sorted(found, key=_first)


def choose(
    names: list[str], workload: str, rows: int | None
) -> tuple[list[Process], dict[str, Any]]:
    """The processes that run against each other, and what was tried."""
    chosen: list[Process] = []
    tried: dict[str, Any] = {}
    for name in names:
        needs = PEERS[name].needs
        if needs and importlib.util.find_spec(needs) is None:
            tried[name] = f"{needs} is not installed"
            continue
        found = try_variants(name, workload, rows)
        tried[name] = [
            {"seconds": seconds, "threads": threads, **variant}
            for seconds, threads, variant in found
        ] or "does not run here"
        # Of pellucid both are shown, one core and all of them.
        best = {threads: (threads, v) for _, threads, v in reversed(found)}
        kept = [best[t] for t in sorted(best)]
        if not name.startswith("pellucid"):
            kept = [(threads, variant) for _, threads, variant in found[:1]]
        for threads, variant in kept:
            process = Process(name, threads, workload, rows)
            process.variant = variant
            chosen.append(process)
    return chosen, tried


def race(processes: list[Process], rounds: int, repeats: int) -> None:
    """The rounds in turn; one in which others were busy is run once more.

    But only `repeats` times a peer: where somebody is busy all the time it is no use.
    """
    left = dict.fromkeys(processes, repeats)
    for process in processes:
        process.rounds.append({**process.round(), "cold": True})
    for number in range(rounds):
        for process in processes:
            found = process.round(number + 1)
            free = machine.CORES - process.threads
            if (found["others"] or 0.0) > free + QUIET and left[process]:
                left[process] -= 1
                again = process.round(number + 1)
                found = min(found, again, key=lambda each: each["others"])
            process.rounds.append({**found, "cold": False})
        print(f"  round {number + 1} of {rounds}", flush=True)


def run(
    name: str,
    rows: int | None,
    rounds: int,
    repeats: int,
    only: list[str] | None,
) -> dict[str, Any]:
    """Everything about one workload, as it is saved."""
    names = [
        peer
        for peer, entry in PEERS.items()
        if name in entry.workloads and (only is None or peer in only)
    ]
    before = machine.probe()
    processes, tried = choose(names, name, rows)
    race(processes, rounds, repeats)
    lines = []
    for process in processes:
        end = process.ask("tell")
        cold = process.rounds[0]
        warm = process.rounds[1:]
        lines.append(
            {
                "peer": process.label,
                "threads": process.threads,
                "variant": process.variant,
                "cold": cold["prepare"] + each_epoch(cold),
                "prepare": [each["prepare"] for each in warm],
                "epoch": [each_epoch(each) for each in warm],
                "others": [each["others"] for each in warm],
                "score": [each["score"] for each in warm],
                **end,
            }
        )
        process.end()
    work = WORKLOADS[name]
    return {
        "workload": name,
        "title": work.title,
        "rows": min(rows or work.rows, work.rows),
        "rounds": rounds,
        "machine": machine.describe(),
        "probe": [before, machine.probe()],
        "tried": tried,
        "lines": lines,
    }


def main() -> None:
    """Run what is asked for, save and print each table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("workload", nargs="*", help=", ".join(WORKLOADS))
    parser.add_argument("--rows", type=int, help="fewer rows, for a quick look")
    parser.add_argument("--rounds", type=int, default=7, help="warm rounds (7)")
    parser.add_argument(
        "--repeats", type=int, default=3, help="of rounds disturbed by others (3)"
    )
    parser.add_argument("--peers", help="only these, such as 'pellucid,JAX scan'")
    parser.add_argument("--out", type=Path, help="folder for the results")
    options = parser.parse_args()
    unknown = set(options.workload) - set(WORKLOADS)
    if unknown:
        parser.error(f"no workload {', '.join(unknown)}; got {', '.join(WORKLOADS)}")
    import summary

    whole = options.rows is None and options.peers is None and options.rounds >= 7
    if options.out is None and not whole:
        print("a quick look: printed, not saved (--out FOLDER saves it)")
    folder = options.out or (summary.RESULTS if whole else None)
    only = options.peers and options.peers.split(",")
    for name in options.workload or WORKLOADS:
        print(f"{name}: {WORKLOADS[name].title}", flush=True)
        found = run(name, options.rows, options.rounds, options.repeats, only)
        if folder is not None:
            summary.save(found, folder)
        print(summary.table(found), flush=True)


if __name__ == "__main__":
    main()
