"""The seed videos on which a run fell behind A, the worst first, by topic and a page at a time."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.ui import cache_readings, cards, hops
from pages.ui.compare_seeds import Question
from pages.ui.compare_slices import JUMPS, TOPIC, chosen_level
from pages.ui.widgets import linked_choice
from pages.ui.words import NARROW_SPACE
from relvid_core.experiments import compare

_SHOWN: Final = 12  # cards of one page: full rows in grids of 2, 3, 4 and 6 columns
_PAGE: Final = "worst_page"
_OF: Final = "worst_of"  # what the pages were counted for
_JUMPED: Final = "topic_jumped"  # the click that the page has answered
_ALL: Final = "All topics"
# The counter makes it another element for every click, so that the browser runs it again.
_INTO_VIEW: Final = """<script data-jump="{jump}">
{{
  const worst = document.querySelector(".st-key-rv-worst");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (worst) setTimeout(() => worst.scrollIntoView({{behavior: calm ? "auto" : "smooth", block: "start"}}), 50);
}}
</script>"""
STYLE: Final = "<style>.st-key-rv-worst {scroll-margin: 4.5rem 0}</style>"


def show_worst(question: Question) -> None:
    """The cards, with a choice of topic; a click leads into Browse with that seed and the same runs."""
    hops.leave_for_browse(question.shelf.catalog, question.seed_address)
    verb = {"worse": "got worse"}.get(question.worse, f"is {question.worse}")
    with st.container(key="rv-worst"):
        st.subheader(f"Where {question.letter} {verb}", anchor=False)
    topics = cache_readings.seed_topics(question.a, chosen_level(question.shelf.catalog.topics.n_levels))
    topic = ""
    if topics.names:
        with st.container(width=480):
            topic = linked_choice("Topic", TOPIC, {"": _ALL} | {name: name for name in sorted(topics.names)}, "")
    if (jump := st.session_state.get(JUMPS)) != st.session_state.get(_JUMPED):
        st.session_state[_JUMPED] = jump
        st.html(_INTO_VIEW.format(jump=jump), unsafe_allow_javascript=True)
    places = topics.places(topic) if topic else None
    worst = compare.changed_most(question.a, question.b, question.measure.key, places=places)
    if worst.empty:
        where = " of this topic" if topic else ""
        st.info(f"{question.letter} falls behind A on no seed video{where}.")
        return
    first = _first_shown((question.letter, question.measure.key, topic, *question.address.values()), len(worst))
    shown = worst.iloc[first : first + _SHOWN].reset_index(drop=True)
    st.html(
        cards.changed_html(
            question.shelf,
            shown,
            question.prepared.judge.percentile,
            hops.to_browse(question.seed_address),
            letter=question.letter,
            text=_short if question.measure.percent else question.measure.text,
        )
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("← Previous", key="worst_before", disabled=first == 0, on_click=_turn, args=(-1,))
        st.html(
            f'<div class="rv-note">{first + 1:,} to {first + len(shown):,} of {len(worst):,}</div>', width="content"
        )
        st.button("Next →", key="worst_after", disabled=first + _SHOWN >= len(worst), on_click=_turn, args=(1,))


def _first_shown(of: tuple[str, ...], n: int) -> int:
    """The place of the first card; another question begins at the worst."""
    if st.session_state.get(_OF) != of:
        st.session_state[_OF], st.session_state[_PAGE] = of, 0
    st.session_state[_PAGE] = min(st.session_state[_PAGE], (n - 1) // _SHOWN)
    return _SHOWN * int(st.session_state[_PAGE])


def _turn(step: int) -> None:
    st.session_state[_PAGE] = max(0, st.session_state.get(_PAGE, 0) + step)


def _short(value: float) -> str:
    return f"{100 * value:.0f}{NARROW_SPACE}%"
