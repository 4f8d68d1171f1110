"""Image files that were given to a view, until the process ends."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

from .. import _limits
from .._arrays import join
from .._errors import InputError
from .._files import write_atomic
from ..studio.store import PICTURES


@dataclass(frozen=True)
class File:
    """A file.

    Attributes:
        name: as its owner calls it.
        path: where it lies.
    """

    name: str
    path: Path


class Files:
    """A few of them, by number; the last one is kept."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._kept: dict[int, File] = {}
        self._count = 0

    def take(self, name: str, data: bytes) -> int:
        """Keep a file; its number.

        Raises:
            InputError: it is no image by its name, or too large.
        """
        suffix = Path(name).suffix.lower()
        if suffix not in PICTURES:
            raise InputError(
                f"an image must be named {join(PICTURES, 'or')}; got {name!r:.60}."
            )
        if len(data) > _limits.IMAGE_FILE_BYTES:
            raise InputError(
                f"an image must have at most {_limits.IMAGE_FILE_BYTES:,} bytes (limit "
                f"IMAGE_FILE_BYTES); got {len(data):,}."
            )
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="pellucid-")
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._count += 1
        path = Path(self._folder, f"{self._count}{suffix}")
        write_atomic(path, data)
        for old in self._kept.values():
            old.path.unlink(missing_ok=True)
        self._kept = {self._count: File(name, path)}
        return self._count

    def __getitem__(self, number: int) -> File:
        if number not in self._kept:
            raise InputError(f"there is no upload {number}; choose the file again.")
        return self._kept[number]
