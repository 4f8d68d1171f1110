"""A truncated, altered or foreign model file is refused in a sentence; nothing runs."""

import io
import os
import pickle
import random
import struct
import time
import tracemalloc

import numpy as np
import pytest
from safetensors.numpy import save as to_safetensors

from pellucid import InputError, Network, _limits, model_file
from pellucid.model_file import load, parse
from test_model_file import (
    ABOUT,
    DATA,
    NETWORK,
    forged,
    headers,
    refused,
    same,
    written,
)


def test_forged_file_without_a_lie_is_read():
    network, about = parse(forged(), "model")
    assert same(network, NETWORK) and about == ABOUT


def test_truncated_file_is_refused_wherever_it_ends():
    for length in range(len(DATA)):
        sentence = refused(DATA[:length])
        assert length < 9 or "truncated" in sentence
    assert "damaged" in refused(DATA + b"\0")


def test_every_altered_byte_is_noticed():
    assert same(parse(DATA, "model")[0], NETWORK)
    for place, byte in enumerate(DATA):
        for other in (byte ^ 1, byte ^ 0x20, byte ^ 0x80, 0x00, 0x20, 0x0A, 0x30, 0x31):
            if other != byte:
                refused(DATA[:place] + bytes([other]) + DATA[place + 1 :])


def test_altered_weights_and_words_are_told():
    assert "altered after it was written" in refused(DATA[:-1] + bytes([DATA[-1] ^ 1]))
    old = "e3" * 32
    lie = forged(lambda header: header.update(activations=["tanh"], sha256=old))
    assert "altered after it was written" in refused(lie)


BOUNDARY = [
    None, True, False, 0, 1, -1, 2, 1000, 1001, 2**24, 2**24 + 1, 2**31, 2**32, 2**63,
    2**64, 10**400, 0.5, -0.0, 1e308, "", "x", "float64", "relu:" + "9" * 400, [], [0],
    [1, 1], [2**63, 2**63], [2**24] * 1000, [[[[]]]], {}, {"x": 1}, ["softmax"] * 2,
]  # fmt: skip


def places(value, path=()):
    """The paths to every value inside a JSON value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def replaced(tree, path, value):
    for key in path[:-1]:
        tree = tree[key]
    tree[path[-1]] = value


def means_the_same_or_is_refused(data):
    try:
        network, _ = parse(data, "model")
    except InputError as error:
        assert len(str(error)) < 400, str(error)
    else:
        assert network.sizes == NETWORK.sizes and network.dtype == NETWORK.dtype
        assert network.weights_sha256() == NETWORK.weights_sha256()


def test_every_field_of_our_header_with_every_boundary_value():
    tried = 0
    for path in places(headers()[1]):
        for value in BOUNDARY:
            data = forged(lambda header: replaced(header, path, value))  # noqa: B023
            means_the_same_or_is_refused(data)
            tried += 1
    for key in headers()[1]:
        assert "damaged pellucid header" in refused(forged(lambda h: h.pop(key, 0)))  # noqa: B023
    assert tried > 400


def test_every_field_of_the_outer_header_with_every_boundary_value():
    raw, _ = headers()
    for path in places(raw):
        for value in BOUNDARY:
            lie = forged(raw_change=lambda raw: replaced(raw, path, value))  # noqa: B023
            means_the_same_or_is_refused(lie)
    for key in ("w1", "b1"):
        assert f"must hold {key}" in refused(forged(raw_change=lambda r: r.pop(key)))  # noqa: B023
    for other in (b"\xff" * 8, struct.pack("<Q", 2**63), struct.pack("<Q", 0)):
        refused(other + DATA[8:])


def test_huge_sizes_are_refused_before_anything_is_allocated(monkeypatch):
    monkeypatch.setattr(model_file, "Network", None)  # must not be reached
    sizes = [2**24, 2**24]
    lie = forged(
        lambda h: h.update(sizes=sizes), lambda raw: raw["w1"].update(shape=sizes)
    )
    tracemalloc.start()
    assert "truncated: its arrays must have 1,125,899,973,951,488 bytes" in refused(lie)
    long = struct.pack("<Q", _limits.MODEL_HEADER_BYTES + 1) + DATA[8:]
    assert "limit MODEL_HEADER_BYTES" in refused(long)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def mutant(chance, data, other):
    """A file with one to four edits, or the head of one and the tail of another."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        piece = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
        word = chance.choice(
            [b"9" * 30, b"-1", b"{", b"]", b'"', b"null", b"1e999", b" "]
        )
        edit = chance.randrange(6)
        if edit == 0:
            data[place : place + len(piece)] = piece
        elif edit == 1:
            data[place:place] = chance.choice([piece, word])
        elif edit == 2:
            del data[place : place + chance.choice([1, 8, 100])]
        elif edit == 3:
            data[place : place + len(word)] = word
        elif edit == 4:
            start = chance.randrange(len(data) + 1)
            data[place:place] = data[start : start + chance.choice([1, 8, 64])]
        else:
            data[place:] = other[place:]
    if chance.random() < 0.5 and len(data) > 8:  # so that more gets past the length
        struct.pack_into("<Q", data, 0, max(bytes(data).rfind(b"}") - 7, 0))
    return bytes(data)


