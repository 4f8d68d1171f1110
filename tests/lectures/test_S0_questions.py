"""S0: the questions at its end: the formula, the valleys of the cost, the width."""

import re
from itertools import pairwise
from math import log

import numpy as np
import pytest

from pellucid import (
    ACTIVATIONS,
    COSTS,
    OPTIMIZERS,
    Dataset,
    Given,
    Network,
    cli,
    load,
    save_network,
    trace,
    train,
)
from pellucid.engines import start
from pellucid.evaluation import evaluate
from pellucid.mathematics import formula
from tolerances import CLOSED, FORMULA, distance

XOR_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_Y = np.array([[0.0], [1.0], [1.0], [0.0]])
UPDATES = 5_000


def test_S0_32_the_whole_network_is_one_formula(tmp_path, capsys):
    # "What would be the analytical formula of the whole network?"
    x = np.random.RandomState(32).standard_normal((20, 2))
    hidden = [n for n, s in ACTIVATIONS.items() if not s.output_only and n != "step"]
    for inner in hidden:
        for output in ("sigmoid", "identity", "softmax"):
            n_out = 3 if output == "softmax" else 1
            network = wide_awake([2, 3, n_out], inner, output)
            text = formula.python(network)
            got = [eval(text, {**formula.VOCABULARY, "x": list(row)}) for row in x]
            assert distance(got, network(x)) < FORMULA, (inner, output)
    network = wide_awake([2, 3, 1], "sigmoid", "sigmoid")
    texts = {"python": formula.python(network), "latex": formula.latex(network)}
    latex = texts["latex"]
    assert latex.count(r"\sigma") == 4  # a line for each unit
    assert distance([value_of_latex(latex, row) for row in x], network(x)) < FORMULA
    file = tmp_path / "small.safetensors"
    save_network(file, network)
    for language, text in texts.items():
        with pytest.raises(SystemExit, match="0"):
            cli.main(["inspect", str(file), "--formula", language])
        assert text in capsys.readouterr().out


def wide_awake(sizes, hidden, output, seed=0) -> Network:
    """A network with weights and biases that are all in play."""
    return Network(
        sizes, hidden, output, initializer="nielsen", seed=seed, dtype="float64"
    )


def value_of_latex(text: str, x) -> list[float]:
    """The LaTeX of a sigmoid network, read line by line: a^{(l)}_{j} = ..."""
    a = {(0, k): float(v) for k, v in enumerate(x, start=1)}
    for line in text.splitlines()[1:-1]:
        left, right = line.rstrip("\\ ").split(" &= ")
        l, j = map(int, re.findall(r"\d+", left))
        right = re.sub(r"a\^\{\((\d+)\)\}_\{(\d+)\}", r"a[\1, \2]", right)
        right = right.replace(r"\sigma", "sigmoid").replace(r"\,", "*")
        right = right.replace("{", "").replace("}", "")
        a[l, j] = eval(right, {**formula.VOCABULARY, "a": a})
    return [value for (l, _), value in a.items() if l == max(k for k, _ in a)]


def xor(hidden: int, seed: int, cost: str = "quadratic"):
    """A network after 5,000 updates with all four rows of XOR: network, C, solved."""
    sizes = [2, hidden, 1] if hidden else [2, 1]
    network = wide_awake(sizes, "sigmoid", "sigmoid", seed)
    data = Dataset.from_arrays(XOR_X, XOR_Y, dtype="float64")
    engine = start(network, data, cost=COSTS[cost](), optimizer=OPTIMIZERS["sgd"](1.0))
    engine.run(np.tile(np.arange(4), UPDATES), 4)
    found = engine.snapshot()
    solved = bool(((found(XOR_X) > 0.5) == XOR_Y).all())
    return found, xor_cost(found, cost), solved


def xor_cost(network: Network, cost: str = "quadratic") -> float:
    return trace(network, COSTS[cost](), XOR_X, XOR_Y).cost


def bulge(network: Network, one, other, cost: str) -> float:
    """How far C at the middle lies above the straight line: never, if C is convex."""
    middle, *ends = (
        xor_cost(network.with_parameters(type(one)(one.sizes, theta)), cost)
        for theta in ((one.theta + other.theta) / 2, one.theta, other.theta)
    )
    return middle - sum(ends) / 2


def from_seeds(hidden: int, count: int):
    return (xor(hidden, seed) for seed in range(count))


