"""What both estimators have: fit, the forward pass, transform, the pickled state."""

from __future__ import annotations

import copy
import math
import warnings
from contextlib import nullcontext
from itertools import islice
from typing import Any

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils import check_random_state
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    validate_data,
)

from .._arrays import Array
from .._errors import InputError
from ..data import Dataset
from ..engines import start
from ..mathematics.activations import Activation
from ..mathematics.network import Network
from ..mathematics.optimizers import LBFGS
from .answers import hidden_rules, outputs, rule
from .auto import found_sizes
from .encode import checked, encoded
from .fitting import Fit, check_weight
from .lbfgs import Objective
from .watch import CallbackSupportMixin
from .weights import draw, network_of
from .words import (
    CONSTRAINTS,
    OUTPUT,
    STEPPING,
    hidden_activations,
    hidden_sizes,
    refuse_what_is_ignored,
)

FLOATS = (np.float64, np.float32)
SPARSE = ("csr", "csc")
FEW = 1 << 14
"""Numbers up to which a question is answered sooner than scikit-learn checks it."""


def _is_plain(X: Any) -> bool:
    """Whether inputs are a few finite floats in an array, in rows."""
    return (
        type(X) is np.ndarray
        and X.ndim == 2
        and 0 < X.size <= FEW
        and X.dtype.type in FLOATS
        # The sum of the squares is the quickest to ask; if it only overflows, X is
        # looked at closely.
        and math.isfinite(np.vdot(X, X))
    )


