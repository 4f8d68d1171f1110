"""What a report says, section by section: each a function of the Subject.

To add one: a function here, and its line in SECTIONS.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable
from html import escape

import numpy as np

from .. import plots, runs
from ..comparison import Standings
from ..data import Dataset
from ..data.check import check
from ..evaluation.baselines import BASELINES
from ..links import link_of
from ..mathematics.families import spell
from ..mathematics.network import Parameters
from ..recipes import DEFAULTS, Settings
from ..run_data import READ_WORDS, is_file_name
from ..runs.results import interval
from . import numbers, reasons
from .certainty import certainty
from .html import bullets, figure, paragraph, percent, table
from .inside import inside
from .subject import Subject

MISTAKES = 12
"""Of the worst, how many are shown."""

LOOKED_AT = {
    "test": "The test part was looked at once, when training had ended.",
    "validation": "There is no test part, so this page judges by the validation part. "
    "Where the best epoch or a setting was chosen by it, its figures are too good: "
    "train with --test 0.2 for figures of examples that nothing was chosen by.",
    "train": "There is neither a test nor a validation part, so this page judges by "
    "the training part: its figures say how well the network remembers, not how well "
    "it does on new examples. Train with --test 0.2 for those.",
}
"""What the figures of a part are worth."""


def summary(s: Subject) -> str:
    """The one sentence that matters."""
    found, word = s.found, s.word.capitalize()
    if found.correct is None:
        r2 = "not defined" if found.r2 is None else f"{found.r2:.4f}"
        key = f"{word} R² {r2} on {found.count:,} examples."
        return f'<p class="key">{key}</p>' + paragraph(LOOKED_AT[s.part])
    low, high = interval(found.correct, found.count)
    what = "accuracy" if s.classes else "examples with all labels right"
    return (
        f'<p class="key">{word} {what} {percent(found.accuracy)}: {found.correct:,} '
        f"of {found.count:,} right, 95% confidence interval {percent(low)} to "
        f"{percent(high)}; cost {found.cost:.4g}.</p>"
    ) + paragraph(LOOKED_AT[s.part])


def _data(s: Subject) -> str:
    parts = [part for part, rows in s.data.counts.items() if rows]
    text = paragraph(s.data.describe()) + paragraph(f"Source: {s.data.source}")
    if s.classes:
        rows = [
            [name, *((s.data.part(part).labels == j).sum() for part in parts)]
            for j, name in enumerate(s.classes)
        ]
        text += table(["class", *parts], rows, "examples of each class")
    found = check(s.data, Parameters.count(s.network.sizes))
    return text + bullets(map(str, found), "The data check found nothing.")


def _network(s: Subject) -> str:
    drawing = plots.NetworkDisplay.from_network(s.network)
    return f"<pre>{escape(str(s.network))}</pre>" + figure(drawing)


def _training(s: Subject) -> str:
    told = [
        [key, _spelled(value)]
        for key, value in s.settings.items()
        if key not in READ_WORDS or is_file_name(s.settings["data"])
    ]
    curves = plots.CurvesDisplay.from_run(s.folder)
    sentence = (
        f"{s.result['epochs']} epochs in {s.result['train_seconds']:.2f} s; seed "
        f"{s.settings['seed']}; cost {spell(s.cost)}."
    )
    return paragraph(sentence) + figure(curves) + table(["setting", "value"], told, "")


def _spelled(value: object) -> str:
    """A setting as it is typed."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _diagnosis(s: Subject) -> str:
    """What went wrong, causes first, in the words of `pellucid train`."""
    if not s.findings:
        return paragraph(
            "Nothing was found: no dead or saturated units, no gradient that vanishes "
            "or explodes, a learning rate that is neither too low nor too high, every "
            "class answered, no over-fitting."
        )
    items = "".join(
        f"<dt>{escape(found.name)}</dt><dd>{escape(found.meaning)} "
        f"<em>{escape(found.advice)}</em></dd>\n"
        for found in s.findings
    )
    both = ""
    if any(found.name == "over-fitting" for found in s.findings):
        both = paragraph("Both optima are marked by stars in the curves above.")
    return f"<dl>{items}</dl>\n{both}"


def _classes(s: Subject) -> str:
    if not s.classes:
        return ""
    rows = [
        [name, s.found.confusion[j].sum(), *map(percent, three)]  # type: ignore[index]
        for j, (name, *three) in enumerate(
            zip(s.classes, s.found.precision, s.found.recall, s.found.f1, strict=True)  # type: ignore[arg-type]
        )
    ]
    head = ["class", "examples", "precision", "recall", "F1"]
    confusion = plots.ConfusionDisplay.from_network(s.network, s.judged)
    return table(head, rows, s.where) + figure(confusion)


def _ranking(s: Subject) -> str:
    if not s.classes or not _probabilities(s):
        return ""
    roc = plots.RocDisplay.from_network(s.network, s.judged)
    return figure(roc)


