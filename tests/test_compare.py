"""`pellucid compare`: a network beside other models, and which to take."""

import csv
import math
import re

import numpy as np
import pytest

from command_line import refused, typed
from pellucid import Dataset, InputError, load, split
from pellucid.cli import compare as command
from pellucid.comparison import NETWORK, Comparison, Fit, corrected_p
from pellucid.comparison.rivals import RIVALS, available
from pellucid.plots import ModelsDisplay
from tolerances import CLOSED

QUICK = ("--rows", 150, "--splits", 2, "--epochs", 2)


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def some_digits(seed):
    return command.fewer(split(load("digits"), seed=seed), 200)


def planes(seed):
    """Two numbers that a plane gives, nearly."""
    random = np.random.RandomState(0)
    x = random.standard_normal((200, 4))
    y = x @ random.standard_normal((4, 2)) + 0.01 * random.standard_normal((200, 2))
    return split(Dataset.from_arrays(x, y, name="planes"), seed=seed)


def finished(**scores):
    """A comparison with these scores, one a split, and seconds by the place."""
    found = Comparison(some_digits, range(5), ["linear", "svm", "forest"])
    for place, (model, each) in enumerate(scores.items()):
        for seed, score in enumerate(each):
            found.fits.append(Fit(model, seed, score, 0.1, 1.0 + 9 * place, 1, 80, 20))
    return found


def test_the_variance_of_splits_that_share_rows_is_nadeau_and_bengios():
    difference = np.array([0.01, 0.03, 0.02, 0.05])
    from scipy.stats import t

    ratio, s = 0.25, difference.std(ddof=1)
    want = 2 * t.sf(difference.mean() / (s * math.sqrt(1 / 4 + ratio)), 3)
    assert corrected_p(difference, ratio) == pytest.approx(want, rel=CLOSED)
    assert corrected_p(difference, 0.0) < want  # rows shared: less is known
    assert corrected_p(np.zeros(3), ratio) == 1
    assert corrected_p(np.full(3, 0.25), ratio) == 0


def test_every_rival_learns_the_digits():
    found = Comparison(some_digits, range(2), epochs=10)
    assert list(found.run()) == found.fits
    assert len(found.fits) == 2 * len(found.models)
    for model in available():
        assert found.mean(model) > 0.75, model
        assert math.isfinite(found.mean(model, "log_loss")) == (model != "svm")
    assert all(fit.fit_seconds > 0 and fit.predict_seconds > 0 for fit in found.fits)
    assert {fit.train_rows for fit in found.fits} == {200}


def test_numbers_are_compared_by_r2_several_at_once_too():
    found = Comparison(planes, range(2), ["linear", "svm", "boosting"], epochs=30)
    for _ in found.run():
        pass
    assert found.ranked[0] == "linear" and found.mean("linear") > 0.99
    assert "R² 1.0000 ±" in found.answer()
    assert all(math.isnan(fit.log_loss) for fit in found.fits)


def test_a_split_is_what_its_seed_says_and_the_same_for_all():
    ends = []
    for _ in range(2):
        found = Comparison(some_digits, [3, 4], ["linear"], [[8]], epochs=2)
        ends.append([(fit.model, fit.score) for fit in found.run()])
    assert ends[0] == ends[1] and len(ends[0]) == 6


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        (
            {NETWORK: [0.8, 0.81, 0.8], "svm": [0.9, 0.91, 0.91]},
            "is worse by more than chance .* take svm",
        ),
        (
            {NETWORK: [0.9, 0.91, 0.91], "svm": [0.8, 0.81, 0.8]},
            "Best: network, .* No other can be told from it by chance alone: take it",
        ),
        (
            {"linear": [0.9, 0.8, 0.91], NETWORK: [0.8, 0.91, 0.9]},
            "Within chance of it: .* learns 10 times as fast: take linear",
        ),
        (
            {NETWORK: [0.9, 0.8, 0.91], "forest": [0.8, 0.91, 0.9]},
            "Within chance of it: .* as good a choice as any",
        ),
        (
            {"svm": [0.95, 0.85, 0.97], NETWORK: [0.88, 0.86, 0.88]},
            "Within chance of it: network. So the network is no worse a choice",
        ),
        (
            {
                "linear": [0.93, 0.8, 0.85],
                "svm": [0.99, 0.9, 0.86],
                NETWORK: [0.98, 0.88, 0.89],
            },
            "Best: svm, .* So the network is no worse a choice",  # linear isn't as good
        ),
        ({"svm": [0.9, 0.8], "linear": [0.9, 0.8]}, "The network has no score"),
        ({NETWORK: [0.9]}, "nothing to compare yet"),
    ],
)
def test_the_sentence_says_which_to_take(scores, words):
    assert re.search(words, finished(**scores).answer()), finished(**scores).answer()


