"""What docs/export.md shows is what comes: its commands, its C and its Python."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import typed

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "export.md").read_text()
ROWS = "height,fur\n0.4,long\n2.3,\n"


@pytest.fixture
def animals(tmp_path, monkeypatch, here):
    """A table of cats and dogs, and two rows to be answered."""
    monkeypatch.chdir(tmp_path)
    lines = [f"{0.3 + 0.1 * (n % 5)},{['long', 'short', ''][n % 3]},dog\n"
             f"{2.1 + 0.1 * (n % 5)},{['short', '', 'long'][n % 3]},cat"
             for n in range(30)]  # fmt: skip
    Path("animals.csv").write_text("\n".join(["height,fur,animal", *lines]) + "\n")
    Path("rows.csv").write_text(ROWS)
    (source,) = re.findall(r"```c\n(.*?)```", PAGE, re.DOTALL)
    Path("main.c").write_text(source)


def said_by(command, capsys):
    """What a command prints: ours, a compiler's or another program's."""
    name, *words = command.split()
    if name == "pellucid":
        said = typed(capsys, *words)
        assert said.status == 0, said
        return said.out
    name = sys.executable if name == "python" else name
    done = subprocess.run([name, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_is_true(animals, capsys):
    for package in ("onnx", "onnxruntime", "torch"):
        pytest.importorskip(package)
    blocks = re.findall(r"```(console|python)\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 5
    for kind, block in blocks:
        if kind == "python":
            example = doctest.DocTestParser().get_doctest(block, {}, "export", "", 0)
            assert doctest.DocTestRunner().run(example).failed == 0
            continue
        for call in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, quoted = call.partition("\n")
            out = said_by(command, capsys)
            for part in quoted.split("...\n"):
                wanted = re.escape(part.rstrip()).replace(re.escape("..."), ".*")
                assert re.search(rf"^{wanted}", out, re.MULTILINE), (part, out)
