"""Tuning: what is found is better on fresh folds, or the default stays."""

import json
import math
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import Dataset, InputError, load, split
from pellucid.comparison import CHANCE, corrected_p
from pellucid.tuning import CHECKS, Tuning, kept
from pellucid.tuning.folds import deal, development, part
from pellucid.tuning.space import SPACE, parse
from pellucid.tuning.study import BATCH, Study
from pellucid.tuning.trial import Trial
from tolerances import CLOSED

SHORT = {"epochs": 6, "layers": [16]}


@pytest.fixture(scope="module")
def digits():
    return load("digits")


def noise(seed, rows=240):
    """Labels that have nothing to do with the inputs, two classes alike."""
    random = np.random.RandomState(seed)
    x, y = random.standard_normal((rows, 5)), np.arange(rows) % 2
    return split(Dataset.from_arrays(x, random.permutation(y)), seed=seed)


def planes(outputs=1):
    random = np.random.RandomState(0)
    x = random.standard_normal((200, 4))
    y = x @ random.standard_normal((4, outputs)) + 0.1 * random.randn(200, outputs)
    return split(Dataset.from_arrays(x, y, name="planes"))


def ran(tuning, seconds=None):
    for _ in tuning.run(seconds):
        pass
    return tuning


@pytest.fixture(scope="module")
def planted(digits):
    """The default's alpha is a thousand times too large."""
    return ran(Tuning(digits, None, l2=0.3, **SHORT))


def test_a_planted_better_alpha_is_found_and_told(planted):
    assert planted.gains and planted.p_value < CHANCE
    assert planted.changes == {"l2": planted.best.values["alpha"]}
    assert planted.changes["l2"] <= 0.01
    assert planted.answer().startswith(f"Take alpha={planted.changes['l2']:g}: on 10 f")
    assert len(planted.checks) == CHECKS * planted.folds
    pairs = np.array(planted.checks)
    want = corrected_p(pairs[:, 1] - pairs[:, 0], 1 / (planted.folds - 1))
    assert planted.p_value == pytest.approx(want, rel=CLOSED)


