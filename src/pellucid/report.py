"""The report: one page that a student hands in and a lecturer can check.

One self-contained HTML file: no script, no address outside it, alt text on every
picture, and styles that print well. Every number in it is the run's own, computed from
the model, the data and the history when the page is made.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from . import model_file, plots, runs
from ._arrays import Array
from .baselines import BASELINES
from .data import Dataset
from .data.check import check
from .evaluation import Evaluation, evaluate, outputs, reliability
from .mathematics.costs import Cost
from .mathematics.families import spell
from .mathematics.network import Network, Parameters
from .recipes import DEFAULTS, Settings
from .results import cost_of, interval

MISTAKES = 12
"""Of the worst, how many are shown."""

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1d23; margin: 2rem auto;
       max-width: 56rem; padding: 0 1rem; }
h1 { font-size: 1.8rem; margin-bottom: 0; } h2 { margin-top: 2.2rem;
     border-bottom: 2px solid #dcd8ce; } img { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: 0.6rem 0; } th, td { padding: 0.15rem 0.8rem
     0.15rem 0; text-align: right; border-bottom: 1px solid #dcd8ce; }
th:first-child, td:first-child { text-align: left; } caption { text-align: left;
     color: #5a606d; } .key { font-size: 1.25rem; font-weight: 600; }
pre { white-space: pre-wrap; background: #f5f3ee; padding: 0.7rem; }
figure { margin: 1rem 0; break-inside: avoid; } figcaption { color: #5a606d; }
@media print { body { margin: 0; font-size: 11pt; } h2 { break-after: avoid; } }
"""


@dataclass
class Subject:
    """What a report is about, opened once."""

    folder: Path
    network: Network
    settings: Settings
    data: Dataset
    result: dict[str, Any]
    cost: Cost = field(init=False)
    test: Evaluation = field(init=False)
    answers: Array = field(init=False)

    def __post_init__(self) -> None:
        self.cost = cost_of(self.settings, self.network)
        self.test = evaluate(self.network, self.data.test, self.cost, "test")
        self.answers = outputs(self.network, self.data.test, self.cost)[1]

    @property
    def classes(self) -> tuple[str, ...]:
        """A name each output; empty for a regression."""
        return self.data.classes or ()


def report(folder: str | Path, data: Dataset) -> str:
    """The report of a finished run, as one HTML page.

    Args:
        folder: of the run.
        data: what it was trained on; its fingerprint is compared.

    Raises:
        InputError: the run is not finished, or the data are others.
    """
    folder = Path(folder)
    runs.check_data(folder, data.fingerprint())
    network, _ = model_file.load(runs.model_path(folder))
    result = runs.read_result(folder)
    subject = Subject(folder, network, runs.read_settings(folder), data, result)
    body = "\n".join(
        f"<section><h2>{escape(title)}</h2>\n{text}</section>"
        for title, section in SECTIONS
        if (text := section(subject))
    )
    name = escape(folder.name)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>pellucid: {name}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{name}</h1>\n{_summary(subject)}\n{body}\n</body></html>\n"
    )


def _summary(s: Subject) -> str:
    """The one sentence that matters."""
    if s.test.correct is None:
        r2 = "not defined" if s.test.r2 is None else f"{s.test.r2:.4f}"
        return f'<p class="key">Test R² {r2} on {s.test.count:,} examples.</p>'
    low, high = interval(s.test.correct, s.test.count)
    return (
        f'<p class="key">Test accuracy {_percent(s.test.accuracy)}: {s.test.correct:,} '
        f"of {s.test.count:,} right, 95% confidence interval {_percent(low)} to "
        f"{_percent(high)}.</p><p>The test part was looked at once, when training had "
        "ended.</p>"
    )


def _data(s: Subject) -> str:
    parts = [part for part, rows in s.data.counts.items() if rows]
    text = _paragraph(s.data.describe()) + _paragraph(f"Source: {s.data.source}")
    if s.classes:
        rows = [
            [name, *((s.data.part(part).labels == j).sum() for part in parts)]
            for j, name in enumerate(s.classes)
        ]
        text += _table(["class", *parts], rows, "examples of each class")
    found = check(s.data, Parameters.count(s.network.sizes))
    return text + _list(map(str, found), "The data check found nothing.")


def _network(s: Subject) -> str:
    drawing = plots.NetworkDisplay.from_network(s.network)
    return f"<pre>{escape(str(s.network))}</pre>" + _figure(drawing)


def _training(s: Subject) -> str:
    told = [[key, "none" if v is None else v] for key, v in s.settings.items()]
    curves = plots.CurvesDisplay.from_run(s.folder)
    sentence = (
        f"{s.result['epochs']} epochs in {s.result['train_seconds']:.2f} s; seed "
        f"{s.settings['seed']}; cost {spell(s.cost)}."
    )
    return (
        _paragraph(sentence) + _figure(curves) + _table(["setting", "value"], told, "")
    )


def _classes(s: Subject) -> str:
    if not s.classes:
        return ""
    rows = [
        [name, s.test.confusion[j].sum(), *map(_percent, three)]  # type: ignore[index]
        for j, (name, *three) in enumerate(
            zip(s.classes, s.test.precision, s.test.recall, s.test.f1, strict=True)  # type: ignore[arg-type]
        )
    ]
    head = ["class", "examples", "precision", "recall", "F1"]
    confusion = plots.ConfusionDisplay.from_network(s.network, s.data.test)
    return _table(head, rows, "on the test part") + _figure(confusion)


