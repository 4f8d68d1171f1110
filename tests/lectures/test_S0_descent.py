"""S0: gradient descent, and stochastic gradient descent over mini-batches."""

from itertools import pairwise
from math import exp, sqrt

import numpy as np
import pytest

from pellucid import (
    COSTS,
    OPTIMIZERS,
    Dataset,
    Given,
    Network,
    cli,
    load,
    trace,
    train,
)
from pellucid.engines import start
from tolerances import CLOSED, PAGE, distance


def test_S0_17_one_step_down_a_quadratic_bowl():
    # "w → w - η ∂C/∂w, b → b - η ∂C/∂b."
    w, b, eta = 3.0, -1.0, 0.1
    points = [(1.0, 2.0), (2.0, -1.0), (-1.0, 0.5)]
    # C = 1/(2n) Σ (w x + b - y)² is a bowl over (w, b); its slopes by hand:
    dw = sum((w * x + b - y) * x for x, y in points) / len(points)
    db = sum((w * x + b - y) for x, y in points) / len(points)
    given = Given((np.array([[w]]),), (np.array([b]),))
    network = Network([1, 1], output="identity", initializer=given, dtype="float64")
    x, y = np.array(points).T
    data = Dataset.from_arrays(x[:, None], y, dtype="float64")
    for _ in train(network, data, optimizer="sgd", eta=eta, batch_size=3, epochs=1):
        pass
    want = [w - eta * dw, b - eta * db]
    assert distance(network.parameters.theta, want) < CLOSED


def gradients(rows_of_draws, network, data) -> np.ndarray:
    """∇C of each draw of rows as a mini-batch, (draws, P)."""
    cost = COSTS["quadratic"]()
    return np.array(
        [
            trace(network, cost, data.x[rows], data.y[rows]).nabla.theta
            for rows in rows_of_draws
        ]
    )


def test_S0_21_a_mini_batch_estimates_the_gradient():
    # "(1/m) Σ ∇C_Xj ≈ ∇C."
    n, draws = 256, 1_000
    data = load("digits", dtype="float64").train.rows(np.arange(n))
    network = Network([64, 4, 10], "sigmoid", "sigmoid", seed=1, dtype="float64")
    (whole,) = gradients([np.arange(n)], network, data)
    of_one = gradients(np.arange(n)[:, None], network, data)
    variance = ((of_one - whole) ** 2).sum(1).mean()
    random, spreads = np.random.RandomState(21), []
    for m in (4, 16, 64):
        rows = [random.permutation(n)[:m] for _ in range(draws)]
        estimates = gradients(rows, network, data)
        # Drawing without putting back: what is drawn later knows what is left.
        expected = sqrt(variance / m * (n - m) / (n - 1))
        spreads.append(np.sqrt(((estimates - whole) ** 2).sum(1).mean()) / expected)
        # Unbiased: the mean of the draws is nearer by √draws; twice that is a band
        # that chance leaves once in far more than a thousand times.
        error = np.linalg.norm(estimates.mean(0) - whole)
        assert error < 2 * expected / sqrt(draws)
    # 1,000 draws know a spread to a few per cent.
    assert np.allclose(spreads, 1, atol=0.1)
    # One epoch's mini-batches of equal size together are the gradient itself.
    epoch = gradients(random.permutation(n).reshape(-1, 16), network, data)
    assert distance(epoch.mean(0), whole) < CLOSED


def plain_epoch(w, b, batches, eta):
    """One epoch of SGD on sigmoids and the quadratic cost, in loops over numbers."""
    w, b = [layer.tolist() for layer in w], [layer.tolist() for layer in b]
    for batch in batches:
        steps = [plain_gradient(w, b, x, y) for x, y in batch]
        for l in range(len(w)):
            for j in range(len(w[l])):
                for step_w, step_b in steps:
                    b[l][j] -= eta / len(batch) * step_b[l][j]
                    for k in range(len(w[l][j])):
                        w[l][j][k] -= eta / len(batch) * step_w[l][j][k]
    return [
        number
        for w_l, b_l in zip(w, b, strict=True)
        for number in [*(v for row in w_l for v in row), *b_l]
    ]


def plain_gradient(w, b, x, y):
    """∂Cₓ/∂w and ∂Cₓ/∂b of one example."""
    a = [list(x)]
    for w_l, b_l in zip(w, b, strict=True):
        sums = [
            sum(v * u for v, u in zip(row, a[-1], strict=True)) + bias
            for row, bias in zip(w_l, b_l, strict=True)
        ]
        a.append([1 / (1 + exp(-total)) for total in sums])
    error = [u - t for u, t in zip(a[-1], y, strict=True)]
    step_w, step_b = [], []
    for l in range(len(w) - 1, -1, -1):
        delta = [e * u * (1 - u) for e, u in zip(error, a[l + 1], strict=True)]
        step_w.insert(0, [[d * u for u in a[l]] for d in delta])
        step_b.insert(0, delta)
        error = [
            sum(w[l][j][k] * delta[j] for j in range(len(delta)))
            for k in range(len(a[l]))
        ]
    return step_w, step_b


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_S0_22_the_update_divides_by_the_size_of_its_mini_batch(engine):
    # "w → w - (η/m) Σ ∂C_Xj/∂w": 25 examples are batches of 10, 10 and 5.
    random = np.random.RandomState(22)
    x, y = random.rand(25, 3), random.rand(25, 2)
    network = Network(
        [3, 4, 2], "sigmoid", "sigmoid", initializer="nielsen", dtype="float64"
    )
    started = start(
        network,
        Dataset.from_arrays(x, y, dtype="float64"),
        cost=COSTS["quadratic"](),
        optimizer=OPTIMIZERS["sgd"](3.0),
        engine=engine,
    )
    order = random.permutation(25)
    started.run(order, 10)
    batches = [
        [(x[i], y[i]) for i in order[first : first + 10]] for first in (0, 10, 20)
    ]
    assert [len(batch) for batch in batches] == [10, 10, 5]
    want = plain_epoch(network.w[1:], network.b[1:], batches, eta=3.0)
    got = started.snapshot().parameters.theta
    assert distance(got, want) < PAGE["float64"]


