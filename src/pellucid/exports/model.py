"""What every export says of a network: layers, columns and what the answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..data.tables.encoding import Encoding
from ..mathematics.network import Network


@dataclass(frozen=True)
class Model:
    """A network with what makes its inputs and reads its outputs.

    Attributes:
        network: the network.
        encoding: of raw rows, if it was trained on a file.
        classes: a label each output, if it is a classifier.
    """

    network: Network
    encoding: Encoding | None
    classes: list[str]

    @classmethod
    def of(cls, network: Network, about: Mapping[str, Any]) -> Model:
        """A model of what stands in a model file."""
        words = about.get("encoding")
        encoding = None if words is None else Encoding.from_json(words)
        return cls(network, encoding, list(about.get("classes") or ()))

    @property
    def columns(self) -> list[Any]:
        """Kinds of the columns that make inputs; none for images or plain arrays."""
        found = () if self.encoding is None else self.encoding.columns
        return [column for column in found if column.inputs]

    @property
    def task(self) -> str:
        """`classes`, `labels`, `numbers`; "" where nothing is known of the outputs."""
        if self.classes:
            return "classes"
        return "" if self.encoding is None else self.encoding.target.task

    @property
    def units(self) -> list[tuple[float, float]]:
        """Scale and centre of each number that is answered."""
        if self.encoding is None or self.task != "numbers":
            return []
        columns = getattr(self.encoding.target, "columns", ())
        return [(column.scale, column.centre) for column in columns]

    @property
    def pixel_scale(self) -> float:
        """What pixels are divided by; 1 where the inputs are no pixels."""
        pixels = None if self.encoding is None else self.encoding.pixels
        return 1.0 if pixels is None else pixels.scale

    @property
    def activations(self) -> list[tuple[str, dict[str, float]]]:
        """Name and numbers of each layer's activation, 1 ... L."""
        return [
            (
                sigma.name,
                {each.name: getattr(sigma, each.name) for each in fields(sigma)},
            )
            for sigma in self.network.sigma[1:]
        ]

    def words(self) -> dict[str, Any]:
        """All but the weights, as plain values."""
        encoding = self.encoding
        plain = {} if encoding is None else encoding.to_json()
        return {
            "sizes": list(self.network.sizes),
            "activations": self.activations,
            "dtype": self.network.dtype,
            "task": self.task,
            "classes": self.classes,
            "units": self.units,
            "columns": plain.get("columns", []),
            "order": [] if encoding is None else list(encoding.order),
            "numbered": encoding is not None and encoding.numbered,
            "pixel_scale": self.pixel_scale,
        }
