"""Importance and dependence of columns; neurons, weights and layers looked into."""

from time import perf_counter

import numpy as np
import pytest

from explained import planes, trained
from pellucid import Dataset, InputError, Network, read, split, train
from pellucid.data.tables.columns import Category
from pellucid.explanation import (
    columns_of,
    dependence,
    ideal,
    importance,
    neurons,
    probes,
    pruned,
    pruning,
    sampled,
    silenced,
)
from pellucid.plots import AttributionDisplay, IdealDisplay, ImportanceDisplay
from tolerances import CLOSED, DIFFERENCE, distance


@pytest.fixture(scope="module")
def digits():
    return trained()


@pytest.fixture(scope="module")
def houses():
    """Prices by size, by town and by whether there is a garden; noise has no part."""
    random = np.random.RandomState(0)
    size, noise = random.uniform(50, 200, 600), random.standard_normal(600)
    town = random.choice(["Ulm", "Bonn", "Kiel", ""], 600)
    garden = random.choice(["no", "yes"], 600)
    day = np.datetime64("2001-01-01") + random.randint(0, 3_000, 600)
    price = 1_000 * size + 40_000 * (town == "Ulm") + 20_000 * (garden == "yes")
    area = np.where(random.rand(600) < 0.1, np.nan, size)
    table = {"size": size, "area": area, "town": town, "garden": garden,
             "noise": noise, "sold": day, "price": price}  # fmt: skip
    data = read(table, "price", kinds={"town": "category"})
    network = Network([data.inputs, 24, 1], "tanh", "identity", seed=0)
    for _ in train(network, data, epochs=40, eta=0.01):
        pass
    return network, data


def test_importance_is_by_column_and_a_category_is_one(houses):
    network, data = houses
    found = importance(network, data.test)
    names = [group.name for group in found.groups]
    assert names == ["size", "area", "town", "garden", "noise", "sold"]
    assert len(found.groups[2].inputs) == 4  # three towns, and none
    assert found.measure == "R²" and found.score > 0.9
    lost = dict(zip(names, found.mean, strict=True))
    assert lost["size"] > lost["town"] > lost["garden"] > 0.03
    assert abs(lost["noise"]) < 0.02  # of area too little is left to say: size has it
    assert names[found.order[0]] == "size" and (found.deviation > 0).all()


def test_importance_is_what_shuffling_raw_columns_costs(houses):
    """The encoding inside: raw rows that are mixed and encoded again give the same."""
    network, data = houses
    part = data.validation
    found = importance(network, part, repeats=1)
    order = np.random.RandomState(0).permutation(len(part))
    x = part.x.copy()
    inputs = found.groups[2].inputs
    x[:, inputs] = x[order][:, inputs]
    assert (x[:, inputs].sum(1) == 1).all()  # each still lives in one town
    loss = found.score - _r2(part.y, network(x))
    assert 0 < loss < 3 * found.mean[2]


def _r2(y, a):
    return 1 - ((y - a) ** 2).sum() / ((y - y.mean(0)) ** 2).sum()


def test_dependence_is_in_own_units_on_both_axes(houses):
    network, data = houses
    found = dependence(network, data.test, "size", points=10)
    assert (
        50 < found.grid[0] < 65 < 185 < found.grid[-1] < 200 and len(found.grid) == 10
    )
    rise = (found.mean[0, -1] - found.mean[0, 0]) / (found.grid[-1] - found.grid[0])
    assert 300 < rise < 1_100  # a price for each of its units: area tells the rest
    x = data.test.x.copy()
    kind = columns_of(data)[0].kind
    x[:, 0] = (found.grid[3] - kind.centre) / kind.scale
    answers = data.encoding.decode(network(x))
    assert distance(found.mean[0, 3], answers.mean()) <= DIFFERENCE
    assert distance(found.each[0, :, 3], answers[:, 0]) <= DIFFERENCE


def test_dependence_on_categories_truths_and_dates(houses):
    network, data = houses
    towns = dependence(network, data.test, "town")
    assert set(towns.grid) == {"Bonn", "Kiel", "Ulm", "missing"}
    assert towns.grid[int(towns.mean[0].argmax())] == "Ulm"
    garden = dependence(network, data.test, "garden")
    assert garden.grid == ("no", "yes") and 10_000 < garden.span[0] < 30_000
    year = dependence(network, data.test, "sold year")
    assert min(year.grid) > 2000 and max(year.grid) < 2010
    area = dependence(network, data.test, "area")  # where some are missing
    assert np.isfinite(area.grid).all() and area.span[0] > 0
    with pytest.raises(InputError, match="Did you mean 'town'"):
        dependence(network, data.test, "twon")


def test_dependence_of_classes_has_one_line_each(digits):
    network, data = digits
    found = dependence(network, data.validation, "29")  # by number, from 1
    assert found.mean.shape[0] == 10 and found.outputs == data.classes
    assert distance(found.mean.sum(0), np.ones(found.mean.shape[1])) <= DIFFERENCE


