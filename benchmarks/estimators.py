"""The estimators against scikit-learn's, the same arguments, in one run.

    python benchmarks/estimators.py                          # the whole grid, an hour
    python benchmarks/estimators.py --rows 500 --solver adam --missing
    python benchmarks/estimators.py --summary                # of what is kept

A cell of the grid is a number of rows, features and hidden layers, a solver and a float
type. Both classes fit it in turn, as many epochs (L-BFGS: iterations), as often as
`--seconds` allow and at least three times; the medians count. That both did the same
is checked by their epochs and their loss. Each cell goes into results/estimators.json
as soon as it is measured (`--missing` leaves those that are there alone), and the table
with its medians, slower cells included, into results/estimators.md. `--aside` measures
the rest: one row's answer, a pickled model, the memory of a fit.

Inputs are normal numbers, so none is zero; `--features pixels` are MNIST's digits, 784
features of which a fifth are not zero.
"""

import argparse
import itertools
import json
import pickle
import statistics
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn import neural_network

import machine
import pellucid
from pellucid._files import write_atomic

RESULTS = Path(__file__).parent / "results"
GRID = {
    "rows": ("500", "5000", "50000"),
    "features": ("10", "50", "784"),
    "hidden": ("100", "64,64", "512,512"),
    "solver": ("adam", "sgd", "lbfgs"),
    "dtype": ("float32", "float64"),
    "kind": ("MLPClassifier",),
}
"""The choices that make a cell, in words; the first cells are the quickest."""

LIBRARIES = {"ours": pellucid, "theirs": neural_network}
WORK = 2e10
"""Multiplications that a fit should take at least; small ones get more epochs."""

WANTED = {"float32": 6.0, "float64": 5.0}
"""What the medians of adam and sgd should be."""


def problem(cell):
    """Inputs, and what a network can learn of them: ten classes, or a number."""
    rows = int(cell["rows"])
    if cell["features"] == "pixels":
        digits = pellucid.data.load("mnist", dtype=cell["dtype"]).train.rows(
            range(rows)
        )
        return digits.x, digits.labels
    random, features = np.random.RandomState(0), int(cell["features"])
    x = random.standard_normal((rows, features))
    y = x @ random.standard_normal((features, 10))
    y = y.argmax(axis=1) if cell["kind"] == "MLPClassifier" else np.tanh(y[:, 0])
    return x.astype(cell["dtype"]), y


def words_of(cell, features):
    """Arguments of both classes: so many epochs, whatever the loss does."""
    hidden = tuple(map(int, cell["hidden"].split(",")))
    once = 6 * int(cell["rows"]) * sum(
        a * b for a, b in itertools.pairwise((features, *hidden, 10))
    )  # fmt: skip
    return {
        "hidden_layer_sizes": hidden,
        "solver": cell["solver"],
        "max_iter": int(np.clip(WORK / once, 5, 50)),
        "tol": 0.0,
        "n_iter_no_change": 10**6,
        "random_state": 0,
    }


def measured(cell, least):
    """A cell's medians; every fit in turn with the other library's."""
    x, y = problem(cell)
    words = words_of(cell, x.shape[1])
    seconds = {name: [] for name in LIBRARIES}
    begun = time.perf_counter()
    while len(seconds["ours"]) < 3 or time.perf_counter() - begun < least:
        nets = {}
        for name, library in LIBRARIES.items():
            nets[name] = getattr(library, cell["kind"])(**words)
            begin = time.perf_counter()
            nets[name].fit(x, y)
            seconds[name].append(time.perf_counter() - begin)
    check_alike(nets["ours"], nets["theirs"], cell)
    ours, theirs = (statistics.median(seconds[name]) for name in ("ours", "theirs"))
    return {
        **cell, "epochs": words["max_iter"], "ours": ours, "theirs": theirs,
        "quotient": theirs / ours, "fits": len(seconds["ours"]),
    }  # fmt: skip


def check_alike(ours, theirs, cell):
    """Both did as many epochs and came as far."""
    alike = 0.05 if cell["dtype"] == "float32" else 1e-3
    assert ours.n_iter_ == theirs.n_iter_, (cell, ours.n_iter_, theirs.n_iter_)
    far = abs(ours.loss_ - theirs.loss_)
    assert far <= alike * abs(theirs.loss_) + alike, (cell, ours.loss_, theirs.loss_)


def one_row(kind, features, dtype, questions=1000):
    """Microseconds of `predict` for one row, the median, in ours and in theirs."""
    cell = {"rows": "500", "features": features, "dtype": dtype, "kind": kind}
    x, y = problem(cell)
    found = {}
    for name, library in LIBRARIES.items():
        net = getattr(library, kind)(max_iter=3, random_state=0).fit(x, y)
        seconds = []
        for i in range(questions):
            begin = time.perf_counter()
            net.predict(x[i % len(x)][None])
            seconds.append(time.perf_counter() - begin)
        found[name] = 1e6 * statistics.median(seconds)
    return found


