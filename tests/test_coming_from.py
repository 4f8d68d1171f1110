"""The pages about the estimators run as they are printed."""

import doctest
import warnings
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.slow
@pytest.mark.parametrize("page", ["coming-from-scikit-learn.md", "estimators.md"])
def test_the_page_runs_as_it_is_printed(page):
    words = {"module_relative": False, "optionflags": doctest.ELLIPSIS}
    with warnings.catch_warnings():
        failed, tried = doctest.testfile(str(DOCS / page), **words)
    assert tried > 20 and not failed