def test_patches_of_images_are_shuffled_together(digits):
    network, data = digits
    found = importance(network, data.validation, repeats=1, patch=3)
    assert [len(group.inputs) for group in found.groups[:3]] == [9, 9, 6]
    assert sum(len(group.inputs) for group in found.groups) == 64
    edge, middle = found.mean[0], found.mean[4]
    assert middle > edge and found.measure == "accuracy"


def test_what_a_column_held_is_told_in_its_own_words(houses):
    _, data = houses
    groups = {group.name: group for group in columns_of(data)}
    row = np.zeros(data.inputs)
    assert groups["town"].told(row) == "none of the known"
    assert groups["garden"].told(row) == "no"
    assert groups["sold"].told(row).startswith("year 200")
    row[groups["area"].inputs[-1]] = 1
    row[groups["town"].inputs[-1]] = 1
    assert groups["area"].told(row) == groups["town"].told(row) == "missing"
    centre = groups["size"].kind.centre
    assert abs(float(groups["size"].told(row)) - centre) < 0.001


def test_the_strongest_example_is_found_by_its_number_in_all(digits, monkeypatch):
    from pellucid.explanation import uphill

    network, data = digits
    monkeypatch.setattr(uphill, "KNOWN", 100)
    found = ideal(network, data.train, 1, 4)
    z = data.train.x[found.row] @ network.w[1][4] + network.b[1][4]
    assert distance(found.strongest, max(z, 0)) <= DIFFERENCE and found.row > 100


def test_patches_of_colour_images_have_all_colours():
    from pellucid.data.tables.encoding import Encoding, Pixels
    from pellucid.data.tables.outputs import Classes

    random = np.random.RandomState(0)
    encoding = Encoding((), Classes("label", ("a", "b")), (), Pixels(4, 6, 3, 255.0))
    x, y = random.rand(40, 72).astype("float32"), np.eye(2)[random.randint(0, 2, 40)]
    data = Dataset(x, y.astype("float32"), ("a", "b"), encoding=encoding)
    first, _, third, *_ = columns_of(data, 2)
    assert first.name == "patch 0,0" and third.inputs[0] == 4 * 3
    assert sorted(first.inputs) == [0, 1, 2, 3, 4, 5, 18, 19, 20, 21, 22, 23]
    network = Network([72, 3, 2], seed=0)
    shown = ImportanceDisplay.from_network(network, data, 2)
    assert len(shown.importance.groups) == 6 and shown.render().startswith(b"\x89PNG")
    taken = AttributionDisplay.from_example(network, data, x[:1])
    assert taken.values.shape == (4, 6) and taken.image.shape == (4, 6, 3)
    assert distance(taken.values.sum(), taken.end - taken.begin) < 0.01
    made_up = IdealDisplay.from_network(network, data, 2, 1)
    assert made_up.names == () and made_up.render().startswith(b"\x89PNG")


def test_silencing_is_what_a_weight_of_zero_does(digits):
    network, data = digits
    test, labels = data.test, data.test.labels
    found = silenced(network, test)
    for j in (0, 7, 29):
        twin = network.copy()
        twin.w[2][:, j] = 0
        want = (twin(test.x).argmax(1) == labels).mean()
        assert abs(found[1][j] - want) <= 1 / len(test)  # a tie may be rounded away
    share = (labels == 3).mean()
    assert found[2][3] <= 1 - share and found[2].shape == (10,)


def test_silencing_in_the_middle_goes_on_through_the_layers_above():
    data = planes()
    network = Network([4, 6, 5, 2], "tanh", "identity", seed=0, dtype="float64")
    found = silenced(network, data)
    twin = network.copy()
    twin.w[2][:, 4] = 0
    scores = neurons(twin, data).score
    assert distance(found[1][4], scores) <= CLOSED and len(found) == 4
    a = network(data.x)
    a[:, 1] = 0
    y = data.y.astype(float)
    off, spread = ((y - a) ** 2).sum(0), ((y - y.mean(0)) ** 2).sum(0)
    assert distance(found[3][1], (1 - off / spread).mean()) <= CLOSED


def test_neurons_know_what_excites_them(digits):
    network, data = digits
    found = neurons(network, data.test)
    own = np.maximum(data.test.x @ network.w[1].T + network.b[1], 0)
    assert found.strongest[1].shape == (30, 12)
    for j in range(30):
        want = np.sort(own[:, j])[::-1][:12]
        assert distance(found.activation[1][j], want) <= DIFFERENCE
        assert distance(own[found.strongest[1][j], j], want) <= DIFFERENCE
    assert distance(found.mean[1], own.mean(0)) <= DIFFERENCE
    scores = [found.without[l][j] for l, j in found.ranked]
    assert scores == sorted(scores) and len(scores) == 30


def test_forty_neurons_of_ten_thousand_images_are_silenced_in_two_seconds():
    random = np.random.RandomState(0)
    x = random.rand(10_000, 784).astype("float32")
    data = Dataset.from_arrays(x, random.randint(0, 10, 10_000))
    seconds = []
    for sizes in ([784, 30, 10], [784, 30, 10, 10]):
        network = Network(sizes, "sigmoid", seed=0)
        best = []
        for _ in range(3):  # on a machine that others use too
            begin = perf_counter()
            found = silenced(network, data)
            best.append(perf_counter() - begin)
        assert [len(each) for each in found[1:]] == sizes[1:]
        seconds.append(min(best))
    assert max(seconds) < 2


