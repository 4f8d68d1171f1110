"""What a page can ask for besides frames: a function a command.

To add one: a function here or in a file beside, its line in INSTRUMENTS, and its words
in `words.COMMANDS`.
"""

from __future__ import annotations

from .asked import Answer, Asked
from .table import INSTRUMENTS

__all__ = ["INSTRUMENTS", "Answer", "Asked"]
