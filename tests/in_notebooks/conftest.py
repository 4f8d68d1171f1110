"""What the tests of the views in notebooks begin with."""

import pytest

from pellucid import Network, cli, load, train


@pytest.fixture(autouse=True)
def built(monkeypatch):
    """Without a browser nobody reads the module, so it need not be built."""
    for room in ("notebook.widget", "views.record"):
        monkeypatch.setattr(f"pellucid.{room}.built", lambda name: "")


@pytest.fixture
def data():
    return load("digits")


@pytest.fixture
def network(data):
    made = Network([64, 12, 10], "sigmoid", seed=1)
    list(train(made, data, epochs=2))
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of the command line."""
    words = "train --data digits --layers 12 --epochs 3 --seed 4 --dropout 0"
    parent = tmp_path_factory.mktemp("runs")
    with pytest.raises(SystemExit) as end:
        cli.main([*words.split(), "--runs", str(parent)])
    assert not end.value.code
    return next(parent.iterdir())
