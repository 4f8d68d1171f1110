"""Figures over time: curves with their optima, gradients, and the cost's surface."""

import numpy as np
import pytest

from pellucid import COSTS, Given, InputError, Network, Parameters, Report, trace
from pellucid import plots as p
from pellucid.mathematics.backprop import feedforward
from pellucid.mathematics.costs import mean
from plotted import digits, small, trained
from tolerances import CLOSED, DIFFERENCE, FORMULA, PAGE, distance

NETWORK, START, PATH, REPORTS = trained()
COST = COSTS["cross_entropy"]()
SOME = digits().train.rows(np.arange(150))


def report(epoch, monitor_cost=None, correct=None, cost=1.0, **words):
    counted = {} if correct is None else {"correct": correct, "count": 10}
    return Report(epoch, epoch, 0.1, cost, 0.0, monitor="validation",
                  monitor_cost=monitor_cost, **counted, **words)  # fmt: skip


def test_curves_are_the_reports_and_both_optima_are_marked():
    found = p.CurvesDisplay.from_reports(REPORTS)
    assert list(found.epoch) == list(range(13)) and np.isnan(found.cost[0])
    assert list(found.monitor_cost) == [r.monitor_cost for r in REPORTS]
    assert list(found.accuracy) == [r.accuracy for r in REPORTS]
    apart = p.CurvesDisplay.from_reports(
        [report(0, 3.0, 1), report(1, 0.5, 6), report(2, 0.7, 9), report(3, 0.9, 8)]
    )
    assert (apart.lowest_cost, apart.highest_accuracy) == (1, 2)
    assert "validation cost lowest at epoch 1 (0.5)" in apart.alt
    assert "validation accuracy highest at epoch 2 (90.0%)" in apart.alt
    stars = [line.get_xydata()[0].tolist() for ax in apart.plot().axes_
             for line in ax.lines if line.get_marker() == "*"]  # fmt: skip
    assert stars == [[1.0, 0.5], [2.0, 90.0]]


def test_reports_within_an_epoch_are_left_out_and_a_regression_has_one_panel():
    found = p.CurvesDisplay.from_reports(
        [report(1, 2.0), report(1, complete=False), report(2, 1.0)]
    )
    assert list(found.epoch) == [1, 2] and found.highest_accuracy is None
    assert len(found.plot().axes_) == 1
    bare = p.CurvesDisplay.from_reports([report(1), report(2)])
    assert bare.lowest_cost is None and len(bare.plot().axes_) == 1
    with pytest.raises(InputError, match="at least one complete report; got none"):
        p.CurvesDisplay.from_reports([report(1, complete=False)])


def test_a_history_written_by_a_run_reads_back_the_same(tmp_path):
    from pellucid import runs

    runs.write_history(tmp_path, REPORTS)
    found = p.CurvesDisplay.from_run(tmp_path)
    want = p.CurvesDisplay.from_reports(REPORTS)
    for name in ("epoch", "cost", "monitor_cost", "accuracy"):
        assert np.array_equal(getattr(found, name), getattr(want, name), True)


