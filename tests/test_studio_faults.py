"""The studio and harm: killed, never acknowledged, many pages, messages that are none.

Slow tests try a share of what the test plan names; PELLUCID_FAULTS gives the numbers:
of messages (a thousand each), of requests (a hundred), of seconds, of kills.
"""

import os
import time
from contextlib import ExitStack
from random import Random

import pytest
from websockets.exceptions import ConnectionClosed

from fuzz.studio import edges
from studio_client import SMALL, Page, Refused, running, until
from studio_load import Deaf
from studio_process import Process
from test_studio_training import trained

SHARE = int(os.environ.get("PELLUCID_FAULTS", "20"))
LONG = {**SMALL, "epochs": 400_000, "monitor": "none"}
PAGE_FILES = os.path.exists(
    os.path.join(
        os.path.dirname(__import__("pellucid").__file__), "studio/page/index.html"
    )
)
built = pytest.mark.skipif(not PAGE_FILES, reason="the studio's page is not built")


@pytest.fixture
def studio(tmp_path):
    with running(tmp_path) as found:
        yield found


def is_alive(studio, times=20):
    """Whether ordinary requests are answered at once; the slowest, in seconds."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        assert studio.http("GET", "/assets/page.js")[0] == 200
        took.append(time.perf_counter() - begin)
    return max(took)


# Killed


def wait_for_saved(folder, more):
    """Until the session on the disk has gone on."""

    def steps():
        found = list((folder / "runs" / ".studio" / "session-1").glob("checkpoint-*"))
        return len(found) > more

    until(steps)


@built
@pytest.mark.parametrize(
    "seed",
    [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, SHARE // 4))],
)
@pytest.mark.timeout(150)
def test_a_studio_that_is_killed_goes_on_where_it_was(tmp_path, seed):
    recipe = {**LONG, "seed": seed, "epochs": 2_000}
    with Process(tmp_path, "--data", "digits") as first:
        with first.page() as page:
            page.settle("set", recipe=recipe)
            page.ask("train")
            wait_for_saved(tmp_path, 0)
            time.sleep(Random(seed).random() / 2)  # at any instant
            first.kill()
            with pytest.raises((ConnectionClosed, EOFError)):
                while True:
                    page.take()
        with (
            Process(tmp_path, port=first.port) as second,
            Page(first) as page,  # with the address and the cookie from before
        ):
            assert second.port == first.port
            page.until("training", "ended")
            page.ask("link")
            assert page.points[0]["step"] == 0  # the curve from the beginning
            page.until("ended")
            assert page.state["recipe"] == recipe
            assert page.state["weights_sha256"] == trained(recipe)
            epochs = [point["epoch"] for point in page.points]
            assert epochs == list(range(2_001))
            assert second.end()[0] == 130


@built
@pytest.mark.slow
def test_what_was_saved_can_be_damaged_and_nothing_is_lost_but_time(tmp_path):
    with Process(tmp_path, "--data", "digits") as first:
        with first.page() as page:
            page.settle("set", recipe=LONG)
            page.ask("train")
            wait_for_saved(tmp_path, 0)
        first.kill()
    for path in (tmp_path / "runs" / ".studio" / "session-1").glob("checkpoint-*"):
        path.write_bytes(path.read_bytes()[:-5])
    with Process(tmp_path) as second, second.page() as page:
        page.until("training")
        assert page.state["recipe"] == LONG


@built
def test_a_studio_that_ends_in_order_leaves_neither_secret_nor_session(tmp_path):
    with Process(tmp_path, "--data", "digits") as first:
        assert list(tmp_path.glob("**/studio-*"))
        with first.page() as page:
            page.settle("step", batches=3)
        status, (_, said) = first.end()
    assert status == 130 and "Traceback" not in said
    assert not list(tmp_path.glob("**/studio-*"))
    assert not list(tmp_path.glob("**/session.json"))


# Pages that are slow, or many


def test_a_page_that_does_not_acknowledge_gets_one_frame_and_holds_nothing_up(studio):
    with studio.page() as page, Page(studio, acknowledges=False) as lazy:
        page.settle("set", recipe=dict(SMALL))
        lazy.ask("look", blocks=["trace", "theta"])
        page.settle("train", "ended")
        assert page.state["weights_sha256"] == trained(SMALL)
        lazy.until("ended")
        lazy.ask("link")
        assert len(lazy.frames) == 1
        lazy.send(do="ack", frame=7)  # of no frame that was sent
        lazy.ask("link")
        assert len(lazy.frames) == 1
        lazy.send(do="ack", frame=1)
        frame, _ = lazy.frame()
        assert frame.step == page.state["step"]  # the newest, not the next


def test_frames_are_always_of_the_layout_that_was_told(studio):
    with studio.page() as page:
        for layers in ([5], [7, 3], [4, 4, 4]):
            page.settle("set", recipe={**SMALL, "layers": layers})
            page.ask("look", blocks=["trace", "theta"])
            page.settle("train", "ended")
            frame, found = page.frames[-1] if page.frames else page.frame()
            while (frame.run, frame.step) != (page.state["run"], page.state["step"]):
                frame, found = page.frame()
            assert found["w1"].shape == (layers[0], 64)
        steps = [(frame.run, frame.step) for frame, _ in page.frames]
        assert steps == sorted(steps)


def test_fifty_pages_at_once(studio):
    with ExitStack() as stack:
        pages = [stack.enter_context(studio.page()) for _ in range(50)]
        for page in pages:
            page.ask("look", blocks=["trace", "theta"])
        pages[0].settle("set", recipe={**SMALL, "epochs": 20})
        pages[0].ask("train")
        for page in pages:
            page.until("ended", run=pages[0].state["run"])
            frame, _ = page.frame() if not page.frames else page.frames[-1]
            while frame.step != page.state["step"]:
                frame, _ = page.frame()
        hashes = {page.state["weights_sha256"] for page in pages}
        assert hashes == {trained({**SMALL, "epochs": 20})}


# Messages


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x82\x80" + bytes(4), "must send texts"),  # bytes
        (b"\x81\xff" + (1 << 40).to_bytes(8, "big") + bytes(4), ""),  # too long
        (b"\x81\x7e\x00\x02ab", ""),  # not masked
        (b"\xc1\x82" + bytes(4) + b"ab", ""),  # compressed
        (b"\x83\x80" + bytes(4), ""),  # no such kind
        (b"\x80\x80" + bytes(4), ""),  # goes on with nothing
        (b"\x81\x82" + bytes(4) + b"\xff\xfe", ""),  # no UTF-8
        (b"\x89\xfe\x00\x80" + bytes(4 + 128), ""),  # a long ping
    ],
)
def test_frames_that_are_none_end_the_connection_only(studio, data, words):
    with Deaf(studio) as client:
        client.socket.settimeout(20)
        client.socket.sendall(data)
        said = b""
        while more := client.socket.recv(65536):
            said += more
            if words and words.encode() in said:
                break
        assert words.encode() in said
    assert is_alive(studio) < 1


def test_a_command_that_is_too_long_ends_the_connection_in_words(studio):
    with studio.page() as page:
        page.socket.send('{"do":"open","link":"' + "x" * 70_000 + '"}')
        with pytest.raises(ConnectionClosed) as error:
            while True:
                page.take()
        assert error.value.rcvd.code == 1009
        assert "64" in error.value.rcvd.reason or "65536" in error.value.rcvd.reason


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("", "can't be read as JSON"),
        ("[]", "must be an object"),
        ("{}", "must say what to do"),
        ('{"do": "fly"}', "command must be one of the known names"),
        ('{"do": "train", "id": -1}', "id must be a whole number"),
        ('{"do": "train", "now": true}', "train has no word 'now'"),
        ('{"do": "goto"}', "goto needs the word 'step'"),
        ('{"do": "goto", "step": 1.5}', "step must be a whole number"),
        ('{"do": "look", "blocks": "all"}', "blocks must be a list"),
        ('{"do": "look", "blocks": ["all"]}', "blocks must be one of the known"),
        ('{"do": "damage", "part": "all"}', "part must be one of the known"),
        ('{"do": "nudge", "by": 1, "place": 3}', "place must be an object"),
        ('{"do": "nudge", "by": NaN, "place": {}}', "NaN is no number"),
        ('{"do": "example", "example": {"drawn": false}}', "drawn must be true"),
        ('{"do": "set", "recipe": 3}', "recipe must be an object"),
        ('{"do": "open", "link": 3}', "link must be a text"),
        ('{"do": "open", "link": "x"}', "must be words like layers=30"),
        ('{"do": "set", "recipe": {"data": "\\ud800"}}', "must be whole characters"),
        ('{"do": "open", "link": "data=\\uDFFF"}', "must be whole characters"),
        ("[" * 60_000, "nested deeper than"),
    ],
)
def test_messages_that_do_not_fit_are_refused_in_words(studio, message, words):
    with studio.page() as page:
        page.socket.send(message)
        while (said := page.take()).get("ok") is not False:
            pass
        assert words in said["error"]
        page.ask("link")


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, SHARE))]
)
def test_what_is_allowed_is_answered_or_refused_in_words(studio, seed):
    random, refused = Random(seed), 0
    with studio.page() as page:
        for _ in range(400):
            words = edges(random)
            try:
                page.ask(**words)
            except Refused as sentence:
                refused += 1
                assert str(sentence).endswith("."), (words, sentence)
        assert 40 < refused < 360
        page.settle("set", recipe=dict(SMALL))
        page.settle("train", "ended")
        assert page.state["weights_sha256"] == trained(SMALL)


def test_a_session_that_can_not_be_is_refused_in_words(studio):
    for number in ("0", "9", "x", "-1", "1e3", "99999"):
        with pytest.raises(ConnectionClosed) as error, Page(studio, number):
            pass
        assert error.value.rcvd.code == 4004 and "session must be" in (
            error.value.rcvd.reason
        )
