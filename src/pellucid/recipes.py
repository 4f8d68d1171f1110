"""Recipes: the lectures' networks by name, and what a run's settings are.

A run is its settings, its data and its seed. The settings are one flat dictionary of
plain values, so that they can be typed, stored, compared and sent.

To add a recipe: one entry in RECIPES.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import (
    Any,
    NotRequired,
    TypedDict,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from ._arrays import choose, join
from ._errors import InputError
from .data import Dataset
from .mathematics.network import Network
from .run_data import ends, fitting
from .training import Every, Report, train
from .training.edits import Edit, parse_edits, train_edited
from .training.shared import Shared
from .training.state import State


class Settings(TypedDict):
    """Everything that a run of training is, besides the bytes of its data.

    The words are those of `Network` and `train`; `layers` are the hidden sizes. From
    `target` on they are those of `read`, for a table or images; `data` is the path
    then, and `kinds` are such as "zip=category". `edits`, only there where there are
    some, are what was set by hand on the way, such as "600:1.5.b:0.25".
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
    target: list[str] | None
    test_file: str | None
    kinds: list[str]
    ignore: list[str]
    delimiter: str | None
    header: str
    size: list[int] | None
    pixels: str
    validation: float
    test: float
    split_seed: int
    edits: NotRequired[list[str]]


# Chosen by 10-fold cross-validation on the digits without their test part.
DEFAULTS: Settings = {
    "data": "digits",
    "layers": [128],
    "hidden": "relu",
    "output": "softmax",
    "initializer": "auto",
    "dtype": "float32",
    "cost": None,
    "optimizer": "adam",
    "eta": 0.005,
    "schedule": "one_cycle",
    "batch_size": 32,
    "epochs": 60,
    "seed": 0,
    "l1": 0.0,
    "l2": 1e-4,
    "dropout": 0.3,
    "clip": None,
    "monitor": "validation",
    "patience": None,
    "engine": "auto",
    "target": None,
    "test_file": None,
    "kinds": [],
    "ignore": [],
    "delimiter": None,
    "header": "auto",
    "size": None,
    "pixels": "grey",
    "validation": 0.1,
    "test": 0.2,
    "split_seed": 0,
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
    "dropout": 0.0,
}

# Chosen on the validation part, with benchmarks/speedrun.py's rules: few updates at a
# high rate, which Adam bears with short memories, then straight down to 0.
_FAST: dict[str, Any] = {
    "data": "mnist",
    "layers": [160],
    "hidden": "silu",
    "optimizer": "adam:beta1=0.8,beta2=0.95",
    "eta": 0.01,
    "schedule": "one_cycle:0.1",
    "batch_size": 128,
    "epochs": 2,
    "l2": 0.0,
    "dropout": 0.0,
}
_FAST_WIDE = {
    **_FAST,
    "layers": [512],
    "optimizer": "adamw:beta1=0.8,beta2=0.95,decay=0.2",
    "eta": 0.008,
    "batch_size": 192,
    "epochs": 4,
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
            "dropout": 0.0,
            "patience": 10,
        },
    ),
    "fast-98": (
        "784-160-10, SiLU, 2 epochs: 98.0% of the test images as soon as can be",
        _FAST,
    ),
    "fast-98.5": (
        "784-512-10, SiLU, 4 epochs: 98.5% as soon as can be",
        _FAST_WIDE,
    ),
    "tiny-3-3": (
        "the lecture's {3,3}: 784-3-3-10, narrower than its ten classes",
        {
            "data": "mnist",
            "layers": [3, 3],
            "eta": 0.001,
            "schedule": None,
            "epochs": 20,
            "l2": 0.0,
            "dropout": 0.0,
        },
    ),
}
"""Name to what it is and what it changes in DEFAULTS."""


