"""The net popularity exponent of every run on one axis, so that all corrections can be held beside each other."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import Sketch, axis, label, need, number, rows_axis
from relvid_core.charts.palette import QUIET, RUN_A, RUN_B

LANDMARKS: Final = {0.0: "0: lift", 1.0: "1: as in the log"}
SPAN: Final = (-1.0, 1.2)
_EDGE: Final = 0.05  # beyond −1, so that its tick is drawn
_RIGHT_OF_ONE: Final = 24  # pixels that a narrow screen leaves there
_HELD_BACK: Final = "popular held back"
_ROW: Final = 46  # pixels; the name of a run stands above its dots, so that it takes no width from the axis


def exponent_axis(frame: pd.DataFrame, *, highlighted: str = "") -> go.Figure:
    """Predicted (hollow diamond) and fitted (dot with whisker) exponents of a tidy (run, kind, mean, low, high) frame.

    Runs keep their order from top to bottom; `highlighted` is drawn in the colour of run B. The axis reaches from −1 to
    1.2, and further where a reading does. Readings without a value are left out.
    """
    need(frame, (c.RUN, c.KIND, c.MEAN, c.LOW, c.HIGH), "exponent axis")
    runs = list(frame[c.RUN].unique())
    sketch = Sketch(78 + _ROW * max(1, len(runs)))
    known = frame[frame[c.MEAN].notna()]
    low = min([SPAN[0] - _EDGE, *known[[c.MEAN, c.LOW]].min(axis=1).tolist()])
    high = max([SPAN[1], *known[[c.MEAN, c.HIGH]].max(axis=1).tolist()])
    sketch.shape(
        type="rect", yref="paper", y0=0, y1=1, x0=low, x1=0, fillcolor=QUIET, opacity=0.12, line={"width": 0},
        layer="below",
    )  # fmt: skip
    for value, name in LANDMARKS.items():
        sketch.upright(value)
        _note(sketch, value, name, "right" if value == max(LANDMARKS) else "center")
    _note(sketch, (low - 0.12) / 2, _HELD_BACK, "center")
    for place, run in enumerate(runs):
        name, colour = label(str(run)), RUN_B if run == highlighted else RUN_A
        sketch.note(x=0, xref="paper", xanchor="left", y=place, yshift=17, text=name, font={"size": 13})
        sketch.across(place, line={"color": QUIET, "width": 0.5}, layer="below")
        of_run = known[known[c.RUN] == run]
        for kind, mean, least, most in of_run[[c.KIND, c.MEAN, c.LOW, c.HIGH]].itertuples(index=False):
            _reading(sketch, place, name, str(kind), (float(mean), float(least), float(most)), colour)
    return sketch.figure(
        xaxis=axis("net popularity exponent", grid=False, range=[low, high], tickvals=[-1, -0.5, 0, 0.5, 1]),
        yaxis=rows_axis(-0.75, len(runs) - 0.6),
        margin={"t": 24, "l": 8},
    )


def _reading(
    sketch: Sketch, place: int, name: str, kind: str, reading: tuple[float, float, float], colour: str
) -> None:
    mean, low, high = reading
    fitted = kind == c.FITTED
    interval = "" if math.isnan(low) or low == high else f" ({number(low)} to {number(high)})"
    sketch.scatter(
        x=[mean],
        y=[place],
        mode="markers",
        name=f"{name}, {kind}",
        marker={
            "color": colour,
            "size": 12 if fitted else 14,
            "symbol": "circle" if fitted else "diamond-open",
            "line": {"width": 0 if fitted else 2.5},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - mean if interval else 0.0],
            "arrayminus": [mean - low if interval else 0.0],
            "color": colour,
            "thickness": 3,
            "width": 0,
        },
        cliponaxis=False,
        hovertemplate=f"{name}<br>{kind} {number(mean)}{interval}<extra></extra>",
    )


def _note(sketch: Sketch, x: float, text: str, anchor: str) -> None:
    sketch.note(
        x=x,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor=anchor,
        text=text,
        font={"size": 12},
        xshift=_RIGHT_OF_ONE if anchor == "right" else 0,
    )
