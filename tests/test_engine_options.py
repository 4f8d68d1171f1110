"""What the estimators ask of an engine: a summed penalty, a floor, Adam's other ε."""

import numpy as np
import pytest

from pellucid import COSTS, OPTIMIZERS, Dataset, InputError, Network
from pellucid.engines import ENGINES, NotFiniteError, start
from pellucid.mathematics.costs import BinaryCrossEntropy, CrossEntropy, Quantile
from pellucid.mathematics.families import pick, spell
from pellucid.mathematics.optimizers import Adam
from tolerances import CLOSED, PAGE, distance

RANDOM = np.random.RandomState(0)
X, Y = RANDOM.standard_normal((12, 3)), RANDOM.standard_normal((12, 2))
NAME = "auto"
WEIGHT = np.array([0.0, 1.0, 2.5] * 4)


@pytest.fixture(params=ENGINES, autouse=True)
def name(request, monkeypatch):
    """Every test here, on every engine."""
    monkeypatch.setattr(f"{__name__}.NAME", request.param)
    return request.param


def engine(network=None, weight=None, **words):
    network = network or Network([3, 4, 2], "tanh", "identity", dtype="float64")
    words = {
        "engine": NAME,
        "cost": COSTS["quadratic"](),
        "optimizer": OPTIMIZERS["sgd"](),
        **words,
    }
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


def test_what_the_native_engine_lacks_falls_to_the_numpy_engine_or_is_told(name):
    from pellucid.estimators.columns import CrossEntropies, Softmaxes

    words = {"cost": CrossEntropies((2,)), "output": Softmaxes((2,))}
    network = Network([3, 4, 2], "tanh", words.pop("output"), dtype="float64")
    data = Dataset(X, np.eye(2)[np.arange(12) % 2])
    words["optimizer"] = OPTIMIZERS["sgd"]()
    assert repr(start(network, data, **words)).startswith("numpy")
    with pytest.raises(InputError, match=r"can't do cost .* engine='numpy'"):
        start(network, data, engine="native", **words)
    with pytest.raises(InputError, match="threads must be"):
        start(network, data, threads=0, **words)


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


@pytest.mark.parametrize(
    ("cost", "output"),
    [
        (CrossEntropy(floor=0.2), "softmax"),
        (BinaryCrossEntropy(floor=0.2), "sigmoid"),
        (Quantile(0.2), "identity"),
    ],
)
def test_every_engine_steps_alike(cost, output):
    y = np.eye(2)[np.arange(12) % 2]
    words = {"l2": 0.5, "summed_penalty": True}
    rule = Adam(0.01, uncorrected_epsilon=True)
    words |= {"cost": cost, "optimizer": rule}
    begun = []
    for data in (Dataset(X, y), Dataset(X, y, weight=WEIGHT)):
        for each in ENGINES:
            network = Network([3, 4, 2], "tanh", output, dtype="float64")
            begun.append(start(network, data, engine=each, **words))
    ran = [(each.run(np.arange(12), 5), each.penalty) for each in begun]
    ends = [each.snapshot().parameters.theta for each in begun]
    for i in (0, 2):
        assert distance(np.array(ran[i]), np.array(ran[i + 1])) < PAGE["float64"]
        assert distance(ends[i], ends[i + 1]) < PAGE["float64"]


def test_epochs_handed_over_together_are_the_same_epochs():
    orders = np.array([np.random.RandomState(i).permutation(12) for i in range(4)])
    words = {"l2": 0.3, "summed_penalty": True, "optimizer": OPTIMIZERS["adam"](0.01)}
    apart, together = engine(**words), engine(**words)
    want = [(apart.run(order, 5), apart.penalty) for order in orders]
    assert together.run_epochs(orders, 5) == want
    assert together.penalty == apart.penalty and together.step == apart.step == 12
    found, wanted = together.state(), apart.state()
    assert all((found[name] == wanted[name]).all() for name in wanted)


def test_an_epoch_that_is_not_finite_tells_of_those_before():
    orders = np.array([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
    x = X.copy()
    x[7] = 1e200  # its square is too large
    words = {"cost": COSTS["quadratic"](), "optimizer": OPTIMIZERS["sgd"](1e-3)}
    network = Network([3, 4, 2], "identity", "identity", dtype="float64")
    sick, want = (start(network, Dataset(at, Y), engine=NAME, **words) for at in (x, X))
    with pytest.raises(NotFiniteError) as caught:
        sick.run_epochs(orders, 2)
    assert caught.value.mini_batch == 1
    assert caught.value.before == [(want.run(orders[0], 2), 0.0)]


def test_what_is_read_is_packed_as_scikit_learn_packs_and_can_be_written():
    one = engine(optimizer=OPTIMIZERS["adam"](0.01))
    one.run(np.arange(12), 4)
    network, cost = one.snapshot(), one.gradient(np.arange(12))[0]
    want = [*(w.T.ravel() for w in network.w[1:]), *network.b[1:]]
    assert (one.read() == np.concatenate(want)).all()
    other = engine(optimizer=OPTIMIZERS["adam"](0.01))
    for slot in ("theta", "s", "v"):
        if slot in one.state():
            other.write(one.read(slot), slot)
    other.step = one.step
    assert other.run(np.arange(12), 4) == one.run(np.arange(12), 4)
    assert (other.read() == one.read()).all() and other.read().base is None
    assert cost > 0


def test_a_packed_gradient_is_the_gradient():
    one = engine(l2=0.5)
    (cost, nabla), (same, packed) = (
        find(np.arange(7)) for find in (one.gradient, one.packed_gradient)
    )
    want = [*(w.T.ravel() for w in nabla.w[1:]), *nabla.b[1:]]
    assert same == cost and (packed == np.concatenate(want)).all()
