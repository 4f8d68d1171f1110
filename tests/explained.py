"""What the tests of explanations share: Shapley values, data with known reasons."""

from functools import cache
from math import factorial

import numpy as np

from pellucid import Dataset, Network, load, train


@cache
def trained():
    """64-30-10 on the digits, and these."""
    data = load("digits")
    network = Network([64, 30, 10], seed=1)
    for _ in train(network, data, epochs=15):
        pass
    return network, data


def shapley(network, x, j, baseline, groups):
    """Exact Shapley values of output j, all coalitions asked, one formula a group."""
    n = len(groups)
    found = np.zeros(n)
    for number in range(1 << n):
        inside = [i for i in range(n) if number >> i & 1]
        point = np.array(baseline, float)
        for i in inside:
            point[groups[i].inputs] = x[groups[i].inputs]
        for i in set(range(n)) - set(inside):
            more = point.copy()
            more[groups[i].inputs] = x[groups[i].inputs]
            gain = np.subtract(*network(np.stack([more, point]))[:, j])
            weight = factorial(len(inside)) * factorial(n - len(inside) - 1)
            found[i] += weight / factorial(n) * gain
    return found


def planes():
    """Four inputs, two numbers to be predicted: only the first and second matter."""
    random = np.random.RandomState(0)
    x = random.standard_normal((300, 4))
    y = np.stack([3 * x[:, 0], x[:, 0] - x[:, 1]], axis=1)
    return Dataset.from_arrays(x, y, name="planes")
