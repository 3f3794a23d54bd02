"""Hopping from card to card: what a click on any card of a page does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias
from urllib.parse import urlencode

import streamlit as st

from pages.ui import clicks
from pages.ui.frame import page
from relvid_core.data.catalog import Catalog

Query: TypeAlias = Callable[[str], dict[str, str]]  # video id → the query of another page about it

_LEAVE: Final = "hop_leave"  # the id of the video whose card was clicked, where another page shows it


def listen(catalog: Catalog, on_hop: Callable[[str], None], drawn: str = "") -> None:
    """Call `on_hop` with the id of the video whose card is clicked. Once a page; `drawn` as in `clicks.hear`."""
    clicks.hear("hop", len(catalog), lambda row: on_hop(catalog.video_id(row)), drawn)


def to_browse(query: Query) -> Callable[[str], str]:
    """What gives a card its link to Browse."""
    return lambda video_id: "browse?" + urlencode(query(video_id))


def leave_for_browse(catalog: Catalog, query: Query) -> None:
    """Where such a card is clicked, open Browse. Once a page, before the cards."""
    if (video_id := st.session_state.pop(_LEAVE, None)) is not None:  # a callback cannot switch pages
        st.switch_page(page("browse"), query_params=query(video_id))
    listen(catalog, _leave)


def _leave(video_id: str) -> None:
    st.session_state[_LEAVE] = video_id
