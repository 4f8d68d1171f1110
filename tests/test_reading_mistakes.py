"""Bad input at every door for data: what is wrong is named, and where."""

import os
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pellucid import InputError, _limits
from pellucid.data.sources import inputs_with, read
from reading import put

pytestmark = pytest.mark.usefixtures("here")

GOOD = "a,b,y\n" + "".join(f"{n},{n * n % 7},{'uv'[n % 2]}\n" for n in range(40))


def refused(source, target="y", **options):
    """The sentence about a source."""
    with pytest.raises(InputError) as caught:
        read(source, target, **options)
    sentence = str(caught.value)
    assert len(sentence) < 600 and "\n" not in sentence
    return sentence


def test_good_rows_are_read(tmp_path):
    assert len(read(put(tmp_path / "a.csv", GOOD), "y")) == 40


def test_a_missing_file(tmp_path):
    assert "nothing is at" in refused(tmp_path / "none.csv")


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "is something else" in refused(tmp_path / "pipe")
    assert "no usable path" in refused("a\0b") or "nothing is at" in refused("a\0b")


def test_a_wrong_delimiter(tmp_path):
    path = put(tmp_path / "a.csv", GOOD)
    assert "There are: a,b,y." in refused(path, delimiter=";")
    assert "delimiter must be a comma" in refused(path, delimiter="x")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (GOOD.encode().replace(b"3,2,v", b"3,\xfc,v"), "line 5 holds other bytes (fc)"),
        (GOOD.encode("utf-16"), "it is UTF-16. Save it as UTF-8"),
        (b"a,b\0,c\n" * 9, "it holds zero bytes"),
        (b"", "it is empty"),
        (b"\n\n \n", "it is empty"),
        (b"a,b,y\n", "there must be at least one row of data"),
        (b"a,b,y\n1,2,u\n1,2\n", "row 2 has 2: '1,2'"),
        (b"a,b,y\n1,2,u\n1,2,3,4\n", "row 2 has 4: '1,2,3,4'"),
        (b'a,b,y\n1,"2,u\n1,2,v\n', "each row must have"),
        (b"a,b,a\n1,2,3\n", "'a' stands above columns 1, 3"),
        (GOOD.encode() + b"a,b,y\n", "row 41 repeats the header"),
        (b"\x1f\x8b\x08\0damaged", "it must be whole gzip"),
    ],
)
def test_text_that_is_no_table(tmp_path, data, words):
    assert words in refused(put(tmp_path / "a.csv", data))


def test_bytes_that_are_no_text_far_down_in_the_file(tmp_path):
    lines = "".join(f"{n},word,{'uv'[n % 2]}\n" for n in range(60_000))
    data = f"a,b,y\n{lines}1,".encode() + b"\xff,u\n"
    sentence = refused(put(tmp_path / "a.csv", data))
    assert "row 60001, column 'b' holds other bytes" in sentence


def test_gzip_that_ends_too_early(tmp_path):
    path = put(tmp_path / "a.csv.gz", GOOD, packed=True)
    path.write_bytes(path.read_bytes()[:-20])
    assert "it ends too early" in refused(path)


def test_gzip_that_unpacks_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(_limits, "TEXT_TABLE_BYTES", 10_000)
    path = put(tmp_path / "a.csv.gz", GOOD * 100, packed=True)
    assert "at most 10,000 bytes when unpacked" in refused(path)


def test_a_row_that_is_too_long(tmp_path, monkeypatch):
    from pellucid.data.decoders import separated

    monkeypatch.setattr(separated, "BLOCK_BYTES", 1000)
    path = put(tmp_path / "a.csv", GOOD + f"1,{'9' * 3000},u\n")
    assert "each row must have at most 1,000 bytes" in refused(path)


def test_a_text_among_numbers_is_named_with_row_and_column(tmp_path):
    path = put(tmp_path / "a.csv", GOOD.replace("17,2,v", "17,2o,v"))
    sentence = refused(path)
    assert "column 'b' must hold numbers, as 39 of its cells do" in sentence
    assert "row 18 has '2o'" in sentence and "--kinds b=category" in sentence
    assert len(read(path, "y", kinds={"b": "category"})) == 40
    assert len(read(path, "y", ignore=["b"])) == 40


