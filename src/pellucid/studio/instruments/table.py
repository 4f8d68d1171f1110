"""Commands and their functions."""

from __future__ import annotations

from . import drawing, keeping, looking, neurons, nudges, opened, opening, training
from .asked import Instrument

INSTRUMENTS: dict[str, Instrument] = {
    "set": training.set_recipe,
    "train": training.train,
    "pause": training.pause,
    "step": training.step,
    "reset": training.reset,
    "new_start": training.new_start,
    "goto": training.goto,
    "open": training.open_link,
    "link": training.link,
    "examples": looking.examples,
    "example": looking.example,
    "mistake": looking.mistake,
    "draw": drawing.draw,
    "describe": keeping.describe,
    "neuron": neurons.neuron,
    "silence": neurons.silence,
    "damage": neurons.damage,
    "cut": neurons.cut,
    "nudge": nudges.nudge,
    "edit": nudges.edit,
    "unedit": nudges.unedit,
    "opened": opened.opened,
    "stages": opened.stages,
    "keep": keeping.keep,
    "runs": opening.runs,
    "open_run": opening.open_run,
    "export": keeping.export,
}
