"""Downloads, and MNIST from a folder, from the cache and from a source."""

import gzip
import hashlib
import time
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import numpy as np
import pytest

from pellucid import _limits
from pellucid._errors import InputError
from pellucid.data import DATASETS, load
from pellucid.data.published import mnist
from pellucid.data.published.download import download
from pellucid.data.published.mnist import FILES, load_published

GOOD = b"the published bytes" * 1_000
SHA = hashlib.sha256(GOOD).hexdigest()
DEAD = "http://127.0.0.1:1/file"  # nothing listens there
INSTEAD = "Put it there yourself."


class Handler(BaseHTTPRequestHandler):
    """Answers what the test has put under a path: (status, body, length stated)."""

    def do_GET(self):
        self.server.asked.append(self.path)
        status, body, length = self.server.pages.get(self.path, (404, b"", 0))
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        with suppress(ConnectionError):  # who has read enough goes away
            for part in [body] if isinstance(body, bytes) else body:
                self.wfile.write(part)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.pages, http.asked = {}, []
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()

        def put(path, body, status=200, length=-1):
            http.pages[path] = (status, body, len(body) if length == -1 else length)
            return f"http://127.0.0.1:{http.server_port}{path}"

        yield SimpleNamespace(put=put, asked=http.asked)
        http.shutdown()
        thread.join()


def refusal(sources, path, **words):
    """The sentence when no source will do; nothing may be left behind."""
    with pytest.raises(InputError) as error:
        download(sources, path, SHA, instead=INSTEAD, **words)
    assert not list(path.parent.glob("*"))
    assert str(error.value).startswith(
        f"{path.name} must come from one of its sources; tried "
    )
    assert str(error.value).endswith(f". {INSTEAD}")
    return str(error.value)


def test_the_file_is_put_in_place_with_its_folder(server, tmp_path):
    path = tmp_path / "new" / "folder" / "file"
    download([server.put("/file", GOOD)], path, SHA, instead=INSTEAD)
    assert path.read_bytes() == GOOD
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_no_length_stated_is_no_hindrance(server, tmp_path):
    source = server.put("/file", GOOD, length=None)
    download([source], tmp_path / "file", SHA, instead=INSTEAD)
    assert (tmp_path / "file").read_bytes() == GOOD


@pytest.mark.parametrize("first", ["changed", "cut", "gone", "dead", "too large"])
def test_the_next_source_is_tried_after_any_failure(server, tmp_path, first):
    bad = {
        "changed": server.put("/changed", GOOD[:-1] + b"!"),
        "cut": server.put("/cut", GOOD[:500], length=len(GOOD)),
        "gone": server.put("/gone", b"no", status=410),
        "dead": DEAD,
        "too large": server.put("/large", GOOD + bytes(5_000)),
    }[first]
    good = server.put("/good", GOOD)
    never = server.put("/never", GOOD)
    words = {"instead": INSTEAD, "limit": len(GOOD)}
    download([bad, good, never], tmp_path / "file", SHA, **words)
    assert (tmp_path / "file").read_bytes() == GOOD
    assert server.asked[-1] == "/good"


def test_when_all_fail_each_address_and_its_reason_are_named(server, tmp_path):
    wrong = server.put("/wrong", b"other bytes")
    gone = server.put("/gone", b"", status=404)
    sentence = refusal([wrong, gone, DEAD], tmp_path / "file")
    other = hashlib.sha256(b"other bytes").hexdigest()
    assert f"{wrong} (SHA-256 {other[:12]}..., not {SHA[:12]}...)" in sentence
    assert f"{gone} (it answers 404 Not Found)" in sentence
    assert f"{DEAD} (no connection: " in sentence
    assert server.asked == ["/wrong", "/gone"]


def test_a_length_over_the_limit_is_refused_before_it_is_read(server, tmp_path):
    source = server.put("/file", GOOD, length=10**15)
    assert "larger than 20,000 bytes, the limit DOWNLOAD_BYTES" in refusal(
        [source], tmp_path / "file", limit=20_000
    )


def test_a_body_over_the_limit_is_left_when_it_is_met(server, tmp_path):
    sent = []

    def endless():
        while len(sent) < 10_000:
            sent.append(1)
            yield bytes(1 << 16)

    source = server.put("/file", endless(), length=None)
    assert "larger than 100,000 bytes" in refusal(
        [source], tmp_path / "file", limit=100_000
    )
    assert len(sent) < 10_000


