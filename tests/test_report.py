"""The report: complete, self-contained, its numbers the run's own."""

import re
import shlex
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest

from command_line import once
from pellucid import InputError, load, load_network, runs
from pellucid.evaluation import evaluate
from pellucid.evaluation.confidence import confidence
from pellucid.mathematics.costs import CrossEntropy
from pellucid.plots import CurvesDisplay
from pellucid.recipes import settings
from pellucid.report import command, reasons, report
from pellucid.run_data import open_data
from reading import decoding_here


@pytest.fixture(scope="module", autouse=True)
def views(tmp_path_factory):
    """Views as if they were built: what they do, tests/browser sees."""
    folder = tmp_path_factory.mktemp("views")
    (folder / "view.js").write_text("export default 1;", encoding="utf-8")
    (folder / "view.css").write_text(".pellucid-view{margin:0}", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pellucid.views.PAGE", folder)
        yield folder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    parent = tmp_path_factory.mktemp("runs")
    words = ("train", "--epochs", 8, "--layers", 24, "--runs", parent)
    assert once(*words).status == 0
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


def test_the_page_is_well_formed_and_self_contained(page):
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    tags = {tag for tag, _ in reader.seen}
    assert not tags & {"link", "iframe", "object"}
    kinds = [
        attributes.get("type") for tag, attributes in reader.seen if tag == "script"
    ]
    assert kinds == ["application/json", "module"]
    for tag, attributes in reader.seen:
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "img":
            assert len(attributes["alt"]) > 20
            assert attributes["src"].startswith("data:image/png;base64,")
    said = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(
        r"""(src|href)=["'](?!data:)|url\(|https?://[^<\s]*["']""", said
    )


def test_its_accuracy_is_the_networks_own(page, run):
    network, _ = load_network(run / runs.MODEL)
    found = evaluate(network, load("digits").test, CrossEntropy())
    assert f"{found.correct:,} of 359 right" in page
    assert f"Test accuracy {100 * found.accuracy:.2f}%" in page


def test_every_section_is_there(page):
    titles = re.findall(r"<h2>(.*?)</h2>", page)
    assert titles == [
        "Data", "Network", "Inside", "Training", "Diagnosis", "Classes", "Ranking",
        "Confidence", "Worst mistakes", "First-layer weights", "Explanations",
        "Compared with simple models", "Make it again",
    ]  # fmt: skip
    assert "average darkness" in page and "logistic regression" in page
    assert "expected calibration error" in page


def test_its_command_makes_the_run_again(page, run, tmp_path):
    words = command(runs.read_settings(run)).split()
    assert " ".join(words) in page
    assert once(*words[1:], "--runs", tmp_path).status == 0
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


def test_the_command_can_be_typed_where_a_name_has_a_blank():
    words = command({**settings(), "data": "my table.csv", "target": "it's"})
    assert shlex.split(words)[-2:] == ["--target", "it's"]
    assert "'my table.csv'" in words


def confidence_of(page):
    """The words of a page's section on confidence, and its tables' cells."""
    text = page.partition("<h2>Confidence</h2>")[2].partition("</section>")[0]
    return text, re.findall(r"<td>(.*?)</td>", text)


def test_its_confidence_is_what_is_measured_on_the_test_part(page, run, tables):
    network, _ = load_network(run / runs.MODEL)
    found = confidence(network, load("digits"), "test")
    text, cells = confidence_of(page)
    assert found.verdict in text and "classes in a set" in text
    k = found.calibration.coverages.index(0.9)
    held, size = f"{100 * found.covered[k, 0]:.2f}%", f"{found.size[k, 0]:.4g}"
    rows = [cells[i : i + 3] for i in range(0, len(cells), 3)]
    assert ["90.00%", held, size] in rows
    text, cells = confidence_of(tables["price"][1])
    assert "width of an interval" in text and cells[3] == "price"
    assert "<h2>Confidence</h2>" not in tables["rain,wind"][1]


def test_names_from_elsewhere_are_text_only(run, monkeypatch, undrawn):
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


def test_the_command_line_writes_the_page(run, undrawn):
    said = once("report", run, "--json")
    assert said.status == 0
    assert (run / "report.html").read_text().startswith("<!doctype html>")
    assert "report.html" in said.out.splitlines()[-1]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Reports of a regression, of several labels and of an over-fitted table."""
    parent = tmp_path_factory.mktemp("tables")
    random = np.random.RandomState(0)
    x = random.standard_normal((300, 12)).round(3)
    noise = random.rand(300) < 0.3
    columns = {
        **{f"x{k}": x[:, k] for k in range(12)},
        "price": (1000 + 50 * x[:, 0] - 20 * x[:, 1]).round(2),
        "rain": np.where(x[:, 0] > 0, "yes", "no"),
        "wind": np.where(x[:, 1] > x[:, 2], "yes", "no"),
        "kind": np.where((x[:, 0] > 0) ^ noise, "hot", "cold"),
    }  # fmt: skip
    file = parent / "sky.csv"
    lines = [",".join(columns)]
    lines += [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    file.write_text("\n".join(lines))
    plain = ["--dropout", "0", "--l2", "0", "--schedule", "none"]
    asked = {
        "price": ["--ignore", "rain,wind,kind"],
        "rain,wind": ["--ignore", "price,kind"],
        "kind": [
            *("--ignore", "rain,wind,price", *plain),
            *("--epochs", 200, "--eta", 0.02),
        ],
    }
    pages = {}
    with decoding_here():
        for target, more in asked.items():
            words = ("--target", target, *more, "--runs", parent / target)
            assert once("train", file, *words).status == 0
            run = runs.latest(parent / target)
            pages[target] = run, report(run, open_data(runs.read_settings(run)))
    return pages


def test_pages_about_tables_are_well_formed_too(tables):
    for _, page in tables.values():
        test_the_page_is_well_formed_and_self_contained(page)
        assert "average darkness" not in page


def test_a_regression_is_told_in_its_own_unit(tables):
    run, page = tables["price"]
    result = runs.read_json(run / runs.MANIFEST)["result"]
    assert f"Test R² {result['test_r2']:.4f} on 60 examples" in page
    assert f"<td>price</td><td>{result['test_r2']:.4f}</td>" in page
    assert f"<td>{result['test_mae'][0]:.4g}</td>" in page
    assert "mean of the training part" in page and "ridge regression" in page
    rows = re.findall(r"<td>\d+</td><td>([\d.]+)</td><td>([\d.]+)</td></tr>", page)
    assert len(rows) == 12
    far = [abs(float(true) - float(answer)) for true, answer in rows]
    assert far[0] == max(far) and 800 < float(rows[0][0]) < 1200


def test_several_labels_are_told_one_by_one(tables):
    run, page = tables["rain,wind"]
    result = runs.read_json(run / runs.MANIFEST)["result"]
    assert f"all labels right {100 * result['test_accuracy']:.2f}%" in page
    for name, share in zip(
        ("rain", "wind"), result["test_label_accuracy"], strict=True
    ):
        assert re.search(rf"<td>{name}</td><td>\d+</td><td>{100 * share:.2f}%", page)
    assert "the more frequent answer for each label" in page


def test_reasons_are_told_by_column_and_say_of_how_many(
    tables, monkeypatch, here, undrawn
):
    for target, (_, page) in tables.items():
        text = page.partition("<h2>Explanations</h2>")[2].partition("</section>")[0]
        assert "Asked of all 60 examples on the test part" in text
        assert text.count("<img") == 3 and "weights taken out" in text
        lost = set(re.findall(r"columns is shuffled, on 60 examples: (\w+) ", text))
        assert lost <= {f"x{k}" for k in range(12)} and len(lost) == 1
        assert target != "price" or lost == {"x0"}
        assert "begun from the average training example" in text
    run, _ = tables["price"]
    monkeypatch.setattr(reasons, "ASKED", 20)
    monkeypatch.setattr(reasons, "MOST_GROUPS", 5)
    again = report(run, open_data(runs.read_settings(run)))
    assert "Asked of 20, drawn by lot, of 60 examples" in again
    assert "12 columns are too many to be shuffled here" in again


def test_over_fitting_is_told_with_both_optima(tables):
    run, page = tables["kind"]
    curves = CurvesDisplay.from_run(run)
    i, j = curves.lowest_cost, curves.highest_accuracy
    text = page.partition("<h2>Diagnosis</h2>")[2].partition("</section>")[0]
    assert "<dt>over-fitting</dt>" in text
    assert f"lowest after epoch {curves.epoch[i]} (" in text
    assert f"best after epoch {curves.epoch[j]}: {100 * curves.accuracy[j]:.2f}%" in (
        text
    )
    assert "marked by stars in the curves" in text
    assert f"cost lowest at epoch {curves.epoch[i]}" in page  # the figure's alt text
    assert "<em>Stop there (patience)" in text


def test_a_healthy_run_is_said_to_be_healthy(page):
    assert "Nothing was found: no dead or saturated units" in page


def test_it_prints_on_pages(page):
    style = page.partition("<style>")[2].partition("</style>")[0]
    printed = style.partition("@media print")[2]
    assert "break-inside: avoid" in printed and "@page" in style


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


@pytest.mark.parametrize(
    ("shares", "part", "word", "said"),
    [
        (("--test", "0"), "validation", "Validation", "There is no test part"),
        (
            ("--test", "0", "--validation", "0", "--monitor", "none"),
            "train",
            "Training",
            "There is neither a test nor a validation part",
        ),
    ],
)
def test_without_a_test_part_it_judges_by_another_and_says_so(
    tmp_path, here, undrawn, shares, part, word, said
):
    rows = "".join(f"{n % 7},{n % 3},{'uv'[n % 7 > 2]}\n" for n in range(90))
    (tmp_path / "table.csv").write_text(f"a,b,y\n{rows}")
    words = ["train", tmp_path / "table.csv", "--target", "y", *shares]
    assert once(*words, "--epochs", 3, "--runs", tmp_path / "runs").status == 0
    assert once("report", "--runs", tmp_path / "runs").status == 0
    run = runs.latest(tmp_path / "runs")
    page = (run / "report.html").read_text()
    data = open_data(runs.read_settings(run)).part(part)
    network, _ = load_network(run / runs.MODEL)
    found = evaluate(network, data, CrossEntropy())
    assert f"{word} accuracy {100 * found.accuracy:.2f}%: {found.correct} of" in page
    assert said in page and f"on the {word.lower()} part" in page
    assert "Test accuracy" not in page and "looked at once" not in page
    test_the_page_is_well_formed_and_self_contained(page)
