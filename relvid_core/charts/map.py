"""The catalogue as points: coloured by topic or popularity, with a seed video and its neighbours drawn on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import canvas, label, need
from relvid_core.charts.palette import POPULARITY_SCALE, QUIET, RUN_A, RUN_B
from relvid_core.errors import DataError

Places = npt.NDArray[np.intp]

X: Final = "x"
Y: Final = "y"
GROUP: Final = "group"  # place of the topic in `names`, −1 for the rest
PERCENTILE: Final = "percentile"

# Eight more colours than the palette has, for points beside run A (teal), run B (orange) and grey: each at least 3:1 on
# both backgrounds, and any two of the eleven at least 0.11 apart in OKLab (0.04 as simulated for colour blindness:
# names stand in the legend and at the pointer).
TOPIC_COLOURS: Final = ("#3278D9", "#0E9F54", "#C963B4", "#7150B7", "#B53F0C", "#8F88E1", "#39712E", "#8A556E")
CONFIG: Final[dict[str, Any]] = {
    "displayModeBar": True,
    "displaylogo": False,
    "scrollZoom": False,
    "modeBarButtons": [["select2d", "lasso2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
}
MOST_DRAWN: Final = 8000  # points; twice as many double the time that a click takes to be drawn
_REST: Final = -1
_HOVER: Final = 44  # characters of a title at the pointer
_RUNS: Final = {  # letter → colour, symbol, size; a video in both lists wears both, one inside the other
    "A": (RUN_A, "circle-open", 13),
    "B": (RUN_B, "diamond-open", 20),
}


@dataclass(frozen=True)
class Marks:
    """The neighbours of the seed under one run."""

    run: str  # "A" or "B"
    places: Places  # rows of the frame


def catalogue_map(
    frame: pd.DataFrame,
    *,
    names: Sequence[str] = (),
    by_popularity: bool = False,
    seed: int | None = None,
    marks: Sequence[Marks] = (),
    height: int = 600,
) -> go.Figure:
    """One point a row of (x, y, title, group, percentile), the seed as a star and lines to its neighbours.

    Coloured by group (`names` are the topics' names; one trace each, as `trace_places` says) or by popularity
    percentile in [0, 1]. Drawn with WebGL, lines and marks too: they must lie above the points.
    """
    need(frame, (X, Y, c.TITLE, PERCENTILE if by_popularity else GROUP), "map")
    for mark in marks:
        if mark.run not in _RUNS:
            raise DataError(f"map: received marks for run {mark.run!r}; they are for A or B")
    figure = canvas(height)
    x, y = (frame[name].to_numpy(dtype=np.float32) for name in (X, Y))
    text = [_hover(title) for title in frame[c.TITLE]]
    size = point_size(len(frame))
    if by_popularity:
        share = 100 * frame[PERCENTILE].to_numpy(dtype=np.float32)
        figure.add_scattergl(
            x=x,
            y=y,
            text=text,
            mode="markers",
            showlegend=False,
            marker={"size": size, "color": share, "cmin": 0, "cmax": 100, "opacity": 0.75, **_scale()},
            hovertemplate="%{text}<br>more watched than %{marker.color:.0f} %<extra></extra>",
        )
    else:
        for group, places in _groups(frame):
            rest = group == _REST
            figure.add_scattergl(
                x=x[places],
                y=y[places],
                text=[text[place] for place in places.tolist()],
                mode="markers",
                name="other or none" if rest else label(names[group], 24),
                marker={
                    "size": size,
                    "color": QUIET if rest else TOPIC_COLOURS[group % len(TOPIC_COLOURS)],
                    "opacity": 0.45 if rest else 0.75,
                },
                hovertemplate="%{text}<br>%{fullData.name}<extra></extra>",
            )
    for mark in marks:
        _add_marks(figure, mark, x, y, seed)
    if seed is not None:
        _add_seed(figure, x[seed], y[seed])
    bare = {"visible": False, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**bare)
    figure.update_yaxes(**bare, scaleanchor="x")  # one unit is as long up as across: distances may be compared
    return figure.update_layout(
        dragmode="pan",  # Streamlit hears of a click on a point only while neither box nor lasso is in use
        showlegend=True,
        legend={"orientation": "h", "yanchor": "top", "y": -0.01, "x": 0, "itemsizing": "constant"},
        margin={"t": 36},  # room for the buttons
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": "#808A94", "activecolor": RUN_A},
        newselection={"line": {"color": "#808A94", "dash": "dot"}},
    )


def trace_places(frame: pd.DataFrame, *, by_popularity: bool = False) -> list[Places]:
    """The rows of the frame behind each trace of points, in the order of the traces: point i of trace t is row
    `[t][i]`. Traces beyond these are marks, which lie upon points."""
    if by_popularity:
        return [np.arange(len(frame))]
    return [places for _, places in _groups(frame)]


def drawn_rows(n: int, kept: Places) -> Places:
    """Which of n videos become points, ascending: all, or a random sample, always the same, and `kept` with it."""
    if n <= MOST_DRAWN:
        return np.arange(n)
    sample = np.random.default_rng(0).choice(n, MOST_DRAWN, replace=False)
    return np.union1d(sample, kept)


def point_size(n: int) -> float:
    """Pixels of a point: less where there are more.

    >>> point_size(200), point_size(2400), point_size(20_000)
    (9.0, 6.0, 4.0)
    """
    return 9.0 if n < 500 else 6.0 if n < 8000 else 4.0


def _groups(frame: pd.DataFrame) -> list[tuple[int, Places]]:
    """Groups with at least one video; the rest first, so that it lies below."""
    codes = frame[GROUP].to_numpy()
    return [(int(code), np.flatnonzero(codes == code)) for code in np.unique(codes)]


def _scale() -> dict[str, Any]:
    return {
        "colorscale": [list(stop) for stop in POPULARITY_SCALE],
        "colorbar": {
            "title": {"text": "popularity<br>percentile"},
            "ticksuffix": "\u202f%",
            "thickness": 10,
            "outlinewidth": 0,
            "len": 0.7,
        },
    }


def _add_marks(
    figure: go.Figure, mark: Marks, x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], seed: int | None
) -> None:
    colour, symbol, size = _RUNS[mark.run]
    name = f"neighbours under {mark.run}"
    if seed is not None:
        figure.add_scattergl(
            x=_spokes(x, seed, mark.places),
            y=_spokes(y, seed, mark.places),
            mode="lines",
            line={"color": colour, "width": 1},
            opacity=0.55,
            hoverinfo="skip",
            showlegend=False,
            legendgroup=mark.run,
        )
    figure.add_scattergl(
        x=x[mark.places],
        y=y[mark.places],
        mode="markers",
        name=name,
        legendgroup=mark.run,
        marker={"symbol": symbol, "size": size, "color": colour, "line": {"width": 2.5, "color": colour}},
        hoverinfo="skip",
        unselected={"marker": {"opacity": 1}},
    )


def _add_seed(figure: go.Figure, x: np.float32, y: np.float32) -> None:
    """A white star with a dark edge, which shows on both backgrounds."""
    figure.add_scattergl(
        x=[x],
        y=[y],
        mode="markers",
        name="seed video",
        marker={"symbol": "star", "size": 21, "color": "#FFFFFF", "line": {"width": 2, "color": "#16212B"}},
        hoverinfo="skip",
        unselected={"marker": {"opacity": 1}},
    )


def _spokes(values: npt.NDArray[np.float32], seed: int, places: Places) -> npt.NDArray[np.float32]:
    """From the seed to a neighbour, then a gap, and so on."""
    spokes = np.full((len(places), 3), np.nan, dtype=np.float32)
    spokes[:, 0], spokes[:, 1] = values[seed], values[places]
    return spokes.ravel()


@lru_cache(maxsize=1 << 16)  # the titles of a catalogue are drawn again with every click
def _hover(title: str) -> str:
    return label(title[: 4 * _HOVER], _HOVER)
