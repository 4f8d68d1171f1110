"""IDX files: the array comes back whole, or one sentence does."""

import gzip
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import _limits
from pellucid._errors import InputError
from pellucid.data.published.idx import TYPES, parse_idx, read_idx, unpack_idx


def idx(array, code=0x08, shape=None):
    """The bytes of an IDX file."""
    shape = array.shape if shape is None else shape
    sizes = struct.pack(f">{len(shape)}I", *shape)
    return bytes([0, 0, code, len(shape)]) + sizes + array.tobytes()


IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
RAW = idx(IMAGES)
PACKED = gzip.compress(RAW, mtime=0)


def refusal(data):
    """The sentence for these bytes, which must name the file."""
    with pytest.raises(InputError) as error:
        parse_idx(data, "some-file")
    assert str(error.value).startswith("some-file must ")
    return str(error.value)


@pytest.mark.parametrize("data", [RAW, PACKED], ids=["raw", "gzip"])
def test_bytes_become_the_array(data):
    found = parse_idx(data, "some-file")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, IMAGES)


@pytest.mark.parametrize("code, kind", TYPES.items())
def test_every_type_is_read_largest_byte_first_and_given_in_the_machine_s_order(
    code, kind
):
    array = np.array([[1, 2, 3], [4, 5, 100]]).astype(kind)
    found = parse_idx(idx(array, code), "some-file")
    np.testing.assert_array_equal(found, array)
    assert found.dtype.isnative
    assert found.dtype.itemsize == array.dtype.itemsize


def test_a_byte_is_signed_only_where_the_type_says_so():
    byte = np.array([255], np.uint8)
    assert parse_idx(idx(byte, 0x08), "file")[0] == 255
    assert parse_idx(idx(byte, 0x09), "file")[0] == -1


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=_limits.IDX_DIMENSIONS),
    packed=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_any_shape_comes_back(shape, packed):
    array = np.arange(math.prod(shape)).astype(np.uint8).reshape(shape)
    data = gzip.compress(idx(array), 1) if packed else idx(array)
    np.testing.assert_array_equal(parse_idx(data, "file"), array)


def test_a_file_is_read_from_disk_packed_or_not(tmp_path):
    for data in (RAW, PACKED):
        (tmp_path / "images").write_bytes(data)
        np.testing.assert_array_equal(read_idx(tmp_path / "images"), IMAGES)
    (tmp_path / "images").write_bytes(RAW[:-1])
    with pytest.raises(InputError, match=f"^{tmp_path}/images must have"):
        read_idx(str(tmp_path / "images"))
    with pytest.raises(InputError, match="an IDX file must exist; nothing is at"):
        read_idx(tmp_path / "absent")


@pytest.mark.parametrize(
    "data, came",
    [(b"", "no bytes"), (b"\x89PNG\r\n", "89 50 4e 47"), (b"\0\0\x08", "00 00 08"),
     (b"\0\0\x07\x01", "00 00 07 01"), (b"\0\x01\x08\x01", "00 01 08 01")],
)  # fmt: skip
def test_a_foreign_file_is_refused_with_its_first_bytes(data, came):
    assert refusal(data) == (
        "some-file must be an IDX file, which starts 00 00 and a type such as 08; "
        f"got {came}. Is it the right file?"
    )


@pytest.mark.parametrize("dimensions", [0, 9, 255])
def test_too_many_dimensions_or_none_are_refused(dimensions):
    data = bytes([0, 0, 8, dimensions]) + bytes([0, 0, 0, 1]) * dimensions + b"\0"
    sentence = refusal(data)
    assert f"1 to 8 dimensions (the limit IDX_DIMENSIONS); got {dimensions}" in sentence


def test_a_header_cut_short_is_refused():
    assert "must have a header of 16 bytes; got 10 in all" in refusal(RAW[:10])


