"""Pictures of one's own, and what may change in them."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from command_line import typed
from pellucid import load, recipes, train
from pellucid.data.images.digit import to_input
from pellucid.evaluation.stress import ANGLES, BRIGHTNESS, NOISE, SHIFTS, stress
from tolerances import CLOSED


def test_S1_03_what_a_network_loses_under_irrelevant_change(data_dir):
    # "Features invariant to irrelevant, sensitive to relevant change."
    mnist = load("mnist", data_dir=data_dir)
    chosen = recipes.settings("3b1b", epochs=1)
    network = recipes.build(chosen, mnist)
    some = mnist.train.rows(np.arange(10_000))
    for _ in train(network, some, optimizer="sgd", eta=3.0, batch_size=10, epochs=6,
                   cost="quadratic"):  # fmt: skip
        pass
    found = stress(network, mnist, count=300, pipeline=False)
    by = {
        kind: [e for e in found if e.kind == kind] for kind in {e.kind for e in found}
    }
    (whole,) = by["none"]
    assert whole.plain > 0.8
    assert [e.amount for e in by["shift"]] == list(SHIFTS) == [1, 2, 3, 4]
    assert [e.amount for e in by["rotation"]] == list(ANGLES)
    assert [e.amount for e in by["brightness"]] == list(BRIGHTNESS)
    assert [e.amount for e in by["noise"]] == list(NOISE)
    # The more it is shifted or turned, the less is left; nothing was learned of that.
    left = [whole.plain, *(e.plain for e in by["shift"])]
    assert left == sorted(left, reverse=True) and left[-1] < whole.plain / 2
    turned = [e.plain for e in by["rotation"]]
    assert turned[0] > turned[-1]


def drawn(kind, random):
    """A 24×24 picture: two wheels and a frame, or walls and a roof; dark on light."""
    picture = Image.new("L", (24, 24), 235)
    pen, (left, top) = ImageDraw.Draw(picture), random.randint(1, 5, 2)
    size = random.randint(14, 18)
    right, bottom = left + size, top + size
    if kind == "motorcycle":
        r = size // 3
        for x in (left, right - r):
            pen.ellipse((x, bottom - r, x + r, bottom), outline=30, width=2)
        pen.line((left + r // 2, bottom - r, right - r // 2, bottom - r), fill=30)
        pen.line((right - r, bottom - r, right - r // 2, top + size // 2), fill=30)
    else:
        middle, eaves = (left + right) // 2, top + size // 3
        pen.polygon([(left, eaves), (middle, top), (right, eaves)], outline=30)
        pen.rectangle((left + 2, eaves, right - 2, bottom), outline=30)
    grain = random.randint(-20, 20, (24, 24))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype("uint8"))


def test_S1_04_motorcycles_and_houses_in_folders(tmp_path, capsys):
    # The lecture's pictures, in one folder a class, go in as they lie there.
    random = np.random.RandomState(0)
    for kind in ("house", "motorcycle"):
        (tmp_path / "photos" / kind).mkdir(parents=True)
        for number in range(60):
            picture = drawn(kind, random)
            picture.save(tmp_path / "photos" / kind / f"{number}.png")
    said = typed(capsys, "train", tmp_path / "photos", "--runs", tmp_path / "runs",
                 "--json")  # fmt: skip
    assert said.status == 0, said
    assert "120 examples" in said.out and "(24×24), 2 classes" in said.out
    assert said.json["test_accuracy"] > 0.9


@pytest.mark.parametrize("dark", [True, False])
def test_S4_07_the_polarity_of_the_ink_is_found_and_said(dark):
    # "Black line on white canvas": the network's brightness means ink.
    image = np.full((40, 40), 0.95 if dark else 0.05)
    image[8:32, 18:23] = 0.05 if dark else 0.95
    first, second, *_, last = to_input(image)
    assert (first.name, second.name) == ("grey", "polarity")
    assert ("dark ink" in second.said) == dark and "found" in second.said, second.said
    other = to_input(1.0 - image)[-1].image
    assert abs(last.image - other).max() < CLOSED
    assert last.image.max() > 0.5 > last.image[0, 0]  # ink is bright for the network
