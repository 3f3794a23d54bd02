"""What all figures share: the empty canvas, axes with units, labels from data, and how numbers are written."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core.charts.palette import GRID
from relvid_core.errors import DataError

CONFIG: Final[dict[str, Any]] = {"displayModeBar": False, "scrollZoom": False}  # for whoever shows a figure
MAX_LABEL: Final = 42  # characters of a run's label in a figure
NARROW_SPACE: Final = "\u202f"


def canvas(height: int) -> go.Figure:
    """A figure without frame, legend or zoom."""
    return go.Figure(
        layout={
            "height": height,
            "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
        }
    )


def axis(title: str, *, percent: bool = False, grid: bool = True) -> dict[str, Any]:
    """One axis with its unit; a percent axis expects data that was multiplied by 100."""
    return {
        "title": {"text": title},
        "ticksuffix": f"{NARROW_SPACE}%" if percent else "",
        "showgrid": grid,
        "gridcolor": GRID,
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
    }


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
