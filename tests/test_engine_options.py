"""What the estimators ask of an engine: a summed penalty, a floor, Adam's other ε."""

import numpy as np
import pytest

from pellucid import COSTS, OPTIMIZERS, Dataset, InputError, Network
from pellucid.engines import NotFiniteError, start
from pellucid.mathematics.costs import BinaryCrossEntropy, CrossEntropy, Quantile
from pellucid.mathematics.families import pick, spell
from pellucid.mathematics.optimizers import Adam
from tolerances import CLOSED, distance

RANDOM = np.random.RandomState(0)
X, Y = RANDOM.standard_normal((12, 3)), RANDOM.standard_normal((12, 2))
WEIGHT = np.array([0.0, 1.0, 2.5] * 4)


def engine(network=None, weight=None, **words):
    network = network or Network([3, 4, 2], "tanh", "identity", dtype="float64")
    words = {"cost": COSTS["quadratic"](), "optimizer": OPTIMIZERS["sgd"](), **words}
    return start(network, Dataset(X, Y, weight=weight), **words)


def squares(network):
    return sum(float((w * w).sum()) for w in network.w[1:])


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_a_summed_penalty_is_divided_by_what_the_mini_batch_counts_as(weight):
    plain = engine(weight=weight)
    summed = engine(weight=weight, l2=3.0, summed_penalty=True)
    rows = np.arange(5)
    m = 5.0 if weight is None else weight[:5].sum()
    (cost, nabla), (got, got_nabla) = plain.gradient(rows), summed.gradient(rows)
    network = plain.snapshot()
    assert abs(got - cost - 0.5 * 3.0 * squares(network) / m) < CLOSED
    for l in (1, 2):
        assert distance(got_nabla.w[l], nabla.w[l] + 3.0 * network.w[l] / m) < CLOSED
        assert distance(got_nabla.b[l], nabla.b[l]) < CLOSED


def test_an_engine_says_which_part_of_a_run_was_the_penalty():
    whole = engine(l2=3.0, summed_penalty=True, optimizer=OPTIMIZERS["sgd"](1e-12))
    total = whole.run(np.arange(12), 5)
    # Three mini-batches; the weights hardly move.
    assert distance(whole.penalty, 3 * 0.5 * 3.0 * squares(whole.snapshot())) < 1e-9
    want = engine(optimizer=OPTIMIZERS["sgd"](1e-12), engine="numpy")
    assert distance(total - whole.penalty, want.run(np.arange(12), 5)) < 1e-9
    assert want.penalty == 0.0


def test_a_mini_batch_without_weight_is_passed_over():
    none = engine(weight=np.r_[np.zeros(4), np.ones(8)], l2=1.0, summed_penalty=True)
    before = none.snapshot().parameters.theta
    assert none.run(np.arange(4), 4) == 0.0
    np.testing.assert_array_equal(none.snapshot().parameters.theta, before)


def test_what_the_native_engine_lacks_falls_to_the_numpy_engine_or_is_told():
    words = {"l2": 1.0, "summed_penalty": True}
    assert repr(engine(**words)).startswith("numpy")
    assert repr(engine(summed_penalty=True)).startswith("native")
    with pytest.raises(
        InputError, match=r"can't do summed_penalty yet.*engine='numpy'"
    ):
        engine(engine="native", **words)
    with pytest.raises(InputError, match="can't do uncorrected_epsilon and cost quant"):
        optimizer = Adam(uncorrected_epsilon=True)
        engine(engine="native", cost=Quantile(0.3), optimizer=optimizer)
    with pytest.raises(InputError, match="threads must be a whole number and >= 1"):
        engine(threads=0)


def test_adam_may_add_epsilon_beside_the_uncorrected_root():
    theta, nabla = np.array([1.0, 2.0]), np.array([1e-3, -2.0])
    rule = Adam(0.1, 0.8, 0.9, 0.5, uncorrected_epsilon=True)
    slots, v, s = rule.slots(theta), 0.0, 0.0
    want = theta.copy()
    for t in range(1, 6):
        rule.update(theta, nabla.copy(), slots, 0.1, t - 1)
        v, s = 0.8 * v + 0.2 * nabla, 0.9 * s + 0.1 * nabla**2
        rate = 0.1 * np.sqrt(1 - 0.9**t) / (1 - 0.8**t)
        want = want - rate * v / (np.sqrt(s) + 0.5)
    assert distance(theta, want) < CLOSED


def test_what_is_keyword_only_is_no_part_of_a_text():
    assert spell(Adam(uncorrected_epsilon=True)) == "adam"
    with pytest.raises(InputError, match="it takes no numbers"):
        pick("cost", "cross_entropy:0.1", COSTS)


@pytest.mark.parametrize("kind", [CrossEntropy, BinaryCrossEntropy])
def test_a_floor_bounds_the_value_and_leaves_the_error(kind):
    z = np.array([[40.0, -40.0], [0.5, -0.5]])
    y = np.array([[0.0, 1.0], [1.0, 0.0]])
    binary = kind is BinaryCrossEntropy
    a = 1 / (1 + np.exp(-z)) if binary else np.exp(z) / np.exp(z).sum(1)[:, None]
    floor = 1e-6
    p = np.clip(a, floor, 1 - floor)
    want = -(y * np.log(p)).sum(1)
    if binary:
        want -= ((1 - y) * np.log(1 - p)).sum(1)
    rule = kind(floor=floor)
    assert distance(rule(z, a, y), want) < CLOSED
    assert distance(rule(z, a, y)[1], kind()(z, a, y)[1]) < 10 * floor
    np.testing.assert_array_equal(
        rule.delta(z, a, y, None), kind().delta(z, a, y, None)
    )


def test_a_cost_that_is_not_finite_is_told_with_its_mini_batch():
    broken = Network([3, 4, 2], "identity", "identity", dtype="float64")
    broken.w[1][:] = 1e200
    with pytest.raises(NotFiniteError, match="mini-batch 0"):
        engine(broken, l2=1.0, summed_penalty=True).run(np.arange(12), 4)