@pytest.mark.parametrize(
    "text",
    ["", "epoch,cost\n1,2\n", "a,b\x00", "epoch\xff", "epoch,step\nx,y\n"],
)
def test_a_damaged_history_is_told(tmp_path, text):
    (tmp_path / "history.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"must be the history|at least one"):
        p.CurvesDisplay.from_run(tmp_path)
    with pytest.raises(InputError, match="the history of the run must exist"):
        p.CurvesDisplay.from_run(tmp_path / "none")


def test_a_steep_cost_is_drawn_on_a_log_scale_and_a_flat_one_is_not():
    steep = p.CurvesDisplay.from_reports([report(1, cost=1.0), report(2, cost=0.01)])
    flat = p.CurvesDisplay.from_reports([report(1, cost=1.0), report(2, cost=0.5)])
    assert steep.plot().ax_.get_yscale() == "log"
    assert flat.plot().ax_.get_yscale() == "linear"


def test_comparison_keeps_each_training_apart():
    shorter = {"η 1": REPORTS, "η 2": REPORTS[:5]}
    found = p.ComparisonDisplay.from_reports(shorter, "accuracy")
    assert [len(values) for values in found.values] == [13, 5]
    assert found.labels == ("η 1", "η 2")
    with pytest.raises(InputError, match="of must be one of the known names; got 'x'"):
        p.ComparisonDisplay.from_reports(shorter, "x")
    with pytest.raises(InputError, match="at least one training"):
        p.ComparisonDisplay.from_reports({})


def test_gradient_norms_are_those_of_the_trace():
    found = p.GradientNormsDisplay.from_networks(
        {"start": START, "end": NETWORK}, COST, SOME.x, SOME.y
    )
    for row, network in enumerate((START, NETWORK)):
        nabla = trace(network, COST, SOME.x, SOME.y).nabla
        for l in (1, 2):
            assert found.weights[row, l - 1] == np.linalg.norm(nabla.w[l])
            assert found.biases[row, l - 1] == np.linalg.norm(nabla.b[l])
    with pytest.raises(InputError, match=r"same number of layers; got \[2, 1\]"):
        networks = {"a": NETWORK, "b": Network([64, 10])}
        p.GradientNormsDisplay.from_networks(networks, COST, SOME.x, SOME.y)


def test_descent_takes_the_steps_and_counts_the_rises():
    found = p.DescentDisplay.from_function(
        lambda w: w**2, lambda w: 2 * w, start=1.0, eta=0.25, steps=3
    )
    assert list(found.path) == [1.0, 0.5, 0.25, 0.125]
    assert "the cost rises in 0 of them" in found.alt
    wild = p.DescentDisplay.from_function(
        lambda w: w**2, lambda w: 2 * w, start=1.0, eta=1.5, steps=3
    )
    assert list(wild.path) == [1.0, -2.0, 4.0, -8.0] and "rises in 3" in wild.alt


def test_two_parameters_have_their_surface_exactly():
    start = Given([[[-1.0]]], [[2.0]])
    network = Network([1, 1], output="sigmoid", initializer=start, dtype="float64")
    x, y = np.linspace(-1, 1, 9)[:, None], np.full((9, 1), 0.25)
    cost = COSTS["quadratic"]()
    path = [np.array([-1.0, 2.0]), np.array([0.0, 1.0]), np.array([0.5, 0.5])]
    found = p.SurfaceDisplay.from_path(network, cost, x, y, path)
    assert found.explained is None and found.gap == 0.0
    assert np.array_equal(found.path, path)
    i, j = 5, 30
    a = 1 / (1 + np.exp(-(found.u[j] * x + found.v[i])))
    assert abs(found.cost[i, j] - 0.5 * ((a - y) ** 2).mean()) <= FORMULA
    by_hand = [0.5 * ((1 / (1 + np.exp(-(w * x + b))) - y) ** 2).mean()
               for w, b in path]  # fmt: skip
    assert distance(found.path_cost, by_hand) <= FORMULA


def test_principal_plane_holds_the_path_and_its_true_cost():
    found = p.SurfaceDisplay.from_path(NETWORK, COST, SOME.x, SOME.y, PATH)
    points = np.array(PATH, dtype=np.float64) - PATH[-1]
    values = np.linalg.svd(points, compute_uv=False) ** 2
    assert abs(found.explained - values[:2].sum() / values.sum()) <= FORMULA
    assert (found.path**2).sum() == pytest.approx(values[:2].sum())
    assert found.path[-1] == pytest.approx([0, 0], abs=FORMULA)
    for theta, value in zip(PATH, found.path_cost, strict=True):
        here = NETWORK.with_parameters(Parameters(NETWORK.sizes, theta))
        z, a = feedforward(here, SOME.x)
        true = mean(COST(z[-1], a[-1], SOME.y))
        assert abs(value - true) <= PAGE["float32"] * abs(true)
    assert 0 < found.gap < found.cost.max()


@pytest.mark.parametrize("seed", range(6))
def test_a_path_starts_on_the_right_and_above(seed):
    network, x, y = small()  # a direction has no sign of its own: it is settled
    path = list(np.random.RandomState(seed).standard_normal((5, 9)))
    found = p.SurfaceDisplay.from_path(network, COSTS["quadratic"](), x, y, path)
    assert (found.path[0] >= 0).all() and found.explained < 1


def test_the_surface_passes_through_the_network():
    found = p.SurfaceDisplay.from_network(NETWORK, COST, SOME.x, SOME.y, seed=4)
    middle = len(found.u) // 2
    assert found.cost[middle, middle] == found.path_cost[0]
    again = p.SurfaceDisplay.from_network(NETWORK, COST, SOME.x, SOME.y, seed=4)
    assert np.array_equal(again.cost, found.cost)


def test_random_directions_are_as_long_as_the_weights_of_each_unit():
    from pellucid._random import stream
    from pellucid.plots.surface import _filter_normalised

    theta = _filter_normalised(NETWORK, stream(0, "surface"))
    drawn = Parameters(NETWORK.sizes, theta)
    for l in (1, 2):
        want = np.linalg.norm(NETWORK.w[l].astype(float), axis=1)
        assert distance(np.linalg.norm(drawn.w[l], axis=1), want) <= CLOSED
        assert not drawn.b[l].any()


def test_a_straight_path_still_has_a_plane():
    network, x, y = small()
    step = np.zeros(9)
    step[0] = 0.1
    path = [network.parameters.theta + k * step for k in range(4)]
    found = p.SurfaceDisplay.from_path(network, COSTS["quadratic"](), x, y, path)
    assert found.explained == pytest.approx(1.0) and np.isfinite(found.cost).all()
    assert found.path[:, 1] == pytest.approx(0, abs=FORMULA)


def test_paths_that_are_none_are_refused(monkeypatch):
    surface = p.SurfaceDisplay.from_path
    arguments = (NETWORK, COST, SOME.x, SOME.y)
    with pytest.raises(InputError, match="two or more points of the path; got 1"):
        surface(*arguments, PATH[:1])
    with pytest.raises(InputError, match=r"must be \(910,\), all parameters"):
        surface(*arguments, [np.zeros(3), np.zeros(3)])
    with pytest.raises(InputError, match="every point of the path is the same"):
        surface(*arguments, [PATH[0], PATH[0]])
    monkeypatch.setattr("pellucid._limits.PATH_NUMBERS", 100)
    with pytest.raises(InputError, match="limit PATH_NUMBERS"):
        surface(*arguments, PATH)


def test_a_function_of_two_parameters_is_drawn_as_it_is():
    found = p.SurfaceDisplay.from_function(
        lambda u, v: u**2 + 3 * v**2, (-1, 1), (-2, 2), np.array([[1.0, 1.0], [0, 0]])
    )
    u, v = np.meshgrid(found.u, found.v)
    assert np.array_equal(found.cost, u**2 + 3 * v**2)
    assert list(found.path_cost) == [4.0, 0.0]
    assert [ax.name for ax in found.plot().axes_] == ["rectilinear", "3d"]


def test_graph_gradients_are_differences_and_the_text_says_every_node():
    network, x, y = small()
    cost = COSTS["quadratic"]()
    found = p.ComputationGraphDisplay.from_example(network, cost, x, y)
    assert len(found.nodes) == 2 + 9 + 3 + 3 + 1 + 1
    assert found["w¹₁₀"].value == network.w[1][1, 0]
    nabla = trace(network, cost, x, y).nabla
    assert found["w²₀₁"].gradient == nabla.w[2][0, 1]
    assert found["C"].gradient == 1.0 and np.isnan(found["y₀"].gradient)
    assert found["z²₀"].inputs == ("w²₀₀", "w²₀₁", "a¹₀", "a¹₁", "b²₀")
    lines = found.text.splitlines()
    assert len(lines) == len(found.nodes)
    assert any(line.startswith("z²₀ = w²₀₀·a¹₀ + w²₀₁·a¹₁ + b²₀ = ") for line in lines)
    places = {node.place for node in found.nodes}
    assert len(places) == len(found.nodes)  # no box on another
    with pytest.raises(InputError, match=r"80 nodes .* Take a smaller network"):
        p.ComputationGraphDisplay.from_example(NETWORK, COST, SOME.x[:1], SOME.y[:1])


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "identity", "relu"])
def test_graph_gradient_of_every_activation_is_its_difference(output):
    network = Network([2, 3, 2], "tanh", output, dtype="float64", seed=2)
    network.b[2][:] = 0.7
    cost = COST if output == "softmax" else COSTS["quadratic"]()
    x, y = np.array([[0.3, -0.8]]), np.array([[0.0, 1.0]])
    found = p.ComputationGraphDisplay.from_example(network, cost, x, y)
    h = 1e-6
    for l in (1, 2):
        for j in range(network.sizes[l]):
            _, a = feedforward(network, x)
            costs = []
            for move in (h, -h):
                moved = a[l].copy()
                moved[0, j] += move
                costs.append(continued(network, cost, moved, l, y))
            slope = (costs[0] - costs[1]) / (2 * h)
            name = f"a{'¹²'[l - 1]}{'₀₁₂'[j]}"
            assert found[name].gradient == pytest.approx(slope, abs=DIFFERENCE)


def continued(network, cost, a, l, y):
    """The cost where the activations of layer l are a."""
    for k in range(l + 1, network.L + 1):
        a = network.sigma[k](a @ network.w[k].T + network.b[k])
    if cost.name == "cross_entropy":
        return float(-(y * np.log(a)).sum())
    return float(0.5 * ((a - y) ** 2).sum())
