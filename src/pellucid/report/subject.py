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
from ..runs import read_object
from ..runs.results import cost_of

JUDGED = ("test", "validation", "train")
"""The parts that a network is judged on: the first that the data has."""

PART_WORDS = {"train": "training"}


@dataclass
class Subject:
    """What a report is about, opened once.

    Attributes:
        folder: of the run.
        network: as it ended.
        settings: of the run.
        data: all parts.
        result: the figures in run.json.
        environment: what it was made with; read before anything is computed.
        cost: that was minimised.
        part: on which the network is judged; "test" where there is one.
        judged: the examples of that part.
        found: what the network does on them.
        answers: a^L on them, (m, n_L).
        findings: of the diagnosis.
    """

    folder: Path
    network: Network
    settings: Settings
    data: Dataset
    result: dict[str, Any]
    environment: dict[str, Any] = field(init=False)
    cost: Cost = field(init=False)
    part: str = field(init=False)
    judged: Dataset = field(init=False)
    found: Evaluation = field(init=False)
    answers: Array = field(init=False)
    findings: list[Finding] = field(init=False)

    def __post_init__(self) -> None:
        self.environment = read_object(self.folder / "environment.json")
        self.cost = cost_of(self.settings, self.network)
        self.part = next(part for part in JUDGED if self.data.counts.get(part))
        self.judged = self.data.part(self.part)
        self.found = evaluate(self.network, self.judged, self.cost, self.part)
        self.answers = outputs(self.network, self.judged, self.cost)[1]
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

    @property
    def word(self) -> str:
        """The part in words, such as "training"."""
        return PART_WORDS.get(self.part, self.part)

    @property
    def where(self) -> str:
        """Such as "on the test part"."""
        return f"on the {self.word} part"
