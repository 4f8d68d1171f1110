"""Our own parsers, each given any bytes: an answer or an InputError, nothing else.

A target also looks at what was accepted: written back, it must mean the same.
"""

from __future__ import annotations

import json
import shutil
import struct
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from pellucid import (
    Dataset,
    Encoding,
    InputError,
    Network,
    checkpoints,
    index,
    journal,
    model_file,
    recipes,
    report,
    runs,
    split,
    verify,
)
from pellucid._safetensors import parse_json, safetensors_header
from pellucid.cli import runs as cli_runs
from pellucid.cli import show
from pellucid.cli.options import Opened
from pellucid.cli.work import unfinished
from pellucid.data.idx import parse_idx
from pellucid.data.sources import read
from pellucid.data.tables import Column, Table
from pellucid.mathematics.activations import ACTIVATIONS
from pellucid.mathematics.costs import COSTS
from pellucid.mathematics.families import pick, spell
from pellucid.mathematics.initializers import INITIALIZERS
from pellucid.mathematics.network import Parameters
from pellucid.mathematics.optimizers import OPTIMIZERS
from pellucid.mathematics.schedules import SCHEDULES
from pellucid.plots import CurvesDisplay
from pellucid.state import Best, pack, unpack

LONGEST = 700  # characters of a sentence
SMALL = 4_096  # parameters of a network that is built to go on with
RUN = "a" * 64


@dataclass(frozen=True)
class Target:
    """A parser.

    Attributes:
        one: gives it these bytes; fails where it does what it must not.
        seeds: valid inputs to begin with.
        json: whether these are JSON.
    """

    one: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    json: bool = False


def refuses(call: Callable[[], Any]) -> Any:
    """What the call gives; None where it refuses in a sentence."""
    try:
        return call()
    except InputError as error:
        sentence = str(error)
        assert sentence and "\n" not in sentence.strip(), sentence[:LONGEST]
        assert len(sentence) <= LONGEST, sentence[:LONGEST]
        return None


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


# Model files


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


def model(data: bytes) -> None:
    """A model file, its bytes."""
    found = refuses(lambda: model_file.parse(data, "model"))
    if found is None:
        return
    network, about = found
    again, said = model_file.parse(model_bytes(network, about), "model")
    assert again.weights_sha256() == network.weights_sha256() and said == about
    assert (again.sizes, again.sigma) == (network.sizes, network.sigma)
    opened = Opened(Path("model"), network, about)
    refuses(lambda: opened.cost)
    assert opened.encoding is None or opened.encoding.describe()


def model_header(data: bytes) -> None:
    """A model file, its own header, with a checksum and arrays that fit."""
    header = refuses(lambda: parse_json(data, "header"))
    if not isinstance(header, dict):
        return
    sizes, dtype = header.get("sizes"), header.get("dtype")
    fits = isinstance(sizes, list) and len(sizes) > 1
    fits = fits and all(type(n) is int and 0 < n < SMALL for n in sizes)
    network = small_network()
    if fits and Parameters.count(sizes) <= SMALL and dtype in ("float32", "float64"):
        network = Network(sizes, dtype=dtype, initializer="zeros")
    header.pop("sha256", None)
    header["sha256"] = model_file._checksum(header, network.parameters)
    text = {"pellucid": json.dumps(header)}
    model(save_arrays(model_file._arrays(network), text))


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


def model_outer(data: bytes) -> None:
    """A model file, the header of safetensors."""
    for file in models():
        model(with_outer(data, file))


# What is inside

RAW: dict[str, np.ndarray] = {
    "numeric": np.array([0.0, -1e300, 7.5, np.nan]),
    "boolean": np.array([0.0, 1.0, np.nan, 2.0]),
    "date": np.array(["1970-01-01", "9999-12-31", "NaT", "0001-01-01"], "M8[s]"),
}
TEXTS = ("u", "no", "", "1.0")


def encoding(data: bytes) -> None:
    """An encoding, and rows that it encodes."""
    words = refuses(lambda: parse_json(data, "encoding"))
    found = refuses(lambda: Encoding.from_json(words, "encoding"))
    if found is None:
        return
    assert Encoding.from_json(found.to_json()) == found
    assert found.describe()
    x = refuses(lambda: found.transform(raw_rows(found)))
    assert x is None or np.isfinite(x).all(), "inputs that are not finite"
    if found.target.outputs <= SMALL:
        found.decode(np.zeros((1, found.target.outputs), np.float32))


def raw_rows(found: Encoding) -> Any:
    """Rows as the encoding wants them."""
    if found.pixels is not None:
        if found.pixels.inputs > SMALL:
            raise InputError("more pixels than are tried here")
        return np.zeros((1, found.pixels.inputs))
    made: dict[str, Column] = {}
    for column in found.columns:
        texts = column.kind == "category" or (
            column.kind == "boolean" and isinstance(column.values[0], str)
        )
        coded = Column(np.array([0, 1, -1, 3]), TEXTS)
        made[column.name] = (
            coded if texts else Column(RAW.get(column.kind, RAW["numeric"]))
        )
    return Table(made, 4)


