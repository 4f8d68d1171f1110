"""Files out are whole or absent; files in are regular and not too large."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from pellucid import _files
from pellucid._errors import InputError
from pellucid._files import read_limited, write_atomic

posix = pytest.mark.skipif(os.name == "nt", reason="permissions and pipes of POSIX")


class Crash(Exception):
    """Stands for the power that fails."""


def crash(*_):
    raise Crash


def disk_full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_write_puts_all_bytes_in_place_and_leaves_nothing_else(tmp_path):
    data = bytes(range(256)) * 5_000
    write_atomic(tmp_path / "run.json", data)
    assert (tmp_path / "run.json").read_bytes() == data
    assert os.listdir(tmp_path) == ["run.json"]


def test_write_takes_a_path_as_text_and_the_longest_name(tmp_path):
    path = f"{tmp_path}/{'n' * 250}"
    write_atomic(path, b"new")
    assert read_limited(path, 3, "file") == b"new"


@pytest.mark.parametrize("broken", ["fsync", "replace"])
@pytest.mark.parametrize("fault", [crash, disk_full])
def test_failed_write_leaves_the_old_file_whole_and_no_other(
    tmp_path, monkeypatch, broken, fault
):
    path = tmp_path / "model"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, broken, fault)
    with pytest.raises((Crash, OSError)):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["model"]


def test_failed_write_to_a_new_name_leaves_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(Crash):
        write_atomic(tmp_path / "model", b"new")
    assert os.listdir(tmp_path) == []


def test_bytes_are_durable_before_the_name_and_the_name_before_the_end(
    tmp_path, monkeypatch
):
    steps = []
    sync, rename = os.fsync, os.replace

    def fsync(descriptor):
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("folder" if folder else f"{os.fstat(descriptor).st_size} bytes")
        sync(descriptor)

    def replace(old, new):
        steps.append("rename")
        rename(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_atomic(tmp_path / "model", b"12345")
    expected = ["5 bytes", "rename"] + ([] if os.name == "nt" else ["folder"])
    assert steps == expected


@posix
@pytest.mark.parametrize("number, goes_on", [(errno.EINVAL, False), (errno.EIO, True)])
def test_folder_that_cannot_be_synced_is_forgiven_but_one_that_fails_is_not(
    tmp_path, monkeypatch, number, goes_on
):
    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    if goes_on:
        with pytest.raises(OSError):
            write_atomic(tmp_path / "model", b"new")
    else:
        write_atomic(tmp_path / "model", b"new")
    assert os.listdir(tmp_path) == ["model"]


@posix
def test_write_does_not_follow_a_link_at_its_name(tmp_path):
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "model").symlink_to(tmp_path / "victim")
    write_atomic(tmp_path / "model", b"new")
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert (tmp_path / "model").read_bytes() == b"new"
    assert not (tmp_path / "model").is_symlink()


@posix
def test_write_refuses_a_new_name_that_somebody_has_taken(tmp_path, monkeypatch):
    (tmp_path / "victim").write_bytes(b"precious")
    monkeypatch.setattr(os, "urandom", lambda count: bytes(count))
    trap = tmp_path / f".pellucid-{'00' * 8}.tmp"
    trap.symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        write_atomic(tmp_path / "model", b"new")
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert trap.is_symlink(), "what others made is not removed"


@posix
@pytest.mark.parametrize(
    "umask, mode, seen", [(0o022, 0o644, 0o644), (0o077, 0o644, 0o600),
                          (0o022, 0o600, 0o600), (0o000, 0o644, 0o644)]
)  # fmt: skip
def test_permissions_are_mode_less_the_umask(tmp_path, umask, mode, seen):
    before = os.umask(umask)
    try:
        write_atomic(tmp_path / "model", b"", mode)
        write_atomic(tmp_path / "other", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == seen
    default = stat.S_IMODE((tmp_path / "other").stat().st_mode)
    assert default == 0o644 & ~umask


def test_only_one_may_hold_a_lock_and_its_end_lets_go(tmp_path):
    path = tmp_path / "lock"
    assert not _files.is_locked(path)
    held = _files.lock(path)
    assert _files.is_locked(path) and _files.lock(path) is None
    os.close(held)
    assert not _files.is_locked(path)
    again = _files.lock(path)
    assert again is not None
    os.close(again)


@posix
def test_lock_of_a_process_that_is_killed_is_free(tmp_path):
    path = tmp_path / "lock"
    code = f"from pellucid import _files; _files.lock({str(path)!r}); print(flush=True)"
    wait = "; import time; time.sleep(60)"
    source = os.path.dirname(os.path.dirname(_files.__file__))
    with subprocess.Popen(
        [sys.executable, "-c", code + wait],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    ) as process:
        process.stdout.readline()
        assert _files.is_locked(path)
        process.kill()
    assert not _files.is_locked(path)


def test_lock_that_cannot_be_made_names_its_file(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError) as error:
        _files.lock(tmp_path / "absent" / "lock")
    assert error.value.filename == str(tmp_path / "absent" / "lock")
    monkeypatch.setattr(_files, "_locks", disk_full)
    with pytest.raises(OSError) as error:
        _files.lock(tmp_path / "lock")
    assert error.value.filename == str(tmp_path / "lock")


def test_leftovers_are_removed_and_nothing_else(tmp_path):
    for name in (".pellucid-0123.tmp", "model", ".pellucid", "x.tmp"):
        (tmp_path / name).write_bytes(b"")
    _files.remove_leftovers(tmp_path)
    assert set(os.listdir(tmp_path)) == {"model", ".pellucid", "x.tmp"}


def test_write_into_a_folder_that_is_not_there_fails(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "absent" / "model", b"new")


def test_write_and_read_do_without_what_windows_lacks(tmp_path, monkeypatch):
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK"):
        monkeypatch.delattr(os, name, raising=False)
    monkeypatch.setattr(_files, "sync_folder", lambda folder: None)
    write_atomic(tmp_path / "model", b"new")
    assert read_limited(tmp_path / "model", 3, "file") == b"new"


def test_read_gives_all_bytes_up_to_the_limit(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"\r\n\0x")
    assert read_limited(path, 4, "file") == b"\r\n\0x"
    path.write_bytes(b"")
    assert read_limited(path, 0, "file") == b""


def test_read_says_what_is_too_large(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(1_001))
    with pytest.raises(InputError) as error:
        read_limited(path, 1_000, "the model file")
    assert str(error.value) == (
        f"the model file must have at most 1,000 bytes; {path} has 1,001."
    )


def test_read_says_what_is_missing(tmp_path):
    with pytest.raises(InputError) as error:
        read_limited(tmp_path / "absent", 9, "the model file")
    sentence = f"the model file must exist; nothing is at {tmp_path / 'absent'}."
    assert str(error.value) == sentence


@posix
def test_read_refuses_a_folder_and_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(InputError) as error:
            read_limited(path, 9, "the model file")
        sentence = f"the model file must be a file; {path} is something else."
        assert str(error.value) == sentence


def test_read_says_what_may_not_be_read(tmp_path, monkeypatch):
    def denied(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(InputError, match=r"must be readable; .* by this user"):
        read_limited(tmp_path / "file", 9, "the model file")


def test_read_says_what_else_went_wrong(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"must be readable; .*a\\x00b.* null"):
        read_limited("a\0b", 9, "the model file")
    with pytest.raises(InputError, match=r"must be readable; .* not: .+"):
        read_limited(tmp_path / ("n" * 5_000), 9, "the model file")


@pytest.mark.parametrize("change", [-1, 1])
def test_read_notices_a_file_that_changes_under_it(tmp_path, monkeypatch, change):
    path = tmp_path / "file"
    path.write_bytes(bytes(10))
    see = os.fstat

    def fstat(descriptor):
        monkeypatch.setattr(os, "fstat", see)  # once
        status = see(descriptor)
        os.truncate(path, status.st_size + change)
        return status

    monkeypatch.setattr(os, "fstat", fstat)
    with pytest.raises(InputError, match=r"file changed\. Try again\."):
        read_limited(path, 100, "the model file")


def test_read_leaves_no_descriptor_open(tmp_path):
    (tmp_path / "file").write_bytes(bytes(10))
    first = os.dup(0)
    os.close(first)
    for limit in (100, 5):
        try:
            read_limited(tmp_path / "file", limit, "file")
        except InputError:
            pass
    after = os.dup(0)
    os.close(after)
    assert after == first
