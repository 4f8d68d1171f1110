"""Bad input as it is typed: pellucid train FILE; one sentence each, and no run left."""

import os
import shutil
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from command_line import refused, typed
from reading import put

GOOD = "a,b,y\n" + "".join(f"{n},{n * n % 7},{'uv'[n % 2]}\n" for n in range(40))
ROWS = GOOD.split("\n", 1)[1]
TRAIN = ("train", "--epochs", "1", "--layers", "2", "--runs", "runs")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where it is typed."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def no_run(folder):
    return not any((folder / "runs").glob("*")) if (folder / "runs").exists() else True


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (None, "", "data must be in a file that exists; nothing is at a.csv"),
        (b"", "", "it must hold rows of text; it is empty"),
        (GOOD, "--delimiter ;", "There are: a,b,y."),
        (GOOD, "--delimiter x", "delimiter must be a comma, semicolon, tab or bar"),
        (GOOD.replace("\n5,", "\n5;"), "", "row 6 has 2: '5;4,v'"),
        (GOOD.encode().replace(b"3,2,v", b"3,\xfc,v"), "", "line 5 holds other bytes"),
        (GOOD.encode("utf-16"), "", "it is UTF-16. Save it as UTF-8."),
        (GOOD.encode() + b"7,\0,u\n", "", "it holds zero bytes"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "", "a.csv is one image; give a folder"),
        (ROWS, "", "got 'y'. There are: 1, 2, 3."),
        (GOOD, "--header no --target 3", "column '1' must hold numbers"),
        (GOOD + "a,b,y\n", "", "row 41 repeats the header. Delete it."),
        ("a,b,y\n" + GOOD, "", "row 1 repeats the header. Delete it."),
        (GOOD.replace("a,b,y", "a,a,y"), "", "'a' stands above columns 1, 2"),
        (GOOD, "--target z", "column must be a name or number of one that is there"),
        (GOOD, "--target 4", "got '4'. There are: a, b, y."),
        (GOOD, "--target none", "target must name the column to be predicted"),
        (GOOD.replace(",v\n", ",u\n"), "", "two classes or more; all 40 rows are 'u'"),
        (GOOD.replace("17,2,v", "17,2o,v"), "",
         "column 'b' must hold numbers, as 39 of its cells do; row 18 has '2o'"),
        (GOOD.replace("17,2,v", "17,1e999,v"), "", "row 18 has '1e999'"),
        ("a,b,y\n1,2,u\n", "", "at least one row in train, validation and test; got 1"),
        ("a,b,y\n", "", "there must be at least one row of data; there is none"),
        ("a,y\n" + "".join(f"{n % 9},class {n}\n" for n in range(10_000)), "",
         "at most 1,000 classes (the limit CLASSES); got 10,000"),
        (GOOD, "--test-file none.csv", "nothing is at none.csv"),
        (GOOD, "--kinds a=colour", "kind must be one of the known names; got 'colour'"),
        (GOOD, "--ignore a,b", "at least one column must be left to learn from"),
        (GOOD, "--validation 2.5", "validation must be"),
        (GOOD, "--dtype float16", "dtype must be float32 or float64; got 'float16'"),
    ],
)  # fmt: skip
def test_a_table_that_can_not_be_trained_on(folder, capsys, here, text, options, words):
    if text is not None:
        put(folder / "a.csv", text)
    target = [] if "--target" in options else ["--target", "y"]
    sentence = refused(capsys, *TRAIN, "a.csv", *target, *options.split())
    assert words in sentence
    assert no_run(folder)


def test_good_rows_are_trained_on(folder, capsys, here):
    put(folder / "a.csv", GOOD)
    assert typed(capsys, *TRAIN, "a.csv", "--target", "y").status == 0
    assert not no_run(folder)


def test_the_name_of_a_file_may_be_any_bytes(folder, capsys, here):
    name = os.fsdecode(b"d\xff.csv")
    try:
        put(folder / name, GOOD)
    except OSError:
        pytest.skip("not on this file system")
    assert typed(capsys, *TRAIN, name, "--target", "y").status == 0
    for words in (["runs"], ["runs", "show", "1"], ["report"]):
        assert typed(capsys, *words, "--runs", "runs").status == 0


@pytest.fixture
def images(folder):
    """Two classes of twelve images."""
    for label in "ab":
        (folder / "images" / label).mkdir(parents=True)
        for n in range(12):
            noise = np.random.RandomState(n).randint(0, 256, (5, 6)).astype(np.uint8)
            Image.fromarray(noise).save(folder / "images" / label / f"{n}.png")
    return folder / "images"


def images_refused(capsys, *options):
    return refused(capsys, *TRAIN, "images", *options)


def test_images_are_trained_on(images, capsys, here):
    assert typed(capsys, *TRAIN, "images").status == 0


