"""Foreign files by the hundred thousand: python tests/fuzz/foreign.py KIND --inputs N.

In the product one process decodes one file. Here one decodes many, with that process's
limit of memory and its decoders, and is started again behind the file that ended it.
What it decodes also goes through what the parent makes of it, up to a Dataset.

A mutant may be read or refused in a sentence, may need too much memory, may end the
process by a signal: all of that is told in the product. It must not hang, and nothing
else may leave a decoder or the parent's part. Files that end the process or fail are
written to kept/KIND.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import io
import json
import mmap
import os
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402

from fuzz.mutate import mutant  # noqa: E402

KEPT = HERE / "kept"
HANG = 2.0  # seconds for one file
MOST = 200 << 20  # bytes that a file may become
ENDS = ("read", "refused", "memory", "failed")
"""failed: an exception that the product's child tells as "it is damaged"."""
BROKEN = 3  # exit status: a promise was broken, and told on standard error


def encoded(image: Any, kind: str, **words: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format=kind, **words)
    return file.getvalue()


@functools.cache
def seeds(kind: str) -> tuple[bytes, ...]:
    """Sound files of a kind."""
    tables = {"csv": texts, "parquet": parquets, "npy": arrays, "npz": archives}
    return tuple(tables[kind]() if kind in tables else images(kind))


def texts() -> list[bytes]:
    lines = [f'{n},{n * 0.37:.3f},"word {n % 7}",2020-01-{n % 28 + 1:02},{"uv"[n % 2]}'
             for n in range(60)]  # fmt: skip
    plain = ("a,b,c,d,y\n" + "\n".join(lines) + "\n").encode()
    german = "\ufeffGröße;Straße;y\r\n" + "".join(
        f'1{n % 10},5;"Am ""Tor"" {n % 3}";{n % 2}\r\n' for n in range(40)
    )
    bare = "".join(f"{n % 9}\t{n % 4}\t?\t{n * n % 11}\n" for n in range(50))
    return [plain, german.encode(), bare.encode(), gzip.compress(plain, mtime=0)]


