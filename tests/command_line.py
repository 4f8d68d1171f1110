"""What the tests of the command line share: typing a command, and data sets to type."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace

import numpy as np
import pytest

from pellucid import Dataset, cli, load, split
from pellucid.data import Known


@dataclass(frozen=True)
class Said:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        """The one object in the last line; NaN is no JSON."""

        def refuse(word):
            raise AssertionError(f"{word} is no JSON")

        return json.loads(self.out.splitlines()[-1], parse_constant=refuse)


def typed(capsys, *words):
    """The command line with these words, in this process."""
    capsys.readouterr()
    try:
        cli.main([str(word) for word in words])
    except SystemExit as end:
        status = end.code
    printed = capsys.readouterr()
    return Said(status, printed.out, printed.err)


def once(*words):
    """The same for a fixture that several tests share: none of them has its words."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
        cli.main([str(word) for word in words])
    return Said(end.value.code, out.getvalue(), err.getvalue())


def refused(capsys, *words):
    """The sentence about a user's mistake."""
    said = typed(capsys, *words)
    assert said.status == 2, said
    assert "{" not in said.out and "Traceback" not in said.err
    assert said.err.startswith("pellucid: ") and said.err.count("\n") == 1
    return said.err.removeprefix("pellucid: ").rstrip("\n")


def waves(data_dir, dtype):
    """Two numbers to be predicted from three; no classes."""
    x = np.random.RandomState(0).standard_normal((90, 3))
    y = np.stack([x.sum(1), x[:, 0] - x[:, 1]], axis=1)
    return split(Dataset.from_arrays(x, y, name="waves", dtype=dtype))


def letters(data_dir, dtype):
    """The digits under other names, one of which would steer a terminal."""
    names = ("\x1b[31m[bold]red", *"bcdefghij")
    return replace(load("digits", dtype=dtype), classes=names, name="letters")


def untested(data_dir, dtype):
    """Digits that are all learned from."""
    data = load("digits", dtype=dtype)
    return replace(data, counts={"train": len(data)}, name="untested")


def known(name, load):
    return Known(name, "made here", "a test", "none", 90, (3,), load)


MADE = {
    load.__name__: known(load.__name__, load) for load in (waves, letters, untested)
}
