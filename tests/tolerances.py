"""The tolerance classes: every constant that a float comparison may use.

exact        batches, files, reruns, dense against CSR, instruction sets: equal bits
difference   a gradient against central differences, float64, relative in norm
autograd     a gradient or a sequence of steps against torch, float64
page         the native engine against the page, relative in norm, by precision
same         weights against another library's after as many epochs, float64
closed       a result against a closed form or another formula, float64
shown        a number as a page writes it: a unit of the last digit that is shown
"""

import numpy as np

DIFFERENCE = 1e-6
AUTOGRAD = 1e-10
PAGE = {"float64": 1e-12, "float32": 1e-5}
SAME = 1e-6
CLOSED = 1e-12
FORMULA = 1e-10


def distance(got, want) -> float:
    """‖got − want‖ / ‖want‖, or ‖got‖ where want is 0."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    norm = float(np.linalg.norm(want))
    return float(np.linalg.norm(got - want)) / (norm or 1.0)


def last_digit(*shown: str) -> float:
    """One unit of the last digit of each number, summed: 0.001 for "−1.234"."""
    return sum(10.0 ** -len(text.partition(".")[2]) for text in shown)


def bound_of_sums(terms: int, magnitude: float, dtype: str) -> float:
    """The textbook bound K·eps·(|A|·|B|) of a sum of `terms` products in any order."""
    return terms * float(np.finfo(dtype).eps) * magnitude
