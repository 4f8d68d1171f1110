"""Our few lines of metrics give what scikit-learn's give."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from pellucid import Dataset, Network
from pellucid.evaluation import determination, evaluate, outputs
from pellucid.mathematics.costs import COSTS
from tolerances import CLOSED

IDENTITY = np.eye(4, dtype=np.float32)
PROGRAM = """
import sys
from pellucid.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(*{name.partition(".")[0] for name in sys.modules})
"""


def answering(answers):
    """An identity network and inputs on which it gives these classes."""
    network = Network([4, 4], output="identity", seed=1)
    network.parameters.w[1][:] = IDENTITY
    network.parameters.b[1][:] = 0
    return network, IDENTITY[answers]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_those_of_classes_are_the_same_to_the_bit(pairs):
    labels, answers = np.array(pairs).T
    network, x = answering(answers)
    data = Dataset(x, IDENTITY[labels], classes=tuple("abcd"))
    found = evaluate(network, data, COSTS["quadratic"]())
    every = np.arange(4)
    wanted = metrics.precision_recall_fscore_support(
        labels, answers, labels=every, zero_division=0.0
    )
    three = found.precision, found.recall, found.f1
    for mine, theirs in zip(three, wanted[:3], strict=True):
        np.testing.assert_array_equal(mine, theirs)
    confusion = metrics.confusion_matrix(labels, answers, labels=every)
    np.testing.assert_array_equal(found.confusion, confusion)
    assert found.correct == metrics.accuracy_score(labels, answers, normalize=False)


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_those_of_numbers_are_the_same(columns, dtype):
    draw = np.random.RandomState(1)
    x = draw.randn(50, 4).astype(dtype)
    y = (x[:, :1] + draw.randn(50, columns)).astype(dtype)
    network = Network([4, columns], output="identity", dtype=dtype, seed=1)
    data, cost = Dataset(x, y), COSTS["quadratic"]()
    found, a = evaluate(network, data, cost), outputs(network, data, cost)[1]
    y, a = y.astype(float), a.astype(float)
    each = metrics.mean_absolute_error(y, a, multioutput="raw_values")
    assert found.mae == pytest.approx(each, rel=CLOSED)
    assert found.r2 == pytest.approx(metrics.r2_score(y, a), rel=CLOSED)


@pytest.mark.parametrize("a", [[2.0, 2.0, 2.0], [2.0, 2.0, 3.0]])
def test_r2_of_an_output_that_never_varies_is_that_of_scikit_learn(a):
    y = np.column_stack([np.full(3, 2.0), np.arange(3.0)])
    a = np.column_stack([a, np.arange(3.0)])
    assert determination(y, a) == metrics.r2_score(y, a)


def test_training_needs_no_scikit_learn(tmp_path):
    """Which would be half of the memory that training takes beside the data."""
    rows = "".join(f"{n % 7},{n % 3},{'uv'[n % 2]}\n" for n in range(80))
    (tmp_path / "table.csv").write_text(f"a,b,y\n{rows}")
    words = ["train", str(tmp_path / "table.csv"), "--target", "y", "--epochs", "2"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words, "--runs", str(tmp_path / "runs")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    brought = set(done.stdout.splitlines()[-1].split())
    assert not brought & {"sklearn", "scipy", "pandas", "pyarrow", "matplotlib"}
