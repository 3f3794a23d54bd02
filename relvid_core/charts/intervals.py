"""Means with their intervals, one row a run."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import Sketch, axis, label, need, number, rows_axis
from relvid_core.charts.palette import COLOURS

_ROW_HEIGHT = 30  # pixels


def interval_bars(
    frame: pd.DataFrame,
    *,
    title: str,
    reference: float | None = None,
    reference_name: str = "",
    percent: bool = True,
    colours: Mapping[str, str] | None = None,
    height: int | None = None,
) -> go.Figure:
    """A dot with its whisker for each row of a (run, mean, low, high) frame, in its order from top to bottom.

    `colours` gives some runs a colour of their own, the rest are teal. `reference` draws a line (chance level, 0).
    A row without a mean says "–"; one without an interval is a dot alone.
    """
    need(frame, (c.RUN, c.MEAN, c.LOW, c.HIGH), "interval bars")
    colours = colours or {}
    scale = 100.0 if percent else 1.0
    sketch = Sketch(height or 64 + _ROW_HEIGHT * max(1, len(frame)))
    ticks = []
    for place, (run, mean, low, high) in enumerate(frame[[c.RUN, c.MEAN, c.LOW, c.HIGH]].itertuples(index=False)):
        name, colour = label(str(run)), colours.get(str(run), COLOURS[0])
        ticks.append(name)
        low, high = (mean if pd.isna(low) else low), (mean if pd.isna(high) else high)
        reach = f"{number(low, percent=percent)} to {number(high, percent=percent)}"
        interval = f" (interval {reach})" if low < high else ""
        sketch.scatter(
            x=[scale * mean],
            y=[place],
            mode="markers+text",
            text=[number(mean, percent=percent)],
            textposition="top center",
            textfont={"size": 12},
            marker={"color": colour, "size": 11},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [scale * (high - mean)],
                "arrayminus": [scale * (mean - low)],
                "color": colour,
                "thickness": 3,
                "width": 0,
            },
            cliponaxis=False,
            hovertemplate=f"{name}: {title} {number(mean, percent=percent)}{interval}<extra></extra>",
        )
    if reference is not None and not pd.isna(reference):
        sketch.upright(scale * reference)
        if reference_name:
            sketch.note(
                x=scale * reference,
                y=1,
                yref="paper",
                yanchor="bottom",
                text=f"{label(reference_name)} {number(reference, percent=percent)}",
                font={"size": 12},
            )
    return sketch.figure(
        xaxis=axis(title, percent=percent), yaxis=rows_axis(-0.8, len(ticks) - 0.4, ticks), margin={"t": 26, "l": 8}
    )