def encoding_seeds() -> list[bytes]:
    return [json.dumps(each).encode() for each in encodings()]


def settings(data: bytes) -> None:
    """Settings, and the network and the training that they ask for."""
    words = refuses(lambda: parse_json(data, "settings.json"))
    if not isinstance(words, dict):
        return
    found = refuses(lambda: recipes.check(words, "settings.json"))
    if found is None:
        return
    assert recipes.check(json.loads(json.dumps(found)), "settings.json") == found
    assert report.command(found).startswith("pellucid train")
    runs.identity(found, {})
    sizes = [2, *found["layers"], 2]
    if all(0 < n <= SMALL for n in sizes) and Parameters.count(sizes) > SMALL:
        return  # a large network is no mistake, but takes its time
    network = refuses(lambda: recipes.build(found, small_data()))
    if network is not None:
        refuses(lambda: recipes.run(found, network, small_data()))


def settings_seeds() -> list[bytes]:
    found = [recipes.settings(name) for name in (None, *recipes.RECIPES)]
    found.append(recipes.settings(layers=[2], optimizer="sgd", eta=0.5, clip=1.0))
    return [json.dumps(each).encode() for each in found]


FAMILIES = {
    "activation": ACTIVATIONS,
    "cost": COSTS,
    "optimizer": OPTIMIZERS,
    "initializer": INITIALIZERS,
    "schedule": SCHEDULES,
}


def words(data: bytes) -> None:
    """What is typed for a setting or a member of a family: its name, then its text."""
    name, _, text = data.decode("utf-8", "replace").partition("=")
    if name in recipes.KINDS:
        refuses(lambda: recipes.parse(name, text))
    elif name in FAMILIES:
        given = {"eta": 0.1} if name == "optimizer" else {}
        given |= {"steps": 10} if name == "schedule" else {}
        found = refuses(lambda: pick(name, text, FAMILIES[name], **given))
        if found is not None:
            assert pick(name, spell(found), FAMILIES[name], **given) == found


def words_seeds() -> list[bytes]:
    texts = [f"{name}={value}" for name, value in recipes.DEFAULTS.items()]
    for family, table in FAMILIES.items():
        texts += [f"{family}={name}" for name in table]
    more = ["activation=leaky_relu:0.25", "optimizer=adam:beta1=0.9,beta2=0.99",
            "layers=16,16", "size=28x28", "kinds=zip=category,born=date"]  # fmt: skip
    return [text.encode() for text in (*texts, *more)]


# IDX


def idx(data: bytes) -> None:
    """An IDX file, packed or not."""
    found = refuses(lambda: parse_idx(data, "idx"))
    if found is None:
        return
    big = found.astype(found.dtype.newbyteorder(">"))
    kinds = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
    head = bytes([0, 0, kinds[found.dtype.str[1:]], found.ndim])
    sizes = struct.pack(f">{found.ndim}I", *found.shape)
    again = parse_idx(head + sizes + big.tobytes(), "idx")
    assert again.shape == found.shape and again.tobytes() == found.tobytes()


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


# Checkpoints


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
    return [{**pack(engine(), 0.25, best), **table} for best in bests]


def runs_reports() -> list[Any]:
    from pellucid.training import Report

    return [
        Report(0, 0, None, None, 0.0, monitor="test", monitor_cost=2.5, correct=1,
               count=9),
        Report(1, 40, 0.5, 1.25, 0.125, best=True),
    ]  # fmt: skip


def checkpoint(data: bytes) -> None:
    """A checkpoint, its bytes."""
    found = refuses(lambda: checkpoints.parse(data, "checkpoint"))
    if found is None:
        return
    owner, arrays = found
    again = checkpoints.parse(checkpoints.to_bytes(arrays, owner), "checkpoint")
    assert again[0] == owner and again[1].keys() == arrays.keys()
    assert all(again[1][n].tobytes() == a.tobytes() for n, a in arrays.items())
    state = dict(arrays)
    table = state.pop("history", np.zeros(0))
    refuses(lambda: journal.reports(table, "run"))
    for patient in (False, True):
        refuses(lambda p=patient: unpack(dict(state), engine(), 1_000, p))


