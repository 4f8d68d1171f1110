"""`pellucid find-eta`: a learning rate, measured."""

from __future__ import annotations

import numpy as np

from .. import recipes
from .._arrays import Array
from ..diagnosis import EtaTest, range_test
from .options import (
    Columns,
    DataDir,
    File,
    Json,
    Name,
    Names,
    Number,
    Recipe,
    Sizes,
    load_data,
    parsed,
    typed_settings,
)
from .show import print_json, say, table, waiting

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 60  # columns of the curve


def find_eta(
    file: File = None,
    recipe: Recipe = None,
    data: Name = None,
    target: Columns = None,
    layers: Sizes = None,
    hidden: Names = None,
    output: Name = None,
    initializer: Name = None,
    cost: Name = None,
    optimizer: Name = None,
    batch_size: Number = None,
    l1: Number = None,
    l2: Number = None,
    dropout: Number = None,
    clip: Number = None,
    seed: Number = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """A learning rate η: a range test, then short trainings.

    η grows from far too small to far too large while the network learns; then the
    best of six short trainings below the lowest cost is taken. Nothing is kept.
    """
    changes = parsed(typed_settings(dict(locals())))
    examples = load_data(recipes.settings(recipe, **changes), data_dir)
    chosen = recipes.settings(recipe, examples, **changes)
    network = recipes.build(chosen, examples)
    words = ("cost", "optimizer", "batch_size", "l1", "l2", "dropout", "clip", "seed")
    with waiting("training with many learning rates"):
        found = range_test(
            network,
            examples,
            **{word: chosen[word] for word in words},  # type: ignore[literal-required]
        )
    say(f"{network!r}, {chosen['optimizer']}")
    _show(found)
    if json:
        print_json(
            {
                "eta": found.suggested,
                "lowest": found.lowest,
                "judged_by": found.part,
                "trials": [list(trial) for trial in found.trials],
                "etas": found.etas,
                "costs": found.costs,
                "smooth": found.smooth,
            }
        )


def _show(found: EtaTest) -> None:
    """The curve, the trials and the result."""
    say(f"η from {found.etas[0]:.0e} to {found.etas[-1]:.0e}, the cost on the way:")
    say(curve(found.smooth))
    place = int(WIDTH * np.argmin(found.smooth) / len(found.smooth))
    say(" " * place + f"^ lowest at η = {found.lowest:.2g}")
    lines = [
        (f"{eta:g}", f"{cost:.4f}" if np.isfinite(cost) else "not finite",
         "taken" if eta == found.suggested else "")
        for eta, cost in found.trials
    ]  # fmt: skip
    table(("η", f"{found.part} cost", ""), lines, right=(0, 1))
    say(str(found), "bold")


def curve(costs: Array) -> str:
    """A line of bars, the means of equal stretches; what is above the start is full."""
    parts = np.array_split(costs, min(WIDTH, len(costs)))
    means = np.array([part.mean() for part in parts])
    low, high = float(means.min()), float(max(means[0], np.median(means)))
    shares = np.clip((means - low) / ((high - low) or 1.0), 0.0, 1.0)
    return "".join(BARS[round(share * (len(BARS) - 1))] for share in shares)
