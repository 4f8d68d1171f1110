"""Optimizers against torch.optim's sequences, and schedules against their formulas."""

import numpy as np
import pytest

from pellucid import OPTIMIZERS, SCHEDULES, InputError
from pellucid.mathematics.families import pick
from tolerances import AUTOGRAD, CLOSED, distance

STEPS = 20

TORCH = {
    "sgd": ("SGD", {"lr": 0.1}),
    "momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {"lr": 0.001}),
    "adagrad": ("Adagrad", {"lr": 0.01}),
    "adam": ("Adam", {"lr": 0.001}),
    "adamw": ("AdamW", {"lr": 0.001}),
}


def slope(theta):
    """A gradient that depends on θ, with very different scales in it."""
    return np.sin(theta) * np.array([1.0, 1e-3, 9.0, 0.0]) + 0.1 * theta


def test_every_stepping_optimizer_is_compared():
    assert set(TORCH) == set(OPTIMIZERS) - {"lbfgs"}


@pytest.mark.parametrize("name", TORCH)
def test_steps_equal_torch_optim(name):
    torch = pytest.importorskip("torch")
    theta = np.array([1.0, -2.0, 0.5, 3.0])
    rule = OPTIMIZERS[name]()
    slots = rule.slots(theta)
    twin = torch.tensor(theta, requires_grad=True)
    member, arguments = TORCH[name]
    peer = getattr(torch.optim, member)([twin], **arguments)
    for step in range(STEPS):
        rule.update(theta, slope(theta), slots, rule.rate(step), step)
        twin.grad = torch.tensor(slope(twin.detach().numpy()))
        peer.step()
        assert distance(theta, twin.detach()) < AUTOGRAD


@pytest.mark.parametrize("name", TORCH)
def test_every_optimizer_finds_the_bottom_of_a_bowl(name):
    theta = np.array([3.0, -4.0])
    rule = OPTIMIZERS[name](eta=0.5 if name == "adagrad" else 0.05)
    slots = rule.slots(theta)
    start = float(theta @ theta)
    for step in range(400):
        rule.update(theta, 2 * theta, slots, rule.rate(step), step)
    assert float(theta @ theta) < 1e-2 * start


def test_eta_may_be_a_function_of_the_step():
    rule = OPTIMIZERS["sgd"](eta=lambda step: 1.0 / (step + 1))
    assert [rule.rate(step) for step in range(3)] == [1.0, 0.5, 1 / 3]
    with pytest.raises(InputError, match="eta at step 2 must be a finite number"):
        OPTIMIZERS["sgd"](eta=lambda step: float("nan")).rate(2)


@pytest.mark.parametrize("eta", [0.0, -1.0, float("nan"), float("inf"), "0.1", True])
def test_bad_eta_is_refused_in_words(eta):
    with pytest.raises(InputError, match="eta must be a finite number and > 0; got"):
        OPTIMIZERS["sgd"](eta=eta)


def test_lbfgs_takes_no_single_steps():
    with pytest.raises(InputError, match="searches along lines"):
        OPTIMIZERS["lbfgs"]().update(np.zeros(1), np.zeros(1), {}, 1.0, 0)


def schedule(spec, eta=0.8, steps=100):
    return pick("schedule", spec, SCHEDULES, eta=eta, steps=steps)


def test_schedules_follow_their_formulas():
    assert schedule("constant")(57) == 0.8
    assert schedule("inverse_scaling:power=1")(3) == 0.2
    assert [schedule("step:0.5,1")(t) for t in (0, 49, 50, 99)] == [0.8, 0.8, 0.4, 0.4]
    cosine = schedule("cosine:final=0.25")
    assert cosine(0) == 0.8
    assert distance(cosine(50), 0.8 * 0.625) < CLOSED
    assert distance(cosine(100), 0.2) < CLOSED
    cycle = schedule("one_cycle:rise=0.25,start=0.1,final=0")
    assert distance(cycle(0), 0.08) < CLOSED
    assert cycle(25) == 0.8
    assert distance(cycle(62.5), 0.4) < CLOSED
    warm = schedule("warm_up:0.1")
    assert distance([warm(t) for t in (0, 4, 9, 50)], [0.08, 0.4, 0.8, 0.8]) < CLOSED


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_stay_between_0_and_eta(name):
    rule = schedule(name)
    rates = [rule(step) for step in range(100)]
    assert max(rates) <= 0.8 and min(rates) >= 0.0
    assert max(rates) > 0.7
