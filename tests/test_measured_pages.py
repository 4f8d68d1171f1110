"""Pages that show what was measured, or set: they have the table of it."""

import re
from pathlib import Path

import pytest

import confidence
import exports
import pages
from pellucid import _limits

ROOT = Path(__file__).parents[1]
SHOWN = {  # page: its script, and the sets in its table
    "confidence.md": ("confidence.py", [*confidence.SETS, confidence.MNIST]),
    "export.md": ("exports.py", exports.NAMES),
}


@pytest.mark.parametrize("page", list(SHOWN))
def test_a_page_has_the_table_of_its_script(page):
    script, sets = SHOWN[page]
    text = (ROOT / "docs" / page).read_text()
    (measured,) = re.findall(f"<!-- {script} -->(.*?)<!-- end -->", text, re.DOTALL)
    for name in sets:
        assert f"| {name} |" in measured, name
    assert f"Again: `python benchmarks/{script}`." in measured


UNITS = {"": 1, " s": 1, " KiB": 1 << 10, " MiB": 1 << 20, " GiB": 1 << 30}


def test_the_limits_of_the_studio_are_those_in_the_code():
    text = (ROOT / "docs" / "studio-protocol.md").read_text()
    rows = re.findall(r"^\| `(STUDIO_\w+)` \| ([\d,]+)([^|]*?) \|", text, re.MULTILINE)
    told = {name: int(n.replace(",", "")) * UNITS[unit] for name, n, unit in rows}
    assert told == {k: v for k, v in vars(_limits).items() if k.startswith("STUDIO_")}


def test_a_table_is_put_where_the_page_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    page = tmp_path / "docs" / "p.md"
    page.parent.mkdir()
    page.write_text("before <!-- s.py -->old<!-- end --> after")
    pages.put("p.md", "s.py", ["| new |"])
    text = page.read_text()
    assert text.startswith("before <!-- s.py -->\n| new |\n")
    assert text.endswith("<!-- end --> after") and "old" not in text
    with pytest.raises(SystemExit, match=r"must have <!-- t\.py -->"):
        pages.put("p.md", "t.py", [])
