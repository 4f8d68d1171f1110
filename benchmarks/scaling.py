"""Does the cost grow linearly? Rows, width and number of networks, each doubled thrice.

    python benchmarks/scaling.py

One core; the best of several rounds in turn. Writes scaling.png and scaling.json to
benchmarks/results/ and marks where the time is more than 10% above linear. (Below it
is what does not grow, such as fetching the rows of a mini-batch for a wider layer.)
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace

import machine
from peers import Peer, make_peer
from pellucid._files import write_atomic
from summary import RESULTS
from workloads import WORKLOADS, make, problem

ROUNDS = 7
FACTORS = (1, 2, 4, 8)
BEYOND = 0.1


def rows(factor: int) -> Peer:
    """W1 on more and more rows."""
    return make_peer("pellucid", make("W1", 6_250 * factor), {})


def width(factor: int) -> Peer:
    """W2 with a wider and wider hidden layer."""
    data = make("W2", 5_000)
    work = replace(data.workload, sizes=(784, 64 * factor, 10))
    return make_peer(
        "pellucid", problem(work, data.x, data.y, data.test_x, data.test_y), {}
    )


def networks(factor: int) -> Peer:
    """More and more networks of W1."""
    data = make("W1", 1_000)
    work = replace(WORKLOADS["P"], rows=1_000, networks=8 * factor)
    return make_peer(
        "pellucid", problem(work, data.x, data.y, data.test_x, data.test_y), {}
    )


CASES: dict[str, tuple[Callable[[int], Peer], int]] = {
    "rows": (rows, 6_250),
    "hidden units": (width, 64),
    "networks": (networks, 8),
}
"""What is doubled to how, and what it begins with."""


def seconds(made: Callable[[int], Peer]) -> list[float]:
    """Of an epoch at each factor, the best of several rounds in turn."""
    peers = [made(factor) for factor in FACTORS]
    best = [float("inf")] * len(peers)
    for _ in range(ROUNDS):
        for i, peer in enumerate(peers):
            best[i] = min(best[i], *peer.fit(1).epochs)
    return best


def draw(found: dict[str, list[float]]) -> bytes:
    """The plot, as a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.4), layout="constrained")
    axes = figure.subplots(1, len(found))
    for ax, (name, times) in zip(axes, found.items(), strict=True):
        sizes = [CASES[name][1] * factor for factor in FACTORS]
        linear = [times[0] * factor for factor in FACTORS]
        milliseconds = [1e3 * time for time in times]
        low, high = ([1e3 * t * (1 + s * BEYOND) for t in linear] for s in (-1, 1))
        ax.fill_between(sizes, low, high, color="0.88", label="linear ± 10%")
        ax.plot(sizes, milliseconds, "o-", color="C0", label="measured")
        for size, time, line in zip(sizes, times, linear, strict=True):
            ax.annotate(
                f"{time / line:.2f}",
                (size, 1e3 * time),
                textcoords="offset points",
                xytext=(0, 8),
                ha="right",
            )
        ax.set_xscale("log", base=2)
        ax.set_yscale("log", base=2)
        ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
        ax.set_yticks(milliseconds, [f"{value:.3g}" for value in milliseconds])
        ax.minorticks_off()
        ax.set_xlabel(name)
        ax.set_ylabel("ms an epoch")
        ax.margins(x=0.15, y=0.15)
    axes[0].legend(frameon=False, loc="lower right")
    figure.suptitle("Time against size, one core; the numbers: time over linear")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=120)
    return file.getvalue()


def main() -> None:
    """Measure, draw, tell."""
    machine.pin(1)  # before the engine counts cores
    found = {}
    for name, (made, first) in CASES.items():
        times = found[name] = seconds(made)
        parts = []
        for factor, time in zip(FACTORS, times, strict=True):
            off = time / (times[0] * factor) - 1
            mark = " (!)" if off > BEYOND else ""
            parts.append(f"{first * factor:,}: {1e3 * time:.3g} ms, {off:+.0%}{mark}")
        print(f"{name}: {'; '.join(parts)}", flush=True)
    told = {"machine": machine.describe(), "seconds": found}
    write_atomic(RESULTS / "scaling.json", (json.dumps(told, indent=1) + "\n").encode())
    write_atomic(RESULTS / "scaling.png", draw(found))


if __name__ == "__main__":
    main()
