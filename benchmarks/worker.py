"""A process with one peer in it, kept alive and asked for one round at a time.

Reads a JSON object a line from its input and writes one a line to its output:

    {"do": "begin", "workload": "W1", "rows": null, "peer": "JAX scan"}
    {"do": "fit", "variant": {}, "epochs": 1, "seed": 1}    seconds, score
    {"do": "answer", "variant": {}, "count": 1000}          seconds
    {"do": "tell"}                     what differs; the peak of memory

`run.py` starts it with the number of threads as its argument.
"""

import json
import os
import sys
import traceback
from dataclasses import replace
from typing import Any

import machine


class Worker:
    """What lasts from one request to the next."""

    def begin(self, workload: str, rows: int | None, peer: str) -> dict[str, Any]:
        """Get the data into memory."""
        from workloads import make

        self.problem, self.name = make(workload, rows), peer
        self.peer, self.variant = None, None
        machine.forget_peak()
        self.held, self.peak = machine.resident(), 0.0
        return {"rows": len(self.problem.x)}

    def _peer(self, variant: dict[str, Any]) -> Any:
        from peers import make_peer

        if self.peer is None or variant != self.variant:
            self.peer = make_peer(self.name, self.problem, variant)
            self.variant = variant
        return self.peer

    def fit(self, variant: dict[str, Any], epochs: int, seed: int) -> dict[str, Any]:
        """One fit from the first weights, in the orders of this seed."""
        peer = self._peer(variant)
        peer.problem = replace(peer.problem, seed=seed)
        times = peer.fit(epochs)
        self._look()
        score = peer.problem.score(peer.theta())
        machine.forget_peak()
        return {"prepare": times.prepare, "epochs": times.epochs, "score": score}

    def answer(self, variant: dict[str, Any], count: int) -> dict[str, Any]:
        """Seconds a call."""
        seconds = self._peer(variant).seconds_an_answer(count)
        self._look()
        return {"prepare": 0.0, "epochs": [seconds], "score": None}

    def _look(self) -> None:
        """Note the peak of memory."""
        self.peak = max(self.peak, machine.resident(peak=True) or 0.0)

    def tell(self) -> dict[str, Any]:
        """What is not the same work, and MiB beyond what was held at the beginning."""
        memory = None if self.held is None else self.peak - self.held
        return {"differs": self.peer.differs, "memory": memory}


def main() -> None:
    """Answer until the input ends."""
    machine.pin(int(sys.argv[1]))
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    worker = Worker()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = getattr(worker, request.pop("do"))(**request)
        except Exception as error:
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}".split("\n")[0]}
        print(json.dumps(reply), file=out, flush=True)


if __name__ == "__main__":
    main()
