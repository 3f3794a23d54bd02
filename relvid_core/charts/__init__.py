"""Tidy frame → plotly figure. Pure functions; pages only place what they return. The map alone is
no figure: `map.py` says why.

Backgrounds are transparent and text takes its colour and font from the theme, so one figure serves light and dark.
"""

from relvid_core.charts.conflict import conflict_curves, opening_cosines
from relvid_core.charts.curves import loss_curves
from relvid_core.charts.histograms import metric_histograms
from relvid_core.charts.intervals import interval_bars
from relvid_core.charts.palette import COLOURS, RUN_A, RUN_B
from relvid_core.charts.tradeoff import tradeoff

__all__ = [
    "COLOURS",
    "RUN_A",
    "RUN_B",
    "conflict_curves",
    "interval_bars",
    "loss_curves",
    "metric_histograms",
    "opening_cosines",
    "tradeoff",
]
