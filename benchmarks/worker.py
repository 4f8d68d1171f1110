"""A process with one peer in it, kept alive and asked for one round at a time.

Reads a JSON object a line from its input and writes one a line to its output:

    {"do": "begin", "workload": "W1", "rows": null, "peer": "JAX scan"}
    {"do": "fit", "variant": {}, "epochs": 1}    seconds
    {"do": "answer", "variant": {}, "count": 1000}
    {"do": "score"}                              of the last fit, and the peak of memory

`run.py` starts it with the number of threads as its argument.
"""

import json
import os
import sys
import traceback
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
        self.held = machine.resident()
        return {"rows": len(self.problem.x)}

    def _peer(self, variant: dict[str, Any]) -> Any:
        from peers import make_peer

        if self.peer is None or variant != self.variant:
            self.peer = make_peer(self.name, self.problem, variant)
            self.variant = variant
        return self.peer

    def fit(self, variant: dict[str, Any], epochs: int) -> dict[str, Any]:
        """One fit from the first weights."""
        times = self._peer(variant).fit(epochs)
        return {"prepare": times.prepare, "epochs": times.epochs}

    def answer(self, variant: dict[str, Any], count: int) -> dict[str, Any]:
        """Seconds a call."""
        seconds = self._peer(variant).seconds_an_answer(count)
        return {"prepare": 0.0, "epochs": [seconds]}

    def score(self) -> dict[str, Any]:
        """What the last fit came to."""
        peak, score = machine.resident(peak=True), None
        if self.problem.workload.kind != "answers":
            score = self.peer.problem.score(self.peer.theta())
        differs = self.peer.differs
        memory = None if peak is None or self.held is None else peak - self.held
        return {"score": score, "differs": differs, "memory": memory}


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
