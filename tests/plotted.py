"""What the tests of the figures share: small trained networks, and all the figures."""

from functools import cache

import numpy as np

from pellucid import COSTS, Dataset, Network, load, split, train
from pellucid import plots as p
from pellucid.comparison import Comparison, LearningCurve, WidthCurve
from pellucid.evaluation import outputs
from pellucid.sweeps.sweep import Sweep
from pellucid.tuning import Tuning
from pellucid.tuning.space import parse


@cache
def digits():
    return load("digits")


@cache
def trained():
    """64-12-10 on the digits, θ after each epoch, its reports, and the start."""
    network = Network([64, 12, 10], "tanh", "softmax", seed=1)
    start, path, reports = network.copy(), [], []
    for report in train(network, digits(), epochs=12, seed=1):
        path.append(network.parameters.theta.copy())
        reports.append(report)
    return network, start, path, reports


@cache
def moons():
    """Two half moons in two features, and a network that tells them apart."""
    from sklearn.datasets import make_moons

    x, labels = make_moons(200, noise=0.15, random_state=0)
    data = Dataset.from_arrays(x, labels, name="moons")
    network = Network([2, 16, 2], "tanh", "softmax")
    for _ in train(network, data, epochs=150, eta=0.02, monitor="none"):
        pass
    return network, data


@cache
def swept():
    """Three widths and two activations on the digits, two seeds each."""
    varied = {"layers": [[2], [8], [32]], "hidden": ["tanh", "relu"]}
    sweep = Sweep(digits(), varied, (0, 1), epochs=3)
    for _ in sweep.train():
        pass
    return sweep


def few(seed):
    """A split of the first 400 digits: enough to be drawn."""
    return split(digits().rows(np.arange(400)), seed=seed)


@cache
def compared():
    """Two models on two splits of some digits."""
    found = Comparison(few, (0, 1), ["linear"], epochs=2)
    for _ in found.run():
        pass
    return found


@cache
def tuned():
    """Two penalties and two widths on the digits, on two folds."""
    found = Tuning(digits(), parse(["alpha=0.1,0.0001,width=4,16"]), 4, 2, epochs=2)
    for _ in found.run():
        pass
    return found


@cache
def learned():
    """Two amounts of some digits, and all."""
    found = LearningCurve(few, (50, 200), (0, 1), ["linear"], epochs=2)
    for _ in found.run():
        pass
    return found


@cache
def widened():
    """Three widths on the digits."""
    found = WidthCurve(digits(), (1, 10, 30), (0, 1), epochs=2)
    for _ in found.run():
        pass
    return found


def small():
    """2-2-1 in float64 with one example, for what is drawn number by number."""
    network = Network([2, 2, 1], "sigmoid", "sigmoid", dtype="float64", seed=3)
    return network, np.array([[0.5, -1.0]]), np.array([[1.0]])


def part():
    return digits().validation


def answers():
    """Labels, probabilities (float64) and class names of the validation part."""
    network = trained()[0]
    _, a = outputs(network, part(), COSTS["cross_entropy"]())
    return part().labels, a.astype(np.float64), part().classes


def every_display():
    """One of each, of real networks."""
    network, start, path, reports = trained()
    labels, a, classes = answers()
    one, cost = part().rows([3]), COSTS["cross_entropy"]()
    some = digits().train.rows(np.arange(200))
    tiny, x, y = small()
    quadratic = COSTS["quadratic"]()
    return [
        p.CurvesDisplay.from_reports(reports, "digits"),
        p.ComparisonDisplay.from_reports({"a": reports, "b": reports}, "accuracy"),
        p.GradientNormsDisplay.from_networks(
            {"start": start, "end": network}, cost, some.x, some.y
        ),
        p.DescentDisplay.from_function(lambda w: w**2, lambda w: 2 * w, 1.0, 0.3, 5),
        p.WeightsDisplay.from_network(network, (8, 8)),
        p.ImagesDisplay.from_dataset(part(), range(12), a[:12]),
        p.ActivationsDisplay.from_example(network, one.x, (8, 8), classes, "3"),
        p.NetworkDisplay.from_network(network, one.x, (8, 8), classes, bias=True),
        p.ComputationGraphDisplay.from_example(tiny, quadratic, x, y),
        p.ConfusionDisplay.from_predictions(labels, a, classes),
        p.RocDisplay.from_predictions(labels, a, classes),
        p.PrecisionRecallDisplay.from_predictions(labels, a, classes),
        p.ReliabilityDisplay.from_predictions(labels, a),
        p.ActivationFunctionsDisplay.from_names(),
        p.CostFunctionsDisplay.from_names(),
        p.BoundaryDisplay.from_network(*moons()),
        p.SurfaceDisplay.from_path(network, cost, some.x, some.y, path),
        p.SurfaceDisplay.from_network(network, cost, some.x, some.y),
        p.SaliencyDisplay.from_example(network, one.x, (8, 8), classes),
        p.UnitDisplay.from_network(network, part()),
        p.ResponseDisplay.from_network(tiny, -2.0, 2.0),
        p.LayerDisplay.from_example(network, one.x),
        p.ExampleCostDisplay.from_example(network, cost, one.x, one.y, classes),
        p.WishesDisplay.from_example(network, cost, one.x, one.y),
        p.GradientTableDisplay.from_examples(network, cost, some.rows(np.arange(5))),
        p.SweepDisplay.from_sweep(swept()),
        p.ConfidenceDisplay.from_network(network, digits()),
        p.ModelsDisplay.from_comparison(compared()),
        p.ImportanceDisplay.from_network(network, some, 4),
        p.DependenceDisplay.from_network(network, some, "28"),
        p.AttributionDisplay.from_example(network, digits(), one.x),
        p.NeuronsDisplay.from_network(network, part()),
        p.PruningDisplay.from_network(network, part()),
        p.ProbesDisplay.from_network(network, some, part()),
        p.NeuronDisplay.from_network(network, part()),
        p.IdealDisplay.from_network(network, some),
        p.LearningCurveDisplay.from_curve(learned()),
        p.WidthCurveDisplay.from_curve(widened()),
        p.TuningDisplay.from_tuning(tuned()),
    ]
