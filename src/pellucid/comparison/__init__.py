"""Whether a network is the right model, with how much data, and how wide.

standings    how models stand to each other: means, spread, tests, a sentence
trials       training and scoring them: a network beside other models
amounts      the same against the amount of data
widths       one hidden layer, from narrow to wide
rivals       the other models
features     what people measured in pictures before networks did
"""

from .amounts import AMOUNTS, LearningCurve
from .standings import CHANCE, NETWORK, Fit, Standings, corrected_p
from .trials import Comparison, fewer
from .widths import WIDTHS, Wide, WidthCurve

__all__ = [
    "AMOUNTS",
    "CHANCE",
    "NETWORK",
    "WIDTHS",
    "Comparison",
    "Fit",
    "LearningCurve",
    "Standings",
    "Wide",
    "WidthCurve",
    "corrected_p",
    "fewer",
]
