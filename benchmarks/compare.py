"""The network against five other models on real tables: what `pellucid compare` says.

    python benchmarks/compare.py               sets without a result; then the page
    python benchmarks/compare.py SET ...       these, again; then the page
    python benchmarks/compare.py --page        only docs/comparison-table.md, from them

For each set five splits to recommend by, and as many others to see whether the
recommendation holds there; of the sets in LONG three. Of each training part at most
10,000 rows are learned from (5,000 of kddcup99_10pct), and models are scored on at most
10,000 rows of the test part; of MNIST there are 10,000 images altogether. The
confidence of the default network is measured on the other splits: log loss and
calibration error before and after the temperature, and what 90% sets and intervals
hold. Every split's figures of a set are kept in benchmarks/results/compare.json as soon
as the set has ended. Files are looked for in the folder PELLUCID_DATA, else in
../shared/data.
"""

import argparse
import json
import math
import os
import sys
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import numpy as np

from pellucid import load, read, recipes, split
from pellucid.comparison import Comparison
from pellucid.confidence import confidence
from pellucid.data.tables import read_table
from tables import MORE, SETS, progress

ROWS = TEST_ROWS = 10_000
OWN_ROWS = {"kddcup99_10pct": 5_000}
"""Training rows of a set whose models would take too long otherwise."""

SPLITS, FEWER = 5, 3
"""Splits of each kind, and those of the sets in LONG, whose models take minutes."""

FIRST, SECOND = 300, 400
"""Seeds of the first split to recommend by, and of the first to check by."""

MNIST = "mnist"
LONG = (
    "california_housing",
    "diamonds",
    "adult",
    "covertype_20k",
    "letter",
    MNIST,
    "kddcup99_10pct",
)
ORDER = (
    "german_credit",
    "wine_quality (red)",
    "ames_housing",
    "abalone",
    "spambase",
    "wine_quality (white)",
    "telco_churn",
    "bike_sharing",
    *LONG,
)
"""The quick sets first."""

COVERAGE = 0.9
RESULTS = Path(__file__).parent / "results" / "compare.json"


def drawer(name, folder):
    """What draws a split of a set by its seed."""
    if name == MNIST:
        data = load(MNIST, folder)
        shown = np.random.RandomState(0).permutation(len(data))[:ROWS]
        data = replace(data.rows(shown), counts={})
        return lambda seed: split(data, seed=seed)
    file, target = SETS[name]
    more = dict(MORE.get(name, {}))
    if "test_file" in more:
        more["test_file"] = folder / more["test_file"]
    table = read_table(folder / file)
    return lambda seed: shortened(
        read(table, target, seed=seed, **more), OWN_ROWS.get(name, ROWS)
    )


def shortened(data, rows):
    """The first rows of the training part and TEST_ROWS of the test part."""
    counts = data.counts
    most = {**counts, "train": rows, "test": TEST_ROWS}
    kept = {part: min(count, most[part]) for part, count in counts.items()}
    begin, chosen = 0, []
    for part, count in counts.items():
        chosen.append(begin + np.arange(kept[part]))
        begin += count
    return replace(data.rows(np.concatenate(chosen)), counts=kept)


def compared(name, draw, first, splits):
    """What a comparison on so many splits found, a dictionary a fit."""
    found = Comparison(draw, range(first, first + splits))
    for fit in found.run():
        progress(f"{name}: split {fit.split}, {fit.model}, {fit.fit_seconds:.1f} s")
    progress("")
    return found


def sure(name, draw, splits):
    """Log loss and ECE before and after, and coverage; a list for each second split."""
    figures = []
    for seed in range(SECOND, SECOND + splits):
        data = draw(seed)
        settings = recipes.settings(None, data, seed=seed)
        network = recipes.build(settings, data)
        progress(f"{name}: split {seed}, confidence")
        for _ in recipes.run(settings, network, data):
            pass
        found = confidence(network, data, "test", (COVERAGE,))
        nothing = (None, None)
        ece = nothing
        if found.before is not None:
            ece = (found.before.ece, found.after.ece)
        held = float(found.covered.mean())
        figures.append([*(found.log_loss or nothing), *ece, held])
    progress("")
    return figures


def measure(name, folder):
    """All that is kept of a set."""
    draw = drawer(name, folder)
    splits = FEWER if name in LONG else SPLITS
    data = draw(FIRST)
    both = [compared(name, draw, first, splits) for first in (FIRST, SECOND)]
    return {
        "rows": data.counts["train"],
        "inputs": data.inputs,
        "classes": data.classes is not None,
        "models": both[0].models,
        "first": [plain(fit) for fit in both[0].fits],
        "second": [plain(fit) for fit in both[1].fits],
        "confidence": sure(name, draw, splits),
        "day": date.today().isoformat(),
    }


def plain(fit):
    """A Fit as JSON can say it: no number is null."""
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value
        for key, value in asdict(fit).items()
    }


def main():
    """Measure sets and keep what was found."""
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known.add_argument("sets", nargs="*", metavar="SET", help=", ".join(ORDER))
    known.add_argument("--page", action="store_true", help="measure nothing")
    asked = known.parse_args()
    for name in set(asked.sets) - set(ORDER):
        known.error(f"no such set: {name}")
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PELLUCID_DATA") or beside)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    missing = [name for name in ORDER if name not in results]
    for name in [] if asked.page else asked.sets or missing:
        results[name] = measure(name, folder)
        RESULTS.write_text(json.dumps(results, indent=1, allow_nan=False) + "\n")
        print(f"{name}: measured", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
