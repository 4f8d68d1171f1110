"""The process that decodes foreign files: whatever becomes of it is one sentence."""

import mmap
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pellucid import InputError, _limits
from pellucid.data import reader
from pellucid.data.decoders import child
from pellucid.data.sources import read
from pellucid.data.tables import read_table
from reading import put

ROWS = "".join(f"{n},{n * 0.5},{'uv'[n % 2]}\n" for n in range(50))


@pytest.fixture
def path(tmp_path):
    return put(tmp_path / "a.csv", "a,b,y\n" + ROWS)


def refused(path):
    with pytest.raises(InputError) as caught:
        read_table(path)
    return str(caught.value)


def test_a_file_is_decoded_elsewhere_and_not_copied(path):
    shares = []
    table = read_table(path, progress=shares.append)
    assert table["b"].values.tolist() == [n * 0.5 for n in range(50)]
    assert not table["b"].values.flags.owndata
    assert not table["b"].values.flags.writeable
    assert shares and all(0 <= share <= 1 for share in shares)


def test_the_child_says_what_is_wrong_with_the_file(tmp_path):
    sentence = refused(put(tmp_path / "a.csv", "a,b\n1,2\n3\n"))
    assert sentence.startswith(f"{tmp_path / 'a.csv'}: each row must have 2 cells")


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL", "SIGBUS"])
def test_a_decoder_that_dies_is_one_sentence(path, monkeypatch, name):
    number = int(getattr(signal, name))
    monkeypatch.setattr(reader, "BOOT", f"import os; os.kill(os.getpid(), {number})")
    sentence = refused(path)
    assert f"its decoder ended early, by the signal {name}" in sentence


def test_a_decoder_that_leaves_without_an_answer_is_one_sentence(path, monkeypatch):
    monkeypatch.setattr(reader, "BOOT", "import sys; sys.exit('no numpy here')")
    assert "ended early, with status 1 (no numpy here)" in refused(path)


def test_an_answer_that_is_not_whole_is_one_sentence(path, monkeypatch):
    lie = "import sys; sys.stderr.write('{\"done\": [0, 99]}\\n')"
    monkeypatch.setattr(reader, "BOOT", lie)
    assert "what its decoder left is not whole" in refused(path)


def test_a_decoder_that_says_nothing_is_ended(path, monkeypatch, tmp_path):
    monkeypatch.setattr(_limits, "READER_SILENCE_SECONDS", 0.5)
    mark = tmp_path / "number"
    boot = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid()))"
    monkeypatch.setattr(reader, "BOOT", f"{boot}; time.sleep(60)")
    start = time.monotonic()
    assert "its decoder made no progress for 0.5 s" in refused(path)
    assert time.monotonic() - start < 10
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_file_that_decodes_to_too_much_for_its_decoder_is_one_sentence(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(_limits, "READER_BASE_BYTES", 150 << 20)
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros((1000, 30_000)), y=[0, 1])
    with pytest.raises(InputError, match=r"must be decodable in [\d,]+ bytes of mem"):
        read(tmp_path / "bomb.npz")


def test_a_table_that_is_too_large_is_refused_before_it_is_decoded(tmp_path):
    """A small Parquet file may stand for very many rows."""
    whole = pa.table({"a": np.zeros(1_000_000), "b": np.zeros(1_000_000)})
    pq.write_table(whole, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 10_000
    shares = []
    words = {"kind": "parquet", "path": str(tmp_path / "a.parquet"), "ignore": []}
    with open(tmp_path / "out", "w+b") as out, pytest.raises(InputError) as caught:
        child.answer(
            {**words, "wants": {}}, child.FileSink(out, 500_000), shares.append
        )
    assert "half of the free memory, 500,000 bytes; decoded it takes" in str(
        caught.value
    )
    assert max(shares) < 0.5  # known before all of it is read, let alone written
    assert (tmp_path / "out").stat().st_size == 0


def test_nothing_beside_the_data_is_imported(path, monkeypatch, tmp_path):
    """A folder of somebody else's may hold a pyarrow.py."""
    for name in ("pyarrow", "numpy", "json", "pellucid"):
        (tmp_path / f"{name}.py").write_text("import os; os._exit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert read_table("a.csv").rows == 50


@pytest.mark.skipif(sys.platform != "linux", reason="uses /proc")
def test_a_decoder_does_not_outlive_the_one_who_asked(tmp_path, path):
    mark = tmp_path / "number"
    code = (
        "from pellucid.data import reader, tables\n"
        f"reader.BOOT = '''import os, json, sys, time\n"
        "from pellucid.data.decoders import child\n"
        "request = json.loads(sys.stdin.buffer.readline())\n"
        "child.die_with_parent(request['parent'])\n"
        f"open({str(mark)!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(60)'''.replace('import os', "
        "'import sys; sys.path[:] = __import__(\"json\").loads(sys.argv[1]); import os'"
        ", 1)\n"
        f"tables.read_table({str(path)!r})\n"
    )
    asking = subprocess.Popen([sys.executable, "-c", code])
    try:
        wait(lambda: mark.exists() and mark.read_text())
        number = int(mark.read_text())
        assert os.path.exists(f"/proc/{number}")
        asking.kill()
        asking.wait()
        wait(lambda: not alive(number))
    finally:
        asking.kill()
        asking.wait()


def wait(condition):
    """Until the condition holds, 20 seconds at most."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(number):
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_free_memory_is_known():
    assert 1 << 20 < reader.free_memory() < 1 << 50


PEAK = """
import resource, sys
from pellucid.data import reader
from pellucid.data.sources import read
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
data = read(sys.argv[1], "y")
size = data.x.nbytes + data.y.nbytes
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(size, (after - before) * 1024, child * 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts in KiB on Linux")
def test_a_large_table_takes_twice_its_size_at_most(tmp_path):
    """PELLUCID_LARGE_CSV: its megabytes; the promise is for 2,000."""
    megabytes = int(os.environ.get("PELLUCID_LARGE_CSV", "200"))
    columns = 20
    draw = np.random.RandomState(0)
    block = draw.normal(size=(5000, columns))
    row = "".join(",".join(f"{v:.6f}" for v in line) + ",u\n" for line in block)
    row += "".join(",".join(f"{v:.6f}" for v in line) + ",v\n" for line in block)
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write(",".join(f"c{n}" for n in range(columns)) + ",y\n")
        for _ in range(max(1, (megabytes << 20) // len(row))):
            file.write(row)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, check=True
    )
    in_memory, asking, decoding = (int(word) for word in done.stdout.split())
    programs = 40 << 20  # what is imported on the way
    assert asking <= 2 * in_memory + programs, (asking, in_memory)
    # The decoder is another process, which has ended; its size does not grow.
    assert decoding <= 240 << 20, decoding


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_mapped_column_is_let_go_and_comes_back(tmp_path):
    (tmp_path / "it").write_bytes(np.arange(1 << 22).tobytes())
    with open(tmp_path / "it", "rb") as file:
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    column = np.frombuffer(whole, np.uint8)[8:].view(np.int64)
    want = column.sum()
    held = mapped_bytes()
    reader.let_go(column)
    assert held - mapped_bytes() > 0.9 * column.nbytes
    assert column.sum() == want
    reader.let_go(np.arange(9))  # nothing to be let go of: nothing is done


def mapped_bytes():
    """What this process holds of files."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[2]) * mmap.PAGESIZE
