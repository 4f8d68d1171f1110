"""How far the default network's answers can be believed, on fourteen tables and MNIST.

    python benchmarks/confidence.py               all; writes into docs/confidence.md
    python benchmarks/confidence.py SET ...       some; prints their lines only

On each of five splits the default network is trained, calibrated on its validation part
and looked at once, on the test part: log loss and calibration error before and after
the temperature, and how often 90% sets or intervals hold the truth. Of MNIST 10,000
images are learned from. Files are looked for in the folder PELLUCID_DATA, else in
../shared/data.
"""

import argparse

import numpy as np

from compare import drawer as few_rows
from pages import data_folder, put
from pellucid import read, recipes
from pellucid.data.tables import read_table
from pellucid.evaluation import reliability
from pellucid.evaluation.confidence import confidence, logits
from pellucid.mathematics.calibration import softmax
from tables import MORE, SETS, progress

FIRST, SPLITS = 500, 5
"""Seed of the first split, and how many."""

ENOUGH = 5_000
"""Test rows of all splits together, from which on a calibration error is judged."""

COVERAGE = 0.9
MNIST = "mnist"
BY_LOT = 20
"""Times that labels are drawn from the probabilities, to see what chance makes."""


def drawer(name, folder):
    """What draws a split of a set by its seed."""
    if name == MNIST:
        return few_rows(name, folder)
    file, target = SETS[name]
    more = dict(MORE.get(name, {}))
    if "test_file" in more:
        more["test_file"] = folder / more["test_file"]
    table = read_table(folder / file)
    return lambda seed: read(table, target, seed=seed, **more)


def by_chance(p, random):
    """The calibration error that true probabilities would show on as many rows."""
    edges = p.cumsum(axis=1)[:, :-1]
    drawn = ((random.random((len(p), 1)) > edges).sum(axis=1) for _ in range(BY_LOT))
    return np.mean([reliability(p, labels).ece for labels in drawn])


def of_split(data, seed):
    """What one network shows on its test part.

    Returns:
        Rows of the test part; share that was held; mean size of a set, or of an
        interval over the target's standard deviation; for classes also log loss and
        calibration error before and after, what chance makes of the latter, and all
        calibrated probabilities with their labels.
    """
    settings = recipes.settings(None, data, seed=seed)
    network = recipes.build(settings, data)
    for _ in recipes.run(settings, network, data):
        pass
    found = confidence(network, data, "test", (COVERAGE,))
    size = found.size.mean()
    if data.classes is None:
        truth = np.asarray(data.encoding.decode(data.test.y), float)
        return found.count, found.covered.mean(), size / truth.std()
    p = softmax(logits(network, data.test) / found.calibration.temperature)
    chance = by_chance(p, np.random.default_rng(seed))
    errors = (found.before.ece, found.after.ece, chance)
    more = (*found.log_loss, *errors, p, data.test.labels)
    return found.count, found.covered.mean(), size, *more


def line(name, folder):
    """A set's line of the table, and its figures."""
    draw, splits = drawer(name, folder), []
    for seed in range(FIRST, FIRST + SPLITS):
        progress(f"{name}: split {seed - FIRST + 1} of {SPLITS}")
        splits.append(of_split(draw(seed), seed))
    progress("")
    rows, held, size, *more = zip(*splits, strict=True)
    found = {"held": np.mean(held)}
    kind, cells = "intervals", ["", "", "", "", "", ""]
    if more:
        *means, p, labels = more
        before, after, ece, better, chance = (np.mean(each) for each in means)
        pooled = reliability(np.vstack(p), np.concatenate(labels)).ece
        known = sum(rows) >= ENOUGH
        found |= {"gain": before - after, "ece": pooled if known else np.nan}
        figures = (before, after, ece, better, chance, pooled)
        kind, cells = "sets", [f"{each:.4f}" for each in figures]
    shares = [f"{100 * each:.1f}%" for each in (np.mean(held), min(held))]
    cells = [f"{rows[0]:,}", *cells, kind, *shares, f"{np.mean(size):.2f}"]
    return f"| {name} | {' | '.join(cells)} |", found


HEAD = [
    "| set | test rows | log loss | calibrated | ECE | calibrated | chance "
    "| all splits | 90% | held | least | size |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|",
]

SUMMARY = """
Calibrated log loss is lower or the same on {better} of {classes} sets with classes. The
calibration error over all splits is {error:.4f} at most on the {known} sets with
{enough:,} test rows in them. What 90% was asked of held {mean:.1f}% on average over the
{all} sets, and {least:.1f}% on the worst.
"""


def summary(found):
    """What the figures of all sets come to, in sentences."""
    gains = [each["gain"] for each in found if "gain" in each]
    errors = [each["ece"] for each in found if np.isfinite(each.get("ece", np.nan))]
    held = [100 * each["held"] for each in found]
    told = SUMMARY.format(
        better=sum(gain >= 0 for gain in gains),
        classes=len(gains),
        error=max(errors),
        known=len(errors),
        enough=ENOUGH,
        mean=np.mean(held),
        least=min(held),
        all=len(held),
    )
    return told.rstrip().split("\n")


def main():
    """Print the table; write it into the page if it is all of it."""
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sets = [*SETS, MNIST]
    known.add_argument("sets", nargs="*", metavar="SET", help=", ".join(sets))
    asked = known.parse_args()
    for name in set(asked.sets) - set(sets):
        known.error(f"no such set: {name}")
    print("\n".join(HEAD), flush=True)
    lines, figures = list(HEAD), []
    for name in asked.sets or sets:
        text, found = line(name, data_folder())
        print(text, flush=True)
        lines.append(text)
        figures.append(found)
    if not asked.sets:
        put("confidence.md", "confidence.py", [*lines, *summary(figures)])


if __name__ == "__main__":
    main()
