"""Tables that a benchmark measures and a page of docs/ shows, between two comments."""

import os
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]


def put(page, script, lines):
    """Write what a script has measured where the page keeps it.

    Args:
        page: name in docs/.
        script: name in benchmarks/; the page has `<!-- script -->` and `<!-- end -->`.
        lines: of the table.
    """
    path = ROOT / "docs" / page
    before, begin, rest = path.read_text(encoding="utf-8").partition(
        f"<!-- {script} -->"
    )
    _, end, after = rest.partition("<!-- end -->")
    if not end:
        raise SystemExit(f"{path} must have <!-- {script} --> and <!-- end -->.")
    day = f"Measured {date.today().isoformat()}. Again: `python benchmarks/{script}`."
    text = "\n".join(["", *lines, "", day, ""])
    path.write_text(before + begin + text + end + after, encoding="utf-8")
    print(f"written to {path}")


def data_folder():
    """Where the published tables lie."""
    beside = ROOT.parent / "shared" / "data"
    return Path(os.environ.get("PELLUCID_DATA") or beside)
