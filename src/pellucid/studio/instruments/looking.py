"""Examples: pages of them, one with its row, and where the network is mistaken."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._arrays import Array
from ..._errors import InputError
from ...evaluation import outputs
from ..looks import Moment
from ..stock import rows_of
from .asked import Answer, Asked


def answers(moment: Moment, part: str) -> Array:
    """The class that the network answers for each row of a part, (m,)."""
    data = moment.known.part(part)

    def find() -> Array:
        with np.errstate(all="ignore"):
            return outputs(moment.network, data, moment.cost)[1].argmax(1)

    return np.asarray(moment.once(("answers", part), find))


def labels_of(moment: Moment, part: str) -> Array:
    """The classes of a part, (m,).

    Raises:
        InputError: the targets are not classes.
    """
    data = moment.known.part(part)
    if data.classes is None:
        raise InputError(
            f"the targets of {moment.known.name} are numbers, not classes: nothing of "
            "it is right or wrong."
        )
    return data.labels


def _answers_to(moment: Moment, x: Array) -> Array:
    """The same for a few rows; that of the whole part is as much work as an epoch."""
    with np.errstate(all="ignore"):
        return np.asarray(moment.network(x).argmax(1))


def _examples(asked: Asked, moment: Moment) -> Answer:
    words = asked.words
    data = moment.known.part(words["part"])
    chosen = np.arange(len(data))
    if words.get("wrong"):
        wrong = answers(moment, words["part"]) != labels_of(moment, words["part"])
        chosen = np.flatnonzero(wrong)
    first = words["first"]
    some = chosen[first : first + words["count"]]
    said: dict[str, Any] = {"total": len(chosen), "indices": some}
    rows = rows_of(data.x[some]) if len(some) else np.zeros((0, 1))
    said["labels"], said["answers"] = None, None
    if data.classes is not None:
        said["labels"] = data.y[some].argmax(1)
        said["answers"] = _answers_to(moment, rows) if len(some) else some
    else:
        said["targets"] = data.y[some]
    return Answer(said, {"x": rows})


async def examples(asked: Asked) -> Answer:
    """Some rows of a part, all or those that are answered wrongly."""
    moment = await asked.moment()
    return await asked.studio.compute(_examples, asked, moment)


def _example(asked: Asked, moment: Moment) -> Answer:
    one = asked.example(moment)
    data = moment.known.data
    label = None
    if one.y is not None and data.classes is not None:
        label = int(one.y[0].argmax())
    row = None
    if moment.known.names is not None:
        values = one.x[0].astype(float)
        row = dict(zip(moment.known.names, values, strict=True))
    target = None if one.y is None else one.y[0]
    said = {"label": label, "target": target, "row": row}
    return Answer({**said, "classes": data.classes}, {"x": one.x[0]})


async def example(asked: Asked) -> Answer:
    """One example with its target and, of a table, its columns."""
    moment = await asked.moment()
    return await asked.studio.compute(_example, asked, moment)


def _mistake(asked: Asked, moment: Moment) -> Answer:
    part, after = asked.words["part"], asked.words["after"]
    found, labels = answers(moment, part), labels_of(moment, part)
    wrong = np.flatnonzero(found != labels)
    later = wrong[wrong > after]
    said: dict[str, Any] = {"index": None, "count": len(wrong), "rows": len(labels)}
    if len(wrong):
        index = int(later[0]) if len(later) else int(wrong[0])
        said |= {"index": index, "label": labels[index], "answer": found[index]}
    return Answer(said)


async def mistake(asked: Asked) -> Answer:
    """The next example of a part that is answered wrongly; after the last the first."""
    moment = await asked.moment()
    return await asked.studio.compute(_mistake, asked, moment)
