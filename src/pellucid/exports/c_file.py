"""A network as one C99 file: no allocation, nothing but the standard library.

Numbers are written with as many digits as bring the same bits back. The encoding is
three tables (columns, levels, labels) and a loop over them; its rules are those of
`data/tables/columns.py`.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from .model import Model

HEAD = """\
/* A trained network, written by pellucid. C99, and nothing but the standard library:
 *
 *     cc -std=c99 -O2 -c FILE      (link with -lm)
 *
{layers} *
 * void model_outputs(const real x[MODEL_INPUTS], real a[MODEL_OUTPUTS]);
 *     what the network gives; it uses {stack} bytes of the stack and no other memory.
{more} */

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef {real} real;

#define MODEL_INPUTS {n_in}
#define MODEL_OUTPUTS {n_out}
"""

FORWARD = """
static void layer(const real *w, const real *b, int n_in, int n_out,
                  const real *from, real *to)
{
    for (int j = 0; j < n_out; j++) {
        double z = b[j]; /* so that the order of the terms does not matter */
        for (int k = 0; k < n_in; k++)
            z += (double)w[(long)j * n_in + k] * from[k];
        to[j] = (real)z;
    }
}
"""

SOFTMAX = """
static void softmax(real *z, int n)
{
    real top = z[0], sum = 0;
    for (int j = 1; j < n; j++)
        if (z[j] > top)
            top = z[j];
    for (int j = 0; j < n; j++)
        sum += z[j] = EXP(z[j] - top);
    for (int j = 0; j < n; j++)
        z[j] /= sum;
}
"""

SIGMOID = """
static real sigmoid(real z)
{
    real e = EXP(-FABS(z));
    return (z < 0 ? e : 1) / (1 + e);
}
"""

SOFTPLUS = """
static real softplus(real z)
{
    return (z > 0 ? z : 0) + LOG1P(EXP(-FABS(z)));
}
"""

FUNCTIONS = {
    "step": "z > 0 ? 1 : 0",
    "sigmoid": "sigmoid(z)",
    "tanh": "TANH(z)",
    "relu": "z > 0 ? z : 0",
    "leaky_relu": "z > 0 ? z : {slope} * z",
    "elu": "z > 0 ? z : {alpha} * EXPM1(z)",
    "softplus": "softplus(z)",
    "gelu": "z * (real)0.5 * ERFC(-z * (real)0.70710678118654752440)",
    "silu": "z * sigmoid(z)",
    "mish": "z * TANH(softplus(z))",
    "exponential": "EXP(z)",
}
"""Elementwise activations in C; identity needs nothing, softmax has its function."""

WORDS = ("EXP", "FABS", "LOG1P", "TANH", "EXPM1", "ERFC")
"""Functions of math.h, in lower case, with an f behind them for float."""

PARSE = """
static int missing(const char *t)
{
    static const char *const words[] = {%s};
    for (int i = 0; i < (int)(sizeof words / sizeof *words); i++)
        if (strcmp(t, words[i]) == 0)
            return 1;
    return 0;
}
"""

ENCODE = """
struct column {
    char kind; /* n: number, b: one of two numbers, t: one of two texts, c: a level */
    char gap;  /* whether an input says that the cell is missing */
    int first, levels; /* in model_levels */
    double centre, scale, fill;
};

