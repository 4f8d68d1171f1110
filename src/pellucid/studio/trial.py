"""The next update of a run, tried beside it: the run itself stays where it is."""

from __future__ import annotations

from dataclasses import replace

from .. import recipes
from .._arrays import Array
from .._errors import InputError
from ..engines import start
from ..mathematics.network import Network
from ..mathematics.optimizers import SGD
from ..training import Report
from .run import Kept, Run

NO_NEXT = (
    "no update comes next: this run has ended, or its optimizer makes no mini-batches. "
    "Go to a step before."
)


def tried(run: Run, kept: Kept, rows: Array) -> tuple[Network, Report, Array]:
    """The network after the next update, its Report, and ∇C as the optimizer gets it.

    Args:
        run: of which.
        kept: where it stands.
        rows: of the training part, those of the next mini-batch.

    Raises:
        InputError: no update comes next, for the patience of the run is over.
    """
    network, known = run.network.copy(), run.known
    words = run.settings
    with known.lock:
        reports = recipes.run(
            words, network, known.data, 1, dict(kept.state), known.shared
        )
        engine = start(
            run.network,
            known.shared.cast(known.shared.examples, words["dtype"]),
            cost=run.cost,
            optimizer=SGD(),
            l1=words["l1"],
            l2=words["l2"],
            dropout=words["dropout"],
            seed=words["seed"],
            engine=words["engine"],
            like=known.shared.like(words["engine"], words["dtype"]),
        )
    engine.restore({"theta": kept.state["theta"], "step": kept.state["step"]})
    nabla = engine.gradient(rows)[1].theta
    report = next(reports, None)
    if report is None:
        raise InputError(NO_NEXT)
    return network, replace(report, state=None), nabla
