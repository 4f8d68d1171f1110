"""Asking what was exported: a C program, a Python file in a bare process, ONNX."""

import csv
import gzip
import json
import subprocess
import sys

import numpy as np

from command_line import typed
from pellucid import Parameters, load_network
from pellucid.data import Encoding
from test_tabular_sets import SETS

FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1"]

DRIVER = """
#include "model.c"
#include <stdio.h>
static char line[1 << 20];
int main(void)
{
    while (fgets(line, sizeof line, stdin)) {
        real x[MODEL_INPUTS], a[MODEL_OUTPUTS];
        char *t = line;
        %s
        model_outputs(x, a);
        for (int j = 0; j < MODEL_OUTPUTS; j++)
            printf("%%.17g ", (double)a[j]);
        %s
    }
    return 0;
}
"""

CELLS = """const char *cell[MODEL_COLUMNS];
        for (int i = 0; i < MODEL_COLUMNS; i++) {
            cell[i] = t;
            t += strcspn(t, "\\x1f\\n");
            *t++ = 0;
        }
        if (model_encode(cell, x))
            return 1;"""
NUMBERS = "for (int i = 0; i < MODEL_INPUTS; i++) x[i] = strtod(t, &t);"

ANSWER = {
    "classes": 'printf("%s\\n", model_labels[model_class(a)]);',
    "numbers": "double v[MODEL_OUTPUTS]; model_values(a, v); "
    'for (int j = 0; j < MODEL_OUTPUTS; j++) printf("%.17g ", v[j]); puts("");',
    "": 'puts("");',
}


def trained(name, capsys, folder, data_dir):
    """The default network of a published table: its words, and all raw rows."""
    file, target, words = SETS[name]
    runs = folder / "runs"
    said = typed(capsys, "train", data_dir / file, "--target", target, *words,
                 "--runs", runs)  # fmt: skip
    assert said.status == 0, said
    (run,) = runs.iterdir()
    network, about = load_network(run / "model.safetensors")
    encoding = Encoding.from_json(about["encoding"])
    return (
        network,
        about,
        encoding,
        data_dir / file,
        raw_rows(data_dir / file, encoding),
    )


def raw_rows(path, encoding):
    """All rows of a table, each a dictionary of texts."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as source:
        first = source.readline()
        source.seek(0)
        sign = max(",;", key=first.count)
        cells = [row for row in csv.reader(source, delimiter=sign) if row]
    rows = cells if encoding.numbered else cells[1:]
    return [dict(zip(encoding.order, map(str.strip, row), strict=True)) for row in rows]


def in_double(network):
    """The same weights, float64 arithmetic."""
    theta = network.parameters.theta.astype("float64")
    return network.with_parameters(Parameters(network.sizes, theta))


def sequential(network):
    """The torch.nn.Sequential of a network, its weights still by lot."""
    import torch

    kinds = {"relu": torch.nn.ReLU, "silu": torch.nn.SiLU, "tanh": torch.nn.Tanh,
             "sigmoid": torch.nn.Sigmoid, "identity": torch.nn.Identity,
             "softmax": lambda: torch.nn.Softmax(1)}  # fmt: skip
    places = []
    for l in range(1, network.L + 1):
        places.append(torch.nn.Linear(*network.sizes[l - 1 : l + 1]))
        places.append(kinds[network.sigma[l].name]())
    return torch.nn.Sequential(*places)


def asked_torch(file, network, x):
    """What torch gives with the file's weights."""
    import torch
    from safetensors.torch import load_file

    made = sequential(network)
    made.load_state_dict(load_file(file))  # every key there, and none too many
    with torch.no_grad():
        return made(torch.from_numpy(x)).numpy()


def asked_c(folder, inputs, task, raw=True):
    """The lines of the C file for lines of cells or inputs: outputs, then answers."""
    text = DRIVER % (CELLS if raw else NUMBERS, ANSWER[task])
    (folder / "driver.c").write_text(text)
    compiled(folder, "driver.c", "-o", "driver", "-lm")
    done = subprocess.run([folder / "driver"], input=inputs.encode(), check=True,
                          capture_output=True)  # fmt: skip
    return done.stdout.decode().splitlines()


def compiled(folder, *words):
    """Compile in a folder, with every warning an error."""
    source, *rest = words
    done = subprocess.run(["gcc", *FLAGS, source, *rest], cwd=folder,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr


def footprint(folder):
    """Bytes of the compiled model.c, and of the stack that its functions use at most.

    No function calls itself, so that all of them together are more than any chain.
    """
    compiled(folder, "model.c", "-c", "-fstack-usage", "-o", "model.o")
    done = subprocess.run(["size", folder / "model.o"], capture_output=True, text=True,
                          check=True)  # fmt: skip
    used = [line.split("\t") for line in (folder / "model.su").read_text().splitlines()]
    assert all(kind == "static" for _, _, kind in used), used  # known when compiled
    stack = sum(int(size) for _, size, _ in used)
    return sum(map(int, done.stdout.splitlines()[1].split()[:3])), stack


def c_cells(encoding, rows):
    """The cells of each row as the C file takes them."""
    names = encoding.needed
    return "".join("\x1f".join(row[n] for n in names) + "\n" for row in rows)


def asked_python(file, rows):
    """Outputs and answers of the Python file, in a process without pellucid."""
    program = (
        "import sys, json, runpy, numpy\n"
        f"m = runpy.run_path({str(file)!r})\n"
        "rows = json.load(sys.stdin)\n"
        "a = m['outputs'](m['encode'](rows) if isinstance(rows[0], dict) else rows)\n"
        "print(json.dumps([a.astype(float).tolist(), m['answers'](a)]))\n"
        "assert not [n for n in sys.modules if 'pellucid' in n or 'pandas' in n]\n"
    )
    done = subprocess.run([sys.executable, "-I", "-W", "error", "-c", program],
                          input=json.dumps(rows).encode(), capture_output=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    a, answers = json.loads(done.stdout)
    return np.array(a), answers


def asked_onnx(file, feed):
    """What ONNX Runtime gives for each output."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(file), options, providers=["CPUExecutionProvider"]
    )
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(None, feed), strict=True))


def onnx_feed(encoding, rows):
    """Columns as ONNX takes them: doubles, NaN where missing, and texts."""
    from pellucid.data.tables.raw import NOT_THERE

    feed = {}
    for column in encoding.columns:
        if not column.inputs:
            continue
        cells = [row[column.name] for row in rows]
        texts = column.kind == "category" or (
            column.kind == "boolean" and isinstance(column.values[0], str)
        )
        if not texts:
            cells = [np.nan if c in NOT_THERE else float(c) for c in cells]
        kind = object if texts else np.float64
        feed[column.name] = np.array(cells, kind).reshape(-1, 1)
    return feed
