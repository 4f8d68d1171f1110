"""Checkpoints: two that take turns, whole or refused; the history is inside."""

import errno
import json
import math
import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import InputError, _limits
from pellucid.runs import checkpoints, journal
from pellucid.runs.checkpoints import NAMES, find, parse, to_bytes
from pellucid.runs.journal import Journal
from pellucid.training import Report
from pellucid.training.shared import MONITORS

RUN, OTHER = "a" * 64, "b" * 64
ARRAYS = {
    "theta": np.array([1.5, -2.0], np.float32),
    "m": np.zeros(2, np.float32),
    "step": np.array([40]),
    "seconds": np.array([0.25]),
}
DATA = to_bytes(ARRAYS, RUN)


def at(step: int, **more) -> dict:
    return {**ARRAYS, "step": np.array([step]), **more}


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as error:
        parse(data, "checkpoint")
    return str(error.value)


def test_checkpoint_comes_back(tmp_path):
    checkpoints.write(tmp_path / NAMES[0], ARRAYS, RUN)
    owner, arrays = parse((tmp_path / NAMES[0]).read_bytes(), "checkpoint")
    assert owner == RUN and arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].tobytes() == array.tobytes()


def test_every_cut_and_every_changed_byte_is_refused():
    for length in range(len(DATA)):
        refused(DATA[:length])
    for place in range(len(DATA)):
        for change in (1, 128, 255):
            refused(DATA[:place] + bytes([DATA[place] ^ change]) + DATA[place + 1 :])
    refused(DATA + b"\0")


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(DATA) - 1), st.binary(max_size=9))))
def test_mutants_are_refused_or_mean_the_same(edits):
    data = bytearray(DATA)
    for place, new in edits:
        data[place : place + len(new)] = new
    try:
        owner, arrays = parse(bytes(data), "checkpoint")
    except InputError:
        return
    assert to_bytes(arrays, owner) == DATA


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_anything_else_is_refused(data):
    refused(data)


def forged(**words) -> bytes:
    """A checkpoint with other words in its header, and a checksum that fits them."""
    from safetensors.numpy import save

    length = int.from_bytes(DATA[:8], "little")
    header = json.loads(json.loads(DATA[8 : 8 + length])["__metadata__"]["pellucid"])
    header |= words
    arrays = words.get("arrays", ARRAYS)
    header.pop("arrays", None), header.pop("sha256")
    header["sha256"] = checkpoints._checksum(header, arrays)
    return save(arrays, {"pellucid": json.dumps(header)})


@pytest.mark.parametrize(
    "words, sentence",
    [
        ({"version": 2}, "written by a newer one. Upgrade pellucid."),
        ({"version": 0}, "damaged pellucid header"),
        ({"format": "pellucid-model"}, "damaged pellucid header"),
        ({"run": "A" * 64}, "damaged pellucid header"),
        ({"run": "a" * 63}, "damaged pellucid header"),
        ({"step": -1}, "damaged pellucid header"),
        ({"step": 40.0}, "damaged pellucid header"),
        ({"step": 41}, "must say at which step it stands"),
        ({"more": 1}, "damaged pellucid header"),
        ({"arrays": {"theta": np.zeros(2)}}, "must say at which step it stands"),
        ({"arrays": {"step": np.array([40], np.int8)}}, "truncated or was altered"),
    ],
)
def test_lie_is_refused(words, sentence):
    assert sentence in refused(forged(**words))


def test_newest_whole_one_is_found_and_the_other_is_free(tmp_path):
    assert find(tmp_path, RUN) == checkpoints.Found()
    for step, name, free in [(40, 0, 1), (60, 1, 0), (80, 0, 1)]:
        checkpoints.write(tmp_path / NAMES[name], at(step), RUN)
        found = find(tmp_path, RUN)
        assert (found.step, found.free, found.damaged) == (step, NAMES[free], ())
        assert int(found.arrays["step"][0]) == step


@pytest.mark.parametrize("torn", [0, 1])
def test_damaged_one_is_passed_over_and_is_the_next_to_be_written(tmp_path, torn):
    for name, step in zip(NAMES, (40, 60), strict=True):
        checkpoints.write(tmp_path / name, at(step), RUN)
    path = tmp_path / NAMES[torn]
    path.write_bytes(path.read_bytes()[:-3])
    found = find(tmp_path, RUN)
    assert found.step == (60, 40)[torn] and found.free == NAMES[torn]
    (sentence,) = found.damaged
    assert str(path) in sentence and "truncated" in sentence


def test_two_damaged_ones_are_told_and_nothing_is_lost_in_silence(tmp_path):
    for name in NAMES:
        (tmp_path / name).write_bytes(b"torn")
    with pytest.raises(InputError) as error:
        find(tmp_path, RUN)
    assert f"No other checkpoint of {tmp_path} is whole: remove " in str(error.value)


def test_checkpoint_of_other_settings_or_data_is_refused(tmp_path):
    checkpoints.write(tmp_path / NAMES[1], ARRAYS, OTHER)
    with pytest.raises(InputError, match="it was made with others"):
        find(tmp_path, RUN)


def test_checkpoint_larger_than_what_is_read_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(_limits, "CHECKPOINT_BYTES", len(DATA) - 1)
    with pytest.raises(InputError, match="limit CHECKPOINT_BYTES"):
        checkpoints.write(tmp_path / NAMES[0], ARRAYS, RUN)
    assert not any(tmp_path.iterdir())


def none_or(numbers):
    return st.none() | numbers


