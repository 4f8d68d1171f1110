"""Dataset: parts, rows, fingerprint; and the sets that are known by name."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from pellucid._errors import InputError
from pellucid.data import DATASETS, Dataset, load, split

X = np.arange(12, dtype=np.float32).reshape(6, 2)
LABELS = [3, 1, 3, 2, 1, 2]


def parted(**words):
    """Six rows in three parts."""
    data = Dataset.from_arrays(X, LABELS, **words)
    counts = {"train": 3, "validation": 1, "test": 2}
    return Dataset(data.x, data.y, data.classes, data.weight, "six", counts=counts)


# ---- the Dataset itself


def test_parts_are_slices_that_share_memory():
    data = parted(weight=np.arange(6.0))
    assert [len(part) for part in (data.train, data.validation, data.test)] == [3, 1, 2]
    for part, rows in (("train", slice(3)), ("validation", slice(3, 4)),
                       ("test", slice(4, 6))):  # fmt: skip
        some = data.part(part)
        np.testing.assert_array_equal(some.x, data.x[rows])
        np.testing.assert_array_equal(some.y, data.y[rows])
        np.testing.assert_array_equal(some.weight, data.weight[rows])
        assert np.shares_memory(some.x, data.x)
        assert some.classes == data.classes
        assert (some.name, some.counts) == (f"six {part}", {})


def test_parts_of_csr_share_memory_too():
    x = sparse.csr_array(X)
    counts = {"train": 4, "test": 2}
    data = Dataset(x, X, counts=counts)
    for part, rows in ((data.train, slice(4)), (data.test, slice(4, 6))):
        np.testing.assert_array_equal(part.x.toarray(), X[rows])
        assert np.shares_memory(part.x.data, x.data)
        assert np.shares_memory(part.x.indices, x.indices)
        part.x.check_format(full_check=True)


def test_parts_that_are_not_there_are_said_to_be_missing():
    data = Dataset(X, X, name="six", counts={"train": 5, "validation": 0, "test": 1})
    for missing, sentence in (
        (lambda: data.validation, "validation must have at least one row; 'six' has "
         "none there: train 5, validation 0, test 1. Split otherwise: "
         "split(data, ...), or --validation and --test of a training."),
        (lambda: data.train.test, "'six train' must have parts to give test; it has "
         "none. Make them with split(data), or --validation and --test of a "
         "training."),
        (lambda: data.part("tset"), "part must be one of the known names; got 'tset'. "
         "Did you mean 'test'?"),
        (lambda: Dataset(X, X, counts={"train": 6}).test, "test must have at least"),
    ):  # fmt: skip
        with pytest.raises(InputError) as error:
            missing()
        assert sentence in str(error.value)


@pytest.mark.parametrize(
    "words, sentence",
    [({"y": X[:5]}, "rows in y must be as many as rows in x, 6; got 5."),
     ({"y": X[:, 0]}, "x and y must be 2-D, one row an example; got (6, 2) and (6,)."),
     ({"classes": ("a",)}, "classes must be as many as columns in y, 2; got 1."),
     ({"weight": np.ones(5)}, "weights must be as many as rows, 6; got 5."),
     ({"counts": {"train": 5}}, "rows in counts must be as many as rows in x, 6; got"),
     ({"counts": {"test": 3, "train": 3}}, "counts must give rows of train, "
      "validation, test, in this order; got {'test': 3, 'train': 3}."),
     ({"counts": {"train": 7, "test": -1}}, "counts must give rows of"),
     ({"counts": {"exam": 6}}, "counts must give rows of")],
)  # fmt: skip
def test_attributes_that_contradict_each_other_are_refused(words, sentence):
    with pytest.raises(InputError) as error:
        Dataset(**{"x": X, "y": X, **words})
    assert sentence in str(error.value)


def test_rows_are_chosen_in_the_order_given():
    data = parted(weight=np.arange(6.0))
    some = data.rows([4, 0, 4])
    assert some.x.tolist() == X[[4, 0, 4]].tolist()
    assert some.labels.tolist() == [0, 2, 0]
    assert some.weight.tolist() == [4, 0, 4]
    assert some.counts == {}
    assert data.rows(data.labels == 0).weight.tolist() == [1, 4]
    csr = Dataset(sparse.csr_array(X), X).rows([4, 0])
    assert csr.x.toarray().tolist() == X[[4, 0]].tolist()


@pytest.mark.parametrize(
    "indices, words",
    [([0, 6], "got 0 ... 6."), ([-1], "got -1 ... -1."), ([], "got shape (0,)"),
     (3, "got shape () and dtype int64. For one example pass [i]."),
     ([0.0], "dtype float64"), ([True, False], "dtype bool"), ([[1]], "shape (1, 1)")],
)  # fmt: skip
def test_rows_that_are_not_there_are_refused(indices, words):
    with pytest.raises(InputError) as error:
        parted().rows(indices)
    assert "indices must be whole numbers in 0 ... 5, one or more; " in str(error.value)
    assert words in str(error.value)


def test_labels_need_classes():
    with pytest.raises(
        InputError, match="labels need classes; the targets of 'arrays'"
    ):
        _ = Dataset.from_arrays(X, X).labels


def test_astype_changes_all_arrays_or_none():
    data = parted(weight=np.ones(6))
    assert data.astype("float32") is data
    double = data.astype(np.float64)
    assert double.x.dtype == double.y.dtype == double.weight.dtype == np.float64
    assert double.counts == data.counts
    assert Dataset(sparse.csr_array(X), X).astype("float64").x.dtype == np.float64
    with pytest.raises(InputError, match="dtype must be float32 or float64"):
        data.astype("float16")


def test_fingerprint_is_a_plain_hash_of_the_bytes_and_fit_for_json():
    data = parted(weight=np.arange(6.0))
    arrays = data.x.tobytes() + data.y.tobytes() + data.weight.tobytes()
    assert json.loads(json.dumps(data.fingerprint())) == {
        "rows": 6,
        "inputs": 2,
        "outputs": 3,
        "counts": {"train": 3, "validation": 1, "test": 2},
        "dtype": "float32",
        "sha256": hashlib.sha256(arrays).hexdigest(),
    }


def test_fingerprint_of_csr_does_not_depend_on_the_width_of_its_indices():
    x = sparse.csr_array(X)
    sha = hashlib.sha256(x.data.tobytes())
    sha.update(x.indices.astype(np.int64).tobytes())
    sha.update(x.indptr.astype(np.int64).tobytes())
    sha.update(X.tobytes())
    assert Dataset(x, X).fingerprint()["sha256"] == sha.hexdigest()
    x.indices, x.indptr = x.indices.astype(np.int64), x.indptr.astype(np.int64)
    assert Dataset(x, X).fingerprint()["sha256"] == sha.hexdigest()


def test_fingerprint_sees_every_number_whatever_the_blocks(monkeypatch):
    monkeypatch.setattr("pellucid.data.dataset.HASHED", 3)
    seen = set()
    for place in range(12):
        x = X.copy()
        x.flat[place] += 1
        seen.add(Dataset(x, X).fingerprint()["sha256"])
        seen.add(Dataset(X, x).fingerprint()["sha256"])
    assert len(seen) == 24
    turned = Dataset(np.asfortranarray(X), X).fingerprint()
    assert turned == Dataset(X, X).fingerprint()


def test_one_line_describes_it():
    data = Dataset.from_arrays(
        sparse.csr_array(np.eye(1_000, 6)), [0, 1] * 500, name="eye",
        image_shape=(2, 3), weight=np.ones(1_000), dtype="float64",
    )  # fmt: skip
    data = split(data, validation=0, test=250)
    assert data.describe() == (
        "eye: 1,000 examples (train 750, validation 0, test 250), 6 inputs (2×3), "
        "2 classes, float64, sparse, 0.1% filled, weighted"
    )
    assert repr(Dataset.from_arrays(X, X)) == (
        "<Dataset arrays: 6 examples, 2 inputs, 2 outputs, float32>"
    )


# ---- by name


def test_digits_are_there_without_a_file():
    data = load("digits")
    assert data.describe() == (
        "digits: 1,797 examples (train 1,258, validation 180, test 359), "
        "64 inputs (8×8), 10 classes, float32"
    )
    assert (data.x.min(), data.x.max()) == (0, 1)
    assert data.classes == tuple("0123456789")
    assert "scikit-learn" in data.source
    whole = np.bincount(data.labels)
    assert whole.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (abs(np.bincount(data.test.labels) - whole * 359 / 1_797) <= 1).all()
    assert load("digits", dtype="float64").x.dtype == np.float64


def test_digits_are_the_same_for_ever():
    assert load("digits").fingerprint()["sha256"] == (
        "f75549ca3dad84621d27a64a8dd60323d9feedc7073bd7f892a9a5669601dee6"
    )


def test_names_are_forgiving_and_the_nearest_is_suggested():
    assert load("Digits").name == "digits"
    with pytest.raises(
        InputError, match=r"Did you mean 'mnist'\? Known: digits, mnist"
    ):
        load("UNIST")
    with pytest.raises(InputError, match="data must be one of the known names; got 3"):
        load(3)


def test_every_known_set_says_what_it_is_in_one_line():
    names = ["digits", "mnist", "fashion_mnist", "line", "moons", "circles"]
    names += ["spirals", "xor"]
    assert list(DATASETS) == names
    for name, known in DATASETS.items():
        assert known.name == name
        for line in (known.what, known.source, known.licence):
            assert line
            assert "\n" not in line
    assert DATASETS["digits"].rows == len(load("digits"))
    assert DATASETS["digits"].shape == load("digits").image_shape


def test_importing_the_room_is_cheap():
    code = "import sys, pellucid.data; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, text=True,
                            capture_output=True).stdout.split()  # fmt: skip
    heavy = {
        "scipy",
        "sklearn",
        "platformdirs",
        "urllib.request",
        "http.client",
        "gzip",
    }
    assert not heavy & set(loaded)
