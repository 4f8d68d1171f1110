"""Figures of what is inside a network: their data are its numbers."""

import numpy as np
import pytest

from pellucid import COSTS, Dataset, InputError, trace
from pellucid import plots as p
from pellucid.mathematics.backprop import feedforward
from pellucid.plots.drawing import BIAS
from pellucid.plots.pictures import Tiles, picture_shape
from plotted import digits, part, small, trained
from tolerances import CLOSED, DIFFERENCE, FORMULA, PAGE, distance

NETWORK = trained()[0]


def test_weights_are_the_layers_on_one_scale():
    found = p.WeightsDisplay.from_network(NETWORK, (8, 8))
    assert np.array_equal(found.weights.reshape(12, 64), NETWORK.w[1])
    assert found.scale == np.abs(NETWORK.w[1]).max()
    some = p.WeightsDisplay.from_network(NETWORK, (8, 8), units=[7, 2])
    assert some.units == (7, 2) and some.scale == found.scale
    assert np.array_equal(some.weights[1].ravel(), NETWORK.w[1][2])
    second = p.WeightsDisplay.from_network(NETWORK, layer=2)
    assert second.weights.shape == (10, 3, 4)
    image = found.plot().ax_.images[0]
    assert (image.norm.vmin, image.norm.vmax) == (-found.scale, found.scale)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"layer": 3}, "layer must be 1 to 2"),
        ({"layer": 0}, "layer must be 1 to 2"),
        ({"units": [12]}, "units of layer 1 must be 0 to 11; got 12"),
        ({"units": []}, "at least one"),
        ({"image_shape": (8, 9)}, "64 pixels, one an input; got 8×9 = 72"),
    ],
)
def test_weights_that_are_not_there_are_refused(words, sentence):
    with pytest.raises(InputError, match=sentence):
        p.WeightsDisplay.from_network(NETWORK, **words)


def test_more_pictures_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr("pellucid._limits.PICTURES", 3)
    with pytest.raises(InputError, match=r"at most 3 .* \(limit PICTURES\); got 4"):
        p.WeightsDisplay.from_network(NETWORK, units=range(4))


def test_tiles_hold_each_picture_once_and_nothing_else():
    pictures = np.arange(5 * 6, dtype=float).reshape(5, 2, 3) + 1
    place = Tiles((2, 3), 2, 5)
    whole = place.mosaic(pictures)
    assert whole.shape == place.extent
    for number, picture in enumerate(pictures):
        top, left = place.corner(number)
        assert np.array_equal(whole[top : top + 2, left : left + 3], picture)
    assert np.isfinite(whole).sum() == pictures.size
    assert picture_shape(12, None) == (3, 4) and picture_shape(7, None) == (1, 7)


def test_images_are_the_rows_with_class_answer_and_mistake():
    a = NETWORK(part().x[:9])
    found = p.ImagesDisplay.from_dataset(part(), range(9), a)
    assert np.array_equal(found.images.reshape(9, 64), part().x[:9])
    wrong = a.argmax(1) != part().labels[:9]
    assert found.wrong == tuple(wrong)
    for j, caption in enumerate(found.captions):
        assert caption.startswith(f"{a[j].argmax()} {a[j].max():.2f}")
        assert caption.endswith(f"\nis {part().labels[j]}") == wrong[j]
    bare = p.ImagesDisplay.from_dataset(part(), [4, 2])
    assert bare.captions == tuple(str(part().labels[i]) for i in (4, 2))
    with pytest.raises(InputError, match="table must hold images"):
        table = Dataset.from_arrays(np.ones((2, 3)), [0, 1], name="table")
        p.ImagesDisplay.from_dataset(table, [0])


