"""What the tests of engines share: examples, and the instruction sets there are."""

import numpy as np

from pellucid import Dataset, InputError
from pellucid.engines import native_engine
from test_equations import targets


def data_for(
    cost, m, sizes, seed=0, dtype="float64", density=0.5, weight=False, levels=None
):
    """Examples; `levels`: about so many different inputs, few enough for codes."""
    random = np.random.RandomState(seed)
    x = random.standard_normal((m, sizes[0])) * (random.rand(m, sizes[0]) < density)
    if levels:
        x = np.round(x * levels / 8) * 8 / levels
    y = targets(cost, random, m, sizes[-1])
    w = (random.rand(m) * (random.rand(m) < 0.8) + 1e-3) if weight else None
    kind = np.dtype(dtype)
    w = None if w is None else w.astype(kind)
    return Dataset(x.astype(kind), y.astype(kind), weight=w)


def has(target):
    """Whether this processor and build have it."""
    try:
        native_engine.elementary("exp", np.zeros(1), target)
    except (InputError, ValueError):
        return False
    return True


TARGETS = [name for name in ("portable", "avx2", "avx512", "neon") if has(name)]