def _ranking(s: Subject) -> str:
    if not s.classes or not _probabilities(s):
        return ""
    roc = plots.RocDisplay.from_network(s.network, s.data.test)
    return _figure(roc)


def _confidence(s: Subject) -> str:
    if not s.classes or not _probabilities(s):
        return ""
    found = reliability(s.answers, s.data.test.labels)
    figure = plots.ReliabilityDisplay.from_network(s.network, s.data.test)
    return (
        _paragraph(
            f"Mean confidence {_percent(found.overall_confidence)}, accuracy "
            f"{_percent(found.overall_accuracy)}; expected calibration error (ECE) "
            f"{_percent(found.ece)}."
        )
        + _figure(figure)
    )  # fmt: skip


def _mistakes(s: Subject) -> str:
    if not s.classes:
        return ""
    rows, a = plots.worst_mistakes(s.network, s.data.test, MISTAKES)
    if not rows:
        return _paragraph("There is none on the test part.")
    if s.data.image_shape is not None:
        return _figure(plots.ImagesDisplay.from_dataset(s.data.test, rows, a))
    true = s.data.test.labels[rows]
    lines = [
        [row, s.classes[label], s.classes[int(one.argmax())], f"{one.max():.3f}"]
        for row, label, one in zip(rows, true, a, strict=True)
    ]
    head = ["test example", "true", "answer", "its output"]
    return _table(head, lines, "the surest first")


def _weights(s: Subject) -> str:
    if s.data.image_shape is None:
        return ""
    pictures = plots.WeightsDisplay.from_network(
        s.network, image_shape=s.data.image_shape
    )
    return _figure(pictures)


def _baselines(s: Subject) -> str:
    """The network beside what needs no network, on the same examples."""
    if not s.classes:
        return ""
    train, test = s.data.train, s.data.test
    rows: list[tuple[str, int]] = [
        (name.replace("_", " "), function(train, test))
        for name, function in BASELINES.items()
        if name != "average_darkness" or s.data.image_shape is not None
    ]
    rows.append(("linear model (logistic regression)", _linear(train, test)))
    rows.append(("this network", s.test.correct or 0))
    table = [[name, right, _percent(right / len(test))] for name, right in rows]
    return _table(["model", "right", "accuracy"], table, "on the test part")


def _linear(train: Dataset, test: Dataset) -> int:
    from sklearn.linear_model import LogisticRegression

    sample = train.rows(np.arange(min(len(train), 10_000)))  # enough for so few weights
    model = LogisticRegression(max_iter=1000, tol=1e-3).fit(sample.x, sample.labels)
    return int((model.predict(test.x) == test.labels).sum())


def _reproduce(s: Subject) -> str:
    words = runs.read_object(s.folder / "environment.json")
    rows = [[key, value] for key, value in words.items()]
    return (
        f"<pre>{escape(command(s.settings))}</pre>"
        + _paragraph(
            f"ends with the weights {s.result['weights_sha256'][:16]}... on the native "
            "engine, with the same data and version."
        )
        + _table(["environment", ""], rows, "")
    )


def command(settings: Settings) -> str:
    """The command line that makes this run again.

    Args:
        settings: of a run.
    """
    words = ["pellucid train"]
    for key, value in settings.items():
        if value == DEFAULTS.get(key):
            continue
        text = ",".join(map(str, value)) if isinstance(value, list) else value
        text = "none" if text is None else "0" if text == "" else text
        words.append(f"--{key.replace('_', '-')} {text}")
    return " ".join(words)


SECTIONS: list[tuple[str, Callable[[Subject], str]]] = [
    ("Data", _data),
    ("Network", _network),
    ("Training", _training),
    ("Classes", _classes),
    ("Ranking", _ranking),
    ("Confidence", _confidence),
    ("Worst mistakes", _mistakes),
    ("First-layer weights", _weights),
    ("Compared with simple models", _baselines),
    ("Make it again", _reproduce),
]
"""Title and section; an empty one is left out."""


def _probabilities(s: Subject) -> bool:
    return bool(s.network.sigma[-1].range == (0.0, 1.0))


def _percent(share: Any) -> str:
    return f"{100 * float(share):.2f}%"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>\n"


def _list(lines: Iterable[str], empty: str) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>\n" if items else _paragraph(empty)


def _table(head: list[str], rows: Iterable[Iterable[Any]], caption: str) -> str:
    titles = "".join(f'<th scope="col">{escape(str(cell))}</th>' for cell in head)
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>\n"
        for row in rows
    )
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = f"<thead><tr>{titles}</tr></thead><tbody>{lines}</tbody>"
    return f"<table>{above}{body}</table>\n"


def _figure(display: plots.Display) -> str:
    """A picture inside the page, with its alt text also to be read below it."""
    data = base64.b64encode(display.render("png", 110)).decode()
    alt = escape(re.sub(r"\s+", " ", display.alt))
    return (
        f'<figure><img alt="{alt}" src="data:image/png;base64,{data}">'
        f"<figcaption>{alt}</figcaption></figure>\n"
    )
