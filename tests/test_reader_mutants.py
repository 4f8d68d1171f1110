"""Damaged files of every foreign format: an answer or a sentence, and nothing worse.

A process that decodes many of them stands for the child, which decodes one. It may die
(then the next one goes on behind the file that ended it), it may not hang, and no error
may leave it but those that are told.
"""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

MUTANTS = int(os.environ.get("PELLUCID_MUTANTS", "10000"))  # of each format, when slow
SECONDS_EACH = 2.0

DECODE = """
import json, os, resource, sys, time
from pellucid import InputError
from pellucid.data.decoders import child, storing
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
import numpy as np
kind, path, first, last, each = sys.argv[1], sys.argv[2], *map(float, sys.argv[3:])
whole = np.frombuffer(open(path, "rb").read(), np.uint8)
request = {"kind": kind, "path": path + ".mutant", "paths": [path + ".mutant"],
           "shown": ["it"], "size": None, "colour": False, "delimiter": None,
           "header": None, "names": [], "ignore": [], "wants": {}}
def mutant(seed):
    draw = np.random.RandomState(seed)
    data = whole.copy()
    for _ in range(draw.randint(1, 6)):
        at, what = draw.randint(len(data)), draw.randint(4)
        if what == 0:
            data[at] ^= 1 << draw.randint(8)
        elif what == 1:
            data[at : at + draw.randint(1, 9)] = draw.choice([0, 255, 127, 128])
        elif what == 2:
            data = np.delete(data, slice(at, at + draw.randint(1, 40)))
        else:
            cut = data[at : at + draw.randint(1, 40)]
            data = np.insert(data, draw.randint(len(data)), cut)
        if not len(data):
            data = whole.copy()
    return data.tobytes()
class Sink(storing.Memory):
    def reserve(self, size):
        if size > 200 << 20:
            raise InputError("too large")
        super().reserve(size)
for seed in range(int(first), int(last)):
    with open(path + ".mutant", "wb") as file:
        file.write(mutant(seed))
    print(json.dumps(["began", seed]), flush=True)
    begin, end = time.monotonic(), "read"
    try:
        child.answer(request, Sink(), lambda share: None)
    except InputError as error:
        end = "refused"
        assert str(error) and "\\n" not in str(error), error
    except MemoryError:
        end = "memory"
    except Exception as error:  # told by `main`, with its first line
        end = "failed"
    took = time.monotonic() - begin
    print(json.dumps(["ended", seed, end, took]), flush=True)
os._exit(0)  # as the child does: Arrow's threads may still be at work
"""


def whole_file(kind, path):
    """A sound file of this kind; its decoder's name."""
    draw = np.random.RandomState(1)
    if kind == "csv":
        lines = [f'{n},{n * 0.37:.3f},"word {n % 7}",2020-01-{n % 28 + 1:02}'
                 for n in range(60)]  # fmt: skip
        path.write_text("a,b,c,d\n" + "\n".join(lines) + "\n")
        return "text"
    if kind == "parquet":
        table = pa.table({"a": np.arange(60), "b": draw.rand(60),
                          "c": [f"word {n % 7}" for n in range(60)],
                          "d": [[1, 2]] * 60})  # fmt: skip
        pq.write_table(table, path)
        return "parquet"
    if kind in ("npy", "npz"):
        file = io.BytesIO()
        arrays = {"x": draw.rand(20, 3), "y": np.array(["u", "v"] * 10)}
        np.savez_compressed(file, **arrays) if kind == "npz" else np.save(
            file, arrays["x"]
        )
        path.write_bytes(file.getvalue())
        return "arrays"
    pixels = Image.fromarray(draw.randint(0, 256, (24, 20, 3)).astype(np.uint8))
    pixels.save(path, format=kind)
    return "images"


FORMATS = ["csv", "parquet", "npy", "npz", "png", "jpeg", "gif", "bmp"]


def survive(kind, tmp_path, count):
    """Decode so many mutants; how each ended."""
    path = tmp_path / f"whole.{kind}"
    decoder = whole_file(kind, path)
    ends, seed = {}, 0
    while seed < count:
        words = [decoder, path, seed, count, SECONDS_EACH]
        done = subprocess.run(
            [sys.executable, "-c", DECODE, *map(str, words)],
            capture_output=True,
            text=True,
            timeout=3000,
        )
        last = seed
        for line in done.stdout.splitlines():
            what, last, *rest = json.loads(line)
            if what == "ended":
                end, took = rest
                assert took < SECONDS_EACH, f"seed {last} of {kind} took {took:.1f} s"
                ends[end] = ends.get(end, 0) + 1
        if done.returncode == 0:
            break
        assert done.returncode < 0, done.stderr  # it died by a signal: that is told
        ends["died"] = ends.get("died", 0) + 1
        seed = last + 1
    return ends


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux sets them")
@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_files_are_read_or_refused(kind, tmp_path):
    ends = survive(kind, tmp_path, 150)
    assert sum(ends.values()) == 150 and ends.get("refused", 0) > 5, ends
    assert ends.get("died", 0) == 0, ends


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux sets them")
@pytest.mark.parametrize("kind", FORMATS)
def test_many_damaged_files_are_read_or_refused(kind, tmp_path):
    ends = survive(kind, tmp_path, MUTANTS)
    print(kind, ends)
    assert sum(ends.values()) == MUTANTS