def checkpoint_arrays(data: bytes) -> None:
    """A checkpoint, its arrays, with a header and a checksum that fit."""
    try:
        arrays = load_arrays(data)
        step = int(arrays["step"][0])
    except (
        SafetensorError,
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        OverflowError,
    ):
        return  # not ours: what `checkpoint` tries
    except Exception as error:  # safetensors has errors of its own
        if "safetensors" in type(error).__module__.lower():
            return
        raise
    header = {"format": checkpoints.FORMAT, "version": 1, "run": RUN, "step": step}
    header["sha256"] = checkpoints._checksum(header, arrays)
    checkpoint(save_arrays(arrays, {"pellucid": json.dumps(header)}))


def checkpoint_header(data: bytes) -> None:
    """A checkpoint, its own header, with a checksum that fits."""
    header = refuses(lambda: parse_json(data, "header"))
    if isinstance(header, dict):
        header.pop("sha256", None)
        header["sha256"] = checkpoints._checksum(header, states()[0])
        checkpoint(save_arrays(states()[0], {"pellucid": json.dumps(header)}))


def checkpoint_outer(data: bytes) -> None:
    """A checkpoint, the header of safetensors."""
    for file in checkpoint_seeds():
        checkpoint(with_outer(data, file))


def checkpoint_seeds() -> list[bytes]:
    return [checkpoints.to_bytes(state, RUN) for state in states()]


def checkpoint_arrays_seeds() -> list[bytes]:
    return [save_arrays(state) for state in states()]


def history(data: bytes) -> None:
    """The history in a checkpoint: rows of numbers."""
    table = np.frombuffer(data[: len(data) // 8 * 8])
    found = refuses(lambda: journal.reports(table, "run"))
    if found is not None:
        rows = journal.rows(found).ravel()
        assert np.array_equal(rows, table, equal_nan=True)
        CurvesDisplay.from_reports(found)


def history_seeds() -> list[bytes]:
    return [journal.rows(runs_reports()).tobytes()]


# The folder of a run


def history_csv(data: bytes) -> None:
    """history.csv, as figures and `verify` read it."""
    path = folder() / "history.csv"
    path.write_bytes(data)
    found = refuses(lambda: CurvesDisplay.from_run(folder()))
    if found is not None:
        assert found.alt
    assert isinstance(verify._lines(data), list)


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


def run_folder(data: bytes) -> None:
    """One file of a run: its number, then its bytes; and all that looks at runs."""
    place = folder()
    kept = originals()
    names = list(kept)
    name = names[data[0] % len(names)] if data else names[0]
    (place / name).write_bytes(data[1:])
    if name == runs.DIVERGED:
        (place / runs.MANIFEST).unlink()
    try:
        look(place)
    finally:
        (place / runs.DIVERGED).unlink(missing_ok=True)
        for other in {name, runs.MANIFEST} - {runs.DIVERGED}:
            (place / other).write_bytes(kept[other])


def look(place: Path) -> None:
    """What every command does with a run before it trains or draws."""
    one = index.entry(place)
    assert one.status in ("finished", "diverged", "damaged"), one.status
    shown = [*cli_runs._line(one), *map(cli_runs._text, one.data.values())]
    shown += map(cli_runs._text, one.result.values())
    shown += map(cli_runs._text, dict(one.settings or {}).values())
    assert all(isinstance(show.clean(text), str) for text in (*shown, one.reason))
    json.dumps(show._plain(cli_runs._object(one)), allow_nan=False)
    refuses(lambda: index.compare([one, one]))
    refuses(lambda: unfinished(str(place), str(place.parent)))
    refuses(lambda: runs.check_data(place, small_data().fingerprint()))
    if (place / runs.MANIFEST).exists():
        refuses(lambda: runs.read_result(place))
        with suppress(StopIteration):
            refuses(lambda: verify.verify(place, small_data(), stop))


def stop(reports: Any) -> Any:
    """Ends a verification where it would train."""
    raise StopIteration


def run_folder_seeds() -> list[bytes]:
    return [bytes([n]) + data for n, data in enumerate(originals().values())]


TARGETS = {
    "model": Target(model, models),
    "model_header": Target(model_header, lambda: own_headers(models()), json=True),
    "model_outer": Target(model_outer, lambda: outer_headers(models()), json=True),
    "encoding": Target(encoding, encoding_seeds, json=True),
    "settings": Target(settings, settings_seeds, json=True),
    "words": Target(words, words_seeds),
    "idx": Target(idx, idx_seeds),
    "checkpoint": Target(checkpoint, checkpoint_seeds),
    "checkpoint_arrays": Target(checkpoint_arrays, checkpoint_arrays_seeds),
    "checkpoint_header": Target(
        checkpoint_header, lambda: own_headers(checkpoint_seeds()), json=True
    ),
    "checkpoint_outer": Target(
        checkpoint_outer, lambda: outer_headers(checkpoint_seeds()), json=True
    ),
    "history": Target(history, history_seeds),
    "history_csv": Target(history_csv, history_csv_seeds),
    "run_folder": Target(run_folder, run_folder_seeds, json=True),
}