def test_activations_are_the_forward_pass():
    x = part().x[5:6]
    found = p.ActivationsDisplay.from_example(NETWORK, x, (8, 8), part().classes)
    _, a = feedforward(NETWORK, x)
    assert all(np.array_equal(f, v[0]) for f, v in zip(found.a, a, strict=True))
    assert found.answer == part().classes[a[-1].argmax()]
    step = p.ActivationsDisplay.from_example(NETWORK, x, (8, 8), upto=1)
    assert len(step.a) == 2 and step.answer is None and len(step.plot().axes_) == 2


def test_one_example_means_one():
    with pytest.raises(InputError, match=r"one example, \(1, n_0\); got \(2, 64\)"):
        p.ActivationsDisplay.from_example(NETWORK, part().x[:2])
    with pytest.raises(InputError, match=r"pass x\[None\]"):
        p.NetworkDisplay.from_network(NETWORK, part().x[0])
    with pytest.raises(InputError, match="10 names, one an output; got 2"):
        p.NetworkDisplay.from_network(NETWORK, classes="ab")
    with pytest.raises(InputError, match="upto must be 0 to 2; got 3"):
        p.ActivationsDisplay.from_example(NETWORK, part().x[:1], upto=3)


def test_network_draws_every_weight_of_a_small_one_with_its_sign():
    network = small()[0]
    found = p.NetworkDisplay.from_network(network)
    for l in (1, 2):
        lines = found.lines[l]
        assert len(lines.w) == network.w[l].size
        assert np.array_equal(lines.w, network.w[l][lines.to, lines.source])
        assert lines.scale == np.abs(network.w[l]).max()
    drawn = found.plot().ax_.collections
    solid = sum(len(c.get_segments()) for c in drawn if c.get_linestyle()[0][1] is None)
    assert solid == sum(int((w > 0).sum()) for w in network.w[1:])
    assert len(found.ax_.patches) == sum(network.sizes)


def test_bias_units_are_drawn_on_request_with_the_biases_on_their_lines():
    network = small()[0]
    network.b[1][:] = [0.5, -4.0]
    found = p.NetworkDisplay.from_network(network, bias=True)
    for l in (1, 2):
        own = found.lines[l].source == BIAS
        order = found.lines[l].to[own]
        assert np.array_equal(found.lines[l].w[own], network.b[l][order])
    assert found.lines[1].scale == 4.0
    assert [BIAS in found.places(l) for l in range(3)] == [True, True, False]
    texts = [text.get_text() for text in found.plot().ax_.texts]
    assert texts.count("+1") == 2


def test_a_long_layer_shows_its_strongest_units_and_its_count():
    found = p.NetworkDisplay.from_network(NETWORK, most=6)
    assert [len(units) for units in found.shown] == [6, 6, 6]
    strength = np.linalg.norm(NETWORK.w[1], axis=0)
    assert set(found.shown[0]) == set(np.argsort(-strength)[:6])
    assert list(found.shown[0]) == sorted(found.shown[0])
    texts = [text.get_text() for text in found.plot().ax_.texts]
    heights = sorted(y for _, y in found.places(1).values())
    assert np.diff(heights).tolist() == [1, 1, 2, 1, 1]  # room for the dots
    assert texts.count("⋮") == 3 and "input\n64, 6 drawn" in texts
    assert "6 strongest of 64 units of layer 0" in found.alt
    assert "⋮" not in [t.get_text() for t in drawn_whole().ax_.texts]


def drawn_whole():
    return p.NetworkDisplay.from_network(NETWORK, most=64).plot()


def test_places_never_meet():
    found = p.NetworkDisplay.from_network(NETWORK, bias=True, most=5)
    for l in range(3):
        heights = sorted(y for _, y in found.places(l).values())
        assert min(np.diff(heights)) >= 1.0


