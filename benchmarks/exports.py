"""What is exported against the network itself, on every row of six tables.

    python benchmarks/exports.py               all; writes into docs/export.md
    python benchmarks/exports.py SET ...       some; prints their lines only

The default network is trained on each, exported in every form, and each form asked:
the C file compiled by gcc, the Python file in a process of its own, ONNX by ONNX
Runtime, the safetensors file by torch. Files are looked for in the folder
PELLUCID_DATA, else in ../shared/data.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from pages import ROOT, data_folder, put
from pellucid import evaluation, export, read, recipes
from pellucid.runs import results
from tables import MORE, SETS, progress

sys.path.append(str(ROOT / "tests"))
import exported as ask

NAMES = (
    "german_credit", "wine_quality (red)", "spambase", "telco_churn", "letter",
    "california_housing",
)  # fmt: skip
SEED = 500


def default_network(data):
    """The network that `pellucid train` would make, and its native engine's answers."""
    settings = recipes.settings(None, data, seed=SEED)
    network = recipes.build(settings, data)
    for _ in recipes.run(settings, network, data):
        pass
    return network, results.cost_of(settings, network)


def answers(folder, network, data, path):
    """Each form's outputs, and what it says they mean, for all rows of the file."""
    encoding, n = data.encoding, network.sizes[-1]
    about = {"encoding": encoding.to_json(), "classes": list(data.classes or ())}
    for end in ("onnx", "c", "py", "safetensors"):
        export(folder / f"model.{end}", network, about=about)
    rows, x = ask.raw_rows(path, encoding), encoding.transform(path)
    fed = ask.asked_onnx(folder / "model.onnx", ask.onnx_feed(encoding, rows))
    lines = ask.asked_c(folder, ask.c_cells(encoding, rows), encoding.target.task)
    in_c = np.array([line.split()[:n] for line in lines], float)
    last = [line.split(" ", n)[n] for line in lines]
    in_python, said = ask.asked_python(folder / "model.py", rows)
    in_torch = ask.asked_torch(folder / "model.safetensors", network, x)
    forms = {
        "ONNX": (fed["outputs"], fed.get("label")),
        "C": (in_c, last),
        "Python": (in_python, said),
        "torch": (in_torch, encoding.decode(in_torch)),
    }
    return x, forms


def line(name, folder):
    """A set's line of each table."""
    file, target = SETS[name]
    path = data_folder() / file
    data = read(path, target, seed=SEED, **MORE.get(name, {}))
    progress(f"{name}: training")
    network, cost = default_network(data)
    progress(f"{name}: asking each form")
    x, forms = answers(folder, network, data, path)
    progress("")
    own = network(x)
    exact = ask.in_double(network)(x.astype("float64"))
    size = max(float(np.abs(exact).max()), 1.0)
    native = evaluation.outputs(network, data, cost)[1]
    here = {"network, page": own, **{form: a for form, (a, _) in forms.items()}}
    off = [np.abs(a - exact).max() / size for a in here.values()]
    of_engine = np.abs(native - ask.in_double(network)(data.x.astype(float))).max()
    apart = [np.abs(a - own).max() / size for a, _ in forms.values()]
    same = "numbers"
    if data.classes is not None:
        wanted = list(data.encoding.decode(own))
        same = "all" if all(list(s) == wanted for _, s in forms.values()) else "no"
    off = [off[0], of_engine / size, *off[1:]]
    figures = [f"{1e7 * each:.1f}" for each in (*apart, *off)]
    code, stack = ask.footprint(folder)
    weights = network.parameters.theta.nbytes
    extra = f"{code - weights:,} | {stack:,} | {code + stack - weights:,}"
    sizes = "-".join(map(str, network.sizes))
    differ = f"| {name} | {len(x):,} | {' | '.join(figures)} | {same} |"
    return differ, f"| {name} | {sizes} | {weights:,} | {extra} |"


DIFFER = [
    "Largest difference of an output over all rows, in units of 10⁻⁷:",
    "",
    "| | | from the network's own | | | | from exact arithmetic | | | | | | labels |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    "| set | rows | ONNX | C | Python | torch "
    "| network | its engine | ONNX | C | Python | torch | the same |",
]
NEEDS = [
    "",
    "What the C file needs, in bytes (gcc -O1): code and tables beside the weights,",
    "and the stack of all its functions.",
    "",
    "| set | network | weights | beside them | stack | both |",
    "|---|---|---|---|---|---|",
]


def main():
    """Print the tables; write them into the page if it is all of them."""
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known.add_argument("sets", nargs="*", metavar="SET", help=", ".join(NAMES))
    asked = known.parse_args()
    for name in set(asked.sets) - set(NAMES):
        known.error(f"no such set: {name}")
    found = []
    for name in asked.sets or NAMES:
        with tempfile.TemporaryDirectory() as folder:
            found.append(line(name, Path(folder)))
        print("\n".join(found[-1]), flush=True)
    differ, needs = map(list, zip(*found, strict=True))
    if not asked.sets:
        put("export.md", "exports.py", [*DIFFER, *differ, *NEEDS, *needs])


if __name__ == "__main__":
    main()
