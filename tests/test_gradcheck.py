"""gradcheck names classic mistakes, layer and equation, and lets right code be."""

import re
from pathlib import Path

import pytest

from command_line import typed
from pellucid.gradcheck import gradcheck
from pellucid.gradcheck.child import CONSTANTS
from pellucid.gradcheck.layouts import LAYOUTS

ROOT = Path(__file__).parents[1]
ROWS = (ROOT / "examples" / "own_backprop.py").read_text()

COLUMNS = """
import numpy as np

def sigma(z):
    return 1 / (1 + np.exp(-z))

def forward(x, weights, biases):
    a, zs, activations = x, [], [x]
    for w, b in zip(weights, biases):
        zs.append(np.dot(w, a) + b)
        a = sigma(zs[-1])
        activations.append(a)
    return zs, activations

def backward(zs, activations, y, weights):
    m = y.shape[1]
    nabla_b, nabla_w = [0 for _ in weights], [0 for _ in weights]
    a = activations[-1]
    delta = (a - y) * a * (1 - a)
    nabla_b[-1] = delta.mean(axis=1, keepdims=True)
    nabla_w[-1] = np.dot(delta, activations[-2].T) / m
    for l in range(2, len(weights) + 1):
        s = sigma(zs[-l])
        delta = np.dot(weights[-l + 1].T, delta) * s * (1 - s)
        nabla_b[-l] = delta.mean(axis=1, keepdims=True)
        nabla_w[-l] = np.dot(delta, activations[-l - 1].T) / m
    return nabla_b, nabla_w
"""

SINGLE = COLUMNS.replace(" / m", "").replace(".mean(axis=1, keepdims=True)", "")

VECTOR = """
import numpy as np
OUTPUT, COST, HIDDEN = "softmax", "cross_entropy", "relu"

def forward(x, w, b):
    z, a = [None], [x]
    for l in range(1, len(w) + 1):
        z.append(w[l - 1] @ a[-1] + b[l - 1])
        e = np.exp(z[-1] - max(z[-1]))
        a.append(e / sum(e) if l == len(w) else np.maximum(z[-1], 0))
    return z, a

def backward(z, a, y, w):
    nabla_w, nabla_b, delta = [], [], a[-1] - y
    for l in range(len(w) - 1, -1, -1):
        nabla_w, nabla_b = [np.outer(delta, a[l]), *nabla_w], [delta, *nabla_b]
        if l:
            delta = w[l].T @ delta * (z[l - 1] > 0)
    return nabla_w, nabla_b
"""

TURNED = """
import numpy as np
HIDDEN, OUTPUT, SIZES, HALF, MEAN = "tanh", "identity", [6, 4, 1], False, False

def forward(x, w, b):
    hidden = x @ w[0] + b[0]
    out = np.tanh(hidden) @ w[1] + b[1]
    return (hidden, out), (x, np.tanh(hidden), out)

def backward(z, a, y, w):
    d2 = 2 * (a[2] - y)
    d1 = d2 @ w[1].T * (1 - a[1] ** 2)
    b1, b2 = d1.sum(0, keepdims=True), d2.sum(0, keepdims=True)
    return [a[0].T @ d1, a[1].T @ d2], [b1, b2]

def update(x, y, w, b, eta):
    z, a = forward(x, w, b)
    nabla_w, nabla_b = backward(z, a, y, w)
    for l in range(2):
        w[l] -= eta * nabla_w[l]
        b[l] -= eta * nabla_b[l][0]
"""

RIGHT = {
    "rows": (ROWS, "examples in rows, w (out, in)"),
    "columns": (COLUMNS, "examples in columns"),
    "a column": (SINGLE, "one example at a time, a column"),
    "a vector": (VECTOR, "one example at a time"),
    "w turned, in place": (TURNED, "w (in, out)"),
    "no update": (ROWS.split("def update")[0], "rows"),
    "single precision": (
        ROWS.replace("return z, a", "return [v.astype('f') for v in z], a"), "rows"),
    "object arrays": (
        COLUMNS.replace("return nabla_b, nabla_w", "o = np.empty(len(weights), object)"
                        "\n    o[:] = nabla_w\n    return nabla_b, o"), "columns"),
}  # fmt: skip


