"""What a column of texts turns out to hold: numbers, dates or texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..._errors import InputError

MISSING = ("", "?", "NA", "N/A", "#N/A", "NaN", "nan", "-nan", "null", "NULL", "None")
"""Texts that stand for a missing number or date."""

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
COMMA_NUMBER = r"^[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?$"
CODE = r"^0\d+$"  # 020 is a code: as a number it would lose its zero

DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y")
DATE_FORMATS = tuple(day + time for day in DAYS for time in ("", " %H:%M", " %H:%M:%S"))
"""How dates may be written; of those that fit the first is taken."""

ENOUGH = 1_000  # texts that are no numbers, after which a column is a text


def present(texts: Any) -> Any:
    """Which of the texts are no word for a missing value, as an Arrow mask."""
    known = pc.is_in(texts, value_set=pa.array(MISSING, texts.type))
    return pc.and_(pc.is_valid(texts), pc.invert(known))


def trimmed(array: Any) -> Any:
    """A string array without blanks around the cells."""
    return pc.utf8_trim_whitespace(array)


def to_numbers(texts: Any, comma: bool) -> Any:
    """float64 of an array of texts that are all numbers.

    Raises:
        pyarrow.ArrowInvalid: one is not.
    """
    if comma:
        texts = pc.replace_substring(texts, ",", ".")
    return pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)


def to_seconds(texts: Any, form: str) -> Any:
    """Arrow timestamps in seconds; null where a text is no date of this form.

    Fractions of a second and the time zone are left out: the clock on the wall counts.
    """
    texts = pc.replace_substring_regex(texts, r"^(\d{4}-\d\d-\d\d)T", r"\1 ")
    texts = pc.replace_substring_regex(texts, r"(:\d\d)\.\d+", r"\1")
    texts = pc.replace_substring_regex(texts, r"(:\d\d)(Z|[+-]\d\d:?\d\d)$", r"\1")
    return pc.strptime(texts, format=form, unit="s", error_is_null=True)


@dataclass
class Scout:
    """Looks at a column of texts, block by block, and says what it holds.

    Attributes:
        name: of the column.
        want: "number", "text", "date" or a date format where it must be that; None:
            find out.
        comma: whether numbers may be written with a decimal comma.
    """

    name: str
    want: str | None = None
    comma: bool = False
    rows: int = 0
    missing: int = 0
    numbers: int = 0
    others: int = 0
    first: tuple[int, str] = (0, "")  # row (from 1) and text of the first other
    codes: bool = False
    whole: bool = True
    low: float = np.inf
    high: float = -np.inf
    formats: list[str] = field(default_factory=lambda: list(DATE_FORMATS))

    def look(self, texts: Any) -> None:
        """Take the next block of trimmed texts into account."""
        if self.want != "text":
            here = present(texts)
            self.missing += len(texts) - (pc.sum(here).as_py() or 0)
            self._look(texts.filter(here), here)
        self.rows += len(texts)

    def _look(self, texts: Any, here: Any) -> None:
        if self.others <= ENOUGH or self.others <= self.numbers:
            try:
                values = to_numbers(texts, self.comma)
                fits = bool(np.isfinite(values).all())
            except pa.ArrowInvalid:
                fits = False
            if not fits:
                values = self._sort_out(texts, here)
            self.measure(values)
            if not self.codes and len(values):
                self.codes = bool(pc.any(pc.match_substring_regex(texts, CODE)).as_py())
        if self.numbers == 0 and self.formats and self.want != "number":
            some = pc.unique(texts)
            fits_all = [f for f in self.formats if not to_seconds(some, f).null_count]
            self.formats = fits_all

    def _sort_out(self, texts: Any, here: Any) -> Any:
        """The numbers among the texts; the first of the others is kept."""
        pattern = COMMA_NUMBER if self.comma else NUMBER
        mask = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
        values = to_numbers(texts.filter(pa.array(mask)), self.comma)
        finite = np.isfinite(values)  # 1e999 is written like a number
        mask[np.flatnonzero(mask)[~finite]] = False
        bad = np.flatnonzero(~mask)
        if not self.others:
            rows = np.flatnonzero(here.to_numpy(zero_copy_only=False))
            self.first = (self.rows + int(rows[bad[0]]) + 1, texts[int(bad[0])].as_py())
        self.others += len(bad)
        return values[finite]

    def measure(self, values: Any) -> None:
        """Count numbers and keep their range."""
        self.numbers += len(values)
        if len(values):
            self.low = min(self.low, float(values.min()))
            self.high = max(self.high, float(values.max()))
            self.whole = self.whole and bool((values == np.rint(values)).all())

    def found(self) -> str:
        """What it is: "number", "text" or a form of dates.

        Raises:
            InputError: it must be numbers, or all but a few are, and one is not.
        """
        if self.want == "text":
            return "text"
        if self.want == "date" or self.want in DATE_FORMATS:
            fitting = [f for f in self.formats if self.want in ("date", f)]
            if self.numbers or not fitting:
                raise InputError(self._no_date())
            return fitting[0]
        if not self.others and not (self.codes and self.want is None):
            return "number"
        few = self.numbers >= 3 and self.others <= max(1, 0.05 * self.numbers)
        if self.want == "number" or (few and not self.codes):
            raise InputError(self._no_number())
        if self.formats and not self.numbers:
            return self.formats[0]
        return "text"

    def _no_number(self) -> str:
        row, text = self.first
        if text == self.name:
            return f"row {row} repeats the header. Delete it."
        return (
            f"column {self.name!r} must hold numbers, as {self.numbers:,} of its cells "
            f"do; row {row} has {text!r:.60}. Correct it or leave it empty, or read "
            f"the column as texts: --kinds {self.name}=category."
        )

    def _no_date(self) -> str:
        form = "in one form, such as 2011-12-31" if self.want == "date" else self.want
        return (
            f"column {self.name!r} must hold dates written {form}; some are not. "
            "Write all in this form, or leave cells empty."
        )
