"""What all figures share: how they are put together, axes with units, labels from data, and how numbers are written."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import pandas as pd
import plotly.graph_objects as go

from relvid_core.charts.palette import GRID, QUIET
from relvid_core.errors import DataError

CONFIG: Final[dict[str, Any]] = {"displayModeBar": False, "scrollZoom": False}  # for whoever shows a figure
MAX_LABEL: Final = 42  # characters of a run's label in a figure
NARROW_SPACE: Final = "\u202f"
DOTTED: Final = {"color": QUIET, "width": 2, "dash": "dot"}  # a line to measure by: chance, zero, what was chosen
Part: TypeAlias = dict[str, Any]  # of a figure, in plotly's words
_MARGIN: Final = {"l": 62, "r": 20, "t": 12, "b": 46}  # pixels: ticks such as "100 %" and the title beside them


class Sketch:
    """A figure in the making, without frame, legend or zoom: its parts as plain dictionaries.

    A plotly figure checks the whole again with every part that is added; here it does so once, which takes a tenth of
    the time. Margins are fixed for the same reason: where plotly has to find them, the browser draws twice.
    """

    def __init__(self, height: int) -> None:
        self.height = height
        self.traces: list[Part] = []
        self.shapes: list[Part] = []
        self.notes: list[Part] = []

    def scatter(self, **trace: Any) -> None:
        """Lines or points."""
        self.traces.append({"type": "scatter", **trace})

    def bar(self, **trace: Any) -> None:
        """The bars of one name."""
        self.traces.append({"type": "bar", **trace})

    def shape(self, **shape: Any) -> None:
        """A line, unless `type` says otherwise."""
        self.shapes.append({"type": "line", **shape})

    def across(self, y: float, **shape: Any) -> None:
        """A dotted line over the whole width."""
        self.shape(**{"xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": DOTTED} | shape)

    def upright(self, x: float, **shape: Any) -> None:
        """A dotted line over the whole height."""
        self.shape(**{"yref": "paper", "y0": 0, "y1": 1, "x0": x, "x1": x, "line": DOTTED} | shape)

    def note(self, **annotation: Any) -> None:
        """Words, without an arrow unless `showarrow` says otherwise."""
        self.notes.append({"showarrow": False, **annotation})

    def figure(self, *, xaxis: Part, yaxis: Part, margin: Mapping[str, int] | None = None, **layout: Any) -> go.Figure:
        """All of it; `margin` is what differs from the room that ticks and titles take."""
        return go.Figure(
            data=self.traces,
            layout={
                "height": self.height,
                "margin": _MARGIN | dict(margin or {}),
                "paper_bgcolor": "rgba(0,0,0,0)",
                "plot_bgcolor": "rgba(0,0,0,0)",
                "showlegend": False,
                "dragmode": False,
                "hovermode": "closest",
                "xaxis": xaxis,
                "yaxis": yaxis,
                "shapes": self.shapes,
                "annotations": self.notes,
                **layout,
            },
        )


def axis(title: str, *, percent: bool = False, grid: bool = True, **more: Any) -> Part:
    """One axis with its unit; a percent axis expects data that was multiplied by 100. `more` is in plotly's words."""
    return {
        "title": {"text": title},
        "ticksuffix": f"{NARROW_SPACE}%" if percent else "",
        "showgrid": grid,
        "gridcolor": GRID,
        "zeroline": False,
        "fixedrange": True,
        "automargin": False,  # the theme's default is not
        **more,
    }


def rows_axis(first: float, last: float, names: Sequence[str] = ()) -> Part:
    """The vertical axis of rows from top to bottom, row 0 first; `names` stand beside them, else nothing does."""
    bare = {"range": [last, first], "showgrid": False, "zeroline": False, "fixedrange": True}
    if not names:
        return {**bare, "showticklabels": False}
    return {**bare, "tickvals": list(range(len(names))), "ticktext": list(names), "automargin": True}


def label(text: str, limit: int = MAX_LABEL) -> str:
    """Text from data as plotly text that shows exactly that text: no tags, one line, cut, and isolated if it is bidi.

    >>> label("<b>x</b>")
    '&lt;b&gt;x&lt;/b&gt;'
    """
    flat = short(text, limit)
    escaped = html.escape(flat, quote=False)
    return escaped if flat.isascii() else f"\u2068{escaped}\u2069"


def short(text: str, limit: int) -> str:
    """Text from data on one line, without signs that cannot be seen, and cut. It is not escaped.

    >>> short("<b>a\\nlong title</b>", 9)
    '<b>a lon…'
    """
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def number(value: float, *, percent: bool = False) -> str:
    """A value as a reader wants it: percent with one digit below 10, else two or three significant digits.

    >>> number(0.0441, percent=True), number(0.523, percent=True), number(float("nan"))
    ('4.4\\u202f%', '52\\u202f%', '–')
    """
    if math.isnan(value):
        return "–"
    if percent:
        scaled = 100 * value
        return f"{scaled:.{1 if abs(scaled) < 9.95 else 0}f}{NARROW_SPACE}%".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def need(frame: pd.DataFrame, names: Iterable[str], chart: str) -> None:
    """Raises DataError if the frame lacks a column that the chart reads."""
    if missing := [name for name in names if name not in frame.columns]:
        raise DataError(
            f"{chart}: no column {missing[0]!r}; received {', '.join(map(str, frame.columns)) or 'no columns'}. "
            "Pass the tidy frame that its docstring describes."
        )
