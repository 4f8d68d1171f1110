"""Many networks at once: each is what it would be alone."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from pellucid import Dataset, DivergedError, InputError, Network, Report, load, train
from pellucid.training.population import train_all
from pellucid.training.shared import StoppedError

COMMON = {"epochs": 3, "batch_size": 16}
MIXED = [
    ([64, 12, 10], {}, {"eta": 0.5, "optimizer": "sgd"}),
    ([64, 10], {}, {"eta": 0.01, "seed": 7, "l2": 1e-3}),
    ([64, 33, 5, 10], {"hidden": "tanh"}, {"dropout": 0.2, "schedule": "one_cycle"}),
    ([64, 8, 10], {"output": "sigmoid"}, {"cost": "quadratic", "batch_size": 7}),
    ([64, 8, 10], {"dtype": "float64"}, {"optimizer": "momentum:0.5", "clip": 1.0}),
    ([64, 8, 10], {}, {"engine": "numpy", "l1": 1e-4}),
    ([64, 8, 10], {}, {"optimizer": "lbfgs"}),
    ([64, 200, 10], {}, {"monitor": "train", "patience": 1, "eta": 0.05}),
]
DIVERGING = {"eta": 1e30, "optimizer": "sgd", "cost": "quadratic"}


def networks():
    return [Network(sizes, **more) for sizes, more, _ in MIXED]


def told(found):
    """What a Report says, the seconds left out."""
    return [
        (r.epoch, r.step, r.eta, r.cost, r.monitor_cost, r.correct, r.best)
        for r in found
    ]


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def alone(digits):
    """Each of MIXED by itself: its reports and its θ."""
    found = []
    for network, (_, _, words) in zip(networks(), MIXED, strict=True):
        reports = list(train(network, digits, **{**COMMON, **words}))
        found.append((told(reports), network.parameters.theta.copy()))
    return found


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_each_network_is_what_it_is_alone(digits, alone, threads):
    made, each = networks(), [words for *_, words in MIXED]
    reports = {number: [] for number in range(len(made))}
    for number, report in train_all(made, digits, each, threads=threads, **COMMON):
        reports[number].append(report)
        last, theta = told([report])[0], made[number].parameters.theta
        if last == alone[number][0][-1] and number != 7:  # 7 goes back to its best
            assert np.array_equal(theta, alone[number][1])
    for number, network in enumerate(made):
        assert told(reports[number]) == alone[number][0]
        assert np.array_equal(network.parameters.theta, alone[number][1])


def test_one_that_diverges_is_told_and_the_others_do_not_notice(digits, alone):
    made = networks()
    made[1] = Network([64, 8, 10], "relu", "identity")
    each = [words for *_, words in MIXED]
    each[1] = DIVERGING
    found = list(train_all(made, digits, each, **COMMON))
    (error,) = [what for _, what in found if isinstance(what, DivergedError)]
    assert (1, error) in found and "stopped being finite in epoch 1" in str(error)
    for number, network in enumerate(made):
        if number != 1:
            assert np.array_equal(network.parameters.theta, alone[number][1])


def test_the_network_stands_where_its_report_says_until_the_next_is_asked_for(digits):
    made = [Network([64, 9, 10], seed=seed) for seed in range(3)]
    before = {}
    for number, report in train_all(made, digits, threads=2, epochs=4):
        theta = made[number].parameters.theta.copy()
        time.sleep(0.01)  # the others may go on meanwhile
        assert np.array_equal(theta, made[number].parameters.theta)
        assert report.state()["step"][0] == report.step
        assert np.array_equal(report.state()["theta"], theta)
        assert report.epoch == before.get(number, -1) + 1
        before[number] = report.epoch
    assert before == {0: 4, 1: 4, 2: 4}


def test_the_examples_are_prepared_once(digits, monkeypatch):
    from pellucid.engines import _native

    made, prepare = [], _native.dense_float32
    monkeypatch.setattr(
        _native, "dense_float32", lambda *words: made.append(1) or prepare(*words)
    )
    several = [Network([64, 5, 10], seed=seed) for seed in range(4)]
    list(train_all(several, digits, epochs=1))
    assert len(made) == 1


def wide(rows):
    """Data whose epoch takes seconds on one thread."""
    random = np.random.RandomState(0)
    return Dataset.from_arrays(
        random.standard_normal((rows, 200)), random.randint(0, 10, rows)
    )


def test_closing_it_ends_all_threads_within_an_epoch():
    networks = [Network([200, 300, 300, 10], seed=seed) for seed in range(4)]
    told = train_all(networks, wide(40_000), threads=2, epochs=50)
    for _ in range(4):
        next(told)
    time.sleep(0.05)  # they are in the middle of an epoch
    begin = time.perf_counter()
    told.close()
    assert time.perf_counter() - begin < 1.0  # an epoch of both takes several
    assert not [t for t in threading.enumerate() if t.name.startswith("pellucid-")]


def test_networks_wait_for_each_other_on_a_rung_and_some_go_no_further(digits, alone):
    made = [Network([64, 8, 10], seed=seed) for seed in range(4)]
    leaving, seen, order = set(), {}, []
    for number, report in train_all(
        made, digits, threads=3, epochs=4, rungs=(2, 3), leaving=leaving
    ):
        order.append((number, report.epoch))
        seen[number] = report.epoch
        if all(seen.get(k) == 2 for k in range(4)):
            leaving |= {0, 2}
    assert seen == {0: 2, 1: 4, 2: 2, 3: 4}
    twos = [place for place, (_, epoch) in enumerate(order) if epoch == 2]
    assert max(twos) < min(place for place, (_, epoch) in enumerate(order) if epoch > 2)
    whole = Network([64, 8, 10], seed=1)
    list(train(whole, digits, epochs=4))
    assert np.array_equal(whole.parameters.theta, made[1].parameters.theta)
    half = Network([64, 8, 10], seed=0)
    list(train(half, digits, epochs=2))
    assert np.array_equal(half.parameters.theta, made[0].parameters.theta)


def test_one_that_diverges_keeps_nobody_waiting_on_a_rung(digits):
    made = [Network([64, 8, 10], "relu", "identity", seed=seed) for seed in range(3)]
    each = [{"cost": "quadratic"}, DIVERGING, {"cost": "quadratic"}]
    found = list(train_all(made, digits, each, epochs=3, rungs=(1, 2, 3)))
    last = {k: what for k, what in found}
    assert isinstance(last[1], DivergedError)
    assert last[0].epoch == last[2].epoch == 3


def test_it_ends_at_the_moment_that_was_said_within_an_epoch():
    networks = [Network([200, 1500, 1500, 10], seed=seed) for seed in range(2)]
    data, told = wide(40_000), []
    begin = time.monotonic()
    for _, report in train_all(networks, data, epochs=50, until=begin + 1.0):
        told.append(report.epoch)
    assert time.monotonic() - begin < 3.0
    assert max(told) == 0  # an epoch of any takes longer
    assert not [t for t in threading.enumerate() if t.name.startswith("pellucid-")]


def test_ctrl_c_ends_it_at_once():
    networks = [Network([200, 300, 300, 10], seed=seed) for seed in range(4)]
    told = train_all(networks, wide(40_000), threads=2, epochs=50)
    sent = []

    def interrupt():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(1.0, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        for _ in told:
            pass
    assert time.perf_counter() - sent[0] < 1.0
    assert not [t for t in threading.enumerate() if t.name.startswith("pellucid-")]


def test_linear_algebra_has_one_thread_meanwhile(digits):
    from threadpoolctl import threadpool_info, threadpool_limits

    def threads():
        found = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
        return {pool["num_threads"] for pool in found}

    networks = [Network([64, 5, 10], seed=s) for s in (1, 2)]
    with threadpool_limits(2, "blas"):
        for _ in train_all(networks, digits, engine="numpy", epochs=1):
            assert threads() == {1}
        assert threads() == {2}
        told = train_all(networks, digits, epochs=1)
        next(told)
        told.close()
        assert threads() == {2}


def test_a_defect_in_one_is_raised(digits, monkeypatch):
    from pellucid.engines.native_engine import NativeEngine

    def broken(self, *_):
        raise MemoryError

    monkeypatch.setattr(NativeEngine, "run", broken)
    with pytest.raises(MemoryError):
        list(train_all([Network([64, 10])], digits))


def test_pieces_of_an_epoch_change_no_bit(digits):
    from pellucid.training import shared

    whole, parts = Network([64, 20, 10]), Network([64, 20, 10])
    one = list(train(whole, digits, epochs=2))
    before, shared.PIECE = shared.PIECE, 4096 * 16
    try:
        many = list(train(parts, digits, epochs=2))
    finally:
        shared.PIECE = before
    assert np.array_equal(whole.parameters.theta, parts.parameters.theta)
    assert [r.cost for r in one] == [r.cost for r in many]
    assert [r.step for r in one] == [r.step for r in many]


def test_a_diverged_mini_batch_has_the_same_number_in_pieces(digits, monkeypatch):
    from pellucid.training import shared

    def number():
        network = Network([64, 8, 10], "relu", "identity")
        with pytest.raises(DivergedError) as found:
            list(train(network, digits, eta=3.0, optimizer="sgd", cost="quadratic"))
        return found.value.mini_batch, str(found.value)

    whole = number()
    monkeypatch.setattr(shared, "PIECE", 4096 * 32)
    assert number() == whole and whole[0] > 1


def test_what_does_not_fit_is_said_before_anything_runs(digits):
    network = Network([64, 10])
    with pytest.raises(InputError, match=r"must be 1 to 10,000 .*; got 0"):
        train_all([], digits)
    with pytest.raises(InputError, match="different objects; got one twice"):
        train_all([network, network], digits)
    with pytest.raises(InputError, match="one dictionary a network, 1; got 2"):
        train_all([network], digits, [{}, {}])
    with pytest.raises(InputError, match="threads is not a setting of one network"):
        train_all([network], digits, [{"threads": 2}])
    with pytest.raises(InputError, match="optimizer must be"):
        train_all([network], digits, [{"optimizer": "adm"}])
    with pytest.raises(InputError, match="data must be a Dataset; got a int"):
        train_all([network], 3)
    with pytest.raises(InputError, match="or one a network, 1; got 0"):
        train_all([network], [])
    with pytest.raises(InputError, match="The network takes 63 inputs"):
        train_all([network, Network([63, 10])], digits)
    with pytest.raises(InputError, match=r"y must be \(\d{4}, 9\)"):
        train_all([network, Network([64, 9])], digits)
    with pytest.raises(InputError, match="threads must be"):
        train_all([network], digits, threads=0)


def test_what_is_shared_must_be_of_the_same_data(digits):
    from pellucid import COSTS, OPTIMIZERS
    from pellucid.engines import start
    from pellucid.training.shared import Shared

    network = Network([64, 10])
    with pytest.raises(InputError, match="shared must be of the Dataset"):
        train(network, digits, shared=Shared(load("digits")))
    words = {"cost": COSTS["cross_entropy"](), "optimizer": OPTIMIZERS["sgd"]()}
    first = start(network, digits.train, **words)
    with pytest.raises(InputError, match="like must be an engine on the same Dataset"):
        start(network, digits.train, like=first, **words)


def test_a_stopped_training_says_so(digits):
    from pellucid.training.shared import Shared

    shared = Shared(digits)
    reports = train(Network([64, 10]), digits, shared=shared)
    assert isinstance(next(reports), Report)
    shared.stopped = True
    with pytest.raises(StoppedError):
        next(reports)
