"""Choosing the seed video: by its address, by searching, by chance, or by hopping from card to card."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, trail
from pages.ui.cards import Shelf
from pages.ui.clicks import here
from pages.ui.frame import plain
from relvid_core.data.catalog import Catalog, Rows
from relvid_core.data.catalog_search import MAX_TEXT
from relvid_core.errors import UnknownVideo
from relvid_core.experiments.typical import CHOSEN_BY

SEED_PARAMETER: Final = "seed"
_SEARCH: Final = "seed_search"
_HOPS: Final = "seed_hops"
_LAST: Final = "seed_last"  # (dataset key, video id) that was asked for last

# The counter makes it another element for every hop, so that the browser runs it again.
_TO_SEED: Final = """<script data-hop="{hop}">
{{
  const seed = document.querySelector(".rv-seed, .rv-beside");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (seed) setTimeout(() => seed.scrollIntoView({{behavior: calm ? "auto" : "smooth", block: "center"}}), 50);
}}
</script>"""


def hop(video_id: str) -> None:
    """Make a video the seed; the one before it joins the trail."""
    trail.leave(video_id)
    turn_to(video_id)


def turn_to(video_id: str) -> None:
    """Make a video the seed: it stands in the address, the search is over, and the page shows the seed."""
    st.query_params[SEED_PARAMETER] = video_id
    st.session_state[_SEARCH] = ""
    st.session_state[_HOPS] = st.session_state.get(_HOPS, 0) + 1


def address(video_id: str) -> str:
    """The link to the page as it is, with another seed."""
    return here(**{SEED_PARAMETER: video_id})


def choose_seed(
    box: DeltaGenerator,
    chance: DeltaGenerator,
    shelf: Shelf,
    asked: Rows,
    typical: Callable[[], int],
) -> int:
    """The seed's row. Draws a search into `box` and "Surprise me", one of the rows `asked` at random, into `chance`.

    Without one in the address and without one looked at before, it is what `typical` finds (see `typical_seed`).
    """
    text = box.text_input(
        "Search a video by its title, topic or id",
        key=_SEARCH,
        type="search",
        live=True,
        placeholder="Type some words, a topic or an id",
        help="The seed is the video being watched; the lists below are what would stand next to it. Results appear as "
        "you type; a topic leads to its most watched videos. Where no link asks for a video, the page opens on "
        f"{CHOSEN_BY}.",
    )
    chance.button(
        "Surprise me",
        on_click=surprise,
        args=(shelf.catalog, asked),
        width="stretch",
        shortcut="S",
        help="A random one of the videos that the measures are averaged over. The key S does the same; Tab goes from "
        "card to card, and Enter opens one.",
    )
    if text := text.strip()[:MAX_TEXT]:
        _results(shelf, text)
    row = linked_seed(shelf, typical)
    trail.follow(shelf.dataset_key, shelf.catalog.video_id(row))
    return row


def linked_seed(shelf: Shelf, otherwise: Callable[[], int]) -> int:
    """The row of the seed in the address, else of the one last looked at, else what `otherwise` finds.

    Without a seed in the address it is written there, so that a copied link shows the same lists; an unknown one is
    named, and stays there.
    """
    row = _asked_for(shelf)
    if row is None:
        row = otherwise()
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
            "Here is another one instead."
        )
        return None


def scroll_to_seed() -> None:
    """After a hop, bring the seed back into view."""
    if hops := st.session_state.get(_HOPS):
        st.html(_TO_SEED.format(hop=hops), unsafe_allow_javascript=True)


def _results(shelf: Shelf, text: str) -> None:
    found = cache.catalog_search(shelf.catalog).find(text, shelf.watches)
    if not found:
        st.info(f"No title, topic or id holds “{plain(text, 60)}”. Try fewer or shorter words.")
        return
    with st.container(key="rv-found", gap="xsmall"):
        if found.ids:
            _group(shelf, "id", "**Id**", found.ids)
        if found.titles:
            _group(shelf, "title", "**Titles**", found.titles)
        for place, topic in enumerate(found.topics):
            videos = "1 video" if topic.n_videos == 1 else f"{topic.n_videos:,} videos, the most watched first"
            _group(shelf, f"topic{place}", f"**Topic {plain(topic.label, 60)}** · {videos}", topic.rows)


def _group(shelf: Shelf, kind: str, heading: str, rows: Iterable[int]) -> None:
    """Some results under a heading in markdown, each a button that makes it the seed."""
    catalog = shelf.catalog
    st.caption(heading)
    with st.container(horizontal=True, key=f"rv-found-{kind}", gap="small"):
        for place, row in enumerate(rows):
            topic = next(iter(catalog.topics.labels(row)), "")
            note = {"id": catalog.video_id(row), "title": topic}.get(kind, "")
            name = plain(catalog.titles[row], 70) + (f" · {plain(note, 30)}" if note else "")
            st.button(name, key=f"found-{kind}-{place}", on_click=hop, args=(catalog.video_id(row),))


def surprise(catalog: Catalog, asked: Rows, go: Callable[[str], None] = hop) -> None:
    """Make one of some videos the seed, by chance; `go` is what makes it one."""
    go(catalog.video_id(int(np.random.default_rng().choice(asked))))
