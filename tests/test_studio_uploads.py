"""Uploads of the studio and the disk: what is kept, what is refused, who may read."""

import asyncio
import json
import os

import pytest

from pellucid import _limits
from pellucid.studio.store import Store
from studio_client import Refused, running


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with running(tmp_path_factory.mktemp("studio")) as found:
        yield found


def send(studio, data, name, **headers):
    kind = {"Content-Type": "application/octet-stream", "X-Name": name}
    headers = {k.replace("_", "-"): v for k, v in headers.items()}
    status, _, body = studio.http(
        "POST", "/upload", data, studio.headers(**{**kind, **headers})
    )
    return status, json.loads(body) if body else {}


TABLE = "a,b,kind\n" + "".join(f"{i},{i * i % 7},{'xy'[i % 2]}\n" for i in range(80))


def test_a_table_that_was_dropped_is_trained_on(studio):
    status, said = send(studio, TABLE.encode(), "my%20table.csv")
    assert status == 200 and said["name"] == "my table.csv"
    with studio.page() as page:
        found = page.ask("describe", upload=said["upload"])
        assert (found["kind"], found["rows"]) == ("table", 80)
        assert found["targets"][0] == "kind" and found["classes"] == 2
        recipe = {"data": f"upload:{said['upload']}", "target": ["kind"], "epochs": 2}
        state = page.settle("set", "ready", "failed", recipe=recipe)
        assert state["phase"] == "ready", state["message"]
        assert state["data"]["name"] == "my table.csv"
        assert state["data"]["classes"] == ["x", "y"] and state["data"]["inputs"]
        state = page.settle("train", "ended")
        row = page.ask("example", example={"part": "train", "index": 0})["row"]
        assert set(row) == set(state["data"]["inputs"])
        assert page.ask("keep")["name"].endswith("my-table")
        link, sha = page.state["link"], page.state["weights_sha256"]
        page.settle("set", recipe={"data": "digits"})
        assert page.state["recipe"]["target"] is None
        page.settle("open", "ended", link=link)
        assert page.state["weights_sha256"] == sha


def test_a_file_that_is_no_table_is_told_by_its_owner_s_name(studio):
    _, said = send(studio, b"\x00\x01" * 50, "a.csv")
    with studio.page() as page:
        with pytest.raises(Refused, match=r"a\.csv") as error:
            page.ask("describe", upload=said["upload"])
        recipe = {"data": f"upload:{said['upload']}", "target": ["x"]}
        state = page.settle("set", "failed", recipe=recipe)
        for sentence in (str(error.value), state["message"]):
            assert "a.csv" in sentence and ".studio" not in sentence


def test_a_link_to_somebody_else_s_file_asks_for_it(studio):
    with studio.page() as page:
        key = "upload:" + "0" * 64
        state = page.settle("open", "failed", link=f"data={key}&target=kind,")
        assert "Drop the file on the page" in state["message"]


def png(colour):
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("L", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


def test_a_folder_of_images_comes_file_by_file(studio):
    number = None
    for n in range(24):
        onto = {} if number is None else {"X_Upload": str(number)}
        name = f"pets/{['cats', 'dogs'][n % 2]}/{n}.png"
        status, said = send(studio, png(10 * n), name, **onto)
        assert status == 200, said
        number = said["upload"]
    assert said["files"] == 24
    with studio.page() as page:
        found = page.ask("describe", upload=number)
        assert (found["kind"], found["classes"]) == ("images", 2)
        recipe = {"data": f"upload:{number}", "epochs": 1}
        state = page.settle("set", "ready", "failed", recipe=recipe)
        assert state["phase"] == "ready", state["message"]
        assert state["data"]["classes"] == ["cats", "dogs"]
        assert state["data"]["image"] == [8, 8]


def test_an_image_that_was_dropped_is_drawn(studio):
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    picture = Image.new("L", (60, 60), 255)
    picture.paste(0, (25, 10, 33, 50))
    picture.save(out, "PNG")
    _, said = send(studio, out.getvalue(), "one.png")
    with studio.page() as page:
        page.settle("set", recipe={"data": "digits"})
        drawn = page.ask("draw", upload=said["upload"])
        assert drawn["steps"][1]["sentence"].startswith("dark ink")
        _, table = send(studio, TABLE.encode(), "table.csv")
        with pytest.raises(Refused, match="must be an image"):
            page.ask("draw", upload=table["upload"])
        with pytest.raises(Refused, match="upload 999 is not there"):
            page.ask("draw", upload=999)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("evil.exe", "must end in one of"),
        ("", "must end in one of"),
        ("../../.bashrc", "must end in one of"),
        ("%00.csv%00", "must end in one of"),
        ("../../etc/../x/..%2f/1.png", "must be called by letters"),
        ("a/../1.png", "must be called by letters"),
        (".ssh/1.png", "must be called by letters"),
    ],
)
def test_names_that_are_none_are_refused(studio, name, words):
    before = sorted(studio.server.studio.folder.rglob("*"))
    status, said = send(studio, b"x", name)
    assert status == 400 and words in said["error"]
    assert sorted(studio.server.studio.folder.rglob("*")) == before


