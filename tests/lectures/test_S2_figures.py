"""S2, figures: boundaries, bias units, metrics, regularisation, the graph."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn import metrics
from sklearn.datasets import (
    load_iris,
    make_circles,
    make_classification,
    make_moons,
)
from sklearn.preprocessing import StandardScaler

from pellucid import COSTS, Dataset, Network, load, split, trace, train
from pellucid.evaluation import evaluate, outputs
from pellucid.mathematics.backprop import feedforward
from pellucid.plots import (
    BoundaryDisplay,
    ComparisonDisplay,
    ComputationGraphDisplay,
    ImagesDisplay,
    NetworkDisplay,
    RocDisplay,
    SaliencyDisplay,
)
from plotted import moons, part, small, trained
from tolerances import CLOSED, DIFFERENCE, distance


def test_S2_06_the_boundary_can_be_seen_and_an_image_says_why():
    network, data = moons()
    found = BoundaryDisplay.from_network(network, data).plot()
    plane = np.array([[found.u[60], found.v[90]]], dtype="float32")
    assert found.answer[90, 60] == network(plane).argmax()
    assert 0.2 < (found.answer == 0).mean() < 0.8 and found.right > 190

    classifier, x = trained()[0], part().x[3:4]
    why = SaliencyDisplay.from_example(classifier, x, (8, 8), part().classes)
    row, column = np.unravel_index(why.drop.argmax(), why.drop.shape)
    half = why.patch // 2
    covered = x.reshape(8, 8).copy()
    covered[max(row - half, 0) : row + half + 1,
            max(column - half, 0) : column + half + 1] = 0  # fmt: skip
    c = int(classifier(x).argmax())
    lost = classifier(x)[0, c] - classifier(covered.reshape(1, 64))[0, c]
    assert abs(lost - why.drop.max()) < DIFFERENCE and lost > 0.1
    assert len(why.plot().axes_) == 3


def test_S2_11_the_layout_is_drawn_with_bias_units_or_without():
    network = small()[0]
    network.b[1][:], network.b[2][:] = [0.4, -0.2], [1.5]
    without = NetworkDisplay.from_network(network).plot()
    with_bias = NetworkDisplay.from_network(network, bias=True).plot()
    texts = [text.get_text() for text in with_bias.ax_.texts]
    assert texts.count("+1") == 2
    assert "+1" not in [text.get_text() for text in without.ax_.texts]
    more = [
        sum(len(c.get_segments()) for c in shown.ax_.collections)
        for shown in (without, with_bias)
    ]
    assert more[1] - more[0] == 3 == sum(network.sizes[1:])


ALPHAS = (0.001, 0.1, 3.0)


def three_sets():
    """Moons, circles and linear, as in scikit-learn's picture of alpha."""
    x, y = make_classification(n_features=2, n_redundant=0, random_state=0,
                               n_clusters_per_class=1)  # fmt: skip
    x = x + 2 * np.random.RandomState(2).uniform(size=x.shape)
    made = {
        "moons": make_moons(noise=0.3, random_state=0),
        "circles": make_circles(noise=0.2, factor=0.5, random_state=1),
        "linear": (x, y),
    }
    for name, (x, y) in made.items():
        whole = Dataset.from_arrays(StandardScaler().fit_transform(x), y, name=name)
        yield split(whole, validation=0.0, test=0.4, seed=0)


def test_S2_19_more_alpha_means_less_overfitting_seen_on_nine_boundaries():
    figure = Figure(figsize=(13, 11), layout="constrained")
    axes, gaps, waves = figure.subplots(3, 3), np.zeros((3, 3)), np.zeros((3, 3))
    for i, data in enumerate(three_sets()):
        for j, alpha in enumerate(ALPHAS):
            network = Network([2, 50, 50, 2], "relu", "softmax")
            words = {"eta": 0.01, "batch_size": 20, "l2": alpha / len(data.train)}
            for _ in train(network, data, epochs=150, monitor="none", **words):
                pass
            found = BoundaryDisplay.from_network(network, data.train).plot(axes[i, j])
            shares = [
                float((network(some.x).argmax(1) == some.labels).mean())
                for some in (data.train, data.test)
            ]
            gaps[i, j] = shares[0] - shares[1]
            waves[i, j] = found.confidence.mean()
    assert gaps.mean(0)[2] < gaps.mean(0)[0] - 0.03  # train and test come together
    assert (np.diff(waves.mean(0)) < 0).all()  # and so does its confidence
    assert all(ax.has_data() for ax in axes.ravel())


def test_S2_22_an_image_of_28_by_28_is_looked_up_by_its_index(data_dir):
    data = load("mnist", data_dir=data_dir).train
    found = ImagesDisplay.from_dataset(data, [0, 7, 41])
    assert found.images.shape == (3, 28, 28) and found.rows == (0, 7, 41)
    assert np.array_equal(found.images[1].ravel(), data.x[7])
    assert found.captions == tuple(str(data.labels[i]) for i in (0, 7, 41))


