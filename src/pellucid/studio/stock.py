"""Data that stay in memory: read once, shared by all runs of all sessions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from .. import _limits
from .._arrays import Array
from .._errors import InputError
from ..data import DATASETS, PARTS, Dataset
from ..recipes import Settings
from ..run_data import READ_WORDS, open_data
from ..training.shared import Shared
from .store import Store

MARGIN = 0.1  # of the extent of two-feature data, around them
WORDS = ("data", "dtype", *READ_WORDS)
"""The settings that say what the data are."""


@dataclass(frozen=True, eq=False)
class Known:
    """Data that were read.

    Attributes:
        data: with its parts.
        shared: what trainings on it have in common.
        name: what the page calls it.
        settings: those of WORDS, as the command line knows them.
    """

    data: Dataset
    shared: Shared
    name: str
    settings: dict[str, Any]
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def plane(self) -> bool:
        """Whether it has two features and classes, so that a boundary can be drawn."""
        return self.data.inputs == 2 and self.data.classes is not None

    def part(self, name: str) -> Dataset:
        """A part of the data."""
        return self.data.part(name)

    @property
    def parts(self) -> dict[str, int]:
        """Rows of each part that there is."""
        counts = self.data.counts
        return {part: counts[part] for part in PARTS if counts.get(part)}

    @property
    def names(self) -> list[str] | None:
        """What the inputs are called, where they are no pixels."""
        encoding = self.data.encoding
        if encoding is None or encoding.pixels is not None:
            return ["x", "y"] if self.plane else None
        return list(encoding.inputs)

    def plane_range(self) -> list[list[float]] | None:
        """[[low, high], [low, high]] of two features, with a margin."""
        if not self.plane:
            return None
        x = rows_of(self.data.x)
        low, high = x.min(0).astype(float), x.max(0).astype(float)
        margin = np.where(high > low, MARGIN * (high - low), 1.0)
        ends = zip(low - margin, high + margin, strict=True)
        return [[float(a), float(b)] for a, b in ends]

    def describe(self) -> dict[str, Any]:
        """What the page is told."""
        shape = self.data.image_shape
        return {
            "name": self.name,
            "sentence": replace(self.data, name=self.name).describe(),
            "rows": self.parts,
            "image": None if shape is None else list(shape),
            "plane": self.plane,
            "plane_range": self.plane_range(),
            "inputs": self.names,
            "classes": None if self.data.classes is None else list(self.data.classes),
        }


def rows_of(x: Any) -> Array:
    """Inputs as an array with all their zeros."""
    return np.asarray(x.toarray() if hasattr(x, "toarray") else x)


class Stock:
    """The data of all sessions.

    Args:
        store: of the files that were dropped on the page.
        data_dir: where data sets are.
    """

    def __init__(self, store: Store, data_dir: str | None = None):
        self.store = store
        self.data_dir = data_dir
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Known] = OrderedDict()

    def open(self, recipe: Settings) -> Known:
        """The data that settings name, read where they are not there yet.

        Raises:
            InputError: no such data, or they can't be read.
        """
        key = repr([recipe[word] for word in WORDS])  # type: ignore[literal-required]
        with self._lock:  # whoever wants the same waits until it is read
            found = self._kept.get(key)
            if found is None:
                found = self._read(recipe)
                self._kept[key] = found
                while len(self._kept) > _limits.STUDIO_DATASETS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return found

    def settings_of(self, recipe: Settings) -> Settings:
        """The settings as the command line knows them: an upload is a file there.

        Raises:
            InputError: the data are neither a data set of ours nor an upload.
        """
        words: dict[str, Any] = dict(recipe)
        for word in ("data", "test_file"):
            name: str | None = words[word]
            if name is None or (word == "data" and _plain(name) in DATASETS):
                continue
            words[word] = str(self.store.path(name))
        return cast(Settings, words)

    def _read(self, recipe: Settings) -> Known:
        settings = self.settings_of(recipe)
        try:
            data = open_data(settings, self.data_dir)
        except InputError as error:
            raise InputError(self._named(str(error), recipe, settings)) from None
        words = {word: settings[word] for word in WORDS}  # type: ignore[literal-required]
        own = _plain(recipe["data"]) not in DATASETS
        name = self.store.name(recipe["data"]) if own else data.name
        if not data.counts.get("train"):
            raise InputError(f"{name} must have a part to learn from; it has none.")
        return Known(data, Shared(data), name, words)

    def _named(self, sentence: str, recipe: Settings, settings: Settings) -> str:
        """The sentence with the owner's names of files, not ours."""
        for word in ("data", "test_file"):
            key: Any = dict(recipe)[word]
            path: Any = dict(settings)[word]
            if key is not None and path != key:
                sentence = self.store.named(sentence, key, Path(path))
        return sentence


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
