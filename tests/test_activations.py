"""Each activation: its values, its slope, its behaviour far out, its range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pellucid import ACTIVATIONS, InputError
from pellucid.mathematics.families import pick, spell
from tolerances import CLOSED, DIFFERENCE, distance

TRAINABLE = [n for n, s in ACTIVATIONS.items() if s.elementwise and n != "step"]
MODERATE = st.floats(-30, 30)


@pytest.mark.parametrize("name", TRAINABLE)
@given(z=arrays(float, (3, 4), elements=MODERATE))
def test_prime_equals_central_differences(name, z):
    sigma, h = ACTIVATIONS[name](), 1e-6
    z = np.where(abs(z) < 1e-3, 0.5, z)  # away from the kinks
    want = (sigma(z + h) - sigma(z - h)) / (2 * h)
    room = DIFFERENCE * (1 + np.abs(sigma(z)) * (h if name == "exponential" else 1))
    assert (np.abs(sigma.prime(z) - want) <= np.maximum(room, 1e-5 * abs(want))).all()


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "exponential"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_out_values_are_finite_and_give_no_warning(name, dtype):
    z = np.array([[-1e4, -1000.0, -50.0, 0.0, 50.0, 1000.0, 1e4]], dtype)
    sigma = ACTIVATIONS[name]()
    with np.errstate(under="ignore"):
        a = sigma(z)
        assert a.dtype == dtype
        assert np.isfinite(a).all()
        low, high = sigma.range
        assert (a >= low).all() and (a <= high).all()
        if name in TRAINABLE:
            assert np.isfinite(sigma.prime(z)).all()
            assert sigma.prime(z).dtype == dtype


def test_sigmoid_matches_its_formula():
    z = np.linspace(-20, 20, 401)
    assert distance(ACTIVATIONS["sigmoid"]()(z), 1 / (1 + np.exp(-z))) < CLOSED
    assert ACTIVATIONS["sigmoid"]()(np.array([0.0]))[0] == 0.5


def test_softmax_rows_sum_to_1_even_for_huge_inputs():
    a = ACTIVATIONS["softmax"]()(np.array([[1e4, 0.0, -1e4], [3.0, 3.0, 3.0]]))
    assert distance(a.sum(1), [1.0, 1.0]) < CLOSED
    assert a[0, 0] == 1.0


def test_step_and_softmax_refuse_a_slope_in_words():
    with pytest.raises(InputError, match="flat everywhere and jumps at 0"):
        ACTIVATIONS["step"]().prime(np.zeros(1))
    with pytest.raises(InputError, match="Pair it with cross_entropy"):
        ACTIVATIONS["softmax"]().prime(np.zeros((1, 2)))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_member_is_written_and_read_back(name):
    member = ACTIVATIONS[name]()
    assert pick("activation", spell(member), ACTIVATIONS) == member


def test_numbers_of_a_member():
    leaky = pick("activation", "leaky_relu:0.2", ACTIVATIONS)
    assert leaky.slope == 0.2
    assert spell(leaky) == "leaky_relu:slope=0.2"
    assert pick("activation", spell(leaky), ACTIVATIONS) == leaky


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("sigmod", "Did you mean 'sigmoid'"),
        ("relu:3", "it takes no numbers"),
        ("elu:two", "can't be read at 'two': it takes alpha"),
        ("elu:beta=2", "it takes alpha"),
        ("elu:1,2", "it takes alpha"),
        ("elu:nan", "it takes alpha"),
        ("elu:-1", "elu alpha must be a finite number and > 0; got -1.0"),
        ("leaky_relu:1", "leaky_relu slope must be a finite number and >= 0 and < 1"),
        (7, "must be a name or one of pellucid's own; got 7"),
    ],
)
def test_bad_names_are_refused_in_words(spec, words):
    with pytest.raises(InputError, match=words):
        pick("activation", spec, ACTIVATIONS)
