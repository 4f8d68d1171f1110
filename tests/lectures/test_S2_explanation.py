"""S2: "a black box"; its decisions can be explained, and networks can be combined."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import VotingClassifier

from pellucid import MLPClassifier, load, recipes
from pellucid.cli import main
from pellucid.explanation import attribute, neurons
from pellucid.report import report
from pellucid.runs import latest


def test_S2_08_a_report_explains_the_decisions(tmp_path, undrawn):
    with pytest.raises(SystemExit) as end:
        main(["train", "--epochs", "6", "--layers", "16", "--runs", str(tmp_path)])
    assert end.value.code == 0
    page = report(latest(tmp_path), load("digits"))
    section = page.partition("<h2>Explanations</h2>")[2].partition("<h2>")[0]
    assert section.count("<img") == 3
    assert "Asked of all 359 examples on the test part" in section
    assert "taken apart by integrated gradients" in section
    assert "of 16 hidden neurons" in section and "<td>50%</td>" in section


def test_S2_08_the_reasons_of_an_answer_add_up_to_it():
    data = load("digits")
    network = recipes.build(recipes.settings(None, data, layers=[16]), data)
    settings = recipes.settings(None, data, layers=[16], epochs=6)
    for _ in recipes.run(settings, network, data):
        pass
    x = data.test.x[:20]
    found = attribute(network, data, x, network(x).argmax(1))
    sure = network(x).max(1)
    begin = network(np.zeros((1, 64), "float32"))[0, found.outputs]
    assert np.abs(begin + found.values.sum(1) - sure).max() < 0.02
    assert neurons(network, data.test).score > 0.8


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_S2_08_networks_that_vote_are_better_than_one():
    x, y = load_digits(return_X_y=True)
    x, learn, rest = x / 16, slice(0, 300), slice(300, None)
    nets = [
        (f"net {seed}", MLPClassifier((6,), max_iter=60, random_state=seed))
        for seed in range(5)
    ]
    voting = VotingClassifier(nets, voting="soft").fit(x[learn], y[learn])
    alone = [net.score(x[rest], y[rest]) for net in voting.estimators_]
    assert voting.score(x[rest], y[rest]) > np.mean(alone) + 0.01
