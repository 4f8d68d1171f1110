"""S2 and S4: any data, one algorithm; and what S1 leaves open of its cost."""

from pathlib import Path

import numpy as np
import pytest

from command_line import typed
from pellucid import COSTS
from pellucid.data import DATASETS

HERE = [name for name, known in DATASETS.items() if "mnist" not in name]
"""Bundled or generated: there without a download."""


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_S2_05_any_data_set_one_algorithm_one_command_each(at, capsys):
    # "Can be used with any data set": five, and nothing is said but the name.
    assert len(HERE) >= 5
    for name in HERE:
        said = typed(capsys, "train", "--data", name, "--epochs", 30, "--json")
        assert said.status == 0
        assert said.json["test_accuracy"] > 0.9, name


def of_houses(at):
    """A table of prices, which are no images."""
    random = np.random.RandomState(4)
    area, floor = random.uniform(30, 200, 300).round(), random.randint(0, 9, 300)
    town = random.choice(["Ulm", "Bonn"], 300)
    price = 3000 * area + 5000 * floor + 50_000 * (town == "Bonn")
    size = np.where(area > 110, "large", "small")
    rows = zip(area, floor, town, price, size, strict=True)
    lines = ["area,floor,town,price,size", *(",".join(map(str, row)) for row in rows)]
    (at / "houses.csv").write_text("\n".join(lines))


def test_S2_04_what_it_is_for_and_something_that_is_no_image(at, capsys, here):
    # "Applications: translation, speech, images, games."
    text = " ".join((Path(__file__).parents[2] / "README.md").read_text().split())
    assert "It is not for speech, translation or games" in text
    of_houses(at)
    assert typed(capsys, "train", "houses.csv", "--target", "price").status == 0
    assert typed(capsys, "evaluate", "--part", "test", "--json").json["r2"] > 0.9


def test_S4_05_the_same_principle_elsewhere(at, capsys, here):
    # "The same principle in cars and speech": the same command, other data.
    of_houses(at)
    words = ("--layers", 16, "--eta", 0.01, "--epochs", 40, "--json")
    scores = [
        typed(capsys, "train", *what, *words).json
        for what in (("houses.csv", "--target", "size"), ("--data", "digits"),
                     ("--data", "moons"))
    ]  # fmt: skip
    assert all(score["test_accuracy"] > 0.9 for score in scores), scores


def test_S1_19_what_a_cost_sums_over_and_its_factor_are_printed(capsys):
    # "C = (1/N) Σ (a_i - ŷ_i)²": N is what, ŷ is which, and where is the ½?
    told = typed(capsys, "cost", "quadratic").out
    assert "their sum, not their mean" in told  # over the outputs
    assert "C = (1/m) Σ_x C_x: their mean" in told  # over the examples
    assert "what output j should be; ŷ in others" in told
    random = np.random.RandomState(19)
    a, y = random.standard_normal((2, 7, 3))
    m, n = a.shape
    ours = COSTS["quadratic"]()(a, a, y).mean()
    written = {
        "(1/2m) Σ_x Σ_j (a_j - y_j)²": ((a - y) ** 2).sum() / (2 * m),
        "(1/m) Σ_x Σ_j (a_j - y_j)²": ((a - y) ** 2).sum() / m,
        "Σ_x Σ_j (a_j - y_j)²": ((a - y) ** 2).sum(),
        "(1/(m n_L)) Σ_x Σ_j (a_j - y_j)²": ((a - y) ** 2).sum() / (m * n),
    }
    ratios = {"1": 1, "2": 2, "2 m": 2 * m, "2 / n_L": 2 / n}
    for text, value in written.items():
        (line,) = [each for each in told.splitlines() if each.startswith(text + "  ")]
        times = line.removeprefix(text).strip().split("  ")[0]
        assert value / ours == pytest.approx(ratios[times])
    listed = typed(capsys, "cost", "--json")
    assert list(listed.json["costs"]) == list(COSTS)