def _mistakes(s: Subject) -> str:
    if not s.classes:
        return numbers.worst(s, MISTAKES) if s.found.correct is None else ""
    rows, a = plots.worst_mistakes(s.network, s.judged, MISTAKES)
    if not rows:
        return paragraph(f"There is none {s.where}.")
    if s.data.image_shape is not None:
        return figure(plots.ImagesDisplay.from_dataset(s.judged, rows, a))
    true = s.judged.labels[rows]
    lines = [
        [row, s.classes[label], s.classes[int(one.argmax())], f"{one.max():.3f}"]
        for row, label, one in zip(rows, true, a, strict=True)
    ]
    head = [f"{s.word} example", "true", "answer", "its output"]
    return table(head, lines, "the surest first")


def _weights(s: Subject) -> str:
    if s.data.image_shape is None:
        return ""
    pictures = plots.WeightsDisplay.from_network(
        s.network, image_shape=s.data.image_shape
    )
    return figure(pictures)


def _baselines(s: Subject) -> str:
    """The network beside what needs no network, on the same examples."""
    if not s.classes:
        return numbers.baselines(s)
    train, judged = s.data.train, s.judged
    rows: list[tuple[str, int]] = [
        (name.replace("_", " "), function(train, judged))
        for name, function in BASELINES.items()
        if "darkness" not in name or s.data.image_shape is not None
    ]
    rows.append(("linear model (logistic regression)", _linear(train, judged)))
    rows.append(("this network", s.found.correct or 0))
    lines = [[name, right, percent(right / len(judged))] for name, right in rows]
    return table(["model", "right", "accuracy"], lines, s.where)


def _linear(train: Dataset, judged: Dataset) -> int:
    from sklearn.linear_model import LogisticRegression

    sample = train.rows(np.arange(min(len(train), 10_000)))  # enough for so few weights
    model = LogisticRegression(max_iter=1000, tol=1e-3).fit(sample.x, sample.labels)
    return int((model.predict(judged.x) == judged.labels).sum())


def _comparison(s: Subject) -> str:
    """Other models on splits of the same data, where pellucid compare was asked."""
    path = s.folder / runs.COMPARISON
    if not path.is_file():
        return ""
    found = Standings.from_json(runs.read_json(path), str(path))
    rows = [
        [
            model,
            found.say(model),
            *(
                f"{value:.4g}" if math.isfinite(value) else "-"
                for value in (
                    found.mean(model, "log_loss"),
                    found.mean(model, "fit_seconds"),
                    found.mean(model, "predict_seconds"),
                )
            ),
        ]
        for model in found.ranked
    ]
    if not rows:
        return paragraph("No model has a score.")
    head = ["model", "test part", "log loss", "seconds to learn", "to answer"]
    how = (
        f"{len(found.seeds)} splits of the same data, drawn anew; each model learned "
        "from the training part and was scored on the test part. The network has this "
        "run's settings. Mean ± standard deviation over the splits."
    )
    return (
        f'<p class="key">{escape(found.answer())}</p>'
        + table(head, rows, "the best first")
        + paragraph(how)
        + figure(plots.ModelsDisplay.from_comparison(found))
    )


def _reproduce(s: Subject) -> str:
    rows = [[key, value] for key, value in s.environment.items()]
    link = link_of(s.settings)
    said = f"pellucid verify {s.folder}" if s.settings.get("edits") else ""
    if link.named and said:
        said = f"pellucid train --link {shlex.quote(link.to_text())}"
    text = (
        f"ends with the weights {s.result['weights_sha256'][:16]}... on the native "
        "engine, with the same data and version."
    )
    if link.named:
        text += f" As a link, for the studio: #{link.to_text()}"
    return (
        f"<pre>{escape(said or command(s.settings))}</pre>"
        + paragraph(text)
        + table(["environment", ""], rows, "")
    )


def command(settings: Settings) -> str:
    """The command line that makes this run again.

    Args:
        settings: of a run, without edits: those only a link can say.
    """
    words = ["pellucid train"]
    for key, value in settings.items():
        if value == DEFAULTS.get(key):
            continue
        text = ",".join(map(str, value)) if isinstance(value, list) else value
        text = "none" if text is None else "0" if text == "" else text
        words.append(f"--{key.replace('_', '-')} {shlex.quote(str(text))}")
    return " ".join(words)


SECTIONS: list[tuple[str, Callable[[Subject], str]]] = [
    ("Data", _data),
    ("Network", _network),
    ("Inside", inside),
    ("Training", _training),
    ("Diagnosis", _diagnosis),
    ("Classes", _classes),
    ("Numbers", numbers.errors),
    ("Labels", numbers.labels),
    ("Ranking", _ranking),
    ("Confidence", certainty),
    ("Worst mistakes", _mistakes),
    ("First-layer weights", _weights),
    ("Explanations", reasons.explanations),
    ("Compared with simple models", _baselines),
    ("Beside other models", _comparison),
    ("Make it again", _reproduce),
]
"""Title and section; an empty one is left out."""


def _probabilities(s: Subject) -> bool:
    return bool(s.network.sigma[-1].range == (0.0, 1.0))
