"""The map itself: the seed and its neighbours on it, and the videos that were selected."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, seeds
from pages.ui.cards import Shelf
from pages.ui.frame import page
from pages.ui.map_selection import is_region, selected_rows, show_selected
from relvid_core import columns as c
from relvid_core.charts import map as charts
from relvid_core.charts.map import CONFIG, Marks, Places, catalogue_map, drawn_rows, trace_places
from relvid_core.evaluation.protocol import Judge
from relvid_core.experiments.map_topics import TopicGroups
from relvid_core.experiments.projection import Projection
from relvid_core.experiments.run import Run

LENGTHS: Final = (6, 12, 24, 48)
DEFAULT_LENGTH: Final = 12
CHART: Final = "catalogue_map"
BY_TOPIC, BY_POPULARITY = "Topic", "Popularity"
STYLE: Final = """<style>
.st-key-map-controls {gap: .6rem 1.6rem !important; flex-wrap: wrap}
.js-plotly-plot .legendtext {fill: currentColor !important}
</style>"""


@dataclass(frozen=True)
class View:
    """Everything that the map shows but the seed."""

    shelf: Shelf
    judge: Judge
    projection: Projection
    runs: dict[str, Run]  # "A" and perhaps "B"
    colour: str


def choose_colour(has_topics: bool) -> str:
    """What the colours say, `?colour=…`; without topics, popularity alone."""
    options = [BY_TOPIC, BY_POPULARITY] if has_topics else [BY_POPULARITY]
    if st.query_params.get("colour") not in (None, *options):
        del st.query_params["colour"]
    chosen: str = st.segmented_control(
        "Colour",
        options,
        default=options[0],
        key="colour",
        bind="query-params",
        required=True,
        help="Topic: the top level of a video’s main topic, the eight most frequent by name. Popularity: the share of "
        "all videos that were watched less.",
    )
    return chosen


def show_map(view: View) -> None:
    """The seed with its widgets, the map, and the selected videos. Meant to run as a fragment."""
    shelf, catalog = view.shelf, view.shelf.catalog
    search, chance, length = st.columns([3.4, 1.4, 2.6], vertical_alignment="bottom")
    first = next(iter(view.runs.values()))
    row = seeds.choose_seed(search, chance, shelf, first.seeds)
    kept = min(run.neighbours.k for run in view.runs.values())
    lengths = [number for number in LENGTHS if number <= kept] or [kept]
    k = length.segmented_control(
        "Neighbours drawn",
        lengths,
        default=DEFAULT_LENGTH if DEFAULT_LENGTH in lengths else lengths[-1],
        key="k",
        bind="query-params",
        required=True,
        help="How many videos of each run’s list are joined to the seed.",
    )
    seed_line, link = st.columns([5, 1.5], vertical_alignment="center")
    seed_line.html(_seed_html(shelf, row))
    link.page_link(page("browse"), label="See its lists in Browse →", query_params=_address(view, row))
    groups = TopicGroups.of(catalog.topics)
    by_popularity = view.colour == BY_POPULARITY
    near = {side: run.neighbours_of(row, k).rows[0].astype(np.intp) for side, run in view.runs.items()}
    drawn = drawn_rows(len(catalog), np.concatenate([[row], *near.values()]))
    frame = _frame(view, groups).iloc[drawn]
    behind = [drawn[places] for places in trace_places(frame, by_popularity=by_popularity)]
    marks = [Marks(side, np.searchsorted(drawn, rows)) for side, rows in near.items()]
    seed = int(np.searchsorted(drawn, row))
    figure = catalogue_map(frame, names=groups.names, by_popularity=by_popularity, seed=seed, marks=marks)
    event = st.plotly_chart(
        figure,
        key=CHART,
        config=CONFIG,
        on_select=partial(_clicked, behind, shelf),
        selection_mode=("points", "box", "lasso"),
        alt=f"Map of {len(catalog):,} videos; the seed video is joined to its neighbours",
    )
    if len(drawn) < len(catalog):
        st.caption(
            f"{len(drawn):,} of the {len(catalog):,} videos are drawn, picked at random; the seed and its neighbours "
            "are always among them. A selection holds drawn videos alone."
        )
    show_selected(shelf, view.judge, selected_rows(event["selection"], behind), partial(_browse_link, view))


def _clicked(behind: Sequence[Places], shelf: Shelf) -> None:
    """A click on one point makes it the seed; a box or a lasso selects."""
    selection = st.session_state[CHART]["selection"]
    rows = selected_rows(selection, behind)
    if len(rows) == 1 and not is_region(selection):
        seeds.hop(shelf.catalog.video_id(int(rows[0])))


def _frame(view: View, groups: TopicGroups) -> pd.DataFrame:
    points = view.projection.points
    return pd.DataFrame(
        {
            charts.X: points[:, 0],
            charts.Y: points[:, 1],
            c.TITLE: view.shelf.catalog.titles,
            charts.GROUP: groups.codes,
            charts.PERCENTILE: view.judge.percentile,
        }
    )


def _address(view: View, row: int) -> dict[str, str]:
    sides = {side.lower(): run.info.run_id for side, run in view.runs.items()}
    return {"data": view.shelf.dataset_key, **sides, seeds.SEED_PARAMETER: view.shelf.catalog.video_id(row)}


def _browse_link(view: View, video_id: str) -> str:
    return "browse?" + urlencode(_address(view, view.shelf.catalog.row(video_id)))


def _seed_html(shelf: Shelf, row: int) -> str:
    topics = html.escape(", ".join(shelf.catalog.topics.labels(row)[:3]))
    return (
        '<section class="rv-beside" aria-label="Seed video">'
        f'<img src="{cache.picture(shelf.catalog, row)}" alt=""><div>'
        f'<b dir="auto">{html.escape(shelf.catalog.titles[row])}</b><p class="rv-note" dir="auto">{topics}</p>'
        "</div></section>"
    )


def reading_words(view: View, whose: str, method: str) -> str:
    """What the distances mean, in one line of markdown."""
    explained = view.projection.explained
    share = "" if math.isnan(explained) else f" ({100 * explained:.0f} % of all differences)"
    groups = "who is near whom is kept as well as possible; the sizes of groups and the distances between them mean"
    keeps = {
        "PCA": f"the two directions in which videos differ most are kept{share}: what is far apart differs, but what "
        "looks close may not be alike",
        "t-SNE": f"{groups} nothing",
        "UMAP": f"{groups} little",
    }[method]
    return f"This is {whose}, drawn with {method}. Two dimensions always distort; here {keeps}."


def show_trust(place: DeltaGenerator, projection: Projection) -> None:
    """The trustworthiness as a number."""
    trust = projection.trustworthiness
    place.metric(
        "Trustworthiness",
        "–" if math.isnan(trust) else f"{trust:.2f}",
        help="Of what looks near on this map, how much is near in truth (Venna & Kaski 2001; the 15 nearest of each "
        "video, among 1,500 videos drawn at random). 1: all of it; about 0.5: a random map.",
    )
