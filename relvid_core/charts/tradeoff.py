"""Engagement against relevance: one point a run, so that a dominated run is seen at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import isnan
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import axis, canvas, label, need, number
from relvid_core.charts.palette import POPULARITY_SCALE, QUIET
from relvid_core.errors import DataError

Place = tuple[float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top in pixels

_POSITIONS: Final = {  # where a label may stand: (horizontal, vertical) of its nearest edge, seen from the point
    "top center": (0, 1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
    "top right": (1, 1),
    "bottom right": (1, -1),
    "top left": (-1, 1),
    "bottom left": (-1, -1),
}
_SIGN_WIDTH, _LINE_HEIGHT, _RADIUS = 6.4, 16.0, 9.0  # pixels, of 12 px text and of a point
_WIDTH: Final = 760.0  # pixels; what the figure is taken to be when labels are placed


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
    height: int = 440,
) -> go.Figure:
    """Metric `x` against metric `y` from a tidy (run, metric, mean, low, high) frame, with whiskers of the intervals.

    The colour says metric `colour` (teal: few popular videos, orange: many). Runs named in `baselines` are hollow.
    `chance` draws the chance level of y. Runs that lack x or y are left out; labels stand where they cover least.
    """
    need(frame, (c.RUN, c.METRIC, c.MEAN, c.LOW, c.HIGH), "trade-off")
    if frame.duplicated([c.RUN, c.METRIC]).any():
        raise DataError("trade-off: two rows for one run and metric; give runs of the same label distinct names")
    wide = {name: frame.pivot(index=c.RUN, columns=c.METRIC, values=name) for name in (c.MEAN, c.LOW, c.HIGH)}
    figure = canvas(height)
    mean = wide[c.MEAN]
    if {x, y} <= set(mean.columns):
        runs = [run for run in frame[c.RUN].unique() if mean.loc[run, [x, y]].notna().all()]
        fill = mean.reindex(columns=[colour]).loc[runs, colour]
        names = [label(str(run), 30) for run in runs]
        points = list(zip(_percents(mean, runs, x), _percents(mean, runs, y), strict=True))
        ends = [_percents(wide[end], runs, metric) for end in (c.LOW, c.HIGH) for metric in (x, y)]
        reach = [list(of_run) for of_run in zip(*ends, strict=True)]
        figure.add_scatter(
            x=[point[0] for point in points],
            y=[point[1] for point in points],
            mode="markers+text",
            text=names,
            textposition=_label_positions(points, names, reach, height),
            textfont={"size": [12 if run in baselines else 14 for run in runs]},
            customdata=[
                [name, number(px / 100, percent=True), number(py / 100, percent=True), number(share, percent=True)]
                for name, (px, py), share in zip(names, points, fill.tolist(), strict=True)
            ],
            marker={
                "size": [12 if run in baselines else 16 for run in runs],
                "symbol": ["diamond-open" if run in baselines else "circle" for run in runs],
                "opacity": 1,  # else 0.7 where sizes differ
                "line": {"width": [2 if run in baselines else 0 for run in runs]},
                "color": [None if pd.isna(share) else 100 * share for share in fill],
                "colorscale": [list(stop) for stop in POPULARITY_SCALE],
                "cmin": 0,
                "cmax": max(1.0, 100 * float(fill.max())) if fill.notna().any() else 100,
                "colorbar": {
                    "title": {"text": colour_title},
                    "ticksuffix": "\u202f%",
                    "thickness": 10,
                    "outlinewidth": 0,
                    "len": 0.7,
                },
            },
            error_x=_whisker(wide, runs, x),
            error_y=_whisker(wide, runs, y),
            cliponaxis=False,
            hovertemplate=(
                "<b>%{customdata[0]}</b><br>finds %{customdata[1]} of what was watched next<br>"
                "%{customdata[2]} of its lists are on topic<br>%{customdata[3]} are popular videos<extra></extra>"
            ),
        )
    if chance is not None and not pd.isna(chance):
        figure.add_hline(y=100 * chance, line={"color": QUIET, "width": 1.5, "dash": "dot"})
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="right",
            y=100 * chance,
            yanchor="bottom",
            text=f"chance {number(chance, percent=True)}",
            showarrow=False,
            font={"size": 12},
        )
    figure.update_xaxes(**axis(x_title, percent=True))
    figure.update_yaxes(**axis(y_title, percent=True))
    return figure


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


def _label_positions(points: list[Place], names: list[str], reach: list[list[float]], height: int) -> list[str]:
    """A text position for every point: greedily the one whose box covers least of what was drawn before it.

    `reach` holds the ends of each point's whiskers: low x, low y, high x, high y; NaN where there is no interval.
    """
    taken: list[Box] = []
    pixels = []
    for (px, py), ends in zip(points, reach, strict=True):
        whole = [own if isnan(end) else end for own, end in zip((px, py, px, py), ends, strict=True)]
        (x, left, right), (y, bottom, top) = (
            _pixels((own, low, high), [point[axis] for point in points], size)
            for axis, own, low, high, size in (
                (0, px, whole[0], whole[2], _WIDTH),
                (1, py, whole[1], whole[3], float(height)),
            )
        )
        pixels.append((x, y))
        taken += [
            (x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS),
            (left, y - 2, right, y + 2),
            (x - 2, bottom, x + 2, top),
        ]
    chosen = []
    for (px, py), name in zip(pixels, names, strict=True):
        boxes = {position: _label_box(px, py, name, side) for position, side in _POSITIONS.items()}
        cost = {position: _cost(box, taken, height) for position, box in boxes.items()}
        best = min(cost, key=cost.__getitem__)
        taken.append(boxes[best])
        chosen.append(best)
    return chosen


def _pixels(values: Sequence[float], drawn: list[float], size: float) -> list[float]:
    """Where plotly will draw values on an axis of that many pixels: the points' range with a margin on both ends."""
    low, span = min(drawn), max(drawn) - min(drawn) or 1.0
    return [size * (0.06 + 0.88 * (value - low) / span) for value in values]


def _label_box(px: float, py: float, name: str, side: tuple[int, int]) -> Box:
    width = _SIGN_WIDTH * len(name)
    left = px + {1: _RADIUS, 0: -width / 2, -1: -_RADIUS - width}[side[0]]
    bottom = py + {1: _RADIUS, 0: -_LINE_HEIGHT / 2, -1: -_RADIUS - _LINE_HEIGHT}[side[1]]
    return left, bottom, left + width, bottom + _LINE_HEIGHT


def _cost(box: Box, taken: list[Box], height: int) -> float:
    """Pixels² covered of what is taken, and of what lies outside the figure."""

    def shared(other: Box) -> float:
        return max(0.0, min(box[2], other[2]) - max(box[0], other[0])) * max(
            0.0, min(box[3], other[3]) - max(box[1], other[1])
        )

    inside = shared((0.0, 0.0, _WIDTH, float(height)))
    return sum(map(shared, taken)) + (box[2] - box[0]) * (box[3] - box[1]) - inside
