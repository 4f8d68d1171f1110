"""A model file comes back bit for bit; what may stand in it, and how it is written."""

import json
import os
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import ACTIVATIONS, InputError, Network, _limits, model_file
from pellucid._safetensors import parse_json
from pellucid.model_file import load, parse, save

ABOUT = {
    "name": "digits",
    "cost": "huber:threshold=0.5",
    "classes": ["nought", "η [bold]", ""],
    "image_shape": [1, 2],
}
HIDDEN = [
    name
    for name, sigma in ACTIVATIONS.items()
    if not sigma.output_only
] + ["leaky_relu:0.25", "elu:alpha=1.5"]  # fmt: skip
OUTPUTS = [*HIDDEN, "softmax", "exponential"]


def same(network, other):
    return (
        network.sizes == other.sizes
        and network.sigma == other.sigma
        and network.dtype == other.dtype
        and network.weights_sha256() == other.weights_sha256()
    )


def written(network, about=None):
    """The bytes of the model file of this network."""
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_file, "write_atomic", lambda path, data: kept.append(data))
        save("model", network, about)
    return kept[0]


NETWORK = Network([2, 3], output="sigmoid", seed=1)
DATA = written(NETWORK, ABOUT)


def refused(data):
    """The sentence about these bytes."""
    with pytest.raises(InputError) as error:
        parse(data, "model")
    return str(error.value)


def headers():
    """The two headers of DATA: safetensors' and, without the checksum, our own."""
    length = struct.unpack("<Q", DATA[:8])[0]
    raw = json.loads(DATA[8 : 8 + length])
    header = json.loads(raw["__metadata__"]["pellucid"])
    del header["sha256"]
    return raw, header


def forged(change=lambda header: None, raw_change=lambda raw: None):
    """DATA with other words in its headers and a checksum that is right for them."""
    raw, header = headers()
    change(header)
    header.setdefault("sha256", model_file._checksum(header, NETWORK.parameters))
    raw["__metadata__"]["pellucid"] = json.dumps(header)
    raw_change(raw)
    text = json.dumps(raw, separators=(",", ":")).encode()
    return (
        struct.pack("<Q", len(text)) + text + DATA[-NETWORK.parameters.theta.nbytes :]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_every_activation_comes_back(tmp_path, output, dtype):
    for number, hidden in enumerate(HIDDEN):
        network = Network([3, 4, 2], hidden, output, seed=number, dtype=dtype)
        save(tmp_path / "model", network)
        found, about = load(tmp_path / "model")
        assert same(found, network) and about == {}


TEXTS = st.text(max_size=8)


@settings(max_examples=100, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=6),
    dtype=st.sampled_from(["float32", "float64"]),
    data=st.data(),
)
def test_any_network_comes_back_bit_for_bit(sizes, dtype, data):
    network = Network(sizes, data.draw(st.sampled_from(HIDDEN)), dtype=dtype)
    theta = network.parameters.theta
    bits = data.draw(st.binary(min_size=theta.nbytes, max_size=theta.nbytes))
    theta[:] = np.frombuffer(bits, dtype)
    theta[~np.isfinite(theta)] = -0.0
    about = {
        "name": data.draw(TEXTS),
        "classes": data.draw(st.lists(TEXTS, min_size=sizes[-1], max_size=sizes[-1])),
        "image_shape": [1, sizes[0]],
    }
    file = written(network, about)
    found, said = parse(file, "model")
    assert same(found, network) and said == about
    assert written(found, said) == file


def test_deepest_network_comes_back():
    network = Network([1] * _limits.LAYERS, "leaky_relu:0.123456789", "identity")
    assert same(parse(written(network), "model")[0], network)


def test_what_is_loaded_does_not_share_memory_with_another_load(tmp_path):
    save(tmp_path / "model", NETWORK)
    first, second = load(tmp_path / "model")[0], load(tmp_path / "model")[0]
    first.w[1][:] = 7
    assert same(second, NETWORK)