def test_five_thousand_mutants_are_refused_quickly_or_mean_the_same():
    other = written(Network([2, 4, 3], "tanh", "softmax", dtype="float64"), ABOUT)
    tracemalloc.start()
    slowest = 0.0
    for seed in range(5_000):
        data = mutant(random.Random(seed), DATA, other)
        begin = time.thread_time()
        try:
            network, _ = parse(data, "model")
        except InputError:
            pass
        else:
            assert same(network, NETWORK) or same(network, parse(other, "")[0]), seed
        slowest = max(slowest, time.thread_time() - begin)
    assert slowest < 0.1
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


class Bomb:
    """An object whose pickle creates a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_pickle_is_refused_and_not_executed(tmp_path):
    target = tmp_path / "executed"
    model = tmp_path / "model.safetensors"
    archive = io.BytesIO()
    np.savez(archive, w1=np.array([Bomb(target)], object), allow_pickle=True)
    array = io.BytesIO()
    np.save(array, np.array([Bomb(target)], object), allow_pickle=True)
    bombs = [pickle.dumps(Bomb(target), protocol) for protocol in range(6)]
    for data in (*bombs, archive.getvalue(), array.getvalue()):
        model.write_bytes(data)
        with pytest.raises(InputError) as error:
            load(model)
        assert "never opened" in str(error.value)
        assert not target.exists()
    pickle.loads(bombs[-1])
    assert target.exists(), "the bomb would have gone off"


@pytest.mark.parametrize("data", [b"", b"{", b"hello, world", b"\x89PNG\r\n\x1a\n" * 9])
def test_foreign_file_is_refused(data):
    assert "must be a model file written by pellucid" in refused(data)


def test_safetensors_of_another_program_is_refused():
    data = to_safetensors({"w1": np.ones((2, 2), "float32")}, {"format": "pt"})
    assert "written by another program" in refused(data)


def test_missing_file_and_folder_are_told(tmp_path):
    with pytest.raises(InputError, match="the model file must exist; nothing is at"):
        load(tmp_path / "absent")
    with pytest.raises(InputError, match="the model file must be a file"):
        load(tmp_path)


@pytest.mark.parametrize("version", [2, 3, 10**300])
def test_newer_version_is_told_whatever_else_has_changed(version):
    lie = forged(lambda header: (header.clear(), header.update(version=version)))
    assert "written by a newer one. Upgrade pellucid." in refused(lie)


def test_a_second_header_beside_ours_is_refused():
    lie = forged(raw_change=lambda raw: raw["__metadata__"].update(format="np"))
    assert "damaged pellucid header" in refused(lie)


def test_two_arrays_in_one_place_are_refused():
    def overlap(raw):
        raw["b1"]["data_offsets"] = raw["w1"]["data_offsets"]

    assert "damaged" in refused(forged(raw_change=overlap))
