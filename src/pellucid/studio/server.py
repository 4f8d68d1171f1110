"""uvicorn with the deadlines that it lacks: nobody holds a connection for nothing."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)

from .. import _limits
from .._errors import InputError
from .._files import write_atomic
from .app import Routes, built
from .gate import Gate
from .studio import Studio

TICK = 1.0
"""Seconds between two looks at who holds a connection."""

TURN = 0.0005
"""Seconds for which the interpreter lets one thread keep others from it. A training
comes back to it every few milliseconds, and with its own 5 ms would wait for pages."""

READ = 4096
"""Bytes of a socket that are read at once."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
PATIENCE = 0.25
"""Seconds for which a connection may take nothing, however much is held."""

TRIES = 20
"""Ports that are tried, one after the other."""

TOKEN_DAYS = 2
"""How long a studio that was killed is remembered by its pages."""


class Connection:
    """What is known of a connection: since when it has been idle or stuck.

    Attributes:
        idle: since when no whole request head has come; None while one is answered.
        stuck: since when it takes nothing; None where it does.
        closing: since when it has been closing.
    """

    idle: float | None = None
    stuck: float | None = None
    closing: float | None = None
    transport: asyncio.Transport
    open: ClassVar[set[Connection]] = set()

    def _opened(self) -> None:
        self.idle = time.monotonic()
        Connection.open.add(self)
        if len(Connection.open) > _limits.STUDIO_CONNECTIONS:
            idle = [each for each in Connection.open if each.idle is not None]
            if idle:  # those that have not said who they are, the oldest first
                min(idle, key=lambda each: each.idle or 0.0).drop()

    def _closed(self) -> None:
        Connection.open.discard(self)

    def _stuck(self) -> None:
        """It takes nothing more."""
        self.stuck = time.monotonic()
        _relieve(self.stuck)

    def look(self, now: float) -> None:
        """See whether it has taken anything since the last look."""

    @property
    def held(self) -> int:
        """Bytes that were sent and not taken."""
        return self.transport.get_write_buffer_size()

    def drop(self) -> None:
        """End it at once, whatever has not been sent."""
        Connection.open.discard(self)
        if self.held:  # the system too is to forget what nobody takes
            linger = struct.pack("ii", 1, 0)
            with suppress(OSError):
                taken = self.transport.get_extra_info("socket")
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    def overdue(self, now: float) -> bool:
        """Whether it has held its place for too long."""
        if self.transport.is_closing():
            self.closing = self.closing or now
        times = (
            (self.idle, _limits.STUDIO_HEAD_SECONDS),
            (self.stuck, _limits.STUDIO_SEND_SECONDS),
            (self.closing, _limits.STUDIO_SEND_SECONDS),
        )
        return any(since is not None and now - since > most for since, most in times)


