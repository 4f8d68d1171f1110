"""The benchmarks measure the same work: every peer ends in pellucid's weights."""

from dataclasses import replace

import numpy as np
import pytest

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
    # Compiling takes seconds a case; what is compiled is the step of "PyTorch".
    if workload != "one-row" and name not in ("pellucid", "PyTorch compiled")
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
