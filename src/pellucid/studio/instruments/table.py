"""Commands and their functions."""

from __future__ import annotations

from . import training
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
}
