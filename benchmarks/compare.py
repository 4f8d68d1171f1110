"""The network against five other models on real tables: what `pellucid compare` says.

    python benchmarks/compare.py               sets without a result; then the page
    python benchmarks/compare.py SET ...       these, again; then the page
    python benchmarks/compare.py --page        only docs/comparison-table.md, from them

For each set five splits to recommend by, and as many others to see whether the
recommendation holds there; of the sets in LONG three. Of each training part at most
10,000 rows are learned from, and models are scored on at most 10,000 rows of the test
part; of MNIST there are 10,000 images altogether, of kddcup99_10pct 5,000 rows. Every
split's figures of a set are kept in benchmarks/results/compare.json as soon as the set
has ended. Files are looked for in the folder PELLUCID_DATA, else in ../shared/data.
"""

import argparse
import gzip
import json
import math
import os
import sys
import tempfile
from dataclasses import asdict, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from pellucid import load, read, split
from pellucid.comparison import NETWORK, Comparison, Standings
from pellucid.data.check import known_rows
from pellucid.data.tables import read_table
from tables import MORE, SETS, progress

ROWS = TEST_ROWS = 10_000
SPLITS, FEWER = 5, 3
"""Splits of each kind, and those of the sets in LONG, whose models take minutes."""

FIRST, SECOND = 300, 400
"""Seeds of the first split to recommend by, and of the first to check by."""

MNIST, KDD = "mnist", "kddcup99_10pct"
KDD_ROWS = 5_000
"""Of its 494,021, drawn at random: 23 classes take long."""

LONG = (
    "california_housing",
    "diamonds",
    "adult",
    "covertype_20k",
    "letter",
    KDD,
    MNIST,
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

RESULTS = Path(__file__).parent / "results" / "compare.json"
PAGE_FILE = Path(__file__).parents[1] / "docs" / "comparison-table.md"


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
    if name == KDD:
        return lambda seed: read(some_lines(folder / file), target, seed=seed)
    table = read_table(folder / file)
    return lambda seed: shortened(read(table, target, seed=seed, **more), ROWS)


@cache
def some_lines(path):
    """A table of KDD_ROWS lines of a packed file, drawn at random."""
    lines = gzip.open(path, "rt").read().splitlines(keepends=True)
    drawn = np.random.RandomState(0).permutation(len(lines))[:KDD_ROWS]
    with tempfile.TemporaryDirectory() as there:
        short = Path(there) / "lines.csv"
        short.write_text("".join(lines[row] for row in sorted(drawn)))
        return read_table(short)


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


def measure(name, folder):
    """All that is kept of a set."""
    draw = drawer(name, folder)
    splits = FEWER if name in LONG else SPLITS
    data = draw(FIRST)
    both = [compared(name, draw, first, splits) for first in (FIRST, SECOND)]
    return {
        "rows": data.counts["train"],
        "inputs": data.inputs,
        "known": known_rows(data.train, data.test),
        "classes": data.classes is not None,
        "models": both[0].models,
        "first": [plain(fit) for fit in both[0].fits],
        "second": [plain(fit) for fit in both[1].fits],
        "day": date.today().isoformat(),
    }


def plain(fit):
    """A Fit as JSON can say it: no number is null."""
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value
        for key, value in asdict(fit).items()
    }


TITLES = "rows known network linear neighbours svm forest boosting".split()
HEAD = f"""\
| set | {" | ".join(TITLES)} | network is |
|---|---|---|---|---|---|---|---|---|---|"""

SAID = """\
| set | what is said | holds | seconds: network | the model to take |
|---|---|---|---|---|"""

