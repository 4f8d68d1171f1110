"""The studio under load: floods, clients that never read, frames never acknowledged.

Slow tests try a share of what the test plan names, PELLUCID_FAULTS=1000 all of it. What
they print is what docs/studio-protocol.md tells.
"""

import socket
import time
from contextlib import ExitStack
from threading import Thread

import pytest

from pellucid import _limits
from pellucid.studio.server import Connection, Sockets
from studio_client import SMALL, Page, running, until
from studio_load import Deaf, bombarded, hosing, measured, ordinary
from studio_process import Process
from test_studio_faults import LONG, SHARE, built, is_alive
from test_studio_training import trained

SECONDS = max(3, 60 * SHARE // 1000)
KEPT = 0.9  # of the rate of training
SLOW = 0.1  # seconds of an ordinary request, or what it took before the load
MEMORY = 64 << 20


@pytest.fixture
def other(tmp_path):
    """A studio that does nothing: the same load on it costs the machine as much."""
    with Process(tmp_path / "other", "--data", "digits") as studio:
        yield studio


@pytest.fixture
def training(tmp_path):
    """A studio in a process that trains for long, and its page."""
    with Process(tmp_path, "--data", "digits") as studio, studio.page() as page:
        # Hundreds of updates an epoch: its history does not grow by the second.
        page.settle("set", recipe={**LONG, "layers": [100], "batch_size": 2})
        page.ask("train")
        page.ask("link")
        yield studio, page


def compared(name, calm, loud):
    """Print and judge what a load did; two of three readings may be a busy machine's.

    Args:
        name: of the load.
        calm: what was measured without it.
        loud: with it.
    """
    rate = loud.rate / calm.rate
    grown = loud.memory - calm.memory
    print(
        f"{name}: {calm.rate:,.0f} and {loud.rate:,.0f} updates/s ({rate:.2f}), "
        f"99th of 100 requests {1e3 * calm.slow:.0f} and {1e3 * loud.slow:.0f} ms, "
        f"memory {calm.memory >> 20} and {loud.memory >> 20} MiB"
    )
    assert rate > KEPT
    assert loud.slow < max(SLOW, 2 * calm.slow)
    assert grown < MEMORY


@built
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_clients_that_never_read_are_let_go(training, other):
    studio, page = training
    page.ask("look", blocks=["trace", "theta"])  # what one that reads costs
    found = []
    for where in (other, studio):
        with ExitStack() as stack:
            deaf = [stack.enter_context(Deaf(where)) for _ in range(100)]
            sending = [Thread(target=each.flood) for each in deaf]
            for each in sending:
                each.start()
            # They come, are stuck, and are let go.
            found.append(measured(studio, page, 28))
            assert all(each.gone for each in deaf)
            for each in sending:
                each.join()
    compared("100 clients that never read, gone after 28 s", *found)


@built
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("sockets", [1, 10])
def test_a_flood_of_messages_does_not_hold_a_training_up(training, other, sockets):
    studio, page = training
    with hosing(other, sockets, 20_000):
        calm = measured(studio, page, SECONDS)
    with hosing(studio, sockets, 20_000) as counts:
        loud = measured(studio, page, SECONDS)
    offered, taken, gone = map(sum, zip(*counts, strict=True))
    name = (
        f"{offered / SECONDS:,.0f} messages/s offered by {sockets} for {SECONDS} s, "
        f"{taken / SECONDS:,.0f} sent, let go {gone} times"
    )
    compared(name, calm, loud)


@built
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_fifty_pages_that_never_acknowledge_do_not_hold_a_training_up(training):
    studio, page = training
    page.ask("look", blocks=["trace", "theta"])  # what one that does costs
    with ExitStack() as stack:
        calm = measured(studio, page, SECONDS)
        lazy = [
            stack.enter_context(Page(studio, acknowledges=False)) for _ in range(50)
        ]
        for each in lazy:
            each.ask("look", blocks=["trace", "theta"])
        loud = measured(studio, page, SECONDS, lazy)
        for each in lazy:
            each.ask("link")
            assert len(each.frames) == 1
    compared("50 pages that never acknowledge", calm, loud)


def test_what_is_offered_at_once_is_taken_a_little_at_a_time(tmp_path):
    empty = b"\x81\x80" + bytes(4)  # the smallest message there is
    with running(tmp_path) as studio, Deaf(studio) as client:
        sending = Thread(target=client.socket.sendall, args=(empty * 20_000,))
        sending.start()
        pages = studio.server.studio.pages
        until(lambda: any(page._full() for page in pages.get(1, ())))
        assert 0 < max(each.queue.qsize() for each in sockets_of(studio)) < 1_000
        client.socket.shutdown(socket.SHUT_RDWR)
        sending.join()


def sockets_of(studio):
    return [each for each in list(Connection.open) if isinstance(each, Sockets)]


def test_of_all_that_take_nothing_the_longest_stuck_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(_limits, "STUDIO_HELD_BYTES", 200_000)
    with running(tmp_path) as studio, studio.page() as page, ExitStack() as stack:
        page.settle("set", recipe=dict(SMALL))
        first = stack.enter_context(Deaf(studio))
        first.flood()
        until(lambda: any(each.stuck for each in sockets_of(studio)))
        others = [stack.enter_context(Deaf(studio)) for _ in range(4)]
        for each in others:
            each.flood()
        until(lambda: first.gone)  # long before STUDIO_SEND_SECONDS
        page.ask("link")
        assert not others[-1].gone


def test_many_pages_share_the_commands_of_a_second(tmp_path):
    with running(tmp_path) as studio, ExitStack() as stack:
        share = studio.server.studio.share
        assert share() == _limits.STUDIO_COMMANDS
        for _ in range(4):
            stack.enter_context(studio.page())
        assert share() == _limits.STUDIO_COMMANDS / 4
        studio.server.studio.pages[2] = set(range(10_000))
        assert share() == _limits.STUDIO_COMMANDS_LEAST


def test_clients_that_never_read_are_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(_limits, "STUDIO_SEND_SECONDS", 1)
    with running(tmp_path) as studio, ExitStack() as stack:
        deaf = [stack.enter_context(Deaf(studio)) for _ in range(8)]
        with studio.page() as page:
            page.settle("set", recipe={**SMALL, "layers": [400]})
            sent = Thread(target=lambda: [each.flood() for each in deaf])
            sent.start()
            page.settle("train", "ended")
            sent.join()
            pages = studio.server.studio.pages[1]
            until(lambda: len(pages) == 1)
            assert is_alive(studio) < 1


# Messages that are none


@built
@pytest.mark.parametrize(
    ("count", "seed"),
    [(1_000, 0), pytest.param(1_000 * SHARE, 1, marks=pytest.mark.slow)],
)
@pytest.mark.timeout(6_000)
def test_mutated_messages_leave_the_studio_alive(tmp_path, count, seed):
    # As many as it can read: what is tried here is reading, not the limit.
    with Process(tmp_path, "--data", "digits", STUDIO_COMMANDS=100_000) as studio:
        with studio.page() as page:
            page.settle("set", recipe=dict(SMALL))
            before = studio.memory()
        begin = time.perf_counter()
        sent, answers, closed = bombarded(studio, count, seed)
        took = time.perf_counter() - begin
        print(
            f"{sent:,} messages in {took:.0f} s, {answers:,} answers, {closed:,} times "
            f"closed; memory {before >> 20} and {studio.memory() >> 20} MiB"
        )
        assert sent == count
        assert all(ordinary(studio) for _ in range(20))
        with studio.page() as page:
            page.settle("set", recipe=dict(SMALL))
            page.settle("train", "ended")
            assert page.state["weights_sha256"] == trained(SMALL)
