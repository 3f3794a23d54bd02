"""Blind vote: which of two unlabelled lists would people rather watch?"""

import streamlit as st

from pages.ui import cards, vote_ballot, vote_results
from pages.ui.frame import begin, show_error
from pages.ui.vote_ballot import show_ballot
from pages.ui.vote_results import show_results
from pages.ui.vote_setup import choose_poll, for_voters, show_link
from relvid_core.errors import RelvidError

begin(
    "vote",
    "Blind vote",
    "Two lists for the same video, without names, their sides drawn by chance. Say which you would rather watch: "
    "with the buttons, or with the keys 1, 2 and 0.",
    cards.STYLE + vote_ballot.STYLE + vote_results.STYLE,
    presentable=not for_voters(),
)
try:
    poll = choose_poll()
    st.fragment(show_ballot)(poll)
    if not for_voters():
        st.divider()
        show_link(poll)
        show_results(poll)
except RelvidError as error:
    show_error(error)
