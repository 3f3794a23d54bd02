"""The trail of seed videos that led to the present one, for as long as the session lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from pages.ui.cards import Shelf
from pages.ui.frame import plain

SHOWN: Final = 6
MAX_TITLE: Final = 28  # characters of a title in the trail
_KEPT: Final = 50
_TRAIL: Final = "seed_trail"  # video ids, the oldest first, without the present one
_NOW: Final = "seed_shown"  # (dataset key, video id)
_TURNED: Final = "seed_turned"  # the id that a hop or a step back led to; the trail knows of it already

STYLE: Final = """<style>
.st-key-rv-trail {gap: .1rem .55rem !important; align-items: center}
.st-key-rv-trail [class*="st-key-crumb-"] button {padding: .1rem 0; min-height: 0; font-size: .87rem}
.st-key-rv-trail [class*="st-key-crumb-"] button p {text-decoration: underline; text-decoration-thickness: 1px;
  text-underline-offset: .2em; font-size: .87rem}
.st-key-rv-trail [class*="st-key-crumb-"]::after {content: "›"; align-self: center; margin-left: .5rem; opacity: .7}
.st-key-rv-trail [class*="st-key-crumb-"] {display: flex; flex-direction: row; width: auto !important}
</style>"""


def leave(video_id: str) -> None:
    """Note that a hop goes on from the present seed to another video."""
    if _NOW in st.session_state and (present := st.session_state[_NOW][1]) != video_id:
        st.session_state[_TRAIL] = [*_trail(), present][-_KEPT:]
    st.session_state[_TURNED] = video_id


def follow(dataset_key: str, video_id: str) -> None:
    """Note which seed is shown. One that came by the address (the browser's Back, a pasted link) joins the trail, or,
    where it is the last of it, is a step back. The trail of another dataset is forgotten."""
    key, before = st.session_state.get(_NOW, (dataset_key, video_id))
    known = st.session_state.pop(_TURNED, None) == video_id
    if key != dataset_key:
        st.session_state[_TRAIL] = []
    elif before != video_id and not known:
        trail = _trail()
        st.session_state[_TRAIL] = trail[:-1] if trail[-1:] == [video_id] else [*trail, before][-_KEPT:]
    st.session_state[_NOW] = (dataset_key, video_id)


def show_trail(shelf: Shelf, turn_to: Callable[[str], None]) -> None:
    """The last few seeds as buttons, with a step back; nothing before the first hop. `turn_to` makes one the seed."""
    trail = _trail()
    if not trail:
        return
    st.html(STYLE)
    with st.container(horizontal=True, key="rv-trail"):
        st.button(
            "← Back",
            key="back",
            on_click=_return,
            args=(len(trail) - 1, turn_to),
            shortcut="B",
            help="To the seed video before this one. The key B does the same, and so does the browser's own Back.",
        )
        first = max(0, len(trail) - SHOWN)
        for place, video_id in enumerate(trail[first:], start=first):
            title = plain(shelf.catalog.titles[shelf.catalog.row(video_id)], MAX_TITLE)
            st.button(title, key=f"crumb-{place}", type="tertiary", on_click=_return, args=(place, turn_to))


def _trail() -> list[str]:
    trail: list[str] = st.session_state.get(_TRAIL, [])
    return trail


def _return(place: int, turn_to: Callable[[str], None]) -> None:
    """Back to one of the trail; what came after it is forgotten."""
    trail = _trail()
    st.session_state[_TRAIL], st.session_state[_TURNED] = trail[:place], trail[place]
    turn_to(trail[place])
