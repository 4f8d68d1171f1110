"""pellucid: feed-forward neural networks you can see through.

>>> from pellucid import Network, load, train
>>> data = load("digits")
>>> network = Network([64, 30, 10])
>>> for report in train(network, data, epochs=10):
...     print(report)
"""

from ._errors import DivergedError, InputError
from .data import Dataset, Encoding, load, read, split
from .mathematics.activations import ACTIVATIONS, relu, sigmoid, step, tanh
from .mathematics.backprop import Trace, backprop, feedforward, gradient, trace
from .mathematics.costs import COSTS
from .mathematics.initializers import INITIALIZERS, Given
from .mathematics.network import Network, Parameters
from .mathematics.optimizers import OPTIMIZERS
from .mathematics.schedules import SCHEDULES
from .model_file import load as load_network
from .model_file import save as save_network
from .recipes import RECIPES, settings
from .training import Report, train

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "INITIALIZERS",
    "OPTIMIZERS",
    "RECIPES",
    "SCHEDULES",
    "Dataset",
    "DivergedError",
    "Encoding",
    "Given",
    "InputError",
    "Network",
    "Parameters",
    "Report",
    "Trace",
    "backprop",
    "feedforward",
    "gradient",
    "load",
    "load_network",
    "read",
    "relu",
    "save_network",
    "settings",
    "sigmoid",
    "split",
    "step",
    "tanh",
    "trace",
    "train",
]
