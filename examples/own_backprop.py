"""Back-propagation of one's own, to be checked by `pellucid gradcheck`.

Lists count from 0: w[0] and b[0] belong to layer 1, z[0] is z^1, and a[0] is the input.
Examples are rows; docs/gradcheck.md tells what else may be.
"""

import numpy as np

HIDDEN = OUTPUT = "sigmoid"  # what sigmoid() below is called in pellucid
COST = "quadratic"  # C = 1/2 |a - y|^2, the mean over the examples


def sigmoid(z):
    """Squash any number into 0 ... 1."""
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    """Give the slope of the sigmoid at z."""
    return sigmoid(z) * (1.0 - sigmoid(z))


def forward(x, w, b):
    """Give z of the layers 1 ... L and a of the layers 0 ... L."""
    z, a = [], [x]
    for l in range(len(w)):
        z.append(a[l] @ w[l].T + b[l])
        a.append(sigmoid(z[l]))
    return z, a


def backward(z, a, y, w):
    """Give the mean gradient of the examples, for each w and b."""
    L, m = len(w), len(y)
    nabla_w, nabla_b = [None] * L, [None] * L
    delta = (a[-1] - y) * sigmoid_prime(z[-1])
    for l in range(L - 1, -1, -1):
        nabla_b[l] = delta.sum(0) / m
        nabla_w[l] = delta.T @ a[l] / m
        if l > 0:
            delta = (delta @ w[l]) * sigmoid_prime(z[l - 1])
    return nabla_w, nabla_b


def update(x, y, w, b, eta):
    """Give w and b after one step of gradient descent."""
    z, a = forward(x, w, b)
    nabla_w, nabla_b = backward(z, a, y, w)
    w = [old - eta * nabla for old, nabla in zip(w, nabla_w, strict=True)]
    b = [old - eta * nabla for old, nabla in zip(b, nabla_b, strict=True)]
    return w, b
