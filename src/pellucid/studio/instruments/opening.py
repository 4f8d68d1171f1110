"""The folders of runs: which there are, and one of them opened."""

from __future__ import annotations

from pathlib import Path

from ..._errors import InputError
from ..folders import Opening, listed, opening
from .asked import Answer, Asked


async def runs(asked: Asked) -> Answer:
    """The runs in the studio's folder of runs, the newest first."""
    studio = asked.studio
    return Answer(await studio.compute(listed, studio.runs_dir, studio.stock))


def _opening(asked: Asked) -> Opening:
    """The run of a name; only what is in the folder of runs has one."""
    studio, name = asked.studio, asked.words["name"]
    parent = Path(studio.runs_dir)
    known = {path.name for path in parent.iterdir()} if parent.is_dir() else set()
    if name not in known or name.startswith("."):
        raise InputError(
            f"a run must be one of those in {parent}; got {name!r:.60}. Open the list "
            "again: it may have been removed."
        )
    return opening(parent / name, studio.stock)


async def open_run(asked: Asked) -> Answer:
    """A run out of its folder, where its files say it stands."""
    found = await asked.studio.compute(_opening, asked)
    asked.session.recipe = found.link.recipe
    run = asked.session.renew(found.link, False, found.ready)
    return Answer({"run": run, "sentence": found.sentence})