def test_a_truncated_body_is_said_to_be(server, tmp_path):
    source = server.put("/file", GOOD[:700], length=len(GOOD))
    assert "(truncated: 700 of 19,000 bytes)" in refusal([source], tmp_path / "file")


@pytest.mark.parametrize("length", ["many", "-5"])
def test_a_length_that_is_nonsense_is_a_failure(server, tmp_path, length):
    source = server.put("/file", GOOD, length=length)
    refusal([source], tmp_path / "file")


def silence(seconds):
    yield GOOD[:100]
    time.sleep(seconds)


def test_a_source_that_falls_silent_is_given_up(server, tmp_path):
    source = server.put("/file", silence(0.6), length=len(GOOD))
    assert "silent for 0.1 seconds" in refusal([source], tmp_path / "file", silence=0.1)


def test_a_source_that_drips_meets_the_clock(server, tmp_path, monkeypatch):
    monkeypatch.setattr(_limits, "DOWNLOAD_SECONDS", 0.05)

    def drip():
        for byte in GOOD[:100]:
            yield bytes([byte])
            time.sleep(0.02)

    source = server.put("/file", drip(), length=len(GOOD))
    assert "not done after 0.05 seconds" in refusal([source], tmp_path / "file")


@pytest.mark.parametrize("address", ["nonsense", "http://[", "http://127.0.0.1:port/"])
def test_an_address_that_is_none_is_a_failure(tmp_path, address):
    assert address in refusal([address], tmp_path / "file")


def test_a_folder_that_cannot_be_made_is_said_to_be(server, tmp_path):
    (tmp_path / "taken").write_bytes(b"")
    path = tmp_path / "taken" / "file"
    with pytest.raises(InputError) as error:
        download([server.put("/file", GOOD)], path, SHA, instead=INSTEAD)
    assert f"{path.parent} must be a folder that can be written to" in str(error.value)
    assert str(error.value).endswith(f". {INSTEAD}")