def test_alpha_is_tried_on_the_lectures_grid_by_default(planted):
    tried = sorted(trial.values["alpha"] for trial in planted.trials[1:])
    assert tried == [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1]
    assert [trial.settings["l2"] for trial in planted.trials] == [
        0.3,
        *(trial.values["alpha"] for trial in planted.trials[1:]),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_on_pure_noise_tuning_says_that_it_gains_nothing(seed):
    over = {"alpha": SPACE["alpha"], "dropout": [0.0, 0.2, 0.5]}
    found = ran(Tuning(noise(seed), over, 16, epochs=4, layers=[8]))
    assert not found.gains and found.changes == {}
    assert "gains nothing" in found.answer() and "Keep the default." in found.answer()


@pytest.mark.slow
def test_noise_is_taken_for_a_gain_no_more_often_than_chance_allows():
    over = {"alpha": SPACE["alpha"], "batch": [16, 64], "dropout": [0.0, 0.2, 0.5]}
    claims = [
        ran(Tuning(noise(seed), over, 24, epochs=6, layers=[16], seed=seed)).gains
        for seed in range(60)
    ]
    # Two-sided at CHANCE, so a gain by chance comes half as often: 1.5 of 60.
    assert sum(claims) <= 5


def test_folds_hold_each_row_once_and_classes_in_their_shares(digits):
    data = development(digits)
    assert len(data) == 1_438 and data.counts == {}
    fold = deal(data, 5, 0)
    for number in range(5):
        one = part(data, fold == number)
        assert one.counts["train"] + one.counts["validation"] == len(data)
        counts = np.bincount(one.validation.labels, minlength=10)
        assert (abs(counts - np.bincount(data.labels) / 5) < 1 + 1e-9).all()
    assert not np.array_equal(fold, deal(data, 5, 0, 1))
    rows = np.sort(np.concatenate([np.flatnonzero(fold == k) for k in range(5)]))
    assert np.array_equal(rows, np.arange(len(data)))


def test_the_test_part_is_not_looked_at(digits):
    blind = np.array(digits.x)
    blind[len(digits) - digits.counts["test"] :] = np.nan
    from dataclasses import replace

    words = {"over": parse(["alpha=0.1,0.0001"]), "trials": 2}
    one, other = (
        ran(Tuning(data, *words.values(), 3, **SHORT))
        for data in (digits, replace(digits, x=blind))
    )
    assert [t.scores for t in one.trials] == [t.scores for t in other.trials]
    assert one.checks == other.checks


WIDE = parse(["alpha,width=4,8,16,eta"])


def test_the_same_seed_finds_the_same_whatever_the_threads(digits):
    found = []
    for threads in (1, 3):
        tuning = Tuning(digits, WIDE, 12, 3, **SHORT)
        for _ in tuning.run(threads=threads):
            pass
        found.append(kept.memory(tuning))
    for each in found:
        for trial in each["trials"]:
            del trial["seconds"]
    assert found[0] == found[1]
    other = ran(Tuning(digits, WIDE, 12, 3, seed=1, **SHORT))
    assert [t.values for t in other.trials[1:]] != [
        t["values"] for t in found[0]["trials"][1:]
    ]


def test_what_was_stopped_goes_on_as_if_it_had_not(digits, tmp_path):
    path = tmp_path / "t.json"
    whole = ran(Tuning(digits, WIDE, 20, 3, **SHORT))
    half = Tuning(digits, WIDE, 20, 3, **SHORT)
    work = half.run()
    while half.batches < 1:
        next(work)
    next(work)
    work.close()
    assert {t.state for t in half.trials[1 + BATCH :]} == {"stopped"}
    path.write_text(json.dumps(kept.memory(half)))
    again = Tuning(digits, WIDE, 20, 3, **SHORT)
    kept.recall(again, path)
    assert len(again.trials) == 1 + BATCH
    ran(again)
    for one, other in zip(whole.trials, again.trials, strict=True):
        assert (one.values, one.scores, one.state) == (
            other.values, other.scores, other.state,
        )  # fmt: skip
    assert whole.checks == again.checks


def test_a_check_is_made_anew_when_the_search_went_on(digits, tmp_path):
    path = tmp_path / "t.json"
    few = ran(Tuning(digits, WIDE, 8, 3, **SHORT))
    words = kept.memory(few)
    words["checks"] = [[0.1, 0.9]] * len(few.checks)
    path.write_text(json.dumps(words))
    more = Tuning(digits, WIDE, 16, 3, **SHORT)
    kept.recall(more, path)
    ran(more)
    assert len(more.trials) == 17 and (0.1, 0.9) not in more.checks


def test_a_default_that_diverges_is_refused(digits):
    found = Tuning(digits, {"eta": [0.1, 0.01]}, optimizer="sgd", eta=1e30, **SHORT)
    with pytest.raises(InputError, match="the default must not diverge"):
        ran(found)


def test_the_worse_half_is_given_up_and_the_best_never(digits):
    found = ran(Tuning(digits, WIDE, 16, 4, **SHORT))
    states = [trial.state for trial in found.trials]
    assert states[0] == "complete" and states.count("pruned") >= 8
    whole = [t for t in found.trials[1:] if t.state == "complete"]
    assert found.best in whole
    assert found.best.gain(found.trials[0]) == max(
        t.gain(found.trials[0]) for t in whole
    )
    fits = sum(len(trial.scores) for trial in found.trials)
    assert fits < len(found.trials) * found.folds / 2


def test_one_that_diverges_is_never_best(digits):
    over = {"eta": [0.001, 1e30]}
    found = ran(Tuning(digits, over, 2, 3, optimizer="sgd", clip=None, **SHORT))
    states = {t.values["eta"]: t.state for t in found.trials[1:]}
    assert states[1e30] == "diverged"
    assert found.best.values == {"eta": 0.001}


def test_numbers_are_tuned_by_r2_several_at_once_too():
    for outputs in (1, 2):
        found = ran(Tuning(planes(outputs), {"eta": [1e-5, 0.01]}, 2, eta=1e-5,
                           epochs=10, layers=[16]))  # fmt: skip
        assert found.changes == {"eta": 0.01} and not found.classes
        assert "fresh folds R² 0." in found.answer()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.integers(1, 30),
    st.integers(0, 5),
)
def test_a_study_never_asks_twice_for_the_same(sizes, trials, seed):
    study = Study({f"s{k}": range(n) for k, n in enumerate(sizes)}, trials, seed)
    seen, batch = [], 0
    while asked := study.ask(batch):
        assert len(asked) <= BATCH
        seen += [tuple(values.values()) for values in asked]
        for number, values in enumerate(asked):
            study.tell(number, float(sum(values.values())))
        batch += 1
    assert len(set(seen)) == len(seen) == min(trials, math.prod(sizes))


def test_a_time_limit_is_kept_within_an_epoch():
    """A fit takes minutes here; the limit is two seconds."""
    random = np.random.RandomState(0)
    x, y = random.standard_normal((12_000, 300)), random.randint(0, 5, 12_000)
    found = Tuning(split(Dataset.from_arrays(x, y)), None, layers=[1024, 1024])
    begun = time.monotonic()
    ran(found, 2.0)
    assert time.monotonic() - begun < 2.5  # other processes may hold it up here
    assert found.trials[0].scores == [] and found.changes == {}
    assert found.answer().startswith("The time was over before anything was known")


