"""scikit-learn's own tests and checks, run on our classes.

The tests are those of the scikit-learn that is installed: its wheel carries them. They
are run in a process of their own in which `sklearn.neural_network` hands out our
classes, and in which nothing of its own may run.
"""

import subprocess
import sys

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from pellucid import MLPClassifier, MLPRegressor

PROGRAM = """
import sys
import pytest
import sklearn.neural_network as home
from sklearn.neural_network import _multilayer_perceptron as own
import pellucid

def refuse(self, *args, **kwargs):
    raise AssertionError("scikit-learn's own network runs underneath")

for name in ("_fit", "_backprop", "_forward_pass", "_forward_pass_fast"):
    assert hasattr(own.BaseMultilayerPerceptron, name)
    setattr(own.BaseMultilayerPerceptron, name, refuse)
home.MLPClassifier, home.MLPRegressor = pellucid.MLPClassifier, pellucid.MLPRegressor
module = "sklearn.neural_network.tests.test_mlp"
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-c", sys.argv[1], "--pyargs", module]))
"""  # noqa: E501


@pytest.mark.slow
def test_scikit_learns_own_tests_pass_with_our_classes(tmp_path):
    settings = tmp_path / "empty.ini"
    settings.write_text("")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(settings)],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    last = done.stdout.strip().splitlines()[-1]
    assert "passed" in last and "failed" not in last and int(last.split()[0]) > 50


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([MLPClassifier(), MLPRegressor()])
def test_they_keep_what_an_estimator_must(estimator, check):
    check(estimator)
