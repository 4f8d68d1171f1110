"""How soon a plain feed-forward network knows MNIST.

    python benchmarks/speedrun.py [--recipe NAME ...] [--seeds N]

From the uint8 arrays of 60,000 images in memory to trained weights, all preparation
included: seconds of the wall, on all cores; then the share of the 10,000 test images
that is right. The recipes (`pellucid train --recipe fast-98`) were chosen on the
validation part, trained on the other 50,000; here they learn from all 60,000. A seed is
another start and another order. A run counts where the mean over the seeds reaches what
the recipe is called by, and none is more than 0.2 points below.

The first run of the process, with everything cold, is told apart. Ends with 1 where a
recipe misses its accuracy.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import machine
from pellucid import Dataset, Network, load, train
from pellucid._files import write_atomic
from pellucid.recipes import settings

RESULT = Path(__file__).with_name("results") / "speedrun.json"
GOALS = {"fast-98": 98.0, "fast-98.5": 98.5}
BELOW = 0.2
"""Points that a seed may be below the goal."""


def arrays() -> tuple[np.ndarray, np.ndarray, Dataset]:
    """60,000 images as bytes, their labels, and the test part."""
    data = load("mnist")
    learned = len(data) - len(data.test)
    images = np.rint(data.x[:learned] * 255).astype(np.uint8)
    return images.reshape(-1, 28, 28), data.labels[:learned], data.test


def run(recipe: str, images: np.ndarray, labels: np.ndarray, seed: int) -> Network:
    """A trained network; everything in here is timed."""
    asked = settings(recipe, seed=seed)
    data = Dataset.from_pixels(images, labels)
    sizes = [data.inputs, *asked["layers"], data.outputs]
    network = Network(
        sizes, asked["hidden"], asked["output"], initializer=asked["initializer"],
        seed=seed,
    )  # fmt: skip
    words = ("optimizer", "eta", "schedule", "batch_size", "epochs", "l2", "dropout")
    chosen = {word: asked[word] for word in words}  # type: ignore[literal-required]
    for _ in train(network, data, seed=seed, monitor="none", **chosen):
        pass
    return network


def main() -> None:
    """Measure, print, judge, save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--recipe", action="append", choices=list(GOALS))
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    images, labels, test = arrays()
    told, missed = {}, False
    for recipe in options.recipe or GOALS:
        begin = time.perf_counter()
        run(recipe, images, labels, seed=0)
        cold = time.perf_counter() - begin
        seconds, right = [], []
        for seed in range(options.seeds):
            begin = time.perf_counter()
            network = run(recipe, images, labels, seed)
            seconds.append(time.perf_counter() - begin)
            right.append(float((network(test.x).argmax(1) == test.labels).mean() * 100))
        goal = GOALS[recipe]
        reached = statistics.mean(right) >= goal and min(right) >= goal - BELOW
        missed |= not reached
        told[recipe] = {"cold": cold, "seconds": seconds, "right": right}
        print(
            f"{recipe}: {statistics.median(seconds):.3f} s (from {min(seconds):.3f} to "
            f"{max(seconds):.3f}; cold {cold:.3f}), {statistics.mean(right):.2f}% of "
            f"the test images (from {min(right):.2f} to {max(right):.2f}, "
            f"{options.seeds} seeds): {'reached' if reached else 'missed'}",
            flush=True,
        )
    if options.seeds >= 10 and not options.recipe:
        found = {"machine": machine.describe(), "recipes": told}
        write_atomic(RESULT, (json.dumps(found, indent=1) + "\n").encode())
    sys.exit(missed)


if __name__ == "__main__":
    main()
