"""The Python of a page of documentation, run as its readers would type it."""

import doctest
import re


def ran(page):
    """How many examples of a page ran, and how many failed."""
    blocks = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    example = doctest.DocTestParser().get_doctest(blocks, {}, "page", "", 0)
    found = doctest.DocTestRunner(verbose=False).run(example)
    return found.attempted, found.failed
