"""Pages that show what a benchmark measured: it is there, and they have its table."""

import re
from pathlib import Path

import pytest

import confidence
import exports
import pages

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