int model_encode(const char *const cell[MODEL_COLUMNS], real x[MODEL_INPUTS])
{
    for (int i = 0; i < MODEL_COLUMNS; i++) {
        const struct column *c = &columns[i];
        const char *t = cell[i];
        int gap = missing(t);
        double v = c->fill;
        if (c->kind == 'c') {
            gap = gap && strcmp(t, "None") != 0;
            size_t n = strlen(t);
            int found = -1;
            for (int j = 0; j < c->levels && !gap && found < 0; j++)
                if (strcmp(t, model_levels[c->first + j]) == 0)
                    found = j;
            while (n > 2 && t[n - 1] == '0' && found < 0 && strchr(t, '.'))
                n--; /* "7.0" is the level "7" where only that is known */
            for (int j = 0; j < c->levels && !gap && found < 0 && t[n - 1] == '.'; j++)
                if (strlen(model_levels[c->first + j]) == n - 1 &&
                    strncmp(t, model_levels[c->first + j], n - 1) == 0)
                    found = j;
            for (int j = 0; j < c->levels; j++)
                *x++ = j == found;
            if (c->gap)
                *x++ = gap;
            continue;
        }
        if (c->kind == 't') {
            gap = 1;
            for (int j = 0; j < 2; j++)
                if (strcmp(t, model_levels[c->first + j]) == 0)
                    gap = 0, v = j;
        } else if (!gap) {
            char *end;
            v = strtod(t, &end);
            if (end == t || *end != 0 || !(fabs(v) <= 1e300))
                return i + 1;
            if (c->kind == 'b') { /* centre and centre + scale are 0 and 1 */
                gap = v != c->centre && v != c->centre + c->scale;
                v = gap ? c->fill : v != c->centre;
            }
        }
        *x++ = (real)(c->kind == 'n' ? (v - c->centre) / c->scale : v);
        if (c->gap)
            *x++ = gap;
    }
    return 0;
}
"""

LABEL = """
int model_class(const real a[MODEL_OUTPUTS])
{
    int best = 0;
    for (int j = 1; j < MODEL_OUTPUTS; j++)
        if (a[j] > a[best])
            best = j;
    return best;
}
"""


def c_file(model: Model) -> bytes:
    """The file's bytes."""
    parts = [_head(model)]
    network = model.network
    for l in range(1, network.L + 1):
        parts += [_array(f"w{l}", network.w[l]), _array(f"b{l}", network.b[l])]
    body = FORWARD + _outputs(model)
    helpers = "".join(
        text
        for name, text in (("sigmoid", SIGMOID), ("softplus", SOFTPLUS),
                           ("softmax", SOFTMAX))
        if f"{name}(" in body
    )  # fmt: skip
    parts += [_macros(helpers + body, model.network.dtype), helpers, body]
    if model.columns:
        parts += [*_tables(model), ENCODE.split("};\n", 1)[1]]
    if model.classes:
        labels = ", ".join(map(_text, model.classes))
        parts += [f"\nconst char *const model_labels[] = {{{labels}}};\n", LABEL]
    elif model.units:
        scales, centres = zip(*model.units, strict=True)
        parts.append(_values(scales, centres))
    return "".join(parts).encode()


def _head(model: Model) -> str:
    network, columns = model.network, _columns(model)
    sizes, more = network.sizes, []
    names = [name for name, _ in model.activations]
    shown = "-".join(map(str, sizes))
    layers = f" * {shown}, {', '.join(names)}\n"
    if model.columns:
        more.append(
            "int model_encode(const char *const cell[MODEL_COLUMNS], real x[]);"
        )
        more.append(
            "    inputs of a raw row: one text a column, trimmed; 0, or the number"
        )
        more.append("    (from 1) of a column that must hold a number. The columns:")
        more += [
            f"    {place}  {_safe(name)}" for place, (name, *_) in enumerate(columns)
        ]
    elif model.pixel_scale != 1.0:
        more.append(f"x is pixels divided by {model.pixel_scale:g}.")
    if model.classes:
        more.append(
            "int model_class(const real a[]): the answer; model_labels names it."
        )
    elif model.units:
        more.append(
            "void model_values(const real a[], double v[]): in their own units."
        )
    lines = "".join(f" * {line}\n" for line in more)
    real = {"float32": "float", "float64": "double"}[network.dtype]
    stack = 2 * max(sizes[1:]) * int(network.parameters.theta.itemsize)
    text = HEAD.format(layers=layers, more=lines, real=real, n_in=sizes[0],
                       n_out=sizes[-1], stack=stack)  # fmt: skip
    return text + (f"#define MODEL_COLUMNS {len(columns)}\n" if columns else "")


def _array(name: str, values: Any) -> str:
    """Numbers with the digits that bring the same bits back."""
    end = "f" if values.dtype == np.float32 else ""
    words = [f"{value!s}{end}" for value in values.ravel()]
    lines = [", ".join(words[k : k + 8]) for k in range(0, len(words), 8)]
    return f"\nstatic const real {name}[] = {{\n" + ",\n".join(lines) + "};\n"


def _macros(text: str, dtype: str) -> str:
    """What the file needs of math.h, for its type of number."""
    end = "f" if dtype == "float32" else ""
    used = [word for word in WORDS if re.search(rf"\b{word}\(", text)]
    return "".join(f"#define {word} {word.lower()}{end}\n" for word in used)


