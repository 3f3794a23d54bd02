"""How topic match and popularity of the compared runs are spread: overlaid, or below each other on the same axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from pages.ui.words import CHANCE, MEASURES
from relvid_core import columns as c
from relvid_core.charts.histograms import histogram_panels, metric_histograms
from relvid_core.charts.layout import CONFIG
from relvid_core.charts.palette import RUN_COLOURS
from relvid_core.evaluation.protocol import POPULAR_SHARE, TOPIC_MATCH, Judge
from relvid_core.experiments.compare import SIDE_A
from relvid_core.experiments.run import Run
from relvid_core.experiments.spreads import place_spread, seed_spread
from relvid_core.experiments.wording import listed_words

OVERLAID: Final = "overlaid"
APART: Final = "one below the other"
STYLE: Final = """<style>
.st-key-rv-spreads {display: grid !important; gap: 1.2rem 1.6rem !important;
  grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr))}
.st-key-rv-spreads > div {min-width: 0; width: 100% !important}
</style>"""
_MOST_BARS: Final = 25
_PLACES: Final = (
    "Every place of every list counts once, by how many of all videos the one that stands there is watched more than. "
    "Lists drawn at random would be flat."
)


@st.fragment
def show_spreads(runs: Mapping[str, Run], judge: Judge) -> None:
    """Three histograms, with the switch that lays them over or below each other."""
    title, switch = st.columns([2, 1], vertical_alignment="bottom")
    title.header("How the lists are spread", anchor=False)
    how = switch.segmented_control(
        "Runs", (OVERLAID, APART), default=OVERLAID if len(runs) < 3 else APART, key="spread", bind="query-params",
        required=True,
    )  # fmt: skip
    k = runs[SIDE_A].info.config.evaluation.k
    letters = listed_words(list(runs))
    with st.container(key="rv-spreads"):
        for metric in (TOPIC_MATCH, POPULAR_SHARE):
            measure, frame = MEASURES[metric], seed_spread(runs, metric)
            if len(frame):
                _show(
                    how, frame, measure.title_at(k), measure.help, f"over the seed videos, {letters}",
                    title=measure.title.split("@")[0].lower(), steps=min(k, _MOST_BARS),
                    chance=runs[SIDE_A].estimates[CHANCE].mean if metric == TOPIC_MATCH else None,
                )  # fmt: skip
        places = place_spread(runs, judge.percentile)
        over = f"over the places of lists, {letters}"
        _show(how, places, "Popularity of what is shown", _PLACES, over, title="popularity", counted="places")


def _show(
    how: str, frame: pd.DataFrame, heading: str, help_words: str, over: str, *, title: str, steps: int = 20,
    chance: float | None = None, counted: str = "seed videos",
) -> None:  # fmt: skip
    """One histogram under its heading; places lie anywhere between steps, shares of a list do not."""
    draw = histogram_panels if how == APART else metric_histograms
    colours = [RUN_COLOURS[str(side)] for side in frame[c.RUN].unique()]
    figure = draw(
        frame, title=title, steps=steps, chance=chance, colours=colours, counted=counted, ranges=counted == "places"
    )
    with st.container(gap=None):
        st.markdown(f"**{heading}**", help=help_words)
        st.plotly_chart(figure, config=CONFIG, key=f"spread-{title}", alt=f"{heading} {over}")
