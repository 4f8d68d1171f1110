"""Diagnosis: what is going wrong in a training, in words, from numbers.

    measures   gradient norms, saturated and dead units, a Look at a network
    curve      what a curve of costs says about the learning rate
    lasting    from a Look to what is wrong before the first step, or for good
    findings   and to all else that is wrong
    eta        a learning rate, measured

A healthy training gets no finding: that is counted in a test over fifty of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._arrays import check_number
from .._errors import DivergedError
from .._findings import Finding
from ..data import Dataset
from ..mathematics.costs import COSTS, Cost
from ..mathematics.families import pick
from ..mathematics.network import Network
from ..training import Report, default_cost
from .curve import label_curve
from .eta import EtaTest, range_test
from .findings import FINDINGS
from .lasting import AT_ONCE, looks_squeezed
from .measures import LayerGradient, Look, gradient_norms, look, sample

__all__ = [
    "EtaTest",
    "Finding",
    "LayerGradient",
    "diagnose",
    "gradient_norms",
    "label_curve",
    "looks_squeezed",
    "range_test",
    "watching",
]

ROWS = 1000
"""Examples that are looked at when all is done."""

ROWS_WATCHED = 300
"""Examples that are looked at while training, when time is dear."""


def diagnose(
    network: Network,
    data: Dataset,
    history: Sequence[Report] = (),
    *,
    cost: str | Cost | None = None,
    begin: Network | None = None,
    eta: float | None = None,
    error: DivergedError | None = None,
    rows: int = ROWS,
) -> list[Finding]:
    """What is wrong with a network and its training, causes first; [] if nothing is.

    Args:
        network: as it is now.
        data: with its parts; the validation part is looked at, else the training part.
        history: Reports of its training; without them only the network is judged.
        cost: what was minimised; None: the one of the network's output.
        begin: the network before the first step (the same settings and seed build it
            again); without it, nothing is said of a learning rate that is too low.
        eta: learning rate; None: the largest in the history.
        error: how the training ended early, if it did.
        rows: most examples that are looked at.

    Raises:
        InputError: network, data and cost do not fit each other.
    """
    check_number("rows", rows, least=1, whole=True)
    chosen = pick("cost", cost or default_cost(network), COSTS)
    complete = [report for report in history if report.complete]
    where = sample(network, chosen, data, rows)
    seen = look(network, chosen, where, complete, begin=begin, eta=eta, error=error)
    return [found for found, _ in _all(seen)]


def watching(
    reports: Iterator[Report],
    network: Network,
    data: Dataset,
    *,
    cost: str | Cost | None = None,
    begin: Network | None = None,
    history: Sequence[Report] = (),
    rows: int = ROWS_WATCHED,
) -> Iterator[tuple[Report, list[Finding]]]:
    """Reports of a training, each with the findings that are new.

    It looks before the first step and after epochs 1, 2, 3, 4, 6, 8, 12, 16, 24 and
    so on, which costs a few per cent of a training. What may pass by itself is told
    once it was seen at two looks in a row.

    Args:
        reports: from `train(network, data, ...)`.
        network: the one that is trained.
        data: what it is trained on.
        cost: what is minimised; None: the one of the network's output.
        begin: the network before the first step; None: the network as it is now.
        history: the Reports before, where a training goes on.
        rows: most examples that are looked at.

    Raises:
        DivergedError: as `train` raises it.
    """
    chosen = pick("cost", cost or default_cost(network), COSTS)
    where = sample(network, chosen, data, rows)
    begin = network.copy() if begin is None else begin
    so_far = [report for report in history if report.complete]
    before: set[str] = set()  # at the last look
    told: set[str] = set()
    for report in reports:
        found: list[Finding] = []
        if report.complete:
            so_far.append(report)
            if _is_looked_at(report.epoch):
                seen = look(network, chosen, where, so_far, begin=begin)
                now = _all(seen)
                found = [
                    finding
                    for finding, at_once in now
                    if (at_once or finding.name in before) and finding.name not in told
                ]
                before = {finding.name for finding, _ in now}
                told |= {finding.name for finding in found}
        yield report, found


def _is_looked_at(epoch: int) -> bool:
    """0, every 2ⁿ and every 3·2ⁿ."""
    while epoch > 3 and epoch % 2 == 0:
        epoch //= 2
    return epoch <= 3


def _all(seen: Look) -> list[tuple[Finding, bool]]:
    """What is found, and whether it needs no second look."""
    found = [(rule(seen), rule in AT_ONCE) for rule in FINDINGS]
    return [(each, at_once) for each, at_once in found if each is not None]
