"""What is exported answers as the network does: compiled, run and loaded."""

import subprocess
import sys

import numpy as np
import pytest

from command_line import refused, typed
from exported import (
    asked_c,
    asked_onnx,
    asked_python,
    asked_torch,
    c_cells,
    footprint,
    in_double,
    onnx_feed,
    trained,
)
from pellucid import ACTIVATIONS, InputError, Network, export
from tolerances import CLOSED

EXPORTED = 1e-6
"""Outputs in float32, the largest difference: of ONNX and torch from the network's own,
of C from what exact arithmetic gives with the same weights and inputs."""

FAST = ["german"]
SLOW = ["telco", "spambase", "letter", "wine red", "california"]
SETS = [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
EXTRA = 16 << 10
"""Bytes that a C file may need besides its weights."""


def onnx_is_there():
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")


@pytest.mark.parametrize("name", SETS)
def test_raw_rows_are_answered_as_by_the_network(
    name, capsys, tmp_path, data_dir, here
):
    """All rows of the table, those of the test part among them."""
    network, about, encoding, path, rows = trained(name, capsys, tmp_path, data_dir)
    x = encoding.transform(path)
    want, answers = network(x), encoding.decode(network(x))
    for end in ("c", "py"):
        export(tmp_path / f"model.{end}", network, about=about)
    a, said = asked_python(tmp_path / "model.py", rows)
    assert np.array_equal(a, want)  # the same operations, the same bits
    numbers = encoding.target.task == "numbers"
    most = EXPORTED * max(float(np.abs(want).max()), 1.0)
    assert np.array_equal(said, answers) if numbers else said == list(answers)

    task = encoding.target.task
    lines = asked_c(tmp_path, c_cells(encoding, rows), task)
    n = want.shape[1]
    a = np.array([line.split()[:n] for line in lines], float)
    exact = in_double(network)(x.astype("float64"))
    assert np.abs(a - exact).max() <= most  # nearer to it than the network itself
    if not numbers:
        assert [line.split(" ", n)[n] for line in lines] == list(answers)
    assert sum(footprint(tmp_path)) <= network.parameters.theta.nbytes + EXTRA

    onnx_is_there()
    export(tmp_path / "model.onnx", network, about=about)
    found = asked_onnx(tmp_path / "model.onnx", onnx_feed(encoding, rows))
    assert np.abs(found["outputs"] - want).max() <= most
    if numbers:
        scale = encoding.target.columns[0].scale
        assert np.abs(found["values"] - answers).max() <= most * scale
    else:
        assert list(found["label"]) == list(answers)


HIDDEN = [name for name, kind in ACTIVATIONS.items() if not kind.output_only]
GROUPS = [  # (hidden, output): every activation stands somewhere
    (HIDDEN[0:4], "softmax"), (HIDDEN[4:8], "exponential"), (HIDDEN[8:], "identity"),
]  # fmt: skip


def of_group(hidden, output, dtype):
    """A network with these activations, and inputs to it."""
    sizes = [6, *range(9, 9 - len(hidden), -1), 4]
    network = Network(sizes, hidden, output, seed=3, dtype=dtype)
    theta, random = network.parameters.theta, np.random.RandomState(0)
    theta[:] += 0.1 * random.standard_normal(theta.size)
    return network, (0.4 * random.standard_normal((50, 6))).astype(dtype)


def test_all_activations_are_in_a_group():
    used = {name for hidden, output in GROUPS for name in (*hidden, output)}
    assert used == set(ACTIVATIONS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden, output", GROUPS)
def test_every_activation_is_the_networks(hidden, output, dtype, tmp_path):
    network, x = of_group(hidden, output, dtype)
    want = network(x)
    size = max(float(np.abs(want).max()), 1.0)
    most = {"float32": EXPORTED, "float64": CLOSED}[dtype] * size
    for end in ("c", "py"):
        export(tmp_path / f"model.{end}", network)
    a, said = asked_python(tmp_path / "model.py", x.astype(float).tolist())
    assert np.abs(a - want).max() <= most and said == a.tolist()
    lines = "".join(" ".join(map(repr, row)) + "\n" for row in x.astype(float).tolist())
    lines = asked_c(tmp_path, lines, "", raw=False)
    assert (
        np.abs(np.array([line.split() for line in lines], float) - want).max() <= most
    )
    onnx_is_there()
    export(tmp_path / "model.onnx", network)
    found = asked_onnx(tmp_path / "model.onnx", {"x": x.astype("float32")})
    assert np.abs(found["outputs"] - want).max() <= EXPORTED * size


def test_torch_loads_it_into_a_sequential(tmp_path, capsys):
    pytest.importorskip("torch")
    network, x = of_group(["relu", "tanh"], "softmax", "float32")
    file = export(tmp_path / "model.safetensors", network)
    assert np.abs(asked_torch(file, network, x) - network(x)).max() <= EXPORTED


def test_the_same_file_has_what_keras_is_given(tmp_path):
    """Its Dense layer is a x kernel + bias, the kernel (in, out): the weight turned."""
    from safetensors.numpy import load_file

    network, x = of_group(["relu", "tanh"], "softmax", "float32")
    arrays = load_file(export(tmp_path / "model.safetensors", network))
    a = x
    for place, sigma in zip((0, 2, 4), network.sigma[1:], strict=True):
        weight, bias = (arrays[f"{place}.{each}"] for each in ("weight", "bias"))
        kernel = weight.T
        assert kernel.shape == (a.shape[1], len(bias))
        a = sigma(a @ kernel + bias)
    assert np.abs(a - network(x)).max() <= EXPORTED


def test_what_stands_in_names_and_labels_can_not_steer_c(tmp_path, here):
    from pellucid import read, train

    label = ['a"; }/*', "??=b\\n\\", "*/ ü\n", "%s\x01"]
    rows = {"q\\*/ \n": ["??/", "x,y", "%d\\", ""] * 20, "n": [1, 2, 3, 4] * 20,
            "t": [label[k % 4] for k in range(80)]}  # fmt: skip
    data = read(rows, "t")
    network = Network([data.x.shape[1],
                       4], seed=1)  # fmt: skip
    for _ in train(network, data, epochs=30):
        pass
    words = data.encoding.to_json()
    about = {"encoding": words, "classes": list(data.classes)}
    for end in ("c", "py"):
        export(tmp_path / f"model.{end}", network, about=about)
    raw = [dict(zip(rows, map(str, row), strict=True)) for row in zip(*rows.values(),
           strict=True)][:4]  # fmt: skip
    want = list(data.encoding.decode(network(data.encoding.transform(rows)[:4])))
    _, said = asked_python(tmp_path / "model.py", raw)
    assert said == want
    lines = asked_c(tmp_path, c_cells(data.encoding, raw), "classes")
    shown = "\n".join(line.split(" ", 4)[-1] if len(line.split(" ")) > 4 else line
                      for line in lines)  # fmt: skip
    assert shown == "\n".join(want)


def test_a_cell_that_is_no_number_is_refused_by_all(capsys, tmp_path, data_dir, here):
    network, about, encoding, _, rows = trained("german", capsys, tmp_path, data_dir)
    bad = {**rows[0], "2": "soon"}
    export(tmp_path / "model.c", network, about=about)
    export(tmp_path / "model.py", network, about=about)
    with pytest.raises(AssertionError, match="'2' must be a number; got 'soon'"):
        asked_python(tmp_path / "model.py", [bad])
    with pytest.raises(subprocess.CalledProcessError):
        asked_c(tmp_path, c_cells(encoding, [bad]), "classes")


def test_the_command_writes_each_form(tmp_path, capsys):
    runs = ["--runs", tmp_path / "runs"]
    assert typed(capsys, "train", "--epochs", 1, *runs).status == 0
    (run,) = (tmp_path / "runs").iterdir()
    onnx_is_there()
    names = {"onnx": "model.onnx", "c": "model.c", "python": "model.py",
             "torch": "model.torch.safetensors"}  # fmt: skip
    for to, name in names.items():
        said = typed(capsys, "export", "--to", to, *runs, "--json")
        assert said.status == 0 and said.json["file"] == str(run / name), said
        assert said.json["bytes"] == (run / name).stat().st_size
        assert "64-" in said.out and name in said.out


def test_mistakes_are_one_sentence(tmp_path, capsys, monkeypatch):
    runs = ["--runs", tmp_path / "runs"]
    assert typed(capsys, "train", "--epochs", 1, *runs).status == 0
    assert "Known: onnx, c, python, torch" in refused(
        capsys, "export", "--to", "keras", *runs)  # fmt: skip
    network = Network([3, 2])
    with pytest.raises(InputError, match=r"must end with \.onnx, \.c, \.py, \.safe"):
        export(tmp_path / "model.h5", network)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match="needs the package onnx, which is not inst"):
        export(tmp_path / "model.onnx", network)
