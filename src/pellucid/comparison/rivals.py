"""Other models that a network is compared with, each as it is commonly used.

All learn from a Dataset's encoded inputs, standardised as the network gets them.

To add one: a function here and its line in RIVALS.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

KERNEL_ROWS = 20_000
"""Training rows up to which a kernel machine, whose time grows as m², is trained."""


def linear(classes: bool, seed: int) -> Any:
    """Logistic regression, C = 1; ridge regression, alpha by leave-one-out."""
    from sklearn.linear_model import LogisticRegression, RidgeCV

    if classes:
        return LogisticRegression(max_iter=300)
    return RidgeCV(np.logspace(-3, 4, 15))


def features(classes: bool, seed: int) -> Any:
    """The linear model on standardised features of images that are made by hand."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), linear(classes, seed))


def neighbours(classes: bool, seed: int) -> Any:
    """The five nearest, by Euclidean distance."""
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    return KNeighborsClassifier() if classes else KNeighborsRegressor()


def svm(classes: bool, seed: int) -> Any:
    """A support vector machine with an RBF kernel, C = 1; it has no probabilities."""
    from sklearn.svm import SVC, SVR

    return SVC(cache_size=500) if classes else SVR(cache_size=500)


def forest(classes: bool, seed: int) -> Any:
    """A random forest of 200 trees."""
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestClassifier if classes else RandomForestRegressor
    return kind(200, random_state=seed)


def boosting(classes: bool, seed: int) -> Any:
    """Histogram gradient boosting."""
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    return kind(random_state=seed)


def lightgbm(classes: bool, seed: int) -> Any:
    """LightGBM, where it is installed."""
    import lightgbm as library

    kind = library.LGBMClassifier if classes else library.LGBMRegressor
    return kind(random_state=seed, verbose=-1)


def xgboost(classes: bool, seed: int) -> Any:
    """XGBoost, where it is installed."""
    import xgboost as library

    kind = library.XGBClassifier if classes else library.XGBRegressor
    return kind(random_state=seed)


RIVALS: dict[str, Callable[[bool, int], Any]] = {
    "linear": linear,
    "neighbours": neighbours,
    "svm": svm,
    "forest": forest,
    "boosting": boosting,
    "lightgbm": lightgbm,
    "xgboost": xgboost,
    "features": features,
}
"""Name to what makes one: (whether classes are told, seed) to an estimator."""

OPTIONAL = ("lightgbm", "xgboost")
"""Those that need a library of their own."""

OF_IMAGES = ("features",)
"""Those that know images only; they are compared with where they are asked for."""


def available() -> list[str]:
    """The names of those that can be trained here."""
    return [name for name in RIVALS if name not in OPTIONAL or find_spec(name)]


def usual() -> list[str]:
    """Those of them that are compared with where nothing is said."""
    return [name for name in available() if name not in OF_IMAGES]
