"""What a studio is put under, and what it then still does: both from outside.

The clients live in threads or processes of their own. A busy machine must not decide:
what the training's thread waited for a core is taken off its time, and every figure is
read with the load and without, in turns.
"""

import asyncio
import json
import multiprocessing
import socket
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage

from fuzz.mutate import json_mutant, mutant
from fuzz.studio import command_seeds
from pellucid import _limits

ESTABLISHED = b"\x01"
"""The first byte of TCP_INFO while a connection stands."""

IN_FLIGHT = 200
"""Messages on their way on one socket before one that must be answered."""


# What a studio still does


@dataclass(frozen=True)
class Measured:
    """Of some seconds.

    Attributes:
        rate: updates in a second of which the training's thread could have a core.
        slow: seconds of the 99th of 100 ordinary requests.
        memory: bytes, the most that were held.
    """

    rate: float
    slow: float
    memory: int


def measured(studio, page, seconds, others=()):
    """Training, ordinary requests and memory of a process, for so long.

    What comes to this page and the others is taken: who reads nothing is let go.
    """
    tasks = Path(f"/proc/{studio.made.pid}/task")

    def clocks():
        """Of each thread: seconds on a core, and waiting for one."""
        found = {}
        for task in tasks.iterdir():
            with suppress(OSError):
                ran, waited, _ = (task / "schedstat").read_text().split()
                found[task.name] = int(ran) / 1e9, int(waited) / 1e9
        return found

    took, memory = [], 0
    before, begin = clocks(), time.perf_counter()
    one = page.ask("link")["step"]
    while time.perf_counter() - begin < seconds or len(took) < 20:
        asked = time.perf_counter()
        assert ordinary(studio)
        took.append(time.perf_counter() - asked)
        memory = max(memory, studio.memory())
        if len(took) % 5 == 0:
            page.ask("link")  # takes all that came
            for each in others:
                each.drain()
        time.sleep(0.02)
    made = page.ask("link")["step"] - one
    all_of_it, after = time.perf_counter() - begin, clocks()
    busiest = max(
        (name for name in before if name in after),
        key=lambda name: after[name][0] - before[name][0],
    )
    could = all_of_it - (after[busiest][1] - before[busiest][1])
    took.sort()
    return Measured(made / could, took[int(0.99 * len(took))], memory)


def ordinary(studio):
    """Whether a request as a page makes it is answered."""
    lines = ["GET / HTTP/1.1", *head(studio), "Connection: close"]
    with socket.create_connection(("127.0.0.1", studio.port), 60) as client:
        client.sendall("\r\n".join([*lines, "", ""]).encode())
        return client.recv(65536).startswith(b"HTTP/1.1 200")


def head(studio):
    """The lines of a head that the gate wants."""
    return [
        f"Host: {studio.host}",
        f"Origin: http://{studio.host}",
        f"Cookie: {studio.cookie}",
    ]


# What it is put under


class Deaf:
    """A client that asks for much and takes nothing."""

    def __init__(self, studio):
        self.studio = studio

    def __enter__(self):
        self.socket = socket.create_connection(("127.0.0.1", self.studio.port))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lines = [
            "GET /socket HTTP/1.1", *head(self.studio),
            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]  # fmt: skip
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += self.socket.recv(1)
        assert b" 101 " in said
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flood(self, times=200):
        """Ask for pictures until nothing more is taken."""
        look = packed({"do": "look", "blocks": ["trace", "theta"]})
        words = {"id": 1, "do": "examples", "part": "train", "first": 0, "count": 200}
        self.socket.settimeout(0.2)
        with suppress(OSError):
            self.socket.sendall(look)
            for _ in range(times):
                self.socket.sendall(packed(words))

    @property
    def gone(self):
        """Whether the studio has let go of it, whatever it had sent before."""
        found = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        return found != ESTABLISHED


def packed(words):
    """A command as a masked frame, the mask being zeros."""
    data = json.dumps(words).encode()
    size = bytes([0x80 | len(data)])
    if len(data) > 125:
        size = bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
    return b"\x81" + size + bytes(4) + data


ACK = packed({"do": "ack", "frame": 1})


