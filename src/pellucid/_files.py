"""Files out and files in: whole or not at all, and never larger than allowed.

A folder that several processes may write to has a file that only one of them locks.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

from ._errors import InputError

LEFTOVERS = ".pellucid-*.tmp"
"""Names of files whose writing was cut off."""

LOCK_TRIES, LOCK_PAUSE = 10, 0.02  # seconds; who only looks lets go at once


def write_atomic(path: str | Path, data: bytes, mode: int = 0o644) -> None:
    """Put `data` at `path`: after a crash the old file or the new one is there, whole.

    The bytes go to a new file in the same folder, are made durable, and only then
    take the name. A link at `path` is replaced, not followed.

    Args:
        path: the file; its folder exists.
        data: all of its bytes.
        mode: permissions before the umask takes its share.

    Raises:
        OSError: could not be written, with `path` as its filename; nothing has
            changed, and the new file is removed. (Where only the folder could not be
            made durable, the new file is in place and may be lost with the power.)

    Source: Pillai et al. 2014, "All File Systems Are Not Created Equal", OSDI.
    """
    try:
        _write(Path(path), data, mode)
    except OSError as error:  # name the file that was meant, not the temporary one
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write(path: Path, data: bytes, mode: int) -> None:
    """As `write_atomic`; the system's own errors go on."""
    # A name nobody can guess, opened so that nothing which lies there is followed.
    new = path.with_name(f".pellucid-{os.urandom(8).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):  # not every system has all
        flags |= getattr(os, name, 0)
    descriptor = os.open(new, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        # After a failed fsync nobody knows what is on the disk: give the file up.
        with suppress(OSError):
            os.unlink(new)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's names durable, where the system can."""
    if os.name == "nt":  # Windows can't open a folder
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # can't: not failed to
            raise
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Remove what writers that were cut off left behind; only under the lock."""
    for path in folder.glob(LEFTOVERS):
        path.unlink(missing_ok=True)


def lock(path: Path) -> int | None:
    """Lock a file for this process, until `os.close` of what comes back.

    The system lets go when the process ends, however it ends, so a lock is never left
    behind; the file is, and its being there means nothing.

    Returns:
        A descriptor, or None where another process has the lock.

    Raises:
        OSError: the file can't be made or locked.
    """
    flags = os.O_RDWR | os.O_CREAT
    for name in ("O_NOFOLLOW", "O_CLOEXEC"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        for _ in range(LOCK_TRIES):
            if _locks(descriptor):
                return descriptor
            time.sleep(LOCK_PAUSE)
    except OSError as error:
        os.close(descriptor)
        raise OSError(error.errno, error.strerror, str(path)) from error
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def is_locked(path: Path) -> bool:
    """Whether a process has locked the file now."""
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    except OSError:  # nobody could lock it
        return False
    try:
        return not _locks(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":

    def _locks(descriptor: int) -> bool:
        """Whether the lock could be taken."""
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _locks(descriptor: int) -> bool:
        """Whether the lock could be taken."""
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def read_limited(path: str | Path, limit: int, what: str) -> bytes:
    """All bytes of a regular file that is not too large.

    Args:
        path: the file; a link to one will do.
        limit: largest size allowed, bytes.
        what: what the file should be, for the sentence, such as "the model file".

    Raises:
        InputError: there is no such file, it is something else than a file, it may
            not be read, or it is too large.
    """
    try:
        return _read(path, limit, what)
    except InputError:
        raise
    except FileNotFoundError:
        reason = f"must exist; nothing is at {path}"
    except PermissionError:
        reason = f"must be readable; {path} may not be read by this user"
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        text = getattr(error, "strerror", None) or error
        reason = f"must be readable; {str(path)!r} is not: {text}"
    raise InputError(f"{what} {reason}.")


def _read(path: str | Path, limit: int, what: str) -> bytes:
    """The bytes, read once; the system's own errors go on."""
    flags = os.O_RDONLY
    # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
    for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{what} must be a file; {path} is something else.")
        if status.st_size > limit:
            raise InputError(
                f"{what} must have at most {limit:,} bytes; "
                f"{path} has {status.st_size:,}."
            )
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(status.st_size + 1)  # one more, to see it grow
    finally:
        os.close(descriptor)
    if len(data) != status.st_size:
        raise InputError(
            f"{what} must stay as it is while it is read; {path} changed. Try again."
        )
    return data
