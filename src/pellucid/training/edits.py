"""What was set by hand in a training, and a training in which it is set.

An edit is set after so many updates, before the next. It stays what it is: set twice,
as after an interrupt, it changes nothing the second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .. import _limits
from .._arrays import is_finite
from .._errors import InputError
from ..data import Dataset
from ..mathematics.network import Network, Parameters
from . import Every, Report, train
from .state import State

PATTERN = re.compile(
    r"(\d{1,10}):(\d{1,4})\.(\d{1,8})\.(b|\d{1,8}):([-+.\de]{1,40})", re.ASCII
)
WHOLE_RUN = 2**62  # mini-batches: more than any run has


@dataclass(frozen=True)
class Edit:
    """A weight or bias that was set by hand.

    Attributes:
        step: updates that were made before.
        layer: 1 ... L.
        neuron: from 0.
        input: from 0; None: the bias.
        value: what it was set to.
    """

    step: int
    layer: int
    neuron: int
    input: int | None
    value: float

    @property
    def place(self) -> tuple[int, int, int | None]:
        """Layer, neuron, input."""
        return self.layer, self.neuron, self.input

    def to_text(self) -> str:
        """Such as `600:1.5.b:0.25`."""
        where = "b" if self.input is None else self.input
        return f"{self.step}:{self.layer}.{self.neuron}.{where}:{self.value!r}"


def parse_edits(texts: Sequence[str], name: str) -> tuple[Edit, ...]:
    """Edits out of their texts; `name` is for the sentence, such as "a link".

    Raises:
        InputError: one is none, or they are too many, or not in order.
    """
    if len(texts) > _limits.STUDIO_EDITS:
        raise InputError(
            f"a run must have at most {_limits.STUDIO_EDITS} edits (limit "
            f"STUDIO_EDITS); got {len(texts)}."
        )
    found = tuple(_edit(text, name) for text in texts)
    if list(found) != sorted(found, key=lambda edit: edit.step):
        raise InputError(f"the edits of {name} must be in the order of their steps.")
    return found


def _edit(text: str, name: str) -> Edit:
    found = PATTERN.fullmatch(text)
    try:
        value = float(found[5]) if found else float("nan")
    except ValueError:
        value = float("nan")
    if found is None or not is_finite(value):
        raise InputError(
            f"an edit of {name} must be step:layer.neuron.input:value, such as "
            f"600:1.5.b:0.25; got {text!r:.40}."
        )
    where = None if found[4] == "b" else int(found[4])
    return Edit(int(found[1]), int(found[2]), int(found[3]), where, value)


def check_place(sizes: Any, edit: Edit) -> None:
    """Check that a network of these sizes has this weight or bias.

    Raises:
        InputError: it has not.
    """
    l, j, k = edit.place
    there = 1 <= l < len(sizes) and 0 <= j < sizes[l]
    if not there or not (k is None or 0 <= k < sizes[l - 1]):
        spelled = "-".join(map(str, sizes))
        raise InputError(
            f"the network {spelled} has no weight or bias at layer {l}, neuron {j}, "
            f"input {'none' if k is None else k}: layers count from 1, neurons from 0."
        )


def check_edits(sizes: Any, optimizer: str, edits: Iterable[Edit]) -> None:
    """Check that a training of such a network can have these edits.

    Raises:
        InputError: there is no such place, or the optimizer can't go on from them.
    """
    for edit in edits:
        check_place(sizes, edit)
        if optimizer.partition(":")[0] == "lbfgs":
            raise InputError(
                "L-BFGS can't go on from changed weights: what its search remembers "
                "would be wrong. Choose another optimizer, or take the edits back."
            )


def put(parameters: Parameters, edits: Iterable[Edit]) -> None:
    """Set what was set by hand."""
    for edit in edits:
        l, j, k = edit.place
        if k is None:
            parameters.b[l][j] = edit.value
        else:
            parameters.w[l][j, k] = edit.value


def train_edited(
    network: Network,
    data: Dataset,
    edits: Sequence[Edit],
    *,
    every: int | Every | None = None,
    resume: State | None = None,
    **words: Any,
) -> Iterator[Report]:
    """`train`, with weights and biases set by hand on its way.

    The Report of a step speaks of the network before the edits of that step; those of
    the last step are set when all is done.

    Args:
        network: what is trained.
        data: what it learns from.
        edits: in the order of their steps.
        every: as in `train`.
        resume: as in `train`.
        words: all others of `train`.

    Raises:
        InputError: at once, where anything does not fit.
    """
    check_edits(network.sizes, words["optimizer"], edits)
    size = max(words["batch_size"], 1)
    last_step = words["epochs"] * -(-len(data.train) // size)

    def begin(often: Every, state: State | None) -> Iterator[Report]:
        return train(network, data, every=often, resume=state, **words)

    return _Edited(begin, network, edits, last_step, every).reports(resume)


class _Edited:
    """One call of train_edited()."""

    def __init__(
        self,
        begin: Callable[[Every, State | None], Iterator[Report]],
        network: Network,
        edits: Sequence[Edit],
        last_step: int,
        every: int | Every | None,
    ):
        self.begin, self.network, self.edits = begin, network, edits
        self.last_step, self.every = last_step, every
        self.step = 0

    def reports(self, resume: State | None) -> Iterator[Report]:
        """All Reports; the first training begins at once, so that it is checked."""
        if resume is not None:
            self.step = int(resume["step"][0])
        return self._reports(self._from(resume))

    def _from(self, state: State | None) -> Iterator[Report]:
        """The training from a state on, with the edits of its step."""
        if state is not None and self.step < self.last_step:
            theta = Parameters(self.network.sizes, state["theta"].copy())
            put(theta, self._here())
            state = {**state, "theta": theta.theta}
        return self.begin(self._often, state)

    def _reports(self, reports: Iterator[Report]) -> Iterator[Report]:
        while True:
            report = next(reports, None)
            if report is None:
                put(self.network.parameters, self._here())
                return
            self.step = report.step
            yield report
            if self._here() and self.step < self.last_step:
                assert report.state is not None  # L-BFGS takes no edits
                reports = self._from(report.state())

    def _here(self) -> list[Edit]:
        return [edit for edit in self.edits if edit.step == self.step]

    def _often(self) -> int:
        """Mini-batches until the next Report: not beyond the next edit."""
        asked = self.every() if callable(self.every) else self.every
        later = [edit.step - self.step for edit in self.edits]
        return min(asked or WHOLE_RUN, *(each for each in later if each > 0), WHOLE_RUN)
