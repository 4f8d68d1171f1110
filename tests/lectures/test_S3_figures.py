"""S3, figures: a stepped forward pass, cost beside accuracy, weights as pictures."""

import numpy as np

from pellucid import COSTS, Network, Report
from pellucid.plots import (
    ActivationsDisplay,
    ComputationGraphDisplay,
    CurvesDisplay,
    WeightsDisplay,
)
from plotted import part, trained
from tolerances import CLOSED


def test_S3_04_active_neurons_set_off_the_next_layer_step_by_step():
    network, x = trained()[0], part().x[7:8]
    steps = [
        ActivationsDisplay.from_example(network, x, (8, 8), part().classes, upto=l)
        for l in range(3)
    ]
    assert [len(step.plot().axes_) for step in steps] == [1, 2, 3]
    for l in (1, 2):
        before, after = steps[l].a[l - 1], steps[l].a[l]
        assert np.array_equal(steps[l - 1].a[-1], before)
        z = network.w[l] @ before.astype("float32") + network.b[l]
        assert np.allclose(network.sigma[l](z[None])[0], after)
    assert steps[0].answer is None and steps[2].answer in part().classes


def test_S3_16_cost_and_accuracy_are_both_shown_and_can_disagree():
    found = CurvesDisplay.from_reports(trained()[3]).plot()
    left, right = found.axes_
    assert np.array_equal(left.lines[1].get_ydata(), found.monitor_cost)
    assert np.array_equal(right.lines[0].get_ydata(), 100 * found.accuracy)

    labels = np.zeros(4, int)
    y = np.eye(2)[labels]
    careful = np.log([[0.6, 0.4]] * 3 + [[0.4, 0.6]])
    bold = np.log([[0.99, 0.01]] * 3 + [[0.49, 0.51]])
    rash = np.log([[0.51, 0.49]] * 4)
    cost = COSTS["cross_entropy"]()
    reports = []
    for epoch, z in enumerate((careful, bold, rash)):
        value, right = cost(z, z, y).mean(), int((z.argmax(1) == labels).sum())
        reports.append(
            Report(epoch, epoch, 0.1, None, 0.0, monitor="validation",
                   monitor_cost=float(value), correct=right, count=4)
        )  # fmt: skip
    curves = CurvesDisplay.from_reports(reports)
    assert (curves.lowest_cost, curves.highest_accuracy) == (1, 2)
    assert str(reports[2]) == "Epoch 2: 4 / 4"


def test_S3_23_weights_as_pictures_share_a_scale_and_zero_is_neutral():
    network = Network([784, 30, 10], "sigmoid", "sigmoid", initializer="nielsen")
    network.w[1][:, 0] = 0.0
    found = WeightsDisplay.from_network(network, (28, 28)).plot()
    assert found.weights.shape == (30, 28, 28) and found.units == tuple(range(30))
    picture = found.ax_.images[0]
    assert picture.norm.vmax == -picture.norm.vmin == np.abs(network.w[1]).max()
    assert len(found.ax_.images) == 1  # one picture of all: one scale
    neutral = picture.cmap(picture.norm(0.0))
    assert max(abs(1 - c) for c in neutral[:3]) < 0.01
    tile = found._tiles()
    top, left = tile.corner(3)
    assert picture.get_array()[top, left] == 0.0
    assert np.array_equal(
        picture.get_array()[top : top + 28, left : left + 28], found.weights[3]
    )


def test_S3_32_dependencies_of_a_chain_of_neurons_and_their_product():
    network = Network([1, 1, 1], "sigmoid", "sigmoid", dtype="float64", seed=2)
    x, y = np.array([[0.4]]), np.array([[1.0]])
    found = ComputationGraphDisplay.from_example(network, COSTS["quadratic"](), x, y)
    wanted = {
        "z¹₀": {"w¹₀₀", "x₀", "b¹₀"},
        "a¹₀": {"z¹₀"},
        "z²₀": {"w²₀₀", "a¹₀", "b²₀"},
        "a²₀": {"z²₀"},
        "C": {"a²₀", "y₀"},
    }
    computed = {n.name: set(n.inputs) for n in found.nodes if n.kind == "computed"}
    assert computed == wanted
    prime = network.sigma[2].prime(found["z²₀"].value)
    product = found["a¹₀"].value * prime * (found["a²₀"].value - 1.0)
    assert abs(found["w²₀₀"].gradient - product) <= CLOSED
