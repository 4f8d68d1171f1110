"""How many threads a run may use on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from .._arrays import check_number
from .._errors import InputError

VARIABLE = "PELLUCID_THREADS"
MOST_THREADS = 256

CGROUP = Path("/sys/fs/cgroup/cpu.max")


def threads(wanted: int | None = None) -> int:
    """The threads that a run may use; how many it does use never changes a bit.

    Args:
        wanted: 1 ... 256; None: what the environment variable PELLUCID_THREADS says,
            else one for each usable core.

    Raises:
        InputError: not such a number.
    """
    if wanted is not None:
        check_number("threads", wanted, least=1, most=MOST_THREADS, whole=True)
        return int(wanted)
    said = os.environ.get(VARIABLE, "")
    if not said:
        return min(usable_cores(), MOST_THREADS)
    if not said.isdecimal() or not 1 <= int(said) <= MOST_THREADS:
        raise InputError(
            f"{VARIABLE} must be a whole number from 1 to {MOST_THREADS}; "
            f"got {said!r:.40}. Unset it to use every core."
        )
    return int(said)


def usable_cores() -> int:
    """Cores that this process may run on: by affinity, and by the container's quota."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return max(1, min(count, _quota()))


def _quota() -> int:
    """Whole cores of the control group's quota; many where there is none."""
    try:
        quota, period = CGROUP.read_text().split()
        return int(quota) // int(period)  # a part of a core makes no thread
    except (OSError, ValueError, ZeroDivisionError):  # none, or "max"
        return MOST_THREADS