# ---- MNIST and Fashion-MNIST


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of its own, and no PELLUCID_DATA."""
    monkeypatch.delenv("PELLUCID_DATA", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda app: f"{tmp_path}/{app}")
    return tmp_path / "pellucid"


@pytest.fixture
def published(server):
    """MNIST as it says it is published, but from sources of ours."""
    return replace(mnist._MNIST, sources=(server.put("/", b"")[:-1] + "/here/",))


def link(folder, to):
    """A folder with links to the published files."""
    folder.mkdir(parents=True)
    for file in FILES:
        (folder / f"{file}.gz").symlink_to(to / f"{file}.gz")


def test_mnist_is_what_the_book_says(data_dir):
    data = load("mnist", data_dir)
    assert data.counts == {"train": 50_000, "validation": 10_000, "test": 10_000}
    assert (data.x.shape, data.x.dtype) == ((70_000, 784), np.float32)
    assert (data.x.min(), data.x.max()) == (0, 1)
    assert np.bincount(data.test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    of_the_first_60_000 = np.bincount(data.labels[:60_000]).tolist()
    assert of_the_first_60_000 == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert data.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.classes == tuple("0123456789")
    assert np.shares_memory(data.test.x, data.x)
    known = DATASETS["mnist"]
    assert (known.rows, known.shape) == (len(data), data.image_shape)
    with gzip.open(data_dir / "mnist" / "t10k-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    np.testing.assert_array_equal(data.test.x, pixels / np.float32(255))


def test_fashion_mnist_has_as_many_of_each_class(data_dir):
    data = load("Fashion-MNIST", data_dir / "fashion_mnist", dtype="float64")
    assert data.x.dtype == np.float64
    assert data.classes[data.test.labels[0]] == "Ankle boot"
    assert np.bincount(data.test.labels).tolist() == [1_000] * 10
    assert np.bincount(data.labels).tolist() == [7_000] * 10
    assert data.describe() == (
        "fashion_mnist: 70,000 examples (train 50,000, validation 10,000, "
        "test 10,000), 784 inputs (28×28), 10 classes, float64"
    )
    known = DATASETS["fashion_mnist"]
    assert (known.rows, known.shape) == (len(data), data.image_shape)


def test_raw_files_are_as_good_as_packed_ones(data_dir, tmp_path, monkeypatch):
    packed = data_dir / "mnist"
    for file in FILES:
        with gzip.open(packed / f"{file}.gz") as contents:
            (tmp_path / file).write_bytes(contents.read())
    assert set(mnist.find(mnist._MNIST, tmp_path).values()) == {
        tmp_path / file for file in FILES
    }
    raw = load("mnist", str(tmp_path))
    assert raw.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_a_folder_that_lacks_files_is_told_which(tmp_path, cache):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"")
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"")
    with pytest.raises(InputError) as error:
        load("mnist", tmp_path)
    assert str(error.value) == (
        "data_dir must hold the four files of mnist; train-labels-idx1-ubyte.gz, "
        f"t10k-labels-idx1-ubyte.gz not found in {tmp_path} or its folder mnist. "
        "Put them there, or leave data_dir out."
    )


def test_another_file_than_the_published_one_is_refused(data_dir, tmp_path):
    link(tmp_path / "mnist", data_dir / "fashion_mnist")
    with pytest.raises(InputError) as error:
        load("mnist", tmp_path)
    path = tmp_path / "mnist" / "train-images-idx3-ubyte.gz"
    assert str(error.value) == (
        f"{path} must hold the published train-images-idx3-ubyte of mnist, SHA-256 "
        "ba891046e650...; got c59f468a2f67... "
        "Delete it and load again, or put the published file there."
    )


def test_a_damaged_file_is_refused(data_dir, tmp_path):
    link(tmp_path / "mnist", data_dir / "mnist")
    path = tmp_path / "mnist" / f"{FILES[0]}.gz"
    whole = path.read_bytes()
    path.unlink()
    path.write_bytes(whole[:10_000])
    with pytest.raises(
        InputError, match=f"{path} must be whole gzip; it ends too early"
    ):
        load("mnist", tmp_path)


def test_the_argument_goes_before_the_variable_and_this_before_the_cache(
    cache, tmp_path, monkeypatch
):
    for name in ("argument", "variable", "pellucid"):
        (tmp_path / name / "mnist").mkdir(parents=True)
        for file in FILES:
            (tmp_path / name / "mnist" / f"{file}.gz").write_bytes(b"")

    def folder(data_dir=None):
        return mnist.find(mnist._MNIST, data_dir)[FILES[0]].parent.parent.name

    assert folder() == "pellucid"
    monkeypatch.setenv("PELLUCID_DATA", str(tmp_path / "variable"))
    assert folder() == "variable"
    assert folder(tmp_path / "argument") == "argument"
    (tmp_path / "variable" / "mnist" / f"{FILES[2]}.gz").unlink()
    assert folder() == "pellucid"


def test_what_is_nowhere_is_downloaded_once_into_the_cache(
    server, published, cache, data_dir
):
    for file in FILES:
        packed = (data_dir / "mnist" / f"{file}.gz").read_bytes()
        server.put(f"/here/{file}.gz", packed)
    data = load_published(published, None, "float32")
    assert data.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert {path.name for path in (cache / "mnist").iterdir()} == {
        f"{file}.gz" for file in FILES
    }
    assert len(server.asked) == 4
    mnist.find(published, None)
    assert len(server.asked) == 4
    (cache / "mnist" / f"{FILES[3]}.gz").unlink()
    mnist.find(published, None)
    assert server.asked[4:] == [f"/here/{FILES[3]}.gz"]


def test_without_a_network_the_way_out_is_named(cache, monkeypatch):
    offline = replace(mnist._MNIST, sources=("http://127.0.0.1:1/",))
    with pytest.raises(InputError) as error:
        load_published(offline, None, "float32")
    names = ", ".join(f"{file}.gz" for file in FILES)
    sentence = str(error.value)
    assert sentence.startswith(
        "train-images-idx3-ubyte.gz must come from one of its sources; "
        "tried http://127.0.0.1:1/train-images-idx3-ubyte.gz (no connection: "
    )
    assert sentence.endswith(
        f"). Without a network put {names} into a folder and name it with "
        "--data-dir (data_dir=...) or PELLUCID_DATA."
    )
    monkeypatch.setenv("PELLUCID_DATA", "/nowhere")
    with pytest.raises(
        InputError, match=r"which names /nowhere now, where they are not"
    ):
        load_published(offline, None, "float32")
    assert not cache.exists()


def test_the_published_sources_are_addresses_of_folders():
    for published in (mnist._MNIST, mnist._FASHION_MNIST):
        assert len(published.sources) >= 2
        for source in published.sources:
            assert source.startswith("http")
            assert source.endswith("/")


@pytest.mark.parametrize("published", [mnist._MNIST, mnist._FASHION_MNIST])
def test_the_files_at_hand_are_the_published_ones_packed(data_dir, published):
    for file in FILES:
        packed = Path(data_dir, published.name, f"{file}.gz").read_bytes()
        assert hashlib.sha256(packed).hexdigest() == published.packed[file]
