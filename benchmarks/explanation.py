"""Integrated gradients beside exact Shapley values, and how long neurons take.

    python benchmarks/explanation.py            all; prints the table of docs/explain.md
    python benchmarks/explanation.py SET ...    some of the sets
    python benchmarks/explanation.py letter --rows 20 --columns 16    2^16 coalitions

For each set: the default network that `pellucid train FILE --target COLUMN` trains on
one split, and 100 rows of its test part. What is explained is the output that is
answered: the probability of that class, or the number. Shapley values are exact, by
all 2^n coalitions of the n columns; a column that is not in one is at the baseline of
the integrated gradients, the average training row. The files are looked for as by
benchmarks/tables.py.
"""

import argparse
import os
import sys
import time
from math import factorial
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from pellucid import Network, load, read, recipes, train
from pellucid.data.tables import read_table
from pellucid.explanation import (
    attribute,
    columns_of,
    integrated_gradients,
    silenced,
)
from pellucid.explanation.columns import summed
from tables import MORE, SETS

SEED = 100
ROWS = 100
COLUMNS = 11
"""Above it, 2^n coalitions of every row take too long for a table."""


def trained(name, folder, seed):
    """A data set and the default network, trained on it."""
    file, target = SETS[name]
    more = dict(MORE.get(name, {}))
    if "test_file" in more:
        more["test_file"] = folder / more["test_file"]
    data = read(read_table(folder / file), target, seed=seed, **more)
    settings = recipes.settings(None, data, seed=seed)
    network = recipes.build(settings, data)
    for _ in recipes.run(settings, network, data):
        pass
    return network, data


def shapley(network, x, j, baseline, groups):
    """Exact Shapley values of output j at x, (n_0,), over the groups, (n,)."""
    n = len(groups)
    number = np.arange(1 << n)
    inside = (number[:, None] >> np.arange(n)) & 1
    there = np.zeros((len(number), len(x)), bool)
    for i, group in enumerate(groups):
        there[:, group.inputs] = inside[:, i, None]
    value = network(np.where(there, x, baseline))[:, j]
    size, found = inside.sum(axis=1), np.zeros(n)
    for i in range(n):
        without = number[inside[:, i] == 0]
        weight = [factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)]
        gain = value[without | 1 << i] - value[without]
        found[i] = (np.array(weight)[size[without]] * gain).sum()
    return found


def line(name, folder, rows=ROWS, columns=COLUMNS, seed=SEED):
    """One line of the table: with Shapley values for so many columns at most."""
    network, data = trained(name, folder, seed)
    groups, count = columns_of(data), min(rows, len(data.test))
    x = np.asarray(data.test.x[:count], np.float64)
    outputs = network(x).argmax(axis=1)
    found = attribute(network, data, x, outputs)
    cells = [name, len(groups), data.inputs, f"{100 * found.error:.2f}%"]
    cells.append(f"{found.pieces.mean():.0f}")
    if len(groups) > columns:
        return [*cells, "", ""]
    exact = [
        shapley(network, row, j, found.baseline, groups)
        for row, j in zip(x, outputs, strict=True)
    ]
    straight = integrated_gradients(network, x, outputs, found.baseline)
    for each in (found, straight):
        ranks = [
            spearmanr(one, other).statistic
            for one, other in zip(summed(each.values, groups), exact, strict=True)
        ]
        error = np.std(ranks, ddof=1) / np.sqrt(count)
        cells.append(f"{np.mean(ranks):.3f} ± {error:.3f}")
    return cells


def images():
    """The error on MNIST, and the seconds that all neurons take."""
    data = load("mnist")
    network = Network([784, 30, 10], "sigmoid", seed=SEED)
    for _ in train(network, data, epochs=3, seed=SEED):
        pass
    x = data.test.x[:ROWS].astype(np.float64)
    found = attribute(network, data, x, network(x).argmax(axis=1))
    cells = ["mnist, 784-30-10", 784, 784, f"{100 * found.error:.2f}%"]
    cells.append(f"{found.pieces.mean():.0f}")
    show([*cells, "", ""])
    begun = time.perf_counter()
    silenced(network, data.test)
    seconds = time.perf_counter() - begun
    print(f"\n40 neurons silenced on {len(data.test):,} images: {seconds:.2f} s")


HEAD = """\
| set | columns | inputs | completeness error | pieces | Spearman | straight |
|---|---|---|---|---|---|---|"""


def show(cells):
    """A line of the table."""
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main():
    """Print the table."""
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS))
    known.add_argument("--rows", type=int, default=ROWS, help="of each set")
    known.add_argument(
        "--columns", type=int, default=COLUMNS, help="for Shapley values"
    )
    known.add_argument("--seed", type=int, default=SEED, help="of split and network")
    asked = known.parse_args()
    for name in set(asked.sets) - SETS.keys():
        known.error(f"no such set: {name}")
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PELLUCID_DATA") or beside)
    print(HEAD, flush=True)
    for name in asked.sets or SETS:
        print(name, file=sys.stderr)
        show(line(name, folder, asked.rows, asked.columns, asked.seed))
    if not asked.sets:
        images()


if __name__ == "__main__":
    main()
