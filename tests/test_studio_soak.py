"""Everything a page can do, by lot and for long: nothing grows, and the bits are right.

A minute, or five with PELLUCID_FAULTS=1000 and an hour with 12000.
"""

import time
from contextlib import suppress
from pathlib import Path
from random import Random
from statistics import median

import pytest
from websockets.exceptions import ConnectionClosed

from fuzz.studio import BIAS, INK, PLACE, ROW
from pellucid import _limits
from studio_client import SMALL, Refused
from studio_process import Process
from test_studio_faults import SHARE, built
from test_studio_training import trained

SECONDS = max(60, 300 * SHARE // 1000)
SEED = 0
GROWN = 16 << 20
"""Bytes that the middle of the last third may hold more than that of the second."""

TABLES = [
    "a,b,kind\n" + "".join(f"{i},{i * i % k},{'xy'[i % 2]}\n" for i in range(80))
    for k in (5, 7, 9)
]


class Hand:
    """Somebody who does what comes to mind, in any session."""

    def __init__(self, studio, seed):
        self.studio, self.random = studio, Random(seed)
        self.pages, self.done = {}, {}

    def page(self):
        """A page of any session, open."""
        number = self.random.randint(1, _limits.STUDIO_SESSIONS)
        if number not in self.pages:
            self.pages[number] = self.studio.page(number).__enter__()
        return number, self.pages[number]

    def close(self, number):
        self.pages.pop(number).__exit__()

    def act(self):
        """One thing; what can't be done now is refused in words."""
        number, page = self.page()
        name = self.random.choice([*ACTS])
        self.done[name] = self.done.get(name, 0) + 1
        with suppress(Refused):
            try:
                ACTS[name](self, number, page)
            except ConnectionClosed:
                del self.pages[number]


def upload(hand, _, page):
    data = hand.random.choice(TABLES).encode()
    more = {"Content-Type": "application/octet-stream", "X-Name": "t.csv"}
    headers = hand.studio.headers(**more)
    status, _, said = hand.studio.http("POST", "/upload", data, headers)
    assert status == 200
    number = int(said.partition(b'"upload":')[2].partition(b",")[0])
    page.ask("describe", upload=number)
    key = said.decode()
    assert "t.csv" in key


def download(hand, _, page):
    found = page.ask("export", what="model")
    status, _, data = hand.studio.http("GET", found["path"])
    assert (status, len(data)) == (200, found["bytes"])


def keep(hand, _, page):
    page.settle("set", recipe={**SMALL, "epochs": 1}, train=False)
    page.settle("train", "ended")
    page.ask("keep")


def edit(hand, _, page):
    words = {"place": hand.random.choice([PLACE, BIAS]), "value": hand.random.random()}
    page.ask("edit", **words)


def scrub(hand, _, page):
    most = page.state.get("last_step") or 1
    page.ask("goto", step=hand.random.randint(0, most))


def change(hand, _, page):
    recipe = {
        **SMALL,
        "data": hand.random.choice(["digits", "moons", "xor", "circles"]),
        "layers": hand.random.choice([[4], [8, 6], [12]]),
        "epochs": hand.random.randint(1, 200),
        "seed": hand.random.randint(0, 9),
    }
    page.ask("set", recipe=recipe, train=hand.random.random() < 0.5)


def reopened(hand, number, page):
    """The link of where it is, opened: the same bits."""
    page.settle("pause")
    sha, link = page.state["weights_sha256"], page.ask("link")["link"]
    page.settle("open", "ready", "paused", "ended", link=link)
    assert page.state["weights_sha256"] == sha


def look(hand, _, page):
    blocks = hand.random.sample(["trace", "theta", "plane"], 2)
    page.ask("look", blocks=blocks, example=ROW)


def asks(do, **words):
    return lambda hand, number, page: page.ask(do, **words)


ACTS = {
    "train": asks("train"),
    "pause": asks("pause"),
    "step": asks("step", batches=3),
    "epoch": asks("step", epochs=1),
    "reset": asks("reset"),
    "new start": asks("new_start"),
    "scrub": scrub,
    "change": change,
    "edit": edit,
    "unedit": asks("unedit", all=True),
    "draw": asks("draw", ink=INK, shape=[4, 4], noise=0.1),
    "examples": asks("examples", part="train", first=0, count=200),
    "mistake": asks("mistake", part="test", after=-1),
    "neuron": asks("neuron", layer=1, neuron=2, example=ROW),
    "damage": asks("damage", part="test"),
    "nudge": asks("nudge", place=PLACE, by=0.1, example=ROW),
    "opened": asks("opened", example=ROW, first=0, count=20),
    "stages": asks("stages"),
    "look": look,
    "reopen": reopened,
    "upload": upload,
    "download": download,
    "keep": keep,
    "reconnect": lambda hand, number, page: hand.close(number),
}


def held(studio):
    """Threads, children and open files of the process."""
    folder = Path(f"/proc/{studio.made.pid}")
    children = sum(
        len((task / "children").read_text().split())
        for task in (folder / "task").iterdir()
        if (task / "children").exists()
    )
    threads = len(list((folder / "task").iterdir()))
    return {
        "threads": threads,
        "children": children,
        "files": len(list((folder / "fd").iterdir())),
    }


@built
@pytest.mark.slow
@pytest.mark.timeout(10 * SECONDS + 300)
def test_everything_by_lot_for_long_leaves_nothing_behind(tmp_path):
    with Process(tmp_path, "--data", "digits") as studio:
        hand = Hand(studio, SEED)
        memory, begin = [], time.monotonic()
        counts = []
        while (now := time.monotonic() - begin) < SECONDS:
            hand.act()
            memory.append((now, studio.memory()))
            if now > SECONDS / 3 and not counts:
                counts.append(quiet(hand))
        counts.append(quiet(hand))
        thirds = [
            median(m for t, m in memory if SECONDS * k / 3 <= t < SECONDS * (k + 1) / 3)
            for k in range(3)
        ]
        kept = len(list((tmp_path / "runs").glob("*/model.safetensors")))
        print(
            f"{sum(hand.done.values()):,} acts in {SECONDS} s, {kept} runs kept; "
            f"memory {', '.join(f'{m / 2**20:.0f}' for m in thirds)} MiB; {counts}"
        )
        assert set(hand.done) == set(ACTS)
        assert thirds[2] - thirds[1] < GROWN
        for name, first in counts[0].items():
            assert counts[1][name] <= first, name
        uploads = tmp_path / "runs" / ".studio" / "uploads"
        assert len(list(uploads.glob("*.csv"))) <= len(TABLES)
        assert not list(uploads.glob(".pellucid-*"))
        with studio.page() as page:
            page.settle("set", recipe=dict(SMALL))
            page.settle("train", "ended")
            assert page.state["weights_sha256"] == trained(SMALL)


def quiet(hand):
    """What the process holds with every session there, still, and no page open."""
    for number in range(1, _limits.STUDIO_SESSIONS + 1):
        if number not in hand.pages:
            hand.pages[number] = hand.studio.page(number).__enter__()
        with suppress(Refused):
            hand.pages[number].settle("pause", "ready", "paused", "ended", "failed")
        hand.close(number)
    least = held(hand.studio)
    for _ in range(20):  # connections end a moment after their pages
        time.sleep(0.05)
        now = held(hand.studio)
        least = {name: min(least[name], now[name]) for name in least}
    return least
