"""Views in a notebook: what goes in and out of a widget, without any browser."""

import asyncio
import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from in_notebooks.asking import Asking, same, seen
from pellucid import (
    InputError,
    Network,
    _limits,
    load,
    recipes,
    split,
    trace,
    train,
)
from pellucid.evaluation import evaluate
from pellucid.explanation import without
from pellucid.mathematics.costs import COSTS
from pellucid.notebook import view
from pellucid.runs import read_result, read_settings
from pellucid.studio.looks import SIDE, grid
from tolerances import CLOSED, distance

widget = pytest.importorskip("pellucid.notebook.widget", exc_type=ImportError)

COST = COSTS["cross_entropy"]()
EXAMPLE = {"part": "test", "index": 5}
PLACE = {"layer": 1, "neuron": 3, "input": 20}


def recorded(path):
    """What a page that was saved holds."""
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'application/json">(.*?)</script>', text)[1])


def inside(network, data, index=5):
    rows = slice(index, index + 1)
    return trace(network, COST, data.test.x[rows], data.test.y[rows])


def test_a_frame_holds_what_trace_says(network, data):
    shown = view(network, data, example=EXAMPLE)
    found, known = seen(shown), inside(network, data)
    for l in range(1, network.L + 1):
        same(found[f"a{l}"], known.a[l][0])
        same(found[f"delta{l}"], known.delta[l][0])
        same(found[f"w{l}"], network.w[l])
    assert shown.state["weights_sha256"] == network.weights_sha256()


def test_another_example_is_another_frame(network, data):
    shown = view(network, data)
    shown.example = {"part": "test", "index": 7}
    same(seen(shown)["a2"], inside(network, data, 7).a[2][0])
    shown.perceptrons = True
    a = (data.test.x[7:8] @ network.w[1].T + network.b[1] >= 0)[0]
    same(seen(shown)["a1"], a)


def test_silenced_neurons_are_0_in_frames_and_answers(network, data):
    shown = view(network, data, ["network", "neuron"])
    shown.silent = [[1, 3], [1, 0]]
    quiet = inside(without(network, shown.silent), data, 0)
    for l in (1, 2):
        same(seen(shown)[f"a{l}"], quiet.a[l][0])
    answer, _ = Asking(shown)("neuron", layer=1, neuron=3, example=EXAMPLE)
    assert answer["a"] == 0 != answer["z"]
    assert shown.network.weights_sha256() == network.weights_sha256()
    shown.silent = []
    same(seen(shown)["a1"], inside(network, data, 0).a[1][0])
    with pytest.raises(InputError, match="must be a hidden one of the network"):
        shown.silent = [[2, 0]]


def test_the_neuron_is_answered_by_the_studios_instrument(network, data):
    ask = Asking(view(network, data, "neuron"))
    answer, found = ask("neuron", layer=1, neuron=3, example=EXAMPLE)
    known = inside(network, data)
    assert answer["z"] == float(known.z[1][0, 3])
    same(found["terms"], network.w[1][3] * data.test.x[5])
    before = evaluate(network, data.test, COST, "test").accuracy
    assert answer["silenced"]["before"] == pytest.approx(before)


def test_a_nudge_says_the_gradient_of_trace(network, data):
    ask = Asking(view(network, data, "nudge"))
    answer, _ = ask("nudge", place=PLACE, by=0.25, example=EXAMPLE)
    theta = network.parameters.theta.astype(np.float64)
    exact = network.with_parameters(type(network.parameters)(network.sizes, theta))
    gradient = inside(exact, data).nabla.w[1][3, 20]
    assert distance(answer["gradient"], gradient) < CLOSED


def test_an_edit_is_of_the_view_alone_and_can_be_taken_back(network, data):
    shown = view(network, data, "nudge")
    ask, sha = Asking(shown), network.weights_sha256()
    answer, _ = ask("edit", place=PLACE, value=0.5)
    assert "link" not in answer
    ask("edit", place=PLACE, value=0.75)
    assert shown.network.w[1][3, 20] == 0.75 and seen(shown)["w1"][3, 20] == 0.75
    assert [edit["value"] for edit in shown.state["edits"]] == [0.75]
    assert network.weights_sha256() == sha
    ask("unedit", place=PLACE)
    assert shown.state["weights_sha256"] == sha and shown.state["edits"] == []
    with pytest.raises(InputError, match="nothing was set by hand there"):
        ask("unedit", all=True)


def test_in_a_script_every_network_is_sent(network, data):
    shown = view(network, data, example=EXAMPLE)
    for report in train(network, data, epochs=1, every=20):
        shown.show(network, report)
        assert shown.state["step"] == report.step
        same(seen(shown)["a2"], inside(network, data).a[2][0])


def test_while_a_cell_runs_frames_are_few_and_the_last_one_comes(network, data):
    shown, steps, phases = view(network, data), [], []

    def sent(_):
        steps.append(shown.state["step"])
        phases.append(shown.state["phase"])

    shown.observe(sent, "frame")

    async def cell():
        for report in train(network, data, epochs=3, every=1):
            shown.show(network, report)
        during = len(steps)
        while phases[-1:] != ["paused"]:
            await asyncio.sleep(0)
        return report.step, during

    last, during = asyncio.run(cell())
    assert during < last
    assert steps[-1] == last
    assert shown.state["weights_sha256"] == network.weights_sha256()


