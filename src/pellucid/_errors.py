"""The two errors that pellucid raises on purpose.

Everything else that leaves the library is a defect of the library. The command
line prints these two as one sentence and never shows a traceback for them.
"""


class InputError(ValueError):
    """What was asked for can't be done: says what must hold, what came, what to do."""


class DivergedError(ArithmeticError):
    """Training ended because the cost stopped being finite.

    The network holds the last good parameters when this is raised.

    Attributes:
        layer: the first layer whose pre-activations are not finite, 1 ... L,
            or L where they are finite and only the cost is not.
        mini_batch: number of the mini-batch in its epoch, from 1.
        epoch: number of the epoch, from 1.
    """

    def __init__(self, message: str, *, layer: int, mini_batch: int, epoch: int):
        super().__init__(message)
        self.layer = layer
        self.mini_batch = mini_batch
        self.epoch = epoch
