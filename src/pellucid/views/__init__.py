"""The studio's views where no studio is: beside code that trains, and in a page alone.

shown    what is shown: a network and its data, or a run gone to a step
host     answers a view's commands, in this process and by the studio's instruments
files    image files that were given to a view
record   numbers that a view showed, with the views themselves, as HTML
"""

from __future__ import annotations

from pathlib import Path

from .. import studio
from .._errors import InputError

__all__ = ["built"]

PAGE = Path(studio.__file__).parent / "page" / "notebook"


def built(name: str) -> str:
    """A file of the built views.

    Args:
        name: view.js, the module of all views; or view.css, its style.

    Raises:
        InputError: it was not built.
    """
    path = PAGE / name
    if not path.is_file():
        raise InputError(
            f"the views for notebooks must be built and are not there: {path} is "
            "missing. Build them in a checkout with: npm --prefix web ci && npm "
            "--prefix web run build; pip install . does so itself."
        )
    return path.read_text(encoding="utf-8")
