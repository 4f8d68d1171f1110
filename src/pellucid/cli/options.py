"""Options that several commands share, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import model_file, recipes, runs
from .._arrays import Array
from .._errors import InputError
from ..data import Dataset, Encoding, read_with
from ..mathematics.calibration import Calibration
from ..mathematics.costs import COSTS, Cost
from ..mathematics.families import pick
from ..mathematics.network import Network
from ..run_data import open_data
from ..runs import index
from ..training import default_cost
from .show import waiting, warn

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object as the last line.")
]
DataDir = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER", help="Where data sets are (else PELLUCID_DATA, else loaded)."
    ),
]
Runs = Annotated[
    str, typer.Option("--runs", metavar="FOLDER", help="Where the runs are.")
]
RunArgument = Annotated[
    str | None,
    typer.Argument(help="A run's folder or a model file; default: the latest run."),
]
DataName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Data set or file; default: what it was trained on."
    ),
]
Kinds = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="Such as zip=category,born=date; numeric, boolean, ignored.",
    ),
]
Ignore = Annotated[
    str | None, typer.Option(metavar="COLUMNS", help="To be left out: a,b.")
]
Delimiter = Annotated[
    str | None, typer.Option(metavar="SIGN", help="Of a text file: , ; tab or |.")
]
Header = Annotated[
    str | None, typer.Option(metavar="WORD", help="Of a text file: yes or no.")
]
Part = Annotated[str, typer.Option(metavar="PART", help="train, validation or test.")]
File = Annotated[
    str | None, typer.Argument(help="A table, a folder or a name, as for train.")
]
Recipe = Annotated[
    str | None, typer.Option(metavar="NAME", help="As for train, like all below.")
]
To = Annotated[
    str, typer.Option(metavar="NAME", help="Where to: NAME.csv and NAME.png.")
]

# Settings of another command, told there: of train. By what is typed.
Name = Annotated[str | None, typer.Option(metavar="NAME")]
Names = Annotated[str | None, typer.Option(metavar="NAMES")]
Number = Annotated[str | None, typer.Option(metavar="NUMBER")]
Share = Annotated[str | None, typer.Option(metavar="SHARE")]
Sizes = Annotated[str | None, typer.Option(metavar="SIZES")]
Columns = Annotated[str | None, typer.Option(metavar="COLUMNS")]
Side = Annotated[str | None, typer.Option(metavar="HxW")]
RowsFile = Annotated[str | None, typer.Option(metavar="FILE")]


@dataclass(frozen=True)
class Opened:
    """A trained network, what it says of itself, and where it lay."""

    path: Path
    network: Network
    about: dict[str, Any]

    @property
    def cost(self) -> Cost:
        """The cost it was trained with, else the one of its output."""
        spec: str | Cost = self.about.get("cost") or default_cost(self.network)
        return pick("cost", spec, COSTS)

    @property
    def classes(self) -> list[str] | None:
        """A label each output, if it is a classifier."""
        return self.about.get("classes") or None

    @property
    def encoding(self) -> Encoding | None:
        """What makes inputs of raw rows, if it was trained on a file."""
        words = self.about.get("encoding")
        return None if words is None else Encoding.from_json(words)

    @property
    def calibration(self) -> Calibration | None:
        """What makes its answers ones to rely on, if it was fitted and kept."""
        words = self.about.get("confidence")
        count = 1 if self.classes else self.network.sizes[-1]
        return None if words is None else Calibration.from_json(words, count)

    def examples(self, name: str | None, data_dir: str | None, part: str) -> Dataset:
        """A part of the data asked for; of labelled rows in a file all of them."""
        found = self.data(name, data_dir)
        return found.part(part) if found.counts else found

    def data(self, name: str | None, data_dir: str | None) -> Dataset:
        """The data set or file asked for, else the one it was trained on."""
        encoding, settings = self.encoding, self.path.parent / runs.SETTINGS
        if encoding is not None and name is not None:
            with waiting(f"reading {name}"):
                return self._told(read_with(name, encoding))
        if encoding is not None and settings.is_file():
            return load_data(runs.read_settings(self.path.parent), data_dir)
        name = name or self.about.get("name")
        if name is None or encoding is not None:
            raise InputError(
                f"{self.path} does not say what it was trained on. Name the data: "
                f"--data {'FILE' if encoding else 'digits'}."
            )
        found = load_data(name, data_dir)
        if self.classes and found.classes and self.classes != list(found.classes):
            warn(
                f"the network knows other classes than {found.name}: the answers are "
                "about its own, in their order."
            )
        return found

    def _told(self, found: Dataset) -> Dataset:
        """The data, once what was met in them for the first time is told."""
        for sentence in found.encoding.notes if found.encoding else ():
            warn(sentence)
        return found


def typed_settings(typed: Mapping[str, Any]) -> dict[str, str]:
    """The settings among the options that were typed, as they were typed.

    Args:
        typed: all options of a command by name; `file` and `data` name the same.

    Raises:
        InputError: the data are named twice.
    """
    file, data = typed["file"], typed["data"]
    if file is not None and data is not None:
        raise InputError(f"data must be named once; got {file} and --data {data}.")
    texts = {**typed, "data": file or data}
    return {name: texts[name] for name in recipes.KINDS if texts.get(name) is not None}


def parsed(texts: Mapping[str, str]) -> dict[str, Any]:
    """The same settings as values.

    Raises:
        InputError: one of them can't be read.
    """
    return {name: recipes.parse(name, text) for name, text in texts.items()}


def load_data(asked: str | Mapping[str, Any], data_dir: str | None) -> Dataset:
    """The data of a name or of settings, with a sign of life while they are read."""
    words = {**recipes.DEFAULTS, "data": asked} if isinstance(asked, str) else asked
    with waiting(f"reading {words['data']}"):
        return open_data(words, data_dir)


def open_model(run: str | None, parent: str) -> Opened:
    """The network that the user means: a run, a file, or the latest run."""
    path = runs.model_path(index.resolve(run, parent) if run else runs.latest(parent))
    network, about = model_file.load(path)
    return Opened(path, network, about)


def dense(x: Array) -> Array:
    """Inputs as an array with all their zeros."""
    return x.toarray() if hasattr(x, "toarray") else x


def rows(text: str, count: int) -> list[int]:
    """Row numbers out of `3`, `0:10` or `1,5,9`.

    As in Python, a range may end behind the last row.

    Raises:
        InputError: it can't be read, or a row is not there.
    """
    try:
        if ":" in text:
            first, last = text.split(":")
            start, end = int(first or 0), min(int(last or count), count)
            chosen = list(range(start, end)) if start >= 0 else [start]
        else:
            chosen = [int(part) for part in text.split(",")]
    except ValueError:
        raise InputError(
            f"rows must be like 3, 0:10 or 1,5,9; got {text!r:.40}."
        ) from None
    for row in chosen:
        if not 0 <= row < count:
            raise InputError(
                f"rows must be 0 to {count - 1:,}, those of this part; got {row}."
            )
    if not chosen:
        raise InputError(f"rows must name at least one of {count:,}; got {text!r:.40}.")
    return chosen