class Http(Connection, H11Protocol):
    """A connection that speaks HTTP."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._opened()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self.idle = None

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._closed()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        self.idle = time.monotonic()
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._stuck()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.stuck = None
        super().resume_writing()


class Sockets(Connection, WebSocketsSansIOProtocol):
    """A connection that speaks WebSocket.

    Attributes:
        given: bytes of all that was sent to it, about.
        taken: those that it had taken at the last look.
    """

    given = taken = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._opened()
        self.idle = None
        # All that is read at once becomes messages at once, and of 6 bytes there can
        # be one: with asyncio's 256 KiB, 40,000 of them and no turn for anybody else.
        transport.max_size = READ

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed()
        super().connection_lost(exc)

    def look(self, now: float) -> None:
        """Of little that is held asyncio says nothing; it may be stuck all the same."""
        taken = self.given - self.held
        if self.writable.is_set():
            still = self.held > 0 and taken <= self.taken
            self.stuck = (self.stuck or now) if still else None
        self.taken = taken

    async def send(self, message: Any) -> None:
        """Send, and wait until it is taken: who takes nothing is made nothing more."""
        self.given += len(message.get("bytes") or message.get("text") or "")
        await super().send(message)
        await self.writable.wait()

    def pause_writing(self) -> None:
        self._stuck()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.stuck = None
        super().resume_writing()


def _relieve(now: float) -> None:
    """Where too much is held for those that take nothing, the longest stuck go."""
    held = sum(each.held for each in Connection.open)
    stuck = [each for each in Connection.open if each.stuck is not None]
    for each in sorted(stuck, key=lambda each: each.stuck or now):
        patient = now - (each.stuck or now) < PATIENCE
        if held <= _limits.STUDIO_HELD_BYTES or patient:
            return
        held -= each.held
        each.drop()


async def _watch() -> None:
    """Look at all connections again and again, and drop those that are overdue."""
    while True:
        await asyncio.sleep(TICK)
        now = time.monotonic()
        for each in list(Connection.open):
            each.look(now)
            if each.overdue(now):
                each.drop()
        _relieve(now)


class Server(uvicorn.Server):
    """A studio that is listening.

    Args:
        studio: all there is.
        listening: the socket, bound.
        host: the name in the address.
        token: the secret.
        page: folder of the built page; None: that of the package.
    """

    def __init__(
        self,
        studio: Studio,
        listening: socket.socket,
        host: str,
        token: str,
        page: Path | None = None,
    ):
        self.studio = studio
        self.listening = listening
        self.port = listening.getsockname()[1]
        names = LOOPBACK if host in LOOPBACK else (host,)
        hosts = tuple(f"{name}:{self.port}" for name in names)
        files = built() if page is None else built(page)
        self.routes = Routes(studio, files).app()
        gate = Gate(self.routes, hosts, token, f"pellucid-{self.port}")
        self.address = f"http://{host}:{self.port}/"
        self.opened = f"{self.address}?token={token}"
        super().__init__(_config(gate))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and to watch."""
        self.watching = asyncio.create_task(_watch())
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End everything in order."""
        self.watching.cancel()
        await super().shutdown(sockets)
        self.studio.end()

    def listen(self) -> None:
        """Serve until asked to end."""
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
        sys.setswitchinterval(TURN)
        self.run(sockets=[self.listening])


def _config(gate: Gate) -> uvicorn.Config:
    return uvicorn.Config(
        gate,
        http=Http,
        ws=Sockets,
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=_limits.STUDIO_COMMAND_BYTES,
        ws_ping_interval=_limits.STUDIO_PING_SECONDS,
        ws_ping_timeout=_limits.STUDIO_PING_SECONDS,
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=_limits.STUDIO_HEAD_BYTES,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=2,
    )


def bind(host: str, port: int) -> socket.socket:
    """A socket on this port, or on one of the next; port 0: any that is free.

    Raises:
        InputError: none of them is free.
    """
    name = host.strip("[]")
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    last = ""
    for number in range(port, port + (TRIES if port else 1)):
        # With its protocol named, asyncio sends small messages without delay.
        made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        buffer = _limits.STUDIO_SEND_BUFFER  # of what it accepts, too
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        try:
            made.bind((name, number))
            made.listen(_limits.STUDIO_CONNECTIONS)  # who comes too early waits
        except (OSError, OverflowError) as error:
            made.close()
            last = getattr(error, "strerror", None) or str(error)
            continue
        return made
    raise InputError(
        f"the studio needs a free port; none of {port} to {port + TRIES - 1} on {host} "
        f"is: {last}. Choose another with --port."
    )


def token_for(port: int, folder: Path) -> str:
    """The secret of the studio on this port.

    A studio that was killed and is started again lets its pages in once more; one
    that ended in order has left no secret behind.

    Args:
        port: of the studio.
        folder: of its user's own, where nobody else can read.
    """
    path = folder / f"studio-{port}"
    try:
        found = path.read_text()
        young = time.time() - path.stat().st_mtime < TOKEN_DAYS * 24 * 3600
    except (OSError, ValueError):
        found, young = "", False
    token = found if young and len(found) == 43 else secrets.token_urlsafe(32)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomic(path, token.encode(), 0o600)
    return token


def forget_token(port: int, folder: Path) -> None:
    """Remove the secret, where the studio ends in order."""
    (folder / f"studio-{port}").unlink(missing_ok=True)
