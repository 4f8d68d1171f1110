"""One open page: its commands are done one after the other, and it is sent the newest.

Two tasks. One reads commands and answers them; it stops reading while too many answers
wait. The other sends: answers in their order, then what is new, then a frame where the
page has acknowledged the one before. Nothing of this holds a session up.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any, Protocol

from .. import _limits
from .._errors import InputError
from .instruments import INSTRUMENTS, Answer, Asked
from .looks import Drawn, Look, Moment, Silent, blocks_of, left_out
from .reply import reply
from .session import TOLD, Session
from .studio import Studio
from .wire import FRAME, Command, Frame, laid_out, to_text

OFTEN = 1 / 36
"""Seconds between two frames at least, however soon a page acknowledges."""


class Socket(Protocol):
    """What a page needs of a websocket."""

    async def receive_text(self) -> str:
        """The next message; anything but a text ends the connection."""

    async def send_text(self, data: str) -> None:
        """Send a text."""

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes."""


class Page:
    """A page that is connected to a session.

    Args:
        studio: all there is.
        session: the one it looks at.
        socket: to the page.
    """

    def __init__(self, studio: Studio, session: Session, socket: Socket):
        self.studio = studio
        self.session = session
        self.socket = socket
        self.look = Look()
        self.drawn: Drawn | None = None
        self._answers: deque[tuple[str, bytes | None]] = deque()
        self._unsent = 0  # bytes of answers
        self._room = asyncio.Event()
        self._wake = asyncio.Event()
        self._news = -1
        self._run = -1
        self._points = 0
        self._findings: list[str] | None = None
        self._earlier = -1
        self._layout: list[dict[str, Any]] = []
        self._version = 0
        self._number = 0
        self._open: int | None = None  # the frame that is not acknowledged
        self.silent: Silent = frozenset()
        self._shown: tuple[int, Look, Drawn | None, Silent] | None = None
        self._due = self._curve_due = 0.0
        self._looks = False

    def wake(self) -> None:
        """Something is new."""
        self._wake.set()

    async def talk(self) -> None:
        """Serve the page until it goes."""
        hello = to_text(self.studio.hello(self.session)), None
        self._answers.append(hello)
        self._unsent = _size(hello)
        self._wake.set()
        sending = asyncio.create_task(self._send_all())
        reading = asyncio.create_task(self._read_all())
        try:
            done, _ = await asyncio.wait(
                (sending, reading), return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
        finally:
            self._see(False)
            for task in (sending, reading):
                task.cancel()
            await asyncio.gather(sending, reading, return_exceptions=True)

    # Commands

    async def _read_all(self) -> None:
        first, count = time.monotonic(), 0
        while True:
            text = await self.socket.receive_text()
            count += 1
            if count >= self.studio.share() / 10:  # in a tenth of a second
                await asyncio.sleep(max(0.0, first + 0.1 - time.monotonic()))
                first, count = time.monotonic(), 0
            found = await reply(text, self._do, lambda: self.session.moment)
            if found is None:
                continue
            words, numbers = found
            answer = to_text(words), numbers
            self._answers.append(answer)
            self._unsent += _size(answer)
            self._wake.set()
            while self._full():
                self._room.clear()
                await self._room.wait()

    def _full(self) -> bool:
        """Whether the page must take answers before it may ask for more."""
        return (
            len(self._answers) >= _limits.STUDIO_WAITING
            or self._unsent >= _limits.STUDIO_WAITING_BYTES
        )

    async def _do(self, command: Command) -> Answer | None:
        words = command.words
        if command.do == "ack":  # these two need neither the session nor time
            return self._acknowledge(words["frame"], command.id is not None)
        if command.do == "look":
            return self._change_look(words)
        async with self.session.answering:
            asked = Asked(self.studio, self.session, words, self.drawn, self.silent)
            found = await INSTRUMENTS[command.do](asked)
        if (asked.drawn, asked.silent) != (self.drawn, self.silent):
            self.drawn, self.silent = asked.drawn, asked.silent
            self._wake.set()
        return found

    def _acknowledge(self, number: int, told: bool) -> Answer:
        if number == self._open:
            self._open = None
            self._wake.set()
        elif told:
            raise InputError(
                f"ack must name the frame that was sent last, {self._open}; "
                f"got {number}."
            )
        return Answer()

    def _change_look(self, words: dict[str, Any]) -> Answer:
        self.look = Look(
            tuple(words["blocks"]),
            words.get("example"),
            words.get("perceptrons", False),
            max(words.get("every_ms", 0) / 1000, OFTEN),
        )
        self._see(bool(self.look.blocks))
        self._wake.set()
        moment = self.session.moment
        return Answer({"left_out": bool(moment and left_out(moment))})

    def _see(self, looks: bool) -> None:
        """Tell the session whether one page more or less looks."""
        self.session.watched += int(looks) - int(self._looks)
        self._looks = looks

    # What is sent

    async def _send_all(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._send_answers()
            await self._send_news()
            await self._send_frame()

    async def _send_answers(self) -> None:
        while self._answers:
            text, data = self._answers.popleft()
            await self.socket.send_text(text)
            if data is not None:
                await self.socket.send_bytes(data)
            self._unsent -= _size((text, data))
            self._room.set()

    async def _send_news(self) -> None:
        """What is new; the curve is never behind the state that comes after it."""
        session = self.session
        news, state = session.news, session.state
        if self._news == news and time.monotonic() < self._curve_due:
            return
        self._curve_due = time.monotonic() + TOLD / 2
        run = session.run
        if self._news >= 0 and run is not None and state["run"] == run.number:
            await self._send_history()
        if self._news != news:
            self._news = news
            await self._send_state(state)
        await self._send_history()
        await self._send_findings()
        earlier = list(session.earlier)
        last = earlier[-1].run if earlier else 0
        if last != self._earlier:
            self._earlier = last
            words = [each.words() for each in earlier]
            await self.socket.send_text(to_text({"event": "earlier", "runs": words}))

    async def _send_findings(self) -> None:
        run = self.session.run
        findings = [str(each) for each in list(run.findings.values())] if run else []
        if run is not None and findings != self._findings:
            self._findings = findings
            said = {"event": "diagnosis", "run": run.number, "findings": findings}
            await self.socket.send_text(to_text(said))

    async def _send_state(self, state: dict[str, Any]) -> None:
        said = {
            "event": "state",
            **state,
            "layout_version": self._version,
            "layout": self._layout,
        }
        await self.socket.send_text(to_text(said))

    async def _send_history(self) -> None:
        run = self.session.run
        if run is None:
            return
        points = run.points  # is replaced, or added to: never changed
        whole = run.number != self._run or len(points) < self._points
        first = 0 if whole else self._points
        some = points[first:]
        self._run, self._points = run.number, first + len(some)
        if some or whole:
            said = {
                "event": "history",
                "run": run.number,
                "points": [point.words() for point in some],
                "whole": whole,
            }
            await self.socket.send_text(to_text(said))

    async def _send_frame(self) -> None:
        """The newest frame, if the page can take one and there is a new one."""
        if self._open is not None or not self.look.blocks:
            return
        now = time.monotonic()
        if now < self._due:
            asyncio.get_running_loop().call_later(self._due - now, self._wake.set)
            return
        moment, look = self.session.moment, self.look
        drawn, silent = self.drawn, self.silent
        if moment is None or self._shown == (moment.serial, look, drawn, silent):
            self.session.hungry = True
            return
        moment = moment.silenced(silent)
        layout, values = await self.studio.compute(_make, moment, look, drawn)
        if layout != self._layout:
            self._layout, self._version = layout, self._version + 1
            await self._send_state(self.session.state)
        self._number += 1
        self._open, self._due = self._number, now + look.every
        self._shown = moment.serial, look, drawn, silent
        frame = Frame(
            FRAME, moment.run, moment.step, self._version, self._number, values
        )
        await self.socket.send_bytes(frame.to_bytes())
        self.session.hungry = True


def _size(answer: tuple[str, bytes | None]) -> int:
    """Bytes, about."""
    return len(answer[0]) + len(answer[1] or b"")


def _make(moment: Moment, look: Look, drawn: Drawn | None) -> Any:
    """Layout and numbers of a frame; of the same moment and look, made once."""
    key = ("frame", repr(look), drawn.number if drawn else 0)
    return moment.once(key, lambda: laid_out(blocks_of(moment, look, drawn)))
