"""The same epochs by torch: what the estimators' additions are held against."""

import numpy as np
from sklearn.datasets import load_digits, make_regression

from pellucid._random import dropout_mask
from pellucid.estimators.weights import draw

X, Y = load_digits(n_class=4, return_X_y=True)
X, Y = X[:120] / 16, Y[:120]
NUMBERS, TARGETS = make_regression(90, 6, n_targets=2, random_state=0)
TARGETS = TARGETS / TARGETS.std()
COUNTS = np.random.RandomState(0).poisson(2.0, (90, 2)).astype(float)
BATCH, EPOCHS = 32, 3
WORDS = {
    "hidden_layer_sizes": (7, 5),
    "random_state": 3,
    "shuffle": False,
    "batch_size": BATCH,
    "max_iter": EPOCHS,
    "alpha": 0.0,
    "tol": 0.0,
    "learning_rate_init": 0.01,
}


def numbers(estimator):
    """All weights and biases, flat."""
    return np.concatenate(
        [np.ravel(w) for w in (*estimator.coefs_, *estimator.intercepts_)]
    )


def torch_weights(x, y, sigma, cost, rule, *, clip=None, rates=None, dropout=0.0):
    """The weights after the same epochs by torch's autograd and optimizers.

    Args:
        x: inputs, (m, n_0).
        y: targets, (m, n_L).
        sigma: torch functions of the hidden layers.
        cost: (z^L, y) to the mean cost.
        rule: parameters to a torch optimizer.
        clip: longest gradient.
        rates: learning rate of each step.
        dropout: share of silenced hidden units.
    """
    import torch

    random = np.random.RandomState(WORDS["random_state"])
    sizes = [x.shape[1], *WORDS["hidden_layer_sizes"], y.shape[1]]
    coefs, intercepts = draw(sizes, ["relu", "relu"], random, "float64")
    seed = random.randint(2**31)
    w = [torch.tensor(c, requires_grad=True) for c in coefs]
    b = [torch.tensor(c, requires_grad=True) for c in intercepts]
    x, y = torch.tensor(x), torch.tensor(y, dtype=torch.float64)
    optimizer, step = rule([*w, *b]), 0
    for _ in range(EPOCHS):
        for start in range(0, len(x), BATCH):
            rows = slice(start, start + BATCH)
            a = x[rows]
            for l, function in enumerate(sigma):
                a = function(a @ w[l] + b[l])
                if dropout:
                    shape = tuple(a.shape)
                    mask = dropout_mask(seed, step, l + 1, shape, dropout)
                    a = a * torch.tensor(mask)
            value = cost(a @ w[-1] + b[-1], y[rows])
            optimizer.zero_grad()
            value.backward()
            if clip is not None:
                # torch's own clipping adds 1e-6 to the norm.
                norm = sum((p.grad**2).sum() for p in (*w, *b)) ** 0.5
                for p in (*w, *b):
                    p.grad *= min(clip / norm, 1.0)
            if rates is not None:
                optimizer.param_groups[0]["lr"] = rates[step]
            optimizer.step()
            step += 1
    return np.concatenate([np.ravel(p.detach().numpy()) for p in (*w, *b)])


def nesterov(parameters):
    """The rule of sgd as it is unless told otherwise."""
    import torch

    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, nesterov=True)


def squared(z, y):
    """The quadratic cost."""
    return 0.5 * ((z - y) ** 2).sum(1).mean()


def relus():
    """The hidden layers' functions unless told otherwise."""
    import torch

    return [torch.relu, torch.relu]