class BaseMLP(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    CallbackSupportMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Multi-layer perceptron: what the classifier and the regressor have in common.

    A subclass says what its targets are and what its answers mean: `_validated`,
    `_targets`, `_stratify`, `_output_activation`, `_cost`, `_answers`, `_score_of`.
    """

    _parameter_constraints: dict[str, list[Any]] = CONSTRAINTS

    def _keep(self, words: dict[str, Any]) -> None:
        """The arguments of __init__ as attributes, just as they came."""
        for name, value in words.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        groups: Any = None,
    ) -> Any:
        """Learn from examples.

        Args:
            X: (n_samples, n_features), dense or sparse; with `encode` any table.
            y: (n_samples,) or (n_samples, n_outputs).
            sample_weight: (n_samples,) >= 0: how much each example counts.
            X_val: examples that are not learned from but scored after each epoch, into
                `history_`; with `early_stopping=True` they take the place of the
                part that would be held out.
            y_val: their labels or numbers.
            sample_weight_val: how much each of them counts.
            groups: (n_samples,), for a `validation_splitter` that looks at them.

        Returns:
            The estimator itself.

        Raises:
            ValueError: X or y can't be learned from, or the weights stopped being
                finite; the sentence says what to do.
        """
        if (X_val is None) != (y_val is None):
            raise InputError("X_val and y_val must come together; got one of them.")
        held_out = None if X_val is None else (X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, held_out=held_out, groups=groups)

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        incremental: bool = False,
        held_out: Any = None,
        groups: Any = None,
    ) -> Any:
        weights = None if sample_weight is None else {"sample_weight": sample_weight}
        given = {"X": X, "y": y, "metadata": weights}
        refuse_what_is_ignored(self)
        sizes = hidden_sizes(self)
        first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = self._validated(X, y, incremental, first)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        sample_weight = self._weighted(sample_weight, y, incremental)
        if sample_weight is not None:
            check_weight(sample_weight)
        targets = self._targets(y)
        self.n_outputs_ = targets.shape[1]
        self._random_state = check_random_state(self.random_state)
        if sizes is None:
            sizes = found_sizes(self, X, y, sample_weight, first, incremental)
        if first:
            self._initialize([X.shape[1], *sizes, self.n_outputs_], X.dtype)
        else:
            self._go_on(sizes)
        if held_out is not None:
            held_out = self._validated_apart(*held_out)
        fit = Fit(
            self, X, y, targets, sample_weight, incremental, held_out, groups, given
        )
        with self._threads():
            fit.run()
        return self

    def _threads(self) -> Any:
        """A limit on the threads of linear algebra, where one is asked for."""
        if self.threads is None:
            return nullcontext()
        from threadpoolctl import threadpool_limits

        return threadpool_limits(self.threads)

    def _validated_x(self, X: Any, reset: bool, **more: Any) -> Any:
        """X (and y) as scikit-learn's estimators take them."""
        if self.encode:
            return checked(encoded(self, X, reset, self.dtype), **more)
        kind = FLOATS if self.dtype is None else self.dtype
        return validate_data(
            self, X, accept_sparse=SPARSE, dtype=kind, reset=reset, **more
        )

    def _validated_apart(self, X: Any, y: Any, weight: Any) -> tuple[Any, Any, Any]:
        """Examples that are held out, as those that are learned from."""
        more = {"multi_output": True, "y_numeric": not hasattr(self, "classes_")}
        X, y = self._validated_x(X, False, y=y, **more)
        if weight is not None:
            weight = _check_sample_weight(weight, X)
            check_weight(weight)
        return X, y, weight

    def _weighted(self, weight: Any, y: Array, incremental: bool) -> Any:
        """What each example counts, when all is said."""
        return weight

    def _stratify(self, targets: Array) -> Array | None:
        """What the part held out should have its share of."""
        return None

    def _initialize(self, sizes: list[int], dtype: Any) -> None:
        """Every attribute as before the first step."""
        self.n_iter_ = 0
        self.t_ = 0
        self.n_layers_ = len(sizes)
        self.out_activation_ = self._output_activation()
        sigma = hidden_activations(self.activation, len(sizes) - 2)
        self.coefs_, self.intercepts_ = draw(sizes, sigma, self._random_state, dtype)
        for name in ("loss_curve_", "history_", "_no_improvement_count"):
            self.__dict__.pop(name, None)
        self._begin_counts()

    def _begin_counts(self) -> None:
        """The loss curve and what stopping goes by, where there is none yet."""
        stops = self.early_stopping
        fresh: dict[str, Any] = {
            "loss_curve_": [],
            "history_": {"loss": [], "seconds": []},
            "_no_improvement_count": 0,
        }
        if self.solver in STEPPING:
            fresh["best_loss_"] = None if stops else np.inf
            fresh["validation_scores_"] = [] if stops else None
            fresh["best_validation_score_"] = -np.inf if stops else None
        keep = hasattr(self, "loss_curve_")
        for name, value in fresh.items():
            # None is left by a call that went by something else, and is replaced.
            if not keep or getattr(self, name, None) is None:
                setattr(self, name, value)
        if self.solver in STEPPING:
            self.history_.setdefault("learning_rate", [])

    def _go_on(self, sizes: list[int]) -> None:
        """From where the last call ended.

        Warns:
            UserWarning: hidden layers of other sizes are asked for, and not built.
        """
        self._begin_counts()
        there = [w.shape[1] for w in self.coefs_[:-1]]
        if there == list(sizes):
            return
        said = (
            f"the hidden layers stay as they are, {there}, because the weights of the "
            f"last call are gone on with; got {list(sizes)}. For new layers fit with "
            "warm_start=False."
        )
        if self.strict:
            raise InputError(said)
        warnings.warn(said, UserWarning, stacklevel=4)

    def _network(self, dtype: str) -> Network:
        """The network as it is, with copied weights."""
        sigma = hidden_activations(self.activation, len(self.coefs_) - 1)
        output = self._output_sigma()
        return network_of(self.coefs_, self.intercepts_, sigma, output, dtype)

    def _output_sigma(self) -> Activation:
        """The activation of the last layer."""
        name = OUTPUT.get(self.out_activation_, self.out_activation_)
        return rule(name)

    def _loss_share(self) -> int:
        """What the cost of one example is divided by to be the loss."""
        return 1

    def _gradient_share(self) -> int:
        """What the gradient is divided by: the same, or 1."""
        return 1

    def _reported(self, total: float, penalty: Any) -> float:
        """The loss that is said, of a sum of costs with penalties.

        Args:
            total: the sum.
            penalty: gives the penalties' part of it, where that is asked for.
        """
        share = self._loss_share()
        if share == self._gradient_share():
            return total / share
        charge: float = penalty()
        return (total - charge) / share + charge

    def _layers(self) -> Any:
        """Pairs of an activation and its coefs_ and intercepts_, layer by layer."""
        asked = self.activation
        asked = asked if isinstance(asked, str) else tuple(asked)
        rules = (*hidden_rules(asked, len(self.coefs_) - 1), self._output_sigma())
        return zip(rules, self.coefs_, self.intercepts_, strict=True)

    def _outputs(self, X: Array, layers: int | None = None) -> Array:
        """Activations of the last layer, or after so many layers."""
        return outputs(islice(self._layers(), layers), X)

    def _decisive(self, X: Array) -> Array:
        """What `_answers` reads; that may be less than the outputs."""
        return self._outputs(X)

    def _asked(self, X: Any) -> Array:
        """Inputs of a question, checked; any kind of number."""
        if _is_plain(X) and self._fits(X):
            return X
        check_is_fitted(self)
        if self.encode:
            return checked(encoded(self, X, False, self.dtype))
        kind = "numeric" if self.dtype is None else self.dtype
        return validate_data(self, X, accept_sparse=SPARSE, dtype=kind, reset=False)

    def _fits(self, X: Array) -> bool:
        """Whether plain inputs need no more checks: those cost more than the answer."""
        state = vars(self)
        return (
            "coefs_" in state
            and "feature_names_in_" not in state
            and not self.encode
            and self.dtype is None
            and X.shape[1] == state.get("n_features_in_")
        )

    def predict(self, X: Any) -> Array:
        """Answers: labels (n_samples,) or (n_samples, n_outputs), or numbers.

        Args:
            X: (n_samples, n_features), dense or sparse.
        """
        return self._answers(self._decisive(self._asked(X)))

    def transform(self, X: Any, layer: int = -1) -> Array:
        """Activations of a hidden layer, (n_samples, n_units).

        Args:
            X: (n_samples, n_features), dense or sparse.
            layer: 0 for the first hidden layer, -1 for the last.

        Raises:
            InputError: there is no such hidden layer.
        """
        X = self._asked(X)
        hidden = len(self.coefs_) - 1
        if not -hidden <= layer < hidden:
            raise InputError(
                f"layer must be one of the {hidden} hidden layers, {-hidden} to "
                f"{hidden - 1}; got {layer}."
            )
        return self._outputs(X, layer % hidden + 1)

    def fit_transform(self, X: Any, y: Any, **fit_params: Any) -> Array:
        """Learn, then give the activations of the last hidden layer."""
        return self.fit(X, y, **fit_params).transform(X)

    @property
    def _n_features_out(self) -> int:
        """Units of the last hidden layer, for the names of the features."""
        return int(self.coefs_[-1].shape[0])

    def _check_solver(self) -> bool:
        if self.solver not in STEPPING:
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. "
                f"{self.solver} is not stochastic."
            )
        return True

    def _loss_grad_lbfgs(
        self, packed: Array, X: Array, y: Array, sample_weight: Any, *_: Any
    ) -> tuple[float, Array]:
        """Loss and gradient at packed weights; further arguments are not needed."""
        network = self._network("float64")
        y = np.asarray(y, float)
        data = Dataset(X, y, weight=sample_weight)
        words = {"cost": self._cost("float64"), "optimizer": LBFGS()}
        engine = start(network, data, l2=self.alpha, summed_penalty=True, **words)
        l2 = self.alpha / (len(y) if sample_weight is None else sample_weight.sum())
        return Objective(self, engine, np.arange(len(y)), l2)(packed)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: after `fit`, not what the optimizer remembers.

        That would make a model three times as large, and only `partial_fit` needs it;
        after `partial_fit` it stays.
        """
        state: dict[str, Any] = dict(super().__getstate__())
        state.pop("_random_state", None)
        if "_optimizer" in state and not state.get("_streaming", False):
            pace = copy.copy(state["_optimizer"])
            pace.memory = {}
            state["_optimizer"] = pace
        return state

    def __sklearn_tags__(self) -> Any:
        """Sparse inputs are taken."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
