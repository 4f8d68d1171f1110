"""The network on the report's page: its recorded numbers are the library's own."""

import base64
import hashlib
import json
import re

import numpy as np
import pytest

from in_notebooks.asking import blocks, same
from pellucid import _limits, load, load_network, runs, trace
from pellucid.cli import main
from pellucid.evaluation import evaluate
from pellucid.mathematics.costs import CrossEntropy
from pellucid.report import inside
from pellucid.report.subject import Subject
from pellucid.studio.wire import parse_frame
from pellucid.views import record
from tolerances import CLOSED, distance

JS, CSS = "export default 1;", ".pellucid-view{margin:0}"


@pytest.fixture(autouse=True)
def views(tmp_path, monkeypatch):
    """Views as if they were built."""
    (tmp_path / "view.js").write_text(JS, encoding="utf-8")
    (tmp_path / "view.css").write_text(CSS, encoding="utf-8")
    monkeypatch.setattr("pellucid.views.PAGE", tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    parent = tmp_path_factory.mktemp("runs")
    words = ["train", "--epochs", "4", "--layers", "12", "--runs", str(parent)]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    return runs.latest(parent)


def subject(folder):
    network, _ = load_network(folder / runs.MODEL)
    said = runs.read_settings(folder), load("digits"), runs.read_result(folder)
    return Subject(folder, network, *said)


@pytest.fixture
def text(folder):
    return inside.inside(subject(folder))


def kept(text):
    """The record, and the frames of its examples as they were sent."""
    found = json.loads(re.search(r'application/json">(.*?)</script>', text)[1])
    tail = base64.b64decode(found["tail"])
    return found, [base64.b64decode(each["bytes"]) + tail for each in found["frames"]]


def test_every_example_has_its_trace_and_the_final_weights(text, folder):
    found, frames = kept(text)
    network, data = load_network(folder / runs.MODEL)[0], load("digits")
    for told, frame in zip(found["frames"], frames, strict=True):
        i = told["example"]["index"]
        known = trace(network, CrossEntropy(), data.test.x[[i]], data.test.y[[i]])
        seen = blocks(found["state"]["layout"], frame)
        for l in range(1, network.L + 1):
            same(seen[f"a{l}"], known.a[l][0])
            same(seen[f"delta{l}"], known.delta[l][0])
            same(seen[f"w{l}"], network.w[l])
        same(seen["a0"], data.test.x[i])


def test_wrong_and_right_examples_are_named_as_they_are(text, folder):
    found, _ = kept(text)
    network, data = load_network(folder / runs.MODEL)[0], load("digits")
    answers, words = network(data.test.x).argmax(1), []
    for told in found["frames"]:
        i = told["example"]["index"]
        true, got = data.test.labels[i], answers[i]
        said = "right" if true == got else f"answered {got}"
        assert told["words"] == f"{true}: {said}"
        words.append(said == "right")
    assert words == [False] * inside.EACH + [True] * inside.EACH


def test_the_weights_lie_there_once(text):
    found, frames = kept(text)
    weights = 4 * found["state"]["parameters"]
    assert len(base64.b64decode(found["tail"])) >= weights
    assert len(text) < len(base64.b64encode(b"".join(frames)))


def test_what_neurons_are_worth_is_measured(text, folder):
    found, _ = kept(text)
    network, test = load_network(folder / runs.MODEL)[0], load("digits").test
    before = evaluate(network, test, CrossEntropy()).accuracy
    network.w[2][:, 3] = 0  # without the neuron
    after = evaluate(network, test, CrossEntropy()).accuracy
    answers = {json.dumps(each["asked"]): each for each in found["answers"]}
    one = answers['{"do": "neuron", "layer": 1, "neuron": 3}']
    assert distance(one["said"]["silenced"]["before"], before) < CLOSED
    assert distance(one["said"]["silenced"]["after"], after) < CLOSED
    damage = answers['{"do": "damage", "part": "test"}']
    values = parse_frame(base64.b64decode(damage["bytes"])).values
    assert values[3] == np.float32(before - after)


def test_it_says_what_it_adds(text):
    said = int(re.search(r"adds ([\d,]+) kB", text)[1].replace(",", ""))
    assert abs(said - (len(text) + len(JS) + len(CSS)) / 1000) < 1


def test_a_network_that_is_too_large_is_left_out_in_a_sentence(folder, monkeypatch):
    monkeypatch.setattr(_limits, "REPORT_VIEW_NUMBERS", 1500)
    text = inside.inside(subject(folder))
    assert "910 parameters and 8 examples are 1,598 numbers, too many" in text
    assert "REPORT_VIEW_NUMBERS, 1,500" in text and "pellucid studio" in text
    assert record.BEGIN not in text


def test_of_many_neurons_only_the_damage_is_told(folder, monkeypatch):
    monkeypatch.setattr(_limits, "REPORT_VIEW_NEURONS", 21)
    found, _ = kept(inside.inside(subject(folder)))
    assert {each["asked"]["do"] for each in found["answers"]} == {"damage"}


def test_without_built_views_it_says_so(folder, views):
    (views / "view.js").unlink()
    text = inside.inside(subject(folder))
    assert "Left out: the views for notebooks must be built" in text


def test_only_what_lies_on_the_page_may_run():
    said = record.policy(["a{}", CSS], [JS])
    for text in ("a{}", CSS, JS):
        found = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{found}'" in said
    assert "default-src 'none'" in said and "unsafe" not in said
    assert "script-src 'none'" in record.policy([], [])