@pytest.mark.parametrize(
    "about, words",
    [
        (
            {"nmae": "x"},
            "about may hold name, cost, classes, image_shape, encoding, confidence; "
            "got 'nmae'",
        ),
        ({"name": ("x",)}, "got 'name' with a tuple"),
        ({"cost": 3}, "got 'cost' with a int"),
        ({"classes": "abc"}, "got 'classes' with a str"),
        ({"classes": ["a", "b"]}, "there must be one class an output, 3; got 2"),
        ({"classes": [1, 2, 3]}, "the classes must be texts"),
        ({"image_shape": [2, 2]}, "height times width 2; got another"),
        ({"image_shape": [2]}, "image_shape must be (height, width)"),
        ({"image_shape": [-1, -2]}, "image_shape must be (height, width)"),
        ({"image_shape": [1.0, 2.0]}, "image_shape must be (height, width)"),
    ],
)
def test_about_holds_only_what_is_known(about, words, tmp_path):
    with pytest.raises(InputError) as error:
        save(tmp_path / "model", NETWORK, about)
    assert words in str(error.value)
    assert os.listdir(tmp_path) == []
    forge = forged(lambda header: header.update(about=about))
    assert words.removeprefix("about ").replace("tuple", "list") in refused(forge)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_neither_written_nor_read(tmp_path, value):
    network = NETWORK.copy()
    network.w[1][2, 1] = value
    with pytest.raises(InputError, match="must hold finite weights and biases"):
        save(tmp_path / "model", network)
    assert os.listdir(tmp_path) == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "isfinite", lambda theta: np.ones(theta.shape, bool))
        data = written(network)
    assert "must hold finite weights" in refused(data)


def test_names_too_long_for_the_header_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"a string of 65,537 characters; at most"):
        save(tmp_path / "model", NETWORK, {"name": "n" * 65_537})
    monkeypatch.setattr(_limits, "MODEL_HEADER_BYTES", 300)
    with pytest.raises(InputError, match=r"limit MODEL_HEADER_BYTES\); got"):
        save(tmp_path / "model", NETWORK, ABOUT)


def test_nothing_is_written_that_would_not_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(_limits, "MODEL_FILE_BYTES", len(DATA) - 1)
    with pytest.raises(InputError, match=r"limit MODEL_FILE_BYTES\); got"):
        save(tmp_path / "model", NETWORK, ABOUT)
    (tmp_path / "model").write_bytes(DATA)
    with pytest.raises(InputError, match="the model file must have at most"):
        load(tmp_path / "model")


def test_a_write_that_fails_leaves_the_old_file_and_names_it(tmp_path, monkeypatch):
    path = tmp_path / "model"
    save(path, NETWORK)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError) as error:
        save(path, Network([5, 6]))
    assert error.value.filename == str(path)
    assert same(load(path)[0], NETWORK)
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.parametrize(
    "text, words",
    [
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1e999}', "1e999 is no number"),
        (b'{"a": 1, "a": 1}', "a key stands twice"),
        (b"[" * 10 + b"]" * 10, "nested deeper than 8 (limit JSON_DEPTH)"),
        (b"[" * 100_000 + b"]" * 100_000, "nested deeper than 8 (limit JSON_DEPTH)"),
        (b'["' + b"x" * 65_537 + b'"]', "a string of 65,537 characters"),
        ('{"a": 1}'.encode("utf-16"), "must be JSON in UTF-8"),
        (b"\xef\xbb\xbf{}", "can't be read as JSON"),
        (b"9" * 5000, "can't be read as JSON"),
        (b"", "can't be read as JSON"),
    ],
)
def test_json_is_strict(text, words):
    with pytest.raises(InputError) as error:
        parse_json(text, "settings.json")
    assert str(error.value).startswith("settings.json ") and words in str(error.value)


def test_json_within_the_limits_is_read():
    deep = json.loads("[" * 8 + "]" * 8)
    value = {"a": [1, -2.5, "η", None, True], "b": deep, "c": "x" * 65_536}
    assert parse_json(json.dumps(value["a"]).encode(), "file") == value["a"]
    assert parse_json(json.dumps(value["b"]).encode(), "file") == value["b"]
    assert parse_json(json.dumps(value["c"]).encode(), "file") == value["c"]
