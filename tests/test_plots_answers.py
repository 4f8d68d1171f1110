"""Figures of answers: their numbers are scikit-learn's, their edge cases are told."""

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from pellucid import InputError, Network
from pellucid import plots as p
from pellucid.evaluation import reliability
from plotted import answers, moons, part, trained
from tolerances import CLOSED, distance

LABELS, A, CLASSES = answers()


def test_confusion_is_scikit_learns_and_mistakes_are_what_is_off_the_diagonal():
    found = p.ConfusionDisplay.from_predictions(LABELS, A, CLASSES)
    assert np.array_equal(found.counts, confusion_matrix(LABELS, A.argmax(1)))
    assert found.mistakes.trace() == 0
    assert found.mistakes.sum() == (A.argmax(1) != LABELS).sum()
    assert f"{(A.argmax(1) == LABELS).sum()} of {len(LABELS)}" in found.alt
    again = p.ConfusionDisplay.from_network(trained()[0], part())
    assert np.array_equal(again.counts, found.counts)


def test_confusion_without_a_mistake_says_so():
    found = p.ConfusionDisplay.from_predictions(np.arange(3), np.eye(3))
    assert found.alt.endswith("there is no mistake.") and found.classes == (*"012",)
    found.plot()


def test_confusion_of_many_classes_leaves_numbers_and_names_out():
    labels = np.arange(300) % 100
    found = p.ConfusionDisplay.from_predictions(labels, np.eye(100)[labels]).plot()
    assert not found.ax_.texts and len(found.ax_.get_xticks()) <= 40


def test_roc_is_scikit_learns_one_versus_rest():
    found = p.RocDisplay.from_predictions(LABELS, A, CLASSES)
    for j in range(10):
        x, y, _ = roc_curve(LABELS == j, A[:, j])
        assert np.array_equal(found.false_positive[j], x)
        assert np.array_equal(found.true_positive[j], y)
    whole = roc_auc_score(LABELS, A, multi_class="ovr", average=None)
    assert distance(found.auc, whole) <= CLOSED


def test_precision_recall_is_scikit_learns():
    found = p.PrecisionRecallDisplay.from_predictions(LABELS, A, CLASSES)
    for j in range(10):
        precision, recall, _ = precision_recall_curve(LABELS == j, A[:, j])
        assert np.array_equal(found.precision[j], precision)
        assert np.array_equal(found.recall[j], recall)
        area = average_precision_score(LABELS == j, A[:, j])
        assert abs(found.average_precision[j] - area) <= CLOSED
    assert distance(found.prevalence, np.bincount(LABELS) / len(LABELS)) <= CLOSED


@pytest.mark.parametrize("kind", [p.RocDisplay, p.PrecisionRecallDisplay])
def test_a_class_without_examples_has_no_curve_and_others_have(kind):
    labels = np.array([0, 0, 1, 1])
    a = np.array([[0.9, 0.1, 0], [0.4, 0.6, 0], [0.3, 0.7, 0], [0.2, 0.8, 0]])
    found = kind.from_predictions(labels, a).plot()
    areas = getattr(found, "auc", None)
    areas = found.average_precision if areas is None else areas
    assert np.isnan(areas[2]) and np.isfinite(areas[:2]).all()
    assert "nan" not in found.alt


def test_one_class_alone_has_no_roc():
    with pytest.raises(InputError, match="no class has both"):
        p.RocDisplay.from_predictions(np.zeros(3, int), np.eye(3))


def test_of_many_classes_the_worst_are_drawn_and_it_is_said():
    random = np.random.RandomState(0)
    labels = np.arange(400) % 20
    found = p.RocDisplay.from_predictions(labels, random.rand(400, 20)).plot()
    assert "The 12 worst are drawn." in found.alt
    drawn = {line.get_label().split(":")[0].strip() for line in found.ax_.lines}
    assert set(map(str, np.argsort(found.auc)[:12])) <= drawn


def test_a_single_output_is_the_probability_of_the_second_class():
    a = np.array([[0.9], [0.2], [0.6]])
    found = p.ConfusionDisplay.from_predictions(np.array([1, 0, 0]), a)
    assert found.counts.tolist() == [[1, 1], [0, 1]]


def test_reliability_holds_the_numbers_of_evaluation():
    found = p.ReliabilityDisplay.from_predictions(LABELS, A, bins=7)
    want = reliability(A, LABELS, 7)
    assert found.reliability.ece == want.ece and f"{want.ece:.4f}" in found.alt
    again = p.ReliabilityDisplay.from_network(trained()[0], part(), bins=7)
    assert again.reliability.ece == pytest.approx(want.ece)


@pytest.mark.parametrize(
    ("labels", "a", "classes", "words"),
    [
        ([0, 1], np.eye(3), None, r"labels must be \(3,\)"),
        ([0.0, 1.0, 2.0], np.eye(3), None, "of float64. For one-hot rows"),
        ([0, 1, 3], np.eye(3), None, r"lie in 0 ... 2; got 0 ... 3"),
        ([0, 1, 2], np.eye(3), "ab", "must be 3 names, one a column"),
        ([0, 1, 2], np.full((3, 3), np.nan), None, "outputs must be finite"),
    ],
)
def test_labels_and_outputs_that_do_not_fit_are_refused(labels, a, classes, words):
    with pytest.raises(InputError, match=words):
        p.ConfusionDisplay.from_predictions(np.array(labels), a, classes)


def test_boundary_is_the_network_over_the_plane():
    network, data = moons()
    found = p.BoundaryDisplay.from_network(network, data, names=["left", "up"])
    i, j = 17, 140
    here = np.array([[found.u[j], found.v[i]]], dtype="float32")
    assert found.outputs[i, j] == pytest.approx(network(here)[0])
    assert found.answer[i, j] == network(here).argmax()
    assert found.confidence.min() >= 0.5 and found.confidence.max() <= 1
    right = (network(data.x).argmax(1) == data.labels).sum()
    assert found.right == right and found.names == ("left", "up")
    assert found.u[0] < data.x[:, 0].min() and found.u[-1] > data.x[:, 0].max()


def test_boundary_holds_the_other_features_at_their_mean():
    data = part()
    found = p.BoundaryDisplay.from_network(trained()[0], data, (20, 30))
    assert set(found.held) == set(range(64)) - {20, 30}
    assert found.held[5] == pytest.approx(float(data.x[:, 5].mean()), rel=1e-5)
    point = data.x.mean(0, dtype=np.float64)[None].repeat(1, 0)
    point[0, 20], point[0, 30] = found.u[3], found.v[8]
    assert found.answer[8, 3] == trained()[0](point.astype("float32")).argmax()
    assert "62 others held at their mean" in found.alt


def test_boundary_refuses_what_has_no_plane():
    network, data = moons()
    for features in ((0, 0), (0, 2), (-1, 0)):
        with pytest.raises(InputError, match="two of the columns 0 to 1"):
            p.BoundaryDisplay.from_network(network, data, features)
    with pytest.raises(InputError, match="takes 3 inputs and moons has 2"):
        p.BoundaryDisplay.from_network(Network([3, 2]), data)


def test_worst_mistakes_come_with_the_surest_first():
    rows, a = p.worst_mistakes(trained()[0], part(), 5)
    assert 0 < len(rows) <= 5
    assert (a.argmax(1) != part().labels[rows]).all()
    assert (np.diff(a.max(1)) <= 0).all()
