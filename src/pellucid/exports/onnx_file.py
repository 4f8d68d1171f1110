"""A network as an ONNX graph, the encoding of raw rows inside it.

Every column is an input of its own, (m, 1): numbers as doubles, NaN where missing, and
texts as strings. What follows is in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import InputError
from ..data.tables.raw import NOT_THERE
from .model import Model

OPSET = 20
"""Of Gelu; ONNX Runtime has it since 1.17."""

IR_VERSION = 10

SIMPLE = {
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "Relu",
    "softplus": "Softplus",
    "mish": "Mish",
    "gelu": "Gelu",
    "exponential": "Exp",
}
"""Activations that are one node; others are built in `Graph.activation`."""


class Graph:
    """Nodes, constants and inputs, as they are added.

    Args:
        onnx: the package.
    """

    def __init__(self, onnx: Any):
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def add(self, kind: str, *names: str, domain: str = "", **words: Any) -> str:
        """A node; what its output is called."""
        out = f"v{len(self.nodes)}"
        make = self.onnx.helper.make_node
        self.nodes.append(make(kind, names, [out], domain=domain, **words))
        return out

    def constant(self, values: Any, dtype: str = "float32") -> str:
        """A constant; what it is called."""
        name = f"c{len(self.constants)}"
        array = np.asarray(values, dtype)
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def given(self, name: str, kind: str, width: int = 1) -> str:
        """An input, (m, width)."""
        code = getattr(self.onnx.TensorProto, kind)
        info = self.onnx.helper.make_tensor_value_info(name, code, ["m", width])
        self.inputs.append(info)
        return name

    def result(self, value: str, name: str, kind: str, width: int | None) -> None:
        """An output, (m, width), or (m,) where the width is None."""
        make = self.onnx.helper
        self.nodes.append(make.make_node("Identity", [value], [name]))
        shape = ["m"] if width is None else ["m", width]
        code = getattr(self.onnx.TensorProto, kind)
        self.outputs.append(make.make_tensor_value_info(name, code, shape))

    def single(self, value: str) -> str:
        """In float32."""
        return self.add("Cast", value, to=self.onnx.TensorProto.FLOAT)

    def one_of(self, text: str, levels: list[str]) -> str:
        """(m, levels): 1 for the level that a text is."""
        out = self.add(
            "OneHotEncoder", text, domain="ai.onnx.ml", cats_strings=levels, zeros=1
        )
        shape = self.constant([-1, len(levels)], "int64")
        return self.add("Reshape", out, shape)

    def any_of(self, text: str, levels: list[str]) -> str:
        """(m, 1): 1 where a text is one of the levels."""
        axis = self.constant([1], "int64")
        return self.add("ReduceSum", self.one_of(text, levels), axis, keepdims=1)

    def activation(self, name: str, numbers: dict[str, float], z: str) -> str:
        """The activation of a layer."""
        if name in SIMPLE:
            return self.add(SIMPLE[name], z)
        if name == "identity":
            return z
        if name == "softmax":
            return self.add("Softmax", z, axis=1)
        if name == "silu":
            return self.add("Mul", z, self.add("Sigmoid", z))
        if name == "step":
            return self.single(self.add("Greater", z, self.constant(0.0)))
        kind, word = {"leaky_relu": ("LeakyRelu", "slope"), "elu": ("Elu", "alpha")}[
            name
        ]
        return self.add(kind, z, alpha=numbers[word])


def onnx_file(model: Model) -> bytes:
    """The file's bytes.

    Raises:
        InputError: the package onnx is not installed, or two columns would be inputs of
            one name.
    """
    try:
        import onnx
        import onnx.checker
        import onnx.helper
        import onnx.numpy_helper
    except ImportError:
        raise InputError(
            "an ONNX file needs the package onnx, which is not installed. Install it: "
            "pip install 'pellucid[onnx]'."
        ) from None
    graph = Graph(onnx)
    x = _inputs(graph, model)
    network = model.network
    for l, (name, numbers) in enumerate(model.activations, 1):
        w, b = graph.constant(network.w[l]), graph.constant(network.b[l])
        z = graph.add("Gemm", x, w, b, transB=1)
        x = graph.activation(name, numbers, z)
    _answers(graph, model, x)
    names = [each.name for each in graph.inputs]
    if len(set(names)) < len(names) or set(names) & {
        each.name for each in graph.outputs
    }:
        raise InputError(
            "the inputs of an ONNX file must have different names; two columns (or a "
            "column and 'outputs' or 'label') would have one. Rename the column."
        )
    made = onnx.helper.make_graph(
        graph.nodes, "pellucid", graph.inputs, graph.outputs, graph.constants
    )
    opsets = [onnx.helper.make_opsetid("", OPSET),
              onnx.helper.make_opsetid("ai.onnx.ml", 3)]  # fmt: skip
    whole = onnx.helper.make_model(
        made, opset_imports=opsets, producer_name="pellucid", ir_version=IR_VERSION
    )
    onnx.checker.check_model(whole)
    data: bytes = whole.SerializeToString()
    return data


def _inputs(graph: Graph, model: Model) -> str:
    """What makes the network's inputs, (m, n_0)."""
    if not model.columns:
        pixels = model.pixel_scale != 1.0
        name = graph.given("pixels" if pixels else "x", "FLOAT", model.network.sizes[0])
        scale = graph.constant(model.pixel_scale)
        return graph.add("Div", name, scale) if pixels else name
    parts: list[str] = []
    for column in model.columns:
        if column.kind == "category":
            parts += _category(graph, column)
        elif column.kind == "boolean":
            parts += _boolean(graph, column)
        elif column.kind == "date":
            parts += _date(graph, column)
        else:
            v = graph.given(column.name, "DOUBLE")
            value, gap = _number(graph, v, column.centre, column.scale, column.fill)
            parts += [value, gap] if column.missing else [value]
    return graph.add("Concat", *parts, axis=1)