def test_saliency_is_the_slope_of_the_output_and_covering_what_it_loses():
    network, x, _ = small()
    found = p.SaliencyDisplay.from_example(network, x, (1, 2), patch=1)
    _, a = feedforward(network, x)
    h = 1e-6
    for k in range(2):
        up, down = x.copy(), x.copy()
        up[0, k] += h
        down[0, k] -= h
        rise = feedforward(network, up)[0][2] - feedforward(network, down)[0][2]
        assert abs(rise[0, 0] / (2 * h) - found.slope[0, k]) <= DIFFERENCE
        covered = x.copy()
        covered[0, k] = 0.0
        assert abs(a[2][0, 0] - network(covered)[0, 0] - found.drop[0, k]) <= CLOSED
    assert x.tolist() == [[0.5, -1.0]]  # ∂/∂x is known; x is never changed
    with pytest.raises(InputError, match="patch must be odd"):
        p.SaliencyDisplay.from_example(network, x, patch=2)
    with pytest.raises(InputError, match="output must be a whole number"):
        p.SaliencyDisplay.from_example(network, x, output=1)


def test_a_unit_is_its_weights_its_favourites_and_its_worth():
    network = NETWORK.copy()
    network.b[1][4] = 1.5  # a unit that is never silent by itself
    found = p.UnitDisplay.from_network(network, part(), 1, 4)
    assert np.array_equal(found.weights.ravel(), network.w[1][4])
    a = feedforward(network, part().x)[1][1][:, 4]
    assert distance(found.activation, np.sort(a)[::-1][:12]) <= CLOSED
    assert np.array_equal(found.strongest[0].ravel(), part().x[a.argmax()])
    _, whole = feedforward(network, part().x)
    whole[1][:, 4] = 0.0
    answers = (whole[1] @ network.w[2].T + network.b[2]).argmax(1)
    assert found.without == (answers == part().labels).mean()
    assert found.with_unit == (network(part().x).argmax(1) == part().labels).mean()
    with pytest.raises(InputError, match="layer must be a whole number"):
        p.UnitDisplay.from_network(NETWORK, part(), 2, 0)


def test_response_layer_and_cost_are_the_pages_numbers():
    network, x, y = small()
    curve = p.ResponseDisplay.from_network(network, -1.0, 1.0, feature=1, at=x)
    here = np.array([[x[0, 0], curve.x[100]]])
    assert distance(curve.a[100], network(here)[0]) <= FORMULA
    found = p.LayerDisplay.from_example(network, x)
    assert distance(found.z, found.w @ found.a + found.b) <= FORMULA
    one = p.ExampleCostDisplay.from_example(network, COSTS["quadratic"](), x, y)
    assert one.cost == pytest.approx(one.square.sum() / 2)
    with pytest.raises(InputError, match="high must be a finite number and > 1"):
        p.ResponseDisplay.from_network(network, 1.0, 1.0)


def test_wishes_are_the_negative_gradient_of_one_unit():
    network, x, y = small()
    found = p.WishesDisplay.from_example(network, COSTS["quadratic"](), x, y, 1, 1)
    inside = trace(network, COSTS["quadratic"](), x, y)
    assert found.bias == -inside.nabla.b[1][1]
    assert distance(found.weights, -inside.nabla.w[1][1]) <= CLOSED
    assert distance(found.weights, found.bias * found.a) <= CLOSED
    assert distance(found.activations, found.bias * found.w) <= CLOSED


def test_gradient_table_has_the_largest_components_and_averages_exactly():
    some, cost = digits().train.rows(np.arange(5)), COSTS["cross_entropy"]()
    found = p.GradientTableDisplay.from_examples(NETWORK, cost, some, 7)
    nabla = trace(NETWORK, cost, some.x, some.y).nabla
    order = np.sort(np.abs(nabla.theta))[::-1][:7]
    assert np.array_equal(np.abs(found.mean), order)
    assert distance(found.wishes.mean(1), found.mean) <= PAGE["float32"]
    letter, place = found.names[0][0], int(np.abs(nabla.theta).argmax())
    assert letter == ("b" if 64 * 12 <= place < 65 * 12 or place >= 900 else "w")
    many = p.GradientTableDisplay.from_examples(NETWORK, cost, digits().train, 3)
    assert many.examples == () and many.total == 1258 and "1,258" in many.alt
