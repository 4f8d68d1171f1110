"""A widget that is asked as its view would, and what the tests of it share."""

import numpy as np

from pellucid import InputError
from pellucid.studio.wire import parse_frame


class Asking:
    """Asks a widget what its view would, and hears what it says."""

    def __init__(self, shown):
        self.shown, self.said, self.number = shown, [], 0
        shown.send = lambda content, buffers=None: self.said.append((content, buffers))

    def __call__(self, do, buffers=(), **words):
        self.number += 1
        words = {"id": self.number, "do": do, **words}
        self.shown._handle_custom_msg(words, list(buffers))
        answer, numbers = self.said[-1]
        assert answer["id"] == self.number
        if not answer["ok"]:
            raise InputError(answer["error"])
        return answer, blocks(answer["blocks"], numbers[0]) if numbers else {}


def blocks(layout, numbers):
    """The arrays of a frame by their names."""
    values = parse_frame(bytes(numbers)).values
    found = {}
    for lot in layout:
        size = int(np.prod(lot["shape"]))
        part = values[lot["offset"] : lot["offset"] + size]
        found[lot["name"]] = part.reshape(lot["shape"])
    return found


def seen(shown):
    """What the view has to draw."""
    return blocks(shown.state["layout"], shown.frame)


def same(one, other):
    assert np.array_equal(one, np.asarray(other, np.float32))
