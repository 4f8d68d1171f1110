"""Whatever a student's file does, gradcheck ends, in a sentence."""

import pytest

from command_line import refused
from pellucid import InputError, _limits
from pellucid.gradcheck import gradcheck, process
from test_gradcheck import ROWS, of


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(99)"])
def test_an_endless_loop_is_a_sentence(body, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "BOOT", process.BOOT.replace(
        "from pellucid.gradcheck.child", "from pellucid import _limits; "
        "_limits.STUDENT_SECONDS = 0.3; from pellucid.gradcheck.child"))  # fmt: skip
    text = ROWS.replace("    L, m =", f"    {body}\n    L, m =")
    (found,) = gradcheck(of(tmp_path, text)).findings  # no other layout is tried
    assert "it did not end within" in str(found)


def test_a_file_that_can_not_be_asked_is_refused(tmp_path, capsys, monkeypatch):
    cases = {
        "x = (": "must run to its end before its functions can be called; line 1: Synt",
        "import nothing_of_the_kind": "line 1: ModuleNotFoundError",
        "import os; os._exit(3)": "the file ended it (status 3)",
        "import sys; sys.exit(4)": "line 1: SystemExit: 4",
        "y = 1": "must define forward(x, w, b), backward(z, a, y, w) or update(x, y",
        ROWS + "\nSIZES = [4]": "SIZES must be 2 to 10 whole numbers",
        ROWS + "\nLAYOUT = 'rovs'": "Did you mean 'rows'?",
        ROWS + "\nCOST = 'cross_entropy'": "needs the output softmax",
        ROWS + "\nHIDDEN = 'sigmoyd'": "Did you mean 'sigmoid'?",
        ROWS + "\nHIDDEN = 7": "HIDDEN must be the name",
    }
    for text, words in cases.items():
        assert words in refused(capsys, "gradcheck", of(tmp_path, text)), words
    missing = tmp_path / "none.py"
    assert "must exist" in refused(capsys, "gradcheck", missing)
    monkeypatch.setattr(_limits, "STUDENT_FILE_BYTES", 10)
    with pytest.raises(InputError, match="at most 10 bytes"):
        gradcheck(of(tmp_path, ROWS))


def test_memory_without_end_is_an_error_of_the_students(tmp_path):
    text = "import numpy; x = []\nwhile True: x.append(numpy.empty(1 << 25))\n"
    with pytest.raises(InputError, match="line 2: MemoryError"):
        gradcheck(of(tmp_path, text))


def test_what_the_file_prints_does_not_disturb(tmp_path):
    text = ROWS.replace("    z, a = [], [x]", "    print('{}'); z, a = [], [x]")
    assert gradcheck(of(tmp_path, text)).correct


def test_what_the_file_asks_for_is_not_there(tmp_path):
    with pytest.raises(InputError, match="line 1: EOFError"):
        gradcheck(of(tmp_path, "n = input()\n"))


def test_a_syntax_error_is_told_with_its_line_once(tmp_path):
    with pytest.raises(InputError, match=r"line 2: SyntaxError: expected ':'\. Corr"):
        gradcheck(of(tmp_path, "x = 1\ndef forward(x, w, b)\n"))


def test_a_name_that_is_not_there_is_told_rather_than_shapes(tmp_path):
    text = ROWS.replace("def sigmoid(z):", "def sigmoid(z):\n    nowhere")
    for each in gradcheck(of(tmp_path, text)).findings:
        assert "NameError: name 'nowhere'" in str(each)


def test_a_notebook_is_refused(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text("{}")
    with pytest.raises(
        InputError, match=r"is a notebook\. Save it as one: jupyter nbc"
    ):
        gradcheck(path)


def test_calls_that_are_slow_together_end(tmp_path, monkeypatch):
    monkeypatch.setattr(_limits, "STUDENT_ALL_SECONDS", 0)
    with pytest.raises(InputError, match=r"within 0 s .*Take out what is slow"):
        gradcheck(of(tmp_path, ROWS))
