"""Options that several commands share, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import model_file, runs
from .._errors import InputError
from ..data import Dataset, load
from ..mathematics.costs import COSTS, Cost
from ..mathematics.families import pick
from ..mathematics.network import Network
from ..training import default_cost

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object as the last line.")
]
DataDir = Annotated[
    str | None,
    typer.Option(help="Folder with data sets (else PELLUCID_DATA, else downloaded)."),
]
Runs = Annotated[str, typer.Option(help="Folder that runs are written to.")]
RunArgument = Annotated[
    str | None,
    typer.Argument(help="A run's folder or a model file; default: the latest run."),
]
DataName = Annotated[
    str | None, typer.Option(help="Data set; default: the one it was trained on.")
]
Part = Annotated[str, typer.Option(help="train, validation or test.")]


@dataclass(frozen=True)
class Opened:
    """A trained network, what it says of itself, and where it lay."""

    path: Path
    network: Network
    about: dict[str, Any]

    @property
    def cost(self) -> Cost:
        """The cost it was trained with, else the one of its output."""
        return pick("cost", self.about.get("cost", default_cost(self.network)), COSTS)

    @property
    def classes(self) -> list[str] | None:
        """A label each output, if it is a classifier."""
        return self.about.get("classes") or None

    def data(self, name: str | None, data_dir: str | None) -> Dataset:
        """The data set asked for, else the one it was trained on."""
        name = name or self.about.get("name")
        if name is None:
            raise InputError(
                f"{self.path} does not say what it was trained on. Name the data: "
                "--data digits."
            )
        return load(name, data_dir=data_dir)


def open_model(run: str | None, parent: str) -> Opened:
    """The network that the user means: a run, a file, or the latest run."""
    path = runs.model_path(run if run is not None else runs.latest(parent))
    network, about = model_file.load(path)
    return Opened(path, network, about)


def rows(text: str, count: int) -> list[int]:
    """Row numbers out of `3`, `0:10` or `1,5,9`.

    Raises:
        InputError: it can't be read, or a row is not there.
    """
    try:
        if ":" in text:
            first, last = text.split(":")
            chosen = list(range(int(first or 0), int(last or count)))
        else:
            chosen = [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(
            f"rows must be like 3, 0:10 or 1,5,9; got {text!r}."
        ) from None
    for row in chosen:
        if not 0 <= row < count:
            raise InputError(
                f"row {row} is not there: this part has rows 0 to {count - 1:,}."
            )
    if not chosen:
        raise InputError(f"rows must name at least one row; got {text!r}.")
    return chosen
