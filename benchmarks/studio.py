"""What an open page costs a training, and how soon a moved slider shows its result.

    python benchmarks/studio.py

MNIST, 784-30-10, mini-batches of 10, as in the lectures. A page is played by a process
of its own that takes frames as fast as they come and acknowledges each. Trainings with
no studio, with a studio that nobody looks at, and with one page take turns.
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


def alone(epochs: int) -> float:
    """Seconds of the same training with no studio, as the command line makes it."""
    data = load("mnist")
    chosen = recipes.settings("nielsen-30", epochs=epochs)
    network = recipes.build(chosen, data)
    often = results.every(chosen, data)
    reports = watching(recipes.run(chosen, network, data, often), network, data)
    next(reports)
    begin = time.perf_counter()
    for _ in reports:
        pass
    return time.perf_counter() - begin


async def trained(
    port: int, cookie: str, epochs: int, looks: bool
) -> tuple[float, float, float]:
    """Seconds of a training, and frames a second; with a page that looks or not."""
    async with Client(port, cookie) as page:
        while not page.state or page.state["phase"] == "loading":
            await page.take()
        run = page.state["run"] + 1
        blocks = ["trace", "theta"] if looks else []
        await page.ask("look", blocks=blocks)
        await page.ask("set", recipe={**RECIPE, "epochs": epochs, "eta": 3.0})
        await page.until("ready", run)
        page.frames = 0
        begin = time.perf_counter()
        await page.ask("train")
        await page.until("ended", run)
        seconds = time.perf_counter() - begin
        return seconds, page.frames / seconds, page.frames


def _page(port: int, cookie: str, epochs: int, looks: bool, out: Any) -> None:
    out.put(asyncio.run(trained(port, cookie, epochs, looks)))


def in_process(*words: Any) -> tuple[float, float, float]:
    """The page in a process of its own, as a browser is."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    made = context.Process(target=_page, args=(*words, out))
    made.start()
    found: tuple[float, float, float] = out.get()
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
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--epochs", type=int, default=60)
    chosen = parser.parse_args()
    rows: dict[str, list[float]] = {"no studio": [], "nobody looks": [], "a page": []}
    rates: list[float] = []
    with studio() as (port, cookie):
        for _ in range(chosen.times):
            rows["no studio"].append(alone(chosen.epochs))
            for name, looks in (("nobody looks", False), ("a page", True)):
                seconds, rate, _ = in_process(port, cookie, chosen.epochs, looks)
                rows[name].append(seconds)
                if looks:
                    rates.append(rate)
        moved = asyncio.run(slider(port, cookie, chosen.times + 1))[1:]
    base = statistics.median(rows["no studio"])
    for name, seconds in rows.items():
        middle = statistics.median(seconds)
        more = statistics.median(
            b / a - 1 for a, b in zip(rows["nobody looks"], seconds, strict=True)
        )
        print(
            f"{name:14} {middle:.3f} s ({min(seconds):.3f} to {max(seconds):.3f}), "
            f"{100 * (middle / base - 1):+.1f}% of no studio, {100 * more:+.1f}% of "
            "nobody looks"
        )
    print(f"frames a second: {statistics.median(rates):.0f} (least {min(rates):.0f})")
    print(f"slider to final accuracy: {statistics.median(moved):.2f} s, most "
          f"{max(moved):.2f} s over {len(moved)}")  # fmt: skip


if __name__ == "__main__":
    assert Path(__file__).name == "studio.py"
    main()
