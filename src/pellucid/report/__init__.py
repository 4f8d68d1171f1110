"""The report: one page that a student hands in and a lecturer can check.

One self-contained HTML file: no address outside it, alt text on every picture, and
styles that print well. Every number in it is the run's own, computed from the model,
the data and the history when the page is made. Its one script shows the network, to be
clicked; who has none still has every figure.

    sections   what it says, section by section
    inside     the network itself, to be clicked
    html       how that is written down
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from .. import model_file, runs
from ..data import Dataset
from ..views import built, record
from .html import STYLE
from .sections import SECTIONS, command, summary
from .subject import Subject

__all__ = ["command", "report"]


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
    styles, scripts, script = [STYLE], [], ""
    if record.BEGIN in body:
        styles.append(built("view.css"))
        scripts, script = [built("view.js")], record.script()
    style = "".join(f"<style>{text}</style>" for text in styles)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{record.policy(styles, scripts)}"
        f"<title>pellucid: {name}</title>{style}</head>\n"
        f"<body><h1>{name}</h1>\n{summary(subject)}\n{body}\n{script}</body></html>\n"
    )
