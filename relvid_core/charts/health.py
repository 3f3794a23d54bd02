"""The health of a dataset: how watching is spread over videos, whether topics tell what is watched, what is missing."""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import DOTTED, NARROW_SPACE, Sketch, axis, label, need, number, rows_axis
from relvid_core.charts.palette import COLOURS, QUIET, faint

_BAR: Final = 0.52  # of the height of a row
_ROW: Final = 44  # pixels of one bar
_COLOUR: Final = COLOURS[4]  # not those of run A and run B: these are no runs


def popularity_curve(frame: pd.DataFrame, *, head: float | None = None, height: int = 250) -> go.Figure:
    """Share of all engagements that the most watched videos take, from a tidy (videos, engagements) frame.

    Both columns are cumulative shares in [0, 1], most watched first, and begin at 0. The dotted diagonal is a catalogue
    whose videos are all watched alike. `head` marks the share that the most watched `head` of the videos takes.
    """
    need(frame, (c.VIDEO_SHARE, c.ENGAGEMENT_SHARE), "popularity curve")
    sketch = Sketch(height)
    x, y = 100 * frame[c.VIDEO_SHARE], 100 * frame[c.ENGAGEMENT_SHARE]
    sketch.scatter(
        x=[0, 100], y=[0, 100], mode="lines", name="all alike", hoverinfo="skip",
        line=DOTTED,
    )  # fmt: skip
    sketch.scatter(
        x=x, y=y, mode="lines", name="this log", fill="tozeroy", fillcolor=faint(_COLOUR, 0.16),
        line={"color": _COLOUR, "width": 2.5},
        hovertemplate="the most watched %{x:.1f} % of the videos<br>take %{y:.1f} % of all engagements<extra></extra>",
    )  # fmt: skip
    if head is not None and len(frame):
        taken = _at(frame, head)
        sketch.scatter(
            x=[100 * head], y=[100 * taken], mode="markers", name="head", hoverinfo="skip",
            marker={"color": _COLOUR, "size": 10},
        )  # fmt: skip
        sketch.note(  # below the diagonal, where no curve ever is
            x=99, y=3, xanchor="right", yanchor="bottom", font={"size": 12.5},
            text=f"<span style='color:{_COLOUR}'>●</span> the top {100 * head:g}{NARROW_SPACE}% take "
            f"{number(taken, percent=True)}",
        )  # fmt: skip
    return sketch.figure(
        xaxis=axis("videos, most watched first", percent=True, grid=False, range=[-1, 104], dtick=25),
        yaxis=axis("of all engagements", percent=True, range=[0, 103], dtick=25),
    )


def _at(frame: pd.DataFrame, share: float) -> float:
    """The curve's height at a share of the videos, on the straight line between its points."""
    below = frame[frame[c.VIDEO_SHARE] <= share].iloc[-1]
    above = frame[frame[c.VIDEO_SHARE] >= share].iloc[0]
    wide = float(above[c.VIDEO_SHARE] - below[c.VIDEO_SHARE])
    part = (share - float(below[c.VIDEO_SHARE])) / wide if wide > 0 else 0.0
    return float(below[c.ENGAGEMENT_SHARE] + part * (above[c.ENGAGEMENT_SHARE] - below[c.ENGAGEMENT_SHARE]))


def share_bars(
    frame: pd.DataFrame, *, title: str, quiet: str = "", full: bool = True, height: int | None = None
) -> go.Figure:
    """One bar a row of a tidy (kind, share) frame, top to bottom in its order; the one called `quiet` is grey.

    With `full` the axis runs to 100 %, else a little beyond the longest bar. A share of NaN says "–".
    """
    need(frame, (c.KIND, c.SHARE), "share bars")
    sketch = Sketch(height or 52 + _ROW * max(1, len(frame)))
    names = [label(str(kind)) for kind in frame[c.KIND]]
    shares = frame[c.SHARE].astype("float64")
    sketch.bar(
        x=100 * shares.fillna(0), y=list(range(len(names))), orientation="h", width=_BAR, name=title,
        marker={"color": [QUIET if str(kind) == quiet else _COLOUR for kind in frame[c.KIND]], "line": {"width": 0}},
        text=[number(float(share), percent=True) for share in shares], textposition="outside", cliponaxis=False,
        customdata=names, hovertemplate=f"%{{customdata}}: %{{text}}<br>{label(title)}<extra></extra>",
    )  # fmt: skip
    longest = 100.0 if full else max(float(100 * shares.max()) if len(shares) else 0.0, 1.0)
    return sketch.figure(
        xaxis=axis(title, percent=True, range=[0, longest * (1.13 if full else 1.25)], dtick=25 if full else None),
        yaxis=rows_axis(-0.6, len(names) - 0.4, names),
        margin={"l": 8},
    )
