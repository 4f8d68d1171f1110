"""Valid input of the studio's own parsers, and what each must keep to."""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any

import numpy as np

from fuzz.refusing import refuses
from pellucid import links, recipes
from pellucid.data import PARTS
from pellucid.links import Edit, Link, exact
from pellucid.studio import saved, wire, words

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


# Commands whose words are all allowed, at the ends of what is


MOST = 2**32 - 1
WHOLE = [0, 1, 7, 9, 63, 64, 359, MOST]
NUMBERS = [0.0, -0.0, 1e-300, -0.1, 0.5, 3.4e38, -1.7e308]
MOVES = [-1_000, -9, -8, -7, 0, 1, 8, 9, 1_000]
SIDES = [1, 2, 8, 200, 1_000]
FLAGS = [True, False]
RECIPES = [
    {"layers": []},
    {"layers": [1, 40], "hidden": "relu", "initializer": "zeros"},
    {"layers": [8], "eta": 1e30, "optimizer": "adam"},
    {"optimizer": "lbfgs", "epochs": 2, "dropout": 0.0},
    {"optimizer": "sgd", "batch_size": 1_000, "dropout": 0.99},
    {"data": "moons", "batch_size": 1, "epochs": 1},
    {"data": "digits", "batch_size": 16, "epochs": 4, "eta": 1.0},
    {"dtype": "float64", "hidden": "tanh", "output": "identity", "cost": "quadratic"},
    {"dtype": "float32", "output": "softmax", "cost": "cross_entropy", "l1": 1e-3},
    {"patience": 1, "monitor": "validation", "schedule": "cosine"},
    {"epochs": 10**9},
]


def edges(random: Random) -> dict[str, Any]:
    """A command of which every word fits, on its own."""
    do = random.choice(sorted(words.COMMANDS))
    shape = words.COMMANDS[do]
    some = [name for name in shape.may if random.random() < 0.5]
    return {"do": do, **{name: edge(random, name) for name in [*shape.need, *some]}}


def edge(random: Random, name: str) -> Any:
    """A word of a command, at an end of what it may be."""
    pick = random.choice
    if name == "ink":
        size = pick(SIDES[:4]) * pick(SIDES[:4])
        return base64.b64encode(random.randbytes(size)).decode()
    if name == "example":
        drawn = {"drawn": True}
        of_data = {"part": pick(PARTS), "index": pick(WHOLE)}
        return pick([of_data, drawn, {**drawn, "label": pick([0, 9, 1_000])}])
    if name == "place":
        where = {"layer": pick([1, 2, 3, 1_000]), "neuron": pick(WHOLE)}
        return {**where, "input": pick([None, *WHOLE])}
    pools: dict[str, Any] = {
        "recipe": RECIPES, "part": PARTS, "sort": words.SORTS, "what": ["model"],
        "by": NUMBERS, "value": NUMBERS, "noise": [0.0, 1e-300, 0.5, 1.0],
        "shift": [[a, b] for a in MOVES for b in MOVES],
        "shape": [[a, b] for a in SIDES for b in SIDES],
        "neurons": [[], [[1, 0]], [[1, 0], [1, 0]], [[2, 7], [1, 3]], [[3, MOST]]],
        "blocks": [[], ["trace"], ["theta", "plane"], list(words.BLOCKS)],
        "layer": [1, 2, 3, 1_000], "count": [1, 2, 200], "after": [-1, *WHOLE],
        "batches": [1, 2, MOST], "epochs": [1, MOST], "every_ms": [0, 30, 60_000],
        "link": [each["link"] for each in COMMANDS if "link" in each],
        "name": ["0001-digits", "..", "", "x" * 300],
        **dict.fromkeys(("normalise", "invert", "wrong", "perceptrons"), FLAGS),
        **dict.fromkeys(("train", "all", "batch"), FLAGS),
    }  # fmt: skip
    return pick(pools.get(name, WHOLE))
