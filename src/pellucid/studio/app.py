"""The routes: the page, its files, uploads, downloads, the socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from .. import _limits
from .._errors import InputError
from .client import Page
from .studio import Studio

PAGE = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
BYTES = "application/octet-stream"


@dataclass(frozen=True)
class File:
    """A file of the built page, held in memory."""

    data: bytes
    kind: str


def built(folder: Path = PAGE) -> dict[str, File]:
    """The built page: path in the address to file.

    Raises:
        InputError: it was not built.
    """
    index = folder / "index.html"
    if not index.is_file():
        raise InputError(
            f"the studio's page must be built and is not there: {index} is missing. "
            "Build it in a checkout with: npm --prefix web install && npm --prefix web "
            "run build; pip install . does so itself."
        )
    found = {"": File(index.read_bytes(), TYPES[".html"])}
    for path in sorted((folder / "assets").glob("*")):
        if path.is_file() and path.suffix in TYPES:
            found[path.name] = File(path.read_bytes(), TYPES[path.suffix])
    return found


class Routes:
    """What is behind the gate.

    Args:
        studio: all there is.
        files: of the built page.
    """

    def __init__(self, studio: Studio, files: dict[str, File]):
        self._studio = studio
        self._files = files

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/", self.index, methods=["GET"]),
                Route("/assets/{name}", self.asset, methods=["GET"]),
                Route("/upload", self.upload, methods=["POST"]),
                Route("/download/{number:int}", self.download, methods=["GET"]),
                WebSocketRoute("/socket", self.socket),
            ]
        )

    async def index(self, request: Request) -> Response:
        """The page."""
        return Response(self._files[""].data, media_type=self._files[""].kind)

    async def asset(self, request: Request) -> Response:
        """A file of the page: out of a table, never off the disk."""
        name = request.path_params["name"]
        found = self._files.get(name) if name else None
        if found is None:
            return Response(status_code=404)
        return Response(found.data, media_type=found.kind)

    async def upload(self, request: Request) -> Response:
        """A file that was dropped on the page."""
        if request.headers.get("content-type") != BYTES:
            return _sentence(415, f"An upload must be sent as {BYTES}.")
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:15]) > _limits.STUDIO_UPLOAD_BYTES:
            most = _limits.STUDIO_UPLOAD_BYTES
            return _sentence(
                413, f"An upload must have at most {most:,} bytes; got {length[:15]}."
            )
        onto = request.headers.get("x-upload")
        if onto is not None and not (onto.isascii() and onto.isdecimal()):
            return _sentence(400, "X-Upload must be the number of an upload.")
        number = None if onto is None else int(onto[:9])
        try:
            async with asyncio.timeout(_limits.STUDIO_BODY_SECONDS):
                number, found = await self._studio.store.receive(
                    _chunks(request), request.headers.get("x-name", ""), number
                )
        except TimeoutError:
            most = _limits.STUDIO_BODY_SECONDS
            return _sentence(408, f"An upload must be here within {most} s.")
        except InputError as error:
            return _sentence(400, str(error))
        said = {"upload": number, "name": found.name, "bytes": found.bytes}
        return JSONResponse({**said, "files": found.files})

    async def download(self, request: Request) -> Response:
        """What was made to be downloaded, once."""
        found = self._studio.downloads.pop(request.path_params["number"], None)
        if found is None:
            return Response(status_code=404)
        name, data = found
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type=BYTES, headers=headers)

    async def socket(self, websocket: WebSocket) -> None:
        """A page, as long as it is open."""
        number = websocket.query_params.get("session", "1")
        await websocket.accept()
        try:
            if not (number.isascii() and number.isdecimal() and len(number) < 4):
                raise InputError("session must be a number.")
            session = self._studio.session(int(number))
        except InputError as error:
            await websocket.close(4004, str(error)[:120])
            return
        page = Page(self._studio, session, Texts(websocket))
        pages = self._studio.pages[session.number]
        pages.add(page)
        session.present = len(pages)
        try:
            await page.talk()
        except (WebSocketDisconnect, ConnectionError):
            pass
        except InputError as error:
            await websocket.close(4000, str(error)[:120])
        finally:
            pages.discard(page)
            session.present = len(pages)


class Texts:
    """A websocket that takes texts only, and never waits for ever to send."""

    def __init__(self, websocket: WebSocket):
        self._websocket = websocket

    async def receive_text(self) -> str:
        """The next message.

        Raises:
            WebSocketDisconnect: the page went.
            InputError: it was binary.
        """
        message = await self._websocket.receive()
        if message["type"] != "websocket.receive":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is None:
            raise InputError("a page must send texts; got bytes.")
        return str(text)

    async def send_text(self, data: str) -> None:
        """Send a text."""
        await self._send({"type": "websocket.send", "text": data})

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes."""
        await self._send({"type": "websocket.send", "bytes": data})

    async def _send(self, message: dict[str, object]) -> None:
        try:
            async with asyncio.timeout(_limits.STUDIO_SEND_SECONDS):
                await self._websocket.send(message)
        except TimeoutError:
            raise WebSocketDisconnect(4008) from None
        except RuntimeError:  # it was closed meanwhile
            raise WebSocketDisconnect(1006) from None


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        if chunk:
            yield chunk


def _sentence(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status_code=status)
