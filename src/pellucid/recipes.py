"""Recipes: the lectures' networks by name, and what a run's settings are.

A run is its settings, its data and its seed. The settings are one flat dictionary of
plain values, so that they can be typed, stored, compared and sent.

To add a recipe: one entry in RECIPES.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from ._arrays import choose
from ._errors import InputError
from .data import Dataset
from .mathematics.network import Network
from .training import Report, train


class Settings(TypedDict):
    """Everything that a run of training is, besides the bytes of its data.

    The words are those of `Network` and `train`; `layers` are the hidden sizes.
    """

    data: str
    layers: list[int]
    hidden: str | list[str]
    output: str
    initializer: str
    dtype: str
    cost: str | None
    optimizer: str
    eta: float | None
    schedule: str | None
    batch_size: int
    epochs: int
    seed: int
    l1: float
    l2: float
    dropout: float
    clip: float | None
    monitor: str
    patience: int | None
    engine: str


DEFAULTS: Settings = {
    "data": "digits",
    "layers": [100],
    "hidden": "relu",
    "output": "softmax",
    "initializer": "auto",
    "dtype": "float32",
    "cost": None,
    "optimizer": "adam",
    "eta": 0.003,
    "schedule": "one_cycle",
    "batch_size": 32,
    "epochs": 40,
    "seed": 0,
    "l1": 0.0,
    "l2": 1e-4,
    "dropout": 0.0,
    "clip": None,
    "monitor": "validation",
    "patience": None,
    "engine": "auto",
}

# Nielsen's chapter 1: sigmoids throughout, N(0, 1) at the start, plain SGD.
_NIELSEN: dict[str, Any] = {
    "data": "mnist",
    "layers": [30],
    "hidden": "sigmoid",
    "output": "sigmoid",
    "initializer": "nielsen",
    "cost": "quadratic",
    "optimizer": "sgd",
    "eta": 3.0,
    "schedule": None,
    "batch_size": 10,
    "epochs": 30,
    "l2": 0.0,
}

RECIPES: dict[str, tuple[str, dict[str, Any]]] = {
    "nielsen-30": ("Nielsen, chapter 1: 784-30-10, quadratic cost, η 3", _NIELSEN),
    "nielsen-100": (
        "the same with 100 hidden neurons",
        {**_NIELSEN, "layers": [100]},
    ),
    "nielsen-ch3": (
        "Nielsen, chapter 3: cross-entropy, λ 5, scaled start, 100 hidden, 60 epochs",
        {
            **_NIELSEN,
            "layers": [100],
            "initializer": "scaled",
            "cost": "binary_cross_entropy",
            "eta": 0.1,
            "epochs": 60,
            "l2": 5.0 / 50_000,
        },
    ),
    "3b1b": (
        "3Blue1Brown: 784-16-16-10, 13,002 parameters",
        {**_NIELSEN, "layers": [16, 16]},
    ),
    "sklearn": (
        "the defaults of scikit-learn's MLPClassifier, stopping on validation accuracy",
        {
            "data": "mnist",
            "layers": [100],
            "initializer": "glorot",
            "eta": 0.001,
            "schedule": None,
            "batch_size": 200,
            "epochs": 200,
            "l2": 1e-4 / 200,  # there alpha is divided by the batch size
            "patience": 10,
        },
    ),
    "tiny-3-3": (
        "the lecture's {3,3}: 784-3-3-10, narrower than its ten classes",
        {"data": "mnist", "layers": [3, 3], "epochs": 20, "schedule": None, "l2": 0.0},
    ),
}
"""Name to what it is and what it changes in DEFAULTS."""


def settings(recipe: str | None = None, **changes: Any) -> Settings:
    """The settings of a recipe (or the defaults) with some values changed.

    Raises:
        InputError: unknown recipe or setting, with the nearest name.
    """
    chosen = {} if recipe is None else choose("recipe", recipe, RECIPES)[1]
    for name in changes:
        choose("setting", name, DEFAULTS)
    return Settings(**{**DEFAULTS, **chosen, **changes})  # type: ignore[typeddict-item]


TRAIN_WORDS = (
    "cost",
    "optimizer",
    "eta",
    "schedule",
    "batch_size",
    "epochs",
    "seed",
    "l1",
    "l2",
    "dropout",
    "clip",
    "monitor",
    "patience",
    "engine",
)


def build(chosen: Settings, data: Dataset) -> Network:
    """The network of these settings for this data, before the first step."""
    return Network(
        [data.inputs, *chosen["layers"], data.outputs],
        chosen["hidden"],
        chosen["output"],
        initializer=chosen["initializer"],
        seed=chosen["seed"],
        dtype=chosen["dtype"],
    )


def run(
    chosen: Settings, network: Network, data: Dataset, every: int | None = None
) -> Iterator[Report]:
    """`train` with these settings."""
    words: Mapping[str, Any] = chosen
    arguments = {name: words[name] for name in TRAIN_WORDS}
    return train(network, data, every=every, **arguments)


def check(words: Mapping[str, Any], name: str) -> Settings:
    """Settings out of a file: exactly the known keys, each of its type.

    Raises:
        InputError: a key is missing, unknown or of another type.
    """
    for key in (*words, *DEFAULTS):
        if key not in DEFAULTS or key not in words:
            state = "an unknown" if key not in DEFAULTS else "no"
            raise InputError(f"{name} must hold the settings of a run; {state} {key!r}.")
    kinds = Settings.__annotations__
    for key, value in words.items():
        if not _is_of(str(kinds[key]), value):
            raise InputError(f"{name}: {key} can't be {value!r}.")
    return Settings(**words)  # type: ignore[typeddict-item]


def _is_of(kind: str, value: Any) -> bool:
    """Whether a JSON value is of an annotation such as `float | None`."""
    kind = kind.removeprefix("ForwardRef('").removesuffix("')").split("', module")[0]
    tests = {
        "str": lambda v: isinstance(v, str),
        "int": lambda v: type(v) is int,
        "float": lambda v: type(v) in (int, float),
        "None": lambda v: v is None,
        "list[int]": lambda v: type(v) is list and all(type(e) is int for e in v),
        "list[str]": lambda v: type(v) is list and all(type(e) is str for e in v),
    }
    return any(tests[word.strip()](value) for word in kind.split("|"))
