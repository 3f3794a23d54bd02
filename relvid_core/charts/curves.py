"""Losses over the epochs of one training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import Sketch, axis, label, need
from relvid_core.charts.palette import COLOURS

TERM_NAMES: Final = {"coengagement": "engagement", "relevance": "relevance", "total": "total"}
_LINE_COLOURS: Final = (COLOURS[2], COLOURS[4], COLOURS[5])  # not those of run A and run B: these lines are no runs
_LABEL_GAP: Final = 0.07  # of the height: closer labels would overlap


def loss_curves(
    history: pd.DataFrame,
    *,
    names: Mapping[str, str] = TERM_NAMES,
    n_epochs: int | None = None,
    colours: Sequence[str] = _LINE_COLOURS,
    height: int = 300,
) -> go.Figure:
    """One line for each loss of a tidy (epoch, term, value) frame; an empty frame gives empty axes.

    A loss that was off (zero throughout) is left out, and the total too where it would repeat the only other line.
    `n_epochs` fixes the axis while a training still runs.
    """
    need(history, (c.EPOCH, c.TERM, c.VALUE), "loss curves")
    sketch = Sketch(height)
    wide = history.pivot_table(index=c.EPOCH, columns=c.TERM, values=c.VALUE, sort=True)
    shown = [term for term in names if term in wide.columns and (wide[term] != 0).any()]
    if len(shown) == 2 and "total" in shown:
        shown.remove("total")
    ends: list[tuple[float, str, str]] = []
    for place, term in enumerate(shown):
        line, colour = wide[term].dropna(), colours[place % len(colours)]
        name = label(names.get(term, term))
        sketch.scatter(
            x=line.index,
            y=line,
            name=name,
            mode="lines+markers" if len(line) < 40 else "lines",
            line={"color": colour, "width": 2.5},
            marker={"size": 5},
            hovertemplate=f"epoch %{{x:.3g}}: {name} loss %{{y:.4g}}<extra></extra>",
        )
        ends.append((float(line.iloc[-1]), name, colour))
    last = float(wide.index.max()) if len(wide) else 0.0
    _name_lines(sketch, ends, last)
    return sketch.figure(
        xaxis=axis("epoch", grid=False, range=[0, max(last, float(n_epochs or 1)) * 1.02]),
        yaxis=axis("mean loss (nats)"),
        margin={"r": 92},
    )


def _name_lines(sketch: Sketch, ends: list[tuple[float, str, str]], last: float) -> None:
    """Write each line's name beside its last point, moved apart where they would overlap."""
    values = [value for trace in sketch.traces for value in trace["y"]]
    span = (max(values) - min(values) or 1.0) if values else 1.0
    free = float("-inf")
    for value, name, colour in sorted(ends):
        place = max(value / span, free)
        free = place + _LABEL_GAP
        sketch.note(
            x=last,
            y=value,
            text=f"<span style='color:{colour}'>▌</span>{name}",
            xanchor="left",
            xshift=8,
            yshift=(place - value / span) * sketch.height * 0.8,
        )
