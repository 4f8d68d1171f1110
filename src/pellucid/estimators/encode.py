"""Tables as inputs: categories, dates and missing values, by pellucid's Encoding."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_array, check_X_y
from sklearn.utils.validation import check_is_fitted

from .._arrays import Array
from .._errors import InputError
from ..data.tables import read_table
from ..data.tables.encoding import Encoding


def encoded(estimator: Any, X: Any, reset: bool, dtype: Any) -> Array:
    """Raw rows as inputs, (n_samples, inputs of the encoding).

    Args:
        estimator: its `encoding_` is used, or made anew with the names of the columns.
        X: a data frame, a dictionary of columns, or a 2-D array of anything.
        reset: whether these are the rows to learn from.
        dtype: float32 or float64; other kinds of number become float64.

    Raises:
        InputError: X is no table, or a column is absent or of another kind.

    Warns:
        UserWarning: levels or missing values that were not there in training.
    """
    if hasattr(X, "tocsr"):
        raise InputError(
            "encode=True must be given a table; got a sparse matrix. Leave encode out."
        )
    if not reset:
        check_is_fitted(estimator, "encoding_")
    else:
        table = read_table(X)
        rows = np.arange(table.rows)
        estimator.encoding_ = Encoding.fit(
            table, rows, target=(), task="numbers", known=rows
        )
        names = list(table.names)
        estimator.n_features_in_ = len(names)
        estimator.feature_names_in_ = np.asarray(names, dtype=object)
    kind = dtype if dtype in ("float32", "float64") else "float64"
    x: Array = estimator.encoding_.transform(X, kind)
    return x


def checked(x: Array, y: Any = None, **words: Any) -> Any:
    """Inputs (and targets) in scikit-learn's own checks, which set no attributes.

    Args:
        x: what `encoded` gave.
        y: labels or numbers, or None where there are none.
        words: multi_output and y_numeric, for y.
    """
    kind = x.dtype
    if y is None:
        return check_array(x, dtype=kind)
    return check_X_y(x, y, dtype=kind, **words)
