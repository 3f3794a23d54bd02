"""Topics for a catalogue that has none: groups of similar videos are proposed, a person names and merges them."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.data_check import judge
from pages.ui.data_draft import Draft
from pages.ui.frame import show_error
from pages.ui.waiting import wait_for
from relvid_core.data.catalog import Catalog
from relvid_core.data.interactions import Counts
from relvid_core.errors import RelvidError
from relvid_core.intake.proposals import TopicProposal, apply_topics, propose_topics
from relvid_core.intake.topic_cells import clean_name
from relvid_core.intake.topic_text import topic_features

MAX_TOPIC: Final = 60  # characters of a name
MAX_TOPICS: Final = 60
_EXAMPLES: Final = 3
_ROW_HEIGHT: Final = 56  # pixels
_TABLE_HEIGHT: Final = 640
_TOPIC: Final = "Topic"
_WHY: Final = {
    False: "These videos have no topics, so nothing says what is on topic: topic match cannot be measured, and "
    "relevance has only texts to go by.",
    True: "These videos have topics already. Others can be proposed from titles and descriptions; they would replace "
    "those of the file.",
}
_HOW: Final = (
    "Groups of videos with similar words, each named by the words that set it apart. They are a proposal: read the "
    "examples, write better names, and give two groups the same name to merge them. An empty name leaves its videos "
    "without a topic."
)
_CAUTION: Final = (
    "Topics made from texts favour models that read texts: a high topic match then says less than with topics given "
    "by people."
)


def show_topics(draft: Draft) -> None:
    """Propose, edit and accept topics; those accepted can be taken back."""
    checked = draft.checked
    assert checked is not None
    st.subheader("Topics", anchor=False)
    if draft.own_topics is not None:
        n = len(checked.dataset.catalog.topics.names())
        words, button = st.columns([4, 1], vertical_alignment="center")
        words.success(f"Your {n} proposed topics are in. {_CAUTION}")
        button.button("Take them back", on_click=draft.take_topics_back, width="stretch")
        return
    st.markdown(_WHY[checked.dataset.has_topics])
    _ask(draft, checked.dataset.catalog)
    if draft.proposal is not None:
        _edit(draft, checked.dataset.catalog, draft.proposal)


def _ask(draft: Draft, catalog: Catalog) -> None:
    """How many groups, and the button that finds them."""
    number, button = st.columns([3, 1], vertical_alignment="bottom")
    most = max(2, min(MAX_TOPICS, len(catalog) // 2))
    wanted = number.number_input(
        "How many topics", 2, most, None, key="n_topics", placeholder="let the texts decide", persist_state="session",
        help="Few: broad topics, easy to name. Many: fine ones, with few videos each. Empty: the number whose groups "
        "stand furthest apart is taken, which takes a few times as long.",
    )  # fmt: skip
    if not button.button("Propose topics", width="stretch"):
        return
    n = None if wanted is None else int(wanted)
    try:
        proposal = wait_for(partial(_propose, catalog, n), "Looking for groups of similar videos", key="cancel_topics")
    except RelvidError as error:
        show_error(error)
        return
    draft.propose(proposal)
    st.rerun()


def _propose(catalog: Catalog, n_topics: int | None) -> TopicProposal:
    return propose_topics(catalog, topic_features(catalog), n_topics=n_topics)


def _edit(draft: Draft, catalog: Catalog, proposal: TopicProposal) -> None:
    """The table of proposed topics, and what accepting them would give."""
    st.markdown(_HOW)
    key = f"topics_{draft.n_proposals}"
    if key not in st.session_state:  # the first time, or back from another page: begin with the names as they are
        draft.shown_names = list(draft.names)
    assert draft.checked is not None
    frame = proposal_frame(catalog, proposal, draft.shown_names, draft.checked.dataset.interactions.popularity)
    edited = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=[name for name in frame.columns if name != _TOPIC],
        column_config={
            _TOPIC: st.column_config.TextColumn(max_chars=MAX_TOPIC, width="medium", help="Click to write another."),
            "Videos": st.column_config.NumberColumn(format="localized", width="small"),
            "Words": st.column_config.TextColumn(width="medium"),
            "For example": st.column_config.TextColumn(width="large"),
            **{name: st.column_config.ImageColumn("", width=90) for name in frame.columns[4:]},
        },
        row_height=_ROW_HEIGHT,
        height=min(_TABLE_HEIGHT, _ROW_HEIGHT * len(frame) + 40),
        alt="Proposed topics with their sizes, words and example videos",
    )
    draft.names = [str(name or "").strip() for name in edited[_TOPIC]]
    n_topics = len({clean_name(name) for name in draft.names} - {""})
    words, button = st.columns([4, 1], vertical_alignment="center")
    words.html(f'<p class="rv-note">{len(draft.names)} groups make {n_topics} topics. {_apart(proposal)}</p>')
    if button.button("Use these topics", type="primary", width="stretch"):
        _accept(draft, catalog, proposal)


def _apart(proposal: TopicProposal) -> str:
    """How well the groups stand apart, in words."""
    silhouette = proposal.silhouette
    if np.isnan(silhouette):
        return ""
    said = "stand well apart" if silhouette >= 0.25 else "overlap somewhat" if silhouette >= 0.08 else "overlap a lot"
    return f"They {said} (silhouette {silhouette:.2f}; 1: far apart, 0: one runs into the next)."


def proposal_frame(catalog: Catalog, proposal: TopicProposal, names: list[str], watches: Counts) -> pd.DataFrame:
    """One group a row: its name, its size, its words, and its most watched videos, with pictures if there are any."""
    order = np.argsort(-watches, kind="stable")
    groups = range(len(names))
    examples = [order[proposal.assignment[order] == group][:_EXAMPLES].tolist() for group in groups]
    frame = pd.DataFrame(
        {
            _TOPIC: names,
            "Videos": proposal.sizes,
            "Words": [", ".join(terms) for terms in proposal.terms],
            "For example": [" · ".join(catalog.titles[row] for row in rows) for rows in examples],
        }
    )
    if any(catalog.thumbnail(row) is not None for rows in examples for row in rows):
        for place in range(_EXAMPLES):
            shown = [cache.picture(catalog, rows[place]) if place < len(rows) else None for rows in examples]
            frame[f"Picture {place + 1}"] = shown
    return frame


def _accept(draft: Draft, catalog: Catalog, proposal: TopicProposal) -> None:
    checked = draft.checked
    assert checked is not None
    try:
        topics = apply_topics(catalog, proposal, dict(enumerate(draft.names))).topics
        cleaned = checked.cleaned.with_topics(topics)
        new = judge(checked.settings, cleaned, "Counting again with these topics")
    except RelvidError as error:
        show_error(error)
        return
    draft.accept_topics(new)
    st.rerun()
