"""S3-01: the four parts of the lecture are the chapters of a tour that runs."""

import re
from pathlib import Path

from markdown_python import ran

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "tour.md").read_text()
PARTS = ("structure", "descent", "back-propagation", "calculus")


def test_S3_01_the_tour_has_the_four_chapters_and_runs():
    chapters = re.findall(r"^## \d · ([\w-]+):", PAGE, re.M)
    assert [each.lower() for each in chapters] == list(PARTS)
    attempted, failed = ran(PAGE)
    assert attempted >= 20 and failed == 0
    for name in re.findall(r"\]\((\S+?)\)", PAGE):
        assert (DOCS / name).is_file(), name
