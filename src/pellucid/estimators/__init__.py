"""Estimators: scikit-learn's words on pellucid's nouns.

`MLPClassifier` and `MLPRegressor` take the place of the two classes of that name in
scikit-learn: the same parameters, attributes, random draws, warnings and numbers, and
keyword-only parameters for what those can't do.

    classifier, regressor   the two classes: what is said once to the world
    base                    fit and what both have
    words                   scikit-learn's words in ours; what parameters may be
    weights                 the first draw; coefs_ and a Network
    pace                    the rule of the steps, its rate and its memory
    auto                    hidden layers by a race
    loop                    the epochs of sgd, adam and their like
    lbfgs                   SciPy's search
    validation              the examples held out, and their scores
    encode                  tables as inputs
    columns                 several columns of classes
    watch                   callbacks and a progress bar

This is the only room where scikit-learn's words are spoken, and none of its code for
networks runs here. It is imported when one of the two classes is asked for.
"""

from ..mathematics.penalties import ALPHAS
from .classifier import MLPClassifier
from .regressor import MLPRegressor

__all__ = ["ALPHAS", "MLPClassifier", "MLPRegressor"]
