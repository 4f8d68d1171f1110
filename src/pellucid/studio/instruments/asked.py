"""What an instrument is given, and what it gives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from ..._arrays import Array
from ..looks import Drawn, Example, Moment, Silent, example_of, first_example
from ..session import Session
from ..studio import Studio

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What comes back.

    Attributes:
        words: of the JSON.
        blocks: arrays by name.
    """

    words: Mapping[str, Any] = field(default_factory=dict)
    blocks: Mapping[str, Array] = field(default_factory=dict)


@dataclass
class Asked:
    """A command on its way.

    Attributes:
        studio: all there is.
        session: the one that the page looks at.
        words: of the command, checked.
        drawn: what was drawn on this page; an instrument may change it.
        silent: the neurons that this page has silenced; likewise.
    """

    studio: Studio
    session: Session
    words: dict[str, Any]
    drawn: Drawn | None
    silent: Silent = frozenset()

    async def moment(self) -> Moment:
        """The network as it is now, without the neurons that the page has silenced."""
        return (await self.whole()).silenced(self.silent)

    async def whole(self) -> Moment:
        """The network as it is now and is trained."""
        return await self.have(self.session.take)

    async def have(self, job: Callable[[], T]) -> T:
        """Have the session do something between two pieces of training."""
        return await asyncio.wrap_future(self.session.ask(job))

    def example(self, moment: Moment) -> Example:
        """The example that is meant."""
        words = self.words.get("example") or first_example(moment.known)
        return example_of(moment, words, self.drawn)


Instrument: TypeAlias = Callable[[Asked], Awaitable[Answer | None]]
