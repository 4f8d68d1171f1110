"""MLPClassifier against scikit-learn's, the same arguments, in one run.

    python benchmarks/estimators.py [--rows 500,5000,50000] [--threads 1] > table.txt

For each number of rows, features and hidden layers, each solver and float type: the
seconds of one `fit` of as many epochs (L-BFGS: iterations) by both classes in turn, the
best of `--repeats`. That both did the same work is checked by their number of epochs
and their loss. Prints a Markdown table, losses (a quotient below 1) included, the
medians, and the time that `predict` takes for one row.
"""

import argparse
import itertools
import statistics
import time
import warnings

import numpy as np
from sklearn import neural_network
from threadpoolctl import threadpool_limits

import pellucid

FEATURES = (10, 50, 784)
HIDDEN = ((100,), (64, 64), (512, 512))
SOLVERS = ("adam", "sgd", "lbfgs")
TYPES = ("float32", "float64")
CLASSES = {"ours": pellucid.MLPClassifier, "theirs": neural_network.MLPClassifier}
WORK = 2e9
"""Multiplications that a fit should take at least; small ones get more epochs."""


def problem(rows, features, dtype):
    """Ten classes that a network can learn."""
    random = np.random.RandomState(0)
    x = random.standard_normal((rows, features))
    y = (x @ random.standard_normal((features, 10))).argmax(axis=1)
    return x.astype(dtype), y


def epochs_of(rows, features, hidden):
    """Epochs for one fit: few where each is long."""
    sizes = (features, *hidden, 10)
    once = 6 * rows * sum(a * b for a, b in itertools.pairwise(sizes))
    return int(np.clip(WORK / once, 2, 50))


def fitted(kind, x, y, words):
    """Seconds of one fit, and the estimator."""
    net = CLASSES[kind](random_state=0, tol=0.0, n_iter_no_change=10**6, **words)
    begin = time.perf_counter()
    net.fit(x, y)
    return time.perf_counter() - begin, net


def compared(x, y, words, repeats):
    """Best seconds of both, once both are seen to have done the same."""
    best = dict.fromkeys(CLASSES, np.inf)
    for _ in range(repeats):
        nets = {}
        for kind in CLASSES:
            seconds, nets[kind] = fitted(kind, x, y, words)
            best[kind] = min(best[kind], seconds)
        ours, theirs = nets.values()
        alike = 0.05 if x.dtype == "float32" else 1e-3
        assert ours.n_iter_ == theirs.n_iter_, words
        assert abs(ours.loss_ - theirs.loss_) <= alike * abs(theirs.loss_) + alike
    return best, nets


def one_row(net, x, questions=500):
    """Microseconds of `predict` for one row, the median."""
    seconds = []
    for i in range(questions):
        begin = time.perf_counter()
        net.predict(x[i % len(x)][None])
        seconds.append(time.perf_counter() - begin)
    return 1e6 * statistics.median(seconds)


def main():
    """Read the options, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", default="500,5000,50000")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        "| rows | features | hidden | solver | type | epochs | theirs s | ours s | x |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    quotients = {}
    rows = [int(n) for n in options.rows.split(",")]
    grid = itertools.product(rows, FEATURES, HIDDEN, SOLVERS, TYPES)
    with threadpool_limits(options.threads):
        for n, features, hidden, solver, dtype in grid:
            x, y = problem(n, features, dtype)
            epochs = epochs_of(n, features, hidden)
            words = {"hidden_layer_sizes": hidden, "solver": solver, "max_iter": epochs}
            best, nets = compared(x, y, words, options.repeats)
            quotient = best["theirs"] / best["ours"]
            quotients.setdefault((solver, dtype), []).append(quotient)
            print(
                f"| {n} | {features} | {hidden} | {solver} | {dtype} | {epochs} "
                f"| {best['theirs']:.4f} | {best['ours']:.4f} | {quotient:.2f} |",
                flush=True,
            )
        print()
        for (solver, dtype), found in quotients.items():
            print(f"{solver} {dtype}: median {statistics.median(found):.2f} x, "
                  f"worst {min(found):.2f} x, {sum(q < 1 for q in found)} of "
                  f"{len(found)} slower")  # fmt: skip
        asked = {kind: one_row(net, x) for kind, net in nets.items()}
        print(f"predict of one row: {asked['theirs']:.0f} µs theirs, "
              f"{asked['ours']:.0f} µs ours")  # fmt: skip


if __name__ == "__main__":
    main()
