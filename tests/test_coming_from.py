"""The page for those who come from scikit-learn runs as it is printed."""

import doctest
import warnings
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "coming-from-scikit-learn.md"


def test_the_page_runs_as_it_is_printed():
    with warnings.catch_warnings():
        failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried > 20 and not failed