def _number(
    graph: Graph, v: str, centre: float, scale: float, fill: float
) -> tuple[str, str]:
    """(v - centre) / scale with what is missing filled, and whether it is missing."""
    gap = graph.add("IsNaN", v)
    filled = graph.add("Where", gap, graph.constant(fill, "float64"), v)
    less = graph.add("Sub", filled, graph.constant(centre, "float64"))
    scaled = graph.add("Div", less, graph.constant(scale, "float64"))
    return graph.single(scaled), graph.single(gap)


def _date(graph: Graph, column: Any) -> list[str]:
    """The parts of a date, each an input such as `born year`."""
    parts, gap = [], ""
    for part, centre, scale, fill in column.parts:
        v = graph.given(f"{column.name} {part}", "DOUBLE")
        value, gap = _number(graph, v, centre, scale, fill)
        parts.append(value)
    return [*parts, gap] if column.missing else parts


def _boolean(graph: Graph, column: Any) -> list[str]:
    """0 or 1, and whether it is neither."""
    low, high = column.values
    if isinstance(low, str):
        text = graph.given(column.name, "STRING")
        is_low, is_high = graph.any_of(text, [low]), graph.any_of(text, [high])
    else:
        v = graph.given(column.name, "DOUBLE")
        is_low, is_high = (
            graph.single(graph.add("Equal", v, graph.constant(value, "float64")))
            for value in (low, high)
        )
    known = graph.add("Add", is_low, is_high)
    gap = graph.add("Sub", graph.constant(1.0), known)
    filled = graph.add("Mul", gap, graph.constant(column.fill))
    value = graph.add("Add", is_high, filled)
    return [value, gap] if column.missing else [value]


def _category(graph: Graph, column: Any) -> list[str]:
    """1 for the level that a text is, and whether it is missing."""
    text = graph.given(column.name, "STRING")
    parts = [graph.one_of(text, list(column.levels))]
    if column.missing:
        parts.append(graph.any_of(text, sorted(NOT_THERE)))
    return parts


def _answers(graph: Graph, model: Model, a: str) -> None:
    """The outputs, and what they mean."""
    n = model.network.sizes[-1]
    graph.result(a, "outputs", "FLOAT", n)
    if model.task == "classes":
        best = graph.add("ArgMax", a, axis=1, keepdims=0)
        label = graph.add(
            "LabelEncoder",
            best,
            domain="ai.onnx.ml",
            keys_int64s=list(range(n)),
            values_strings=model.classes,
        )
        graph.result(label, "label", "STRING", None)
    elif model.task == "labels":
        yes = graph.add("GreaterOrEqual", a, graph.constant(0.5))
        graph.result(graph.add("Cast", yes, to=graph.onnx.TensorProto.INT64),
                     "labels", "INT64", n)  # fmt: skip
    elif model.task == "numbers":
        scale, centre = np.array(model.units).T
        wide = graph.add("Cast", a, to=graph.onnx.TensorProto.DOUBLE)
        times = graph.add("Mul", wide, graph.constant(scale, "float64"))
        value = graph.add("Add", times, graph.constant(centre, "float64"))
        graph.result(value, "values", "DOUBLE", n)