def test_S2_24_metrics_are_scikit_learns_to_the_last_digit():
    network, data, cost = trained()[0], part(), COSTS["cross_entropy"]()
    found = evaluate(network, data, cost)
    _, a = outputs(network, data, cost)
    y, answers = data.labels, a.argmax(1)
    assert abs(found.accuracy - metrics.accuracy_score(y, answers)) <= CLOSED
    assert np.array_equal(found.confusion, metrics.confusion_matrix(y, answers))
    for name in ("precision", "recall", "f1"):
        theirs = getattr(metrics, f"{name}_score")(y, answers, average=None)
        assert distance(getattr(found, name), theirs) <= CLOSED
    roc = RocDisplay.from_network(network, data)
    wide = a.astype(float)
    areas = [metrics.roc_auc_score(y == j, wide[:, j]) for j in range(10)]
    assert distance(roc.auc, areas) <= CLOSED


def test_S2_24_a_class_that_is_never_answered_has_precision_0():
    network = Network([64, 10], initializer="zeros")  # always answers the first
    found = evaluate(network, part(), COSTS["cross_entropy"]())
    assert found.precision[0] > 0 == found.precision[1:].max()
    assert found.recall[0] == 1 and found.f1[1:].max() == 0


@pytest.mark.parametrize("sizes", [[2, 1], [2, 2, 1]])
def test_S2_35_value_and_gradient_stand_on_each_node_and_in_words(sizes):
    network = Network(sizes, "sigmoid", "sigmoid", dtype="float64", seed=7)
    x, y = np.array([[0.8, -0.3]]), np.array([[1.0]])
    cost = COSTS["binary_cross_entropy"]()
    found = ComputationGraphDisplay.from_example(network, cost, x, y).plot()
    texts = [text.get_text() for text in found.ax_.texts]
    h = 1e-6
    for node in found.nodes:
        assert any(text.startswith(f"{node.name} = ") for text in texts)
        assert f"{node.name} = " in found.text or f"{node.name} =" in found.text
        if node.kind == "parameter":
            l = "¹²".index(node.name[1]) + 1
            units = ["₀₁".index(digit) for digit in node.name[2:]]
            where = network.w if node.name[0] == "w" else network.b
            place = tuple(units) if node.name[0] == "w" else units[0]
            costs = []
            for move in (h, -2 * h):
                where[l][place] += move
                costs.append(trace(network, cost, x, y).cost)
            where[l][place] += h
            slope = (costs[0] - costs[1]) / (2 * h)
            assert abs(node.gradient - slope) < DIFFERENCE


def test_S2_36_the_gradient_in_x_is_there_and_never_applied():
    network, x, y = small()
    cost, h = COSTS["quadratic"](), 1e-6
    found = ComputationGraphDisplay.from_example(network, cost, x, y)
    for k in range(2):
        costs = []
        for move in (h, -h):
            moved = x.copy()
            moved[0, k] += move
            costs.append(trace(network, cost, moved, y).cost)
        slope = (costs[0] - costs[1]) / (2 * h)
        assert abs(found[f"x{'₀₁'[k]}"].gradient - slope) < DIFFERENCE
    data = Dataset(x.copy(), y.copy())
    for _ in train(network, data, epochs=5, batch_size=1, cost=cost, monitor="none"):
        pass
    assert np.array_equal(data.x, x) and np.array_equal(data.y, y)
    assert feedforward(network, x)[1][0] is x


SEVEN = {
    "constant": {"optimizer": "sgd", "eta": 0.2},
    "constant, momentum": {"optimizer": "momentum", "eta": 0.2},
    "constant, Nesterov": {"optimizer": "nesterov", "eta": 0.2},
    "cosine": {"optimizer": "sgd", "eta": 0.2, "schedule": "cosine"},
    "RMSprop": {"optimizer": "rmsprop", "eta": 0.01},
    "Adam": {"optimizer": "adam", "eta": 0.01},
    "L-BFGS": {"optimizer": "lbfgs"},
}


@pytest.mark.parametrize("name", ["iris", "digits", "circles", "moons"])
def test_S2_51_training_curves_of_seven_optimizer_settings(name):
    if name == "digits":
        data = load("digits").train
    else:
        x, y = {
            "iris": lambda: load_iris(return_X_y=True),
            "circles": lambda: make_circles(noise=0.2, factor=0.5, random_state=1),
            "moons": lambda: make_moons(noise=0.3, random_state=0),
        }[name]()
        data = Dataset.from_arrays(StandardScaler().fit_transform(x), y, name=name)
    histories = {}
    for label, words in SEVEN.items():
        network = Network([data.inputs, 20, data.outputs], seed=1)
        histories[label] = list(
            train(network, data, epochs=15, batch_size=20, monitor="train", **words)
        )
    found = ComparisonDisplay.from_reports(histories, "monitor_cost").plot()
    assert found.labels == tuple(SEVEN)
    for values in found.values:
        assert values[-1] < values[0] and np.isfinite(values).all()
    assert len(found.ax_.lines) == 7