def test_the_ideal_of_a_first_layer_is_the_corner_of_its_weights(digits):
    network, data = digits
    found = ideal(network, data.train, 1, 4)
    low, high = data.train.x.min(0), data.train.x.max(0)
    want = np.where(network.w[1][4] > 0, high, low)
    assert np.array_equal(found.x, want)
    top = (data.train.x @ network.w[1].T + network.b[1])[:, 4].max()
    assert distance(found.strongest, max(top, 0)) <= DIFFERENCE
    assert found.activation > found.strongest


@pytest.mark.parametrize("layer", [1, 2])
def test_an_ideal_lies_within_the_data_and_excites_more(digits, layer):
    network, data = digits
    found = ideal(network, data.train, layer, 3)
    assert (found.low <= found.x).all() and (found.x <= found.high).all()
    a = network(found.x[None])[0]
    assert found.activation >= found.strongest
    if layer == 2:
        assert a.argmax() == 3 and distance(found.activation, a[3]) <= DIFFERENCE


def test_an_ideal_row_has_one_level_of_each_category(houses):
    network, data = houses
    found = ideal(network, data.train, 2, 0)
    groups = columns_of(data)
    assert isinstance(groups[2].kind, Category)
    assert groups[2].told(found.x) == "Ulm" and groups[3].told(found.x) == "yes"
    assert float(groups[0].told(found.x)) > 150
    assert groups[found.order[0]].name in ("size", "area", "town")
    assert groups[1].told(found.x) != "missing" and found.activation > found.strongest


def test_pruning_takes_the_smallest(digits):
    network, data = digits
    before = network.weights_sha256()
    half = pruned(network, 0.5)
    weights = np.concatenate([w.ravel() for w in half.w[1:]])
    all_of = np.abs(np.concatenate([w.ravel() for w in network.w[1:]]))
    assert (weights == 0).sum() == round(0.5 * len(weights))
    assert np.abs(weights[weights != 0]).min() >= np.median(all_of)
    assert network.weights_sha256() == before
    found = pruning(network, data.test)
    assert found.scores[0] == neurons(network, data.test).score
    assert found.scores[found.shares.index(0.5)] > found.scores[0] - 0.1
    assert found.scores[-1] < 0.2 and found.weights == 64 * 30 + 30 * 10


def test_probes_see_the_answer_become_plain():
    random = np.random.RandomState(0)
    x = random.uniform(-1, 1, (1_500, 2))
    inside = (x**2).sum(1) < 0.6  # a ring: no line parts it
    data = split(Dataset.from_arrays(x, inside), seed=0)
    network = Network([2, 16, 2], "tanh", seed=0)
    for _ in train(network, data, epochs=80, eta=0.02, monitor="none"):
        pass
    found = probes(network, data.train, data.test)
    assert found.sizes == (2, 16) and found.scores[0] < 0.7 < 0.9 < found.scores[1]
    assert found.score == neurons(network, data.test).score
    assert found.learned == len(data.train) and found.count == len(data.test)


def test_probes_of_numbers_and_of_labels(houses):
    network, data = houses
    found = probes(network, data.train, data.test)
    assert found.measure == "R²" and 0.8 < found.scores[0] <= 1
    random = np.random.RandomState(0)
    x = random.standard_normal((300, 2))
    table = {"a": x[:, 0], "b": x[:, 1], "up": x[:, 0] > 0, "right": x[:, 1] > 0}
    several = read({k: np.asarray(v, float) for k, v in table.items()}, ["up", "right"])
    two = Network([2, 8, 2], "tanh", "sigmoid", seed=0)
    for _ in train(two, several, epochs=20):
        pass
    labels = probes(two, several.train, several.test)
    assert labels.measure == "all labels right" and labels.scores[0] > 0.8


def test_samples_are_drawn_once_and_told():
    data = planes()
    some = sampled(data, 50)
    assert len(some) == 50 and sampled(data, 300) is data
    assert np.array_equal(some.x, sampled(data, 50).x)
    assert not np.array_equal(some.x, data.x[:50])


def test_what_does_not_fit_is_refused(digits):
    network, data = digits
    for words, call in {
        "share must be": lambda: pruned(network, 1.5),
        "layer must be a whole number and >= 1 and <= 2": lambda: ideal(
            network, data, 3),
        "unit must be": lambda: ideal(network, data, 2, 10),
        "repeats must be": lambda: importance(network, data, repeats=0),
        "patch must be": lambda: importance(network, data, patch=0),
        "points must be": lambda: dependence(network, data, "1", points=1),
        "column must be a name or number": lambda: dependence(network, data, "x"),
        "two examples or more; got one": lambda: neurons(
            Network([4, 2], output="identity"), planes().rows([0])),
    }.items():  # fmt: skip
        with pytest.raises(InputError, match=words):
            call()
