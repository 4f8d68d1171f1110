"""One door for images, IDX files and arrays; and the same answers through each."""

import gzip

import numpy as np
import pytest
from PIL import Image

from pellucid import load, read
from pellucid.data import inputs_with
from pellucid.data.published.idx import read_idx

pytestmark = pytest.mark.usefixtures("here")

DRAW = np.random.RandomState(0)
PIXELS = DRAW.randint(0, 256, (12, 5, 4)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Twelve grey images of 5×4 pixels in three classes."""
    for n, pixels in enumerate(PIXELS):
        place = tmp_path / "images" / "abc"[n % 3]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"{n:02}.png")
    return tmp_path / "images"


def test_a_folder_of_images_is_read_as_it_is(folder):
    data = read(folder, validation=0, test=0)
    assert data.classes == ("a", "b", "c") and data.image_shape == (5, 4)
    assert data.counts["train"] == 12
    seen = {tuple(row): label for row, label in zip(data.x, data.labels, strict=True)}
    for n, pixels in enumerate(PIXELS):
        row = tuple((pixels.reshape(-1) / 255).astype("float32"))
        assert seen[row] == n % 3


def test_each_part_gets_its_share_of_each_class(folder):
    data = read(folder, validation=3, test=3)
    for part in (data.validation, data.test):
        assert sorted(part.labels) == [0, 1, 2]


def test_images_are_brought_to_the_commonest_size_and_that_is_told(folder):
    Image.fromarray(np.full((50, 40), 200, np.uint8)).save(folder / "a" / "big.png")
    data = read(folder, validation=0, test=0)
    assert data.image_shape == (5, 4)
    assert "4×5 (12), 40×50 (1), are brought to 4×5" in data.encoding.notes[0]
    assert (abs(data.x - 200 / 255) < 1e-6).all(axis=1).any()
    assert read(folder, size=(10, 8), validation=0, test=0).image_shape == (10, 8)


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "gif"])
def test_every_format_by_its_bytes_and_not_by_its_name(folder, kind):
    flat = Image.fromarray(np.full((5, 4), 100, np.uint8))
    flat.save(folder / f"flat.{kind}", format={"jpg": "JPEG"}.get(kind, kind.upper()))
    (folder / f"flat.{kind}").rename(folder / "a" / "flat.png")
    data = read(folder, validation=0, test=0)
    assert (abs(data.x * 255 - 100) < 1.01).all(axis=1).sum() == 1


def test_colour_transparency_and_depth(folder):
    red = Image.new("RGBA", (4, 5), (255, 0, 0, 255))
    red.save(folder / "a" / "red.png")
    Image.new("RGBA", (4, 5), (0, 0, 0, 0)).save(folder / "a" / "nothing.png")
    deep = Image.fromarray(np.full((5, 4), 65535, np.uint16))
    deep.save(folder / "a" / "deep.png")
    data = read(folder, validation=0, test=0)
    assert (data.x == 1).all(axis=1).sum() == 2  # nothing on white; and deepest white
    coloured = read(folder, colour=True, validation=0, test=0)
    assert coloured.inputs == 60 and coloured.image_shape is None
    assert (coloured.x == np.tile([1, 0, 0], 20)).all(axis=1).sum() == 1


def test_parts_in_folders_are_kept(folder, tmp_path):
    whole = tmp_path / "whole"
    for part in ("train", "test"):
        (whole / part).mkdir(parents=True)
    folder.rename(whole / "train" / "x")
    for label in "abc":
        (whole / "train" / "x" / label).rename(whole / "train" / label)
        (whole / "test" / label).mkdir()
        white = np.full((5, 4), 255, np.uint8)
        Image.fromarray(white).save(whole / "test" / label / "0.png")
    (whole / "train" / "x").rmdir()
    data = read(whole, validation=3)
    assert data.counts == {"train": 9, "validation": 3, "test": 3}
    assert (data.test.x == 1).all() and data.test.labels.tolist() == [0, 1, 2]


def test_images_go_through_the_network_raw(folder):
    data = read(folder, validation=0, test=0)
    want = PIXELS[0].reshape(1, -1) / np.float32(255)
    assert np.array_equal(inputs_with(folder / "a" / "00.png", data.encoding)[0], want)
    assert len(inputs_with(folder / "a", data.encoding)[0]) == 4
    assert np.array_equal(data.encoding.transform(PIXELS[:1]), want)


def write_idx(path, array):
    head = b"\0\0\x08" + bytes([array.ndim])
    sides = b"".join(side.to_bytes(4, "big") for side in array.shape)
    path.write_bytes(gzip.compress(head + sides + array.tobytes()))


def test_four_idx_files(tmp_path):
    labels = (np.arange(12) % 3).astype(np.uint8)
    for part, rows in (("train", slice(0, 9)), ("t10k", slice(9, 12))):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", PIXELS[rows])
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", labels[rows])
    data = read(tmp_path, validation=3)
    assert data.counts == {"train": 6, "validation": 3, "test": 3}
    assert np.array_equal(data.test.x, PIXELS[9:].reshape(3, -1) / np.float32(255))
    assert data.test.labels.tolist() == [0, 1, 2]
    assert len(data.files) == 4


def test_mnist_out_of_its_folder_is_mnist(data_dir):
    data = read(data_dir / "mnist")
    known = load("mnist", data_dir=data_dir)
    assert np.array_equal(data.test.x, known.test.x)
    assert np.array_equal(data.test.labels, known.test.labels)
    assert data.counts == {"train": 54_000, "validation": 6_000, "test": 10_000}
    raw = read_idx(data_dir / "mnist" / "train-images-idx3-ubyte.gz")
    share = np.sort(data.x[:60_000].sum(axis=1))
    want = np.sort((raw.reshape(60_000, -1) / np.float32(255)).sum(axis=1))
    assert np.allclose(share, want, rtol=np.finfo("float32").eps * 784)


def test_arrays_of_pixels(tmp_path):
    y = np.array(["no", "yes"] * 6)
    np.savez(tmp_path / "a.npz", x=PIXELS, y=y)
    data = read(tmp_path / "a.npz", validation=0, test=0)
    assert data.image_shape == (5, 4) and data.classes == ("no", "yes")
    np.savez(tmp_path / "keras.npz", x_train=PIXELS[:9], y_train=y[:9],
             x_test=PIXELS[9:], y_test=y[9:])  # fmt: skip
    data = read(tmp_path / "keras.npz", validation=3)
    assert data.counts == {"train": 6, "validation": 3, "test": 3}
    assert np.array_equal(data.test.x, PIXELS[9:].reshape(3, -1) / np.float32(255))


def test_arrays_of_columns(tmp_path):
    x = DRAW.normal(3, 2, (40, 3))
    np.savez(tmp_path / "a.npz", x=x, y=x @ [1.0, 2.0, 3.0])
    data = read(tmp_path / "a.npz")
    assert (data.classes, data.inputs, data.outputs) == (None, 3, 1)
    assert abs(data.train.x.mean()) < 1e-6
    again, _ = inputs_with({"1": x[:, 0], "2": x[:, 1], "3": x[:, 2]}, data.encoding)
    assert again.shape == (40, 3)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", np.arange(40) % 2)
    two = read(tmp_path / "x.npy", str(tmp_path / "y.npy"))
    assert two.classes == ("0", "1") and list(two.files) == ["x.npy", "y.npy"]
    one = read(tmp_path / "x.npy", "-1")
    assert one.inputs == 2 and one.encoding.target.task == "numbers"
    np.savez(tmp_path / "b.npz", x=x, y=np.stack([x[:, 0] > 3, x[:, 1] > 3], axis=1))
    assert read(tmp_path / "b.npz").encoding.target.task == "labels"
