"""What tuning gains on real tables, and what finding the hidden layers gains.

    python benchmarks/tuning.py                 all sets; writes docs/tuning.csv
    python benchmarks/tuning.py SET ...         some; prints their lines only
    python benchmarks/tuning.py --table         the table again, from docs/tuning.csv

Of each set 3,500 rows are learned from, 500 are validated on and up to 10,000 are
tested on, once, on SPLITS splits. Beside the network that `pellucid train` trains:

- `tune`: what `pellucid tune` recommends after --time SECONDS, over alpha, width,
  depth, η, mini-batch and dropout;
- `auto`: `pellucid train --layers auto`;
- `random`: the best by validation of 25 networks whose hidden layers are drawn by lot:
  one to three of them, 8 to 256 units each.

A line is written as soon as a set is through, and what is written is not done again.
The files are looked for in the folder PELLUCID_DATA, else in ../shared/data.
"""

import argparse
import csv
import os
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from pellucid import evaluation, read, recipes
from pellucid.data.tables import read_table
from pellucid.runs import results
from pellucid.training.population import train_all
from pellucid.tuning import Tuning, auto
from pellucid.tuning.space import SPACE
from tables import MORE, SETS

FIRST, SPLITS = 400, 2
"""Seeds of the splits: FIRST and the next ones."""

ROWS = {"train": 3_500, "validation": 500, "test": 10_000}
"""Of each part, at most."""

DRAWN, WIDEST = 25, 256
"""Networks by lot, and the largest number of units in a layer of theirs."""

OUT = Path(__file__).parents[1] / "docs" / "tuning.csv"
COLUMNS = (
    "set", "split", "measure", "inputs", "default", "tune", "auto", "random",
    "tuned", "p", "trials", "overrun", "layers", "wall", "cpu", "drawn", "seconds",
)  # fmt: skip


def some(name, folder, seed):
    """A set with at most ROWS rows in its parts."""
    file, target = SETS[name]
    more = dict(MORE.get(name, {}))
    if "test_file" in more:
        more["test_file"] = folder / more["test_file"]
    data = read(read_table(folder / file), target, seed=seed, **more)
    rows, counts, first = [], {}, 0
    for part, have in data.counts.items():
        counts[part] = min(have, ROWS[part])
        rows.append(np.arange(first, first + counts[part]))
        first += have
    return replace(data.rows(np.concatenate(rows)), counts=counts)


def score(network, part, settings):
    """Accuracy or R²."""
    found = evaluation.evaluate(network, part, results.cost_of(settings, network))
    return found.r2 if found.accuracy is None else found.accuracy


def fit(settings, data):
    """A network with these settings."""
    network = recipes.build(settings, data)
    for _ in recipes.run(settings, network, data):
        pass
    return network


