"""MLPRegressor: numbers from examples."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if

from .._arrays import Array
from ..mathematics.costs import COSTS, Cost
from ..mathematics.families import pick
from .base import BaseMLP
from .words import CONSTRAINTS, LOSSES, Spec


class MLPRegressor(RegressorMixin, BaseMLP):  # type: ignore[misc]
    """A network that predicts numbers, in the words of scikit-learn's MLPRegressor.

    The same arguments and data give the same weights as there, to rounding. All that
    stands after `max_fun` is new, and by default changes nothing.

    Args:
        loss: squared_error or poisson (then y must be >= 0); besides these
            absolute_error, huber, huber:1.5 (linear beyond an error of 1.5) and
            quantile:0.9 (predicts what 9 of 10 lie below).
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
        mean_outputs: with several outputs and squared_error the other library steps
            along the gradient of the sum over the outputs while it reports their
            mean; True: the gradient is that of the mean too.

    Attributes:
        coefs_: weights, (n_(l-1), n_l) each; intercepts_: biases, (n_l,) each.
        loss_, loss_curve_, best_loss_: the loss of the last epoch, of each, the best.
        validation_scores_, best_validation_score_: with early stopping.
        history_: name to a list with one number an epoch: loss, learning_rate, seconds,
            and validation_... for what is held out.
        n_iter_, t_: epochs, and examples looked at.
        hidden_layer_sizes_: what was found, where it was "auto".
        n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_.

    Where it differs: training stops as soon as the loss is not finite, and the error
    names the layer; a pickle made after `fit` lacks what the optimizer remembers.

    >>> import numpy as np
    >>> from pellucid import MLPRegressor
    >>> x = np.linspace(0, 1, 50)[:, None]
    >>> regressor = MLPRegressor(solver="lbfgs", random_state=0).fit(x, 3 * x.ravel())
    >>> round(regressor.score(x, 3 * x.ravel()), 3)
    1.0
    """

    _parameter_constraints = {  # noqa: RUF012
        **CONSTRAINTS,
        "loss": [Spec(set(LOSSES))],
        "mean_outputs": ["boolean"],
    }

    def __init__(
        self,
        loss: str = "squared_error",
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
        mean_outputs: bool = False,
    ):
        self._keep(locals())

    # A regressor has always had it with lbfgs too: it then is a whole `fit`.
    @available_if(lambda est: est._check_solver)  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """One epoch over these examples, going on from the last call.

        Args:
            X: (n_samples, n_features), dense or sparse.
            y: (n_samples,) or (n_samples, n_outputs).
            sample_weight: (n_samples,) >= 0.
        """
        self._fit(X, y, sample_weight, incremental=True)
        return self

    def _validated(self, X: Any, y: Any, incremental: bool, reset: bool) -> Any:
        X, y = self._validated_x(X, reset, y=y, multi_output=True, y_numeric=True)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _targets(self, y: Any) -> Array:
        """Numbers as the cost reads them: a column each."""
        return y if y.ndim == 2 else y.reshape(-1, 1)

    def _output_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _cost(self, dtype: str) -> Cost:
        name, colon, numbers = self.loss.partition(":")
        cost: Cost = pick("loss", LOSSES[name] + colon + numbers, COSTS)
        return cost

    def _loss_share(self) -> int:
        return self.n_outputs_ if self.loss == "squared_error" else 1

    def _gradient_share(self) -> int:
        return self._loss_share() if self.mean_outputs else 1

    def _answers(self, a: Array) -> Array:
        """Outputs as they are handed out: one column is flat."""
        return a.ravel() if a.shape[1] == 1 else a

    def _score_of(self, a: Array, y: Array, weight: Any) -> float:
        """R², by weight; nan where an output is not finite."""
        if not np.isfinite(a).all():
            return float("nan")
        return float(r2_score(y, self._answers(a), sample_weight=weight))
