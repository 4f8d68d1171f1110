"""Figures: Display objects as in scikit-learn, drawn with matplotlib.

    display    the Display, colours and type
    curves     cost and accuracy over the epochs; several trainings together
    sweep      accuracy against a setting, all seeds, mean and spread
    tuning     what each value of each setting gained over the default
    gradients  gradient norms by layer; descent along one parameter
    models     a network beside other models
    growth     scores against the amount of data, and against width
    pictures   weights and examples as pictures
    forward    the activations of one example, layer by layer
    drawing    the network drawn
    graph      the computation graph
    answers    a network's answers beside the true classes
    confusion  confusion matrix, reliability
    confidence reliability before and after, refusing, sets and intervals
    ranking    ROC and precision-recall
    functions  activation functions with their slopes; costs
    boundary   decision boundary over two features
    surface    the cost as contours and in 3-D, with the path of descent
    explain    why this answer; what one unit is for
    columns    importance of columns, answers against one, what each adds to an answer
    inside     neurons silenced, weights pruned, layers probed, a neuron's ideal input
    lessons    one layer as matrices, the cost of one example, an output as a curve
    wishes     what one example, and several, want changed

Each is made by a `from_...` of its own, holds its data as arrays, draws itself with
`plot(ax=None)`, tells what it shows in `alt`, and is written with `save(path)`. No
window is opened and pyplot is never touched, so it works where there is no screen.

>>> from pellucid.plots import CurvesDisplay
>>> CurvesDisplay.from_run("runs/20260101-120000-digits").save("curves.png")
"""

from .answers import worst_mistakes
from .boundary import BoundaryDisplay
from .columns import AttributionDisplay, DependenceDisplay, ImportanceDisplay
from .confidence import ConfidenceDisplay
from .confusion import ConfusionDisplay, ReliabilityDisplay
from .curves import ComparisonDisplay, CurvesDisplay
from .display import Display
from .drawing import NetworkDisplay
from .explain import SaliencyDisplay, UnitDisplay
from .forward import ActivationsDisplay
from .functions import ActivationFunctionsDisplay, CostFunctionsDisplay
from .gradients import DescentDisplay, GradientNormsDisplay
from .graph import ComputationGraphDisplay
from .growth import LearningCurveDisplay, WidthCurveDisplay
from .inside import (
    IdealDisplay,
    NeuronDisplay,
    NeuronsDisplay,
    ProbesDisplay,
    PruningDisplay,
)
from .lessons import ExampleCostDisplay, LayerDisplay, ResponseDisplay
from .models import ModelsDisplay
from .pictures import ImagesDisplay, WeightsDisplay
from .ranking import PrecisionRecallDisplay, RocDisplay
from .surface import SurfaceDisplay
from .sweep import SweepDisplay
from .tuning import TuningDisplay
from .wishes import GradientTableDisplay, WishesDisplay

__all__ = [
    "ActivationFunctionsDisplay",
    "ActivationsDisplay",
    "AttributionDisplay",
    "BoundaryDisplay",
    "ComparisonDisplay",
    "ComputationGraphDisplay",
    "ConfidenceDisplay",
    "ConfusionDisplay",
    "CostFunctionsDisplay",
    "CurvesDisplay",
    "DependenceDisplay",
    "DescentDisplay",
    "Display",
    "ExampleCostDisplay",
    "GradientNormsDisplay",
    "GradientTableDisplay",
    "IdealDisplay",
    "ImagesDisplay",
    "ImportanceDisplay",
    "LayerDisplay",
    "LearningCurveDisplay",
    "ModelsDisplay",
    "NetworkDisplay",
    "NeuronDisplay",
    "NeuronsDisplay",
    "PrecisionRecallDisplay",
    "ProbesDisplay",
    "PruningDisplay",
    "ReliabilityDisplay",
    "ResponseDisplay",
    "RocDisplay",
    "SaliencyDisplay",
    "SurfaceDisplay",
    "SweepDisplay",
    "TuningDisplay",
    "UnitDisplay",
    "WeightsDisplay",
    "WidthCurveDisplay",
    "WishesDisplay",
    "worst_mistakes",
]
