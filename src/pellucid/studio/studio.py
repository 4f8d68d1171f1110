"""All there is in a running studio: sessions, data, pages, and who computes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from .. import _limits
from .._errors import InputError
from ..data import DATASETS
from ..links import Link
from ..mathematics.activations import ACTIVATIONS
from ..mathematics.costs import COSTS
from ..mathematics.initializers import INITIALIZERS
from ..mathematics.optimizers import OPTIMIZERS
from ..mathematics.schedules import SCHEDULES
from ..recipes import RECIPES
from .folders import opening
from .run import Run
from .said import calmly
from .saved import Saver, read
from .session import Session
from .stock import Stock
from .store import Store
from .wire import PROTOCOL

P = ParamSpec("P")
T = TypeVar("T")

COMPUTERS = 2
"""Threads that compute frames and instruments."""

PLANES = 2

OFFERED = 4
"""Downloads that wait to be fetched."""


class Woken(Protocol):
    """What is told that something is new."""

    def wake(self) -> None:
        """Something is new."""


class Studio:
    """A running studio.

    Args:
        begin: the run that a session opens with.
        runs_dir: where runs are kept.
        data_dir: where data sets are.
        resume: whether to go on with what a studio that was killed has left.
        opens: folder of a run that it opens with, in place of `begin`.

    Raises:
        InputError: that folder can't be opened.
    """

    def __init__(
        self,
        begin: Link,
        runs_dir: str,
        data_dir: str | None = None,
        resume: bool = True,
        opens: Path | None = None,
    ):
        self.begin = begin
        self.resume = resume
        self.runs_dir = runs_dir
        self.folder = Path(runs_dir) / ".studio"
        self.store = Store(self.folder / "uploads")
        self.stock = Stock(self.store, data_dir)
        self.opening = None if opens is None else opening(opens, self.stock)
        self.sessions: dict[int, Session] = {}
        self.pages: dict[int, set[Woken]] = {}
        self.downloads: dict[int, tuple[str, bytes]] = {}
        self._offered = 0
        self.started = os.urandom(8).hex()
        self._pool = ThreadPoolExecutor(COMPUTERS, "studio", initializer=calmly)
        self._loop: asyncio.AbstractEventLoop | None = None

    def session(self, number: int) -> Session:
        """A session, begun if it is not there.

        Raises:
            InputError: too many.
        """
        if not 1 <= number <= _limits.STUDIO_SESSIONS:
            raise InputError(
                f"session must be 1 to {_limits.STUDIO_SESSIONS} (limit "
                f"STUDIO_SESSIONS); got {number}."
            )
        if number not in self.sessions:
            self._loop = asyncio.get_running_loop()
            self.pages[number] = set()
            self.sessions[number] = self._begin(number)
        return self.sessions[number]

    def _begin(self, number: int) -> Session:
        """A new session, or one that a studio which was killed has left."""
        named = self.opening if number == 1 else None
        begin = self.begin if named is None else named.link
        made = Session(number, self.stock, begin, self._told)
        folder = self.folder / f"session-{number}"
        found = read(folder) if self.resume and named is None else None
        made.saver = Saver(folder)
        if named is not None:
            made.renew(begin, False, named.ready)
            return made
        if found is None:
            made.renew(self.begin, False)
            return made
        made.recipe, made.runs = found.link.recipe, found.run - 1

        def ready(run: Run) -> None:
            if found.state:
                run.resume(found.state, found.history, found.points)

        made.renew(found.link, found.training, ready)
        return made

    def _told(self, session: Session) -> None:
        """From a session's thread: something is new."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, session.number)

    def _wake(self, number: int) -> None:
        for page in self.pages[number]:
            page.wake()

    def share(self) -> float:
        """Commands that a page may give in a second, as many pages as there are."""
        count = sum(map(len, self.pages.values()))
        least = _limits.STUDIO_COMMANDS_LEAST
        return max(least, _limits.STUDIO_COMMANDS / max(1, count))

    async def compute(
        self, job: Callable[P, T], *arguments: P.args, **words: P.kwargs
    ) -> T:
        """Have something computed beside the loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: job(*arguments, **words))

    def hello(self, session: Session) -> dict[str, Any]:
        """The first event of a page."""
        return {
            "event": "hello",
            "protocol": PROTOCOL,
            "version": _version(),
            "session": session.number,
            "started": self.started,
            "datasets": [
                {
                    "name": known.name,
                    "sentence": known.what,
                    "image": list(known.shape) if len(known.shape) == PLANES else None,
                    "plane": known.shape == (PLANES,),
                }
                for known in DATASETS.values()
            ],
            "recipes": [
                {"name": name, "sentence": sentence, "changes": changes}
                for name, (sentence, changes) in RECIPES.items()
            ],
            "options": _options(),
            "limits": {
                name.removeprefix("STUDIO_").lower(): value
                for name, value in vars(_limits).items()
                if name.startswith("STUDIO_")
            },
        }

    def offer(self, name: str, data: bytes) -> int:
        """Hold something to be downloaded once; of several the last few."""
        self._offered += 1
        self.downloads[self._offered] = name, data
        while len(self.downloads) > OFFERED:
            del self.downloads[min(self.downloads)]
        return self._offered

    def end(self) -> None:
        """End all sessions."""
        for session in self.sessions.values():
            session.end()
            if isinstance(session.saver, Saver):
                session.saver.forget()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _options() -> dict[str, list[str]]:
    hidden = [name for name, sigma in ACTIVATIONS.items() if not sigma.output_only]
    return {
        "activations": [name for name in hidden if name != "step"],
        "outputs": [name for name in ACTIVATIONS if name != "step"],
        "costs": list(COSTS),
        "optimizers": list(OPTIMIZERS),
        "initializers": ["auto", *INITIALIZERS],
        "schedules": list(SCHEDULES),
    }


def _version() -> str:
    from importlib.metadata import version

    return version("pellucid")
