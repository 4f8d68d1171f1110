"""What every figure shares: its colours, its type, and the Display itself.

The colours are those of Okabe and Ito (2008, "Color Universal Design"), which stay
apart for people with any of the three colour blindnesses, without the three that are
too pale for a projector (below 3:1 against white), and with the house's blue and
orange, which mean positive and negative everywhere. No figure needs its colours: a
line also has a marker and a dash, a sign also its word, a cell also its number.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from .._arrays import Array, join
from .._errors import InputError
from .._files import write_atomic

INK, MUTED, FAINT = "#1b1d23", "#5a606d", "#dcd8ce"
POSITIVE, NEGATIVE, STAR = "#0b5fb8", "#c8540a", "#ffd84d"
PALETTE = (POSITIVE, NEGATIVE, "#009e73", "#cc79a7", INK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1.2)))

SIGNED = ("#5c2602", "#bf4f08", "#f2b48a", "#ffffff", "#9cc3ea", "#1a6cc2", "#06305e")
"""The scale of signed numbers, most negative to most positive; 0 is white."""

STYLE: Any = {
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.labelsize": 13,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "legend.fontsize": 12,
    "figure.titlesize": 15,
    "lines.linewidth": 2.5,
    "lines.markersize": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "figure.constrained_layout.h_pad": 0.09,
    "figure.constrained_layout.w_pad": 0.09,
    "svg.hashsalt": "pellucid",  # the same figure is the same file
}

FONT = "DejaVu Sans"
"""It comes with matplotlib: the same type on every machine."""

FALLBACKS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Arial Unicode MS",
)
"""For names of classes in scripts that FONT has not; those that are installed."""

ABOUT = {
    "png": lambda alt: {"Description": alt, "Software": "pellucid"},
    "svg": lambda alt: {"Description": alt, "Date": None},
    "pdf": lambda alt: {"Subject": alt, "CreationDate": None},
}
"""Kind of file to what is written into it beside the picture: the alt text."""


class Display:
    """The data of one figure, and how to draw them.

    As in scikit-learn, a Display is made by one of its `from_...` and drawn by
    `plot`; unlike there, making it draws nothing yet. Its data are its attributes.

    Attributes:
        ax_: the Axes drawn on, the first of `axes_`; there after `plot`.
        axes_: all of them.
        figure_: their Figure.
    """

    ax_: Any
    axes_: list[Any]
    figure_: Any
    size: ClassVar[tuple[float, float]] = (8.0, 5.0)
    """Width and height of a figure of its own, inches."""

    @property
    def alt(self) -> str:
        """What the figure shows, in a sentence or two with its main numbers."""
        raise NotImplementedError

    def _size(self) -> tuple[float, float]:
        """Width and height, where they hang on the data."""
        return self.size

    def _draw(self, ax: Any) -> list[Any]:
        """Draw on `ax`, or on panels in its place; the Axes that were drawn on."""
        raise NotImplementedError

    def _draw_alone(self, ax: Any) -> list[Any]:
        """The same on a figure of its own, where there may be room for more."""
        return self._draw(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw.

        Args:
            ax: matplotlib Axes to draw on; left out: a figure of its own, which no
                window shows: `save` it, or let a notebook show the Display.

        Returns:
            The Display itself, with `ax_`, `axes_` and `figure_`.
        """
        import matplotlib
        from matplotlib.figure import Figure

        with matplotlib.rc_context(_style()):
            if ax is None:
                figure = Figure(figsize=self._size(), layout="constrained")
                ax = figure.add_subplot()
                axes = self._draw_alone(ax)
            else:
                axes = self._draw(ax)
        # The data stay frozen; what was drawn is remembered beside them.
        for name, value in (("ax_", axes[0]), ("axes_", axes), ("figure_", ax.figure)):
            object.__setattr__(self, name, value)
        return self

    def render(self, kind: str = "png", dpi: int = 150) -> bytes:
        """The bytes of a picture file that carries the alt text.

        Args:
            kind: "png", "svg" or "pdf".
            dpi: dots an inch of a png.

        Raises:
            InputError: another kind.
        """
        import matplotlib

        if kind not in ABOUT:
            raise InputError(
                f"a figure must be saved as {join(ABOUT)}; got {kind!r}. Name the file "
                "with one of these endings."
            )
        if not hasattr(self, "figure_"):
            self.plot()
        buffer = io.BytesIO()
        with matplotlib.rc_context(_style()):
            self.figure_.savefig(
                buffer, format=kind, dpi=dpi, metadata=ABOUT[kind](plain(self.alt))
            )
        return buffer.getvalue()

    def save(self, path: str | Path, dpi: int = 150) -> Path:
        """Write the figure, atomically; the ending of `path` says as what.

        Raises:
            InputError: the ending is none of .png, .svg, .pdf.
            OSError: it can't be written.
        """
        path = Path(path)
        write_atomic(path, self.render(path.suffix.lower().lstrip("."), dpi))
        return path

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        return self.render("png", 100)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.alt}>"