def order_of_use(seed: int, n=50, epochs=3) -> list[list[int]]:
    """Which example each update of each epoch was made with, seen from outside.

    Example i is the only one with input i, and far below its target: the slope of
    |a - y| is -1, so each use of it raises weight i by exactly η.
    """
    zeros = Given((np.zeros((1, n)),), (np.zeros(1),))
    network = Network([n, 1], output="identity", initializer=zeros, dtype="float64")
    data = Dataset.from_arrays(np.eye(n), np.full(n, 1e6), dtype="float64")
    before, used = data.fingerprint(), [[] for _ in range(epochs)]
    old = network.w[1].copy()
    for report in train(
        network, data, cost="mean_absolute_error", optimizer="sgd", eta=1.0,
        batch_size=1, epochs=epochs, seed=seed, every=1,
    ):  # fmt: skip
        (which,) = np.nonzero(network.w[1][0] - old[0])
        old = network.w[1].copy()
        if report.step:
            used[report.epoch - 1].extend(which.tolist())
    assert network.w[1].tolist() == [[epochs] * n]  # each weight rose once an epoch
    assert data.fingerprint() == before  # shuffled by numbers; no row was moved
    return used


def test_S0_23_every_example_is_used_once_an_epoch_in_random_order():
    # "Pick out a randomly chosen mini-batch, until the inputs are exhausted."
    first = order_of_use(seed=1)
    for epoch in first:
        assert sorted(epoch) == list(range(50))
    assert len({tuple(epoch) for epoch in first}) == len(first)
    assert first == order_of_use(seed=1)
    assert first != order_of_use(seed=2)


def test_S0_28_the_test_part_is_looked_at_once(monkeypatch, tmp_path, capsys):
    # "Epoch 0: 9129 / 10000", of the test images, after every epoch: so η and the
    # epoch to stop at get chosen by what should judge them.
    looked = []
    part = Dataset.part
    monkeypatch.setattr(
        Dataset, "part", lambda data, name: looked.append(name) or part(data, name)
    )
    reports = list(train(Network([64, 10]), load("digits"), epochs=2))
    assert {report.monitor for report in reports} == {"validation"}
    assert "test" not in looked
    looked.clear()
    # The data check compares hashes of the parts' inputs; no network, no answer in it.
    monkeypatch.setattr(cli.work, "check", lambda *_: [])
    words = ["train", "--epochs", "2", "--runs", str(tmp_path / "runs")]
    with pytest.raises(SystemExit, match="0"):
        cli.main(words)
    assert looked.count("test") == 1
    assert looked[-1] == "test"  # after all training, all choosing
    assert "test part" not in capsys.readouterr().err
    with pytest.raises(SystemExit, match="0"):
        cli.main([*words, "--monitor", "test"])
    assert "too good" in capsys.readouterr().err


def test_S0_33_the_cost_need_not_go_down():
    # "Does the cost always go down?"
    curves = {
        "small η": curve(eta=3.0),
        "large η": curve(eta=20.0),
        "mini-batches": curve(eta=3.0, batch_size=10),
    }
    rises = {name: count_of_rises(costs) for name, costs in curves.items()}
    print("increases in 100 updates:", rises)
    assert rises["small η"] == 0
    assert rises["large η"] > 0
    assert rises["mini-batches"] > 0
    # The mini-batches' curve goes up and down, and yet on the whole down.
    assert curves["mini-batches"][-1] < curves["mini-batches"][0] / 2


def curve(eta, batch_size=300, updates=100) -> list[float]:
    """The cost over all 300 examples, before and after each update."""
    data = load("digits", dtype="float64").train.rows(np.arange(300))
    network = Network([64, 15, 10], "sigmoid", "sigmoid", seed=0, dtype="float64")
    cost, costs = COSTS["quadratic"](), []
    for report in train(
        network, data, cost=cost, optimizer="sgd", eta=eta,
        batch_size=batch_size, epochs=updates, every=1,
    ):  # fmt: skip
        costs.append(trace(network, cost, data.x, data.y).cost)
        if report.step == updates:
            break
    return costs


def count_of_rises(costs: list[float]) -> int:
    return sum(later > sooner for sooner, later in pairwise(costs))
