"""Our own parsers, each given any bytes: an answer or an InputError, nothing else.

A target also looks at what was accepted: written back, it must mean the same.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from fuzz import studio
from fuzz.refusing import refuses
from fuzz.valid import (
    FAMILIES,
    RUN,
    checkpoint_arrays_seeds,
    checkpoint_seeds,
    comparison_seeds,
    encoding_seeds,
    engine,
    folder,
    history_csv_seeds,
    history_seeds,
    idx_seeds,
    model_bytes,
    models,
    originals,
    outer_headers,
    own_headers,
    run_folder_seeds,
    settings_seeds,
    small_data,
    small_network,
    states,
    with_outer,
    words_seeds,
)
from pellucid import Encoding, InputError, Network, model_file, recipes, report, runs
from pellucid._safetensors import parse_json
from pellucid.cli import runs as cli_runs
from pellucid.cli import show
from pellucid.cli.options import Opened
from pellucid.cli.work import unfinished
from pellucid.comparison import Standings
from pellucid.data.published.idx import parse_idx
from pellucid.data.tables import Column, Table
from pellucid.mathematics.families import pick, spell
from pellucid.mathematics.network import Parameters
from pellucid.plots import CurvesDisplay
from pellucid.runs import checkpoints, index, journal, verify
from pellucid.training.state import unpack

SMALL = 4_096  # parameters of a network that is built to go on with


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


# Model files


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


# What a comparison left in a run's folder


def comparison(data: bytes) -> None:
    """comparison.json: read, and told as the report tells it."""
    found = refuses(
        lambda: Standings.from_json(parse_json(data, "comparison"), "comparison")
    )
    if found is not None:
        assert Standings.from_json(found.to_json()).csv() == found.csv()
        assert found.answer() and all(found.say(model) for model in found.models)


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


# Checkpoints


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


def history(data: bytes) -> None:
    """The history in a checkpoint: rows of numbers."""
    table = np.frombuffer(data[: len(data) // 8 * 8])
    found = refuses(lambda: journal.reports(table, "run"))
    if found is not None:
        rows = journal.rows(found).ravel()
        assert np.array_equal(rows, table, equal_nan=True)
        CurvesDisplay.from_reports(found)


# The folder of a run


def history_csv(data: bytes) -> None:
    """history.csv, as figures and `verify` read it."""
    path = folder() / "history.csv"
    path.write_bytes(data)
    found = refuses(lambda: CurvesDisplay.from_run(folder()))
    if found is not None:
        assert found.alt
    assert isinstance(verify._lines(data), list)


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


TARGETS = {
    "model": Target(model, models),
    "model_header": Target(model_header, lambda: own_headers(models()), json=True),
    "model_outer": Target(model_outer, lambda: outer_headers(models()), json=True),
    "encoding": Target(encoding, encoding_seeds, json=True),
    "settings": Target(settings, settings_seeds, json=True),
    "words": Target(words, words_seeds),
    "comparison": Target(comparison, comparison_seeds, json=True),
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
    "studio_command": Target(studio.command, studio.command_seeds, json=True),
    "studio_frame": Target(studio.frame, studio.frame_seeds),
    "studio_link": Target(studio.link, studio.link_seeds),
    "studio_session": Target(studio.session, studio.saved_seeds, json=True),
}
