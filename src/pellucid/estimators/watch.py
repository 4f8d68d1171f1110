"""Who is told about each epoch: scikit-learn's callbacks, and a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands where scikit-learn has no callbacks."""


__all__ = ["CallbackSupportMixin", "Watch", "watching"]


def _no_bar(text: str) -> None:
    """Where no progress bar is wanted."""


class Watch:
    """Tells of the epochs of one fit.

    Args:
        estimator: the one that is fitted.
        given: X, y and further data of that fit, as the caller gave them.
        epochs: how many there will be at most.
        weights: gives `coefs_` and `intercepts_` as they are now.
    """

    def __init__(
        self,
        estimator: Any,
        given: dict[str, Any],
        epochs: int,
        weights: Callable[[], dict[str, Any]],
    ):
        self.estimator, self.given, self.weights = estimator, given, weights
        self.context: Any = None
        self.epoch: Any = None
        self.bar: Callable[[str], None] = _no_bar
        asked = ("_skl_callbacks", "_parent_callback_ctx")
        if any(hasattr(estimator, name) for name in asked):
            self.context = estimator._init_callback_context(max_subtasks=epochs)
            self.context.call_on_fit_task_begin(estimator=estimator, **given)

    @property
    def looks(self) -> bool:
        """Whether anybody is told."""
        return self.context is not None or self.bar is not _no_bar

    def begins(self) -> None:
        """An epoch begins."""
        if self.context is not None:
            self.epoch = self.context.subcontext(task_name="epoch")
            self.epoch.call_on_fit_task_begin(estimator=self.estimator, **self.given)

    def ended(self, text: str) -> bool:
        """An epoch has ended; whether a callback asks to stop."""
        self.bar(text)
        if self.context is None:
            return False
        return bool(
            self.epoch.call_on_fit_task_end(
                estimator=self.estimator,
                reconstruction_attributes=self.weights,
                **self.given,
            )
        )

    def done(self) -> None:
        """The fit has ended."""
        if self.context is not None:
            self.context.call_on_fit_task_end(
                estimator=self.estimator,
                reconstruction_attributes=self.weights,
                **self.given,
            )


@contextmanager
def watching(watch: Watch, epochs: int, bar: bool) -> Generator[Watch, None, None]:
    """The watch, with a bar on the standard error while it lasts if one is wanted."""
    if not bar:
        yield watch
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = [
        TextColumn("{task.fields[name]}"),
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
        TextColumn("{task.description}"),
    ]
    with Progress(*columns, console=Console(stderr=True)) as progress:
        name = type(watch.estimator).__name__
        task = progress.add_task("", total=epochs, name=name)
        watch.bar = lambda text: progress.update(task, advance=1, description=text)
        yield watch
