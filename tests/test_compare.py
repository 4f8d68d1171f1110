"""`pellucid compare`: a network beside other models, and which to take."""

import csv
import math
import re

import numpy as np
import pytest

from command_line import refused, typed
from pellucid import Dataset, InputError, load, runs, split
from pellucid.cli import compare as command
from pellucid.comparison import NETWORK, Comparison, Fit, Standings, corrected_p
from pellucid.comparison.rivals import RIVALS, available, usual
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
            fit = Fit(model, seed, score, 0.1, 1.0 + 9 * place, 1, 800, 200)
            found.fits.append(fit)
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
    for model in usual():
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
    ends, also = [], [{"layers": [8]}]
    for _ in range(2):
        found = Comparison(some_digits, [3, 4], ["linear"], also, epochs=2)
        ends.append([(fit.model, fit.score) for fit in found.run()])
    assert ends[0] == ends[1] and len(ends[0]) == 6


@pytest.mark.parametrize(
    ("scores", "words", "choice"),
    [
        (
            {NETWORK: [0.8, 0.81, 0.8], "svm": [0.9, 0.91, 0.91]},
            "All others are worse .* The network, .* is worse by more than chance "
            ".* Take svm",
            "svm",
        ),
        (
            {NETWORK: [0.9, 0.91, 0.91], "svm": [0.8, 0.81, 0.8]},
            "Best: network, .* All others are worse by more than chance. Take network",
            NETWORK,
        ),
        (  # the first learns in 1 second, each other in 9 more than the one before
            {"linear": [0.9, 0.8, 0.91], NETWORK: [0.81, 0.91, 0.9]},
            "Best: network, .* linear is as good and learns 10 times as fast: take it",
            "linear",
        ),
        (
            {NETWORK: [0.9, 0.8, 0.91], "forest": [0.81, 0.91, 0.9]},
            "Best: forest, .* network is as good and learns 10 times as fast",
            NETWORK,
        ),
        (
            {NETWORK: [0.9, 0.82, 0.91], "forest": [0.81, 0.91, 0.9]},
            "Best: network, .* Within chance of it: forest. Take network",
            NETWORK,
        ),
        (
            {"svm": [0.95, 0.85, 0.97], NETWORK: [0.88, 0.86, 0.88]},
            "The network, .* is as good, as far as can be told. Either will do",
            "svm",
        ),
        (
            {"svm": [0.99, 0.9, 0.93], NETWORK: [0.95, 0.89, 0.90]},
            "The network, .* is behind it, though that may be chance .* Take svm",
            "svm",
        ),
        (
            {"svm": [0.9, 0.8], "linear": [0.8, 0.7]},
            "The network has no score. Take svm",
            "svm",
        ),
        ({NETWORK: [0.9]}, "nothing to compare yet", None),
    ],
)
def test_the_sentence_says_which_to_take(scores, words, choice):
    found = finished(**scores)
    assert re.search(words, found.answer()), found.answer()
    assert found.choice == choice


def test_nobody_waits_for_a_second():
    found = finished(linear=[0.9, 0.8, 0.91], network=[0.81, 0.91, 0.9])
    assert found.choice == "linear"
    found.fits = [
        Fit(**{**vars(fit), "fit_seconds": fit.fit_seconds / 10}) for fit in found.fits
    ]
    assert found.choice == NETWORK  # ten times as long, and no time


def test_an_example_more_or_less_is_no_difference_to_be_sure_of():
    found = finished(svm=[0.9, 0.8], network=[0.895, 0.795])  # one of 200, twice
    assert found.p_value("svm", NETWORK) > 0.3
    found.classes = False
    assert found.p_value("svm", NETWORK) == 0  # of numbers there is no such step


def test_after_the_time_nothing_more_is_begun():
    found = Comparison(some_digits, range(5), ["linear", "svm"], epochs=1)
    names = [fit.model for fit in found.run(seconds=1e-9)]
    assert names == [NETWORK]  # what was begun is ended