def parquets() -> list[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = np.random.RandomState(1)
    days = np.datetime64("2020-01-01") + np.arange(60)
    columns = {
        "a": np.arange(60),
        "b": pa.array([None if n % 9 == 0 else n * 0.5 for n in range(60)]),
        "c": [f"word {n % 7}" for n in range(60)],
        "d": pa.array(days.astype("M8[ms]")),
        "e": pa.array([bool(n % 3) for n in range(60)]),
        "y": pa.array(["u", "v"] * 30).dictionary_encode(),
    }
    nested = {"a": draw.rand(60), "l": [[1, 2]] * 60, "m": [{"k": 1}] * 60,
              "n": pa.array(range(60), pa.decimal128(9, 2)),
              "y": [0, 1] * 30}  # fmt: skip
    found = []
    for table, words in (
        (columns, {"compression": "snappy"}),
        (columns, {"compression": "none", "use_dictionary": False,
                   "row_group_size": 20, "data_page_version": "2.0"}),
        (nested, {"compression": "zstd"}),
        (columns, {"compression": "gzip", "write_page_checksum": False}),
    ):  # fmt: skip
        file = io.BytesIO()
        pq.write_table(pa.table(table), file, **words)
        found.append(file.getvalue())
    return found


def arrays() -> list[bytes]:
    draw = np.random.RandomState(1)
    found = []
    for array in (draw.rand(20, 3), np.array([b"u", b"v\xc3\xb6"] * 5),
                  draw.randint(0, 9, (12, 4)).astype(">i2"),
                  np.asfortranarray(draw.rand(6, 5).astype("f4")),
                  np.array([["u", "vw"], ["x", "y"]])):  # fmt: skip
        file = io.BytesIO()
        np.save(file, array)
        found.append(file.getvalue())
    return found


def archives() -> list[bytes]:
    draw = np.random.RandomState(1)
    x, y = draw.rand(20, 3), np.array(["u", "v"] * 10)
    pictures = draw.randint(0, 256, (12, 4, 4)).astype(np.uint8)
    names = np.arange(12) % 3
    found = []
    for save, words in (
        (np.savez, {"x": x, "y": y}),
        (np.savez_compressed, {"x": x, "y": x[:, :2]}),
        (np.savez, {"x": x, "y": np.array([b"u", b"v\xc3\xb6"] * 10)}),
        (np.savez, {"x_train": pictures, "y_train": names, "x_test": pictures,
                    "y_test": names}),
    ):  # fmt: skip
        file = io.BytesIO()
        save(file, **words)
        found.append(file.getvalue())
    return found


def images(kind: str) -> list[bytes]:
    from PIL import Image

    draw = np.random.RandomState(1)
    colour = Image.fromarray(draw.randint(0, 256, (24, 20, 3)).astype(np.uint8))
    grey, palette = colour.convert("L"), colour.convert("P")
    turned = Image.Exif()
    turned[0x0112] = 6
    ways: dict[str, list[tuple[Any, dict[str, Any]]]] = {
        "png": [(colour, {}), (palette, {"transparency": 3}),
                (grey, {"optimize": True}), (colour.convert("RGBA"), {}),
                (grey.convert("I;16"), {}),
                (grey.convert("1"), {})],
        "jpeg": [(colour, {}), (grey, {"progressive": True}),
                 (colour, {"exif": turned}), (colour.convert("CMYK"), {})],
        "gif": [(palette, {}), (grey, {"save_all": True, "append_images": [grey] * 2}),
                (palette, {"transparency": 1, "interlace": 1})],
        "bmp": [(colour, {}), (grey, {}), (grey.convert("1"), {}), (palette, {})],
    }  # fmt: skip
    return [encoded(image, kind, **words) for image, words in ways[kind]]


def made(kind: str, seed: int) -> bytes:
    """The mutant of this number; half of those of packed files are packed anew."""
    random = Random(seed)
    data = random.choice(seeds(kind))
    inside = random.random() < 0.5
    if inside and data.startswith(b"\x1f\x8b"):
        return gzip.compress(mutant(random, gzip.decompress(data)), 1, mtime=0)
    if inside and kind == "npz":
        return repacked(random, data)
    found = mutant(random, data, seeds(kind))
    return checked(found) if inside and kind == "png" else found


def repacked(random: Random, data: bytes) -> bytes:
    """One of the arrays in a .npz changed, and its checksum too."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        names = old.namelist()
        chosen = random.choice(names)
        for name in names:
            array = old.read(name)
            new.writestr(name, mutant(random, array) if name == chosen else array)
    return file.getvalue()


def checked(data: bytes) -> bytes:
    """A PNG whose chunks have the checksums that fit them."""
    found, place = bytearray(data[:8]), 8
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        body = data[place + 4 : place + 8 + length]
        found += data[place : place + 4] + body + struct.pack(">I", zlib.crc32(body))
        place += 12 + length
    return bytes(found) + data[place:]


DECODERS = {"csv": "text", "parquet": "parquet", "npy": "arrays", "npz": "arrays"}


class Bench:
    """Decodes one file after the other, as the product's child does."""

    def __init__(self, kind: str, path: Path):
        from pellucid import InputError
        from pellucid.data.decoders import child, storing

        class Sink(storing.Memory):
            def reserve(self, size: int) -> None:
                if size > MOST:
                    raise InputError("decoded it is larger than what is tried here.")
                super().reserve(size)

        self.kind, self.path, self.sink, self.child = kind, path, Sink, child
        self.request = {
            "kind": DECODERS.get(kind, "images"), "path": str(path),
            "paths": [str(path)], "shown": ["it"], "size": None, "colour": False,
            "delimiter": None, "header": None, "names": [], "ignore": [], "wants": {},
        }  # fmt: skip

    def one(self, data: bytes) -> str:
        """How it ends; any other error than those that are told goes on."""
        from pellucid import InputError

        self.path.write_bytes(data)
        sink = self.sink()
        try:
            header = self.child.answer(self.request, sink, lambda share: None)
        except InputError as error:
            sound(str(error))
            return "refused"
        except MemoryError:
            return "memory"
        except Exception:
            return "failed"
        try:
            self.take(json.loads(json.dumps(header)), sink.bytes)
        except InputError as error:
            sound(str(error))
        return "read"

    def take(self, header: Any, data: Any) -> None:
        """What the parent makes of it."""
        from pellucid.data import numpy_files, sources, tables
        from pellucid.data.images import folder as images
        from pellucid.data.reader import Decoded

        found = Decoded(header, data)
        for module in (tables, images, numpy_files):
            module.decode = lambda *_, **__: found
        if self.kind in ("npy", "npz"):
            numpy_files.read_arrays(self.path)
            sources.read(self.path)
        elif self.kind in DECODERS:
            sources.read(self.path, "-1")
        else:
            images.decode_images([self.path], None, False, None, "it")


def sound(sentence: str) -> None:
    assert sentence and "\n" not in sentence and len(sentence) < 1_000, sentence


def serve(kind: str, first: int, last: int, place: str) -> None:
    """Decode mutants first ... last - 1; where it stands is in a shared file."""
    from pellucid import _limits
    from pellucid.data.decoders import child

    with open(f"{place}/state", "r+b") as file:
        state = np.frombuffer(mmap.mmap(file.fileno(), 0), np.int64)
    bench = Bench(kind, Path(place, f"mutant.{kind}"))
    child.die_with_parent(os.getppid())
    bench.one(seeds(kind)[0])
    child.limit_memory(_limits.READER_BASE_BYTES)
    for seed in range(first, last):
        state[0] = seed
        begin = time.thread_time_ns()
        try:
            end = bench.one(made(kind, seed))
        except BaseException:
            traceback.print_exc()
            print(f"{kind} {seed}", file=sys.stderr, flush=True)
            os._exit(BROKEN)
        state[1 + ENDS.index(end)] += 1
        state[5] = max(state[5], time.thread_time_ns() - begin)
        if end == "memory":  # what is left of it could spoil the next
            state[0] += 1
            os._exit(0)
    state[0] = last
    os._exit(0)  # as the child does: Arrow's threads may still be at work


def campaign(kind: str, inputs: int, first: int = 0, seconds: float = 1e9) -> Counter:
    """Decode so many mutants; how they ended, with "died", "hung" and "broken"."""
    ends: Counter[str] = Counter()
    end_at, last = time.monotonic() + seconds, first + inputs
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        with open(f"{place}/state", "w+b") as file:
            file.write(bytes(64))
            file.flush()
            state = np.frombuffer(mmap.mmap(file.fileno(), 64), np.int64)
        at = first
        while at < last and time.monotonic() < end_at:
            words = [kind, "--serve", str(at), str(last), place]
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__)), *words],
                stdin=subprocess.PIPE, env={**os.environ, **lean()},
            )  # fmt: skip
            with process:
                why = watch(process, state, end_at)
            at = int(state[0])
            if why and at < last:
                ends[why] += 1
                keep(kind, made(kind, at))
                at += 1
        ends.update(dict(zip(ENDS, map(int, state[1:5]), strict=True)))
        ends["slowest_ms"] = int(state[5] // 1_000_000)
    return ends


def lean() -> dict[str, str]:
    """The product's settings of a child's memory."""
    from pellucid.data.reader import LEAN

    return LEAN


def watch(process: subprocess.Popen, state: Any, end_at: float) -> str:
    """Wait for the process; what went wrong with the file it stands at, or ""."""
    seen, since, before = -1, time.monotonic(), 0.0
    while process.poll() is None:
        time.sleep(0.05)
        now, work = time.monotonic(), worked(process.pid)
        if int(state[1:5].sum()) != seen:
            seen, since, before = int(state[1:5].sum()), now, work
        patience = 20.0 if seen == 0 else HANG  # first it imports the decoders
        # Of its own time, for the machine may be busy; or it sleeps for ever.
        hangs = work - before > patience or now - since > 60 * HANG
        if hangs or now > end_at:
            process.kill()
            process.wait()
            return "hung" if hangs else ""
    if process.returncode == 0:
        return ""
    return "broken" if process.returncode == BROKEN else "died"


def worked(pid: int) -> float:
    """Seconds of a processor that a process has had."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def keep(kind: str, data: bytes) -> None:
    (KEPT / kind).mkdir(parents=True, exist_ok=True)
    (KEPT / kind / f"{zlib.crc32(data):08x}").write_bytes(data)


def main() -> None:
    if sys.argv[2:3] == ["--serve"]:
        serve(sys.argv[1], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9)
    asked = parser.parse_args()
    begin = time.monotonic()
    ends = campaign(asked.kind, asked.inputs, asked.first, asked.seconds)
    took = time.monotonic() - begin
    count = sum(ends.values()) - ends["slowest_ms"]
    print(
        f"{asked.kind}: {count:,} in {took:.0f} s, {count / took:,.0f}/s, {dict(ends)}"
    )
    bad = ends["hung"] + ends["broken"] or ends["slowest_ms"] > 1000 * HANG
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
