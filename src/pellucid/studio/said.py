"""What is said of a session: its state, and runs that were made before."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from .._errors import DivergedError, InputError
from ..links import Link
from ..recipes import Settings
from ..training.edits import Edit
from .run import Run

T = TypeVar("T")


@dataclass(frozen=True)
class Earlier:
    """A run that was made before, kept for comparison."""

    run: int
    sentence: str
    data: str
    cost: str
    link: str
    points: list[dict[str, Any]]

    def words(self) -> dict[str, Any]:
        """For the wire."""
        return dict(vars(self))


def failure(error: Exception) -> tuple[str, str]:
    """The phase of a session that this has stopped, and what is said about it."""
    if isinstance(error, DivergedError):
        return "diverged", str(error)
    if isinstance(error, MemoryError):
        return "failed", "There is not enough memory for this."
    known = isinstance(error, InputError | ArithmeticError)
    return "failed", str(error) if known else defect(error)


def defect(error: Exception) -> str:
    """What is said of a mistake of ours."""
    return (
        f"This is a defect of the studio, {type(error).__name__}: {error!s:.200}. "
        "Change a setting or go back to a step to go on, and please report it."
    )


def calmly() -> None:
    """In this thread what is not finite is told or shown as that; NumPy warns of it."""
    np.seterr(all="ignore")


def answered(answer: Future[T], job: Callable[[], T]) -> None:
    """Do a job and hand over what it gives, or its error."""
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(job())
    except StopIteration as error:  # which no Future takes
        answer.set_exception(RuntimeError(f"nothing came: {error}"))
    except BaseException as error:
        answer.set_exception(error)


WORDS = {"eta": "η", "batch_size": "mini-batch", "l1": "λ₁", "l2": "λ₂"}
"""Names of settings that have another in the lectures."""

MOST_WORDS = 4


def earlier_of(run: Run, now: Settings) -> Earlier:
    """A run as it is now, beside the recipe of the next."""
    points = [point.words() for point in run.points]
    last = run.points[-1]
    share = "" if last.accuracy is None else f", {100 * last.accuracy:.2f}%"
    sizes = "-".join(map(str, run.network.sizes))
    said = f"Run {run.number}: {run.known.name}, {sizes}, step {run.step:,}{share}"
    if changed := _changed(run.recipe, now):
        said += f" ({changed})"
    named = run.known.name, run.cost.name
    return Earlier(run.number, said, *named, run.link.to_text(), points)


def _changed(recipe: Settings, now: Settings) -> str:
    """The words in which a recipe differs from the one there is now."""
    found = []
    for name, value in recipe.items():
        if value != now[name] and name not in ("data", "layers"):  # type: ignore[literal-required]
            found.append(f"{WORDS.get(name, name.replace('_', ' '))} {spelled(value)}")
    return ", ".join(found[:MOST_WORDS])


def spelled(value: Any) -> str:
    """A setting's value for people."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)


def state_of(
    run: Run | None, recipe: Settings, phase: str, message: str, sha: str | None
) -> dict[str, Any]:
    """What the `state` event says.

    Args:
        run: the run; None where there is none yet.
        recipe: what was asked for last.
        phase: what is being done.
        message: more of it, in words.
        sha: of the weights, where they stand still.
    """
    said: dict[str, Any] = {
        "run": 0, "phase": phase, "message": message, "recipe": recipe,
        "link": Link(recipe).to_text(), "sizes": [], "activations": [],
        "cost": None, "step": 0, "epoch": 0, "steps_per_epoch": 0, "last_step": 0,
        "parameters": 0, "data": None, "edits": [],
    }  # fmt: skip
    return {**said, **(_of_run(run) if run else {}), "weights_sha256": sha}


def _of_run(run: Run) -> dict[str, Any]:
    network = run.network
    return {
        "run": run.number,
        "recipe": run.recipe,
        "link": run.link.to_text(),
        "sizes": list(network.sizes),
        "activations": [sigma.name for sigma in network.sigma[1:]],
        "cost": run.cost.name,
        "step": run.step,
        "epoch": run.epoch,
        "steps_per_epoch": run.batches,
        "last_step": run.last_step,
        "parameters": int(network.parameters.theta.size),
        "data": run.known.describe(),
        "edits": [edit_words(edit) for edit in run.edits],
    }


def edit_words(edit: Edit) -> dict[str, Any]:
    """An edit for the wire."""
    l, j, k = edit.place
    where = {"layer": l, "neuron": j, "input": k}
    return {"place": where, "value": edit.value, "step": edit.step}