def _outputs(model: Model) -> str:
    network = model.network
    lines = ["\nvoid model_outputs(const real x[MODEL_INPUTS], real a[MODEL_OUTPUTS])"]
    lines.append("{")
    widest = max(network.sizes[1:])
    if network.L > 1:
        lines.append(
            f"    real one[{widest}]" + f", two[{widest}]" * (network.L > 2) + ";"
        )
    place = "x"
    for l, (name, numbers) in enumerate(model.activations, 1):
        n_in, n_out = network.sizes[l - 1], network.sizes[l]
        to = "a" if l == network.L else ("one", "two")[(l - 1) % 2]
        lines.append(f"    layer(w{l}, b{l}, {n_in}, {n_out}, {place}, {to});")
        if name == "softmax":
            lines.append(f"    softmax({to}, {n_out});")
        elif name != "identity":
            given = {key: f"(real){value!r}" for key, value in numbers.items()}
            formula = FUNCTIONS[name].format(**given)
            lines.append(f"    for (int j = 0; j < {n_out}; j++) {{")
            lines.append(f"        real z = {to}[j];")
            lines.append(f"        {to}[j] = {formula};")
            lines.append("    }")
        place = to
    return "\n".join([*lines, "}\n"])


def _columns(model: Model) -> list[tuple[str, str, bool, list[str], Any]]:
    """For each cell its name, kind, whether gaps are marked, levels, and numbers."""
    found: list[tuple[str, str, bool, list[str], Any]] = []
    for c in model.columns:
        if c.kind == "category":
            found.append((c.name, "c", c.missing, list(c.levels), (0.0, 1.0, 0.0)))
        elif c.kind == "boolean" and isinstance(c.values[0], str):
            found.append((c.name, "t", c.missing, list(c.values), (0.0, 1.0, c.fill)))
        elif c.kind == "boolean":
            low, high = c.values
            found.append((c.name, "b", c.missing, [], (low, high - low, c.fill)))
        elif c.kind == "date":
            for part, centre, scale, fill in c.parts:
                last = c.missing and part == c.parts[-1][0]
                found.append((f"{c.name} {part}", "n", last, [], (centre, scale, fill)))
        else:
            found.append((c.name, "n", c.missing, [], (c.centre, c.scale, c.fill)))
    return found


def _tables(model: Model) -> list[str]:
    """Levels and columns."""
    from ..data.tables.raw import NOT_THERE

    levels: list[str] = []
    rows = []
    for _, kind, gap, own, numbers in _columns(model):
        values = ", ".join(repr(float(v)) for v in numbers)
        rows.append(f"    {{'{kind}', {gap:d}, {len(levels)}, {len(own)}, {values}}}")
        levels += own
    texts = ", ".join(map(_text, levels or [""]))
    struct = ENCODE.split("};\n", 1)[0] + "};\n"
    return [
        PARSE % ", ".join(map(_text, sorted({*NOT_THERE, "None"}))),
        f"\nstatic const char *const model_levels[] = {{{texts}}};\n",
        struct,
        "\nstatic const struct column columns[] = {\n" + ",\n".join(rows) + "};\n",
    ]


def _values(scales: Any, centres: Any) -> str:
    lists = [", ".join(repr(float(v)) for v in each) for each in (scales, centres)]
    return (
        "\nvoid model_values(const real a[MODEL_OUTPUTS], double v[MODEL_OUTPUTS])\n{\n"
        f"    static const double scale[] = {{{lists[0]}}};\n"
        f"    static const double centre[] = {{{lists[1]}}};\n"
        "    for (int j = 0; j < MODEL_OUTPUTS; j++)\n"
        "        v[j] = a[j] * scale[j] + centre[j];\n}\n"
    )


def _text(text: str) -> str:
    """A C string of UTF-8; whatever is not plain stands as an octal escape."""
    plain = {ord(c) for c in
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-+.,:;<>="
             "()/#&$%!*'"}  # fmt: skip
    coded = "".join(chr(b) if b in plain else f"\\{b:03o}" for b in text.encode())
    return f'"{coded}"'


def _safe(name: str) -> str:
    """A name in a comment, which it can't end; no trigraph begins in it either."""
    return re.sub(r"[^\w .,:;=+()-]", "_", name, flags=re.ASCII)[:60]
