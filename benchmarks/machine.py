"""What the machine is and can do: its description, its peaks, who else is busy."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512bw", "avx512_bf16", "avx512_vnni",
         "asimd", "sve")  # fmt: skip
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
           "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS")  # fmt: skip
PACKAGES = ("pellucid", "numpy", "scipy", "scikit-learn", "torch", "jax", "jaxlib")
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100

PROBE = """
import json, time
import numpy as np

def best(work, flop):
    fastest = float("inf")
    end = time.perf_counter() + 0.5
    while time.perf_counter() < end:
        begin = time.perf_counter()
        work()
        fastest = min(fastest, time.perf_counter() - begin)
    return flop / fastest / 1e9

a = np.random.RandomState(0).rand(1024, 1024).astype("float32")
found = {"sgemm": best(lambda: a @ a, 2 * 1024**3), "fma": None}
try:
    from pellucid.engines import _native
    for _ in range(5):
        seconds, operations = _native.peak_float32(100_000, "auto")
        found["fma"] = max(found["fma"] or 0.0, operations / seconds / 1e9)
except (ImportError, AttributeError):
    pass
print(json.dumps(found))
"""
"""GFLOP/s of NumPy's float32 product of 1,024² matrices, the best of half a second, and
of multiply-adds between registers on one core, where the native engine tells it."""


def environment(threads: int) -> dict[str, str]:
    """For a process that is to use so many threads."""
    here = str(Path(__file__).parent)
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    number = dict.fromkeys(THREADS, str(threads))
    return {**os.environ, **number, "PYTHONPATH": os.pathsep.join(paths)}


def pin(threads: int) -> None:
    """Keep this process on its last `threads` cores; before anything counts them."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def probe(most: int = CORES) -> dict[str, dict[str, float | None]]:
    """GFLOP/s of sgemm and of register FMA, with 1 and with `most` threads."""
    found = {}
    for threads in sorted({1, most}):
        code = f"import machine; machine.pin({threads})\n{PROBE}"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(threads),
            capture_output=True,
            text=True,
            check=True,
        )
        found[str(threads)] = json.loads(done.stdout)
    return found


def describe() -> dict[str, Any]:
    """Processor, cores, instruction sets, versions."""
    facts = _cpuinfo()
    flags = set((facts.get("flags") or facts.get("Features") or "").split())
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "absent"
    return {
        "processor": facts.get("model name", platform.processor() or "unknown"),
        "family": f"{facts.get('cpu family', '?')}/{facts.get('model', '?')}",
        "cores": CORES,
        "instructions": [flag for flag in FLAGS if flag in flags],
        "memory_gib": round(_memory() / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": versions,
        "commit": _commit(),
    }


def sentence(facts: dict[str, Any]) -> str:
    """The description on one line, without the commit."""
    versions = ", ".join(f"{name} {text}" for name, text in facts["versions"].items())
    return (
        f"{facts['processor']} (family/model {facts['family']}), {facts['cores']} "
        f"cores, {' '.join(facts['instructions'])}, {facts['memory_gib']} GiB, "
        f"{facts['system']}; {versions}"
    )


class Others:
    """How many cores other processes keep busy while some of ours work."""

    def __init__(self, pid: int):
        self.pids = (os.getpid(), pid)
        self.begin = self._now()

    def _now(self) -> tuple[float, float, float] | None:
        try:
            fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
            busy = sum(map(int, fields[:3])) + sum(map(int, fields[5:8]))
            ours = 0
            for pid in self.pids:
                text = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                ours += int(text[11]) + int(text[12])
        except OSError:  # not Linux
            return None
        return time.perf_counter(), busy / TICK, ours / TICK

    def cores(self) -> float | None:
        """Since this was made; None where the system does not tell."""
        now = self._now()
        if now is None or self.begin is None:
            return None
        passed, busy, ours = (b - a for a, b in zip(self.begin, now, strict=True))
        return max(busy - ours, 0.0) / max(passed, 1.0 / TICK)


def resident(peak: bool = False) -> float | None:
    """MiB that this process holds now, or the most since `forget_peak`."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    name = "VmHWM:" if peak else "VmRSS:"
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def forget_peak() -> None:
    """Let the peak begin at what is held now."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def _cpuinfo() -> dict[str, str]:
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n", 1)[0]
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {name.strip(): text.strip() for name, text in pairs}


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):
        return 0


def _commit() -> str:
    here = Path(__file__).parent
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, cwd=here, capture_output=True, text=True)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
