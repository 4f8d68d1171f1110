"""Imports only go downwards, siblings never import each other, and rooms stay small."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "pellucid"

# From the ground up; the files of one rung never import each other, except within a
# folder (its __init__ may also gather its own files). CONTRIBUTING.md tells why.
LADDER = [
    ["_limits", "_errors", "_findings"],
    ["_arrays", "_files", "_safetensors"],
    ["_random", "mathematics/calibration"],
    ["data", "mathematics/families"],
    ["mathematics/activations", "mathematics/initializers", "mathematics/optimizers",
     "mathematics/schedules"],
    ["mathematics/costs"],
    ["mathematics/backprop"],
    ["mathematics/network"],
    ["mathematics/formula", "mathematics/penalties", "model_file"],
    ["engines"],
    ["training"],
    ["evaluation", "diagnosis", "run_data", "gradcheck", "exports",
     "quiz"],
    ["explanation"],
    ["recipes"],
    ["links"],
    ["estimators", "runs", "sweeps"],
    ["comparison"],
    ["tuning"],
    ["plots"],
    ["studio"],
    ["views"],
    ["report", "notebook"],
    ["cli"],
]  # fmt: skip
RUNG = {name: number for number, rung in enumerate(LADDER) for name in rung}
GATHERING = {"__init__", "__main__", "mathematics/__init__"}

MOST_LINES = 400
MOST_FUNCTION_LINES = 40
LONG_FUNCTIONS = {"train"}  # a list of options each, and one docstring


def room(path: Path) -> str:
    """The name on the ladder of a file or folder."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    for length in (1, 2):
        name = "/".join(parts[:length])
        if name in RUNG:
            return name
    return "/".join(parts)


def imported(path: Path):
    """The rooms that a file imports, wherever in the file; not for its types alone."""
    package = path.relative_to(SOURCE.parent).parts[:-1]
    tree = ast.parse(path.read_text())
    only_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) in only_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            base = SOURCE.joinpath(*package[1 : len(package) - node.level + 1])
            target = base.joinpath(*filter(None, (node.module or "").split(".")))
            for alias in node.names:
                inside = target / alias.name
                is_file = inside.is_dir() or inside.with_suffix(".py").is_file()
                place = inside if is_file else target
                if place != SOURCE:
                    yield room(place)


FILES = sorted(SOURCE.rglob("*.py"))
NATIVE = sorted((ROOT / "native").glob("*.[ch]pp"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_go_down_the_ladder(path):
    here = room(path)
    if here in GATHERING:
        return
    assert here in RUNG, f"{here} has no place on the ladder"
    for there in imported(path):
        if there != here:
            assert RUNG[there] < RUNG[here], f"{here} imports {there}"


def test_the_ladder_names_only_what_there_is():
    for name in RUNG:
        assert (SOURCE / name).is_dir() or (SOURCE / f"{name}.py").is_file(), name


def test_the_ladder_would_see_a_wrong_import(tmp_path):
    found = list(imported(SOURCE / "mathematics" / "network.py"))
    assert "mathematics/backprop" in found and "_random" in found


@pytest.mark.parametrize(
    "path", [*FILES, *NATIVE, *TESTS], ids=lambda p: str(p.relative_to(ROOT))
)
def test_files_stay_one_room(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_functions_stay_short(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name not in LONG_FUNCTIONS:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= MOST_FUNCTION_LINES, f"{node.name} has {lines} lines"
