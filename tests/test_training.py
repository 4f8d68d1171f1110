"""train(): a generator of Reports that tells the truth about the network it trains."""

import threading
import time
from itertools import chain

import numpy as np
import pytest
import scipy.sparse

from pellucid import (
    COSTS,
    OPTIMIZERS,
    SCHEDULES,
    Dataset,
    InputError,
    Network,
    feedforward,
    load,
    split,
    train,
    training,
)
from pellucid.mathematics.costs import mean
from tolerances import CLOSED, PAGE, distance

ENGINES = ["native", "numpy"]
SIZES = [64, 12, 10]


@pytest.fixture(scope="module")
def digits():
    return load("digits", dtype="float64")


def arrays(m=30, seed=0):
    """A small data set without parts."""
    random = np.random.RandomState(seed)
    x = random.standard_normal((m, 4))
    return Dataset.from_arrays(x, (x[:, 0] > 0).astype(int), dtype="float64")


def small(**words):
    return Network([4, 5, 2], "tanh", dtype="float64", **words)


def trained(network, data, **words):
    for _ in train(network, data, **words):
        pass
    return network


def test_first_report_speaks_of_the_untouched_network(digits):
    network = Network(SIZES)
    before = network.weights_sha256()
    first = next(train(network, digits))
    assert (first.epoch, first.step, first.eta, first.cost) == (0, 0, None, None)
    assert (first.monitor, first.count) == ("validation", 180)
    assert first.complete and first.seconds == 0
    assert network.weights_sha256() == before


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_network_holds_the_parameters_the_report_speaks_of(digits, engine, optimizer):
    network = Network(SIZES, dtype="float64")
    part, cost = digits.validation, COSTS["cross_entropy"]()
    seen = 0
    for report in train(
        network, digits, optimizer=optimizer, epochs=4, every=10, engine=engine
    ):
        if report.complete:
            z, a = feedforward(network, part.x)
            value = mean(cost(z[-1], a[-1], part.y))
            assert distance(report.monitor_cost, value) < PAGE["float64"]
            assert report.correct == (a[-1].argmax(1) == part.labels).sum()
            assert report.accuracy == report.correct / 180
            seen += 1
    assert seen == 5


def test_report_reads_as_the_lectures_write_it():
    report = training.Report(3, 9, 0.1, 0.5, 1.0, correct=9402, count=10_000)
    assert str(report) == "Epoch 3: 9402 / 10000"
    assert str(training.Report(3, 9, 0.1, 0.25, 1.0)) == "Epoch 3: cost 0.25"
    assert str(training.Report(0, 0, None, None, 0.0)) == "Epoch 0: cost -"


def test_reported_cost_is_the_mean_of_the_examples_before_their_updates():
    data, network = arrays(), small()
    z, a = feedforward(network, data.x)
    whole = mean(COSTS["cross_entropy"]()(z[-1], a[-1], data.y))
    reports = list(train(network, data, batch_size=30, epochs=1))
    assert distance(reports[1].cost, whole) < CLOSED


def test_steps_epochs_and_rates_are_counted():
    reports = list(
        train(small(), arrays(), epochs=3, batch_size=8, optimizer="sgd", eta=0.25)
    )
    assert [report.epoch for report in reports] == [0, 1, 2, 3]
    assert [report.step for report in reports] == [0, 4, 8, 12]
    assert [report.eta for report in reports] == [None, 0.25, 0.25, 0.25]


def test_every_gives_partial_reports_and_the_same_bits(digits):
    whole, pieces = Network(SIZES), Network(SIZES)
    want = list(train(whole, digits, epochs=2, batch_size=32, dropout=0.2))
    got = list(train(pieces, digits, epochs=2, batch_size=32, dropout=0.2, every=15))
    assert pieces.weights_sha256() == whole.weights_sha256()
    assert [report.step for report in got] == [0, 15, 30, 40, 55, 70, 80]
    complete = [report for report in got if report.complete]
    assert [r.step for r in complete] == [0, 40, 80]
    assert [r.correct for r in complete] == [r.correct for r in want]
    partial = [report for report in got if not report.complete]
    assert all(r.monitor == "none" and r.accuracy is None for r in partial)
    assert all(r.cost > 0 for r in partial)
    # The cost is that of the whole epoch, not that of its last piece.
    for piece, one in zip(complete[1:], want[1:], strict=True):
        assert distance(piece.cost, one.cost) < CLOSED