def timed(work):
    """What comes of it, and seconds: by the wall, and of all cores."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def by_lot(base, data, seed):
    """The best by validation of networks drawn by lot, and its hidden layers."""
    random = np.random.RandomState(seed)
    chosen = []
    for _ in range(DRAWN):
        depth = random.randint(1, 4)
        widths = np.exp(random.uniform(np.log(8), np.log(WIDEST + 1), depth))
        chosen.append({**base, "layers": [int(width) for width in widths]})
    networks = [recipes.build(settings, data) for settings in chosen]
    each = [{name: s[name] for name in recipes.TRAIN_WORDS} for s in chosen]
    for _ in train_all(networks, data, each, monitor="none"):
        pass
    judged = [score(network, data.validation, base) for network in networks]
    best = int(np.argmax(judged))
    return score(networks[best], data.test, base), chosen[best]["layers"]


def tuned(base, data, seconds, seed):
    """What `tune` recommends, its score, and how it came to that."""
    found = Tuning(data, SPACE, 32, 5, seed=seed)
    begun = time.perf_counter()
    for _ in found.run(seconds):
        pass
    spent = time.perf_counter() - begun
    settings = {**base, **found.changes}
    reached = score(fit(settings, data), data.test, base) if found.changes else None
    words = " ".join(f"{k}={v}" for k, v in found.changes.items()).replace(", ", "x")
    return {
        "tune": reached,
        "tuned": words.replace("[", "").replace("]", ""),
        "p": found.p_value,
        "trials": len(found.trials) - 1,
        "overrun": max(spent - seconds, 0) / seconds,
        "seconds": seconds,
    }


def line(name, folder, seed, seconds):
    """One set on one split."""
    data = some(name, folder, seed)
    base = recipes.settings(None, data, seed=seed)
    fit(base, data)  # the first time is slower
    network, wall, cpu = timed(lambda: fit(base, data))
    words = {"set": name, "split": seed, "inputs": data.inputs}
    words["measure"] = "R²" if data.classes is None else "accuracy"
    words["default"] = score(network, data.test, base)

    def found():
        settings, _ = auto.settings(None, data, seed=seed, layers="auto")
        return settings, fit(settings, data)

    (settings, network), wall_auto, cpu_auto = timed(found)
    words["auto"] = score(network, data.test, base)
    words["layers"] = "x".join(map(str, settings["layers"]))
    words["wall"], words["cpu"] = wall_auto / wall, cpu_auto / cpu
    words["random"], layers = by_lot(base, data, seed)
    words["drawn"] = "x".join(map(str, layers))
    words.update(tuned(base, data, seconds, seed))
    words["tune"] = words["default"] if words["tune"] is None else words["tune"]
    return words


def written():
    """The lines that are there."""
    if not OUT.exists():
        return []
    with OUT.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def keep(words):
    """One more line."""
    new = not OUT.exists()
    with OUT.open("a", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if new:
            lines.writeheader()
        lines.writerow(
            {k: f"{v:.5g}" if isinstance(v, float) else v for k, v in words.items()}
        )


def mean_of(lines, column):
    """Of the values in some lines."""
    return float(np.mean([float(each[column]) for each in lines]))


def table(lines):
    """The table and the sentences under it, as docs/tuning.md has them."""
    rows = [
        "| set | measure | default | tune | auto | 25 by lot | tuned | layers found | "
        "auto's cost |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(each["set"] for each in lines):
        some = [each for each in lines if each["set"] == name]
        default = mean_of(some, "default")
        gains = [
            f"{mean_of(some, column) - default:+.4f}"
            for column in ("tune", "auto", "random")
        ]
        taken = sum(bool(each["tuned"]) for each in some)
        layers = ", ".join(each["layers"] for each in some)
        cells = [name, some[0]["measure"], f"{default:.4f}", *gains]
        cells += [f"{taken} of {len(some)}", layers, f"{mean_of(some, 'cpu'):.2f}"]
        rows.append("| " + " | ".join(cells) + " |")
    tune, found, drawn = (
        np.array([float(each[column]) - float(each["default"]) for each in lines])
        for column in ("tune", "auto", "random")
    )
    error = tune.std(ddof=1) / np.sqrt(len(tune))
    rows += [
        "",
        f"Mean gain over {len(lines)} lines: tune {tune.mean():+.4f} ± {error:.4f}, "
        f"auto {found.mean():+.4f}, 25 by lot {drawn.mean():+.4f}.",
        f"Worst: tune {tune.min():+.4f}, auto {found.min():+.4f}, 25 by lot "
        f"{drawn.min():+.4f}.",
        f"Auto's cost: {mean_of(lines, 'cpu'):.2f} fits, at most "
        f"{max(float(each['cpu']) for each in lines):.2f}; tune's overrun: at most "
        f"{100 * max(float(each['overrun']) for each in lines):.1f}%.",
    ]
    return "\n".join(rows)


def main():
    """Measure what is missing, line by line."""
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS))
    known.add_argument("--first", type=int, default=FIRST, help="seed of a split")
    known.add_argument("--splits", type=int, default=SPLITS)
    known.add_argument("--time", type=float, default=40.0, help="seconds for tune")
    known.add_argument("--table", action="store_true")
    asked = known.parse_args()
    for name in set(asked.sets) - SETS.keys():
        known.error(f"no such set: {name}")
    if asked.table:
        print(table(written()))
        return
    warnings.simplefilter("ignore")
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PELLUCID_DATA") or beside)
    for seed in range(asked.first, asked.first + asked.splits):
        for name in asked.sets or SETS:
            done = {(each["set"], int(each["split"])) for each in written()}
            if (name, seed) in done and not asked.sets:
                continue
            words = line(name, folder, seed, asked.time)
            print({k: words[k] for k in COLUMNS if k in words}, file=sys.stderr)
            if not asked.sets:
                keep(words)


if __name__ == "__main__":
    main()
