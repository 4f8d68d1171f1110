"""The gate: one piece of ASGI before every route and every socket.

Nothing gets past it that does not name our own address as Host, come from our own
pages (Origin), and carry the token. All are compared as whole texts; there is no list
of what is forbidden. What is refused gets a status and no word.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from .. import _limits

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

METHODS = ("GET", "POST")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
]
STORE = (b"cache-control", b"no-store")


class Gate:
    """What lets requests through to an app.

    Args:
        app: behind the gate.
        hosts: what the Host header may say, port included.
        token: the secret of this studio.
        cookie: name of the cookie that carries it.
    """

    def __init__(self, app: App, hosts: tuple[str, ...], token: str, cookie: str):
        self._app = app
        self._hosts = tuple(host.encode() for host in hosts)
        self._token = token
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._app(scope, receive, send)
        elif kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await self._socket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if _length(scope) > _limits.STUDIO_HEAD_BYTES:
            await _refuse(send, 431)
        elif method not in METHODS:
            await _refuse(send, 405, [(b"allow", b"GET, POST")])
        elif not self._local(scope, needed=method == "POST"):
            await _refuse(send, 403)
        elif method == "GET" and scope["path"] == "/" and (query := _query(scope)):
            await self._exchange(query, scope, receive, send)
        elif not self._known(scope):
            await _refuse(send, 401)
        else:
            await self._app(scope, receive, _dressed(send))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        small = _length(scope) <= _limits.STUDIO_HEAD_BYTES
        if small and self._local(scope, needed=True) and self._known(scope):
            await self._app(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 4001})

    def _local(self, scope: Scope, needed: bool) -> bool:
        """Whether Host is ours, and Origin, which some requests need."""
        hosts, origins = _all(scope, b"host"), _all(scope, b"origin")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return False
        if not origins:
            return not needed
        return origins == [b"http://" + hosts[0]]

    def _known(self, scope: Scope) -> bool:
        """Whether it carries the token."""
        for header in _all(scope, b"cookie"):
            try:
                found = SimpleCookie(header.decode("latin-1")).get(self._cookie)
            except CookieError:
                continue
            if found is not None and self._right(found.value):
                return True
        return False

    def _right(self, token: str) -> bool:
        return hmac.compare_digest(
            token.encode("utf-8", "replace"), self._token.encode()
        )

    async def _exchange(
        self, query: dict[str, list[str]], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """The token in the address becomes a cookie, and leaves the address."""
        tokens = query.get("token")
        if tokens is None and self._known(scope):
            await self._app(scope, receive, _dressed(send))
        elif tokens is None or len(tokens) != 1 or not self._right(tokens[0]):
            await _refuse(send, 401)
        else:
            numbers = query.get("session", [])
            one = len(numbers) == 1 and numbers[0].isascii() and numbers[0].isdecimal()
            where = f"/?session={int(numbers[0][:3])}" if one else "/"
            cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
            headers = [(b"location", where.encode()), (b"set-cookie", cookie.encode())]
            await _refuse(send, 303, headers)


def _query(scope: Scope) -> dict[str, list[str]]:
    """The words after the ?; none where they can't be read."""
    try:
        return parse_qs(scope["query_string"].decode("ascii"), max_num_fields=4)
    except ValueError:
        return {}


def _length(scope: Scope) -> int:
    """Bytes of the head, about."""
    target = len(scope["raw_path"]) + len(scope["query_string"])
    return target + sum(len(name) + len(value) for name, value in scope["headers"])


def _all(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _dressed(send: Send) -> Send:
    """Every answer carries the headers that keep other pages out."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message.get("headers", []))
            known = {key for key, _ in own}
            more = [*HEADERS, *([] if b"cache-control" in known else [STORE])]
            message = {**message, "headers": [*own, *more]}
        await send(message)

    return sending


async def _refuse(
    send: Send, status: int, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    """A status without a body."""
    own = [(b"content-length", b"0"), *(headers or []), *HEADERS, STORE]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": b""})
