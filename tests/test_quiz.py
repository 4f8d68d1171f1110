"""The quiz: each answer is reckoned again, from the words of its question alone."""

import json
import math
import re
from itertools import pairwise

import numpy as np
import pytest

from command_line import refused, typed
from pellucid import InputError
from pellucid.quiz import QUESTIONS, quiz
from tolerances import last_digit

SEEDS = range(60)


def numbers(text):
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", text)]


def lists(text):
    """What stands in brackets."""
    found = re.findall(r"\((-?[\d.]+(?:, -?[\d.]+)*)\)", text)
    return [np.array(numbers(each)) for each in found]


def after(word, text):
    return float(re.search(rf"{re.escape(word)} (-?\d+(?:\.\d+)?)", text)[1])


def sigma(z):
    return 1 / (1 + math.exp(-z))


def shape(text):
    sizes = [int(n) for n in re.search(r"network ([\d-]+)", text)[1].split("-")]
    l = int(after("of layer", text))
    return f"{sizes[l]} × {sizes[l - 1]}"


def parameters(text):
    sizes = [int(n) for n in re.search(r"network ([\d-]+)", text)[1].split("-")]
    return sum(n * m + n for m, n in pairwise(sizes))


def forward(text):
    first, second, b, x = lists(text)
    return [max(0.0, w @ x + bias) for w, bias in zip((first, second), b, strict=True)]


def error(text):
    a, y = after("a =", text), after("should be", text)
    return (a - y) * a * (1 - a)


def surprise(text):
    z, right = lists(text)[0], int(after("class", text))
    return math.log(sum(math.exp(each) for each in z)) - z[right]


def diverges(text):
    curvature, eta = after("½·", text.replace("½·", "½· ")), after("η =", text)
    factor = abs(1 - eta * curvature)
    return "yes" if factor < 1 else "no" if factor == 1 else "no, it grows"


def counted(text):
    tp, fn, fp, tn = numbers(text)
    return [(tp + tn) / (tp + fn + fp + tn), tp / (tp + fp), tp / (tp + fn)]


def updates(text):
    rows, size = numbers(text.replace(",", "", 1) if "," in text[:6] else text)
    return -(-int(rows) // int(size))


AGAIN = {
    "perceptron": lambda t: int(lists(t)[0] @ lists(t)[1] > after("threshold", t)),
    "threshold": lambda t: -after("threshold", t),
    "neuron": lambda t: sigma(lists(t)[0] @ lists(t)[1] + after("bias", t)),
    "parameters": parameters,
    "shape": shape,
    "forward": forward,
    "cost": lambda t: sum((lists(t)[0] - lists(t)[1]) ** 2) / 2,
    "surprise": surprise,
    "error": error,
    "slope": lambda t: [after("δ =", t) * after("activation", t), after("δ =", t)],
    "step": lambda t: after("is", t) - after("η =", t) * lists(t)[0].mean(),
    "updates": updates,
    "diverges": diverges,
    "counted": counted,
}


def test_every_kind_is_reckoned_again():
    assert AGAIN.keys() == QUESTIONS.keys()


@pytest.mark.parametrize("topic", QUESTIONS)
def test_the_answer_follows_from_the_words(topic):
    answers = set()
    for seed in SEEDS:
        (found,) = quiz(seed, 1, [topic])
        want = AGAIN[topic](found.text)
        answers.add(found.answer)
        if isinstance(want, str):
            assert found.answer == want, found
            continue
        got = numbers(found.answer.replace(",", "") if topic == "parameters" else
                      found.answer)  # fmt: skip
        off = np.abs(np.array(got) - np.ravel(want))
        assert off.max() <= last_digit("0.000"), found
    assert len(answers) > 1


def test_the_same_seed_is_the_same_quiz_and_kinds_take_turns():
    assert quiz(7, 30) == quiz(7, 30) != quiz(8, 30)
    assert quiz(7, 30)[:5] == quiz(7, 5)
    kinds = [each.topic for each in quiz(7, 28)]
    assert sorted(kinds[:14]) == sorted(kinds[14:]) == sorted(QUESTIONS)


def test_bad_words_are_refused():
    with pytest.raises(InputError, match=r"questions must be .* 200; got 0"):
        quiz(0, 0)
    with pytest.raises(InputError, match=r"topic must be one of .* got 'chess'"):
        quiz(0, 1, ["chess"])


def test_the_command_writes_a_sheet_and_its_answers(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = typed(
        capsys, "quiz", "--seed", 3, "--questions", 5, "--to", "left", "--json"
    )
    assert said.status == 0
    asked = (tmp_path / "left.md").read_text()
    told = (tmp_path / "left-answers.md").read_text()
    for number, each in enumerate(said.json["questions"], 1):
        assert f"{number}. {each['text']}" in asked and each["text"] in told
        assert f"**{each['answer']}**" in told and each["why"] not in asked
    assert "Name: ___" in asked and "written to left.md and left-answers.md" in said.out
    assert json.dumps(said.json["seed"]) == "3"


def test_the_command_keeps_answers_back_until_asked(capsys):
    (first,) = quiz(5, 1)
    said = typed(capsys, "quiz", "--seed", 5, "--questions", 1)
    assert first.why not in said.out.replace("\n", " ")
    assert "pellucid quiz --seed 5 --answers" in said.out
    said = typed(capsys, "quiz", "--seed", 5, "--questions", 1, "--answers")
    assert first.why[:30] in said.out
    assert "chess" in refused(capsys, "quiz", "--topics", "chess")