@pytest.mark.parametrize(
    "cut, words",
    [(RAW[:-1], "got 39: it is truncated"),
     (RAW[:16], "got 16: it is truncated"),
     (RAW + b"\0", "got 41: something follows the values")],
)  # fmt: skip
def test_another_length_than_announced_is_refused(cut, words):
    sentence = refusal(cut)
    assert "must have the 40 bytes that its header announces" in sentence
    assert words in sentence


@pytest.mark.parametrize(
    "shape", [(0,), (5, 0, 2), (1 << 30, 2), (0xFFFFFFFF,) * 8, (1 << 16,) * 4]
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_sizes_that_overflow_or_exceed_the_limit_are_refused_unread(shape, pack):
    sentence = refusal(pack(idx(np.zeros(4, np.uint8), shape=shape)))
    assert (
        f"1 to {_limits.IDX_BYTES:,} bytes of values (the limit IDX_BYTES)" in sentence
    )
    assert f"its header announces {'×'.join(map(str, shape))}." in sentence


def test_the_limit_counts_bytes_not_values(monkeypatch):
    monkeypatch.setattr(_limits, "IDX_BYTES", 24)
    parse_idx(RAW, "file")
    assert "1 to 24 bytes" in refusal(idx(np.zeros((2, 2), ">f8"), 0x0E))


def test_a_gzip_bomb_is_left_at_the_first_byte_too_many():
    import tracemalloc

    bomb = gzip.compress(RAW + bytes(50 << 20), 9)
    tracemalloc.start()
    sentence = refusal(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "must have the 40 bytes that its header announces; got more" in sentence
    assert peak < 1 << 20


@pytest.mark.parametrize(
    "data, words",
    [(PACKED[:-1], "must be whole gzip; it ends too early"),
     (PACKED[:12], "must be whole gzip; it ends too early"),
     (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "must be whole gzip; it is damaged"),
     (PACKED[:2] + b"\xff" + PACKED[3:], "must be whole gzip; it is damaged"),
     (PACKED + PACKED, "must be whole gzip; something follows it"),
     (PACKED + b"\0", "must be whole gzip; something follows it"),
     (gzip.compress(RAW[:-1]), "got 39: it is truncated"),
     (gzip.compress(RAW[:10]), "must have a header of 16 bytes; got 10 in all"),
     (gzip.compress(PACKED), "must be an IDX file"),
     (gzip.compress(b"text"), "must be an IDX file")],
)  # fmt: skip
def test_bad_gzip_is_refused(data, words):
    assert words in refusal(data)


def test_unpacking_gives_the_bytes_and_leaves_raw_ones_alone():
    assert unpack_idx(PACKED, "file") == RAW
    assert unpack_idx(RAW, "file") is RAW


edits = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "insert", "repeat"]),
        st.integers(0, 100),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=4,
)


@given(start=st.sampled_from([RAW, PACKED, idx(IMAGES, 0x09)]), edits=edits)
@settings(max_examples=1_500, deadline=None)
def test_a_mutated_file_gives_an_array_or_a_sentence(start, edits):
    data = bytearray(start)
    for edit, place, value in edits:
        place = min(place, len(data))
        if edit == "set" and place < len(data):
            data[place] = value
        elif edit == "cut":
            del data[place : place + value % 16 + 1]
        elif edit == "insert":
            data[place:place] = bytes([value]) * (value % 5 + 1)
        else:
            data[place:place] = data[:place]
    try:
        found = parse_idx(bytes(data), "some-file")
    except InputError as error:
        assert str(error).startswith("some-file must ")
    else:
        assert found.nbytes <= 100_000


@given(
    data=st.binary(max_size=80),
    head=st.sampled_from([b"", b"\0\0\x08", b"\x1f\x8b\x08"]),
)
@settings(max_examples=1_000, deadline=None)
def test_any_bytes_give_an_array_or_a_sentence(data, head):
    try:
        parse_idx(head + data, "some-file")
    except InputError as error:
        assert str(error).startswith("some-file must ")
