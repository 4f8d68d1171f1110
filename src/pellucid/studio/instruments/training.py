"""Commands that steer the training."""

from __future__ import annotations

import re
from typing import Any, cast

from ... import recipes
from ...data import Dataset
from ...links import Link, exact, parse
from ...recipes import DEFAULTS, Settings
from ...run_data import READ_WORDS
from ..session import Session
from ..stock import Known
from .asked import Answer, Asked

UPLOAD = re.compile(r"upload:(\d{1,9})", re.ASCII)
LECTURES = "3b1b"


async def set_recipe(asked: Asked) -> Answer:
    """Another run, with some words changed."""
    session, words = asked.session, asked.words
    changes = dict(words["recipe"])
    if found := UPLOAD.fullmatch(str(changes.get("data", ""))):
        changes["data"] = asked.studio.store.sealed(int(found[1])).key
    if "data" in changes:  # how the data before were read says nothing of these
        changes = {**{word: DEFAULTS[word] for word in READ_WORDS}, **changes}  # type: ignore[literal-required]
    recipe = exact(recipes.check({**session.recipe, **changes}, "the recipe"))
    session.recipe = recipe
    fit = None
    if "data" in changes:
        before = session.run.known.data if session.run else None

        def fit(known: Known) -> Settings:
            return _fitting(recipe, changes, known.data, before)

    run = session.renew(Link(recipe), words.get("train", False), fit=fit)
    return Answer({"run": run})


def _fitting(
    recipe: Settings, changes: dict[str, Any], data: Dataset, before: Dataset | None
) -> Settings:
    """The settings for other data: of a table, or after one, those that suit it."""
    kept = {**changes, "seed": recipe["seed"]}
    if data.encoding is not None:
        return exact(recipes.settings(None, data, **kept))
    if before is not None and before.encoding is not None:
        return exact(recipes.settings(LECTURES, **kept))
    return recipe


def _now(asked: Asked) -> Answer:
    """Done: the state that says so is this one or a later one."""
    return Answer({"news": asked.session.news})


async def train(asked: Asked) -> Answer:
    """Train on, to the end."""
    await asked.have(asked.session.train)
    return _now(asked)


async def pause(asked: Asked) -> Answer:
    """Be still."""
    await asked.have(asked.session.pause)
    return _now(asked)


async def step(asked: Asked) -> Answer:
    """Some mini-batches, or to the end of an epoch, then still."""
    batches, epochs = asked.words.get("batches"), asked.words.get("epochs")

    def go() -> None:
        run = asked.session.run
        each = run.batches if run else 1
        here = run.step if run else 0
        if epochs is not None:
            asked.session.forward((here // each + epochs) * each - here)
        else:
            asked.session.forward(batches or 1)

    await asked.have(go)
    return _now(asked)


def _again(session: Session, **changes: Any) -> int:
    recipe = cast(Settings, {**session.recipe, **changes})
    session.recipe = recipe
    return session.renew(Link(recipe), False)


async def reset(asked: Asked) -> Answer:
    """To step 0, with the same seed and without edits."""
    return Answer({"run": _again(asked.session)})


async def new_start(asked: Asked) -> Answer:
    """To step 0 with the next seed."""
    seed = (asked.session.recipe["seed"] + 1) % 2**32
    return Answer({"run": _again(asked.session, seed=seed), "seed": seed})


async def goto(asked: Asked) -> Answer:
    """To another step of this run."""
    await asked.have(lambda: asked.session.goto(asked.words["step"]))
    return _now(asked)


async def open_link(asked: Asked) -> Answer:
    """The run that a link names."""
    link = parse(asked.words["link"])
    session = asked.session
    run = session.run
    same = run is not None and (run.recipe, run.edits) == (link.recipe, link.edits)
    if same and session.recipe == link.recipe:
        await asked.have(lambda: session.go(link.step))
        return _now(asked)
    session.recipe = link.recipe
    return Answer({"run": session.renew(link, False)})


async def link(asked: Asked) -> Answer:
    """The link of this moment."""
    moment = await asked.whole()
    sha = await asked.studio.compute(lambda: moment.sha256)
    said = {"link": moment.link.to_text(), "step": moment.step, "weights_sha256": sha}
    return Answer(said)
