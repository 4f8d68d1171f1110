"""Valid input of the studio's own parsers, and what each must keep to."""

from __future__ import annotations

import json

import numpy as np

from fuzz.refusing import refuses
from pellucid import links, recipes
from pellucid.links import Edit, Link, exact
from pellucid.studio import saved, wire

PLACE = {"layer": 1, "neuron": 2, "input": 3}
BIAS = {**PLACE, "input": None}
ROW = {"part": "test", "index": 3}
INK = "AP8A/wD/AP8A/wD/AP8A/w=="

COMMANDS = [
    {"do": "set", "recipe": {"eta": 2.0, "layers": [8], "hidden": "relu"}},
    {"do": "set", "recipe": {"data": "moons", "target": None}, "train": True},
    {"do": "train"},
    {"do": "pause"},
    {"do": "step", "batches": 3},
    {"do": "step", "epochs": 1},
    {"do": "reset"},
    {"do": "new_start"},
    {"do": "goto", "step": 20},
    {"do": "open", "link": "recipe=3b1b&data=digits&layers=8,&step=20"},
    {"do": "open", "link": "data=moons&step=3&edits=2:1.0.b:0.5"},
    {"do": "link"},
    {"do": "look", "blocks": ["trace", "theta"], "example": ROW, "every_ms": 30},
    {"do": "look", "blocks": ["plane"], "perceptrons": True},
    {"do": "ack", "frame": 1},
    {"do": "examples", "part": "test", "first": 0, "count": 5, "wrong": True},
    {"do": "example", "example": ROW},
    {"do": "example", "example": {"drawn": True, "label": 3}},
    {"do": "mistake", "part": "test", "after": -1},
    {"do": "draw", "ink": INK, "shape": [4, 4], "noise": 0.1, "shift": [1, -1]},
    {"do": "draw", "upload": 1, "normalise": False, "invert": True, "seed": 3},
    {"do": "describe", "upload": 1},
    {"do": "neuron", "layer": 1, "neuron": 2, "example": ROW},
    {"do": "damage", "part": "test"},
    {"do": "cut", "layer": 2, "neuron": 1, "part": "validation"},
    {"do": "nudge", "place": PLACE, "by": 0.1, "example": ROW},
    {"do": "nudge", "place": BIAS, "by": -0.1, "part": "test"},
    {"do": "edit", "place": PLACE, "value": 0.5},
    {"do": "unedit", "all": True},
    {"do": "opened", "example": ROW, "sort": "gain", "first": 0, "count": 3},
    {"do": "opened", "batch": True, "first": 0, "count": 3},
    {"do": "stages"},
    {"do": "keep"},
    {"do": "silence", "neurons": [[1, 2], [2, 0]], "part": "test"},
    {"do": "runs"},
    {"do": "open_run", "name": "0001-digits"},
    {"do": "export", "what": "model"},
]


def command_seeds() -> list[bytes]:
    """One of each command and more."""
    return [
        json.dumps({"id": n, **words}).encode() for n, words in enumerate(COMMANDS, 1)
    ]


def frame_seeds() -> list[bytes]:
    """Frames of both kinds."""
    values = np.arange(5, dtype=np.float32)
    return [
        wire.Frame(wire.FRAME, 1, 2**40, 3, 4, values).to_bytes(),
        wire.Frame(wire.ANSWER, 2**32 - 1, 0, 0, 7, values[:0]).to_bytes(),
    ]


def link_seeds() -> list[bytes]:
    """Links of recipes, steps, edits and files."""
    edits = (Edit(60, 1, 2, 5, 0.25), Edit(100, 2, 0, None, -1e-30))
    files = exact(
        recipes.settings(
            data="upload:" + "0" * 64, target=["a&b", "100%"], kinds=["zip=category"],
            hidden=["relu"], size=[8, 8], delimiter="\t", epochs=3, optimizer="sgd",
        )
    )  # fmt: skip
    found = [Link(exact(recipes.settings(name)), 1200) for name in recipes.RECIPES]
    found += [Link(exact(recipes.settings(seed=4)), None, edits), Link(files)]
    return [each.to_text().encode() for each in found]


def saved_seeds() -> list[bytes]:
    """The file of a session."""
    words = {"format": saved.FORMAT, "version": saved.VERSION, "training": True}
    return [
        json.dumps({**words, "link": link.decode(), "run": 3}).encode()
        for link in link_seeds()
    ]


def command(data: bytes) -> None:
    """A command of the studio's page."""
    text = data.decode("utf-8", "replace")
    found = refuses(lambda: wire.parse_command(text))
    assert wire.id_of(text) is None or wire.id_of(text) >= 0
    if found is not None:
        words = {} if found.id is None else {"id": found.id}
        again = wire.parse_command(json.dumps({**words, "do": found.do, **found.words}))
        assert again == found


def frame(data: bytes) -> None:
    """A binary message of the studio."""
    found = refuses(lambda: wire.parse_frame(data))
    assert found is None or found.to_bytes() == data


def link(data: bytes) -> None:
    """The link of a run."""
    text = data.decode("utf-8", "replace")
    found = refuses(lambda: links.parse(text))
    if found is not None:
        again = found.to_text()
        assert links.parse(again) == found and "~" not in again and "#" not in again


def session(data: bytes) -> None:
    """What lies on the disk of a session."""
    refuses(lambda: saved.parse_saved(data))
