"""A run at work, new or gone on with: from the settings to the figures.

Whatever stops it, what it stands for is said: whether it can go on, and how.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import model_file, recipes, runs
from .._errors import DivergedError, InputError
from .._findings import Finding
from ..data import Dataset
from ..data.check import check
from ..diagnosis import diagnose, watching
from ..evaluation import Evaluation
from ..mathematics.network import Network
from ..recipes import Settings
from ..runs import checkpoints, index, results
from ..runs.journal import Journal
from ..runs.verify import promise
from ..training import Report
from ..training.edits import put
from .options import load_data
from .show import say, waiting, warn, watch


class Stopped(Exception):
    """A run was stopped; the sentence says what is kept and how to go on.

    Attributes:
        status: the exit status.
    """

    def __init__(self, sentence: str, status: int):
        super().__init__(sentence)
        self.status = status


class Left(Stopped):
    """A run was left at the step where it was to stop.

    Attributes:
        result: the figures that there are.
    """

    def __init__(self, sentence: str, result: dict[str, Any]):
        super().__init__(sentence, 0)
        self.result = result


class Signalled(KeyboardInterrupt):
    """Another signal than that of Ctrl-C asks to end.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int):
        super().__init__()
        self.number = number


def number_of(interrupt: KeyboardInterrupt) -> int:
    """The number of the signal that this stands for."""
    return getattr(interrupt, "number", int(signal.SIGINT))


@dataclass(frozen=True)
class Finished:
    """A run that has come to its end."""

    result: dict[str, Any]
    history: list[Report]
    evaluations: dict[str, Evaluation]
    findings: list[Finding]


@dataclass
class Pace:
    """How many mini-batches until the next Report: not beyond a stop.

    Attributes:
        often: as many where nothing stops.
        stop: the step at which the run is left; None: at its end.
        step: where it is.
    """

    often: int
    stop: int | None = None
    step: int = 0

    def __call__(self) -> int:
        """Mini-batches, 1 or more."""
        left = 0 if self.stop is None else self.stop - self.step
        return min(self.often, left) if left > 0 else self.often


