"""A network as the state of a torch.nn.Sequential, in a safetensors file."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from .model import Model


def torch_file(model: Model) -> bytes:
    """The file's bytes.

    Linear layers are at the places 0, 2, 4 ... and activations between them, so keys
    are 0.weight, 0.bias, 2.weight ...; a weight is (out, in), as in torch. (Keras keeps
    its kernels as (in, out): take the transpose.) What else there is to say, JSON in
    the header's `pellucid` says.
    """
    from safetensors.numpy import save

    network, arrays = model.network, {}
    for l in range(1, network.L + 1):
        arrays[f"{2 * l - 2}.weight"] = np.ascontiguousarray(network.w[l])
        arrays[f"{2 * l - 2}.bias"] = np.ascontiguousarray(network.b[l])
    words: dict[str, Any] = model.words()
    return save(arrays, {"format": "pt", "pellucid": json.dumps(words)})
