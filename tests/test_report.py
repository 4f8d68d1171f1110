"""The report: complete, self-contained, its numbers the run's own."""

import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest

from pellucid import InputError, load, load_network, runs
from pellucid.cli import main
from pellucid.evaluation import evaluate
from pellucid.mathematics.costs import CrossEntropy
from pellucid.recipes import settings
from pellucid.report import command, report


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    parent = tmp_path_factory.mktemp("runs")
    words = ["train", "--epochs", "8", "--layers", "24", "--runs", str(parent)]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    return runs.latest(parent)


@pytest.fixture(scope="module")
def page(run):
    return report(run, load("digits"))


class Reader(HTMLParser):
    """Tags that are opened and closed, and the attributes of the opened ones."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_self_contained_and_has_no_script(page):
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    tags = {tag for tag, _ in reader.seen}
    assert not tags & {"script", "link", "iframe", "object"}
    for tag, attributes in reader.seen:
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "img":
            assert len(attributes["alt"]) > 20
            assert attributes["src"].startswith("data:image/png;base64,")
    assert not re.search(
        r"""(src|href)=["'](?!data:)|url\(|https?://[^<\s]*["']""", page
    )


def test_its_accuracy_is_the_networks_own(page, run):
    network, _ = load_network(run / runs.MODEL)
    found = evaluate(network, load("digits").test, CrossEntropy())
    assert f"{found.correct:,} of 359 right" in page
    assert f"Test accuracy {100 * found.accuracy:.2f}%" in page


def test_every_section_is_there(page):
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    assert titles == [
        "Data", "Network", "Training", "Classes", "Ranking", "Confidence",
        "Worst mistakes", "First-layer weights", "Compared with simple models",
        "Make it again",
    ]  # fmt: skip
    assert "average darkness" in page and "logistic regression" in page
    assert "expected calibration error" in page


def test_its_command_makes_the_run_again(page, run, tmp_path):
    words = command(runs.read_settings(run)).split()
    assert " ".join(words) in page
    with pytest.raises(SystemExit) as end:
        main([*words[1:], "--runs", str(tmp_path)])
    assert end.value.code == 0
    first, again = (
        runs.read_json(f / runs.MANIFEST) for f in (run, runs.latest(tmp_path))
    )
    key = "weights_sha256"
    assert first["result"][key] == again["result"][key]


def test_command_spells_what_differs_from_the_defaults():
    assert command(settings()) == "pellucid train"
    chosen = settings("3b1b", seed=3, schedule=None)
    words = command(chosen)
    assert "--layers 16,16" in words and "--seed 3" in words
    assert "--schedule none" in words


def test_names_from_elsewhere_are_text_only(run, monkeypatch):
    from dataclasses import replace

    data = load("digits")
    evil = "<script>alert(1)</script>"
    classes = (evil, *data.classes[1:])
    monkeypatch.setattr(runs, "check_data", lambda *_: None)
    page = report(run, replace(data, classes=classes, source='"><img src=x>'))
    assert evil not in page and "<img src=x>" not in page
    assert "&lt;script&gt;" in page


def test_other_data_are_refused(run):
    data = load("digits")
    data.x[0, 0] = np.float32(0.123)
    with pytest.raises(InputError, match="must have the data that it began with"):
        report(run, data)


def test_the_command_line_writes_the_page(run, capsys):
    with pytest.raises(SystemExit) as end:
        main(["report", str(run), "--json"])
    assert end.value.code == 0
    assert (run / "report.html").read_text().startswith("<!doctype html>")
    assert "report.html" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("run.json", "[]", "must hold 'result', a JSON object, and does not"),
        (
            "run.json",
            '{"result": {}, "sha256": {}}',
            "must hold 'epochs', of the type int",
        ),
        (
            "run.json",
            '{"result": {"epochs": 1, "train_seconds": "x"}, "sha256": {}}',
            "must hold 'train_seconds', of the type float; got 'x'",
        ),
        ("environment.json", "[]", "must hold a JSON object and does not"),
    ],
)
def test_a_run_that_says_something_else_is_refused(run, tmp_path, name, text, words):
    shutil.copytree(run, tmp_path / run.name)
    (tmp_path / run.name / name).write_text(text)
    with pytest.raises(InputError) as error:
        report(tmp_path / run.name, load("digits"))
    assert words in str(error.value)
