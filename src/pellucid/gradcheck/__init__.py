"""A student's own forward and backward, checked against the page, equation by equation.

`gradcheck` runs the file in a process of its own and says which layer and equation is
wrong, and how. What the file must define is told in docs/gradcheck.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .._arrays import choose, join
from .._errors import InputError
from .._findings import Finding
from .._random import stream
from ..mathematics.backprop import feedforward
from ..mathematics.costs import COSTS
from ..mathematics.families import pick
from ..mathematics.network import Network
from .answers import ASKED, Asking, Unfit
from .judge import UNKNOWN, Case, judge_backward
from .layouts import LAYOUTS
from .process import Student
from .steps import judge_forward, judge_update

SIZES = (4, 5, 3, 2)
"""All different, so that a wrong shape is seen."""

EXAMPLES = 7
MOST_LAYERS, MOST_UNITS = 10, 64
FAILS, TOO_LONG = "fails", "TooLong"
OF_SHAPES = ("shape", "ValueError", "IndexError", "AxisError")
"""What fails so may be read in the wrong layout; a NameError is the same in all."""


@dataclass(frozen=True)
class Certificate:
    """What was checked, and what was found.

    Attributes:
        name: of the file.
        layout: how its arrays were read, in words.
        network: what it was checked on.
        checked: the functions that were called.
        findings: what is wrong; empty if nothing is.
    """

    name: str
    layout: str
    network: str
    checked: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def correct(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def gradcheck(path: str | Path) -> Certificate:
    """Check a student's functions.

    Args:
        path: a Python file. It is run, in a process of its own with limits on time and
            memory; check only what you would run yourself.

    Raises:
        InputError: there is no such file, it does not run, defines none of the
            functions, or says something of its network that can't be.
    """
    with Student(path) as student:
        if not student.functions:
            raise InputError(
                f"{student.name} must define {join(ASKED.values())}; it defines none. "
                "docs/gradcheck.md shows an example."
            )
        sizes = _sizes(student)
        layouts = _layouts(student)
        found = []
        for name in layouts:
            found.append(_tried(student, name, sizes))
            if TOO_LONG in _errors(found[-1][1].findings):
                return found[-1][1]
        certificate = min(found, key=lambda each: each[0])[1]
        errors = _errors(certificate.findings)
        if errors and "reversed" not in errors:
            # Where shapes differ it fails; where all fit, its mistake has a name.
            square = (3,) * len(sizes)
            other = _tried(student, _name_of(certificate.layout), square)
            vague = (FAILS, UNKNOWN.name)
            named = [f for f in other[1].findings if f.name not in vague]
            certificate = _with(certificate, named)
    return certificate


def _errors(findings: Sequence[Finding]) -> list[str]:
    """The exceptions' names of what failed."""
    return [f.measured["error"] for f in findings if f.name == FAILS]


def _name_of(words: str) -> str:
    return next(name for name, layout in LAYOUTS.items() if layout.words == words)


def _with(certificate: Certificate, named: list[Finding]) -> Certificate:
    """The certificate with what was named where all shapes fit put first."""
    seen = {(f.name, f.meaning) for f in named}
    rest = [f for f in certificate.findings if (f.name, f.meaning) not in seen]
    return Certificate(certificate.name, certificate.layout, certificate.network,
                       certificate.checked, (*named, *rest))  # fmt: skip


def _tried(
    student: Student, layout: str, sizes: Sequence[int]
) -> tuple[tuple[int, int, bool, int], Certificate]:
    """What is found when the file is read in one layout, and first how badly it fits.

    Code for one example at a time often runs on several, and the other way round; so
    a layout of many examples is preferred, unless their gradients come back unsummed,
    or shapes do not fit and in another layout they do. An endless loop is all there is
    to say.
    """
    case, way = _case(student, sizes), LAYOUTS[layout]
    asking = Asking(student, way, case.network)
    findings: list[Finding] = []
    for function in student.functions:
        found = _judged(function, asking, case)
        if TOO_LONG in _errors(found):
            findings = found
            break
        vague = all(each.name in (FAILS, UNKNOWN.name) for each in found)
        if function != "update" or not findings or not vague:  # else it inherits
            findings += found
    unfit = sum(each.name == FAILS for each in findings)
    unfit += any(each.name == "not summed" for each in findings)
    certificate = Certificate(
        student.name,
        way.words,
        repr(case.network),
        tuple(student.functions),
        tuple(findings),
    )
    shapes = sum(error in OF_SHAPES for error in _errors(findings))
    return (unfit, shapes, way.single, len(findings)), certificate