def test_a_run_stands_at_a_step_with_its_own_bits(folder):
    data, settings = load("digits"), read_settings(folder)
    shown = view(folder, kind=["opened", "network"], step=30)
    again = recipes.build(settings, data)
    before = None
    for report in recipes.run(settings, again, data, 1):
        if report.step == 30:
            before = again.copy()
            assert shown.state["weights_sha256"] == again.weights_sha256()
        if report.step == 31:
            break
    ask = Asking(shown)
    answer, _ = ask("opened", example=EXAMPLE, sort="place", first=0, count=200)
    change = (again.parameters.theta - before.parameters.theta)[:200]
    same([row["change"] for row in answer["rows"]], change)
    ask("step", batches=1)
    assert shown.state["step"] == 31
    assert shown.state["weights_sha256"] == again.weights_sha256()
    shown.goto(30)
    assert shown.state["weights_sha256"] == before.weights_sha256()


def test_an_edit_in_a_run_goes_on_from_there(folder):
    shown = view(folder, kind="nudge", step=10)
    ask, sha = Asking(shown), shown.state["weights_sha256"]
    ask("edit", place=PLACE, value=0.5)
    assert shown.network.w[1][3, 20] == 0.5
    ask("unedit", all=True)
    assert shown.state["weights_sha256"] == sha


def test_a_run_is_shown_at_its_end(folder):
    shown = view(str(folder))
    assert shown.state["weights_sha256"] == read_result(folder)["weights_sha256"]
    last = view(folder, step=shown.state["step"])
    assert last.state["weights_sha256"] == shown.state["weights_sha256"]
    assert last.state["phase"] == "ended"


def test_a_drawing_is_answered_and_becomes_the_example(network, data):
    shown = view(network, data, "draw")
    ask, ink = Asking(shown), np.zeros((28, 28), np.uint8)
    ink[4:24, 12:16] = 255
    text = base64.b64encode(ink.tobytes()).decode()
    answer, found = ask("draw", ink=text, shape=[28, 28])
    x = found["x"][-64:]
    same(answer["outputs"], network(x[None])[0])
    shown.example = {"drawn": True, "label": 1}
    same(seen(shown)["a2"], answer["outputs"])
    assert seen(shown)["y"].argmax() == 1


def test_an_image_file_is_read(network, data):
    shown, picture = view(network, data, "draw"), io.BytesIO()
    image = np.full((40, 40), 255, np.uint8)
    image[8:32, 18:22] = 0
    Image.fromarray(image).save(picture, "PNG")
    ask = Asking(shown)
    answer, _ = ask("upload", [memoryview(picture.getvalue())], name="one.png")
    drawn, _ = ask("draw", upload=answer["upload"])
    assert "polarity" in [step["name"] for step in drawn["steps"]]
    with pytest.raises(InputError, match="an image must be named"):
        ask("upload", [b""], name="one.exe")
    with pytest.raises(InputError, match="there is no upload 9"):
        ask("draw", upload=9)


def test_the_boundary_is_the_network_on_the_plane():
    moons = split(load("moons"))
    network = Network([2, 5, 2], "tanh", seed=2)
    shown = view(network, moons, "boundary")
    points = grid(shown.host.moment, SIDE)
    same(seen(shown)["plane"], network(points).T.reshape(2, SIDE, SIDE))
    assert Asking(shown)("examples", part="train", first=0, count=20)[0]["total"]


def test_a_record_holds_the_frames_of_its_steps(network, data, tmp_path, monkeypatch):
    shown, path = view(network, data, example=EXAMPLE), tmp_path / "view.html"
    known = {0: shown.frame}
    for report in train(network, data, epochs=1, every=10):
        shown.show(network, report)
        known[report.step] = shown.frame
    shown.save(path)
    found = recorded(path)
    assert found["first"]["example"] == EXAMPLE
    tail = base64.b64decode(found["tail"])
    assert {
        each["step"]: base64.b64decode(each["bytes"]) + tail for each in found["frames"]
    } == known
    shown.example = {"part": "test", "index": 6}
    shown.save(path)
    assert len(recorded(path)["frames"]) == 1
    monkeypatch.setattr(_limits, "NOTEBOOK_RECORD_BYTES", 5 * len(shown.frame))
    for step in range(100, 140):
        shown.host.shown.step = step
        shown.show(network)
    shown.save(path)
    steps = [each["step"] for each in recorded(path)["frames"]]
    assert len(steps) <= 5 and steps[-1] == 139


def test_no_name_ends_the_script_of_a_record(network, data, tmp_path):
    classes = ("</script><b>", *data.classes[1:])
    named = replace(data, classes=classes)
    view(network, named).save(tmp_path / "view.html")
    assert "<b>" not in (tmp_path / "view.html").read_text(encoding="utf-8")
    found = recorded(tmp_path / "view.html")
    assert found["state"]["data"]["classes"][0] == "</script><b>"


def test_what_a_view_looks_at_is_what_its_file_says():
    views = Path(__file__).parents[2] / "web" / "src" / "views"
    for name, known in widget.KINDS.items():
        text = (views / f"{name}.ts").read_text(encoding="utf-8")
        said = re.search(r"\n  blocks: \[(.*)\],", text)[1]
        assert re.findall(r'"(\w+)"', said) == list(known), name
