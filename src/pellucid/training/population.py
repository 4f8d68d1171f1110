"""Many networks trained side by side, whole networks to cores.

Each is trained by `train` with one thread, so it is what it would be alone, bit for
bit. The examples, and what engines make of them, are held once.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any, TypeAlias

from .. import _limits
from .._errors import DivergedError, InputError
from ..data import Dataset
from ..engines import cores
from ..mathematics.network import Network
from . import Report, Reports, train
from .shared import Shared, StoppedError

OWN = ("shared", "threads", "resume")
"""Words of `train` that are not a member's to say."""

PATIENCE = 0.1  # seconds; a wait without end can't be interrupted on every system

Told: TypeAlias = tuple[int, Report | DivergedError]
"""Number of a network, from 0, and what is told of it."""


def train_all(
    networks: Sequence[Network],
    data: Dataset | Sequence[Dataset],
    each: Sequence[Mapping[str, Any]] | None = None,
    *,
    threads: int | None = None,
    until: float = math.inf,
    rungs: Container[int] = (),
    leaving: Container[int] = (),
    **words: Any,
) -> Iterator[Told]:
    """Train networks, in place, side by side, yielding what each reports when it does.

    Network i ends as after `train(networks[i], data, **words, **each[i])`, bit for bit;
    of several data with data[i].
    When a Report is handed over, its network holds the parameters it speaks of, and
    goes on when the next one is asked for.

    Args:
        networks: what is trained; no two of them the same object.
        data: examples; of a Dataset with parts, the training part is learned from.
            Or one Dataset a network; the same object is held once.
        each: for each network keywords of `train` that are its own, such as
            [{"eta": 1.0}, {"eta": 3.0}].
        threads: networks that are worked on at once; None: one a core, or what the
            environment variable PELLUCID_THREADS says. They change no bit.
        until: moment of `time.monotonic` at which all end, wherever they are: within
            an epoch too, hundredths of a second later at most.
        rungs: epochs at whose end they wait for each other.
        leaving: numbers of networks that go no further; the caller may add to it
            until the last of those that wait has reported.
        words: keywords of `train` for all of them.

    Yields:
        Number of a network, and its Report; or the DivergedError that ended it, which
        is no concern of the others.

    Raises:
        InputError: at once, where anything does not fit.
    """
    own = _checked(networks, each, words)
    all_data = _each_data(data, len(networks))
    shared: dict[int, Shared] = {}
    members: list[Any] = []  # Iterators that are Generators
    for network, one, mine in zip(networks, all_data, own, strict=True):
        known = shared.get(id(one)) or shared.setdefault(id(one), Shared(one))
        words_of = {**words, **mine}
        members.append(train(network, one, shared=known, threads=1, **words_of))
    most = min(cores.threads(threads), len(members))
    return _Population(
        members, list(shared.values()), most, until, rungs, leaving
    ).run()


def _each_data(data: Any, count: int) -> list[Any]:
    """The data of each network."""
    if not isinstance(data, list | tuple):
        return [data] * count
    if len(data) != count:
        raise InputError(
            f"data must be one Dataset, or one a network, {count}; got {len(data)}."
        )
    return list(data)


def _checked(
    networks: Any, each: Any, words: Mapping[str, Any]
) -> Sequence[Mapping[str, Any]]:
    """Each network's own keywords, once networks and keywords fit each other."""
    count = len(networks)
    if not 1 <= count <= _limits.NETWORKS:
        raise InputError(
            f"networks must be 1 to {_limits.NETWORKS:,} (limit NETWORKS); got "
            f"{count:,}. Train them in several calls."
        )
    if len({id(network) for network in networks}) < count:
        raise InputError(
            "networks must be different objects; got one twice. Pass network.copy()."
        )
    own = [{}] * count if each is None else each
    if len(own) != count:
        raise InputError(
            f"each must hold one dictionary a network, {count}; got {len(own)}."
        )
    for mine in (words, *own):
        for word in OWN:
            if word in mine:
                raise InputError(
                    f"{word} is not a setting of one network; got it among them. "
                    "Pass threads=... to train_all itself, and leave the others out."
                )
    return own


class _Population:
    """Trainings, and threads that take them in turn, one Report at a time."""

    def __init__(
        self,
        members: list[Reports],
        shared: list[Shared],
        threads: int,
        until: float,
        rungs: Container[int],
        leaving: Container[int],
    ):
        self.members, self.shared, self.until = members, shared, until
        self.rungs, self.leaving = rungs, leaving
        self.stopped = False
        self.waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self.threads = [
            threading.Thread(target=self._work, name=f"pellucid-{number}", daemon=True)
            for number in range(threads)
        ]

    def _work(self) -> None:
        """Bring whoever is next on to the next Report, until told to end."""
        while (number := self.waiting.get()) is not None and not self.stopped:
            result: Report | BaseException | None
            try:
                result = next(self.members[number], None)
            except BaseException as error:  # handed to the thread that asked
                result = error
            self.done.put((number, result))

    def run(self) -> Iterator[Told]:
        """What is told, as it comes; ends all that runs when it is closed.

        The linear algebra that NumPy and SciPy call has one thread meanwhile: several
        teams on the same cores have been seen to wait for each other for seconds.
        """
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, user_api="blas"):
            yield from self._follow()

    def _follow(self) -> Iterator[Told]:
        running, held = len(self.members), list(range(len(self.members)))
        try:
            for thread in self.threads:
                thread.start()
            while running:
                if len(held) == running:  # all stand on the same rung
                    going = [number for number in held if number not in self.leaving]
                    running, held = len(going), []
                    for number in going:
                        self.waiting.put(number)
                    continue
                if (told := self._next()) is None:
                    return
                number, result = told
                if isinstance(result, Report):
                    yield number, result
                    if result.complete and result.epoch in self.rungs:
                        held.append(number)
                    else:
                        self.waiting.put(number)
                    continue
                running -= 1
                if isinstance(result, DivergedError):
                    yield number, result
                elif result is not None:
                    raise result
        finally:
            self._end()

    def _next(self) -> tuple[int, Any] | None:
        """What came next from a thread; None when the time is over."""
        while (left := self.until - time.monotonic()) > 0:
            with suppress(queue.Empty):
                return self.done.get(timeout=min(PATIENCE, left))
        return None

    def _end(self) -> None:
        self.stopped = True
        for shared in self.shared:
            shared.stopped = True
        for _ in self.threads:
            self.waiting.put(None)
        for thread in self.threads:
            if thread.ident is not None:
                thread.join()
        for member in self.members:
            with suppress(StoppedError), closing(member):
                pass
