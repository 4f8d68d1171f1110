"""Images shifted, turned, darkened and grained: what a network makes of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid import Dataset, InputError, Network, load, train
from pellucid.evaluation import evaluate
from pellucid.evaluation.stress import answers_to_noise, noisy, rotated, shifted, stress
from pellucid.mathematics.costs import CrossEntropy


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def network(digits):
    made = Network([64, 60, 10])
    list(train(made, digits, epochs=20))
    return made


def test_the_table_of_what_is_left(network, digits):
    found = stress(network, digits, count=80)
    by = {(each.kind, each.amount): each for each in found}
    asked = digits.test.rows(range(80))
    whole = evaluate(network, asked, CrossEntropy()).accuracy
    assert by["none", 0].plain == whole
    # No shift by half of the picture and more.
    shifts = [amount for kind, amount in by if kind == "shift"]
    assert shifts == [1, 2, 3]
    accuracies = [whole, *(by["shift", amount].plain for amount in shifts)]
    assert np.diff(accuracies).max() < 0 and by["shift", 1].plain < 0.7
    assert by["shift", 1].treated > by["shift", 1].plain + 0.1
    turned = [each.plain for each in found if each.kind == "rotation"]
    assert len(turned) == 5 and turned[0] > 0.8 > 0.6 > turned[-1]
    assert by["inversion", 1].plain < 0.3 < 0.85 < by["inversion", 1].treated
    darker = [each.treated for each in found if each.kind == "brightness"]
    assert len(darker) == 3 and min(darker) > 0.85
    assert [each.amount for each in found if each.kind == "noise"] == [0.1, 0.2, 0.3]


def test_the_steps_can_be_left_out_and_the_images_counted(network, digits):
    found = stress(network, digits, count=40, pipeline=False)
    assert {each.treated for each in found} == {None}
    assert all((40 * each.plain) % 1 == 0 for each in found if each.kind == "none")
    assert found == stress(network, digits, count=40, pipeline=False)


def test_a_shift_moves_and_loses_what_leaves():
    image = np.arange(12.0).reshape(1, 3, 4)
    assert shifted(image, 1, -2)[0].tolist() == [[0] * 4, [2, 3, 0, 0], [6, 7, 0, 0]]
    back = shifted(shifted(image, -1, 1), 1, -1)[0]
    assert back.tolist() == [[0] * 4, [4, 5, 6, 0], [8, 9, 10, 0]]


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_a_shift_of_any_size_is_one_pixel_by_pixel(down, right):
    image = np.arange(1.0, 13.0).reshape(1, 3, 4)
    want = np.zeros_like(image)
    for y, x in np.ndindex(3, 4):
        if 0 <= y + down < 3 and 0 <= x + right < 4:
            want[0, y + down, x + right] = image[0, y, x]
    assert shifted(image, down, right).tolist() == want.tolist()


def test_a_turn_is_counter_clockwise():
    image = np.zeros((1, 5, 5))
    image[0, 2, 4] = 1  # to the right of the middle
    turned = rotated(image, 90)[0]
    assert turned.argmax() == 2  # the middle of the first row


def test_noise_has_its_deviation_and_its_seed():
    image = np.full((20, 28, 28), 0.5)
    grainy = noisy(image, 0.1, seed=1)
    assert abs(grainy.std() - 0.1) < 0.002 and grainy.min() >= 0
    assert np.array_equal(grainy, noisy(image, 0.1, seed=1))
    assert not np.array_equal(grainy, noisy(image, 0.1, seed=2))


def test_dark_ink_is_distorted_as_bright_ink_is(digits):
    part = digits.test.rows(range(60))
    how = {"image_shape": (8, 8), "classes": range(10)}
    dark = Dataset.from_arrays(1 - part.x, part.labels, **how)
    constant = Network([64, 10], seed=3)
    inverse = constant.copy()  # gives the same answer to the inverted picture
    inverse.w[1][:] *= -1
    inverse.b[1][:] += constant.w[1].sum(axis=1)
    words = {"pipeline": False}
    bright = {"shape": (8, 8), "trained_on": "bright"}
    one = stress(constant, part, words=bright, **words)
    other = stress(inverse, dark, words={**bright, "trained_on": "dark"}, **words)
    same = [each.kind != "noise" for each in one]
    assert [e.plain for e, s in zip(one, same, strict=True) if s] == [
        e.plain for e, s in zip(other, same, strict=True) if s
    ]


def test_pure_noise_is_answered_too(network):
    found = answers_to_noise(network, count=500)
    assert found.count == 500 and 0.1 < found.top < 1 and 0 <= found.answer < 10
    # Hardly any network spreads its answers evenly where nothing is to be seen.
    assert found.share > 0.2
    assert found == answers_to_noise(network, count=500)


def test_what_is_no_image_or_does_not_fit_is_refused(network, digits):
    table = Dataset.from_arrays(digits.x, digits.labels)
    with pytest.raises(InputError, match="grey images"):
        stress(network, table)
    with pytest.raises(InputError, match="must fit the images, 64 inputs and 10"):
        stress(Network([784, 10]), digits)
    with pytest.raises(InputError, match="count must be a whole number and >= 1"):
        stress(network, digits, count=0)
