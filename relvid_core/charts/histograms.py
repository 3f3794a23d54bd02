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
from relvid_core.charts.layout import Part, Sketch, axis, label, need, number
from relvid_core.charts.palette import COLOURS, QUIET, faint

_ROW: Final = 18  # pixels of one label above the plot
_PANEL: Final = 128  # pixels of one run's panel
_GAP: Final = 0.16  # of a panel, left free above it for its label
_FILL: Final = 0.4  # opacity: two runs that overlap are both seen


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
    sketch = Sketch(height)
    for run in runs:
        _add(sketch, run, places, counted)
    means = [(run.mean, run.name, run.colour) for run in runs]
    if chance is not None and not np.isnan(chance):
        means.append((chance, "chance", QUIET))
    for row, (mean, name, colour) in enumerate(means):
        _mark(sketch, mean, colour)
        _name(sketch, mean, name if colour == QUIET else f"{name} on average", colour, row=row)
    return sketch.figure(
        xaxis=_shares_axis(title, steps, ranges=ranges),
        yaxis=axis(f"share of {counted}", percent=True, rangemode="tozero"),
        margin={"t": 8 + _ROW * len(means)},
        hovermode="x unified",
    )


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
    sketch = Sketch(60 + _PANEL * max(1, len(runs)))
    most = max((float(run.heights.max()) for run in runs), default=1.0)
    known = chance is not None and not np.isnan(chance)
    panels: dict[str, Any] = {"yaxis": axis("", percent=True)}
    for place, run in enumerate(runs):
        number_of = "" if place == 0 else str(place + 1)
        top = 1 - place / len(runs)
        height = (1 - _GAP) / len(runs)
        _add(sketch, run, places, counted, xaxis="x", yaxis=f"y{number_of}")
        panels[f"yaxis{number_of}"] = axis(
            "",
            percent=True,
            domain=[max(0.0, top - 1 / len(runs)), top - 1 / len(runs) + height],
            range=[0, 1.05 * most],
            nticks=4,
        )
        _mark(sketch, run.mean, run.colour, yref=f"y{number_of} domain")
        if known and chance is not None:
            _mark(sketch, chance, QUIET, yref=f"y{number_of} domain")
        beside = f", chance {number(chance, percent=True)}" if known and chance is not None else ""
        sketch.note(
            x=0, xref="paper", xanchor="left", y=1, yref=f"y{number_of} domain", yanchor="bottom",
            text=f"<span style='color:{run.colour}'>▌</span>{run.name} on average {number(run.mean, percent=True)}"
            f"{beside}",
            font={"size": 12.5},
        )  # fmt: skip
    sketch.note(
        x=1, xref="paper", xanchor="right", y=1, yref="paper", yanchor="bottom",
        text=f"height: share of {counted}", font={"size": 12},
    )  # fmt: skip
    shared = {"anchor": "free", "position": 0.0} if len(runs) > 1 else {"anchor": "y"}
    return sketch.figure(
        xaxis=_shares_axis(title, steps, ranges=ranges, **shared),
        margin={"t": 24, "l": 46},
        hovermode="x unified",
        **panels,
    )


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


def _add(sketch: Sketch, run: _Bars, places: npt.NDArray[np.float64], counted: str, **axes: str) -> None:
    """One run's bars as one outline: steps half way between the places, which begin and end at nothing."""
    step = places[1] - places[0]
    sketch.scatter(
        x=100 * np.concatenate([places[:1] - step, places, places[-1:] + step]),
        y=np.concatenate([[0.0], run.heights, [0.0]]),
        customdata=[0, *run.counts.tolist(), 0],
        name=run.name,
        mode="lines",
        line={"color": run.colour, "width": 1.5, "shape": "hvh"},
        fill="tozeroy",
        fillcolor=faint(run.colour, _FILL),
        hovertemplate=f"{run.name}: %{{customdata:,}} of {run.n:,} {counted} (%{{y:.1f}} %)<extra></extra>",
        **axes,
    )


def _shares_axis(title: str, steps: int, *, ranges: bool, **more: Any) -> Part:
    """The axis of what is counted. One box of words says what all runs have at a place."""
    place = f"%{{x:.3g}} ± {50 / steps:.3g} %" if ranges else "near %{x:.0f} %"
    reach = [0, 100] if ranges else [-50 / steps, 100 + 50 / steps]  # no wider: nobody points at the ends of an outline
    heading = {"text": f"{title} {place}"}
    return axis(
        title, percent=True, grid=False, range=reach, dtick=25, unifiedhovertitle=heading,
        ticklabeloverflow="allow",  # there is room for all; to look for it takes the browser time
        **more,
    )  # fmt: skip


def _mark(sketch: Sketch, share: float, colour: str, *, yref: str = "paper") -> None:
    """A vertical line at a share."""
    sketch.upright(
        100 * share, yref=yref, line={"color": colour, "width": 2, "dash": "dot" if colour == QUIET else "solid"}
    )


def _name(sketch: Sketch, share: float, name: str, colour: str, *, row: int) -> None:
    """The label of a line. It stands above the plot, in a row of its own, so that no two ever meet."""
    sketch.note(
        x=100 * share,
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=_ROW * row,
        xanchor="left" if share < 0.6 else "right",
        text=f"<span style='color:{colour}'>▌</span>{name} {number(share, percent=True)}",
        font={"size": 12.5},
    )