def test_a_name_with_a_path_is_only_a_name(studio, tmp_path):
    status, said = send(studio, TABLE.encode(), "..%2F..%2Fother.csv")
    assert status == 200 and said["name"] == "other.csv"
    store = studio.server.studio.store
    assert store[said["upload"]].path.parent == store.folder


def test_uploads_that_are_too_large_are_refused_before_they_come(studio):
    headers = studio.headers(**{"Content-Type": "application/octet-stream"})
    headers |= {"X-Name": "a.csv", "Content-Length": str(1 << 30)}
    status, _, body = studio.http("POST", "/upload", None, headers)
    assert status == 413 and "at most 268,435,456 bytes" in json.loads(body)["error"]
    status, said = send(studio, b"x", "a.csv", Content_Type="text/csv")
    assert status == 415 and "application/octet-stream" in said["error"]
    status, said = send(studio, b"", "a.csv")
    assert status == 400 and "it is empty" in said["error"]
    status, said = send(studio, b"x", "a.png", X_Upload="-1")
    assert status == 400 and "must be the number" in said["error"]
    status, said = send(studio, b"x", "cats/a.png", X_Upload="998")
    assert status == 400 and "is not there" in said["error"]


def test_an_upload_that_grows_too_large_leaves_nothing(studio, monkeypatch):
    monkeypatch.setattr(_limits, "STUDIO_UPLOAD_BYTES", 1_000)
    folder = studio.server.studio.folder
    before = sorted(folder.rglob("*"))
    headers = studio.headers(**{"Content-Type": "application/octet-stream"})
    headers |= {"X-Name": "a.csv", "Transfer-Encoding": "chunked"}
    body = b"800\r\n" + b"x" * 2048 + b"\r\n0\r\n\r\n"
    status, _, said = chunked(studio, headers, body)
    assert status == 400 and "at most 1,000" in json.loads(said)["error"]
    assert sorted(folder.rglob("*")) == before


def chunked(studio, headers, body):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", studio.port, timeout=30)
    connection.putrequest("POST", "/upload", skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body)
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


def test_what_was_cut_off_is_removed_at_the_next_start(tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / ".pellucid-0123.tmp").write_bytes(b"half")
    (folder / f"{'a' * 64}.csv").write_bytes(b"whole")
    Store(folder)
    assert [path.name for path in folder.iterdir()] == [f"{'a' * 64}.csv"]


def test_files_of_the_studio_are_its_user_s_alone(studio):
    send(studio, TABLE.encode(), "mine.csv")
    folder = studio.server.studio.store.folder
    assert os.stat(folder).st_mode & 0o077 == 0
    assert all(os.stat(path).st_mode & 0o077 == 0 for path in folder.iterdir())


def test_uploads_that_come_at_once_share_the_room(tmp_path, monkeypatch):
    monkeypatch.setattr(_limits, "STUDIO_STORE_BYTES", 3_000)
    store = Store(tmp_path / "uploads")

    async def half_and_half(letter):
        for _ in range(2):
            yield letter * 1_000
            await asyncio.sleep(0)

    async def all_of_them():
        coming = [store.receive(half_and_half(each), "a.csv") for each in (b"x", b"y")]
        return await asyncio.gather(*coming, return_exceptions=True)

    for _ in range(2):  # what was refused holds no room
        found = asyncio.run(all_of_them())
        assert any("limit STUDIO_STORE_BYTES" in str(each) for each in found)
        there = list(store.folder.glob("*.csv"))
        assert len(there) <= 1 and not list(store.folder.glob(".pellucid-*"))
    monkeypatch.setattr(_limits, "STUDIO_STORE_BYTES", 4_000)
    asyncio.run(store.receive(half_and_half(b"z"), "z.csv"))


def test_images_are_added_to_a_folder_of_images_that_has_room(studio, monkeypatch):
    _, table = send(studio, TABLE.encode(), "table.csv")
    onto = {"X_Upload": str(table["upload"])}
    status, said = send(studio, png(7), "pets/cats/7.png", **onto)
    assert status == 400 and "can only be added to a folder" in said["error"]
    monkeypatch.setattr(_limits, "STUDIO_UPLOAD_FILES", 2)
    _, first = send(studio, png(1), "pets/cats/1.png")
    onto = {"X_Upload": str(first["upload"])}
    assert send(studio, png(2), "pets/cats/2.png", **onto)[0] == 200
    status, said = send(studio, png(3), "pets/cats/3.png", **onto)
    assert status == 400 and "limit STUDIO_UPLOAD_FILES" in said["error"]