def of(tmp_path, text):
    path = tmp_path / "mine.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", list(RIGHT))
def test_right_code_gets_no_complaint(name, tmp_path):
    text, layout = RIGHT[name]
    found = gradcheck(of(tmp_path, text))
    assert found.correct, [str(each) for each in found.findings]
    assert layout in found.layout
    assert set(found.checked) >= {"forward", "backward"}


OUTPUT_ERROR = "(a[-1] - y) * sigmoid_prime(z[-1])"
BACK = "delta = (delta @ w[l]) * sigmoid_prime(z[l - 1])"
STEP = "    w = [old - eta * nabla for old, nabla in zip(w, nabla_w, strict=True)]\n"
SEQUENCE = """
    z, a = forward(x, w, b)
    m, w, b = len(y), list(w), list(b)
    delta = (a[-1] - y) * sigmoid_prime(z[-1])
    for l in range(len(w) - 1, -1, -1):
        w[l] = w[l] - eta * (delta.T @ a[l] / m)
        b[l] = b[l] - eta * delta.mean(0)
        if l > 0:
            delta = (delta @ w[l]) * sigmoid_prime(z[l - 1])
    return w, b
"""

PLANTED = {
    # what is planted: (instead of, this), then name, layer and equation to be found
    "y - a": (OUTPUT_ERROR, "(y - a[-1]) * sigmoid_prime(z[-1])",
              [("wrong sign", 3, "BP1")]),
    "no slope at the output": (OUTPUT_ERROR, "a[-1] - y",
                               [("σ′ is missing", 3, "BP1")]),
    "slope of a at the output": (
        OUTPUT_ERROR, "(a[-1] - y) * sigmoid_prime(a[-1])",
        [("σ′ of an activation", 3, "BP1")]),
    "no slope going back": (
        BACK, "delta = delta @ w[l]",
        [("σ′ is missing", 2, "BP2"), ("σ′ is missing", 1, "BP2")]),
    "slope of a going back": (
        BACK, BACK.replace("z[l - 1]", "a[l]"),
        [("σ′ of an activation", 2, "BP2"), ("σ′ of an activation", 1, "BP2")]),
    "slope written for a, given z": (
        "return sigmoid(z) * (1.0 - sigmoid(z))", "return z * (1 - z)",
        [("σ′ of an activation", 3, "BP1"), ("σ′ of an activation", 2, "BP2"),
         ("σ′ of an activation", 1, "BP2")]),
    "slope of tanh": (
        BACK, "delta = (delta @ w[l]) * (1 - np.tanh(z[l - 1]) ** 2)",
        [("σ′ of another function", 2, "BP2"), ("σ′ of another function", 1, "BP2")]),
    "slope of the layer above": (
        BACK, BACK.replace("z[l - 1]", "z[l]"),
        [("σ′ of the wrong layer", 2, "BP2"), ("σ′ of the wrong layer", 1, "BP2")]),
    "w not transposed": (
        BACK, BACK.replace("delta @ w[l]", "delta @ w[l].T"),
        [("w not transposed", 2, "BP2"), ("w not transposed", 1, "BP2")]),
    "w of the layer below": (
        BACK, BACK.replace("delta @ w[l]", "delta @ w[l - 1]"),
        [("w of the wrong layer", 2, "BP2"), ("w of the wrong layer", 1, "BP2")]),
    "gradient transposed": (
        "delta.T @ a[l] / m", "a[l].T @ delta / m",
        [("product transposed", l, "BP4") for l in (3, 2, 1)]),
    "a of the layer itself": (
        "delta.T @ a[l] / m", "delta.T @ a[l + 1] / m",
        [("a of the wrong layer", l, "BP4") for l in (3, 2, 1)]),
    "z instead of a": (
        "delta.T @ a[l] / m", "delta.T @ (z[l - 1] if l else a[0]) / m",
        [("z instead of a", 3, "BP4"), ("z instead of a", 2, "BP4")]),
    "no bias gradient": (
        "nabla_b[l] = delta.sum(0) / m", "nabla_b[l] = 0 * delta.sum(0)",
        [("left out", l, "BP3") for l in (3, 2, 1)]),
    "the first layer forgotten": (
        "for l in range(L - 1, -1, -1):",
        "nabla_w[0], nabla_b[0] = 0 * w[0], 0 * w[0][:, 0]\n"
        "    for l in range(L - 1, 0, -1):", [("layer left out", 1, "BP2")]),
    "sum instead of mean": (" / m\n", "\n", [("sum instead of mean", None, "mean")]),
    "divided twice": (" / m\n", " / m / m\n", [("divided twice", None, "mean")]),
    "one example only": (
        "delta.sum(0) / m", "delta[0]", [("examples left out", None, "mean")]),
    "no half": (OUTPUT_ERROR, "2 * " + OUTPUT_ERROR,
                [("twice the gradient", 3, "BP1")]),
    "w changed on the way": (
        BACK, BACK + "\n            w[l] -= 0.1 * nabla_w[l]",
        [("update too early", None, "update")]),
    "update too early": (
        ROWS[ROWS.index('gradient descent."""') + 20:], SEQUENCE,
        [("update too early", None, "update")]),
    "uphill": ("old - eta", "old + eta", [("wrong sign", None, "update")]),
    "w alone uphill": (STEP, STEP.replace("old - eta", "old + eta"),
                       [("wrong sign", None, "update")]),
    "z of the layer itself": (
        "delta.T @ a[l] / m", "delta.T @ z[l] / m",
        [("z instead of a", l, "BP4") for l in (3, 2, 1)]),
    "η forgotten": ("eta * nabla", "nabla", [("η is missing", None, "update")]),
    "biases stay": ("old - eta * nabla for old, nabla in zip(b,",
                    "old for old, nabla in zip(b,",
                    [("half an update", None, "update")]),
    "no bias": (" + b[l])", ")", [("bias is missing", l, "z") for l in (1, 2, 3)]),
    "no activation": ("a.append(sigmoid(z[l]))", "a.append(z[l])",
                      [("σ is missing", l, "a") for l in (1, 2, 3)]),
    "w of the book's rows": (
        "a[l] @ w[l].T", "a[0] @ w[l].T",
        [("wrong input", 2, "z"), ("wrong input", 3, "z")]),
}  # fmt: skip