PAGE = """\
# The network beside other models

What `pellucid compare` finds with {splits} splits, each model with its defaults and
each on one core, learning from at most {rows:,} rows and scored on as many at most. To
keep it short there are {fewer} splits of {long}; of MNIST there are 10,000
images in all, of kddcup99_10pct {kdd:,} rows.{missing}

Accuracy or R² on the test part, mean ± standard deviation over the splits; the best
mean is bold. "Network is": as good as the best, as far as can be told; behind it,
though that may be chance; or worse by more than chance. "Known": test rows whose
inputs stand in the training part too, so that what knows rows by heart seems better
than it is. How all this is told: [compare](compare.md).

{models}

{losses}

The two wines repeat 240 and 937 of their rows, and trees know those by heart. Without
the repeated rows (five splits, `pellucid compare FILE --target -1 --models forest`) the
network is as good as the forest: red 59.26% ± 2.17% against 59.85% ± 1.99%, white
54.77% ± 2.01% against 54.27% ± 2.32%. `compare` warns of such rows.

## Does the recommendation hold?

It was made on the first splits, and is looked at on as many others, which nothing was
chosen by: it holds where the model to take is the best again, or can't be told from
the best. **It holds on {held} of {of} sets ({share:.0f}%).**

{said}

How sure the default network is on these sets: [confidence](confidence.md).

Measured {days}, on two cores that others used too: seconds tell what is many times as
fast as what, and no more. `python benchmarks/compare.py` measures the sets that have no
result yet, `python benchmarks/compare.py SET` that one again; `--page` makes this page
from `benchmarks/results/compare.json`.
"""


def standings(found, which):
    """The first or second comparison of a set."""
    seeds = list(dict.fromkeys(fit["split"] for fit in found[which]))
    words = {key: found[key] for key in ("models", "classes")}
    return Standings.from_json({**words, "seeds": seeds, "fits": found[which]})


def holds(first, second):
    """Whether what is said to be taken is best again, or can't be told from it."""
    best = second.ranked[0]
    return first.choice == best or first.choice in second.ties(best)


def state(found):
    """How the network stands to the best model."""
    best = found.ranked[0]
    if best == NETWORK:
        return "the best"
    if NETWORK in found.level(best):
        return "as good"
    return "behind" if NETWORK in found.ties(best) else "worse"


def score_lines(results):
    """The table of scores, and how often the network is what."""
    lines, states = [], []
    for name, found in results.items():
        first = standings(found, "first")
        best = first.ranked[0]
        cells = [
            f"**{first.say(model)}**" if model == best else first.say(model)
            for model in found["models"]
        ]
        states.append(state(first))
        known = found["known"] / found["first"][0]["test_rows"]
        cells = [name, f"{found['rows']:,}", f"{100 * known:.0f}%", *cells, states[-1]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([HEAD, *lines]), states


def losses(results, states):
    """Where the network is worse than the best, and by how much."""
    told = []
    for (name, found), how in zip(results.items(), states, strict=True):
        first = standings(found, "first")
        best = first.ranked[0]
        if how in ("worse", "behind"):
            gap = first.mean(best) - first.mean(NETWORK)
            unit = f"{100 * gap:.2f} points" if first.classes else f"R² {gap:.4f}"
            p = first.p_value(best, NETWORK)
            told.append(f"- {name}: {how}, {unit} behind {best} (p = {p:.2g})")
    counts = ", ".join(f"{how} {states.count(how)}" for how in dict.fromkeys(states))
    start = f"Of {len(states)} sets the network is: {counts}. Where it loses:"
    return "\n".join([start, "", *told])


def said_lines(results):
    """The table of what is said, and on how many sets it holds."""
    lines, held = [], 0
    for name, found in results.items():
        first, second = standings(found, "first"), standings(found, "second")
        good = holds(first, second)
        held += good
        told = "yes" if good else f"no: {second.ranked[0]}"
        seconds = [
            f"{first.mean(model, 'fit_seconds'):.2g}"
            for model in (NETWORK, first.choice)
        ]
        lines.append(f"| {name} | {first.answer()} | {told} | {' | '.join(seconds)} |")
    return "\n".join([SAID, *lines]), held


def page(results):
    """docs/comparison-table.md."""
    results = {name: results[name] for name in ORDER if name in results}
    missing = [name for name in ORDER if name not in results]
    models, states = score_lines(results)
    said, held = said_lines(results)
    days = sorted({found["day"] for found in results.values()})
    return PAGE.format(
        splits=SPLITS,
        fewer=FEWER,
        long=", ".join(LONG),
        rows=ROWS,
        kdd=KDD_ROWS,
        missing=f" Not measured yet: {', '.join(missing)}." if missing else "",
        models=models,
        losses=losses(results, states),
        said=said,
        held=held,
        of=len(results),
        share=100 * held / len(results),
        days=" to ".join(dict.fromkeys((days[0], days[-1]))),
    )


def main():
    """Measure sets, keep what was found and write the page."""
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
    PAGE_FILE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