@dataclass
class Work:
    """A run at work in its folder, which is locked.

    Attributes:
        folder: of the run.
        settings: what was asked for.
        data: what it learns from.
        network: what is trained.
        journal: what is kept.
        lines: whether to print a line an epoch.
        data_dir: where data sets are, if that was said.
        told: names of findings that were told before.
        pace: where it is to stop, if not at its end.
    """

    folder: Path
    settings: Settings
    data: Dataset
    network: Network
    journal: Journal
    lines: bool
    data_dir: str | None
    told: frozenset[str] = frozenset()
    pace: Pace | None = None

    def finish(self, reports: Iterator[Report]) -> Finished:
        """Go with the training to its end and write down what came of it.

        Raises:
            Stopped: by a signal, or by a file that can't be written.
            Left: at the step where it was to stop.
            DivergedError: the cost stopped being finite.
        """
        try:
            self._follow(reports)
            return self._end()
        except KeyboardInterrupt as interrupt:
            raise self._interrupted(number_of(interrupt)) from None
        except DivergedError as error:
            raise self._diverged(error) from None
        except OSError as error:
            kept = self.journal.step
            last = f"The last checkpoint, at step {kept:,}, is whole. " if kept else ""
            raise Stopped(f"{told(error)} {last}{self._advice()}", 1) from error

    def _follow(self, reports: Iterator[Report]) -> None:
        count = len(self.data.train)
        size = min(self.settings["batch_size"], count)
        shown = watch(reports, count, size, self.settings["epochs"])
        for report, found in watching(
            shown,
            self.network,
            self.data,
            cost=self.settings["cost"],
            begin=recipes.build(self.settings, self.data),
            history=self.journal.history,
        ):
            self.journal.add(report)
            if self.pace is not None:
                self.pace.step = report.step
            for finding in found:
                if finding.name not in self.told:
                    warn(f"after epoch {report.epoch}: {finding}")
            if self.lines and report.complete:
                say(_line(report))
            if self.pace is not None and report.step == self.pace.stop:
                raise self._left(report)

    def _left(self, report: Report) -> Left:
        """As if it had been interrupted there."""
        self.journal.hold(report)
        self.journal.save()
        edits = recipes.edits_of(self.settings)
        put(self.network.parameters, [e for e in edits if e.step == report.step])
        self._keep()
        sha = self.network.weights_sha256()
        result = {
            "run": str(self.folder),
            "parameters": int(self.network.parameters.theta.size),
            "epochs": report.epoch,
            "train_seconds": round(report.seconds, 4),
            "weights_sha256": sha,
        }
        return Left(
            f"left at step {report.step:,}, where the link stands; the weights have "
            f"SHA-256 {sha}. {self._advice()}",
            result,
        )

    def _end(self) -> Finished:
        history = self.journal.history
        findings = diagnose(
            self.network,
            self.data,
            history,
            cost=self.settings["cost"],
            begin=recipes.build(self.settings, self.data),
        )
        with waiting("evaluating"):
            found = results.evaluations(self.settings, self.network, self.data)
        result = results.result(self.folder, self.network, history, found, self.data)
        runs.write_history(self.folder, history)
        runs.write_end(self.folder, self.network, self._about(), result)
        checkpoints.remove(self.folder)
        return Finished(result, history, found, findings)

    def _about(self) -> dict[str, Any]:
        return results.about(self.settings, self.network, self.data)

    def _keep(self) -> None:
        """History and network up to here, for who wants to look into them."""
        runs.write_history(self.folder, self.journal.history)
        model_file.save(self.folder / runs.MODEL, self.network, self._about())

    def _interrupted(self, number: int) -> Stopped:
        word = "Interrupted" if number == signal.SIGINT else "Asked to end"
        if (self.folder / runs.MANIFEST).exists():
            return Stopped(f"{word} when {self.folder} was finished.", 128 + number)
        with suppress(OSError):  # then it goes on from the checkpoint before
            self.journal.save()
            self._keep()
        history = self.journal.history
        epoch = history[-1].epoch if history else 0
        return Stopped(f"{word} after epoch {epoch}. {self._advice()}", 128 + number)

    def _advice(self) -> str:
        where = f" --data-dir {self.data_dir}" if self.data_dir else ""
        return f"Go on with: pellucid train --resume {self.folder}{where}"

    def _diverged(self, error: DivergedError) -> DivergedError:
        self._keep()
        runs.write_diverged(self.folder, error)
        checkpoints.remove(self.folder)
        sentence = f"{error} History and network up to there: {self.folder}."
        place = {"layer": error.layer, "mini_batch": error.mini_batch}
        return DivergedError(sentence, **place, epoch=error.epoch)


def _line(report: Report) -> str:
    """A line an epoch: how many are right, and the cost, which is another matter."""
    if report.correct is None or report.monitor_cost is None:
        return str(report)
    return f"{report}, cost {report.monitor_cost:.6g}"


def told(error: OSError) -> str:
    """Which file, and why it can't be used."""
    place = f"{error.filename} can't be used" if error.filename else "No luck"
    return f"{place}: {error.strerror or error}."


def begin(
    settings: Settings,
    data: Dataset,
    name: str,
    runs_dir: str,
    data_dir: str | None,
    every: float | None,
    lines: bool,
    made: Mapping[str, Any] | None = None,
    stop: int | None = None,
) -> Finished:
    """A new run.

    Args:
        settings: what is asked for.
        data: what the settings name.
        name: for the folder.
        runs_dir: where the runs are.
        data_dir: where data sets are.
        every: seconds between checkpoints.
        lines: whether to print a line an epoch.
        made: how the settings came about, to be written down.
        stop: the step at which it is left, to be gone on with; None: at its end.

    Raises:
        Left: it was left there.
        InputError: anything does not fit, or such a run can't be left in the middle.
    """
    network = recipes.build(settings, data)
    pace = Pace(results.every(settings, data), _stop(settings, data, stop))
    reports = recipes.run(settings, network, data, pace)  # checked before a file is
    say(data.describe())
    say(f"{network!r}: {network.parameter_sentence()}")
    if not settings["optimizer"].startswith("lbfgs"):
        say(_pace(settings, len(data.train)))
    with waiting("looking at the data"):
        found = check(data, network.parameters.theta.size)
    for finding in found:
        warn(str(finding))
    fingerprint = data.fingerprint()
    folder = runs.create(runs_dir, name)
    with runs.locked(folder):
        runs.write_start(folder, settings, fingerprint, made)
        journal = Journal(folder, runs.identity(settings, fingerprint), every)
        told = frozenset(finding.name for finding in found)
        work = Work(
            folder, settings, data, network, journal, lines, data_dir, told, pace
        )
        return work.finish(reports)


