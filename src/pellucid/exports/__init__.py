"""A trained network for other programs: ONNX, C, Python, torch.

    onnx     the encoding of raw rows inside, for ONNX Runtime and its like
    c        one file of C99 without allocation or dependencies
    python   one file that needs only NumPy
    torch    safetensors with the keys of a torch.nn.Sequential

What each takes and gives is told in docs/export.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .._arrays import choose
from .._errors import InputError
from .._files import write_atomic
from ..mathematics.network import Network
from .c_file import c_file
from .model import Model
from .onnx_file import onnx_file
from .python_file import python_file
from .torch_file import torch_file

FORMS: dict[str, tuple[str, Callable[[Model], bytes]]] = {
    "onnx": (".onnx", onnx_file),
    "c": (".c", c_file),
    "python": (".py", python_file),
    "torch": (".safetensors", torch_file),
}
"""Name to the end of a file's name, and what makes its bytes."""


def export(
    path: str | Path,
    network: Network,
    to: str | None = None,
    about: Mapping[str, Any] | None = None,
) -> Path:
    """Write a network for another program.

    Args:
        path: the file; replaced if it exists.
        network: what to write.
        to: "onnx", "c", "python" or "torch"; None: as the file's name ends.
        about: what was said of it in its model file: classes and encoding; see
            `load_network`.

    Returns:
        The path.

    Raises:
        InputError: another form, the package onnx is absent, or a name can't be used.
        OSError: the file can't be written.
    """
    path = Path(path)
    if to is None:
        ends = {end: name for name, (end, _) in FORMS.items()}
        to = ends.get(path.suffix)
        if to is None:
            raise InputError(
                f"the name must end with {', '.join(ends)}, or say which: "
                f"to={next(iter(FORMS))!r}; got {path.name!r:.60}."
            )
    _, make = choose("to", to, FORMS)
    write_atomic(path, make(Model.of(network, about or {})))
    return path
