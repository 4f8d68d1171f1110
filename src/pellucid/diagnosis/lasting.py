"""Findings that are true before the first step already, or for good.

Each is a function of a Look that gives a Finding or None; see `findings`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .._arrays import Array, is_csr, join
from .._findings import Finding
from .measures import Look

UNSCALED = 6.0  # root mean square of a column of inputs; scaled ones have 1 or less
ALL_COPIES = 0.5  # share of a layer's units that are copies of another

Rule = Callable[[Look], Finding | None]


def tenth(eta: float | None) -> str:
    """A learning rate ten times smaller, in words."""
    return "ten times smaller" if eta is None else f"{eta / 10:.3g} (a tenth)"


def not_finite(look: Look) -> Finding | None:
    """The cost stopped being finite."""
    error = look.error
    if error is None:
        return None
    measured = {
        "layer": error.layer,
        "mini_batch": error.mini_batch,
        "epoch": error.epoch,
        "eta": look.eta,
    }
    return Finding(
        "cost not finite",
        measured,
        f"in epoch {error.epoch}, mini-batch {error.mini_batch}, layer {error.layer} "
        f"of {look.network.L} left the range of numbers: steps so large that each "
        "makes the next larger.",
        f"Try η {tenth(look.eta)}, or clip=1 to bound the step.",
    )


def unscaled(look: Look) -> Finding | None:
    """Inputs far from the size of 1."""
    x = look.data.x
    square = x.multiply(x) if is_csr(x) else x * x
    sizes = np.sqrt(np.asarray(square.mean(axis=0)).reshape(-1))
    column, size = int(sizes.argmax()), float(sizes.max())
    if not size > UNSCALED:
        return None
    top = float(x.max())
    pixels = x.min() >= 0 and 127 < top <= 255
    return Finding(
        "inputs not scaled",
        {"column": column, "root_mean_square": size, "largest": top},
        f"column {column} of the inputs has a root mean square of {size:.3g} (largest "
        f"value {top:g}): units saturate or die on such sizes, and one η can't fit all "
        "columns.",
        "Divide pixels by 255." if pixels else "Standardise the columns.",
    )


def copies(look: Look) -> Finding | None:
    """Hidden units that are all the same."""
    for l, same in look.copies.items():
        units = look.network.sizes[l]
        if units > 1 and same >= ALL_COPIES * units:
            return Finding(
                "identical units",
                {"layer": l, "units": units, "different": units - same},
                f"the {units} units of layer {l} hold only {units - same} different "
                "sets of weights: equal units get equal gradients and stay equal, so "
                "they are worth one each (as after weights that all begin at 0).",
                "Begin with random weights: initializer='auto'.",
            )
    return None


def bottleneck(look: Look) -> Finding | None:
    """A hidden layer narrower than the classes."""
    classes = look.network.sizes[-1]
    if look.data.classes is None or classes < 3:
        return None
    narrow = [l for l in range(1, look.network.L) if look.network.sizes[l] < classes]
    if not narrow:
        return None
    width = min(look.network.sizes[l] for l in narrow)
    who = f"layer {narrow[0]} has" if len(narrow) == 1 else (
        f"layers {join(narrow, 'and')} have"
    )  # fmt: skip
    return Finding(
        "bottleneck",
        {"layers": narrow, "width": width, "classes": classes},
        f"{who} as few as {width} units for {classes} classes: all that is known of "
        "an example must pass through so many numbers.",
        f"Make every hidden layer at least {classes} wide; 30 is a start for digits.",
    )


def softmax_twice(look: Look) -> Finding | None:
    """Probabilities where the cost or the output expects pre-activations or labels."""
    classes = look.network.sizes[-1]
    if look.network.sigma[-1].name != "softmax" or classes < 2:
        return None
    if looks_like_probabilities(look.z[-1]):
        what = (
            "what enters the softmax of the output is a list of probabilities already"
        )
    elif looks_squeezed(look.data.y):
        what = "the targets have gone through a softmax themselves"
    else:
        return None
    highest = math.e / (math.e + classes - 1)
    return Finding(
        "softmax twice",
        {"classes": classes, "highest": highest},
        f"{what}: after the second softmax no probability is above {highest:.2f} or "
        f"below {highest / math.e:.2f}, however sure the first one was.",
        "Use softmax once, as the output; targets are labels or one-hot rows.",
    )


def looks_like_probabilities(z: Array) -> bool:
    """Whether the rows are probabilities of classes, (m, K), and not all one-hot."""
    if z.shape[1] < 2 or not (z.min() >= 0 and z.max() <= 1):
        return False
    return bool(abs(z.sum(1, dtype=np.float64) - 1).max() < 1e-3)


def looks_squeezed(p: Array) -> bool:
    """Whether probabilities, (m, K), look like the softmax of probabilities.

    Those lie between 1/(e + K - 1) and e/(e + K - 1); K is 2 or more.
    """
    low = 1.0 / (math.e + p.shape[1] - 1)
    inside = p.min() >= low * (1 - 1e-3) and p.max() <= math.e * low * (1 + 1e-3)
    return bool(inside) and looks_like_probabilities(p) and bool(np.ptp(p) > 0.01)


AT_ONCE: tuple[Rule, ...] = (
    not_finite,
    unscaled,
    copies,
    bottleneck,
    softmax_twice,
)
