"""What docs/compare.md prints is typed again."""

import doctest
import re
from pathlib import Path

import pytest

from command_line import typed

PAGE = Path(__file__).parents[1] / "docs" / "compare.md"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.slow  # six commands: half a minute
def test_the_page_quotes_what_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"```console\n\$ pellucid (.*?)\n(.*?)```", PAGE.read_text(), re.S
    )
    assert len(blocks) >= 6
    for command, quoted in blocks:
        said = typed(capsys, *command.split())
        assert said.status == 0, said
        found = doctest.OutputChecker().check_output(quoted, said.out, FLAGS)
        assert found, said.out


def test_what_the_page_types_in_python_works():
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=FLAGS)
    assert found.attempted >= 5 and not found.failed
