"""Figures for a file that stands alone: their data as JSON, and the one script that draws them."""

from __future__ import annotations

from typing import TypeAlias

import plotly.graph_objects as go
from plotly.io.json import to_json_plotly
from plotly.offline import get_plotlyjs

Figure: TypeAlias = go.Figure  # for annotations where plotly itself is not imported


def plotly_script() -> str:
    """The whole of plotly.js as source, about 4.8 MB; it asks for nothing else."""
    source: str = get_plotlyjs()
    return source


def figure_json(figure: Figure) -> str:
    """Traces and layout for `Plotly.newPlot`, without plotly's default template, which would bring its own colours."""
    parts = figure.to_plotly_json()
    parts["layout"].pop("template", None)
    text: str = to_json_plotly(parts)
    return text
