"""Choosing the seed video: by its address, by searching titles, by chance, or by hopping from card to card."""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.cards import Shelf
from pages.ui.frame import plain
from relvid_core.data.catalog import Catalog, Rows
from relvid_core.errors import UnknownVideo

SEED_PARAMETER: Final = "seed"
MAX_RESULTS: Final = 8
MAX_SEARCH: Final = 200  # characters
_SEARCH: Final = "seed_search"
_HOPS: Final = "seed_hops"
_LAST: Final = "seed_last"  # (dataset key, video id) that was shown last

# The counter makes it another element for every hop, so that the browser runs it again.
_TO_SEED: Final = """<script data-hop="{hop}">
{{
  const seed = document.querySelector(".rv-seed");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (seed) setTimeout(() => seed.scrollIntoView({{behavior: calm ? "auto" : "smooth", block: "center"}}), 50);
}}
</script>"""


def hop(video_id: str) -> None:
    """Make a video the seed: it stands in the address, the search is over, and the page shows the seed."""
    st.query_params[SEED_PARAMETER] = video_id
    st.session_state[_SEARCH] = ""
    st.session_state[_HOPS] = st.session_state.get(_HOPS, 0) + 1


def choose_seed(box: DeltaGenerator, chance: DeltaGenerator, shelf: Shelf, asked: Rows) -> int:
    """The seed's row. Draws a search into `box` and "Surprise me", one of the rows `asked` at random, into `chance`.

    Without a seed in the address it is the one last looked at, else the most watched of `asked`, and is written there,
    so that a copied link shows the same lists; an unknown one is named, and replaced by the most watched.
    """
    text = box.text_input(
        "Search a video by its title",
        key=_SEARCH,
        type="search",
        live=True,
        placeholder="Type some words of a title",
        help="The seed is the video being watched; the lists below are what would stand next to it.",
    )
    chance.button(
        "Surprise me",
        on_click=_surprise,
        args=(shelf.catalog, asked),
        width="stretch",
        help="A random one of the videos that the measures below are averaged over.",
    )
    if text := text.strip()[:MAX_SEARCH]:
        _results(shelf, text)
    row = _asked_for(shelf)
    if row is None:
        row = int(asked[np.argmax(shelf.watches[asked])])
    if SEED_PARAMETER not in st.query_params:
        st.query_params[SEED_PARAMETER] = shelf.catalog.video_id(row)
    st.session_state[_LAST] = (shelf.dataset_key, st.query_params[SEED_PARAMETER])
    return row


def _asked_for(shelf: Shelf) -> int | None:
    """The row of the seed in the address or of the one last looked at, None if there is neither."""
    last_key, last_id = st.session_state.get(_LAST, ("", ""))
    if last_key not in ("", shelf.dataset_key) and st.query_params.get(SEED_PARAMETER) == last_id:
        del st.query_params[SEED_PARAMETER]  # another dataset was chosen: the seed of the old one means nothing here
    video_id = st.query_params.get(SEED_PARAMETER, last_id if last_key == shelf.dataset_key else None)
    if video_id is None:
        return None
    try:
        return shelf.catalog.row(video_id)
    except UnknownVideo:
        st.warning(
            f"The link asks for the video “{plain(video_id, 60)}”, which is not in this catalogue. "
            "This is the most watched one instead; search for another above."
        )
        return None


def scroll_to_seed() -> None:
    """After a hop, bring the seed back into view."""
    if hops := st.session_state.get(_HOPS):
        st.html(_TO_SEED.format(hop=hops), unsafe_allow_javascript=True)


def search_titles(titles: list[str], text: str, order: Rows, limit: int = MAX_RESULTS) -> list[int]:
    """Rows whose title holds every word of `text`, whatever case and accents; titles that begin with it first, then in
    `order` (all rows, most watched first)."""
    words = _folded(text).split()
    found = []
    for row in order.tolist():
        folded = _folded(titles[row])
        if all(word in folded for word in words):
            found.append((not folded.startswith(" ".join(words)), row))
    return [row for _, row in sorted(found, key=lambda hit: hit[0])[:limit]]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(sign))


def _results(shelf: Shelf, text: str) -> None:
    catalog, order = shelf.catalog, np.argsort(-shelf.watches, kind="stable").astype(np.int32)
    rows = search_titles(catalog.titles, text, order)
    if not rows:
        st.info(f"No title holds “{plain(text, 60)}”. Try fewer or shorter words.")
        return
    with st.container(horizontal=True, key="rv-found"):
        for place, row in enumerate(rows):
            topic = catalog.topics.labels(row)[:1]
            name = plain(catalog.titles[row], 70) + (f" · {plain(topic[0], 30)}" if topic else "")
            st.button(name, key=f"found-{place}", on_click=hop, args=(catalog.video_id(row),))


def _surprise(catalog: Catalog, asked: Rows) -> None:
    hop(catalog.video_id(int(np.random.default_rng().choice(asked))))
