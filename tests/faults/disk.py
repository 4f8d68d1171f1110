"""A disk whose power fails: what may be on it after some of the calls were made.

Files and folders hold what is durable, and what waits for the next fsync. When the
power fails, each of what waits may have reached the disk or not: of the bytes of a file
some sectors may, and a name may be there before its bytes are.

Source: Pillai et al. 2014, "All File Systems Are Not Created Equal", OSDI.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SECTORS = (512, 4096)
CALL = re.compile(r"\d+ +(\w+)\((\d*).* = (\d+)$")
TEXT = re.compile(r'"([^"]*)"')


@dataclass(frozen=True)
class Call:
    """A system call that succeeded.

    Attributes:
        name: such as write.
        number: the descriptor that it was given; -1 for none.
        texts: the texts that it was given.
        answer: what came back.
        creates: whether it may make a file.
    """

    name: str
    number: int
    texts: tuple[bytes, ...]
    answer: int
    creates: bool


def calls(log: str) -> list[Call]:
    """The calls in strace's log, made with -xx."""
    found = []
    for line in log.splitlines():
        if match := CALL.match(line):
            name, number, answer = match.groups()
            texts = [text.replace("\\x", "") for text in TEXT.findall(line)]
            given = tuple(map(bytes.fromhex, texts))
            creates = "O_CREAT" in line
            found.append(Call(name, int(number or -1), given, int(answer), creates))
    return found


@dataclass
class File:
    """Its bytes; files of a run are written once, from the start to the end."""

    durable: bytes = b""
    waiting: bytes = b""

    def sync(self) -> None:
        self.durable, self.waiting = self.durable + self.waiting, b""

    def after(self, random: Random) -> bytes:
        """What is there after the power failed."""
        sector, whole = random.choice(SECTORS), self.durable + self.waiting
        kind = random.choice(("none", "torn", "holes", "all")) if self.waiting else ""
        if kind == "none":
            return self.durable
        if kind == "torn":
            sectors = random.randint(0, len(self.waiting) // sector)
            return whole[: len(self.durable) + sector * sectors]
        if kind == "holes":  # its length is there, and some of its bytes
            parts = [whole[n : n + sector] for n in range(0, len(whole), sector)]
            lost = [random.random() < 0.5 for _ in parts]
            return b"".join(
                bytes(len(part)) if gone else part
                for part, gone in zip(parts, lost, strict=True)
            )
        return whole


@dataclass
class Folder:
    """Its names; a change gives some of them a file, a folder or None."""

    durable: dict[str, File | Folder] = field(default_factory=dict)
    waiting: list[dict[str, File | Folder | None]] = field(default_factory=list)

    def names(self, changes: list[dict] | None = None) -> dict[str, File | Folder]:
        """The names after these changes, else after all."""
        found: dict = dict(self.durable)
        for change in self.waiting if changes is None else changes:
            found |= change
        return {name: there for name, there in found.items() if there is not None}

    def sync(self) -> None:
        self.durable, self.waiting = self.names(), []

    def after(self, random: Random) -> dict[str, File | Folder]:
        """The names that are there after the power failed."""
        kind = random.choice(("none", "first", "some", "all"))
        kept = {"none": 0, "first": random.randint(0, len(self.waiting))}
        changes = self.waiting[: kept.get(kind)]
        if kind == "some":
            changes = [change for change in changes if random.random() < 0.5]
        return self.names(changes)


class Disk:
    """What the calls of one process do to one folder.

    Args:
        place: the folder, which was empty and is durable.
    """

    def __init__(self, place: Path):
        self.place, self.root = place, Folder()
        self.open: dict[int, File | Folder | None] = {}

    def make(self, call: Call) -> None:
        """Make one more call."""
        if call.name == "openat":
            self.open[call.answer] = self._opened(call)
        elif call.name == "write" and isinstance(self.open.get(call.number), File):
            self.open[call.number].waiting += call.texts[0][: call.answer]
        elif call.name == "fsync" and self.open.get(call.number):
            self.open[call.number].sync()
        elif call.name in ("mkdir", "unlink", "rename"):
            self._change(call.name, [Path(text.decode()) for text in call.texts])

    def _opened(self, call: Call) -> File | Folder | None:
        place = Path(call.texts[0].decode())
        if not place.is_relative_to(self.place):
            return None
        if place == self.place:
            return self.root
        folder = self._folder(place.parent)
        if call.creates and place.name not in folder.names():
            folder.waiting.append({place.name: File()})
        return folder.names()[place.name]

    def _change(self, name: str, paths: list[Path]) -> None:
        first = paths[0]
        if not first.is_relative_to(self.place) or first == self.place:
            return
        folder = self._folder(first.parent)
        change: dict = {first.name: Folder() if name == "mkdir" else None}
        if name == "rename":
            assert paths[1].parent == first.parent
            change[paths[1].name] = folder.names()[first.name]
        folder.waiting.append(change)

    def _folder(self, place: Path) -> Folder:
        folder = self.root
        for part in place.relative_to(self.place).parts:
            folder = folder.names()[part]
        return folder

    def durable(self, folder: Folder | None = None) -> dict:
        """What must be there whatever happens: names to bytes, or to a folder's."""
        names = (folder or self.root).durable
        return {
            name: self.durable(there) if isinstance(there, Folder) else there.durable
            for name, there in names.items()
        }

    def lose_power(self, random: Random, folder: Folder | None = None) -> dict:
        """What may be there afterwards: names to bytes, or to a folder's names."""
        names = (folder or self.root).after(random)
        return {
            name: self.lose_power(random, there)
            if isinstance(there, Folder)
            else there.after(random)
            for name, there in names.items()
        }


def write(names: dict, target: Path) -> None:
    """Put these files and folders into a folder."""
    for name, there in names.items():
        if isinstance(there, dict):
            (target / name).mkdir()
            write(there, target / name)
        else:
            (target / name).write_bytes(there)
