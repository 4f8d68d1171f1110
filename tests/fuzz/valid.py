"""Valid inputs of our own formats, to begin with: what their writers write."""

from __future__ import annotations

import json
import math
import shutil
import struct
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as save_arrays

from pellucid import Dataset, Network, model_file, recipes, runs, split
from pellucid._safetensors import safetensors_header
from pellucid.comparison import Fit, Standings
from pellucid.data.sources import read
from pellucid.mathematics.activations import ACTIVATIONS
from pellucid.mathematics.costs import COSTS
from pellucid.mathematics.families import pick
from pellucid.mathematics.initializers import INITIALIZERS
from pellucid.mathematics.optimizers import OPTIMIZERS
from pellucid.mathematics.schedules import SCHEDULES
from pellucid.runs import checkpoints, journal
from pellucid.training.state import Best, pack

RUN = "a" * 64


def small_network(seed: int = 1, dtype: str = "float32") -> Network:
    return Network([2, 3, 2], "leaky_relu:0.25", "softmax", seed=seed, dtype=dtype)


@cache
def small_data() -> Dataset:
    """Twelve rows of two numbers and two classes, split."""
    x = np.random.RandomState(0).standard_normal((12, 2)).astype(np.float32)
    return split(Dataset.from_arrays(x, np.arange(12) % 2, name="small"))


@cache
def columns() -> dict[str, np.ndarray]:
    """A column of each kind."""
    days = np.datetime64("2020-01-01") + np.arange(40) * np.timedelta64(11, "D")
    return {
        "n": np.where(np.arange(40) % 7, np.arange(40) * 0.5, np.nan),
        "b": np.array(["no", "yes"] * 20),
        "c": np.array(["u", "v", "w", "η"] * 10),
        "d": days.astype("M8[s]"),
        "y": np.array(["ill", "well"] * 20),
        "z": np.arange(40) * 0.25,
    }


@cache
def encodings() -> list[dict[str, Any]]:
    """Encodings of a table with classes, of one with numbers, and of images."""
    found = [read(dict(columns()), name).encoding.to_json() for name in "yz"]
    pixels = {"height": 1, "width": 2, "channels": 1, "scale": 255.0}
    return [*found, {**found[0], "columns": [], "order": [], "pixels": pixels}]


def model_bytes(network: Network, about: dict[str, Any]) -> bytes:
    """A model file without a disk."""
    kept: list[bytes] = []
    write, model_file.write_atomic = (
        model_file.write_atomic,
        lambda _, d: kept.append(d),
    )
    try:
        model_file.save("model", network, about)
    finally:
        model_file.write_atomic = write
    return kept[0]


@cache
def models() -> list[bytes]:
    about = {"name": "digits", "cost": "huber:threshold=0.5", "classes": ["a", "η"]}
    encoding = read(dict(columns()), "y").encoding
    widths = [len(encoding.inputs), 2]
    words = {"classes": ["ill", "well"], "encoding": encoding.to_json()}
    return [
        model_bytes(small_network(), {**about, "image_shape": [1, 2]}),
        model_bytes(small_network(dtype="float64"), {}),
        model_bytes(Network(widths, output="softmax", seed=2), words),
    ]


def own_headers(files: list[bytes]) -> list[bytes]:
    """Our header in each of these files."""
    raw = [safetensors_header(data, "", "") for data in files]
    return [each["__metadata__"]["pellucid"].encode() for each in raw]


def outer_headers(files: list[bytes]) -> list[bytes]:
    """The header of safetensors in each of these files."""
    return [json.dumps(safetensors_header(data, "", "")).encode() for data in files]


def with_outer(data: bytes, file: bytes) -> bytes:
    """The file with another header of safetensors."""
    (length,) = struct.unpack("<Q", file[:8])
    return struct.pack("<Q", len(data)) + data + file[8 + length :]


def encoding_seeds() -> list[bytes]:
    return [json.dumps(each).encode() for each in encodings()]


def settings_seeds() -> list[bytes]:
    found = [recipes.settings(name) for name in (None, *recipes.RECIPES)]
    found.append(recipes.settings(layers=[2], optimizer="sgd", eta=0.5, clip=1.0))
    return [json.dumps(each).encode() for each in found]


