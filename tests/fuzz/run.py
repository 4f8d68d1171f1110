"""Give a parser of ours very many inputs: python tests/fuzz/run.py TARGET --inputs N.

With atheris (pip install atheris) they are guided by coverage: what reaches new code
is kept and mutated further; half of the mutants are made by libFuzzer, half by our own
`mutate`, which knows JSON. Without it, or with --blind, all are ours, of the seeds.
An input that fails is written to kept/TARGET, where the default tests run it again.

Ends with status 1 if one failed. See `targets` for what failing means; besides, each
input may take 100 ms of the processor's time and 256 MiB of memory.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
KEPT = HERE / "kept"
SECONDS, MEMORY = 0.1, 256 << 20
TELL = 60.0  # seconds between two lines on how far it is


class Campaign:
    """Counts inputs and keeps those that fail."""

    def __init__(self, name: str, inputs: int, seconds: float):
        from fuzz.targets import TARGETS

        self.name, self.target, self.inputs = name, TARGETS[name], inputs
        self.seeds = self.target.seeds()
        self.count, self.failures, self.slowest = 0, 0, 0.0
        self.known: set[str] = set()
        self.begin = self.told = time.monotonic()
        self.end = self.begin + seconds

    def one(self, data: bytes) -> None:
        """Try one input."""
        self.count += 1
        begin = time.thread_time()
        try:
            self.target.one(data)
        except Exception as error:
            self.failed(data, error)
        took = time.thread_time() - begin
        if took > SECONDS and (took := self.again(data)) > SECONDS:
            self.failed(data, TimeoutError(f"{took:.2f} s"))
        self.slowest = max(self.slowest, took)
        if self.count % 1000 == 0 and time.monotonic() - self.told > TELL:
            self.told = time.monotonic()
            self.tell()
        if self.count == self.inputs or time.monotonic() > self.end:
            self.tell()
            sys.stdout.flush()
            os._exit(1 if self.failures else 0)  # libFuzzer has no other way out

    def again(self, data: bytes) -> float:
        """The shortest of three more tries: a busy machine is not the input's fault."""
        took = []
        for _ in range(3):
            begin = time.thread_time()
            try:
                self.target.one(data)
            except Exception:
                pass
            took.append(time.thread_time() - begin)
        return min(took)

    def failed(self, data: bytes, error: Exception) -> None:
        """Keep an input that failed, one for each place where it did."""
        self.failures += 1
        frames = traceback.extract_tb(error.__traceback__)
        where = "; ".join(f"{f.filename}:{f.lineno}" for f in frames[-3:])
        if f"{type(error)}{where}" in self.known:
            return
        self.known.add(f"{type(error)}{where}")
        (KEPT / self.name).mkdir(parents=True, exist_ok=True)
        path = KEPT / self.name / hashlib.sha256(data).hexdigest()[:16]
        path.write_bytes(data)
        print(f"{self.name}: {path}", flush=True)
        traceback.print_exception(error)

    def tell(self) -> None:
        seconds = time.monotonic() - self.begin
        print(
            f"{self.name}: {self.count:,} inputs in {seconds:.0f} s, "
            f"{self.count / max(seconds, 1e-9):,.0f}/s, {self.failures} failed at "
            f"{len(self.known)} places, slowest {1000 * self.slowest:.0f} ms",
            flush=True,
        )


def limit_memory() -> None:
    """From here on, no more than MEMORY besides what there is."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (used,) = (int(line.split()[1]) << 10 for line in lines if "VmData" in line)
    resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, used + MEMORY))


def mutator(campaign: Campaign):
    """Our own mutants; of JSON, mostly of its values."""
    from fuzz.mutate import json_mutant, mutant

    def made(data: bytes, random: Random) -> bytes:
        found = None
        if campaign.target.json and random.random() < 0.8:
            number = campaign.name == "run_folder"  # a number comes before the JSON
            found = json_mutant(random, data[number:])
            found = None if found is None else data[:number] + found
        return mutant(random, data, campaign.seeds) if found is None else found

    return made


def blind(campaign: Campaign, seed: int) -> None:
    """Mutants of the seeds, whatever they reach."""
    made, random = mutator(campaign), Random(seed)
    for data in campaign.seeds:
        campaign.one(data)
    while True:
        campaign.one(made(random.choice(campaign.seeds), random))


def guided(campaign: Campaign, seed: int, corpus: str | None) -> None:
    """Mutants that coverage chooses."""
    import atheris

    made = mutator(campaign)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.5:
            return atheris.Mutate(data, most)
        return made(data, random)[:most]

    folder = corpus or tempfile.mkdtemp()
    longest = 4_096
    for number, data in enumerate(campaign.seeds):
        (Path(folder) / f"seed-{number}").write_bytes(data)
        longest = max(longest, 2 * len(data))
    options = [f"-max_len={longest}", f"-seed={seed + 1}", "-verbosity=0"]
    options += [
        "-rss_limit_mb=4096",
        "-timeout=10",
        "-reload=0",
        f"-artifact_prefix={KEPT}/",
    ]
    atheris.Setup([sys.argv[0], folder, *options], campaign.one, custom_mutator=mutate)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", help="a folder where it is kept from run to run")
    parser.add_argument("--blind", action="store_true", help="without coverage")
    asked = parser.parse_args()
    sys.path.insert(0, str(HERE.parent))
    try:
        import atheris
    except ImportError:
        asked.blind = True
    if asked.blind:
        campaign = Campaign(asked.target, asked.inputs, asked.seconds)
    else:
        with atheris.instrument_imports(include=["pellucid"]):
            campaign = Campaign(asked.target, asked.inputs, asked.seconds)
    for data in campaign.seeds:  # what is made once is made now
        campaign.target.one(data)
    limit_memory()
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", RuntimeWarning)  # of NumPy, on what it can't compute
    how = (
        (blind, (asked.seed,)) if asked.blind else (guided, (asked.seed, asked.corpus))
    )
    how[0](campaign, *how[1])


if __name__ == "__main__":
    main()
