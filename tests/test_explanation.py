"""Attributions add up and agree with Shapley values, by column and by pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explained import planes, shapley, trained
from pellucid import ACTIVATIONS, Dataset, InputError, Network, read, train
from pellucid.explanation import attribute, columns_of, integrated_gradients
from pellucid.explanation.attribution import PIECES, slope_of
from pellucid.explanation.columns import own_scale, summed
from tolerances import CLOSED, DIFFERENCE, distance

COMPLETE = 0.01
"""Largest share of the gain that the attributions may miss."""
RANKS = 0.9
"""Least rank correlation with exact Shapley values."""


@pytest.fixture(scope="module")
def digits():
    return trained()


@pytest.mark.parametrize("output", ["softmax", "sigmoid", "identity"])
@pytest.mark.parametrize("hidden", ["tanh", "gelu", "softplus"])
def test_the_slope_is_that_of_differences(hidden, output):
    network = Network([5, 7, 6, 3], hidden, output, seed=2, dtype="float64")
    x, h = np.random.RandomState(0).standard_normal((4, 5)), 1e-5
    outputs = np.array([0, 2, 1, 2])
    want, place = np.empty_like(x), np.arange(4)
    for k in range(5):
        step = h * np.eye(5)[k]
        up, down = network(x + step), network(x - step)
        want[:, k] = (up - down)[place, outputs] / (2 * h)
    assert distance(slope_of(network, x, outputs)[0], want) <= DIFFERENCE


def test_the_pixels_of_digits_add_up(digits):
    network, data = digits
    x = data.test.x[:100]
    answers = network(x).argmax(1)
    found = attribute(network, data, x, answers)
    assert found.error < COMPLETE and not found.baseline.any()  # black
    assert np.abs(found.values.sum(1) - found.gain).max() <= COMPLETE
    one = attribute(network, data, x[:3], answers[:3])  # in whatever batch
    assert distance(one.values, found.values[:3]) <= CLOSED


@pytest.mark.parametrize("ways", [1, 4])
def test_a_linear_network_is_attributed_by_its_weights(ways):
    network = Network([4, 2], output="identity", seed=0, dtype="float64")
    x = np.random.RandomState(1).standard_normal((6, 4))
    base = np.arange(4.0)
    found = integrated_gradients(network, x, np.full(6, 1), base, ways=ways)
    assert distance(found.values, (x - base) * network.w[1][1]) <= CLOSED
    assert found.error <= CLOSED


def product():
    """A network of two inputs whose output is nearly their product."""
    random = np.random.RandomState(0)
    x = random.uniform(-2, 2, (2_000, 2))
    data = Dataset.from_arrays(x, x[:, :1] * x[:, 1:], dtype="float64")
    network = Network([2, 64, 1], "tanh", "identity", dtype="float64")
    for _ in train(network, data, epochs=60, eta=0.01, monitor="none"):
        pass
    return network


def test_ways_by_halves_are_shapley_values_where_there_are_two_columns():
    network, x = product(), np.array([[1.5, 1.0], [-1.0, 2.0]])
    base, groups = np.array([0.5, -1.0]), columns_of(planes().rows([0]))[:2]
    outputs = np.zeros(2, int)
    exact = [shapley(network, row, 0, base, groups) for row in x]
    halves = integrated_gradients(network, x, outputs, base, groups, ways=2)
    straight = integrated_gradients(network, x, outputs, base)
    assert distance(halves.values, exact) < COMPLETE
    assert distance(straight.values, exact) > COMPLETE  # the product is shared elsewise


@pytest.fixture(scope="module")
def abalone(data_dir):
    from pellucid.data import numpy_files, tables
    from pellucid.data.images import folder as images
    from reading import decode_here

    with pytest.MonkeyPatch.context() as patch:
        for module in (tables, images, numpy_files):
            patch.setattr(module, "decode", decode_here)
        data = read(str(data_dir / "abalone/abalone.csv.gz"), "9")
    network = Network([data.inputs, 32, 16, 1], "relu", "identity", seed=1)
    for _ in train(network, data, epochs=8):
        pass
    return network, data


def test_columns_agree_with_exact_shapley_values(abalone):
    from scipy.stats import spearmanr

    network, data = abalone
    groups = columns_of(data)
    assert [len(group.inputs) for group in groups] == [3, *[1] * 7]  # sex: M, F, I
    x, outputs = data.test.x[:12].astype(float), np.zeros(12, int)
    found = attribute(network, data, x, outputs)
    ranks = [
        spearmanr(own, shapley(network, row, 0, found.baseline, groups)).statistic
        for own, row in zip(summed(found.values, groups), x, strict=True)
    ]
    assert found.error < COMPLETE and np.mean(ranks) >= RANKS
    average = data.train.x.astype(float).mean(0)
    assert distance(found.baseline, average) <= DIFFERENCE


def test_a_group_tells_what_its_column_held(abalone):
    _, data = abalone
    groups, row = columns_of(data), data.train.x[0]
    assert groups[0].told(row) in ("M", "F", "I")
    kind = groups[1].kind
    value = kind.centre + kind.scale * row[3]
    assert groups[1].told(row) == f"{round(value, 3):g}"  # as it stands in the file
    assert distance(own_scale(data), data.encoding.target.columns[0].scale) <= CLOSED


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["california_housing", "diamonds", "abalone", "wine_quality (red)"]
)
def test_default_networks_agree_with_shapley_values(name, data_dir, monkeypatch):
    from pathlib import Path

    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    import explanation

    cells = explanation.line(name, data_dir, rows=40)
    assert float(cells[3].rstrip("%")) < 100 * COMPLETE
    assert float(cells[5].split()[0]) >= RANKS


@given(
    seed=st.integers(0, 10**6),
    ways=st.sampled_from([1, 2, 6]),
    sizes=st.lists(st.integers(1, 6), min_size=0, max_size=2),
    hidden=st.sampled_from(["relu", "tanh", "silu"]),
)
def test_values_add_up_and_what_has_no_weight_adds_nothing(seed, ways, sizes, hidden):
    network = Network([4, *sizes, 3], hidden, seed=seed, dtype="float64")
    network.w[1][:, 2] = 0
    random = np.random.RandomState(seed)
    x, base = random.standard_normal((5, 4)), random.standard_normal(4)
    outputs = random.randint(0, 3, 5)
    found = integrated_gradients(network, x, outputs, base, ways=ways)
    assert found.error < COMPLETE and not found.values[:, 2].any()
    own = network(x)[np.arange(5), outputs] - network(base[None])[0, outputs]
    assert distance(found.gain, own) <= CLOSED
    off = np.abs(found.values.sum(1) - own)
    floor = COMPLETE * COMPLETE * np.abs(found.values).sum(1)  # values that cancel
    assert (off <= COMPLETE * np.abs(own) + floor + CLOSED).all()


def test_what_does_not_fit_is_refused(digits):
    network, data = digits
    x = data.test.x[:2]
    for words, call in {
        "outputs must be one whole number 0 to 9": lambda: integrated_gradients(
            network, x, np.array([0, 10])),
        "for each of 2 examples": lambda: integrated_gradients(
            network, x, np.array([0])),
        "baseline must be": lambda: integrated_gradients(
            network, x, np.array([0, 1]), np.zeros(3)),
        "ways must be a whole number and >= 1": lambda: integrated_gradients(
            network, x, np.array([0, 1]), ways=0),
        "ways must be 1 or an even number; got 3": lambda: integrated_gradients(
            network, x, np.array([0, 1]), ways=3),
        "step has no slope": lambda: integrated_gradients(
            Network([64, 3, 10], "step"), x, np.array([0, 1])),
    }.items():  # fmt: skip
        with pytest.raises(InputError, match=words):
            call()


def test_an_error_that_stays_is_told(monkeypatch):
    from pellucid.explanation import attribution

    network = Network([3, 8, 1], "relu", "identity", seed=3)
    base = np.array([1.0, -2.0, 3.0])
    x = 5 * np.random.RandomState(0).standard_normal((50, 3))
    monkeypatch.setattr(attribution, "PIECES", (1, 1))
    rough = integrated_gradients(network, x, np.zeros(50, int), base)
    assert rough.error > COMPLETE
    monkeypatch.setattr(attribution, "PIECES", PIECES)
    better = integrated_gradients(network, x, np.zeros(50, int), base)
    assert better.error < COMPLETE


def test_every_activation_but_step_can_be_explained():
    x = np.random.RandomState(0).standard_normal((3, 4))
    for name, kind in ACTIVATIONS.items():
        if kind.output_only or name == "step":
            continue
        network = Network([4, 5, 2], name, "softmax", seed=0, dtype="float64")
        found = integrated_gradients(network, x, np.array([0, 1, 0]))
        assert found.error < COMPLETE, name


def test_data_without_parts_start_from_the_average_of_all():
    data = planes()
    network = Network([4, 3, 2], output="identity", seed=0)
    found = attribute(network, data, data.x[:2], np.array([0, 1]))
    assert distance(found.baseline, data.x.mean(0)) <= DIFFERENCE