@contextmanager
def hosing(studio, sockets, rate):
    """Acknowledge from many sockets, so often a second together.

    Who floods answers no ping in time and is let go; it comes again at once.

    Yields a list that in the end holds of each socket how many were offered, how many
    went out, and how often it was let go.
    """
    over, counts = threading.Event(), []
    share = rate // sockets // 10  # in a tenth of a second

    def hose():
        hosed, gone = [0, 0], -1
        while not over.is_set():
            gone += 1
            with Deaf(studio) as client:
                client.socket.settimeout(0.05)
                draining = threading.Thread(target=_drain, args=(client.socket,))
                draining.start()
                with suppress(OSError):
                    _flood(client.socket, share, hosed, over)
                with suppress(OSError):
                    client.socket.shutdown(socket.SHUT_RDWR)
                draining.join()
        counts.append((hosed[0], hosed[1] // len(ACK), gone))

    threads = [threading.Thread(target=hose) for _ in range(sockets)]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _flood(client, share, hosed, over):
    """Offer a share every tenth of a second; adds up messages and bytes sent."""
    due, rest = time.monotonic(), b""
    while not over.is_set():
        due += 0.1
        hosed[0] += share
        rest += ACK * max(0, share - len(rest) // len(ACK))
        while rest and time.monotonic() < due and not over.is_set():
            with suppress(TimeoutError):
                sent = client.send(rest)
                hosed[1] += sent
                rest = rest[sent:]
        time.sleep(max(0.0, due - time.monotonic()))


def _drain(client):
    """Take what comes until no more does."""
    with suppress(OSError):
        while True:
            with suppress(TimeoutError):
                if not client.recv(1 << 16):
                    return


def messages(count, seed):
    """Mutated commands in any order; most are none any more."""
    random, seeds = Random(seed), command_seeds()
    for _ in range(count):
        data = random.choice(seeds)
        made = json_mutant(random, data) if random.random() < 0.7 else None
        made = made or mutant(random, data, seeds)
        yield made.decode("utf-8", "replace")


class Left:
    """What is still to be sent; what did not go out comes again."""

    def __init__(self, texts):
        self.texts, self.again = texts, []

    def __iter__(self):
        return self

    def __next__(self):
        return self.again.pop() if self.again else next(self.texts)


def bombarded(studio, count, seed, sockets=8):
    """Send so many mutated messages over many sockets at once, from two processes.

    Args:
        studio: with `host` and `cookie`.
        count: of them all.
        seed: of the first process.
        sockets: of each process.

    Returns:
        How many were sent, how many answers came, how often a socket was closed.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        parts = [
            pool.submit(_bombard, studio.host, studio.cookie, size, seed + n, sockets)
            for n, size in enumerate((count // 2, count - count // 2))
        ]
        found = [part.result() for part in parts]
    return tuple(map(sum, zip(*found, strict=True)))


def _bombard(host, cookie, count, seed, sockets):
    return asyncio.run(_all(host, cookie, Left(messages(count, seed)), sockets))


async def _all(host, cookie, texts, sockets):
    counts = [0, 0, 0]

    async def one(number):
        where = f"ws://{host}/socket?session={1 + number % 4}"
        more = True
        while more:
            try:
                async with connect(
                    where,
                    additional_headers={"Cookie": cookie},
                    origin=f"http://{host}",
                    max_size=None,
                    compression=None,
                    open_timeout=60,
                    ping_interval=None,
                ) as client:
                    more = await _send(client, texts, counts)
            except (ConnectionClosed, InvalidMessage):
                counts[2] += 1

    await asyncio.gather(*(one(number) for number in range(sockets)))
    return counts


async def _send(client, texts, counts):
    """Until no more are there; whether some are."""
    answered, last = asyncio.Event(), 4_000_000_000

    async def read():
        async for data in client:
            if isinstance(data, str):
                assert "This is a defect" not in data, data
                counts[1] += '"ok":' in data
                if f'"id":{last},' in data:
                    answered.set()

    async def settled():
        nonlocal last
        last += 1
        answered.clear()
        await client.send(json.dumps({"id": last, "do": "ack", "frame": 0}))
        waiting = asyncio.create_task(answered.wait())
        await asyncio.wait((waiting, reading), return_when="FIRST_COMPLETED")
        waiting.cancel()
        if reading.done():
            reading.result()
            raise ConnectionClosed(None, None)

    reading = asyncio.create_task(read())
    try:
        for number, text in enumerate(texts, 1):
            fatal = len(text.encode()) > _limits.STUDIO_COMMAND_BYTES
            try:
                if fatal or number % IN_FLIGHT == 0:
                    await settled()  # what is on its way when a socket closes is lost
                await client.send(text)
            except ConnectionClosed:
                texts.again.append(text)
                raise
            counts[0] += 1
            if fatal:
                await reading
                raise ConnectionClosed(None, None)
        await settled()
        return False
    finally:
        reading.cancel()
