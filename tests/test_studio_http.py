"""Requests that are none, connections that say nothing or too slowly, large uploads.

Slow tests try a share of the test plan's; PELLUCID_FAULTS=1000 all of it.
"""

import itertools
import os
import socket
import threading
import time
from contextlib import ExitStack, suppress
from random import Random

import pytest

from fuzz.mutate import mutant
from pellucid import _limits
from studio_client import running, until
from studio_process import Process
from test_studio_faults import SHARE, built, is_alive


@pytest.fixture
def studio(tmp_path):
    with running(tmp_path) as found:
        yield found


def requests(studio):
    """Valid requests, byte by byte."""
    own = (
        f"Host: {studio.host}\r\nCookie: {studio.cookie}\r\n"
        f"Origin: http://{studio.host}\r\n"
    )
    upload = "Content-Type: application/octet-stream\r\nX-Name: a.csv\r\n"
    texts = [
        f"GET / HTTP/1.1\r\n{own}\r\n",
        f"GET /assets/page.js HTTP/1.1\r\n{own}Accept: */*\r\n\r\n",
        f"GET /?token=abc HTTP/1.1\r\n{own}\r\n",
        f"GET /download/1 HTTP/1.1\r\n{own}\r\n",
        f"POST /upload HTTP/1.1\r\n{own}{upload}Content-Length: 8\r\n\r\na,b\n1,2\n",
        f"POST /upload HTTP/1.1\r\n{own}{upload}Transfer-Encoding: chunked\r\n\r\n"
        "8\r\na,b\n1,2\n\r\n0\r\n\r\n",
        f"GET /socket HTTP/1.1\r\n{own}Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        f"OPTIONS / HTTP/1.1\r\n{own}Expect: 100-continue\r\n\r\n",
    ]
    return [text.encode() for text in texts]


def sent(studio, data):
    """What comes back for these bytes; the client has then said all it has to say."""
    with socket.create_connection(("127.0.0.1", studio.port), timeout=30) as client:
        with suppress(OSError):
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            return client.recv(65536)
    return b""


@pytest.mark.parametrize(
    ("count", "seed"),
    [(1_000, 0), pytest.param(100 * SHARE, 1, marks=pytest.mark.slow)],
)
@pytest.mark.timeout(3_000)
def test_mutated_requests_leave_the_studio_alive(studio, count, seed):
    random, seeds = Random(seed), requests(studio)
    for _ in range(count):
        said = sent(studio, mutant(random, random.choice(seeds), seeds))
        assert not said or said.startswith(b"HTTP/1.1 "), said[:80]
        assert not said.startswith(b"HTTP/1.1 5"), said[:200]
        assert b"Traceback" not in said and b"access-control" not in said.lower()
    assert is_alive(studio) < 1
    with studio.page() as page:
        page.ask("link")


def test_a_head_that_is_too_large_is_refused(studio):
    head = requests(studio)[0][:-2]
    data = head + b"X-Long: " + b"x" * _limits.STUDIO_HEAD_BYTES * 2 + b"\r\n\r\n"
    assert sent(studio, data).startswith(b"HTTP/1.1 4")


@pytest.fixture
def hasty(monkeypatch):
    """Deadlines of a second."""
    for name in ("HEAD", "SEND", "BODY"):
        monkeypatch.setattr(_limits, f"STUDIO_{name}_SECONDS", 1)


def held(clients):
    """How many of the connections are still open."""
    count = 0
    for client in clients:
        client.setblocking(False)
        try:
            count += client.recv(65536) != b""
        except BlockingIOError:
            count += 1
        except OSError:
            pass
    return count


def opened(stack, studio, count):
    return [
        stack.enter_context(socket.create_connection(("127.0.0.1", studio.port)))
        for _ in range(count)
    ]


def test_connections_that_say_nothing_are_closed_at_the_deadline(studio, hasty):
    with ExitStack() as stack:
        silent = opened(stack, studio, 20)
        begin = time.monotonic()
        until(lambda: not held(silent))
        assert 0.5 < time.monotonic() - begin < 10