def test_a_folder_without_images(images, capsys, here):
    (images / "c").mkdir()
    assert "images/c must hold PNG, JPEG, BMP or GIF" in images_refused(capsys)
    shutil.rmtree(images)
    images.mkdir()
    assert "it holds no folder" in images_refused(capsys)
    images.rmdir()
    assert "No file or folder is called so either." in images_refused(capsys)


def test_a_corrupt_image_is_named(images, capsys, here):
    path = images / "a" / "1.png"
    path.write_bytes(path.read_bytes()[:60])
    assert "images/a/1.png must be a whole PNG image; it is" in images_refused(capsys)
    path.write_bytes(b"no image at all")
    assert "images/a/1.png must be a PNG, JPEG, BMP or GIF" in images_refused(capsys)
    assert no_run(images.parent)


def test_decompression_bombs(images, capsys, here):
    whole = (images / "a" / "1.png").read_bytes()
    head = b"IHDR" + (50_000).to_bytes(4, "big") * 2 + whole[24:29]
    bomb = whole[:12] + head + zlib.crc32(head).to_bytes(4, "big") + whole[33:]
    (images / "a" / "1.png").write_bytes(bomb)
    sentence = images_refused(capsys)
    assert "1.png must have at most 16,777,216 pixels" in sentence
    assert "it has 50000×50000" in sentence


def test_a_packed_table_that_unpacks_to_more_than_is_read(
    folder, capsys, here, monkeypatch
):
    from pellucid import _limits

    monkeypatch.setattr(_limits, "TEXT_TABLE_BYTES", 100_000)
    put(folder / "a.csv.gz", GOOD + "1,2,u\n" * 1_000_000, packed=True)
    assert (folder / "a.csv.gz").stat().st_size < 100_000
    sentence = refused(capsys, *TRAIN, "a.csv.gz", "--target", "y")
    assert "at most 100,000 bytes when unpacked" in sentence


def test_links_that_go_in_circles(images, capsys, here):
    (images / "a" / "me.png").symlink_to(images / "a" / "me.png")
    assert "me.png must be an image; it is something else" in images_refused(capsys)
    (images / "a" / "me.png").unlink()
    (images / "loop").symlink_to(images)
    assert "images/loop must hold PNG" in images_refused(capsys)
    (images.parent / "a.csv").symlink_to(images.parent / "a.csv")
    sentence = refused(capsys, *TRAIN, "a.csv", "--target", "y")
    assert "a.csv" in sentence
    assert "nothing is at" in sentence or "no usable path" in sentence
    assert no_run(images.parent)


def test_a_file_of_another_program(folder, capsys, here):
    put(folder / "a.xlsx", b"PK\x03\x04")
    sentence = refused(capsys, *TRAIN, "a.xlsx", "--target", "y")
    assert "spreadsheets are not read. Save it as CSV (UTF-8)." in sentence


INSIDE = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]


def mounted(folder, options, *words):
    """A command typed where a small file system of these options is mounted."""
    place = folder / "place"
    place.mkdir()
    mount = f"mount -t tmpfs -o {options} none {place}"
    if shutil.which("unshare") is None or subprocess.run([*INSIDE, mount]).returncode:
        pytest.skip("this user may not mount a file system of its own")
    command = [*INSIDE, f'{mount} && exec "$@"', "sh", sys.executable, "-m", "pellucid"]
    done = subprocess.run(
        [*command, *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(place)},
        cwd=folder,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.splitlines()[-1], place


@pytest.mark.slow
def test_a_read_only_folder_for_the_runs(folder):
    words = ("train", "--epochs", "1", "--runs", "place/runs")
    status, sentence, _ = mounted(folder, "ro,size=1m", *words)
    assert status == 2
    assert sentence == (
        "pellucid: runs must be written to a folder; place/runs can't be used: "
        "Read-only file system. Choose another with --runs."
    )


@pytest.mark.slow
def test_a_full_disk_for_the_run(folder):
    words = ("train", "--epochs", "3", "--layers", "64", "--runs", "place/runs")
    status, sentence, _ = mounted(folder, "size=16k", *words)
    assert status == 1
    assert "place/runs/0001-digits" in sentence
    assert "can't be used: No space left on device." in sentence


@pytest.mark.slow
def test_a_full_disk_for_what_is_decoded(folder):
    rows = "".join(f"{n / 7},{n},{n}\n" for n in range(9000))
    put(folder / "a.csv", f"a,b,y\n{rows}")
    words = ("train", "a.csv", "--target", "y", "--epochs", "1", "--runs", "runs")
    status, sentence, place = mounted(folder, "size=64k", *words)
    assert status == 2
    assert f"in the folder for temporary files ({place}), which has no room" in sentence
    assert "Make room, or name another with TMPDIR." in sentence
