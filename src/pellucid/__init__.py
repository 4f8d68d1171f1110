"""pellucid: feed-forward neural networks you can see through.

>>> from pellucid import Network, load, train
>>> data = load("digits")
>>> network = Network([64, 30, 10])
>>> for report in train(network, data, epochs=10):
...     print(report)
"""

from typing import TYPE_CHECKING, Any

from . import data as _data
from ._errors import DivergedError, InputError
from .data import Dataset, load, split
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

if TYPE_CHECKING:
    from .data import Encoding, read
    from .engines.native_engine import Predictor
    from .estimators import MLPClassifier, MLPRegressor
    from .exports import export

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
    "MLPClassifier",
    "MLPRegressor",
    "Network",
    "Parameters",
    "Predictor",
    "Report",
    "Trace",
    "backprop",
    "export",
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


def __getattr__(name: str) -> Any:
    if name in ("Encoding", "read"):  # what reads foreign files is imported when asked
        return getattr(_data, name)
    if name == "export":  # it is asked for at the end, if at all
        from .exports import export

        return export
    if name == "Predictor":  # it brings the compiled engine with it
        from .engines.native_engine import Predictor

        return Predictor
    if name in ("MLPClassifier", "MLPRegressor"):  # they bring scikit-learn with them
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
