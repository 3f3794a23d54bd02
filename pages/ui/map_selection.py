"""The videos that were selected on the map: which they are, what they are about, and their cards."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from pages.ui import cards, hops
from pages.ui.cards import Shelf
from pages.ui.clicks import number_said
from relvid_core import columns as c
from relvid_core.data.catalog import Rows
from relvid_core.evaluation.protocol import Judge
from relvid_core.experiments import compare
from relvid_core.experiments.map_topics import make_up

MAX_CARDS: Final = 48
MAX_TOPICS: Final = 6  # named in the make-up of a selection


def selected_rows(said: Any, points_key: str, n_videos: int) -> Rows:
    """The selected rows, ascending. It comes from the browser: what is no video is left out, and so is a selection on
    another map."""
    if not isinstance(said, Mapping) or said.get("points") != points_key or not isinstance(said.get("rows"), list):
        return np.array([], dtype=np.int32)
    rows = {row for value in said["rows"] if (row := number_said(value, n_videos)) is not None}
    return np.array(sorted(rows), dtype=np.int32)


def show_selected(shelf: Shelf, judge: Judge, rows: Rows, query: hops.Query) -> None:
    """The cards, which lead to Browse; `query` gives its address from a video id."""
    if len(rows) < 2:
        st.html(
            '<p class="rv-note">Click a point to make it the seed. To list videos, take the box or the lasso from the '
            "buttons above the map and draw it around some points.</p>"
        )
        return
    hops.leave_for_browse(shelf.catalog, query)
    st.header(f"{len(rows):,} videos selected", anchor=False)
    st.html(f'<p class="rv-note">{selection_words(shelf, judge, rows)}</p>')
    shown = _most_watched(rows, shelf.watches)[:MAX_CARDS]
    places = pd.DataFrame(
        {
            c.RUN: "selected",
            c.RANK: np.arange(1, len(shown) + 1),
            compare.ROW: shown,
            compare.PERCENTILE: judge.percentile[shown],
            compare.SHARED_TOPICS: [()] * len(shown),
        }
    )
    st.html(cards.list_html(shelf, places, ["selected"], hops.to_browse(query), scored=False))


def _most_watched(rows: Rows, watches: npt.NDArray[np.integer]) -> Rows:
    return rows[np.argsort(-watches[rows].astype(np.int64), kind="stable")]


def selection_words(shelf: Shelf, judge: Judge, rows: Rows) -> str:
    """What the selected videos are about and how popular they are, as HTML."""
    topics, bare = make_up(rows, shelf.catalog.topics)
    parts = [f"{html.escape(name)} {count:,} ({100 * count / len(rows):.0f} %)" for name, count in topics[:MAX_TOPICS]]
    if len(topics) > MAX_TOPICS:
        rest = sum(count for _, count in topics[MAX_TOPICS:])
        parts.append(f"{len(topics) - MAX_TOPICS} other topics {rest:,}")
    if bare:
        parts.append(f"without a topic {bare:,}")
    popular = int(judge.head[rows].sum())
    shown = f" Shown are the {MAX_CARDS} most watched." if len(rows) > MAX_CARDS else ""
    return (
        f"By main topic: {', '.join(parts)}. {popular:,} of them are among the "
        f"{100 * judge.config.head_share:.2g} % most watched.{shown} A click on a card opens its lists in "
        "Browse; a double click on the map, or Escape there, ends the selection."
    )
