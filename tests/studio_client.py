"""A studio in this process, and a page without a browser that talks to it."""

import http.client
import json
import logging
import threading
import time
from contextlib import contextmanager, suppress

from websockets.sync.client import connect

from pellucid.links import Link, exact
from pellucid.recipes import settings
from pellucid.studio.server import Server, bind
from pellucid.studio.studio import Studio
from pellucid.studio.wire import ANSWER, FRAME, parse_frame

TOKEN = "t" * 43
PATIENCE = 60  # seconds; no test waits for time, only for a state

SMALL = exact(
    settings(
        "3b1b", data="digits", layers=[12, 8], epochs=4, eta=1.0, batch_size=16, seed=3
    )
)
"""What most tests train: real digits, a quarter of a second."""


class Reached:
    """A studio with `host`, `port` and `cookie`, as a client reaches it."""

    def headers(self, **changes):
        """Those of our own page; None leaves one out."""
        own = {
            "Host": self.host,
            "Origin": f"http://{self.host}",
            "Cookie": self.cookie,
        }
        return {k: v for k, v in {**own, **changes}.items() if v is not None}

    def http(self, method, path, body=None, headers=None):
        """Status, headers and body of one request."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE
        )
        try:
            connection.putrequest(
                method, path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in (self.headers() if headers is None else headers).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def page(self, session=1, **words):
        """A page that is open."""
        return Page(self, session, **words)


class Running(Reached):
    """A studio that listens in this process."""

    def __init__(self, server):
        self.server = server
        self.port = server.port
        self.host = f"127.0.0.1:{self.port}"
        self.cookie = f"pellucid-{self.port}={TOKEN}"


@contextmanager
def running(folder, begin=SMALL, host="127.0.0.1", port=0, **words):
    """A studio with its runs in a folder, its page being two small files."""
    built = folder / "page"
    (built / "assets").mkdir(parents=True, exist_ok=True)
    (built / "index.html").write_text("<!doctype html><title>page</title>")
    (built / "assets" / "page.js").write_text("// page")
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    studio = Studio(Link(begin), str(folder / "runs"), **words)
    server = Server(studio, bind(host, port), host, TOKEN, built)
    thread = threading.Thread(target=server.listen)
    thread.start()
    try:
        until(lambda: server.started)
        yield Running(server)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not end"


def until(true):
    """Wait for a state, not for a time."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.002)


class Refused(Exception):
    """A command was answered with a sentence."""


class Page:
    """A page; every frame is acknowledged unless told otherwise."""

    def __init__(self, running, session=1, acknowledges=True):
        self._opening = connect(
            f"ws://{running.host}/socket?session={session}",
            additional_headers={"Cookie": running.cookie},
            origin=f"http://{running.host}",
            max_size=None,
            compression=None,
        )
        self.acknowledges = acknowledges
        self.events, self.frames, self.points = [], [], []
        self.state, self.number = {}, 0

    def __enter__(self):
        self.socket = self._opening.__enter__()
        self.until("ready", "paused", "ended", "diverged", "failed", "training")
        return self

    def __exit__(self, *_):
        self._opening.__exit__(None, None, None)

    def take(self, patience=PATIENCE):
        """The next message: words, or a frame."""
        data = self.socket.recv(patience)
        if isinstance(data, bytes):
            return self._frame(parse_frame(data))
        said = json.loads(data)
        assert "defect" not in f"{said.get('error')} {said.get('message')}", said
        if "event" in said:
            self.events.append(said)
        if said.get("event") == "state":
            self.state = said
        if said.get("event") == "history":
            self.points = (
                said["points"] if said["whole"] else [*self.points, *said["points"]]
            )
        return said

    def drain(self):
        """Take all that has come."""
        with suppress(TimeoutError):
            while True:
                self.take(patience=0)

    def _frame(self, frame):
        if frame.kind == FRAME:
            assert frame.layout == self.state["layout_version"]
            self.frames.append((frame, blocks(frame, self.state["layout"])))
            if self.acknowledges:
                self.send(do="ack", frame=frame.number)
        return frame

    def send(self, **words):
        """A command, without waiting."""
        self.socket.send(json.dumps(words))

    def ask(self, do, **words):
        """A command and its answer, arrays in "blocks" by name."""
        self.number += 1
        self.send(id=self.number, do=do, **words)
        while True:
            said = self.take()
            if isinstance(said, dict) and said.get("id") == self.number:
                break
        if not said["ok"]:
            raise Refused(said["error"])
        if "blocks" in said:
            frame = self.take()
            while frame.kind != ANSWER or frame.number != self.number:
                frame = self.take()
            said["blocks"] = blocks(frame, said["blocks"])
        return said

    def until(self, *phases, run=0, step=None):
        """Take what comes until a phase (and run, and step) is reached."""
        while (
            self.state.get("phase") not in phases
            or self.state["run"] < run
            or (step is not None and self.state["step"] != step)
        ):
            self.take()
        return self.state

    def settle(self, do, *phases, **words):
        """Ask for another run or step, and wait until it stands still there."""
        said = self.ask(do, **words)
        phases = phases or ("ready", "paused", "ended")
        run, news = said.get("run", 0), said.get("news", 0)
        while (
            self.state["phase"] not in phases
            or self.state["news"] < news
            or self.state["asked"] < run
        ):
            self.take()
        return self.state

    def frame(self):
        """The next frame: itself, and its blocks."""
        count = len(self.frames)
        while len(self.frames) == count:
            self.take()
        return self.frames[-1]


def blocks(frame, layout):
    """The arrays in a binary message by their names."""
    found = {}
    for line in layout:
        size = 1
        for side in line["shape"]:
            size *= side
        flat = frame.values[line["offset"] : line["offset"] + size]
        found[line["name"]] = flat.reshape(line["shape"])
    return found
