"""On how many seed videos each of two runs is ahead, as one bar in three parts."""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from relvid_core import columns as c
from relvid_core.charts.layout import Sketch, label, need, rows_axis
from relvid_core.charts.palette import QUIET, RUN_A

ROW: Final = 54  # pixels of one run: its bar and the line of words above it
AHEAD: Final = "ahead"  # seed videos on which the run is above A
EQUAL: Final = "equal"
BEHIND: Final = "behind"


def outcome_bars(frame: pd.DataFrame, *, colours: dict[str, str]) -> go.Figure:
    """A bar for each row of a (run, behind, equal, ahead) frame of counts, from top to bottom.

    A's part is teal, the run's own in its colour of `colours`, and what is equal grey. The words above the bar say it
    without colours.
    """
    need(frame, (c.RUN, BEHIND, EQUAL, AHEAD), "outcomes")
    sketch = Sketch(10 + ROW * max(1, len(frame)))
    for place, (run, behind, equal, ahead) in enumerate(frame[[c.RUN, BEHIND, EQUAL, AHEAD]].itertuples(index=False)):
        name, total = label(str(run), 24), int(behind + equal + ahead)
        parts = (
            ("A ahead", behind, RUN_A),
            ("equal", equal, QUIET),
            (f"{name} ahead", ahead, colours.get(str(run), RUN_A)),
        )
        said = []
        for what, count, colour in parts:
            share = 100 * count / total if total else 0.0
            said.append(f"<span style='color:{colour}'>▌</span>{what} {share:.0f}\u202f%")
            sketch.bar(
                x=[share],
                y=[place],
                orientation="h",
                width=0.4,
                name=what,
                marker={"color": colour, "opacity": 0.45 if colour == QUIET else 0.9, "line": {"width": 0}},
                hovertemplate=f"{what} on {int(count):,} of {total:,} seed videos ({share:.1f} %)<extra></extra>",
            )
        sketch.note(x=0, y=place, yshift=23, xanchor="left", text="   ".join(said), font={"size": 13})
    return sketch.figure(
        xaxis={"range": [0, 100], "showgrid": False, "zeroline": False, "showticklabels": False, "fixedrange": True},
        yaxis=rows_axis(-0.75, len(frame) - 0.55),
        margin={"t": 2, "b": 2, "l": 0, "r": 0},
        barmode="stack",
    )