@pytest.mark.parametrize("every", [None, 3])
def test_patience_stops_late_enough_and_returns_to_the_best(digits, every):
    network, best, found = Network(SIZES, seed=2), None, []
    for report in train(
        network, digits, eta=0.01, epochs=200, patience=4, batch_size=100, every=every
    ):
        if report.complete:
            found.append(report.accuracy)
            if report.best or report.epoch == 0:
                best = (report.epoch, network.weights_sha256())
    assert len(found) < 100
    assert best[0] == int(np.argmax(found)) == len(found) - 1 - 4
    assert network.weights_sha256() == best[1]


def test_best_marks_each_new_best(digits):
    reports = list(train(Network(SIZES), digits, epochs=8))
    best = -1.0
    for report in reports:
        assert report.best == (report.epoch > 0 and report.accuracy > best)
        best = max(best, report.accuracy)


@pytest.mark.parametrize("engine", ENGINES)
def test_break_leaves_a_usable_network(digits, engine):
    network = Network(SIZES)
    for report in train(network, digits, epochs=50, patience=9, engine=engine):
        if report.epoch == 2:
            break
    assert (
        network.weights_sha256()
        == trained(Network(SIZES), digits, epochs=2, engine=engine).weights_sha256()
    )
    assert (network(digits.test.x[:3].astype("float32")).sum(1) > 0.99).all()


def test_order_uses_every_example_once_an_epoch(monkeypatch):
    data, orders = arrays(), []
    start = training.start

    def recording(*arguments, **words):
        engine = start(*arguments, **words)
        run = engine.run
        engine.run = lambda *words: orders.append(list(words[0])) or run(*words)
        return engine

    monkeypatch.setattr(training, "start", recording)
    trained(small(), data, epochs=3, batch_size=4, every=2, engine="numpy")
    epochs = [list(chain(*orders[4 * e : 4 * e + 4])) for e in range(3)]
    assert [len(order) for order in orders[:4]] == [8, 8, 8, 6]
    assert all(sorted(order) == list(range(30)) for order in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_eta_follows_the_schedule(schedule):
    reports = list(
        train(small(), arrays(), epochs=5, batch_size=10, eta=0.5, schedule=schedule)
    )
    rule = SCHEDULES[schedule](eta=0.5, steps=15)
    assert [r.eta for r in reports[1:]] == [rule(step) for step in (2, 5, 8, 11, 14)]


def test_eta_may_be_a_function_of_the_step():
    reports = list(
        train(small(), arrays(), epochs=2, batch_size=15, eta=lambda t: t / 8)
    )
    assert [report.eta for report in reports] == [None, 1 / 8, 3 / 8]


@pytest.mark.parametrize("engine", ENGINES)
def test_same_seed_same_bits_other_seed_other_bits(digits, engine):
    words = {"epochs": 2, "dropout": 0.3, "engine": engine}
    hashes = [
        trained(Network(SIZES), digits, seed=seed, **words).weights_sha256()
        for seed in (0, 0, 1)
    ]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    "monitor, name, count",
    [
        ("auto", "validation", 180),
        ("validation", "validation", 180),
        ("test", "test", 359),
        ("train", "train", 1258),
        ("none", "none", None),
    ],
)
def test_the_part_that_is_asked_for_is_monitored(digits, monitor, name, count):
    *_, last = train(Network(SIZES), digits, epochs=1, monitor=monitor)
    assert (last.monitor, last.count) == (name, count)
    assert (last.monitor_cost is None) == (last.accuracy is None) == (name == "none")


def test_data_without_parts_is_learned_from_whole():
    *_, last = train(small(), arrays(), epochs=1)
    assert last.monitor == "none"
    *_, last = train(small(), arrays(), epochs=1, monitor="train")
    assert last.count == 30