def places(found):
    """Name, layer and equation of each finding; what fails for its shapes is beside."""
    named = [each for each in found.findings if each.name != "fails"]
    return [(e.name, e.measured["layer"], e.measured["equation"]) for e in named]


@pytest.mark.parametrize("name", list(PLANTED))
def test_a_planted_mistake_is_named_at_its_place(name, tmp_path):
    before, after, wanted = PLANTED[name]
    assert before in ROWS
    found = gradcheck(of(tmp_path, ROWS.replace(before, after)))
    assert places(found) == wanted, [str(each) for each in found.findings]


def test_two_mistakes_are_both_named(tmp_path):
    text = ROWS.replace(OUTPUT_ERROR, "y - a[-1]").replace(BACK, "delta = delta @ w[l]")
    assert places(gradcheck(of(tmp_path, text))) == [
        ("σ′ is missing", 3, "BP1"), ("wrong sign", 3, "BP1"),
        ("σ′ is missing", 2, "BP2"), ("σ′ is missing", 1, "BP2"),
    ]  # fmt: skip


def test_a_slope_that_cross_entropy_cancels_is_named(tmp_path):
    text = ROWS.replace('"quadratic"', '"binary_cross_entropy"')
    found = gradcheck(of(tmp_path, text))
    assert places(found) == [("σ′ too many", 3, "BP1")]
    right = text.replace(OUTPUT_ERROR, "a[-1] - y")
    assert gradcheck(of(tmp_path, right)).correct


def test_a_slope_of_tanh_with_its_bracket_in_the_wrong_place_is_named(tmp_path):
    text = TURNED.replace("(1 - a[1] ** 2)", "(1 - a[1]) ** 2")
    assert ("bracket in the wrong place", 1, "BP2") in places(
        gradcheck(of(tmp_path, text))
    )


