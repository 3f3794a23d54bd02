"""What to do with data that nothing was trained on: two runs worth comparing, at one press."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.controls import first_steps
from relvid_core.data.dataset import Dataset


def first_words(data: Dataset) -> str:
    """Which two runs `train_first` trains and how long it takes, as markdown."""
    second = (
        "one that **balances** it with relevance and fewer popular videos"
        if data.has_topics
        else "one that **corrects for popularity**"
    )
    return (
        f"Train two to compare: one that minds **engagement only**, and {second}. Both together take from some seconds "
        "to a minute."
    )


def train_first(data: Dataset) -> None:
    """The button that trains the two."""
    if st.button("Train two runs", type="primary", disabled=cache.queue().busy):
        for label, config in first_steps(has_topics=data.has_topics).items():
            cache.queue().submit(data.key, config, label)
        st.rerun()