def _stop(settings: Settings, data: Dataset, stop: int | None) -> int | None:
    """The step to be left at; None where that is the end of the run."""
    size = max(settings["batch_size"], 1)
    if stop is None or stop >= settings["epochs"] * -(-len(data.train) // size):
        return None
    if settings["optimizer"].partition(":")[0] == "lbfgs":
        raise InputError(
            "a run of L-BFGS can't go on from the middle, so it is trained to its end; "
            f"the link stands at step {stop:,}. Put step=end there."
        )
    return stop


def _pace(settings: Settings, rows: int) -> str:
    """How often the weights change."""
    size = settings["batch_size"]
    count = -(-rows // size)
    return (
        f"{count:,} update{'' if count == 1 else 's'} an epoch: {rows:,} training "
        f"examples in mini-batches of {size:,}"
    )


def unfinished(run: str, runs_dir: str) -> index.Entry:
    """The run to go on with; "" for the latest. It may turn out to be finished.

    Raises:
        InputError: there is none, or it can't be gone on with.
    """
    folder = index.named(run, runs_dir) if run else index.latest_unfinished(runs_dir)
    found = index.entry(folder)
    reasons = {
        "empty": "it has no settings: it ended before it began. Begin it again.",
        "damaged": found.reason,
        "diverged": f"it would end as it did: {found.reason}",
    }
    if found.status in reasons:
        raise InputError(f"{folder} can't be gone on with: {reasons[found.status]}")
    return found


def tidy(folder: Path) -> None:
    """Remove what was left in a finished run that was cut off while it tidied up."""
    with suppress(OSError, InputError), runs.locked(folder):
        checkpoints.remove(folder)


def go_on(
    folder: Path, data_dir: str | None, every: float | None, lines: bool
) -> Finished:
    """An unfinished run, from its last checkpoint on.

    Args:
        folder: of the run.
        data_dir: where data sets are.
        every: seconds between checkpoints.
        lines: whether to print a line an epoch.

    Raises:
        InputError: another process works on it, or data or settings are others.
    """
    with runs.locked(folder):
        if (folder / runs.MANIFEST).exists():
            raise InputError(f"{folder} was finished by another process just now.")
        settings = runs.read_settings(folder)
        data = load_data(settings, data_dir)
        fingerprint = data.fingerprint()
        runs.check_data(folder, fingerprint)
        journal = Journal.find(folder, runs.identity(settings, fingerprint), every)
        network = recipes.build(settings, data)
        often = results.every(settings, data)
        reports = recipes.run(settings, network, data, often, journal.state)
        for sentence in journal.damaged:
            warn(f"{sentence} The other checkpoint is taken.")
        inside, why = promise(settings, runs.read_json(folder / runs.START[0]))
        if not inside:
            warn(why)
        say(f"{network!r}: {network.parameter_sentence()}")
        say(_where(folder, settings, journal))
        journal.state = None  # the engine has it now
        work = Work(folder, settings, data, network, journal, lines, data_dir)
        return work.finish(reports)


def _where(folder: Path, settings: Settings, journal: Journal) -> str:
    """From where it goes on."""
    if journal.state is not None:
        epoch = journal.history[-1].epoch
        return f"going on with {folder} from step {journal.step:,}, after epoch {epoch}"
    if settings["optimizer"].startswith("lbfgs"):
        return f"L-BFGS can't go on from the middle: {folder} begins again"
    return f"{folder} had no checkpoint yet: it begins again"