@pytest.mark.parametrize("output, cost, slope", [
    ("sigmoid", "binary_cross_entropy", "(1 - y) / (1 - a[-1]) - y / a[-1]"),
    ("softmax", "cross_entropy", "-y / a[-1]"),
])  # fmt: skip
def test_a_cost_without_what_stands_before_it_is_named(output, cost, slope, tmp_path):
    said = f'HIDDEN, OUTPUT = "sigmoid", "{output}"'
    text = ROWS.replace('HIDDEN = OUTPUT = "sigmoid"', said).split("def update")[0]
    text = text.replace('"quadratic"', f'"{cost}"').replace("def forward", "def way")
    found = gradcheck(of(tmp_path, text.replace(OUTPUT_ERROR, slope)))
    assert places(found) == [("σ′ is missing", 3, "BP1")]


@pytest.mark.parametrize("which", ["nabla_w", "nabla_b"])
def test_a_list_the_wrong_way_round_is_told(which, tmp_path):
    text = ROWS.replace("return nabla_w, nabla_b", f"{which}.reverse()\n    return "
                        "nabla_w, nabla_b").split("def update")[0]  # fmt: skip
    (found,) = gradcheck(of(tmp_path, text)).findings
    assert f"return {which}[::-1]" in str(found)


def test_softmax_over_the_batch_is_named(tmp_path):
    text = 'OUTPUT, COST = "softmax", "cross_entropy"\n'
    text = ROWS.split("def backward")[0].replace('COST = "quadratic"', text).replace(
        "        a.append(sigmoid(z[l]))",
        "        a.append(sigmoid(z[l]))\n    e = np.exp(z[-1])\n"
        "    a[-1] = e / e.sum(0)")  # fmt: skip
    found = places(gradcheck(of(tmp_path, text)))
    assert found == [("softmax over the wrong axis", 3, "a")]


def test_what_no_usual_mistake_gives_is_placed_all_the_same(tmp_path):
    text = ROWS.replace(BACK, BACK + " ** 3 + 0.1")
    found = places(gradcheck(of(tmp_path, text)))
    assert found == [("wrong numbers", 2, "BP2"), ("wrong numbers", 1, "BP2")]


def test_the_sums_of_columns_are_asked_for_where_columns_are_meant(tmp_path):
    found = gradcheck(of(tmp_path, 'LAYOUT = "columns"\n' + SINGLE))
    assert {name for name, *_ in places(found)} == {"not summed", "sum instead of mean"}


def test_the_command_says_what_is_wrong_and_its_status(tmp_path, capsys):
    path = of(tmp_path, ROWS)
    said = typed(capsys, "gradcheck", path, "--json")
    assert said.status == 0 and said.json["correct"] is True
    assert "correct: every number is the page's" in said.out
    of(tmp_path, ROWS.replace(OUTPUT_ERROR, "(y - a[-1]) * sigmoid_prime(z[-1])"))
    said = typed(capsys, "gradcheck", path, "--json")
    assert said.status == 1 and said.json["findings"][0]["name"] == "wrong sign"
    assert "layer 3, BP1" in said.out and "1 thing to correct" in said.out


def test_a_crash_is_told_with_its_line(tmp_path):
    text = ROWS.replace("nabla_w[l] = delta.T", "nabla_w[l] = delta")
    (found,) = gradcheck(of(tmp_path, text)).findings
    line = next(n for n, words in enumerate(text.splitlines(), 1)
                if "nabla_w[l] = delta @" in words)  # fmt: skip
    assert found.name == "fails" and f"line {line}: ValueError" in str(found)
    assert "backward(z, a, y, w) in a network 4-5-3-2" in str(found)


def test_a_return_value_of_another_shape_is_told(tmp_path):
    text = ROWS.replace("return z, a", "return a[-1]")
    first = str(gradcheck(of(tmp_path, text)).findings[0])
    assert "it must return z and a; it returned an array (7, 2)" in first


def test_the_page_shows_what_is_said(tmp_path, capsys, monkeypatch):
    page = (ROOT / "docs" / "gradcheck.md").read_text()
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "own_backprop.py").write_text(ROWS)
    (tmp_path / "wrong.py").write_text(
        ROWS.replace(BACK, BACK.replace("z[l - 1]", "a[l]"))
    )
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```console\n\$ pellucid (.*?)\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    for command, quoted in blocks:
        assert typed(capsys, *command.split()).out == quoted
    for name in (*LAYOUTS, *CONSTANTS):
        assert f"`{name}`" in page or f'`"{name}"`' in page, name
