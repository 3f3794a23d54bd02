"""How a metric is spread over the seed videos: runs overlaid on the same bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import axis, canvas, label, need, number
from relvid_core.charts.palette import COLOURS, QUIET

_ROW: Final = 18  # pixels of one label above the plot


def metric_histograms(
    frame: pd.DataFrame,
    *,
    title: str,
    chance: float | None = None,
    steps: int = 20,
    colours: Sequence[str] = COLOURS,
    height: int = 280,
) -> go.Figure:
    """Overlaid histograms of shares in [0, 1] from a tidy (run, value) frame, one colour a run in order of appearance.

    The bars stand on 0, 1/steps … 1 (a share of a list of k takes only such values with steps = k), all runs on the
    same. Lines mark each run's mean and the chance level. NaN values, seeds for which the metric is undefined, are left
    out of their run's shares.
    """
    need(frame, (c.RUN, c.VALUE), "histograms")
    figure = canvas(height)
    centres = np.arange(steps + 1) / steps
    edges = (np.arange(steps + 2) - 0.5) / steps
    means: list[tuple[float, str, str]] = []
    for place, run in enumerate(frame[c.RUN].unique()):
        values = frame.loc[frame[c.RUN] == run, c.VALUE].dropna().to_numpy(dtype=np.float64)
        if not len(values):
            continue
        counts, _ = np.histogram(values, edges)
        name, colour = label(str(run), 24), colours[place % len(colours)]
        figure.add_bar(
            x=100 * centres,
            y=100 * counts / len(values),
            customdata=counts,
            width=100 / steps,
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            opacity=0.55,
            hovertemplate=(
                f"{name}: %{{customdata}} of {len(values)} seed videos (%{{y:.1f}} %)<br>"
                f"have {title} near %{{x:.0f}} %<extra></extra>"
            ),
        )
        means.append((float(values.mean()), name, colour))
    if chance is not None and not np.isnan(chance):
        means.append((chance, "chance", QUIET))
    for row, (mean, name, colour) in enumerate(means):
        _mark(figure, mean, name if colour == QUIET else f"{name} on average", colour, row=row)
    figure.update_xaxes(**axis(title, percent=True, grid=False), range=[-55 / steps, 100 + 55 / steps])
    figure.update_yaxes(**axis("share of seed videos", percent=True))
    return figure.update_layout(barmode="overlay", bargap=0, margin={"t": 8 + _ROW * len(means)})


def _mark(figure: go.Figure, share: float, name: str, colour: str, *, row: int) -> None:
    """A vertical line at a share. Its label stands above the plot, in a row of its own, so that no two ever meet."""
    figure.add_shape(
        type="line",
        x0=100 * share,
        x1=100 * share,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": colour, "width": 2, "dash": "dot" if colour == QUIET else "solid"},
    )
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