def _judged(function: str, asking: Asking, case: Case) -> list[Finding]:
    judges: dict[str, Callable[[Asking, Case], list[Finding]]] = {
        "forward": judge_forward,
        "backward": judge_backward,
        "update": lambda asking, case: judge_update(asking, case, _own(asking, case)),
    }
    try:
        return judges[function](asking, case)
    except Unfit as error:
        sizes = "-".join(map(str, case.network.sizes))
        meaning = f"{ASKED[function]} in a network {sizes}: {error}."
        measured = {"function": function, "error": error.kind}
        return [Finding(FAILS, measured, meaning, "Correct that first.")]


def _own(asking: Asking, case: Case) -> tuple[list[Any], list[Any]] | None:
    """The student's own gradients, where they can be had."""
    many = 1 if asking.layout.single else len(case.x)
    z, a = feedforward(case.network, case.x[:many])
    try:
        if "backward" not in asking.student.functions:
            return None
        w, b, _ = asking.backward(z, a, case.y[:many])
    except Unfit:
        return None
    fit = all(w[l].shape == case.network.w[l].shape for l in range(1, len(w)))
    fit = fit and all(b[l].shape == case.network.b[l].shape for l in range(1, len(b)))
    return (w, b) if fit else None


def _sizes(student: Student) -> tuple[int, ...]:
    """Units of each layer that the file asks for, else SIZES.

    Raises:
        InputError: they make no network.
    """
    given = student.constants.get("SIZES", list(SIZES))
    values = given.tolist() if isinstance(given, np.ndarray) else given
    numbers = (
        [float(np.ravel(v)[0]) for v in values] if isinstance(values, list) else []
    )
    whole = all(v == int(v) and 1 <= v <= MOST_UNITS for v in numbers)
    if not (2 <= len(numbers) <= MOST_LAYERS and whole):
        raise InputError(
            f"SIZES must be 2 to {MOST_LAYERS} whole numbers, 1 to {MOST_UNITS} each, "
            f"such as [4, 5, 3]; got {values!s:.60}."
        )
    return tuple(int(v) for v in numbers)


def _layouts(student: Student) -> list[str]:
    """The layouts to try: the one that the file names, else all."""
    asked = student.constants.get("LAYOUT")
    if asked is None:
        return list(LAYOUTS)
    choose("LAYOUT", asked, LAYOUTS)
    return [asked]


def _case(student: Student, sizes: Sequence[int]) -> Case:
    """A network as the file says it has, with weights and examples drawn.

    Raises:
        InputError: activations and cost make no network, or do not belong together.
    """
    said = student.constants
    hidden, output = said.get("HIDDEN", "sigmoid"), said.get("OUTPUT", "sigmoid")
    if isinstance(hidden, np.ndarray):
        raise InputError("HIDDEN must be the name of an activation, or a list of them.")
    network = Network(list(sizes), hidden, output, dtype="float64")
    cost = pick("COST", said.get("COST", "quadratic"), COSTS)
    cost.check(network.sigma[-1])
    random = stream(0, "gradcheck")
    network.parameters.theta[:] = random.standard_normal(network.parameters.theta.size)
    x = random.uniform(0.1, 0.9, (EXAMPLES, sizes[0]))
    y = random.uniform(0.1, 0.9, (EXAMPLES, sizes[-1]))
    if cost.name in ("cross_entropy", "hinge"):
        y = np.eye(sizes[-1])[random.randint(0, sizes[-1], EXAMPLES)]
    flags = [bool(said.get(name, True)) for name in ("HALF", "MEAN")]
    return Case(network, cost, x, y, flags[0], flags[1])
