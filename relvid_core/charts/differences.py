"""Differences with their intervals, one row a slice, around the line of no difference."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import axis, canvas, label, need
from relvid_core.charts.palette import GRID, QUIET, VERDICT_COLOURS

_ROW: Final = 46  # pixels: the name of a slice stands above its dot


def difference_intervals(frame: pd.DataFrame, *, title: str, percent: bool = True) -> go.Figure:
    """A dot with its whisker for each row of a (run, mean, low, high, n_seeds, verdict) frame, from top to bottom.

    `run` names the slice and `mean` is the difference there, in hundredths where `percent`. The colour says the
    verdict, and without evidence the dot is hollow and grey. All dots are the last trace, so that the number of a
    clicked point there is its row in `frame`.
    """
    need(frame, (c.RUN, c.MEAN, c.LOW, c.HIGH, c.N_SEEDS, c.VERDICT), "differences")
    scale = 100.0 if percent else 1.0
    figure = canvas(58 + _ROW * max(1, len(frame)))
    rows = list(frame[[c.RUN, c.MEAN, c.LOW, c.HIGH, c.N_SEEDS, c.VERDICT]].itertuples(index=False, name=None))
    colours = [VERDICT_COLOURS.get(str(row[5]), QUIET) for row in rows]
    for colour in dict.fromkeys(colours):
        x: list[float | None] = []
        y: list[float | None] = []
        for place, (row, own) in enumerate(zip(rows, colours, strict=True)):
            if own == colour and not (math.isnan(row[2]) or math.isnan(row[3])):
                x += [scale * row[2], scale * row[3], None]
                y += [place, place, None]
        figure.add_scatter(x=x, y=y, mode="lines", line={"color": colour, "width": 3}, hoverinfo="skip")
    line = {"type": "line", "layer": "below", "y0": 0, "y1": 1, "yref": "paper", "x0": 0, "x1": 0}
    lines = [{**line, "line": {"color": QUIET, "width": 1.5, "dash": "dot"}}]
    names = []
    for place, (name, _, _, _, n, verdict) in enumerate(rows):
        if place:
            between = {"x0": 0, "x1": 1, "xref": "paper", "y0": place - 0.62, "y1": place - 0.62, "yref": "y"}
            lines.append({**line, **between, "line": {"color": GRID, "width": 1}})
        seeds = "1 seed video" if n == 1 else f"{n:,} seed videos"
        said = f" · {verdict}" if str(verdict) in VERDICT_COLOURS else ""
        names.append(
            {"x": 0, "xref": "paper", "xanchor": "left", "y": place, "yshift": 16, "showarrow": False,
             "font": {"size": 12.5}, "text": f"{label(str(name), 44)} · {seeds}{said}"}
        )  # fmt: skip
    figure.update_layout(shapes=lines, annotations=names)  # at once: one at a time takes ten times as long
    hollow = [str(row[5]) not in VERDICT_COLOURS for row in rows]
    figure.add_scatter(
        x=[scale * row[1] for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={
            "color": colours,
            "size": 12,
            "opacity": 1,
            "symbol": ["circle-open" if one else "circle" for one in hollow],
            "line": {"width": 2, "color": colours},
        },
        customdata=[[label(str(row[0])), _text(scale * row[1]), _reach(row, scale), row[5], row[4]] for row in rows],
        hovertemplate="%{customdata[0]}: %{customdata[1]}%{customdata[2]}, %{customdata[3]}<br>"
        "%{customdata[4]} seed videos<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        cliponaxis=False,
    )
    ends = [scale * value for row in rows for value in row[1:4] if not math.isnan(value)] + [0.0]
    room = 0.06 * (max(ends) - min(ends) or 1.0)
    figure.update_xaxes(**axis(title), range=[min(ends) - room, max(ends) + room])
    figure.update_yaxes(
        range=[len(rows) - 0.5, -0.75], showticklabels=False, showgrid=False, zeroline=False, fixedrange=True
    )
    return figure.update_layout(margin={"t": 6, "l": 4, "r": 10})


def _reach(row: tuple[object, ...], scale: float) -> str:
    low, high = float(row[2]), float(row[3])  # type: ignore[arg-type]  # numbers of the frame
    return "" if math.isnan(low) or math.isnan(high) else f" ({_text(scale * low)} to {_text(scale * high)})"


def _text(value: float) -> str:
    return f"{value:+.3g}".replace("-", "−")