def sizes():
    """A pickled model over its raw weights, and copies of X that `fit` holds at most.

    Rows are many, so that X outweighs everything else.
    """
    cell = {"rows": "50000", "features": "784", "dtype": "float32",
            "kind": "MLPClassifier"}  # fmt: skip
    x, y = problem(cell)
    pellucid.MLPClassifier(max_iter=1).fit(x[:200], y[:200])  # what is loaded once
    machine.forget_peak()
    before = machine.resident()
    net = pellucid.MLPClassifier(max_iter=2, random_state=0).fit(x, y)
    peak = machine.resident(peak=True)
    raw = sum(w.nbytes for w in (*net.coefs_, *net.intercepts_))
    copies = None if peak is None else (peak - before) * 2**20 / x.nbytes
    return {"pickled": len(pickle.dumps(net)) / raw, "copies": copies}


def table(cells) -> Iterator[str]:
    """The cells as a Markdown table."""
    names = [*GRID, "epochs", "theirs, s", "ours, s", "times as fast"]
    yield f"| {' | '.join(names)} |"
    yield "|" + " --- |" * len(names)
    for cell in cells:
        numbers = [f"{cell['theirs']:.4f}", f"{cell['ours']:.4f}"]
        quotient = f"{cell['quotient']:.2f}"
        if cell["quotient"] < 1:
            quotient = f"**{quotient}**"
        row = [*(cell[name] for name in GRID), str(cell["epochs"]), *numbers, quotient]
        yield f"| {' | '.join(row)} |"


def medians(cells) -> Iterator[str]:
    """Of each solver and type, over the normal numbers and over the digits."""
    groups = {}
    for cell in cells:
        inputs = "pixels" if cell["features"] == "pixels" else "normal numbers"
        key = (inputs, cell["kind"], cell["solver"], cell["dtype"])
        groups.setdefault(key, []).append(cell["quotient"])
    for (inputs, kind, solver, dtype), found in sorted(groups.items()):
        wanted = "" if solver == "lbfgs" else f" (wanted {WANTED[dtype]:g})"
        yield (
            f"- {kind}, {solver}, {dtype}, {inputs}: median "
            f"{statistics.median(found):.2f}{wanted}, worst {min(found):.2f}, "
            f"best {max(found):.2f}; {sum(q < 1 for q in found)} of {len(found)} slower"
        )


def report(kept):
    """What is kept, as a page."""
    cells = list(kept["cells"].values())
    lines = ["### The estimators against scikit-learn's", ""]
    lines += [f"Machine: {kept['machine']}", "", *medians(cells), ""]
    for name, found in kept["one row"].items():
        lines.append(
            f"- predict of one row, {name}: {found['theirs']:.1f} µs theirs, "
            f"{found['ours']:.1f} µs ours, {found['theirs'] / found['ours']:.1f} times"
        )
    if found := kept["sizes"]:
        lines.append(
            f"- a pickled model: {found['pickled']:.3f} of its raw weights; "
            f"copies of X that fit holds: {found['copies']:.2f}"
        )
    return "\n".join([*lines, "", *table(cells), ""])


def keep(kept, out):
    """Write what is known so far."""
    write_atomic(out.with_suffix(".json"), json.dumps(kept, indent=1).encode())
    write_atomic(out.with_suffix(".md"), report(kept).encode())


def arguments():
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, values in GRID.items():
        text = f"one or more of them, by spaces; all: {' '.join(values)}"
        parser.add_argument(f"--{name}", nargs="+", default=values, help=text)
    parser.add_argument("--seconds", type=float, default=3.0, help="a cell, at least")
    parser.add_argument("--missing", action="store_true", help="only new cells")
    parser.add_argument("--summary", action="store_true", help="measure nothing")
    parser.add_argument("--aside", action="store_true",
                        help="one row, pickles and memory, no cells")  # fmt: skip
    parser.add_argument("--out", type=Path, default=RESULTS / "estimators.json")
    return parser.parse_args()


def main():
    """Measure what is asked for, keep and print it."""
    options = arguments()
    warnings.simplefilter("ignore")
    kept = {"cells": {}, "one row": {}, "sizes": {}}
    if options.out.exists():
        kept = json.loads(options.out.read_text())
    kept["machine"] = machine.sentence(machine.describe())
    grid = [] if options.summary or options.aside else itertools.product(
        *(getattr(options, name) for name in GRID)
    )  # fmt: skip
    for values in grid:
        cell = dict(zip(GRID, values, strict=True))
        name = " ".join(values)
        if not (options.missing and name in kept["cells"]):
            kept["cells"][name] = measured(cell, options.seconds)
            keep(kept, options.out)
            print(list(table([kept["cells"][name]]))[-1], flush=True)
    if options.aside:
        for kind in ("MLPClassifier", "MLPRegressor"):
            for features in GRID["features"]:
                found = one_row(kind, features, "float32")
                kept["one row"][f"{kind}, {features} features"] = found
        kept["sizes"] = sizes()
        keep(kept, options.out)
    print(report(kept))


if __name__ == "__main__":
    main()