@pytest.mark.slow
def test_S0_34_the_cost_is_not_convex_and_the_start_matters():
    # "Is the cost convex? Does the result depend on the initial values?"
    check_valleys()
    check_spread_of_costs()
    # Shares of 500 seeds that solve XOR, as measured with another implementation and
    # other draws. A share of 500 has a standard deviation of 2% at 71%.
    for hidden, share, band in ((2, 0.71, 0.06), (3, 0.96, 0.03), (4, 0.99, 0.015)):
        solved = np.mean([solved for *_, solved in from_seeds(hidden, 500)])
        print(f"2-{hidden}-1 solves XOR from {solved:.1%} of the starts")
        assert abs(solved - share) < band
    assert all(solved for *_, solved in from_seeds(8, 500))


def check_valleys() -> None:
    """With a hidden layer two good points have a bad one between them."""
    network = next(found for found, _, solved in from_seeds(2, 20) if solved)
    # The two hidden units may change places: another point, of the same cost.
    one, other = network.parameters, network.parameters.copy()
    other.w[1][:], other.b[1][:] = one.w[1][::-1], one.b[1][::-1]
    other.w[2][:] = one.w[2][:, ::-1]
    twin = network.with_parameters(other)
    assert distance(xor_cost(twin), xor_cost(network)) < CLOSED
    assert bulge(network, one, other, "quadratic") > 0.05
    # Logistic regression has no such pair.
    logistic = [wide_awake([2, 1], "sigmoid", "sigmoid", seed) for seed in range(1_000)]
    for left, right in pairwise(logistic):
        parameters = left.parameters, right.parameters
        assert bulge(left, *parameters, "binary_cross_entropy") <= CLOSED


def check_spread_of_costs() -> None:
    """So where it ends depends on where it starts, or does not."""
    costs = {
        "2-2-1": [cost for _, cost, _ in from_seeds(2, 20)],
        "2-1 logistic": [xor(0, seed, "binary_cross_entropy")[1] for seed in range(20)],
    }
    for name, found in costs.items():
        low, middle, high = np.quantile(found, [0, 0.5, 1])
        print(f"{name:12} C from {low:.6f} to {high:.6f}, median {middle:.6f}")
    assert max(costs["2-2-1"]) > 10 * min(costs["2-2-1"])
    # One valley; at its bottom every answer is 1/2.
    assert distance(costs["2-1 logistic"], [log(2)] * 20) < CLOSED


def test_S0_36_how_many_neurons():
    # "Is there a limit to the number of neurons, lower or upper?"
    data, cost, rows = load("digits"), COSTS["cross_entropy"](), []
    for width in (1, 3, 10, 30, 100, 300, 1_000):
        network = Network([64, width, 10], "tanh")
        *_, last = train(network, data, epochs=20)
        train_share, test_share = (
            evaluate(network, data.part(part), cost, part).accuracy
            for part in ("train", "test")
        )
        parameters = network.parameters.theta.size
        rows.append((width, parameters, train_share, test_share, last.seconds))
        print("{:5} units {:6} parameters {:.4f} {:.4f} {:.3f} s".format(*rows[-1]))
        assert parameters == (64 + 1) * width + (width + 1) * 10
        assert last.seconds > 0
    widths, _, learned, kept, _ = zip(*rows, strict=True)
    # One unit can't tell ten classes apart; from 30 on, more of them change little,
    # and nothing collapses although 1,000 have 60 parameters an example.
    assert learned[0] < 0.5
    assert kept[0] < 0.5
    assert all(sooner < later for sooner, later in pairwise(learned[:4]))
    wide = [share for width, share in zip(widths, kept, strict=True) if width >= 30]
    assert min(wide) > 0.9
    assert max(wide) - min(wide) < 0.05
    # No upper limit in what they can say: with enough of them, any curve.
    errors = [error_of_bumps(count) for count in (5, 10, 20, 40, 80)]
    assert all(later < 0.7 * sooner for sooner, later in pairwise(errors))


def error_of_bumps(count: int) -> float:
    """How far a sum of bumps is from a curve, by a network that is set by hand.

    σ(k(x - s)) with a large k is a step at s, and two of them with opposite signs
    are a bump: 2·count hidden units are a staircase. Source: Nielsen, ch. 4.
    """
    x = np.linspace(0, 1, 1_001)[:, None]
    edges = np.linspace(0, 1, count + 1)
    heights = curve((edges[:-1] + edges[1:]) / 2)
    steepness = 1_000.0 * count
    starts = np.concatenate([edges[:-1], edges[1:]])
    bumps = Given(
        (np.full((2 * count, 1), steepness), np.concatenate([heights, -heights])[None]),
        (-steepness * starts, np.zeros(1)),
    )
    network = Network(
        [1, 2 * count, 1], "sigmoid", "identity", initializer=bumps, dtype="float64"
    )
    return float(abs(network(x) - curve(x)).mean())


def curve(x):
    """Something without a simple form."""
    return 0.3 + 0.5 * x**2 + 0.4 * x * np.sin(13 * x) + 0.1 * np.cos(40 * x)
