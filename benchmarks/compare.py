"""The network against five other models on real tables: what `pellucid compare` says.

    python benchmarks/compare.py               all sets; writes docs/comparison-table.md
    python benchmarks/compare.py SET ...       some; prints their lines only

For each set five splits to recommend by, and five others to see whether the
recommendation holds there: whether what was recommended is the best model again or
can't be told from it. Of each training part at most 10,000 rows are learned from. The
confidence of the default network is measured on the same five other splits: log loss
and calibration error before and after the temperature, and what 90% sets and intervals
hold. Files are looked for in the folder PELLUCID_DATA, else in ../shared/data.
"""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

import numpy as np

from pellucid import load, read, recipes, split
from pellucid.cli.compare import fewer
from pellucid.comparison import Comparison
from pellucid.data.tables import read_table
from pellucid.evaluation.confidence import confidence
from tables import MORE, SETS, progress

ROWS = 10_000
SPLITS = 5
FIRST, SECOND = 300, 400
"""Seeds of the first split to recommend by, and of the first to check by."""

MNIST = "mnist"
COVERAGE = 0.9


def drawer(name, folder):
    """What draws a split of a set by its seed."""
    if name == MNIST:
        data = load(MNIST, folder)
        return lambda seed: fewer(split(data, seed=seed), ROWS)
    file, target = SETS[name]
    more = dict(MORE.get(name, {}))
    if "test_file" in more:
        more["test_file"] = folder / more["test_file"]
    table = read_table(folder / file)
    return lambda seed: fewer(read(table, target, seed=seed, **more), ROWS)


def compared(name, draw, first):
    """A comparison on SPLITS splits."""
    found = Comparison(draw, range(first, first + SPLITS))
    for fit in found.run():
        progress(f"{name}: split {fit.split}, {fit.model}")
    progress("")
    return found


def sure(name, draw):
    """Log loss and ECE before and after, and coverage, means over the second splits."""
    figures = []
    for seed in range(SECOND, SECOND + SPLITS):
        data = draw(seed)
        settings = recipes.settings(None, data, seed=seed)
        network = recipes.build(settings, data)
        progress(f"{name}: split {seed}, confidence")
        for _ in recipes.run(settings, network, data):
            pass
        found = confidence(network, data, "test", (COVERAGE,))
        nothing = (np.nan, np.nan)
        ece = nothing
        if found.before is not None:
            ece = (found.before.ece, found.after.ece)
        figures.append([*(found.log_loss or nothing), *ece, found.covered.mean()])
    progress("")
    return np.mean(figures, axis=0)


def line(name, folder):
    """A set's line of each table."""
    draw = drawer(name, folder)
    found, again = (compared(name, draw, first) for first in (FIRST, SECOND))
    best = found.ranked[0]
    holds = best == again.ranked[0] or best in again.ties(again.ranked[0])
    cells = [
        f"**{found.say(model)}**" if model == best else found.say(model)
        for model in found.models
    ]
    holding = "yes" if holds else f"no: {again.ranked[0]}"
    before, after, ece, better, held = sure(name, draw)
    shown = [f"{x:.4f}" if np.isfinite(x) else "" for x in (before, after, ece, better)]
    models = f"| {name} | {' | '.join(cells)} | {found.answer()} | {holding} |"
    return models, f"| {name} | {' | '.join(shown)} | {100 * held:.1f}% |"


HEAD = """\
| set | network | linear | neighbours | svm | forest | boosting | the sentence | holds |
|---|---|---|---|---|---|---|---|---|"""

SURE = """\
| set | log loss | calibrated | ECE | calibrated | held by 90% |
|---|---|---|---|---|---|"""

PAGE = """\
# The network beside other models

What `pellucid compare` says with five splits, each model with its defaults, learning
from at most {rows:,} rows. Accuracy or R², mean ± standard deviation over the splits;
the best mean is bold. "Holds": on five other splits, what was best is so again, or
can't be told from what is.

{models}

The default network's confidence on these other splits: mean log loss and calibration
error on the test parts before and after a temperature that was fitted to the validation
part, and the share of truths that sets or intervals for 90% held.

{sure}

Measured {day}. Again: `python benchmarks/compare.py`.
"""


def main():
    """Print the tables; write the page if it is all of them."""
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sets = [*SETS, MNIST]
    known.add_argument("sets", nargs="*", metavar="SET", help=", ".join(sets))
    asked = known.parse_args()
    for name in set(asked.sets) - set(sets):
        known.error(f"no such set: {name}")
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PELLUCID_DATA") or beside)
    both = []
    for name in asked.sets or sets:
        both.append(line(name, folder))
        print("\n".join(both[-1]), flush=True)
    if not asked.sets:
        models, certain = ("\n".join(each) for each in zip(*both, strict=True))
        page = PAGE.format(
            rows=ROWS,
            models=f"{HEAD}\n{models}",
            sure=f"{SURE}\n{certain}",
            day=date.today().isoformat(),
        )
        path = Path(__file__).parents[1] / "docs" / "comparison-table.md"
        path.write_text(page, encoding="utf-8")
        print(f"written to {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
