"""Figures of the mathematics: activations with their slopes, and costs."""

import numpy as np
import pytest

from pellucid import ACTIVATIONS, COSTS, InputError
from pellucid.plots import ActivationFunctionsDisplay, CostFunctionsDisplay
from pellucid.plots.functions import _cost, _values
from tolerances import DIFFERENCE, distance

H = 1e-6

ALL = ActivationFunctionsDisplay.from_names()


def test_the_catalogue_has_every_activation():
    assert ALL.names == tuple(ACTIVATIONS)
    assert len(ALL.plot().axes_) >= len(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_drawn_slopes_are_those_of_the_drawn_curves_within_the_range(name):
    row = ALL.names.index(name)
    a, prime = ALL.a[row], ALL.prime[row]
    low, high = ALL.ranges[row]
    assert a.min() >= low and a.max() <= high
    if name == "step":
        assert np.isnan(prime).all()
        return
    sigma = ACTIVATIONS[name]()
    up, down = (_values(sigma, ALL.z + h)[0] for h in (H, -H))
    smooth = ALL.z != 0  # relu and its like have a corner there
    slope = (up - down) / (2 * H)
    assert distance(prime[smooth], slope[smooth]) <= DIFFERENCE
    assert np.array_equal(a, _values(sigma, ALL.z)[0])


def test_numbers_in_a_name_are_kept():
    found = ActivationFunctionsDisplay.from_names(["leaky_relu:0.2", "elu"])
    assert found.names == ("leaky_relu:slope=0.2", "elu")
    assert found.a[0][0] == pytest.approx(-1.0)
    with pytest.raises(InputError, match="Did you mean 'relu'"):
        ActivationFunctionsDisplay.from_names(["rellu"])


def test_a_jump_is_drawn_as_a_gap():
    drawn = ActivationFunctionsDisplay.from_names(["step", "relu", "exponential"])
    step, relu, exponential = drawn.plot().axes_[:3]
    assert np.isnan(step.lines[0].get_ydata()).sum() == 1
    assert np.isnan(relu.lines[1].get_ydata()).sum() == 1
    assert np.isfinite(exponential.lines[0].get_ydata()).all()


def test_costs_are_drawn_with_their_own_slopes():
    found = CostFunctionsDisplay.from_names([*COSTS, "quadratic+sigmoid"])
    assert len(found.names) == len(COSTS) + 1
    for name, slope in zip(found.names, found.slope, strict=True):
        cost, sigma = name.split(", ")
        chosen = COSTS[cost](), ACTIVATIONS[sigma]()
        up, down = (_cost(*chosen, found.z + h)[0] for h in (H, -H))
        smooth = found.z != 1  # hinge and |a - y| have a corner there
        by_hand = (up - down) / (2 * H)
        assert distance(slope[smooth], by_hand[smooth]) <= DIFFERENCE
    with pytest.raises(InputError, match="needs the output softmax"):
        CostFunctionsDisplay.from_names(["cross_entropy+sigmoid"])


def test_the_quadratic_cost_goes_flat_where_a_sigmoid_is_most_wrong():
    names = ["quadratic+sigmoid", "binary_cross_entropy"]
    found = CostFunctionsDisplay.from_names(names)
    assert abs(found.slope[0][0]) < 0.01 < 0.9 < abs(found.slope[1][0])
