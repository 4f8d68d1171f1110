"""Dataset.from_arrays: what comes in; test_refusals.py has what does not."""

import warnings

import numpy as np
import pytest
from scipy import sparse

from pellucid.data import Dataset

X = np.arange(12, dtype=np.float32).reshape(6, 2)
LABELS = [3, 1, 3, 2, 1, 2]


def test_whole_numbers_become_one_hot_rows_of_sorted_classes():
    data = Dataset.from_arrays(X, LABELS)
    assert data.classes == ("1", "2", "3")
    assert data.y.dtype == np.float32
    np.testing.assert_array_equal(data.y[:2], [[0, 0, 1], [1, 0, 0]])
    assert data.labels.tolist() == [2, 0, 2, 1, 0, 1]
    assert data.labels.dtype == np.int64


@pytest.mark.parametrize(
    "y, classes",
    [([10, 9, 10, 2, 9, 2], ("2", "9", "10")),  # by number, not by text
     (["b", "a", "b", "c", "a", "c"], ("a", "b", "c")),
     (np.array(["b", "a"] * 3, dtype=object), ("a", "b")),
     (np.array([b"b", "é".encode()] * 3), ("b", "é")),
     ([True, False] * 3, ("False", "True")),
     (np.array([5, 4] * 3, dtype=object), ("4", "5")),
     (np.array([5, 4] * 3, dtype=np.uint8), ("4", "5"))],
)  # fmt: skip
def test_labels_of_any_kind_are_known_by_their_text(y, classes):
    data = Dataset.from_arrays(X, y)
    assert data.classes == classes
    texts = [v.decode() if isinstance(v, bytes) else str(v) for v in y]
    assert [classes[label] for label in data.labels] == texts


def test_floats_are_numbers_to_predict_unless_the_task_says_otherwise():
    y = [0.5, 1.0, 2.0, 0.5, 1.0, 2.0]
    data = Dataset.from_arrays(X, y)
    assert data.classes is None
    np.testing.assert_array_equal(data.y, np.array(y, np.float32)[:, None])
    mixed = np.array([1, 0.5] * 3, dtype=object)
    assert Dataset.from_arrays(X, mixed).y[1, 0] == 0.5
    labels = Dataset.from_arrays(X, y, task="classification")
    assert labels.classes == ("0.5", "1", "2")
    narrow = np.array([0.1, 7] * 3, np.float32)
    assert Dataset.from_arrays(X, narrow, task="classification").classes == ("0.1", "7")


def test_texts_that_end_in_a_point_and_zero_stay_apart():
    data = Dataset.from_arrays(X, ["v1", "v1.0"] * 3)
    assert data.classes == ("v1", "v1.0")


def test_whole_numbers_are_targets_where_the_task_says_regression():
    data = Dataset.from_arrays(X, LABELS, task="regression")
    assert data.classes is None
    assert data.y.tolist() == [[3], [1], [3], [2], [1], [2]]


def test_two_dimensional_targets_are_taken_as_they_are():
    y = np.arange(12).reshape(6, 2)
    data = Dataset.from_arrays(X, y)
    assert data.classes is None
    np.testing.assert_array_equal(data.y, y)
    assert Dataset.from_arrays(X, y, classes=["lo", "hi"]).classes == ("lo", "hi")
    assert Dataset.from_arrays(X, y, task="classification").classes == ("0", "1")
    np.testing.assert_array_equal(
        Dataset.from_arrays(X, sparse.csr_matrix(y)).y, y.astype(np.float32)
    )


def test_classes_given_set_the_order_and_need_not_all_occur():
    data = Dataset.from_arrays(X, LABELS, classes=[4, 3, 2, 1])
    assert data.classes == ("4", "3", "2", "1")
    assert data.labels.tolist() == [1, 3, 1, 2, 3, 2]
    assert Dataset.from_arrays(X, [7] * 6, classes=(7, 8)).outputs == 2


def test_arrays_in_the_right_form_are_not_copied():
    weight = np.ones(6, np.float32)
    data = Dataset.from_arrays(X, X, weight=weight)
    assert np.shares_memory(data.x, X)
    assert np.shares_memory(data.y, X)
    assert np.shares_memory(data.weight, weight)


def test_lists_tables_and_turned_arrays_become_rows_in_c_order():
    class Table:
        def __array__(self, dtype=None, copy=None):
            return X.astype(np.int64)

    for x in (X.tolist(), Table(), np.asfortranarray(X), X.astype(">f8")):
        data = Dataset.from_arrays(x, LABELS, dtype="float64")
        assert data.x.dtype == np.float64
        assert data.x.dtype.isnative
        assert data.x.flags.c_contiguous
        np.testing.assert_array_equal(data.x, X)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr"])
@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csr_array])
def test_any_sparse_matrix_becomes_csr(form, kind):
    data = Dataset.from_arrays(kind(X).asformat(form), LABELS, dtype="float64")
    assert data.x.format == "csr"
    assert data.x.dtype == np.float64
    np.testing.assert_array_equal(data.x.toarray(), X)


def test_csr_is_made_canonical_and_the_caller_s_matrix_stays_as_it_was():
    # Row 0 has column 1 before column 0; row 1 has column 1 twice.
    given = sparse.csr_array(
        (np.array([5.0, 4.0, 1.0, 2.0]), np.array([1, 0, 1, 1]), np.array([0, 2, 4])),
        shape=(2, 2),
    )
    data = Dataset.from_arrays(given, [0, 1])
    np.testing.assert_array_equal(data.x.toarray(), [[4, 5], [0, 3]])
    assert data.x.indices.tolist() == [0, 1, 1]
    assert given.indices.tolist() == [1, 0, 1, 1]
    assert given.data.tolist() == [5, 4, 1, 2]


def test_canonical_csr_is_not_copied():
    given = sparse.csr_matrix(X)
    assert np.shares_memory(Dataset.from_arrays(given, LABELS).x.data, given.data)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_pixels_up_to_255_warn_at_the_caller(form):
    pixels = np.array([[0.0, 255], [7, 128]])
    with pytest.warns(UserWarning, match=r"pixels from 0 to 255 .* Divide by 255") as w:
        Dataset.from_arrays(form(pixels), [0, 1])
    assert w[0].filename == __file__


@pytest.mark.parametrize(
    "x", [[[0, 1], [1, 0.5]], [[0, 127], [1, 2]], [[0, 256], [1, 2]],
          [[-1, 255], [1, 2]], [[0.5, 255], [1, 2]], sparse.csr_array((2, 2))],
)  # fmt: skip
def test_what_is_not_pixels_does_not_warn(x):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Dataset.from_arrays(x, [0, 1])
