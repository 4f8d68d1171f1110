"""The data check: each fault is planted and found; clean data gives nothing."""

import numpy as np
import pytest
from scipy import sparse

from pellucid import Dataset, load, split
from pellucid.data.check import check, row_hashes


def table(m=400, seed=0):
    """Clean: five standardised columns, two classes that need all of them."""
    random = np.random.RandomState(seed)
    x = random.standard_normal((m, 5))
    labels = (x.sum(1) + random.standard_normal(m) > 0).astype(int)
    return x, labels


def names(x, labels, parameters=None, **words):
    data = split(Dataset.from_arrays(x, labels, **words), validation=0.1, test=0.2)
    return [finding.name for finding in check(data, parameters)]


@pytest.mark.parametrize("seed", range(10))
def test_clean_data_gives_nothing(seed):
    assert names(*table(seed=seed), parameters=1000) == []


def test_the_digits_are_clean():
    assert check(load("digits"), 9610) == []


def test_mnist_is_clean(data_dir):
    assert check(load("mnist", data_dir=data_dir), 79_510) == []


def test_leak_between_parts():
    x, labels = table()
    data = split(Dataset.from_arrays(x, labels), validation=0.1, test=0.2)
    data.x[-3:] = data.x[:3]
    (finding,) = check(data)
    assert finding.name == "leak between parts"
    assert finding.measured == {"parts": "train and test", "rows": 3}
    assert "3 different rows of the test part" in str(finding)


def test_target_in_a_column():
    x, labels = table()
    x[:, 2] = labels + 0.01 * x[:, 0]
    (finding,) = check(Dataset.from_arrays(x, labels))
    assert finding.name == "target in a column"
    assert finding.measured["columns"] == [2]


def test_target_in_a_column_of_a_regression():
    x, _ = table()
    y = 3.0 * x[:, 4] + 1
    (finding,) = check(Dataset.from_arrays(x, y))
    assert finding.measured["columns"] == [4]


def test_inputs_not_scaled():
    x, labels = table()
    x[:, 1] *= 1000
    (finding,) = check(Dataset.from_arrays(x, labels))
    assert finding.name == "inputs not scaled"
    assert finding.measured["largest"] == pytest.approx(x.max(), rel=1e-6)
    assert finding.advice == "Standardise the columns."


def test_classes_out_of_balance():
    x, labels = table(1000)
    labels = np.where(np.arange(1000) < 30, 1, 0)
    (finding,) = check(Dataset.from_arrays(x, labels))
    assert finding.name == "classes out of balance"
    assert "always answering 0 is already 97.0% right" in str(finding)


def test_few_and_absent_classes():
    x, labels = table()
    labels = labels.copy()
    labels[:4] = 2
    found = check(Dataset.from_arrays(x, labels, classes=["0", "1", "2", "3"]))
    assert [finding.name for finding in found][:2] == [
        "class never seen",
        "few examples of a class",
    ]
    assert found[0].measured["classes"] == ["3"]
    assert found[1].measured == {"classes": ["2"], "fewest": 4}


def test_repeated_rows():
    x, labels = table()
    x[:40] = x[40:80]
    (finding,) = check(Dataset.from_arrays(x, labels))
    assert finding.name == "repeated rows"
    assert finding.measured == {"rows": 40}


def test_nearly_repeated_rows():
    x, labels = table()
    x = np.round(x)
    x[:200] = x[200:] + 1e-4
    assert "nearly repeated rows" in [
        f.name for f in check(Dataset.from_arrays(x, labels))
    ]


def test_constant_columns():
    x, labels = table()
    x[:, 3] = 0.5
    (finding,) = check(Dataset.from_arrays(x, labels))
    assert finding.name == "constant columns"
    assert finding.measured == {"columns": [3]}


def test_too_little_data_for_the_network():
    x, labels = table(100)
    (finding,) = check(Dataset.from_arrays(x, labels), parameters=20_000)
    assert finding.measured == {"parameters": 20_000, "examples": 100}
    assert "200 each" in str(finding)


def test_sparse_rows_have_the_hashes_of_their_values():
    x, labels = table(60)
    data = Dataset.from_arrays(sparse.csr_array(x), labels)
    assert len(set(row_hashes(data))) == 60
    x[5] = x[6]
    again = Dataset.from_arrays(sparse.csr_array(x), labels)
    assert len(set(row_hashes(again))) == 59


def test_train_tells_what_was_found(tmp_path, capsys, monkeypatch):
    """A test row that was also learned from is told before training begins."""
    from pellucid.cli import main, train

    leaky = load("digits")
    leaky.x[-1] = leaky.x[0]
    monkeypatch.setattr(train, "load", lambda *_, **__: leaky, raising=False)
    monkeypatch.setattr(train, "load_data", lambda *_, **__: leaky, raising=False)
    with pytest.raises(SystemExit) as end:
        main(["train", "--epochs", "1", "--runs", str(tmp_path)])
    assert end.value.code == 0
    assert "leak between parts: 1 different rows of the test" in capsys.readouterr().err


def test_one_outlier_of_a_standardised_column_is_no_scale():
    x, labels = table()
    x[3, 1] = 30.0
    assert check(Dataset.from_arrays(x, labels)) == []