def settings(
    recipe: str | None = None, examples: Dataset | None = None, **changes: Any
) -> Settings:
    """The settings of a recipe (or the defaults) with some values changed.

    Without a recipe, another optimizer brings its own η and no schedule. L-BFGS has
    neither, and no dropout: it needs the same cost at every look.

    Args:
        recipe: one of RECIPES.
        examples: the data, where it is there already: a table has defaults of its own,
            by its rows, and the output is the one that its target needs.
        changes: settings and their values.

    Raises:
        InputError: unknown recipe or setting, with the nearest name.
    """
    chosen = {} if recipe is None else choose("recipe", recipe, RECIPES)[1]
    for name in changes:
        choose("setting", name, DEFAULTS)
    if examples is not None:
        chosen = {**(chosen or fitting(examples)), **ends(examples)}
    rule = str(changes.get("optimizer", DEFAULTS["optimizer"])).partition(":")[0]
    if rule == "lbfgs" or (recipe is None and rule != DEFAULTS["optimizer"]):
        chosen = {**chosen, "eta": None, "schedule": None}
    if rule == "lbfgs":
        chosen["dropout"] = 0.0
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
    """The network of these settings for this data, before the first step.

    Raises:
        InputError: the layers are still to be found.
    """
    if chosen["layers"] == "auto":  # type: ignore[comparison-overlap]
        raise InputError(
            "layers must be sizes here, such as 30 or 16,16; got auto, which only "
            "train understands. pellucid tune --over width,depth looks further."
        )
    return Network(
        [data.inputs, *chosen["layers"], data.outputs],
        chosen["hidden"],
        chosen["output"],
        initializer=chosen["initializer"],
        seed=chosen["seed"],
        dtype=chosen["dtype"],
    )


def run(
    chosen: Settings,
    network: Network,
    data: Dataset,
    every: int | Every | None = None,
    resume: State | None = None,
    shared: Shared | None = None,
) -> Iterator[Report]:
    """`train` with these settings, and with what they say was set by hand."""
    words: Mapping[str, Any] = chosen
    arguments: dict[str, Any] = {name: words[name] for name in TRAIN_WORDS}
    arguments |= {"every": every, "resume": resume, "shared": shared}
    if edits := edits_of(chosen):
        return train_edited(network, data, edits, **arguments)
    return train(network, data, **arguments)


def edits_of(chosen: Settings) -> tuple[Edit, ...]:
    """What the settings say was set by hand.

    Raises:
        InputError: one is no edit.
    """
    return parse_edits(chosen.get("edits", []), "the settings")


def check(words: Mapping[str, Any], name: str) -> Settings:
    """Settings out of a file: exactly the known keys, each of its type.

    Raises:
        InputError: a key is missing, unknown or of another type.
    """
    for key in (*words, *DEFAULTS):
        if key != "edits" and (key not in DEFAULTS or key not in words):
            state = "an unknown" if key not in DEFAULTS else "no"
            raise InputError(
                f"{name} must hold exactly the settings of a run; got {state} {key!r}. "
                f"They are {', '.join(DEFAULTS)}."
            )
    for key, kinds in KINDS.items():
        if not any(_is_of(kind, words[key]) for kind in kinds):
            raise InputError(
                f"{name}: {key} must be {join(map(_spell, kinds))}; "
                f"got {words[key]!r:.60}."
            )
    if "edits" in words and not _is_of(list[str], words["edits"]):
        raise InputError(f"{name}: edits must be texts; got {words['edits']!r:.60}.")
    parse_edits(words.get("edits", []), name)
    return cast(Settings, dict(words))


def parse(name: str, text: str) -> Any:
    """The value of a setting out of its text; `none` where it may be left out.

    Layers may be "auto", for those who can find them (see `auto`).

    Args:
        name: a setting.
        text: such as "0.5", "16,16", "relu" or "none".

    Raises:
        InputError: the text is no such value.
    """
    kinds = KINDS[name]
    if name == "layers" and text == "auto":
        return text
    if type(None) in kinds and text == "none":
        return None
    if list[str] in kinds and ("," in text or str not in kinds):
        return text.split(",")
    if str in kinds:
        return text
    kind = kinds[0]
    try:
        if kind == list[int]:
            sizes = [int(part) for part in re.split("[,x×]", text)]
            return [] if sizes == [0] else sizes
        return kind(text)
    except ValueError:
        must = join(map(_spell, kinds))
        raise InputError(f"{name} must be {must}; got {text!r:.60}.") from None


def _kinds(hint: Any) -> tuple[Any, ...]:
    """The types of `str | list[str]`, say."""
    return get_args(hint) if isinstance(hint, UnionType) else (hint,)


_HINTS = get_type_hints(Settings)
KINDS = {name: _kinds(_HINTS[name]) for name in DEFAULTS}
"""Name of a setting to the types that it may have."""

SPELLED = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    type(None): "none",
    list[int]: "whole numbers such as 30 or 16,16",
    list[str]: "several texts",
}


def _spell(kind: Any) -> str:
    return SPELLED[kind]


def _is_of(kind: Any, value: Any) -> bool:
    """Whether a JSON value is of a type such as `float` or `list[int]`."""
    if get_origin(kind) is list:
        (inner,) = get_args(kind)
        return type(value) is list and all(_is_of(inner, each) for each in value)
    if kind is float:
        return type(value) in (int, float)
    return type(value) is kind