def test_infinite_numbers(tmp_path):
    path = put(tmp_path / "a.csv", GOOD.replace("17,2,v", "17,1e999,v"))
    assert "row 18 has '1e999'" in refused(path)
    frame = {"a": np.array([1.0, np.inf, 3.0]), "y": np.array(["u", "v", "u"])}
    assert "column 'a' must hold finite numbers; row 2 has inf" in refused(frame)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (None, "There are: a, b, y."),
        ("z", "got 'z'"),
        ("4", "got '4'"),
        (["y", "y"], "targets must differ"),
        ("a,b", "got 'a,b'"),
    ],
)
def test_a_target_that_is_not_there(tmp_path, target, words):
    assert words in refused(put(tmp_path / "a.csv", GOOD), target)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (["u"] * 40, "'y' must have two classes or more; all 40 rows are 'u'"),
        (["2.5"] * 40, "'y' must vary; it is 2.5 in all 28 training rows"),
        ([""] * 40, "'y' must be there in some row"),
        (["2020-01-01"] * 40, "it holds dates"),
    ],
)
def test_a_target_that_says_nothing(tmp_path, column, words):
    lines = "".join(f"{n % 9},{cell}\n" for n, cell in enumerate(column))
    assert words in refused(put(tmp_path / "a.csv", f"a,y\n{lines}"))


def test_ten_thousand_classes(tmp_path):
    lines = "".join(f"{n % 9},class {n}\n" for n in range(10_000))
    sentence = refused(put(tmp_path / "a.csv", f"a,y\n{lines}"))
    assert "at most 1,000 classes (the limit CLASSES); got 10,000" in sentence


def test_one_row_and_nothing_to_learn_from(tmp_path):
    path = put(tmp_path / "a.csv", "a,b,y\n1,2,u\n")
    assert "at least one row in train, validation and test; got 1" in refused(path)
    path = put(tmp_path / "b.csv", "a,y\n1,u\n2,u\n3,u\n4,u\n")
    assert "two classes" in refused(path)
    path = put(tmp_path / "c.csv", "y\n" + "u\nv\n" * 20)
    assert "there is only the target" in refused(path)
    path = put(tmp_path / "d.csv", "a,y\n" + "1,u\n1,v\n" * 20)
    assert "a: it holds the same everywhere" in refused(path)


def test_columns_that_can_not_be_left_out(tmp_path):
    path = put(tmp_path / "a.csv", GOOD)
    assert "none of them may be ignored" in refused(path, ignore=["y"])
    assert "got 'c'" in refused(path, ignore=["c"])
    assert "got 'c'" in refused(path, kinds={"c": "numeric"})
    assert "b: left out as asked" in refused(path, ignore=["a", "b"])


def test_a_test_file_that_does_not_fit(tmp_path):
    path = put(tmp_path / "a.csv", GOOD)
    other = put(tmp_path / "b.csv", "a,y\n1,u\n")
    assert "must have the column 'b'" in refused(path, test_file=other)
    strange = put(tmp_path / "c.csv", "a,b,y\n1,2,w\n1,2,u\n")
    assert "'y' must be one of the classes; got 'w'" in refused(path, test_file=strange)
    bare = put(tmp_path / "d.csv", "a,b\n1,2\n")
    assert "must have the target 'y'" in refused(path, test_file=bare)


def test_too_large_for_the_memory(tmp_path, monkeypatch):
    from pellucid.data import assemble

    path = put(tmp_path / "a.csv", GOOD)
    monkeypatch.setattr(assemble, "free_memory", lambda: 300)
    assert "40 rows of 1 inputs must fit into half of the free memory" in refused(path)


