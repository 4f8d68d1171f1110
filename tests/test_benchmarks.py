"""The benchmarks measure the same work: every peer ends in pellucid's weights."""

import json
from dataclasses import replace

import numpy as np
import pytest

import gate
import run
import summary
from peers import PEERS, make_peer
from tolerances import AUTOGRAD, PAGE, distance
from workloads import WORKLOADS, problem

ROWS = 130


def small(name, dtype):
    """A workload of few rows, few inputs and few networks."""
    work = WORKLOADS[name]
    sizes = (12, *(min(size, 8) for size in work.sizes[1:-1]), work.sizes[-1])
    # Adam's ε is where scikit-learn differs: too small to tell. 48: the last is short.
    work = replace(
        work, sizes=sizes, batch_size=48, rows=ROWS, epsilon=1e-30,
        networks=min(work.networks, 3),
    )  # fmt: skip
    random = np.random.RandomState(3)
    x = random.rand(ROWS, 12) * (random.rand(ROWS, 12) < 0.5)
    y = random.standard_normal((ROWS, 1))
    if sizes[-1] > 1:
        y = np.eye(10)[np.arange(ROWS) % 10]
    x, y = x.astype(dtype), y.astype(dtype)
    return problem(work, x, y, x[:20], y[:20])


def reached(name, at, variant, epochs):
    peer = make_peer(name, at, variant)
    found = peer.fit(epochs)
    assert found.prepare >= 0 and len(found.epochs) == epochs
    return peer, peer.theta()


CASES = [
    (name, workload, variant)
    for name, entry in PEERS.items()
    for workload in entry.workloads
    for variant in entry.variants
    # Compiling takes seconds a case; what is compiled is the step of "PyTorch". Made
    # small, W3-std and W4-32 are W3 and W4-256.
    if name not in ("pellucid", "PyTorch compiled")
    and workload not in ("one-row", "W3-std", "W4-32")
]


@pytest.mark.parametrize(("name", "workload", "variant"), CASES)
def test_a_peer_does_the_same_work(name, workload, variant):
    needs = PEERS[name].needs
    if needs:
        pytest.importorskip(needs, reason=f"{needs} is not installed")
    exact = variant.get("dtype") != "float32"
    at = small(workload, "float64" if exact else "float32")
    peer, got = reached(name, at, variant, 2)
    first = at.theta
    # Where the peer can't do the workload, pellucid does what the peer does.
    _, want = reached("pellucid", peer.problem, {}, 2)
    assert got.shape == want.shape and got.dtype == want.dtype
    assert distance(got - first, want - first) < (
        AUTOGRAD if exact else PAGE["float32"]
    )
    assert not np.array_equal(want, first)


@pytest.mark.parametrize(
    "name", [name for name, entry in PEERS.items() if "one-row" in entry.workloads]
)
def test_a_peer_gives_the_same_answer(name):
    entry = PEERS[name]
    if entry.needs:
        pytest.importorskip(entry.needs, reason=f"{entry.needs} is not installed")
    at = small("one-row", "float32")
    if name == "scikit-learn":  # it makes its model by a fit
        at = replace(at, workload=replace(at.workload, batch_size=48))
    row = at.test_x[:1]
    got = make_peer(name, at, entry.variants[0]).answerer()(row)
    assert got.shape == (1, 10)
    assert distance(got, at.network(at.theta[0])(row)) < PAGE["float32"]


def test_every_order_is_a_permutation_and_the_one_that_scikit_learn_draws():
    from sklearn.utils import shuffle

    at = small("W2", "float32")
    random, want = np.random.RandomState(at.seed), np.arange(ROWS)
    for _, got in zip(range(3), at.orders(), strict=False):
        want = shuffle(want, random_state=random)
        assert (got == want).all() and sorted(got) == list(range(ROWS))


def test_a_row_costs_the_operations_of_the_plan():
    assert WORKLOADS["W1"].flop_a_row == 95_880  # 3 * 2 * 23,820 - 2 * 23,520
    assert WORKLOADS["W4-256"].flop_a_row == 109_312


@pytest.fixture(scope="module")
def raced():
    """Two peers on a few synthetic rows, in processes of their own."""
    made = {}
    for peer in ("pellucid", "NumPy float32"):
        process = made[peer] = run.Process(peer, 1, "W4-256", 600)
        process.variant = {} if peer == "pellucid" else {"dtype": "float32"}
    run.race(list(made.values()), 2, 0)
    yield made
    for process in made.values():
        process.end()


def test_processes_are_asked_in_turn_and_the_first_round_is_cold(raced):
    for process in raced.values():
        assert [each["cold"] for each in process.rounds] == [True, False, False]
        assert all(run.each_epoch(each) > 0 for each in process.rounds)
    pairs = zip(*(process.rounds for process in raced.values()), strict=True)
    for one, other in pairs:
        assert abs(one["score"] - other["score"]) < PAGE["float32"]
    seeds = {each["score"] for each in raced["pellucid"].rounds[1:]}
    assert len(seeds) == 2  # each round has orders of its own
    assert raced["pellucid"].ask("tell")["differs"] == ""


def test_a_peer_that_fails_says_why(raced):
    with pytest.raises(RuntimeError, match=r"TypeError.*unheard"):
        raced["pellucid"].ask("fit", variant={"unheard": 1}, epochs=1, seed=1)


def result(**more):
    """A result as run.py saves it, of two made-up peers."""
    one = {
        "peer": "pellucid, 1 core", "threads": 1, "variant": {}, "cold": 3.0,
        "prepare": [0.5] * 3, "epoch": [1.0, 2.0, 3.0], "others": [0.0] * 3,
        "score": [0.9] * 3, "differs": "", "memory": 10.0,
    }  # fmt: skip
    other = {**one, "peer": "slow", "epoch": [4.0, 5.0, 6.0], **more}
    return {
        "workload": "W1", "title": "t", "rows": 50_000, "rounds": 3,
        "machine": {"commit": "c"},
        "probe": [{"1": {"sgemm": 100.0, "fma": None}}] * 2, "lines": [other, one],
    }  # fmt: skip


def test_a_table_says_who_is_faster_and_whether_scores_agree(tmp_path):
    found = result(score=[0.901, 0.902, 0.903])
    text = summary.table(found)
    first, second = [line for line in text.splitlines() if "threads" not in line][6:8]
    assert first.startswith("| pellucid, 1 core | 2000 (1500 – 2500) | 400 | 500 ")
    assert "| 2.50 (1) |" in second
    assert "within 0.3 points (0.20)" in text and "NOT" not in text
    assert "NOT within" in summary.table(result(score=[0.91] * 3))
    summary.save(found, tmp_path / "new")
    assert json.loads((tmp_path / "new" / "W1.json").read_text()) == found
    assert (tmp_path / "new" / "W1.md").read_text() == text + "\n"


def test_the_gate_judges_by_the_record_and_by_numpy():
    held = [("W1", 20.0, 40.0), ("W2", 5.0, 5.0)]
    assert gate.judge(held, 2.0, None) == gate.judge(held, 2.0, 1.9) == []
    assert "W1: a step is as long as 2 MFLOP" in gate.judge(held, 2.0, 1.6)[0]
    slow = [*held, ("W3", 6.0, 5.0)]
    assert gate.judge(slow, 2.0, 1.9) == ["W3: 6 µs a step is slower than NumPy's 5 µs"]
