"""Labels to one-hot rows and back, and splits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from pellucid._errors import InputError
from pellucid.data import Dataset, from_one_hot, one_hot, split
from pellucid.data.splits import _cells

X = np.arange(12, dtype=np.float32).reshape(6, 2)
LABELS = [3, 1, 3, 2, 1, 2]


# ---- one-hot, there and back (S2-16)

texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=5)


@given(
    classes=st.lists(st.integers(-(2**62), 2**62), min_size=2, max_size=9, unique=True)
    | st.lists(texts, min_size=2, max_size=9, unique=True),
    numbers=st.lists(st.integers(0, 8), max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_one_hot_and_back_is_the_labels(classes, numbers):
    labels = [classes[number % len(classes)] for number in numbers]
    y = one_hot(labels, classes)
    assert y.shape == (len(labels), len(classes))
    assert set(np.unique(y)) <= {0, 1}
    assert (y.sum(axis=1) == 1).all()
    assert from_one_hot(y, classes).tolist() == labels


def test_one_hot_finds_integers_by_their_text():
    expected = [[0, 1], [1, 0]]
    assert one_hot(["7", "3"], [3, 7], dtype="float64").tolist() == expected
    assert one_hot([7.0, 3.0], ("3", "7")).tolist() == expected


def test_from_one_hot_takes_the_largest_answer():
    answers = [[0.2, 0.7, 0.1], [0.4, 0.4, 0.2]]
    assert from_one_hot(answers, "a b c".split()).tolist() == ["b", "a"]


def test_one_hot_names_the_unknown_label_and_the_known_ones():
    with pytest.raises(InputError) as error:
        one_hot(["cat", "cow"], ["cat", "dog"])
    sentence = "labels must be among the classes; got 'cow'. Known: cat, dog."
    assert str(error.value) == sentence
    with pytest.raises(InputError, match=r"Known: 0, 1, .*, 11, \.\.\. \(99 in all\)"):
        one_hot([100], range(99))
    with pytest.raises(InputError, match=r"labels must be \(m,\), one label a row"):
        one_hot([["cat"]], ["cat", "dog"])
    with pytest.raises(
        InputError, match=r"y must be \(m, 3\), one column a class; got"
    ):
        from_one_hot(np.eye(2), [1, 2, 3])


# ---- split

sizes = st.integers(0, 12) | st.floats(0, 0.6)


@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=80),
    validation=sizes,
    test=sizes,
    seed=st.integers(0, 2**32 - 1),
    stratify=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_split_keeps_every_row_once_and_shares_classes_out(
    labels, validation, test, seed, stratify
):
    m = len(labels)
    x = np.arange(m, dtype=np.float64)[:, None] / 1_000
    data = Dataset.from_arrays(x, labels, classes=range(5), dtype="float64")
    words = {"validation": validation, "test": test, "seed": seed}
    rows_asked = sum(n if isinstance(n, int) else n * m for n in (validation, test))
    try:
        parts = split(data, stratify=stratify, **words)
    except InputError as error:
        assert "split must leave at least one row in train" in str(error)
        assert rows_asked > m - 3  # where each part is rounded up
        return
    assert sorted(parts.x[:, 0]) == sorted(x[:, 0])
    rows = np.rint(parts.x[:, 0] * 1_000).astype(int)
    assert parts.labels.tolist() == [labels[row] for row in rows]
    assert list(parts.counts) == ["train", "validation", "test"]
    for name, size in (("validation", validation), ("test", test)):
        exact = size if isinstance(size, int) else size * m
        assert abs(parts.counts[name] - exact) <= (0 if isinstance(size, int) else 1)
        assert (parts.counts[name] > 0) == (size > 0)
    if stratify:
        whole = np.bincount(data.labels, minlength=5)
        for name, count in parts.counts.items():
            if count:
                found = np.bincount(parts.part(name).labels, minlength=5)
                assert (abs(found - whole * count / m) <= 1).all()


@given(
    sizes=st.lists(st.integers(0, 50), min_size=1, max_size=30),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
@settings(max_examples=300, deadline=None)
def test_shares_of_classes_add_up_both_ways_and_are_within_one(sizes, shares):
    rows = max(sum(sizes), 1)
    sizes[0] += rows - sum(sizes)
    first, second = sorted(round(share * rows) for share in shares)
    counts = [first, second - first, rows - second]
    cells = _cells(np.array(sizes), counts)
    assert cells.sum(axis=1).tolist() == sizes
    assert cells.sum(axis=0).tolist() == counts
    assert (cells >= 0).all()
    assert (abs(cells - np.outer(sizes, counts) / rows) <= 1).all()


def test_one_row_to_learn_from_is_enough():
    data = split(Dataset.from_arrays(X[:3], LABELS[:3]), validation=1, test=0.2)
    assert data.counts == {"train": 1, "validation": 1, "test": 1}


def test_split_is_the_same_for_ever():
    x = np.arange(20, dtype=np.float32)[:, None] / 20
    data = Dataset.from_arrays(x, [0, 1] * 10)
    order = np.rint(split(data).x[:, 0] * 20).astype(int).tolist()
    assert order == [
        5, 3, 10, 12, 8, 1, 16, 9, 4, 14, 11, 13, 7, 0, 15, 18, 2, 19, 17, 6,
    ]  # fmt: skip
    assert split(data, seed=1).x.tolist() != split(data).x.tolist()
    assert split(data, stratify=False).x.tolist() != split(data).x.tolist()


def test_split_without_classes_is_plain_and_keeps_what_belongs_to_a_row():
    x = np.arange(10.0)[:, None]
    data = split(Dataset.from_arrays(x, x[:, 0] * 2, weight=x[:, 0]), test=0.5)
    np.testing.assert_array_equal(data.y, data.x * 2)
    np.testing.assert_array_equal(data.weight, data.x[:, 0])
    assert data.counts == {"train": 4, "validation": 1, "test": 5}


def test_split_does_not_leave_the_classes_in_order():
    data = Dataset.from_arrays(np.zeros((200, 1)), [0] * 100 + [1] * 100)
    labels = split(data).train.labels
    assert 20 < np.count_nonzero(np.diff(labels)) < 120  # sorted ones change once


def test_split_of_csr():
    data = split(Dataset.from_arrays(sparse.csr_array(X), LABELS), validation=0, test=3)
    assert data.train.x.format == data.test.x.format == "csr"
    assert data.x.sum() == X.sum()


@pytest.mark.parametrize(
    "rows, words, sentence",
    [(6, {"test": 1.0}, "test must be a finite number and >= 0 and < 1; got 1.0."),
     (6, {"validation": -0.1}, "validation must be a finite number and >= 0 and < 1"),
     (6, {"validation": -1}, "validation must be a whole number and >= 0; got -1."),
     (6, {"validation": float("nan")}, "validation must be a finite number"),
     (6, {"validation": True}, "validation must be a whole number"),
     (6, {"test": "half"}, "test must be a finite number"),
     (6, {"validation": 0.5, "test": 0.5}, "split must leave at least one row in "
      "train, validation and test; got 6 rows with validation=0.5 and test=0.5. "
      "Ask for less, or bring more rows."),
     (6, {"validation": 0, "test": 6}, "at least one row in train and test; got 6"),
     (2, {}, "split must leave at least one row in train, validation and test; got"),
     (6, {"seed": -1}, "seed must be a whole number")],
)  # fmt: skip
def test_split_says_what_cannot_be_split(rows, words, sentence):
    with pytest.raises(InputError) as error:
        split(Dataset.from_arrays(X[:rows], LABELS[:rows]), **words)
    assert sentence in str(error.value)