def test_files_of_other_programs(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04")
    assert "Save it as CSV" in refused(tmp_path / "a.xlsx")
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    assert "give a folder with a subfolder" in refused(tmp_path / "a.png")
    (tmp_path / "x-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    assert "give the folder that holds the four" in refused(tmp_path / "x-idx3-ubyte")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.csv", GOOD)
    assert "it must hold arrays (.npy)" in refused(tmp_path / "a.zip")


def test_damaged_parquet(tmp_path):
    pq.write_table(pa.table({"a": [1, 2], "y": ["u", "v"]}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    path = put(tmp_path / "b.parquet", whole[:-9])
    assert "must be a whole Parquet file; it is damaged" in refused(path)
    path = put(tmp_path / "c.parquet", whole[:8] + b"\xff" * 40 + whole[48:])
    assert "Parquet" in refused(path)


def test_numpy_files_without_pickle(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.array([{}, {}], dtype=object), y=np.zeros(2))
    assert "it must be a whole NumPy file" in refused(path)
    np.savez(path, z=np.zeros((3, 2)), w=np.zeros(3))
    assert "an array called x (and its targets, y); got 'z, w'" in refused(path)
    np.savez(path, x=np.zeros((3, 2)), y=np.zeros(4))
    assert "it holds 3 rows and targets (4,)" in refused(path)
    np.save(tmp_path / "x.npy", np.zeros((3, 2)))
    assert "must come with its targets" in refused(tmp_path / "x.npy", None)
    whole = (tmp_path / "x.npy").read_bytes()
    path = put(tmp_path / "y.npy", whole.replace(b"(3, 2)", b"(9, 9)"))
    assert "it must be a whole NumPy file" in refused(path)
    path = put(tmp_path / "z.npy", whole.replace(b"<f8", b"|O8"))
    assert "it must be a whole NumPy file" in refused(path)


@pytest.fixture
def folder(tmp_path):
    """Two classes of three images."""
    for label in "ab":
        (tmp_path / "images" / label).mkdir(parents=True)
        for n in range(3):
            noise = np.random.RandomState(n).randint(0, 256, (5, 6)).astype(np.uint8)
            Image.fromarray(noise).save(tmp_path / "images" / label / f"{n}.png")
    return tmp_path / "images"


def images_refused(folder, **options):
    return refused(folder, None, **options)


def test_a_folder_without_images(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    assert "it holds no folder" in images_refused(tmp_path / "empty")
    (folder / "c").mkdir()
    (folder / "c" / "notes.txt").write_text("no image")
    assert f"{folder / 'c'} must hold PNG" in images_refused(folder)


def test_one_class_of_images(tmp_path, folder):
    (folder / "b").rename(tmp_path / "b")
    assert "there must be 2 to 1,000 classes" in images_refused(folder)


def test_corrupt_images_are_named(folder):
    whole = (folder / "a" / "1.png").read_bytes()
    (folder / "a" / "1.png").write_bytes(whole[:60])
    assert f"{folder / 'a' / '1.png'} must be a whole PNG" in images_refused(folder)
    (folder / "a" / "1.png").write_bytes(b"no image at all")
    sentence = images_refused(folder)
    assert f"{folder / 'a' / '1.png'} must be a PNG, JPEG, BMP or GIF" in sentence


def test_an_image_that_is_a_bomb(folder):
    whole = (folder / "a" / "1.png").read_bytes()
    sides = (50_000).to_bytes(4, "big") * 2
    import zlib

    head = b"IHDR" + sides + whole[24:29]
    bomb = whole[:12] + head + zlib.crc32(head).to_bytes(4, "big") + whole[33:]
    (folder / "a" / "1.png").write_bytes(bomb)
    sentence = images_refused(folder)
    assert "1.png must have at most" in sentence and "50000×50000" in sentence


def test_links_that_go_in_circles(folder):
    (folder / "a" / "up").symlink_to(folder)
    assert len(read(folder, validation=0, test=0)) == 6
    (folder / "a" / "me.png").symlink_to(folder / "a" / "me.png")
    assert f"{folder / 'a' / 'me.png'} must be an image" in images_refused(folder)
    (folder / "a" / "me.png").unlink()
    (folder / "loop").symlink_to(folder)
    assert f"{folder / 'loop'} must hold PNG" in images_refused(folder)


def test_a_folder_names_its_own_classes(folder):
    assert "leave target out" in refused(folder, "y")


def test_idx_files_that_are_not_all_there(tmp_path):
    put(tmp_path / "train-images-idx3-ubyte", b"")
    assert "it lacks the train labels" in images_refused(tmp_path)


def test_other_images_than_those_of_the_network(folder, tmp_path):
    encoding = read(folder, validation=0, test=0).encoding
    np.save(tmp_path / "x.npy", np.zeros((2, 7), np.uint8))
    with pytest.raises(InputError, match=r"images must be \(m, 5, 6\) or \(m, 30\)"):
        inputs_with(tmp_path / "x.npy", encoding)
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="must hold images; it holds none"):
        inputs_with(tmp_path / "none", encoding)


def test_what_is_no_data_at_all():
    assert "must be a file, a data frame" in refused(42)
    assert "a table must have at least one column" in refused({})
    assert "columns must have one length" in refused({"a": [1], "y": [1, 2]})
    assert "column 'a' must hold values of one kind" in refused(
        {"a": np.array([{}, 1], dtype=object), "y": [1, 2]}
    )
