"""The report's HTML: its style, and the few elements that it is made of."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from html import escape
from typing import Any

from ..plots import Display

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1d23;
       background: #fff; margin: 2rem auto; max-width: 56rem; padding: 0 1rem; }
h1 { font-size: 1.8rem; margin-bottom: 0; } h2 { margin-top: 2.2rem;
     border-bottom: 2px solid #dcd8ce; } img { max-width: 100%; height: auto; }
table { border-collapse: collapse; margin: 0.6rem 0; } th, td { padding: 0.15rem 0.8rem
     0.15rem 0; text-align: right; border-bottom: 1px solid #dcd8ce; }
th:first-child, td:first-child { text-align: left; } caption { text-align: left;
     color: #5a606d; } .key { font-size: 1.25rem; font-weight: 600; }
pre { white-space: pre-wrap; background: #f5f3ee; padding: 0.7rem; }
figure { margin: 1rem 0; } figcaption { color: #5a606d; }
dt { font-weight: 600; margin-top: 0.6rem; } dd { margin-left: 1.2rem; }
@page { margin: 16mm 15mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 10.5pt; color: #000; }
  h1, h2, caption, dt { break-after: avoid; }
  figure, pre, tr, dd, li { break-inside: avoid; }
  thead { display: table-header-group; } p { orphans: 3; widows: 3; }
  img { max-height: 120mm; } th, td { padding-top: 0; padding-bottom: 0; }
  pre, figcaption, caption { print-color-adjust: exact; }
}
"""


def percent(share: Any) -> str:
    """Such as `97.22%`."""
    return f"{100 * float(share):.2f}%"


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f"<p>{escape(text)}</p>\n"


def bullets(lines: Iterable[str], empty: str) -> str:
    """A list; what to say where it is empty."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>\n" if items else paragraph(empty)


def table(head: list[str], rows: Iterable[Iterable[Any]], caption: str) -> str:
    """A table, its columns named; "" for no caption."""
    titles = "".join(f'<th scope="col">{escape(str(cell))}</th>' for cell in head)
    lines = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>\n"
        for row in rows
    )
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = f"<thead><tr>{titles}</tr></thead><tbody>{lines}</tbody>"
    return f"<table>{above}{body}</table>\n"


def figure(display: Display) -> str:
    """A picture inside the page, with its alt text also to be read below it."""
    data = base64.b64encode(display.render("png", 110)).decode()
    alt = escape(re.sub(r"\s+", " ", display.alt))
    return (
        f'<figure><img alt="{alt}" src="data:image/png;base64,{data}">'
        f"<figcaption>{alt}</figcaption></figure>\n"
    )
