"""Dataset.from_arrays: what is refused, and the sentence that says so."""

import numpy as np
import pytest
from scipy import sparse

from pellucid import _limits
from pellucid._errors import InputError
from pellucid.data import Dataset

X = np.arange(12, dtype=np.float32).reshape(6, 2)
LABELS = [3, 1, 3, 2, 1, 2]


class Unreadable:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("it is on another device")


def csr_with(indices):
    matrix = sparse.csr_array(np.eye(6))
    matrix.indices = np.asarray(indices, np.int32)
    return matrix


NAN = np.where(np.arange(12).reshape(6, 2) == 5, np.nan, 1.0)
HUGE = np.full((6, 2), 1e300)

REFUSED = {
    "one example": (
        {"x": X[0], "y": [1]},
        "x must be (m, n), one row an example; got (2,). For one example pass "
        "x[None]; for one number an example pass x[:, None].",
    ),
    "sparse row": (
        {"x": sparse.coo_array(np.ones(3)), "y": [1]},
        "got (3,). For one example",
    ),
    "images": (
        {"x": np.ones((6, 4, 5))},
        "got (6, 4, 5). Pass x.reshape(len(x), -1) with image_shape=(4, 5).",
    ),
    "colours": (
        {"x": np.ones((6, 4, 5, 3))},
        "Pass x.reshape(len(x), -1).",
    ),
    "nothing": (
        {"x": None},
        "x must be (m, n), one row an example; got ().",
    ),
    "no rows": (
        {"x": np.ones((0, 3)), "y": []},
        "x must have at least one row and one column; got (0, 3).",
    ),
    "no columns": (
        {"x": np.ones((3, 0))},
        "at least one row and one column; got (3, 0).",
    ),
    "ragged": (
        {"x": [[1, 2], [3]]},
        "x must be an array of numbers with rows of one length; got list",
    ),
    "unreadable": (
        {"x": Unreadable()},
        "it is on another device",
    ),
    "text in x": (
        {"x": [["a", "b"]] * 6},
        "x must hold numbers; got dtype <U1.",
    ),
    "objects in x": (
        {"x": X.astype(object)},
        "x must hold numbers; got dtype object.",
    ),
    "NaN in x": (
        {"x": NAN},
        "x must be finite; got nan at row 2, column 1",
    ),
    "NaN in CSR": (
        {"x": sparse.csr_array(NAN)},
        "x must be finite; got nan at row 2, column 1",
    ),
    "too large": (
        {"x": HUGE},
        "x must fit float32, at most 3.4e+38; got a size of 1e+300. Divide by a "
        "constant or pass dtype='float64'.",
    ),
    "too small": (
        {"x": -HUGE},
        "x must fit float32",
    ),
    "broken CSR": (
        {"x": csr_with([0, 1, 2, 3, 4, 6])},
        "x must be a sound sparse matrix; ",
    ),
    "short CSR": (
        {"x": csr_with([0, 1, 2])},
        "x must be a sound sparse matrix; ",
    ),
    "dtype": (
        {"dtype": "int8"},
        "dtype must be float32 or float64; got 'int8'.",
    ),
    "no dtype": (
        {"dtype": "large"},
        "dtype must be float32 or float64; got 'large'.",
    ),
    "None for dtype": (
        {"dtype": None},
        "dtype must be float32 or float64; got None.",
    ),
    "other dtype": (
        {"dtype": ">f4"},
        "dtype must be float32 or float64; got '>f4'.",
    ),
    "too few targets": (
        {"y": LABELS[:5]},
        "y must have one row for each of the 6 examples in x; got 5.",
    ),
    "too few rows in y": (
        {"y": X[:5]},
        "y must have one row for each of the 6 examples in x; got 5.",
    ),
    "3-D y": (
        {"y": np.ones((6, 1, 1))},
        "y must be (6,) or (6, n), one row an example; got (6, 1, 1).",
    ),
    "one number for y": (
        {"y": 3},
        "y must be (6,) or (6, n), one row an example; got ().",
    ),
    "no columns in y": (
        {"y": np.ones((6, 0))},
        "y must have at least one column; got none.",
    ),
    "one class": (
        {"y": [7] * 6},
        "y needs at least two classes; got only 7 in all 6 rows. Add examples of "
        "another class, or name all classes with classes=...",
    ),
    "NaN in y": (
        {"y": [1.0, np.nan] * 3},
        "y must be finite; got nan at row 1",
    ),
    "NaN among labels": (
        {"y": [1.0, np.inf] * 3, "task": "classification"},
        "y must be finite; got inf at row 1",
    ),
    "NaN in 2-D y": (
        {"y": NAN},
        "y must be finite; got nan at row 2, column 1",
    ),
    "missing label": (
        {"y": np.array(["a", None] * 3)},
        "y must hold labels or numbers; got None in row 1. Remove such rows or fill"
        " the labels in.",
    ),
    "pandas' missing text": (
        {"y": np.array(["a", float("nan")] * 3, object)},
        "got nan in row 1.",
    ),
    "too large a label": (
        {"y": np.array([1, 2**70] * 3, object)},
        "got 1180591620717411303424 in row 1.",
    ),
    "one too large a label": (
        {"y": np.array([1, 2**63] * 3, object)},
        "got 9223372036854775808 in row 1.",
    ),
    "two kinds": (
        {"y": np.array([1, "a"] * 3, object)},
        "y must hold labels of one kind; got 1 and 'a'. Make them all texts or all "
        "numbers.",
    ),
    "dates": (
        {"y": np.array(["2020-01-01"] * 6, "M8[D]")},
        "y must hold labels or numbers; got dtype datetime64[D].",
    ),
    "bytes": (
        {"y": np.array([b"\xff", b"a"] * 3)},
        "y must be texts; got bytes not in UTF-8.",
    ),
    "text to predict": (
        {"y": list("abcabc"), "task": "regression"},
        "y must hold numbers; got dtype <U1.",
    ),
    "text in 2-D y": (
        {"y": [["a"]] * 6},
        "y must hold numbers; got dtype <U1.",
    ),
    "unknown label": (
        {"classes": [1, 2]},
        "y must be among the classes; got '3'. Known: 1, 2. For numbers of classes "
        "pass np.array(classes)[y].",
    ),
    "unknown text": (
        {"y": list("abcabc"), "classes": "ab"},
        "classes must be (m,), one label a row; got ().",
    ),
    "one class given": (
        {"classes": [1]},
        "classes must be 2 to 1,000 (the limit CLASSES); got 1.",
    ),
    "no class given": (
        {"classes": []},
        "(the limit CLASSES); got 0.",
    ),
    "classes twice": (
        {"classes": [1, 2, 3, 2]},
        "classes must differ; got '2' more than once.",
    ),
    "classes for columns": (
        {"y": X, "classes": [1, 2, 3]},
        "y must have one column a class; got 2 columns and 3 classes.",
    ),
    "a column of labels": (
        {"y": X[:, :1], "task": "classification"},
        "y must have one column a class; got one column. For a column of labels "
        "pass y[:, 0].",
    ),
    "classes for numbers": (
        {"classes": [1, 2, 3], "task": "regression"},
        "regression has no classes; leave out classes or task.",
    ),
    "task": (
        {"task": "regresion"},
        "task must be one of the known names; got 'regresion'. Did you mean "
        "'regression'?",
    ),
    "weights": (
        {"weight": [1, 2]},
        "weight must be (6,), one number an example; got (2,).",
    ),
    "negative weight": (
        {"weight": [-1, 1, 1, 1, 1, 1]},
        "weight must be >= 0 with at least one > 0",
    ),
    "no weight": (
        {"weight": [0] * 6},
        "weight must be >= 0 with at least one > 0",
    ),
    "NaN weight": (
        {"weight": [np.nan] * 6},
        "weight must be finite; got nan at row 0",
    ),
    "image_shape": (
        {"image_shape": (2, 2)},
        "pixels in image_shape must be as many as columns in x, 2; got 4.",
    ),
    "image_shape of colours": (
        {"image_shape": (1, 1, 2)},
        "image_shape must be (height, width); got (1, 1, 2).",
    ),
    "image_shape of text": (
        {"image_shape": "28"},
        "image_shape must be (height, width); got '28'.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said_in_a_sentence(case):
    words, sentence = REFUSED[case]
    with pytest.raises(InputError) as error:
        Dataset.from_arrays(**{"x": X, "y": LABELS, **words})
    assert sentence in str(error.value)


def test_too_many_classes_are_refused_with_the_limit():
    x = np.zeros((1_001, 1))
    with pytest.raises(InputError) as error:
        Dataset.from_arrays(x, np.arange(1_001))
    assert str(error.value) == (
        "y must have at most 1,000 classes (the limit CLASSES); got 1,001. "
        "If y is a number to be predicted, pass task='regression'."
    )
    with pytest.raises(InputError) as error:
        Dataset.from_arrays(x, np.arange(1_001).astype(str))
    assert str(error.value).endswith("got 1,001.")
    with pytest.raises(InputError, match="classes must be 2 to 1,000"):
        Dataset.from_arrays(x, np.arange(1_001), classes=range(1_001))
    assert Dataset.from_arrays(x[1:], np.arange(1_000)).outputs == _limits.CLASSES


def test_a_size_of_1e300_fits_float64():
    assert Dataset.from_arrays(HUGE, LABELS, dtype="float64").x.max() == 1e300


def test_transposed_x_is_recognised():
    with pytest.raises(
        InputError, match=r"4 examples in x; got 6\. x looks transposed"
    ):
        Dataset.from_arrays(np.ones((4, 6)), np.arange(6) % 2)


def test_nan_in_a_large_csr_is_named_without_making_it_dense():
    x = sparse.csr_array(
        (np.array([1.0, np.nan]), (np.array([0, 3]), np.array([5, 10**6]))),
        shape=(10**6, 10**7),
    )
    with pytest.raises(InputError, match="got nan at row 3, column 1000000"):
        Dataset.from_arrays(x, np.arange(10**6) % 2)
