"""What an open page costs a training, and how soon a moved slider shows its result.

    python benchmarks/studio.py

MNIST, 784-30-10, mini-batches of 10, as in the lectures. A page is played by a process
of its own that takes frames as fast as they come and acknowledges each. Trainings with
no studio, in a studio with no page, with a page that has no picture open, and with one
that has take turns; what is told is the median and the quartiles of the pairs.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websockets

from pellucid import load, recipes
from pellucid.diagnosis import watching
from pellucid.runs import results
from pellucid.studio.wire import FRAME, parse_frame

RECIPE = {"data": "mnist", "layers": [30], "epochs": 5}
EPOCHS = 1_000
"""Of a training that is longer than anybody looks at it."""

NO_STUDIO, NO_PAGE, NO_VIEW, A_PAGE = "no studio", "no page", "no view", "a page"


@contextmanager
def studio(recipe: str = "nielsen-30") -> Iterator[tuple[int, str]]:
    """A running studio: its port and its cookie."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "pellucid", "studio", "--port", "0", "--no-open"]
        words += ["--recipe", recipe, "--runs", f"{folder}/runs"]
        made = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": folder},
        )
        try:
            assert made.stdout is not None
            address = made.stdout.readline().split()[-1]
            yield int(address.split(":")[2].split("/")[0]), cookie_of(address)
        finally:
            made.terminate()
            made.wait()


def cookie_of(address: str) -> str:
    """The cookie that the address of a studio is exchanged for."""
    port, _, token = address.split(":")[2].partition("/?token=")
    connection = http.client.HTTPConnection("127.0.0.1", int(port))
    connection.request("GET", f"/?token={token}")
    answer = connection.getresponse()
    assert answer.status == 303, answer.status
    return (answer.getheader("set-cookie") or "").split(";")[0]


class Client:
    """A page, without a browser."""

    def __init__(self, port: int, cookie: str):
        self.port, self.cookie = port, cookie
        self.state: dict[str, Any] = {}
        self.points: list[dict[str, Any]] = []
        self.frames, self.number = 0, 0

    async def __aenter__(self) -> Client:
        self.socket = await websockets.connect(
            f"ws://127.0.0.1:{self.port}/socket",
            additional_headers={"Cookie": self.cookie},
            origin=f"http://127.0.0.1:{self.port}",  # type: ignore[arg-type]
            max_size=None,
            compression=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def take(self) -> dict[str, Any]:
        """The next message; a frame is acknowledged."""
        data = await self.socket.recv()
        if isinstance(data, bytes):
            frame = parse_frame(data)
            if frame.kind == FRAME:
                self.frames += 1
                await self.send(do="ack", frame=frame.number)
            return {}
        said: dict[str, Any] = json.loads(data)
        if said.get("event") == "state":
            self.state = said
        if said.get("event") == "history":
            self.points = said["points"]
        return said

    async def send(self, **words: Any) -> None:
        """A command."""
        await self.socket.send(json.dumps(words))

    async def ask(self, do: str, **words: Any) -> dict[str, Any]:
        """A command and its answer."""
        self.number += 1
        await self.send(id=self.number, do=do, **words)
        while True:
            said = await self.take()
            if said.get("id") == self.number:
                assert said["ok"], said["error"]
                return said

    async def until(self, phase: str, run: int = 0) -> None:
        """Take what comes until a phase is reached."""
        while self.state.get("phase") != phase or self.state["run"] < run:
            await self.take()


def alone(seconds: float) -> float:
    """Updates a second with no studio, trained as the command line does."""
    data = load("mnist")
    chosen = recipes.settings("nielsen-30", epochs=EPOCHS)
    network = recipes.build(chosen, data)
    often = results.every(chosen, data)
    reports = watching(recipes.run(chosen, network, data, often), network, data)
    next(reports)
    begin = time.perf_counter()
    rate = 0.0
    for report, _ in reports:
        passed = time.perf_counter() - begin
        rate = report.step / passed
        if passed >= seconds:
            break
    return rate


async def rates(port: int, cookie: str, who: str, seconds: float) -> tuple[float, int]:
    """Updates a second of a training in the studio, and the frames that were sent."""
    async with Client(port, cookie) as page:
        while not page.state or page.state["phase"] == "loading":
            await page.take()
        run = page.state["run"] + 1
        await page.ask("look", blocks=["trace", "theta"] if who == A_PAGE else [])
        await page.ask("set", recipe={**RECIPE, "epochs": EPOCHS, "eta": 3.0})
        await page.until("ready", run)
        page.frames = 0
        begin = time.perf_counter()
        await page.ask("train")
        while who != NO_PAGE and time.perf_counter() - begin < seconds:
            await page.take()
    if who == NO_PAGE:
        await asyncio.sleep(seconds)
    async with Client(port, cookie) as again:
        await again.until("training", run)
        await again.ask("pause")
        await again.until("paused", run)
        return again.state["step"] / (time.perf_counter() - begin), page.frames


def _page(port: int, cookie: str, who: str, seconds: float, out: Any) -> None:
    out.put(asyncio.run(rates(port, cookie, who, seconds)))


def in_process(*words: Any) -> tuple[float, int]:
    """The page in a process of its own, as a browser is."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    made = context.Process(target=_page, args=(*words, out))
    made.start()
    found: tuple[float, int] = out.get()
    made.join()
    return found


async def slider(port: int, cookie: str, times: int) -> list[float]:
    """Seconds from a moved slider to the final accuracy of its run."""
    found = []
    async with Client(port, cookie) as page:
        await page.ask("look", blocks=["trace", "theta"])
        while not page.state or page.state["phase"] == "loading":
            await page.take()
        for number in range(times):
            run = page.state["run"] + 1
            begin = time.perf_counter()
            words = {**RECIPE, "eta": 2.0 + 0.1 * number}
            await page.ask("set", recipe=words, train=True)
            await page.until("ended", run)
            while not page.points or page.points[-1]["epoch"] != RECIPE["epochs"]:
                await page.take()
            found.append(time.perf_counter() - begin)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=1.5)
    chosen = parser.parse_args()
    rows: dict[str, list[float]] = {NO_STUDIO: [], NO_PAGE: [], NO_VIEW: [], A_PAGE: []}
    frames: list[float] = []
    with studio() as (port, cookie):
        for _ in range(chosen.times):
            rows[NO_STUDIO].append(alone(chosen.seconds))
            for who in (NO_PAGE, NO_VIEW, A_PAGE):
                rate, count = in_process(port, cookie, who, chosen.seconds)
                rows[who].append(rate)
                if who == A_PAGE:
                    frames.append(count / chosen.seconds)
        moved = asyncio.run(slider(port, cookie, 8))[1:]
    for name, found in rows.items():
        more = [b / a - 1 for a, b in zip(rows[NO_STUDIO], found, strict=True)]
        low, middle, high = statistics.quantiles(more, n=4)
        print(
            f"{name:10} {statistics.median(found):7,.0f} updates a second, "
            f"{100 * middle:+.1f}% ({100 * low:+.1f} to {100 * high:+.1f}) of no studio"
        )
    print(f"frames a second: {statistics.median(frames):.0f} (least {min(frames):.0f})")
    print(f"slider to final accuracy: {statistics.median(moved):.2f} s, most "
          f"{max(moved):.2f} s over {len(moved)}")  # fmt: skip


if __name__ == "__main__":
    assert Path(__file__).name == "studio.py"
    main()
