"""A network as one Python file: `standalone.py` with its empty constants filled."""

from __future__ import annotations

import base64
import json
import textwrap
from pathlib import Path

from ..mathematics.network import Network
from .model import Model

SOURCE = Path(__file__).with_name("standalone.py")


def python_file(model: Model) -> bytes:
    """The file's bytes."""
    text = SOURCE.read_text(encoding="utf-8")
    stated = f"MODEL = json.loads({json.dumps(model.words())!r})"
    text = text.replace('MODEL = json.loads("{}")', stated)
    coded = "\n".join(textwrap.wrap(_weights(model.network), 76))
    text = text.replace('WEIGHTS = ""', f'WEIGHTS = """\n{coded}\n"""')
    return text.encode()


def _weights(network: Network) -> str:
    theta = network.parameters.theta
    little = theta.astype(theta.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(little.tobytes()).decode()