def comparison_seeds() -> list[bytes]:
    """Two models on three splits, one of whose fits has no score."""
    found = Standings(["network", "svm"], [0, 1, 2])
    for place, model in enumerate(found.models):
        for seed in found.seeds:
            score = 0.9 - 0.1 * place + 0.01 * seed if seed or place else math.nan
            numbers = score, math.nan, 7.0 - place, 0.1
            found.fits.append(Fit(model, seed, *numbers, 80, 20, "why" * place))
    numbers = Standings(["network"], [5], False)
    return [json.dumps(each.to_json()).encode() for each in (found, numbers)]


FAMILIES = {
    "activation": ACTIVATIONS,
    "cost": COSTS,
    "optimizer": OPTIMIZERS,
    "initializer": INITIALIZERS,
    "schedule": SCHEDULES,
}


def words_seeds() -> list[bytes]:
    texts = [f"{name}={value}" for name, value in recipes.DEFAULTS.items()]
    for family, table in FAMILIES.items():
        texts += [f"{family}={name}" for name in table]
    more = ["activation=leaky_relu:0.25", "optimizer=adam:beta1=0.9,beta2=0.99",
            "layers=16,16", "size=28x28", "kinds=zip=category,born=date"]  # fmt: skip
    return [text.encode() for text in (*texts, *more)]


def idx_seeds() -> list[bytes]:
    import gzip

    plain = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + bytes(range(12))
    floats = bytes([0, 0, 13, 1, 0, 0, 0, 2]) + struct.pack(">2f", 1.5, -2.0)
    return [
        plain,
        floats,
        gzip.compress(plain, mtime=0),
        gzip.compress(floats, mtime=0),
    ]


@cache
def engine() -> Any:
    """One that has made a step, and its training's patience."""
    from pellucid.engines import start

    data = small_data()
    made = start(
        small_network(),
        data.train,
        cost=pick("cost", "cross_entropy", COSTS),
        optimizer=pick("optimizer", "adam", OPTIMIZERS, eta=0.1),
        engine="numpy",
    )
    made.run(np.arange(len(data.train)), 2)
    return made


@cache
def states() -> list[dict[str, np.ndarray]]:
    """With and without the best parameters."""
    theta = engine().state()["theta"]
    first = runs_reports()
    table = {"history": journal.rows(first)}
    bests = (Best(), Best(0.5, 1, theta.copy()))
    return [{**pack(engine(), 0.25, 1.5, best), **table} for best in bests]


def runs_reports() -> list[Any]:
    from pellucid.training import Report

    return [
        Report(0, 0, None, None, 0.0, monitor="test", monitor_cost=2.5, correct=1,
               count=9),
        Report(1, 40, 0.5, 1.25, 0.125, best=True),
    ]  # fmt: skip


@cache
def checkpoint_seeds() -> list[bytes]:
    return [checkpoints.to_bytes(state, RUN) for state in states()]


@cache
def checkpoint_arrays_seeds() -> list[bytes]:
    return [save_arrays(state) for state in states()]


def history_seeds() -> list[bytes]:
    return [journal.rows(runs_reports()).tobytes()]


def history_csv_seeds() -> list[bytes]:
    return [runs.history_csv(runs_reports())]


@cache
def folder() -> Path:
    """A finished run."""
    memory = Path("/dev/shm")
    parent = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    made = runs.create(parent, "small")
    data, chosen = small_data(), recipes.settings(layers=[2], epochs=1, batch_size=4)
    network = Network([2, 2, 2], seed=1)
    runs.write_start(made, chosen, data.fingerprint())
    runs.write_history(made, runs_reports())
    runs.write_end(made, network, {"name": "small"}, {"test_accuracy": 0.5})
    runs.write_json(made / "kept.json", {})
    import atexit

    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    return made


@cache
def originals() -> dict[str, bytes]:
    """The files of the run that are read as text."""
    names = (*runs.START, runs.MANIFEST, runs.DIVERGED)
    found = {n: (folder() / n).read_bytes() for n in names[:-1]}
    place = {"layer": 1, "mini_batch": 2, "epoch": 3, "sentence": "η was too large."}
    return {**found, runs.DIVERGED: json.dumps(place).encode()}


def run_folder_seeds() -> list[bytes]:
    return [bytes([n]) + data for n, data in enumerate(originals().values())]
