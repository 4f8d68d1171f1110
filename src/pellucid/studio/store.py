"""What was dropped on the page: files on this machine's disk, known by their bytes.

No name that a page sends is ever the name of a file: a file is called by its SHA-256
and one of a few suffixes, a class of images by a word that is checked letter by letter.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from .. import _limits
from .._errors import InputError
from .._files import sync_folder, write_atomic

SUFFIXES = (
    ".csv", ".tsv", ".txt", ".gz", ".parquet", ".npz", ".npy",
    ".png", ".jpg", ".jpeg", ".bmp", ".gif",
)  # fmt: skip
PICTURES = SUFFIXES[-5:]
NAME = re.compile(r"upload:([0-9a-f]{64})")
CLASS = re.compile(r"[^\W_][\w \-]{0,59}")
NAMES = "names.json"
FOLDERS = "folders.json"
LONGEST_NAME = 100


@dataclass(frozen=True)
class Upload:
    """A file, or a folder of images.

    Attributes:
        key: what settings call it: "upload:" and 64 hexadecimal digits.
        name: what its owner calls it; only ever shown.
        path: where it lies.
        bytes: its size.
        files: how many there are.
    """

    key: str
    name: str
    path: Path
    bytes: int
    files: int = 1


class Store:
    """The uploads of a studio, in a folder that only its user can read.

    Args:
        folder: where they are; made when the first comes.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.uploads: dict[int, Upload] = {}
        self._lock = threading.Lock()
        self._size = _size(folder)
        self._coming = 0  # bytes of what has not come whole, of all that come at once

    def __getitem__(self, number: int) -> Upload:
        """An upload by the number that its page was told.

        Raises:
            InputError: there is none.
        """
        found = self.uploads.get(number)
        if found is None:
            raise InputError(
                f"upload {number} is not there: the studio was started again, or it "
                "never came. Drop the file once more."
            )
        return found

    def path(self, key: str) -> Path:
        """Where an upload lies.

        Raises:
            InputError: no data set of ours and no upload that is here, as it was.
        """
        found = NAME.fullmatch(key)
        if found is None:
            raise InputError(
                f"data must be a data set of ours or a file that was dropped on the "
                f"page; got {key!r:.60}. Paths are not opened from a page."
            )
        for path in self.folder.glob(f"{found[1]}*"):
            if path.suffix in ("", *SUFFIXES):
                return path
        lent = self._lent(key)
        if lent is not None:
            return lent
        raise InputError(
            f"this run learned from a file of its owner's, with SHA-256 "
            f"{found[1][:12]}..., which is not on this machine. Drop the file on the "
            "page, then open the link again."
        )

    def name(self, key: str) -> str:
        """What the owner calls an upload; a data set of ours has its own name."""
        if not NAME.fullmatch(key):
            return key
        return self._words(NAMES).get(key, "") or f"{key[:19]}..."

    def called(self, path: Path) -> str:
        """What the owner calls a file, be it an upload or not."""
        key = f"upload:{path.stem}"
        return self.name(key) if self._is_mine(path) else path.name

    def _is_mine(self, path: Path) -> bool:
        return path.absolute().parent == self.folder.absolute()

    def adopt(self, path: Path) -> str:
        """What a file of this machine is called as an upload.

        A file is copied; a folder of images is read where it lies, for the order of its
        examples is that of their names. From a thread without a loop: only for what the
        user's own runs name.

        Raises:
            InputError: it is not there, too large, or no file that can be dropped.
        """
        if self._is_mine(path) and self.path(f"upload:{path.stem}").exists():
            return f"upload:{path.stem}"
        try:
            if path.is_dir():
                return self._lend(path)
            with path.open("rb") as file:
                number, _ = asyncio.run(self.receive(_read(file), quote(str(path))))
        except OSError as error:
            raise InputError(
                f"the run learned from {path}, which can't be read: {error.strerror}."
            ) from None
        return self.sealed(number).key

    def _lend(self, folder: Path) -> str:
        key = _key_of(folder)
        with self._lock:
            self._make()
            self._put(FOLDERS, key, str(folder.absolute()))
            self._put(NAMES, key, folder.name[:LONGEST_NAME])
        return key

    def _lent(self, key: str) -> Path | None:
        """A folder of the user's own, where it still holds what it held."""
        folder = Path(self._words(FOLDERS).get(key, ""))
        with suppress(OSError, ValueError, InputError):
            if folder.is_absolute() and _key_of(folder) == key:
                return folder
        return None

    def named(self, sentence: str, key: str, path: Path) -> str:
        """A sentence about an upload with its owner's name for it, not ours."""
        name = self.name(key)
        return sentence.replace(str(path), name).replace(path.name, name)

    def _words(self, name: str) -> dict[str, str]:
        """What a file of ours says of keys; nothing where it is damaged."""
        try:
            found = json.loads((self.folder / name).read_bytes())
        except (OSError, ValueError):
            return {}
        words = found.items() if isinstance(found, dict) else ()
        return {key: word for key, word in words if isinstance(word, str)}

    def _put(self, name: str, key: str, word: str) -> None:
        words = {**self._words(name), key: word}
        write_atomic(self.folder / name, json.dumps(words).encode(), 0o600)

    async def receive(
        self, chunks: AsyncIterator[bytes], given: str, onto: int | None = None
    ) -> tuple[int, Upload]:
        """Take a file that comes piece by piece.

        Args:
            chunks: its bytes.
            given: the name that came with it, percent-encoded.
            onto: the number of an upload that it is added to: a folder of images.

        Returns:
            The number of the upload, and the upload.

        Raises:
            InputError: too large, no name that is known, or no room.
        """
        name = unquote(given, errors="replace")[:1_000]
        suffix = Path(name.replace("\\", "/").rpartition("/")[2]).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputError(
                f"an uploaded file must end in one of {', '.join(SUFFIXES)}; "
                f"got {name[-40:]!r}."
            )
        folder = _class_of(name) if suffix in PICTURES else None
        self._make()
        new = self.folder / f".pellucid-{os.urandom(8).hex()}.tmp"
        try:
            digest, size = await self._write(new, chunks)
            with self._lock:
                if folder is not None and (onto is not None or "/" in name):
                    return self._add(new, digest + suffix, folder, size, name, onto)
                return self._file(new, digest, suffix, size, name)
        finally:
            with suppress(OSError):
                new.unlink(missing_ok=True)

    def _make(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def _write(self, path: Path, chunks: AsyncIterator[bytes]) -> tuple[str, int]:
        sha, size = hashlib.sha256(), 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            try:
                async for chunk in chunks:
                    size += len(chunk)
                    self._coming += len(chunk)
                    self._check(size)
                    sha.update(chunk)
                    file.write(chunk)
            finally:
                self._coming -= size
            if not size:
                raise InputError("an uploaded file must hold something; it is empty.")
            file.flush()
            os.fsync(file.fileno())
        return sha.hexdigest(), size

    def _check(self, size: int) -> None:
        if size > _limits.STUDIO_UPLOAD_BYTES:
            raise InputError(
                f"an uploaded file must have at most {_limits.STUDIO_UPLOAD_BYTES:,} "
                f"bytes (limit STUDIO_UPLOAD_BYTES); got more. For larger ones: "
                "pellucid train FILE."
            )
        if self._size + self._coming > _limits.STUDIO_STORE_BYTES:
            raise InputError(
                f"all uploaded files must have at most {_limits.STUDIO_STORE_BYTES:,} "
                f"bytes together (limit STUDIO_STORE_BYTES). Remove {self.folder}."
            )

    def _file(
        self, new: Path, digest: str, suffix: str, size: int, name: str
    ) -> tuple[int, Upload]:
        path = self.folder / f"{digest}{suffix}"
        if not path.exists():
            os.replace(new, path)
            sync_folder(self.folder)
            self._size += size
        shown = name.replace("\\", "/").rpartition("/")[2][:LONGEST_NAME]
        return self._keep(Upload(f"upload:{digest}", shown, path, size))

    def _add(
        self, new: Path, file: str, kind: str, size: int, name: str, onto: int | None
    ) -> tuple[int, Upload]:
        """An image more in a folder of images."""
        if onto is None:
            digest = os.urandom(32).hex()
            shown = name.replace("\\", "/").split("/")[0][:LONGEST_NAME] or "images"
            path = self.folder / digest
            number, before = self._keep(Upload(f"upload:{digest}", shown, path, 0, 0))
        else:
            number, before = onto, self[onto]
        if before.path.suffix or before.files >= _limits.STUDIO_UPLOAD_FILES:
            raise InputError(
                "images can only be added to a folder of at most "
                f"{_limits.STUDIO_UPLOAD_FILES:,} images (limit STUDIO_UPLOAD_FILES)."
            )
        place = before.path / kind
        for made in (before.path, place):
            made.mkdir(exist_ok=True, mode=0o700)
        self._size += size
        os.replace(new, place / file)
        size += before.bytes
        found = replace(before, bytes=size, files=before.files + 1)
        self.uploads[number] = found
        return number, found

    def _keep(self, upload: Upload) -> tuple[int, Upload]:
        number = max(self.uploads, default=0) + 1
        self.uploads[number] = upload
        self._put(NAMES, upload.key, upload.name)
        return number, upload

    def sealed(self, number: int) -> Upload:
        """An upload under the name that its bytes give it; a folder is complete then.

        Raises:
            InputError: there is none.
        """
        with self._lock:
            found = self[number]
            if found.path.suffix:
                return found
            inside = sorted(found.path.glob("*/*"))
            listed = "\n".join(f"{p.parent.name}/{p.name}" for p in inside)
            digest = hashlib.sha256(listed.encode()).hexdigest()
            path = self.folder / digest
            if path != found.path:
                if path.exists():  # the same images came before
                    shutil.rmtree(found.path)
                else:
                    os.replace(found.path, path)
                found = replace(found, key=f"upload:{digest}", path=path)
                self.uploads[number] = found
                self._put(NAMES, found.key, found.name)
            return found

    def remove(self, number: int) -> None:
        """Forget an upload and its bytes."""
        found = self[number]
        if found.path.is_dir():
            shutil.rmtree(found.path, ignore_errors=True)
        else:
            found.path.unlink(missing_ok=True)
        del self.uploads[number]
        self._size = _size(self.folder)


async def _read(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := file.read(1 << 20):
        yield chunk


def _key_of(folder: Path) -> str:
    """What a folder of the user's own is called as an upload: by names and bytes.

    Raises:
        InputError: there are too many images in it.
        OSError: one of them can't be read.
    """
    most = _limits.STUDIO_UPLOAD_FILES
    files = (path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    images = list(islice((path for path in files if path.is_file()), most + 1))
    if len(images) > most:
        raise InputError(
            f"a folder that the studio reads must have at most {most:,} images (limit "
            f"STUDIO_UPLOAD_FILES); {folder} has more."
        )
    listed = hashlib.sha256()
    for path in sorted(images):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        listed.update(f"{digest} {path.relative_to(folder).as_posix()!r}\n".encode())
    return f"upload:{listed.hexdigest()}"


def _class_of(name: str) -> str:
    """The class that an image is of: the folder that it lay in.

    Raises:
        InputError: the folder's name has letters that a folder here can't have.
    """
    parts = name.replace("\\", "/").split("/")
    kind = parts[-2] if len(parts) > 1 else "images"
    if not CLASS.fullmatch(kind) or not kind.isprintable():
        raise InputError(
            "a class of images must be called by letters, digits, spaces, - and _; "
            f"got the folder {kind!r:.60}. Rename it."
        )
    return kind.strip()


def _size(folder: Path) -> int:
    """Bytes of all files in a folder, after what was cut off has been removed."""
    if not folder.is_dir():
        return 0
    for left in folder.glob(".pellucid-*.tmp"):
        left.unlink(missing_ok=True)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
