"""What is said to a command: the answer with its numbers, or why there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from .._errors import DivergedError, InputError
from .instruments import Answer
from .looks import Moment
from .said import defect
from .wire import ANSWER, Command, Frame, id_of, laid_out, parse_command

Reply: TypeAlias = tuple[dict[str, Any], bytes | None]
"""Words, and the frame with their numbers."""

Do: TypeAlias = Callable[[Command], Awaitable[Answer | None]]


async def reply(text: str, do: Do, now: Callable[[], Moment | None]) -> Reply | None:
    """Carry out a command; None where nobody waits for an answer.

    Args:
        text: of the command.
        do: what carries it out.
        now: the network as it is afterwards.
    """
    number = None
    try:
        command = parse_command(text)
        number = command.id
        found = await do(command)
    except (InputError, DivergedError) as error:
        return _refused(id_of(text) if number is None else number, str(error))
    except MemoryError:
        return _refused(number, "There is not enough memory for this.")
    except Exception as error:  # whoever asked must go on living
        return _refused(number, defect(error))
    if number is None or found is None:
        return None
    words = {"id": number, "ok": True, **found.words}
    if not found.blocks:
        return words, None
    layout, values = laid_out(found.blocks)
    moment = now()
    run, step = (moment.run, moment.step) if moment else (0, 0)
    frame = Frame(ANSWER, run, step, 0, number, values)
    return {**words, "blocks": layout}, frame.to_bytes()


def _refused(number: int | None, sentence: str) -> Reply:
    return {"id": number, "ok": False, "error": sentence}, None