def test_after_the_time_nothing_more_is_begun():
    found = Comparison(some_digits, range(5), ["linear", "svm"], epochs=1)
    names = [fit.model for fit in found.run(seconds=1e-9)]
    assert names == [NETWORK]  # what was begun is ended


def test_a_kernel_machine_is_left_out_where_it_would_take_hours(monkeypatch):
    monkeypatch.setattr("pellucid.comparison.KERNEL_ROWS", 100)
    found = Comparison(some_digits, range(2), ["svm"], epochs=1)
    notes = [fit.note for fit in found.run() if fit.model == "svm"]
    assert notes == ["more than 100 training rows"] * 2
    assert found.ranked == [NETWORK]


def test_a_network_that_diverges_is_told_and_the_others_stand():
    found = Comparison(some_digits, range(2), ["linear"], epochs=1, eta=1e30)
    for _ in found.run():
        pass
    assert found.ranked == ["linear"] and found.fits[0].note


def test_compare_writes_a_line_a_fit_and_a_figure(at, capsys):
    words = ("--models", "linear,neighbours", "--layers", "8,8", "--json")
    said = typed(capsys, "compare", *QUICK, *words)
    assert said.status == 0, said
    lines = list(csv.DictReader((at / "compare.csv").read_text().splitlines()))
    assert len(lines) == 2 * 4 and {line["split"] for line in lines} == {"0", "1"}
    assert (at / "compare.png").read_bytes().startswith(b"\x89PNG")
    models = {each["model"]: each for each in said.json["models"]}
    assert list(models) == [NETWORK, "network 8x8", "linear", "neighbours"]
    for name, each in models.items():
        mine = [float(line["score"]) for line in lines if line["model"] == name]
        assert each["scores"] == mine
        assert each["mean"] == pytest.approx(np.mean(mine))
    assert said.json["answer"] in said.out


def test_a_table_is_encoded_anew_on_each_split(at, capsys):
    random = np.random.RandomState(0)
    kinds = random.choice(["a", "b", "c"], 120)
    rows = [f"{k},{v},{'yes' if k == 'a' else 'no'}"
            for k, v in zip(kinds, random.rand(120), strict=True)]  # fmt: skip
    (at / "t.csv").write_text("\n".join(["kind,value,ill", *rows]))
    words = ("--target", "ill", "--models", "linear", "--splits", 2, "--epochs", 20)
    said = typed(capsys, "compare", "t.csv", *words, "--json")
    assert said.status == 0, said
    assert {each["model"]: each["mean"] for each in said.json["models"]}["linear"] == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--models", "magic"), "model must be one of"),
        (("--splits", 1), "splits must be"),
        (("--rows", 3), "rows must be"),
        (("--time", 0), "time must be"),
        (("--to", "no/where"), "to must be a name in a folder that exists"),
        (("--layers", "a"), "layers must be"),
        (("nothing.csv",), "nothing.csv"),
    ],
)
def test_mistakes_are_told_in_a_sentence(at, capsys, words, sentence):
    assert sentence in refused(capsys, "compare", *words)


def test_a_model_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr("pellucid.comparison.rivals.find_spec", lambda name: None)
    assert "lightgbm" in RIVALS and "lightgbm" not in available()
    with pytest.raises(InputError, match="pip install lightgbm"):
        Comparison(some_digits, range(2), ["lightgbm"])


def test_ctrl_c_keeps_what_is_known(at, capsys, monkeypatch):
    def pressed(steps, shown):
        for number, step in enumerate(steps):
            if number == 3:
                raise KeyboardInterrupt
            yield step

    monkeypatch.setattr(command, "live", pressed)
    said = typed(capsys, "compare", *QUICK, "--models", "linear,neighbours")
    assert said.status == 130 and "Interrupted when 4 of 6 fits had ended" in said.err
    assert len((at / "compare.csv").read_text().splitlines()) == 5


def test_the_figure_shows_the_best_first_and_needs_a_score():
    found = finished(svm=[0.9, 0.8, 0.9], network=[0.7, 0.6, 0.7])
    shown = ModelsDisplay.from_comparison(found)
    assert shown.models == ("svm", NETWORK) and "accuracy of 2 models" in shown.alt
    assert shown.render().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="needs a score"):
        ModelsDisplay.from_comparison(finished())
