"""How a measure is spread: runs overlaid on the same bins, or below each other on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import axis, canvas, label, need, number
from relvid_core.charts.palette import COLOURS, QUIET

_ROW: Final = 18  # pixels of one label above the plot
_PANEL: Final = 128  # pixels of one run's panel
_GAP: Final = 0.16  # of a panel, left free above it for its label


@dataclass(frozen=True)
class _Bars:
    """One run's bars, in percent of its own values."""

    name: str
    colour: str
    counts: npt.NDArray[np.int64]
    n: int
    mean: float

    @property
    def heights(self) -> npt.NDArray[np.float64]:
        return 100 * self.counts / self.n


def metric_histograms(
    frame: pd.DataFrame,
    *,
    title: str,
    chance: float | None = None,
    steps: int = 20,
    colours: Sequence[str] = COLOURS,
    counted: str = "seed videos",
    ranges: bool = False,
    height: int = 280,
) -> go.Figure:
    """Overlaid histograms of shares in [0, 1] from a tidy (run, value) frame, one colour a run in order of appearance.

    The bars stand on 0, 1/steps … 1 (a share of a list of k takes only such values with steps = k), all runs on the
    same; with `ranges` they stand on the steps between, for values that may lie anywhere. Lines mark each run's mean
    and the chance level. NaN values, where the measure is undefined, are left out of their run's shares. `counted` says
    what a value belongs to.
    """
    places, runs = _bars(frame, steps, colours, ranges=ranges)
    figure = canvas(height)
    for run in runs:
        figure.add_trace(_trace(run, places, title, counted, steps, ranges=ranges))
    means = [(run.mean, run.name, run.colour) for run in runs]
    if chance is not None and not np.isnan(chance):
        means.append((chance, "chance", QUIET))
    for row, (mean, name, colour) in enumerate(means):
        _mark(figure, mean, colour)
        _name(figure, mean, name if colour == QUIET else f"{name} on average", colour, row=row)
    figure.update_xaxes(**axis(title, percent=True, grid=False), range=_reach(steps, ranges=ranges))
    figure.update_yaxes(**axis(f"share of {counted}", percent=True))
    return figure.update_layout(barmode="overlay", bargap=0, margin={"t": 8 + _ROW * len(means)})


def histogram_panels(
    frame: pd.DataFrame,
    *,
    title: str,
    chance: float | None = None,
    steps: int = 20,
    colours: Sequence[str] = COLOURS,
    counted: str = "seed videos",
    ranges: bool = False,
) -> go.Figure:
    """The same with one panel a run, below each other, all on the same two axes."""
    places, runs = _bars(frame, steps, colours, ranges=ranges)
    figure = canvas(60 + _PANEL * max(1, len(runs)))
    most = max((float(run.heights.max()) for run in runs), default=1.0)
    known = chance is not None and not np.isnan(chance)
    layout: dict[str, Any] = {}
    for place, run in enumerate(runs):
        number_of = "" if place == 0 else str(place + 1)
        top = 1 - place / len(runs)
        height = (1 - _GAP) / len(runs)
        trace = _trace(run, places, title, counted, steps, ranges=ranges)
        figure.add_trace(trace.update(xaxis="x", yaxis=f"y{number_of}"))
        layout[f"yaxis{number_of}"] = {
            **axis("", percent=True),
            "domain": [max(0.0, top - 1 / len(runs)), top - 1 / len(runs) + height],
            "range": [0, 1.05 * most],
            "nticks": 4,
        }
        _mark(figure, run.mean, run.colour, yref=f"y{number_of} domain")
        if known and chance is not None:
            _mark(figure, chance, QUIET, yref=f"y{number_of} domain")
        beside = f", chance {number(chance, percent=True)}" if known and chance is not None else ""
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=1, yref=f"y{number_of} domain", yanchor="bottom", showarrow=False,
            text=f"<span style='color:{run.colour}'>▌</span>{run.name} on average {number(run.mean, percent=True)}"
            f"{beside}",
            font={"size": 12.5},
        )  # fmt: skip
    figure.update_layout(layout)
    figure.update_xaxes(
        **axis(title, percent=True, grid=False),
        range=_reach(steps, ranges=ranges),
        anchor="free" if len(runs) > 1 else "y",
        position=0.0 if len(runs) > 1 else None,
    )
    figure.add_annotation(
        x=1, xref="paper", xanchor="right", y=1, yref="paper", yanchor="bottom", showarrow=False,
        text=f"height: share of {counted}", font={"size": 12},
    )  # fmt: skip
    return figure.update_layout(bargap=0, margin={"t": 24})


def _bars(
    frame: pd.DataFrame, steps: int, colours: Sequence[str], *, ranges: bool
) -> tuple[npt.NDArray[np.float64], list[_Bars]]:
    """Where the bars stand, in [0, 1], and those of every run that has a value."""
    need(frame, (c.RUN, c.VALUE), "histograms")
    edges = np.arange(steps + 1) / steps if ranges else (np.arange(steps + 2) - 0.5) / steps
    runs = []
    for place, run in enumerate(frame[c.RUN].unique()):
        values = frame.loc[frame[c.RUN] == run, c.VALUE].dropna().to_numpy(dtype=np.float64)
        if len(values):
            counts, _ = np.histogram(values, edges)
            colour = colours[place % len(colours)]
            runs.append(_Bars(label(str(run), 24), colour, counts, len(values), float(values.mean())))
    return (edges[1:] + edges[:-1]) / 2, runs


def _trace(
    run: _Bars, places: npt.NDArray[np.float64], title: str, counted: str, steps: int, *, ranges: bool
) -> go.Bar:
    near = np.round(100 * places, 1)
    reach = 50 / steps
    where = [f"{x - reach:.3g} to {x + reach:.3g} %" if ranges else f"near {x:.0f} %" for x in near.tolist()]
    return go.Bar(
        x=100 * places,
        y=run.heights,
        customdata=run.counts,
        hovertext=where,
        width=100 / steps,
        name=run.name,
        marker={"color": run.colour, "line": {"width": 0}},
        opacity=0.55,
        hovertemplate=(
            f"{run.name}: %{{customdata}} of {run.n} {counted} (%{{y:.1f}} %)<br>"
            f"have {title} %{{hovertext}}<extra></extra>"
        ),
    )


def _reach(steps: int, *, ranges: bool) -> list[float]:
    return [-1, 101] if ranges else [-55 / steps, 100 + 55 / steps]


def _mark(figure: go.Figure, share: float, colour: str, *, yref: str = "paper") -> None:
    """A vertical line at a share."""
    figure.add_shape(
        type="line",
        x0=100 * share,
        x1=100 * share,
        y0=0,
        y1=1,
        yref=yref,
        line={"color": colour, "width": 2, "dash": "dot" if colour == QUIET else "solid"},
    )


def _name(figure: go.Figure, share: float, name: str, colour: str, *, row: int) -> None:
    """The label of a line. It stands above the plot, in a row of its own, so that no two ever meet."""
    figure.add_annotation(
        x=100 * share,
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=_ROW * row,
        xanchor="left" if share < 0.6 else "right",
        text=f"<span style='color:{colour}'>▌</span>{name} {number(share, percent=True)}",
        showarrow=False,
        font={"size": 12.5},
    )
