"""What a report says where numbers or several labels are to be predicted."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._arrays import Array
from ..data import Dataset
from .html import paragraph, percent, table
from .subject import Subject

ENOUGH = 10_000
"""Examples that a linear model learns from."""


def _names(s: Subject) -> list[str]:
    """What the outputs are called."""
    if s.data.encoding is not None:
        return list(s.data.encoding.target.names)
    return [f"output {j}" for j in range(s.data.outputs)]


def _own(s: Subject, y: Array) -> Array:
    """Targets or answers in their own units, (m, n_L)."""
    y = np.asarray(y, dtype=np.float64)
    return np.asarray(y if s.data.encoding is None else s.data.encoding.decode(y))


def errors(s: Subject) -> str:
    """R² and the size of the errors of each number, in its own unit."""
    if s.found.correct is not None:
        return ""
    if s.found.r2 is None:
        return paragraph("R² is not defined: too few examples, or infinite answers.")
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    y, a, each = s.judged.y, s.answers, {"multioutput": "raw_values"}
    true, answer = _own(s, y), _own(s, a)
    columns = (
        _names(s),
        r2_score(y, a, **each),
        mean_absolute_error(true, answer, **each),
        root_mean_squared_error(true, answer, **each),
        true.std(axis=0),
    )
    rows = [
        [name, f"{r2:.4f}", *(f"{value:.4g}" for value in more)]
        for name, r2, *more in zip(*columns, strict=True)
    ]
    head = [
        "target",
        "R²",
        "mean absolute error",
        "root mean square error",
        "deviation of the target",
    ]
    return table(head, rows, f"{s.where}, in the target's own unit")


def labels(s: Subject) -> str:
    """How well each of several labels is found."""
    if s.classes or s.found.label_accuracy is None:
        return ""
    from sklearn.metrics import precision_recall_fscore_support

    true, answers = s.judged.y >= 0.5, s.answers >= 0.5
    # One column is not enough for scikit-learn to see labels, so: one at a time.
    rows: list[list[Any]] = []
    for j, name in enumerate(_names(s)):
        found = precision_recall_fscore_support(
            true[:, j], answers[:, j], average="binary", zero_division=0.0
        )[:3]
        right = s.found.label_accuracy[j]
        rows.append([name, int(true[:, j].sum()), *map(percent, (right, *found))])
    head = ["label", "examples with it", "right", "precision", "recall", "F1"]
    return table(head, rows, s.where)


def worst(s: Subject, most: int) -> str:
    """The rows whose answers are farthest off."""
    if s.found.r2 is None:
        return ""
    y, a = s.judged.y, s.answers
    far = np.abs(y - a).max(axis=1)
    rows = np.argsort(-far, kind="stable")[:most]
    true, answer = _own(s, y[rows]), _own(s, a[rows])
    lines = [
        [row, *(f"{v:.6g}" for pair in zip(one, other, strict=True) for v in pair)]
        for row, one, other in zip(rows, true, answer, strict=True)
    ]
    head = [f"{s.word} example"]
    for name in _names(s):
        head += [f"{name}: true", f"{name}: answer"]
    return table(head, lines, "the farthest off first")


def baselines(s: Subject) -> str:
    """The network beside the simplest answers, on the same examples."""
    train, judged = s.data.train, s.judged
    some = train.rows(np.arange(min(len(train), ENOUGH)))
    return _of_labels(s, some, judged) if s.found.correct is not None else (
        _of_numbers(s, some, judged)
    )  # fmt: skip


def _of_numbers(s: Subject, train: Dataset, judged: Dataset) -> str:
    if s.found.r2 is None:
        return ""
    from sklearn.linear_model import Ridge
    from sklearn.metrics import r2_score

    mean = np.tile(train.y.mean(axis=0), (len(judged), 1))
    linear = Ridge(alpha=1.0).fit(train.x, train.y).predict(judged.x)
    rows = [
        ["mean of the training part", f"{r2_score(judged.y, mean):.4f}"],
        ["linear model (ridge regression)", _r2(judged.y, linear)],
        ["this network", f"{s.found.r2:.4f}"],
    ]
    return table(["model", "R²"], rows, s.where)


def _r2(y: Array, a: Array) -> str:
    from sklearn.metrics import r2_score

    return f"{r2_score(y, np.asarray(a).reshape(y.shape)):.4f}"


def _of_labels(s: Subject, train: Dataset, judged: Dataset) -> str:
    from sklearn.linear_model import LogisticRegression

    true, known = judged.y >= 0.5, train.y >= 0.5
    often = np.tile(known.mean(axis=0) >= 0.5, (len(judged), 1))
    linear = often.copy()
    for j in range(known.shape[1]):
        if 0 < known[:, j].sum() < len(known):
            model = LogisticRegression(max_iter=1000, tol=1e-3)
            linear[:, j] = model.fit(train.x, known[:, j]).predict(judged.x)
    answers = {
        "the more frequent answer for each label": often,
        "linear model (logistic regression)": linear,
        "this network": s.answers >= 0.5,
    }
    rows = []
    for name, found in answers.items():
        right = int((found == true).all(axis=1).sum())
        rows.append([name, right, percent(right / len(judged))])
    return table(["model", "all labels right", "share"], rows, s.where)