def test_a_head_that_trickles_is_cut_off(studio, hasty):
    with ExitStack() as stack:
        slow = opened(stack, studio, 10)
        for byte in itertools.cycle(b"GET / HTTP/1.1\r\nX: "):
            for client in slow:
                with suppress(OSError):
                    client.send(bytes([byte]))
            time.sleep(0.05)
            if not held(slow):
                break


def test_a_second_head_that_trickles_is_cut_off_too(studio, hasty):
    with socket.create_connection(("127.0.0.1", studio.port)) as client:
        client.sendall(requests(studio)[0])
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        client.sendall(b"GET / HT")
        client.settimeout(20)
        while client.recv(65536):
            pass


def test_more_connections_than_there_is_room_for_do_not_keep_a_page_out(
    studio, monkeypatch
):
    monkeypatch.setattr(_limits, "STUDIO_CONNECTIONS", 16)
    with studio.page() as page, ExitStack() as stack:
        opened(stack, studio, 60)
        assert is_alive(studio) < 2
        page.ask("link")  # who has come in is not put out


def test_a_body_that_never_ends_is_refused_and_leaves_nothing(studio, hasty):
    folder = studio.server.studio.store.folder
    head = requests(studio)[4].partition(b"\r\n\r\n")[0]
    head = head.replace(b"Content-Length: 8", b"Content-Length: 80000")
    with socket.create_connection(("127.0.0.1", studio.port)) as client:
        client.sendall(head + b"\r\n\r\nhalf")
        client.settimeout(20)
        assert b"408" in client.recv(65536)
    assert not list(folder.glob("*"))
    with socket.create_connection(("127.0.0.1", studio.port)) as client:
        client.sendall(head + b"\r\n\r\nhalf")  # and goes
    until(lambda: not list(folder.glob("*")))
    assert is_alive(studio) < 1


def test_a_client_that_takes_no_answer_is_let_go(studio, hasty, monkeypatch):
    files = studio.server.routes.routes[1].endpoint.__self__._files
    big = type(files[""])(b"x" * (64 << 20), "text/plain")
    monkeypatch.setitem(files, "big", big)
    with socket.create_connection(("127.0.0.1", studio.port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(requests(studio)[1].replace(b"page.js", b"big"))
        connections = studio.server.server_state.connections
        until(lambda: len(connections) == 1)
        until(lambda: not connections)


# As the test plan names them


@built
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_silent_and_two_hundred_trickling(tmp_path):
    with Process(tmp_path, "--data", "digits") as studio, ExitStack() as stack:
        with studio.page() as page:
            page.ask("link")
            before = studio.memory()
            silent = opened(stack, studio, 1_000)
            slow = opened(stack, studio, 200)
            took, end = [], time.monotonic() + 12
            while time.monotonic() < end:
                for client in slow:
                    with suppress(OSError):
                        client.send(b"G")
                begin = time.perf_counter()
                page.ask("link")
                took.append(time.perf_counter() - begin)
                time.sleep(0.1)
            until(lambda: not held(silent) and not held(slow))
        assert sorted(took)[int(0.95 * len(took))] < 0.5
        assert studio.memory() - before < 32 << 20


@built
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_gigabyte_is_refused_and_memory_stays(tmp_path):
    with Process(tmp_path, "--data", "digits") as studio:
        with studio.page() as page:
            page.ask("link")
        before, most = studio.memory(), [0]
        over = threading.Event()

        def watch():
            while not over.wait(0.02):
                most[0] = max(most[0], studio.memory())

        watching = threading.Thread(target=watch)
        watching.start()
        head = requests(studio)[5].partition(b"\r\n\r\n")[0]
        said = b""
        with socket.create_connection(("127.0.0.1", studio.port)) as client:
            client.settimeout(60)
            client.sendall(head + b"\r\n\r\n")
            chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
            with suppress(OSError):
                for _ in range(1024):
                    client.sendall(chunk)
            with suppress(OSError):
                said = client.recv(65536)
        over.set()
        watching.join()
        assert b"HTTP/1.1 400" in said and b"STUDIO_UPLOAD_BYTES" in said
        assert most[0] - before < 64 << 20
        left = (tmp_path / "runs" / ".studio" / "uploads").rglob("*")
        assert sum(os.stat(path).st_size for path in left) == 0
