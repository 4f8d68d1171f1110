"""Pieces of the studio without a server: links, frames, tokens, ports."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from pellucid import InputError, _limits, recipes
from pellucid.cli.studio import _first
from pellucid.links import Edit, Link, exact, parse
from pellucid.recipes import RECIPES
from pellucid.studio.server import bind, forget_token, token_for
from pellucid.studio.wire import (
    ANSWER,
    HEAD,
    Frame,
    laid_out,
    parse_command,
    parse_frame,
    to_text,
)

TEXTS = some.text(min_size=1, max_size=20)
EDITS = some.builds(
    Edit,
    some.integers(0, 10**9),
    some.integers(1, 999),
    some.integers(0, 10**7),
    some.none() | some.integers(0, 10**7),
    some.floats(allow_nan=False, allow_infinity=False),
)
LINKS = some.builds(
    lambda recipe, words, step, edits: Link(
        exact({**recipes.settings(recipe), **words}),
        step,
        tuple(sorted(edits, key=lambda edit: edit.step)),
    ),
    some.sampled_from([None, *RECIPES]),
    some.fixed_dictionaries(
        {},
        optional={
            "seed": some.integers(0, 2**32 - 1),
            "layers": some.lists(some.integers(1, 500), max_size=3),
            "hidden": some.sampled_from(["relu", "tanh"])
            | some.lists(some.sampled_from(["relu", "tanh"]), min_size=1, max_size=3),
            "eta": some.none() | some.floats(allow_nan=False, allow_infinity=False),
            "cost": some.none() | TEXTS,
            "data": TEXTS,
            "target": some.none() | some.lists(TEXTS, min_size=1, max_size=3),
            "kinds": some.lists(TEXTS, min_size=1, max_size=3),
            "delimiter": some.none() | TEXTS,
            "size": some.none() | some.lists(some.integers(1, 99), max_size=2),
        },
    ),
    some.none() | some.integers(0, 10**9),
    some.lists(EDITS, max_size=3),
)


@given(LINKS)
def test_a_link_is_read_back_to_the_same(link):
    text = link.to_text()
    assert parse(text) == link
    assert text.isascii() and not set(text) & set("#~ \n\"'<>")


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_s_link_is_its_name(name):
    assert Link(exact(recipes.settings(name))).to_text() == f"recipe={name}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("layers", "must be words like layers=30"),
        ("seed=1&seed=1", "it stands twice"),
        ("layer=3", "Did you mean 'layers'"),
        ("recipe=fast", "recipe must be one of the known"),
        ("seed=x", "seed must be a whole number"),
        ("seed=1_0", "seed must be a whole number"),
        ("eta=nan", "eta must be a finite number"),
        ("l2=1e999", "l2 must be a finite number"),
        ("eta=" + "9" * 50, "eta must be a number"),
        ("layers=3,x", "layers must be a whole number"),
        ("step=-1", "step of a link must be a whole number or end"),
        ("step=٣", "step of a link must be"),
        ("step=12x", "step of a link must be"),
        ("data=%ff", "must be UTF-8"),
        ("data=\ud800", "must be whole characters"),
        ("edits=1:2", "edit of a link must be step:layer.neuron.input:value"),
        ("edits=1:1.1.1:1e999", "edit of a link must be"),
        ("edits=2:1.1.b:1;1:1.1.b:1", "in the order of their steps"),
        ("edits=" + ";".join(["1:1.1.b:1"] * 201), "limit STUDIO_EDITS"),
        ("seed=" + "1" * 20_000, "limit STUDIO_LINK_CHARACTERS"),
    ],
)
def test_what_is_no_link_is_refused_in_words(text, words):
    with pytest.raises(InputError, match=words.replace(".", r"\.")):
        parse(text)


def test_a_frame_is_as_the_protocol_says():
    data = Frame(ANSWER, 2, 2**33, 5, 7, np.array([1.5, -2.0])).to_bytes()
    assert HEAD.size == 32 and data[:4] == b"pl\x01\x02"
    assert data[4:8] == (2).to_bytes(4, "little")
    assert data[8:16] == (2**33).to_bytes(8, "little")
    assert data[16:32] == b"".join(n.to_bytes(4, "little") for n in (5, 7, 2, 0))
    assert data[32:] == np.array([1.5, -2.0], "<f4").tobytes()
    assert parse_frame(data).values.tolist() == [1.5, -2.0]
    for wrong in (b"", data[:-1], data + b"x", b"x" + data[1:], data[:28] + b"\1" * 12):
        with pytest.raises(InputError, match="a frame"):
            parse_frame(wrong)


def test_where_blocks_lie():
    layout, values = laid_out({"w1": np.zeros((2, 3)), "wish_a2": np.ones(4)})
    assert [line["offset"] for line in layout] == [0, 6] and len(values) == 10
    assert [line["layer"] for line in layout] == [1, 2]
    assert layout[0]["shape"] == [2, 3]


def test_numbers_that_json_lacks_become_null():
    said = to_text(
        {"a": float("nan"), "b": np.float32(1.5), "c": np.array([np.inf, 1])}
    )
    assert said == '{"a":null,"b":1.5,"c":[null,1.0]}'


def test_a_token_outlives_a_kill_and_no_orderly_end(tmp_path):
    first = token_for(8765, tmp_path)
    assert len(first) == 43 and token_for(8765, tmp_path) == first
    assert token_for(8766, tmp_path) != first
    path = tmp_path / "studio-8765"
    assert os.stat(path).st_mode & 0o077 == 0
    os.utime(path, (0, 0))  # long ago
    assert token_for(8765, tmp_path) != first
    second = token_for(8765, tmp_path)
    path.write_text("short")
    assert token_for(8765, tmp_path) not in (second, "short")
    forget_token(8765, tmp_path)
    assert not path.exists()


def test_a_port_that_is_taken_gives_way_to_the_next():
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with bind("127.0.0.1", port) as other:
            assert port < other.getsockname()[1] < port + 20


def test_it_opens_with_data_that_are_there(tmp_path, monkeypatch):
    assert _first(None, None, str(tmp_path))["data"] == "digits"
    (tmp_path / "mnist").mkdir()
    assert _first(None, None, str(tmp_path))["data"] == "mnist"
    assert _first(None, "moons", None)["layers"] == [16, 16]
    assert _first("nielsen-30", None, None)["layers"] == [30]


def test_a_command_that_is_too_long_is_refused_before_it_is_read():
    with pytest.raises(InputError, match="limit STUDIO_COMMAND_BYTES"):
        parse_command("x" * (_limits.STUDIO_COMMAND_BYTES + 1))