def test_numbers_are_monitored_by_their_cost():
    random = np.random.RandomState(0)
    x = random.standard_normal((60, 4))
    data = split(Dataset.from_arrays(x, x @ [1.0, 2, 3, 4], dtype="float64"))
    network = Network([4, 1], output="identity", dtype="float64")
    reports = list(
        train(network, data, optimizer="sgd", epochs=60, eta=0.2, patience=60)
    )
    assert reports[-1].correct is reports[-1].accuracy is None
    assert reports[-1].monitor_cost < 1e-6 < reports[0].monitor_cost
    best = [r.monitor_cost for r in reports if r.best]
    assert best == sorted(best, reverse=True) and len(best) > 10


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lbfgs"])
def test_weight_two_counts_as_given_twice(engine, optimizer):
    data = arrays(10)
    weight = np.array([1.0, 2.0] * 5)
    rows = np.repeat(np.arange(10), weight.astype(int))
    heavy = Dataset(data.x, data.y, data.classes, weight)
    twice = Dataset(data.x[rows], data.y[rows], data.classes)
    words = {"optimizer": optimizer, "epochs": 5, "engine": engine, "l2": 0.01}
    one = trained(small(), heavy, batch_size=10, **words)
    other = trained(small(), twice, batch_size=15, **words)
    assert distance(one.parameters.theta, other.parameters.theta) < CLOSED * 100
    plain = trained(small(), data, batch_size=10, **words)
    assert distance(one.parameters.theta, plain.parameters.theta) > 1e-3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sparse_examples_train_to_the_same_bits(digits, dtype):
    sparse = Dataset(
        scipy.sparse.csr_array(digits.x), digits.y, digits.classes, counts=digits.counts
    )
    reports, hashes = [], []
    for data in (digits, sparse):
        network = Network(SIZES, dtype=dtype)
        reports.append(list(train(network, data, epochs=2, dropout=0.2)))
        hashes.append(network.weights_sha256())
    assert hashes[0] == hashes[1]
    assert [r.monitor_cost for r in reports[0]] == [r.monitor_cost for r in reports[1]]


def test_precision_of_the_network_is_kept(digits):
    for dtype in ("float32", "float64"):
        network = trained(Network(SIZES, dtype=dtype), digits, epochs=1)
        assert network.dtype == dtype


def test_lbfgs_learns_digits_and_reports_each_iteration(digits):
    network = Network(SIZES)
    reports = list(train(network, digits, optimizer="lbfgs", epochs=80, l2=1e-3))
    assert [report.epoch for report in reports] == list(range(len(reports)))
    assert [report.step for report in reports] == list(range(len(reports)))
    assert 20 < len(reports) <= 81
    assert {report.eta for report in reports} == {None}
    costs = [report.cost for report in reports[1:]]
    assert costs == sorted(costs, reverse=True)
    right = network(digits.test.x.astype("float32")).argmax(1) == digits.test.labels
    assert right.mean() > 0.95


def test_lbfgs_ends_where_it_has_converged():
    *_, last = train(small(), arrays(), optimizer="lbfgs:tolerance=0.1", epochs=500)
    assert 0 < last.epoch < 100


def leave_by_break(reports):
    for report in reports:
        if report.epoch == 2:
            break


def leave_by_error(reports):
    with pytest.raises(ZeroDivisionError):
        for report in reports:
            1 // (2 - report.epoch)


def leave_by_close(reports):
    next(reports), next(reports), next(reports)
    reports.close()


@pytest.mark.parametrize("leave", [leave_by_break, leave_by_error, leave_by_close])
def test_lbfgs_can_be_left_without_a_thread_behind(digits, leave):
    before = threading.active_count()
    network = Network(SIZES)
    leave(train(network, digits, optimizer="lbfgs", epochs=50))
    end = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() == before
    again = trained(Network(SIZES), digits, optimizer="lbfgs", epochs=2)
    assert network.weights_sha256() == again.weights_sha256()


def test_engines_agree_on_a_whole_training(digits):
    networks = [
        trained(Network(SIZES, dtype="float64"), digits, epochs=2, engine=engine)
        for engine in ENGINES
    ]
    theta = [network.parameters.theta for network in networks]
    assert distance(theta[0], theta[1]) < 1e3 * PAGE["float64"]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_lowers_the_cost(optimizer):
    reports = list(
        train(small(), arrays(), optimizer=optimizer, epochs=60, monitor="train")
    )
    assert reports[-1].monitor_cost < 0.9 * reports[0].monitor_cost


@pytest.mark.parametrize(
    "words",
    [
        {"optimizer": "sgdd"},
        {"eta": 0},
        {"epochs": 0},
        {"batch_size": 31},
        {"seed": -1},
        {"dropout": 1.0},
        {"monitor": "validation"},
        {"patience": 3},
        {"every": 0},
        {"engine": "gpu"},
        {"cost": "poisson"},
        {"schedule": "sometimes"},
        {"schedule": "cosine", "eta": lambda step: 0.1},
        {"optimizer": "lbfgs", "dropout": 0.1},
    ],
)
def test_what_does_not_fit_is_told_at_the_call(words):
    with pytest.raises(InputError):
        train(small(), arrays(), **words)  # nobody asks for a Report
