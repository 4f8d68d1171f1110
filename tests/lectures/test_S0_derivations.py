"""S0 and S2: what is left open is derived on a page, whose Python is run here."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from markdown_python import ran
from pellucid import (
    COSTS,
    InputError,
    Network,
    load,
    load_network,
    save_network,
    sigmoid,
    trace,
)
from tolerances import DIFFERENCE, distance

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "derivations.md").read_text()


def test_S0_30_no_unit_step_beats_the_one_along_minus_the_gradient():
    # "Where does the formula of stochastic gradient descent come from?"
    assert "ΔC ≈ Σ_k ∂C/∂θ_k Δθ_k = ∇C · Δθ" in PAGE
    attempted, failed = ran(PAGE)
    assert attempted > 10 and failed == 0
    network = Network([64, 20, 10], "tanh", seed=2, dtype="float64")
    part = load("digits", dtype="float64").train.rows(np.arange(40))
    cost, theta = COSTS["cross_entropy"](), network.parameters.theta
    here = trace(network, cost, part.x, part.y)
    start, nabla = theta.copy(), here.nabla.theta.copy()
    unit = np.random.RandomState(0).standard_normal(theta.size)
    unit /= np.linalg.norm(unit)
    off = []
    for length in (0.1, 0.05, 0.025):  # ΔC - ∇C·Δv shrinks with the square
        theta[:] = start + length * unit
        change = trace(network, cost, part.x, part.y).cost - here.cost
        off.append(abs(change - length * float(nabla @ unit)))
    for longer, shorter in pairwise(off):
        assert 3.5 < longer / shorter < 4.5


def test_S0_12_a_link_back_is_refused(tmp_path):
    # "Feedforward": no link leads back, and the files have no place for one.
    path = tmp_path / "model.safetensors"
    network = Network([4, 3, 2])
    save_network(path, network)
    arrays = load_file(path)
    size = int.from_bytes(path.read_bytes()[:8], "little")
    words = json.loads(path.read_bytes()[8 : 8 + size])["__metadata__"]
    arrays["w1_from_2"] = np.zeros((3, 2), np.float32)  # from the output back
    save_file(arrays, path, words)
    with pytest.raises(InputError, match=r"Links back, or within a layer, are not for"):
        load_network(path)
    text = " ".join((DOCS / "glossary.md").read_text().split())
    assert "Networks with feedback were once said" in text
    assert "That sentence is dated" in text


def test_S2_38_the_slope_of_the_sigmoid_is_a_times_one_minus_a():
    # "dỹ/dz = ỹ(1 - ỹ)", whose derivation is a lost picture.
    z, h = np.linspace(-30, 30, 601), 1e-5
    a = sigmoid(z)
    assert distance((sigmoid(z + h) - sigmoid(z - h)) / (2 * h), a * (1 - a)) < (
        DIFFERENCE
    )
    page = " ".join(PAGE.split())
    for line in ("da/dz = −(1 + e^(−z))^(−2) · (−e^(−z))", "= a · (1 − a)"):
        assert line in page
    assert "∂C/∂z = ∂C/∂a · da/dz = a − y" in page
    assert ran(PAGE)[1] == 0
