"""Importance weights: how they are spread before and after clipping, and what speaks for which clip."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import Part, Sketch, axis, label, need, number
from relvid_core.charts.palette import COLOURS, QUIET

STAGE_COLOURS: Final = {c.BEFORE: COLOURS[2], c.AFTER: COLOURS[4]}  # not those of run A and run B: these are no runs
_ROW: Final = 17  # pixels of one label above the plot
_STEPS: Final = (1, 2, 5)  # ticks within a power of ten


def weight_histogram(frame: pd.DataFrame, *, marks: Mapping[str, float] | None = None, height: int = 290) -> go.Figure:
    """Both stages of a tidy (stage, left, right, share) frame overlaid on a logarithmic axis of weights.

    `marks` draws a named line at each weight; those outside the axis widen it.
    """
    need(frame, (c.STAGE, c.LEFT, c.RIGHT, c.SHARE), "weight histogram")
    sketch = Sketch(height)
    ends = [float(frame[c.LEFT].min()), float(frame[c.RIGHT].max())] if len(frame) else [1.0, 1.0]
    stages = list(frame[c.STAGE].unique())
    for stage in stages:
        rows = frame[frame[c.STAGE] == stage]
        left, right = np.log10(rows[c.LEFT].to_numpy()), np.log10(rows[c.RIGHT].to_numpy())
        name, colour = label(str(stage)), STAGE_COLOURS.get(str(stage), COLOURS[5])
        if stage == c.BEFORE:  # an outline, so that what lies under it is seen
            sketch.scatter(
                x=[left[0], *left, right[-1], right[-1]],
                y=[0, *(100 * rows[c.SHARE]), 100 * rows[c.SHARE].iat[-1], 0],
                name=name,
                mode="lines",
                line={"color": colour, "width": 2, "shape": "hv"},
                hoverinfo="skip",
            )
            continue
        sketch.bar(
            x=(left + right) / 2,
            width=right - left,
            y=100 * rows[c.SHARE],
            name=name,
            customdata=np.stack([rows[c.LEFT], rows[c.RIGHT]], axis=1),
            marker={"color": colour, "line": {"width": 0}},
            opacity=0.75,
            hovertemplate=(
                f"{name}: %{{y:.1f}} % of all pairs weigh<br>"
                "%{customdata[0]:.3g} to %{customdata[1]:.3g} times<extra></extra>"
            ),
        )
    shown = {name: weight for name, weight in (marks or {}).items() if math.isfinite(weight) and weight > 0}
    _name_marks(sketch, shown, [*ends, *shown.values()])
    _key(sketch, [(str(stage), STAGE_COLOURS.get(str(stage), COLOURS[5])) for stage in stages], row=len(shown))
    return sketch.figure(
        xaxis=_log_axis("weight of a pair", [*ends, *shown.values()], suffix=" ×"),
        yaxis=axis("share of all pairs", percent=True, rangemode="tozero"),
        margin={"t": 12 + _ROW * (len(shown) + 1)},
        bargap=0,
    )


def clip_errors(candidates: pd.DataFrame, *, marks: Mapping[str, float] | None = None, height: int = 280) -> go.Figure:
    """Root mean square error of the corrected engagement by clip, with its two parts, from `ClipChoice.candidates`.

    All three are in the unit of the estimate itself: √error, |bias| and √variance, on a logarithmic axis, where a part
    that is nil is left out.
    """
    need(candidates, (c.CLIP, c.BIAS, c.VARIANCE, c.ERROR), "clip errors")
    sketch = Sketch(height)
    x = np.log10(candidates[c.CLIP].to_numpy(dtype=np.float64))
    lines = {
        "whole error": (np.sqrt(candidates[c.ERROR]), COLOURS[2], "solid"),
        "cut off (bias)": (candidates[c.BIAS].abs(), COLOURS[4], "dash"),
        "noise": (np.sqrt(candidates[c.VARIANCE]), QUIET, "dot"),
    }
    for name, (y, colour, dash) in lines.items():
        sketch.scatter(
            x=x,
            y=y.where(y > 1e-12),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2.5, "dash": dash},
            customdata=candidates[c.CLIP],
            hovertemplate=f"clip %{{customdata:.3g}}: {name} %{{y:.3g}}<extra></extra>",
        )
    shown = dict(marks or {})
    _name_marks(sketch, shown, [*candidates[c.CLIP], *shown.values()])
    _key(sketch, [(name, colour) for name, (_, colour, _) in lines.items()], row=len(shown))
    return sketch.figure(
        xaxis=_log_axis("clip c", [*candidates[c.CLIP], *shown.values()]),
        yaxis=axis("error of the estimate", type="log", dtick=1, tickformat="~g"),
        margin={"t": 12 + _ROW * (len(shown) + 1)},
    )


def _key(sketch: Sketch, names: list[tuple[str, str]], *, row: int) -> None:
    """Name and colour of everything drawn, in one line above the plot."""
    text = "   ".join(f"<span style='color:{colour}'>▌</span>{label(name)}" for name, colour in names)
    sketch.note(
        x=0,
        xref="paper",
        xanchor="left",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=_ROW * row,
        text=text,
        font={"size": 12.5},
    )


def _log_axis(title: str, values: list[float], *, suffix: str = "") -> Part:
    """A linear axis over log10 of the values, with ticks that read as the values themselves."""
    low, high = math.log10(min(values)), math.log10(max(values))
    pad = max(0.03 * (high - low), 0.02)
    powers = range(math.floor(low), math.ceil(high) + 1)
    ticks = [step * 10.0**power for power in powers for step in (_STEPS if high - low < 2 else (1,))]
    return axis(
        title,
        grid=False,
        range=[low - pad, high + pad],
        tickvals=[math.log10(tick) for tick in ticks],
        ticktext=[f"{number(tick)}{suffix}" for tick in ticks],
    )


def _name_marks(sketch: Sketch, marks: Mapping[str, float], values: list[float]) -> None:
    """A dotted line at every mark, its name above the plot in a row of its own, so that no two names ever meet."""
    middle = (math.log10(min(values)) + math.log10(max(values))) / 2
    for row, (name, value) in enumerate(marks.items()):
        x = math.log10(value)
        sketch.upright(x)
        sketch.note(
            x=x,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=_ROW * row,
            xanchor="left" if x < middle else "right",
            text=f"▏{label(name)}" if x < middle else f"{label(name)}▕",
            font={"size": 12.5},
        )
