"""The score of one video in the lists of two runs, taken apart into what each input brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import NARROW_SPACE, Sketch, axis, label, need, number, rows_axis
from relvid_core.charts.palette import COLOURS, QUIET

POPULARITY: Final = "popularity"  # value of `kind`, beside the names of the inputs
# Words, colour and the colour of a number on it (4.5:1 or more). None is that of run A or run B: these are no runs.
_LOOKS: Final = {
    "id": ("watched together", COLOURS[2], "#FFFFFF"),
    "text": ("text", COLOURS[4], "#10171E"),
    "visual": ("picture", COLOURS[3], "#FFFFFF"),
    POPULARITY: ("popularity", QUIET, "#10171E"),
}
_BAR: Final = 0.36  # of the height of a row
_ROW: Final = 84  # pixels; the name of a run stands above its bar, the score below it
_ZERO: Final = 0.5 * _BAR  # half the height of the mark at zero
_KEY: Final = 12  # size of the words beside the bars
_ROOM: Final = 0.04  # of the axis, left and right of the bars


def part_words(kind: str) -> str:
    """What a part of a score is called in a picture; the name itself, as text, where there is no word for it."""
    return _LOOKS[kind][0] if kind in _LOOKS else label(kind)


def reason_bars(frame: pd.DataFrame, *, colours: Mapping[str, str] | None = None) -> go.Figure:
    """One stacked bar a run of a tidy (run, kind, value) frame, in its order from top to bottom.

    Values are parts of a score and add up to it, which is marked below the bar; what is negative stands to the left of
    zero. Parts of zero are not drawn. `colours` gives runs the colour of the dot before their name.
    """
    need(frame, (c.RUN, c.KIND, c.VALUE), "reasons")
    runs, found = list(frame[c.RUN].unique()), [str(kind) for kind in frame[c.KIND].unique()]
    kinds = sorted(found, key=lambda kind: list(_LOOKS).index(kind) if kind in _LOOKS else len(_LOOKS))
    place = {run: at for at, run in enumerate(runs)}
    sketch = Sketch(92 + _ROW * max(1, len(runs)))
    for kind in kinds:
        _add_parts(sketch, kind, frame[(frame[c.KIND] == kind) & (frame[c.VALUE] != 0)], place)
    values = frame[c.VALUE].astype("float64")
    ends = frame.assign(left=values.clip(upper=0), right=values.clip(lower=0)).groupby(c.RUN, sort=False)
    low, high = float(ends["left"].sum().min()), float(ends["right"].sum().max())
    if not low < high:  # no runs, or every part is zero
        low, high = 0.0, 1.0
    low, high = low - _ROOM * (high - low), high + _ROOM * (high - low)
    for run, score in ends[c.VALUE].sum().items():
        sketch.shape(  # of one row: a line through all would cross the names
            x0=0, x1=0, y0=place[run] - _ZERO, y1=place[run] + _ZERO,
            line={"color": QUIET, "width": 2},
        )  # fmt: skip
        _name_run(sketch, place[run], str(run), (colours or {}).get(str(run), ""))
        _mark_score(sketch, place[run], float(score), along=(float(score) - low) / (high - low))
    _key(sketch, [kind for kind in kinds if (frame.loc[frame[c.KIND] == kind, c.VALUE] != 0).any()])
    against = bool((values < 0).any())
    title = "parts of the score; left of zero: against it" if against else "parts of the score"
    return sketch.figure(
        xaxis=axis(title, range=[low, high], nticks=6),
        yaxis=rows_axis(-0.5, max(1, len(runs)) - 0.5),
        margin={"t": 30, "l": 4, "r": 4},
        barmode="relative",
        # A number that its part has no room for is left out; the hover text and the words beside the picture hold it.
        uniformtext={"minsize": 11, "mode": "hide"},
    )


def _add_parts(sketch: Sketch, kind: str, parts: pd.DataFrame, place: Mapping[str, int]) -> None:
    if parts.empty:
        return
    words = part_words(kind)
    _, colour, ink = _LOOKS.get(kind, ("", COLOURS[1], "#10171E"))
    values = [float(value) for value in parts[c.VALUE]]
    sketch.bar(
        x=values, y=[place[run] for run in parts[c.RUN]], orientation="h", width=_BAR, name=words,
        marker={"color": colour, "line": {"width": 0}},
        text=[number(value) for value in values], textposition="inside", insidetextanchor="middle", textangle=0,
        insidetextfont={"color": ink, "size": 12},
        customdata=[
            [label(str(run)), "for it" if value > 0 else "against it"]
            for run, value in zip(parts[c.RUN], values, strict=True)
        ],
        hovertemplate=f"{words}: %{{text}}, %{{customdata[1]}}<br>%{{customdata[0]}}<extra></extra>",
    )  # fmt: skip


def _name_run(sketch: Sketch, place: int, run: str, colour: str) -> None:
    dot = f"<span style='color:{colour}'>●</span> " if colour else ""
    sketch.note(
        x=0, xref="paper", xanchor="left", y=place, yshift=_ROW * _BAR / 2, yanchor="bottom",
        text=dot + label(run), font={"size": 13},
    )  # fmt: skip


def _mark_score(sketch: Sketch, place: int, score: float, *, along: float) -> None:
    """Points at the score from below the bar; the words lean away from an edge that would cut them off."""
    anchor = "left" if along < 0.2 else "right" if along > 0.8 else "center"
    said = f"score {number(score)}"
    text = {"left": f"▲ {said}", "right": f"{said} ▲", "center": f"▲<br>{said}"}[anchor]
    sketch.note(
        x=score, xanchor=anchor, y=place, yshift=-_ROW * _BAR / 2 + 2, yanchor="top",
        xshift={"left": -_KEY / 2, "right": _KEY / 2, "center": 0}[anchor],  # the tip of the mark stands at the score
        text=text, font={"size": _KEY},
    )  # fmt: skip


def _key(sketch: Sketch, kinds: list[str]) -> None:
    """Name and colour of every part, in one line above the plot that a telephone has room for."""
    text = f"{NARROW_SPACE} ".join(
        f"<span style='color:{_LOOKS.get(kind, ('', COLOURS[1]))[1]}'>▌</span>{part_words(kind)}" for kind in kinds
    )
    sketch.note(
        x=0, xref="paper", xanchor="left", y=1, yref="paper", yanchor="bottom", yshift=8,
        text=text, font={"size": _KEY},
    )  # fmt: skip