WHOLE = st.integers(0, 1 << 53)
NUMBER = st.floats(allow_nan=False)
REPORTS = st.builds(
    Report,
    epoch=WHOLE,
    step=WHOLE,
    eta=none_or(NUMBER),
    cost=none_or(NUMBER),
    seconds=NUMBER,
    monitor=st.sampled_from(list(MONITORS)),
    monitor_cost=none_or(NUMBER),
    correct=none_or(WHOLE),
    count=none_or(WHOLE),
    best=st.booleans(),
)


@given(st.lists(REPORTS, min_size=1, max_size=5))
def test_history_comes_back(history):
    assert journal.reports(journal.rows(history), "run") == history


def test_a_history_that_grows_is_turned_into_numbers_once(monkeypatch):
    made = [Report(n, 10 * n, 0.1, 1.0 / n, 0.5) for n in range(1, 9)]
    turned = []
    monkeypatch.setattr(
        journal, "_number", lambda each, name: turned.append(each) or each.epoch
    )
    known = journal.Rows()
    for history in (
        made[:3],
        made,
        made,
        made[:5],
        [*made[:4], replace(made[4], epoch=99)],
        [],
    ):
        assert np.array_equal(known.of(history), journal.rows(history)), history
    turned.clear()
    known.of(made[:3])
    known.of(made)
    assert len(turned) == len(made) * len(journal.COLUMNS)


@given(st.lists(NUMBER | st.just(math.nan), max_size=25))
def test_history_that_is_none_is_refused(numbers):
    try:
        found = journal.reports(np.array(numbers), "run")
    except InputError as error:
        assert "the history in the checkpoint of run must be rows" in str(error)
    else:
        assert np.array_equal(journal.rows(found).ravel(), numbers, equal_nan=True)


class Clock:
    """A monotonic clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(journal.time, "monotonic", made)
    return made


def report(step: int, complete: bool = True) -> Report:
    state = {**at(step), "best_score": np.zeros(1)}
    return Report(step, step, 0.5, 1.0, 0.0, complete, state=lambda: dict(state))


def steps(folder) -> list[int]:
    """Where the checkpoints in the two files stand."""
    there = [folder / name for name in NAMES if (folder / name).exists()]
    return [int(parse(p.read_bytes(), p.name)[1]["step"][0]) for p in there]


def test_checkpoints_take_turns_when_their_time_has_come(tmp_path, clock):
    kept = Journal(tmp_path, RUN, every=5.0)
    seen = []
    for step in range(1, 9):
        clock.now += 2.0
        kept.add(report(step))
        seen.append(steps(tmp_path))
    assert seen == [[], [], [3], [3], [3], [3, 6], [3, 6], [3, 6]]
    clock.now += 5.0
    kept.add(report(9))
    assert steps(tmp_path) == [9, 6] and kept.step == 9
    again = Journal.find(tmp_path, RUN)
    assert again.step == 9 and len(again.history) == 9
    assert again.state.keys() == report(9).state().keys()


def test_interrupt_saves_the_state_that_was_held_a_second_ago(tmp_path, clock):
    kept = Journal(tmp_path, RUN)
    for step in range(20):
        clock.now += 0.3
        kept.add(report(step, complete=step % 2 == 0))
    assert not steps(tmp_path), "ten seconds have not passed"
    kept.save()
    (step,) = steps(tmp_path)
    assert 20 - step <= 4
    assert len(Journal.find(tmp_path, RUN).history) == step // 2 + 1
    clock.now += 1.0
    kept.save()
    assert len(steps(tmp_path)) == 1, "there was nothing new"


def test_large_checkpoints_are_made_less_often(tmp_path, clock, monkeypatch):
    write = checkpoints.write

    def slow(*words):
        clock.now += 3.0
        write(*words)

    monkeypatch.setattr(checkpoints, "write", slow)
    kept, made = Journal(tmp_path, RUN), []
    for step in range(200):
        clock.now += 1.0
        before = kept.step
        kept.add(report(step))
        if kept.step != before:
            made.append(clock.now)
    assert len(made) == 4
    assert all(later - earlier >= 60 for earlier, later in zip(made, made[1:]))  # noqa: B905, RUF007


def test_lbfgs_has_history_and_no_checkpoint(tmp_path, clock):
    kept = Journal(tmp_path, RUN, every=0.0)
    kept.add(replace(report(1), state=None))
    kept.save()
    assert len(kept.history) == 1 and not any(tmp_path.iterdir())


FAULTS = ("open", "fsync", "replace")


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("nth", [1, 2])
def test_fault_on_the_way_to_the_disk(tmp_path, clock, monkeypatch, name, number, nth):
    kept = Journal(tmp_path, RUN, every=0.0)
    for step in (1, 2):
        kept.add(report(step))
    real, calls = getattr(os, name), []

    def faulty(*words, **more):
        calls.append(words)
        if len(calls) == nth:
            raise OSError(number, os.strerror(number))
        return real(*words, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, name, faulty)
        if nth > 1 and name == "replace":
            kept.add(report(3))
        else:
            with pytest.raises(OSError) as error:
                kept.add(report(3))
            assert error.value.filename == str(tmp_path / NAMES[0])
    # The second one was never touched, and the third is whole if it has its name.
    assert Journal.find(tmp_path, RUN).step in (2, 3)
    assert set(os.listdir(tmp_path)) == set(NAMES)
    kept = Journal.find(tmp_path, RUN, every=0.0)
    kept.add(report(4))
    assert Journal.find(tmp_path, RUN).step == 4
