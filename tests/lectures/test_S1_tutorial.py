"""S1: the promised code, and "why deep is better": a notebook that runs end to end."""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "tutorial.ipynb"


@pytest.fixture
def cells(monkeypatch):
    """Source and what it printed, of every cell with code; and the text between."""
    pytest.importorskip("anywidget")
    monkeypatch.setattr("pellucid.notebook.widget.built", lambda name: "")
    found = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in found if cell["cell_type"] == "code"]
    text = ["".join(cell["source"]) for cell in found if cell not in code]
    return [("".join(cell["source"]), printed(cell)) for cell in code], "\n".join(text)


def printed(cell):
    """What stands below a cell as its printed output."""
    streams = [each for each in cell["outputs"] if each["output_type"] == "stream"]
    return "".join("".join(each["text"]) for each in streams)


@pytest.mark.slow
def test_S1_32_the_tutorial_notebook_runs_end_to_end(cells):
    code, text = cells
    space, said = {"__name__": "__main__"}, []
    for number, (source, before) in enumerate(code, 1):
        with contextlib.redirect_stdout(io.StringIO()) as now:
            exec(compile(source, f"cell {number}", "exec"), space)
        said.append(now.getvalue())
        assert said[-1] == before, f"cell {number} prints something else"
    assert space["pieces"](space["folds"](6)) == 64
    measured = re.findall(r"(\d\d\.\d)%", "".join(said))
    for figure in re.findall(r"(\d\d\.\d)%", text):  # what the text says was measured
        assert figure in measured
    assert space["view"].place == {"layer": 1, "neuron": space["j"], "input": None}