def _style() -> Any:
    """STYLE with the fonts that this machine has."""
    from matplotlib.font_manager import fontManager

    there = set(fontManager.get_font_names())
    return {**STYLE, "font.family": [FONT, *(f for f in FALLBACKS if f in there)]}


def dress(
    ax: Any, title: str = "", x: str = "", y: str = "", grid: str = "both"
) -> None:
    """Title, labels and grid of one Axes, in our type even on a foreign figure.

    Args:
        ax: the Axes.
        title: on top, left.
        x: label of the x axis.
        y: label of the y axis.
        grid: "both", "x", "y" or "" for none.
    """
    ax.set_title(title, fontsize=14, fontweight="bold", loc="left")
    ax.set_xlabel(x, fontsize=13)
    ax.set_ylabel(y, fontsize=13, labelpad=7)
    # Ticks are made when drawn: said here, they do not hang on the style of then.
    ax.tick_params(labelsize=12, color=MUTED, labelcolor=INK, width=1.0)
    if grid:
        ax.grid(True, axis=grid, color=FAINT, linewidth=0.9)
    ax.set_axisbelow(True)


def panels(ax: Any, rows: int, columns: int, **words: Any) -> list[Any]:
    """Axes side by side in the place of one.

    Args:
        ax: the Axes whose place it is; it is left empty.
        rows: rows of panels.
        columns: columns of panels.
        words: of the GridSpec, such as width_ratios; `projections` gives each
            panel's own.

    Returns:
        The panels, row by row.
    """
    projections: Sequence[str | None]
    projections = words.pop("projections", [None] * (rows * columns))
    ax.set_axis_off()
    spec = ax.get_subplotspec()
    if spec is None:  # an Axes that was put there by hand
        from matplotlib.gridspec import GridSpec

        box = ax.get_position()
        sides = {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}
        grid: Any = GridSpec(rows, columns, figure=ax.figure, **sides, **words)
    else:
        grid = spec.subgridspec(rows, columns, **words)
    places = [grid[row, column] for row in range(rows) for column in range(columns)]
    return [
        ax.figure.add_subplot(place, projection=projection)
        for place, projection in zip(places, projections, strict=True)
    ]


def line_style(number: int) -> dict[str, Any]:
    """Colour, dash and marker of line `number`: no two of the first thirty agree."""
    return {
        "color": PALETTE[number % len(PALETTE)],
        "linestyle": DASHES[number // len(PALETTE) % len(DASHES)],
        "marker": MARKERS[number % len(MARKERS)],
    }


def mark_best(ax: Any, x: float, y: float, label: str) -> None:
    """A star on the point that matters."""
    ax.plot([x], [y], ls="none", marker="*", ms=19, color=STAR, mec=INK, mew=1.5,
            zorder=5, label=label)  # fmt: skip


def signed_colours() -> Any:
    """The colour map of signed numbers: negative orange, 0 white, positive blue."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("pellucid signed", SIGNED)
    return colours.with_extremes(bad="white")  # nothing is there


def plain(text: str) -> str:
    """Text from elsewhere with whatever is no visible character spelled out."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def label(text: object, most: int = 24) -> str:
    """A name from elsewhere as it is drawn: visible, not too long, and no formula."""
    name = plain(str(text))
    name = name if len(name) <= most else f"{name[: most - 1]}…"
    name = name.replace("$", r"\$")
    return f" {name}" if name.startswith("_") else name  # such a line gets no legend


def short(value: float, digits: int = 3) -> str:
    """A number in few digits, with a real minus sign."""
    return f"{value:.{digits}g}".replace("-", "−")


def percent(share: float) -> str:
    """Such as `97.2%`."""
    return f"{100 * share:.1f}%"


def plural(count: int, noun: str) -> str:
    """Such as `1 unit` and `3 units`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def times(count: int) -> str:
    """How often."""
    return "once" if count == 1 else f"{count:,} times"


def as_numbers(values: Sequence[float | None]) -> Array:
    """(k,) float64, NaN where there is nothing."""
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def tiles(count: int, wide: float = 1.6) -> tuple[int, int]:
    """Rows and columns of a grid that holds `count` tiles, a bit wider than high."""
    columns = max(1, int(np.ceil(np.sqrt(count * wide))))
    columns = min(columns, count)
    return -(-count // columns), columns


def most_of(
    name: str, count: int, most: int, limit: str, advice: str = "Choose some of them."
) -> None:
    """Check a number of things to draw against its limit.

    Raises:
        InputError: there are more.
    """
    if count > most:
        raise InputError(
            f"a figure shows at most {most:,} {name} (limit {limit}); got {count:,}. "
            f"{advice}"
        )
