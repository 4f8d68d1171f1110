"""A session: one training in a thread of its own, which waits for nobody.

Between two pieces of training the thread does what it was asked to, so nothing else
ever touches the run. What pages see are Moments, which do not change.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from .. import _limits
from .._errors import InputError
from ..links import Link
from ..recipes import Settings
from .looks import Moment
from .run import Run
from .said import Earlier, answered, calmly, defect, earlier_of, failure, state_of
from .stock import Known, Stock

T = TypeVar("T")

WATCHED, ALONE = 0.008, 0.04
"""Seconds of training in one go: while a page looks, and while none does."""

TOLD = 0.1
"""Seconds between two words to the pages while it trains."""

STILL = ("ready", "paused", "ended", "diverged", "failed")


class Session:
    """One training.

    Args:
        number: of the session.
        stock: where data come from.
        begin: the run that it opens with.
        told: is called from the session's thread when something is new.

    Attributes:
        run: the run; None until its data are there.
        moment: the network as it was when somebody last asked; None before the first.
        phase: of STILL, or "loading", or "training".
        message: what is wrong, or being done; may be empty.
        state: what the `state` event says, but for its layout.
        news: counts up whenever `state` is another.
        earlier: runs before this one.
        runs: how many were asked for, each a number.
        saver: is called while it trains; with True when it begins to or stands still.
        present: how many pages are open.
        watched: how many of them are sent frames.
        answering: held while a command is answered.
        hungry: whether a page waits for a new Moment.
    """

    def __init__(
        self, number: int, stock: Stock, begin: Link, told: Callable[[Session], None]
    ):
        self.number = number
        self.stock = stock
        self.run: Run | None = None
        self.moment: Moment | None = None
        self.phase = "loading"
        self.message = ""
        self.recipe: Settings = begin.recipe
        self.state: dict[str, Any] = {}
        self.news = 0
        self.earlier: deque[Earlier] = deque(maxlen=_limits.STUDIO_EARLIER)
        self.present = 0
        self.watched = 0
        self.hungry = False
        self.answering = asyncio.Semaphore(_limits.STUDIO_ANSWERING)
        self.saver: Callable[[Session, bool], None] | None = None
        self._told = told
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.runs = 0
        self._serial = 0
        self._asked = 0
        self._until: int | None = None
        self._going = False  # to another step, rather than training
        self._pace = 0.0  # seconds a mini-batch
        self._said = 0.0
        self._over = False
        self._thread = threading.Thread(
            target=self._live, name=f"studio session {number}", daemon=True
        )
        self._describe()
        self._thread.start()

    # From other threads

    def ask(self, job: Callable[[], T]) -> Future[T]:
        """Have something done between two pieces of training."""
        answer: Future[T] = Future()
        self._jobs.put(lambda: answered(answer, job))
        return answer

    def renew(
        self,
        link: Link,
        train: bool,
        ready: Callable[[Run], None] | None = None,
        fit: Callable[[Known], Settings] | None = None,
    ) -> int:
        """Another run, as soon as can be; of several the last wins. Its number.

        Args:
            link: its settings, edits and step.
            train: whether it goes on from there.
            ready: is called with the run before it moves.
            fit: gives the settings once the data are there; None: those of the link.
        """
        self.runs += 1
        mine = self.runs
        self._jobs.put(lambda: self._renew(link, train, mine, (ready, fit)))
        return mine

    def end(self) -> None:
        """End the thread, soon."""
        self._over = True
        self._jobs.put(lambda: None)
        self._thread.join(timeout=5)

    # In the session's thread

    def _live(self) -> None:
        calmly()
        while not self._over:
            try:
                self._next()()
            except Exception as error:  # whatever it was, the session goes on living
                self._survive(error)

    def _next(self) -> Callable[[], None]:
        """A job, or else a piece of training."""
        try:
            return self._jobs.get(block=self.phase not in ("training", "going"))
        except queue.Empty:
            return self._train

    def _survive(self, error: Exception) -> None:
        """Stand still and say so, in a way that can't fail too."""
        self._until, self._going, self._after = None, False, False
        self.phase, self.message = "failed", defect(error)
        said = {"phase": self.phase, "message": self.message, "asked": self._asked}
        self.state = {**self.state, **said, "news": self.news + 1}
        self.news += 1
        self._tell()

    def _renew(
        self,
        link: Link,
        train: bool,
        mine: int,
        how: tuple[Callable[[Run], None] | None, Callable[[Known], Settings] | None],
    ) -> None:
        if mine != self.runs:  # a newer one waits
            return
        self._asked = mine
        ready, fit = how
        try:
            run = self._run_of(link, mine, fit)
            if ready is not None:
                ready(run)
        except Exception as error:  # the session must go on living
            self._stop(*failure(error))
            return
        self.compare(run.recipe)
        self.run = run
        self._pace = 0.0
        self.moment = None
        self._go(link.step, train)

    def _run_of(
        self, link: Link, number: int, fit: Callable[[Known], Settings] | None
    ) -> Run:
        self._say("loading", f"Reading {self.stock.store.name(link.recipe['data'])}")
        known = self.stock.open(link.recipe)
        recipe = link.recipe
        if fit is not None:
            recipe = fit(known)
            self.recipe = recipe
        return Run(number, recipe, known, link.edits)

    def _go(self, step: int | None, train: bool) -> None:
        """To a step; None: the end. Then train on, or be still."""
        run = self.run
        assert run is not None
        if step is None and run.ended:
            self._settle()
            return
        target = run.last_step if step is None else min(step, run.last_step)
        run.towards(target)
        if target == run.step and not (step is None and not run.ended):
            self._until = None
            self._settle() if not train else self._say("training")
            return
        self._until = None if step is None or target == run.last_step else target
        self._after = train
        self._going = True
        self._say("going", f"Going to step {target:,}")

    _after = False

    def _train(self) -> None:
        """A piece of training."""
        run = self.run
        assert run is not None
        begin, before = time.perf_counter(), run.step
        try:
            run.advance(self._piece(run))
            while run.step >= run.last_step and not run.ended:
                run.advance(1)
        except Exception as error:
            self._stop(*failure(error))
            return
        made = run.step - before
        if made:
            taken = (time.perf_counter() - begin) / made
            self._pace = taken if not self._pace else 0.7 * self._pace + 0.3 * taken
        if run.ended or run.step == self._until:
            self._arrive()
        elif self.hungry:
            self.take()
        self._tell(soon=False)
        if self.saver is not None:
            self.saver(self, False)

    def _piece(self, run: Run) -> int:
        """Updates in one go."""
        most = (
            int((WATCHED if self.watched else ALONE) / self._pace) if self._pace else 1
        )
        if self._until is not None:
            most = min(most, self._until - run.step)
        return max(most, 1)

    def _arrive(self) -> None:
        """At the end, or at the step that was to be gone to."""
        run = self.run
        assert run is not None
        self._until = None
        going, self._going = self._going, False
        if run.ended and not going:
            self._settle()
            run.conclude()
            self._describe()
            self._tell()
        elif self._after and not run.ended:
            self._after = False
            self._say("training")
        else:
            self._settle()

    def _settle(self) -> None:
        """Be still, and show it."""
        run = self.run
        assert run is not None
        self._until, self._going, self._after = None, False, False
        phase = "ended" if run.ended else "paused" if run.step else "ready"
        self.take(told=False)
        self._say(phase)

    def _stop(self, phase: str, message: str) -> None:
        self._until, self._going, self._after = None, False, False
        if self.run is not None:
            self.take(told=False)
        self._say(phase, message)

    def take(self, told: bool = True) -> Moment:
        """The network as it is now, for all to see.

        Raises:
            InputError: there is none yet.
        """
        run = self.run
        if run is None:
            raise InputError(self.message or "The data are still being read.")
        self.hungry = False
        last = self.moment
        if last is not None and self.phase in STILL and last.shows(run):
            return last
        self._serial += 1
        self.moment = Moment(
            self._serial, run.number, run.step, run.epoch, run.network.copy(),
            run.known, run.cost, run.recipe, run.link,
        )  # fmt: skip
        if told:
            self._told(self)
        return self.moment

    def _say(self, phase: str, message: str = "") -> None:
        self.phase, self.message = phase, message
        self._describe()
        self._tell()
        if self.saver is not None and phase in (*STILL, "training"):
            self.saver(self, True)

    def _tell(self, soon: bool = True) -> None:
        now = time.monotonic()
        if soon or (self.present and now - self._said >= TOLD):
            self._said = now
            self._told(self)

    def compare(self, now: Settings) -> None:
        """Keep the run there is among the earlier ones, before that of a recipe."""
        if self.run is not None and len(self.run.points) > 1:
            self.earlier.append(earlier_of(self.run, now))

    def _describe(self) -> None:
        """What the `state` event says."""
        moment, run = self.moment, self.run
        there = self.phase in STILL and moment is not None and moment.shows(run)
        sha = moment.sha256 if there and moment else None
        phase = "loading" if self.phase == "going" else self.phase
        # News last: who sees it finds the state that belongs to it, or a newer one.
        said = state_of(run, self.recipe, phase, self.message, sha)
        self.state = {**said, "asked": self._asked, "news": self.news + 1}
        self.news += 1

    # Jobs: each runs in the session's thread

    def _there(self) -> Run:
        if self.run is None:
            raise InputError(self.message or "The data are still being read.")
        return self.run

    def train(self) -> None:
        """Train on, to the end."""
        run = self._there()
        if run.ended:
            raise InputError(
                "this run has ended: go back to a step, raise epochs, or start anew."
            )
        self._check_sound()
        self._until, self._going = None, False
        self._say("training")

    def _check_sound(self) -> None:
        if self.phase in ("diverged", "failed"):
            raise InputError(f"{self.message} Change a setting, or go back to a step.")

    def pause(self) -> None:
        """Be still where it is."""
        self._there()
        if self.phase in ("training", "going"):
            self._settle()

    def forward(self, batches: int) -> None:
        """So many updates, then still."""
        run = self._there()
        if run.ended:
            raise InputError("this run has ended: there is no step after it.")
        self._check_sound()
        self._until = min(run.step + batches, run.last_step)
        if self._until == run.last_step:
            self._until = None
        self._going, self._after = False, False
        self._say("training")

    def goto(self, step: int) -> None:
        """To a step, with the same bits as at the first time."""
        run = self._there()
        if step > run.last_step:
            raise InputError(
                f"step must be at most {run.last_step:,}, the end of the run; got "
                f"{step:,}. Raise epochs to go on."
            )
        self._go(step, False)

    def go(self, step: int | None) -> None:
        """To a step of this run, or to its end; then still."""
        self._there()
        self._go(step, False)

    def edit(self, place: tuple[int, int, int | None], value: float) -> Moment:
        """Set a weight or bias; the run goes on from there if it was going."""
        self._there().edit(place, value)
        if self.phase == "training":
            self._say("training")
        else:
            self._settle()
        return self.take()

    def unedit(self, place: tuple[int, int, int | None] | None) -> None:
        """Take edits back, and go to the same step without them."""
        run = self._there()
        step, ended, training = run.step, run.ended, self.phase == "training"
        run.unedit(place)
        self._go(None if ended else step, training)
