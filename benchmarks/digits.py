"""MNIST's test images shifted and inverted, read plain and through the digit pipeline.

    python benchmarks/digits.py             all 10,000 images; writes docs/digits.md
    python benchmarks/digits.py --count N   the first N; under 2,000 it only prints

Networks of the lectures learn MNIST as it is. Then they are shown its test images
moved by 1 to 4 pixels up, down, left and right (what leaves is lost), and with dark and
bright exchanged: as they are, and after `pellucid.data.images.digit.to_input`, the
steps of `pellucid predict --image`. The files are looked for in PELLUCID_DATA, else in
../shared/data, else loaded.
"""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

import numpy as np

from pellucid import load, recipes
from pellucid.data.images.digit import to_input
from pellucid.evaluation.stress import shifted

RECIPES = ("3b1b", "nielsen-30")
LEAST = 2_000  # images that a page is worth
SHIFTS = (1, 2, 3, 4)
WAYS = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


def distorted(images):
    """What is done to the images: words, and the pictures of each way of doing it."""
    yield "as they are", {"": images}
    for by in SHIFTS:
        moved = {way: shifted(images, by * y, by * x) for way, (y, x) in WAYS.items()}
        yield f"shifted by {by}", moved
    yield "inverted", {"": 1 - images}


def treated(images, what):
    """Each image after all steps."""
    made = np.empty((len(images), 28, 28), np.float32)
    for number, image in enumerate(images):
        made[number] = to_input(image)[-1].image
        if number % 500 == 0:
            progress(f"{what}: {number:,} of {len(images):,}")
    return made


def progress(text):
    """What is going on, in one line where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def trained(name, data):
    """A lectures' network after all epochs of its recipe."""
    chosen = recipes.settings(name)
    network = recipes.build(chosen, data)
    for report in recipes.run(chosen, network, data):
        progress(f"{name}: {report}")
    return network


def accuracies(network, pictures, labels):
    """Share of right answers for each way of distorting."""
    shown = (each.reshape(len(each), -1).astype(network.dtype) for each in pictures)
    return np.array([(network(x).argmax(1) == labels).mean() for x in shown])


def measure(count, data):
    """Lines of the table."""
    images = data.test.x[:count].reshape(-1, 28, 28)
    labels = data.test.labels[:count]
    networks = [trained(name, data) for name in RECIPES]
    own = [accuracies(network, [images], labels)[0] for network in networks]
    lines = []
    for what, ways in distorted(images):
        steps = [treated(each, f"{what} {way}") for way, each in ways.items()]
        cells = [what]
        for network, whole in zip(networks, own, strict=True):
            plain = accuracies(network, ways.values(), labels)
            after = accuracies(network, steps, labels)
            cells += [f"{100 * plain.mean():.2f}", f"{100 * after.mean():.2f}"]
            cells.append(f"{100 * (after.mean() - whole):+.2f}")
            if len(ways) > 1:
                cells[-1] += f" (worst way {100 * (after.min() - whole):+.2f})"
        lines.append("| " + " | ".join(cells) + " |")
        progress("")
        print(lines[-1], flush=True)
    return lines


PAGE = """\
# Other people's digits: what the pipeline undoes

Networks that learned MNIST as it is, shown its first {count:,} test images moved by
whole pixels (mean over up, down, left and right; ink that leaves the picture is lost)
and inverted: accuracy in per cent, plain and after the steps of
`pellucid.data.images.digit`, which are those of `pellucid predict --image`. "Change"
is that against the same network's plain accuracy on the images as they are.

{table}

The steps find the ink whatever its place and polarity, so a shift by 1 pixel and one by
3 end in the same picture, as long as no ink left the first one. Where the worst way of
a shift by 4 loses more than a point, some did (moved down by 4, more than half of the
images lose some): what is gone, no step brings back. As they are, MNIST's images pass
through nearly unchanged: the first line says what the steps themselves cost.

784-16-16-10 is 3Blue1Brown's network, 784-30-10 Nielsen's, each after all epochs of
its recipe. Measured {day}. Again: `python benchmarks/digits.py --count {plain}`,
which takes a millisecond an image and way of distorting it. For rotation, brightness
and noise, and a network of your own: `pellucid stress RUN`.
"""


def main():
    """Print the table; write the page if all images were asked."""
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known.add_argument("--count", type=int, default=10_000, help="test images")
    count = known.parse_args().count
    beside = Path(__file__).parents[2] / "shared" / "data"
    given = os.environ.get("PELLUCID_DATA")
    data = load("mnist", given or (beside if beside.is_dir() else None))
    titles, rule = ["images"], ["---"]
    for name in RECIPES:
        sizes = "-".join(map(str, [784, *recipes.settings(name)["layers"], 10]))
        titles += [f"{sizes} plain", "after the steps", "change"]
        rule += ["---:"] * 3
    head = ["| " + " | ".join(titles) + " |", "|" + "|".join(rule) + "|"]
    print("\n".join(head), flush=True)
    lines = measure(count, data)
    if count >= LEAST:
        path = Path(__file__).parents[1] / "docs" / "digits.md"
        text = PAGE.format(
            count=count,
            table="\n".join(head + lines),
            day=date.today().isoformat(),
            plain=count,
        )
        path.write_text(text, encoding="utf-8")
        print(f"written to {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
