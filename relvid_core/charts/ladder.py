"""The ablation ladder as small multiples: one panel a measure, its rungs below each other in one order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import DOTTED, Sketch, axis, label, need, number, rows_axis
from relvid_core.charts.palette import GRID, QUIET, VERDICT_COLOURS

_SIGNS: Final = {"better": "▲ ", "worse": "▼ "}
_NO_EVIDENCE: Final = "no evidence"
_ROW: Final = 74  # pixels; the name of a rung stands above its dot, and the verdict below it
_NOTE: Final = 12  # size of words in a panel


def rung_panels(
    frame: pd.DataFrame, *, references: Mapping[str, Mapping[str, float]] | None = None
) -> dict[str, go.Figure]:
    """Metric → panel of a tidy (run, metric, mean, low, high, verdict) frame, its rungs from the bottom up.

    Means are shares. A dot with its whisker takes the colour of the verdict against the rung below, and
    the verdict is named; without evidence the dot is hollow. `references` draws lines by metric and name (chance).
    """
    need(frame, (c.RUN, c.METRIC, c.MEAN, c.LOW, c.HIGH, c.VERDICT), "ladder")
    lines = references or {}
    return {
        str(metric): _panel(of_metric, lines.get(str(metric), {}))
        for metric, of_metric in frame.groupby(c.METRIC, sort=False)
    }


def _panel(frame: pd.DataFrame, references: Mapping[str, float]) -> go.Figure:
    sketch = Sketch(54 + 16 * len(references) + _ROW * len(frame))
    sketch.scatter(
        x=100 * frame[c.MEAN], y=list(range(len(frame))), mode="lines", hoverinfo="skip", name="steps",
        line=DOTTED | {"width": 1},
    )  # fmt: skip
    for edge in range(1, len(frame)):
        sketch.across(edge - 0.5, line={"color": GRID, "width": 1}, layer="below")
    rows = frame[[c.RUN, c.MEAN, c.LOW, c.HIGH, c.VERDICT]].itertuples(index=False)
    for place, (run, mean, low, high, verdict) in enumerate(rows):
        _rung(sketch, place, label(str(run)), (float(mean), float(low), float(high)), str(verdict))
    known = {name: value for name, value in references.items() if not math.isnan(value)}
    values = [*frame[c.MEAN], *frame[c.LOW].dropna(), *frame[c.HIGH].dropna(), *known.values()]
    finite = [100 * float(value) for value in values if not math.isnan(value)]
    least, most = (min(finite), max(finite)) if finite else (0.0, 1.0)
    room = 0.14 * max(most - least, 0.2)
    low, high = max(least - room, -room if least < room else 0.0), most + room
    for place, (name, value) in enumerate(known.items()):
        sketch.upright(100 * value, line=DOTTED | {"width": 1.5}, layer="below")
        along = (100 * value - low) / (high - low)  # a name near an edge would be cut off there
        sketch.note(
            x=100 * value, y=1, yref="paper", yanchor="bottom", yshift=16 * place, font={"size": _NOTE},
            xanchor="left" if along < 0.35 else "right" if along > 0.65 else "center",
            text=f"{label(name)} {number(value, percent=True)}",
        )  # fmt: skip
    return sketch.figure(
        xaxis=axis("", percent=True, range=[low, high], nticks=4),
        yaxis=rows_axis(len(frame) - 0.45, -0.5),  # from the bottom up
        margin={"t": 8 + 16 * max(1, len(known)), "l": 4, "r": 10, "b": 26},
    )


def _rung(sketch: Sketch, place: int, name: str, reading: tuple[float, float, float], verdict: str) -> None:
    """One dot with its whisker, and the words above and below it."""
    mean, low, high = reading
    interval = not (math.isnan(low) or math.isnan(high))
    quiet = verdict not in VERDICT_COLOURS
    colour = VERDICT_COLOURS.get(verdict, QUIET)
    reach = f" ({number(low, percent=True)} to {number(high, percent=True)})" if interval else ""
    against = f"<br>against the rung below: {verdict}" if verdict else ""
    sketch.scatter(
        x=[100 * mean],
        y=[place],
        mode="markers",
        name=name,
        marker={
            "color": colour,
            "size": 11,
            "symbol": "circle-open" if verdict == _NO_EVIDENCE else "circle",
            "line": {"width": 2 if verdict == _NO_EVIDENCE else 0, "color": colour},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (high - mean) if interval else 0.0],
            "arrayminus": [100 * (mean - low) if interval else 0.0],
            "color": colour,
            "thickness": 2.5,
            "width": 0,
        },
        cliponaxis=False,
        hovertemplate=f"{name}<br>{number(mean, percent=True)}{reach}{against}<extra></extra>",
    )
    said = f"{number(mean, percent=True)} {_SIGNS.get(verdict, '')}{verdict}".strip()
    for text, shift, size in ((name, 20, 13), (said if quiet else f"<b>{said}</b>", -19, _NOTE)):
        sketch.note(x=0, xref="paper", xanchor="left", y=place, yshift=shift, font={"size": size}, text=text)
