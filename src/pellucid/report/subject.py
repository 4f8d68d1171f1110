"""What a report is about, opened once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import recipes
from .._arrays import Array
from .._findings import Finding
from ..data import Dataset
from ..diagnosis import diagnose
from ..evaluation import Evaluation, evaluate, outputs
from ..mathematics.costs import Cost
from ..mathematics.network import Network
from ..plots.curves import HISTORY, read_history
from ..recipes import Settings
from ..results import cost_of


@dataclass
class Subject:
    """What a report is about, opened once."""

    folder: Path
    network: Network
    settings: Settings
    data: Dataset
    result: dict[str, Any]
    cost: Cost = field(init=False)
    test: Evaluation = field(init=False)
    answers: Array = field(init=False)
    findings: list[Finding] = field(init=False)

    def __post_init__(self) -> None:
        self.cost = cost_of(self.settings, self.network)
        self.test = evaluate(self.network, self.data.test, self.cost, "test")
        self.answers = outputs(self.network, self.data.test, self.cost)[1]
        self.findings = diagnose(
            self.network,
            self.data,
            read_history(self.folder / HISTORY),
            cost=self.cost,
            begin=recipes.build(self.settings, self.data),
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """A name each output; empty for a regression."""
        return self.data.classes or ()
