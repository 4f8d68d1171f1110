"""Where chance comes from: every draw is named by what it is for.

A draw is a function of the seed and of its own name, never of what was drawn
before. So a run can be resumed or replayed from any epoch, and two engines that
need the same draw make the same one.
"""

from __future__ import annotations

import zlib

import numpy as np

from ._arrays import Array, check_number

MASK64 = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15  # 2^64 / golden ratio: the step of splitmix64


def stream(seed: int, purpose: str, *numbers: int) -> np.random.RandomState:
    """A stream of random numbers for one purpose.

    NumPy's legacy generator, because it is the one whose stream is frozen for
    good (NEP 19): the same seed gives the same numbers in every NumPy.

    Args:
        seed: 0 ... 2^32 - 1.
        purpose: such as "weights" or "order".
        numbers: what else names the draw, such as the epoch.
    """
    check_number("seed", seed, least=0, most=2**32 - 1, whole=True)
    return np.random.RandomState([seed, zlib.crc32(purpose.encode()), *numbers])


def _mix(v: Array) -> Array:
    """The finalizer of splitmix64: a bijection that scatters 64 bits."""
    v = (v ^ (v >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    v = (v ^ (v >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return v ^ (v >> np.uint64(31))


def dropout_key(seed: int, step: int, layer: int) -> int:
    """The 64-bit key of one mask; the native engine computes the same."""
    key = 0
    for number in (seed, step, layer):
        word = np.array([(key ^ number) + GOLDEN & MASK64], dtype=np.uint64)
        key = int(_mix(word)[0])
    return key


def dropout_mask(
    seed: int, step: int, layer: int, shape: tuple[int, int], rate: float
) -> Array:
    """The mask of one layer in one mini-batch: 0 or 1/(1 - rate).

    A counter-based draw keyed by (seed, step, layer): unit j of row i takes number
    i·n_l + j, whatever the engine or the thread. Dividing by 1 - rate keeps the
    expected activation, so nothing has to be rescaled when predicting.

    Args:
        seed: the run's seed.
        step: number of the update, from 0.
        layer: 1 ... L - 1.
        shape: (m, n_l).
        rate: probability that a unit is silenced, in [0, 1).

    Returns:
        (m, n_l) in float64.

    Source: Srivastava et al. 2014, "Dropout"; the draw is splitmix64 (Steele,
    Lea and Flood 2014).
    """
    key = np.uint64(dropout_key(seed, step, layer))
    counter = np.arange(1, shape[0] * shape[1] + 1, dtype=np.uint64)
    draw = _mix(key + counter * np.uint64(GOLDEN)) >> np.uint64(40)  # 24 bits
    kept = draw >= np.uint64(int(rate * (1 << 24)))
    return (kept / (1.0 - rate)).reshape(shape)