def test_a_kernel_machine_is_left_out_where_it_would_take_hours(monkeypatch):
    monkeypatch.setattr("pellucid.comparison.trials.KERNEL_ROWS", 100)
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
    words = ("--models", "linear,neighbours", "--vary", "layers=8x8", "--json")
    said = typed(capsys, "compare", *QUICK, *words)
    assert said.status == 0, said
    lines = list(csv.DictReader((at / "compare.csv").read_text().splitlines()))
    assert len(lines) == 2 * 4 and {line["split"] for line in lines} == {"0", "1"}
    assert (at / "compare.png").read_bytes().startswith(b"\x89PNG")
    models = {each["model"]: each for each in said.json["models"]}
    assert list(models) == [NETWORK, "network layers=8x8", "linear", "neighbours"]
    for name, each in models.items():
        mine = [float(line["score"]) for line in lines if line["model"] == name]
        assert each["scores"] == mine
        assert each["mean"] == pytest.approx(np.mean(mine))
    assert said.json["answer"] in said.out


def test_a_table_is_encoded_anew_on_each_split(at, capsys, here):
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
        (("--vary", "layers"), "vary must be like"),
        (("--vary", "target=a,b"), "target can't differ between networks"),
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


def test_architectures_stand_side_by_side(at, capsys):
    words = (
        "--models",
        "linear",
        "--vary",
        "layers=4,8x8",
        "--vary",
        "hidden=tanh,relu",
    )
    cost = ("--output", "identity", "--cost", "quadratic")
    said = typed(capsys, "compare", *QUICK, *words, *cost, "--json")
    assert said.status == 0, said
    names = [each["model"] for each in said.json["models"]]
    assert names[1:5] == [
        f"network layers={size} hidden={kind}"
        for size in ("4", "8x8")
        for kind in ("tanh", "relu")
    ]
    scores = [tuple(each["scores"]) for each in said.json["models"][:5]]
    assert len(set(scores)) > 3  # they differ, so their settings reached them
    assert said.json["models"][0]["log_loss"] is None  # no probabilities


def test_a_runs_comparison_is_kept_and_reported(at, capsys, undrawn):
    trained = typed(capsys, "train", "--layers", 8, "--epochs", 2, "--json").json
    folder = trained["run"]
    words = ("--models", "linear", "--splits", 2, "--json")
    said = typed(capsys, "compare", folder, *words)
    assert said.status == 0, said
    kept = Standings.from_json(runs.read_json(at / folder / "comparison.json"))
    assert kept.answer() == said.json["answer"] and len(kept.fits) == 4
    assert (at / folder / "compare.png").is_file()
    plain = typed(capsys, "compare", "--layers", 8, "--epochs", 2, *words)
    assert plain.json["models"][0]["scores"] == said.json["models"][0]["scores"]
    typed(capsys, "report", folder)
    page = (at / folder / "report.html").read_text()
    assert "Beside other models" in page and kept.answer().split(".")[0] in page
    assert typed(capsys, "verify", folder).status == 0  # the run is as it was
    sentence = refused(capsys, "compare", folder, "--layers", "9", "--target", "a")
    assert "settings can't be given beside a run" in sentence
    assert "target, layers" in sentence


def test_what_is_kept_is_read_back_or_refused():
    found = finished(svm=[0.9, math.nan, 0.9], network=[0.7, 0.6, 0.7])
    value = found.to_json()
    again = Standings.from_json(value)
    assert again.to_json() == value and again.answer() == found.answer()
    fit = value["fits"][0]
    for bad in (
        [],
        {**value, "more": 1},
        {**value, "classes": 1},
        {**value, "models": [1]},
        {**value, "seeds": ["0"]},
        {**value, "fits": {}},
        {**value, "fits": [[]]},
        {**value, "fits": [{**fit, "score": "0.9"}]},
        {**value, "fits": [{**fit, "score": 10**400}]},
        {**value, "fits": [{**fit, "model": "other"}]},
        {**value, "fits": [{**fit, "train_rows": 0}]},
        {**value, "fits": [{**fit, "split": True}]},
    ):
        with pytest.raises(InputError, match="must hold models, seeds, classes"):
            Standings.from_json(bad)


def test_rows_that_are_known_by_heart_are_told(at, capsys, here):
    random = np.random.RandomState(0)
    rows = [f"{a:.6f},{b:.6f},{k}" for a, b, k in zip(
        *random.rand(2, 60), random.choice(["y", "n"], 60), strict=True)]  # fmt: skip
    words = ("--models", "linear", "--splits", 2, "--epochs", 1)
    for name, times in (("once", 1), ("twice", 2)):
        (at / f"{name}.csv").write_text("\n".join(["a,b,k", *rows * times]))
        said = typed(capsys, "compare", f"{name}.csv", "--target", "k", *words)
        told = "test rows are in the training part too" in said.err
        assert said.status == 0 and told == (times == 2), said
