"""Fifty settings that train well: none of them may be called ill.

Activations, optimizers, sizes, costs, first weights and data are mixed; every learning
rate is one that a careful person would choose for its rule.
"""

from itertools import cycle

import numpy as np

from pellucid import Dataset, load, split

ETAS = {
    "sgd": 0.3,
    "momentum": 0.05,
    "nesterov": 0.05,
    "rmsprop": 0.002,
    "adagrad": 0.03,
    "adam": 0.003,
    "adamw": 0.003,
}
HIDDEN = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "gelu", "silu",
          "mish")  # fmt: skip
LAYERS = ([30], [100], [64, 32], [16], [40, 40, 40], [256])


def plain():
    """36 mixtures: every activation with 4 optimizers, sizes going round."""
    made, sizes, rules = [], cycle(LAYERS), cycle(ETAS)
    for number, hidden in enumerate(HIDDEN * 4):
        rule = next(rules)
        made.append(
            {
                "data": "mnist" if number % 3 == 2 else "digits",
                "layers": next(sizes),
                "hidden": hidden,
                "optimizer": rule,
                "eta": ETAS[rule],
                "epochs": 8 if number % 3 == 2 else 12,  # before they over-fit
                "seed": number,
            }
        )
    return made


def special():
    """14 more: the lectures' own, other costs and first weights, numbers to predict."""
    nielsen = {"hidden": "sigmoid", "output": "sigmoid", "optimizer": "sgd"}
    nielsen |= {"batch_size": 10, "epochs": 15}
    return [
        {**nielsen, "data": "mnist", "layers": [30], "initializer": "nielsen",
         "cost": "quadratic", "eta": 3.0},
        {**nielsen, "data": "digits", "layers": [30], "initializer": "scaled",
         "cost": "quadratic", "eta": 1.0},
        {**nielsen, "data": "digits", "layers": [16, 16], "initializer": "nielsen",
         "cost": "quadratic", "eta": 3.0, "epochs": 30},
        {**nielsen, "data": "mnist", "layers": [100], "initializer": "scaled",
         "cost": "binary_cross_entropy", "eta": 0.1, "l2": 1e-4},
        {**nielsen, "data": "digits", "layers": [30], "initializer": "scaled",
         "cost": "binary_cross_entropy", "eta": 0.3},
        {"data": "digits", "layers": [], "optimizer": "sgd", "eta": 0.5, "epochs": 20},
        {"data": "mnist", "layers": [], "optimizer": "adam", "eta": 0.003,
         "epochs": 10},
        {"data": "digits", "layers": [30], "optimizer": "lbfgs", "epochs": 40,
         "l2": 1e-3},
        {"data": "digits", "layers": [128], "dropout": 0.3, "epochs": 40,
         "optimizer": "adam", "eta": 0.005, "schedule": "one_cycle", "l2": 1e-4},
        {"data": "digits", "layers": [50], "output": "identity", "cost": "hinge",
         "optimizer": "momentum", "eta": 0.01, "epochs": 20},
        {"data": "waves", "layers": [30], "hidden": "tanh", "output": "identity",
         "optimizer": "adam", "eta": 0.01, "epochs": 40},
        {"data": "waves", "layers": [40, 20], "output": "identity",
         "optimizer": "momentum", "eta": 0.02, "epochs": 40},
        {"data": "moons", "layers": [16], "hidden": "tanh", "optimizer": "adam",
         "eta": 0.02, "epochs": 40},
        {"data": "moons", "layers": [16, 16], "optimizer": "sgd", "eta": 0.3,
         "epochs": 60},
    ]  # fmt: skip


HEALTHY = plain() + special()
assert len(HEALTHY) == 50


def waves() -> Dataset:
    """A number to be predicted from two: what a regression learns well."""
    random = np.random.RandomState(0)
    x = random.uniform(-1, 1, (600, 2))
    y = np.sin(3 * x[:, 0]) * x[:, 1] + 0.05 * random.randn(600)
    return split(Dataset.from_arrays(x, y, name="waves"))


def moons() -> Dataset:
    """Two classes that no line parts."""
    from sklearn.datasets import make_moons

    x, y = make_moons(800, noise=0.2, random_state=0)
    return split(Dataset.from_arrays(x, y, name="moons"))


def small_mnist(data_dir) -> Dataset:
    """3,000 images of MNIST to learn from and 1,000 to judge by."""
    whole = load("mnist", data_dir=data_dir)
    rows = np.r_[0:3000, 50_000:51_000, 60_000:61_000]
    some = whole.rows(rows)
    counts = {"train": 3000, "validation": 1000, "test": 1000}
    return Dataset(some.x, some.y, some.classes, name="mnist", counts=counts,
                   image_shape=some.image_shape)  # fmt: skip
