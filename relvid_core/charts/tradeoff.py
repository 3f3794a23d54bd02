"""Engagement against relevance: one point a run, so that a dominated run is seen at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from relvid_core import columns as c
from relvid_core.charts.label_places import Plot, place_labels
from relvid_core.charts.layout import DOTTED, Sketch, axis, label, need, number
from relvid_core.charts.palette import POPULARITY_SCALE, QUIET, faint
from relvid_core.errors import DataError

Corners = npt.NDArray[np.float64]
_SCALE: Final = [list(stop) for stop in POPULARITY_SCALE]
_WIDE, _NARROW = 760.0, 230.0  # pixels between the axis and the scale of colours, on a desk and on a phone
_BESIDE: Final = 75.0  # pixels of the height that the axis below takes
_FAINT: Final = 0.13  # opacity of an ellipse: three that overlap are still lighter than a point


def tradeoff(
    frame: pd.DataFrame,
    *,
    x: str = "recall",
    y: str = "topic_match",
    colour: str = "popular_share",
    x_title: str = "recall (found of what viewers really watched next)",
    y_title: str = "topic match (of the list, on the seed's topic)",
    colour_title: str = "popular<br>share",
    baselines: Collection[str] = (),
    chance: float | None = None,
    outlines: Mapping[str, Corners] | None = None,
    alike: Sequence[Sequence[str]] = (),
    numbered: bool = False,
    colours: Mapping[str, str] | None = None,
    height: int = 440,
) -> go.Figure:
    """Metric `x` against metric `y` from a tidy (run, metric, mean, low, high) frame.

    The colour says metric `colour` (teal: few popular videos, orange: many), or is that of `colours` (run → #rrggbb),
    grey where a run is not in it. Runs named in `baselines` are hollow. Around each point stand the whiskers of both
    intervals, or, with `outlines` (run → corners `[n, 2]` in units of x and y), the region that holds both means at
    once. Runs in one group of `alike` are one model trained again: their points are joined to the middle of the group.
    `chance` draws the chance level of y. Runs that lack x or y are left out; labels stand where they cover least. With
    `numbered`, a run whose name finds no room shows its place in `frame` instead, from 1, and a last trace holds these
    numbers for all runs, for screens too narrow for names. The last of a point's custom data is the run's place in
    `frame`, from 0.
    """
    need(frame, (c.RUN, c.METRIC, c.MEAN, c.LOW, c.HIGH), "trade-off")
    if frame.duplicated([c.RUN, c.METRIC]).any():
        raise DataError("trade-off: two rows for one run and metric; give runs of the same label distinct names")
    wide = {name: frame.pivot(index=c.RUN, columns=c.METRIC, values=name) for name in (c.MEAN, c.LOW, c.HIGH)}
    mean, given = wide[c.MEAN], [str(run) for run in frame[c.RUN].unique()]
    sketch, axes = Sketch(height), {"xaxis": axis(x_title, percent=True), "yaxis": axis(y_title, percent=True)}
    runs = [run for run in given if mean.loc[run, [x, y]].notna().all()] if {x, y} <= set(mean.columns) else []
    if not runs:
        return sketch.figure(**axes)
    fill = mean.reindex(columns=[colour]).loc[runs, colour]
    most = max(1.0, 100 * float(fill.max())) if fill.notna().any() else 100.0
    names = [label(run, 30) for run in runs]
    numbers = [str(given.index(run) + 1) for run in runs]
    across, up = _percents(mean, runs, x), _percents(mean, runs, y)
    points = dict(zip(runs, zip(across, up, strict=True), strict=True))
    drawn = {run: 100 * outlines[run] for run in runs if outlines is not None and len(outlines.get(run, ()))}
    for run, corners in drawn.items():
        shade = _colour(fill[run], most) if colours is None else colours.get(run, QUIET)
        _draw_outline(sketch, corners, shade, filled=run not in baselines)
    again = _draw_alike(sketch, points, alike)
    ends = zip(*(_percents(wide[end], runs, metric) for end in (c.LOW, c.HIGH) for metric in (x, y)), strict=True)
    reach = dict(zip(runs, map(list, ends), strict=True))
    reach |= {run: [*corners.min(axis=0), *corners.max(axis=0)] for run, corners in drawn.items()}
    level = [] if chance is None or pd.isna(chance) else [100 * chance]
    plot = Plot(
        _WIDE,
        height - _BESIDE,
        _range([*across, *(end for ends in reach.values() for end in ends[::2])]),
        _range([*up, *level, *(end for ends in reach.values() for end in ends[1::2])]),
    )
    axes["xaxis"]["range"], axes["yaxis"]["range"] = plot.x, plot.y
    choices = list(zip(names, numbers, strict=True)) if numbered else [(name,) for name in names]
    labels = place_labels(plot, list(points.values()), choices, list(reach.values()))
    sketch.scatter(
        x=across,
        y=up,
        mode="markers+text",
        text=[one.text for one in labels],
        textposition=[one.position for one in labels],
        textfont={"size": [12 if run in baselines else 14 for run in runs]},
        customdata=[
            [
                name,
                *(number(value / 100, percent=True) for value in points[run]),
                number(share, percent=True),
                again.get(run, ""),
                given.index(run),
            ]
            for run, name, share in zip(runs, names, fill.tolist(), strict=True)
        ],
        marker={
            "size": [12 if run in baselines else 16 for run in runs],
            "symbol": ["diamond-open" if run in baselines else "circle" for run in runs],
            "opacity": 1,  # else 0.7 where sizes differ
            "line": {"width": [2 if run in baselines else 0 for run in runs]},
            **(
                _shading(fill, most, colour_title)
                if colours is None
                else {"color": [colours.get(run, QUIET) for run in runs]}
            ),
        },
        error_x=_whisker(wide, runs, x) if not drawn else None,
        error_y=_whisker(wide, runs, y) if not drawn else None,
        unselected={"marker": {"opacity": 1}},  # a click leads away; nothing has to fade before
        cliponaxis=False,
        hovertemplate=(
            "<b>%{customdata[0]}</b><br>finds %{customdata[1]} of what was watched next<br>"
            "%{customdata[2]} of its lists are on topic<br>%{customdata[3]} are popular videos%{customdata[4]}"
            "<extra></extra>"
        ),
    )
    if numbered:
        narrow = plot._replace(width=_NARROW)
        small = place_labels(narrow, list(points.values()), [(one,) for one in numbers], list(reach.values()))
        sketch.scatter(
            x=across,
            y=up,
            mode="markers+text",
            marker={"size": 14, "opacity": 0},  # keeps the numbers off the points
            text=numbers,
            textposition=[one.position for one in small],
            textfont={"size": 12},
            hoverinfo="skip",
            cliponaxis=False,
        )
    for height_of_chance in level:
        sketch.across(height_of_chance, line=DOTTED | {"width": 1.5})
        sketch.note(
            x=1,
            xref="paper",
            xanchor="right",
            y=height_of_chance,
            yanchor="bottom",
            text=f"chance {number(height_of_chance / 100, percent=True)}",
            font={"size": 12},
        )
    return sketch.figure(**axes)


def _shading(fill: pd.Series, most: float, title: str) -> dict[str, object]:
    """Points in the colours of the scale, and the scale beside them."""
    return {
        "color": [None if pd.isna(share) else 100 * share for share in fill],
        "colorscale": _SCALE,
        "cmin": 0,
        "cmax": most,
        "colorbar": {
            "title": {"text": title},
            "ticksuffix": "\u202f%",
            "thickness": 10,
            "outlinewidth": 0,
            "len": 0.7,
        },
    }


def _range(values: Sequence[float]) -> tuple[float, float]:
    """What an axis reaches over: all that is drawn (NaN is not), with room for labels."""
    drawn = [value for value in values if not pd.isna(value)]
    room = 0.07 * (max(drawn) - min(drawn)) or 1.0
    return min(drawn) - room, max(drawn) + room


def _draw_outline(sketch: Sketch, corners: Corners, colour: str, *, filled: bool) -> None:
    closed = np.concatenate([corners, corners[:1]])
    sketch.scatter(
        x=closed[:, 0].tolist(),
        y=closed[:, 1].tolist(),
        mode="lines",
        line={"color": colour, "width": 1, "dash": "solid" if filled else "dot"},
        fill="toself" if filled else "none",
        fillcolor=faint(colour, _FAINT),
        hoverinfo="skip",
        cliponaxis=False,
    )


def _draw_alike(
    sketch: Sketch, points: Mapping[str, tuple[float, float]], alike: Sequence[Sequence[str]]
) -> dict[str, str]:
    """Join the points of every group to its middle; what the hover text of each then says, by run."""
    said: dict[str, str] = {}
    for group in alike:
        there = [run for run in group if run in points]
        if len(there) < 2:
            continue
        middle_x, middle_y = np.mean([points[run] for run in there], axis=0).tolist()
        sketch.scatter(
            x=[value for run in there for value in (points[run][0], middle_x, None)],
            y=[value for run in there for value in (points[run][1], middle_y, None)],
            mode="lines",
            line={"color": QUIET, "width": 1.5, "dash": "dot"},
            hoverinfo="skip",
        )
        said |= dict.fromkeys(there, f"<br>one of {len(there)} trainings that differ only in their random seed")
    return said


def _colour(share: float, most: float) -> str:
    """The colour of a point by its share (0 to 1) on a scale that ends at `most` percent, as rgb()."""
    if pd.isna(share):
        share = most / 200  # the middle of the scale is grey
    return str(sample_colorscale(_SCALE, [min(1.0, 100 * float(share) / most)])[0])


def _percents(wide: pd.DataFrame, runs: list[str], metric: str) -> list[float]:
    return [100 * float(value) for value in wide.loc[runs, metric].to_numpy(dtype=float)]


def _whisker(wide: dict[str, pd.DataFrame], runs: list[str], metric: str) -> dict[str, object]:
    mean, low, high = (wide[name].loc[runs, metric] for name in (c.MEAN, c.LOW, c.HIGH))
    return {
        "type": "data",
        "symmetric": False,
        "array": (100 * (high - mean)).fillna(0.0).tolist(),
        "arrayminus": (100 * (mean - low)).fillna(0.0).tolist(),
        "color": "rgba(128, 138, 148, 0.6)",
        "thickness": 1.5,
        "width": 0,
    }
