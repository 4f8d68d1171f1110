"""Parquet, a few thousand rows at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ... import _limits
from ..._errors import InputError

MAGIC = b"PAR1"
BLOCK_ROWS = 1 << 14


class Parquet:
    """A Parquet file's columns.

    Attributes:
        names: of the columns.
        sha256: of the file's bytes.
    """

    def __init__(self, path: str, progress: Callable[[float], None]):
        self.progress = progress
        with open(path, "rb") as file:
            self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            self.file = pq.ParquetFile(path, memory_map=False, pre_buffer=False)
            self.names = list(self.file.schema_arrow.names)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputError(_sentence(error)) from None
        if len(self.names) > _limits.COLUMNS:
            raise InputError(
                f"there must be at most {_limits.COLUMNS:,} columns (limit COLUMNS); "
                f"got {len(self.names):,}."
            )
        twice = [name for name in self.names if self.names.count(name) > 1]
        if twice:
            raise InputError(
                f"columns must have different names; {twice[0]!r:.60} stands twice."
            )
        self.rows = int(self.file.metadata.num_rows)

    def blocks(self) -> Iterator[list[Any]]:
        """The rows from the start, as Arrow arrays.

        Raises:
            InputError: it is damaged.
        """
        seen = 0
        try:
            for batch in self.file.iter_batches(BLOCK_ROWS, use_threads=False):
                batch.validate(full=True)  # a damaged file may hold wrong offsets
                seen += batch.num_rows
                self.progress(min(seen / max(self.rows, 1), 1.0))
                if batch.num_rows:
                    yield batch.columns
        except (pa.ArrowException, OSError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(_sentence(error)) from None


def _sentence(error: Exception) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0]
    return f"it must be a whole Parquet file; it is damaged: {text:.200}."
