"""What a widget shows: a network and its data, or a run that can go to other steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import model_file, run_data, runs
from .._errors import InputError
from ..data import Dataset
from ..engines import check_fit
from ..mathematics.costs import COSTS, Cost
from ..mathematics.families import pick
from ..mathematics.network import Network
from ..recipes import DEFAULTS, Settings
from ..runs.results import cost_of
from ..studio.run import Run
from ..studio.stock import Known
from ..training import default_cost
from ..training.shared import Shared


@dataclass
class Shown:
    """What is shown.

    Attributes:
        known: the data.
        network: a copy, or the one of the run.
        cost: what is minimised.
        settings: of the run; None where the network came without.
        run: where it can go to other steps.
        step: updates made.
        epoch: epochs begun.
    """

    known: Known
    network: Network
    cost: Cost
    settings: Settings | None = None
    run: Run | None = None
    step: int = 0
    epoch: int = 0

    @property
    def recipe(self) -> dict[str, Any]:
        """The settings, as far as they are known."""
        known: dict[str, Any] = {"data": self.known.name}
        return known if self.settings is None else dict(self.settings)


def of_network(
    network: Network, data: Any, cost: str | Cost | None, step: int
) -> Shown:
    """A network as it is, copied.

    Raises:
        InputError: the data are none, or do not fit it.
    """
    shared = Shared(data)
    minimised: Cost = pick("cost", cost or default_cost(network), COSTS)
    check_fit(network, shared.examples, minimised)
    known = Known(data, shared, data.name, {})
    return Shown(known, network.copy(), minimised, step=step)


def of_run(
    folder: Path,
    data: Dataset | None,
    cost: str | Cost | None,
    step: int | None,
    data_dir: str | None,
) -> Shown:
    """A run at its end, out of its model file; or made again up to a step.

    Raises:
        InputError: the folder is none of a finished run, the data are others, or it
            has no such step.
    """
    if cost is not None:
        raise InputError("cost must be left out: a run has its own.")
    path = runs.model_path(folder)
    if not folder.is_dir() or not path.is_file():
        raise InputError(
            f"{folder} must be the folder of a run; it is none. Load a model file with "
            "load_network and give the network and its data."
        )
    settings = runs.read_settings(folder)
    if data is None:
        data = run_data.open_data(settings, data_dir)
    runs.check_data(folder, data.fingerprint())
    words: dict[str, Any] = {word: settings[word] for word in DEFAULTS}  # type: ignore[literal-required]
    known = Known(data, Shared(data), data.name, words)
    run = Run(1, settings, known)
    if step is None:
        network, _ = model_file.load(path)
        epochs = runs.read_result(folder)["epochs"]  # it may have stopped early
        last = dict(step=run.batches * epochs, epoch=epochs)
        return Shown(known, network, cost_of(settings, network), settings, **last)
    go(run, step)
    return Shown(known, run.network, run.cost, settings, run, run.step, run.epoch)


def go(run: Run, step: int) -> None:
    """Have a run stand at a step, with the same bits as at the first time.

    Raises:
        InputError: it has no such step.
    """
    if not 0 <= step <= run.last_step:
        raise InputError(
            f"step must be 0 to {run.last_step:,}, the end of the run; got {step:,}."
        )
    run.towards(step)
    while run.step < step:
        run.advance(step - run.step)
    if step == run.last_step and not run.ended:
        run.advance(1)
