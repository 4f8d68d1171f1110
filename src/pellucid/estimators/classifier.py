"""MLPClassifier: labels from examples."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    type_of_target,
    unique_labels,
)

from .._arrays import Array
from .._errors import InputError
from ..mathematics.activations import Activation, identity
from ..mathematics.costs import BinaryCrossEntropy, Cost, CrossEntropy, Hinge
from .answers import outputs
from .base import BaseMLP
from .columns import Columns, CrossEntropies, Softmaxes, binarizer_of, one_hot
from .words import CONSTRAINTS


def _has_probabilities(estimator: Any) -> bool:
    if estimator.loss == "hinge":
        raise AttributeError("loss='hinge' gives margins, no probabilities.")
    return True


def _has_margins(estimator: Any) -> bool:
    if estimator.loss != "hinge":
        raise AttributeError("only loss='hinge' gives margins; use predict_proba.")
    return True


class MLPClassifier(ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """A network that tells classes, in the words of scikit-learn's MLPClassifier.

    The same arguments and data give the same weights as there, to rounding. All that
    stands after `max_fun` is new, and by default changes nothing.

    Args:
        hidden_layer_sizes: units of each hidden layer; () is a linear model; "auto":
            found by a race of small networks on a fifth that is held out of the
            examples, for about one and a half more fits (`hidden_layer_sizes_`).
        activation: of the hidden layers: identity, logistic, tanh, relu; besides these
            leaky_relu, elu, softplus, gelu, silu, mish; a list has one for each layer.
        solver: lbfgs, sgd, adam; besides these adamw, rmsprop, adagrad.
        alpha: strength of the L2 penalty ½ alpha Σw², >= 0.
        batch_size: examples an update; "auto": 200, or all where there are fewer.
        learning_rate: constant, invscaling or adaptive; only sgd looks at it.
        learning_rate_init: the first learning rate, > 0.
        power_t: of invscaling.
        max_iter: epochs, or iterations of lbfgs, at most.
        shuffle: whether each epoch has another order of the examples.
        random_state: of the first weights, the part held out, the orders and dropout.
        tol: what counts as an improvement; of lbfgs: the largest gradient at the end.
        verbose: print a line an epoch.
        warm_start: go on from the weights of the last `fit`.
        momentum: of sgd, in [0, 1].
        nesterovs_momentum: whether that looks ahead.
        early_stopping: hold examples out, stop when their score no longer improves, and
            go back to the best weights. lbfgs does not look at it.
        validation_fraction: how much is held out.
        beta_1: of adam.
        beta_2: of adam.
        epsilon: of adam, adamw, rmsprop and adagrad.
        n_iter_no_change: epochs without an improvement before it stops.
        max_fun: evaluations of the loss by lbfgs, at most.
        width: units of every hidden layer, in place of `hidden_layer_sizes`: a number
            that a search can draw.
        depth: how many hidden layers, likewise; one of the two left out is 100 units or
            1 layer.
        dropout: share of the hidden units silenced in each update, in [0, 1): one
            number, or one for each hidden layer.
        clip: longest gradient that is stepped along.
        weight_decay: of adamw: each step shrinks the weights by learning rate x this.
        rho: of rmsprop.
        schedule: of the learning rate, for every solver that steps: inverse_scaling,
            step, cosine, one_cycle, warm_up over max_iter epochs; invscaling or
            adaptive as sgd has them; or a function of the step.
        alpha_per: "batch" divides the penalty by the size of the mini-batch, so that
            batch_size changes its strength; "data" by that of the training part, so
            that alpha means the same for every batch_size and solver.
        validation_splitter: says what is held out: an object with split(X, y, groups)
            such as GroupShuffleSplit or TimeSeriesSplit; its last split is taken.
        scoring: further scores of the examples held out after each epoch: a scorer's
            name, a function of (estimator, X, y), a list of names or a dictionary.
        stop_on: what early stopping goes by: "score", "loss", or a name in `scoring`.
        progress: a progress bar on the standard error.
        keep_optimizer: with warm_start, go on with what the optimizer remembers too.
        strict: parameters that would be silently left out are errors.
        threads: threads to use at most.
        dtype: "float32" or "float64" to compute in; None: as X is.
        encode: X may be a table with categories, dates and missing values: numbers are
            standardised, levels become inputs of their own, fitted to all rows that
            the first `fit` is given (`encoding_`).
        loss: "log_loss", or "hinge" for margins without probabilities.
        class_weight: how much the examples of each class count: {label: weight}, or
            "balanced": as if every class had as many.

    Attributes:
        coefs_: weights, (n_(l-1), n_l) each; intercepts_: biases, (n_l,) each.
        classes_: the labels, sorted.
        loss_, loss_curve_, best_loss_: the loss of the last epoch, of each, the best.
        validation_scores_, best_validation_score_: with early stopping.
        history_: name to a list with one number an epoch: loss, learning_rate, seconds,
            and validation_... for what is held out.
        n_iter_, t_: epochs, and examples looked at.
        hidden_layer_sizes_: what was found, where it was "auto".
        n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_.

    Where it differs: training stops as soon as the loss is not finite, and the error
    names the layer; a pickle made after `fit` lacks what the optimizer remembers.

    >>> from pellucid import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MLPClassifier(solver="lbfgs", random_state=0).fit(X, y)
    >>> classifier.predict(X[:1])
    array([0])
    """

    _parameter_constraints = {  # noqa: RUF012
        **CONSTRAINTS,
        "loss": [StrOptions({"log_loss", "hinge"})],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        width: int | None = None,
        depth: int | None = None,
        dropout: Any = 0.0,
        clip: float | None = None,
        weight_decay: float = 0.01,
        rho: float = 0.99,
        schedule: Any = None,
        alpha_per: str = "batch",
        validation_splitter: Any = None,
        scoring: Any = None,
        stop_on: str = "score",
        progress: bool = False,
        keep_optimizer: bool = False,
        strict: bool = False,
        threads: int | None = None,
        dtype: str | None = None,
        encode: bool = False,
        loss: str = "log_loss",
        class_weight: Any = None,
    ):
        self._keep(locals())

    @available_if(lambda est: est._check_solver())  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None
    ) -> MLPClassifier:
        """One epoch over these examples, going on from the last call.

        Args:
            X: (n_samples, n_features), dense or sparse.
            y: (n_samples,) labels, or (n_samples, n_labels) of 0 and 1.
            sample_weight: (n_samples,) >= 0.
            classes: every label there can be; needed at the first call.
        """
        if _check_partial_fit_first_call(self, classes):
            several = type_of_target(y).startswith("multilabel")
            self._label_binarizer = LabelBinarizer().fit(y if several else classes)
        self._fit(X, y, sample_weight, incremental=True)
        return self

    def _validated(self, X: Any, y: Any, incremental: bool, reset: bool) -> Any:
        X, y = self._validated_x(X, reset, y=y, multi_output=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            kind = type_of_target(y)
            several = kind == Columns.y_type_ and self.loss == "log_loss"
            self._label_binarizer = Columns(y) if several else binarizer_of(y, kind)
            self.classes_ = self._label_binarizer.classes_
            return X, y
        if self._columns is not None:  # its labels are checked where it encodes them
            return X, y
        classes = unique_labels(y)
        if self.warm_start:
            if set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in "
                    f"the previous call to fit. Previously got {self.classes_}, `y` "
                    f"has {classes}"
                )
        elif len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError(
                "`y` has classes not in `self.classes_`. `self.classes_` has "
                f"{self.classes_}. 'y' has {classes}."
            )
        return X, y

    @property
    def _columns(self) -> Columns | None:
        """What encodes several columns of classes, where there are several."""
        binarizer = self._label_binarizer
        return binarizer if isinstance(binarizer, Columns) else None

    def _targets(self, y: Any) -> Array:
        """Labels as the cost reads them: one-hot, or one column for two classes."""
        binarizer = self._label_binarizer
        if y.ndim == 1 and binarizer.y_type_ in ("binary", "multiclass"):
            return one_hot(y, binarizer.classes_)
        return np.asarray(binarizer.transform(y)).astype(bool)

    def _weighted(self, weight: Any, y: Array, incremental: bool) -> Any:
        if self.class_weight is None:
            return weight
        if incremental and self.class_weight == "balanced":
            raise InputError(
                "class_weight='balanced' must see all examples at once; got a call of "
                "partial_fit. Give the weights as {label: weight}."
            )
        of_class = compute_sample_weight(self.class_weight, y)
        return of_class if weight is None else weight * of_class

    def _stratify(self, targets: Array) -> Array | None:
        # As ever: only two classes are held out in their shares.
        return targets if self.n_outputs_ == 1 else None

    def _output_activation(self) -> str:
        if self.loss == "hinge":
            return "identity"
        if self._columns is not None:
            return Softmaxes.name
        several = self._label_binarizer.y_type_ == "multiclass"
        return "softmax" if several else "logistic"

    def _output_sigma(self) -> Activation:
        columns = self._columns
        return super()._output_sigma() if columns is None else Softmaxes(columns.sizes)

    def _cost(self, dtype: str) -> Cost:
        if self.out_activation_ == "identity":
            return Hinge()
        floor = float(np.finfo(dtype).eps)
        if self._columns is not None:
            return CrossEntropies(self._columns.sizes, floor=floor)
        softmax = self.out_activation_ == "softmax"
        return (CrossEntropy if softmax else BinaryCrossEntropy)(floor=floor)

    def _answers(self, a: Array) -> Array:
        """Labels that outputs mean."""
        binarizer = self._label_binarizer
        if isinstance(binarizer, Columns):
            return binarizer.inverse_transform(a)
        if binarizer.y_type_ == "multiclass":
            return binarizer.classes_.take(a.argmax(axis=1), mode="clip")
        # A target is 0 or 1 also where the output is a margin around 0.
        margins = self.out_activation_ == "identity" and a.min(initial=0) < 0
        threshold = 0.0 if margins else 0.5
        if binarizer.y_type_ == "binary" and len(binarizer.classes_) == 2:
            return binarizer.classes_[(a.ravel() > threshold).astype(np.intp)]
        return binarizer.inverse_transform(
            a.ravel() if a.shape[1] == 1 else a, threshold=threshold
        )

    def _decisive(self, X: Array) -> Array:
        if self.out_activation_ != "softmax":
            return self._outputs(X)
        # The largest of the last layer's z has the largest probability.
        *hidden, (_, w, b) = self._layers()
        return outputs([*hidden, (identity, w, b)], X)

    def _score_of(self, a: Array, y: Array, weight: Any) -> float:
        """Accuracy: the share of the examples that are right, by weight."""
        right = self._answers(a) == y
        if right.ndim == 2:
            right = right.all(axis=1)
        return float(np.average(right, weights=weight))

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, (n_samples, n_classes).

        Of several columns of classes a list with such an array for each.

        Args:
            X: (n_samples, n_features), dense or sparse.
        """
        a = self._outputs(self._asked(X))
        if self._columns is not None:
            return self._columns.split(a)
        return a if a.shape[1] > 1 else np.hstack([1 - a, a])

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Any) -> Array:
        """Its logarithm, (n_samples, n_classes).

        Args:
            X: (n_samples, n_features), dense or sparse.
        """
        p = self.predict_proba(X)
        if isinstance(p, list):
            return [np.log(each) for each in p]
        return np.log(p, out=p)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Accuracy: the share of the examples that are right.

        Of several labels or columns all must be right.

        Args:
            X: (n_samples, n_features), dense or sparse.
            y: their labels.
            sample_weight: (n_samples,): how much each counts.
        """
        if getattr(self, "_label_binarizer", None) is None or self._columns is None:
            return float(super().score(X, y, sample_weight))
        right = (self.predict(X) == np.asarray(y)).all(axis=1)
        return float(np.average(right, weights=sample_weight))

    @available_if(_has_margins)  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Array:
        """The margins, (n_samples,) for two classes, else (n_samples, n_classes).

        Args:
            X: (n_samples, n_features), dense or sparse.
        """
        a = self._outputs(self._asked(X))
        return a.ravel() if a.shape[1] == 1 else a

    def __sklearn_tags__(self) -> Any:
        """Labels that do not exclude each other are taken."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