@pytest.mark.slow
def test_a_time_limit_is_overrun_by_a_twentieth_at_most(digits):
    random = np.random.RandomState(0)
    x, y = random.standard_normal((12_000, 300)), random.randint(0, 5, 12_000)
    large = split(Dataset.from_arrays(x, y))
    for data, words in ((digits, {}), (large, {"layers": [2048, 2048]}), (large, {})):
        found = Tuning(data, SPACE, 500, **words)
        begun = time.monotonic()
        ran(found, 8.0)
        assert time.monotonic() - begun <= 8.0 * 1.05


def test_with_a_limit_there_is_time_left_to_check(digits):
    found = ran(Tuning(digits, SPACE, 500, epochs=2), 4.0)
    assert len(found.checks) >= 2
    assert len(found.trials) >= 1 + BATCH


def finished(scores, checks, state="complete"):
    found = Tuning(load("digits"), None)
    found.trials[0].scores, found.trials[0].state = [0.5, 0.6], "complete"
    values = {"alpha": 0.1}
    found.trials.append(Trial(1, values, found.base, scores, {}, 1.0, state))
    found.checks = checks
    return found


@pytest.mark.parametrize(
    ("scores", "checks", "words"),
    [
        ([0.4, 0.5], [], "none is better than the default, 55.00% on 2 folds. Keep"),
        ([0.7, 0.8], [], "over before it could be checked on fresh folds, and the be"),
        ([0.7, 0.8], [(0.5, 0.4), (0.5, 0.6)], "gains nothing that chance would not"),
        ([0.7, 0.8], [(0.5, 0.7), (0.6, 0.8)], "Take alpha=0.1: on 2 fresh folds 75"),
        ([0.7, 0.8], [(0.7, 0.5), (0.81, 0.6)], "Keep the default."),
        ([], [], "The time was over before anything was known: keep the default"),
    ],
)
def test_the_answer_says_what_was_found(scores, checks, words):
    found = finished(scores, checks)
    assert words in found.answer()
    assert found.gains == ("Take" in words)


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (["seed"], "Known: alpha, width, depth, eta, batch, dropout."),
        (["alhpa"], "Did you mean 'alpha'?"),
        (["alpha=x"], "alpha must be a number; got 'x'"),
        (["width=3.5"], "width must be a whole number; got '3.5'"),
        (["width=0,8"], "width must be"),
        (["epochs=3,4"], "over must be"),
        (["alpha=0.1"], "over must leave a choice; got one value of each"),
        (["alpha=0.1,0.1"], "alpha must have values, each once"),
        (["layers=8,9", "width"], "over must name layers, or width and depth; got"),
    ],
)
def test_what_can_not_be_tuned_is_refused_in_one_sentence(digits, over, words):
    with pytest.raises(InputError) as error:
        Tuning(digits, parse(over))
    assert words in str(error.value)


def test_what_can_not_be_learned_from_is_refused_in_one_sentence(digits):
    few = split(digits.rows(np.arange(11)), test=3, stratify=False)
    for data, words, said in (
        (few, {}, "each of the 5 folds must have two rows at least; got 8 rows"),
        (digits, {"patience": 3}, "patience must be none where settings are tuned"),
        (digits, {"layers": "auto"}, "layers must be sizes here"),
    ):
        with pytest.raises(InputError, match=said):
            Tuning(data, None, **words)
    with pytest.raises(InputError, match="folds must be a whole number and >= 2"):
        Tuning(digits, None, 5, 1)
    with pytest.raises(InputError, match="trials must be"):
        Tuning(digits, None, 0)


def test_without_optuna_the_sentence_says_how_to_get_it(digits, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r"pip install 'pellucid\[tune\]'"):
        Tuning(digits)


def test_a_memory_of_something_else_or_damaged_is_refused(digits, tmp_path):
    path, found = tmp_path / "t.json", Tuning(digits, None, **SHORT)
    words = kept.memory(found)
    for bad, said in (
        ({**words, "identity": "x"}, "must be of the same tuning"),
        ({**words, "trials": [{"values": {}}]}, "it is damaged"),
        ({**words, "trials": 3}, "it is damaged"),
        ({**words, "checks": [[1]]}, "it is damaged"),
    ):
        path.write_text(json.dumps(bad))
        with pytest.raises(InputError, match=said):
            kept.recall(Tuning(digits, None, **SHORT), path)
