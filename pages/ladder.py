"""Ladder: one lever more at every rung, and what each of them brings."""

import streamlit as st

from pages.ui import cache, gaps, ladder_results, verdicts
from pages.ui.frame import begin, show_error
from pages.ui.ladder_controls import choose_ladder
from pages.ui.ladder_results import show_ladder
from pages.ui.ladder_rungs import show_rungs
from pages.ui.widgets import choose_dataset
from relvid_core.errors import RelvidError

begin(
    "ladder",
    "What does each lever bring?",
    "Start from what viewers watch together, and add one lever at a time: relevance, text, pictures, the popularity "
    "correction. Every rung is a model of its own, compared with the one below.",
    verdicts.STYLE + gaps.STYLE + ladder_results.STYLE,
)
left, right = st.columns([5, 6], gap="large")
try:
    with left:
        data = cache.dataset(choose_dataset())
        ladders = choose_ladder(data)
    if ladders:
        with right:
            stored = show_rungs(data, ladders)
        if stored:
            show_ladder(data, stored)
except RelvidError as error:
    show_error(error)
