"""What docs/troubles.md says is there, and its commands say what it quotes."""

import doctest
import importlib
import re
from pathlib import Path

import pytest
import typer

from command_line import typed
from pellucid import cli

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "troubles.md").read_text()
SECTIONS = re.findall(
    r"^## (\d+)\. (.*?)\n(.*?)(?=^## )", PAGE, re.DOTALL | re.MULTILINE
)
CONSOLE = [
    (number, block)
    for number, _, text in SECTIONS
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)
]
PYTHON = [
    (number, block)
    for number, _, text in SECTIONS
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
]
SEVEN = [(40, 60), (110, 60), (70, 170)]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a digit drawn in dark ink, and back-propagation with y - a."""
    from PIL import Image, ImageDraw

    monkeypatch.chdir(tmp_path)
    picture = Image.new("L", (160, 220), 225)
    ImageDraw.Draw(picture).line(SEVEN, fill=40, width=11, joint="curve")
    picture.save("seven.png")
    right = (ROOT / "examples" / "own_backprop.py").read_text()
    Path("wrong.py").write_text(right.replace("a[-1] - y", "y - a[-1]"))


def test_all_twenty_five_are_there():
    assert [int(number) for number, *_ in SECTIONS] == list(range(1, 26))
    assert "](docs/troubles.md)" in (ROOT / "README.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("number, block", CONSOLE)
def test_commands_say_what_is_quoted(number, block, here, capsys):
    for call in re.split(r"^\$ pellucid ", block, flags=re.MULTILINE)[1:]:
        command, _, quoted = call.partition("\n")
        said = typed(capsys, *command.split())
        out = said.out + said.err
        for part in quoted.split("...\n"):
            wanted = re.escape(part.rstrip()).replace(re.escape("..."), ".*")
            assert re.search(rf"^{wanted}", out, re.MULTILINE), (part, out)


@pytest.mark.parametrize("number, block", PYTHON)
def test_python_prints_what_is_quoted(number, block):
    example = doctest.DocTestParser().get_doctest(block, {}, f"trouble {number}", "", 0)
    assert example.examples
    failed, _ = doctest.DocTestRunner().run(example)
    assert failed == 0


def test_every_command_and_option_that_is_named_exists():
    app = typer.main.get_command(cli.app)
    found = re.findall(r"[`$] ?pellucid ([a-z-]+)([^`\n]*)", PAGE)
    assert len(found) > 20
    for name, words in found:
        command = app.commands[name]
        first = words.split()[0] if words.split() else ""
        if hasattr(command, "commands") and first in command.commands:
            command = command.commands[first]
        known = {option for one in command.params for option in one.opts}
        assert {w for w in words.split() if w.startswith("--")} <= known, (name, words)


def test_every_name_of_ours_resolves():
    names = set(re.findall(r"`pellucid\.([\w.]+)`", PAGE))
    assert len(names) >= 7
    for name in names:
        *rooms, last = name.split(".")
        assert hasattr(importlib.import_module(".".join(["pellucid", *rooms])), last)
    for path in re.findall(r"`((?:examples|tests|docs)/[\w./]+)`", PAGE):
        assert (ROOT / path).exists(), path
