"""A trained network in one file that needs only NumPy. Written by pellucid.

    rows   dictionaries {column: text or number}, as csv.DictReader gives them
    x      (m, inputs) what the network is given: encode(rows)
    a      (m, outputs) what it gives: outputs(x)

predict(rows) gives the answers: labels, 0 and 1, or numbers in their own units.
`python FILE rows.csv` prints one answer a line.
"""

import base64
import csv
import datetime
import json
import math
import sys

import numpy as np

MODEL = json.loads("{}")
WEIGHTS = ""

NOT_THERE = {"", "?", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL"}


def weights():
    """w, (out, in), and b, (out,), of each layer."""
    little = np.dtype(MODEL["dtype"]).newbyteorder("<")
    numbers = np.frombuffer(base64.b64decode(WEIGHTS), little).astype(MODEL["dtype"])
    found, start = [], 0
    for n_in, n_out in zip(MODEL["sizes"], MODEL["sizes"][1:], strict=False):
        middle, end = start + n_out * n_in, start + n_out * (n_in + 1)
        found.append((numbers[start:middle].reshape(n_out, n_in), numbers[middle:end]))
        start = end
    return found


def sigmoid(z):
    """1 / (1 + exp(-z)), without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, np.ones_like(e)) / (1.0 + e)


def softplus(z):
    """ln(1 + exp z), without overflow."""
    return np.where(z > 0, z, np.zeros_like(z)) + np.log1p(np.exp(-np.abs(z)))


def softmax(z):
    """Take exp z over its sum, row by row."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def gelu(z):
    """Take z times the normal distribution at z."""
    tail = np.vectorize(math.erfc, otypes=[float])(-z / math.sqrt(2.0))
    return (z * 0.5 * tail).astype(z.dtype)


ACTIVATIONS = {
    "step": lambda z: np.where(z > 0, np.ones_like(z), np.zeros_like(z)),
    "identity": lambda z: z,
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, np.zeros_like(z)),
    "leaky_relu": lambda z, slope: np.where(z > 0, z, slope * z),
    "elu": lambda z, alpha: np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
    "softplus": softplus,
    "gelu": gelu,
    "silu": lambda z: z * sigmoid(z),
    "mish": lambda z: z * np.tanh(softplus(z)),
    "exponential": np.exp,
    "softmax": softmax,
}


def outputs(x):
    """The outputs, (m, outputs), of inputs x, (m, inputs)."""
    a = np.asarray(x, MODEL["dtype"])
    if a.ndim != 2 or a.shape[1] != MODEL["sizes"][0]:
        raise ValueError(f"x must be (m, {MODEL['sizes'][0]}); got {a.shape}.")
    for (w, b), (name, numbers) in zip(weights(), MODEL["activations"], strict=True):
        a = ACTIVATIONS[name](a @ w.T + b, **numbers)
    return a


def text_of(cell):
    """A cell as a text; 7.0 is "7"."""
    if isinstance(cell, float | np.floating):
        return "" if math.isnan(cell) else str(cell).removesuffix(".0")
    return "" if cell is None else str(cell).strip()


def number_of(name, cell):
    """A cell as a number; NaN where it is missing."""
    text = text_of(cell)
    if text in NOT_THERE or text == "None":
        return math.nan
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name!r} must be a number; got {text!r:.60}.") from None


def numeric(column, cells):
    """(v - mean) / deviation; the median for what is missing."""
    v = np.array([number_of(column["name"], cell) for cell in cells], float)
    gaps = np.isnan(v)
    return [
        (np.where(gaps, column["fill"], v) - column["centre"]) / column["scale"]
    ], gaps


def boolean(column, cells):
    """0 and 1; the more frequent for anything else."""
    low, high = column["values"]
    as_numbers = isinstance(low, float)
    found = [number_of(column["name"], c) if as_numbers else text_of(c) for c in cells]
    bits = np.array(
        [1.0 if v == high else 0.0 if v == low else math.nan for v in found]
    )
    gaps = np.isnan(bits)
    return [np.where(gaps, column["fill"], bits)], gaps


def category(column, cells):
    """1 for the level that it is; 0 everywhere for a level that is not known."""
    levels, texts = column["levels"], [text_of(cell) for cell in cells]
    place = {level: number for number, level in enumerate(levels)}
    plain = [t.rstrip("0").removesuffix(".") if t.endswith((".0", ".00")) else t
             for t in texts]  # fmt: skip
    places = [place.get(t, place.get(p, -1)) for t, p in zip(texts, plain, strict=True)]
    codes = np.array([-1 if t in NOT_THERE else p
                      for t, p in zip(texts, places, strict=True)], int)  # fmt: skip
    gaps = np.array([t in NOT_THERE for t in texts], bool)
    return [codes == number for number in range(len(levels))], gaps


def date(column, cells):
    """Year, month, day, weekday, hour and minute, each standardised."""
    rows = []
    for cell in cells:
        text = text_of(cell)
        if text in NOT_THERE or text == "NaT":
            rows.append(None)
        elif isinstance(cell, datetime.datetime):
            rows.append(cell)
        elif column["form"]:
            rows.append(datetime.datetime.strptime(text, column["form"]))
        else:
            rows.append(datetime.datetime.fromisoformat(text))
    gaps = np.array([row is None for row in rows], bool)
    found = []
    for part, centre, scale, fill in column["parts"]:
        v = [fill if row is None else part_of(row, part) for row in rows]
        found.append((np.array(v, float) - centre) / scale)
    return found, gaps


def part_of(time, part):
    """One part of a point in time; Monday is 0."""
    return time.weekday() if part == "weekday" else getattr(time, part)


KINDS = {"numeric": numeric, "boolean": boolean, "category": category, "date": date}


def encode(rows):
    """Raw rows as inputs, (m, inputs)."""
    rows, blocks = list(rows), []
    for column in MODEL["columns"]:
        if column["kind"] == "ignored":
            continue
        found, gaps = KINDS[column["kind"]](
            column, [row[column["name"]] for row in rows]
        )
        blocks += [*found, gaps] if column["missing"] else found
    return np.array(blocks, float).T.astype(MODEL["dtype"]).reshape(len(rows), -1)


def scale_pixels(pixels):
    """Images as inputs, (m, inputs)."""
    flat = np.asarray(pixels).reshape(len(pixels), -1)
    return np.divide(flat, MODEL["pixel_scale"], dtype=MODEL["dtype"])


def answers(a):
    """What outputs mean: labels, 0 and 1, or numbers in their own units."""
    a = np.asarray(a)
    if MODEL["task"] == "classes":
        return [MODEL["classes"][number] for number in a.argmax(axis=1)]
    if MODEL["task"] == "labels":
        return (a >= 0.5).astype(int).tolist()
    if MODEL["task"] == "numbers":
        scale, centre = np.array(MODEL["units"], float).T
        a = a.astype(float) * scale + centre
    return a.tolist()


def predict(rows):
    """The answers for raw rows."""
    return answers(outputs(encode(rows)))


def main():
    """Answer each row of a CSV file."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} rows.csv")
    with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
        names = MODEL["order"] if MODEL["numbered"] else None
        for answer in predict(csv.DictReader(file, names)):
            print(answer if isinstance(answer, str) else json.dumps(answer))


if __name__ == "__main__":
    main()
