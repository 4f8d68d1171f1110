"""One file from the first source that has it, checked before anything is kept."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ... import _limits
from ..._errors import InputError
from ..._files import write_atomic

CHUNK = 1 << 16


def download(
    sources: Sequence[str],
    path: Path,
    sha256: str,
    *,
    instead: str,
    limit: int = _limits.DOWNLOAD_BYTES,
    silence: float = _limits.DOWNLOAD_SILENCE_SECONDS,
) -> None:
    """Put one published file at `path`, whole and unchanged, or nothing.

    Args:
        sources: addresses of the same file, tried in this order.
        path: where it goes; its folder is made.
        sha256: of the file as published, 64 hex digits.
        instead: what the user can do where none has it, a sentence.
        limit: largest size accepted, bytes.
        silence: longest wait for a source to say something, seconds.

    Raises:
        InputError: no source gave the file, or it can't be kept.
    """
    tried = []
    for address in sources:
        try:
            data = _get(address, limit, silence)
        except _Failed as failed:
            tried.append(f"{address} ({failed})")
            continue
        found = hashlib.sha256(data).hexdigest()
        if found == sha256:
            return _keep(path, data, instead)
        tried.append(f"{address} (SHA-256 {found[:12]}..., not {sha256[:12]}...)")
    raise InputError(
        f"{path.name} must come from one of its sources; tried "
        f"{' and '.join(tried) or 'none'}. {instead}"
    )


class _Failed(Exception):
    """Why one source did not give the file."""


def _get(address: str, limit: int, silence: float) -> bytes:
    """The bytes at an address, or `_Failed` for whatever goes wrong."""
    import http.client
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(address, timeout=silence) as response:
            return _read(response, limit)
    except urllib.error.HTTPError as error:
        error.close()
        raise _Failed(f"it answers {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise _Failed(f"no connection: {error.reason}") from None
    except TimeoutError:
        raise _Failed(f"silent for {silence:g} seconds") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _Failed(f"the connection broke: {error}") from None


def _read(response: Any, limit: int) -> bytes:
    """The body, never more than `limit` of it and not for ever."""
    stated = response.headers.get("Content-Length")
    length = int(stated) if stated is not None else None
    data = bytearray()
    end = time.monotonic() + _limits.DOWNLOAD_SECONDS
    # read1 hands over what has come, so a source that drips meets the clock.
    while chunk := response.read1(CHUNK):
        data += chunk
        if max(len(data), length or 0) > limit:
            raise _Failed(f"larger than {limit:,} bytes, the limit DOWNLOAD_BYTES")
        if time.monotonic() > end:
            raise _Failed(f"not done after {_limits.DOWNLOAD_SECONDS} seconds")
    if length is not None and len(data) != length:
        raise _Failed(f"truncated: {len(data):,} of {length:,} bytes")
    return bytes(data)


def _keep(path: Path, data: bytes, instead: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)
    except OSError as error:
        raise InputError(
            f"{path.parent} must be a folder that can be written to; "
            f"{path.name} could not be kept there: {error.strerror}. {instead}"
        ) from None
