"""The map itself: the seed and its neighbours on it, and the videos that were selected."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, map_canvas, seeds
from pages.ui.cards import Shelf
from pages.ui.clicks import number_said
from pages.ui.frame import page
from pages.ui.map_selection import selected_rows, show_selected
from pages.ui.run_pair import runs_query
from relvid_core import columns as c
from relvid_core.charts import map as charts
from relvid_core.charts.map import Marks, drawn_rows, map_marks, map_points
from relvid_core.evaluation.protocol import Judge
from relvid_core.experiments.map_topics import TopicGroups
from relvid_core.experiments.projection import Projection
from relvid_core.experiments.run import Run

LENGTHS: Final = (6, 12, 24, 48)
DEFAULT_LENGTH: Final = 12
BY_TOPIC, BY_POPULARITY = "Topic", "Popularity"
STYLE: Final = """<style>
.st-key-map-controls {gap: .6rem 1.6rem !important; flex-wrap: wrap}
.st-key-map_points {display: none}
</style>"""


@dataclass(frozen=True)
class View:
    """Everything that the map shows but the seed."""

    shelf: Shelf
    judge: Judge
    projection: Projection
    runs: dict[str, Run]  # "A" and perhaps "B"
    colour: str
    frame: pd.DataFrame  # as `relvid_core.charts.map` reads it
    names: tuple[str, ...]  # of the topics in it

    @classmethod
    def of(cls, shelf: Shelf, judge: Judge, projection: Projection, runs: dict[str, Run], colour: str) -> View:
        """The frame is made here, once for all hops."""
        groups = TopicGroups.of(shelf.catalog.topics)
        frame = pd.DataFrame(
            {
                charts.X: projection.points[:, 0],
                charts.Y: projection.points[:, 1],
                c.TITLE: shelf.catalog.titles,
                charts.GROUP: groups.codes,
                charts.PERCENTILE: judge.percentile,
            }
        )
        return cls(shelf, judge, projection, runs, colour, frame, groups.names)


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


def send_points(view: View) -> str:
    """Hand the browser all points; returns their key. Meant to run outside of the fragment: no hop changes them."""
    points = map_points(view.frame, names=view.names, by_popularity=view.colour == BY_POPULARITY)
    map_canvas.send_points(points)
    return str(points["key"])


def show_map(view: View, points_key: str, typical: Callable[[], int]) -> None:
    """The seed with its widgets, the map, and the selected videos. Meant to run as a fragment.

    `typical` finds the seed video to open on.
    """
    shelf, catalog = view.shelf, view.shelf.catalog
    search, chance, length = st.columns([3.4, 1.4, 2.6], vertical_alignment="bottom")
    first = next(iter(view.runs.values()))
    row = seeds.choose_seed(search, chance, shelf, first.seeds, typical)
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
    query = partial(_query, view)
    link.page_link(page("browse"), label="See its lists in Browse →", query_params=query(catalog.video_id(row)))
    near = {side: run.neighbours_of(row, k).rows[0].astype(np.intp) for side, run in view.runs.items()}
    marks = map_marks(
        view.frame,
        seed=row,
        marks=[Marks(side, rows) for side, rows in near.items()],
        names=view.names,
        by_popularity=view.colour == BY_POPULARITY,
    )
    label = (
        f"Map of {len(catalog):,} videos; the seed video is joined to its neighbours. Arrow keys move it, plus and "
        "minus zoom, 0 shows all."
    )
    chosen = map_canvas.show_canvas(points_key, marks, label, partial(_picked, shelf))
    n_drawn = len(drawn_rows(len(catalog)))
    if n_drawn < len(catalog):
        st.caption(
            f"{n_drawn:,} of the {len(catalog):,} videos are drawn, picked at random, and with them always the seed "
            "and its neighbours. A selection holds the points that were picked alone."
        )
    show_selected(shelf, view.judge, selected_rows(chosen, points_key, len(catalog)), query)


def _picked(shelf: Shelf) -> None:
    """A click on a video makes it the seed."""
    row = number_said(map_canvas.picked(), len(shelf.catalog))
    if row is not None:
        seeds.hop(shelf.catalog.video_id(row))


def _query(view: View, video_id: str) -> dict[str, str]:
    return {**runs_query(view.shelf.dataset_key, view.runs), seeds.SEED_PARAMETER: video_id}


def _seed_html(shelf: Shelf, row: int) -> str:
    topics = html.escape(", ".join(shelf.catalog.topics.labels(row)[:3]))
    return (
        '<section class="rv-beside" aria-label="Seed video">'
        f'<img src="{cache.picture(shelf.catalog, row)}" alt=""><div>'
        f'<b class="rv-clamp" dir="auto">{html.escape(shelf.catalog.titles[row])}</b>'
        f'<p class="rv-note rv-clamp" dir="auto">{topics}</p>'
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
